"""Our methods as DoWhy estimators: `estimate_effect(method_name="backdoor.causal.estimators.dowhy_adapter.Weighting")`.

Imported only through a method's `dowhy_name`, as DoWhy takes seconds to import. `method_params` may hold "options" (the
method's options or a mapping), "terms", "types" (column types), "cluster", "confidence" and "seed".
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pandas as pd
from dowhy.causal_estimator import CausalEstimate, CausalEstimator
from dowhy.causal_identifier import EstimandType

from causal.errors import NotIdentified, OptionProblem
from causal.estimators.estimate import Estimate
from causal.estimators.estimation import estimate_effect
from causal.estimators.fit import Fit
from causal.estimators.mediation_effects import MediationEffects
from causal.estimators.registry import method_named
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, estimand_through, identify, instruments_at_their_word
from causal.graphs.mediation_adjustment import mediators_at_their_word
from causal.logs.unit_table import ColumnType, UnitTable
from causal.study import Question, Target, Terms

_TARGETS: dict[str, Target] = {"ate": "everyone", "att": "treated", "atc": "untreated", "ato": "overlap"}


_CONTRACT = frozenset(inspect.signature(CausalEstimator.__init__).parameters) - {"self", "identified_estimand", "_"}


def _refuse_unknown(method: str, given: Mapping[str, Any]) -> None:
    """DoWhy's own constructor takes any name and forgets it; a mistyped parameter must not pass in silence."""
    for name in given:
        if name not in _CONTRACT:
            raise OptionProblem(
                f'{method} through DoWhy has no parameter "{name}". method_params takes options, terms, types, '
                "cluster, confidence and seed directly (not under init_params)."
            )


class _OurEstimator(CausalEstimator):  # type: ignore[misc]
    """One adapter for all: DoWhy's contract on the outside, our pure function inside."""

    method: ClassVar[str]

    def __init__(
        self,
        identified_estimand: Any,
        options: Any = None,
        terms: Terms | None = None,
        types: Mapping[str, ColumnType] | None = None,
        cluster: str | None = None,
        confidence: float = 0.95,
        seed: int = 0,
        **contract: Any,
    ) -> None:
        contract.pop("causal_estimator", None)  # DoWhy passes back the name it was called by
        _refuse_unknown(self.method, contract)
        contract.setdefault("confidence_level", confidence)
        super().__init__(identified_estimand, **contract)
        self._options, self._terms, self._types = options, terms, dict(types or {})
        self._cluster, self._confidence, self._seed = cluster, confidence, seed
        self.last: Estimate | None = None

    def fit(self, data: pd.DataFrame, effect_modifier_names: list[str] | None = None, **_: Any) -> _OurEstimator:
        """Nothing is kept between calls: every estimate fits its models anew."""
        self._effect_modifier_names = effect_modifier_names or []
        self._effect_modifiers = None
        return self

    def estimate_effect(
        self,
        data: pd.DataFrame,
        treatment_value: Any = 1,
        control_value: Any = 0,
        target_units: Any = None,
        **_: Any,
    ) -> CausalEstimate:
        """The effect as DoWhy's CausalEstimate; `data` is not changed."""
        self._target_units = target_units or "ate"
        self._treatment_value, self._control_value = treatment_value, control_value
        self.last = self._estimate(data, treatment_value, control_value)
        estimate = CausalEstimate(
            data=data,
            treatment_name=self._target_estimand.treatment_variable,
            outcome_name=self._target_estimand.outcome_variable,
            estimate=self.last.effect,
            target_estimand=self._target_estimand,
            realized_estimand_expr=self.construct_symbolic_estimator(self._target_estimand),
            control_value=control_value,
            treatment_value=treatment_value,
        )
        estimate.add_estimator(self)
        return estimate

    def _estimate(self, data: pd.DataFrame, treated: Any, control: Any) -> Estimate:
        if not isinstance(self._target_units, str) or self._target_units not in _TARGETS:
            raise OptionProblem('target_units must be "ate", "att", "atc" or "ato".')
        treatment, outcome = self._target_estimand.treatment_variable, self._target_estimand.outcome_variable
        estimand = self._estimand(list(data.columns))
        adjust_for = self._adjusted() if estimand is None else estimand.adjust_for
        method = method_named(self.method)
        further = (*adjust_for, *method.also_needs(estimand), *([self._cluster] if self._cluster else []))
        used = [*treatment, *outcome, *further]
        if data[treatment[0]].dtype == bool:
            treated, control = bool(treated), bool(control)
        estimate, fit = estimate_effect(
            UnitTable.from_frame(data[used], {name: kind for name, kind in self._types.items() if name in used}),
            Question(treatment[0], outcome[0], _TARGETS[self._target_units], control, treated),
            adjust_for,
            method,
            self._options,
            self._terms,
            self._cluster,
            self._confidence,
            estimand,
            self._seed,
        )
        return self._part_of(estimate, fit)

    def _adjusted(self) -> tuple[str, ...]:
        """DoWhy's adjustment set; a mediation has none by that name."""
        asked = self._target_estimand
        if asked.default_backdoor_id is None and asked.identifier_method == "mediation":
            return ()
        return tuple(sorted(asked.get_adjustment_set() or ()))

    def _part_of(self, estimate: Estimate, fit: Fit) -> Estimate:
        """What DoWhy's estimand asks for of our estimate: all of it, but for a mediation."""
        return estimate

    def _estimand(self, columns: list[str]) -> Estimand | None:
        """What our method is to estimate, where that is more than DoWhy's adjustment set."""
        return None

    def estimate_confidence_intervals(
        self,
        data: pd.DataFrame,
        estimate_value: float,
        confidence_level: float | None = None,
        method: str | None = None,
        **options: Any,
    ) -> Any:
        """The closed-form interval; DoWhy's bootstrap only where `method="bootstrap"` asks for it."""
        if method == "bootstrap":
            return super().estimate_confidence_intervals(data, estimate_value, confidence_level, method, **options)
        return self._known(data).interval(confidence_level or self.confidence_level)

    def estimate_std_error(self, data: pd.DataFrame, method: str | None = None, **options: Any) -> Any:
        """The closed-form standard error."""
        if method == "bootstrap":
            return super().estimate_std_error(data, method=method, **options)
        return self._known(data).std_error

    def test_significance(
        self, data: pd.DataFrame, estimate_value: float, method: str | None = None, **options: Any
    ) -> Any:
        """The two-sided p-value of no effect, by the closed-form standard error."""
        if method == "bootstrap":
            return super().test_significance(data, estimate_value, method=method, **options)
        return {"p_value": self._known(data).p_value}

    def _known(self, data: pd.DataFrame) -> Estimate:
        if self.last is None:
            self.last = self._estimate(data, self._treatment_value, self._control_value)
        return self.last

    def construct_symbolic_estimator(self, estimand: Any) -> str:
        """The method and its variables as one line."""
        columns = " + ".join([*estimand.treatment_variable, *self._adjusted()])
        return f"{self.method}: {estimand.outcome_variable[0]} ~ {columns}"


class DifferenceInMeans(_OurEstimator):
    """`difference_in_means` through DoWhy."""

    method = "difference_in_means"


class Regression(_OurEstimator):
    """`regression` through DoWhy."""

    method = "regression"


class Standardisation(_OurEstimator):
    """`standardisation` through DoWhy."""

    method = "standardisation"


class Stratification(_OurEstimator):
    """`stratification` through DoWhy."""

    method = "stratification"


class Weighting(_OurEstimator):
    """`weighting` through DoWhy."""

    method = "weighting"


class OverlapWeighting(_OurEstimator):
    """`overlap_weighting` through DoWhy."""

    method = "overlap_weighting"


class EntropyBalancing(_OurEstimator):
    """`entropy_balancing` through DoWhy."""

    method = "entropy_balancing"


class CovariateBalancing(_OurEstimator):
    """`covariate_balancing` through DoWhy."""

    method = "covariate_balancing"


class CoarsenedMatching(_OurEstimator):
    """`coarsened_matching` through DoWhy."""

    method = "coarsened_matching"


class Matching(_OurEstimator):
    """`matching` through DoWhy."""

    method = "matching"


class DoublyRobust(_OurEstimator):
    """`doubly_robust` through DoWhy."""

    method = "doubly_robust"


class CausalForest(_OurEstimator):
    """`causal_forest` through DoWhy."""

    method = "causal_forest"


class DoubleMl(_OurEstimator):
    """`double_ml` through DoWhy."""

    method = "double_ml"


class Tmle(_OurEstimator):
    """`tmle` through DoWhy."""

    method = "tmle"


class WeightedRegression(_OurEstimator):
    """`weighted_regression` through DoWhy."""

    method = "weighted_regression"


class _ByGraph(_OurEstimator):
    """A method that needs to know more than an adjustment set: from DoWhy's estimand, or from `graph`.

    `method_params={"graph": text}` (or a CausalGraph) lets our identification say it; `adjust_for` overrides what it
    asks to adjust for.
    """

    def __init__(
        self,
        identified_estimand: Any,
        graph: CausalGraph | str | None = None,
        adjust_for: Sequence[str] | None = None,
        **parameters: Any,
    ) -> None:
        super().__init__(identified_estimand, **parameters)
        self._graph = CausalGraph.parse(graph) if isinstance(graph, str) else graph
        self._adjust_for = None if adjust_for is None else tuple(adjust_for)

    def _estimand(self, columns: list[str]) -> Estimand | None:
        asked = self._target_estimand
        question = Question(asked.treatment_variable[0], asked.outcome_variable[0])
        if self._graph is None:
            return self._at_its_word(question)
        graph = self._graph
        for name in sorted(graph.observed - set(columns)):
            graph = graph.with_role(name, "unobserved")
        return self._from_graph(graph, question)

    def _from_graph(self, graph: CausalGraph, question: Question) -> Estimand:
        method = method_named(self.method)
        assert method.identify is not None
        return method.identify(graph, question, method.make_options(self._options), self._adjust_for)

    def _at_its_word(self, question: Question) -> Estimand | None:
        """What DoWhy identified, without a graph of ours."""
        raise NotImplementedError

    def _need(self, names: Any, what: str) -> tuple[str, ...]:
        if not names:
            raise NotIdentified(f'DoWhy found no {what} here. Give our graph as method_params={{"graph": text}}.')
        return tuple(sorted(names))


class IdentifiedFormula(_ByGraph):
    """`identified_formula` through DoWhy: by its adjustment set or front door, or by the formula of `graph`."""

    method = "identified_formula"

    def _from_graph(self, graph: CausalGraph, question: Question) -> Estimand:
        found = identify(graph, question)
        if found.strategy not in method_named(self.method).strategies:
            raise NotIdentified(f"The graph gives no formula to put shares of units into. {found.sentence}")
        return found

    def _at_its_word(self, question: Question) -> Estimand | None:
        if self._target_estimand.identifier_method == "frontdoor":
            mediators = tuple(self._target_estimand.get_frontdoor_variables())
            return estimand_through(question.treatment, question.outcome, mediators)
        return None


class Instrument(_ByGraph):
    """`instrument` through DoWhy, as "iv.causal…": by its instruments, given `adjust_for`, or by those of `graph`."""

    method = "instrument"

    def _at_its_word(self, question: Question) -> Estimand:
        names = self._need(self._target_estimand.get_instrumental_variables(), "instrument")
        return instruments_at_their_word(question.treatment, question.outcome, names, self._adjust_for or ())


class ComplierEffect(Instrument):
    """`complier_effect` through DoWhy, as "iv.causal…"."""

    method = "complier_effect"


class FrontDoor(_ByGraph):
    """`front_door` through DoWhy, as "frontdoor.causal…": by its mediators, or by those of `graph`."""

    method = "front_door"

    def _at_its_word(self, question: Question) -> Estimand:
        mediators = self._need(self._target_estimand.get_frontdoor_variables(), "front door")
        return estimand_through(question.treatment, question.outcome, mediators)


class Mediation(_ByGraph):
    """`mediation` through DoWhy, as "mediation.causal…" on an estimand of a natural effect, or "backdoor.causal…".

    The estimate is what DoWhy's estimand asks for: the natural direct effect, the natural indirect one, or the total.
    """

    method = "mediation"

    def _at_its_word(self, question: Question) -> Estimand:
        mediators = self._need(self._target_estimand.get_mediator_variables(), "mediator")
        given = self._adjust_for
        if given is None:
            given = self._need_confounders()
        return mediators_at_their_word(question.treatment, question.outcome, mediators, given)

    def _part_of(self, estimate: Estimate, fit: Fit) -> Estimate:
        effects = dict(fit.facts)["mediation"]
        assert isinstance(effects, MediationEffects)
        asked = self._target_estimand.estimand_type
        if asked == EstimandType.NONPARAMETRIC_NDE:
            return replace(estimate, effect=effects.direct.effect, std_error=effects.direct.std_error)
        if asked == EstimandType.NONPARAMETRIC_NIE:
            return replace(estimate, effect=effects.indirect.effect, std_error=effects.indirect.std_error)
        return estimate

    def _need_confounders(self) -> tuple[str, ...]:
        """DoWhy's adjustment sets of both stages, without treatment and mediators."""
        asked = self._target_estimand
        stages = (asked.mediation_first_stage_confounders, asked.mediation_second_stage_confounders)
        found = {name for stage in stages if stage for names in stage.values() for name in names}
        return tuple(sorted(found - {*asked.treatment_variable, *(asked.get_mediator_variables() or [])}))
