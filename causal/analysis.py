"""The one straight line from a question to its answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.checks.balance import BalanceRow, BalanceTable, balance
from causal.checks.instruments import judge_instruments
from causal.checks.json_values import from_values, to_values
from causal.checks.ledger import Ledger, Standing
from causal.checks.overlap import OverlapSummary, PropensityHistogram, overlap
from causal.checks.verdict import Verdict
from causal.checks.verdicts import judge, judge_stock
from causal.errors import CovariateProblem, NotIdentified
from causal.estimators.bootstrap import bootstrapped
from causal.estimators.cross_fitting import LearnerLoss
from causal.estimators.design import Sample, draw_sample
from causal.estimators.difference_in_means import METHOD as NAIVE
from causal.estimators.difference_in_means import plain_difference
from causal.estimators.estimate import Estimate, PerArm, arm_to_json, estimate_from_json, estimate_to_json
from causal.estimators.estimation import estimate_from_sample, estimate_from_table, summarise
from causal.estimators.few_clusters import FEW_CLUSTERS
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.instrument_evidence import InstrumentEvidence, evidence_from_json
from causal.estimators.match_summary import MatchSummary, matches_from_json
from causal.estimators.mediation_effects import MediationEffects, mediation_from_json
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import OutcomeLimits, limits_notes
from causal.estimators.registry import METHODS, method_named
from causal.estimators.stratification import Stratum
from causal.graphs.adjustment import adjustment_sets, is_adjustment_set, why_not
from causal.graphs.identification import Estimand, identify
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Condition, Question, Target


@dataclass(frozen=True, eq=False)
class Analysis:
    """One answer with its reasons; everything but `scores`, `table` and `rows` is small and JSON-able.

    `naive` is the plain difference of means on the same units before trimming; `dropped` counts units of the two arms
    left out for missing values; of the table's `rows_total` rows, `filtered` do not satisfy the spec's filter and
    `other_levels` of the others have a level in neither arm; `outcome_limits` are those that the spec's rule gave;
    `rows` are the positions in the table of the units that `scores` speak of; `ledger` is everything known about the
    answer, where more was looked at than its own `verdicts`.
    """

    spec: AnalysisSpec
    table_fingerprint: str
    estimand: Estimand | None
    adjust_for: tuple[str, ...]
    estimate: Estimate
    naive: Estimate
    balance: BalanceTable
    overlap: OverlapSummary
    verdicts: tuple[Verdict, ...]
    dropped: int
    rows_total: int = 0
    other_levels: int = 0
    filtered: int = 0
    outcome_is_binary: bool = False
    notes: tuple[str, ...] = ()
    strata: tuple[Stratum, ...] = ()
    instrument_evidence: InstrumentEvidence | None = None
    mediation: MediationEffects | None = None
    matches: MatchSummary | None = None
    losses: tuple[LearnerLoss, ...] = ()
    outcome_limits: OutcomeLimits | None = None
    scores: ArmScores | None = field(default=None, repr=False)
    table: UnitTable | None = field(default=None, repr=False)
    rows: NDArray[np.int64] | None = field(default=None, repr=False)
    clusters: NDArray[np.int64] | None = field(default=None, repr=False)
    orderings: dict[str | None, Any] = field(default_factory=dict, repr=False)
    ledger: Ledger | None = field(default=None, repr=False)

    @property
    def standing(self) -> Standing:
        """How the answer may be read: by its ledger, or by its own verdicts alone where there is none.

        Without an interval tentative at most, unless an analyst says otherwise in writing.
        """
        ledger = self.ledger or Ledger(self.verdicts)
        bare = ledger.overruling is None and not self.has_interval
        return "tentative" if bare and ledger.standing == "causal" else ledger.standing

    @property
    def has_interval(self) -> bool:
        """Whether the method gave a standard error."""
        return bool(np.isfinite(self.estimate.std_error))

    @property
    def target(self) -> Target:
        """The population that the estimate is for: as asked, or the one that the method gives for everyone."""
        asked = self.spec.question.target
        return self.method.population or asked if asked == "everyone" else asked

    @property
    def rests_on_adjustment(self) -> bool:
        """Whether the answer is causal only if all common causes are adjusted for."""
        return rests_on_adjustment(self.method, self.estimand)

    @property
    def method(self) -> Method:
        """The method that gave the estimate."""
        return method_named(self.spec.method)


@one_thread
def answer(table: UnitTable, spec: AnalysisSpec, progress: Progress = silent) -> Analysis:
    """The effect that `spec` asks for, from the units of `table`, with balance, overlap and verdicts.

    Raises the errors of causal.errors: what is asked does not fit the table, the graph does not identify it, or the
    units do not allow it.
    """
    method = method_named(spec.method)
    options = method.make_options(spec.options)
    method.require_target(spec.question.target)
    progress(0.05, "reading the graph")
    estimand, adjust_for, notes = resolve(table, spec, method)
    progress(0.15, "drawing the units")
    also_needed = method.also_needs(estimand)
    sample = draw_sample(
        table,
        spec.question,
        adjust_for,
        spec.terms,
        spec.cluster,
        also_needed,
        spec.seed,
        spec.where,
        spec.outcome_rule,
    )
    progress(0.3, "comparing the arms as they are")
    naive = _naive(sample, spec.confidence)
    progress(0.4, f"fitting: {method.title.lower()}")
    estimate, fit = estimate_from_table(table, spec.question, estimand, sample, method, options, spec.confidence)
    if spec.bootstrap is not None:
        refits = bootstrapped(
            sample, method, options, spec.bootstrap, estimate, spec.seed, _within(progress, 0.5, 0.85)
        )
        estimate, notes = refits.estimate, (*notes, refits.sentence)
    progress(0.85, "checking balance and overlap")
    table_of_balance = balance(fit.sample, fit.weights, sample, fit.weighted_sums)
    summary = overlap(fit)
    refused = spec.graph is not None and estimand is None
    verdicts = judge(method, estimand, adjust_for, table_of_balance, summary, estimate, refused)
    verdicts = (*verdicts, *judge_instruments(fit, spec.confidence), *judge_stock(fit))
    inside = satisfied(table, spec.where)
    progress(1.0, "done")
    return Analysis(
        spec=spec,
        table_fingerprint="",
        estimand=estimand,
        adjust_for=adjust_for,
        estimate=estimate,
        naive=naive,
        balance=table_of_balance,
        overlap=summary,
        verdicts=verdicts,
        dropped=sample.dropped,
        rows_total=len(table),
        other_levels=int((inside & table.column(spec.question.treatment).notna()).sum()) - len(sample) - sample.dropped,
        filtered=int((~inside).sum()),
        outcome_is_binary=sample.outcome_is_binary,
        notes=(
            *notes,
            *limits_notes(spec.question.outcome, sample.limits),
            *fit.notes,
            *_of_unknown_time(table, adjust_for),
            *_of_scores(table, spec.question, adjust_for),
            *_on_clusters(spec, sample, estimate),
        ),
        strata=_strata(fit),
        instrument_evidence=dict(fit.facts).get("instrument_evidence"),  # type: ignore[arg-type]
        mediation=dict(fit.facts).get("mediation"),  # type: ignore[arg-type]
        matches=dict(fit.facts).get("matches"),  # type: ignore[arg-type]
        losses=dict(fit.facts).get("losses", ()),  # type: ignore[arg-type]
        outcome_limits=sample.limits,
        scores=fit.scores,
        table=table,
        rows=fit.sample.rows,
        clusters=fit.sample.clusters,
    )


def _naive(sample: Sample, confidence: float) -> Estimate:
    """As the method of that name gives it, without what it keeps of each unit."""
    if sample.clusters is None:
        return summarise(plain_difference(sample), confidence)
    return estimate_from_sample(sample, NAIVE, None, confidence)[0]


def rests_on_adjustment(method: Method, estimand: Estimand | None) -> bool:
    """Whether a method's answer is causal only if all common causes are adjusted for: no instrument, no mediator."""
    adjusting = ("backdoor", "adjustment", "no_effect")
    return method.identify is None and (estimand is None or estimand.strategy in adjusting)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a part of the work, told as progress of the whole."""
    return lambda share, stage: progress(start + share * (end - start), stage)


def resolve(
    table: UnitTable, spec: AnalysisSpec, method: Method
) -> tuple[Estimand | None, tuple[str, ...], tuple[str, ...]]:
    """The estimand, the columns to adjust for, and notes on both.

    Raises NotIdentified where the graph gives no set to adjust for, CovariateProblem where the one named is wrong.
    """
    question, graph = spec.question, spec.graph
    check_filter(question, graph, spec.where)
    if method.identify is not None:
        return _by_the_methods_own_road(table, spec, method)
    if graph is None:
        if spec.adjust_for is None and method.adjusts:
            raise NotIdentified(
                "Nothing says what to adjust for: give the analysis a causal graph, or name the columns in adjust_for."
            )
        return None, spec.adjust_for or (), ()
    graph, by_filter = _with_filter(observed_in(table, graph), spec.where)
    estimand: Estimand | None = None
    refusal: NotIdentified | None = None
    try:
        estimand = identify(graph, question)
    except NotIdentified as error:
        refusal = error
    if spec.adjust_for is not None:
        _check_override(graph, question, (*spec.adjust_for, *(each.column for each in spec.where)), method)
        return estimand, spec.adjust_for, by_filter
    if not method.adjusts:
        columns = () if estimand is None else _columns_of(estimand, graph, question)
        return estimand, _still_varying(columns, spec.where), by_filter
    if estimand is None:
        assert refusal is not None
        raise refusal
    if estimand.strategy == "no_effect":
        sets = adjustment_sets(graph, question.treatment, question.outcome)
        if not sets:
            raise NotIdentified(
                f'The graph says that "{question.treatment}" has no effect on "{question.outcome}", and no set of '
                "observed columns would make that visible in the data."
            )
        note = (
            f'The graph has no causal path from "{question.treatment}" to "{question.outcome}", so it says that the '
            "effect is zero. If the estimate is clearly not zero, the graph lacks something."
        )
        smallest = tuple(sorted(min(sets, key=lambda each: (len(sorted(each)), sorted(each)))))
        return estimand, _still_varying(smallest, spec.where), (*by_filter, note)
    if estimand.strategy not in method.strategies:
        raise NotIdentified(_other_strategy(estimand, method))
    if spec.where and estimand.strategy not in ("backdoor", "adjustment"):
        by_filter = (*by_filter, "The formula is applied among the units of the filter as it stands for everyone.")
    return estimand, _still_varying(estimand.adjust_for, spec.where), by_filter


def _of_unknown_time(table: UnitTable, adjust_for: Sequence[str]) -> tuple[str, ...]:
    found = [f'"{name}"' for name in adjust_for if name in table.ranges and not table.ranges[name].known]
    if not found:
        return ()
    carries = "carries" if len(found) == 1 else "carry"
    return (
        f"{', '.join(found)} {carries} no time: nothing in the log says that what is adjusted for was so before the "
        "treatment. Vouch for it on the columns page, or leave it out.",
    )


def _of_scores(table: UnitTable, question: Question, adjust_for: Sequence[str]) -> tuple[str, ...]:
    """What estimates in the place of latent variables do to the answer (Skrondal and Laake 2001)."""
    held = [f'"{name}"' for name in adjust_for if name in table.sources]
    notes = []
    if held:
        notes.append(
            f"{', '.join(held)} {'estimates a latent variable' if len(held) == 1 else 'estimate latent variables'}: "
            "adjusting for it removes only part of what the variable confounds (errors in variables). Equations with "
            "treatment and outcome in them remove it in one model."
        )
    if question.outcome in table.sources:
        notes.append(
            f'The outcome "{question.outcome}" estimates a latent variable, and is drawn towards its mean: the effect '
            "comes out too small (attenuation). Equations with the treatment in them do without the score."
        )
    return tuple(notes)


def check_filter(question: Question, graph: Any, where: tuple[Condition, ...]) -> None:
    """Raises CovariateProblem where units are chosen by what the treatment is or does: like is then not with like."""
    for each in where:
        if each.column in (question.treatment, question.outcome):
            what = "treatment" if each.column == question.treatment else "outcome"
            raise CovariateProblem(
                f'The filter chooses units by the {what} "{each.column}" itself, which no effect can be asked within. '
                "Take that condition off."
            )
        if graph is not None and each.column in graph.nodes and each.column in graph.descendants(question.treatment):
            raise CovariateProblem(
                f'The filter chooses units by "{each.column}", which the graph says "{question.treatment}" changes: '
                "the arms left are no longer alike. Filter by something that is settled before the treatment."
            )


def _with_filter(graph: Any, where: tuple[Condition, ...]) -> tuple[Any, tuple[str, ...]]:
    """The graph with the filter's columns held fixed, and a note where it does not know one of them."""
    columns = sorted({each.column for each in where})
    for name in columns:
        if name in graph.nodes:
            graph = graph.with_forced(name)
    unknown = [f'"{name}"' for name in columns if name not in graph.nodes]
    if not unknown:
        return graph, ()
    listed = " and ".join(unknown)
    return graph, (f"The graph does not hold {listed}, so it cannot say whether filtering by it is harmless.",)


def _still_varying(names: tuple[str, ...], where: tuple[Condition, ...]) -> tuple[str, ...]:
    """The columns without those that the filter leaves one value of."""
    fixed = {each.column for each in where if each.comparison == "is"}
    return tuple(name for name in names if name not in fixed)


def _by_the_methods_own_road(
    table: UnitTable, spec: AnalysisSpec, method: Method
) -> tuple[Estimand, tuple[str, ...], tuple[str, ...]]:
    if spec.graph is None:
        raise NotIdentified(
            f"{method.title} needs a causal graph, which says what stands before the treatment and what between it and "
            "the outcome. Give the analysis one."
        )
    assert method.identify is not None
    graph, options = observed_in(table, spec.graph), method.make_options(spec.options)
    estimand = method.identify(graph, spec.question, options, spec.adjust_for)
    by_filter = (
        ("The formula is applied among the units of the filter as it stands for everyone.",) if spec.where else ()
    )
    return estimand, _still_varying(estimand.adjust_for, spec.where), by_filter


def _columns_of(estimand: Estimand, graph: Any, question: Question) -> tuple[str, ...]:
    return estimand.adjust_for if estimand.strategy in ("backdoor", "adjustment") else ()


def observed_in(table: UnitTable, graph: Any) -> Any:
    """The graph with nodes that are no column of the table marked unobserved."""
    missing = [node for node in graph.nodes if node not in table.types and node not in graph.latent]
    for node in missing:
        graph = graph.with_role(node, "unobserved")
    return graph


def _check_override(graph: Any, question: Question, adjust_for: tuple[str, ...], method: Method) -> None:
    if not method.adjusts:
        return
    inside = [name for name in adjust_for if name in graph.nodes]
    if not is_adjustment_set(graph, question.treatment, question.outcome, inside):
        raise CovariateProblem(why_not(graph, question.treatment, question.outcome, inside))


def _other_strategy(estimand: Estimand, method: Method) -> str:
    stock = {
        "instrument": "dowhy:iv.instrumental_variable",
        "frontdoor": "dowhy:frontdoor.two_stage_regression",
    }.get(estimand.strategy)
    ours = [f'"{each.title}"' for each in METHODS if estimand.strategy in each.strategies]
    able = [*ours, *([f'DoWhy\'s own "{stock}"'] if stock else [])]
    advice = f"Choose {' or '.join(able)}, or" if able else "No method in the list evaluates that formula;"
    return (
        f"{method.title} adjusts for covariates, and no set of observed columns closes every back-door path here. "
        f"{estimand.sentence} {advice} observe the missing common cause and add it to the graph."
    )


def _on_clusters(spec: AnalysisSpec, sample: Sample, estimate: Estimate) -> tuple[str, ...]:
    count = len(sample) if sample.clusters is None else int(sample.clusters.max()) + 1
    if spec.cluster is None or count >= FEW_CLUSTERS:
        return ()
    return (
        f'The units fall into only {count} clusters of "{spec.cluster}", so intervals take Student\'s distribution '
        f"with {estimate.degrees_of_freedom:.3g} degrees of freedom. With fewer than {FEW_CLUSTERS} clusters they can "
        "still be too narrow, most of all where few clusters are treated.",
    )


def _strata(fit: Fit) -> tuple[Stratum, ...]:
    found = dict(fit.facts).get("strata", ())
    assert isinstance(found, tuple)
    return found


def analysis_to_json(analysis: Analysis) -> dict[str, Any]:
    """Everything but the unit-level arrays, as plain JSON values (NaN and infinities as text)."""
    fingerprint = analysis.table_fingerprint
    if not fingerprint and analysis.table is not None:
        fingerprint = analysis.table.fingerprint
    document = {
        "spec": analysis.spec.to_json(),
        "table_fingerprint": fingerprint,
        "estimand": None if analysis.estimand is None else _estimand_to_json(analysis.estimand),
        "adjust_for": list(analysis.adjust_for),
        "estimate": estimate_to_json(analysis.estimate),
        "naive": estimate_to_json(analysis.naive),
        "balance": dataclasses.asdict(analysis.balance),
        "overlap": _overlap_to_json(analysis.overlap),
        "verdicts": [dataclasses.asdict(each) for each in analysis.verdicts],
        "dropped": analysis.dropped,
        "rows_total": analysis.rows_total,
        "other_levels": analysis.other_levels,
        "filtered": analysis.filtered,
        "outcome_is_binary": analysis.outcome_is_binary,
        "notes": list(analysis.notes),
        "strata": [dataclasses.asdict(each) for each in analysis.strata],
        "instrument_evidence": _asdict(analysis.instrument_evidence),
        "mediation": _asdict(analysis.mediation),
        "matches": _asdict(analysis.matches),
        "losses": [dataclasses.asdict(each) for each in analysis.losses],
        "outcome_limits": _asdict(analysis.outcome_limits),
    }
    plain = to_values(document)
    assert isinstance(plain, dict)
    return plain


def analysis_from_json(
    document: Mapping[str, Any], scores: Mapping[str, Any] | None = None, table: UnitTable | None = None
) -> Analysis:
    """The analysis that `analysis_to_json` wrote; what-ifs need `scores` (from `scores_to_arrays`) and `table` too."""
    document = from_values(document)
    estimand = document["estimand"]
    arrays = None if scores is None else dict(scores)
    return Analysis(
        spec=AnalysisSpec.from_json(document["spec"]),
        table_fingerprint=document["table_fingerprint"],
        estimand=None if estimand is None else Estimand(**_tuples(estimand)),
        adjust_for=tuple(document["adjust_for"]),
        estimate=estimate_from_json(document["estimate"]),
        naive=estimate_from_json(document["naive"]),
        balance=BalanceTable(
            tuple(BalanceRow(**row) for row in document["balance"]["rows"]), document["balance"]["threshold"]
        ),
        overlap=_overlap_from_json(document["overlap"]),
        verdicts=tuple(Verdict(**each) for each in document["verdicts"]),
        dropped=document["dropped"],
        rows_total=document.get("rows_total", 0),
        other_levels=document.get("other_levels", 0),
        filtered=document.get("filtered", 0),
        outcome_is_binary=document["outcome_is_binary"],
        notes=tuple(document["notes"]),
        strata=tuple(Stratum(**each) for each in document["strata"]),
        instrument_evidence=None
        if document.get("instrument_evidence") is None
        else evidence_from_json(document["instrument_evidence"]),
        mediation=None if document.get("mediation") is None else mediation_from_json(document["mediation"]),
        matches=None if document.get("matches") is None else matches_from_json(document["matches"]),
        losses=tuple(LearnerLoss(**each) for each in document.get("losses", ())),
        outcome_limits=None if document.get("outcome_limits") is None else OutcomeLimits(**document["outcome_limits"]),
        scores=None
        if arrays is None or "control" not in arrays
        else ArmScores(
            arrays["control"],
            arrays["treated"],
            arrays["control_correction"],
            arrays["treated_correction"],
            arrays["target_weight"],
        ),
        table=table,
        rows=None if arrays is None else arrays.get("rows"),
        clusters=None if arrays is None or "clusters" not in arrays else arrays["clusters"],
    )


def scores_to_arrays(analysis: Analysis) -> dict[str, NDArray[Any]]:
    """The unit-level arrays by name, to be stored beside the JSON; empty where the method keeps none."""
    if analysis.scores is None or analysis.rows is None:
        return {}
    arrays: dict[str, NDArray[Any]] = {
        field.name: getattr(analysis.scores, field.name) for field in dataclasses.fields(analysis.scores)
    }
    arrays["rows"] = analysis.rows
    if analysis.clusters is not None:
        arrays["clusters"] = analysis.clusters
    return arrays


def _estimand_to_json(estimand: Estimand) -> dict[str, Any]:
    """Without its symbolic expression, which the graph gives anew."""
    return {
        each.name: getattr(estimand, each.name) for each in dataclasses.fields(estimand) if each.name != "expression"
    }


def _asdict(noun: InstrumentEvidence | MatchSummary | MediationEffects | OutcomeLimits | None) -> dict[str, Any] | None:
    return None if noun is None else dataclasses.asdict(noun)


def _overlap_to_json(summary: OverlapSummary) -> dict[str, Any]:
    document = {each.name: getattr(summary, each.name) for each in dataclasses.fields(summary)}
    sizes, histogram = summary.effective_sample_size, summary.propensity_histogram
    document["effective_sample_size"] = None if sizes is None else arm_to_json(sizes)
    document["propensity_histogram"] = None if histogram is None else dataclasses.asdict(histogram)
    return document


def _overlap_from_json(document: Mapping[str, Any]) -> OverlapSummary:
    values = dict(document)
    if values["effective_sample_size"] is not None:
        values["effective_sample_size"] = PerArm(**values["effective_sample_size"])
    if values["propensity_histogram"] is not None:
        values["propensity_histogram"] = PropensityHistogram(
            **{name: tuple(each) for name, each in values["propensity_histogram"].items()}
        )
    if values["propensity_range"] is not None:
        values["propensity_range"] = tuple(values["propensity_range"])
    return OverlapSummary(**values)


def _tuples(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}
