"""The graph's formula for every shift and scale of one quantity, from scores that are kept: no refit at a slider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from causal.errors import NotIdentified, OptionProblem
from causal.interventions.changes import Changes, Scale, Shift
from causal.interventions.dose_scores import DoseScores
from causal.interventions.identified import asked_about, is_quantity
from causal.interventions.level_flag import flag_of
from causal.interventions.mean_pair import IdentifiedMean
from causal.interventions.policy_mean import kept_scores, weighed
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Condition, Level, conditions_of


@dataclass(frozen=True, eq=False)
class KeptFormula:
    """Scores of the mean of `variable` (of levels: of the share of `level`) whatever becomes of the quantity `cause`.

    `turned`: they are of the other level of two.
    """

    cause: str
    variable: str
    level: Level | None
    turned: bool
    confidence: float
    scores: DoseScores

    def under(self, changes: Changes) -> IdentifiedMean | None:
        """With the digits of `what_if`; None of other changes than a shift or scale of the quantity alone.

        None too where weights would rest on a few units, when `what_if` goes another way.
        """
        change = changes.get(self.cause)
        if len(changes) != 1 or not isinstance(change, Shift | Scale):
            return None
        found = weighed(self.scores, self.cause, change)
        if found is None or not self.turned:
            return found
        return replace(found, baseline=1 - found.baseline, outcome=1 - found.outcome)

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays and plain facts; `from_arrays` gives it back."""
        arrays, scores = self.scores.to_arrays()
        own = {name: getattr(self, name) for name in ("cause", "variable", "level", "turned", "confidence")}
        return arrays, {**own, "scores": scores}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> KeptFormula:
        """What `to_arrays` gave."""
        return cls(**{**facts, "scores": DoseScores.from_arrays(arrays, facts["scores"])})


def keep_formula(
    table: UnitTable,
    spec: AnalysisSpec,
    cause: str,
    variable: str,
    level: Level | None = None,
    where: Iterable[Condition] = (),
) -> KeptFormula:
    """The scores of `variable`, of the units of the spec's filter that satisfy `where` too.

    `level` None: of a variable with levels, the last of two. Raises OptionProblem where no density weighs changed
    doses, NotIdentified where the graph gives no set to adjust for, and the errors of `draw_sample`.
    """
    if not is_quantity(table, cause):
        raise OptionProblem(f'"{cause}" has levels and cannot be shifted or scaled.')
    graph = spec.graph
    if graph is not None and variable not in graph.descendants(cause):
        raise NotIdentified(f'The graph has no causal path from "{cause}" to "{variable}".')
    question = replace(spec.question, outcome=variable)
    asked = asked_about(replace(spec, question=question, where=(*spec.where, *conditions_of(where))), cause)
    flagged = flag_of(table, variable, level)
    scores = kept_scores(flagged.table, asked, cause)
    return KeptFormula(cause, variable, flagged.level, flagged.turned, spec.confidence, scores)
