"""The policy on the page beside another: what that is, the work it takes, and where which of them gains more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from causal.archive.script import policy_script
from causal.plots import paired_curves as curves_plot
from causal.wording import escape
from causal.wording import policy_comparison as wording
from pages.ui import answers, background, current_study, figure
from pages.ui.chosen_policy import LEARNERS, SCORES, ChosenPolicy

COLUMNS = "predict by columns"
OTHERS = {
    "budget": "Unit by unit within the budget alone",
    "alike": "Everyone alike, by the arms' mean gain per cost",
    "gain alone": "Unit by unit, by predicted gain whatever it costs",
    "arms": "Without some of the arms",
    "columns": "With predictions by fewer columns",
    "learner": "With predictions by another learner",
}


def show(held: Any, chosen: ChosenPolicy) -> dict[str, Any] | None:
    """The section of the page, and what the policy stands beside, once that is known."""
    st.markdown("#### Beside another policy")
    _choose(chosen)
    other = other_of(chosen)
    if other is None or (_takes_work(other) and not _predicted(held, chosen, other)):
        return None
    return show_told(held, chosen)


def show_told(held: Any, chosen: ChosenPolicy) -> dict[str, Any] | None:
    """The comparison alone, and what the policy stands beside; nothing and None where it is not worked out."""
    other = other_of(chosen)
    if other is None:
        return None
    beside = _work_of(held, chosen, other) if _takes_work(other) else None
    if _takes_work(other) and (beside is None or beside.state != "done"):
        return None
    spec, binary = chosen.spec, chosen.binary
    told = answers.policy_comparison(
        held, chosen.job, spec, chosen.found.budget, chosen.costs, other, beside, chosen.decided
    )
    if told.curves is None or len(told.curves.budgets) < 2:
        st.markdown(escape.markdown(f"{wording.comparison_finding(told, other, binary)}."))
    else:
        outcome = spec.question.outcome
        shown = curves_plot.paired_curves(told.curves, other, outcome, told.money, binary, **figure.looks())
        figure.show(shown, curves_plot.rows(told.curves), "two policies by budget")
        st.markdown(escape.markdown(wording.average_sentence(told, binary)))
    if abs(told.spent - told.other_spent) > 0.01 * max(told.spent, told.other_spent):
        st.markdown(escape.markdown(wording.decided_sentence(told, binary)))
    return other if told.for_the_same is not None else None


def script(held: Any, chosen: ChosenPolicy, other: Mapping[str, Any] | None) -> str:
    """The same digits by the package alone."""
    found = chosen.found
    way = {} if chosen.decided is None else chosen.decided.payload
    named = ("capacities", "guardrails", "worth")
    kind = way.get("way") if way.get("way") in ("points", "variety") else None
    asked = {"budget": found.budget, "cost": found.cost, "learner": chosen.job.payload["learner"], "kind": kind}
    asked |= {name: way[name] for name in named if way.get(name) not in (None, {})}
    return policy_script(held.log, answers.recipe_of(held), chosen.spec, asked, other)


def other_of(chosen: ChosenPolicy) -> dict[str, Any] | None:
    """What the study's choices compare with, as the wording takes it; None until it is said."""
    found = chosen.found
    kind = _one(_name(chosen), _kinds(chosen))
    if kind == "arms":
        arms = _some("policy beside arms", [str(level) for level in found.levels])
        return {"kind": kind, "arms": arms} if 0 < len(arms) < len(found.levels) else None
    if kind == "columns":
        columns = _some("policy beside columns", list(found.adjust_for))
        return {"kind": kind, "columns": columns} if 0 < len(columns) < len(found.adjust_for) else None
    if kind == "learner":
        return {"kind": kind, "learner": _one("policy beside learner", _learners(found))}
    return {"kind": kind}


def _choose(chosen: ChosenPolicy) -> None:
    """The controls that say what to compare with."""
    found = chosen.found
    kind = _one_of(_name(chosen), "Compare with", _kinds(chosen), OTHERS.get)
    if kind == "arms":
        _some_of("policy beside arms", "Without", [str(level) for level in found.levels])
        if other_of(chosen) is None:
            st.caption("Choose the arms that could not be given, and keep at least one.")
    if kind == "columns":
        _some_of("policy beside columns", "Predicting by", list(found.adjust_for))
        if other_of(chosen) is None:
            st.caption("Choose the columns that the other policy may go by. All stay adjusted for.")
    if kind == "learner":
        _one_of("policy beside learner", "Predicting by", _learners(found), LEARNERS.get)


def _name(chosen: ChosenPolicy) -> str:
    return "policy beside" if chosen.decided is None else "policy beside otherwise"


def _kinds(chosen: ChosenPolicy) -> list[str]:
    otherwise = chosen.decided is not None
    return [kind for kind in OTHERS if _makes_sense(kind, chosen.found, chosen.costs, otherwise)]


def _learners(found: Any) -> list[str]:
    return [name for name in LEARNERS if name != found.learner]


def _makes_sense(kind: str, found: Any, costs: Mapping[str, float | str], otherwise: bool) -> bool:
    """Whether the other can differ from the policy at all."""
    return {
        "budget": otherwise,
        "gain alone": len({cost for cost in costs.values() if cost}) > 1
        or any(isinstance(c, str) for c in costs.values()),
        "arms": len(found.levels) > 2,
        "columns": len(found.adjust_for) > 1,
    }.get(kind, True)


def _one(name: str, offered: list[str]) -> str:
    held_by = current_study.view(name)
    return held_by if held_by in offered else offered[0]


def _some(name: str, offered: list[str]) -> list[str]:
    return [each for each in current_study.view(name, []) if each in offered]


def _one_of(name: str, label: str, offered: list[str], said: Callable[[str], Any]) -> str:
    st.selectbox(
        label,
        offered,
        index=offered.index(_one(name, offered)),
        format_func=said,
        key=current_study.key(name),
        on_change=current_study.take,
        args=(name,),
    )
    return _one(name, offered)


def _some_of(name: str, label: str, offered: list[str]) -> None:
    st.multiselect(
        label,
        offered,
        default=_some(name, offered),
        key=current_study.key(name),
        on_change=current_study.take,
        args=(name,),
    )


def _takes_work(other: Mapping[str, Any]) -> bool:
    """Whether the other needs predictions of its own."""
    return other["kind"] in ("learner", "columns")


def _predicted(held: Any, chosen: ChosenPolicy, other: Mapping[str, Any]) -> bool:
    """Whether the other's predictions are made; else the way there is shown."""
    work = _work_of(held, chosen, other)
    if work is not None and work.state == "done":
        return True
    if work is not None and work.active:
        background.follow(work.id, "stop beside")
        return False
    background.say_how_it_ended(work)
    kind, wanted = _work_for(other, chosen)
    st.button(
        "Predict this way too",
        on_click=answers.start_work,
        args=(held, kind, wanted),
        icon=":material/play_arrow:",
        key="predict beside",
    )
    return False


def _work_of(held: Any, chosen: ChosenPolicy, other: Mapping[str, Any]) -> Any:
    """The work that makes the other's predictions, however it stands; None before there is one."""
    kind, wanted = _work_for(other, chosen)
    work = answers.work_about(held, kind, wanted)
    if other["kind"] == "learner" and (work is None or work.state != "done"):  # it may have been the page's own once
        once = answers.work_about(held, kind, {**wanted, "errors": True})
        work = once if once is not None and once.state == "done" else work
    return work


def _work_for(other: Mapping[str, Any], chosen: ChosenPolicy) -> tuple[str, dict[str, Any]]:
    """What kind of work makes the other's predictions, and what is asked of it."""
    spec, job = chosen.spec.to_json(), chosen.job
    if other["kind"] == "learner":
        return SCORES, {"spec": spec, "learner": other["learner"], "errors": False}
    scores, learner = job.outcomes[0], job.payload["learner"]
    return COLUMNS, {"spec": spec, "scores": scores, "columns": other["columns"], "learner": learner}
