"""The what-if page: one fit, then every change on the canvas is answered; scenarios are kept; it can be presented."""

from __future__ import annotations

import html
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

import causal
from causal.archive.contents import base_spec, graph_of
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import Set, Shift
from causal.interventions.counterfactual import counterfactual
from causal.interventions.scenario import simulate
from causal.interventions.what_if import WITHOUT_LIMITS
from causal.study import Condition, OutcomeRule
from causal.wording.numbers import Scale, change_text, number
from pages.ui import answers, model_trust, presentation, what_if_state
from tests.pages import walk

CANVAS = "bidi_component"


def events(count: int = 400) -> bytes:
    rng = np.random.default_rng(5)
    age = rng.normal(40, 10, count).round(1)
    device = rng.choice(["desktop", "phone", "tablet"], count)
    treat = (rng.random(count) < 1 / (1 + np.exp(-(age - 40) / 10))).astype(int)
    score = (20 + 3 * treat + 0.2 * age + 2 * (device == "phone") + rng.normal(0, 2, count)).round(2)
    frame = pd.DataFrame({"age": age, "device": device, "treat": treat, "score": score})
    return frame.to_csv(index=False).encode()


def asked(content: bytes):
    app = walk.upload(content, "people.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="treat", outcome="score")
    return walk.turned(walk.turned(app, "graph"), "what_if")


@pytest.fixture(scope="module")
def study_id() -> str:
    """A study with its model."""
    app = asked(events())
    assert "Move any variable of the graph" in app.info[0].value
    walk.calm(app.button("fit model").click().run())
    return walk.study_id(walk.ended(app))


@pytest.fixture
def fitted(study_id: str):
    """A tab of its own on the page."""
    return walk.opened(study_id, "what_if")


def shown(app) -> dict:
    """What the canvas was told."""
    return json.loads(app.get(CANVAS)[0].proto.json)["what_if"]


def change(app, changes: dict):
    """The changes made on the canvas, as the browser tells them."""
    told = {"changes": {"changes": changes, "seq": shown(app)["heard"] + 1}}
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=app.get(CANVAS)[0].proto.id, json_value=json.dumps(told)))
    app._run(states)
    return walk.calm(app)


def held(app):
    return answers.store().load(walk.study_id(app)).study


def simulated(app, changes):
    study = held(app)
    model = answers.structural_model_told(answers.structural_job(study, what_if_state.asked(study)))
    return simulate(model, changes)


def test_the_canvas_shows_today_and_offers_a_control_for_every_variable(fitted) -> None:
    change(fitted, {})
    told = shown(fitted)["nodes"]
    assert set(told) == {"age", "device", "treat", "score"}
    assert all(each["after"] is None and each["control"] for each in told.values())
    assert [each["label"] for each in told["device"]["control"]["levels"]] == ["desktop", "phone", "tablet"]
    ages = told["age"]["control"]["modes"]
    assert ages["set"]["min"] < 30 < 50 < ages["set"]["max"] and set(ages) == {"set", "shift", "scale", "randomise"}
    assert "Nothing is changed yet" in walk.finding(fitted)


def test_a_change_is_answered_with_the_librarys_digits_and_kept(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    found = simulated(fitted, {"treat": Set(1)}).node("score")
    table = next(each.value for each in fitted.dataframe if "role" in each.value.columns)
    row = table[table["variable"] == "score"].iloc[0]
    assert row["difference"] == found.difference and (row["low"], row["high"]) == found.interval(0.95)
    assert "With treat set to 1, score would be" in walk.finding(fitted)
    told = shown(fitted)
    assert told["changes"] == {"treat": {"do": "set", "level": 1}}
    assert told["nodes"]["score"]["direction"] == 1 and told["nodes"]["age"]["after"] is None
    again = walk.opened(walk.study_id(fitted), "what_if")
    assert walk.finding(again) == walk.finding(fitted) and shown(again)["changes"] == told["changes"]


def test_what_lies_beyond_the_data_is_said_beside_the_finding_and_to_stakeholders(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    assert "beyond-the-data" not in walk.texts(fitted)
    change(fitted, {"age": {"do": "scale", "value": 3.0}})
    outside = 'of the units get a "age" outside'
    assert outside in html.unescape(walk.texts(fitted)) and "beyond-the-data" in walk.texts(fitted)
    walk.widget(fitted, "scenario name").set_value("Three times")
    walk.calm(fitted.button("save scenario").click().run())
    assert html.unescape(walk.texts(fitted)).count(outside) == 2
    presented = walk.calm(walk.opened(walk.study_id(fitted), "what_if").button("present").click().run())
    assert html.unescape(walk.texts(presented)).count(outside) == 2
    place = next(i for i, each in enumerate(held(fitted).view["scenarios"]) if each["name"] == "Three times")
    walk.calm(fitted.button(f"delete scenario {place}").click().run())


def test_that_the_model_knows_no_limits_on_extreme_outcomes_is_said_where_some_are_set(fitted, monkeypatch) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    assert WITHOUT_LIMITS not in walk.texts(fitted)
    monkeypatch.setattr(model_trust, "outcome_rule_of", lambda study: OutcomeRule("quantiles", None, 0.99))
    assert WITHOUT_LIMITS in walk.texts(walk.calm(fitted.run()))


def test_another_change_fits_nothing_again(fitted) -> None:
    before = len(answers.jobs_of(held(fitted)))
    change(fitted, {"age": {"do": "shift", "value": 5.0}, "device": {"do": "randomise"}})
    assert what_if_state.changes_of(held(fitted), answers.structural_model_told(job_of(fitted)))["age"] == Shift(5.0)
    assert "device drawn at random" in walk.finding(fitted)
    assert len(answers.jobs_of(held(fitted))) == before


def job_of(app):
    return answers.structural_job(held(app), what_if_state.asked(held(app)))


def test_scenarios_are_saved_compared_renamed_and_deleted(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    walk.widget(fitted, "scenario name").set_value("All treated")
    walk.calm(fitted.button("save scenario").click().run())
    change(fitted, {"treat": {"do": "set", "level": 0}})
    assert walk.widget(fitted, "scenario name").value == ""  # these changes have no name yet
    walk.calm(walk.widget(fitted, "scenario name").set_value("All treated").run())
    assert fitted.button("save scenario").label == "Replace “All treated”"
    walk.widget(fitted, "scenario name").set_value("None *treated*")
    walk.calm(fitted.button("save scenario").click().run())
    assert len(fitted.get("plotly_chart")) == 2 and len(held(fitted).view["scenarios"]) == 2
    again = walk.opened(walk.study_id(fitted), "what_if")
    titles = [json.loads(each)["layout"]["title"]["text"] for each in walk.figures(again)]
    assert "All treated" in walk.texts(again) and "“All treated” raises score most" in titles[1]
    walk.widget(again, "new scenario name 0").set_value("None *treated*")
    walk.calm(again.button("rename scenario 0").click().run())
    assert "Another scenario is called" in walk.errors(again)
    walk.widget(again, "new scenario name 0").set_value("Everyone")
    walk.calm(again.button("rename scenario 0").click().run())
    assert [each["name"] for each in held(again).view["scenarios"]] == ["Everyone", "None *treated*"]
    walk.calm(again.button("open scenario 0").click().run())
    assert shown(again)["changes"] == {"treat": {"do": "set", "level": 1}}
    walk.calm(again.button("delete scenario 1").click().run())
    assert [each["name"] for each in held(again).view["scenarios"]] == ["Everyone"]


def test_scenarios_are_compared_with_one_of_them_and_presented_so(fitted) -> None:
    for name, level in (("All", 1), ("None", 0)):
        change(fitted, {"treat": {"do": "set", "level": level}})
        walk.widget(fitted, "scenario name").set_value(name)
        walk.calm(fitted.button("save scenario").click().run())
    names = [each["name"] for each in held(fitted).view["scenarios"]]
    assert walk.widget(fitted, "scenario compared with").options == ["Today", *(f"“{each}”" for each in names)]
    walk.calm(walk.widget(fitted, "scenario compared with").set_value("None").run())
    node = simulate_against(fitted, {"treat": Set(1)}, {"treat": Set(0)}).node("score")
    title = json.loads(walk.figures(fitted)[1])["layout"]["title"]["text"]
    size = change_text(node.difference, Scale(False), signed=True)
    assert f"raises score most: {size} compared with “None”" in title.replace("<br>", " ")
    table = next(each.value for each in fitted.dataframe if "compared with" in each.value.columns)
    row = table[table["scenario"] == "All"].iloc[0]
    assert (row["difference"], row["low"], row["high"]) == (node.difference, *node.interval(0.95))
    assert row["compared with"] == "None" and row["before"] == node.before and "None" not in set(table["scenario"])
    app = walk.opened(walk.study_id(fitted), "what_if")
    walk.calm(app.button("present").click().run())
    assert not app.selectbox and "Difference from “None”" in str(app.table[0].value.columns.tolist())
    place = names.index("None")
    walk.widget(fitted, f"new scenario name {place}").set_value("Nobody")
    walk.calm(fitted.button(f"rename scenario {place}").click().run())
    assert walk.widget(fitted, "scenario compared with").value == "Nobody"
    walk.calm(fitted.button(f"delete scenario {place}").click().run())
    assert held(fitted).view["scenario compared with"] == ""
    walk.calm(fitted.button(f"delete scenario {names.index('All')}").click().run())


def simulate_against(app, changes, against):
    return simulate(answers.structural_model_told(job_of(app)), changes, against=against)


def test_presented_there_is_no_control_but_the_way_out(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    app = walk.opened(walk.study_id(fitted), "what_if")
    walk.calm(app.button("present").click().run())
    assert app.query_params["present"] in ("1", ["1"])
    assert [each.key for each in app.button] == ["leave"]
    assert not app.selectbox and not app.text_input and not app.get("page_link")
    assert shown(app)["present"] is True and walk.finding(app)
    walk.calm(app.button("leave").click().run())
    assert "present" not in app.query_params and app.get("page_link")


def test_presented_a_graph_too_large_to_be_read_is_drawn_among_what_matters(fitted, monkeypatch) -> None:
    change(fitted, {"age": {"do": "shift", "value": 2.0}})
    monkeypatch.setattr(presentation, "MOST_DRAWN", 3)
    app = walk.opened(walk.study_id(fitted), "what_if")
    assert len(shown(app)["nodes"]) == 4 and "left out of the picture" not in walk.texts(app)
    walk.calm(app.button("present").click().run())
    assert set(shown(app)["nodes"]) == {"age", "treat", "score"}
    assert "1 other variable is in the model and left out of the picture" in walk.texts(app)


def test_the_model_says_how_far_to_trust_it(fitted) -> None:
    walk.calm(walk.widget(fitted, "what if part").set_value("trust").run())
    shown_text = walk.texts(fitted)
    assert "graph not tested" in shown_text and "What every what-if rests on" in shown_text
    table = next(each.value for each in fitted.dataframe if "mechanism" in each.value.columns)
    assert table["variable"].tolist()[-1] == "score"
    walk.calm(walk.widget(fitted, "what if part").set_value("scenarios").run())


def part(app, name: str):
    return walk.calm(walk.widget(app, "what if part").set_value(name).run())


def test_both_roads_are_asked_once_and_their_agreement_is_said(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    part(fitted, "trust")
    walk.ended(fitted, stop="stop compare roads")
    assert "Two roads agree: the graph's own formula" in html.unescape(walk.texts(fitted))
    study = held(fitted)
    table, spec = answers.table_of(study), base_spec(study)
    model = answers.structural_model_told(job_of(fitted))
    found = causal.what_if(table, spec, {"treat": Set(1)}, "score", road="both", model=model)
    assert found.agreement is not None and found.agreement.agrees
    assert change_text(found.difference, False) in walk.plain(walk.texts(fitted))
    part(fitted, "scenarios")
    assert "Two roads agree" in walk.texts(fitted)  # what is known stands under the finding


def test_every_shift_of_a_quantity_has_both_roads_from_what_one_job_keeps(fitted) -> None:
    change(fitted, {"age": {"do": "shift", "value": 2.0}})
    part(fitted, "trust")
    walk.ended(fitted, stop="stop keep the formula")
    study = held(fitted)
    table, spec, model = answers.table_of(study), base_spec(study), answers.structural_model_told(job_of(fitted))
    for amount in (2.0, -3.0):  # the second from what the first left
        change(fitted, {"age": {"do": "shift", "value": amount}})
        found = causal.what_if(table, spec, {"age": Shift(amount)}, "score", road="both", model=model)
        said = html.unescape(walk.plain(walk.texts(fitted)))
        assert f"the graph's own formula ({found.method}" in said
        assert change_text(found.difference, False) in said
        assert found.notes[-1] in said and "In effect" in said
        assert f"Two roads {'agree' if found.agreement.agrees else 'part'}" in said
    part(fitted, "scenarios")
    change(fitted, {"age": {"do": "scale", "value": 1.05}})
    assert "Two roads" in walk.texts(fitted)
    change(fitted, {})


def test_several_levels_at_once_have_both_roads_whatever_the_levels(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}, "device": {"do": "set", "level": 1}})
    part(fitted, "trust")
    walk.ended(fitted, stop="stop keep the formula")
    study = held(fitted)
    table, spec = answers.table_of(study), base_spec(study)
    for place, name in ((1, "phone"), (2, "tablet")):  # the second from what the first left
        change(fitted, {"treat": {"do": "set", "level": 1}, "device": {"do": "set", "level": place}})
        found = causal.what_if(table, spec, {"device": Set(name), "treat": Set(1)}, "score", road="identified")
        said = html.unescape(walk.plain(walk.texts(fitted)))
        assert f"the graph's own formula ({found.method}" in said and "device and treat at once" in said
        assert change_text(found.difference, False) in said
    change(fitted, {})


def test_one_unit_is_told_with_its_bounds_and_without_a_claim(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    part(fitted, "unit")
    walk.calm(walk.widget(fitted, "unit row").set_value(7).run())
    study = held(fitted)
    model, frame = answers.structural_model_told(job_of(fitted)), answers.table_of(study).frame
    found = counterfactual(model, frame.iloc[[6]], {"treat": Set(1)}).rows[-1]
    shown_text = walk.plain(walk.texts(fitted))
    assert found.node == "score" and f"have had score {number(found.counterfactual)}" in shown_text
    assert "Nobody can check this" in shown_text
    change(fitted, {"device": {"do": "randomise"}})
    assert "for one unit that says nothing" in walk.texts(fitted)
    change(fitted, {})
    assert "see what this unit would have done" in walk.texts(fitted)
    part(fitted, "scenarios")


def test_what_no_data_tell_is_said_and_the_picture_stays() -> None:
    app = asked(events(300))
    study = held(app)
    hidden = graph_of(study).to_text("dagitty").replace("}", "treat <-> score\n}")
    found = CausalGraph.parse(hidden)
    answers.store().save(replace(study, graph=found.to_text("json")), answers.store().load(study.id).revision)
    app = walk.opened(study.id)
    app.query_params["present"] = "1"
    walk.turned(app, "what_if")
    assert "Leave the presentation to fit it" in app.info[0].value and [each.key for each in app.button] == ["leave"]
    app = walk.opened(study.id, "what_if")
    walk.calm(app.button("fit model").click().run())
    walk.ended(app)
    assert "✕ not for every variable" in walk.texts(app)
    change(app, {"treat": {"do": "set", "level": 1}})
    assert "no data tell what becomes of score" in walk.finding(app)
    assert shown(app)["nodes"]["score"]["after"] == "cannot be told"
    change(app, {"age": {"do": "shift", "value": 2.0}})
    for name in ("trust", "unit", "scenarios"):
        part(app, name)


def test_a_what_if_can_be_of_some_units(fitted) -> None:
    change(fitted, {"treat": {"do": "set", "level": 1}})
    walk.calm(walk.widget(fitted, "whom column").set_value("device").run())
    walk.calm(walk.widget(fitted, "whom level").set_value("phone").run())
    found = simulate(
        answers.structural_model_told(job_of(fitted)), {"treat": Set(1)}, (Condition("device", "is", "phone"),)
    )
    said = walk.finding(fitted)
    assert said.startswith("With treat set to 1 where device is phone, score would be")
    assert number(found.node("score").after) in said
    walk.calm(walk.widget(fitted, "whom column").set_value("age").run())
    walk.calm(walk.widget(fitted, "whom range").set_value((30.0, 40.0)).run())
    assert "where age is at least 30 and age is at most 40" in walk.finding(fitted)
    change(fitted, {"age": {"do": "set", "value": 50.0}})
    assert "With age set to 50 where age is at least 30" in walk.finding(fitted)
    walk.calm(walk.widget(fitted, "whom column").set_value("score").run())
    assert "Filter by something that they leave alone" in walk.errors(fitted)
    assert "what_if" in json.loads(fitted.get(CANVAS)[0].proto.json)  # the picture stays, to mend it on
    walk.calm(walk.widget(fitted, "whom column").set_value("").run())
    assert " where " not in walk.finding(fitted)


def test_the_report_lists_scenarios_and_its_script_has_their_calls(answered_sample) -> None:
    study = answers.store().load(answered_sample("classic"))
    kept = {"name": "All new", "changes": {"algorithm": {"kind": "set", "value": "new"}}}
    app = walk.opened(study.study.id, "report")
    assert "fit_structural_model" not in app.code[0].value
    copy = answers.store().branch(study.study)
    view = {**copy.study.view, "scenarios": [kept]}
    answers.store().save(replace(copy.study, view=view), copy.revision)
    app = walk.opened(copy.study.id, "report")
    assert "All new: algorithm set to new" in walk.plain(walk.texts(app))
    assert "{'All new': {'algorithm': causal.Set('new')}}" in app.code[0].value


def test_without_units_the_fit_says_what_to_do() -> None:
    frame = pd.read_csv(io.BytesIO(events(60)))
    frame.loc[frame.index[5:], "age"] = None
    app = asked(frame.to_csv(index=False).encode())
    walk.calm(app.button("fit model").click().run())
    walk.ended(app)
    assert "a structural model needs at least 20" in walk.errors(app)
    assert any(each.key == "fit model" for each in app.button)
