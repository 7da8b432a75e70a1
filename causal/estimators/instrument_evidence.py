"""What the instruments say by themselves: how strongly they move the treatment, and the region of Anderson and Rubin.

Effective F and its critical value: Montiel Olea and Pflueger (2013), Journal of Business and Economic Statistics 31:
358-369. Region: Anderson and Rubin (1949), Annals of Mathematical Statistics 20: 46-63, with robust covariance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan, inf, isinf, pi, sqrt, tan
from typing import Any

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import Floats
from causal.estimators.ratio_region import Region, ratio_region

WORST_BIAS = 0.1
"""Instruments count as strong where the bias is at most this share of the worst that there could be."""

DIRECTIONS = 2_001
"""Values tried along the whole line before the ends of a region are found exactly."""


@dataclass(frozen=True)
class InstrumentEvidence:
    """Both regressions on the K instruments, covariates held, and the tests that follow from them.

    `reduced_form` and `first_stage` (K): what one unit of each instrument does to outcome and treatment; `covariance`
    (2K, 2K) of both, the reduced form first; `degrees`: residual degrees of freedom (infinite: normal theory).
    `f` tests that no instrument moves the treatment, `effective_f` is to exceed `critical_f`. `disagreement` tests that
    the instruments say the same (Sargan's, or Hansen's J where robust), None with a single one. `movers` is the share
    of units that a yes-or-no instrument moves, None with others.
    """

    instruments: tuple[str, ...]
    reduced_form: tuple[float, ...]
    first_stage: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    degrees: float
    f: float
    effective_f: float
    critical_f: float
    partial_r2: float
    disagreement: float | None = None
    disagreement_degrees: int = 0
    disagreement_p: float | None = None
    movers: float | None = None

    @property
    def is_strong(self) -> bool:
        """Whether the effective F exceeds its critical value, so that the usual interval may be trusted."""
        return self.effective_f > self.critical_f

    def region(self, level: float = 0.95) -> Region:
        """Every effect that the instruments do not contradict at this confidence, whatever their strength.

        Sorted intervals whose ends may be infinite; () where they contradict every effect, i.e. one another.

        Raises OptionProblem for a level outside 0 to 1.
        """
        if not 0 < level < 1:
            raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
        count = len(self.first_stage)
        limit = _limit(count, self.degrees, level)
        if count == 1:
            (above, cross), (_, below) = self.covariance
            return ratio_region(self.reduced_form[0], self.first_stage[0], above, below, cross, limit)
        return _scanned(self, limit * count)

    def contradiction(self, effect: Floats) -> Floats:
        """The Wald statistic of each effect, to be held against chi-squared or K times F."""
        count = len(self.first_stage)
        both = np.array(self.covariance)
        above, below, cross = both[:count, :count], both[count:, count:], both[:count, count:]
        b = np.asarray(effect, dtype=np.float64)[:, None, None]
        variance = above - b * (cross + cross.T) + b**2 * below
        apart = np.array(self.reduced_form) - b[:, :, 0] * np.array(self.first_stage)
        return np.asarray(np.einsum("ij,ij->i", apart, np.linalg.solve(variance, apart[:, :, None])[:, :, 0]))


def evidence_from_json(document: Mapping[str, Any]) -> InstrumentEvidence:
    """The evidence from its fields as plain values."""
    values = dict(document)
    for name in ("instruments", "reduced_form", "first_stage"):
        values[name] = tuple(values[name])
    values["covariance"] = tuple(tuple(row) for row in values["covariance"])
    return InstrumentEvidence(**values)


def critical_effective_f(spread: Floats) -> float:
    """What the effective F must exceed at 5 % for a bias of at most WORST_BIAS; `spread` (K, K) as in the paper.

    The simplified critical value, which holds for every direction of the bias.
    """
    from scipy.stats import ncx2

    x = 1 / WORST_BIAS
    trace, largest = float(np.trace(spread)), float(np.linalg.eigvalsh(spread)[-1])
    squares = float(np.trace(spread.T @ spread))
    if not trace > 0:
        return float(ncx2.ppf(0.95, 1, x))
    count = trace**2 * (1 + 2 * x) / (squares + 2 * x * trace * largest)
    return float(ncx2.ppf(0.95, count, count * x) / count)


def _limit(count: int, degrees: float, level: float) -> float:
    from scipy.stats import chi2, f

    return float(chi2.ppf(level, count) / count if isinf(degrees) else f.ppf(level, count, degrees))


def _scanned(evidence: InstrumentEvidence, limit: float) -> Region:
    """The region of several instruments: a smooth function on the line bent to a circle, its crossings by bisection."""
    centre, width = _centre(evidence)
    angles = np.linspace(-pi / 2, pi / 2, DIRECTIONS + 2)[1:-1]
    near = np.concatenate([angles, [atan(0.0)]])
    near.sort()

    def beyond(angle: float) -> bool:
        return bool(evidence.contradiction(np.array([centre + width * tan(angle)]))[0] > limit)

    outside = evidence.contradiction(centre + width * np.tan(near)) > limit
    ends = [-inf] if not outside[0] else []
    for place in np.flatnonzero(outside[1:] != outside[:-1]):
        low, high = float(near[place]), float(near[place + 1])
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if beyond(middle) == bool(outside[place]) else (low, middle)
        ends.append(centre + width * tan((low + high) / 2))
    if not outside[-1]:
        ends.append(inf)
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def _centre(evidence: InstrumentEvidence) -> tuple[float, float]:
    """Where to look most closely: the effect that fits best in the metric of the first stage, and its rough error."""
    count = len(evidence.first_stage)
    moved, shown = np.array(evidence.first_stage), np.array(evidence.reduced_form)
    both = np.array(evidence.covariance)
    metric = np.linalg.pinv(both[:count, :count])
    strength = float(moved @ metric @ moved)
    if strength <= 0:
        return 0.0, 1.0
    return float(moved @ metric @ shown) / strength, 1 / sqrt(strength)
