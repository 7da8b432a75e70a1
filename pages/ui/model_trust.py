"""How far the structural model of a what-if is to be trusted: its light, its mechanisms, the graph, and other roads."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import base_spec, outcome_rule_of
from causal.interventions.changes import Randomise, Scale, Set, Shift, changes_to_json
from causal.interventions.what_if import WITHOUT_LIMITS
from causal.study import condition_to_json
from causal.wording import escape
from causal.wording import roads as roads_wording
from causal.wording import structural_model as wording
from causal.wording import what_if as what_if_wording
from pages.ui import answers, background, current_study, journey, what_if_state
from pages.ui.error_box import error_box

ROADS = "compare roads"
KEPT = "keep the formula"
LIGHTS = {
    "passed": ("passed", "✓ the model fits"),
    "attention": ("attention", "! doubtful"),
    "failed": ("failed", "✕ not for every variable"),
    "not_checked": ("attention", "? graph not tested"),
}


def model_light(held: Any, model: Any, roads: str = "") -> None:
    """The model's light with its sentence, under the finding; `roads` is what other roads were found to say."""
    told = wording.model_verdict(model, answers.graph_fit_of(held))
    state, label = LIGHTS[told.light]
    limits = WITHOUT_LIMITS if outcome_rule_of(held) is not None else ""
    st.html(
        f'<p class="doable-reason" data-testid="model-light"><span class="doable-light doable-{state}">{label}</span>'
        f"{html.escape(' '.join(filter(None, (roads, told.sentence, limits))))}</p>"
    )


def beyond_the_data(model: Any, told: Any, name: str = "") -> None:
    """Where the changes leave the data, which no interval tells; `name` is that of a saved scenario."""
    start = f"“{name}”: " if name else ""
    for note in what_if_wording.where_data_end(told, model.notes):
        st.html(
            f'<p class="doable-reason" data-testid="beyond-the-data"><span class="doable-light doable-attention">'
            f"! beyond the data</span>{html.escape(start + note)}</p>"
        )


def model_trust(held: Any, job: Any, model: Any, changes: Mapping[str, Any], variable: str) -> None:
    """Everything behind the light."""
    if changes:
        _roads(held, job, changes, variable)
    st.markdown("#### The model")
    st.markdown(escape.markdown(wording.model_sentence(model)))
    st.dataframe(wording.mechanism_rows(model), hide_index=True, width="stretch")
    st.caption(wording.MECHANISM_CAPTION)
    for note in model.notes:
        st.markdown(f"- {escape.markdown(note)}")
    _graph(held)
    st.markdown("#### What every what-if rests on")
    for sentence in wording.rests_on():
        st.markdown(f"- {sentence}")


def known_roads(held: Any, job: Any, changes: Mapping[str, Any], variable: str) -> str:
    """What the two roads were found to say of these changes, or nothing where nobody asked yet.

    What is kept of a quantity answers every position of its slider, and of several levels every combination.
    """
    asked = _asked(held, job, changes, variable)
    if asked is None:
        return ""
    found = answers.roads_told(answers.work_about(held, ROADS, asked))
    lasting = _lasting(asked, changes)
    if found is None and lasting is not None:
        found = _from_kept(held, job, answers.work_about(held, KEPT, lasting), changes, asked)
    return "" if found is None else roads_wording.roads_finding(_told(held, job, changes), found)


def _roads(held: Any, job: Any, changes: Mapping[str, Any], variable: str) -> None:
    st.markdown("#### Another road to the same number")
    asked = _asked(held, job, changes, variable)
    if asked is None:
        st.markdown(f"{escape.markdown(variable, 40)} is not moved by the change, so there is nothing to compare.")
        return
    lasting, found = _lasting(asked, changes), None
    if lasting is not None:
        work = background.worked_out(held, KEPT, lasting)
        if work is None:
            return
        found = _from_kept(held, job, work, changes, asked)
    if found is None:
        work = background.worked_out(held, ROADS, asked)
        found = None if work is None else answers.roads_told(work)
    if found is not None:
        st.markdown(escape.markdown(roads_wording.roads_finding(_told(held, job, changes), found)))
        for note in found.notes:
            st.markdown(f"- {escape.markdown(note)}")


def _lasting(asked: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """What can be kept whatever the amounts and levels: of one quantity that moves, or of several with levels."""
    moved = len(changes) == 1 and all(isinstance(each, Shift | Scale) for each in changes.values())
    several = len(changes) > 1 and all(isinstance(each, Set | Randomise) for each in changes.values())
    if not (moved or several):
        return None
    return {**{name: asked[name] for name in ("spec", "variable", "level", "among")}, "causes": sorted(changes)}


def _from_kept(held: Any, job: Any, work: Any, changes: Mapping[str, Any], asked: Mapping[str, Any]) -> Any:
    node = _told(held, job, changes).node(asked["variable"])
    return answers.roads_from(work, changes, node, asked["level"])


def _asked(held: Any, job: Any, changes: Mapping[str, Any], variable: str) -> dict[str, Any] | None:
    """What is compared; None where the change does not move the variable, or is one of it."""
    told = _told(held, job, changes)
    node = told.node(variable)
    if not changes or node.role != "affected":
        return None
    place = told.level_told(node)
    last = node.kind == "binary" and place == len(node.levels) - 1
    return {
        "spec": replace(base_spec(held), outcome_rule=None).to_json(),  # both of the outcome as it is
        "changes": changes_to_json(changes),
        "variable": variable,
        "level": None if place is None or last else node.levels[place].level,
        "among": [condition_to_json(each) for each in told.scenario.where],
        "model": job.outcomes[0],
    }


def _told(held: Any, job: Any, changes: Mapping[str, Any]) -> Any:
    where = what_if_state.where_of(held, answers.structural_model_told(job))
    return what_if_state.told(held, answers.scenario(job, changes, where))


def _graph(held: Any) -> None:
    st.markdown("#### The graph")
    job = answers.graph_test_job(held)
    fit = answers.fit_told(job)
    if fit is not None:
        st.markdown(escape.markdown(answers.graph_verdict(fit).sentence))
        if st.button("See where", icon=":material/arrow_forward:", key="see graph fit"):
            journey.go("graph_fit")
    elif job is not None and job.active:
        background.follow(job.id, stop="stop graph test")
    else:
        st.markdown("Not tested yet: whether the independences that the graph promises hold in the data.")
        background.say_how_it_ended(job)
        st.button("Test the graph on the data", on_click=_test, icon=":material/play_arrow:", key="test graph")


def _test() -> None:
    with error_box():
        answers.test_graph(current_study.study())
