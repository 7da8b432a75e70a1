"""First stage of ordered columns: each column alone, given the exogenous ones, with every row's score.

An ordered column is a normal response cut at thresholds; given exogenous columns it is an ordered probit (McKelvey and
Zavoina 1975), a quantity a regression. Muthén (1984), "A general structural equation model with dichotomous, ordered
categorical, and continuous latent variable indicators", Psychometrika 49.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from causal.errors import EstimationError

Array = NDArray[np.float64]

FAR = 38.0
"""So far out that the normal distribution has nothing beyond it, in doubles."""
_STEPS = 200
_DONE = 1e-20


def density(at: Array) -> Array:
    """Of the standard normal."""
    return np.asarray(np.exp(-0.5 * at * at) / np.sqrt(2 * np.pi))


@dataclass(frozen=True)
class Margin:
    """One column: `levels` of an ordered one, 0 of a quantity; `parameters` as `names` of the model count them.

    Of an ordered column: thresholds, then slopes of the exogenous columns. Of a quantity: mean, slopes, variance.
    """

    levels: int
    parameters: Array

    @property
    def cuts(self) -> int:
        """How many thresholds; 1 for the mean of a quantity."""
        return self.levels - 1 if self.levels else 1

    @property
    def variance(self) -> float:
        """Of what the exogenous columns leave."""
        return 1.0 if self.levels else float(self.parameters[-1])

    @property
    def slopes(self) -> Array:
        """Of the exogenous columns."""
        return self.parameters[self.cuts :] if self.levels else self.parameters[1:-1]


def limits(margin: Margin, codes: NDArray[np.intp], outside: Array) -> tuple[Array, Array]:
    """Between which two points each row's normal response lies, the exogenous columns' part taken off: upper, lower."""
    ends = np.concatenate([[-FAR], margin.parameters[: margin.cuts], [FAR]])
    shift = outside @ margin.slopes
    return np.clip(ends[codes + 1] - shift, -FAR, FAR), np.clip(ends[codes] - shift, -FAR, FAR)


def standing(margin: Margin, values: Array, outside: Array) -> Array:
    """Of a quantity: each row's distance from what is expected of it, in standard deviations."""
    return np.asarray((values - margin.parameters[0] - outside @ margin.slopes) / np.sqrt(margin.variance))


def ordered_margin(codes: NDArray[np.intp], levels: int, outside: Array, weights: Array, name: str) -> Margin:
    """The thresholds and slopes of greatest likelihood, by Fisher scoring.

    Raises EstimationError where the exogenous columns tell the levels apart completely.
    """
    shares = np.bincount(codes, weights, levels) / weights.sum()
    start = special.ndtri(np.cumsum(shares)[:-1])
    found = Margin(levels, np.concatenate([start, np.zeros(outside.shape[1])]))
    if outside.shape[1] == 0:
        return found
    for _ in range(_STEPS):
        slope, information = _information(found, codes, outside, weights)
        step: Array = np.asarray(np.linalg.solve(information, slope))
        distance = float(slope @ step)
        found = _stepped(found, step)
        if distance < _DONE * weights.sum():
            return found
    raise EstimationError(
        f'The thresholds of "{name}" could not be found: the columns that cause it and are caused by nothing tell its '
        "levels apart completely. Leave one of them out, or put levels together."
    )


def _stepped(margin: Margin, step: Array) -> Margin:
    """The whole step, halved until the thresholds stay in order."""
    while True:
        moved = margin.parameters + step
        if (np.diff(moved[: margin.cuts]) > 0).all():
            return Margin(margin.levels, moved)
        step = np.asarray(step / 2)


def _information(margin: Margin, codes: NDArray[np.intp], outside: Array, weights: Array) -> tuple[Array, Array]:
    """The score summed over rows, and its expected information."""
    slope = ordered_scores(margin, codes, outside).T @ weights
    information = np.zeros((len(slope), len(slope)))
    for level in range(margin.levels):
        whole = np.full(len(codes), level)
        scores = ordered_scores(margin, whole, outside)
        upper, lower = limits(margin, whole, outside)
        chance = np.maximum(special.ndtr(upper) - special.ndtr(lower), 1e-300)
        information += scores.T @ (scores * (weights * chance)[:, None])
    return slope, information


def ordered_scores(margin: Margin, codes: NDArray[np.intp], outside: Array) -> Array:
    """(rows, parameters): the derivative of each row's log-likelihood."""
    upper, lower = limits(margin, codes, outside)
    chance = np.maximum(special.ndtr(upper) - special.ndtr(lower), 1e-300)
    return by_parameter(margin, codes, outside, density(upper) / chance, -density(lower) / chance)


def by_parameter(margin: Margin, codes: NDArray[np.intp], outside: Array, by_upper: Array, by_lower: Array) -> Array:
    """Derivatives by the two limits as derivatives by thresholds and slopes."""
    rows = np.arange(len(codes))
    found = np.zeros((len(codes), margin.cuts + 2))
    found[rows, codes + 1] += by_upper
    found[rows, codes] += by_lower
    return np.hstack([found[:, 1:-1], -(by_upper + by_lower)[:, None] * outside])


def quantity_margin(values: Array, outside: Array, weights: Array) -> Margin:
    """Mean, slopes and variance, by least squares with divisor n."""
    design = np.column_stack([np.ones(len(values)), outside])
    root = np.sqrt(weights)
    found = np.linalg.lstsq(design * root[:, None], values * root)[0]
    apart = values - design @ found
    return Margin(0, np.concatenate([found, [float(weights @ apart**2 / weights.sum())]]))


def quantity_scores(margin: Margin, values: Array, outside: Array) -> Array:
    """(rows, parameters): the derivative of each row's log-likelihood."""
    z, spread = standing(margin, values, outside), np.sqrt(margin.variance)
    by_mean = (z / spread)[:, None]
    return np.hstack([by_mean, by_mean * outside, ((z * z - 1) / (2 * margin.variance))[:, None]])
