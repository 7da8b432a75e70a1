"""Tells the browser where the app's root is, before Streamlit's front end looks for it.

On a page's own address, `/report`, the front end would first ask for `/report/_stcore/health`, be answered "not found",
log an error and try again later. The root stands in the page that it is loaded with instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"<head>"


class AppRoot:
    """Middleware that adds one script to every HTML page: the address without the name of one of `pages`."""

    def __init__(self, app: ASGIApp, pages: Iterable[str]) -> None:
        self.app = app
        root = f'location.pathname.replace(/\\/({"|".join(sorted(pages))})\\/?$/,"/")'
        self.script = f"<script>window.__streamlit={{BACKEND_BASE_URL:location.origin+{root}}}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not _wants_a_page(scope):
            await self.app(scope, receive, send)
            return
        plain = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
        held: list[Message] = []

        async def gather(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in self._with_script(held):
                    await send(each)

        await self.app({**scope, "headers": plain}, receive, gather)

    def _with_script(self, held: list[Message]) -> list[Message]:
        start, body = held[0], b"".join(each.get("body", b"") for each in held[1:])
        headers: dict[bytes, Any] = dict(start.get("headers", []))
        if headers.get(b"content-type", b"").startswith(b"text/html"):
            body = body.replace(_HEAD, _HEAD + self.script, 1)
        if b"content-length" in headers and body:
            headers[b"content-length"] = str(len(body)).encode()
        pairs = [(name, headers[name] if name == b"content-length" else value) for name, value in start["headers"]]
        return [{**start, "headers": pairs}, {"type": "http.response.body", "body": body}]


def _wants_a_page(scope: Scope) -> bool:
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] == "GET" and accepted.startswith(b"text/html")
