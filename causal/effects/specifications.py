"""Every way in which one question could sensibly have been asked: the combinations of what might be chosen otherwise.

Steegen, Tuerlinckx, Gelman and Vanpaemel (2016), Perspectives on Psychological Science 11: 702-712; Simonsohn, Simmons
and Nelson (2020), Nature Human Behaviour 4: 1208-1214, first step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from causal.analysis import resolve
from causal.errors import OptionProblem
from causal.estimators.design import draw_sample
from causal.estimators.method import Method
from causal.estimators.registry import METHODS, method_named
from causal.graphs.adjustment import canonical_adjustment_set
from causal.graphs.choices import adjustment_choices, may_adjust_for
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Condition, OutcomeRule, Target, condition_to_json, conditions_of

Dimension = Literal["population", "outcome", "adjustment", "method", "trimming"]
DIMENSIONS: tuple[Dimension, ...] = ("population", "outcome", "adjustment", "method", "trimming")

MOST = 2_000
"""More combinations than this take an hour, and no picture shows them."""

MOST_SETS = 6
QUICK = ("regression", "standardisation", "weighting", "doubly_robust", "weighted_regression")
"""Methods tried where nobody chooses: they rest on different models, and answer at once."""

TRIMS = (0.0, 0.05, 0.1)


@dataclass(frozen=True)
class Population:
    """Whom the effect is for: a target, among the units of a filter."""

    target: Target = "everyone"
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class OutcomeDefinition:
    """What counts as the outcome: a column, its extreme values held to limits or not."""

    column: str
    rule: OutcomeRule | None = None


@dataclass(frozen=True)
class Choices:
    """What might be chosen otherwise; the first of each is the analysis's own.

    A method that does not trim stands at no trimming alone; one that does not answer for a target is left out there;
    and regression, whose one effect is the same for every target, stands at the first of them alone.
    """

    populations: tuple[Population, ...]
    outcomes: tuple[OutcomeDefinition, ...]
    adjustments: tuple[tuple[str, ...], ...]
    methods: tuple[str, ...]
    trims: tuple[float, ...] = (0.0,)

    def of(self, dimension: Dimension) -> tuple[Any, ...]:
        """The options of one dimension."""
        found: tuple[Any, ...] = {
            "population": self.populations,
            "outcome": self.outcomes,
            "adjustment": self.adjustments,
            "method": self.methods,
            "trimming": self.trims,
        }[dimension]
        return found

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return {
            "populations": [
                {"target": each.target, "where": [condition_to_json(one) for one in each.where]}
                for each in self.populations
            ],
            "outcomes": [
                {"column": each.column, "rule": None if each.rule is None else dataclasses.asdict(each.rule)}
                for each in self.outcomes
            ],
            "adjustments": [list(each) for each in self.adjustments],
            "methods": list(self.methods),
            "trims": list(self.trims),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Choices:
        """What `to_json` wrote."""
        return cls(
            populations=tuple(
                Population(each["target"], conditions_of(each["where"])) for each in document["populations"]
            ),
            outcomes=tuple(
                OutcomeDefinition(each["column"], None if each["rule"] is None else OutcomeRule(**each["rule"]))
                for each in document["outcomes"]
            ),
            adjustments=tuple(tuple(each) for each in document["adjustments"]),
            methods=tuple(document["methods"]),
            trims=tuple(document["trims"]),
        )


@dataclass(frozen=True)
class Specification:
    """One combination: its place in the list, the option taken in each of `DIMENSIONS`, and what is to be answered."""

    place: int
    picks: tuple[int, ...]
    spec: AnalysisSpec


def specifications(spec: AnalysisSpec, choices: Choices) -> tuple[Specification, ...]:
    """Every combination that can be asked, the analysis's own first; those that share their units follow each other.

    Raises OptionProblem where there are more than `MOST`, or a choice is left without any option.
    """
    for dimension in DIMENSIONS:
        if not choices.of(dimension):
            raise OptionProblem(f"The specification curve has no option left for: {dimension}. Choose at least one.")
    found: list[Specification] = []
    for picks, made in _combined(spec, choices):
        if len(found) == MOST:
            raise OptionProblem(
                f"These choices make more than {MOST:,} specifications. Leave some options out: a curve of a few "
                "hundred says as much."
            )
        found.append(Specification(len(found), picks, made))
    return tuple(found)


def default_choices(table: UnitTable, spec: AnalysisSpec) -> Choices:
    """What a careful colleague would have tried: other populations, limits, valid sets, models and trimming.

    Raises the errors of `answer` where the spec itself cannot be asked.
    """
    method = method_named(spec.method)
    return Choices(
        populations=_populations(spec),
        outcomes=_outcomes(table, spec, method),
        adjustments=valid_sets(table, spec),
        methods=tuple(dict.fromkeys((spec.method, *QUICK))),
        trims=tuple(dict.fromkeys((_trim_of(method, spec.options), *TRIMS))),
    )


def valid_sets(table: UnitTable, spec: AnalysisSpec) -> tuple[tuple[str, ...], ...]:
    """The sets to adjust for that the graph allows, the spec's own first: minimal ones, the best and the largest."""
    own = resolve(table, spec, method_named(spec.method))[1]
    if spec.graph is None:
        return (own,)
    ends, graph = (spec.question.treatment, spec.question.outcome), spec.graph
    for name in sorted(graph.observed - set(table.names)):
        graph = graph.with_role(name, "unobserved")
    listed = [each.names for each in adjustment_choices(graph, *ends, limit=MOST_SETS).choices]
    largest = canonical_adjustment_set(graph, *ends)
    if largest is not None:
        listed.append(tuple(sorted(largest)))
    usable = [each for each in listed if may_adjust_for(graph, *ends, each)]
    kept = {tuple(sorted(own)): own} | {each: each for each in usable if each != tuple(sorted(own))}
    return tuple(kept.values())[: MOST_SETS + 1]


def able_methods(spec: AnalysisSpec) -> tuple[Method, ...]:
    """The methods that a curve can hold: those that adjust for covariates and need nothing but the units."""
    return tuple(
        each
        for each in METHODS
        if each.adjusts
        and each.identify is None
        and each.fit_from_table is None
        and (spec.cluster is None or each.clusters)
    )


def _populations(spec: AnalysisSpec) -> tuple[Population, ...]:
    targets = dict.fromkeys((spec.question.target, "everyone", "treated"))
    found = [Population(target, spec.where) for target in targets]
    if spec.where:
        found.append(Population(spec.question.target))
    return tuple(found)


def _outcomes(table: UnitTable, spec: AnalysisSpec, method: Method) -> tuple[OutcomeDefinition, ...]:
    column = spec.question.outcome
    own = OutcomeDefinition(column, spec.outcome_rule)
    sample = draw_sample(
        table, spec.question, (), cluster=spec.cluster, where=spec.where, outcome_rule=spec.outcome_rule
    )
    if sample.outcome_is_binary:
        return (own,)
    return own, OutcomeDefinition(column, OutcomeRule() if spec.outcome_rule is None else None)


def _combined(spec: AnalysisSpec, choices: Choices) -> Iterator[tuple[tuple[int, ...], AnalysisSpec]]:
    """The units hang on the outer three; methods and bounds within them share what they fit."""
    for at_population, population in enumerate(choices.populations):
        for at_outcome, outcome in enumerate(choices.outcomes):
            for at_set, adjust_for in enumerate(choices.adjustments):
                own_units = not (at_population or at_outcome or at_set)
                asked = _asked(spec, population, outcome, None if own_units else adjust_for)
                for at_method, name in enumerate(choices.methods):
                    method = method_named(name)
                    if population.target not in method.targets or _is_repeated(spec, choices, at_population, name):
                        continue
                    for at_trim in _trims(method, choices):
                        own = own_units and not (at_method or at_trim)
                        options = _options(method, spec, choices.trims[at_trim])
                        made = (
                            replace(spec, bootstrap=None)
                            if own
                            else replace(asked, method=name, options=options, bootstrap=None)
                        )
                        yield (at_population, at_outcome, at_set, at_method, at_trim), made


def _is_repeated(spec: AnalysisSpec, choices: Choices, at_population: int, method: str) -> bool:
    """Whether a regression with one effect for all was asked already, of the same units for another target."""
    if method != "regression" or spec.terms.treatment_by:
        return False
    where = choices.populations[at_population].where
    return any(each.where == where for each in choices.populations[:at_population])


def _asked(
    spec: AnalysisSpec, population: Population, outcome: OutcomeDefinition, adjust_for: tuple[str, ...] | None
) -> AnalysisSpec:
    """The spec for another population, outcome or set; another outcome takes the question's place in the graph."""
    graph, question = spec.graph, spec.question
    if graph is not None and outcome.column not in graph.nodes and question.outcome in graph.nodes:
        graph = graph.renamed(question.outcome, outcome.column)
    return replace(
        spec,
        question=replace(question, outcome=outcome.column, target=population.target),
        graph=graph,
        where=population.where,
        outcome_rule=outcome.rule,
        adjust_for=spec.adjust_for if adjust_for is None else adjust_for,
    )


def _trims(method: Method, choices: Choices) -> list[int]:
    """The places of the bounds that a method can be asked with."""
    if _can_trim(method):
        return list(range(len(choices.trims)))
    return [choices.trims.index(0.0)] if 0.0 in choices.trims else [0]


def _can_trim(method: Method) -> bool:
    return any(field.name == "trim" for field in dataclasses.fields(method.options))


def _trim_of(method: Method, options: Any) -> float:
    return float(getattr(method.make_options(options), "trim", 0.0))


def _options(method: Method, spec: AnalysisSpec, trim: float) -> Any:
    """The method's defaults, or the spec's own where it is its method, with this bound."""
    made = method.make_options(spec.options if method.name == spec.method else None)
    if not _can_trim(method):
        return made
    asked = method_named(spec.method).make_options(spec.options)
    two_sided = hasattr(made, "trim_above") and trim == getattr(asked, "trim", None)
    above = {"trim_above": getattr(asked, "trim_above", None)} if two_sided else {}
    return replace(made, trim=trim, **({"trim_above": None} if hasattr(made, "trim_above") else {}) | above)


def why_no_curve(method: Method, rests_on_adjustment: bool) -> str:
    """Why a method's answer has no curve of specifications; nothing where it has one."""
    if not method.adjusts:
        return f"{method.title} adjusts for nothing, so there is little to choose otherwise."
    if not rests_on_adjustment or method.fit_from_table is not None:
        return f"{method.title} has a road of its own: what else could be chosen are other graphs, not specifications."
    return ""
