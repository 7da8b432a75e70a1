"""No difference between units is shown where there is none: whatever learnt the effect, all tests counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2

import causal
from causal.effects.effect_differences import score_test
from causal.effects.effect_tree import effect_tree
from causal.effects.unit_effects import UnitEffects
from tests.effects.test_unit_effects import few_draws, simulated, spec_of

__all__ = ["few_draws"]  # a fixture

REPEATS = 60


def at_most(hits: int, of: int, level: float = 0.05) -> bool:
    return binomtest(hits, of, level, alternative="greater").pvalue > 0.001


@pytest.mark.parametrize("cluster", [False, True])
def test_a_difference_is_shown_in_one_study_of_twenty_where_there_is_none(few_draws, cluster: bool) -> None:
    shown = 0
    for study in range(REPEATS):
        table, found = simulated(9_000 + study, 0.0, cluster=cluster)
        told = causal.effect_differences(found, table)
        assert told.shown == any(told.shown_by(each.basis) for each in told.tests)
        shown += told.shown
    assert at_most(shown, REPEATS)


def test_a_difference_is_shown_where_there_is_one(few_draws) -> None:
    for study in range(20):
        table, found = simulated(study, 1.0)
        told = causal.effect_differences(found, table)
        assert told.shown and told.shown_by("columns") and told.shown_by("ranking")


def test_the_columns_test_keeps_its_level_with_many_columns_and_few_heavy_units() -> None:
    """300 scores, as of units with chances of treatment down to 8 %, beside 15 columns."""
    rng, rejected = np.random.default_rng(20_261_132), 0
    for _ in range(400):
        columns = rng.normal(size=(300, 15))
        chance = 1 / (1 + np.exp(-0.8 * columns[:, 0]))
        weight = np.where(rng.random(300) < chance, 1 / chance, -1 / (1 - chance))
        score = 1 + rng.normal(size=300) * weight
        rejected += score_test(columns, score, np.arange(300)) < 0.05
    assert at_most(rejected, 400)


def test_the_columns_test_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(3)
    columns, score = rng.normal(size=(90, 4)), rng.normal(size=90)
    columns[:, 3] = columns[:, 0] - 2 * columns[:, 1]  # says nothing anew, so it counts for no degree of freedom
    moments = (columns[:, :3] - columns[:, :3].mean(axis=0)) * (score - score.mean())[:, None]
    mean = moments.mean(axis=0)
    statistic = mean @ np.linalg.solve(moments.T @ moments / 90**2 * 90 / 89, mean)
    assert score_test(columns, score, np.arange(90)) == pytest.approx(chi2.sf(statistic, 3), rel=1e-6)
    assert score_test(np.ones((90, 2)), score, np.arange(90)) == 1.0
    assert score_test(columns, np.ones(90), np.arange(90)) == 1.0
    thrice = (np.repeat(each, 3, axis=0) for each in (columns, score, np.arange(90)))
    assert score_test(*thrice) == pytest.approx(
        score_test(columns, score, np.arange(90)), rel=1e-9
    )  # copies say nothing


def bent(study: int, n: int = 600) -> pd.DataFrame:
    """The effect is 1 for all; chance and outcome bend alike with a, which linear models take for an effect of a."""
    rng = np.random.default_rng([20_261_133, study])
    a, b, c = rng.normal(size=(3, n))
    hook = np.maximum(a, 0) + a**2 / 2
    treated = rng.random(n) < 1 / (1 + np.exp(1.35 - 1.5 * hook))
    y = 3 * hook + c + treated + rng.normal(size=n)
    return pd.DataFrame({"t": treated.astype(int), "y": y, "a": a, "b": b, "c": c})


def test_linear_models_do_not_judge_what_they_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """By scores of their own they would show a difference in this study."""
    monkeypatch.setattr("causal.estimators.effect_learners.TREES", 4)
    monkeypatch.setattr("causal.estimators.subsamples.PAIRS", 2)
    table = causal.UnitTable.from_frame(bent(1))
    found = causal.unit_effects(table, spec_of(), learner="linear")
    assert causal.effect_differences(found, table).p_value > 0.05
    monkeypatch.setattr("causal.effects.unit_effects.JUDGE", "linear")
    own = causal.unit_effects(table, spec_of(), learner="linear")
    assert causal.effect_differences(own, table).p_value < 0.01


def test_without_columns_there_is_nothing_to_show() -> None:
    table = causal.UnitTable.from_frame(bent(3, 200))
    found = causal.unit_effects(table, replace(spec_of(), adjust_for=()))
    told = causal.effect_differences(found, table)
    assert told.p_value == 1.0 and not told.shown


def test_rules_judged_on_eight_clusters_show_no_difference_where_there_is_none() -> None:
    """Chi-squared as of many clusters would show one in a quarter of such studies."""
    rng, shown = np.random.default_rng(20_261_127), 0
    cluster = np.repeat(np.arange(16), 30)
    for study in range(REPEATS):
        frame = pd.DataFrame(rng.normal(size=(480, 3)), columns=["a", "b", "c"])
        score = 2 * rng.normal(size=480) + rng.normal(size=16)[cluster]
        found = UnitEffects(
            effect=score, std_error=score, score=score, ranking=score, fold=cluster % 5, cluster=cluster,
            treated=rng.random(480) < 0.5, control_level=0, treated_level=1, losses=(), loss=1.0,
            adjust_for=("a", "b", "c"), clustered=True, outcome_is_binary=False, confidence=0.95, seed=study,
            treatment="t", outcome="y",
        )  # fmt: skip
        shown += effect_tree(found, causal.UnitTable.from_frame(frame)).p_value < 0.05
    assert at_most(shown, REPEATS)
