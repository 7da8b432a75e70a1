"""Ratios of totals, such as clicks per impression: each arm's mean numerator over its mean denominator.

The delta method on the joint influences of both outcomes: Deng, Knoblich and Lu (2018), KDD 2018: 233-242, section 3;
with adjustment the influences are the method's own, those of its fitted models included. Units that have more of the
denominator count more, as they do in a total; the mean of the units' own ratios is another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from causal.analysis import resolve
from causal.checks.json_values import from_values, to_values
from causal.errors import CovariateProblem, OptionProblem, OutcomeProblem
from causal.estimators.design import Floats, Sample, draw_sample
from causal.estimators.estimate import Estimate, estimate_from_json, estimate_to_json
from causal.estimators.estimation import estimate_from_sample, summarise
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import limits_notes
from causal.estimators.registry import method_named
from causal.graphs.adjustment import is_adjustment_set, why_not
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec


@dataclass(frozen=True)
class RatioEffect:
    """The outcome per `denominator` under each arm; JSON-able.

    `estimate` speaks of the ratios: its arm means are each arm's ratio, its effect their difference, its lift the
    relative change. `numerator` and `denominators` are the effects on the two means that the ratios are made of.
    """

    spec: AnalysisSpec
    denominator: str
    estimate: Estimate
    numerator: Estimate
    denominators: Estimate
    notes: tuple[str, ...]

    @property
    def moves_denominator(self) -> bool:
        """Whether the interval of the effect on the denominator leaves zero out."""
        low, high = self.denominators.interval()
        return not low <= 0 <= high

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        estimates = {name: estimate_to_json(getattr(self, name)) for name in _ESTIMATES}
        told = {"spec": self.spec.to_json(), "denominator": self.denominator, "notes": self.notes}
        document = to_values({**told, **estimates})
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RatioEffect:
        """What `to_json` wrote."""
        held = from_values(document)
        estimates = {name: estimate_from_json(held[name]) for name in _ESTIMATES}
        spec = AnalysisSpec.from_json(held["spec"])
        return cls(spec=spec, denominator=held["denominator"], notes=tuple(held["notes"]), **estimates)


_ESTIMATES = ("estimate", "numerator", "denominators")


@one_thread
def ratio_effect(table: UnitTable, spec: AnalysisSpec, denominator: str, progress: Progress = silent) -> RatioEffect:
    """The effect on the total of the outcome over the total of the column `denominator`.

    With a denominator of one for all it is `answer`'s. Intervals are by influence, those of clustered regression with
    the factor of few clusters twice. Raises the errors of `answer`, OptionProblem for methods without influences of
    both arms' means, OutcomeProblem for a denominator that may be nil.
    """
    method = method_named(spec.method)
    _check(method, spec, denominator)
    _, adjust_for, notes = resolve(table, spec, method)
    notes = (*notes, *_serves(spec, adjust_for, denominator, method))
    below = _values(table, denominator)
    rule, filtered = spec.outcome_rule, spec.where
    progress(0.1, "drawing the units")
    sample = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (denominator,), spec.seed, filtered, rule
    )
    options = method.make_options(spec.options)
    progress(0.3, "fitting the outcome")
    numerator, upper = _fitted(sample, method, options, spec.confidence)
    progress(0.7, "fitting what it is divided by")
    denominators, lower = _denominators(upper, _with(sample, below), method, options, spec.confidence)
    _require_positive(denominator, denominators)
    if not np.array_equal(upper.sample.rows, lower.sample.rows):
        raise OptionProblem(f"{method.title} keeps other units for the outcome than for {denominator}: take another.")
    return RatioEffect(
        spec=spec,
        denominator=denominator,
        estimate=summarise(_ratio(upper, lower), spec.confidence),
        numerator=numerator,
        denominators=denominators,
        notes=(*notes, *limits_notes(spec.question.outcome, sample.limits), *upper.notes),
    )


def _check(method: Method, spec: AnalysisSpec, denominator: str) -> None:
    question = spec.question
    if denominator in (question.treatment, question.outcome):
        what = "treatment" if denominator == question.treatment else "outcome"
        raise OutcomeProblem(f'"{denominator}" is the {what}; name another column to divide by.')
    if method.fit_from_table is not None or method.identify is not None:
        raise OptionProblem(f"{method.title} gives no ratio of totals. Answer with doubly robust as well.")
    if spec.bootstrap is not None:
        raise OptionProblem("The interval of a ratio of totals comes from theory: take the bootstrap back.")


def _serves(spec: AnalysisSpec, adjust_for: tuple[str, ...], denominator: str, method: Method) -> tuple[str, ...]:
    """Notes on the denominator in the graph; what is adjusted for must serve it as an outcome too."""
    if denominator in adjust_for:
        raise CovariateProblem(f'"{denominator}" is adjusted for, so it cannot be what the outcome is divided by.')
    graph = spec.graph
    if graph is None or not method.adjusts:
        return ()
    if denominator not in graph.nodes:
        return (
            f'The graph does not hold "{denominator}": its causes are taken to be those of "{spec.question.outcome}".',
        )
    inside = [name for name in adjust_for if name in graph.nodes]
    for each in spec.where:
        graph = graph.with_forced(each.column) if each.column in graph.nodes else graph
    if not is_adjustment_set(graph, spec.question.treatment, denominator, inside):
        raise CovariateProblem(why_not(graph, spec.question.treatment, denominator, inside))
    return ()


def _values(table: UnitTable, name: str) -> Floats:
    values = table.column(name)
    if table.types[name] not in ("numeric", "binary") or values.dtype.kind not in "biuf":
        raise OutcomeProblem(f'"{name}" holds no numbers, so nothing can be divided by it. Name a numeric column.')
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _with(sample: Sample, values: Floats) -> Sample:
    """The same units with the denominator as their outcome."""
    found = values[sample.rows]
    yes_or_no = bool(((found == 0) | (found == 1)).all())
    return replace(sample, outcome=found, outcome_is_binary=yes_or_no, limits=None)


def _fitted(sample: Sample, method: Method, options: object, confidence: float) -> tuple[Estimate, Fit]:
    estimate, fit = estimate_from_sample(sample, method, options, confidence)
    if fit.influences is None or fit.effect_std_error is not None:
        raise OptionProblem(
            f"{method.title} with these options gives no influence of each unit on both means, so a ratio of totals "
            "has no interval. Answer with doubly robust as well."
        )
    return estimate, fit


def _denominators(
    upper: Fit, sample: Sample, method: Method, options: object, confidence: float
) -> tuple[Estimate, Fit]:
    """As `_fitted`; a denominator that is the same for all is its own mean, and needs no model."""
    if np.ptp(sample.outcome) > 0:
        return _fitted(sample, method, options, confidence)
    value, nothing = float(sample.outcome[0]), np.zeros(len(upper.sample))
    fit = Fit(sample=upper.sample, means=(value, value), influences=(nothing, nothing))
    return summarise(fit, confidence), fit


def _require_positive(name: str, estimate: Estimate) -> None:
    for arm in ("control", "treated"):
        mean, (low, _) = estimate.arm_means[arm], estimate.arm_interval(arm)
        if not (mean > 0 and low > 0):
            raise OutcomeProblem(
                f'The mean of "{name}" is {mean:.4g} in the {arm} arm, which is not clearly above zero, so a ratio to '
                "it means nothing. Divide by a column that counts something."
            )


def _ratio(upper: Fit, lower: Fit) -> Fit:
    """The fit of the two ratios: the influence of A / B is that of A less the ratio times that of B, over B."""
    assert upper.influences is not None and lower.influences is not None
    ratios, influences = [], []
    for arm in (0, 1):
        ratio = upper.means[arm] / lower.means[arm]
        ratios.append(ratio)
        influences.append((upper.influences[arm] - ratio * lower.influences[arm]) / lower.means[arm])
    return Fit(
        sample=upper.sample,
        means=(ratios[0], ratios[1]),
        influences=(influences[0], influences[1]),
        degrees_of_freedom=upper.degrees_of_freedom,
    )
