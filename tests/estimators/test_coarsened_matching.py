"""Coarsened exact matching against R's MatchIt, and its standard error within cells."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import NoScores, OptionProblem, TooFewUnits
from tests.estimators.designs import DISCRETE, VARIED
from tests.estimators.references import ask, lalonde_answer

GOLDEN = json.loads((Path(__file__).parent / "golden" / "coarsened_matching.json").read_text())
TARGETS = {"ATT": "treated", "ATC": "untreated", "ATE": "everyone"}
OWN = "age: 20.5, 25.5, 35.5\neduc: 8.5, 11.5\nre74: 1, 5000\nre75: 1, 5000"


@pytest.mark.parametrize("row", GOLDEN["rows"], ids=lambda row: f"{row['rule']} {row['target']}")
def test_lalonde_is_matchits_with_the_error_of_weighted_least_squares(row):
    options = {"cut_points": OWN} if row["rule"] == "own" else {"bins": row["rule"]}
    analysis = lalonde_answer("coarsened_matching", TARGETS[row["target"]], spread="weighted", **options)
    estimate = analysis.estimate
    assert estimate.effect == pytest.approx(row["effect"], rel=1e-10)
    assert estimate.std_error == pytest.approx(row["std_error"], rel=1e-10)
    assert (estimate.arm_sizes.control, estimate.arm_sizes.treated) == (row["control"], row["treated"])
    assert analysis.overlap.effective_sample_size.control == pytest.approx(row["effective_control"], rel=1e-9)
    assert analysis.overlap.share_trimmed == pytest.approx(1 - (row["control"] + row["treated"]) / 614)


def test_who_is_matched_is_always_said():
    (note,) = lalonde_answer("coarsened_matching", "treated").notes
    assert note.startswith("25 of 390 cells hold both arms: 65 of 185 treated and 75 of 429 control units are matched")
    assert note.endswith("the effect is for those treated among these.")


def test_on_levels_it_is_standardisation_with_a_mean_per_level():
    frame = DISCRETE.draw(np.random.default_rng(1), 1_000)
    (note,) = ask(frame, "t", "y", ("level",), "coarsened_matching").notes
    assert note == "4 of 4 cells hold both arms, and every unit is matched."
    for target in ("everyone", "treated", "untreated"):
        ours = ask(frame, "t", "y", ("level",), "coarsened_matching", target).estimate
        theirs = ask(frame, "t", "y", ("level",), "standardisation", target).estimate
        assert ours.effect == pytest.approx(theirs.effect, rel=1e-10)
        assert ours.std_error == pytest.approx(theirs.std_error, rel=0.02)  # n - 1 in each cell


def test_error_within_cells_follows_its_formula():
    """s² / n of each cell and arm, plus the variance of the cells' effects over the target, less the noise in it."""
    frame = DISCRETE.draw(np.random.default_rng(2), 800)
    cells = frame.groupby("level")
    share = cells.size() / 800
    effects = cells.apply(lambda cell: cell.loc[cell["t"] == 1, "y"].mean() - cell.loc[cell["t"] == 0, "y"].mean())
    noise = sum(
        cells.apply(lambda cell, arm=arm: cell.loc[cell["t"] == arm, "y"].var(ddof=1) / (cell["t"] == arm).sum())
        * share**2
        for arm in (0, 1)
    ).sum()
    own = sum(
        cells.apply(lambda cell, arm=arm: cell.loc[cell["t"] == arm, "y"].var(ddof=1) / (cell["t"] == arm).sum())
        * share
        for arm in (0, 1)
    ).sum()
    spread = ((share * (effects - (share * effects).sum()) ** 2).sum() - own) / 800
    estimate = ask(frame, "t", "y", ("level",), "coarsened_matching").estimate
    assert estimate.std_error == pytest.approx(np.sqrt(noise + spread), rel=1e-10)


def test_units_alone_in_their_cell_and_arm_take_the_pooled_spread():
    rng = np.random.default_rng(3)
    cell = np.where(np.arange(600) < 300, np.arange(600) // 2, 200)
    frame = pd.DataFrame({"cell": cell.astype(str), "t": [0, 1] * 300, "y": rng.normal(size=600)})
    estimate = ask(frame, "t", "y", ("cell",), "coarsened_matching").estimate
    assert estimate.std_error == pytest.approx(np.sqrt(4 / 600), rel=0.1)


def test_where_all_are_alone_the_spread_around_the_arms_mean_stands_in():
    rng = np.random.default_rng(13)
    frame = pd.DataFrame({"cell": (np.arange(300) // 2).astype(str), "t": [0, 1] * 150, "y": rng.normal(size=300)})
    estimate = ask(frame, "t", "y", ("cell",), "coarsened_matching").estimate
    assert estimate.std_error == pytest.approx(np.sqrt(4 / 300), rel=0.1)


def test_cut_points_left_empty_make_one_bin():
    frame = VARIED.draw(np.random.default_rng(4), 500)
    one = ask(frame, "t", "y", ("a", "b"), "coarsened_matching", options={"cut_points": "a:\nb:"}).estimate
    plain = ask(frame, "t", "y", (), "difference_in_means").estimate
    assert one.effect == pytest.approx(plain.effect, rel=1e-12)
    assert one.std_error == pytest.approx(plain.std_error, rel=1 / 500)  # the noise taken out is 1 / n of it


def test_what_if_is_answered_for_all_units_or_not_at_all():
    with pytest.raises(NoScores, match="left out 77 % of the units"):
        causal.treat_share(lalonde_answer("coarsened_matching"), [0.5])
    frame = DISCRETE.draw(np.random.default_rng(10), 400)
    analysis = ask(frame, "t", "y", ("level",), "coarsened_matching")
    curve = causal.treat_share(analysis, [0, 1])
    assert curve.means == pytest.approx(tuple(analysis.estimate.arm_means.values()))
    assert curve.std_errors[1] == pytest.approx(analysis.estimate.arm_std_errors.treated)


def test_a_value_on_an_edge_lies_above_it():
    frame = pd.DataFrame({"a": [1, 2, 2, 3] * 20, "t": [0, 0, 1, 1] * 20, "y": np.arange(80.0)})
    estimate = ask(frame, "t", "y", ("a",), "coarsened_matching", options={"cut_points": "a: 2, 3"})
    assert estimate.overlap.share_trimmed == 0.5
    assert estimate.estimate.effect == pytest.approx(1)


def test_names_with_colons_take_cut_points():
    frame = VARIED.draw(np.random.default_rng(5), 400).rename(columns={"a": "share: new"})
    options = {"cut_points": "share: new: 0"}
    assert ask(frame, "t", "y", ("share: new",), "coarsened_matching", options=options).estimate.n == 400


def test_a_category_has_no_cut_points():
    frame = DISCRETE.draw(np.random.default_rng(6), 400)
    with pytest.raises(OptionProblem, match='"level" is a category and is matched exactly'):
        ask(frame, "t", "y", ("level",), "coarsened_matching", options={"cut_points": "level: 1"})


def test_without_a_cell_of_both_arms_it_says_what_to_do():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.normal(size=(200, 12)), columns=[f"x{place}" for place in range(12)])
    frame = frame.assign(t=np.arange(200) % 2, y=rng.normal(size=200))
    with pytest.raises(TooFewUnits, match=r"None of the 200 cells holds units of both arms. Give wider bins"):
        ask(frame, "t", "y", tuple(f"x{place}" for place in range(12)), "coarsened_matching")


def test_clusters_count_as_one():
    frame = VARIED.draw(np.random.default_rng(8), 900)
    user = np.arange(900) // 3
    frame = frame.assign(y=frame["y"] + 2 * np.random.default_rng(9).normal(size=300)[user], user=user)
    frame["t"] = frame.groupby("user")["t"].transform("first")
    options = {"cut_points": "a: 0\nb: 0"}
    plain = ask(frame, "t", "y", ("a", "b"), "coarsened_matching", options=options).estimate
    clustered = ask(frame, "t", "y", ("a", "b"), "coarsened_matching", options=options, cluster="user").estimate
    assert clustered.effect == plain.effect
    assert clustered.std_error > 1.2 * plain.std_error


def test_the_answer_survives_json_with_its_cut_points():
    spec = causal.AnalysisSpec(
        causal.Question("t", "y"), method="coarsened_matching", adjust_for=("a",), options={"cut_points": "a: 0, 0.5"}
    )
    assert causal.AnalysisSpec.from_json(spec.to_json()).fingerprint == spec.fingerprint


def test_a_single_matched_unit_is_refused_in_words_of_cells():
    frame = pd.DataFrame({"a": [0.0, 0, 1, 2, 3, 3], "t": [0, 1, 0, 0, 1, 1], "y": [1.0, 2, 3, 4, 5, 6]})
    with pytest.raises(TooFewUnits, match="Only 1 unit with treatment level 0 is in a cell with units of the other"):
        ask(frame, "t", "y", ("a",), "coarsened_matching", options={"cut_points": "a: 0.5, 1.5, 2.5"})
