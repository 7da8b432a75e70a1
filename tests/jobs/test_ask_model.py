"""The work that sends messages to the language model: to the one that was shown, once each, and what came back kept."""

from __future__ import annotations

from typing import Any

import pytest

from causal.archive.store import StudyStore
from causal.errors import ModelError, ModelRefused, NoModel
from causal.jobs.kinds import Workroom, ask_model
from causal.progress import silent
from causal.text.endpoint import Message
from tests.text.model_server import chat, says, serving

HELLO = Message("topic name", ({"role": "user", "content": "hello"},))


def run(tmp_path, payload: dict[str, Any]) -> list[Any]:
    told: list[Any] = []
    try:
        ask_model(Workroom(StudyStore(tmp_path)), payload, silent, told.append)
    except ModelError as refusal:
        told.append(refusal)
    return told


def asking(*messages: Message, model: str = "small", agreed: bool = False) -> dict[str, Any]:
    listed = [each.to_json() for each in messages]
    return {"model": model, "host": "this machine", "messages": listed, "rows_agreed": agreed}


def test_each_message_is_sent_once_and_what_came_back_is_told(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says("Trains")) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "small")
        told = run(tmp_path, asking(HELLO, HELLO))
    assert len(asked.requests) == 2
    assert [(each["position"], each["text"]) for each in told] == [(0, "Trains"), (1, "Trains")]
    assert all("a short plain name" in each["verdict"] for each in told)


def test_what_came_back_before_a_fault_is_kept(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = lambda asked, _body: (200, {}, chat("one")) if len(asked.requests) == 1 else (500, {}, b"")  # noqa: E731
    with serving(answer) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "small")
        first, fault = run(tmp_path, asking(HELLO, HELLO))
    assert first["text"] == "one"
    assert "status 500" in str(fault)


def test_another_model_than_was_shown_gets_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says("Trains")) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "another")
        [fault] = run(tmp_path, asking(HELLO))
        monkeypatch.setenv("DOABLE_MODEL_URL", "")
        [gone] = run(tmp_path, asking(HELLO))
    assert isinstance(fault, NoModel) and isinstance(gone, NoModel)
    assert asked.requests == []


def test_rows_do_not_leave_without_consent(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says("Trains")) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "small")
        rows = Message("description", HELLO.turns, rows=True)
        [fault] = run(tmp_path, asking(rows, agreed=True))
    assert isinstance(fault, ModelRefused)
    assert asked.requests == []
