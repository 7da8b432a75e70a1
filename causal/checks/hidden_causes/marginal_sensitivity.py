"""Bounds on a weighted effect if every unit's odds of treatment could be off by up to a factor.

Zhao, Small and Bhattacharya (2019), Sensitivity analysis for inverse probability weighting estimators via the
percentile bootstrap, Journal of the Royal Statistical Society B 81: 735-761: each arm's normalised mean is a ratio of
two linear functions of the unknown odds, so its extremes put one end of the range on all outcomes above a threshold and
the other below it (their proposition 2). The bounds hold what hidden causes could do; the intervals around them, from
the bounds of samples drawn with replacement (their theorem 1), what chance did as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.errors import DoableError
from causal.estimators.bootstrap import drawn_again
from causal.estimators.design import Floats, Sample
from causal.estimators.nuisance import fit_propensity
from causal.progress import Progress, silent
from causal.replicates import run_replicates

FACTORS = (1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0)
LARGEST = 1e6


@dataclass(frozen=True)
class OddsBounds:
    """Per factor in `factors` the least and the largest effect; `tipping` is the factor at which zero is reached.

    Infinite where no factor up to a million reaches it. `interval_low` and `interval_high` are the outer limits per
    factor from so many `draws`; empty where none were asked for.
    """

    factors: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    tipping: float
    interval_low: tuple[float, ...] = ()
    interval_high: tuple[float, ...] = ()
    draws: int = 0

    @property
    def clear_up_to(self) -> float:
        """The largest factor of the list at which the interval leaves zero out, and at all before it; NaN for none."""
        found = math.nan
        for factor, low, high in zip(self.factors, self.interval_low, self.interval_high, strict=False):
            if low <= 0 <= high:
                break
            found = factor
        return found


def odds_bounds(sample: Sample, propensity: Floats, factors: Sequence[float] = FACTORS) -> OddsBounds | None:
    """Bounds on the normalised weighted effect; None for the overlap population, whose weights hang on the odds too."""
    if sample.target == "overlap":
        return None
    ends = _ends(sample, propensity)
    found = [ends(each) for each in factors]
    return OddsBounds(
        tuple(float(each) for each in factors),
        tuple(each[0] for each in found),
        tuple(each[1] for each in found),
        _tipping(ends),
    )


def with_intervals(
    bounds: OddsBounds,
    sample: Sample,
    draws: int,
    confidence: float,
    progress: Progress = silent,
    processes: int | None = None,
) -> OddsBounds:
    """The bounds with intervals that hold the effect with this confidence: propensities fitted anew in every draw.

    Whole clusters are drawn where there are any. Without intervals where a tenth of the draws cannot be fitted.
    """
    found = run_replicates(_drawn_bounds, (replace(sample), bounds.factors), draws, sample.seed, processes, progress)
    kept = np.array([each for each in found if each is not None])
    if len(kept) < 0.9 * draws or len(kept) < 2:
        return bounds
    outer = (1 - confidence) / 2
    low, high = np.quantile(kept[:, :, 0], outer, axis=0), np.quantile(kept[:, :, 1], 1 - outer, axis=0)
    return replace(bounds, interval_low=tuple(low.tolist()), interval_high=tuple(high.tolist()), draws=len(kept))


def _drawn_bounds(
    work: tuple[Sample, tuple[float, ...]], seed: np.random.SeedSequence
) -> list[tuple[float, float]] | None:
    sample, factors = work
    drawn = drawn_again(sample, np.random.default_rng(seed), sample.clusters)
    if min(int(drawn.treated.sum()), int((~drawn.treated).sum())) < 2:
        return None
    try:
        ends = _ends(drawn, fit_propensity(drawn).fitted)
    except DoableError:
        return None
    return [ends(each) for each in factors]


def _ends(sample: Sample, propensity: Floats) -> Callable[[float], tuple[float, float]]:
    """The least and the largest effect as a function of the factor."""
    arms = [_arm(sample, propensity, treated) for treated in (False, True)]

    def ends(factor: float) -> tuple[float, float]:
        control, treated = (_extremes(*each, factor) for each in arms)
        return treated[0] - control[1], treated[1] - control[0]

    return ends


def _arm(sample: Sample, propensity: Floats, treated: bool) -> tuple[Floats, Floats, Floats]:
    """Outcomes of an arm from the largest down, the part of each weight that is sure, and the part that odds multiply.

    A weight 1 / e is one plus the odds of the other arm, of which only the odds are in doubt.
    """
    own = sample.treated == treated
    odds = (1 - propensity[own]) / propensity[own] if treated else propensity[own] / (1 - propensity[own])
    inside = {"everyone": (1.0, 1.0), "treated": (1.0, 0.0) if treated else (0.0, 1.0)}
    sure, doubtful = inside.get(sample.target, (0.0, 1.0) if treated else (1.0, 0.0))
    order = np.argsort(-sample.outcome[own], kind="stable")
    return sample.outcome[own][order], np.full(len(order), sure), doubtful * odds[order]


def _extremes(outcome: Floats, sure: Floats, odds: Floats, factor: float) -> tuple[float, float]:
    """The least and the largest normalised mean of one arm."""
    return -_largest(-outcome[::-1], sure[::-1], odds[::-1], factor), _largest(outcome, sure, odds, factor)


def _largest(outcome: Floats, sure: Floats, odds: Floats, factor: float) -> float:
    weight = sure + odds / factor
    more = odds * (factor - 1 / factor)
    above = weight @ outcome + np.concatenate([[0.0], np.cumsum(more * outcome)])
    below = weight.sum() + np.concatenate([[0.0], np.cumsum(more)])
    return float((above / below).max())


def _tipping(ends: Callable[[float], tuple[float, float]]) -> float:
    start = ends(1.0)[0]

    def holds_zero(factor: float) -> bool:
        low, high = ends(factor)
        return bool(low <= 0 <= high)

    if start == 0:
        return 1.0
    low, high = 1.0, 2.0
    while not holds_zero(high):
        low, high = high, high**2
        if high > LARGEST:
            return math.inf
    while high - low > 1e-6 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if holds_zero(middle) else (middle, high)
    return high
