"""The client of a language model: against a server that misbehaves, and against a real small model on loopback."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from causal.errors import ModelError, ModelRefused, ModelTimeout, NoModel, WorkStopped
from causal.text.descriptions import describe
from causal.text.embedded import embedded_endpoint
from causal.text.endpoint import MOST_READ, Endpoint, Message, ask, configured
from causal.text.writing import description_message, topic_message, written
from tests.text.guard_cases import EVERY
from tests.text.model_server import chat, says, serving, silent

KEY = "sk-very-secret"
HELLO = Message("test", ({"role": "user", "content": "hello"},))


def test_one_call_is_one_request_with_the_key_in_its_header_alone():
    with serving(says("Good day.")) as asked:
        endpoint = Endpoint(asked.url, "small", KEY)
        reply = ask(endpoint, HELLO)
    assert (reply.text, reply.model) == ("Good day.", "small")
    [(path, headers, body)] = asked.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == HELLO.body("small")
    assert KEY not in repr(endpoint) + str(body) + str(HELLO.to_json())


@pytest.mark.parametrize(
    ("status", "headers", "content", "message"),
    [
        (302, {"Location": "http://127.0.0.1:9/steal"}, b"", "redirects are not followed"),
        (307, {"Location": "/elsewhere"}, b"", "redirects are not followed"),
        (401, {}, KEY.encode(), "does not accept the key"),
        (429, {}, b"", "busy"),
        (500, {}, KEY.encode(), "status 500"),
        (200, {}, b"<html>", "no chat completion"),
        (200, {}, b"[" * 100_000, "no chat completion"),
        (200, {}, b'{"choices": []}', "no chat completion"),
        (200, {}, chat("  "), "said nothing"),
        (200, {}, b'{"choices": [{"message": {"content": 3}}]}', "said nothing"),
        (200, {}, b" " * (MOST_READ + 10), "was not read"),
    ],
)
def test_whatever_comes_back_a_sentence_says_what_is_wrong(status, headers, content, message):
    with (
        serving(lambda _asked, _body: (status, headers, content)) as asked,
        pytest.raises(ModelError, match=message) as refusal,
    ):
        ask(Endpoint(asked.url, "small", KEY), HELLO)
    assert KEY not in str(refusal.value)
    assert len(asked.requests) == 1


def test_a_key_that_comes_back_is_struck_out():
    with serving(says(f"My key is {KEY}.\x1b[31m")) as asked:
        assert KEY not in ask(Endpoint(asked.url, "small", KEY), HELLO).text


def test_who_is_not_there_is_said():
    with pytest.raises(ModelError, match="cannot be reached"):
        ask(Endpoint("http://127.0.0.1:9", "small"), HELLO)


@pytest.mark.parametrize("drip", [0.0, 0.3])
def test_a_call_ends_in_time(drip):
    with (
        serving(says("slow" * 50) if drip else silent, drip) as asked,
        pytest.raises(ModelTimeout, match="did not answer within 1 seconds"),
    ):
        ask(Endpoint(asked.url, "small"), HELLO, seconds=1.0)


def test_a_call_can_be_stopped():
    def stop(share: float, stage: str) -> None:
        assert "waiting for the model at this machine" in stage
        raise WorkStopped("Stopped.")

    begun = time.monotonic()
    with serving(silent) as asked, pytest.raises(WorkStopped):
        ask(Endpoint(asked.url, "small"), HELLO, progress=stop)
    assert time.monotonic() - begun < 20  # the server itself holds on for 30


def test_rows_are_sent_only_where_both_the_server_and_the_study_allow_it():
    rows = Message("test", HELLO.turns, rows=True)
    with serving(says("yes")) as asked:
        for allowed, agreed in ((False, False), (True, False), (False, True)):
            with pytest.raises(ModelRefused, match="rows of your data"):
                ask(Endpoint(asked.url, "small", rows_allowed=allowed), rows, agreed)
        assert asked.requests == []
        assert ask(Endpoint(asked.url, "small", rows_allowed=True), rows, True).text == "yes"


def test_too_much_is_not_sent():
    with pytest.raises(ModelRefused, match="bytes long"):
        ask(Endpoint("http://127.0.0.1:9", "small"), Message("test", ({"role": "user", "content": "x" * 70_000},)))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "https://",
        "http://api.example.com/v1",
        "https://user:password@host/v1",
        "http://8.8.8.8/v1",
        "http://[x",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(NoModel) as refusal:
        Endpoint(url, "small")
    assert "password@" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://localhost:8080", "http://ollama:11434/v1", "http://10.0.0.7/v1"]
)
def test_addresses_within_the_network_may_be_plain(url):
    assert Endpoint(url, "small").host


def test_without_a_name_there_is_no_model(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOABLE_MODEL_URL", raising=False)
    assert configured() is None
    (tmp_path / ".streamlit").mkdir()
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.write_text('[language_model]\nurl = "https://api.example.com/v1"\nname = "large"\nkey = "k"\n')
    assert configured() == Endpoint("https://api.example.com/v1", "large", "k")
    monkeypatch.setenv("DOABLE_MODEL_URL", "embedded")
    assert configured() == Endpoint("embedded", "SmolLM2-135M-Instruct", "", True)
    secrets.write_text("not toml")
    monkeypatch.delenv("DOABLE_MODEL_URL")
    with pytest.raises(NoModel, match="cannot be read as TOML"):
        configured()


def test_a_real_model_answers_and_the_guard_reads_what_it_says():
    item = EVERY["film"]
    endpoint = Endpoint("embedded", "SmolLM2-135M-Instruct", rows_allowed=True)
    message = replace(description_message(item.facts, ("trains",)), longest=40)
    reply = ask(endpoint, message, rows_agreed=True, seconds=240)
    assert reply.text
    assert reply.model.startswith("SmolLM2")
    own = describe(item.facts, ("trains",))
    made = written(reply.text, item.facts, own)
    assert made.description.text in (made.draft, own.text)
    assert (made.description.written_by == "model") == made.verdict.passed


def test_the_real_server_wants_its_key():
    endpoint = embedded_endpoint()
    with pytest.raises(ModelError, match="does not accept the key"):
        ask(Endpoint(endpoint.url, endpoint.model, "another"), topic_message(["train"]))
