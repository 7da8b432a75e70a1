"""An answer put to every refuter: each question has a known answer, and the estimate is made anew for it.

The refuters are in `causal/checks/refuters/`; here the units are drawn, and what they need is made from the table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from causal.analysis import resolve, rests_on_adjustment
from causal.checks.refuters.refutation import Refutation, Subject
from causal.checks.refuters.registry import REFUTERS, refuter_named
from causal.errors import CovariateProblem, OptionProblem
from causal.estimators.bootstrap import why_no_bootstrap
from causal.estimators.design import Sample, draw_sample, present_levels
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.graphs.identification import Estimand
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Question

Tell = Callable[[Refutation], None]
"""Called with each refutation as soon as it is there."""


@dataclass(frozen=True)
class NegativeControls:
    """Columns for which no effect is expected: an `outcome` out of the treatment's reach, an `exposure` without a way.

    An exposure has two levels.
    """

    outcome: str | None = None
    exposure: str | None = None


@one_thread
def refute(
    table: UnitTable,
    spec: AnalysisSpec,
    refuters: Sequence[str] | None = None,
    simulations: int = 50,
    controls: NegativeControls | None = None,
    progress: Progress = silent,
    tell: Tell | None = None,
    processes: int | None = None,
) -> tuple[Refutation, ...]:
    """What each refuter (None: all) finds of the spec's answer, in the registry's order.

    Every simulation fits all models anew, with a seed of its own from the spec's; `tell` hears each as it comes. Raises
    the errors of `answer`, OptionProblem for an unknown refuter, a method that does not rest on adjustment or too few
    simulations, CovariateProblem for a control that could have an effect by the graph.
    """
    if not isinstance(simulations, int) or not 10 <= simulations <= 1_000:
        raise OptionProblem(f"A refuter takes 10 to 1,000 simulations, not {simulations!r}; 50 is usual.")
    chosen = [
        each for each in REFUTERS if refuters is None or each.name in [refuter_named(one).name for one in refuters]
    ]
    method = method_named(spec.method)
    progress(0.01, "drawing the units")
    estimand, adjust_for, _ = resolve(table, spec, method)
    refusal = why_not_refuted(method, estimand)
    if refusal:
        raise OptionProblem(refusal)
    sample = _sample(table, spec, spec.question, adjust_for)
    options = method.make_options(spec.options)
    refit = partial(refitted, method=spec.method, options=options)
    effect, std_error = refit(sample)
    subject = Subject(
        sample=sample,
        refit=refit,
        effect=effect,
        std_error=std_error,
        simulations=simulations,
        seed=spec.seed,
        confidence=spec.confidence,
        control_outcome=_control_outcome(table, spec, adjust_for, controls, method),
        control_exposure=_control_exposure(table, spec, adjust_for, controls, method),
        no_redraw=why_no_bootstrap(method, options),
        processes=processes,
    )
    found = []
    for place, refuter in enumerate(chosen):
        within = _within(progress, place, len(chosen), refuter.title.lower())
        within(0.0, "")
        found.append(refuter.run(subject, within))
        if tell is not None:
            tell(found[-1])
    progress(1.0, "done")
    return tuple(found)


def why_not_refuted(method: Method, estimand: Estimand | None) -> str:
    """Why the refuters do not apply to a method's answer; nothing where they do."""
    if not rests_on_adjustment(method, estimand):
        return f"{method.title} does not rest on adjusting for all common causes: these tests are not for it."
    if method.fit_from_table is not None:
        return (
            f"{method.title} needs the whole table, and these tests change the units: choose another method for them."
        )
    return ""


def refitted(sample: Sample, method: str, options: Any) -> tuple[float, float]:
    """Effect and standard error of a sample by a method's name: what helpers in other processes can call."""
    estimate, _ = estimate_from_sample(sample, method_named(method), options)
    return estimate.effect, estimate.std_error


def control_candidates(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str]) -> tuple[list[str], list[str]]:
    """Columns that could be a negative control outcome, and those that could be an exposure, by type and graph."""
    question, graph = spec.question, spec.graph
    others = [
        name for name in table.names if name not in (question.treatment, question.outcome, spec.cluster, *adjust_for)
    ]
    known = [name for name in others if graph is None or name in graph.nodes]
    outcomes = [
        name
        for name in known
        if table.types[name] in ("numeric", "binary") and not _reaches(graph, question.treatment, name)
    ]
    exposures = [
        name
        for name in known
        if len(present_levels(table, name)) == 2 and not _reaches(graph, name, question.outcome)
        and not _reaches(graph, question.treatment, name)
    ]  # fmt: skip
    return outcomes, exposures


def _reaches(graph: Any, start: str, end: str) -> bool:
    return graph is not None and start in graph.nodes and end in graph.descendants(start)


def _sample(table: UnitTable, spec: AnalysisSpec, question: Question, adjust_for: Sequence[str]) -> Sample:
    rule = spec.outcome_rule if question.outcome == spec.question.outcome else None
    return draw_sample(table, question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, rule)


def _control_outcome(
    table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...], controls: NegativeControls | None, method: Method
) -> tuple[str, Sample] | None:
    name = None if controls is None else controls.outcome
    if name is None or not method.adjusts:
        return None
    _check_control(table, spec, adjust_for, name, "outcome")
    if _reaches(spec.graph, spec.question.treatment, name):
        raise CovariateProblem(
            f'By the graph "{spec.question.treatment}" changes "{name}", so an effect on it refutes nothing. Choose a '
            "column that it cannot change."
        )
    return name, _sample(table, spec, dataclasses.replace(spec.question, outcome=name), adjust_for)


def _control_exposure(
    table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...], controls: NegativeControls | None, method: Method
) -> tuple[str, Sample] | None:
    name = None if controls is None else controls.exposure
    if name is None or not method.adjusts:
        return None
    _check_control(table, spec, adjust_for, name, "exposure")
    if _reaches(spec.graph, name, spec.question.outcome):
        raise CovariateProblem(
            f'By the graph "{name}" changes "{spec.question.outcome}", so its effect refutes nothing. Choose a column '
            "that cannot change it."
        )
    levels = present_levels(table, name)
    if len(levels) != 2:
        raise OptionProblem(f'A negative control exposure has two levels; "{name}" has {len(levels)}.')
    question = Question(name, spec.question.outcome, "everyone", *levels)
    return name, _sample(table, spec, question, (*adjust_for, spec.question.treatment))


def _check_control(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str], name: str, kind: str) -> None:
    table.column(name)
    if name in (spec.question.treatment, spec.question.outcome, *adjust_for):
        raise CovariateProblem(
            f'"{name}" cannot be the negative control {kind}: it is the treatment, the outcome, or adjusted for.'
        )


def _within(progress: Progress, place: int, count: int, title: str) -> Progress:
    def told(share: float, stage: str) -> None:
        progress(0.02 + 0.98 * (place + share) / count, f"{title}, {stage}" if stage else title)

    return told
