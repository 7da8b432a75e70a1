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

SCORES = "score arms"
COLUMNS = "predict by columns"
OTHERS = {
    "budget": "Unit by unit within the budget alone",
    "alike": "Everyone alike, by the arms' mean gain per cost",
    "gain alone": "Unit by unit, by predicted gain whatever it costs",
    "arms": "Without some of the arms",
    "columns": "With predictions by fewer columns",
    "learner": "With predictions by another learner",
}


def show(
    held: Any,
    job: Any,
    spec: Any,
    found: Any,
    costs: Mapping[str, float | str],
    binary: Any,
    learners: Mapping[str, str],
    decided: Any,
) -> dict[str, Any] | None:
    """The section of the page, and what the policy stands beside, once that is known.

    `decided` is the finished job that decided another way than by the budget alone.
    """
    st.markdown("#### Beside another policy")
    other = _choose(found, costs, learners, decided is not None)
    if other is None:
        return None
    beside = None
    if other["kind"] in ("learner", "columns"):
        beside = _predictions(held, job, spec, other)
        if beside is None:
            return None
    told = answers.policy_comparison(held, job, spec, found.budget, costs, other, beside, decided)
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


def show_script(held: Any, job: Any, spec: Any, found: Any, other: Mapping[str, Any] | None, decided: Any) -> None:
    """The same digits by the package alone."""
    way = {} if decided is None else decided.payload
    named = ("capacities", "guardrails", "worth")
    kind = way.get("way") if way.get("way") in ("points", "variety") else None
    asked = {"budget": found.budget, "cost": found.cost, "learner": job.payload["learner"], "kind": kind}
    asked |= {name: way[name] for name in named if way.get(name) not in (None, {})}
    with st.expander("The same digits without this app", icon=":material/code:"):
        st.code(policy_script(held.log, answers.recipe_of(held), spec, asked, other), language="python")


def _choose(
    found: Any, costs: Mapping[str, float | str], learners: Mapping[str, str], otherwise: bool
) -> dict[str, Any] | None:
    """What to compare with, as the wording takes it; None until it is said."""
    offered = [kind for kind in OTHERS if _makes_sense(kind, found, costs, otherwise)]
    kind = _one_of("policy beside otherwise" if otherwise else "policy beside", "Compare with", offered, OTHERS.get)
    if kind == "arms":
        arms = _some_of("policy beside arms", "Without", [str(level) for level in found.levels])
        if not arms or len(arms) == len(found.levels):
            st.caption("Choose the arms that could not be given, and keep at least one.")
            return None
        return {"kind": kind, "arms": arms}
    if kind == "columns":
        columns = _some_of("policy beside columns", "Predicting by", list(found.adjust_for))
        if not columns or len(columns) == len(found.adjust_for):
            st.caption("Choose the columns that the other policy may go by. All stay adjusted for.")
            return None
        return {"kind": kind, "columns": columns}
    if kind == "learner":
        names = [name for name in learners if name != found.learner]
        return {"kind": kind, "learner": _one_of("policy beside learner", "Predicting by", names, learners.get)}
    return {"kind": kind}


def _makes_sense(kind: str, found: Any, costs: Mapping[str, float | str], otherwise: bool) -> bool:
    """Whether the other can differ from the policy at all."""
    return {
        "budget": otherwise,
        "gain alone": len({cost for cost in costs.values() if cost}) > 1
        or any(isinstance(c, str) for c in costs.values()),
        "arms": len(found.levels) > 2,
        "columns": len(found.adjust_for) > 1,
    }.get(kind, True)


def _one_of(name: str, label: str, offered: list[str], said: Callable[[str], Any]) -> str:
    held_by = current_study.view(name)
    return st.selectbox(
        label,
        offered,
        index=offered.index(held_by) if held_by in offered else 0,
        format_func=said,
        key=current_study.key(name),
        on_change=current_study.take,
        args=(name,),
    )


def _some_of(name: str, label: str, offered: list[str]) -> list[str]:
    return st.multiselect(
        label,
        offered,
        default=[each for each in current_study.view(name, []) if each in offered],
        key=current_study.key(name),
        on_change=current_study.take,
        args=(name,),
    )


def _predictions(held: Any, job: Any, spec: Any, other: Mapping[str, Any]) -> Any:
    """The finished job that keeps the other's predictions, or the way there and None."""
    kind, wanted = _work_for(other, job)
    wanted = {"spec": spec.to_json(), **wanted}
    work = answers.work_about(held, kind, wanted)
    if other["kind"] == "learner" and (work is None or work.state != "done"):  # it may have been the page's own once
        once = answers.work_about(held, kind, {**wanted, "errors": True})
        work = once if once is not None and once.state == "done" else work
    if work is not None and work.state == "done":
        return work
    if work is not None and work.active:
        background.follow(work.id, "stop beside")
        return None
    background.say_how_it_ended(work)
    st.button(
        "Predict this way too",
        on_click=answers.start_work,
        args=(held, kind, wanted),
        icon=":material/play_arrow:",
        key="predict beside",
    )
    return None


def _work_for(other: Mapping[str, Any], job: Any) -> tuple[str, dict[str, Any]]:
    """What kind of work makes the other's predictions, and what is asked of it beside the question."""
    if other["kind"] == "learner":
        return SCORES, {"learner": other["learner"], "errors": False}
    return COLUMNS, {"scores": job.outcomes[0], "columns": other["columns"], "learner": job.payload["learner"]}
