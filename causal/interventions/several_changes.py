"""One road from changes to the mean that the graph's formula gives: of one variable, or of several at once."""

from __future__ import annotations

from dataclasses import replace

from causal.analysis import check_filter
from causal.errors import NotIdentified
from causal.graphs.surgery import without_arrows_into
from causal.interventions.changes import Changes, Randomise, Set
from causal.interventions.identified import identified_mean, is_level_change
from causal.interventions.joint_change import joint_mean
from causal.interventions.mean_pair import IdentifiedMean
from causal.interventions.sequential_change import sequential_mean
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec


def mean_under(table: UnitTable, spec: AnalysisSpec, changes: Changes) -> IdentifiedMean:
    """Of the outcome that the spec's question names, in the units of its filter.

    Raises NotIdentified where the graph gives no formula that can be used, and the errors of the methods.
    """
    moving = moving_changes(spec, changes)
    if len(moving) == 1:
        ((cause, change),) = moving.items()
        return identified_mean(table, spec, cause, change)
    for cause in moving:
        check_filter(replace(spec.question, treatment=cause), spec.graph, spec.where)
    if all(is_level_change(table, name, change) for name, change in moving.items()):
        try:
            return joint_mean(table, spec, moving)
        except NotIdentified:
            if spec.graph is None or spec.adjust_for is not None:
                raise
    return sequential_mean(table, spec, moving)


def moving_changes(spec: AnalysisSpec, changes: Changes) -> Changes:
    """Those that can move the outcome at all once the others are made.

    A variable that only works through others that are set, or drawn at random, makes no difference.
    """
    graph, outcome = spec.graph, spec.question.outcome
    if graph is None:
        return changes
    fixed = {name for name, change in changes.items() if isinstance(change, Set | Randomise)}
    return {
        name: change
        for name, change in changes.items()
        if outcome in without_arrows_into(graph, fixed - {name}).descendants(name)
    }
