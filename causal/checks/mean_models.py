"""What a column is expected to be, given others: the regressions that a test of independence takes residuals from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from causal.checks.columns import Codes, Column
from causal.errors import TooFewUnits
from causal.estimators.design import Floats

MOST_TESTED = 8
"""A tested category keeps its most common levels, the rest become one: independence survives pooling."""

ROWS_PER_CELL = 10
"""Each combination of discrete conditions gets a mean of its own where there are on average so many rows in it."""

MOST_CELLS = 100
"""Beside numbers, combinations beyond this many enter as main effects."""

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles at which a natural cubic spline bends (Harrell 2015, "Regression Modeling Strategies", table 2.3)."""

_PRECISION = 1e-6
_STEPS = 30

Shape = Literal["smooth", "linear"]


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is held fixed: `cells` (n,) numbers the combinations, or `design` (n, p) has model columns with intercept.

    With cells alone, every combination has its own mean and no model is assumed.
    """

    cells: Codes | None
    design: Floats | None


@dataclass(frozen=True, eq=False)
class MeanModel:
    """A fitted expectation of k columns: `residual` (n, k); `fitted` (n, k) where a link was fitted, else None.

    `bread` (k p, k p): the inverse of the mean Hessian of a linked model, classes outermost.
    """

    residual: Floats
    fitted: Floats | None = None
    bread: Floats | None = None


def conditions(given: Sequence[Column], rows: Codes, shape: Shape) -> Conditions:
    """The conditions of the units in `rows`: discrete ones by combination where rows suffice, numbers by spline."""
    discrete = [each for each in given if each.codes is not None]
    numeric = [each for each in given if each.codes is None]
    cells, count = _combinations(discrete, rows)
    enough = len(rows) / ROWS_PER_CELL
    if not numeric and count <= enough:
        return Conditions(cells, None)
    blocks = [np.ones((len(rows), 1))]
    if count <= min(MOST_CELLS, enough):
        blocks.append(_dummies(cells, count))
    else:
        blocks += [_dummies(*_recoded(each, rows)) for each in discrete]
    width = sum(block.shape[1] for block in blocks) + len(numeric) * (len(KNOTS) - 1)
    smooth = shape == "smooth" and width * ROWS_PER_CELL <= len(rows)
    for each in numeric:
        assert each.numbers is not None
        blocks.append(_spline(each.numbers[rows]) if smooth else _standardised(each.numbers[rows])[:, None])
    design = np.hstack(blocks)
    if design.shape[1] * 2 > len(rows):
        raise TooFewUnits(
            f"Only {len(rows):,} rows have a value in every column of this test, and {design.shape[1]:,} numbers have "
            "to be estimated from them. Bring more rows, or group the values of the categories."
        )
    return Conditions(None, design)


def mean_model(column: Column, rows: Codes, held: Conditions, numbers: Floats | None) -> MeanModel:
    """The expectation of one column given the conditions: linear for `numbers` (n,), logistic for levels.

    Without `numbers`, k is the number of kept levels minus one.
    """
    if numbers is not None:
        target = _standardised(numbers)[:, None]
    else:
        target = _indicators(column, rows)
    if held.cells is not None:
        return MeanModel(_within_cells(target, held.cells))
    assert held.design is not None
    if numbers is None and held.design.shape[1] > 1:
        return _logistic(held.design, target)
    gram = held.design.T @ held.design
    coefficients = np.linalg.pinv(gram, rcond=1e-11, hermitian=True) @ (held.design.T @ target)
    return MeanModel(target - held.design @ coefficients)


def _combinations(discrete: Sequence[Column], rows: Codes) -> tuple[Codes, int]:
    cells, count = np.zeros(len(rows), dtype=np.int64), 1
    for each in discrete:
        codes, levels = _recoded(each, rows)
        mixed = cells * levels + codes
        if count * levels <= len(rows):
            found = np.flatnonzero(np.bincount(mixed, minlength=count * levels))
            places = np.zeros(count * levels, dtype=np.int64)
            places[found] = np.arange(len(found))
            cells, count = places[mixed], len(found)
        else:
            found, cells = np.unique(mixed, return_inverse=True)
            count = len(found)
    return cells, count


def _recoded(column: Column, rows: Codes) -> tuple[Codes, int]:
    assert column.codes is not None
    return column.codes[rows], max(len(column.levels), 1)


def _dummies(codes: Codes, count: int) -> Floats:
    """(n, number of other levels) indicators, the most common level left out."""
    sizes = np.bincount(codes, minlength=count)
    kept = [place for place in range(count) if sizes[place] and place != int(sizes.argmax())]
    return (
        np.stack([codes == place for place in kept], axis=1).astype(np.float64) if kept else np.empty((len(codes), 0))
    )


def _indicators(column: Column, rows: Codes) -> Floats:
    codes, count = _recoded(column, rows)
    sizes = np.bincount(codes, minlength=count)
    common = [int(place) for place in np.argsort(-sizes, kind="stable") if sizes[place]]
    if len(common) == 2:
        return _flags(codes, [max(common)])
    return _flags(codes, common[1:MOST_TESTED]) if len(common) > 1 else np.zeros((len(rows), 1))


def _flags(codes: Codes, kept: Sequence[int]) -> Floats:
    """(n, number kept) one column for each of these codes."""
    flags = np.empty((len(codes), len(kept)))
    for place, code in enumerate(kept):
        flags[:, place] = codes == code
    return flags


def _within_cells(target: Floats, cells: Codes) -> Floats:
    """Residuals from the mean of each cell, scaled for the degree of freedom that the mean took."""
    sizes = np.bincount(cells).astype(np.float64)
    scale = np.sqrt(sizes / np.maximum(sizes - 1, 1))
    residual = np.empty_like(target)
    for place in range(target.shape[1]):
        means = np.bincount(cells, target[:, place]) / sizes
        residual[:, place] = (target[:, place] - means[cells]) * scale[cells]
    return residual


def _standardised(numbers: Floats) -> Floats:
    centred = numbers - numbers.mean()
    scale = float(np.sqrt(np.mean(centred**2)))
    constant = scale <= 1e-13 * max(abs(float(numbers.mean())), 1e-300)
    return np.asarray(np.zeros_like(centred) if constant else centred / scale)


def _spline(numbers: Floats) -> Floats:
    """(n, at most 4) natural cubic spline without intercept, columns of unit variance."""
    x = _standardised(numbers)
    knots = np.unique(np.quantile(x, KNOTS))
    if len(knots) < len(KNOTS):
        knots = np.unique(np.quantile(pd.unique(x), KNOTS))
    columns = [x]
    if len(knots) >= 3:
        last, before = knots[-1], knots[-2]
        tail = _cube(x - last)
        bend = _cube(x - before)
        for knot in knots[:-2]:
            cubic = _cube(x - knot) - (bend * (last - knot) - tail * (before - knot)) / (last - before)
            columns.append(_standardised(cubic))
    return np.stack(columns, axis=1)


def _cube(numbers: Floats) -> Floats:
    positive = np.maximum(numbers, 0.0)
    return np.asarray(positive * positive * positive)


def _logistic(design: Floats, target: Floats) -> MeanModel:
    """Multinomial logistic regression by Newton's method, from a fit to every tenth row where there are many."""
    n, width = design.shape
    start = np.zeros((target.shape[1], width))
    step = n // 10_000
    if step >= 3:
        start = _newton(np.ascontiguousarray(design[::step]), target[::step], start, 1e-3)[0]
    coefficients, bread = _newton(design, target, start, _PRECISION)
    fitted = _probabilities(design, coefficients)
    return MeanModel(target - fitted, fitted, bread)


def _newton(design: Floats, target: Floats, start: Floats, precision: float) -> tuple[Floats, Floats]:
    """Coefficients (k, p) and the inverse mean Hessian (k p, k p).

    A trace of ridge keeps levels that never meet a condition from running off: their residuals shrink to nothing.
    """
    coefficients, loss = start, np.inf
    for _ in range(_STEPS):
        fitted = _probabilities(design, coefficients)
        inverse = _inverse_hessian(design, fitted)
        gradient = ((target - fitted).T @ design) / len(design) - 1e-9 * coefficients
        move = (inverse @ gradient.ravel()).reshape(coefficients.shape)
        gain = float(gradient.ravel() @ move.ravel())
        size = 1.0
        if gain > 0.1:
            loss = _loss(design, target, coefficients)
            while size > 1e-4 and _loss(design, target, coefficients + size * move) > loss:
                size /= 2
        coefficients = coefficients + size * move
        if gain < precision:
            break
    return coefficients, inverse


def _probabilities(design: Floats, coefficients: Floats) -> Floats:
    index = design @ coefficients.T
    top = np.maximum(index.max(axis=1, keepdims=True), 0.0)
    grown = np.exp(index - top)
    return np.asarray(grown / (np.exp(-top) + grown.sum(axis=1, keepdims=True)))


def _loss(design: Floats, target: Floats, coefficients: Floats) -> float:
    index = design @ coefficients.T
    top = np.maximum(index.max(axis=1), 0.0)
    total = top + np.log(np.exp(-top) + np.exp(index - top[:, None]).sum(axis=1))
    return float(np.mean(total - (target * index).sum(axis=1)))


def _inverse_hessian(design: Floats, fitted: Floats) -> Floats:
    n, width = design.shape
    k = fitted.shape[1]
    hessian = np.empty((k * width, k * width))
    for left in range(k):
        for right in range(left, k):
            weight = fitted[:, left] * ((left == right) - fitted[:, right])
            block = design.T @ (design * weight[:, None]) / n
            hessian[left * width : (left + 1) * width, right * width : (right + 1) * width] = block
            hessian[right * width : (right + 1) * width, left * width : (left + 1) * width] = block
    hessian[np.diag_indices_from(hessian)] += 1e-9
    return np.asarray(np.linalg.inv(hessian))
