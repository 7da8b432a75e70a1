"""Whether chains of draws have come to the same distribution, and how many independent draws they are worth.

Rank-normalised split R-hat, bulk and tail effective sample size: Vehtari, Gelman, Simpson, Carpenter and Bürkner
(2021), Bayesian Analysis 16: 667-718; autocorrelations are cut off as in Geyer (1992), Statistical Science 7: 473-483.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def r_hat(draws: Floats) -> float:
    """Of (chains, draws): the larger of that of the ranks, and that of the ranks of distances from the median."""
    folded = np.abs(draws - np.median(draws))
    return max(_split_r_hat(_normal_ranks(draws)), _split_r_hat(_normal_ranks(folded)))


def bulk_size(draws: Floats) -> float:
    """Effective sample size for the centre of the distribution."""
    return _effective(_split(_normal_ranks(draws)))


def tail_size(draws: Floats) -> float:
    """Effective sample size for its 5 % and 95 % quantiles, the smaller of the two."""
    ends = np.quantile(draws, (0.05, 0.95))
    return min(_effective(_split((draws <= end).astype(np.float64))) for end in ends)


def mean_size(draws: Floats) -> float:
    """Effective sample size for the mean."""
    return _effective(_split(draws))


def _split(draws: Floats) -> Floats:
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normal_ranks(draws: Floats) -> Floats:
    ranks = stats.rankdata(draws, method="average").reshape(draws.shape)
    return np.asarray(stats.norm.ppf((ranks - 0.375) / (draws.size + 0.25)))


def _split_r_hat(draws: Floats) -> float:
    parts = _split(draws)
    n = parts.shape[1]
    within = float(parts.var(axis=1, ddof=1).mean())
    if within == 0:
        return 1.0 if float(np.ptp(parts)) == 0 else float("inf")
    between = n * float(parts.mean(axis=1).var(ddof=1))
    return float(np.sqrt(((n - 1) / n * within + between / n) / within))


def _effective(parts: Floats) -> float:
    n = parts.shape[1]
    within = float(parts.var(axis=1, ddof=1).mean())
    if within == 0:
        return float(parts.size)
    pooled = (n - 1) / n * within + float(parts.mean(axis=1).var(ddof=1))
    lags = np.mean([_autocovariance(each) for each in parts], axis=0)
    rho = 1 - (within - lags * n / (n - 1)) / pooled
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    pairs[0] = 1 + rho[1]
    negative = np.flatnonzero(pairs < 0)
    kept = np.minimum.accumulate(pairs[: negative[0] if len(negative) else len(pairs)])
    time = max(-1 + 2 * float(kept.sum()), 1 / np.log10(parts.size))
    return float(parts.size / time)


def _autocovariance(chain: Floats) -> Floats:
    n = len(chain)
    spectrum = np.fft.rfft(chain - chain.mean(), 2 * n)
    return np.asarray(np.fft.irfft(spectrum * np.conj(spectrum))[:n] / n)
