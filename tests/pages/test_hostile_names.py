"""Column names that want to be more than names: they are shown as they are, on every page."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import specs_of
from causal.archive.study import Study
from pages.ui import answers
from tests.pages import walk

TREATMENT = "<img src=x onerror=alert(7)>"
OUTCOME = "![pic](http://evil.example/t.png)"
COVARIATES = [
    "$\\frac{7}{8}$",
    "[go](http://evil.example)",
    ":red[x] :material/home:",
    "quo\"te's `tick`",
    "😀 emoji",
    "x" * 300,
    "propensity_score",
    "=cmd|' /C calc'!A0",
    "a;drop table study--",
    "<b>bold</b>",
    "**strong** _it_",
]
MARKED = [TREATMENT, OUTCOME, *(each for each in COVARIATES if each not in ("😀 emoji", "x" * 300))]
"""Names that Markdown, HTML or LaTeX would change; `propensity_score` has an underscore, which Markdown may take."""


def log() -> bytes:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(len(COVARIATES), 500)).round(3)
    treated = (rng.random(500) < 1 / (1 + np.exp(-columns[0] / 2))).astype(int)
    outcome = (columns.sum(axis=0) + treated).round(3)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([TREATMENT, OUTCOME, *COVARIATES])
    writer.writerows(zip(treated, outcome, *columns, strict=True))
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def study() -> str:
    app = walk.upload(log(), "<i>events</i> ![x](http://evil.example).csv")
    walk.turned(walk.turned(app, "columns"), "question")
    for name, value in (("treatment", TREATMENT), ("outcome", OUTCOME)):
        if walk.widget(app, name).value != value:
            walk.calm(walk.widget(app, name).set_value(value).run())
    walk.turned(app, "graph")
    walk.answered(app)
    assert not walk.errors(app)
    return walk.study_id(app)


def with_methods(study_id: str, *names: str) -> None:
    held = answers.store().load(study_id)
    changed = held.study.to_json() | {"specs": [{"method": name, "options": None} for name in names]}
    answers.store().save(Study.from_json(changed), held.revision, "methods")


NOT_OF_THE_TREATMENT = ("text", "studies", "units", "log_report", "accuracy", "impact")


def check_names(app: AppTest, page: str) -> None:
    for text in walk.markdown(app):
        for name in MARKED:
            assert name not in text, (page, text)
    for kind, _, text in walk.fields(app):
        if kind == "html":
            text = text.replace('<img class="graph-picture" alt="', "")  # our own: a drawing with its words
            assert "<img" not in text and "<b>" not in text and "<i>" not in text, (page, text)


def test_what_ifs_of_such_names_are_legible(study: str) -> None:
    held = answers.store().load(study)
    changes = {TREATMENT: {"kind": "set", "value": 1}, COVARIATES[0]: {"kind": "shift", "amount": 1.0}}
    scenarios = [{"name": name[:60], "changes": changes} for name in (MARKED[3], MARKED[-1])]
    view = {**held.study.view, "what if changes": changes, "scenarios": scenarios}
    answers.store().save(replace(held.study, view=view), held.revision)
    app = walk.opened(study, "what_if")
    walk.ended(walk.calm(app.button("fit model").click().run()))
    for part in ("scenarios", "unit", "share", "trust"):
        walk.calm(walk.widget(app, "what if part").set_value(part).run())
        check_names(walk.ended(app, stop="stop compare roads"), part)
    check_names(walk.calm(app.button("present").click().run()), "presented")


def test_no_name_is_read_as_markdown_or_html_and_all_are_legible(study: str) -> None:
    app = walk.opened(study)
    for page in walk.PAGES:
        check_names(walk.turned(app, page), page)
        assert page in NOT_OF_THE_TREATMENT or "onerror=alert(7)" in walk.plain(walk.texts(app)), page


@pytest.mark.parametrize("part", ["sets", "ways", "steps", "alike", "variables", "pair"])
def test_no_name_is_read_as_markdown_in_any_part_of_the_graphs_reading(study: str, part: str) -> None:
    app = walk.opened(study, "graph")
    walk.calm(walk.widget(app, "graph part").set_value(part).run())
    for text in walk.markdown(app):
        if text.startswith("$$\n") and text.endswith("\n$$"):  # a formula of one line, in which a name is LaTeX
            assert "\n" not in text[3:-3] and "$" not in text[3:-3].replace("\\$", "")
            continue
        for name in MARKED:
            assert name not in text, text


def test_every_name_is_adjusted_for(study: str) -> None:
    held = answers.store().load(study).study
    analysis = answers.known(held, specs_of(held)[0])
    assert set(analysis.adjust_for) == {*COVARIATES} - {"propensity_score"}  # taken for a logged propensity


def test_a_refusal_that_names_a_column_is_shown_as_it_is(study: str) -> None:
    app: AppTest = walk.opened(study, "graph")
    text = walk.widget(app, "graph text")
    text.set_value(f'"{COVARIATES[9]}" -> "{COVARIATES[10]}"\n"{COVARIATES[10]}" -> "{COVARIATES[9]}"').run()
    app.button[[each.label for each in app.button].index("Use this text")].click().run()
    walk.calm(app)
    assert "<b>" in walk.errors(app) or "Line" in walk.errors(app)
    assert all("<b>bold</b>" not in each and "**strong**" not in each for each in walk.markdown(app))
