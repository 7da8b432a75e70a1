"""What adjusting for a text changes: the answer with it and without, on the same units, and with more and more of it.

The two answers rest on the same units, so that the error of their difference is that of the difference of their
influences (a paired comparison; Hausman's test without its assumption that one of the two is efficient). How strongly
the text tells of treatment and outcome beside the other columns: partial R2 (Cinelli and Hazlett 2020, JRSS B 82:
39-67).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from causal.analysis import resolve
from causal.checks.balance import balance
from causal.checks.hidden_causes.omitted_variable import coefficient
from causal.checks.json_values import from_values, to_values
from causal.errors import CovariateProblem, DoableError, OptionProblem
from causal.estimators.design import Sample, draw_sample
from causal.estimators.estimation import estimate_from_sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.estimators.uncertainty import covariance_of_means
from causal.graphs.choices import may_adjust_for
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec


@dataclass(frozen=True)
class TextStep:
    """The answer with the first `components` of the text, its standard error and interval."""

    components: int
    effect: float
    std_error: float
    low: float
    high: float


@dataclass(frozen=True)
class TextComparison:
    """An answer without a text and with it.

    `steps`: by how many of its components are adjusted for, from none to all. `difference`, with less without, and its
    standard error (not a number where the method gives no influences). `with_treatment` and `with_outcome`: the share
    of what all other columns leave of either that the text explains. `unbalanced_before`, `unbalanced_after`: the
    largest standardised difference among its components, as the arms are and as the method weighs them (missing where
    it has no weights).
    """

    spec: AnalysisSpec
    text: str
    adjust_for: tuple[str, ...]
    steps: tuple[TextStep, ...]
    difference: float
    std_error: float
    with_treatment: float
    with_outcome: float
    unbalanced_before: float
    unbalanced_after: float
    units: int
    outcome_is_binary: bool
    confidence: float
    unit: str = ""

    @property
    def without(self) -> TextStep:
        """The answer without the text."""
        return self.steps[0]

    @property
    def whole(self) -> TextStep:
        """The answer with all of it."""
        return self.steps[-1]

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the difference."""
        from scipy.stats import norm

        reach = float(norm.ppf(0.5 + self.confidence / 2)) * self.std_error
        return self.difference - reach, self.difference + reach

    @property
    def matters(self) -> bool:
        """Whether the text clearly changes the answer."""
        low, high = self.interval
        return not (math.isnan(low) or low <= 0 <= high)

    @property
    def settled(self) -> bool:
        """Whether the second half of the components moves the answer by less than half its standard error."""
        if len(self.steps) < 3:
            return True
        return abs(self.whole.effect - self.steps[-2].effect) <= 0.5 * self.whole.std_error

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self) if each.name != "spec"}
        fields["steps"] = [dataclasses.asdict(each) for each in self.steps]
        told = to_values({**fields, "adjust_for": list(self.adjust_for)})
        assert isinstance(told, dict)
        return {**told, "spec": self.spec.to_json()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TextComparison:
        """What `to_json` wrote."""
        told = from_values({name: value for name, value in document.items() if name != "spec"})
        steps = tuple(TextStep(**each) for each in told["steps"])
        fields = {**told, "steps": steps, "adjust_for": tuple(told["adjust_for"])}
        return cls(**fields, spec=AnalysisSpec.from_json(document["spec"]))


@one_thread
def compare_text(
    table: UnitTable, spec: AnalysisSpec, text: str | None = None, progress: Progress = silent
) -> TextComparison:
    """The spec's answer without `text` and with it (None: the table's only text, or the first one adjusted for).

    Adjusted for is what the spec says, with the text put to it or taken out. Raises CovariateProblem where the table
    has no such text or the graph forbids to adjust for it, OptionProblem where the method adjusts for nothing, and the
    errors of `answer`.
    """
    method = method_named(spec.method)
    _require_adjusting(method)
    progress(0.02, "reading the graph")
    others, name = _others_and_text(table, spec, method, text)
    progress(0.05, "drawing the units")
    parts = table.parts[name]
    counts = _counts(len(parts))
    samples = [_drawn(table, spec, (*others, *parts[:count])) for count in counts]
    _same_units(samples)
    steps, fits = [], []
    for place, (count, sample) in enumerate(zip(counts, samples, strict=True)):
        progress(0.1 + 0.85 * place / len(counts), f"fitting with {count:,} of {len(parts):,} components")
        estimate, fit = estimate_from_sample(sample, method, spec.options, spec.confidence)
        low, high = estimate.interval(spec.confidence)
        steps.append(TextStep(count, estimate.effect, estimate.std_error, low, high))
        fits.append(fit if place in (0, len(counts) - 1) else None)
    progress(0.96, "comparing the two")
    first, last = fits[0], fits[-1]
    assert first is not None and last is not None
    of_treatment, of_outcome = _strength(_drawn(table, spec, (*others, name)), name)
    before, after = _imbalance(last, samples[-1], parts)
    return TextComparison(
        spec=spec,
        text=name,
        adjust_for=others,
        steps=tuple(steps),
        difference=steps[-1].effect - steps[0].effect,
        std_error=_paired_error(first, last),
        with_treatment=of_treatment,
        with_outcome=of_outcome,
        unbalanced_before=before,
        unbalanced_after=after,
        units=len(samples[-1]),
        outcome_is_binary=samples[-1].outcome_is_binary,
        confidence=spec.confidence,
        unit=spec.question.unit,
    )


def _require_adjusting(method: Method) -> None:
    if not method.adjusts or method.fit_from_table is not None:
        raise OptionProblem(
            f'"{method.title}" does not rest on adjusting alone, so a text changes nothing in it. Choose another '
            "method."
        )


def _others_and_text(
    table: UnitTable, spec: AnalysisSpec, method: Method, text: str | None
) -> tuple[tuple[str, ...], str]:
    """The columns adjusted for beside the text, and the text."""
    _, adjust_for, _ = resolve(table, spec, method)
    name = text or next((each for each in (*adjust_for, *table.parts) if each in table.parts), None)
    if name is None or name not in table.parts:
        known = ", ".join(table.parts) or "none"
        what = "No text was read for these units." if name is None else f'"{name}" is no text that was read.'
        raise CovariateProblem(f"{what} Texts there are: {known}. Read one on the text page.")
    own = {name, *table.parts[name]}
    others = tuple(each for each in adjust_for if each not in own)
    graph, question = spec.graph, spec.question
    if graph is not None and name in graph.nodes:
        inside = tuple(each for each in (*others, name) if each in graph.nodes)
        if not may_adjust_for(graph, question.treatment, question.outcome, inside):
            raise CovariateProblem(
                f'The graph forbids to adjust for "{name}" as it stands: it comes after the treatment, or adjusting '
                "for it leaves or opens a path. Change its arrows on the graph page."
            )
    return others, name


def _counts(components: int) -> tuple[int, ...]:
    """None, then half as many again and again, to all: 0, 4, 8, 16, 32."""
    found = [components]
    while found[-1] > 3 and len(found) < 5:
        found.append(found[-1] // 2)
    return tuple(sorted({0, *found}))


def _drawn(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str]) -> Sample:
    terms = spec.terms
    return draw_sample(
        table, spec.question, adjust_for, terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )


def _same_units(samples: Sequence[Sample]) -> None:
    if any(len(each) != len(samples[0]) for each in samples):
        raise CovariateProblem("The text is missing for some units, so the two answers would speak of different ones.")


def _paired_error(without: Fit, whole: Fit) -> float:
    if without.influences is None or whole.influences is None or len(without.sample) != len(whole.sample):
        return math.nan
    contrasts = [fit.influences[1] - fit.influences[0] for fit in (without, whole) if fit.influences is not None]
    covariance = covariance_of_means((contrasts[1] - contrasts[0], contrasts[1] - contrasts[0]), whole.sample.clusters)
    return float(math.sqrt(max(covariance[0, 0], 0.0)))


def _strength(sample: Sample, text: str) -> tuple[float, float]:
    """The partial R2 of the text with treatment and with outcome; not a number where no regression can tell."""
    try:
        found = next(each for each in coefficient(sample).strengths if each.covariate == text)
    except DoableError:
        return math.nan, math.nan
    return found.with_treatment, found.with_outcome


def _imbalance(fit: Fit, sample: Sample, parts: Sequence[str]) -> tuple[float, float]:
    """The largest standardised difference of the components, before and after."""
    rows = [each for each in balance(fit.sample, fit.weights, sample, fit.weighted_sums).rows if each.name in parts]
    before = max((abs(each.before) for each in rows), default=math.nan)
    after = max((abs(each.after) for each in rows if not math.isnan(each.after)), default=math.nan)
    return before, after
