"""How long a person waits: cold start, page switches, a widget with and without two fits running, the what-if's screen.

Run: python -m tests.bench.screen [runs]
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def start(folder: str) -> tuple[subprocess.Popen[bytes], str, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
        cwd=REPOSITORY,
        env={**os.environ, "DOABLE_DATA": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return process, url, began
        except OSError:
            time.sleep(0.02)


def idle(page: Page) -> None:
    page.wait_for_selector(IDLE)


def cold_starts(page_maker, runs: int) -> list[float]:
    """Seconds from the command to the first page's headline in an open browser."""
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            process, url, began = start(folder)
            page = page_maker()
            page.goto(url)
            page.get_by_text("Did it cause that").wait_for()
            found.append(time.perf_counter() - began)
            page.close()
            process.terminate()
            process.wait()
    return found


def switch(page: Page, label: str, text: str) -> float:
    """Seconds from the click on the menu to the page's own heading."""
    began = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_role("link", name=label, exact=True).click()
    page.get_by_role("heading", name=text, exact=True).wait_for()
    return time.perf_counter() - began


def slider_round_trip(page: Page) -> float:
    """Seconds from a key on the what-if slider to the sentence that it changes."""
    slider = page.get_by_role("slider")
    finding = page.get_by_test_id("finding").last
    before = finding.inner_text()
    began = time.perf_counter()
    slider.press("ArrowRight")
    page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=finding]')].at(-1).innerText !== before", arg=before
    )
    return time.perf_counter() - began


def keep_two_workers_busy(browser, url: str, folder: str, study_id: str) -> None:
    """Two bootstraps of a stock method, asked for in two further tabs; they take minutes."""
    from causal.archive.store import StudyStore

    store = StudyStore(Path(folder))
    for replicates in (998, 999):
        copied = store.branch(store.load(study_id).study)
        specs = ({"method": "dowhy:backdoor.distance_matching", "options": {"replicates": replicates}},)
        store.save(dataclasses.replace(copied.study, specs=specs), copied.revision)
        page = browser.new_page()
        page.goto(f"{url}/effect?study={copied.study.id}")
        page.get_by_role("button", name="Answer", exact=True).click()
        page.get_by_role("button", name="Stop", exact=True).wait_for()
        page.close()
    store.close()


def main(runs: int) -> None:
    report: dict[str, object] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "runs": runs,
    }
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        starts = cold_starts(browser.new_page, runs)
        report["first_page_seconds"] = [round(each, 2) for each in starts]
        report["first_page_seconds_median"] = round(statistics.median(starts), 2)
        process, url, _ = start(folder)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.get_by_role("button", name="Open this sample").first.click()
        page.get_by_text("rows and").wait_for()
        time.sleep(8)
        switch(page, "Effect", "Effect")
        idle(page)
        page.get_by_role("button", name="Answer", exact=True).click()
        page.get_by_test_id("finding").wait_for(timeout=60_000)
        idle(page)
        tour = [("What if", "What if"), ("Balance", "Balance"), ("Overlap", "Overlap"), ("Effect", "Effect")]
        times: dict[str, list[float]] = {label: [] for label, _ in tour}
        for turn in range(runs + 1):
            for label, heading in tour:
                seconds = switch(page, label, heading)
                idle(page)
                if turn:
                    times[label].append(seconds)
        report["page_switch_ms_median"] = {k: round(1000 * statistics.median(v)) for k, v in times.items()}
        switch(page, "What if", "What if")
        idle(page)
        quiet = [slider_round_trip(page) for _ in range(3 * runs)]
        idle(page)
        keep_two_workers_busy(browser, url, folder, page.url.split("study=")[1])
        busy = [slider_round_trip(page) for _ in range(3 * runs)]
        report["widget_idle_ms_median"] = round(1000 * statistics.median(quiet))
        report["widget_with_two_fits_ms_median"] = round(1000 * statistics.median(busy))
        report["widget_ratio"] = round(statistics.median(busy) / statistics.median(quiet), 2)
        process.terminate()
        process.wait()
        browser.close()
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
