"""The arms page: says when it does not apply, compares all levels in the background, and shows the library's digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

import causal
from causal.archive.contents import base_spec
from pages.ui import answers, journey
from tests.effects.four_arms import draw
from tests.pages import walk


def test_two_levels_are_sent_to_the_effect_page(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "arms")
    assert "has two levels" in app.info[0].value
    assert [each.label for each in app.button] == ["See the effect"]
    assert journey.ICONS["aside"]


@pytest.fixture(scope="module")
def compared():
    app = walk.upload(draw(0, 800).to_csv(index=False).encode(), "four_arms.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="arm", outcome="y")
    walk.turned(app, "graph")
    walk.turned(app, "arms")
    app.button("compare arms").click().run()
    return walk.ended(app)


def test_all_arms_are_compared_with_the_librarys_digits(compared) -> None:
    held = answers.store().load(walk.study_id(compared)).study
    found = causal.compare_arms(answers.table_of(held), base_spec(held))
    assert "yellow" in walk.finding(compared)
    shown = compared.dataframe[0].value
    assert shown["mean"].tolist() == pytest.approx([each.mean for each in found.arms], rel=1e-11)
    assert len(compared.get("plotly_chart")) == 2
    assert "Rank 1 is the highest mean" in walk.texts(compared)


def test_another_choice_of_arms_asks_again(compared) -> None:
    walk.calm(walk.widget(compared, "arms chosen").set_value(["blue", "red", "green"]).run())
    assert any(each.key == "compare arms" for each in compared.button)
    walk.calm(walk.widget(compared, "arms chosen").set_value([]).run())
    assert walk.finding(compared)


def test_an_option_of_the_method_is_kept_and_asked_for(compared) -> None:
    walk.calm(walk.widget(compared, "option doubly_robust nuisance").set_value("known").run())
    held = answers.store().load(walk.study_id(compared)).study
    assert held.view["arms options"] == {"doubly_robust": {"nuisance": "known"}}
    assert any(each.key == "compare arms" for each in compared.button)
    walk.calm(walk.widget(compared, "option doubly_robust nuisance").set_value("estimated").run())
    assert walk.finding(compared)


def test_two_treatments_are_crossed(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "arms")
    second = walk.widget(app, "arms second").options[1]
    walk.calm(walk.widget(app, "arms second").set_value(second).run())
    app.button("compare arms").click().run()
    walk.ended(app)
    held = answers.store().load(walk.study_id(app)).study
    spec = replace(base_spec(held), adjust_for=None)
    found = causal.compare_joint_arms(answers.table_of(held), spec, second)
    assert app.dataframe[0].value["mean"].tolist() == pytest.approx([each.mean for each in found.comparison.arms])
    assert "the effect of" in walk.texts(app).lower()
    walk.calm(walk.widget(app, "arms second").set_value("(none)").run())
