"""The trust ledger in a browser: what runs can be stopped, what was found joins it, and a written reason goes along."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import button, finding, settle

SCRIPT = Path(__file__).parents[2] / "app.py"
REASON = "The launch week had an outage that the log does not show."


@pytest.fixture(scope="module")
def url(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    return serve(SCRIPT, {"DOABLE_DATA": str(tmp_path_factory.mktemp("trust"))})


def test_the_ledger_is_filled_piece_by_piece_and_overruled_on_a_phone_too(
    url: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(viewport={"width": 1440, "height": 1000})
    page.goto(url)
    page.get_by_role("button", name="Open this sample").first.click()
    page.get_by_text("rows and").wait_for()
    study = re.search(r"study=([^&]+)", page.url)
    assert study is not None
    page.goto(f"{url}/effect?study={study[1]}")
    button(page, "Answer").click()
    expect(finding(page)).to_contain_text("seems to raise engagement")
    button(page, "See whether to trust it").click()
    expect(page.locator(".doable-light")).to_have_text("! tentative")
    page.get_by_role("button", name="not yet run").click()
    button(page, "Stop").click()
    expect(finding(page)).to_contain_text("refuters")
    expect(page.locator(".doable-light")).to_have_text("! tentative")
    page.goto(f"{url}/specifications?study={study[1]}")
    offered = page.get_by_role("button", name=re.compile("Try every specification|Go on"))
    expect(offered.or_(finding(page)).first).to_be_visible()
    settle(page)
    if offered.count():  # else the curve was done before the stop
        offered.click()
    expect(finding(page)).to_contain_text("sound specifications")
    phone = open_page(viewport={"width": 390, "height": 844})
    phone.goto(f"{url}/specifications?study={study[1]}")
    expect(finding(phone)).to_contain_text("say that algorithm raises engagement")
    settle(phone)
    expect(phone.locator(".js-plotly-plot")).to_have_count(1)
    phone.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{url}/ledger?study={study[1]}")
    expect(finding(page)).not_to_contain_text("specification curve")
    page.get_by_text("Overrule the checks").first.click()
    page.get_by_test_id("stButtonGroup").get_by_text("do not use").click()
    page.get_by_role("textbox", name="Because").fill(REASON)
    page.get_by_role("button", name="Overrule the checks").click()
    expect(page.locator(".doable-light")).to_have_text("✕ do not use, overruled")
    phone.goto(f"{url}/effect?study={study[1]}")
    expect(finding(phone)).to_contain_text("the analyst sets it aside")
    expect(finding(phone)).to_contain_text(REASON)
