"""A structural causal model fitted to a table: one mechanism per node, its noise, and draws of the fit.

Pearl (2009), Causality, section 1.4: each variable is a function of its direct causes and of a noise of its own. Of a
quantity the noise is what the mean leaves over (additive), of levels it is a uniform number that picks one by their
cumulative shares. Hidden common causes may stand between two nodes as long as neither is an ancestor of the other,
since noises of one unit are kept together; a node that shares one with an ancestor has no mechanism that data can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.analysis import observed_in
from causal.errors import EmptyLog, GraphError, TooFewUnits, UnknownNode
from causal.estimators.design import Floats
from causal.estimators.few_clusters import FEW_CLUSTERS
from causal.estimators.one_thread import one_thread
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.projection import latent_projection
from causal.interventions.mechanisms.boosted import BoostedMean
from causal.interventions.mechanisms.cells import CellMeans, CellShares
from causal.interventions.mechanisms.choice import Chosen, Mechanism, Task, choose, fit
from causal.interventions.mechanisms.clusters import Clusters
from causal.interventions.mechanisms.line import LinearMean
from causal.interventions.mechanisms.spread import Spread, fit_spread
from causal.interventions.model_arrays import decoded, encoded
from causal.interventions.node_columns import NodeColumn, NodeKind, complete_rows, node_columns
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import Condition, condition_to_json, conditions_of, fingerprint_of

DRAWS = 20_000
"""So many units, drawn from the table, are asked what if; all of them where the table has fewer."""

REPLICATES = 60
"""So many draws of every mechanism carry the fit's uncertainty into intervals."""

FITTED_ROWS = 200_000
"""Means and shares are fitted on so many units at most, drawn from the table; tables of levels on all of them."""

FEWEST_UNITS = 20

SPREAD_ROWS = 20_000
"""How causes widen a quantity's noise is learnt from so many units at most."""

_UNITS_PER_COLUMN = 20
_ADDED = ", with noise added"
_WIDENED = ", with noise that they widen"
_VERSION = 2


@dataclass(frozen=True)
class NodeModel:
    """One node of a structural model, in words: its kind, causes, mechanism, and fit on units not seen.

    `loss` and `loss_of_mean` are mean squared errors of a quantity and mean log losses of levels (None without causes);
    `explained` is one minus their ratio. `hidden_with` are the nodes with which it shares a hidden common cause,
    `confounded_with` those of them that are its ancestors, so that its mechanism is no causal one. `note` says what
    else to know, or nothing.
    """

    name: str
    kind: NodeKind
    levels: tuple[Any, ...]
    causes: tuple[str, ...]
    mechanism: str
    loss: float | None
    loss_of_mean: float | None
    hidden_with: tuple[str, ...] = ()
    confounded_with: tuple[str, ...] = ()
    note: str = ""

    @property
    def explained(self) -> float | None:
        """The share of the loss that the causes take away from units not seen; below zero they only add noise."""
        if self.loss is None or not self.loss_of_mean:
            return None
        return 1 - self.loss / self.loss_of_mean


@dataclass(frozen=True, eq=False)
class StructuralModel:
    """Mechanisms and draws for every observed node of a graph.

    `nodes` are in causal order; `values` (draws,) are the units asked what if, `noise` (draws,) a uniform number per
    unit and node with levels; `shares` of levels are those among all `units`, which are complete in every node, of
    `rows` in the table. Units of the same number in `clusters` (draws,) have the column `cluster` in common; None where
    each stands for itself. `kept` remembers what the mechanisms say of the units as they are.
    """

    graph: CausalGraph
    nodes: tuple[NodeModel, ...]
    columns: Mapping[str, NodeColumn]
    mechanisms: Mapping[str, Mechanism]
    values: Mapping[str, Floats]
    noise: Mapping[str, Floats]
    shares: Mapping[str, Floats]
    rows: int
    units: int
    where: tuple[Condition, ...]
    seed: int
    table_fingerprint: str
    notes: tuple[str, ...]
    cluster: str | None = None
    clusters: Clusters = None
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    kept: dict[Any, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The nodes in causal order."""
        return tuple(node.name for node in self.nodes)

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        """Of every node those that it can reach."""
        found: dict[str, frozenset[str]] = dict.fromkeys(self.names, frozenset())
        for node in reversed(self.nodes):
            for cause in node.causes:
                found[cause] |= found[node.name] | {node.name}
        return found

    @property
    def draws(self) -> int:
        """How many units are asked what if."""
        return len(next(iter(self.values.values())))

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits; equal for the same table, graph, filter, seed and clusters."""
        return model_fingerprint(self.table_fingerprint, self.graph, self.seed, self.where, self.draws, self.cluster)

    def node(self, name: str) -> NodeModel:
        """The node of this name.

        Raises UnknownNode.
        """
        for each in self.nodes:
            if each.name == name:
                return each
        raise UnknownNode.named(name, self.names)

    def affected_by(self, names: Iterable[str]) -> tuple[str, ...]:
        """The nodes that an intervention on these can reach, in causal order, the changed ones left out."""
        changed = frozenset(names)
        reached = frozenset[str]().union(*(self._below[name] for name in changed)) - changed
        return tuple(name for name in self.names if name in reached)

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays by name, and the rest as JSON values; `from_arrays` gives the model back."""
        arrays: dict[str, Any] = {}
        facts = {
            "version": _VERSION,
            "graph": self.graph.to_text("json"),
            "where": [condition_to_json(each) for each in self.where],
            "rest": {
                name: encoded(getattr(self, name), arrays)
                for name in ("nodes", "columns", "mechanisms", "values", "noise", "shares", "clusters", "spreads")
            },
            "plain": {
                "rows": self.rows,
                "units": self.units,
                "seed": self.seed,
                "table_fingerprint": self.table_fingerprint,
                "notes": list(self.notes),
                "cluster": self.cluster,
            },
        }
        return arrays, facts

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> StructuralModel:
        """The model that `to_arrays` wrote."""
        plain = {**facts["plain"], "notes": tuple(facts["plain"]["notes"])}
        rest = {name: decoded(value, arrays) for name, value in facts["rest"].items()}
        return cls(graph=CausalGraph.parse(facts["graph"]), where=conditions_of(facts["where"]), **rest, **plain)


def model_fingerprint(
    table_fingerprint: str,
    graph: CausalGraph,
    seed: int = 0,
    where: Sequence[Condition] = (),
    draws: int = DRAWS,
    cluster: str | None = None,
) -> str:
    """That of the model which `fit_structural_model` makes of these."""
    asked = {
        "version": _VERSION,
        "table": table_fingerprint,
        "graph": graph.without_positions().to_text("json"),
        "seed": seed,
        "where": [condition_to_json(each) for each in where],
        "draws": draws,
    }
    return fingerprint_of(asked if cluster is None else {**asked, "cluster": cluster})


@one_thread
def fit_structural_model(
    table: UnitTable,
    graph: CausalGraph,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    where: Iterable[Condition] | Condition = (),
    cluster: str | None = None,
    on_progress: Progress = silent,
) -> StructuralModel:
    """A mechanism for every node of the graph that is a column, chosen by its kind and by cross-validation.

    Nodes that are no columns count as unobserved. `where` fits the model to some of the units; `cluster` names the
    column whose units go together, such as all of one user, which intervals then respect. Raises GraphError,
    UnknownColumn, CovariateProblem for a column that no mechanism serves, EmptyLog and TooFewUnits.
    """
    import sklearn.ensemble  # noqa: F401  # its threads are limited only once they are loaded
    from threadpoolctl import threadpool_limits

    conditions = conditions_of(where)
    seen = latent_projection(observed_in(table, graph))
    if len(seen.order) == 0:
        raise GraphError("No variable of the graph is a column of the table. Name the nodes as the columns are named.")
    on_progress(0.0, "reading the columns")
    needed = seen.order if cluster is None else (*seen.order, cluster)
    rows = complete_rows(table, needed, satisfied(table, conditions))
    _require_units(table, needed, len(rows))
    clusters = None if cluster is None else _clusters(table, cluster, rows)
    columns, values = node_columns(table, seen.order, rows)
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(rows)) if len(rows) <= draws else rng.choice(len(rows), draws, replace=False)
    chosen = rng.permutation(chosen)
    ancestors = {name: seen.ancestors_within(frozenset({name}), frozenset(seen.order)) for name in seen.order}
    nodes, mechanisms, spreads = [], {}, {}
    with threadpool_limits(1):
        for place, name in enumerate(seen.order):
            causes = tuple(sorted(seen.parents_of[name]))
            hidden = tuple(sorted(seen.siblings_of[name])), tuple(sorted(seen.siblings_of[name] & ancestors[name]))
            start = place / len(seen.order)
            on_progress(start, f'fitting "{name}", {place + 1} of {len(seen.order)}')
            tell = _part(on_progress, start, 1 / len(seen.order), f'fitting "{name}"')
            node_rng = np.random.default_rng([seed, place])
            task = Task(columns, _varying(columns, causes), name, values, clusters)
            node, mechanism = _node(task, causes, hidden, node_rng, tell)
            spread = _spread(task, mechanism, node_rng)
            if spread is not None:
                spreads[name] = spread
                node = replace(node, mechanism=f"{node.mechanism.removesuffix(_ADDED)}{_WIDENED}")
            nodes.append(node)
            if mechanism is not None:
                mechanisms[name] = mechanism
    on_progress(1.0, "done")
    return StructuralModel(
        graph=graph,
        nodes=tuple(nodes),
        columns=columns,
        mechanisms=mechanisms,
        values={name: each[chosen] for name, each in values.items()},
        noise={name: rng.random(len(chosen)) for name in seen.order if columns[name].discrete and name in mechanisms},
        shares={name: _shares(column, values[name]) for name, column in columns.items() if column.discrete},
        rows=len(table),
        units=len(rows),
        where=conditions,
        seed=seed,
        table_fingerprint=table.fingerprint,
        notes=(
            *_notes(table, graph, seen.order, len(rows), len(chosen), satisfied(table, conditions)),
            *_notes_on_clusters(cluster, clusters),
        ),
        cluster=cluster,
        clusters=None if clusters is None else clusters[chosen],
        spreads=spreads,
    )


def _node(
    task: Task,
    causes: tuple[str, ...],
    hidden: tuple[tuple[str, ...], tuple[str, ...]],
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[NodeModel, Mechanism | None]:
    column = task.column
    made: Mechanism | None = None
    chosen: Chosen | None = None
    mechanism = "its own values" if not causes else "nothing to explain"
    if column.constant:
        mechanism = "the same value for every unit"
    elif task.causes:
        chosen = choose(task, rng)
        sampled = task if chosen.form == "cells" else _sampled(task, rng)
        made = fit(sampled, chosen, rng, REPLICATES, progress)
        mechanism = _words(column.kind, chosen)
    return (
        NodeModel(
            name=column.name,
            kind=column.kind,
            levels=column.levels,
            causes=causes,
            mechanism=mechanism,
            loss=None if chosen is None else chosen.loss,
            loss_of_mean=None if chosen is None else chosen.loss_of_mean,
            hidden_with=hidden[0],
            confounded_with=hidden[1],
            note=_node_note(column, made, causes, task.causes, hidden[1]),
        ),
        made,
    )


def _spread(task: Task, mechanism: Mechanism | None, rng: np.random.Generator) -> Spread | None:
    """Of a quantity whose causes say how far it lies from its mean."""
    if not isinstance(mechanism, LinearMean | CellMeans | BoostedMean):
        return None
    task = _at_most(task, SPREAD_ROWS, rng)
    plain, bent = task.features(), task.features(bent=True)
    choices = [each for each in (plain, bent) if each.width * _UNITS_PER_COLUMN <= len(task)]
    return fit_spread(choices, task.values, task.outcome() - mechanism.mean(task.values), rng) if choices else None


def _sampled(task: Task, rng: np.random.Generator) -> Task:
    return _at_most(task, FITTED_ROWS, rng)


def _at_most(task: Task, most: int, rng: np.random.Generator) -> Task:
    if len(task) <= most:
        return task
    return task.among(np.sort(rng.choice(len(task), most, replace=False)))


def _varying(columns: Mapping[str, NodeColumn], causes: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in causes if not columns[name].constant)


def _words(kind: NodeKind, chosen: Chosen) -> str:
    if chosen.form == "cells":
        of = "mean" if kind == "numeric" else "shares"
        return f"{of} in every combination of its causes' levels"
    if kind == "numeric":
        return {
            "linear": f"linear in its causes{_ADDED}",
            "curved": f"curves in its causes and their products{_ADDED}",
            "boosted": f"boosted trees of its causes ({chosen.trees}){_ADDED}",
        }[chosen.form]
    return {
        "linear": "logistic regression on its causes",
        "curved": "logistic regression on curves in its causes and their products",
        "boosted": f"boosted trees of its causes ({chosen.trees}) for the chance of each level",
    }[chosen.form]


def _node_note(
    column: NodeColumn, made: Mechanism | None, causes: Sequence[str], varying: Sequence[str], hidden: Sequence[str]
) -> str:
    if hidden:
        listed = " and ".join(f'"{name}"' for name in hidden)
        return (
            f'"{column.name}" shares a hidden common cause with {listed}, which it descends from: no data tell its '
            "mechanism, so what-ifs that reach it are refused here."
        )
    if column.constant:
        return f'"{column.name}" has the same value for every unit.'
    same = [f'"{name}"' for name in causes if name not in varying]
    if same:
        return f'{" and ".join(same)} never varies, so what it does to "{column.name}" cannot be seen.'
    if isinstance(made, CellShares | CellMeans):
        empty = np.flatnonzero(made.cells.units == 0)
        if len(empty):
            return (
                f"No unit has {made.cells.words(int(empty[0]))}"
                + (f", nor {len(empty) - 1:,} other combinations of causes" if len(empty) > 1 else "")
                + f': "{column.name}" is taken from a model of main effects there.'
            )
    return ""


def _shares(column: NodeColumn, values: Floats) -> Floats:
    counts = np.bincount(column.codes(values), minlength=len(column.levels))
    return np.asarray(counts / counts.sum())


def _clusters(table: UnitTable, cluster: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = pd.factorize(table.column(cluster).iloc[rows])[0].astype(np.int64)
    if not codes.any():
        raise TooFewUnits(
            f'All units have the same "{cluster}" and so belong to one cluster: nothing says how clusters vary. Choose '
            "another cluster column, or none."
        )
    return codes


def _notes_on_clusters(cluster: str | None, clusters: Clusters) -> tuple[str, ...]:
    if clusters is None:
        return ()
    count = int(clusters.max()) + 1
    if count >= FEW_CLUSTERS:
        return ()
    return (
        f'The units fall into only {count} clusters of "{cluster}". With fewer than {FEW_CLUSTERS} of them intervals '
        "can still be too narrow.",
    )


def _require_units(table: UnitTable, names: Sequence[str], count: int) -> None:
    if count == 0:
        missing = {name: int(table.column(name).isna().sum()) for name in names}
        worst = max(missing, key=lambda name: missing[name])
        raise EmptyLog(
            f'No unit has a value in every variable of the graph. The emptiest is "{worst}": {missing[worst]:,} of '
            f"{len(table):,} missing. Fill them, widen the filter, or take it out of the graph."
        )
    if count < FEWEST_UNITS:
        units = "1 unit has" if count == 1 else f"{count} units have"
        raise TooFewUnits(
            f"Only {units} a value in every variable of the graph; a structural model needs at least {FEWEST_UNITS}. "
            "Gather more, or take the emptiest variables out of the graph."
        )


def _notes(
    table: UnitTable, graph: CausalGraph, names: Sequence[str], units: int, draws: int, inside: NDArray[np.bool_]
) -> tuple[str, ...]:
    found = []
    dropped = int(inside.sum()) - units
    if dropped:
        found.append(f"{dropped:,} of {int(inside.sum()):,} units lack a value in some variable and were left out.")
    absent = [f'"{name}"' for name in graph.nodes if name not in names and name not in graph.latent]
    if absent:
        found.append(f"{', '.join(absent)}: no column of the table, taken as unobserved.")
    if graph.selected:
        listed = ", ".join(f'"{name}"' for name in sorted(graph.selected))
        found.append(f"The graph says that {listed} decides which units are here: the model speaks of those only.")
    if units > FITTED_ROWS:
        found.append(
            f"Curves and logistic regressions were fitted on {FITTED_ROWS:,} of {units:,} units, trees on fewer; "
            "intervals count those."
        )
    if units > draws:
        found.append(f"What-ifs are asked of {draws:,} units drawn from {units:,}.")
    return tuple(found)


def _part(progress: Progress, start: float, length: float, stage: str) -> Progress:
    return lambda share, inner: progress(start + share * length, f"{stage}: {inner}")
