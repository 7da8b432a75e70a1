"""The page of latent variables: equations from the graph or typed, fitted behind it, with the library's digits."""

from __future__ import annotations

import contextlib
import io
import json
import re

import numpy as np
import pandas as pd
import pytest

import causal
from causal.archive.contents import where_of
from causal.wording import numbers as numbers_of
from pages.ui import answers
from pages.ui.structure_fit import number_marks
from tests.pages import walk
from tests.pages.answer.test_what_if import change, shown

MODEL = "satisfaction =~ clicks + dwell + rating\nsatisfaction ~ match\nstays ~ satisfaction + match"


def rows(n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    match = rng.standard_normal(n)
    satisfaction = 0.6 * match + rng.standard_normal(n)
    shown = satisfaction[:, None] * [1.0, 0.8, 0.6] + rng.standard_normal((n, 3)) * 0.7
    stays = 0.5 * satisfaction + rng.standard_normal(n)
    columns = {"clicks": shown[:, 0], "dwell": shown[:, 1], "rating": shown[:, 2], "match": match, "stays": stays}
    columns["stars"] = np.digitize(shown[:, 2], [-1, -0.3, 0.4, 1.2]) + 1
    return pd.DataFrame(columns).assign(device=rng.choice(["phone", "desk"], n))


@pytest.fixture(scope="module")
def fitted():
    app = walk.upload(rows().to_csv(index=False).encode(), "satisfaction.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="device", outcome="stays")
    walk.turned(app, "graph")
    walk.turned(app, "structure")
    walk.calm(walk.widget(app, "structure text").set_value(MODEL).run())
    walk.calm(app.button("fit structure").click().run())
    return walk.ended(app)


def test_the_coefficients_are_the_librarys(fitted) -> None:
    held = answers.store().load(walk.study_id(fitted)).study
    wanted = causal.fit_sem(answers.table_of(held), MODEL)
    shown = fitted.dataframe[0].value.set_index("parameter")
    assert shown.loc["stays ~ satisfaction", "estimate"] == pytest.approx(
        wanted.coefficient("stays ~ satisfaction").estimate
    )
    assert "explains how the 5 columns hang together" in walk.finding(fitted)
    assert sum('class="graph-picture"' in each.proto.body for each in fitted.get("html")) == 1
    assert len(fitted.get("plotly_chart")) == 2  # arrows, residuals


def test_what_if_is_asked_on_the_page_of_that_name_with_the_librarys_digits(fitted) -> None:
    held = answers.store().load(walk.study_id(fitted)).study
    fit = causal.fit_sem(answers.table_of(held), MODEL, causal.SemOptions(errors="expected"))
    walk.calm(fitted.button("structure what if").click().run())
    walk.turned(fitted, "what_if")
    assert walk.widget(fitted, "what if model").value == "equations"
    assert "Nothing is changed yet" in walk.finding(fitted)
    told = shown(fitted)["nodes"]
    assert set(told) == {*fit.observed, "satisfaction"} and all(each["control"]["modes"] for each in told.values())
    change(fitted, {"satisfaction": {"do": "shift", "value": 2.0}})
    wanted = causal.sem_what_if(fit, {"satisfaction": causal.Shift(2.0)}).node("stays")
    table = next(each.value for each in fitted.dataframe if "mean_before" in each.value.columns).set_index("variable")
    assert table.loc["stays", "difference"] == wanted.difference
    assert (table.loc["stays", "low"], table.loc["stays", "high"]) == wanted.interval()
    assert table.loc["match", "role"] == "as it was"
    assert "With satisfaction shifted by +2, stays would be" in walk.finding(fitted)
    assert "is no column: one unit of it" in walk.plain(walk.texts(fitted))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(script_on_rows(fitted.code[-1].value), {"rows": rows()})
    lines = {line.split()[0]: [float(each) for each in line.split()[1:]] for line in printed.getvalue().splitlines()}
    assert lines["stays"] == [wanted.before, wanted.after, *wanted.interval()]
    scenarios_are_kept(fitted, fit)
    walk.calm(walk.widget(fitted, "what if model").set_value("columns").run())
    assert "satisfaction is no column" in walk.plain(walk.texts(fitted)) and not fitted.get("bidi_component")
    walk.calm(walk.widget(fitted, "what if model").set_value("equations").run())
    assert shown(fitted)["changes"] == {"satisfaction": {"do": "shift", "value": 2.0}}
    walk.calm(fitted.button("present").click().run())
    assert [each.key for each in fitted.button] == ["leave"] and shown(fitted)["present"] is True
    assert "With satisfaction shifted by +2" in walk.finding(fitted)
    walk.calm(fitted.button("leave").click().run())
    walk.answered(fitted)
    walk.turned(fitted, "report")
    assert "#### Scenarios by the structural equations" in walk.texts(fitted)
    table = next(each.value for each in fitted.get("table"))
    assert table["Scenario"].tolist() == ["Happier"]
    walk.turned(fitted, "structure")


def scenarios_are_kept(app, fit) -> None:
    """More satisfaction and more match: saved, side by side, one beside the other; apart from the columns' own."""
    for name, variable in (("Better match", "match"), ("Happier", "satisfaction")):
        change(app, {variable: {"do": "shift", "value": 2.0}})
        walk.widget(app, "scenario name").set_value(name)
        walk.calm(app.button("save scenario").click().run())
    view = answers.store().load(walk.study_id(app)).study.view
    assert [each["name"] for each in view["structure scenarios"]] == ["Better match", "Happier"]
    assert "scenarios" not in view
    walk.calm(walk.widget(app, "structure scenario compared with").set_value("Better match").run())
    told = next(each.value for each in app.dataframe if "compared with" in each.value.columns).iloc[0]
    changes = {name: {name: causal.Shift(2.0)} for name in ("satisfaction", "match")}
    node = causal.sem_what_if(fit, changes["satisfaction"], against=changes["match"]).node("stays")
    assert (told["scenario"], told["difference"], told["low"]) == ("Happier", node.difference, node.interval()[0])
    walk.calm(app.button("delete scenario 0").click().run())


def script_on_rows(script: str) -> str:
    """The script with the rows at hand in the place of the uploaded file."""
    reading = [line for line in script.splitlines() if line.startswith(("log =", "recipe ="))]
    assert len(reading) == 2 and "satisfaction.csv" in reading[0]
    kept = [line for line in script.splitlines() if line not in reading]
    return "\n".join(kept).replace("table = causal.build_units(log, recipe)", "table = rows")


@pytest.mark.parametrize(
    ("button", "column", "sentence"),
    [
        ("hold out structure", "model_less_plain", "On rows not seen|Of all columns together"),
        ("refit structure", "corrected_low", "refits on rows drawn with replacement"),
        ("draw structure", "r_hat", "Held likely beforehand"),
    ],
)
def test_further_work_is_shown_once_it_is_asked_for(fitted, button, column, sentence) -> None:
    if button == "refit structure":
        walk.calm(walk.widget(fitted, "structure samples").set_value(200).run())
    walk.calm(fitted.button(button).click().run())
    walk.ended(fitted, stop=f"stop {button}")
    assert any(column in each.value.columns for each in fitted.dataframe)
    assert re.search(sentence, walk.plain(walk.texts(fitted)))
    assert not any(each.key == button for each in fitted.button)


def test_scores_go_with_the_table(fitted) -> None:
    held = answers.store().load(walk.study_id(fitted)).study
    fit = causal.fit_sem(answers.table_of(held), MODEL)
    told = pd.read_parquet(io.BytesIO(answers.structure_file(held, fit)))
    assert len(told) == 500
    assert np.corrcoef(told.satisfaction, told.clicks)[0, 1] > 0.7


def test_the_questions_filter_chooses_the_units(fitted) -> None:
    walk.turned(fitted, "question")
    walk.calm(fitted.button("add condition").click().run())
    walk.turned(fitted, "structure")
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    held = answers.store().load(walk.study_id(fitted)).study
    (condition,) = where_of(held)
    table = answers.table_of(held).frame
    some = table[table[condition.column] >= condition.value].reset_index(drop=True)
    fit = causal.fit_sem(some, MODEL)
    assert fit.n < 500 and f"{fit.n} rows used where {condition.column} is at least" in walk.plain(walk.texts(fitted))
    walk.turned(fitted, "what_if")
    change(fitted, {"match": {"do": "shift", "value": 1.0}})
    told = next(each.value for each in fitted.dataframe if "mean_before" in each.value.columns).set_index("variable")
    wanted = causal.sem_what_if(fit, {"match": causal.Shift(1.0)}).node("stays")
    assert (told.loc["stays", "mean_before"], told.loc["stays", "high"]) == (wanted.before, wanted.interval()[1])
    assert "table = frame_inside(table, [{" in fitted.code[-1].value
    walk.turned(fitted, "question")
    walk.calm(next(each for each in fitted.button if str(each.key).startswith("remove condition 0")).click().run())
    walk.turned(fitted, "structure")


def test_groups_ask_anew(fitted) -> None:
    walk.calm(walk.widget(fitted, "structure group").set_value("device").run())
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    assert "Fitted in 2 groups: desk, phone" in walk.plain(walk.texts(fitted))
    walk.calm(walk.widget(fitted, "structure drawn group").set_value("phone").run())
    titles = [json.loads(each)["layout"]["title"]["text"] for each in walk.figures(fitted)]
    assert any("in the group phone" in each for each in titles)
    held = answers.store().load(walk.study_id(fitted)).study
    fit = causal.fit_sem(answers.table_of(held), MODEL, causal.SemOptions(group="device", errors="expected"))
    marks = {tuple(each["edge"]): each["text"] for each in number_marks(fit, "raw", group=1)["numbers"]}
    own = next(each for each in fit.coefficients if each.name == "stays ~ satisfaction" and each.group == 1)
    assert marks["satisfaction", "stays", "directed"].strip("()") == numbers_of.number(own.estimate, digits=2)
    walk.calm(walk.widget(fitted, "structure group").set_value("(none)").run())
    assert walk.finding(fitted)


def test_the_fit_of_the_drawn_graph_stands_on_its_edges(fitted) -> None:
    graph = causal.CausalGraph.parse(MODEL)
    fit = causal.fit_sem(rows(), graph)
    numbers = {tuple(each["edge"]): each["text"] for each in number_marks(fit, "standardised")["numbers"]}
    assert {(cause, effect) for cause, effect, _ in numbers} == set(graph.directed)
    assert numbers["match", "satisfaction", "directed"] == numbers_of.number(
        fit.coefficient("satisfaction ~ match").standardised, digits=2
    )
    raw = {tuple(each["edge"]): each["text"] for each in number_marks(fit, "raw")["numbers"]}
    assert raw["satisfaction", "clicks", "directed"] == "1.0"
    noise = fit_noise()
    assert noise["match", "stays", "directed"].startswith("(")


def fit_noise() -> dict:
    """Of an arrow that does nothing: zero is in its interval."""
    table = rows().assign(stays=np.random.default_rng(4).standard_normal(500))
    return {tuple(each["edge"]): each["text"] for each in number_marks(causal.fit_sem(table, MODEL), "raw")["numbers"]}


def test_groups_are_tested_for_showing_the_latent_variable_alike(fitted) -> None:
    walk.calm(walk.widget(fitted, "structure group").set_value("device").run())
    walk.calm(fitted.button("test invariance").click().run())
    walk.ended(fitted)
    held = answers.store().load(walk.study_id(fitted)).study
    wanted = causal.invariance(answers.table_of(held), MODEL, "device")
    shown = next(each.value for each in fitted.dataframe if "standing" in each.value)
    assert shown.cfi.tolist() == pytest.approx([each.measures.cfi for each in wanted.steps])
    assert "A step holds where CFI falls" in walk.plain(walk.texts(fitted))
    walk.calm(walk.widget(fitted, "structure group").set_value("(none)").run())


def test_columns_of_few_levels_can_be_taken_as_ordered(fitted) -> None:
    stars = MODEL.replace("rating", "stars")
    walk.calm(walk.widget(fitted, "structure text").set_value(stars).run())
    assert walk.widget(fitted, "structure ordered").options == ["stars"]
    walk.calm(walk.widget(fitted, "structure ordered").set_value(["stars"]).run())
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    held = answers.store().load(walk.study_id(fitted)).study
    wanted = causal.fit_sem(answers.table_of(held), stars, causal.SemOptions(ordered=("stars",)))
    coefficients = fitted.dataframe[0].value.set_index("parameter")
    assert coefficients.loc["stars | t2", "estimate"] == pytest.approx(wanted.coefficient("stars | t2").estimate)
    assert "Taken as levels in order, not as quantities: stars" in walk.plain(walk.texts(fitted))
    walk.turned(fitted, "what_if")
    told = shown(fitted)["nodes"]
    assert told["stars"]["control"] is None and told["satisfaction"]["control"] is not None
    change(fitted, {"satisfaction": {"do": "shift", "value": 1.0}})
    scenario = causal.sem_what_if(wanted, {"satisfaction": causal.Shift(1.0)})
    walk.calm(walk.widget(fitted, "structure looked at").set_value("stars").run())
    shares = next(each.value for each in fitted.dataframe if "value" in each.value.columns)
    assert shares["after"].tolist() == [each.after for each in scenario.node("stars").levels]
    change(fitted, {})
    walk.turned(fitted, "structure")
    walk.calm(walk.widget(fitted, "structure missing").set_value("likelihood").run())
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    assert "used pair by pair, which is right only" in walk.plain(walk.texts(fitted))
    walk.calm(walk.widget(fitted, "structure missing").set_value("leave out").run())
    walk.calm(walk.widget(fitted, "structure ordered").set_value([]).run())
    walk.calm(walk.widget(fitted, "structure text").set_value(MODEL).run())
    assert walk.finding(fitted)


def test_a_text_that_is_no_model_is_said_at_once(fitted) -> None:
    walk.calm(walk.widget(fitted, "structure text").set_value("stays ~ ").run())
    assert "a variable is missing" in walk.errors(fitted)
    walk.calm(walk.widget(fitted, "structure text").set_value(MODEL).run())
    assert walk.finding(fitted)


def test_what_no_data_can_tell_is_refused_by_name(fitted) -> None:
    walk.calm(walk.widget(fitted, "structure text").set_value("stays ~ clicks\nclicks ~ stays").run())
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    assert "No data can tell these parameters" in walk.errors(fitted)
    loop = "stays ~ match + clicks\nclicks ~ stays + stars + dwell"
    walk.calm(walk.widget(fitted, "structure text").set_value(loop).run())
    walk.calm(fitted.button("fit structure").click().run())
    walk.ended(fitted)
    walk.turned(fitted, "what_if")
    assert not fitted.get("bidi_component")
    walk.calm(walk.widget(fitted, "structure what").set_value(["match"]).run())
    walk.calm(walk.widget(fitted, "structure kind match").set_value("set").run())
    walk.calm(walk.widget(fitted, "structure size match").set_value(0.5).run())
    assert "With match set to 0.5" in walk.finding(fitted)
    walk.turned(fitted, "structure")
    walk.calm(fitted.button("structure graph").click().run())
    assert "structure graph" not in [each.key for each in fitted.button]


def test_numbers_of_edges_that_cross_do_not_cover_one_another() -> None:
    from causal.plots.graph_picture import graph_picture

    graph = causal.CausalGraph.parse("f =~ a + b + c\ng =~ d + e + h\ny ~ f + g + a")
    labels = {(cause, effect, "directed"): "(−0.087)" for cause, effect in graph.directed}
    svg = graph_picture(graph, "", labels=labels)
    boxes = re.findall(r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="20" rx="4"', svg)
    places = [tuple(map(float, each)) for each in boxes]
    assert len(places) == len(graph.directed)
    for at, (x, y, width) in enumerate(places):
        assert not any(abs(x - u) < width - 0.2 and abs(y - v) < 19.8 for u, v, _ in places[:at])


def test_what_is_no_column_is_latent_in_a_graph_written_as_an_edge_list() -> None:
    app = walk.upload(rows().to_csv(index=False).encode(), "satisfaction.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="device", outcome="stays")
    walk.turned(app, "graph")
    arrows = ["match -> satisfaction", *(f"satisfaction -> {name}" for name in ("clicks", "dwell", "rating", "stays"))]
    walk.calm(app.text_area[0].set_value("\n".join(arrows)).run())
    walk.turned(app, "what_if")
    assert walk.widget(app, "what if model").value == "columns"
    walk.calm(walk.widget(app, "what if model").set_value("equations").run())
    assert any(each.key == "fit structure" for each in app.button) and "the equations are fitted" in app.info[0].value
    walk.turned(app, "structure")
    assert "satisfaction =~ clicks + dwell + rating + stays" in walk.widget(app, "structure text").value
    assert "device" not in walk.widget(app, "structure text").value
