"""Streamlit in its own process and Chromium before it: a console error or a request to another host fails the test."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 120

# A limit only says when to give up: on a busy machine every state takes its turn, and a test that passes does not wait.
expect.set_options(timeout=120_000)

Serve = Callable[..., str]


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Waits for what no locator waits for: a file, a measure, a study on disk. A single look may come too early."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "what the test waits for did not come about"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts a Streamlit script on a free port, once per script and environment: `serve(script, env={}) -> url`."""
    servers: dict[tuple[object, ...], tuple[subprocess.Popen[bytes], str]] = {}

    def start(script: Path, env: Mapping[str, str] | None = None) -> str:
        wanted = (script, *sorted((env or {}).items()))
        if wanted not in servers:
            folder = tmp_path_factory.mktemp("served")
            servers[wanted] = _start(
                script, {"DOABLE_DATA": str(folder / "data"), **(env or {})}, folder / "server.log"
            )
        return servers[wanted][1]

    yield start
    for process, _ in servers.values():
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def start_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], str]]]:
    """Starts a server that the test may kill: `start_server(script, env) -> (process, url)`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(script: Path, env: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], str]:
        process, url = _start(script, env, tmp_path_factory.mktemp("started") / "server.log")
        started.append(process)
        return process, url

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; set CHROMIUM to its path")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens watched pages with any options of a browser context: `open_page(viewport={...}, color_scheme="dark")`."""
    with _watched(browser) as opened:
        yield opened


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A watched page on a desktop screen."""
    return open_page(viewport={"width": 1280, "height": 900})


def watch(page: Page, complaints: list[str]) -> None:
    """Writes down each console error, uncaught error and request to another host."""
    page.on("console", lambda message: complaints.extend(_of_console(message)))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("request", lambda request: complaints.extend(_of_request(request)))


@contextmanager
def _watched(browser: Browser) -> Iterator[Callable[..., Page]]:
    contexts = []
    complaints: list[str] = []

    def opened(**options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        watch(page, complaints)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def _of_console(message: ConsoleMessage) -> list[str]:
    return [f"console: {message.text}"] if message.type == "error" else []


def _of_request(request: Request) -> list[str]:
    address = urlparse(request.url)
    local = address.scheme in ("data", "blob", "about") or address.hostname in ("127.0.0.1", "localhost")
    return [] if local else [f"request to another host: {request.url}"]


def _start(script: Path, env: Mapping[str, str], log: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    _wait_until_ready(process, url, log)
    return process, url


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"{url} did not start:\n{log.read_text(errors='replace')}")


def _free_port() -> int:
    """A port among those of this process of the test run, so that two of them never start a server on the same."""
    number = int("0" + os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw"))
    for port in random.sample(range(20_000 + 1_000 * number, 21_000 + 1_000 * number), 1_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("there is no free port for a server to test")
