"""The fitted parts that an effect rests on: propensities and outcome models, each with its influence on the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from causal.errors import CovariateProblem, PerfectSeparation
from causal.estimators.design import BLOCK, Flags, Floats, Sample, blocks

GRADIENT = 1e-10
"""A logistic fit has converged when no mean score exceeds this (columns have unit variance)."""

CERTAIN = 1e-10
"""A propensity nearer than this to 0 or 1 says that the covariates decide the arm."""

SUSPECT = 1e-5
"""A propensity nearer than this to 0 or 1 may be on its way there: the fit stops when its gradient is small."""

ROWS_FOR_A_START = 25_000
"""A logistic fit on many rows starts from one on a sample of about so many."""

LEAST_STEP = 4
"""Where the sample would be every third row or more, it would save nothing."""

NEARLY_THERE = 1e-7
"""After a step this short the next pass computes the Hessian too: it is all but sure to be at the solution."""

STILL_MOVING = 0.01
"""By how much one more Newton step moves an index that has no finite maximum (by about 1, however far it has come)."""


@dataclass(frozen=True, eq=False)
class LinearIndex:
    """A fitted model with mean f(X b), f the identity or the logistic function.

    `coefficients` (p,); `fitted` (n,) for every unit, of either arm; `slope` (n,) the derivative of `fitted` by the
    index; `residual` (n,) outcome minus fitted where the unit was fitted on (times its weight), else 0; `bread` (p, p)
    the inverse of X' diag(slope) X / n over the units fitted on (as they are weighted).
    """

    coefficients: Floats
    fitted: Floats
    slope: Floats | None
    residual: Floats
    bread: Floats

    def influence(self, model: Floats, direction: Floats) -> Floats:
        """(n,) influence of the fit on an answer whose derivative by the coefficients is `direction` (p,)."""
        return self.residual * (model @ (self.bread @ direction))

    def slope_times(self, weight: Floats) -> Floats:
        """(n,) `weight` times the derivative of the fitted mean by its index."""
        return weight if self.slope is None else weight * self.slope


def fit_propensity(sample: Sample) -> LinearIndex:
    """P(treated | covariates) by logistic regression: unpenalised, converged, not clipped.

    Fitted once for a sample. Raises PerfectSeparation where the covariates decide the treatment of units that the
    target needs.
    """
    return sample.remembered("propensity", lambda: _propensity(sample))


def _propensity(sample: Sample) -> LinearIndex:
    coefficients, hessian = _logistic(sample.model, sample.treated.astype(np.float64), None)
    fitted = expit(sample.model @ coefficients)
    residual = sample.treated - fitted
    _refuse_separation(sample, fitted, residual, coefficients, hessian)
    return LinearIndex(
        coefficients=coefficients,
        fitted=fitted,
        slope=fitted * (1 - fitted),
        residual=residual,
        bread=inverse_of(hessian),
    )


def fit_arm(sample: Sample, place: int) -> LinearIndex:
    """The outcome model of one arm, 0 for control and 1 for treated; fitted once for a sample."""
    arm = sample.treated if place else ~sample.treated
    return sample.remembered(
        ("arm", place), lambda: fit_outcome(sample, arm, sample.arm_moments[place], sample.arm_outcomes[place])
    )


def fit_weighted_outcome(sample: Sample, weight: Floats) -> LinearIndex:
    """As `fit_outcome`, by the units whose `weight` (n,) is not zero, each counting that much."""
    n = len(sample)
    if sample.outcome_is_binary and np.ptp(sample.outcome[weight != 0]) > 0:
        coefficients, hessian = _logistic(sample.model, sample.outcome, weight)
        fitted = expit(sample.model @ coefficients)
        slope = fitted * (1 - fitted)
        return LinearIndex(coefficients, fitted, slope, weight * (sample.outcome - fitted), inverse_of(hessian))
    gram, moments = np.zeros((sample.model.shape[1],) * 2), np.zeros(sample.model.shape[1])
    for rows in blocks(n):
        block = sample.model[rows]
        weighted = block * weight[rows, None]
        gram += block.T @ weighted
        moments += sample.outcome[rows] @ weighted
    bread = inverse_of(gram / n)
    coefficients = bread @ moments / n
    fitted = sample.model @ coefficients
    return LinearIndex(coefficients, fitted, None, weight * (sample.outcome - fitted), bread)


def fit_outcome(sample: Sample, arm: Flags, gram: Floats, moments: Floats | None = None) -> LinearIndex:
    """E(outcome | covariates) in one arm: linear, or logistic where the outcome is binary.

    `arm` (n,) flags the units to fit on; `gram` (p, p) is their X'X, `moments` (p,) their X'y (else they are added up).
    """
    n = len(sample)
    if sample.outcome_is_binary and np.ptp(sample.outcome[arm]) > 0:
        coefficients, hessian = _logistic(sample.model, sample.outcome, arm)
        fitted = expit(sample.model @ coefficients)
        slope = fitted * (1 - fitted)
        return LinearIndex(
            coefficients, fitted, slope, np.where(arm, sample.outcome - fitted, 0.0), inverse_of(hessian)
        )
    bread = inverse_of(gram / n)
    if moments is None:
        moments = sample.model.T @ np.where(arm, sample.outcome, 0.0)
    coefficients = bread @ moments / n
    fitted = sample.model @ coefficients
    return LinearIndex(coefficients, fitted, None, np.where(arm, sample.outcome - fitted, 0.0), bread)


def fit_logistic(model: Floats, outcome: Floats, weight: Floats | None = None) -> Floats:
    """(p,) coefficients of unpenalised logistic regression, units counting as `weight` (n,) says."""
    return _logistic(model, outcome, weight)[0]


def logistic_start(model: Floats, outcome: Floats, mask: Flags | Floats | None) -> Floats | None:
    """(p,) coefficients near the maximum likelihood's: those of a sample of the rows, and a step on all of them.

    None where the rows are too few for that, or the sample may separate though the table does not.
    """
    step = len(outcome) // ROWS_FOR_A_START
    if step < LEAST_STEP:
        return None
    few = np.asfortranarray(model[::step])
    start, hessian = _newton(few, outcome[::step], None if mask is None else mask[::step], np.zeros(model.shape[1]))
    if np.abs(few @ start).max() > -np.log(SUSPECT):
        return None
    return np.asarray(start + inverse_of(hessian) @ _logistic_gradient(model, outcome, mask, start))


def _logistic(model: Floats, outcome: Floats, mask: Flags | Floats | None) -> tuple[Floats, Floats]:
    """Maximum likelihood; coefficients (p,) and the mean Hessian (p, p) there."""
    start = logistic_start(model, outcome, mask)
    if start is None:
        return _newton(model, outcome, mask, np.zeros(model.shape[1]))
    return _polish(model, outcome, mask, start)


def _polish(model: Floats, outcome: Floats, mask: Flags | Floats | None, start: Floats) -> tuple[Floats, Floats]:
    """From a good start: a Newton step, steps with the same Hessian, and a last pass for the one at the solution,
    from which errors are told; plain Newton where the score does not shrink."""
    coefficients, hessian, before, anew = start, np.empty(0), np.inf, True
    for _ in range(8):
        if anew:
            _, gradient, hessian = _logistic_pass(model, outcome, mask, coefficients, loss_too=False)
        else:
            gradient = _logistic_gradient(model, outcome, mask, coefficients)
        size = float(np.abs(gradient).max())
        if size <= GRADIENT and anew:
            return _last_step(coefficients, gradient, hessian), hessian
        if size > before:
            break
        before, step = size, inverse_of(hessian) @ gradient
        anew = float(np.abs(step).max()) <= NEARLY_THERE
        coefficients = coefficients + step
    return _newton(model, outcome, mask, start)


def _newton(model: Floats, outcome: Floats, mask: Flags | Floats | None, start: Floats) -> tuple[Floats, Floats]:
    coefficients = start
    loss, gradient, hessian = _logistic_pass(model, outcome, mask, coefficients)
    for _ in range(100):
        if np.abs(gradient).max() <= GRADIENT:
            break
        direction = inverse_of(hessian) @ gradient
        length = 1.0
        while True:
            tried = coefficients + length * direction
            new = _logistic_pass(model, outcome, mask, tried)
            if new[0] <= loss + 1e-12 * max(1.0, abs(loss)) or length < 1e-4:
                break
            length /= 2
        if np.array_equal(tried, coefficients):
            break
        coefficients, (loss, gradient, hessian) = tried, new
    return _last_step(coefficients, gradient, hessian), hessian


def _last_step(coefficients: Floats, gradient: Floats, hessian: Floats) -> Floats:
    """One more step, which costs no pass: so near, it leaves nothing of where the fit came from."""
    step = inverse_of(hessian) @ gradient
    return coefficients + step if float(np.abs(step).max()) <= NEARLY_THERE else coefficients


def _logistic_pass(
    model: Floats, outcome: Floats, mask: Flags | Floats | None, coefficients: Floats, loss_too: bool = True
) -> tuple[float, Floats, Floats]:
    """Mean loss, mean score (p,) and mean Hessian (p, p), in one walk over the rows."""
    n, p = model.shape
    loss, gradient, hessian = 0.0, np.zeros(p), np.zeros((p, p))
    columns, room = model.T, np.empty((p, min(n, BLOCK)))
    for rows in blocks(n):
        block, seen = columns[:, rows], outcome[rows]
        index = coefficients @ block
        fitted = expit(index)
        inside = 1.0 if mask is None else mask[rows]
        if loss_too:
            loss += float(((np.logaddexp(0.0, index) - seen * index) * inside).sum())
        gradient += block @ ((seen - fitted) * inside)
        weighted = np.multiply(block, fitted * (1 - fitted) * inside, out=room[:, : len(seen)])
        hessian += block @ weighted.T
    return loss / n, gradient / n, hessian / n


def _logistic_gradient(model: Floats, outcome: Floats, mask: Flags | Floats | None, coefficients: Floats) -> Floats:
    """(p,) mean score, without the Hessian."""
    gradient = np.zeros(model.shape[1])
    for rows in blocks(len(outcome)):
        block = model[rows]
        residual = outcome[rows] - expit(block @ coefficients)
        gradient += (residual if mask is None else residual * mask[rows]) @ block
    return gradient / len(outcome)


def inverse_of(gram: Floats) -> Floats:
    """The inverse, with zero rows for columns that the ones before them determine (as R's lm leaves them out)."""
    scale = np.sqrt(np.maximum(np.diag(gram), 0.0))
    scale[scale == 0] = 1.0
    scales = scale[:, None] * scale
    unit = gram / scales
    dependent = dependent_columns(unit)
    if not dependent:
        return np.asarray(np.linalg.inv(unit) / scales)
    inverse = np.zeros_like(unit)
    free = np.ix_(*2 * [np.setdiff1d(np.arange(len(unit)), dependent)])
    inverse[free] = np.linalg.inv(unit[free])
    return np.asarray(inverse / scales)


def dependent_columns(gram: Floats, tolerance: float = 1e-10) -> list[int]:
    """The columns whose remainder after those before them is nil, by a Cholesky sweep over X'X of unit columns."""
    work = gram.copy()
    dependent: list[int] = []
    for place in range(len(work)):
        pivot = work[place, place]
        if pivot <= tolerance:
            dependent.append(place)
            continue
        work[place + 1 :] -= (work[place + 1 :, place] / pivot)[:, None] * work[place]
    return dependent


def require_predictable(sample: Sample, tilt: Floats | None = None) -> None:
    """Refuse where an arm's units do not determine its mean outcome in the target population.

    So it is where a level, or a direction of the covariates, occurs in the target but not in that arm. `tilt` (n,) is
    how much each unit belongs to the target, where that is more than the sample's own target says.

    Raises CovariateProblem.
    """
    target = sample.target_sums if tilt is None else tilt @ sample.model
    asked = target / target[0]
    for gram, level in zip(sample.arm_moments, (sample.control_level, sample.treated_level), strict=True):
        left = asked - gram @ (inverse_of(gram) @ asked)
        if np.abs(left).max() > 1e-6:
            name = _covariate_at(sample, int(np.argmax(np.abs(left))))
            raise CovariateProblem(
                f'The units with treatment level {level!r} do not say how "{name}" moves the outcome: some of its '
                "values, present in the population asked about, do not occur among them. Merge its levels, leave it "
                "out, or ask about another target population."
            )


def _refuse_separation(sample: Sample, fitted: Floats, residual: Floats, coefficients: Floats, hessian: Floats) -> None:
    stuck = (fitted < CERTAIN) | (fitted > 1 - CERTAIN)
    suspect = (fitted < SUSPECT) | (fitted > 1 - SUSPECT)
    culprits = coefficients
    if suspect.any():
        step = _next_step(sample, residual, hessian)
        moving = suspect & (np.abs(sample.model @ step) > STILL_MOVING)
        stuck |= moving
        culprits = step if moving.any() else coefficients
    if sample.target in ("treated", "untreated"):
        stuck &= (fitted > 0.5) == (sample.target == "treated")
    if sample.target == "overlap" and min((~stuck & arm).sum() for arm in (sample.treated, ~sample.treated)) > 1:
        return  # those whose arm is decided count for nothing there
    if not stuck.any():
        return
    culprit = _covariate_at(sample, 1 + int(np.argmax(np.abs(culprits[1:])))) if len(culprits) > 1 else "covariates"
    everyone = "every unit" if stuck.all() else f"{int(stuck.sum()):,} of {len(sample):,} units"
    raise PerfectSeparation(
        f'The covariates decide the treatment of {everyone} (most of all "{culprit}"), so there is nobody comparable '
        "in the other arm. Leave that column out if it is no common cause, ask about another target population, "
        "or restrict the log to units that could have had either arm."
    )


def _next_step(sample: Sample, residual: Floats, hessian: Floats) -> Floats:
    """(p,) one more Newton step, with no direction given up for flatness unless the columns themselves are collinear.

    Where a maximum exists the step is nil; where the covariates separate the arms it goes on and on (Albert and
    Anderson 1984, Biometrika 71: 1-10).
    """
    moments = sample.arm_moments[0] + sample.arm_moments[1]
    scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
    free = np.setdiff1d(np.arange(len(scale)), dependent_columns(moments / np.outer(scale, scale)))
    gradient = (residual @ sample.model)[free] / len(sample)
    values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    step = np.zeros(len(scale))
    step[free] = vectors @ ((vectors.T @ gradient) / np.maximum(values, 1e-15))
    return step


def _covariate_at(sample: Sample, column: int) -> str:
    for covariate in sample.covariates:
        if covariate.first <= column < covariate.first + covariate.count:
            return covariate.name
    return sample.names[column]
