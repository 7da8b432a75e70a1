"""What follows from the estimates: standardised coefficients, explained variance, direct, indirect and total effects.

Each is a function of the parameters, and its error follows by the delta method, with derivatives by the complex step.
Total effects are (I - B)^-1 - I (Bollen 1987), which exist where the loops of B die out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import Implied, Layout, Matrix, implied, left_of
from causal.structural.model import Parameter, SemModel

_STEP = 1e-20


def with_errors(
    function: Callable[[Matrix], Matrix], theta: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values (m,) of a function of theta, and their standard errors."""
    values = np.asarray(function(theta), dtype=np.float64)
    slopes = np.empty((len(values), len(theta)))
    for place in range(len(theta)):
        moved = theta.astype(np.complex128)
        moved[place] += 1j * _STEP
        slopes[:, place] = np.asarray(function(moved)).imag / _STEP
    variances = np.einsum("mk,kl,ml->m", slopes, covariance, slopes)
    return values, np.sqrt(np.maximum(variances, 0.0))


def standardised(model: SemModel, layouts: Sequence[Layout]) -> Callable[[Matrix], Matrix]:
    """Every coefficient with all variables at variance one (lavaan's std.all), in the order of the parameters."""
    place = {name: at for at, name in enumerate(model.variables)}

    def of(theta: Matrix) -> Matrix:
        points = [implied(layout, theta) for layout in layouts]
        return np.array([standardised_value(each, points[each.group], place, theta) for each in model.parameters])

    return of


def standardised_value(each: Parameter, at: Implied, place: dict[str, int], theta: Matrix) -> Any:
    """One coefficient with all variables at variance one."""
    left, right = place[each.left], place.get(each.right, 0)
    spread = np.sqrt(np.diag(at.among))
    value = coefficient(each, at, place, theta)
    if each.operator == "=~":
        return value * spread[left] / spread[right]
    if each.operator == "~":
        return value * spread[right] / spread[left]
    if each.operator in ("~1", "|"):
        return value / spread[left]
    if each.operator == "~*~":
        return value / value
    if left == right:
        return value / at.among[left, left]
    residuals = at.residuals
    return value / np.sqrt(residuals[left, left] * residuals[right, right])


def coefficient(each: Parameter, at: Implied, place: dict[str, int], theta: Matrix) -> Any:
    """The value of a parameter, also where it comes from the data."""
    if each.free is not None:
        return theta[each.free]
    if each.operator == "~*~" and each.origin == "scale":
        return 1 / np.sqrt(left_of(at)[place[each.left], place[each.left]])
    if each.origin in ("data", "scale"):
        return (
            at.intercepts[place[each.left]]
            if each.operator == "~1"
            else at.residuals[place[each.left], place[each.right]]
        )
    return each.value


def explained(model: SemModel, layouts: Sequence[Layout]) -> tuple[list[tuple[int, str]], Callable[[Matrix], Matrix]]:
    """(group, variable) of everything that has causes in the model, and the share of its variance that they explain."""
    caused = {
        (each.group, each.right if each.operator == "=~" else each.left)
        for each in model.parameters
        if each.operator in ("=~", "~")
    }
    names = [(group, name) for group in range(model.groups) for name in model.variables if (group, name) in caused]
    place = {name: at for at, name in enumerate(model.variables)}

    def of(theta: Matrix) -> Matrix:
        points = [implied(layout, theta) for layout in layouts]
        return np.array(
            [
                1 - points[group].residuals[place[name], place[name]] / points[group].among[place[name], place[name]]
                for group, name in names
            ]
        )

    return names, of


def effects(
    model: SemModel, layouts: Sequence[Layout]
) -> tuple[list[tuple[int, str, str]], Callable[[Matrix], Matrix]]:
    """(group, cause, effect) of every pair that a path joins; direct, indirect and total effects, one after another."""
    pairs = [
        (group, cause, effect)
        for group in range(model.groups)
        for cause, effect in reachable(model, group)
        if cause != effect
    ]
    place = {name: at for at, name in enumerate(model.variables)}

    def of(theta: Matrix) -> Matrix:
        points = [implied(layout, theta) for layout in layouts]
        direct = np.array([points[group].arrows[place[effect], place[cause]] for group, cause, effect in pairs])
        reach = [at.total - np.eye(len(place)) for at in points]
        total = np.array([reach[group][place[effect], place[cause]] for group, cause, effect in pairs])
        return np.concatenate([direct, total - direct, total])

    return pairs, of


def reachable(model: SemModel, group: int) -> list[tuple[str, str]]:
    """(cause, effect) of every pair that a path of arrows joins; a variable with itself where it stands in a loop."""
    names = model.variables
    place = {name: at for at, name in enumerate(names)}
    step = np.zeros((len(names), len(names)), dtype=bool)
    for each in model.parameters:
        if each.group == group and each.operator in ("=~", "~") and (each.free is not None or each.value != 0):
            cause, effect = (each.left, each.right) if each.operator == "=~" else (each.right, each.left)
            step[place[effect], place[cause]] = True
    reached = step.copy()
    for _ in names:
        reached = reached | (reached @ step)
    return [(cause, effect) for cause in names for effect in names if reached[place[effect], place[cause]]]


def spectral_radius(at: Implied) -> float:
    """The largest eigenvalue of the arrows: below one, what goes round in a loop dies out."""
    return float(np.abs(np.linalg.eigvals(at.arrows)).max(initial=0.0))
