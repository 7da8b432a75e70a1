"""Saved scenarios of a study: save what is on the canvas, rename, delete, and see them side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from causal.errors import DoableError
from causal.interventions.changes import Change
from causal.plots import scenario_comparison as comparison_plot
from causal.wording import escape
from causal.wording import what_if as wording
from pages.ui import answers, current_study, figure, what_if_state
from pages.ui.model_trust import beyond_the_data
from pages.ui.what_if_state import COLUMNS, Shelf

NAME = "scenario name"
TODAY = "Today"
REFUSED = "scenario refused"


@dataclass(frozen=True)
class Answering:
    """A fitted model as the board asks it.

    `model` has the notes that hold for any change; `taken` gives of changes (as JSON values) those that the model
    takes; `scenario` what changes make of every variable, beside other changes (none: today).
    """

    shelf: Shelf
    model: Any
    taken: Callable[[Mapping[str, Any]], Mapping[str, Change]]
    scenario: Callable[[Mapping[str, Change], Mapping[str, Change]], Any]


def save_form(changes: Mapping[str, Any], shelf: Shelf = COLUMNS) -> None:
    """A name and the button that keeps the changes on the canvas under it; it says where another scenario gives way."""
    saved = what_if_state.scenarios_of(current_study.study(), shelf)
    same = [each.name for each in saved if dict(each.changes) == dict(changes)]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    typed = left.text_input(
        "Name of the scenario",
        value=same[0] if same else "",
        placeholder=_name_of(changes) or "Change something first",
        max_chars=60,
        key=current_study.key(NAME),
    )
    taken = typed.strip() in [each.name for each in saved if each.name not in same]
    right.button(
        f"Replace “{escape.markdown(typed, 24)}”" if taken else "Save the scenario",
        on_click=_save,
        args=(changes, shelf),
        icon=":material/bookmark_add:",
        disabled=not changes,
        key="save scenario",
        width="stretch",
    )
    refused = current_study.kept(REFUSED, lambda: "")
    if refused:
        st.error(escape.markdown(refused), icon=":material/block:")


def forget_name(shelf: Shelf = COLUMNS) -> None:
    """Once the changes on the canvas are others, the name of a saved scenario is no longer theirs."""
    current_study.keep(REFUSED, "")
    saved = [each.name for each in what_if_state.scenarios_of(current_study.study(), shelf)]
    if current_study.value_if_any(NAME) in saved:
        current_study.put(NAME, "")


def board(held: Any, job: Any, name: str, controls: bool = True) -> None:
    """The scenarios of the structural model side by side in one variable, each with what can be done with it."""
    model = answers.structural_model_told(job)
    where = what_if_state.where_of(held, model)
    answering = Answering(
        shelf=COLUMNS,
        model=model,
        taken=lambda document: what_if_state.taken(model, document),
        scenario=lambda changes, against: answers.scenario(job, changes, where, against),
    )
    side_by_side(held, answering, name, controls)


def side_by_side(held: Any, answering: Answering, name: str, controls: bool = True) -> None:
    """The scenarios of one model side by side in one variable, each with what can be done with it."""
    shelf, model = answering.shelf, answering.model
    saved = what_if_state.scenarios_of(held, shelf)
    if not saved:
        st.caption("No scenario is saved yet. Change something on the picture, give it a name, and save it.")
        return
    changes_of = {each.name: answering.taken(what_if_state.changes_to_json(each.changes)) for each in saved}
    broken = [each.name for each in saved if dict(changes_of[each.name]) != dict(each.changes)]
    whole = {each: changes for each, changes in changes_of.items() if each not in broken}
    against = _baseline(held, shelf, list(whole), controls)
    told = {
        each: what_if_state.told(held, answering.scenario(changes, whole.get(against, {})), against)
        for each, changes in whole.items()
        if each != against
    }
    if told:
        picture = comparison_plot.scenario_comparison(told, name, **figure.looks())
        rows = comparison_plot.rows(told, name)
        if controls:
            figure.show(picture, rows, shelf.scenarios)
        else:
            figure.plain(picture, shelf.scenarios)
            _table(wording.shown_rows(told, name, short=figure.is_narrow()))
    for label, each in told.items():
        beyond_the_data(model, each, label)
    for each in broken:
        st.warning(
            escape.markdown(f"“{each}” changes a variable or level that the graph or the data no longer has."),
            icon=":material/link_off:",
        )
    if controls:
        for place, each in enumerate(saved):
            _row(place, each, what_if_state.units_of(held), shelf)


def _baseline(held: Any, shelf: Shelf, names: list[str], controls: bool) -> str:
    """The scenario that the others are compared with, chosen here where there are several; nothing for today."""
    kept = what_if_state.baseline_of(held, shelf)
    if len(names) < 2 or (kept and kept not in names):
        return ""
    if not controls:
        return kept
    offered = ["", *names]
    chosen: str = st.selectbox(
        "Compared with",
        offered,
        index=offered.index(kept),
        format_func=lambda each: f"“{each}”" if each else TODAY,
        key=current_study.key(shelf.baseline),
        on_change=_take_baseline,
        args=(shelf,),
        help="Two scenarios are asked of the same units by the same fit, so that what they have in common cancels: "
        "their difference is surer than either of them.",
    )
    return chosen


def _take_baseline(shelf: Shelf) -> None:
    current_study.change_view(**{shelf.baseline: current_study.value(shelf.baseline)})


def _table(rows: list[dict[str, str]]) -> None:
    """A table to be read, whose cells and heads Streamlit takes for Markdown."""
    st.table([{escape.markdown(name): escape.markdown(cell) for name, cell in row.items()} for row in rows])


def listed(held: Any, name: str) -> None:
    """The scenarios in a report: side by side where the model is fitted, else what each of them changes."""
    job = answers.structural_job(held, what_if_state.asked(held))
    if job is not None and job.state == "done":
        board(held, job, name, controls=False)
    else:
        in_words(held, COLUMNS)


def in_words(held: Any, shelf: Shelf) -> None:
    """What each of the scenarios changes, where their model is not fitted."""
    units = what_if_state.units_of(held)
    for each in what_if_state.scenarios_of(held, shelf):
        st.markdown(f"- {escape.markdown(each.name)}{_changes_beside(each, units)}")
    st.caption(
        "The model behind them is to be fitted again on the page What if: graph, units or question have changed."
    )


def _row(place: int, saved: Any, units: Mapping[str, str], shelf: Shelf) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"scenario {place}"):
        st.markdown(f"**{escape.markdown(saved.name)}**{_changes_beside(saved, units)}", width="stretch")
        with st.container(horizontal=True, width="content"):
            st.button(
                "Open",
                on_click=_open,
                args=(saved.changes, shelf),
                icon=":material/tune:",
                key=f"open scenario {place}",
            )
            with st.popover("Rename", icon=":material/edit:"):
                st.text_input(
                    "New name", value=saved.name, max_chars=60, key=current_study.key(f"new scenario name {place}")
                )
                st.button(
                    "Rename it", on_click=_rename, args=(place, saved.name, shelf), key=f"rename scenario {place}"
                )
            st.button(
                "Delete",
                on_click=_delete,
                args=(saved.name, shelf),
                icon=":material/delete:",
                key=f"delete scenario {place}",
            )


def _refusing(change: Callable[[], None]) -> None:
    """Make the change; the sentence of a refusal is kept for the page."""
    current_study.keep(REFUSED, "")
    try:
        change()
        current_study.renew()
    except DoableError as error:
        current_study.keep(REFUSED, str(error))


def _save(changes: Mapping[str, Any], shelf: Shelf) -> None:
    typed = str(current_study.value(NAME) or "").strip()
    _refusing(lambda: what_if_state.save_scenario(typed or _name_of(changes), changes, shelf))


def _changes_beside(saved: Any, units: Mapping[str, str]) -> str:
    """What the scenario changes, after its name; nothing where the name is just that."""
    told = wording.changes_phrase(saved.changes, units)
    return "" if told == saved.name else f": {escape.markdown(told)}"


def _name_of(changes: Mapping[str, Any]) -> str:
    return escape.shorten(wording.changes_phrase(changes, what_if_state.units_of(current_study.study())), 60)


def _rename(place: int, old: str, shelf: Shelf) -> None:
    new = str(current_study.value(f"new scenario name {place}") or "")
    _refusing(lambda: what_if_state.rename_scenario(old, new, shelf))


def _open(changes: Mapping[str, Any], shelf: Shelf) -> None:
    _refusing(lambda: what_if_state.keep_changes(changes, shelf))


def _delete(name: str, shelf: Shelf) -> None:
    _refusing(lambda: what_if_state.delete_scenario(name, shelf))
