"""How long the graph canvas takes, in milliseconds: from an edit to Python's answer on the page, and to show a path.

The page reads the graph anew at each edit, as the graph page does: advice on every variable and the paths included.
Run: python -m tests.bench.canvas [runs]
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.screen import CHROMIUM, FLAGS, REPOSITORY

SCRIPT = REPOSITORY / "tests" / "browser" / "graph_editor_app.py"
SCENES = {"small": ("clicks", 4), "feed": ("rating", 11), "large": ("variable 50", 100)}
FIND = (
    """[...document.querySelectorAll("*")].find((each) => each.shadowRoot?.querySelector(".graph-desk")).shadowRoot"""
)


def start() -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(SCRIPT), f"--server.port={port}", "--server.headless=true"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return process, url
        except OSError:
            time.sleep(0.05)


def edit(page: Page, name: str, role: str, digit: str) -> float:
    """From the key that gives a role to Python's text that holds it, by the browser's own clock."""
    page.evaluate(
        """(wanted) => {
            const held = document.querySelector(".st-key-held");
            window.took = new Promise((done) => {
                window.addEventListener("keydown", () => {
                    const began = performance.now();
                    const look = () => held.innerText.includes(wanted) && done(performance.now() - began);
                    const all = { subtree: true, childList: true, characterData: true };
                    new MutationObserver(look).observe(document.body, all);
                }, { once: true, capture: true });
            });
        }""",
        f"{name} ({role})",
    )
    page.keyboard.press(digit)
    return float(page.evaluate("window.took"))


def trace(page: Page, place: int) -> float:
    """From the pointer on a path of the list to the frame that shows it."""
    page.evaluate(
        f"""() => {{
            const root = {FIND};
            window.took = new Promise((done) => {{
                root.addEventListener("pointerover", () => {{
                    const began = performance.now();
                    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
                }}, {{ once: true, capture: true }});
            }});
        }}"""
    )
    page.get_by_test_id("graph-path").nth(place).hover()
    return float(page.evaluate("window.took"))


def main(runs: int) -> None:
    process, url = start()
    report: dict[str, object] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scene, (name, count) in SCENES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{url}/?scene={scene}&reading=live")
            expect(page.get_by_test_id("graph-node")).to_have_count(count, timeout=30_000)
            page.wait_for_timeout(1_000)
            page.locator(f'[data-testid="graph-node"][data-name="{name}"]').focus()
            turns = [("mediator", "5"), ("confounder", "3")] * runs
            times = [edit(page, name, *turn) for turn in turns][2:]
            report[f"edit_ms_median_{count}_variables"] = round(statistics.median(times))
            page.get_by_test_id("graph-open-paths").click()
            page.wait_for_timeout(500)
            listed = page.get_by_test_id("graph-path").count()
            if listed > 1:
                shown = [trace(page, turn % 2) for turn in range(2 * runs)]
                report[f"path_ms_median_{count}_variables"] = round(statistics.median(shown))
            page.close()
        browser.close()
    process.terminate()
    process.wait()
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
