"""Every candidate cause in turn as the treatment: how much it moves the outcome under the graph, ranked.

Each has its own adjustment set, so none is read off another's regression (Westreich and Greenland 2013, American
Journal of Epidemiology 177: 292-298: the table 2 fallacy). P-values corrected by Holm (1979) and by Benjamini and
Hochberg (1995).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from causal.analysis import answer, resolve
from causal.checks.multiplicity import benjamini_hochberg, holm
from causal.effects.arms import compare_arms
from causal.effects.slope import slope
from causal.errors import DoableError, OptionProblem, TooFewUnits, WorkStopped
from causal.estimators.design import present_levels
from causal.estimators.estimate import normal_interval, two_sided_p
from causal.estimators.registry import method_named
from causal.graphs.causal_graph import CausalGraph
from causal.logs.columns import default_levels
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Condition, OutcomeRule, Question

MOST_LEVELS = 12
"""A category with more levels is no cause to compare level by level."""


@dataclass(frozen=True)
class Impact:
    """What one change of one cause does to the mean outcome, in units of the outcome.

    `contrast` says the change: one standard deviation more (`step`, in the cause's units; `quartile_effect` is that of
    going from the lower to the upper quartile), or one level instead of another. The joint interval holds with all
    others at once (Bonferroni).
    """

    cause: str
    contrast: str
    effect: float
    std_error: float
    low: float
    high: float
    joint_low: float
    joint_high: float
    p_value: float
    holm_p: float
    false_discovery_p: float
    units: int
    method: str
    adjust_for: tuple[str, ...] = ()
    step: float | None = None
    quartile_effect: float | None = None


@dataclass(frozen=True)
class LeftOut:
    """A candidate without an effect to tell, and why."""

    cause: str
    reason: str


@dataclass(frozen=True)
class FeatureImpact:
    """Every candidate cause of an outcome: `impacts` ranked by the size of their effect, the others with the reason."""

    outcome: str
    impacts: tuple[Impact, ...]
    left_out: tuple[LeftOut, ...]
    confidence: float
    outcome_is_binary: bool
    unit: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = dataclasses.asdict(self)
        for each in document["impacts"]:
            each["adjust_for"] = list(each["adjust_for"])
        return {**document, "impacts": list(document["impacts"]), "left_out": list(document["left_out"])}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> FeatureImpact:
        """What `to_json` wrote."""
        impacts = tuple(Impact(**{**each, "adjust_for": tuple(each["adjust_for"])}) for each in document["impacts"])
        return cls(**{**document, "impacts": impacts, "left_out": tuple(LeftOut(**e) for e in document["left_out"])})


@dataclass(frozen=True)
class _Found:
    contrast: str
    effect: float
    std_error: float
    degrees_of_freedom: float
    units: int
    method: str
    adjust_for: tuple[str, ...]
    binary: bool
    step: float | None = None
    quartile_effect: float | None = None


def feature_impact(
    table: UnitTable,
    graph: CausalGraph,
    outcome: str,
    causes: Sequence[str] | None = None,
    where: Iterable[Condition] = (),
    cluster: str | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    progress: Progress = silent,
    outcome_rule: OutcomeRule | None = None,
) -> FeatureImpact:
    """Each cause (None: every column in the graph) as the treatment, with what the graph says to adjust for it.

    Quantities: one standard deviation more, by least squares. Two levels: doubly robust. More levels: each against the
    first, doubly robust. What cannot be told is listed with its reason. Raises UnknownColumn and OptionProblem.
    """
    table.column(outcome)
    names = [each for each in dict.fromkeys(graph.nodes if causes is None else causes) if each != outcome]
    for name in names:
        if causes is not None:
            table.column(name)
            graph.known(name)
    names = [name for name in names if name in table.types]
    if not names:
        raise OptionProblem(f'The graph holds no column beside "{outcome}" that could be its cause. Draw some.')
    found: list[tuple[str, _Found]] = []
    left_out: list[LeftOut] = []
    for place, name in enumerate(names):
        progress(place / len(names), f"asking about {name}, {place + 1} of {len(names)}")
        spec = AnalysisSpec(
            Question(name, outcome),
            graph=graph,
            confidence=confidence,
            cluster=cluster,
            seed=seed,
            where=tuple(where),
            outcome_rule=outcome_rule,
        )
        try:
            found += [(name, each) for each in _effects_of(table, spec)]
        except WorkStopped:
            raise
        except DoableError as error:
            left_out.append(LeftOut(name, str(error)))
    progress(1.0, "done")
    return FeatureImpact(
        outcome=outcome,
        impacts=_ranked(found, confidence),
        left_out=tuple(left_out),
        confidence=confidence,
        outcome_is_binary=any(each.binary for _, each in found),
    )


def _effects_of(table: UnitTable, spec: AnalysisSpec) -> list[_Found]:
    """The effects of one cause, by its kind."""
    name = spec.question.treatment
    if table.types[name] in ("text", "identifier", "time"):
        raise OptionProblem(f'"{name}" is typed as {table.types[name]}, which nothing can be changed in as a cause.')
    estimand, adjust_for, _ = resolve(table, spec, method_named(spec.method))
    if estimand is not None and estimand.strategy == "no_effect":
        raise OptionProblem(f'The graph has no causal path from "{name}" to "{spec.question.outcome}": no effect.')
    levels = present_levels(table, name)
    if table.types[name] == "numeric" and len(levels) > 2:
        return [_quantity(table, spec, adjust_for)]
    if len(levels) > MOST_LEVELS:
        raise OptionProblem(f'"{name}" has {len(levels)} levels, more than the {MOST_LEVELS} that are compared.')
    if len(levels) == 2:
        return [_two_levels(table, spec, levels)]
    return _many_levels(table, spec)


def _quantity(table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...]) -> _Found:
    found = slope(table, spec, adjust_for)
    if math.isnan(found.std_error):
        raise TooFewUnits(
            f'One unit alone decides what "{spec.question.treatment}" does, so far is it from all others: nothing says '
            "how sure that is. Leave it out by a filter."
        )
    low, high = found.quartiles
    return _Found(
        contrast=f"{found.deviation:.3g} more (a standard deviation)",
        effect=found.effect,
        std_error=found.std_error,
        degrees_of_freedom=found.degrees_of_freedom,
        units=found.units,
        method="regression",
        adjust_for=adjust_for,
        binary=found.outcome_is_binary,
        step=found.deviation,
        quartile_effect=found.effect * (high - low) / found.deviation,
    )


def _two_levels(table: UnitTable, spec: AnalysisSpec, levels: list[Any]) -> _Found:
    control, treated = default_levels(levels) or levels
    question = replace(spec.question, control=control, treated=treated)
    analysis = answer(table, replace(spec, question=question))
    estimate = analysis.estimate
    return _Found(
        contrast=f"{treated} instead of {control}",
        effect=estimate.effect,
        std_error=estimate.std_error,
        degrees_of_freedom=estimate.degrees_of_freedom,
        units=estimate.n,
        method=spec.method,
        adjust_for=analysis.adjust_for,
        binary=analysis.outcome_is_binary,
    )


def _many_levels(table: UnitTable, spec: AnalysisSpec) -> list[_Found]:
    comparison = compare_arms(table, spec)
    freedom = math.inf if comparison.degrees_of_freedom is None else comparison.degrees_of_freedom
    return [
        _Found(
            contrast=f"{each.treated} instead of {each.control}",
            effect=each.effect,
            std_error=each.std_error,
            degrees_of_freedom=freedom,
            units=comparison.units,
            method=spec.method,
            adjust_for=comparison.adjust_for,
            binary=comparison.outcome_is_binary,
        )
        for each in comparison.against_control
    ]


def _ranked(found: list[tuple[str, _Found]], confidence: float) -> tuple[Impact, ...]:
    p_values = [
        two_sided_p(each.effect / each.std_error, each.degrees_of_freedom) if each.std_error > 0 else 1.0
        for _, each in found
    ]
    corrected, rates = holm(p_values), benjamini_hochberg(p_values)
    together = 1 - (1 - confidence) / max(len(found), 1)
    impacts = []
    for place, (name, each) in enumerate(found):
        low, high = normal_interval(each.effect, each.std_error, confidence, each.degrees_of_freedom)
        joint_low, joint_high = normal_interval(each.effect, each.std_error, together, each.degrees_of_freedom)
        impacts.append(
            Impact(
                cause=name,
                contrast=each.contrast,
                effect=each.effect,
                std_error=each.std_error,
                low=low,
                high=high,
                joint_low=joint_low,
                joint_high=joint_high,
                p_value=p_values[place],
                holm_p=corrected[place],
                false_discovery_p=rates[place],
                units=each.units,
                method=each.method,
                adjust_for=each.adjust_for,
                step=each.step,
                quartile_effect=each.quartile_effect,
            )
        )
    return tuple(sorted(impacts, key=lambda each: (-abs(each.effect), each.cause, each.contrast)))
