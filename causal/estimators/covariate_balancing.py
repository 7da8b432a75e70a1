"""The covariate balancing propensity score: a logistic score fitted so that its weights balance the covariates.

Imai and Ratkovic (2014), JRSS B 76: 243-263. Just identified, the coefficients solve the balance conditions alone (the
minimum of a convex function: Zhao 2019, Annals of Statistics 47: 965-993), and the weighted means of every column are
equal exactly. Over-identified, they solve the balance conditions and those of maximum likelihood together, by two-step
generalised method of moments with the paper's own weighting matrix. Errors by stacked estimating equations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, expit

from causal.errors import EstimationError
from causal.estimators.calibration import calibrate, unreachable
from causal.estimators.design import BLOCK, Floats, Sample, blocks
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.nuisance import LinearIndex, dependent_columns, fit_propensity
from causal.estimators.weighting import weighted_means

STEPS = 100
"""Newton steps of the over-identified fit."""

STILL = 1e-9
"""Its coefficients (per standard deviation of a column) have settled when a step moves none by more."""

NEARLY_STILL = 1e-4
"""After a step this short the next one takes the curvature of the last."""


@dataclass(frozen=True)
class CovariateBalancingOptions:
    """`over_identified`: fit the score to the likelihood as well, which loosens the balance and can be tested."""

    over_identified: bool = False


def fit(sample: Sample, options: CovariateBalancingOptions) -> Fit:
    """The arms' means weighted by a score that balances the covariates.

    Raises PerfectSeparation where no score of this form does.
    """
    likely = fit_propensity(sample)
    return _over_identified(sample, likely) if options.over_identified else _just_identified(sample, likely)


def _just_identified(sample: Sample, likely: LinearIndex) -> Fit:
    """The score that solves the balance conditions: a minimum, one convex function per target."""
    treated, model = sample.treated, sample.model
    side = {
        "everyone": np.where(treated, -1.0, 1.0),
        "treated": np.where(treated, 0.0, 1.0),
        "untreated": np.where(treated, -1.0, 0.0),
    }[sample.target]
    fixed = np.where(treated, 1.0, -1.0) * sample.target_weight
    found = calibrate(model, side, fixed @ model / len(sample), likely.coefficients)
    if found is None:
        asked = sample.target_weight @ model / sample.target_weight.sum()
        raise unreachable(sample, sample.target == "untreated", model[side != 0], asked)
    residual = fixed - side * found.weights

    def through_the_balance(direction: Floats) -> Floats:
        return np.asarray(residual * (model @ (found.bread @ direction)))

    return weighted_means(sample, expit(model @ found.coefficients), through_the_balance)


def _over_identified(sample: Sample, likely: LinearIndex) -> Fit:
    moments, model = _Moments(sample), sample.model
    found = moments.solve(likely.coefficients)
    fitted = expit(model @ found.coefficients)
    residuals, steer = moments.residuals(fitted), moments.steer(found)

    def through_both(direction: Floats) -> Floats:
        parts = (residual * (model @ (each @ direction)) for residual, each in zip(residuals, steer, strict=True))
        return np.asarray(sum(parts))

    return replace(weighted_means(sample, fitted, through_both), notes=(moments.overidentification(found),))


@dataclass(frozen=True, eq=False)
class _Solution:
    """`coefficients` (p,), the mean `moments` (2 k,) there, their derivative `slope` (2 k, k) by the coefficients that
    are free, and the `precision` (2 k, 2 k) in which they are least."""

    coefficients: Floats
    moments: Floats
    slope: Floats
    precision: Floats


class _Moments:
    """The score equations of maximum likelihood and the balance conditions, as one set of 2 p moments.

    With e the score: (t - e) X, and r X, where r is (t - e) / (e (1 - e)) for everyone, (t - e) / (1 - e) for those
    treated and (t - e) / e for those not.
    """

    def __init__(self, sample: Sample) -> None:
        self._sample, self._t = sample, sample.treated.astype(np.float64)
        moments = sample.arm_moments[0] + sample.arm_moments[1]
        scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
        self._free = np.setdiff1d(np.arange(len(scale)), dependent_columns(moments / np.outer(scale, scale)))
        self._room = np.empty((len(self._free), min(len(sample), BLOCK)))

    def residuals(self, fitted: Floats) -> tuple[Floats, Floats]:
        """(n,) what multiplies X in the score equations, and in the balance conditions."""
        return self._residuals(fitted, self._t)

    def _residuals(self, fitted: Floats, t: Floats) -> tuple[Floats, Floats]:
        left = t - fitted
        return left, left / self._divisor(fitted)

    def solve(self, start: Floats) -> _Solution:
        """The coefficients that minimise the moments' quadratic form, whose matrix is taken at `start`.

        Raises EstimationError where the minimum is not found.
        """
        precision: Floats = np.asarray(np.linalg.pinv(self._spread(start), hermitian=True), dtype=np.float64)
        coefficients = start.copy()
        coefficients[np.setdiff1d(np.arange(len(start)), self._free)] = 0.0
        moments, slope = self._at(coefficients)
        loss, moved, curvature = float(moments @ precision @ moments), np.inf, np.empty(0)
        for _ in range(STEPS):
            push = precision @ moments
            if moved > NEARLY_STILL:  # after a short step the curvature is as good as the same
                curvature = self._curvature(coefficients, push)
            step = _step(slope.T @ precision @ slope, curvature, slope.T @ push)
            moved = float(np.abs(step).max())
            if moved < STILL:
                return _Solution(coefficients, moments, slope, precision)
            length = 1.0
            while length > 1e-6:
                tried = coefficients.copy()
                tried[self._free] -= length * step
                moments, slope = self._at(tried)
                new = float(moments @ precision @ moments)
                if np.isfinite(new) and new <= loss * (1 + 1e-12) + 1e-20:
                    break
                length /= 2
            coefficients, loss = tried, new
        raise EstimationError(
            "Covariate balancing: the score that balances and fits at once was not found. Use the just-identified one, "
            "fewer covariates, or another method."
        )

    def _curvature(self, coefficients: Floats, push: Floats) -> Floats:
        """(k, k) what the moments' own bend adds to the square of their slope."""
        k = len(self._free)
        found = np.zeros((k, k))
        for rows, block, fitted in self._blocks(coefficients):
            bend = -fitted * (1 - fitted) * (1 - 2 * fitted) * (push[:k] @ block)
            bend += self._bend(fitted, self._t[rows]) * (push[k:] @ block)
            found += self._product(block, bend)
        return found / len(self._t)

    def steer(self, found: _Solution) -> tuple[Floats, Floats]:
        """Two (p, p) matrices: what each set of moments moves the coefficients by, per unit of X."""
        p, free, slope, precision = len(found.coefficients), self._free, found.slope, found.precision
        push = -np.linalg.solve(slope.T @ precision @ slope, slope.T @ precision)
        steers = []
        for part in (push[:, : len(free)], push[:, len(free) :]):
            whole = np.zeros((p, p))
            whole[np.ix_(free, free)] = part.T  # influence() multiplies X from the left, the direction from the right
            steers.append(whole)
        return steers[0], steers[1]

    def overidentification(self, found: _Solution) -> str:
        """Hansen's test as a sentence: small p-values say that one logistic score cannot do both."""
        statistic = len(self._t) * float(found.moments @ found.precision @ found.moments)
        freedom = len(self._free)
        return (
            f"Test of the score's model (Hansen's J): {statistic:.3g} on {freedom} degrees of freedom, "
            f"p = {chdtrc(freedom, statistic):.3g}; a small p says that no logistic score in these columns both fits "
            "and balances."
        )

    def _blocks(self, coefficients: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
        """Rows, their free columns (k, m), and the score (m,), a block after the other."""
        columns, everything = self._sample.model.T, len(self._free) == self._sample.model.shape[1]
        for rows in blocks(len(self._t)):
            block = columns[:, rows]
            yield rows, block if everything else block[self._free], expit(coefficients @ block)

    def _product(self, block: Floats, weight: Floats) -> Floats:
        """(k, k) X' diag(weight) X of a block."""
        weighted = np.multiply(block, weight, out=self._room[:, : len(weight)])
        return np.asarray(block @ weighted.T)

    def _divisor(self, fitted: Floats) -> Floats:
        return {"everyone": fitted * (1 - fitted), "treated": 1 - fitted, "untreated": fitted}[self._sample.target]

    def _at(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """(2 k,) mean moments and (2 k, k) their derivative by the coefficients."""
        k = len(self._free)
        moments, slope = np.zeros((2, k)), np.zeros((2 * k, k))
        for rows, block, fitted in self._blocks(coefficients):
            moments += np.stack(self._residuals(fitted, self._t[rows])) @ block.T
            slope[:k] -= self._product(block, fitted * (1 - fitted))
            slope[k:] -= self._product(block, self._steepness(fitted, self._t[rows]))
        return moments.ravel() / len(self._t), slope / len(self._t)

    def _steepness(self, fitted: Floats, t: Floats) -> Floats:
        """(n,) minus the derivative of the balance conditions by the index."""
        odds = fitted / (1 - fitted)
        if self._sample.target == "everyone":
            return t / odds + (1 - t) * odds
        return (1 - t) * odds if self._sample.target == "treated" else t / odds

    def _bend(self, fitted: Floats, t: Floats) -> Floats:
        """(n,) the second derivative of the balance conditions by the index."""
        odds = fitted / (1 - fitted)
        if self._sample.target == "everyone":
            return t / odds - (1 - t) * odds
        return -(1 - t) * odds if self._sample.target == "treated" else t / odds

    def _spread(self, coefficients: Floats) -> Floats:
        """(2 k, 2 k) the moments' covariance given the covariates, at this score (Imai and Ratkovic 2014, eq. 10)."""
        k = len(self._free)
        likelihood, both, balance = np.zeros((3, k, k))
        for _, block, fitted in self._blocks(coefficients):
            noise, divisor = fitted * (1 - fitted), self._divisor(fitted)
            likelihood += self._product(block, noise)
            both += self._product(block, noise / divisor)
            balance += self._product(block, noise / divisor**2)
        return np.block([[likelihood, both], [both.T, balance]]) / len(self._t)


def _step(square: Floats, curvature: Floats, gradient: Floats) -> Floats:
    """Newton's step with the moments' own curvature, or Gauss and Newton's where that does not lead down."""
    whole = square + curvature
    upward = np.linalg.eigvalsh(whole)[0] > 1e-3 * np.linalg.eigvalsh(square)[0]
    return np.asarray(np.linalg.solve(whole if upward else square, gradient))


METHOD = Method(
    name="covariate_balancing",
    title="Covariate balancing propensity",
    family="treatment_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.CovariateBalancing",
    summary="Fits the propensity so that its weights make the covariate means of both arms equal, and weights by it.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The probability of treatment depends on the covariates as the logistic model says.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=CovariateBalancingOptions,
    fit=fit,
    source="Imai and Ratkovic 2014",
    has_propensity=True,
)
