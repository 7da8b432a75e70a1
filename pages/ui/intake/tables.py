"""A table in a warehouse as a log: choose the connection, the table, and whether its rows stay there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from causal.archive.study import LogReference
from causal.errors import DoableError
from causal.wording import escape
from pages.ui import answers, background, current_study

PLACE = "reading_table"
ROWS = {False: "An event", True: "A unit already"}
CAPTIONS = [
    "The rows stay where they are. One row per unit is made of them there, and only the units come here.",
    "All of its rows are read in, as those of a file.",
]
Take = Callable[[LogReference], None]


def is_reading() -> bool:
    """Whether a table is being read."""
    return _job() is not None


def table_chooser(take: Take) -> None:
    """Where a table is chosen and opened; `take` gets it once it is read. Without connections: how to set one."""
    with st.container(key="intake-table"):
        if (job_id := _job()) is not None:
            _follow(job_id, take)
            return
        try:
            known = answers.connections()
        except DoableError as error:
            st.error(escape.markdown(str(error)), icon=":material/block:")
            return
        if not known:
            st.caption(
                "A log may also stay in PostgreSQL, ClickHouse, Spark, BigQuery or Snowflake. Whoever runs this server "
                "sets a connection: its address as DOABLE\\_CONNECTION\\_NAME in the environment, or as `url` under "
                "`[connections.name]` in Streamlit's secrets."
            )
            return
        _choose(known)
        refusal = current_study.kept(f"{PLACE} refusal", lambda: None)
        if refusal:
            st.error(escape.markdown(refusal), icon=":material/block:")


def look_again(log: Any, take: Take) -> None:
    """A button that looks at a table once more: its first rows, and its units, as they are now."""
    if (job_id := _job()) is not None:
        _follow(job_id, take)
        return
    st.button(
        "Look at the table again",
        key="look at the table again",
        icon=":material/refresh:",
        help="The units of this study are those of when the table was opened. This makes them anew of the table as it "
        "is now; the study's history keeps the old ones.",
        on_click=_begin,
        args=(log.connection, log.name, False),
    )
    refusal = current_study.kept(f"{PLACE} refusal", lambda: None)
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")


def _choose(known: dict[str, str]) -> None:
    left, right = st.columns(2)
    connection = left.selectbox(
        "Connection",
        list(known),
        index=0 if len(known) == 1 else None,
        format_func=lambda each: f"{each} ({known.get(each, '')})",
        placeholder="Choose a connection",
        key=current_study.key("connection"),
        help="Set by whoever runs this server. It is only ever read from.",
    )
    tables = () if connection is None else answers.tables_of(connection)
    if isinstance(tables, DoableError):
        st.error(escape.markdown(str(tables)), icon=":material/cloud_off:")
        tables = ()
    table = right.selectbox(
        "Table",
        tables,
        index=None,
        placeholder="Search, or write schema.table" if connection else "Choose a connection first",
        disabled=connection is None,
        accept_new_options=True,
        key=current_study.key(f"table in {connection}"),
        help="Tables and views that the connection lists. One in another schema: write schema.table.",
    )
    whole = st.radio(
        "What is one row of the table?",
        list(ROWS),
        format_func=ROWS.get,
        captions=CAPTIONS,
        key=current_study.key("rows of table"),
    )
    st.button(
        "Open the table",
        key="open the table",
        icon=":material/database:",
        disabled=not table,
        on_click=_begin,
        args=(connection, table, bool(whole)),
    )


def _begin(connection: str, table: str, whole: bool) -> None:
    current_study.keep(f"{PLACE} refusal", None)
    current_study.keep(PLACE, answers.read_table(connection, table.strip(), whole))


def _job() -> str | None:
    """The work that goes on in this tab, or that the address names: a page loaded again goes on with it."""
    found: str | None = current_study.kept(
        PLACE, lambda: answers.reading_job(st.query_params.get(PLACE), kind="read table")
    )
    return found


def _follow(job_id: str, take: Take) -> None:
    job = answers.job(job_id)
    if job is not None and job.active:
        st.query_params[PLACE] = job_id
        st.markdown(f"Reading **{escape.markdown(job.payload['table'], 60)}**")
        background.follow(job_id, "stop reading table")
        return
    current_study.keep(PLACE, None)
    st.query_params.pop(PLACE, None)
    if job is not None and job.state == "done":
        take(answers.table_read(job))
    elif job is not None:
        stopped = job.state == "cancelled"
        current_study.keep(f"{PLACE} refusal", "Stopped. Nothing was kept." if stopped else job.message)
    st.rerun()
