"""How well a model explains the means and covariances, beside one in which nothing is related.

Chi-square by the likelihood ratio against the unrestricted moments; CFI (Bentler 1990), TLI (Tucker and Lewis 1973),
RMSEA with its interval (Steiger 1990; Browne and Cudeck 1993), SRMR (Bentler 1995), AIC and BIC, as lavaan counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from causal.structural.implied import implied
from causal.structural.likelihood import Group
from causal.structural.moments import Moments


@dataclass(frozen=True)
class FitMeasures:
    """Of one fitted model. NaN where the model has no degree of freedom to be wrong with."""

    chi2: float
    df: int
    p_value: float
    baseline_chi2: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_interval: tuple[float, float]
    srmr: float
    log_likelihood: float
    aic: float
    bic: float


@dataclass(frozen=True)
class FitTest:
    """The measures as they come; and of ordered columns, `scaled`: from the adjusted chi-square.

    The adjusted chi-square is that of `plain` divided by `scaling`, plus `shift`.
    """

    plain: FitMeasures
    scaled: FitMeasures | None
    scaling: float
    shift: float


def comparative(chi2: float, df: int, baseline_chi2: float, baseline_df: int) -> tuple[float, float]:
    """CFI and TLI."""
    above, baseline_above = max(chi2 - df, 0.0), max(baseline_chi2 - baseline_df, chi2 - df, 0.0)
    cfi = 1.0 if above == 0 else 1 - above / baseline_above
    if df == 0 or baseline_df == 0:
        return cfi, 1.0
    ratio = baseline_chi2 / baseline_df
    return cfi, float("nan") if ratio == 1 else (ratio - chi2 / df) / (ratio - 1)


def rmsea_of(chi2: float, df: int, n: int, groups: int, level: float = 0.90) -> tuple[float, tuple[float, float]]:
    """RMSEA and its interval, which is of 90 % by custom."""
    if df == 0:
        return 0.0, (0.0, 0.0)
    point = np.sqrt(max((chi2 - df) / (n * df), 0.0) * groups)
    ends = [
        np.sqrt(_noncentrality(chi2, df, share) / (n * df) * groups) for share in ((1 + level) / 2, (1 - level) / 2)
    ]
    return float(point), (float(ends[0]), float(ends[1]))


def _noncentrality(chi2: float, df: int, share: float) -> float:
    """The noncentrality under which a share of draws lies below chi2; zero where none does."""
    if stats.chi2.cdf(chi2, df) < share:
        return 0.0
    upper = max(chi2, 1.0)
    while stats.ncx2.cdf(chi2, df, upper) > share:
        upper *= 2
    return float(optimize.brentq(lambda each: stats.ncx2.cdf(chi2, df, each) - share, 1e-12, upper, xtol=1e-10))


def srmr_of(groups: Sequence[Group], saturated: Sequence[Moments], theta: NDArray[np.float64]) -> float:
    """The root of the mean squared residual of means and covariances, in standard deviations of the data."""
    total = sum(group.n for group in groups)
    found = 0.0
    for group, seen in zip(groups, saturated, strict=True):
        at = implied(group.layout, theta)
        spread = np.sqrt(np.diag(seen.covariance))
        residual = (seen.covariance - at.covariance) / np.outer(spread, spread)
        squares = [residual[np.tril_indices(len(spread))] ** 2]
        if group.layout.means:
            squares.append(((seen.mean - at.mean) / spread) ** 2)
        found += group.n / total * float(np.sqrt(np.concatenate(squares).mean()))
    return found
