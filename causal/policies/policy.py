"""A policy: which arm each unit should get, how it was chosen, and what it is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.checks.json_values import from_values, to_values
from causal.errors import OptionProblem, UnknownColumn
from causal.estimators.design import Floats, columns_of
from causal.estimators.estimate import quantile
from causal.estimators.learners import LEARNERS, Task
from causal.estimators.one_thread import one_thread
from causal.estimators.subsamples import FREEDOM
from causal.logs.unit_table import UnitTable
from causal.policies.allocation import AllocationPath, allocation_path
from causal.policies.arm_models import predict_arm
from causal.policies.arm_scores import ArmScores, score_arms
from causal.policies.budget_curve import BudgetCurve, budget_curve, stop_influence
from causal.policies.chosen_columns import predict_by
from causal.policies.costs import Cost, costs_of
from causal.policies.limits import Limit, allocate_within, capacity_limits, guardrail_limit
from causal.policies.points import Points, learn_points
from causal.policies.rules import PolicyTree, arms_of, learn_tree, rules_of_other_folds
from causal.policies.value import Compared, PolicyValue, value_of
from causal.policies.variety import allocate_with_variety
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

Kind = Literal["budget", "tree", "points", "variety"]


@dataclass(frozen=True, eq=False)
class Policy:
    """Which arm each unit should get.

    `kind`: "budget" gives each unit the arm that its predicted gain is worth at the shadow price; "tree" follows the
    rules of `tree`, "points" the `points`; "variety" counts the arms' variety too, which is `variety` (0 to 1).
    `arms` (rows of the table,): places in `levels`, -1 where a unit was dropped for a missing value.
    `spent` in all, of `budget` (None: no limit); `scores` and `paid` (n, K): what it was learnt from, and the costs;
    `shadow_price`: predicted outcome that one more unit of money would buy. Under further `limits`: `gap`, the most
    that others could add to the predicted total, and `guards`, how other outcomes move from today's. `value` on these
    units is honest: no unit was predicted by a model that had seen it, and rules and points are valued on folds that
    they were not learnt from, by the arms `judged` (n,). `path`, `curve`: who comes next by predicted gain per
    cost, and the gain of that at every budget.
    """

    kind: Kind
    spec: AnalysisSpec
    levels: tuple[Level, ...]
    control: int
    arms: NDArray[np.int64]
    scores: ArmScores
    paid: Floats
    spent: float
    budget: float | None
    shadow_price: float
    value: PolicyValue
    path: AllocationPath
    curve: BudgetCurve
    adjust_for: tuple[str, ...]
    learner: str
    cost: Cost
    table: UnitTable
    tree: PolicyTree | None = None
    limits: tuple[str, ...] = ()
    guards: Mapping[str, Compared] = field(default_factory=dict)
    gap: float = 0.0
    points: Points | None = None
    variety: float | None = None
    judged: NDArray[np.int64] | None = None

    def arm_names(self) -> list[Level | None]:
        """The arm of each row of the table; None where it was dropped."""
        return [None if place < 0 else self.levels[place] for place in self.arms.tolist()]

    @property
    def goes_by(self) -> tuple[str, ...]:
        """The columns that predictions go by."""
        return self.adjust_for if self.scores.goes_by is None else self.scores.goes_by

    @property
    def predicted(self) -> Floats:
        """(rows, K) predicted outcomes, NaN where dropped."""
        return self._spread(self.scores.predicted)

    @property
    def costs(self) -> Floats:
        """(rows, K) what each arm costs for each row, NaN where dropped."""
        return self._spread(self.paid)

    def cost_of_simple(self, name: str) -> float:
        """What one of the simple policies in `value.gains` costs in all, over the units scored."""
        if name == "today":
            return self.value.today_cost * self.value.units
        costs = self.paid.sum(axis=0)
        names = [f"all {level}" for level in self.levels]
        return float(costs[names.index(name)] if name in names else costs.mean())

    def _spread(self, values: Floats) -> Floats:
        found = np.full((len(self.arms), len(self.levels)), np.nan)
        found[self.scores.rows] = values
        return found

    def frame(self) -> pd.DataFrame:
        """One row per row of the table: the arm it should get, its cost, and its predicted gain on the control.

        Where the scores have errors, the gain has its interval as well (`gain_low`, `gain_high`).
        """
        scored, told = self.scores.rows, self.arms[self.scores.rows]
        units = np.arange(len(scored))
        gain = self.scores.predicted[units, told] - self.scores.predicted[units, self.control]
        found = {"cost": self.paid[units, told], "predicted_gain": gain}
        if self.scores.errors is not None:
            freedom = FREEDOM if self.scores.clusters is None else min(FREEDOM, float(self.scores.clusters.max()))
            reach = quantile(0.5 + self.spec.confidence / 2, freedom) * self.scores.errors[units, told]
            found |= {"gain_low": gain - reach, "gain_high": gain + reach}
        frame = pd.DataFrame(found, index=scored).reindex(range(len(self.arms)))
        frame.insert(0, "arm", pd.Series(self.arm_names(), dtype=object))
        return frame

    def way_facts(self) -> dict[str, Any]:
        """What another way of deciding sets apart from the policy of the budget alone, but for its arrays, as JSON."""
        return {
            "kind": self.kind,
            "spent": self.spent,
            "shadow_price": self.shadow_price,
            "value": self.value.to_json(),
            "limits": list(self.limits),
            "guards": {name: to_values(asdict(each)) for name, each in self.guards.items()},
            "gap": self.gap,
            "points": self.points,
            "variety": self.variety,
        }

    def way_arrays(self) -> dict[str, NDArray[np.int64]]:
        """The arms that another way of deciding gives, and those that it is valued by, where they are others."""
        return {"arms": self.arms} | ({} if self.judged is None else {"judged": self.judged})

    def another_way(self, arrays: Mapping[str, NDArray[np.int64]], facts: Mapping[str, Any]) -> Policy:
        """The policy of a budget alone, decided as the `way_arrays` and `way_facts` of another say."""
        told = {**facts, "value": PolicyValue.from_json(facts["value"]), "limits": tuple(facts["limits"])}
        told["guards"] = {name: Compared(**from_values(each)) for name, each in facts["guards"].items()}
        return replace(self, arms=arrays["arms"], judged=arrays.get("judged"), **told)

    def assign(self, table: UnitTable) -> NDArray[np.int64]:
        """(rows,) the place of the arm that each row of any table with the same columns should get; -1 if it lacks one.

        Raises UnknownColumn.
        """
        if table is self.table or table.fingerprint == self.table.fingerprint:
            return self.arms
        if self.limits or self.kind in ("points", "variety"):
            raise OptionProblem(
                "Capacities, guardrails, variety and points hold for the policy's own units as a whole. Learn it anew "
                "on the other table."
            )
        if self.tree is not None:
            return arms_of(self.tree, table)
        return _by_price(self, table)


@one_thread
def learn_policy(
    table: UnitTable,
    spec: AnalysisSpec,
    budget: float | None = None,
    cost: Cost = 1.0,
    kind: Kind = "budget",
    arms: Sequence[Level] | None = None,
    learner: str = "linear",
    depth: int = 2,
    columns: Sequence[str] | None = None,
    capacities: Mapping[Any, float] | None = None,
    guardrails: Mapping[str, float] | None = None,
    worth: float | None = None,
    progress: Progress = silent,
) -> Policy:
    """The policy with the highest predicted outcome whose total cost stays within `budget` (None: no limit).

    `cost`: a number (of every arm but the control, which is free), per arm, or per unit and arm. "budget" decides unit
    by unit, "tree" by rules of `depth` 1 or 2; both go by `columns` (None: what is adjusted for). "points" adds up
    points per column, "variety" counts `worth` per unit for all arms equally often. `learner` predicts the outcome
    under each arm, as in doubly robust. `capacities`: so many units at most get an arm; `guardrails`: by how much the
    mean of another outcome may fall below today's. Raises the errors of `compare_arms`, and OptionProblem.
    """
    if learner not in LEARNERS:
        raise OptionProblem(f'There is no learner "{learner}". Choose one of: {", ".join(LEARNERS)}.')
    scores = score_arms(table, spec, arms, learner, progress=progress)
    if columns is not None and kind == "budget":
        scores = predict_by(table, scores, columns, learner, spec.seed)
    if not capacities and not guardrails:
        if kind == "points":
            return policy_by_points(table, spec, scores, budget, cost, learner, progress)
        if kind == "variety":
            if worth is None:
                raise OptionProblem("Say what full variety is worth per unit, in units of the outcome: `worth`.")
            return policy_with_variety(table, spec, scores, budget, cost, worth, learner, progress)
        return policy_of(table, spec, scores, budget, cost, kind, learner, depth, columns, progress)
    if kind != "budget":
        raise OptionProblem("Capacities and guardrails are kept unit by unit; the other ways keep to a budget only.")
    return policy_within(table, spec, scores, budget, cost, learner, capacities or {}, guardrails or {}, progress)


def policy_of(
    table: UnitTable,
    spec: AnalysisSpec,
    scores: ArmScores,
    budget: float | None,
    cost: Cost,
    kind: Kind = "budget",
    learner: str = "linear",
    depth: int = 2,
    columns: Sequence[str] | None = None,
    progress: Progress = silent,
) -> Policy:
    """As `learn_policy`, from scores that are at hand: another budget or cost needs no refit."""
    costs = costs_of(table, scores, cost)
    progress(0.92, "finding who gains most per cost")
    found = at_budget(_without_limit(table, spec, scores, costs, cost, learner), budget)
    if kind == "budget":
        return found
    progress(0.95, "searching the rules")
    price = 0.0 if budget is None else found.shadow_price
    tree, told = learn_tree(table, scores, costs, columns, depth, budget, price)
    judged = rules_of_other_folds(table, scores, costs, columns, depth, budget, price, spec.seed)
    return replace(_decided(found, told, judged), kind="tree", tree=tree)


def _without_limit(
    table: UnitTable, spec: AnalysisSpec, scores: ArmScores, costs: Floats, cost: Cost, learner: str
) -> Policy:
    """Every unit's best arm."""
    path = allocation_path(scores.predicted, costs)
    told = path.arms_after(len(path.unit))
    return Policy(
        kind="budget",
        spec=spec,
        levels=scores.levels,
        control=scores.control,
        arms=_in_the_table(len(table), scores, told),
        scores=scores,
        paid=costs,
        spent=float(costs[np.arange(len(scores)), told].sum()),
        budget=None,
        shadow_price=0.0,
        value=value_of(scores, told, costs, spec.confidence),
        path=path,
        curve=budget_curve(scores, path, spec.confidence),
        adjust_for=scores.adjust_for,
        learner=learner,
        cost=cost,
        table=table,
    )


def at_budget(policy: Policy, budget: float | None) -> Policy:
    """A policy of a budget alone, stopped at another budget (None: no limit).

    Raises OptionProblem where it does not pay for the cheapest arm of every unit.
    """
    scores, path, costs = policy.scores, policy.path, policy.paid
    steps = len(path.unit) if budget is None else path.steps_within(float(budget))
    told = path.arms_after(steps)
    return replace(
        policy,
        arms=_in_the_table(len(policy.table), scores, told),
        spent=float(costs[np.arange(len(scores)), told].sum()),
        budget=None if budget is None else float(budget),
        shadow_price=path.price_at(steps),
        value=value_of(scores, told, costs, policy.spec.confidence, stop_influence(scores, path, steps)),
    )


def _guardrail_scores(table: UnitTable, spec: AnalysisSpec, scores: ArmScores, name: str, learner: str) -> ArmScores:
    """Those of another outcome, of the same units in the same order."""
    if name not in table.types:
        raise UnknownColumn.named(name, table.types)
    asked = replace(
        spec, question=replace(spec.question, outcome=name), outcome_rule=None, adjust_for=scores.adjust_for
    )
    other = score_arms(table, asked, scores.levels, learner)
    place = np.full(len(table), -1, dtype=np.int64)
    place[other.rows] = np.arange(len(other))
    at = place[scores.rows]
    if (at < 0).any():
        raise OptionProblem(
            f'"{name}" is missing for {int((at < 0).sum()):,} of the units, so nobody can say whether it falls. Fill '
            "its missing values, or choose another guardrail."
        )
    return other.only(at)


@one_thread
def policy_within(
    table: UnitTable,
    spec: AnalysisSpec,
    scores: ArmScores,
    budget: float | None,
    cost: Cost,
    learner: str,
    capacities: Mapping[Any, float],
    guardrails: Mapping[str, float],
    progress: Progress = silent,
) -> Policy:
    """As `policy_of`, with at most so many units per arm, and means of other outcomes that may fall by so much.

    Guardrails are kept by predictions; `guards` says by doubly robust scores how these outcomes move from today's.
    Raises OptionProblem, UnknownColumn.
    """
    costs = costs_of(table, scores, cost)
    free = policy_of(table, spec, scores, budget, cost, learner=learner)
    limits, others = capacity_limits(scores.levels, len(scores), capacities), {}
    for place, (name, may_fall) in enumerate(guardrails.items()):
        progress(0.5 * place / len(guardrails), f"predicting {name} under every arm")
        others[name] = _guardrail_scores(table, spec, scores, name, learner)
        limits.append(guardrail_limit(name, others[name].predicted, float(others[name].outcome.mean()), may_fall))
    asked = [*limits, Limit(f"a budget of {budget:,.6g}", costs, float(budget))] if budget is not None else limits
    progress(0.5, "allocating within the limits")
    found = allocate_within(scores.predicted, asked, spec.seed, progress)
    told, confidence = found.arms, spec.confidence
    guards = {name: value_of(other, told, costs, confidence).gains["today"] for name, other in others.items()}
    return replace(
        _decided(free, told),
        shadow_price=found.prices[-1] if budget is not None else 0.0,
        limits=tuple(each.name for each in limits),
        guards=guards,
        gap=max(found.bound - found.gain, 0.0),
    )


def _decided(free: Policy, told: NDArray[np.int64], judged: NDArray[np.int64] | None = None) -> Policy:
    """The policy with the arms `told` (n,), valued by those of `judged` where others say what they are worth."""
    scores, costs = free.scores, free.paid
    return replace(
        free,
        arms=_in_the_table(len(free.table), scores, told),
        spent=float(costs[np.arange(len(scores)), told].sum()),
        value=value_of(scores, told if judged is None else judged, costs, free.spec.confidence),
        judged=judged,
    )


@one_thread
def policy_by_points(
    table: UnitTable,
    spec: AnalysisSpec,
    scores: ArmScores,
    budget: float | None,
    cost: Cost,
    learner: str = "linear",
    progress: Progress = silent,
) -> Policy:
    """As `policy_of`, by points that each column adds to each arm; valued by points learnt on other folds.

    Raises OptionProblem.
    """
    costs = costs_of(table, scores, cost)
    free = policy_of(table, spec, scores, budget, cost, learner=learner)
    points, told, judged = learn_points(table, scores, costs, budget, spec.seed, progress)
    return replace(_decided(free, told, judged), kind="points", points=points)


@one_thread
def policy_with_variety(
    table: UnitTable,
    spec: AnalysisSpec,
    scores: ArmScores,
    budget: float | None,
    cost: Cost,
    worth: float,
    learner: str = "linear",
    progress: Progress = silent,
) -> Policy:
    """As `policy_of`, where all arms equally often would be worth `worth` per unit, in units of the outcome.

    Raises OptionProblem.
    """
    costs = costs_of(table, scores, cost)
    free = policy_of(table, spec, scores, budget, cost, learner=learner)
    start, price = free.arms[scores.rows], free.shadow_price if budget is not None else 0.0
    found = allocate_with_variety(scores.predicted, costs, start, budget, worth, price, spec.seed, progress)
    return replace(_decided(free, found.arms), kind="variety", variety=found.variety)


def _in_the_table(size: int, scores: ArmScores, told: NDArray[np.int64]) -> NDArray[np.int64]:
    arms = np.full(size, -1, dtype=np.int64)
    arms[scores.rows] = told
    return arms


@one_thread
def policy_value(
    table: UnitTable, policy: Policy, spec: AnalysisSpec | None = None, progress: Progress = silent
) -> PolicyValue:
    """What the policy is worth on the units of a table: its own, or others that it was not learnt from.

    `spec` (None: the policy's) says what to adjust for. Raises the errors of `compare_arms`.
    """
    same = table is policy.table or table.fingerprint == policy.table.fingerprint
    if same and (spec is None or spec == policy.spec):
        return policy.value
    scores = score_arms(table, spec or policy.spec, policy.levels, policy.learner, progress=progress)
    assigned = policy.assign(table)[scores.rows]
    costs = costs_of(table, scores, policy.cost if same or _portable(policy.cost) else 0.0)
    return value_of(scores, assigned, costs, (spec or policy.spec).confidence)


def _portable(cost: Cost) -> bool:
    """Whether a cost says something of other tables too: numbers and columns do, values per row do not."""
    if isinstance(cost, int | float):
        return True
    if hasattr(cost, "values") and not hasattr(cost, "shape"):
        return all(isinstance(each, int | float | str) for each in cost.values())
    return np.asarray(cost).ndim == 1


def _by_price(policy: Policy, table: UnitTable) -> NDArray[np.int64]:
    """Each row's best arm at the policy's shadow price, predicted by models of all units that it was learnt from."""
    for name in policy.goes_by:
        if name not in table.types:
            raise UnknownColumn.named(name, table.types)
    rows = np.flatnonzero(table.frame[list(policy.goes_by)].notna().all(axis=1).to_numpy())
    found = np.full(len(table), -1, dtype=np.int64)
    if len(rows) == 0:
        return found
    predicted = _predicted_on(policy, table, rows)
    blank = ArmScores(
        levels=policy.levels,
        control=policy.control,
        predicted=predicted,
        scores=predicted,
        chances=np.ones_like(predicted),
        arm=np.zeros(len(rows), dtype=np.int64),
        outcome=np.zeros(len(rows)),
        rows=rows,
        size=len(table),
        clusters=None,
        adjust_for=policy.goes_by,
        outcome_is_binary=False,
    )
    if not _portable(policy.cost):
        raise OptionProblem(
            "The policy's costs are values per row of its own table: name a column or a number per arm."
        )
    costs = costs_of(table, blank, policy.cost)
    found[rows] = _at_price(predicted, costs, policy.shadow_price if policy.budget is not None else 0.0)
    return found


def _at_price(predicted: Floats, costs: Floats, price: float) -> NDArray[np.int64]:
    """The arm with the highest outcome less its price; of equals, the cheapest."""
    net = predicted - price * costs
    best = net.max(axis=1, keepdims=True)
    tied = net >= best - 1e-12 * np.maximum(np.abs(best), 1.0)
    return np.asarray(np.where(tied, costs, math.inf).argmin(axis=1), dtype=np.int64)


def _predicted_on(policy: Policy, table: UnitTable, rows: NDArray[np.int64]) -> Floats:
    """(m, K) outcomes predicted for rows of another table; both tables' columns are coded together."""
    scored = policy.table
    names = [policy.spec.question.treatment, policy.spec.question.outcome, *policy.goes_by]
    learnt = policy.scores.rows
    kept = scored.frame.iloc[learnt][names]
    new = table.frame.iloc[rows].reindex(columns=names)
    both = UnitTable.from_frame(pd.concat([kept, new], ignore_index=True), {name: scored.types[name] for name in names})
    coded, _, _ = columns_of(both, np.arange(len(both)), policy.goes_by)
    model = np.column_stack([np.ones(len(both)), coded])
    outcome = pd.to_numeric(kept[policy.spec.question.outcome]).to_numpy(dtype=np.float64)
    binary = bool(np.isin(outcome, (0.0, 1.0)).all())
    own = kept[policy.spec.question.treatment].astype(str).to_numpy()
    found = np.empty((len(rows), len(policy.levels)))
    for place, level in enumerate(policy.levels):
        inside, told, kind = own == str(level), outcome, binary
        if policy.scores.goes_by is not None:  # by the scores of all units, as in `predict_by`
            inside, told, kind = np.ones(len(own), dtype=bool), policy.scores.scores[:, place], False
        task = Task(model[: len(learnt)][inside], told[inside], model[len(learnt) :], kind, policy.spec.seed)
        found[:, place] = predict_arm(task, policy.learner)
    return found
