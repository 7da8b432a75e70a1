"""What a hidden cause would do to a regression's coefficient, by its partial R² with treatment and with outcome.

Cinelli and Hazlett (2020), Making sense of sensitivity: extending omitted variable bias, Journal of the Royal
Statistical Society B 82: 39-67. Standard errors are classical, as there. The corner of the robustness value at a level,
where chance alone weighs more than the hidden cause: Cinelli and Hazlett (2025), Biometrika 112. With clusters chance
is that of effect and bias together, summed within each: the limits of Chernozhukov, Cinelli, Newey, Sharma and
Syrgkanis (2022), NBER working paper 30302, theorem 4, for the partially linear model that a regression is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from causal.errors import TooFewUnits
from causal.estimators.design import Floats, Sample
from causal.estimators.estimate import Interval, quantile
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.nuisance import inverse_of
from causal.estimators.registry import method_named
from causal.estimators.uncertainty import covariance_of_means

EXACT = 1e-10
"""What is left of an outcome below this share of its deviation is rounding."""

_HALVINGS = 60


@dataclass(frozen=True)
class Strength:
    """The partial R² of one observed covariate, all its levels together, beside everything else in the regression."""

    covariate: str
    with_treatment: float
    with_outcome: float


@dataclass(frozen=True)
class Bound:
    """A hidden cause `times` as strong as a covariate, and what it would leave of the effect in the worst case.

    `partial_r2_treatment` and `partial_r2_outcome` are of the hidden cause; `leaves_it_clear` is whether the
    interval that is left leaves zero out, on the side of the effect.
    """

    covariate: str
    times: float
    partial_r2_treatment: float
    partial_r2_outcome: float
    adjusted_effect: float
    adjusted_std_error: float
    adjusted_low: float
    adjusted_high: float
    leaves_it_clear: bool

    @property
    def label(self) -> str:
        """ "2× age"."""
        return f"{self.times:g}× {self.covariate}"

    @property
    def adjusted_t(self) -> float:
        """The effect left, in its standard errors."""
        return self.adjusted_effect / self.adjusted_std_error if self.adjusted_std_error else math.nan


@dataclass(frozen=True)
class ClusteredSpread:
    """What chance does to the effect and to the bias at unit strength, units of a cluster being alike.

    `variance` of the effect, as the method "regression" has it, `bias_variance` and their `covariance`;
    `degrees_of_freedom` of Student's distribution.
    """

    variance: float
    covariance: float
    bias_variance: float
    degrees_of_freedom: float

    def std_error(self, side: float, strength: float) -> float:
        """Of the effect (on the `side` of zero given by its sign) once a bias of this strength is taken off it."""
        variance = self.variance - 2 * side * strength * self.covariance + strength**2 * self.bias_variance
        return math.sqrt(max(variance, 0.0))


@dataclass(frozen=True)
class Coefficient:
    """The treatment's coefficient in a regression on the covariates, with what its sensitivity hangs on.

    `std_error` is classical; `degrees_of_freedom` are the residuals'; `strengths` one per covariate, in their
    order, and one for all components of a text. `clustered`: what chance does where units come in clusters, instead of
    the classical error.
    """

    effect: float
    std_error: float
    degrees_of_freedom: int
    strengths: tuple[Strength, ...]
    clustered: ClusteredSpread | None = None

    @property
    def partial_r2(self) -> float:
        """Share of what the covariates leave of the outcome that the treatment explains."""
        t_squared = self._t_value**2
        return 1.0 if math.isinf(t_squared) else t_squared / (t_squared + self.degrees_of_freedom)

    @property
    def _t_value(self) -> float:
        """The effect in its standard errors; infinite where nothing is left of the outcome but the effect."""
        if self.std_error == 0:
            return math.inf if self.effect else 0.0
        return abs(self.effect / self.std_error)

    def robustness_value(self, alpha: float | None = None, share: float = 1.0) -> float:
        """The partial R² with both treatment and outcome that takes away `share` of the effect.

        With `alpha`: that brings the effect's t-value down to the critical one of the level `alpha`.
        """
        if alpha is not None and self.clustered is not None:
            return self._clear_up_to(self.clustered, alpha, share)
        pull = share * self._t_value / math.sqrt(self.degrees_of_freedom)
        chance = 0.0
        if alpha is not None:
            left = self.degrees_of_freedom - 1
            chance = quantile(1 - alpha / 2, left) / math.sqrt(left)
        return equal_strength(pull, chance)

    def _clear_up_to(self, spread: ClusteredSpread, alpha: float, share: float) -> float:
        """The partial R² with both that brings the interval, errors by cluster, to zero."""
        side, reach = math.copysign(1.0, self.effect), quantile(1 - alpha / 2, spread.degrees_of_freedom)

        def clear(equal: float) -> bool:
            strength = equal / math.sqrt(1 - equal)
            left = share * abs(self.effect) - strength * self._unit_bias
            return left > reach * spread.std_error(side, strength)

        low, high = 0.0, self.robustness_value(share=share)
        if not clear(low):
            return 0.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if clear(middle) else (low, middle)
        return low

    @property
    def _unit_bias(self) -> float:
        """The bias of a hidden cause of unit strength."""
        return self.std_error * math.sqrt(self.degrees_of_freedom)

    def own_interval(self, confidence: float) -> Interval:
        """Of the effect as it is; errors by cluster where units come in clusters."""
        if self.clustered is None:
            return self.interval(self.effect, self.std_error, confidence)
        spread = self.clustered
        reach = quantile((1 + confidence) / 2, spread.degrees_of_freedom) * math.sqrt(spread.variance)
        return self.effect - reach, self.effect + reach

    def adjusted(self, with_treatment: Floats, with_outcome: Floats) -> tuple[Floats, Floats]:
        """The effect and its error had a hidden cause of these partial R² been adjusted for, in the worst case.

        Arrays of any one shape; the effect is pulled towards zero, and past it. The error is the classical one.
        """
        degrees = self.degrees_of_freedom
        with np.errstate(divide="ignore", invalid="ignore"):
            bias = self.std_error * np.sqrt(degrees * with_outcome * with_treatment / (1 - with_treatment))
            error = self.std_error * np.sqrt((1 - with_outcome) / (1 - with_treatment) * degrees / (degrees - 1))
        return np.asarray(math.copysign(1.0, self.effect) * (abs(self.effect) - bias)), np.asarray(error)

    def bound(self, covariate: str, times: float, confidence: float) -> Bound | None:
        """A hidden cause `times` as strong as the covariate; None where it would explain all of the treatment.

        The paper's bound for a cause that explains, beside the covariates, `times` the variance that this one does, of
        treatment and of outcome alike.
        """
        strength = next(each for each in self.strengths if each.covariate == covariate)
        own, outcome = strength.with_treatment, strength.with_outcome
        with_treatment = times * own / (1 - own) if own < 1 else math.inf
        if not with_treatment < 1 or outcome >= 1:
            return None
        shared = times * own**2 / ((1 - times * own) * (1 - own))
        if not 0 <= shared < 1:
            return None
        factor = (math.sqrt(times) + math.sqrt(shared)) / math.sqrt(1 - shared)
        with_outcome = min(factor**2 * outcome / (1 - outcome), 1.0)
        effect, error = (float(each) for each in self.adjusted(np.asarray(with_treatment), np.asarray(with_outcome)))
        low, high = self.interval(effect, error, confidence)
        if self.clustered is not None:
            pull = math.sqrt(with_outcome * with_treatment / (1 - with_treatment))
            error = self.clustered.std_error(math.copysign(1.0, self.effect), pull)
            reach = quantile((1 + confidence) / 2, self.clustered.degrees_of_freedom) * error
            low, high = effect - reach, effect + reach
        clear = low > 0 if self.effect > 0 else high < 0
        return Bound(covariate, times, with_treatment, with_outcome, effect, error, low, high, clear)

    def interval(self, effect: float, std_error: float, confidence: float) -> Interval:
        """Of an adjusted effect, which has one degree of freedom less."""
        reach = quantile((1 + confidence) / 2, self.degrees_of_freedom - 1) * std_error
        return effect - reach, effect + reach


def equal_strength(pull: float, chance: float = 0.0) -> float:
    """The r with r / sqrt(1 - r) = pull, where chance is taken off the pull first: the robustness value."""
    left = pull - chance
    if left <= 0:
        return 0.0
    if math.isinf(pull):
        return 1.0
    if chance > 0 and pull > 1 / chance:  # few units: the lost degree of freedom counts for more than the bias
        return (pull**2 - chance**2) / (1 + pull**2)
    return 2 / (1 + math.sqrt(1 + 4 / left**2))  # (sqrt(left^4 + 4 left^2) - left^2) / 2, with all its digits


def coefficient(sample: Sample) -> Coefficient:
    """The treatment's coefficient, adjusted for the sample's model columns but without what the effect varies with.

    Raises TooFewUnits where no degrees of freedom are left, or the covariates decide the treatment.
    """
    n, p = sample.model.shape
    treated, outcome = sample.treated.astype(np.float64), sample.outcome - sample.outcome.mean()
    crossed = sample.model.T @ np.column_stack([treated, outcome])
    gram = np.empty((p + 1, p + 1))
    gram[:p, :p] = sum(sample.arm_moments)
    gram[p, :p] = gram[:p, p] = crossed[:, 0]
    gram[p, p] = treated.sum()
    inner, outer = inverse_of(gram[:p, :p] / n), inverse_of(gram / n)
    rank = int((np.diag(outer) > 0).sum())
    degrees = n - rank
    if degrees < 2 or outer[p, p] == 0:
        raise TooFewUnits(
            "The covariates leave too little of treatment or outcome to say what a hidden cause could do. Adjust for "
            "fewer of them, or for fewer levels."
        )
    of_outcome = outer @ np.append(crossed[:, 1], treated @ outcome) / n
    fitted = sample.model @ of_outcome[:p] + treated * of_outcome[p]
    residual = float(((outcome - fitted) ** 2).sum())
    of_treatment = inner @ crossed[:, 0] / n
    rest_of_treatment = treated - sample.model @ of_treatment
    residual_of_treatment = float((rest_of_treatment**2).sum())
    strengths = []
    for name in dict.fromkeys(each.of or each.name for each in sample.covariates):
        places = _places(sample, name)
        strengths.append(
            Strength(
                covariate=name,
                with_treatment=_partial_r2(inner, of_treatment, places, residual_of_treatment / n),
                with_outcome=_partial_r2(outer, of_outcome, places, residual / n),
            )
        )
    total, effect = float(outcome @ outcome), float(of_outcome[p])
    exact = residual <= EXACT**2 * total
    return Coefficient(
        clustered=None if exact else _clustered(sample, rest_of_treatment, outcome - fitted),
        effect=0.0 if exact and abs(effect) <= EXACT * math.sqrt(total / n) else effect,
        std_error=0.0 if exact else math.sqrt(residual / degrees * outer[p, p] / n),
        degrees_of_freedom=degrees,
        strengths=tuple(strengths),
    )


def _clustered(sample: Sample, of_treatment: Floats, of_outcome: Floats) -> ClusteredSpread | None:
    """Effect and bias by their influences (n,), from what the covariates leave of treatment and of outcome.

    The effect's own variance is that of the method "regression", whose correction for few clusters the other two share.
    """
    if sample.clusters is None:
        return None
    estimate, _ = estimate_from_sample(replace(sample, modifiers=()), method_named("regression"), None, 0.95)
    spread, square = float((of_treatment**2).mean()), of_outcome**2
    sigma, nu = float(square.mean()), 1 / spread
    of_bias = (nu * (square - sigma) + sigma * nu * (1 - of_treatment**2 * nu)) / (2 * math.sqrt(sigma * nu))
    found = covariance_of_means((of_treatment * of_outcome * nu, of_bias), sample.clusters)
    grown = estimate.std_error**2 / float(found[0, 0])
    return ClusteredSpread(
        estimate.std_error**2,
        grown * float(found[0, 1]),
        grown * float(found[1, 1]),
        estimate.degrees_of_freedom,
    )


def _places(sample: Sample, name: str) -> list[int]:
    """The columns of a covariate: its main effects, its square and its products; of a text those of all components."""
    own = [place for each in sample.covariates if name == (each.of or each.name) for place in each.places]
    main = {sample.names[place] for place in own}
    first_term = max((each.first + each.count for each in sample.covariates), default=1)
    terms = [
        place
        for place in range(first_term, len(sample.names))
        if main & {*sample.names[place].split(" × "), sample.names[place].removesuffix("²")}
    ]
    return [*own, *terms]


def _partial_r2(inverse: Floats, coefficients: Floats, places: list[int], residual: float) -> float:
    """What these columns explain beside the others, of what all others leave (Frisch, Waugh and Lovell)."""
    free = [place for place in places if inverse[place, place] > 0]
    if not free:
        return 0.0
    own = coefficients[free]
    explained = float(own @ np.linalg.solve(inverse[np.ix_(free, free)], own))
    return explained / (explained + residual) if explained > 0 else 0.0
