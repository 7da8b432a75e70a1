"""The graph canvas by mouse, keyboard and touch: what is drawn is what Python holds.

The tests share one tab per kind of screen, because opening one takes longer than most tests; each loads the page anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import until, watch

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("graph_editor_app.py")
Open = Callable[..., Page]


Tab = tuple[Page, list[str]]


@pytest.fixture(scope="module")
def desktop_tab(browser: Browser) -> Iterator[Tab]:
    yield from opened(browser, viewport={"width": 1280, "height": 900})


@pytest.fixture(scope="module")
def phone_tab(browser: Browser) -> Iterator[Tab]:
    yield from opened(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


@pytest.fixture
def page(desktop_tab: Tab) -> Iterator[Page]:
    yield from used(desktop_tab)


@pytest.fixture
def phone(phone_tab: Tab) -> Iterator[Page]:
    yield from used(phone_tab)


def opened(browser: Browser, **options: object) -> Iterator[Tab]:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    complaints: list[str] = []
    watch(tab, complaints)
    yield tab, complaints
    context.close()


def used(tab: Tab) -> Iterator[Page]:
    page, complaints = tab
    complaints.clear()
    yield page
    for key in ("Alt", "Shift", "Control"):
        page.keyboard.up(key)
    page.mouse.move(2, 2)
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def url(serve: Callable[..., str]) -> str:
    return serve(SCRIPT)


@pytest.fixture
def canvas(page: Page, url: str) -> Page:
    return shown(page, url)


def shown(page: Page, address: str, count: int = 4) -> Page:
    page.goto(address)
    expect(page.get_by_test_id("graph-node")).to_have_count(count)
    return page


def node(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="graph-node"][data-name={json.dumps(name)}]')


def edge(page: Page, source: str, target: str) -> Locator:
    ends = f"[data-source={json.dumps(source)}][data-target={json.dumps(target)}]"
    return page.locator(f'[data-testid="graph-edge"]{ends}')


def expect_held(page: Page, *pieces: str) -> None:
    for piece in pieces:
        expect(page.locator(".st-key-held")).to_contain_text(piece)


def expect_not_held(page: Page, piece: str) -> None:
    expect(page.locator(".st-key-held")).not_to_contain_text(piece)


def expect_message(page: Page, text: str) -> None:
    expect(page.get_by_test_id("graph-message")).to_contain_text(text)


def draw(page: Page, source: str, target: str) -> None:
    """Drags from the dot at the right of one card to the middle of another."""
    settle(page)
    start = node(page, source).get_by_test_id("graph-dot-right").bounding_box()
    end = node(page, target).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 30, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=3)
    page.mouse.up()


def settle(page: Page) -> None:
    """Waits until the view has stopped fitting itself: a while in which no card moved."""
    page.wait_for_function(
        """() => new Promise((done) => {
            const all = [...document.querySelectorAll("*")];
            const host = all.find((element) => element.shadowRoot?.querySelector(".graph-desk"));
            const look = () => host.shadowRoot.querySelector(".react-flow__viewport").style.transform;
            const before = look();
            setTimeout(() => done(look() === before), 250);
        })"""
    )


def focus(page: Page, name: str) -> None:
    node(page, name).focus()


def places(page: Page) -> dict[str, list[float]]:
    text = page.locator(".st-key-held").get_by_text("places: ").inner_text()
    found: dict[str, list[float]] = json.loads(text.removeprefix("places: "))
    return found


def test_an_arrow_drawn_by_mouse_reaches_python(canvas: Page) -> None:
    draw(canvas, "algorithm", "clicks")
    expect_held(canvas, "algorithm > clicks")
    expect(edge(canvas, "algorithm", "clicks")).to_have_attribute("data-kind", "directed")
    expect(edge(canvas, "algorithm", "clicks")).to_have_attribute("aria-label", "algorithm → clicks")


def test_alt_drag_draws_an_unobserved_common_cause(canvas: Page) -> None:
    canvas.keyboard.down("Alt")
    draw(canvas, "clicks", "engagement")
    canvas.keyboard.up("Alt")
    expect_held(canvas, "clicks <> engagement")
    expect(edge(canvas, "clicks", "engagement")).to_have_attribute("data-kind", "bidirected")


def test_the_mode_button_draws_unobserved_common_causes_until_it_is_off(canvas: Page) -> None:
    mode = canvas.get_by_test_id("graph-mode-bidirected")
    mode.click()
    expect(mode).to_have_attribute("aria-pressed", "true")
    draw(canvas, "age", "engagement")
    expect_held(canvas, "age <> engagement")
    mode.click()
    draw(canvas, "age", "clicks")
    expect_held(canvas, "age > clicks")


def test_the_add_button_takes_a_name_and_offers_the_columns_not_drawn(canvas: Page) -> None:
    canvas.get_by_test_id("graph-add").click()
    offered = canvas.get_by_test_id("graph-add-column")
    expect(offered).to_have_text(["country", "device"])
    offered.first.click()
    expect_held(canvas, "country (None)")
    expect(offered).to_have_text(["device"])
    canvas.get_by_label("Name of the new variable").fill("mood")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "mood (None)")
    expect(node(canvas, "mood")).to_be_focused()


def test_a_double_click_adds_a_variable_at_its_place(canvas: Page) -> None:
    settle(canvas)
    box = node(canvas, "engagement").bounding_box()
    assert box
    canvas.mouse.dblclick(box["x"] + 40, box["y"] - 120)
    canvas.keyboard.type("weather")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "weather (None)")
    added = node(canvas, "weather").bounding_box()
    assert added
    assert abs(added["x"] + added["width"] / 2 - box["x"] - 40) < 60
    assert abs(added["y"] + added["height"] / 2 - box["y"] + 120) < 60


def test_the_delete_key_removes_a_variable_with_its_arrows(canvas: Page) -> None:
    node(canvas, "age").click()
    canvas.keyboard.press("Delete")
    expect(node(canvas, "age")).to_have_count(0)
    expect_not_held(canvas, "age (")
    expect_held(canvas, "algorithm > engagement")


def test_the_button_removes_a_variable(canvas: Page) -> None:
    expect(canvas.get_by_test_id("graph-delete")).to_be_disabled()
    node(canvas, "clicks").click()
    canvas.get_by_test_id("graph-delete").click()
    expect(node(canvas, "clicks")).to_have_count(0)
    expect_not_held(canvas, "clicks (")


def test_the_delete_key_removes_an_arrow(canvas: Page) -> None:
    edge(canvas, "algorithm", "engagement").focus()
    canvas.keyboard.press("Backspace")
    expect(edge(canvas, "algorithm", "engagement")).to_have_count(0)
    expect_not_held(canvas, "algorithm > engagement")


def test_an_arrow_is_selected_by_a_click_on_it_and_removed_by_the_button(canvas: Page) -> None:
    settle(canvas)
    left, right = node(canvas, "algorithm").bounding_box(), node(canvas, "engagement").bounding_box()
    assert left and right
    canvas.mouse.click((left["x"] + left["width"] + right["x"]) / 2, left["y"] + left["height"] / 2)
    canvas.get_by_test_id("graph-delete").click()
    expect_not_held(canvas, "algorithm > engagement")


def test_a_variable_is_renamed_in_place_and_keeps_its_arrows(canvas: Page) -> None:
    node(canvas, "age").dblclick()
    canvas.get_by_label("New name of age").fill("years")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "years (confounder)", "years > algorithm")
    expect(node(canvas, "years")).to_be_focused()


def test_a_variable_is_renamed_by_key_and_by_button(canvas: Page) -> None:
    focus(canvas, "clicks")
    canvas.keyboard.press("F2")
    canvas.keyboard.type("taps")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "taps (None)")
    node(canvas, "taps").click()
    canvas.get_by_test_id("graph-rename").click()
    canvas.get_by_label("New name of taps").fill("hits")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "hits (None)")


def test_renaming_by_key_is_undone_by_escape(canvas: Page) -> None:
    focus(canvas, "age")
    canvas.keyboard.press("F2")
    canvas.keyboard.type("nothing")
    canvas.keyboard.press("Escape")
    expect(node(canvas, "age")).to_be_focused()
    expect_held(canvas, "age (confounder)")


def test_a_name_that_is_taken_is_refused(canvas: Page) -> None:
    node(canvas, "age").dblclick()
    canvas.get_by_label("New name of age").fill("clicks")
    canvas.keyboard.press("Enter")
    expect_message(canvas, 'There is already a variable "clicks". Choose another name.')
    expect(node(canvas, "age")).to_have_count(1)


ROLES = {
    "treatment": ("1", "T"),
    "outcome": ("2", "Y"),
    "confounder": ("3", "C"),
    "instrument": ("4", "I"),
    "mediator": ("5", "M"),
    "unobserved": ("6", "U"),
    "selected": ("7", "S"),
}


def test_every_digit_gives_its_role_and_zero_takes_it(canvas: Page) -> None:
    focus(canvas, "clicks")
    for role, (digit, letter) in ROLES.items():
        canvas.keyboard.press(digit)
        expect_held(canvas, f"clicks ({role})")
        expect(node(canvas, "clicks").locator(".letter")).to_have_text(letter)
        expect(node(canvas, "clicks")).to_have_attribute("aria-label", f"clicks, {role}")
    canvas.keyboard.press("0")
    expect_held(canvas, "clicks (None)")


def test_every_role_button_gives_its_role_and_the_last_takes_it(canvas: Page) -> None:
    node(canvas, "clicks").click()
    for role in ROLES:
        canvas.get_by_test_id(f"graph-role-{role}").click()
        expect_held(canvas, f"clicks ({role})")
        expect(canvas.get_by_test_id(f"graph-role-{role}")).to_have_attribute("aria-pressed", "true")
    canvas.get_by_test_id("graph-role-none").click()
    expect_held(canvas, "clicks (None)")


def test_a_role_button_gives_the_role_to_all_selected(canvas: Page) -> None:
    node(canvas, "age").click()
    node(canvas, "clicks").click(modifiers=["Shift"])
    canvas.get_by_test_id("graph-role-mediator").click()
    expect_held(canvas, "age (mediator)", "clicks (mediator)", "algorithm (treatment)")


def test_variables_are_gathered_by_the_space_bar_and_get_a_role_together(canvas: Page) -> None:
    focus(canvas, "age")
    canvas.keyboard.press(" ")
    canvas.keyboard.press("Tab")
    canvas.keyboard.press("Tab")
    expect(node(canvas, "clicks")).to_be_focused()
    canvas.keyboard.press(" ")
    canvas.keyboard.press("5")
    expect_held(canvas, "age (mediator)", "clicks (mediator)", "algorithm (treatment)")
    canvas.keyboard.press(" ")
    canvas.keyboard.press("Delete")
    expect(node(canvas, "age")).to_have_count(0)
    expect(node(canvas, "clicks")).to_have_count(1)


def test_undo_and_redo_by_key_and_button(canvas: Page) -> None:
    focus(canvas, "clicks")
    canvas.keyboard.press("5")
    expect_held(canvas, "clicks (mediator)")
    canvas.keyboard.press("Control+z")
    expect_held(canvas, "clicks (None)")
    canvas.keyboard.press("Control+Shift+Z")
    expect_held(canvas, "clicks (mediator)")
    canvas.get_by_test_id("graph-undo").click()
    expect_held(canvas, "clicks (None)")
    expect(canvas.get_by_test_id("graph-undo")).to_be_disabled()
    canvas.keyboard.press("Control+y")
    expect_held(canvas, "clicks (mediator)")
    canvas.keyboard.press("Control+z")
    canvas.get_by_test_id("graph-redo").click()
    expect_held(canvas, "clicks (mediator)")


def test_undo_brings_a_removed_variable_back_with_its_arrows(canvas: Page) -> None:
    focus(canvas, "algorithm")
    canvas.keyboard.press("Delete")
    expect_not_held(canvas, "algorithm")
    canvas.keyboard.press("Control+z")
    expect_held(canvas, "algorithm (treatment)", "age > algorithm, algorithm > engagement")


def test_a_cycle_is_refused_and_named(canvas: Page) -> None:
    draw(canvas, "engagement", "age")
    expect_message(
        canvas, "engagement → age would close the cycle engagement → age → algorithm → engagement. Remove one of its"
    )
    expect(canvas.get_by_test_id("graph-edge")).to_have_count(2)
    expect_not_held(canvas, "engagement > age")


def test_a_cycle_drawn_by_key_is_refused_too(canvas: Page) -> None:
    focus(canvas, "engagement")
    canvas.keyboard.press("e")
    canvas.keyboard.press("Tab")
    expect(node(canvas, "age")).to_be_focused()
    canvas.keyboard.press("Enter")
    expect_message(canvas, "engagement → age would close the cycle engagement → age → algorithm → engagement.")
    expect_not_held(canvas, "engagement > age")


def test_an_arrow_drawn_twice_is_refused(canvas: Page) -> None:
    draw(canvas, "age", "algorithm")
    expect_message(canvas, "age → algorithm is already drawn.")


def test_python_can_refuse_and_the_canvas_returns_to_the_good_version(canvas: Page) -> None:
    node(canvas, "clicks").dblclick()
    canvas.get_by_label("New name of clicks").fill("forbidden")
    canvas.keyboard.press("Enter")
    expect_message(canvas, "A variable cannot be called forbidden.")
    expect(node(canvas, "clicks")).to_have_count(1)
    expect(canvas.get_by_test_id("graph-undo")).to_be_disabled()
    draw(canvas, "algorithm", "clicks")
    expect_held(canvas, "algorithm > clicks")
    expect_message(canvas, "Drew algorithm → clicks")


def test_a_rerun_changes_nothing_on_the_canvas(canvas: Page) -> None:
    draw(canvas, "algorithm", "clicks")
    expect_held(canvas, "algorithm > clicks")
    node(canvas, "age").click()
    settle(canvas)
    canvas.evaluate(
        """() => {
            const all = [...document.querySelectorAll("*")];
            const host = all.find((element) => element.shadowRoot?.querySelector(".graph-desk"));
            window.changes = 0;
            new MutationObserver((found) => (window.changes += found.length)).observe(
                host.shadowRoot, { subtree: true, childList: true, attributes: true, characterData: true });
        }"""
    )
    runs = canvas.get_by_text(re.compile(r"^run \d+$"))
    before = runs.inner_text()
    canvas.get_by_role("button", name="Rerun").click()
    expect(runs).not_to_have_text(before)
    expect(edge(canvas, "algorithm", "clicks")).to_have_count(1)
    expect(canvas.get_by_test_id("graph-undo")).to_be_enabled()
    assert canvas.evaluate("window.changes") == 0


def test_a_graph_from_python_replaces_the_drawing_and_can_be_undone(canvas: Page) -> None:
    draw(canvas, "algorithm", "clicks")
    expect_held(canvas, "algorithm > clicks")
    canvas.get_by_role("button", name="Load another").click()
    expect(canvas.get_by_test_id("graph-node")).to_have_count(1)
    expect(node(canvas, "imported")).to_be_visible()
    focus(canvas, "imported")
    canvas.keyboard.press("2")
    expect_held(canvas, "imported (outcome)")
    canvas.keyboard.press("Control+z")
    canvas.keyboard.press("Control+z")
    expect_held(canvas, "algorithm > clicks")


def test_many_edits_over_a_slow_script_all_arrive(page: Page, url: str) -> None:
    shown(page, f"{url}/?slow=1")
    focus(page, "clicks")
    for digit in "1234567" * 6:
        page.keyboard.press(digit)
    expect_held(page, "clicks (selected)")
    expect(node(page, "clicks").locator(".letter")).to_have_text("S")
    expect(page.get_by_test_id("graph-message")).to_be_empty()


def test_a_canvas_that_was_away_shows_what_python_holds(canvas: Page) -> None:
    draw(canvas, "algorithm", "clicks")
    expect_held(canvas, "algorithm > clicks")
    canvas.get_by_text("Hide").click()
    expect(canvas.get_by_test_id("graph-canvas")).to_have_count(0)
    canvas.get_by_text("Hide").click()
    expect(edge(canvas, "algorithm", "clicks")).to_have_count(1)
    focus(canvas, "clicks")
    canvas.keyboard.press("5")
    expect_held(canvas, "clicks (mediator)", "algorithm > clicks")


def test_a_box_drawn_with_shift_selects_what_lies_in_it(canvas: Page) -> None:
    settle(canvas)
    box = node(canvas, "age").bounding_box()
    below = node(canvas, "clicks").bounding_box()
    assert box and below
    canvas.keyboard.down("Shift")
    canvas.mouse.move(box["x"] - 30, box["y"] - 15)
    canvas.mouse.down()
    canvas.mouse.move(below["x"] + below["width"] + 20, below["y"] + below["height"] + 15, steps=6)
    canvas.mouse.up()
    canvas.keyboard.up("Shift")
    canvas.get_by_test_id("graph-role-instrument").click()
    expect_held(canvas, "age (instrument)", "clicks (instrument)", "engagement (outcome)")


def test_everything_selected_is_removed_at_once_and_comes_back_at_once(canvas: Page) -> None:
    focus(canvas, "age")
    canvas.keyboard.press("Control+a")
    canvas.keyboard.press("Delete")
    expect(canvas.get_by_test_id("graph-node")).to_have_count(0)
    canvas.keyboard.press("Control+z")
    expect_held(canvas, "age (confounder), algorithm (treatment)", "age > algorithm, algorithm > engagement")


def test_a_card_is_moved_by_mouse_and_by_arrow_keys(canvas: Page) -> None:
    settle(canvas)
    before = places(canvas)
    box = node(canvas, "clicks").bounding_box()
    assert box
    canvas.mouse.move(box["x"] + 40, box["y"] + 20)
    canvas.mouse.down()
    canvas.mouse.move(box["x"] + 140, box["y"] + 60, steps=5)
    canvas.mouse.up()
    expect_not_held(canvas, f'"clicks": {json.dumps(before["clicks"])}')
    dropped = places(canvas)
    assert dropped["clicks"][0] > before["clicks"][0] + 40
    assert dropped["age"] == before["age"]
    canvas.keyboard.press("ArrowDown")
    expect_held(canvas, f'"clicks": {json.dumps([dropped["clicks"][0], round(dropped["clicks"][1] + 10, 1)])}')
    canvas.keyboard.press("Shift+ArrowLeft")
    expect_held(
        canvas, f'"clicks": {json.dumps([round(dropped["clicks"][0] - 50, 1), round(dropped["clicks"][1] + 10, 1)])}'
    )


def test_the_layout_runs_along_the_arrows(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=unplaced", 6)
    page.get_by_test_id("graph-layout").click()
    expect_not_held(page, "null")
    found = places(page)
    assert found["a"][0] < found["b"][0] < found["c"][0] < found["e"][0]


def test_the_layout_is_asked_for_by_key(canvas: Page) -> None:
    before = places(canvas)
    focus(canvas, "age")
    canvas.keyboard.press("l")
    expect_not_held(canvas, json.dumps(before))
    found = places(canvas)
    assert found["age"][0] < found["algorithm"][0] < found["engagement"][0]
    canvas.keyboard.press("Control+z")
    expect_held(canvas, json.dumps(before))


def expect_scale(page: Page, least: float, most: float) -> None:
    """Waits until a card, 44 pixels high at its own size, is still and between so many pixels high.

    Still: the next change of scale starts from where this one has come to.
    """

    def reached() -> bool:
        settle(page)
        box = node(page, "clicks").bounding_box()
        return bool(box and least <= box["height"] <= most)

    until(reached)


def fitted_height(page: Page) -> float:
    settle(page)
    box = node(page, "clicks").bounding_box()
    assert box
    return box["height"]


def test_the_view_is_zoomed_and_fitted_by_button(canvas: Page) -> None:
    fitted = fitted_height(canvas)
    canvas.get_by_test_id("graph-zoom-in").click()
    expect_scale(canvas, 1.15 * fitted, 1.25 * fitted)
    canvas.get_by_test_id("graph-zoom-out").click()
    expect_scale(canvas, 0.99 * fitted, 1.01 * fitted)
    canvas.get_by_test_id("graph-zoom-out").click()
    expect_scale(canvas, 0.7 * fitted, 0.9 * fitted)
    canvas.get_by_test_id("graph-fit").click()
    expect_scale(canvas, 0.99 * fitted, 1.01 * fitted)


def test_the_view_is_zoomed_and_fitted_by_key(canvas: Page) -> None:
    fitted = fitted_height(canvas)
    focus(canvas, "age")
    canvas.keyboard.press("+")
    expect_scale(canvas, 1.15 * fitted, 1.25 * fitted)
    canvas.keyboard.press("-")
    expect_scale(canvas, 0.99 * fitted, 1.01 * fitted)
    canvas.keyboard.press("-")
    expect_scale(canvas, 0.7 * fitted, 0.9 * fitted)
    canvas.keyboard.press("f")
    expect_scale(canvas, 0.99 * fitted, 1.01 * fitted)


def test_the_wheel_zooms_with_control_and_scrolls_the_page_without(canvas: Page) -> None:
    fitted = fitted_height(canvas)
    box = node(canvas, "clicks").bounding_box()
    assert box
    canvas.mouse.move(box["x"] + 20, box["y"] + 60)
    canvas.mouse.wheel(0, 40)
    settle(canvas)
    expect_scale(canvas, 0.99 * fitted, 1.01 * fitted)
    canvas.keyboard.down("Control")
    canvas.mouse.wheel(0, -40)
    expect_scale(canvas, 1.05 * fitted, 2 * fitted)
    canvas.keyboard.up("Control")


def test_an_arrow_is_drawn_by_keyboard_alone(canvas: Page) -> None:
    focus(canvas, "clicks")
    canvas.keyboard.press("e")
    expect_message(canvas, "From clicks to which variable?")
    canvas.keyboard.press("ArrowUp")
    canvas.keyboard.press("ArrowRight")
    expect(node(canvas, "engagement")).to_be_focused()
    canvas.keyboard.press("Enter")
    expect_held(canvas, "clicks > engagement")


def test_tab_walks_through_the_targets_and_escape_lets_go(canvas: Page) -> None:
    focus(canvas, "clicks")
    canvas.keyboard.press("b")
    canvas.keyboard.press("e")
    canvas.keyboard.press("Tab")
    expect(node(canvas, "age")).to_be_focused()
    canvas.keyboard.press("Tab")
    expect(node(canvas, "algorithm")).to_be_focused()
    canvas.keyboard.press("Enter")
    expect_held(canvas, "clicks <> algorithm")
    canvas.keyboard.press("e")
    canvas.keyboard.press("Escape")
    expect(canvas.get_by_test_id("graph-message")).to_be_empty()


def test_a_variable_is_added_by_keyboard_alone(canvas: Page) -> None:
    focus(canvas, "age")
    canvas.keyboard.press("n")
    canvas.keyboard.type("cr")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "cr (None)")
    canvas.keyboard.press("n")
    canvas.keyboard.press("ArrowDown")
    canvas.keyboard.press("Enter")
    expect_held(canvas, "country (None)")
    canvas.keyboard.press("Escape")
    expect(canvas.get_by_test_id("graph-add-box")).to_have_count(0)


def test_the_hot_keys_of_streamlit_stay_off_the_canvas(canvas: Page) -> None:
    runs = canvas.get_by_text(re.compile(r"^run \d+$"))
    before = runs.inner_text()
    focus(canvas, "clicks")
    canvas.keyboard.press("r")
    canvas.keyboard.press("c")
    canvas.keyboard.press("1")
    expect_held(canvas, "clicks (treatment)")
    expect(canvas.get_by_role("dialog")).to_have_count(0)
    expect(runs).to_have_text(f"run {int(before.split()[1]) + 1}")


def test_the_reading_colours_paths_and_marks_the_adjustment_set(page: Page, url: str) -> None:
    shown(page, f"{url}/?reading=fixed")
    expect(edge(page, "algorithm", "engagement")).to_have_attribute("data-mark", "causal")
    expect(edge(page, "age", "algorithm")).to_have_attribute("data-mark", "biasing")
    expect(edge(page, "age", "algorithm")).to_have_attribute("aria-label", re.compile("on an open biasing path"))
    expect(node(page, "age")).to_have_attribute("aria-label", "age, confounder, adjusted for")


def test_a_read_only_canvas_is_not_changed_by_key(page: Page, url: str) -> None:
    shown(page, f"{url}/?read_only=1")
    focus(page, "age")
    for key in ("Delete", "1", "n", "F2", "e", "ArrowDown", "l", "Control+z"):
        page.keyboard.press(key)
    page.keyboard.press("f")
    expect(page.get_by_test_id("graph-node")).to_have_count(4)
    expect(page.locator("input.name-field")).to_have_count(0)
    expect_held(page, "age (confounder)", '"age": [0, -120]')


def test_a_read_only_canvas_is_not_changed_by_pointer(page: Page, url: str) -> None:
    shown(page, f"{url}/?read_only=1&marks=small")
    settle(page)
    expect(page.get_by_test_id("graph-add")).to_have_count(0)
    expect(page.get_by_test_id("graph-dot-right")).to_have_count(0)
    node(page, "age").dblclick()
    box = node(page, "age").bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 300, box["y"] + 10)
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 90, steps=4)
    page.mouse.up()
    page.get_by_test_id("graph-role-outcome").click(force=True)
    mark(page, "broken", "age", "clicks").locator(".badge").click()
    expect(page.get_by_test_id("graph-said")).to_contain_text("correlate by 0.21")
    expect(page.get_by_test_id("graph-choice")).to_have_count(0)
    expect(page.locator("input")).to_have_count(1)  # the switch beside the canvas
    expect_held(page, "age (confounder)", '"age": [0, -120]')


def test_hostile_names_are_shown_as_text(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=hostile", 5)
    first = node(page, "<img src=x onerror=alert(1)>")
    expect(first.locator(".name")).to_have_text("<img src=x onerror=alert(1)>")
    longest = node(page, "x" * 300)
    expect(longest).to_have_attribute("title", "x" * 300)
    box = longest.bounding_box()
    assert box and box["width"] < 300
    longest.focus()
    page.keyboard.press("2")
    expect_held(page, f"{'x' * 300} (outcome)")


def test_an_empty_canvas_says_how_to_begin(page: Page, url: str) -> None:
    page.goto(f"{url}/?scene=empty")
    expect(page.get_by_text("Double click to add a variable.")).to_be_visible()


def test_a_hundred_variables_can_be_edited(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=large", 100)
    focus(page, "variable 50")
    page.keyboard.press("1")
    expect_held(page, "variable 50 (treatment)")


def test_the_drawing_is_saved_as_svg_and_png(page: Page, url: str, tmp_path: Path) -> None:
    shown(page, f"{url}/?scene=hostile", 5)
    with page.expect_download() as download:
        page.get_by_test_id("graph-save-svg").click()
    download.value.save_as(tmp_path / "graph.svg")
    drawing = ElementTree.parse(tmp_path / "graph.svg")
    titles = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert "<img src=x onerror=alert(1)>" in titles
    assert f"<img src=x onerror=alert(1)> → {'x' * 300}" in titles
    with page.expect_download() as download:
        page.get_by_test_id("graph-save-png").click()
    assert download.value.suggested_filename == "graph.png"
    download.value.save_as(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")


def test_full_screen_by_button_and_by_key(canvas: Page) -> None:
    desk = canvas.get_by_test_id("graph-canvas")
    canvas.get_by_test_id("graph-full-screen").click()
    expect(desk).to_have_css("border-top-width", "0px")
    canvas.get_by_test_id("graph-full-screen").click()
    expect(desk).to_have_css("border-top-width", "1px")
    focus(canvas, "age")
    canvas.keyboard.press("m")
    expect(desk).to_have_css("border-top-width", "0px")
    canvas.keyboard.press("m")
    expect(desk).to_have_css("border-top-width", "1px")


def mark(page: Page, sort: str, left: str, right: str) -> Locator:
    ends = f"[data-left={json.dumps(left)}][data-right={json.dumps(right)}]"
    return page.locator(f'[data-testid="graph-{sort}"]{ends}')


def expect_said(page: Page, *pieces: str) -> None:
    for piece in pieces:
        expect(page.get_by_test_id("graph-said")).to_contain_text(piece)


def test_a_click_on_a_variable_says_what_to_do_with_it(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=feed&reading=live", 11)
    expect_said(page, "8 paths: 2 causal, 0 open and biasing, 6 blocked.")
    node(page, "activity").click()
    expect_said(page, "Adjust", 'Without "activity" the path algorithm ← activity → engagement is open')
    node(page, "prominence").click()
    expect_said(page, "Must not adjust", "is a mediator")
    node(page, "algorithm").click()
    expect_said(page, "Treatment", "What is changed")
    middle = centre(edge(page, "algorithm", "exposure"))
    page.mouse.click(middle["x"], middle["y"])
    expect_said(page, "Causal", "algorithm → exposure")
    shown(page, f"{url}/?reading=live")
    node(page, "clicks").click()
    expect_said(page, "May adjust", "it does no harm")


def test_the_focus_on_a_variable_says_what_to_do_with_it_and_is_announced(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=feed&reading=live", 11)
    said = page.get_by_test_id("graph-said")
    expect(said).to_have_attribute("aria-live", "polite")
    focus(page, "rating")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect_said(page, "Must not adjust", 'an effect of the outcome "engagement"')
    page.keyboard.press("Escape")
    expect_said(page, "Choose a variable to see whether to adjust for it.")


def test_the_advice_follows_an_edit(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=feed&reading=live", 11)
    focus(page, "rollout wave")
    expect_said(page, "Must not adjust", "as an instrument does")
    page.keyboard.press("e")
    for _ in range(11):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.shadowRoot.activeElement.dataset.name") == "engagement":
            break
    page.keyboard.press("Enter")
    expect_held(page, "rollout wave > engagement")
    expect_said(page, "Adjust", 'Without "rollout wave" the path')


def test_a_path_under_the_pointer_is_shown_on_the_canvas_and_leaving_restores(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=feed&reading=live", 11)
    page.get_by_test_id("graph-open-paths").click()
    rows = page.get_by_test_id("graph-path")
    expect(rows).to_have_count(8)
    rows.filter(has_text=re.compile("^algorithm → exposure → engagement$")).hover()
    expect(edge(page, "algorithm", "exposure")).to_have_attribute("data-trace", "causal")
    expect(edge(page, "exposure", "engagement")).to_have_attribute("data-trace", "causal")
    expect(edge(page, "activity", "engagement")).to_have_css("opacity", "0.12")
    expect(node(page, "exposure")).to_have_css("opacity", "1")
    expect(node(page, "rating")).to_have_css("opacity", "0.3")
    expect_said(page, "Causal", 'Part of the effect: "algorithm" moves "engagement" along it.')
    rows.filter(has_text="algorithm ← new user → engagement").hover()
    expect(edge(page, "new user", "engagement")).to_have_attribute("data-trace", "blocked")
    expect(node(page, "new user").locator(".tag")).to_have_text("blocks")
    expect_said(page, "Blocked", '"new user" is adjusted for.')
    page.mouse.move(5, 5)
    expect(edge(page, "new user", "engagement")).to_have_attribute("data-trace", "")
    expect(node(page, "rating")).to_have_css("opacity", "1")
    expect_said(page, "8 paths")


def test_an_open_biasing_path_is_shown_with_its_sign(page: Page, url: str) -> None:
    shown(page, f"{url}/?reading=live")
    page.keyboard.down("Alt")
    draw(page, "algorithm", "engagement")
    page.keyboard.up("Alt")
    page.get_by_test_id("graph-open-paths").click()
    biasing = page.locator('[data-testid="graph-path"][data-sort="biasing"]')
    expect(biasing).to_have_text(["algorithm ↔ engagement"])
    biasing.click()
    arc = page.locator('[data-testid="graph-edge"][data-kind="bidirected"]')
    expect(arc).to_have_attribute("data-trace", "biasing")
    expect(arc.locator(".sign")).to_have_text("!")
    expect(arc).to_have_attribute("aria-label", re.compile("on the biasing path shown"))
    expect_said(page, "Open, biasing", "without an effect")
    biasing.click()
    page.mouse.move(5, 5)
    expect(arc).to_have_attribute("data-trace", "")


def test_the_paths_are_walked_by_key(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=feed&reading=live", 11)
    focus(page, "age")
    page.keyboard.press("p")
    rows = page.get_by_test_id("graph-path")
    expect(rows.first).to_be_focused()
    expect(edge(page, "exposure", "engagement")).to_have_attribute("data-trace", "causal")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    expect(edge(page, "exposure", "engagement")).to_have_attribute("data-trace", "")
    expect(edge(page, "prominence", "engagement")).to_have_attribute("data-trace", "causal")
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("graph-drawer")).to_have_count(0)
    expect(page.get_by_test_id("graph-canvas")).to_be_focused()
    expect(edge(page, "prominence", "engagement")).to_have_attribute("data-trace", "")


def test_a_broken_promise_is_drawn_and_mended_by_pointer(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    broken = mark(page, "broken", "age", "clicks")
    broken.locator(".badge").hover()
    expect_said(page, "Broken promise", "they correlate by 0.21")
    page.mouse.move(5, 5)
    expect_said(page, "Beside the other version: 1 more (+), 0 gone (−).")
    broken.locator(".badge").click()
    expect(page.get_by_test_id("graph-choice")).to_have_text(["1age → clicks", "2age ↔ clicks"])
    page.get_by_test_id("graph-choice").nth(1).click()
    expect_held(page, "age <> clicks")
    expect(broken).to_have_count(0)
    page.get_by_test_id("graph-undo").click()
    expect_not_held(page, "age <> clicks")
    expect(broken).to_have_count(1)


def test_a_broken_promise_is_mended_by_key(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    page.get_by_test_id("graph-open-broken").focus()
    page.keyboard.press("Enter")
    row = page.get_by_test_id("graph-row-broken")
    expect(row).to_be_focused()
    expect_said(page, "Broken promise", "they correlate by 0.21")
    page.keyboard.press("Escape")
    mark(page, "broken", "age", "clicks").focus()
    expect(mark(page, "broken", "age", "clicks")).to_have_attribute("aria-label", re.compile("correlate by 0.21"))
    page.keyboard.press("Enter")
    expect_message(page, "1: age → clicks   2: age ↔ clicks")
    page.keyboard.press("1")
    expect_held(page, "age > clicks")
    expect(page.get_by_test_id("graph-open-broken")).to_have_count(0)


def test_a_proposal_is_a_ghost_with_its_confidence_and_accepted_by_pointer(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    ghost = mark(page, "proposed", "algorithm", "clicks")
    expect(ghost.locator(".badge")).to_have_text("93 %")
    ghost.locator(".badge").click()
    expect_said(page, "Proposed, 93 %", "In 93 of 100.")
    choices = page.get_by_test_id("graph-choice")
    expect(choices).to_have_text(["1algorithm → clicks", "2clicks → algorithm", "3algorithm ↔ clicks"])
    choices.nth(1).click()
    expect_held(page, "clicks > algorithm")
    expect(ghost).to_have_count(0)
    expect_message(page, "Drew clicks → algorithm")
    page.get_by_test_id("graph-undo").click()
    expect(ghost).to_have_count(1)
    ghost.locator(".badge").click()
    page.get_by_test_id("graph-dismiss").click()
    expect(ghost).to_have_count(0)
    expect_held(page, "dismissed: algorithm ~ clicks")


def test_a_confidence_between_touching_cards_is_not_hidden_by_them(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    near = places(page)["algorithm"]
    card = node(page, "clicks")
    box, other = card.bounding_box(), node(page, "algorithm").bounding_box()
    assert box is not None and other is not None and near
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(other["x"] + other["width"] + 12, other["y"] + 12, steps=8)
    page.mouse.up()
    badge = mark(page, "proposed", "algorithm", "clicks").locator(".badge text")
    on_top = """(text) => {
        const { x, y, width, height } = text.getBoundingClientRect()
        const seen = (across) => text.getRootNode().elementFromPoint(x + across * width, y + height / 2)
        return [0.05, 0.5, 0.95].every((across) => seen(across).closest('.badge') === text.parentElement)
    }"""
    expect(badge).to_be_visible()
    until(lambda: bool(badge.evaluate(on_top)))


def test_proposals_are_decided_one_after_the_other_by_key(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    mark(page, "proposed", "algorithm", "clicks").focus()
    page.keyboard.press("Enter")
    expect_held(page, "algorithm > clicks")
    expect(mark(page, "proposed", "clicks", "engagement")).to_be_focused()
    page.keyboard.press("Enter")
    expect_message(page, "1: clicks → engagement   2: clicks ↔ engagement   3: engagement → clicks")
    page.keyboard.press("2")
    expect_held(page, "clicks <> engagement")
    expect(mark(page, "proposed", "engagement", "age")).to_be_focused()
    page.keyboard.press("Enter")
    expect_message(page, "would close the cycle")
    page.keyboard.press("Delete")
    expect_held(page, "dismissed: engagement ~ age")
    expect(page.get_by_test_id("graph-proposed")).to_have_count(0)
    expect(page.get_by_test_id("graph-canvas")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(mark(page, "proposed", "engagement", "age")).to_have_count(1)
    expect_not_held(page, "engagement ~ age")


def test_the_list_of_proposals_accepts_all_that_are_sure_and_names_what_it_left(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    page.get_by_test_id("graph-open-proposed").click()
    rows = page.get_by_test_id("graph-row-proposed")
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("adds a variable")
    expect(page.get_by_test_id("graph-accept-many")).to_have_text("Draw 2")
    page.get_by_test_id("graph-threshold").select_option("0.9")
    expect(page.get_by_test_id("graph-accept-many")).to_have_text("Draw 1")
    page.get_by_test_id("graph-threshold").select_option("0.8")
    page.get_by_test_id("graph-accept-many").click()
    expect_held(page, "algorithm > clicks")
    expect_message(page, "Drew 1 of 2 edges. Left out, because it would close a cycle: engagement → age.")
    page.get_by_test_id("graph-quick-dismiss").first.click()
    expect_held(page, "dismissed: clicks ~ engagement")
    page.get_by_test_id("graph-restore").click()
    expect(rows).to_have_count(3)
    expect_not_held(page, "clicks ~ engagement")


def test_the_list_of_proposals_by_key_adds_the_variable_that_is_missing(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small")
    page.get_by_test_id("graph-open-proposed").focus()
    page.keyboard.press("Enter")
    rows = page.get_by_test_id("graph-row-proposed")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Delete")
    expect_held(page, "dismissed: algorithm ~ clicks")
    expect(rows.first).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(rows.last).to_contain_text("age — device")
    page.keyboard.press("2")
    expect_held(page, "device (None)", "device > age")


def test_a_dismissal_stays_over_a_slow_script_and_a_canvas_that_was_away(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small&slow=1")
    ghosts = page.get_by_test_id("graph-proposed")
    expect(ghosts).to_have_count(3)
    mark(page, "proposed", "algorithm", "clicks").focus()
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    expect(ghosts).to_have_count(1)
    expect_held(page, "dismissed: algorithm ~ clicks, clicks ~ engagement")
    expect(ghosts).to_have_count(1)
    page.get_by_text("Hide").click()
    expect(page.get_by_test_id("graph-canvas")).to_have_count(0)
    page.get_by_text("Hide").click()
    expect(ghosts).to_have_count(1)


def test_beside_another_version_edges_that_came_and_went_are_told_apart(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=small&read_only=1")
    expect(edge(page, "age", "algorithm").locator(".sign.plus")).to_have_text("+")
    expect(edge(page, "age", "algorithm")).to_have_attribute("aria-label", re.compile("not in the other version"))
    shown(page, f"{url}/?marks=removed&read_only=1")
    gone = mark(page, "removed", "age", "clicks")
    expect(gone.locator(".badge")).to_have_text("−")
    gone.locator(".badge").click()
    expect_said(page, "Gone", "age ↔ clicks")


def test_fitted_numbers_stand_on_their_edges_and_are_spoken(page: Page, url: str) -> None:
    shown(page, f"{url}/?marks=numbers")
    expect(edge(page, "age", "algorithm").locator(".number")).to_have_text("(0.04)")
    expect(edge(page, "age", "algorithm")).to_have_attribute(
        "aria-label", re.compile("One unit more of age does little")
    )
    expect(page.locator(".number")).to_have_count(1)


def test_what_lies_over_the_drawing_is_saved_with_it(page: Page, url: str, tmp_path: Path) -> None:
    shown(page, f"{url}/?marks=small")
    with page.expect_download() as download:
        page.get_by_test_id("graph-save-svg").press("Enter")
    download.value.save_as(tmp_path / "graph.svg")
    root = ElementTree.parse(tmp_path / "graph.svg").getroot()
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "algorithm → clicks: In 93 of 100." in titles
    assert any(title and title.startswith("age ≁ clicks: The graph says") for title in titles)
    assert {"93 %", "!", "+"} <= set(texts)


def test_on_a_phone_everything_fits_and_a_tap_on_the_dot_draws(phone: Page, url: str) -> None:
    shown(phone, f"{url}/?scene=unplaced", 6)
    settle(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for test_id in (
        "graph-add",
        "graph-mode-bidirected",
        "graph-undo",
        "graph-layout",
        "graph-fit",
        "graph-save-png",
        "graph-delete",
        "graph-open-paths",
    ):
        box = phone.get_by_test_id(test_id).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    node(phone, "d").get_by_test_id("graph-dot-right").tap()
    expect_message(phone, "From d to which variable?")
    node(phone, "f").tap()
    expect_held(phone, "d > f")


Point = dict[str, float]


def centre(locator: Locator) -> Point:
    box = locator.bounding_box()
    assert box
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def slide(page: Page, *fingers: tuple[Point, Point]) -> None:
    """Moves each finger from its first point to its second."""
    touch = page.context.new_cdp_session(page)
    for part in (0.0, 0.3, 0.6, 1.0):
        points = [
            {**{axis: start[axis] + part * (end[axis] - start[axis]) for axis in ("x", "y")}, "id": number}
            for number, (start, end) in enumerate(fingers)
        ]
        kind = "touchStart" if part == 0 else "touchMove"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(40)  # a finger that leaves in full swing is a fling, which swallows the next tap
    page.wait_for_timeout(120)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def test_a_finger_draws_an_arrow_and_in_the_other_mode_an_arc(phone: Page, url: str) -> None:
    shown(phone, f"{url}/?scene=unplaced", 6)
    settle(phone)
    slide(phone, (centre(node(phone, "d").get_by_test_id("graph-dot-right")), centre(node(phone, "f"))))
    expect_held(phone, "d > f")
    phone.get_by_test_id("graph-mode-bidirected").tap()
    expect(phone.get_by_test_id("graph-mode-bidirected")).to_have_attribute("aria-pressed", "true")
    slide(phone, (centre(node(phone, "b").get_by_test_id("graph-dot-right")), centre(node(phone, "f"))))
    expect_held(phone, "b <> f")


def test_a_finger_moves_a_card_and_two_zoom(phone: Page, url: str) -> None:
    shown(phone, url)
    settle(phone)
    before = places(phone)
    here = centre(node(phone, "clicks"))
    slide(phone, (here, {"x": here["x"] + 60, "y": here["y"] + 50}))
    expect_not_held(phone, json.dumps(before["clicks"]))
    assert places(phone)["clicks"][1] > before["clicks"][1] + 20
    small = fitted_height(phone)
    sheet = centre(phone.get_by_test_id("graph-canvas"))
    left, right = ({**sheet, "x": sheet["x"] + side, "y": 240.0} for side in (-20, 20))
    slide(phone, (left, {**left, "x": left["x"] - 50}), (right, {**right, "x": right["x"] + 50}))
    expect_scale(phone, 1.5 * small, 10 * small)
    phone.get_by_test_id("graph-fit").tap()
    expect_scale(phone, 0.5 * small, 1.2 * small)


def test_by_touch_a_variable_is_added_named_given_a_role_and_removed(phone: Page, url: str) -> None:
    shown(phone, url)
    phone.get_by_test_id("graph-add").tap()
    phone.get_by_test_id("graph-add-column").first.tap()
    expect_held(phone, "country (None)")
    phone.get_by_test_id("graph-add").tap()
    node(phone, "country").tap()
    phone.get_by_test_id("graph-role-selected").tap()
    expect_held(phone, "country (selected)")
    phone.get_by_test_id("graph-rename").tap()
    phone.get_by_label("New name of country").fill("region")
    phone.keyboard.press("Enter")
    expect_held(phone, "region (selected)")
    node(phone, "region").tap()
    phone.get_by_test_id("graph-delete").tap()
    expect_not_held(phone, "region")
    phone.get_by_test_id("graph-undo").tap()
    expect_held(phone, "region (selected)")
    phone.get_by_test_id("graph-redo").tap()
    expect_not_held(phone, "region")


def test_on_a_phone_a_tap_on_a_variable_says_what_to_do_with_it(phone: Page, url: str) -> None:
    shown(phone, f"{url}/?scene=feed&reading=live", 11)
    settle(phone)
    node(phone, "prominence").tap()
    expect_said(phone, "Must not adjust", "is a mediator")
    box = phone.get_by_test_id("graph-said").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_on_a_phone_a_tap_shows_a_path_beside_the_canvas_and_a_second_restores(phone: Page, url: str) -> None:
    shown(phone, f"{url}/?scene=feed&reading=live", 11)
    phone.get_by_test_id("graph-open-paths").tap()
    row = phone.get_by_test_id("graph-path").first
    row.tap()
    expect(edge(phone, "exposure", "engagement")).to_have_attribute("data-trace", "causal")
    settle(phone)

    def uncovered() -> bool:
        drawer = phone.get_by_test_id("graph-drawer").bounding_box()
        card = node(phone, "exposure").bounding_box()
        return bool(drawer and card and card["y"] + card["height"] <= drawer["y"])

    until(uncovered)
    row.tap()
    expect(edge(phone, "exposure", "engagement")).to_have_attribute("data-trace", "")
    phone.get_by_label("Close the list").tap()
    expect(phone.get_by_test_id("graph-drawer")).to_have_count(0)


def test_by_touch_promises_are_mended_and_proposals_decided(phone: Page, url: str) -> None:
    shown(phone, f"{url}/?marks=small")
    settle(phone)
    mark(phone, "broken", "age", "clicks").locator(".badge").tap()
    expect_said(phone, "Broken promise", "they correlate by 0.21")
    phone.get_by_test_id("graph-choice").first.tap()
    expect_held(phone, "age > clicks")
    mark(phone, "proposed", "algorithm", "clicks").locator(".badge").tap()
    phone.get_by_test_id("graph-choice").first.tap()
    expect_held(phone, "algorithm > clicks")
    phone.get_by_test_id("graph-open-proposed").tap()
    phone.get_by_test_id("graph-quick-dismiss").first.tap()
    expect_held(phone, "dismissed: clicks ~ engagement")


def test_in_the_dark_the_canvas_is_dark(open_page: Open, url: str) -> None:
    page = open_page(viewport={"width": 1000, "height": 800}, color_scheme="dark")
    shown(page, url)
    sheet = page.get_by_test_id("graph-canvas")

    def dark() -> bool:
        background = sheet.evaluate("element => getComputedStyle(element).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", background)[:3]) < 200

    until(dark)
