"""Two treatments at once: every combination of their levels as an arm, and how they interact.

The interaction is on the scale of the outcome: by how much the first's effect changes with the second (VanderWeele
2015, Explanation in Causal Inference, chapter 9). What to adjust for is asked of the graph for both together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.effects.arms import ArmComparison, ArmContrast, checked_method, compare_adjusted
from causal.errors import CovariateProblem, NotIdentified, TreatmentProblem
from causal.estimators.design import present_levels
from causal.estimators.one_thread import one_thread
from causal.graphs.adjustment import is_adjustment_set, smallest_adjustment_set, why_not
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

JOINED = " × "


@dataclass(frozen=True)
class Interaction:
    """By how much the effect of `first` instead of its control changes once the second is `second` instead of its."""

    first: Level
    second: Level
    contrast: ArmContrast


@dataclass(frozen=True)
class JointComparison:
    """Every combination of two treatments' levels; `comparison` has an arm per combination, "new × red"."""

    treatments: tuple[str, str]
    comparison: ArmComparison
    interactions: tuple[Interaction, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return {
            "treatments": list(self.treatments),
            "comparison": self.comparison.to_json(),
            "interactions": [dataclasses.asdict(each) for each in self.interactions],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> JointComparison:
        """What `to_json` wrote."""
        interactions = tuple(
            Interaction(**{**each, "contrast": ArmContrast(**each["contrast"])}) for each in document["interactions"]
        )
        one, two = document["treatments"]
        return cls((one, two), ArmComparison.from_json(document["comparison"]), interactions)


@one_thread
def compare_joint_arms(table: UnitTable, spec: AnalysisSpec, also: str, progress: Progress = silent) -> JointComparison:
    """The arms of the question's treatment crossed with those of the column `also`, from one joint fit.

    The controls are the question's and the first level of `also`. Raises what `compare_arms` does, and NotIdentified
    where no set of observed columns serves both treatments at once.
    """
    first = spec.question.treatment
    if also in (first, spec.question.outcome):
        raise TreatmentProblem(f'"{also}" is in the question already: name another second treatment.')
    checked_method(spec)
    progress(0.05, "reading the graph")
    adjust_for = joint_adjustment(table, spec, (first, also))
    one, two = table.column(first), table.column(also)
    joint = (_spelled(one.to_numpy(dtype=object)) + JOINED + _spelled(two.to_numpy(dtype=object))).astype(object)
    joint[(one.isna() | two.isna()).to_numpy()] = None
    name = f"{first}{JOINED}{also}"
    crossed = table.with_column(name, joint, "category")
    firsts, seconds = ([str(each) for each in present_levels(table, column)] for column in (first, also))
    control = str(spec.question.control) if spec.question.control is not None else firsts[0]
    question = replace(spec.question, treatment=name, control=f"{control}{JOINED}{seconds[0]}", treated=None)
    asked = replace(spec, question=question, graph=None, adjust_for=adjust_for)
    found = compare_adjusted(crossed, asked, None, adjust_for, "", (), progress)
    present = {each.level for each in found.arms}
    interactions = []
    for left, right in product([each for each in firsts if each != control], seconds[1:]):
        arms = [f"{each}{JOINED}{other}" for each in (left, control) for other in (right, seconds[0])]
        if present.issuperset(arms):
            weights: dict[Level, float] = dict(zip(arms, (1.0, -1.0, -1.0, 1.0), strict=True))
            interactions.append(Interaction(left, right, found.contrast(weights)))
    return JointComparison((first, also), found, tuple(interactions))


def _spelled(values: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array([str(each) for each in values], dtype=object)


def joint_adjustment(table: UnitTable, spec: AnalysisSpec, causes: tuple[str, ...]) -> tuple[str, ...]:
    """The smallest set that serves several causes of the question's outcome at once; the one named by hand is checked.

    Raises NotIdentified, CovariateProblem, UnknownColumn.
    """
    for name in causes:
        table.column(name)
    graph, outcome = spec.graph, spec.question.outcome
    if graph is None:
        if spec.adjust_for is None:
            raise NotIdentified(
                "Nothing says what to adjust for: give the analysis a causal graph, or name the columns in adjust_for."
            )
        return spec.adjust_for
    for node in graph.nodes:
        if node not in table.types and node not in graph.latent:
            graph = graph.with_role(node, "unobserved")
    for each in spec.where:
        graph = graph.with_forced(each.column) if each.column in graph.nodes else graph
    if spec.adjust_for is not None:
        inside = [name for name in spec.adjust_for if name in graph.nodes]
        if not is_adjustment_set(graph, causes, outcome, inside):
            raise CovariateProblem(why_not(graph, causes, outcome, inside))
        return spec.adjust_for
    found = smallest_adjustment_set(graph, causes, outcome)
    if found is None:
        listed = " and ".join(f'"{each}"' for each in causes)
        raise NotIdentified(
            f"No set of observed columns serves {listed} at once: something on the way between them would have to be "
            "both adjusted for and left alone. Compare one of them at a time."
        )
    return tuple(sorted(found))
