"""Who gets which arm within a budget, by rules or one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from causal.archive.study import Study
from pages.ui.answers.tables import named, table_of, unit_file
from pages.ui.answers.work import is_done, store


def arm_scores_told(job: Any) -> Any:
    """The scores of every arm that a finished job keeps, else None.

    Raises DamagedBlob.
    """
    return _arm_scores(job.id, job.outcomes[0]) if is_done(job) else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _arm_scores(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.policies.arm_scores import ArmScores

    return ArmScores.from_arrays(store().get_arrays(_told["blob"]), _told["facts"])


def policy(study: Study, job: Any, spec: Any, budget: float | None, costs: Mapping[str, float | str]) -> Any:
    """Who gets which arm within a budget, from the scores that a job keeps: another budget needs no refit.

    Raises OptionProblem.
    """
    return _policy(job.id, tuple(sorted(costs.items())), budget, _policy_without_limit(study, job, spec, costs))


@st.cache_resource(show_spinner=False, max_entries=12)
def _policy(job_id: str, costs: Any, budget: float | None, _free: Any) -> Any:
    from causal.policies.policy import at_budget

    return at_budget(_free, budget)


def _policy_without_limit(study: Study, job: Any, spec: Any, costs: Mapping[str, float | str]) -> Any:
    asked = tuple(sorted(costs.items())), job.payload["learner"]
    return _without_limit(job.id, *asked, table_of(study), spec, arm_scores_told(job))


@st.cache_resource(show_spinner=False, max_entries=4)
def _without_limit(job_id: str, costs: Any, learner: str, _table: Any, _spec: Any, _scores: Any) -> Any:
    from causal.policies.policy import policy_of

    return policy_of(_table, _spec, _scores, None, dict(costs), learner=learner)


def policy_another_way(study: Study, job: Any, decided: Any, spec: Any, budget: float | None, costs: Any) -> Any:
    """The policy that a finished job decided otherwise, from the scores that `job` keeps.

    Raises DamagedBlob, OptionProblem.
    """
    return _policy_another_way(decided.id, decided.outcomes[0], policy(study, job, spec, budget, costs))


@st.cache_resource(show_spinner=False, max_entries=8)
def _policy_another_way(job_id: str, _told: Mapping[str, Any], _free: Any) -> Any:
    return _free.another_way(store().get_arrays(_told["blob"]), _told["facts"])


def policy_for_their_money(
    study: Study, job: Any, spec: Any, budget: float | None, costs: Mapping[str, float | str]
) -> Any:
    """What the policy of a budget alone gains on each simple one if it spends what that one costs."""
    found = policy(study, job, spec, budget, costs)
    return _policy_for_their_money(job.id, tuple(sorted(costs.items())), found)


@st.cache_resource(show_spinner=False, max_entries=12)
def _policy_for_their_money(job_id: str, costs: Any, _policy: Any) -> Any:
    from causal.policies.comparison import for_their_money

    return for_their_money(_policy)


def policy_comparison(
    study: Study,
    job: Any,
    spec: Any,
    budget: float | None,
    costs: Mapping[str, float | str],
    other: Mapping[str, Any],
    beside: Any = None,
    decided: Any = None,
) -> Any:
    """The policy of a budget alone, or the one that the finished job `decided`, beside `other` (as in the wording).

    `beside` is the finished job that keeps the other's predictions. Raises DamagedBlob, OptionProblem.
    """
    exact = policy(study, job, spec, budget, costs)
    found = exact if decided is None else policy_another_way(study, job, decided, spec, budget, costs)
    jobs = tuple("" if each is None else each.id for each in (job, beside, decided))
    asked = budget, tuple(sorted(costs.items())), json.dumps(other, sort_keys=True)
    made = exact if beside is None else policy(study, beside, spec, budget, costs)
    return _policy_comparison(jobs, *asked, found, made)


@st.cache_resource(show_spinner=False, max_entries=24)
def _policy_comparison(jobs: Any, budget: float | None, costs: Any, other: str, _found: Any, _made: Any) -> Any:
    from causal.policies.comparison import WithoutArms, compare_policies

    told = json.loads(other)
    if told["kind"] in ("alike", "gain alone"):
        return compare_policies(_found, told["kind"])
    return compare_policies(_found, WithoutArms(tuple(told["arms"])) if told["kind"] == "arms" else _made)


def cost_columns(study: Study, job: Any) -> list[str]:
    """The columns that may say what an arm costs for each unit: numbers, none below zero or missing."""
    question = study.question or {}
    return _cost_columns(job.id, question.get("outcome"), table_of(study), arm_scores_told(job))


@st.cache_resource(show_spinner=False, max_entries=4)
def _cost_columns(job_id: str, outcome: str | None, _table: Any, _scores: Any) -> list[str]:
    numeric = [name for name, kind in _table.types.items() if kind == "numeric" and name != outcome]
    values = {name: _table.column(name).iloc[_scores.rows] for name in numeric}
    return [name for name, each in values.items() if bool(each.notna().all() and (each >= 0).all())]


def guardrail_columns(study: Study, adjust_for: Sequence[str]) -> list[str]:
    """The outcomes that may be kept from falling: numbers and flags that are not adjusted for."""
    table, question = table_of(study), study.question or {}
    taken = (question.get("treatment"), question.get("outcome"), *adjust_for)
    return [
        name
        for name, kind in table.types.items()
        if name not in taken and (kind == "numeric" or (kind == "binary" and table.column(name).dtype.kind in "iufb"))
    ]


def policy_range(study: Study, job: Any, spec: Any, costs: Mapping[str, float | str]) -> tuple[float, float]:
    """What the cheapest allocation costs in all, and what giving every unit its best arm costs."""
    path = _policy_without_limit(study, job, spec, costs).path
    return path.least, path.most


def rules_told(job: Any) -> Any:
    """The rules and their value that a finished job told, (PolicyTree, PolicyValue, spent), else None."""
    return _rules(job.id, job.outcomes[0]) if is_done(job) else None


@st.cache_resource(show_spinner=False, max_entries=16)
def _rules(job_id: str, _told: Mapping[str, Any]) -> Any:
    from causal.policies.rules import PolicyTree
    from causal.policies.value import PolicyValue

    return PolicyTree.from_json(_told["tree"]), PolicyValue.from_json(_told["value"]), _told["spent"]


def policy_file(policy: Any, kind: str) -> bytes:
    """One row per unit of the table: what names it, its arm, cost, predicted gain, and why; csv or parquet."""
    return unit_file(policy.table, _with_reasons(policy, policy.frame(), None), kind)


def policy_units(policy: Any, most: int) -> Any:
    """The units that a policy serves first, most gain per cost, as a frame: what names them, arm, gain, why."""
    frame = policy.frame()
    served = frame[(policy.arms >= 0) & (policy.arms != policy.control)]
    worth = served["predicted_gain"] / served["cost"].where(served["cost"] > 0)
    first = served.loc[worth.fillna(float("inf")).sort_values(ascending=False, kind="stable").index[:most]]
    told = _with_reasons(policy, first, first.index.tolist())
    return named(policy.table, told)


def policy_drivers(policy: Any) -> Any:
    """What the predicted gain of every unit's arm rests on."""
    import hashlib

    arms = hashlib.sha1(policy.arms.tobytes()).hexdigest()
    return _policy_drivers(policy.table.fingerprint, policy.spec.fingerprint, policy.learner, arms, policy)


@st.cache_resource(show_spinner=False, max_entries=4)
def _policy_drivers(table: str, spec: str, learner: str, arms: str, _policy: Any) -> Any:
    from causal.policies.drivers import drivers

    return drivers(_policy)


def drivers_caption(policy: Any) -> str:
    """What the drivers of a policy's units are, and how much they tell."""
    from causal.wording import drivers as wording

    return wording.drivers_caption(policy_drivers(policy))


def _with_reasons(policy: Any, frame: Any, rows: Any) -> Any:
    from causal.wording import drivers as wording

    told = frame.assign(arm=frame["arm"].astype("string"))
    scale = wording.scale_of(policy)
    return told.assign(why=wording.reasons(policy, policy_drivers(policy), scale, rows))
