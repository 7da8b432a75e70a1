"""What an intervention does to every variable of a fitted structural equation model, latent ones included.

Bollen (1989), Structural Equations with Latent Variables, chapter 8; Pearl (2009), Causality, section 5.3. With arrows
A, residual covariances S and intercepts m, a variable that is set loses its row of A and of S; the rest settles at
(I - A)^-1 m with covariances (I - A)^-1 S (I - A)^-T, where feedback dies out. Errors by the delta method over all that
was estimated: coefficients, means, and the covariances of exogenous columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causal.errors import EstimationError, OptionProblem, UnknownNode
from causal.interventions.changes import Changes, Randomise, Scale, Set, Shift, changes_to_json, require_changes
from causal.interventions.node_columns import NodeKind
from causal.interventions.scenario import BARS, QUANTILES, Histogram, LevelShare, NodeScenario, Role, Scenario
from causal.interventions.structural_levels import as_levels, level_shares, ordered_columns
from causal.structural.sem_fit import Coefficient, SemFit
from causal.structural.solution import with_errors

Matrix = NDArray[Any]
"""Of float64, or complex128 on the way to a derivative."""

_DUST = 1e-12
"""A mean of so few standard deviations is zero, and what is left of it arithmetic."""

_FAR = 3.0
"""A value so many standard deviations from the mean is beyond what nearly all rows show."""


@dataclass(frozen=True)
class Deviation:
    """The standard deviation of one variable before and after, with the error of its change."""

    name: str
    before: float
    after: float
    std_error: float


@dataclass(frozen=True)
class StructuralScenario(Scenario):
    """A scenario by equations, not by draws: `deviations` in the order of the nodes, `group` the label it is for.

    `readings`: how what is changed is to be understood, where a latent variable is in it.
    """

    deviations: tuple[Deviation, ...] = ()
    group: str = ""
    readings: tuple[str, ...] = ()


def sem_what_if(fit: SemFit, changes: Changes, group: int = 0, against: Changes | None = None) -> StructuralScenario:
    """Every variable's mean and spread before and after the changes, in one group of the fit.

    `against`: other changes, which then stand where today does, so that two interventions are compared. Latent
    variables have the scale of their first indicator, and mean 0 unless the model has means. Raises UnknownNode,
    OptionProblem for a change that no number follows from, EstimationError where feedback does not die out.
    """
    require_changes(changes)
    return sem_scenario(fit, changes, group, against)


def sem_scenario(fit: SemFit, changes: Changes, group: int = 0, against: Changes | None = None) -> StructuralScenario:
    """The same, or how the equations have every variable where nothing is changed.

    Raises what `sem_what_if` does.
    """
    names, before = (*fit.observed, *fit.latent), against or {}
    estimates = _Estimates.of(fit, group)
    for each in (changes, before):
        _require_served(fit, each, names)
        _require_rest(estimates, each, names)
    ordered = ordered_columns(fit, group)

    def of(theta: Matrix) -> Matrix:
        now = as_levels(ordered, theta, *_settled(*_changed(estimates, theta, before, names)))
        then = as_levels(ordered, theta, *_settled(*_changed(estimates, theta, changes, names)))
        parts = ((one, two, two - one) for one, two in zip(now, then, strict=True))
        return np.concatenate([each for part in parts for each in part])

    every, all_errors = with_errors(of, estimates.point, estimates.covariance)
    size = 6 * len(names)
    values, errors = (each[:size].reshape(6, -1) for each in (every, all_errors))
    shares = level_shares(ordered, *(each[size:].reshape(3, -1) for each in (every, all_errors)))
    values[:3][np.abs(values[:3]) < _DUST * np.sqrt(np.abs(values[3]))] = 0.0
    either = {**before, **changes}
    reached = _reached(estimates, changes, names) | _reached(estimates, before, names)
    beyond = dict.fromkeys(note for each in (changes, before) for note in _beyond(estimates, each, names))
    order = _causal_order(estimates, names)
    return StructuralScenario(
        changes=changes_to_json(changes),
        where=(),
        nodes=tuple(_node(names[at], at, values, errors, either, reached, shares) for at in order),
        draws=estimates.rows,
        share_of_units=1.0,
        notes=(*fit.notes, *beyond),
        deviations=tuple(_deviation(names[at], at, values, errors) for at in order),
        group=fit.groups[group],
        readings=tuple(_readings(fit, either, reached)),
        against=changes_to_json(before),
    )


def _require_served(fit: SemFit, changes: Changes, names: Sequence[str]) -> None:
    """Refuse changes that no number follows from.

    Raises UnknownNode, OptionProblem.
    """
    for name, change in changes.items():
        if name not in names:
            raise UnknownNode.named(name, names)
        if name in fit.ordered:
            raise OptionProblem(
                f'"{name}" is taken as levels in order: behind them stands a response without a unit, in which no '
                "change can be said. Change what causes it, such as the latent variable that it shows."
            )
        if isinstance(change, Set):
            _number(name, change)


@dataclass(frozen=True, eq=False)
class _Estimates:
    """Everything that was estimated in one group as one vector, `point`, with its covariance.

    The vector holds the free coefficients, then the covariances of exogenous columns, then means from the data: of all
    observed variables where the model has no intercepts, else of the exogenous ones.
    """

    coefficients: tuple[Coefficient, ...]
    observed: int
    size: int
    rows: int
    point: NDArray[np.float64]
    covariance: NDArray[np.float64]
    places: dict[str, int]
    given: dict[tuple[int, int], int]
    means: dict[int, int]
    intercepts: bool

    @classmethod
    def of(cls, fit: SemFit, group: int) -> _Estimates:
        names = (*fit.observed, *fit.latent)
        places = {name: at for at, name in enumerate(names)}
        operators = ("=~", "~", "~~", "~1", "~*~")
        own = tuple(each for each in fit.coefficients if each.group == group and each.operator in operators)
        theta = np.zeros(len(fit.covariance))
        for each in fit.coefficients:
            if each.place is not None:
                theta[each.place] = each.estimate
        data = [each for each in own if each.origin == "data" and each.operator == "~~"]
        given = {(places[each.left], places[each.right]): len(theta) + at for at, each in enumerate(data)}
        intercepts = any(each.operator == "~1" for each in own)
        told = [places[name] for name in (fit.exogenous if intercepts else fit.observed)]
        means = {place: len(theta) + len(given) + at for at, place in enumerate(told)}
        point = np.concatenate([theta, [each.estimate for each in data], [fit.means[group][place] for place in told]])
        rows = fit.group_rows[group] if fit.group_rows else fit.n // len(fit.groups)
        bare = cls(own, len(fit.observed), len(names), rows, point, np.zeros((0, 0)), places, given, means, intercepts)
        covariance = np.zeros((len(point), len(point)))
        covariance[: len(theta), : len(theta)] = np.array(fit.covariance).reshape(len(theta), len(theta))
        among = _among(*bare.matrices(point)[:2])
        for (a, b), one in given.items():
            for (c, d), two in given.items():
                covariance[one, two] = (among[a, c] * among[b, d] + among[a, d] * among[b, c]) / rows
        for a, one in means.items():
            for b, two in means.items():
                covariance[one, two] = among[a, b] / rows
        return cls(own, bare.observed, len(names), rows, point, covariance, places, given, means, intercepts)

    def matrices(self, theta: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        """Arrows, residual covariances and intercepts."""
        arrows = np.zeros((self.size, self.size), dtype=theta.dtype)
        residuals = np.zeros_like(arrows)
        level = np.zeros(self.size, dtype=theta.dtype)
        scales: dict[int, Any] = {}
        for each in self.coefficients:
            left, right = self.places[each.left], self.places.get(each.right, 0)
            given = self.given.get((left, right)) if each.operator == "~~" and each.origin == "data" else None
            at = each.place if given is None else given
            value = each.estimate if at is None else theta[at]
            if each.operator == "=~":
                arrows[right, left] = value
            elif each.operator == "~":
                arrows[left, right] = value
            elif each.operator == "~~":
                residuals[left, right] = residuals[right, left] = value
            elif each.operator == "~*~":
                if each.origin != "scale":
                    scales[left] = value
            else:
                level[left] = theta[self.means[left]] if left in self.means else value
        if scales:
            ordered = np.array(list(scales))
            left_over = self._left_over(arrows, residuals, ordered, np.array(list(scales.values())))
            residuals[ordered, ordered] = left_over
        if not self.intercepts:
            settled = np.zeros(self.size, dtype=theta.dtype)
            for place, at in self.means.items():
                settled[place] = theta[at]
            level = settled - arrows @ settled
        return arrows, residuals, level

    def _left_over(self, arrows: Matrix, residuals: Matrix, at: NDArray[np.intp], scales: Matrix) -> Matrix:
        """Of ordered columns, what they must have left for the variance that their scale says, exogenous ones held."""
        total = np.linalg.inv(np.eye(self.size) - arrows)
        without = residuals.copy()
        outside = sorted({place for pair in self.given for place in pair})
        without[outside] = without[:, outside] = 0.0
        without[at, at] = 0.0
        rest = 1 / scales**2 - np.einsum("ij,jk,ik->i", total[at], without, total[at])
        return np.asarray(np.linalg.solve(total[np.ix_(at, at)] ** 2, rest))


def _among(arrows: Matrix, residuals: Matrix) -> Matrix:
    total = np.linalg.inv(np.eye(len(arrows)) - arrows)
    return np.asarray(total @ residuals @ total.T)


def _settled(arrows: Matrix, residuals: Matrix, level: Matrix) -> tuple[Matrix, Matrix]:
    """The mean and the variance of every variable."""
    total = np.linalg.inv(np.eye(len(arrows)) - arrows)
    return total @ level, np.diag(total @ residuals @ total.T)


def _changed(estimates: _Estimates, theta: Matrix, changes: Changes, names: Sequence[str]) -> tuple[Matrix, ...]:
    arrows, residuals, level = estimates.matrices(theta)
    means, spreads = _settled(arrows, residuals, level)
    for name, change in changes.items():
        at = names.index(name)
        if isinstance(change, Shift):
            level[at] += change.amount
        elif isinstance(change, Scale):
            level[at] *= change.factor
            arrows[at] *= change.factor
            residuals[at] *= change.factor
            residuals[:, at] *= change.factor
        else:
            arrows[at] = 0
            residuals[at] = residuals[:, at] = 0
            level[at] = _number(name, change) if isinstance(change, Set) else means[at]
            if isinstance(change, Randomise):
                residuals[at, at] = spreads[at]
    return arrows, residuals, level


def _number(name: str, change: Set) -> float:
    if isinstance(change.value, str):
        raise OptionProblem(f'"{name}" is a number in the equations: set it to one, not to "{change.value}".')
    return float(change.value)


def _require_rest(estimates: _Estimates, changes: Changes, names: Sequence[str]) -> None:
    """Refuse loops that do not die out, before or after.

    Raises EstimationError.
    """
    for when, (arrows, _, _) in (
        ("as they are", estimates.matrices(estimates.point)),
        ("after these changes", _changed(estimates, estimates.point, changes, names)),
    ):
        radius = float(np.abs(np.linalg.eigvals(arrows)).max(initial=0.0))
        if radius >= 1:
            raise EstimationError(
                f"What goes round in the loop does not die out {when} (spectral radius {radius:.3g}, not below 1): the "
                "variables come to no rest, so there is nothing to compare."
            )


def _reached(estimates: _Estimates, changes: Changes, names: Sequence[str]) -> frozenset[str]:
    """What stands below a changed variable, itself included, as far as arrows that are left lead."""
    arrows = _changed(estimates, estimates.point, changes, names)[0] != 0
    found = {names.index(name) for name in changes}
    for _ in names:
        found |= {int(effect) for effect in np.flatnonzero(arrows[:, sorted(found)].any(axis=1))}
    return frozenset(names[at] for at in found)


def _causal_order(estimates: _Estimates, names: Sequence[str]) -> list[int]:
    step = estimates.matrices(estimates.point)[0] != 0
    above = step.copy()
    for _ in names:
        above = above | (above @ step)
    return sorted(range(len(names)), key=lambda at: (int(above[at].sum()), at))


def _node(
    name: str,
    at: int,
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    changes: Changes,
    reached: frozenset[str],
    shares: Mapping[str, tuple[LevelShare, ...]],
) -> NodeScenario:
    before, after, _ = values[:3, at].tolist()
    role: Role = "changed" if name in changes else "affected" if name in reached else "as it was"
    if name in shares:
        return _of_levels(name, role, shares[name], before, after, float(errors[2, at]), float(errors[1, at]))
    spread, moved = (math.sqrt(max(each, 0.0)) for each in values[3:5, at].tolist())
    return NodeScenario(
        name=name,
        kind="numeric",
        role=role,
        before=before,
        after=after if role != "as it was" else before,
        std_error=float(errors[2, at]) if role != "as it was" else 0.0,
        after_std_error=float(errors[1, at]),
        quantiles=tuple(
            (share, before + stats.norm.ppf(share) * spread, after + stats.norm.ppf(share) * moved)
            for share in QUANTILES
        ),
        histogram=_histogram(before, spread, after, moved),
    )


def _of_levels(
    name: str, role: Role, levels: tuple[LevelShare, ...], before: float, after: float, error: float, after_error: float
) -> NodeScenario:
    """An ordered column by the mean of its levels; of two, by the share of the second."""
    if len(levels) == 2:
        last = levels[-1]
        before, after, error, after_error = last.before, last.after, last.std_error, last.after_std_error
    if role == "as it was":
        after, error = before, 0.0
        levels = tuple(replace(each, after=each.before, std_error=0.0) for each in levels)
    kind: NodeKind = "binary" if len(levels) == 2 else "ordered"
    return NodeScenario(name, kind, role, before, after, error, after_error, levels)


def _histogram(before: float, spread: float, after: float, moved: float) -> Histogram:
    """Shares of normal curves, the ends taking what lies beyond."""
    low = min(before - 3 * spread, after - 3 * moved)
    high = max(before + 3 * spread, after + 3 * moved)
    edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
    bars = []
    for centre, width in ((before, spread), (after, moved)):
        below = stats.norm.cdf(edges, centre, width) if width > 0 else (edges > centre).astype(float)
        below[0], below[-1] = 0.0, 1.0
        bars.append(tuple(np.diff(below).tolist()))
    return Histogram(tuple(edges.tolist()), *bars)


def _deviation(name: str, at: int, values: NDArray[np.float64], errors: NDArray[np.float64]) -> Deviation:
    before, after = (math.sqrt(max(each, 0.0)) for each in values[3:5, at].tolist())
    both = before + after
    return Deviation(name, before, after, float(errors[5, at]) / both if both > 0 else 0.0)


def _beyond(estimates: _Estimates, changes: Changes, names: Sequence[str]) -> list[str]:
    today, spreads = _settled(*estimates.matrices(estimates.point))
    then = _settled(*_changed(estimates, estimates.point, changes, names))[0]
    found = []
    for name in changes:
        at = names.index(name)
        spread, apart = math.sqrt(max(spreads[at], 0.0)), abs(then[at] - today[at])
        if spread > 0 and apart > _FAR * spread:
            found.append(
                f'"{name}" would move by {apart / spread:.1f} standard deviations: so far from the rows '
                "the straight lines are a guess."
            )
    return found


def _readings(fit: SemFit, changes: Changes, reached: frozenset[str]) -> list[str]:
    found = []
    for name, change in changes.items():
        if name in fit.latent:
            found.append(f'"{name}" is no column: one unit of it is one unit of the first column that shows it.')
        if isinstance(change, Set) and _shows(fit, name):
            found.append(f'Setting "{name}" changes the column alone, not the latent variable that it shows.')
    if fit.exogenous and reached & set(fit.ordered):
        found.append(
            f"Shares of levels take {' and '.join(fit.exogenous)} for normal over all rows: they are rough where that "
            "is far off."
        )
    return found


def _shows(fit: SemFit, name: str) -> bool:
    return any(each.operator == "=~" and each.right == name for each in fit.coefficients)
