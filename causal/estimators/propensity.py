"""Propensities with trimming as a visible choice, and the weights that follow from them."""

from __future__ import annotations

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import Floats, Sample
from causal.estimators.method import check_range
from causal.estimators.nuisance import LinearIndex, fit_propensity


def bounds_of(title: str, trim: float, above: float | None) -> tuple[float, float]:
    """The lowest and the highest propensity that stay: `trim` and one minus it, or from `trim` to `above`.

    Raises OptionProblem.
    """
    if above is None:
        check_range(title, "trim", trim, 0.0, 0.5)
        return trim, 1 - trim
    check_range(title, "trim", trim, 0.0, 1.0)
    if not trim < above <= 1:
        raise OptionProblem(
            f'{title}: the option "trim_above" is {above:g}; it must be above "trim", which is {trim:g}, and at most 1.'
        )
    return trim, above


def trim_and_fit(
    title: str, sample: Sample, trim: float, above: float | None = None
) -> tuple[Sample, LinearIndex, float]:
    """The sample within `bounds_of` trimming, the propensity model fitted on it, and the share of units left out.

    The model is fitted once on all units to decide who stays, then again on those (Crump et al. 2009, Biometrika 96).
    The standard error treats the trimmed population as given.

    Raises OptionProblem, TooFewUnits, PerfectSeparation.
    """
    low, high = bounds_of(title, trim, above)
    if (low, high) == (0.0, 1.0):
        return sample, fit_propensity(sample), 0.0
    first = fit_propensity(sample).fitted
    inside = (first >= low) & (first <= high)
    if inside.all():
        return sample, fit_propensity(sample), 0.0
    kept = sample.keep(inside)
    return kept, fit_propensity(kept), float(1 - inside.mean())


def optimal_trim(title: str, sample: Sample, propensity: Floats) -> float:
    """The bound beyond which leaving units out makes the average effect of the others most precise.

    Crump, Hotz, Imbens and Mitnik (2009), Biometrika 96: 187-199, theorem 1: it minimises the efficiency bound under
    equal noise, the sum of 1 / (e (1 - e)) over the units kept by the square of their number; 0 where all are kept.

    Raises OptionProblem for another target than everyone.
    """
    if sample.target != "everyone":
        raise OptionProblem(
            f"{title}: the optimal trimming is Crump's rule for everyone. Give a bound, or ask about everyone."
        )
    noise = np.sort(1 / (propensity * (1 - propensity)))
    bound = np.cumsum(noise) / np.arange(1, len(noise) + 1) ** 2
    last = int(np.argmin(bound[::-1]))  # of equal bounds the one that keeps most
    if last == 0:
        return 0.0
    worst = float(noise[len(noise) - 1 - last])
    return (0.5 - float(np.sqrt(max(0.25 - 1 / worst, 0.0)))) * (1 - 1e-9)  # the last unit kept stays inside


def target_tilt(sample: Sample, propensity: Floats) -> Floats:
    """(n,) how much each unit belongs to the target population: e(1 - e) for "overlap", else one or zero.

    Li, Morgan and Zaslavsky (2018), JASA 113: 390-400, call it h.
    """
    return propensity * (1 - propensity) if sample.target == "overlap" else sample.target_weight


def target_tilt_slope(sample: Sample, propensity: Floats) -> Floats:
    """(n,) derivative of `target_tilt` by the propensity's index."""
    if sample.target != "overlap":
        return np.zeros(len(sample))
    return propensity * (1 - propensity) * (1 - 2 * propensity)


def target_weights(sample: Sample, propensity: Floats) -> tuple[Floats, Floats]:
    """(n,) weights that carry each arm to the target population; zero outside the arm. Control first."""
    treated = sample.treated
    own = np.where(treated, propensity, 1 - propensity)
    if sample.target == "everyone":
        return np.where(treated, 0.0, 1 / own), np.where(treated, 1 / own, 0.0)
    if sample.target == "overlap":
        return np.where(treated, 0.0, 1 - own), np.where(treated, 1 - own, 0.0)
    odds = (1 - own) / own
    if sample.target == "treated":
        return np.where(treated, 0.0, odds), treated.astype(np.float64)
    return (~treated).astype(np.float64), np.where(treated, odds, 0.0)


def target_weight_slopes(sample: Sample, propensity: Floats) -> tuple[Floats, Floats]:
    """(n,) derivatives of `target_weights` by the propensity's index. Control first."""
    treated = sample.treated
    nothing = np.zeros(len(sample))
    own = np.where(treated, propensity, 1 - propensity)
    if sample.target == "overlap":
        spread = own * (1 - own)
        return np.where(treated, 0.0, spread), np.where(treated, -spread, 0.0)
    odds = (1 - own) / own
    rising, falling = np.where(treated, 0.0, odds), np.where(treated, -odds, 0.0)
    if sample.target == "everyone":
        return rising, falling
    return (rising, nothing) if sample.target == "treated" else (nothing, falling)
