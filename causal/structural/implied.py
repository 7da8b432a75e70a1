"""Means and covariances that a model implies, and their derivatives, in the reticular action form.

McArdle and McDonald (1984): with all arrows in A, residual covariances in S, intercepts in m, and F picking observed
variables, Sigma = F (I - A)^-1 S (I - A)^-T F' and mu = F (I - A)^-1 m. Works on complex parameters too, so that the
derivative of a gradient is had by the complex step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.structural.model import Parameter, SemModel
from causal.structural.moments import Moments

Matrix = NDArray[Any]
"""Of float64, or complex128 on the way to a derivative."""


@dataclass(frozen=True)
class Layout:
    """Where a group's parameters stand: arrays over entries, `free` their place in theta, -1 for fixed ones.

    `ordered`: places of ordered columns, whose residual variances are such that the variance which the exogenous
    columns (`outside`) leave is one over the squared scale; or, by `theta`, whose scale is such. `thresholds` (row:
    place, column: which).
    """

    size: int
    observed: int
    arrows: _Entries
    residuals: _Entries
    intercepts: _Entries
    means: bool
    thresholds: _Entries
    scales: _Entries
    ordered: NDArray[np.intp]
    outside: NDArray[np.intp]
    theta: bool


@dataclass(frozen=True)
class _Entries:
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    free: NDArray[np.intp]
    values: NDArray[np.float64]

    @cached_property
    def moving(self) -> NDArray[np.intp]:
        """Which entries are free."""
        return np.flatnonzero(self.free >= 0)


def layout_of(model: SemModel, group: int, moments: Moments) -> Layout:
    """Where the parameters of one group stand; exogenous columns take their moments from the data."""
    place = {name: at for at, name in enumerate(model.variables)}
    arrows: list[tuple[int, int, int, float]] = []
    residuals: list[tuple[int, int, int, float]] = []
    intercepts: list[tuple[int, int, int, float]] = []
    thresholds: list[tuple[int, int, int, float]] = []
    scales: list[tuple[int, int, int, float]] = []
    for each in model.parameters:
        if each.group != group:
            continue
        left, right = place[each.left], place.get(each.right, 0)
        free = -1 if each.free is None else each.free
        value = _value(each, left, right, moments)
        if each.operator == "=~":
            arrows.append((right, left, free, value))
        elif each.operator == "~":
            arrows.append((left, right, free, value))
        elif each.operator == "~~":
            residuals.append((left, right, free, value))
        elif each.operator == "~1":
            intercepts.append((left, 0, free, value))
        elif each.operator == "|":
            thresholds.append((left, int(each.right[1:]) - 1, free, value))
        elif each.operator == "~*~":
            scales.append((left, 0, free, value))
    return Layout(
        size=len(model.variables),
        observed=len(model.observed),
        arrows=_entries(arrows),
        residuals=_entries(residuals),
        intercepts=_entries(intercepts),
        means=model.means,
        thresholds=_entries(thresholds),
        scales=_entries(scales),
        ordered=np.array([place[name] for name, _ in model.ordered], dtype=np.intp),
        outside=np.array([place[name] for name in model.exogenous], dtype=np.intp),
        theta=model.parameterization == "theta",
    )


def _value(each: Parameter, left: int, right: int, moments: Moments) -> float:
    if each.origin != "data":
        return each.value
    return float(moments.mean[left] if each.operator == "~1" else moments.covariance[left, right])


def _entries(listed: list[tuple[int, int, int, float]]) -> _Entries:
    rows, columns, free, values = zip(*listed, strict=True) if listed else ((), (), (), ())
    return _Entries(
        np.array(rows, dtype=np.intp),
        np.array(columns, dtype=np.intp),
        np.array(free, dtype=np.intp),
        np.array(values, dtype=np.float64),
    )


@dataclass(frozen=True)
class Implied:
    """What one group's model says at theta: `covariance` (p, p), `mean` (p,) of the observed, and what made them.

    `arrows` = A, `residuals` = S, `intercepts` = m; `total` = (I - A)^-1, `among` = total S total' over all variables,
    `level` = total m.
    """

    layout: Layout
    arrows: Matrix
    residuals: Matrix
    intercepts: Matrix
    total: Matrix
    among: Matrix
    level: Matrix

    @property
    def covariance(self) -> Matrix:
        """Of the observed variables."""
        p = self.layout.observed
        return self.among[:p, :p]

    @property
    def mean(self) -> Matrix:
        """Of the observed variables."""
        return self.level[: self.layout.observed]


def implied(layout: Layout, theta: Matrix) -> Implied:
    """The group's moments at theta; raises numpy's LinAlgError where I - A has no inverse."""
    arrows = np.zeros((layout.size, layout.size), dtype=theta.dtype)
    arrows[layout.arrows.rows, layout.arrows.columns] = _filled(layout.arrows, theta)
    residuals = np.zeros_like(arrows)
    values = _filled(layout.residuals, theta)
    residuals[layout.residuals.rows, layout.residuals.columns] = values
    residuals[layout.residuals.columns, layout.residuals.rows] = values
    intercepts = np.zeros(layout.size, dtype=theta.dtype)
    intercepts[layout.intercepts.rows] = _filled(layout.intercepts, theta)
    total = np.linalg.inv(np.eye(layout.size) - arrows)
    if len(layout.ordered) and not layout.theta:
        at = layout.ordered
        residuals[at, at] = _residuals_of_ordered(layout, theta, total, residuals)
    return Implied(layout, arrows, residuals, intercepts, total, total @ residuals @ total.T, total @ intercepts)


def given_outside(layout: Layout, residuals: Matrix) -> Matrix:
    """The residual covariances when the exogenous columns are held."""
    found = residuals.copy()
    found[layout.outside] = 0.0
    found[:, layout.outside] = 0.0
    return found


def scales_of(layout: Layout, theta: Matrix) -> Matrix:
    """(p,): by what an ordered column's response is multiplied, one where nothing is said."""
    found = np.ones(layout.observed, dtype=theta.dtype)
    if layout.theta:
        at, place = implied(layout, theta), layout.ordered
        with np.errstate(invalid="ignore"):  # a search may try variances below zero
            found[place] = 1 / np.sqrt(left_of(at)[place, place])
    else:
        found[layout.scales.rows] = _filled(layout.scales, theta)
    return found


def left_of(at: Implied) -> Matrix:
    """(p, p) the covariances of the observed variables that the exogenous ones leave."""
    total = at.total[: at.layout.observed]
    return np.asarray(total @ given_outside(at.layout, at.residuals) @ total.T)


def _residuals_of_ordered(layout: Layout, theta: Matrix, total: Matrix, residuals: Matrix) -> Matrix:
    """What ordered columns must have left for the variance that their scale says: linear in it, also along arrows."""
    at = layout.ordered
    without = given_outside(layout, residuals)
    without[at, at] = 0.0
    rest = 1 / scales_of(layout, theta)[at] ** 2 - np.einsum("ij,jk,ik->i", total[at], without, total[at])
    return np.asarray(np.linalg.solve(total[np.ix_(at, at)] ** 2, rest))


def thresholds_of(layout: Layout, theta: Matrix) -> list[Matrix]:
    """The thresholds of each ordered column, in the order of `ordered`."""
    entries, values = layout.thresholds, _filled(layout.thresholds, theta)
    found = []
    for place in layout.ordered:
        own = np.flatnonzero(entries.rows == place)
        found.append(values[own[np.argsort(entries.columns[own])]])
    return found


def _filled(entries: _Entries, theta: Matrix) -> Matrix:
    values = entries.values.astype(theta.dtype)
    values[entries.moving] = theta[entries.free[entries.moving]]
    return values


def gradient(at: Implied, by_covariance: Matrix, by_mean: Matrix, size: int) -> Matrix:
    """The derivative by theta (size,) of a function whose derivatives by Sigma (symmetric) and mu are these."""
    layout, p = at.layout, at.layout.observed
    reach = at.total[:p]  # F (I - A)^-1
    inner = reach.T @ by_covariance @ reach
    pull = reach.T @ by_mean
    found = np.zeros(size, dtype=by_covariance.dtype)
    arrows = 2 * (reach.T @ by_covariance @ at.among[:p]) + np.outer(pull, at.level)
    entries = layout.arrows
    np.add.at(found, entries.free[entries.moving], arrows[entries.rows, entries.columns][entries.moving])
    entries = layout.residuals
    twice = np.where(entries.rows == entries.columns, 1.0, 2.0)
    np.add.at(found, entries.free[entries.moving], (twice * inner[entries.rows, entries.columns])[entries.moving])
    entries = layout.intercepts
    np.add.at(found, entries.free[entries.moving], pull[entries.rows][entries.moving])
    return found


def derivatives(at: Implied, size: int) -> tuple[Matrix, Matrix]:
    """Derivatives d Sigma / d theta (size, p, p) and d mu / d theta (size, p)."""
    layout, p = at.layout, at.layout.observed
    covariance = np.zeros((size, p, p), dtype=at.among.dtype)
    mean = np.zeros((size, p), dtype=at.among.dtype)
    reach, among = at.total[:p], at.among[:, :p]
    entries = layout.arrows
    for place in entries.moving:
        row, column, free = entries.rows[place], entries.columns[place], entries.free[place]
        outer = np.outer(reach[:, row], among[column])
        covariance[free] += outer + outer.T
        mean[free] += reach[:, row] * at.level[column]
    entries = layout.residuals
    for place in entries.moving:
        row, column, free = entries.rows[place], entries.columns[place], entries.free[place]
        outer = np.outer(reach[:, row], reach[:, column])
        covariance[free] += outer if row == column else outer + outer.T
    entries = layout.intercepts
    for place in entries.moving:
        mean[entries.free[place]] += reach[:, entries.rows[place]]
    return covariance, mean
