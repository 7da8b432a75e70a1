"""Groups that differ in their effect, as a few readable rules, with effects from units that had no say in the rules.

Honest causal trees: Athey and Imbens (2016), PNAS 113: 7353-7360, on doubly robust scores. Half of the units (of the
clusters) make the rules, the other half alone says what the effect is in each leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.effects.score_means import Measured, covariance_of, together
from causal.effects.unit_effects import UnitEffects
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.design import Flags, Floats
from causal.estimators.one_thread import one_thread
from causal.logs.unit_table import UnitTable
from causal.study import Condition

CUTS = 16
"""Quantiles of a quantity at which it may be cut."""

LEVELS = 30
"""A category with more levels makes no rules."""

LEAST_SHARE = 0.05
LEAST_OF_AN_ARM = 10
DEPTHS = (1, 2, 3)


@dataclass(frozen=True)
class EffectLeaf:
    """Units that satisfy all `conditions` (none: all of them), their effect, and how many of each arm told it."""

    conditions: tuple[Condition, ...]
    effect: Measured
    control_units: int
    treated_units: int


@dataclass(frozen=True)
class EffectTree:
    """The leaves, least effect first; `p_value`: chance of leaves as far apart if the effect were the same in all (NaN
    with one leaf). `grown_on` units made the rules, and no one of them is counted in an effect.
    """

    leaves: tuple[EffectLeaf, ...]
    p_value: float
    statistic: float
    grown_on: int


@dataclass(frozen=True, eq=False)
class _Cut:
    """A condition, its opposite, and (n,) who satisfies each: who lacks the value satisfies neither."""

    yes: Condition
    no: Condition
    inside: Flags
    outside: Flags


@dataclass(frozen=True, eq=False)
class _Grown:
    score: Floats
    treated: Flags
    growing: Flags
    cuts: list[_Cut]

    def split(
        self, member: Flags, conditions: tuple[Condition, ...], depth: int
    ) -> list[tuple[Flags, tuple[Condition, ...]]]:
        """The leaves below: members, and what they satisfy."""
        best, chosen = self._worth(member), None
        for cut in self.cuts if depth else ():
            left, right = member & cut.inside, member & cut.outside
            if not (self._large(left) and self._large(right)):
                continue
            worth = self._worth(left) + self._worth(right)
            if worth > best:
                best, chosen = worth, (cut, left, right)
        if chosen is None:
            return [(member, conditions)]
        cut, left, right = chosen
        return [
            *self.split(left, _narrowed(conditions, cut.yes), depth - 1),
            *self.split(right, _narrowed(conditions, cut.no), depth - 1),
        ]

    def _large(self, member: Flags) -> bool:
        """Enough units of each arm, in both halves: counts, not outcomes, so it takes no honesty away."""
        return all(
            (member & half & arm).sum() >= LEAST_OF_AN_ARM
            for half in (self.growing, ~self.growing)
            for arm in (self.treated, ~self.treated)
        ) and bool((member & self.growing).sum() >= LEAST_SHARE * self.growing.sum())

    def _worth(self, member: Flags) -> float:
        """Units times squared effect, less twice the variance: the paper's criterion, both halves being alike."""
        values = self.score[member & self.growing]
        return float(len(values) * values.mean() ** 2 - 2 * values.var(ddof=1))


@one_thread
def effect_tree(
    found: UnitEffects, table: UnitTable, columns: Sequence[str] | None = None, depth: int = 2
) -> EffectTree:
    """Rules of at most `depth` questions each on `columns` (None: what is adjusted for).

    Raises OptionProblem, UnknownColumn, TooFewUnits, CovariateProblem.
    """
    if depth not in DEPTHS:
        raise OptionProblem(f"Rules of effects are grown to a depth of 1, 2 or 3, not {depth!r}.")
    rows = found.rows
    names = found.adjust_for if columns is None else tuple(columns)
    if not names:
        raise CovariateProblem("Rules need at least one column to go by: name some, or adjust for some.")
    score, treated, cluster = found.score[rows], found.treated[rows], found.cluster[rows]
    groups = np.unique(cluster, return_inverse=True)[1]
    shuffled = np.random.default_rng([found.seed, 13]).permutation(int(groups.max()) + 1)
    growing = shuffled[groups] < (int(groups.max()) + 1) // 2
    cuts = [cut for name in names for cut in _cuts(table, rows, name, growing)]
    everyone = np.ones(len(rows), dtype=bool)
    leaves = _Grown(score, treated, growing, cuts).split(everyone, (), depth)
    inside = np.column_stack([member & ~growing for member, _ in leaves])
    if min((inside & arm[:, None]).sum(axis=0).min() for arm in (treated, ~treated)) < 2:
        raise TooFewUnits("Half of the units hold fewer than two of an arm, so the rules cannot be judged on them.")
    kept = ~growing
    sizes = inside.sum(axis=0)
    effects = (inside * score[:, None]).sum(axis=0) / sizes
    influences = (inside * (score[:, None] - effects) / sizes * kept.sum())[kept]
    covariance = covariance_of(influences, cluster[kept])
    freedom = float(len(np.unique(cluster[kept])) - 1) if found.clustered else np.inf
    measured = together(effects, covariance, found.confidence, freedom, found.seed)
    told = [
        EffectLeaf(conditions, each, int((flags & ~treated).sum()), int((flags & treated).sum()))
        for (_, conditions), each, flags in zip(leaves, measured, inside.T, strict=True)
    ]
    statistic, p_value = _differ(effects, covariance, freedom)
    return EffectTree(tuple(sorted(told, key=lambda each: each.effect.value)), p_value, statistic, int(growing.sum()))


def _differ(effects: Floats, covariance: Floats, freedom: float) -> tuple[float, float]:
    """The statistic and its p-value: chi-squared; of few clusters Hotelling's (1931), as they tell the covariance."""
    from scipy.special import chdtrc, fdtrc

    degrees = len(effects) - 1
    if degrees < 1:
        return np.nan, np.nan
    contrasts = np.column_stack([-np.ones(degrees), np.eye(degrees)])
    gaps = contrasts @ effects
    statistic = float(gaps @ np.linalg.pinv(contrasts @ covariance @ contrasts.T) @ gaps)
    if np.isinf(freedom):
        return statistic, float(chdtrc(degrees, statistic))
    left = freedom - degrees + 1
    if left < 1:  # fewer clusters than say how the leaves vary
        return statistic, np.nan
    return statistic, float(fdtrc(degrees, left, statistic * left / (degrees * freedom)))


def _narrowed(conditions: tuple[Condition, ...], more: Condition) -> tuple[Condition, ...]:
    """With one more, and without those of the same column that it says already: a wider end, another level denied."""
    said = {"is at most": "is at most", "is above": "is above", "is": "is not"}.get(more.comparison)
    kept = [each for each in conditions if not (each.column == more.column and each.comparison == said)]
    return (*kept, more)


def _cuts(table: UnitTable, rows: NDArray[np.int64], name: str, growing: Flags) -> list[_Cut]:
    """Where a column may be cut, by its values among the units that make the rules."""
    values, kind = table.column(name).iloc[rows], table.types[name]
    if kind == "numeric":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        known = numbers[growing & np.isfinite(numbers)]
        if not len(known):
            return []
        ends = np.unique(np.quantile(known, np.arange(1, CUTS + 1) / (CUTS + 1), method="inverted_cdf"))
        return [
            _Cut(
                Condition(name, "is at most", float(end)),
                Condition(name, "is above", float(end)),
                numbers <= end,
                numbers > end,
            )
            for end in ends
        ]
    levels = values.dropna().unique().tolist() if kind in ("category", "binary") else []
    if not 2 <= len(levels) <= LEVELS:
        return []
    present = values.notna().to_numpy()
    flags = {level: (values == level).to_numpy(dtype=bool, na_value=False) for level in sorted(levels, key=str)}
    if len(levels) == 2:
        flags = dict([next(iter(flags.items()))])
    return [
        _Cut(Condition(name, "is", level), Condition(name, "is not", level), same, present & ~same)
        for level, same in flags.items()
    ]


def leaf_of(tree: EffectTree, table: UnitTable) -> pd.Series:
    """The place of each row's leaf in `leaves`; missing where a column that decides is."""
    from causal.logs.conditions import satisfied

    place = pd.Series(pd.NA, index=range(len(table)), dtype="Int64")
    for at, leaf in enumerate(tree.leaves):
        place[satisfied(table, leaf.conditions)] = at
    return place
