"""What matches say of the two arms' means, and how sure they are.

With replacement: Abadie and Imbens (2006), Econometrica 74: 235-267; with the fitted score: Abadie and Imbens (2016),
Econometrica 84: 781-807; the bias adjustment: Abadie and Imbens (2011), Journal of Business & Economic Statistics 29:
1-11.
Without replacement: Abadie and Spiess (2022), JASA 117: 983-995.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.neighbours import Neighbours, Places, Space, nearest
from causal.estimators.nuisance import LinearIndex, inverse_of

_Arms = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Matches:
    """Who is compared with whom.

    `asking` and `found`: per direction the units that ask and their donors, first those that ask for a control.
    `kept` (n,) flags the units of the target that have a match; `times` (n,) how often a unit's outcome serves for
    others; `times_squared` (n,) the same with squared shares.
    """

    asking: tuple[Places, ...]
    found: tuple[Neighbours, ...]
    kept: Flags
    times: Floats
    times_squared: Floats

    @classmethod
    def of(cls, sample: Sample, asking: tuple[Places, ...], found: tuple[Neighbours, ...]) -> Matches:
        """The matches of the units that ask in each direction."""
        n = len(sample)
        kept, times, times_squared = np.zeros(n, dtype=bool), np.zeros(n), np.zeros(n)
        for units, donors in zip(asking, found, strict=True):
            size = donors.size
            kept[units] = size > 0
            share = np.where(size > 0, 1 / np.maximum(size, 1), 0.0)
            times += donors.shared_out(share, n)
            times_squared += donors.shared_out(share**2, n)
        return cls(asking, found, kept, times, times_squared)

    @property
    def target_weight(self) -> Floats:
        """(n,) one for a unit whose effect is estimated, else zero."""
        return self.kept.astype(np.float64)

    @property
    def weights(self) -> Floats:
        """(n,) what each outcome weighs in its arm's mean, up to the number of units kept."""
        return self.target_weight + self.times


def imputed_outcomes(sample: Sample, matches: Matches, predicted: _Arms) -> Floats:
    """(2, n) outcomes under control and under treatment: a unit's own, or its donors' mean moved to its covariates.

    `predicted`: two arrays (n,), by whose difference between a unit and its donors the donors' outcomes are moved.
    Only for `kept` units both are meant.
    """
    imputed = np.vstack([sample.outcome, sample.outcome])
    for units, donors in zip(matches.asking, matches.found, strict=True):
        if len(units):
            place = 1 - int(sample.treated[units[0]])
            residual = sample.outcome - predicted[place]
            imputed[place, units] = donors.means(residual) + predicted[place][units]
    return imputed


def predicted_by_regression(sample: Sample, columns: list[int], matches: Matches) -> _Arms:
    """Two arrays (n,): the outcome by least squares on the model's columns, among the donors of each arm.

    Each donor counts as often as it serves (Abadie and Imbens 2011).
    """
    model = sample.model[:, [0, *columns]]
    found = []
    for own in (~sample.treated, sample.treated):
        weight = np.where(own, matches.times, 0.0)
        weighted = model * weight[:, None]
        found.append(model @ (inverse_of(model.T @ weighted) @ (weighted.T @ sample.outcome)))
    return found[0], found[1]


def spread_among(space: Space, own: Places, near: Neighbours, asking: Places, outcome: Floats) -> Floats:
    """(asking,) variance of the outcome where each unit stands, from the units of one arm `near` to it.

    Where there is one only, beyond the stratum. `own`: the arm's units; `outcome` (n,).
    """
    variance, size = _variance(near, outcome)
    alone = size < 2
    if alone.any():
        wider = nearest(space.without_strata(), own, asking[alone], 2)
        variance[alone], _ = _variance(wider, outcome)
    return variance


def _variance(near: Neighbours, values: Floats) -> tuple[Floats, Floats]:
    centred = values - values.mean()
    size, mean, square = near.size, near.means(centred), near.means(centred**2)
    return np.maximum(square - mean**2, 0.0) * size / np.maximum(size - 1, 1), size


def covariance_with_replacement(sample: Sample, matches: Matches, imputed: Floats, spread: Floats) -> Floats:
    """(2, 2): spread of the imputed outcomes over units, plus what each outcome counts beyond its own row."""
    h = matches.target_weight
    means = imputed @ h / h.sum()
    centred = h * (imputed - means[:, None])
    total = centred @ centred.T
    # (h + K)² - h² - K'' with K the times used and K'' their squares: Abadie and Imbens 2006, theorem 7, per arm
    beyond = (matches.times**2 + 2 * h * matches.times - matches.times_squared) * spread
    total[0, 0] += float(beyond[~sample.treated].sum())
    total[1, 1] += float(beyond[sample.treated].sum())
    return np.asarray(total / h.sum() ** 2)


def covariance_of_sets(matches: Matches, imputed: Floats) -> Floats:
    """(2, 2) from the matched sets as clusters, each with its own two means; with the factor S / (S - 1)."""
    sets = imputed[:, matches.kept]
    return np.asarray(np.cov(sets, ddof=1) / sets.shape[1])


def score_correction(
    sample: Sample,
    propensity: LinearIndex,
    matches: Matches,
    imputed: Floats,
    outcome: _Arms,
    near: list[Neighbours],
) -> Floats:
    """(2, 2) what the fitted score changes in the covariance of the means: usually it makes them more precise.

    Abadie and Imbens 2016, theorems 1 and 2, arm by arm: minus the covariance with the score's own equation, plus,
    where the target moves with the score (those treated, those not), the derivative of the target's mean. `outcome`:
    per arm what is matched, net of the regression where there is one; `near`: per arm its units nearest to every unit.
    """
    p, kept = propensity.fitted, matches.kept
    slope, own_share = p * (1 - p), (1 - p, p)
    region = kept | (sample.target_weight == 0)
    size = float(kept.sum())
    leaning = [
        _leaning(sample, near[place], outcome[place], np.where(region, slope / own_share[place], 0.0)) / size
        for place in (0, 1)
    ]
    covariance, derivative = np.vstack([-leaning[0], leaning[1]]), np.zeros((2, sample.model.shape[1]))
    if sample.target != "everyone":
        own_arm, sign = (1, 1.0) if sample.target == "treated" else (0, -1.0)
        means = imputed[:, kept].mean(axis=1)
        for place, own in enumerate((~sample.treated, sample.treated)):
            pull = np.where(own & region, slope / own_share[place] * (sample.outcome - means[place]), 0.0)
            derivative[place] = sign * (pull @ sample.model) / size
        covariance[own_arm] = derivative[own_arm]
        covariance[1 - own_arm] = derivative[1 - own_arm] - sign * leaning[1 - own_arm]
    change = derivative @ propensity.bread @ derivative.T - covariance @ propensity.bread @ covariance.T
    return np.asarray(change / len(sample))


def _leaning(sample: Sample, near: Neighbours, outcome: Floats, factor: Floats) -> Floats:
    """(p,) sum over units of `factor` times the covariance, among those near, of each column with the outcome."""
    values, n = outcome - outcome.mean(), len(sample)
    share = np.where(near.size > 1, factor / np.maximum(near.size - 1, 1), 0.0)
    weight = values * near.shared_out(share, n) - near.shared_out(share * near.means(values), n)
    return np.asarray(weight @ sample.model)
