"""Scores of latent variables as columns of the units: the fit's own digits, their times, and what they may do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem, LogError, UnknownColumn
from causal.logs.score_recipe import ScoreRecipe
from causal.logs.time_range import AT_ANCHOR, UNKNOWN_TIME, after, before
from causal.logs.unit_table import UnitTable
from causal.logs.units import UnitRecipe
from causal.structural.score_columns import columns_read, latest, measurement_part, with_scores
from causal.structural.scores import factor_scores

MEASURED = "taste =~ clicks + dwell + rating"
SCORE = ScoreRecipe(MEASURED, (("taste", "taste score"),))


def rows(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    taste = rng.standard_normal(n)
    shown = taste[:, None] * [1.0, 0.8, 0.6] + 0.7 * rng.standard_normal((n, 3))
    new = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(int)
    stays = 2.0 * new + taste + rng.standard_normal(n)
    columns = {"clicks": shown[:, 0], "dwell": shown[:, 1], "rating": shown[:, 2], "new": new, "stays": stays}
    return pd.DataFrame(columns).assign(stars=np.digitize(shown[:, 2], [-1, -0.3, 0.4, 1.2]) + 1)


@pytest.mark.parametrize(
    ("score", "options"),
    [
        (SCORE, causal.SemOptions()),
        (replace(SCORE, missing="likelihood"), causal.SemOptions(missing="likelihood")),
        (
            ScoreRecipe("taste =~ clicks + dwell + stars", SCORE.names, ordered=("stars",)),
            causal.SemOptions(ordered=("stars",)),
        ),
    ],
)
def test_the_digits_are_the_fits(score, options) -> None:
    frame = rows()
    frame.loc[:4, "dwell"] = np.nan
    frame.loc[2, ["clicks", "rating"]] = np.nan
    made = with_scores(UnitTable.from_frame(frame), [score])
    wanted = factor_scores(frame, causal.fit_sem(frame, score.model, options))["taste"]
    assert made.types["taste score"] == "numeric"
    np.testing.assert_array_equal(made.frame["taste score"], wanted)
    missing = int(made.frame["taste score"].isna().sum())
    assert missing == (1 if score.missing == "likelihood" else 5)


def test_a_recipe_and_a_table_keep_them(tmp_path) -> None:
    recipe = UnitRecipe(scores=(SCORE,), set_aside=("clicks",), keep_missing=("new", "taste score"))
    again = UnitRecipe.from_json(recipe.to_json())
    assert again == recipe
    assert "scores" not in UnitRecipe().to_json()  # so that a recipe without any keeps its fingerprint
    table = causal.build_units(causal.read_log(rows().to_csv(index=False).encode(), name="a.csv"), again)
    assert "clicks" not in table.names  # though the score is made of it
    assert table.sources == {"taste score": ("clicks", "dwell", "rating")}
    table.to_parquet(tmp_path / "table.parquet")
    read = UnitTable.from_parquet(tmp_path / "table.parquet")
    assert (read.sources, read.fingerprint) == (table.sources, table.fingerprint)
    assert table.fingerprint != replace(table, sources={}).fingerprint


def test_only_the_measurement_is_scored() -> None:
    model = (
        "taste =~ a*clicks + a*dwell + `a rating` + new; taste ~ age + clicks\nstays ~ b*taste\n"
        "clicks ~~ dwell + stays\nab := a*b\ndwell ~ 1\nage ~ 1"
    )
    part = measurement_part(model, ("new", "stays"))
    assert part.splitlines() == [
        "taste =~ a*clicks",
        "taste =~ a*dwell",
        "taste =~ `a rating`",
        "clicks ~~ dwell",
        "dwell ~ 1",
    ]
    assert columns_read(ScoreRecipe(part, SCORE.names)) == ("clicks", "dwell", "a rating")
    assert measurement_part(MEASURED) == "taste =~ clicks\ntaste =~ dwell\ntaste =~ rating"
    with pytest.raises(LogError, match="No latent variable shows in a column"):
        measurement_part("y ~ x")


def test_a_score_is_from_the_latest_time_of_what_it_is_made_of() -> None:
    table = UnitTable.from_frame(rows())
    late = {"clicks": before(7), "dwell": after(3), "rating": UNKNOWN_TIME}
    assert latest(list(late.values())) == after(3)
    assert latest([before(7), UNKNOWN_TIME]) == UNKNOWN_TIME
    assert latest([before(7), AT_ANCHOR]) in (before(7), AT_ANCHOR)
    assert latest([]) is None
    made = with_scores(replace(table, ranges=late), [SCORE])
    assert made.ranges["taste score"] == after(3)
    spec = causal.AnalysisSpec(causal.Question("new", "stays"), adjust_for=("taste score",))
    with pytest.raises(CovariateProblem, match='"taste score" was computed from events'):
        causal.answer(made, spec)
    early = with_scores(replace(table, ranges=dict.fromkeys(late, before(7))), [SCORE])
    answered = causal.answer(early, spec)
    assert answered.estimate.n == 400
    assert any("removes only part of what the variable confounds" in note for note in answered.notes)


def test_a_score_with_the_answer_in_it_is_refused() -> None:
    table = with_scores(
        UnitTable.from_frame(rows()), [ScoreRecipe("taste =~ clicks + dwell + stays", (("taste", "score"),))]
    )
    with pytest.raises(CovariateProblem, match='"score" is a score that was made of the outcome "stays"'):
        causal.answer(table, causal.AnalysisSpec(causal.Question("new", "stays"), adjust_for=("score",)))
    with pytest.raises(CovariateProblem, match='The outcome "score" is a score that was made of "clicks"'):
        causal.answer(table, causal.AnalysisSpec(causal.Question("new", "score"), adjust_for=("clicks",)))
    answered = causal.answer(table, causal.AnalysisSpec(causal.Question("new", "score"), adjust_for=("rating",)))
    assert any("comes out too small (attenuation)" in note for note in answered.notes)


def test_a_score_removes_a_part_of_the_confounding_and_one_model_the_rest() -> None:
    """The truth is 2; the reliability of the score is about 0.75, so that a quarter of the bias stays."""
    frame = rows(20_000)
    table = with_scores(UnitTable.from_frame(frame), [SCORE])
    question = causal.Question("new", "stays")

    def effect(*names: str) -> float:
        return causal.answer(
            table, causal.AnalysisSpec(question, adjust_for=names, method="regression")
        ).estimate.effect

    crude, scored = effect(), effect("taste score")
    together = causal.fit_sem(frame, f"{MEASURED}\nstays ~ new + taste\ntaste ~~ new")
    arrow = together.coefficient("stays ~ new")
    assert crude - 2 > scored - 2 > 0.1
    assert abs(arrow.estimate - 2) < 4 * arrow.std_error < 0.15


def test_what_cannot_be_scored_is_said() -> None:
    table = UnitTable.from_frame(rows())
    with pytest.raises(LogError, match='There is a column "rating" already'):
        with_scores(table, [replace(SCORE, names=(("taste", "rating"),))])
    with pytest.raises(LogError, match='There is a column "taste score" already'):
        with_scores(table, [SCORE, replace(SCORE, missing="likelihood")])
    with pytest.raises(LogError, match=r'no latent variable "wit"\. They have: taste'):
        with_scores(table, [replace(SCORE, names=(("wit", "wit score"),))])
    with pytest.raises(UnknownColumn, match="likes"):
        with_scores(table, [ScoreRecipe("taste =~ clicks + likes", SCORE.names)])
    with pytest.raises(LogError, match="Give every score a name"):
        ScoreRecipe(MEASURED, (("taste", " "),))
    with pytest.raises(LogError, match='Two scores are called "same"'):
        ScoreRecipe(MEASURED, (("a", "same"), ("b", "same")))
