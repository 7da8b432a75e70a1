"""What a page asks of the language model, if any: shown first, sent by a click, logged, never taken on trust."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from causal.errors import DoableError
from causal.wording import escape
from causal.wording.numbers import counted
from pages.ui import answers, background, current_study

HOW = (
    "Written without a language model. Whoever runs this app can name one: `DOABLE_MODEL_URL` with an address that "
    "speaks OpenAI's chat completions, or `embedded` for a small one on this machine (see README)."
)


def named() -> Any:
    """The language model of this server; where there is none, one line says how to name one."""
    try:
        endpoint = answers.language_model()
    except DoableError as refusal:
        st.caption(escape.markdown(str(refusal)))
        return None
    if endpoint is None:
        st.caption(HOW)
    return endpoint


def agree_to_rows(endpoint: Any) -> bool:
    """Whether rows of the data may be sent: the server must allow it, and the study agree."""
    if not endpoint.rows_allowed:
        st.caption(
            "These messages would hold rows of your data, and this server sends none to a language model "
            "(`DOABLE_MODEL_ROWS=allowed` lets each study decide)."
        )
        return False
    agreed: bool = st.checkbox(
        f"Rows of this study's data may be sent to {escape.markdown(endpoint.host)}",
        value=bool(current_study.view("rows to model", False)),
        key=current_study.key("rows to model"),
        on_change=_take_consent,
    )
    return agreed


def _take_consent() -> None:
    agreed = bool(current_study.value("rows to model"))
    note = "Let rows be sent to the language model" if agreed else "No longer lets rows be sent to the language model"
    held = current_study.mine()
    current_study.change(note, view={**({} if held is None else held.view), "rows to model": agreed})


def asked_and_told(held: Any, endpoint: Any, name: str, messages: Sequence[Any], label: str) -> list[str] | None:
    """The replies to these messages, once a person has sent them: None before, and while they are on their way."""
    rows = bool(current_study.view("rows to model", False))
    job = answers.model_job(endpoint, messages, rows)
    if job is not None and job.state == "done":
        return [str(each["text"]) for each in job.outcomes]
    if job is not None and job.active:
        background.follow(job.id, stop=f"stop {name}")
        return None
    preview(endpoint, messages)
    background.say_how_it_ended(job)
    st.button(
        label,
        icon=":material/send:",
        key=f"send {name}",
        on_click=_send,
        args=(held, endpoint, messages, rows),
        help="One request each, and nothing but what is shown above.",
    )
    return None


def preview(endpoint: Any, messages: Sequence[Any]) -> None:
    """Everything that would be sent, as it would be sent, and to whom."""
    whom = f"{escape.markdown(endpoint.model, 40)} at {escape.markdown(endpoint.host, 60)}"
    with st.expander(
        f"What would be sent to {whom}: {counted(len(messages), 'message')}", icon=":material/visibility:"
    ):
        for message in messages:
            st.code(
                json.dumps(message.body(endpoint.model), ensure_ascii=False, indent=1), language="json", wrap_lines=True
            )


def _send(held: Any, endpoint: Any, messages: Sequence[Any], rows: bool) -> None:
    what = f"{counted(len(messages), 'message')} ({messages[0].purpose}) to {endpoint.model} at {endpoint.host}"
    mine = current_study.mine()
    view = {} if mine is None else mine.view
    if current_study.change(f"Sent {what}", view={**view, "sent to a model": [*view.get("sent to a model", ()), what]}):
        answers.ask_model(held, endpoint, messages, rows)


def show_log(held: Any) -> None:
    """Everything that was ever sent to a language model from this study, and what came back."""
    calls = answers.model_calls(held)
    if not calls:
        return
    with st.expander(
        f"Sent to a language model from this study: {counted(len(calls), 'message')}", icon=":material/history:"
    ):
        st.dataframe(calls, hide_index=True, width="stretch")
