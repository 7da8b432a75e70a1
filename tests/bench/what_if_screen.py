"""How long a person waits for a what-if at a million units: the verb alone, and from a slider's release to the screen.

A page is timed in the browser itself: from the release of the key that moves a slider on a card to the moment at which
the finding, the cards and the figure have all changed. The machine's load at the time is in the output.

Run: python -m tests.bench.what_if_screen [units] [runs] > tests/bench/what_if_screen.json
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Locator, Page, sync_playwright

from causal.archive.store import StudyStore
from causal.archive.study import LogReference
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import Randomise, Scale, Set, Shift
from causal.interventions.scenario import simulate
from causal.interventions.structural_model import StructuralModel
from causal.study import Question
from tests.bench.screen import CHROMIUM, FLAGS, idle, start

GRAPH = """age -> device; age -> algorithm; device -> algorithm; age -> minutes; algorithm -> minutes;
minutes -> clicks; algorithm -> clicks; device -> clicks; clicks -> bought; minutes -> bought; algorithm -> returned;
bought -> returned"""
CHANGES = {
    "set": {"algorithm": Set("new")},
    "shift": {"age": Shift(5.0)},
    "scale": {"minutes": Scale(1.1)},
    "randomise": {"device": Randomise()},
    "all four": {"algorithm": Set("new"), "age": Shift(5.0), "minutes": Scale(1.1), "device": Randomise()},
}
CHANGED = """before => {
    const said = [...document.querySelectorAll('[data-testid=finding]')].at(-1)?.innerText;
    const title = document.querySelector('.js-plotly-plot .gtitle')?.textContent;
    const desk = [...document.querySelectorAll('*')].find((each) => each.shadowRoot?.querySelector('.what-if'));
    const busy = desk?.shadowRoot.querySelector('.what-if').getAttribute('aria-busy');
    const done = said && said !== before.said && title !== before.title && busy === 'false';
    return done ? performance.now() : null;
}"""
BEFORE = """() => {
    const released = (event) => { window.releasedAt = performance.now(); };
    document.addEventListener('keyup', released, {capture: true, once: true});
    return {
        said: [...document.querySelectorAll('[data-testid=finding]')].at(-1).innerText,
        title: document.querySelector('.js-plotly-plot .gtitle').textContent,
    };
}"""


def draw(count: int, seed: int = 0) -> pd.DataFrame:
    """Users of a shop: seven columns of every kind."""
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 12, count).clip(16, 90).round()
    device = np.where(rng.random(count) < 1 / (1 + np.exp((age - 40) / 10)), "phone", "desktop")
    device = np.where(rng.random(count) < 0.15, "tablet", device)
    new = rng.random(count) < 1 / (1 + np.exp(-(0.02 * (age - 40) + 0.3 * (device == "phone"))))
    minutes = (20 + 4 * new - 0.1 * (age - 40) + rng.normal(0, 6, count)).round(2)
    clicks = (2 + 0.3 * minutes + 2 * new + (device == "phone") + rng.normal(0, 3, count)).round(2)
    bought = rng.random(count) < 1 / (1 + np.exp(-(-4 + 0.15 * clicks + 0.05 * minutes)))
    returned = rng.random(count) < np.where(bought, 0.2 - 0.05 * new, 0.0)
    columns = {"age": age, "device": device, "algorithm": np.where(new, "new", "old"), "minutes": minutes}
    return pd.DataFrame({**columns, "clicks": clicks, "bought": bought.astype(int), "returned": returned.astype(int)})


def make_study(folder: str, count: int) -> str:
    """The id of a study of so many units, with its question and its graph."""
    store = StudyStore(Path(folder))
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        draw(count).to_parquet(file.name, index=False)
        blob = store.put_blob(Path(file.name), "parquet")
    created = store.create_study("A million users")
    question = dataclasses.asdict(Question("algorithm", "bought", control="old", treated="new"))
    question.pop("unit", None)
    study = dataclasses.replace(
        created.study,
        log=LogReference("users.parquet", blob=blob),
        question=question,
        graph=CausalGraph.parse(GRAPH).to_text("json"),
    )
    store.save(study, created.revision, "Made for a bench")
    store.close()
    return study.id


def kept_model(folder: str) -> StructuralModel:
    """The model that the page's own job has kept."""
    from causal.jobs.table import jobs_of_study

    store = StudyStore(Path(folder))
    job = next(
        each for entry in store.list_studies() for each in jobs_of_study(store, entry.id) if each.state == "done"
    )
    told = job.outcomes[0]
    model = StructuralModel.from_arrays(store.get_arrays(told["blob"]), told["facts"])
    store.close()
    return model


def verbs(model: StructuralModel, runs: int) -> dict[str, float]:
    """Median milliseconds of each kind of change."""
    found = {}
    for name, changes in CHANGES.items():
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            simulate(model, changes)
            times.append(time.perf_counter() - began)
        found[name] = round(1000 * statistics.median(times), 1)
    return found


def round_trip(page: Page, slider: Locator, key: str) -> float:
    """Milliseconds from the release of a slider's key to a screen on which everything has changed."""
    slider.focus()
    before = page.evaluate(BEFORE)
    slider.press(key)
    ended = page.wait_for_function(CHANGED, arg=before, polling=5).json_value()
    return float(ended) - float(page.evaluate("window.releasedAt"))


def main(units: int, runs: int) -> None:
    report: dict[str, object] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "units": units,
        "variables": 7,
        "runs": runs,
    }
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        study = make_study(folder, units)
        process, url, _ = start(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{url}/what_if?study={study}")
        page.get_by_role("button", name="Fit the model").click(timeout=120_000)
        began = time.perf_counter()
        page.get_by_test_id("what-if-canvas").wait_for(timeout=900_000)
        report["fit_seconds"] = round(time.perf_counter() - began, 1)
        idle(page)
        page.wait_for_timeout(3_000)
        report["load_before"] = [round(each, 2) for each in os.getloadavg()]
        report["verb_ms_median"] = verbs(kept_model(folder), runs)
        for name in ("age", "minutes"):
            slider = page.locator(f'[data-name="{name}"]').get_by_test_id("what-if-slider")
            keys = ["PageUp", *["ArrowRight"] * runs]
            times = [round_trip(page, slider, key) for key in keys][1:]
            report[f"screen_ms_{name}"] = {
                "median": round(statistics.median(times)),
                "least": round(min(times)),
                "most": round(max(times)),
            }
            page.get_by_test_id("what-if-reset-all").click()
            page.get_by_text("Nothing is changed yet").wait_for()
            idle(page)
        report["load_after"] = [round(each, 2) for each in os.getloadavg()]
        browser.close()
        process.terminate()
        process.wait()
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000,
        int(sys.argv[2]) if len(sys.argv) > 2 else 9,
    )
