"""The what-if page in a browser: a slider on the drawing, the sentence that it changes, a refresh, the presentation."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from causal.archive.store import StudyStore
from causal.archive.study import LogReference
from causal.graphs.causal_graph import CausalGraph

APP = Path(__file__).parents[2] / "app.py"
PATIENCE = 120_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("what if")


@pytest.fixture(scope="module")
def study(folder: Path) -> str:
    rng = np.random.default_rng(8)
    age = rng.normal(40, 10, 300).round(1)
    treat = (rng.random(300) < 1 / (1 + np.exp(-(age - 40) / 10))).astype(int)
    score = (20 + 3 * treat + 0.2 * age + rng.normal(0, 2, 300)).round(2)
    file = io.BytesIO()
    pd.DataFrame({"age": age, "treat": treat, "score": score}).to_parquet(file, index=False)
    store = StudyStore(folder)
    created = store.create_study("People")
    graph = CausalGraph.parse("age -> treat; age -> score; treat -> score")
    made = dataclasses.replace(
        created.study,
        log=LogReference("people.parquet", blob=store.put_blob(file.getvalue(), "parquet")),
        question={"treatment": "treat", "outcome": "score", "target": "everyone", "control": 0, "treated": 1},
        graph=graph.to_text("json"),
    )
    store.save(made, created.revision)
    store.close()
    return made.id


def finding(page: Page):
    return page.get_by_test_id("finding")


def test_a_slider_answers_at_once_survives_a_refresh_and_is_presented(
    page: Page, serve: Callable[..., str], folder: Path, study: str
) -> None:
    url = serve(APP, {"DOABLE_DATA": str(folder)})
    page.goto(f"{url}/what_if?study={study}")
    page.get_by_role("button", name="Fit the model").click(timeout=PATIENCE)
    expect(page.get_by_test_id("what-if-node")).to_have_count(3, timeout=PATIENCE)
    expect(finding(page)).to_contain_text("Nothing is changed yet")
    treat = page.locator('[data-testid="what-if-node"][data-name="treat"]')
    treat.get_by_role("button", name="1", exact=True).click()
    expect(finding(page)).to_contain_text("With treat set to 1, score would be", timeout=PATIENCE)
    age = page.locator('[data-testid="what-if-node"][data-name="age"]')
    age.get_by_test_id("what-if-mode").select_option("shift")
    age.get_by_test_id("what-if-number").fill("3")
    age.get_by_test_id("what-if-number").press("Enter")
    expect(finding(page)).to_contain_text("With age shifted by +3 and treat set to 1", timeout=PATIENCE)
    score = page.locator('[data-testid="what-if-node"][data-name="score"]')
    expect(score).to_have_attribute("data-state", "moved")
    said = finding(page).inner_text()

    page.reload()
    expect(finding(page)).to_have_text(said, timeout=PATIENCE)
    expect(age.get_by_test_id("what-if-number")).to_have_value("3")
    page.get_by_role("button", name="Save the scenario").click()
    expect(page.get_by_text("raises score").first).to_be_visible(timeout=PATIENCE)

    page.get_by_role("button", name="Present", exact=True).click()
    page.wait_for_url("**present=1**")
    expect(page.get_by_role("button", name="Leave the presentation")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("what-if-slider")).to_have_count(0)
    expect(finding(page)).to_have_text(said)
    page.reload()
    expect(finding(page)).to_have_text(said, timeout=PATIENCE)
    page.get_by_role("button", name="Leave the presentation").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=PATIENCE)
