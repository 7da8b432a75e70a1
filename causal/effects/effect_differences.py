"""Whether the effect differs between units at all: tests that are valid whatever learnt the effect, counted together.

The ranking of each fold by the folds before it (AUTOC above zero; Wager 2024, arXiv 2405.05534); a score test that the
effect goes with no column (the best linear projection of Semenova and Chernozhukov 2021, Econometrics Journal 24:
264-289, its errors as they are without differences, which keeps its level with many columns); rules judged on units
that had no say in them (Athey and Imbens 2016, PNAS 113: 7353-7360). Holm (1979) bounds the chance that any errs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.checks.multiplicity import holm
from causal.effects.effect_tree import effect_tree
from causal.effects.priority import priority_curve
from causal.effects.score_means import Measured, covariance_of
from causal.effects.unit_effects import UnitEffects
from causal.errors import CovariateProblem, TooFewUnits
from causal.estimators.design import Floats, columns_of
from causal.estimators.folds import Places
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable

Basis = Literal["ranking", "columns", "rules"]
"""What a test asks: do those ranked high gain more, does the effect go with a column, do the rules differ."""


@dataclass(frozen=True)
class DifferenceTest:
    """`p_value` alone, one where there is nothing to test; `holm_p` with the others counted."""

    basis: Basis
    p_value: float
    holm_p: float


@dataclass(frozen=True)
class EffectDifferences:
    """The `tests`, at the `confidence` asked for."""

    tests: tuple[DifferenceTest, ...]
    confidence: float

    @property
    def p_value(self) -> float:
        """The chance of a sign as clear in any of the tests if the effect were the same for all."""
        return min(each.holm_p for each in self.tests)

    @property
    def shown(self) -> bool:
        """Whether the data show that the effect differs between units."""
        return self.p_value < 1 - self.confidence

    def shown_by(self, basis: Basis) -> bool:
        """Whether this test shows it, the others counted."""
        own = next(each.holm_p for each in self.tests if each.basis == basis)
        return self.shown and own < 1 - self.confidence


@one_thread
def effect_differences(found: UnitEffects, table: UnitTable) -> EffectDifferences:
    """Three tests that the effect is the same for all units, together, at the confidence of `found`.

    `table`: the one that `found` was learnt from. A test with nothing to go by, no columns or too few units for rules,
    has the p-value one. Raises UnknownColumn where the table lacks a column that was adjusted for.
    """
    told: tuple[tuple[Basis, float], ...] = (
        ("ranking", _above_zero(priority_curve(found).autoc)),
        ("columns", _of_columns(found, table)),
        ("rules", _of_rules(found, table)),
    )
    adjusted = holm([p_value for _, p_value in told])
    tests = tuple(DifferenceTest(*each, holm_p) for each, holm_p in zip(told, adjusted, strict=True))
    return EffectDifferences(tests, found.confidence)


def _above_zero(measured: Measured) -> float:
    """One-sided: a ranking that is worse than none is no sign of anything."""
    return measured.p_value / 2 if measured.value > 0 else 1 - measured.p_value / 2


def _of_columns(found: UnitEffects, table: UnitTable) -> float:
    if not found.adjust_for:
        return 1.0
    coded = columns_of(table, found.rows, found.adjust_for)[0]
    return score_test(coded, found.score[found.rows], found.cluster[found.rows])


def score_test(columns: Floats, score: Floats, cluster: Places) -> float:
    """The p-value that the mean of `score` (n,) goes with none of `columns` (n, k): chi-squared, by clusters."""
    from scipy.special import chdtrc

    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    scaled = centred[:, spread > 0] / spread[spread > 0]
    moments = scaled * (score - score.mean())[:, None]
    if not moments.shape[1] or float(np.abs(moments).max()) == 0:
        return 1.0
    mean, covariance = moments.mean(axis=0), covariance_of(moments, cluster)
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values[-1]
    statistic = float((((vectors[:, kept].T @ mean) ** 2) / values[kept]).sum())
    return float(chdtrc(int(kept.sum()), statistic))


def _of_rules(found: UnitEffects, table: UnitTable) -> float:
    try:
        p_value = effect_tree(found, table).p_value
    except (TooFewUnits, CovariateProblem):
        return 1.0
    return p_value if p_value == p_value else 1.0
