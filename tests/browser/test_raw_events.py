"""Raw events in a browser: from a file with faults to units, the report on the log, a mend, and rows to take away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import SCRIPT, button, finding, go, settle
from tests.logs.report.test_log_report import events

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    return serve(SCRIPT, {"DOABLE_DATA": str(tmp_path_factory.mktemp("raw events"))})


def test_a_log_with_faults_is_reported_on_and_mended(open_page: Callable[..., Page], url: str, tmp_path: Path) -> None:
    frame = events()
    frame.loc[[3, 2_000], ["time", "received_at"]] = pd.Timestamp("2031-01-01")
    path = tmp_path / "events.csv"
    frame.to_csv(path, index=False)
    page = open_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{url}/log")
    page.locator("input[type=file]").first.set_input_files(path)
    expect(finding(page)).to_have_text("3,000 rows and 6 columns are read.")
    button(page, "Make one row per unit").click()
    page.wait_for_url("**/units?study=*")
    page.get_by_text("An event", exact=True).click()
    expect(finding(page)).to_contain_text("3,000 rows became")
    settle(page)
    go(page, "Log report", "log_report")
    expect(finding(page)).to_contain_text("could change an answer")
    expect(page.get_by_text("2 rows in the future")).to_be_visible()
    settle(page)
    page.get_by_text("The rows", exact=True).first.click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the rows as CSV").first.click()
    rows = pd.read_csv(taken.value.path())
    assert list(rows["time"].astype(str).str[:4]) == ["2031", "2031"]
    button(page, "Leave these rows out").click()
    expect(finding(page)).to_contain_text(re.compile("1 mended"))
    expect(page.get_by_text("Rows outside these dates are left out.")).to_be_visible()
    for title, path_of in (("Log report", "log_report"), ("Units", "units")):
        go(page, title, path_of)
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function(
            """() => innerWidth === 390 && [document.documentElement, document.querySelector('[data-testid=stMain]')]
                .every((each) => each.scrollWidth <= each.clientWidth)"""
        )
        page.set_viewport_size({"width": 1280, "height": 900})
