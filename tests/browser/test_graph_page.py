"""The graph page in a browser: text and canvas say the same, whichever of the two was edited last."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_graph_editor import draw, edge

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def graph_page(page: Page, serve: Callable[..., str]) -> Page:
    page.goto(serve(SCRIPT))
    page.locator(".st-key-sample-classic button").click()
    page.wait_for_url("**/log?study=*")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Graph", exact=True).click()
    expect(page.get_by_test_id("graph-node")).to_have_count(4)
    return page


def test_text_and_canvas_follow_each_other(graph_page: Page) -> None:
    page = graph_page
    area = page.get_by_label("The graph as text", exact=True)
    expect(area).to_have_value(
        "age -> algorithm\nage -> engagement\nalgorithm -> engagement\ngender -> algorithm\ngender -> engagement\n"
    )
    draw(page, "age", "gender")
    expect(area).to_have_value(
        "age -> algorithm\nage -> engagement\nage -> gender\n"
        "algorithm -> engagement\ngender -> algorithm\ngender -> engagement\n"
    )
    area.fill("age -> algorithm\nmood -> engagement\nalgorithm -> engagement\nage -> engagement\n")
    area.press("Control+Enter")
    expect(page.get_by_test_id("graph-node")).to_have_count(4)
    expect(edge(page, "mood", "engagement")).to_have_count(1)
    expect(edge(page, "age", "gender")).to_have_count(0)
    draw(page, "mood", "age")
    expect(area).to_have_value(
        "age -> algorithm\nage -> engagement\nalgorithm -> engagement\nmood -> age\nmood -> engagement\n"
    )


def test_a_broken_text_stays_while_the_canvas_is_drawn_on(graph_page: Page) -> None:
    page = graph_page
    area = page.get_by_label("The graph as text", exact=True)
    area.fill("age -> -> engagement")
    area.press("Control+Enter")
    expect(page.get_by_text("Line 1, column")).to_be_visible()
    draw(page, "age", "gender")
    expect(edge(page, "age", "gender")).to_have_count(1)
    expect(area).to_have_value("age -> -> engagement")
    page.get_by_role("button", name="Show the canvas's graph instead").click()
    expect(area).to_have_value(
        "age -> algorithm\nage -> engagement\nage -> gender\n"
        "algorithm -> engagement\ngender -> algorithm\ngender -> engagement\n"
    )


def test_the_canvas_has_its_place_before_its_script_is_there(page: Page, serve: Callable[..., str]) -> None:
    page.route(re.compile("graph_editor-.*js"), lambda route: None)
    page.goto(serve(SCRIPT))
    page.locator(".st-key-sample-classic button").click()
    page.wait_for_url("**/log?study=*")
    expect(page.get_by_text("rows and")).to_be_visible()  # by now the menu has moved to its place
    page.get_by_test_id("stSidebar").get_by_role("link", name="Graph", exact=True).click()
    expect(page.get_by_text("Identified by adjustment")).to_be_visible()
    expect(page.locator(".st-key-canvas")).to_have_css("height", "580px")
