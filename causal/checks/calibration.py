"""Whether predicted chances come true, and whether what a model leaves over has a pattern.

Calibration by the intercept and slope of a logistic regression of what happened on the logit of what was predicted: Cox
(1958), Biometrika 45: 562-565; Van Calster et al. (2016), Journal of Clinical Epidemiology 74: 167-176. Shares with
Wilson's (1927) interval. Binned residuals: Gelman and Hill (2007), section 5.6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, expit, ndtri

from causal.estimators.design import Floats
from causal.estimators.folds import Places
from causal.estimators.nuisance import fit_logistic, inverse_of

GROUPS = 10
"""Groups of equal size, by what was predicted."""

RESIDUAL_GROUPS = 20
FEWEST_IN_GROUP = 5


@dataclass(frozen=True)
class ReliabilityGroup:
    """Units with similar predictions: the mean `predicted`, and the share `observed` with its interval."""

    units: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Perfect is an intercept of 0 and a slope of 1; `p_value` is that of both at once (Wald, two degrees of freedom).

    A slope below 1: the predictions are too extreme; above 1: too timid. NaN where all predictions are the same.
    """

    intercept: float
    intercept_error: float
    slope: float
    slope_error: float
    p_value: float
    groups: tuple[ReliabilityGroup, ...]

    def slope_interval(self, level: float = 0.95) -> tuple[float, float]:
        """By the normal distribution."""
        reach = float(ndtri(0.5 + level / 2)) * self.slope_error
        return self.slope - reach, self.slope + reach


@dataclass(frozen=True)
class ResidualGroup:
    """Units with similar fitted means: their mean residual (seen minus fitted) and its standard error."""

    units: int
    fitted: float
    residual: float
    std_error: float

    @property
    def beyond(self) -> bool:
        """Whether the mean residual lies beyond two standard errors: of a right model one in twenty do."""
        return abs(self.residual) > 2 * self.std_error


def calibration(chance: Floats, happened: Floats, clusters: Places | None = None, level: float = 0.95) -> Calibration:
    """How predictions (n,) that have not seen their unit compare with what `happened` (n,), 0 or 1."""
    groups = tuple(_reliability(chance, happened, level))
    index = np.log(chance) - np.log1p(-chance)
    centre, scale = float(index.mean()), float(index.std())
    if scale <= 1e-9 or np.ptp(happened) == 0:
        return Calibration(math.nan, math.nan, math.nan, math.nan, math.nan, groups)
    model = np.column_stack([np.ones(len(index)), (index - centre) / scale])
    coefficients = fit_logistic(model, happened)
    fitted = expit(model @ coefficients)
    bread = inverse_of(model.T @ (model * (fitted * (1 - fitted))[:, None]))
    scores: Floats = model * (happened - fitted)[:, None]
    if clusters is None:
        meat = np.asarray(scores.T @ scores, np.float64)
    else:
        count = int(clusters.max()) + 1
        sums = np.column_stack([np.bincount(clusters, each, minlength=count) for each in scores.T])
        meat = np.asarray(count / max(count - 1, 1) * (sums.T @ sums), np.float64)
    covariance = bread @ meat @ bread
    back = np.array([[1.0, -centre / scale], [0.0, 1 / scale]])  # from the standardised index to its own units
    own, covariance = back @ coefficients, back @ covariance @ back.T
    off = own - np.array([0.0, 1.0])
    statistic = float(off @ np.linalg.pinv(covariance) @ off)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Calibration(
        float(own[0]), float(errors[0]), float(own[1]), float(errors[1]), float(chdtrc(2, statistic)), groups
    )


def _reliability(chance: Floats, happened: Floats, level: float) -> list[ReliabilityGroup]:
    found = []
    quantile = float(ndtri(0.5 + level / 2))
    for inside in _groups(chance, GROUPS):
        size, share = len(inside), float(happened[inside].mean())
        centre = (share + quantile**2 / (2 * size)) / (1 + quantile**2 / size)
        spread = math.sqrt(share * (1 - share) / size + quantile**2 / (4 * size**2))
        reach = quantile * spread / (1 + quantile**2 / size)
        found.append(
            ReliabilityGroup(
                size, float(chance[inside].mean()), share, max(centre - reach, 0.0), min(centre + reach, 1.0)
            )
        )
    return found


def residual_groups(fitted: Floats, seen: Floats) -> tuple[ResidualGroup, ...]:
    """The mean residual of units with similar fitted means, lowest first."""
    found = []
    for inside in _groups(fitted, RESIDUAL_GROUPS):
        left = seen[inside] - fitted[inside]
        error = float(left.std(ddof=1)) / math.sqrt(len(left)) if len(left) > 1 else math.nan
        found.append(ResidualGroup(len(left), float(fitted[inside].mean()), float(left.mean()), error))
    return tuple(found)


def has_pattern(groups: Sequence[ResidualGroup]) -> bool:
    """Whether mean residuals lie further from zero together than chance brings them in 99 of 100 right models.

    By the sum of their squares in standard errors, chi-squared with as many degrees of freedom as there are groups.
    """
    distances = [(each.residual / each.std_error) ** 2 for each in groups if each.std_error > 0]
    return bool(distances) and float(chdtrc(len(distances), sum(distances))) < 0.01


def _groups(values: Floats, count: int) -> list[Places]:
    """Places of about equal groups by value; equal values stay together, and no group is smaller than five."""
    count = max(min(count, len(values) // FEWEST_IN_GROUP), 1)
    edges = np.unique(np.quantile(values, np.arange(1, count) / count))
    place = np.searchsorted(edges, values, side="right")
    return [inside for group in range(len(edges) + 1) if len(inside := np.flatnonzero(place == group))]


def told_apart(chance: Floats, happened: Floats) -> float:
    """The chance that a unit to which it happened has the higher prediction than one to which not (area under ROC)."""
    from scipy.stats import rankdata

    yes = happened > 0.5
    many, others = int(yes.sum()), int((~yes).sum())
    if not many or not others:
        return math.nan
    return float((rankdata(chance)[yes].sum() - many * (many + 1) / 2) / (many * others))


def log_loss(chance: Floats, happened: Floats) -> float:
    """Minus the mean logarithm of the chance of what happened."""
    return float(-np.mean(np.where(happened > 0.5, np.log(chance), np.log1p(-chance))))
