"""A file of 2.5 GB through Chromium: how long it takes, by how much the server's memory grows, what an abort leaves.

Run: python -m tests.bench.upload [gigabytes]
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from tests.bench.screen import CHROMIUM, FLAGS, IDLE, start

MB = 1_000_000
BLOCK = 250_000


def make(path: Path, gigabytes: float) -> None:
    """Events of the same block of rows again and again: what is read does not matter here, how much does."""
    rng = random.Random(1)
    block = b"".join(
        b"user-%07d,item-%06d,2024-01-%02d %02d:%02d:%02d,%s,%d.%02d,%s\n"
        % (
            rng.randrange(10**6),
            rng.randrange(10**5),
            rng.randrange(1, 29),
            rng.randrange(24),
            rng.randrange(60),
            rng.randrange(60),
            rng.choice((b"view", b"click", b"order")),
            rng.randrange(100),
            rng.randrange(100),
            rng.choice((b"home page", b"search results", b"recommended for you")),
        )
        for _ in range(BLOCK)
    )
    with path.open("wb") as file:
        file.write(b"user,item,when,event,value,where\n")
        while file.tell() < gigabytes * 1e9:
            file.write(block)


class Watch:
    """The server's own memory (its workers are other processes), looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.peak = 0
        self._on = True
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    @property
    def now(self) -> int:
        return int(self._process.memory_info().rss)

    def end(self) -> int:
        self._on = False
        self._thread.join()
        return self.peak

    def _look(self) -> None:
        while self._on:
            self.peak = max(self.peak, self.now)
            time.sleep(0.1)


def settled(process: psutil.Process) -> int:
    """The memory once the server has loaded what it loads behind the first page."""
    last, since = process.memory_info().rss, time.monotonic()
    while time.monotonic() - since < 8:
        time.sleep(0.5)
        if abs(process.memory_info().rss - last) > 2 * MB:
            last, since = process.memory_info().rss, time.monotonic()
    return int(last)


def opened(page: Page, url: str) -> None:
    page.goto(f"{url}/log")
    page.wait_for_selector(IDLE)
    page.locator(".st-key-intake-upload .incoming").wait_for(state="attached")


def held(folder: Path) -> list[str]:
    return [path.name for path in (folder / "incoming").rglob("*") if path.is_file()]


def stopped_midway(page: Page, url: str, path: Path, folder: Path) -> dict[str, object]:
    """Stop when about a third is there."""
    opened(page, url)
    page.locator(".st-key-intake-upload input[type=file]").set_input_files(path)
    page.wait_for_function(
        "() => [...(window.doableIncoming?.values() ?? [])].some((each) => each.sent > each.size / 3)", timeout=300_000
    )
    page.get_by_role("button", name="Stop").click()
    began = time.perf_counter()
    while held(folder):
        assert time.perf_counter() - began < 60
        time.sleep(0.02)
    return {"seconds_until_nothing_was_left": round(time.perf_counter() - began, 2), "files_left": held(folder)}


def sent_and_read(page: Page, url: str, path: Path, folder: Path) -> dict[str, object]:
    opened(page, url)
    began = time.perf_counter()
    page.locator(".st-key-intake-upload input[type=file]").set_input_files(path)
    page.get_by_text("Reading ", exact=False).first.wait_for(timeout=600_000)
    sent = time.perf_counter() - began
    page.get_by_text("are read.").wait_for(timeout=1_800_000)
    finding = page.get_by_text("are read.").inner_text()
    return {
        "seconds_to_send": round(sent, 1),
        "seconds_to_read": round(time.perf_counter() - began - sent, 1),
        "finding": finding,
        "files_left": held(folder),
    }


def main(gigabytes: float) -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        home = Path(name)
        path = home / "events.csv"
        make(path, gigabytes)
        data = home / "data"
        process, url, _ = start(str(data))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page()
            opened(page, url)
            before = settled(psutil.Process(process.pid))
            watch = Watch(process.pid)
            stopped = stopped_midway(page, url, path, data)
            stopped["memory_grown_mb"] = round((watch.end() - before) / MB)
            before_second = psutil.Process(process.pid).memory_info().rss
            watch = Watch(process.pid)
            whole = sent_and_read(browser.new_page(), url, path, data)
            whole["memory_grown_mb"] = round((watch.end() - before_second) / MB)
        finally:
            browser.close()
            process.terminate()
            process.wait()
        record = {
            "made": datetime.date.today().isoformat(),
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "file_mb": round(path.stat().st_size / MB),
            "server_before_mb": round(before / MB),
            "stopped_midway": stopped,
            "sent_and_read": whole,
            "processes_waiting_for_the_cores": round(os.getloadavg()[0], 1),
        }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.5)
