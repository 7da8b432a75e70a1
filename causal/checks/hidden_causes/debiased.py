"""What a hidden cause would do to an estimate debiased by weights: doubly robust, and double machine learning.

Chernozhukov, Cinelli, Newey, Sharma and Syrgkanis (2022), Long story short: omitted variable bias in causal machine
learning, NBER working paper 30302. The effect is the mean of the outcome times weights (the Riesz representer); what is
left out of the outcome's model and of the weights moves it by at most strength times sqrt(sigma² nu²), sigma² the
outcome's unexplained variance and nu² the weights' mean square (theorem 2). Limits of confidence are one-sided, by the
influence of the bound (theorem 4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from causal.checks.hidden_causes.omitted_variable import equal_strength
from causal.estimators.design import Floats
from causal.estimators.estimate import Interval, quantile
from causal.estimators.fit import Fit
from causal.estimators.uncertainty import covariance_of_means


@dataclass(frozen=True)
class Gain:
    """What one covariate adds: the share of the outcome's unexplained variance, and of the weights' variation.

    A hidden cause as strong as the covariate adds as much.
    """

    covariate: str
    with_outcome: float
    with_treatment: float


@dataclass(frozen=True)
class DebiasedBounds:
    """The bias at unit strength, and the covariance of effect and bias, from which any bound follows.

    `unexplained` is the outcome's unexplained variance, `weight_square` the weights' mean square; `bias` the square
    root of their product; `gains` of the covariates that were left out in turn.
    """

    effect: float
    bias: float
    variance: float
    covariance: float
    bias_variance: float
    unexplained: float
    weight_square: float
    gains: tuple[Gain, ...] = ()

    def bounds(self, with_outcome: float, with_treatment: float) -> Interval:
        """The least and the largest effect, if a hidden cause adds these shares to outcome's model and to weights."""
        reach = strength(with_outcome, with_treatment) * self.bias
        return self.effect - reach, self.effect + reach

    def limits(self, with_outcome: float, with_treatment: float, confidence: float) -> Interval:
        """Limits of confidence for the bounds, each holding with `confidence` by itself."""
        times = strength(with_outcome, with_treatment)
        return self._limit(times, confidence, -1), self._limit(times, confidence, 1)

    def robustness_value(self) -> float:
        """The share of both that brings the effect to zero."""
        return equal_strength(abs(self.effect) / self.bias) if self.bias > 0 else math.nan

    def robustness_value_alpha(self, confidence: float) -> float:
        """The share of both with which the limit of confidence reaches zero; nil where it does so already."""
        side = -1 if self.effect > 0 else 1

        def clear(share: float) -> bool:
            return -side * self._limit(strength(share, share), confidence, side) > 0

        if not self.bias > 0:
            return math.nan
        return _last(clear, self.robustness_value())

    def _limit(self, times: float, confidence: float, side: int) -> float:
        variance = self.variance + 2 * side * times * self.covariance + times**2 * self.bias_variance
        return self.effect + side * (times * self.bias + quantile(confidence) * math.sqrt(max(variance, 0.0)))


def strength(with_outcome: float, with_treatment: float) -> float:
    """How much of the bias at unit strength a hidden cause of these shares makes, where it is at its most adverse."""
    if with_treatment >= 1:
        return math.inf if with_outcome > 0 else 0.0
    return math.sqrt(with_outcome * with_treatment / (1 - with_treatment))


def debiased_bounds(fit: Fit, unexplained: Floats, partially_linear: bool = False) -> DebiasedBounds | None:
    """The bounds of a fit with influences, by what its outcome model left unexplained (n,).

    None where the target is the overlap population, whose weights hang on the propensity twice, and where nothing is
    left unexplained.
    """
    sample = fit.sample
    if fit.influences is None or fit.weights is None or fit.propensity is None or sample.target == "overlap":
        return None
    square = unexplained**2
    sigma = float(square.mean())
    element = _linear_weights(fit) if partially_linear else _weights(fit)
    nu = float(element.mean())
    if not sigma * nu > 0:
        return None
    bias = math.sqrt(sigma * nu)
    of_bias = (sigma * (element - nu) + nu * (square - sigma)) / (2 * bias)
    of_effect = fit.influences[1] - fit.influences[0]
    spread = covariance_of_means((of_effect, of_bias), sample.clusters)
    return DebiasedBounds(
        effect=float(fit.means[1] - fit.means[0]),
        bias=bias,
        variance=float(spread[0, 0]),
        covariance=float(spread[0, 1]),
        bias_variance=float(spread[1, 1]),
        unexplained=sigma,
        weight_square=nu,
    )


def _weights(fit: Fit) -> Floats:
    """(n,) of which the weights' mean square is the mean: debiased, 2 m(W, weights) less the weights' square."""
    sample, own, chance = fit.sample, fit.weights, fit.propensity
    assert own is not None and chance is not None
    h, treated = sample.target_weight, sample.treated
    share = float(h.mean())
    other = own * np.where(treated, chance / (1 - chance), (1 - chance) / chance)
    return np.asarray((2 * h * (own + other) - own**2) / share**2)


def _linear_weights(fit: Fit) -> Floats:
    """(n,) the same for what is left of the treatment over its mean square, with the influence of that mean."""
    assert fit.propensity is not None
    rest = (fit.sample.treated - fit.propensity) ** 2
    nu = 1 / float(rest.mean())
    return np.asarray(2 * nu - rest * nu**2)


def gain(name: str, long: DebiasedBounds, short: DebiasedBounds) -> Gain:
    """What the covariate left out of `short` adds to what is explained, at least nothing."""
    outcome = (short.unexplained - long.unexplained) / long.unexplained
    share = short.weight_square / long.weight_square
    return Gain(name, max(outcome, 0.0), max((1 - share) / share, 0.0))


def _last(holds: Callable[[float], bool], most: float) -> float:
    """The largest share up to `most` at which a condition that ends once still holds."""
    if not holds(0.0):
        return 0.0
    low, high = 0.0, min(max(most, 1e-12), 1 - 1e-12)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
