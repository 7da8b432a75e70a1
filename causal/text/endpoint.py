"""A language model behind an address that whoever runs the app has named: any that speaks OpenAI's chat completions.

Without one there is no model and no call. The address, the model's name and the key come from the environment
(`DOABLE_MODEL_URL`, `DOABLE_MODEL_NAME`, `DOABLE_MODEL_KEY`, `DOABLE_MODEL_ROWS`) or from Streamlit's secrets
(`[language_model]` with `url`, `name`, `key`, `rows`), never from a study; the key goes into no study, log or error.
One call is one request: it is not repeated, follows no redirect, and ends in time whatever the other side does.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from causal.errors import ModelError, ModelRefused, ModelTimeout, NoModel
from causal.progress import Progress, silent
from causal.secret_files import secrets_of

VARIABLE = "DOABLE_MODEL_"
EMBEDDED = "embedded"
"""The address of the small model of `causal/language_model.txt`, which runs inside the worker."""

SECONDS = 120.0
"""A model that has not answered after so many seconds is given up."""

MOST_SENT, MOST_READ = 60_000, 1_000_000
"""Bytes of one request, and of one reply."""

LONGEST = 4_000
"""Characters of a reply; what follows is cut."""


@dataclass(frozen=True)
class Endpoint:
    """Where a model is, what it is called, its key, and whether rows of the data may be sent there at all."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    rows_allowed: bool = False

    def __post_init__(self) -> None:
        if self.url != EMBEDDED:
            _checked(self.url)

    @property
    def host(self) -> str:
        """Who gets what is sent: "api.example.com", or "this machine"."""
        name = urlsplit(self.url).hostname or ""
        return "this machine" if self.url == EMBEDDED or _is_loopback(name) else name


@dataclass(frozen=True)
class Message:
    """What one call says: what it is for, and its turns ({"role", "content"}).

    `rows`: whether they hold rows of the data; `longest`: tokens of the reply. `facts` (as JSON) are what the reply is
    held to, and are not sent.
    """

    purpose: str
    turns: tuple[Mapping[str, str], ...]
    rows: bool = False
    longest: int = 300
    facts: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", tuple(dict(each) for each in self.turns))

    def body(self, model: str) -> dict[str, Any]:
        """The request as it is sent; nothing else is, but the key in its header."""
        turns = [dict(each) for each in self.turns]
        return {"model": model, "messages": turns, "max_tokens": self.longest, "temperature": 0.2, "stream": False}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives it back."""
        return {
            "purpose": self.purpose,
            "turns": list(self.turns),
            "rows": self.rows,
            "longest": self.longest,
            "facts": self.facts,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Message:
        """The message that `to_json` wrote."""
        return cls(**{**document, "turns": tuple(document["turns"])})


@dataclass(frozen=True)
class Reply:
    """What came back: plain text, cut to `LONGEST` characters, the model that says it wrote it, how long it took."""

    text: str
    model: str
    seconds: float


def configured() -> Endpoint | None:
    """The model that the environment names, else the one of the secrets, else None: then nothing is ever sent.

    Raises NoModel where an address is named that cannot be used.
    """
    given: dict[str, Any] = {
        name: os.environ.get(VARIABLE + name.upper(), "") for name in ("url", "name", "key", "rows")
    }
    if not given["url"]:
        given = {**dict.fromkeys(given, ""), **secrets_of("language_model", NoModel)}
    if not given["url"]:
        return None
    url = str(given["url"]).strip()
    allowed = str(given["rows"]).strip().lower() in ("allowed", "true", "yes", "1")
    name = str(given["name"]).strip() or ("SmolLM2-135M-Instruct" if url == EMBEDDED else "default")
    return Endpoint(url, name, str(given["key"]).strip(), allowed or url == EMBEDDED)


def ask(
    endpoint: Endpoint,
    message: Message,
    rows_agreed: bool = False,
    seconds: float = SECONDS,
    progress: Progress = silent,
) -> Reply:
    """What the model says to one message; `progress` is called while it thinks, and may end it (WorkStopped).

    Raises ModelRefused (rows that may not be sent, a message too long), ModelTimeout, NoModel (no address, an embedded
    model that is not installed), ModelError (it cannot be reached, refuses, redirects, or says no chat completion).
    """
    if message.rows and not (endpoint.rows_allowed and rows_agreed):
        raise ModelRefused(
            "This message holds rows of your data. They are sent only where whoever runs the app allows it "
            f"({VARIABLE}ROWS=allowed) and this study agrees."
        )
    sent = json.dumps(message.body(endpoint.model), ensure_ascii=False).encode()
    if len(sent) > MOST_SENT:
        raise ModelRefused(f"The message is {len(sent):,} bytes long; at most {MOST_SENT:,} are sent. Choose fewer.")
    reached = _reachable(endpoint)
    call = _Call(reached, sent, seconds)
    begun = time.monotonic()
    try:
        while not call.ended.wait(0.1):
            waited = time.monotonic() - begun
            if waited > seconds:
                raise ModelTimeout(f"The model at {endpoint.host} did not answer within {seconds:.0f} seconds.")
            progress(min(waited / seconds, 0.99), f"waiting for the model at {endpoint.host}")
    finally:
        call.hang_up()
    return _read(call, endpoint, time.monotonic() - begun)


def _reachable(endpoint: Endpoint) -> Endpoint:
    if endpoint.url != EMBEDDED:
        return endpoint
    from causal.text.embedded import embedded_endpoint

    return embedded_endpoint()


class _Call:
    """One request in a thread of its own, so that whoever waits for it can leave at any moment."""

    def __init__(self, endpoint: Endpoint, sent: bytes, seconds: float) -> None:
        self.ended = threading.Event()
        self.status, self.content, self.error = 0, b"", ""
        parts = _checked(endpoint.url)
        self._connection = _connection(parts, seconds + 5)  # whoever waits gives up first
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "doable"}
        if endpoint.key:
            headers["Authorization"] = f"Bearer {endpoint.key}"
        arguments = (_path(parts), sent, headers)
        threading.Thread(target=self._run, args=arguments, daemon=True, name="language model").start()

    def _run(self, path: str, sent: bytes, headers: Mapping[str, str]) -> None:
        try:
            self._connection.request("POST", path, body=sent, headers=dict(headers))
            response = self._connection.getresponse()
            self.status = response.status
            self.content = response.read(MOST_READ + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.error = type(error).__name__
        finally:
            self.ended.set()

    def hang_up(self) -> None:
        """Close the connection, whatever it is waiting for."""
        held = self._connection.sock
        if held is not None and not self.ended.is_set():
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def _connection(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    host, port = str(parts.hostname), parts.port
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _read(call: _Call, endpoint: Endpoint, seconds: float) -> Reply:
    """The reply as text; every fault as a sentence that repeats nothing of what came back."""
    if call.error:
        raise ModelError(f"The model at {endpoint.host} cannot be reached ({call.error}). Nothing came back.")
    if 300 <= call.status < 400:
        raise ModelError(f"{endpoint.host} sends us elsewhere, and redirects are not followed. Name the final address.")
    if call.status != 200:
        raise ModelError(_STATUS.get(call.status, _OTHER_STATUS).format(host=endpoint.host, status=call.status))
    if len(call.content) > MOST_READ:
        raise ModelError(f"The reply of {endpoint.host} is longer than {MOST_READ:,} bytes. It was not read.")
    try:
        document = json.loads(call.content)
        content = document["choices"][0]["message"]["content"]
        named = document.get("model")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"What {endpoint.host} says is no chat completion. Check the address.") from error
    if not isinstance(content, str) or not content.strip():
        raise ModelError(f"The model at {endpoint.host} said nothing.")
    model = os.path.basename(named)[:80] if isinstance(named, str) and named else endpoint.model  # noqa: PTH119
    return Reply(_plain(content, endpoint.key), model, round(seconds, 3))


_STATUS = {
    401: "{host} does not accept the key. Check it where it was set.",
    403: "{host} does not accept the key. Check it where it was set.",
    404: "{host} has no such model or address. Check both where they were set.",
    413: "{host} finds the message too long. Choose fewer.",
    429: "{host} is busy, or the account's limit is reached. Try again later.",
}
_OTHER_STATUS = "{host} answered with status {status}. Try again later."


def _plain(text: str, key: str) -> str:
    """Printable text without the key, should it come back."""
    shown = text.replace(key, "…") if key else text
    kept = "".join(each if each.isprintable() or each == "\n" else " " for each in shown).strip()
    return kept[:LONGEST]


def _checked(url: str) -> SplitResult:
    """The parts of an address that may be used: https, or http within one machine or network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NoModel("The address of the language model is no address. Write it as https://host/v1.") from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise NoModel("The address of the language model must be written as https://host/v1, without a password.")
    if parts.scheme == "http" and not _is_near(host):
        raise NoModel("The language model's address begins with http; outside of this network it must be https.")
    return parts


def _is_near(host: str) -> bool:
    """Whether a host is on this machine or in its network: then what is sent does not cross the internet."""
    if _is_loopback(host) or ("." not in host and ":" not in host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.endswith((".local", ".internal", ".localhost"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _path(parts: SplitResult) -> str:
    """The address of chat completions, given with its last part or without."""
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions" if path else "/v1/chat/completions"
    return f"{path}?{parts.query}" if parts.query else path
