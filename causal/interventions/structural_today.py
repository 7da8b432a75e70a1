"""The variables of a fitted structural equation model before anything is changed, and where they usually lie.

Columns are told as they were recorded in the rows of the fit; latent variables as the equations have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causal.interventions.scenario import NodeScenario, Scenario
from causal.interventions.structural_equations import StructuralScenario, sem_scenario
from causal.interventions.today import OUTSIDE, histogram_of
from causal.structural.rows import SemRows, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable
    from causal.structural.sem_fit import SemFit

_STEPS = 1_001
"""A column is kept by so many of its quantiles, however many rows it has."""

_MOST_ROWS = 100_000
"""Quantiles are of so many rows at most, evenly spread over the table."""


@dataclass(frozen=True, eq=False)
class StructuralToday:
    """`scenario`: every variable with nothing changed. `usual`: by name, two values between which 98 in 100 rows lie.

    `quantiles` of each column in the rows of the fit.
    """

    scenario: StructuralScenario
    usual: Mapping[str, tuple[float, float]]
    quantiles: Mapping[str, NDArray[np.float64]]

    def recorded(self, scenario: Scenario, name: str) -> tuple[float, ...]:
        """The shares of a column as it was recorded, in the bars of a scenario's histogram; none of a latent one."""
        shape = scenario.node(name).histogram
        if shape is None or name not in self.quantiles:
            return ()
        return _shares(self.quantiles[name], np.array(shape.edges))


def structural_today(fit: SemFit, frame: pd.DataFrame | UnitTable, group: int = 0) -> StructuralToday:
    """Every variable of one group as it is, from the rows that the fit saw.

    Raises what `sem_what_if` and `rows_of` do.
    """
    found = sem_scenario(fit, {}, group)
    rows = rows_of(frame, fit.observed, fit.exogenous, fit.group_column, fit.missing, checked=False)
    steps = np.linspace(0.0, 1.0, _STEPS)
    quantiles = {name: np.quantile(_thinned(_column(rows, group, at)), steps) for at, name in enumerate(fit.observed)}
    nodes = []
    for node in found.nodes:
        own = quantiles.get(node.name)
        if node.levels:
            column = _column(rows, group, fit.observed.index(node.name))
            nodes.append(_levels_recorded(node, column))
        else:
            nodes.append(node if own is None else replace(node, histogram=histogram_of(own)))
    usual = {each.name: _usual(each.name, found, quantiles) for each in nodes}
    return StructuralToday(replace(found, nodes=tuple(nodes)), usual, quantiles)


def _column(rows: SemRows, group: int, at: int) -> NDArray[np.float64]:
    parts = zip(rows.patterns[group], rows.values[group], strict=True)
    return np.concatenate(
        [values[:, int(np.flatnonzero(each.columns == at)[0])] for each, values in parts if at in each.columns]
    )


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[:: max(1, len(values) // _MOST_ROWS)]


def _levels_recorded(node: NodeScenario, column: NDArray[np.float64]) -> NodeScenario:
    shares = [float((column == each.number).mean()) for each in node.levels]
    mean = shares[-1] if node.kind == "binary" else float(column.mean())
    levels = tuple(replace(each, before=share, after=share) for each, share in zip(node.levels, shares, strict=True))
    return replace(node, before=mean, after=mean, levels=levels)


def _usual(name: str, found: StructuralScenario, quantiles: Mapping[str, NDArray[np.float64]]) -> tuple[float, float]:
    if name in quantiles:
        low, high = (float(np.quantile(quantiles[name], share)) for share in (OUTSIDE, 1 - OUTSIDE))
        return (low, high) if high > low else (float(quantiles[name][0]), float(quantiles[name][-1]))
    centre = found.node(name).before or 0.0
    half = float(stats.norm.ppf(1 - OUTSIDE)) * next(each.before for each in found.deviations if each.name == name)
    return centre - half, centre + half


def _shares(quantiles: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    counts = np.histogram(np.clip(quantiles, edges[0], edges[-1]), edges)[0]
    return tuple((counts / len(quantiles)).tolist())
