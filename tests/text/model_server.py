"""A server on loopback that answers chat completions as a test says, and remembers what it was sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """What reached the server: each request's path, headers and JSON; `url` is its address."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def chat(text: str, model: str = "small") -> bytes:
    return json.dumps({"model": model, "choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


Answer = Callable[[Asked, dict[str, Any]], tuple[int, dict[str, str], bytes]]


def says(text: str) -> Answer:
    return lambda _asked, _body: (200, {}, chat(text))


def silent(asked: Asked, _body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Answers only once the test is over."""
    asked.released.wait(30)
    return 200, {}, chat("late")


@contextmanager
def serving(answer: Answer, drip: float = 0.0) -> Iterator[Asked]:
    """A server that answers so; `drip`: seconds between the single bytes of a reply."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.requests.append((self.path, dict(self.headers), body))
            status, headers, content = answer(asked, body)
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for place in range(len(content)) if drip else ():
                    time.sleep(drip)
                    self.wfile.write(content[place : place + 1])
                if not drip:
                    self.wfile.write(content)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    asked.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield asked
    finally:
        asked.released.set()
        server.shutdown()
        server.server_close()
