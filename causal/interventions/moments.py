"""What units and draws say of one node in two worlds: its means or shares, and how sure their difference is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from causal.estimators.design import Floats
from causal.interventions.mechanisms.clusters import Clusters, mean_error
from causal.interventions.node_columns import NodeColumn
from causal.interventions.worlds import Worlds


@dataclass(frozen=True, eq=False)
class Moments:
    """Per unit (n, outputs) and per draw (replicates, outputs): the change, and what is expected after it.

    Outputs are the shares of levels, or one mean.
    """

    change: Floats
    after: Floats
    drawn_change: Floats
    drawn_after: Floats
    clusters: Clusters
    left_over: Floats | None = None

    @classmethod
    def of(cls, column: NodeColumn, name: str, point: Worlds, drawn: Worlds, clusters: Clusters) -> Moments:
        """From the worlds of the fit itself and those of its draws; the clusters are numbered."""
        outputs = _shares_of if column.discrete else _means_of
        before, after = outputs(column, name, point)
        if point.before[name] is point.after[name]:  # nothing reaches it, in no draw
            own = np.zeros((len(drawn.after[name]), after.shape[-1]))
            return cls(np.zeros(after.shape), after, own, own, clusters)
        drawn_before, drawn_after = outputs(column, name, drawn)
        change, drawn_change = after - before, _averaged(drawn_after) - _averaged(drawn_before)
        if not column.discrete and name in point.expected:  # noise that causes widen is still zero on average
            (before, after), (drawn_before, drawn_after) = (
                tuple(means[..., None] for means in each.expected[name]) for each in (point, drawn)
            )
            change, drawn_change = after - before, _averaged(drawn_after) - _averaged(drawn_before)
        return cls(change, after, drawn_change, _averaged(drawn_after), clusters)

    def of_some(self, column: NodeColumn, name: str, point: Worlds, seen: Floats, share: float) -> Moments:
        """Of units chosen by a filter, a `share` of all, which have the values `seen` (n,) as they are.

        What the mechanism leaves over is zero on average among all units that it was fitted on, but not among some.
        """
        if name not in point.expected:
            return self
        had = np.eye(len(column.levels))[column.codes(seen)] if column.discrete else seen[:, None]
        expected = point.expected[name][0] if column.discrete else point.expected[name][0][..., None]
        return replace(self, left_over=(had - expected) * math.sqrt(1 - share))

    def difference(self, points: Floats | None) -> float:
        """Of the means; `points` (outputs,) weigh the outputs (None: there is one)."""
        return float(self.change.mean(axis=0) @ _direction(points))

    def errors(self, points: Floats | None) -> tuple[float, float]:
        """Of the difference, and of the mean after."""
        along = _direction(points)
        after = self._error(self.after @ along, self.drawn_after @ along)
        if self.left_over is not None:
            after = math.hypot(after, math.sqrt(mean_error((self.left_over @ along)[:, None], self.clusters)[0]))
        return self._error(self.change @ along, self.drawn_change @ along), after

    def _error(self, units: Floats, draws: Floats) -> float:
        return math.sqrt(float(mean_error(units[:, None], self.clusters)[0]) + float(draws.var(ddof=1)))


def _averaged(draws: Floats) -> Floats:
    """(replicates, outputs) the mean over the units of each draw (replicates, n, outputs), as a product: quicker."""
    return np.asarray(np.full(draws.shape[1], 1 / draws.shape[1]) @ draws)


def _direction(points: Floats | None) -> Floats:
    return np.ones(1) if points is None else points


def _means_of(column: NodeColumn, name: str, world: Worlds) -> tuple[Floats, Floats]:
    return world.before[name][..., None], world.after[name][..., None]


def _shares_of(column: NodeColumn, name: str, world: Worlds) -> tuple[Floats, Floats]:
    if name in world.expected:
        return world.expected[name]
    each = np.eye(len(column.levels))
    return each[column.codes(world.before[name])], each[column.codes(world.after[name])]
