"""The effect in groups of units, from an answer's stored scores: at once, and without a refit.

With doubly robust scores the mean over any group is its effect, and fitting the models adds nothing to its error
(Semenova and Chernozhukov 2021, Econometrics Journal 24: 264-289).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causal.checks.multiplicity import holm
from causal.errors import CovariateProblem, NoScores, OptionProblem, TooFewUnits
from causal.estimators.design import Flags, Floats
from causal.estimators.estimate import normal_interval, two_sided_p
from causal.estimators.one_thread import one_thread
from causal.estimators.simultaneous import critical_value
from causal.logs.conditions import equal_to

if TYPE_CHECKING:
    from causal.analysis import Analysis

MOST_GROUPS = 30
FEW_VALUES = 6
"""A number with so few different values makes a group of each."""

FEWEST_UNITS = 2
"""A group needs so many units of each arm."""


@dataclass(frozen=True)
class GroupEffect:
    """One group's effect, in units of the outcome: `low` to `high` holds it alone, the joint interval with all others.

    `lowest` and `highest` are a numeric group's ends (both included), else None. Everything from `effect` on is None
    where the group has too few units of an arm.
    """

    label: str
    control_units: int
    treated_units: int
    lowest: float | None = None
    highest: float | None = None
    effect: float | None = None
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    joint_low: float | None = None
    joint_high: float | None = None
    p_value: float | None = None
    holm_p: float | None = None


@dataclass(frozen=True)
class GroupEffects:
    """The effect in every group of a column, and whether the groups differ; JSON-able by `dataclasses.asdict`.

    `statistic` is Wald's, with `degrees` degrees of freedom, and `p_value` the chance of one as large if the effect
    were the same in all groups (NaN with one group). `left_out` counts units without a value of the column.
    """

    by: str
    groups: tuple[GroupEffect, ...]
    overall: float
    statistic: float
    degrees: int
    p_value: float
    left_out: int
    confidence: float
    outcome_is_binary: bool
    unit: str = ""

    @property
    def known(self) -> tuple[GroupEffect, ...]:
        """The groups large enough for an effect."""
        return tuple(each for each in self.groups if each.effect is not None)


@one_thread
def group_effects(analysis: Analysis, by: str, bins: int = 4) -> GroupEffects:
    """The effect in each group of the column `by`: its levels, or for a quantity `bins` groups of equal size.

    Raises NoScores (the method keeps none that hold in every group), UnknownColumn, OptionProblem, CovariateProblem
    (the treatment changes the column, or it has too many levels), TooFewUnits.
    """
    _check(analysis, by, bins)
    assert analysis.scores is not None and analysis.table is not None and analysis.rows is not None
    values = analysis.table.column(by).iloc[analysis.rows]
    masks = group_masks(values, analysis.table.types[by], bins, by)
    treated = _treated(analysis)
    groups = [_Group(label, mask, ends, treated) for label, mask, ends in masks]
    large = [each for each in groups if min(each.sizes) >= FEWEST_UNITS]
    if not large:
        raise TooFewUnits(
            f'No group of "{by}" has {FEWEST_UNITS} units of each arm. Take fewer groups, or another column.'
        )
    effects, covariance = _effects(analysis, [each.mask for each in large])
    errors = np.sqrt(np.diag(covariance))
    freedom = analysis.estimate.degrees_of_freedom
    reach = critical_value(covariance, analysis.spec.confidence, freedom, seed=analysis.spec.seed)
    p_values = [
        two_sided_p(effect / error, freedom) if error > 0 else 1.0
        for effect, error in zip(effects, errors, strict=True)
    ]
    told = iter(zip(effects, errors, p_values, holm(p_values), strict=True))
    statistic, p_value = _heterogeneity(effects, covariance, freedom)
    return GroupEffects(
        by=by,
        groups=tuple(_told(each, analysis, reach, next(told)) if each in large else each.unknown() for each in groups),
        overall=analysis.estimate.effect,
        statistic=statistic,
        degrees=len(large) - 1,
        p_value=p_value,
        left_out=int(values.isna().sum()),
        confidence=analysis.spec.confidence,
        outcome_is_binary=analysis.outcome_is_binary,
        unit=analysis.spec.question.unit,
    )


def groupable(analysis: Analysis) -> tuple[str, ...]:
    """The columns of the table that groups can be made of: settled before the treatment, and no identifiers."""
    if analysis.table is None:
        return ()
    question, graph = analysis.spec.question, analysis.spec.graph
    later = set() if graph is None or question.treatment not in graph.nodes else graph.descendants(question.treatment)
    aside = {question.treatment, question.outcome, *later}
    aside |= {name for name, made in analysis.table.ranges.items() if made.reaches_past_anchor}
    types = analysis.table.types
    return tuple(
        name for name in analysis.table.names if name not in aside and types[name] in ("numeric", "category", "binary")
    )


@dataclass(frozen=True, eq=False)
class _Group:
    label: str
    mask: Flags
    ends: tuple[float, float] | None
    treated: Flags

    @property
    def sizes(self) -> tuple[int, int]:
        return int((self.mask & ~self.treated).sum()), int((self.mask & self.treated).sum())

    def unknown(self) -> GroupEffect:
        lowest, highest = (None, None) if self.ends is None else self.ends
        return GroupEffect(self.label, *self.sizes, lowest, highest)


def _check(analysis: Analysis, by: str, bins: int) -> None:
    if analysis.scores is None or not analysis.method.ranks:
        raise NoScores(
            f"{analysis.method.title} keeps no unit-level scores that hold in every group, so it cannot tell the "
            "effect in groups. Answer with doubly robust as well, and ask there."
        )
    if analysis.table is None or analysis.rows is None:
        raise NoScores("The table is not at hand, so its units cannot be grouped. Open the study's log again.")
    if not 2 <= bins <= MOST_GROUPS:
        raise OptionProblem(f"A quantity is cut into 2 to {MOST_GROUPS} groups, not {bins}.")
    analysis.table.column(by)
    question, graph = analysis.spec.question, analysis.spec.graph
    if by in (question.treatment, question.outcome):
        raise CovariateProblem(f'"{by}" is part of the question itself: group by another column.')
    if graph is not None and by in graph.nodes and by in graph.descendants(question.treatment):
        raise CovariateProblem(
            f'The graph says that "{question.treatment}" changes "{by}", so units of one group are not alike before '
            "the treatment. Group by something that is settled before it."
        )


def group_masks(
    values: pd.Series, kind: str, bins: int, by: str
) -> list[tuple[str, Flags, tuple[float, float] | None]]:
    """(label, flags, ends of a quantity) of the groups of a column: its levels, or about equal parts of a quantity.

    Raises CovariateProblem where there are too many levels.
    """
    if kind == "numeric" and values.nunique() > FEW_VALUES:
        return _quantiles(values.to_numpy(dtype=np.float64, na_value=np.nan), bins)
    levels = sorted(values.dropna().unique().tolist(), key=lambda each: (isinstance(each, str), each))
    if len(levels) > MOST_GROUPS:
        raise CovariateProblem(
            f'"{by}" has {len(levels)} different values, more than {MOST_GROUPS} groups. Group its values first.'
        )
    return [(_label(each), np.asarray((values == each).to_numpy(dtype=bool, na_value=False)), None) for each in levels]


def _quantiles(numbers: Floats, bins: int) -> list[tuple[str, Flags, tuple[float, float] | None]]:
    """Groups of about equal size; values that tie stay together, so there may be fewer."""
    known = numbers[np.isfinite(numbers)]
    edges = np.unique(np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf"))
    place = np.where(np.isfinite(numbers), np.searchsorted(edges, numbers, side="left"), -1)
    found: list[tuple[str, Flags, tuple[float, float] | None]] = []
    for group in range(len(edges) + 1):
        mask = place == group
        if mask.any():
            ends = (float(numbers[mask].min()), float(numbers[mask].max()))
            found.append((f"{ends[0]:.4g} to {ends[1]:.4g}", mask, ends))
    return found


def _label(level: object) -> str:
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)


def _treated(analysis: Analysis) -> Flags:
    assert analysis.table is not None and analysis.rows is not None
    values = analysis.table.column(analysis.spec.question.treatment).iloc[analysis.rows]
    return equal_to(values, analysis.estimate.arm_means.treated_level)


def _effects(analysis: Analysis, masks: list[Flags]) -> tuple[Floats, Floats]:
    """(k,) effects and their covariance (k, k); groups are apart, so only clusters tie them together."""
    scores = analysis.scores
    assert scores is not None
    gain, weight = scores.treated - scores.control, scores.target_weight
    effects, influences = np.empty(len(masks)), []
    for place, mask in enumerate(masks):
        size = float(weight[mask].sum())
        if size <= 0:
            raise TooFewUnits("A group has no unit of the population asked about. Take fewer groups, or ask about all.")
        effects[place] = gain[mask].sum() / size
        influences.append(np.where(mask, gain - weight * effects[place], 0.0) / size)
    both, factor = np.column_stack(influences), 1.0
    if analysis.clusters is not None:
        count = int(analysis.clusters.max()) + 1
        both = np.column_stack([np.bincount(analysis.clusters, each, minlength=count) for each in influences])
        factor = count / (count - 1)
    return effects, np.asarray(factor * (both.T @ both))


def _heterogeneity(effects: Floats, covariance: Floats, freedom: float) -> tuple[float, float]:
    """Wald's statistic that all effects are the same, and its p-value: chi-squared, with clusters by Hotelling's F."""
    from scipy.special import chdtrc, fdtrc

    degrees = len(effects) - 1
    if degrees < 1:
        return math.nan, math.nan
    contrasts = np.column_stack([-np.ones(degrees), np.eye(degrees)])
    gaps = contrasts @ effects
    statistic = float(gaps @ np.linalg.pinv(contrasts @ covariance @ contrasts.T) @ gaps)
    if not math.isfinite(freedom):
        return statistic, float(chdtrc(degrees, statistic))
    if freedom < degrees:
        return statistic, math.nan
    rest = freedom - degrees + 1
    return statistic, float(fdtrc(degrees, rest, statistic * rest / (degrees * freedom)))


def _told(group: _Group, analysis: Analysis, reach: float, found: tuple[float, float, float, float]) -> GroupEffect:
    effect, error, p_value, holm_p = (float(each) for each in found)
    lowest, highest = (None, None) if group.ends is None else group.ends
    low, high = normal_interval(effect, error, analysis.spec.confidence, analysis.estimate.degrees_of_freedom)
    return GroupEffect(
        label=group.label,
        control_units=group.sizes[0],
        treated_units=group.sizes[1],
        lowest=lowest,
        highest=highest,
        effect=effect,
        std_error=error,
        low=low,
        high=high,
        joint_low=effect - reach * error,
        joint_high=effect + reach * error,
        p_value=p_value,
        holm_p=holm_p,
    )
