"""The study that this tab works on: the only door to the session's state, and to the study's id in the address."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from causal.archive.store import SavedStudy
from causal.archive.study import Study
from causal.errors import StudyConflict, StudyError, StudyNotFound
from pages.ui import answers
from pages.ui.interruption import uninterrupted


@dataclass(frozen=True)
class Conflict:
    """An edit that could not be saved because another tab saved first: what this tab wanted, and the sentence."""

    mine: Study
    sentence: str


def open_from_address() -> None:
    """Before every page: take the study that the address names, in its newest revision; write its id back there."""
    wanted = st.query_params.get("study")
    held: SavedStudy | None = st.session_state.get("saved")
    if wanted and (held is None or held.study.id != wanted):
        held = _loaded(wanted)
    elif held is not None and st.session_state.get("conflict") is None:
        held = _newest(held)
    st.session_state["saved"] = held
    if held is not None:
        st.query_params["study"] = held.study.id
    elif wanted is not None:
        del st.query_params["study"]


def study() -> Study | None:
    """The study as this tab last saved or read it, or None before the first step."""
    held: SavedStudy | None = st.session_state.get("saved")
    return None if held is None else held.study


def mine() -> Study | None:
    """The study with this tab's edits, also those that wait for a decision: what a further edit builds on."""
    pending = conflict()
    return study() if pending is None else pending.mine


def revision() -> int:
    """The number of the revision on screen; 0 before the first step."""
    held: SavedStudy | None = st.session_state.get("saved")
    return 0 if held is None else held.revision


@uninterrupted()
def start(title: str, note: str, **fields: Any) -> None:
    """A new study with these fields, saved at once."""
    created = answers.store().create_study(title, note)
    first = dataclasses.replace(created.study, **fields)
    _hold(answers.store().save(first, created.revision, note))
    st.session_state["conflict"] = None
    renew()


@uninterrupted()
def change(note: str, **fields: Any) -> bool:
    """Save the study with these fields; False where another tab saved or deleted it first (nothing is overwritten).

    While a conflict waits for its decision, every further edit joins the one that waits.
    """
    held: SavedStudy | None = st.session_state.get("saved")
    if held is None:
        start("Untitled study", note, **fields)
        return True
    pending = conflict()
    wanted = dataclasses.replace(held.study if pending is None else pending.mine, **fields)
    try:
        _hold(answers.store().save(wanted, held.revision, note))
    except (StudyConflict, StudyNotFound) as refusal:
        st.session_state["conflict"] = Conflict(wanted, str(refusal))
        return False
    return True


def change_view(**choices: Any) -> bool:
    """Save what the screen shows: the chosen method, a slider."""
    held = mine()
    view: Mapping[str, Any] = {} if held is None else held.view
    return change("Changed the view", view={**view, **choices})


def take(name: str) -> None:
    """Save what the widget with this name holds as a choice of the screen."""
    change_view(**{name: value(name)})


def view(name: str, default: Any = None) -> Any:
    """One choice of the screen as it was last saved."""
    held = study()
    return default if held is None else held.view.get(name, default)


def conflict() -> Conflict | None:
    """The edit that waits for a decision, if any."""
    found: Conflict | None = st.session_state.get("conflict")
    return found


@uninterrupted()
def take_theirs() -> None:
    """Drop this tab's edit and show what the other tab left: its newest state, or no study where it was deleted."""
    held: SavedStudy = st.session_state["saved"]
    st.session_state["conflict"] = None
    try:
        _hold(answers.store().load(held.study.id))
        renew()
    except StudyNotFound as error:
        notice(str(error))
        leave()


@uninterrupted()
def keep_mine_as_copy() -> None:
    """Keep this tab's edit as a study of its own."""
    pending: Conflict = st.session_state["conflict"]
    st.session_state["conflict"] = None
    _hold(answers.store().branch(pending.mine))
    renew()


@uninterrupted()
def open_study(study_id: str) -> None:
    """Work on another study from now on.

    Raises StudyNotFound, DamagedBlob.
    """
    _hold(answers.store().load(study_id))
    st.session_state["conflict"] = None
    renew()


def leave() -> None:
    """No study is open in this tab any more."""
    st.session_state["saved"] = None
    st.session_state["conflict"] = None
    st.query_params.pop("study", None)
    renew()


def key(name: str) -> str:
    """A widget's key; it changes when the study was changed elsewhere, so that the widget shows the new value."""
    return _key(name, epoch())


def value(name: str) -> Any:
    """What the widget with this name holds now.

    A click can arrive after a renewal, before the screen was drawn anew: then the widget that was clicked still has the
    key of before.
    """
    for past in range(epoch(), -1, -1):
        if _key(name, past) in st.session_state:
            return st.session_state[_key(name, past)]
    return st.session_state[key(name)]


def value_if_any(name: str) -> Any:
    """What the widget with this name holds now, or None where it is not drawn."""
    return next(
        (st.session_state[key] for key in (_key(name, n) for n in range(epoch(), -1, -1)) if key in st.session_state),
        None,
    )


def put(name: str, shown: Any) -> None:
    """What the widget with this name shows from now on; to be said before the widget is drawn."""
    if st.session_state.get(key(name)) != shown:
        st.session_state[key(name)] = shown


def epoch() -> int:
    """A number that grows whenever the study was changed elsewhere than on the page's own widgets."""
    return int(st.session_state.get("epoch", 0))


def renew() -> None:
    """Make the widgets take their values from the study again."""
    st.session_state["epoch"] = st.session_state.get("epoch", 0) + 1


def notice(sentence: str | None = None) -> str | None:
    """Leave a sentence for the next run, or take the one that was left."""
    if sentence is not None:
        st.session_state["notice"] = sentence
        return sentence
    taken: str | None = st.session_state.pop("notice", None)
    return taken


def kept(name: str, make: Callable[[], Any]) -> Any:
    """A value of this tab alone, made once."""
    if name not in st.session_state:
        st.session_state[name] = make()
    return st.session_state[name]


def keep(name: str, held: Any) -> None:
    """Replace a value of this tab alone."""
    st.session_state[name] = held


def _key(name: str, number: int) -> str:
    held = study()
    return f"{name} {'' if held is None else held.id[-6:]} {number}"


def _hold(saved: SavedStudy) -> None:
    st.session_state["saved"] = saved
    st.query_params["study"] = saved.study.id


def _loaded(study_id: str) -> SavedStudy | None:
    try:
        saved = answers.store().load(study_id)
    except StudyError as error:
        keep("lost", str(error))
        return None
    keep("lost", None)
    st.session_state["conflict"] = None
    renew()
    return saved


def _newest(held: SavedStudy) -> SavedStudy:
    try:
        newest = answers.store().load(held.study.id)
    except StudyError as error:
        notice(str(error))
        return held
    if newest.revision != held.revision:
        renew()
        notice("Another tab changed this study; you see its newest state.")
        return newest
    return held
