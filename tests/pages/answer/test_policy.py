"""The policy page: predicts every arm once, then any budget is answered at once, with the library's digits."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest

import causal
from causal.archive.contents import base_spec
from pages.ui import answers
from tests.effects.four_arms import draw
from tests.pages import walk


@pytest.fixture(scope="module")
def scored():
    app = walk.upload(draw(0, 800).to_csv(index=False).encode(), "four_arms.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    for name, value in {"treatment": "arm", "outcome": "y"}.items():
        if walk.widget(app, name).value != value:
            walk.calm(walk.widget(app, name).set_value(value).run())
    walk.turned(app, "graph")
    walk.turned(app, "policy")
    walk.calm(app.button("score arms").click().run())
    return walk.ended(app)


def policy_by_hand(app, share: float):
    held = answers.store().load(walk.study_id(app)).study
    table, spec = answers.table_of(held), base_spec(held, "doubly_robust")
    spec = replace(spec, question=replace(spec.question, target="everyone"))
    most = causal.learn_policy(table, spec).curve.budgets[-1]
    return causal.learn_policy(table, spec, budget=share * most)


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
    walk.calm(walk.widget(scored, "policy budget").set_value(50).run())
    before = walk.texts(scored)
    level = next(each.label for each in scored.number_input)
    assert "per unit" in level
    walk.calm(walk.widget(scored, "policy cost yellow").set_value(5.0).run())
    assert walk.texts(scored) != before


def test_rules_are_found_in_the_background(scored) -> None:
    walk.calm(scored.button("find rules").click().run())
    walk.ended(scored)
    assert scored.code[0].value.startswith("if ")
    assert "These rules gain" in walk.texts(scored)


def test_the_file_has_a_row_per_unit(scored) -> None:
    found = policy_by_hand(scored, 0.3)
    told = pd.read_csv(io.BytesIO(answers.policy_file(found, "csv")))
    assert len(told) == len(found.table)
    assert told["arm"].tolist() == [str(each) for each in found.arm_names()]
    assert told["why"].str.contains("predicted to gain").all()
    assert len(pd.read_parquet(io.BytesIO(answers.policy_file(found, "parquet")))) == len(told)


def test_the_table_on_the_page_tells_who_comes_first_and_why(scored) -> None:
    table = next(each.value for each in scored.dataframe if "why" in each.value)
    assert list(table.columns)[-6:] == ["arm", "cost", "predicted_gain", "gain_low", "gain_high", "why"]
    worth = table["predicted_gain"] / table["cost"]
    assert (worth.diff().dropna() <= 1e-12).all()
    assert "they are no causes" in walk.texts(scored)


@pytest.mark.parametrize("way", ["limits", "variety", "points"])
def test_another_way_of_deciding_is_searched_for_in_the_background(scored, way: str) -> None:
    walk.calm(walk.widget(scored, "policy way").set_value(way).run())
    if way == "limits":
        assert "Set a limit" in walk.texts(scored)
        walk.calm(walk.widget(scored, "policy most yellow").set_value(50).run())
    walk.calm(scored.button("decide otherwise").click().run())
    walk.ended(scored)
    told = walk.texts(scored)
    said = {"limits": "at most 50 units get yellow", "variety": "Variety of arms is", "points": "most points"}[way]
    assert said in told and "With the budget alone" in told
    if way == "limits":
        table = next(each.value for each in scored.dataframe if "why" in each.value)
        assert (table["arm"] == "yellow").sum() <= 50
