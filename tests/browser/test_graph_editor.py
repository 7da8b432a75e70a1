"""The graph canvas by mouse, keyboard and touch: what is drawn is what Python holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("graph_editor_app.py")
Open = Callable[..., Page]


@pytest.fixture
def url(serve: Callable[..., str]) -> str:
    return serve(SCRIPT)


@pytest.fixture
def canvas(page: Page, url: str) -> Page:
    return shown(page, url)


def shown(page: Page, address: str, count: int = 4) -> Page:
    page.goto(address)
    expect(page.get_by_test_id("graph-node")).to_have_count(count, timeout=30_000)
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
    """Waits until the view has stopped fitting itself: two frames in which no card moved."""
    page.wait_for_function(
        """() => new Promise((done) => {
            const all = [...document.querySelectorAll("*")];
            const host = all.find((element) => element.shadowRoot?.querySelector(".graph-desk"));
            const look = () => host.shadowRoot.querySelector(".react-flow__viewport").style.transform;
            const before = look();
            setTimeout(() => done(look() === before), 120);
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


@pytest.mark.parametrize(
    ("digit", "role", "letter"),
    [
        ("1", "treatment", "T"),
        ("2", "outcome", "Y"),
        ("3", "confounder", "C"),
        ("4", "instrument", "I"),
        ("5", "mediator", "M"),
        ("6", "unobserved", "U"),
        ("7", "selected", "S"),
    ],
)
def test_a_digit_gives_the_role_and_zero_takes_it(canvas: Page, digit: str, role: str, letter: str) -> None:
    focus(canvas, "clicks")
    canvas.keyboard.press(digit)
    expect_held(canvas, f"clicks ({role})")
    expect(node(canvas, "clicks").locator(".letter")).to_have_text(letter)
    expect(node(canvas, "clicks")).to_have_attribute("aria-label", f"clicks, {role}")
    canvas.keyboard.press("0")
    expect_held(canvas, "clicks (None)")


def test_a_role_button_gives_the_role_to_all_selected(canvas: Page) -> None:
    node(canvas, "age").click()
    node(canvas, "clicks").click(modifiers=["Shift"])
    canvas.get_by_test_id("graph-role-mediator").click()
    expect_held(canvas, "age (mediator)", "clicks (mediator)", "algorithm (treatment)")


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


def test_the_layout_runs_along_the_arrows(page: Page, url: str) -> None:
    shown(page, f"{url}/?scene=unplaced", 6)
    page.get_by_test_id("graph-layout").click()
    expect_not_held(page, "null")
    found = places(page)
    assert found["a"][0] < found["b"][0] < found["c"][0] < found["e"][0]


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


def test_the_hot_keys_of_streamlit_stay_off_the_canvas(canvas: Page) -> None:
    runs = canvas.get_by_text(re.compile(r"^run \d+$"))
    before = runs.inner_text()
    focus(canvas, "clicks")
    canvas.keyboard.press("r")
    canvas.keyboard.press("c")
    canvas.keyboard.press("1")
    expect_held(canvas, "clicks (treatment)")
    expect(canvas.get_by_role("dialog")).to_have_count(0)
    assert int(runs.inner_text().split()[1]) == int(before.split()[1]) + 1


def test_the_reading_colours_paths_and_marks_the_adjustment_set(page: Page, url: str) -> None:
    shown(page, f"{url}/?reading=1")
    expect(edge(page, "algorithm", "engagement")).to_have_attribute("data-mark", "causal")
    expect(edge(page, "age", "algorithm")).to_have_attribute("data-mark", "biasing")
    expect(edge(page, "age", "algorithm")).to_have_attribute("aria-label", re.compile("on an open biasing path"))
    expect(node(page, "age")).to_have_attribute("aria-label", "age, confounder, adjusted for")


def test_a_read_only_canvas_cannot_be_changed(page: Page, url: str) -> None:
    shown(page, f"{url}/?read_only=1")
    expect(page.get_by_test_id("graph-add")).to_have_count(0)
    expect(page.get_by_test_id("graph-dot-right")).to_have_count(0)
    focus(page, "age")
    page.keyboard.press("Delete")
    page.keyboard.press("1")
    page.get_by_test_id("graph-fit").click()
    expect(page.get_by_test_id("graph-node")).to_have_count(4)
    expect_held(page, "age (confounder)")


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
    expect(page.get_by_text("Double click to add a variable.")).to_be_visible(timeout=30_000)


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


def test_full_screen_fills_the_screen(canvas: Page) -> None:
    canvas.get_by_test_id("graph-full-screen").click()
    expect(canvas.get_by_test_id("graph-canvas")).to_have_css("border-top-width", "0px")
    canvas.get_by_test_id("graph-full-screen").click()
    expect(canvas.get_by_test_id("graph-canvas")).to_have_css("border-top-width", "1px")


def test_on_a_phone_everything_fits_and_a_tap_on_the_dot_draws(open_page: Open, url: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    shown(page, f"{url}/?scene=unplaced", 6)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for test_id in (
        "graph-add",
        "graph-mode-bidirected",
        "graph-undo",
        "graph-layout",
        "graph-fit",
        "graph-save-png",
        "graph-delete",
    ):
        box = page.get_by_test_id(test_id).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    node(page, "d").get_by_test_id("graph-dot-right").tap()
    expect_message(page, "From d to which variable?")
    node(page, "f").tap()
    expect_held(page, "d > f")


def test_a_finger_draws_an_arrow(open_page: Open, url: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    shown(page, f"{url}/?scene=unplaced", 6)
    settle(page)
    dot = node(page, "d").get_by_test_id("graph-dot-right").bounding_box()
    goal = node(page, "f").bounding_box()
    assert dot and goal
    start = {"x": dot["x"] + dot["width"] / 2, "y": dot["y"] + dot["height"] / 2}
    end = {"x": goal["x"] + goal["width"] / 2, "y": goal["y"] + goal["height"] / 2}
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [start]})
    for part in (0.3, 0.6, 1.0):
        between = {axis: start[axis] + part * (end[axis] - start[axis]) for axis in ("x", "y")}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [between]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_held(page, "d > f")


def test_in_the_dark_the_canvas_is_dark(open_page: Open, url: str) -> None:
    page = open_page(viewport={"width": 1000, "height": 800}, color_scheme="dark")
    shown(page, url)
    background = page.get_by_test_id("graph-canvas").evaluate("element => getComputedStyle(element).backgroundColor")
    assert sum(int(part) for part in re.findall(r"\d+", background)[:3]) < 200
