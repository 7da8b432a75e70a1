"""Intervals hold the truth as often as they say: 200 simulated studies, or 1,000 with DOABLE_FULL_COVERAGE=1."""

from __future__ import annotations

import os

import pytest

from tests.estimators.coverage import ASSERTED, CONSERVATIVE, QUANTITIES, Case, simulate
from tests.estimators.designs import DESIGNS, TARGETS, N

STUDIES = 1_000 if os.environ.get("DOABLE_FULL_COVERAGE") else 200


@pytest.fixture(scope="session")
def records():
    return simulate(ASSERTED + CONSERVATIVE, STUDIES)


@pytest.mark.parametrize("case", ASSERTED, ids=lambda case: case.name)
def test_intervals_hold_the_truth_as_often_as_they_say(records, case: Case):
    record = records[case.name]
    for place, quantity in enumerate(QUANTITIES):
        assert record.p_value(place) > 0.001, f"{quantity}: {record.hits(place)} of {STUDIES}"


@pytest.mark.parametrize("case", ASSERTED, ids=lambda case: case.name)
def test_standard_errors_are_the_spread_of_the_estimates(records, case: Case):
    slack = 0.2 if STUDIES < 1_000 else 0.1
    for place in range(3):
        assert records[case.name].spread_ratio(place) == pytest.approx(1, abs=slack)


@pytest.mark.parametrize("case", CONSERVATIVE, ids=lambda case: case.name)
def test_with_the_score_taken_as_known_intervals_are_too_wide(records, case: Case):
    known, estimated = records[case.name], records[Case(case.design, case.method, case.target).name]
    assert (known.estimates[:, 0] == estimated.estimates[:, 0]).all()
    assert known.spread_ratio() > 1.1
    assert known.spread_ratio() > 1.1 * estimated.spread_ratio()
    assert known.hits() > estimated.hits()


def test_without_the_score_correction_matching_would_fail(records):
    """What the correction of Abadie and Imbens (2016) is for: 95 % intervals that hold more than 95 %."""
    known = records[CONSERVATIVE[1].name]
    assert known.case.method == "matching"
    assert known.hits() / STUDIES > 0.965
    assert abs(known.spread_ratio() - 1) > 3 * abs(records["linear matching everyone"].spread_ratio() - 1)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_a_design_is_as_it_says(design):
    frame = design.draw(design.generator(0))
    again = design.draw(design.generator(0))
    assert frame.equals(again)
    assert abs(len(frame) / N - 1) < 0.1
    low, high = (0.1, 0.9) if design.name != "heavy" else (0.005, 0.995)
    assert low <= design.chance(frame).min() <= design.chance(frame).max() <= high
    draws = design.draw(design.generator(1), 400_000)
    for target in TARGETS:
        control, treated = design.truth(target)
        inside = {"everyone": draws["t"] >= 0, "treated": draws["t"] == 1, "untreated": draws["t"] == 0}[target]
        for arm, true in ((0, control), (1, treated)):
            assert design.mean(draws[inside], arm).mean() == pytest.approx(true, abs=0.02)
