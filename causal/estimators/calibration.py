"""Weights that balance by construction: an exponential in the covariates whose weighted sums hit what is asked.

Sums of s exp(s X b) X equal `asked`, with s one, minus one or (for units without a say) zero: the first-order condition
of a convex function of b, solved by Newton's method. Entropy balancing and the balancing propensity score are both of
this form: Zhao and Percival (2017), Journal of Causal Inference 5; Zhao (2019), Annals of Statistics 47: 965-993.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.errors import PerfectSeparation
from causal.estimators.design import BLOCK, Floats, Sample, blocks
from causal.estimators.nuisance import GRADIENT, inverse_of
from causal.study import POPULATIONS

STEPS = 60
"""Newton steps after which the sums asked for are out of reach: the index has then grown by one at each of them."""

NEAR_ENOUGH = 1e-8
"""A mean that misses what is asked by more, in standard deviations, is not balanced."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """`coefficients` (p,); `weights` (n,) are exp(s X b), zero for units without a say; `bread` (p, p) the inverse of
    X' diag(weights) X / n.
    """

    coefficients: Floats
    weights: Floats
    bread: Floats


def calibrate(model: Floats, side: Floats, asked: Floats, start: Floats | None = None) -> Calibration | None:
    """Weights such that the mean over units of side x weight x model is `asked` (p,); None where there are none.

    `model` (n, p); `side` (n,) holds 1, -1 or 0. A sample of the rows is solved first, so that the whole table needs
    a few passes.
    """
    first = np.zeros(model.shape[1]) if start is None else start
    step = len(side) // 50_000
    if step >= 4:
        few = np.asfortranarray(model[::step])
        sampled = _newton(few, side[::step], asked, first)
        first = first if sampled is None else sampled[0]
    found = _newton(model, side, asked, first)
    if found is None:
        return None
    coefficients, hessian = found
    return Calibration(coefficients, _weights(model, side, coefficients), inverse_of(hessian))


def unreachable(sample: Sample, treated: bool, columns: Floats, asked: Floats) -> PerfectSeparation:
    """The error where no weights of an arm's units give them the means of the population asked about.

    `columns` (units of the arm, p), the model's first; `asked` (p,) the target's means of them. Named is the column
    whose mean lies furthest beyond the arm's range, or else furthest from the arm's mean.
    """
    beyond = np.maximum(asked - columns.max(axis=0), columns.min(axis=0) - asked)
    direction = beyond if beyond.max() > 1e-9 else np.abs(asked - columns.mean(axis=0))
    name, level = "covariates", sample.treated_level if treated else sample.control_level
    if len(direction) > 1:
        worst = 1 + int(np.argmax(direction[1:]))
        inside = (each.name for each in sample.covariates if each.first <= worst < each.first + each.count)
        name = next(inside, sample.names[worst] if worst < len(sample.names) else "covariates")
    return PerfectSeparation(
        f"No weights of the units with treatment level {level!r} give them the covariate means of "
        f'{POPULATIONS[sample.target]} (most of all "{name}" stands apart). Leave that column out if it is no common '
        "cause, ask about another target population, or restrict the log to units that could have had either arm."
    )


def _newton(model: Floats, side: Floats, asked: Floats, start: Floats) -> tuple[Floats, Floats] | None:
    """The coefficients and the mean Hessian; None where what is asked is out of reach."""
    coefficients = start
    loss, gradient, hessian = _pass(model, side, asked, coefficients)
    for _ in range(STEPS):
        if np.abs(gradient).max() <= GRADIENT:
            return coefficients, hessian
        direction = inverse_of(hessian) @ gradient
        length = 1.0
        while True:
            tried = coefficients - length * direction
            new = _pass(model, side, asked, tried)
            if new[0] <= loss + 1e-12 * max(1.0, abs(loss)) or length < 1e-4:
                break
            length /= 2
        if not np.isfinite(new[0]):
            return None
        still = np.abs(new[1]).max() >= 0.5 * np.abs(gradient).max()
        if np.array_equal(tried, coefficients) or (still and np.abs(gradient).max() <= NEAR_ENOUGH):
            break
        coefficients, (loss, gradient, hessian) = tried, new
    return (coefficients, hessian) if np.abs(gradient).max() <= NEAR_ENOUGH else None


def _pass(model: Floats, side: Floats, asked: Floats, coefficients: Floats) -> tuple[float, Floats, Floats]:
    """Mean of exp(s X b) minus asked' b, its derivative (p,) and its Hessian (p, p), in one walk over the rows."""
    n, p = model.shape
    loss, gradient, hessian = 0.0, np.zeros(p), np.zeros((p, p))
    columns, room = model.T, np.empty((p, min(n, BLOCK)))
    with np.errstate(over="ignore", invalid="ignore"):  # a step too far is taken back
        for rows in blocks(n):
            block, own = columns[:, rows], side[rows]
            weight = np.exp(own * (coefficients @ block)) * np.abs(own)
            loss += float(weight.sum())
            gradient += block @ (own * weight)
            hessian += block @ np.multiply(block, weight, out=room[:, : len(own)]).T
    loss = loss / n - float(asked @ coefficients)
    return (loss if np.isfinite(hessian).all() else np.inf), gradient / n - asked, hessian / n


def _weights(model: Floats, side: Floats, coefficients: Floats) -> Floats:
    return np.asarray(np.exp(side * (model @ coefficients)) * np.abs(side))
