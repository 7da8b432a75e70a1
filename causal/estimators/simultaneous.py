"""Intervals that hold all at once: the largest of several standardised errors, from their joint distribution.

Hothorn, Bretz and Westfall (2008), Biometrical Journal 50: 346-363 (max-t); stepping down: Romano and Wolf (2005),
Econometrica 73: 1237-1282. The distribution is drawn, with a seed, so the same question gives the same digits.
"""

from __future__ import annotations

import math

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import Flags, Floats
from causal.estimators.estimate import quantile
from causal.estimators.one_thread import one_thread

DRAWS = 40_000
"""A quantile at 95 % is then known to about 0.008."""

_AT_ONCE = 5_000


@one_thread
def largest_errors(covariance: Floats, degrees_of_freedom: float = math.inf, seed: int = 0) -> Floats:
    """(DRAWS,) largest absolute standardised error of estimates with this covariance (k, k), sorted.

    Estimates without a variance stand still and count for nothing.
    """
    return np.sort(np.abs(_standardised(covariance, degrees_of_freedom, seed)).max(axis=1, initial=0.0))


def critical_value(
    covariance: Floats, level: float, degrees_of_freedom: float = math.inf, drawn: Floats | None = None, seed: int = 0
) -> float:
    """How many standard errors on either side hold all of the estimates at once with chance `level`.

    `drawn` is what `largest_errors` gave for them, if it is at hand. Never less than one estimate alone takes, nor more
    than Bonferroni's.

    Raises OptionProblem for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
    count = int((np.diag(covariance) > 0).sum())
    alone = quantile(0.5 + level / 2, degrees_of_freedom)
    if count <= 1:
        return alone
    errors = largest_errors(covariance, degrees_of_freedom, seed) if drawn is None else drawn
    most = quantile(1 - (1 - level) / 2 / count, degrees_of_freedom)
    return min(max(float(np.quantile(errors, level)), alone), most)


def adjusted_p_values(statistics: Floats, drawn: Floats) -> Floats:
    """(k,) chance that the largest of the standardised errors, as drawn, is at least as far out as each statistic."""
    beyond = len(drawn) - np.searchsorted(drawn, np.abs(statistics), side="left")
    return np.asarray(beyond / len(drawn))


def clearly_below(
    means: Floats, covariance: Floats, level: float, degrees_of_freedom: float = math.inf, seed: int = 0
) -> Flags:
    """(k, k) whether the row's mean is below the column's, all statements true at once with chance `level`.

    One-sided comparisons of all ordered pairs, stepping down until nothing more is rejected.
    """
    k = len(means)
    pairs = [(low, high) for low in range(k) for high in range(k) if low != high]
    contrasts = np.zeros((len(pairs), k))
    for place, (low, high) in enumerate(pairs):
        contrasts[place, high], contrasts[place, low] = 1.0, -1.0
    spread = contrasts @ covariance @ contrasts.T
    root = np.sqrt(np.maximum(np.diag(spread), 0.0))
    gaps = contrasts @ means
    statistics = np.divide(gaps, root, out=np.full(len(pairs), -np.inf), where=root > 0)
    statistics[(root == 0) & (gaps > 0)] = np.inf
    draws = _standardised(covariance, degrees_of_freedom, seed, contrasts, root)
    rejected = np.zeros(len(pairs), dtype=bool)
    while not rejected.all():
        cut = float(np.quantile(draws[:, ~rejected].max(axis=1), level))
        new = ~rejected & (statistics > cut)
        if not new.any():
            break
        rejected |= new
    below = np.zeros((k, k), dtype=bool)
    for (low, high), found in zip(pairs, rejected, strict=True):
        below[low, high] = found
    return below


def _standardised(
    covariance: Floats,
    degrees_of_freedom: float,
    seed: int,
    contrasts: Floats | None = None,
    root: Floats | None = None,
) -> Floats:
    """(draws, k) jointly normal (Student's) errors, or their contrasts, each over its standard error."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    half = vectors * np.sqrt(np.maximum(values, 0.0))
    if contrasts is None or root is None:
        contrasts, root = np.eye(len(covariance)), np.sqrt(np.maximum(np.diag(covariance), 0.0))
    ways = contrasts @ half
    ways = np.divide(ways, root[:, None], out=np.zeros_like(ways), where=root[:, None] > 0)
    rng = np.random.default_rng(seed)
    draws = DRAWS if len(ways) <= 60 else max(DRAWS * 60 // len(ways), _AT_ONCE)  # a quantile for many needs fewer
    found = np.empty((draws, len(ways)))
    for start in range(0, draws, _AT_ONCE):
        count = min(_AT_ONCE, draws - start)
        normal = rng.standard_normal((count, len(half)))
        if math.isfinite(degrees_of_freedom):
            normal /= np.sqrt(rng.chisquare(degrees_of_freedom, count) / degrees_of_freedom)[:, None]
        found[start : start + count] = normal @ ways.T
    return found
