"""Another file to the same log: more events, what is known of its users or items, or their vectors."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.archive.study import LogReference
from causal.errors import DoableError
from causal.logs.ready_recipes import guess_events
from causal.logs.vectors import COMPONENTS, holds_vectors
from causal.wording import escape
from causal.wording.numbers import counted
from pages.ui import answers, current_study
from pages.ui.intake.uploader import TYPES, uploader

PLACE = "second file"
HOLDS = {"stack": "More events", "join": "What is known of users or items"}
WAYS = {"components": "Principal components", "chosen": "Chosen numbers"}
NOWHERE = "(nothing)"
_KEPT = ("second log", "second refusal", "second vectors", "second content")


def show(log: Any) -> None:
    """The form; what does not fit is said, and the log stays as it is."""
    label = "More events, a table of users or items, or their vectors (.npy, .npz, Parquet with lists)"
    uploader(label, PLACE, _take_table, [*TYPES, "npy", "npz"], _take_if_vectors)
    refusal = _kept("second refusal")
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")
    other, vectors = _kept("second log"), _kept("second vectors")
    if other is None:
        return
    how, ready = _of_vectors(log, other, vectors) if vectors else _of_table(log, other)
    st.button(
        "Put together", type="primary", disabled=not ready, key="put together", on_click=_put_together, args=(how,)
    )


def _take_table(reference: LogReference) -> None:
    for name in _KEPT:
        _keep(name, None)
    _keep("second log", reference)


def _take_if_vectors(content: bytes, name: str) -> bool:
    """Whether the file was one of vectors, which is taken here then."""
    for kept in _KEPT:
        _keep(kept, None)
    if not holds_vectors(content):
        return False
    _take_vectors(content, name, None)
    _keep("second content", (content, name))
    return True


def _take_vectors(content: bytes, name: str, ids: Any) -> None:
    told = None if ids is None else ids.getvalue()
    reference, vectors = answers.keep_vectors(content, name, told)
    _keep("second log", reference)
    _keep(
        "second vectors",
        {
            "count": len(vectors.ids),
            "numbers": vectors.dimensions,
            "such as": list(vectors.ids[:3]),
            "bare": name.lower().endswith(".npy"),
            "ids": None if ids is None else ids.name,
        },
    )


def _take_ids() -> None:
    given, ids = _kept("second content"), current_study.value("ids of vectors")
    if given is None:
        return
    try:
        _take_vectors(*given, ids)
        _keep("second refusal", None)
    except DoableError as error:
        _keep("second refusal", str(error))


def _put_together(how: dict[str, Any]) -> None:
    held, other = current_study.mine(), _kept("second log")
    assert held is not None
    try:
        reference = answers.together(held, other, how)
    except DoableError as error:
        _keep("second refusal", str(error))
        return
    for name in _KEPT:
        _keep(name, None)
    current_study.change(f"Put {other.name} to the log", log=reference)
    current_study.renew()


def _of_table(log: Any, other: Any) -> tuple[dict[str, Any], bool]:
    """How a table of rows comes in, and whether enough is said."""
    verb = st.radio(
        f"What {escape.markdown(other.name, 60)} holds",
        list(HOLDS),
        index=0 if answers.says_when(other) else 1,
        format_func=HOLDS.get,
        captions=[
            "Its rows come after those of the log; columns of the same name become one.",
            "Each row of the log gets its columns, found by a key that the table has once.",
        ],
        key=current_study.key("holds"),
    )
    left, right = st.columns(2)
    if verb == "stack":
        kind = left.text_input(
            "Column that tells the kinds apart", _likely_kind(log), key=current_study.key("kind name")
        )
        own = right.text_input(
            "Rows of the log are", _stem(log.name), key=current_study.key("own kind"), disabled=kind in log.names
        )
        title = right.text_input("Rows of the file are", _stem(other.name), key=current_study.key("other kind"))
        how = {"verb": verb, "kind": kind.strip(), "own": own.strip(), "other": title.strip()}
        how["same"] = _other_names(log, other)
        if how["own"] == how["other"]:
            st.caption("Say what the rows of each are: both are called the same now.")
        return how, bool(how["kind"] and how["own"] and how["other"]) and how["own"] != how["other"]
    columns = answers.columns_of(other)
    shared = [each for each in log.names if each in columns]
    on = left.selectbox(
        "Key in the log",
        log.names,
        index=log.names.index(shared[0]) if shared else 0,
        key=current_study.key("key in log"),
    )
    other_on = right.selectbox(
        "Key in the file",
        columns,
        index=columns.index(on) if on in columns else 0,
        key=current_study.key("key in file"),
    )
    return {"verb": verb, "on": on, "other_on": other_on}, True


def _other_names(log: Any, other: Any) -> dict[str, str]:
    """The file's columns that say who and when under other names than the log's, with the log's names for them."""
    found = {}
    free = [each for each in answers.columns_of(other) if each not in log.names]
    for own, guessed in answers.counterparts_in(log, other).items():
        theirs = st.selectbox(
            f"What is “{escape.markdown(own, 60)}” in the log is in the file",
            [NOWHERE, *free],
            index=0 if guessed is None else 1 + free.index(guessed),
            key=current_study.key(f"file's {own}"),
            help="Both become one column. Rows without it cannot be counted as events.",
        )
        if theirs != NOWHERE:
            found[theirs] = own
    return found


def _of_vectors(log: Any, other: Any, vectors: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """How vectors come in, and whether enough is said."""
    such = ", ".join(vectors["such as"])
    st.caption(
        escape.markdown(
            f"{counted(vectors['count'], 'vector')} of {counted(vectors['numbers'], 'number')}; ids such as {such}."
        )
    )
    if vectors["bare"]:
        st.file_uploader(
            "Their ids, one per line in the order of the vectors (without: row numbers from 0)",
            type=["txt", "csv", "npy"],
            key=current_study.key("ids of vectors"),
            on_change=_take_ids,
        )
    left, right = st.columns(2)
    guessed = answers.about_events(guess_events, log)
    item = getattr(getattr(guessed, "columns", None), "item", None)
    place = log.names.index(item) if item in log.names else 0
    on = left.selectbox("Key in the log", log.names, index=place, key=current_study.key("key of vectors"))
    name = right.text_input(
        "Name of the columns", _stem(other.name), max_chars=40, key=current_study.key("name of vectors")
    )
    way = left.segmented_control(
        "What is taken",
        list(WAYS),
        default="components",
        format_func=WAYS.get,
        required=True,
        key=current_study.key("way of vectors"),
    )
    how: dict[str, Any] = {"verb": "vectors", "ids": vectors["ids"], "on": on, "components": COMPONENTS, "chosen": []}
    how["name"] = name.strip()
    most = min(vectors["numbers"], vectors["count"], 50)
    if way == "components":
        how["components"] = int(
            right.number_input(
                "How many", 1, most, min(COMPONENTS, most), key=current_study.key("components of vectors")
            )
        )
        return how, bool(how["name"])
    written = right.text_input(
        "Places of the numbers, from 0", placeholder="0, 5, 17", key=current_study.key("places of vectors")
    )
    how["chosen"] = [int(each) for each in written.replace(",", " ").split() if each.isdecimal()]
    return how, bool(how["name"] and how["chosen"])


def _likely_kind(log: Any) -> str:
    """The column that says what kind of event a row is, or a name for one."""
    found = answers.about_events(guess_events, log)
    return (None if found is None else found.columns.kind) or "source"


def _stem(name: str) -> str:
    return name.split(".")[0] or "other"


def _kept(name: str) -> Any:
    return current_study.kept(current_study.key(name), lambda: None)


def _keep(name: str, held: Any) -> None:
    current_study.keep(current_study.key(name), held)
