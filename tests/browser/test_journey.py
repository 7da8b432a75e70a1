"""The whole way in a browser: from a dirty file to an answer, a what-if, a refresh, and a server that is killed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pandas as pd
import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

import causal
from causal.archive.contents import specs_of
from causal.archive.store import StudyStore
from causal.archive.study import LogReference, Study
from causal.logs.samples import sample_named
from causal.logs.units import UnitRecipe
from tests.browser.conftest import until

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "app.py"
NAME, USER, AGE, REGION, TREATMENT, OUTCOME = (
    "küche (v2).csv",
    "User ID",
    "Age (years)",
    "Région",
    "New algo?",
    "Watch min",
)
PAGES = {
    "Studies": "",
    "Log": "log",
    "Columns": "columns",
    "Question": "question",
    "Graph": "graph",
    "Suggest a graph": "suggest",
    "Graph versions": "versions",
    "Effect": "effect",
    "What if": "what_if",
    "Trust ledger": "ledger",
    "Balance": "balance",
    "Overlap": "overlap",
    "Graph and data": "graph_fit",
    "Report": "report",
}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journey")


@pytest.fixture(scope="module")
def url(serve: Callable[..., str], folder: Path) -> str:
    return serve(SCRIPT, {"DOABLE_DATA": str(folder)})


def dirty_file() -> bytes:
    """900 users, a byte order mark, odd names, a few values missing, and an effect of 4."""
    rng = np.random.default_rng(7)
    age = rng.normal(40, 12, 900).round()
    region = rng.choice(["nord", "süd"], 900)
    chosen = rng.random(900) < 1 / (1 + np.exp(-(age - 40) / 12 - 0.5 * (region == "nord")))
    minutes = (20 + age / 2 + 4 * chosen + 3 * (region == "nord") + rng.normal(0, 5, 900)).round(1)
    table = pd.DataFrame(
        {
            USER: [f"u{number:04d}" for number in range(900)],
            AGE: age,
            REGION: region,
            TREATMENT: np.where(chosen, "yes", "no"),
            OUTCOME: minutes,
        }
    ).astype({AGE: object})
    table.loc[[5, 77, 500], AGE] = ""
    table.loc[[9, 640], REGION] = ""
    return b"\xef\xbb\xbf" + table.to_csv(index=False).encode()


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def finding(page: Page) -> Locator:
    return page.get_by_test_id("finding")


def go(page: Page, title: str, path: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    page.wait_for_url(f"**/{path}?study=*")
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Chooses by clicking: opens the list of a select box, and clicks the option."""
    box = page.get_by_test_id("stSelectbox").filter(has=page.get_by_text(label, exact=True)).get_by_role("combobox")
    if box.input_value() == option:
        return
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option)
    settle(page)


def node(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="graph-node"][data-name={json.dumps(name)}]')


def draw(page: Page, source: str, target: str) -> None:
    """Drags from the dot at the right of one card to the middle of another, once the view is still."""
    page.get_by_role("heading", name="Graph").scroll_into_view_if_needed()
    start_dot = node(page, source).get_by_test_id("graph-dot-right")
    before = None
    for _ in range(50):
        now = start_dot.bounding_box()
        if now is not None and now == before:
            break
        before = now
        page.wait_for_timeout(100)
    start, end = start_dot.bounding_box(), node(page, target).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] + 30, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=3)
    page.mouse.up()


def study_in(page: Page, folder: Path) -> Study:
    (study_id,) = parse_qs(urlparse(page.url).query)["study"]
    return StudyStore(folder).load(study_id).study


def digits(page: Page, metric: int) -> list[float]:
    """Every number in the tooltip of a metric."""
    page.mouse.move(0, 0)
    expect(page.get_by_test_id("stTooltipContent")).to_have_count(0)
    page.get_by_test_id("stMetric").nth(metric).get_by_test_id("stTooltipIcon").hover()
    said = page.get_by_test_id("stTooltipContent").inner_text().replace("−", "-")
    return [float(each) for each in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", said)]


def test_from_a_dirty_file_to_a_what_if_that_survives_a_refresh(open_page: Open, url: str, folder: Path) -> None:
    page = open_page(viewport={"width": 1366, "height": 900})
    page.goto(url)
    button(page, "Start with a log").click()
    page.wait_for_url("**/log")
    content = dirty_file()
    page.locator("input[type=file]").set_input_files({"name": NAME, "mimeType": "text/csv", "buffer": content})
    expect(finding(page)).to_have_text("900 rows and 5 columns are read.")
    expect(page.get_by_text(re.compile("things? to know about this log"))).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(5)

    button(page, "Check the columns").click()
    expect(finding(page)).to_contain_text("5 columns take part")
    expect(page.get_by_text("rows.").first).to_be_visible()
    button(page, "Ask the question").click()
    expect(button(page, "Draw the graph")).to_be_visible()
    settle(page)
    for label, option in (("the treatment", TREATMENT), ("from", "no"), ("to", "yes"), ("the outcome", OUTCOME)):
        choose(page, label, option)
    expect(page.locator(".doable-sentence")).to_have_text(
        f"Does {TREATMENT}, from no to yes, change {OUTCOME}, for everyone?"
    )

    button(page, "Draw the graph").click()
    expect(page.get_by_test_id("graph-node")).to_have_count(4)
    arrows = [(TREATMENT, OUTCOME), (AGE, TREATMENT), (REGION, TREATMENT), (REGION, OUTCOME)]
    area = page.get_by_label("The graph as text", exact=True)
    area.fill(
        "\n".join(f"{json.dumps(a, ensure_ascii=False)} -> {json.dumps(b, ensure_ascii=False)}" for a, b in arrows)
    )
    area.press("Control+Enter")
    settle(page)
    button(page, "Use this text").click()
    reading = page.locator(".st-key-graph-reading")
    expect(reading).to_contain_text("Identified by adjustment")
    expect(reading).to_contain_text(f"Adjust for: {REGION}")
    expect(page.get_by_test_id("graph-edge")).to_have_count(4)
    draw(page, AGE, OUTCOME)
    expect(reading).to_contain_text(f"Adjust for: {AGE}, {REGION}")

    button(page, "Get the effect").click()
    button(page, "Answer").click()
    expect(button(page, "Everything is answered")).to_be_visible()
    page.get_by_test_id("stButtonGroup").filter(has_text="The answer to show").get_by_text("Weighting").click()
    expect(finding(page)).to_contain_text("seems to raise Watch min by")
    settle(page)
    expect(page.locator(".js-plotly-plot").first).to_contain_text("Weighting by propensity")
    study = study_in(page, folder)
    spec = next(each for each in specs_of(study) if each.method == "weighting")
    table = causal.build_units(causal.read_log(content, name=NAME), UnitRecipe.from_json(dict(study.recipe or {})))
    estimate = causal.answer(table, spec).estimate
    until(lambda: digits(page, 0) == pytest.approx([estimate.effect], rel=1e-11))
    until(
        lambda: digits(page, 1) == pytest.approx([*estimate.interval(spec.confidence), estimate.std_error], rel=1e-11)
    )

    button(page, "See whether to trust it").click()
    expect(finding(page)).to_contain_text("Not yet checked: ")
    button(page, "Check the balance").click()
    expect(finding(page)).to_contain_text("After adjustment")
    go(page, "What if", "what_if")
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(finding(page)).to_contain_text("53 %")
    settle(page)
    said = finding(page).inner_text()
    page.reload()
    expect(finding(page)).to_have_text(said)
    other = open_page(viewport={"width": 1366, "height": 900})
    other.goto(page.url)
    expect(finding(other)).to_have_text(said)
    expect(other.get_by_role("slider")).to_have_value("53")


def slow_study(folder: Path) -> Study:
    """A study whose answer takes far over a minute: a bootstrap of a stock method that matches."""
    sample = sample_named("classic")
    store = StudyStore(folder)
    created = store.create_study("Slow", "made")
    fields: dict[str, Any] = {
        "log": LogReference(sample.name, sample=True),
        "recipe": sample.recipe.to_json(),
        "question": dict(sample.question),
        "graph": causal.CausalGraph.parse(sample.graph_text).to_text("json"),
        "specs": ({"method": "dowhy:backdoor.propensity_score_matching", "options": {"replicates": 1000}},),
    }
    document = {**created.study.to_json(), **fields, "log": vars(fields["log"])}
    return store.save(Study.from_json(document), created.revision, "asked").study


def test_long_work_shows_its_progress_and_stops_long_before_its_end(open_page: Open, url: str, folder: Path) -> None:
    page = open_page(viewport={"width": 1366, "height": 900})
    page.goto(f"{url}/effect?study={slow_study(folder).id}")
    button(page, "Answer").click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("fitting")
    page.reload()
    expect(page.get_by_test_id("stProgress")).to_contain_text("fitting")
    settle(page)
    button(page, "Stop").click()
    page.wait_for_function("() => !document.querySelector('[data-testid=stProgress]')")
    expect(button(page, "Answer")).to_be_enabled()
    expect(page.get_by_text(re.compile("[Ss]topped"))).to_be_visible()


def test_a_killed_server_leaves_no_worker_and_every_revision(
    open_page: Open, start_server: Callable[..., Any], tmp_path: Path
) -> None:
    study = slow_study(tmp_path)
    process, address = start_server(SCRIPT, {"DOABLE_DATA": str(tmp_path)})
    page = open_page(viewport={"width": 1366, "height": 900})
    page.goto(f"{address}/effect?study={study.id}")
    button(page, "Answer").click()
    expect(page.get_by_test_id("stProgress")).to_contain_text("fitting")
    page.goto("about:blank")
    workers = psutil.Process(process.pid).children(recursive=True)
    before = StudyStore(tmp_path).load(study.id)
    assert workers
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    assert StudyStore(tmp_path).load(study.id) == before


def test_several_methods_are_chosen_without_opening_the_choice_again(open_page: Open, url: str) -> None:
    page = open_page(viewport={"width": 1200, "height": 844})
    page.goto(url)
    button(page, "Open this sample").first.click()
    page.wait_for_url("**/log?study=*")
    go(page, "Effect", "effect")
    page.get_by_text("Choose the methods · 3 of").click()
    for count, method in ((4, "Matching"), (5, "Overlap weighting")):
        page.get_by_test_id("stCheckbox").filter(has_text=method).first.click()
        expect(page.get_by_text(f"Choose the methods · {count} of")).to_be_visible()
        settle(page)
    expect(page.get_by_test_id("stCheckbox").filter(has_text="Entropy balancing")).to_be_visible()


def test_no_page_scrolls_sideways_on_a_phone(open_page: Open, url: str) -> None:
    desktop, phone = {"width": 1200, "height": 844}, {"width": 390, "height": 844}
    page = open_page(viewport=desktop)
    page.goto(url)
    button(page, "Open this sample").first.click()
    page.wait_for_url("**/log?study=*")
    go(page, "Effect", "effect")
    button(page, "Answer").click()
    expect(button(page, "Everything is answered")).to_be_visible()
    for title, path in PAGES.items():
        go(page, title, path)
        page.set_viewport_size(phone)
        expect(page.locator("h2").first).to_be_visible()
        page.wait_for_function(
            """() => innerWidth === 390 && [document.documentElement, document.querySelector('[data-testid=stMain]')]
                .every((each) => each.scrollWidth <= each.clientWidth)""",
        )
        page.set_viewport_size(desktop)


def test_the_app_is_ready_to_be_watched(url: str) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{url}/api/ready", timeout=10) as answer:
        assert json.load(io.TextIOWrapper(answer))["ready"] is True
