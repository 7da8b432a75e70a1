"""Adjusting for a confounder that stands in titles alone, in English and Chinese: unbiased, and covered as promised."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from causal.estimators.estimation import estimate_effect
from causal.estimators.registry import method_named
from causal.logs.scenarios import stories
from causal.logs.text_recipe import TextRecipe
from causal.logs.unit_table import ColumnType, UnitTable
from causal.study import Question
from causal.text.features import text_features
from tests.text.small_logs import log_of

REPETITIONS = 200
UNITS = 1_600


def drawn(seed: int, place: dict[str, int], components: np.ndarray, columns: tuple[str, ...]) -> UnitTable:
    """Units drawn anew, with the components of their titles, which were read once."""
    frame = stories.simulate(seed, UNITS).frame
    read = pd.DataFrame(components[frame["title"].map(place).to_numpy()], columns=list(columns))
    made = pd.concat([frame, read], axis=1)
    types: dict[str, ColumnType] = dict.fromkeys(made.columns, "numeric")
    return UnitTable(made, types, parts={"title": columns})


def test_the_interval_covers_the_truth_as_often_as_it_says_and_without_the_title_never() -> None:
    names, _ = stories.titles()
    log = log_of(stories.simulate(1, UNITS).frame.assign(title=(names * 6)[:UNITS]))
    read = text_features(log, TextRecipe("title"))
    place = {name: at for at, name in enumerate(names)}
    question, regression = Question("promoted", "minutes"), method_named("regression")
    effects, covered, without = [], 0, 0
    for seed in range(REPETITIONS):
        table = drawn(1_000 + seed, place, read.components[: len(names)], read.component_names)
        estimate, _ = estimate_effect(table, question, ("evening", "prior_minutes", "title"), regression)
        low, high = estimate.interval(0.95)
        covered += low <= stories.EFFECT <= high
        effects.append(estimate.effect)
        bare, _ = estimate_effect(table, question, ("evening", "prior_minutes"), regression)
        without += bare.interval(0.95)[0] <= stories.EFFECT
    assert binomtest(covered, REPETITIONS, 0.95).pvalue > 0.001, covered
    bias = np.mean(effects) - stories.EFFECT
    assert abs(bias) < 0.25 * np.std(effects), bias
    assert without < 0.05 * REPETITIONS
