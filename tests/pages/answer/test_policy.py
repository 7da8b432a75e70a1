"""The policy page: predicts every arm once, then any budget is answered at once, with the library's digits."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import causal
from causal.archive.contents import base_spec
from causal.wording.numbers import NO_UNIT
from causal.wording.policy_comparison import comparison_finding
from pages.ui import answers
from tests.effects.four_arms import draw
from tests.pages import walk

COST = {"blue": 0.0, "green": 1.0, "red": 1.0, "yellow": 5.0}
"""What the page is told in these tests."""


@pytest.fixture(scope="module")
def study():
    """A study whose arms are scored."""
    app = walk.upload(draw(0, 800).to_csv(index=False).encode(), "four_arms.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="arm", outcome="y")
    walk.turned(app, "graph")
    walk.turned(app, "policy")
    walk.calm(app.button("score arms").click().run())
    return answers.store().load(walk.study_id(walk.ended(app))).study


@pytest.fixture
def scored(study):
    """A tab on its page, with nothing chosen there yet."""
    answers.store().save(study, answers.store().load(study.id).revision)
    return walk.opened(study.id, "policy")


@pytest.fixture
def priced(scored):
    """The same, once it is told that an arm costs more."""
    return walk.choose(scored, **{"policy cost yellow": COST["yellow"]})


def policy_by_hand(app, share: float, **asked):
    held = answers.store().load(walk.study_id(app)).study
    table, spec = answers.table_of(held), base_spec(held, "doubly_robust")
    spec = replace(spec, question=replace(spec.question, target="everyone"))
    most = causal.learn_policy(table, spec, **asked).curve.budgets[-1]
    return causal.learn_policy(table, spec, budget=share * most, **asked)


def test_a_budget_is_answered_with_the_librarys_digits(scored) -> None:
    found = policy_by_hand(scored, 0.5)
    assert "the policy" in walk.finding(scored)
    told = next(each for each in scored.metric if each.label == "Per unit, beside today")
    assert f"{found.value.gain:.6g}"[:6] in told.help.replace("\u2212", "-")
    assert len(scored.get("plotly_chart")) == 3


def test_another_budget_asks_nothing_anew_and_is_kept(scored) -> None:
    before = walk.finding(scored)
    walk.calm(walk.widget(scored, "policy budget").set_value(10).run())
    assert walk.finding(scored) != before
    assert not any(each.key in ("score arms", "stop job") for each in scored.button)
    again = walk.opened(walk.study_id(scored), "policy")
    assert walk.finding(again) == walk.finding(scored)


def test_costs_change_who_is_served(scored) -> None:
    before = walk.texts(scored)
    level = next(each.label for each in scored.number_input)
    assert "per unit" in level
    walk.calm(walk.widget(scored, "policy cost yellow").set_value(5.0).run())
    assert walk.texts(scored) != before


def titles(app) -> list[str]:
    """Those of the figures, on one line each."""
    found = [json.loads(each)["layout"]["title"]["text"] for each in walk.figures(app)]
    return [each.replace("<br>", " ").removeprefix("<b>").removesuffix("</b>") for each in found]


def test_it_stands_beside_everyone_alike_with_the_librarys_digits(priced) -> None:
    policy = policy_by_hand(priced, 0.5, cost=COST)
    found = causal.compare_policies(policy, "alike")
    assert comparison_finding(found, {"kind": "alike"}, NO_UNIT) in titles(priced)
    assert found.curves is not None
    table = next(each.value for each in priced.dataframe if "low_at_all_budgets" in each.value)
    assert table["difference"].tolist() == pytest.approx(list(found.curves.differences), rel=1e-12)
    assert table["std_error"].tolist() == pytest.approx(list(found.curves.std_errors), rel=1e-12)


def test_what_it_stands_beside_is_chosen_predicted_for_and_kept(priced) -> None:
    walk.calm(walk.widget(priced, "policy beside").set_value("arms").run())
    assert "Choose the arms that could not be given" in walk.texts(priced)
    walk.calm(walk.widget(priced, "policy beside arms").set_value(["yellow"]).run())
    assert any("doing without yellow" in each for each in titles(priced))
    walk.calm(walk.widget(priced, "policy beside").set_value("columns").run())
    walk.calm(walk.widget(priced, "policy beside columns").set_value(["b"]).run())
    walk.calm(priced.button("predict beside").click().run())
    walk.ended(priced, "stop beside")
    assert any("predicting by b alone" in each for each in titles(priced))
    again = walk.opened(walk.study_id(priced), "policy")
    assert titles(again) == titles(priced)
    policy = policy_by_hand(priced, 0.5, cost=COST)
    other = causal.learn_policy(policy.table, policy.spec, policy.budget, policy.cost, columns=("b",))
    table = next(each.value for each in priced.dataframe if "low_at_all_budgets" in each.value)
    found = causal.compare_policies(policy, other).curves
    assert found is not None
    assert table["difference"].tolist() == pytest.approx(list(found.differences), rel=1e-9, abs=1e-12)


def test_simple_policies_are_met_for_the_same_money(priced) -> None:
    table = next(each.value for each in priced.dataframe if "for_its_money" in each.value)
    assert "each for its own money" in walk.texts(priced)
    walk.calm(walk.widget(priced, "policy money").set_value("same").run())
    assert "For the same money" in walk.texts(priced)
    assert np.isfinite(table["for_its_money"].dropna()).all()
    assert table["cost_in_all"].iloc[0] > 0


def test_rules_are_found_in_the_background(priced) -> None:
    walk.calm(priced.button("find rules").click().run())
    walk.ended(priced)
    assert priced.code[0].value.startswith("if ")
    assert any(title.startswith("By ") and " get " in title for title in titles(priced))
    assert "These rules gain" in walk.texts(priced)
    assert "deciding unit by unit within the budget alone" in walk.texts(priced)


def test_the_file_has_a_row_per_unit(scored) -> None:
    found = policy_by_hand(scored, 0.3)
    told = pd.read_csv(io.BytesIO(answers.policy_file(found, "csv")))
    assert len(told) == len(found.table)
    assert told["arm"].tolist() == [str(each) for each in found.arm_names()]
    assert told["why"].str.contains("predicted to gain").all()
    assert len(pd.read_parquet(io.BytesIO(answers.policy_file(found, "parquet")))) == len(told)


def test_the_table_on_the_page_tells_who_comes_first_and_why(priced) -> None:
    table = next(each.value for each in priced.dataframe if "why" in each.value)
    assert list(table.columns)[-6:] == ["arm", "cost", "predicted_gain", "gain_low", "gain_high", "why"]
    held, by_hand = answers.store().load(walk.study_id(priced)).study, policy_by_hand(priced, 0.5, cost=COST)
    asked = {"spec": by_hand.spec.to_json(), "learner": "linear", "errors": True}
    job = answers.work_about(held, "score arms", asked)
    page = answers.policy(held, job, by_hand.spec, by_hand.budget, COST)
    assert (page.arms == by_hand.arms).all()
    for kind, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        file = read(io.BytesIO(answers.policy_file(page, kind))).set_index("row").loc[table["row"]]
        for name in ("arm", "why", "cost", "predicted_gain", "gain_low", "gain_high"):
            told = file[name].tolist()
            assert table[name].tolist() == (told if name in ("arm", "why") else pytest.approx(told, rel=1e-9)), name
    worth = table["predicted_gain"] / table["cost"]
    assert (worth.diff().dropna() <= 1e-12).all()
    assert "they are no causes" in walk.texts(priced)


@pytest.mark.parametrize("way", ["limits", "variety", "points"])
def test_another_way_of_deciding_is_searched_for_in_the_background(priced, way: str) -> None:
    walk.calm(walk.widget(priced, "policy way").set_value(way).run())
    if way == "limits":
        assert "Set a limit" in walk.texts(priced)
        walk.calm(walk.widget(priced, "policy most yellow").set_value(50).run())
    walk.calm(priced.button("decide otherwise").click().run())
    walk.ended(priced)
    told = walk.texts(priced)
    said = {"limits": "at most 50 units get yellow", "variety": "Variety of arms is", "points": "most points"}[way]
    assert said in told and "With the budget alone" in told
    assert "For the same" in told and "deciding unit by unit within the budget alone" in told
    if way == "limits":
        table = next(each.value for each in priced.dataframe if "why" in each.value)
        assert (table["arm"] == "yellow").sum() <= 50


def test_a_capacity_and_a_guardrail_are_kept_with_the_librarys_digits(tmp_path, monkeypatch, capsys) -> None:
    frame = draw(1, 600).assign(late=lambda each: 0.3 * each.a - 0.4 * (each.arm == "yellow"))
    rng = np.random.default_rng(2)
    frame["late"] += rng.normal(0, 0.5, 600)
    frame["price"] = rng.uniform(0.5, 2.0, 600).round(3)
    content = frame.to_csv(index=False).encode()
    app = walk.upload(content, "guarded.csv")
    held = answers.store().load(walk.study_id(app))
    causes = [(cause, effect) for cause in ("a", "b") for effect in ("arm", "y", "late")]
    graph = causal.CausalGraph.from_edges([*causes, ("arm", "y"), ("arm", "late")])
    question = {"treatment": "arm", "outcome": "y", "control": "blue", "treated": "green", "target": "everyone"}
    answers.store().save(replace(held.study, question=question, graph=graph.to_text("json")), held.revision)
    app = walk.opened(held.study.id, "policy")
    walk.calm(app.button("score arms").click().run())
    walk.ended(app)
    walk.calm(walk.widget(app, "policy costs by unit").set_value(True).run())
    walk.calm(walk.widget(app, "policy cost columns yellow").set_value("price").run())
    walk.calm(walk.widget(app, "policy budget").set_value(60).run())
    walk.calm(walk.widget(app, "policy way").set_value("limits").run())
    walk.calm(walk.widget(app, "policy most yellow").set_value(150).run())
    walk.calm(walk.widget(app, "policy guards").set_value(["late"]).run())
    walk.calm(walk.widget(app, "policy falls late").set_value(0.02).run())
    walk.calm(app.button("decide otherwise").click().run())
    walk.ended(app)
    limits = {"capacities": {"yellow": 150}, "guardrails": {"late": 0.02}}
    cost = {"blue": 0.0, "green": 1.0, "red": 1.0, "yellow": "price"}
    free = policy_by_hand(app, 0.6, cost=cost)
    found = causal.learn_policy(free.table, free.spec, free.budget, cost, **limits)
    gained = next(each for each in app.metric if each.label == "Per unit, beside today")
    assert repr(float(found.value.gain)) in gained.help.replace("\u2212", "-")
    told = walk.plain(walk.texts(app))
    assert "at most 150 units get yellow" in told and '"late" does not fall' in told
    assert f"{found.guards['late'].value:.3g}".replace("-", "\u2212") in told
    assert (found.frame()["arm"] == "yellow").sum() <= 150
    (tmp_path / "guarded.csv").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(next(each.value for each in app.code if "learn_policy" in each.value), {})
    gain, same = capsys.readouterr().out.splitlines()
    assert float(gain.split()[3]) == pytest.approx(found.value.gain, rel=1e-12)
    beside = causal.compare_policies(found, free).for_the_same
    assert beside is not None
    assert float(same.split()[4]) == pytest.approx(beside.value, rel=1e-9)
    table = next(each.value for each in app.dataframe if "policy_less_it" in each.value)
    assert table["policy_less_it"].tolist() == pytest.approx([each.value for each in found.value.gains.values()])


def test_the_policys_units_are_described_each_with_its_arm(priced) -> None:
    table = next(each.value for each in priced.dataframe if "why" in each.value.columns)
    walk.calm(priced.button("describe units").click().run())
    app = walk.opened(walk.study_id(priced), "descriptions")
    walk.calm(walk.widget(app, "descriptions facts").set_value(["a"]).run())
    told = app.dataframe[0].value
    assert list(told["row"]) == list(table["row"][:5])
    assert list(told["arm"]) == list(table["arm"][:5])
    assert f"Row {told['row'][0]} gets {told['arm'][0]}, written by our form." in walk.plain(walk.texts(app))
    walk.calm(walk.widget(app, "descriptions whom").set_value("rows").run())
    told = app.dataframe[0].value
    assert list(told["row"]) == [1, 2, 3, 4, 5]
    assert "arm" not in told.columns
