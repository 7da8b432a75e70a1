"""The policy that a study's choices ask for, and what finished work tells of it: the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from causal.archive.contents import base_spec, question_of
from causal.wording import numbers
from pages.ui import answers, current_study

SCORES = "score arms"
RULES = "search rules"
OTHERWISE = "decide otherwise"
LEARNERS = {
    "linear": "linear models, at once",
    "boosting": "boosted trees",
    "best": "the best mix of several, slower",
}
WAYS = {
    "budget": "unit by unit, within the budget",
    "limits": "unit by unit, within further limits",
    "variety": "unit by unit, with variety of arms",
    "points": "by points for each column",
}


@dataclass(frozen=True)
class ChosenPolicy:
    """A policy from the scores of a finished `job`.

    `exact` decides within the budget alone, `found` as chosen: the same where `way` is "budget", else what the finished
    job `decided` told, and None until it has. `work` is that job however it stands, None before there is one. `costs`
    per arm: a number, or a column. `binary`: how changes of the outcome are said.
    """

    job: Any
    spec: Any
    costs: Mapping[str, float | str]
    way: str
    binary: Any
    exact: Any
    found: Any
    decided: Any
    work: Any


def spec_of(held: Any) -> Any:
    """The question asked of everyone: a policy is for all units, or for those of the filter."""
    spec = base_spec(held, "doubly_robust")
    return replace(spec, question=replace(spec.question, target="everyone"))


def learner() -> str:
    """By what each unit's outcome is predicted."""
    return _one("policy learner", LEARNERS)


def scores_asked(held: Any) -> dict[str, Any]:
    """What is asked of the work that predicts every arm."""
    return {"spec": spec_of(held).to_json(), "learner": learner(), "errors": True}


def scale_of(held: Any, scores: Any) -> Any:
    """How changes of the outcome are said."""
    return numbers.Scale(scores.outcome_is_binary, question_of(held).unit)


def cost_number(level: str, scores: Any) -> float:
    """What an arm costs where that is one number: one for every arm but the control, until a person says another."""
    default = 0.0 if level == str(scores.levels[scores.control]) else 1.0
    return float(current_study.view("policy costs", {}).get(level, default))


def cost_column(level: str, offered: list[str]) -> str | None:
    """The column that an arm's cost stands in; None where it is one number."""
    told = current_study.view("policy cost columns", {}).get(level)
    return told if told in offered else None


def costs_of(held: Any, job: Any, scores: Any) -> dict[str, float | str]:
    """What each arm costs."""
    by_unit = current_study.view("policy costs by unit", False)
    offered = answers.cost_columns(held, job) if by_unit else []
    names = [str(level) for level in scores.levels]
    return {name: cost_column(name, offered) or cost_number(name, scores) for name in names}


def share() -> int:
    """The budget in percent of what giving every unit its best arm costs."""
    return int(current_study.view("policy budget", 50))


def budget_between(least: float, most: float) -> float | None:
    """The budget in all; None where money limits nothing."""
    return least + share() / 100 * (most - least) if most > least else None


def way() -> str:
    """How it is decided."""
    return _one("policy way", WAYS)


def guards(held: Any, scores: Any) -> list[str]:
    """The outcomes that may not fall."""
    offered = answers.guardrail_columns(held, scores.adjust_for)
    return [name for name in current_study.view("policy guards", []) if name in offered]


def may_fall(name: str) -> float:
    """How far a guarded outcome may fall, per unit."""
    return float(current_study.view("policy falls", {}).get(name, 0.0))


def worth() -> float:
    """What full variety of arms is worth."""
    return float(current_study.view("policy worth", 0.1))


def way_asked(held: Any, job: Any, exact: Any, costs: Mapping[str, float | str]) -> dict[str, Any] | None:
    """What is asked of the work that decides otherwise; None until there is a limit to keep to."""
    scores, chosen = answers.arm_scores_told(job), way()
    more: dict[str, Any] = {}
    if chosen == "limits":
        most = current_study.view("policy most", {})
        names = [str(level) for level in scores.levels]
        capacities = {name: most[name] for name in names if most.get(name) is not None}
        guardrails = {name: may_fall(name) for name in guards(held, scores)}
        if not capacities and not guardrails:
            return None
        more = {"capacities": capacities, "guardrails": guardrails}
    if chosen == "variety":
        more = {"worth": worth()}
    return {
        "spec": spec_of(held).to_json(),
        "scores": job.outcomes[0],
        "budget": exact.budget,
        "costs": dict(costs),
        "learner": learner(),
        "way": chosen,
        **more,
    }


def rules_asked(chosen: ChosenPolicy) -> dict[str, Any]:
    """What is asked of the work that looks for a few rules."""
    return {
        "spec": chosen.spec.to_json(),
        "scores": chosen.job.outcomes[0],
        "budget": chosen.exact.budget,
        "costs": dict(chosen.costs),
        "depth": 2,
    }


def money() -> str:
    """Whether simple policies are met each for its "own" money, or for the "same"."""
    return _one("policy money", ("own", "same"))


def chosen_policy(held: Any, job: Any) -> ChosenPolicy:
    """What the study's choices come to; `found` is None until it is found.

    Raises DamagedBlob, OptionProblem.
    """
    spec, scores = spec_of(held), answers.arm_scores_told(job)
    costs = costs_of(held, job, scores)
    budget = budget_between(*answers.policy_range(held, job, spec, costs))
    exact = found = answers.policy(held, job, spec, budget, costs)
    decided = work = None
    if way() != "budget":
        asked = way_asked(held, job, exact, costs)
        work = None if asked is None else answers.work_about(held, OTHERWISE, asked)
        decided = work if work is not None and work.state == "done" else None
        found = None
        if decided is not None:
            found = answers.policy_another_way(held, job, decided, spec, budget, costs)
    return ChosenPolicy(job, spec, costs, way(), scale_of(held, scores), exact, found, decided, work)


def for_their_money(held: Any, chosen: ChosenPolicy) -> Any:
    """What its ranking gains on each simple policy for what that costs; None where it cannot spend just any money."""
    if chosen.way != "budget":
        return None
    return answers.policy_for_their_money(held, chosen.job, chosen.spec, chosen.exact.budget, chosen.costs)


def _one(name: str, offered: Any) -> str:
    """The choice with this name, or the first where none of those offered was made."""
    told, names = current_study.view(name), list(offered)
    return told if told in names else names[0]
