"""One place for a file of any size: small ones are read at once, large ones stream to disk and are read in a worker.

Where the server offers a folder of logs, a file in it can be chosen instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from causal.archive.study import LogReference
from causal.errors import DoableError, UnclearEncoding
from causal.logs.readers.script import ENCODINGS, previews
from causal.wording import escape
from pages.ui import answers, background, current_study
from pages.ui.intake.receiving import PATH

TYPES = ["csv", "tsv", "txt", "gz", "zst", "zip", "parquet", "json", "jsonl", "ndjson", "xlsx", "feather"]
LARGEST = 20 * 1024
"""In MB, as the uploader says it."""
THRESHOLD = 50 * 1024**2
"""Larger files go by the route; it is also the server's limit for what Streamlit's uploader takes."""
AT_ONCE = 4 * 1024**2
"""Files up to this size are read before the page answers; larger ones in a worker, with progress and a way to stop."""
FOUND = "found from the file"
_HERE = Path(__file__).parent
_RENEWED_AFTER = 1800

Take = Callable[[LogReference], None]
Aside = Callable[[bytes, str], bool]
"""Looks at a file's bytes and name before it is read as a table, and says whether it took it for something else."""

_ASIDE_UP_TO = 200 * 1024**2
"""Larger tables are not looked at: nothing but vectors is taken aside, and of these only NumPy's are larger."""


def is_reading(name: str) -> bool:
    """Whether a file that came in at this place is being read."""
    return current_study.kept(_key(name, "job"), lambda: _adopted(name)) is not None


def uploader(label: str, name: str, take: Take, types: Sequence[str] = TYPES, aside: Aside | None = None) -> None:
    """A place to drop a file; `take` gets it once it is read. `name` tells the places on a page apart.

    `types` are the endings that are offered; what `aside` takes (it may raise DoableError) goes no further.
    """
    with st.container(key=f"intake-{name}"):
        job_id = current_study.kept(_key(name, "job"), lambda: _adopted(name))
        if job_id is not None:
            _follow(job_id, name, take)
            return
        st.file_uploader(
            label,
            type=list(types),
            max_upload_size=LARGEST,
            key=current_study.key(name),
            on_change=_take_small,
            args=(name, take, aside),
            help="CSV (also .gz, .zst, .zip), Parquet, JSON lines, Excel, Feather. It stays on this app's server.",
        )
        _large_file(name, aside)
        _more_ways(name)
        unclear = current_study.kept(_key(name, "unclear"), lambda: None)
        if unclear:
            _ask_encoding(name, take, *unclear)
        refusal = current_study.kept(_key(name, "refusal"), lambda: None)
        if refusal:
            st.error(escape.markdown(refusal), icon=":material/block:")


def _take_small(name: str, take: Take, aside: Aside | None) -> None:
    """A file that Streamlit's uploader brought; kept apart from the widget, which lets it go at the next run."""
    given = current_study.value(name)
    current_study.keep(_key(name, "refusal"), None)
    current_study.keep(_key(name, "unclear"), None)
    if given is None:
        return
    try:
        if aside is not None and aside(given.getvalue(), given.name):
            return
        if given.size <= AT_ONCE:
            take(answers.keep_upload(given.getvalue(), given.name, _encoding(name)))
        else:
            token = answers.arrivals().new_token()
            with answers.arrivals().writing(token) as out:
                out.write(given.getbuffer())
            _read(name, answers.read_arrival(token, given.name, _encoding(name)))
    except UnclearEncoding as error:
        current_study.keep(_key(name, "unclear"), (given.getvalue(), given.name, error))
    except DoableError as error:
        current_study.keep(_key(name, "refusal"), str(error))


def _ask_encoding(name: str, take: Take, content: bytes, title: str, question: UnclearEncoding) -> None:
    """Which of the readings of a few words is right; the file waits meanwhile."""
    st.warning(
        f"The encoding of **{escape.markdown(title, 60)}** cannot be told. Which of these is spelled right?",
        icon=":material/translate:",
    )
    read = previews(question.words)
    likely = [each for each in question.likely if each in read]
    further = [each for each in read if each not in likely and read[each] not in [read[known] for known in likely]]
    if likely and not st.toggle("None of them: show more", key=current_study.key(f"{name} more words")):
        further = []
    chosen = st.radio(
        "Words of the file",
        [*likely, *further],
        index=None,
        format_func=lambda each: f"{escape.markdown(read[each], 80)} · {ENCODINGS[each]}",
        key=current_study.key(f"{name} words"),
        label_visibility="collapsed",
    )
    st.button(
        "Read it so",
        key=f"{name} read it so",
        type="primary",
        disabled=chosen is None,
        on_click=_take_as,
        args=(name, take, content, title, chosen),
    )


def _take_as(name: str, take: Take, content: bytes, title: str, encoding: str) -> None:
    current_study.keep(_key(name, "unclear"), None)
    try:
        take(answers.keep_upload(content, title, encoding))
    except DoableError as error:
        current_study.keep(_key(name, "refusal"), str(error))


def _large_file(name: str, aside: Aside | None) -> None:
    arrivals = answers.arrivals()
    token, issued = current_study.kept(_key(name, "token"), lambda: (arrivals.new_token(), time.time()))
    if time.time() - issued > _RENEWED_AFTER and not arrivals.desk(token).exists():
        token, issued = arrivals.new_token(), time.time()
        current_study.keep(_key(name, "token"), (token, issued))
    _component()(
        key=f"large file {name}",
        data={
            "place": f"intake-{name}",
            "token": token,
            "ticket": arrivals.ticket(token),
            "route": PATH,
            "threshold": THRESHOLD,
        },
        on_received_change=lambda: _take_large(name, aside),
    )


def _take_large(name: str, aside: Aside | None) -> None:
    """The browser says that all of a file was sent: which one, this tab knows itself."""
    value = st.session_state[f"large file {name}"].get("received")
    token, _ = current_study.kept(_key(name, "token"), lambda: ("", 0.0))
    if not isinstance(value, dict) or value.get("token") != token:
        return
    current_study.keep(_key(name, "token"), (answers.arrivals().new_token(), time.time()))
    title = str(value.get("name") or "log")[:200]
    try:
        if (
            aside is not None
            and _may_be_aside(token, title)
            and aside(answers.arrivals().file(token).read_bytes(), title)
        ):
            answers.arrivals().discard(token)
            return
        _read(name, answers.read_arrival(token, title, _encoding(name)))
    except DoableError as error:
        answers.arrivals().discard(token)
        current_study.keep(_key(name, "refusal"), str(error))


def _may_be_aside(token: str, title: str) -> bool:
    path = answers.arrivals().file(token)
    return path.is_file() and (title.lower().endswith((".npy", ".npz")) or path.stat().st_size <= _ASIDE_UP_TO)


def _more_ways(name: str) -> None:
    """The encoding, which few have to say, and the server's own folder, where there is one."""
    files = answers.shared_logs()
    label = "Encoding" if files is None else "Encoding, or a file on the server"
    with st.expander(label, icon=":material/tune:"):
        st.selectbox(
            "Encoding of text files",
            [FOUND, *ENCODINGS],
            format_func=lambda each: ENCODINGS.get(each, FOUND),
            key=current_study.key(f"{name} encoding"),
            help="Choose it before you drop the file, where words with accents or signs came out wrong.",
        )
        if files is None:
            return
        chosen = st.selectbox(
            "A log in the server's folder",
            files,
            index=None,
            placeholder="Choose a file or a folder of parts" if files else "The folder holds no file",
            disabled=not files,
            key=current_study.key(f"{name} on the server"),
        )
        st.button(
            "Read it",
            key=f"{name} read it",
            disabled=chosen is None,
            on_click=_take_shared,
            args=(name,),
            icon=":material/database:",
        )


def _take_shared(name: str) -> None:
    chosen = current_study.value(f"{name} on the server")
    current_study.keep(_key(name, "refusal"), None)
    if chosen is None:
        return
    try:
        _read(name, answers.read_shared(chosen, _encoding(name)))
    except DoableError as error:
        current_study.keep(_key(name, "refusal"), str(error))


def _read(name: str, job_id: str) -> None:
    current_study.keep(_key(name, "refusal"), None)
    current_study.keep(_key(name, "job"), job_id)


def _adopted(name: str) -> str | None:
    """The work that the address names, so that a page loaded again goes on with it."""
    return answers.reading_job(st.query_params.get(f"reading_{name}"))


def _follow(job_id: str, name: str, take: Take) -> None:
    job = answers.job(job_id)
    if job is not None and job.active:
        st.query_params[f"reading_{name}"] = job_id
        st.markdown(f"Reading **{escape.markdown(job.payload['name'], 60)}**")
        background.follow(job_id, f"stop reading {name}")
        return
    current_study.keep(_key(name, "job"), None)
    st.query_params.pop(f"reading_{name}", None)
    if job is not None:
        answers.clear_away(job)
        current_study.keep(_key(name, "refusal"), None if job.state == "done" else _ending(job))
        if job.state == "done":
            take(answers.log_read(job))
    st.rerun()


def _ending(job: Any) -> str:
    return "Stopped. Nothing of the file was kept." if job.state == "cancelled" else str(job.message)


def _encoding(name: str) -> str | None:
    chosen = current_study.value_if_any(f"{name} encoding")
    return None if chosen in (None, FOUND) else chosen


def _key(name: str, what: str) -> str:
    return f"intake {name} {what}"


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "doable_large_file",
        html=(_HERE / "large_file.html").read_text(),
        css=(_HERE / "large_file.css").read_text(),
        js=(_HERE / "large_file.js").read_text(),
    )
