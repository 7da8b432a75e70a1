"""Takes the README's picture: the effect page of the classic sample, answered.

Run: python -m tests.browser.pictures_of_pages
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.screen import CHROMIUM, FLAGS, idle, start, switch

PICTURES = Path(__file__).with_name("pictures")


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        process, url, _ = start(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1010})
        page.goto(url)
        page.get_by_role("button", name="Open this sample").first.click()
        page.get_by_text("rows and").wait_for()
        switch(page, "Effect", "Effect")
        idle(page)
        page.get_by_role("button", name="Answer", exact=True).click()
        page.get_by_test_id("finding").wait_for(timeout=60_000)
        idle(page)
        page.mouse.move(900, 30)
        page.wait_for_timeout(2_000)
        page.screenshot(path=PICTURES / "effect.png")
        browser.close()
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
