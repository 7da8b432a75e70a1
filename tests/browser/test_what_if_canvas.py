"""The what-if canvas: sliders and levels on the cards, by hand and by key, and what Python is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

SCRIPT = Path(__file__).with_name("what_if_app.py")


@pytest.fixture
def url(serve: Callable[..., str]) -> str:
    return serve(SCRIPT)


def card(page: Page, name: str, kind: str = "node") -> Locator:
    return page.locator(f'[data-testid="what-if-{kind}"][data-name={json.dumps(name)}]')


def expect_told(page: Page, piece: str) -> None:
    expect(page.get_by_text('"heard"')).to_contain_text(piece)


def test_a_slider_on_a_card_moves_what_comes_after_it(page: Page, url: str) -> None:
    page.goto(url)
    slider = card(page, "age").get_by_test_id("what-if-slider")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    expect_told(page, '"age": {"do": "set", "value": 42.5}')
    expect(card(page, "age")).to_have_attribute("data-state", "changed")
    expect(card(page, "engagement")).to_have_attribute("data-state", "moved")
    expect(card(page, "device")).to_have_attribute("data-state", "still")
    expect(card(page, "engagement").get_by_test_id("what-if-values")).to_contain_text("43.7")
    expect(page.get_by_test_id("what-if-canvas")).to_have_attribute("aria-busy", "false")

    card(page, "algorithm").get_by_role("button", name="new", exact=True).click()
    expect_told(page, '"algorithm": {"do": "set", "level": 1}')
    cut = page.locator('[data-testid="graph-edge"][data-source="age"][data-target="algorithm"]')
    expect(cut).to_have_attribute("data-mark", "cut")
    card(page, "algorithm").get_by_test_id("what-if-reset").click()
    expect(cut).to_have_attribute("data-mark", "causal")

    card(page, "watch time").get_by_test_id("what-if-mode").select_option("shift")
    field = card(page, "watch time").get_by_test_id("what-if-number")
    field.fill("-2.25")
    field.press("Enter")
    expect_told(page, '"watch time": {"do": "shift", "value": -2.25}')
    card(page, "device").get_by_test_id("what-if-mode").select_option("randomise")
    expect_told(page, '"device": {"do": "randomise"}')
    page.get_by_test_id("what-if-reset-all").click()
    expect_told(page, '"changes": {}')
    expect(card(page, "engagement")).to_have_attribute("data-state", "still")


def test_changes_that_python_makes_reach_the_sliders(page: Page, url: str) -> None:
    page.goto(url)
    card(page, "algorithm").get_by_role("button", name="old", exact=True).click()
    expect_told(page, '"level": 0')
    page.get_by_role("button", name="Forget").click()
    expect_told(page, '"changes": {}')
    expect(card(page, "algorithm")).to_have_attribute("data-state", "still")
    expect(card(page, "algorithm").get_by_role("button", name="old", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def test_on_a_phone_the_controls_are_a_list_under_the_drawing(open_page: Callable[..., Page], url: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(url)
    expect(page.get_by_test_id("what-if-row")).to_have_count(5)
    expect(card(page, "algorithm").get_by_test_id("what-if-level")).to_have_count(0)
    card(page, "algorithm", "row").get_by_role("button", name="new", exact=True).tap()
    expect_told(page, '"level": 1')
    expect(card(page, "algorithm", "row")).to_have_attribute("data-state", "changed")


def test_presented_it_has_no_control(page: Page, url: str) -> None:
    page.goto(f"{url}?present=1")
    expect(page.get_by_test_id("what-if-node")).to_have_count(5)
    expect(page.get_by_test_id("what-if-canvas").locator("button, input, select")).to_have_count(0)
