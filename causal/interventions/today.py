"""A structural model's variables before anything is changed, and between which values they usually lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.interventions.changes import Changes
from causal.interventions.scenario import (
    BARS,
    Histogram,
    LevelShare,
    NodeScenario,
    Scenario,
    simulate,
    units_inside,
)
from causal.study import Condition, conditions_of

if TYPE_CHECKING:
    from causal.estimators.design import Floats
    from causal.interventions.structural_model import StructuralModel

OUTSIDE = 0.01
"""The share of the units that lies beyond each end of what is usual."""


def today(model: StructuralModel, where: Iterable[Condition] = ()) -> Scenario:
    """Every variable as it is, of everyone or of the units that satisfy `where`: nothing is changed.

    Raises what `units_inside` does.
    """
    conditions = conditions_of(where)
    units = units_inside(model, {}, conditions) if conditions else None
    count = model.draws if units is None else len(units)
    nodes = tuple(_node(model, name, units) for name in model.names)
    return Scenario({}, conditions, nodes, draws=count, share_of_units=count / model.draws, notes=model.notes)


def scenario_of(
    model: StructuralModel, changes: Changes, where: Iterable[Condition] = (), against: Changes | None = None
) -> Scenario:
    """What changes make of every variable, or how it is today where nothing is changed; `against` other changes.

    A variable of which nobody can tell what becomes is told as it is today, with its role and reason. Raises what
    `simulate` does.
    """
    if not changes:
        return today(model, where)
    found, now = simulate(model, changes, where, against), today(model, where)
    kept = {each.name: each for each in found.nodes if each.role == "not told"}
    nodes = tuple(
        replace(now.node(each.name), role=each.role, note=each.note) if each.name in kept else each
        for each in found.nodes
    )
    return replace(found, nodes=nodes)


def recorded(model: StructuralModel, scenario: Scenario, name: str) -> tuple[float, ...]:
    """The shares of a quantity as they were recorded, in the bars of a scenario's histogram; none of levels.

    Where they differ from the scenario's own before, the model draws the variable otherwise than it is.
    """
    shape = scenario.node(name).histogram
    if shape is None:
        return ()
    values = model.values[name][units_inside(model, {}, scenario.where)]
    counts = np.histogram(np.clip(values, shape.edges[0], shape.edges[-1]), shape.edges)[0]
    return tuple((counts / len(values)).tolist())


def usual_values(model: StructuralModel, name: str) -> tuple[float, float]:
    """Two values of a node between which 98 in 100 of its units lie; both ends of all where these are one."""
    low, high = (float(each) for each in np.quantile(model.values[name], (OUTSIDE, 1 - OUTSIDE)))
    column = model.columns[name]
    return (low, high) if high > low else (column.lowest, column.highest)


def _node(model: StructuralModel, name: str, units: NDArray[np.int64] | None) -> NodeScenario:
    column = model.columns[name]
    values = model.values[name] if units is None else model.values[name][units]
    levels: tuple[LevelShare, ...] = ()
    if column.discrete:
        counted = np.bincount(column.codes(values), minlength=len(column.levels)) / len(values)
        shares = [float(each) for each in (model.shares[name] if units is None else counted)]
        points = [None if column.kind == "category" else float(each) for each in column.points]
        listed = zip(column.levels, points, shares, strict=True)
        levels = tuple(LevelShare(level, point, share, share, 0.0, 0.0) for level, point, share in listed)
    mean = None
    if column.has_mean:
        centre = column.centre if units is None else float(values.mean())
        mean = levels[-1].before if column.kind == "binary" else centre
    error = None if mean is None else 0.0
    shape = histogram_of(values) if column.kind == "numeric" else None
    return NodeScenario(name, column.kind, "as it was", mean, mean, error, error, levels, histogram=shape)


def histogram_of(values: Floats) -> Histogram:
    """The shares of a quantity as it is, before and after alike; the ends take what lies beyond."""
    low, high = np.quantile(values, [0.002, 0.998])
    edges = np.linspace(low, high if high > low else low + 1, BARS + 1)
    shares = tuple((np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / len(values)).tolist())
    return Histogram(tuple(edges.tolist()), shares, shares)
