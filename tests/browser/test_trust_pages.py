"""Balance, overlap and model fit before a person's eyes: measured, judged, and within the width of a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "app.py"
REASON = "The page is for those under 20 on the web, of whom nobody had the old one."


def users() -> bytes:
    """3,000 users, of whom everybody under 20 on the web got the new page."""
    rng = np.random.default_rng(1)
    age, web = rng.integers(16, 70, 3_000), rng.random(3_000) < 0.3
    chance = np.where((age < 20) & web, 1.0, 1 / (1 + np.exp(-0.02 * (age - 40))))
    page = rng.random(3_000) < chance
    clicks = (20 + 2 * page + age / 10 + rng.normal(0, 4, 3_000)).round(3)
    frame = pd.DataFrame({"age": age, "platform": np.where(web, "web", "app"), "new_page": page.astype(int)})
    return frame.assign(engagement=clicks).to_csv(index_label="user_id").encode()


def turn(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", name=name, exact=True).wait_for()


def test_trust_is_measured_and_judged(serve: Callable[..., str], open_page: Callable[..., Page]) -> None:
    url = serve(SCRIPT)
    page = open_page(viewport={"width": 1440, "height": 1000})
    page.goto(f"{url}/log")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "users.csv", "mimeType": "text/csv", "buffer": users()}
    )
    page.get_by_text("rows are read").or_(page.get_by_text("3,000 rows")).first.wait_for()
    for name in ("Question", "Graph", "Effect"):
        turn(page, name)
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_test_id("finding").wait_for()
    turn(page, "Overlap")
    expect(page.get_by_test_id("finding")).to_contain_text("those with age below 20 and platform web")
    page.get_by_text("No, it is not", exact=True).click()
    page.get_by_label("Why").fill(REASON)
    page.get_by_role("button", name="Keep this answer").click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("✕ do not use")).to_be_visible()
    turn(page, "Balance")
    page.get_by_role("button", name="Measure it in full").click()
    expect(page.get_by_role("heading", name="One covariate")).to_be_visible()
    page.get_by_text("Largest gap", exact=True).click()
    expect(page.get_by_text("Kolmogorov-Smirnov")).to_be_visible()
    turn(page, "Model fit")
    expect(page.get_by_role("heading", name="Every model")).to_be_visible()
    phone = open_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    for name in ("balance", "overlap", "model_fit"):
        phone.goto(f"{url}/{name}?{page.url.split('?')[1]}")
        phone.get_by_test_id("finding").wait_for()
        expect(phone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        phone.wait_for_function("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
