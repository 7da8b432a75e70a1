"""In a browser: a proposed edge is accepted and a broken promise mended on the canvas, and both are the graph's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from causal.archive.store import StudyStore
from causal.graphs.causal_graph import CausalGraph
from tests.browser.conftest import until

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "app.py"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graph and data")


@pytest.fixture(scope="module")
def url(serve: Callable[..., str], folder: Path) -> str:
    return serve(SCRIPT, {"DOABLE_DATA": str(folder)})


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def finding(page: Page) -> Locator:
    return page.get_by_test_id("finding")


def mark(page: Page, sort: str, left: str, right: str) -> Locator:
    ends = f"[data-left={json.dumps(left)}][data-right={json.dumps(right)}]"
    return page.locator(f'[data-testid="graph-{sort}"]{ends}')


def graph_in(page: Page, folder: Path) -> CausalGraph:
    (study_id,) = parse_qs(urlparse(page.url).query)["study"]
    return CausalGraph.parse(StudyStore(folder).load(study_id).study.graph or "")


def go(page: Page, title: str, path: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=title).click()
    page.wait_for_url(f"**/{path}?study=*")
    settle(page)


def test_an_edge_is_accepted_and_a_broken_promise_mended_on_the_canvas(open_page: Open, url: str, folder: Path) -> None:
    page = open_page(viewport={"width": 1366, "height": 1000})
    page.goto(f"{url}/log")
    page.locator(".st-key-sample-shop button").click()
    page.wait_for_url("**study=*")
    settle(page)

    go(page, "Graph and data", "graph_fit")
    button(page, "Test the graph on the data").click()
    expect(finding(page)).to_contain_text("The data contradicts 3 of 17 promised independencies")
    settle(page)
    expect(page.get_by_test_id("graph-broken")).to_have_count(3)
    mark(page, "broken", "category", "popularity").locator(".badge").click()
    page.get_by_test_id("graph-choice").filter(has_text="category → popularity").click()
    expect(finding(page)).to_contain_text("The data contradicts 2 of 16 promised independencies")
    settle(page)
    expect(page.get_by_test_id("graph-broken")).to_have_count(2)
    until(lambda: ("category", "popularity") in graph_in(page, folder).directed)

    go(page, "Suggest a graph", "suggest")
    button(page, "Search").click()
    expect(finding(page)).to_contain_text("BOSS proposes")
    settle(page)
    before = page.get_by_test_id("graph-proposed").count()
    mark(page, "proposed", "user_activity", "minutes").locator(".badge").click()
    page.get_by_test_id("graph-choice").first.click()
    expect(page.get_by_test_id("graph-proposed")).to_have_count(before - 1)
    settle(page)
    until(lambda: ("user_activity", "minutes") in graph_in(page, folder).directed)
    settle(page)
    said = finding(page).inner_text()
    page.reload()
    expect(finding(page)).to_have_text(said)
    expect(page.get_by_test_id("graph-proposed")).to_have_count(before - 1)

    go(page, "Graph and data", "graph_fit")
    expect(finding(page)).to_contain_text(re.compile("contradicts 1 of 15"))
