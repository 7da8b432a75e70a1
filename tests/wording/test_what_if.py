"""What-ifs as sentences: they name what was changed, and claim no more than the interval does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.checks.verdict import Verdict
from causal.interventions.changes import Randomise, Scale, Set, Shift
from causal.interventions.scenario import simulate
from causal.interventions.today import scenario_of, today
from causal.wording import structural_model as model_wording
from causal.wording import what_if as wording
from causal.wording.what_if import Told
from tests.interventions.a_model import a_model


@pytest.fixture(scope="module")
def treated() -> Told:
    return Told(simulate(a_model(), {"t": Set(1)}), units={"y": "minutes"})


def test_a_change_is_told_as_a_person_would_write_it() -> None:
    said = {
        "age shifted by +5 years": wording.change_phrase("age", Shift(5.0), "years"),
        "age shifted by −0.25": wording.change_phrase("age", Shift(-0.25)),
        "price scaled by 1.1": wording.change_phrase("price", Scale(1.1)),
        "algorithm set to new": wording.change_phrase("algorithm", Set("new")),
        "n set to 1,200": wording.change_phrase("n", Set(1200)),
        "device drawn at random": wording.change_phrase("device", Randomise()),
    }
    assert all(expected == told for expected, told in said.items())
    three = {"a": Set(1), "b": Scale(2.0), "c": Randomise()}
    assert wording.changes_phrase(three, {}) == "a set to 1, b scaled by 2 and c drawn at random"


def test_the_finding_names_the_change_the_numbers_and_the_interval(treated: Told) -> None:
    said = wording.scenario_finding(treated, "y")
    found = treated.node("y")
    assert said.startswith("With t set to 1, y would be ") and "minutes instead of" in said
    assert found.interval(0.95)[0] > 0 and "95 % interval [" in said
    assert "the share of won at yes would be" in wording.scenario_finding(treated, "won")
    assert "the share of site at app would be" in wording.scenario_finding(treated, "site")
    assert "percentage points" in wording.scenario_finding(treated, "won")
    assert wording.scenario_finding(treated, "x").endswith("x stays as it is: no arrow leads from the change to it.")
    assert wording.scenario_finding(treated, "t").endswith("that is the change itself.")


def test_a_change_within_its_interval_is_no_clear_change() -> None:
    told = Told(simulate(a_model(), {"d": Randomise()}))
    assert "the model sees no clear change in y" in wording.scenario_finding(told, "y")
    assert wording.distribution_title(told, "y").startswith("No clear change in y")
    assert wording.direction(told, "y") == 0


def test_of_two_levels_the_one_that_the_question_names_is_told() -> None:
    scenario = simulate(a_model(), {"t": Set(1)})
    last, first = Told(scenario), Told(scenario, leading={"won": "no"})
    assert wording.value_texts(last, "won")[0] != wording.value_texts(first, "won")[0]
    assert wording.direction(last, "won") == -wording.direction(first, "won") == 1
    assert last.number_of("won").difference == pytest.approx(-first.number_of("won").difference)
    assert last.number_of("won").difference == pytest.approx(scenario.node("won").difference)


def test_cards_say_today_alone_where_nothing_reaches_them(treated: Told) -> None:
    assert wording.value_texts(treated, "x")[1:] == (None, None)
    before, after, shift = wording.value_texts(treated, "t")
    assert after == "100 % at 1" and before.endswith(" %") and shift is not None and shift.startswith("+")
    assert wording.spoken(treated, "x").endswith(" today.")
    assert "interval [" in wording.spoken(treated, "y")
    calm = Told(today(a_model()))
    assert all(wording.value_texts(calm, node.name)[1] is None for node in calm.scenario.nodes)
    assert wording.scenario_rows(calm) == []


def test_what_cannot_be_told_is_not_told() -> None:
    model = a_model()
    hidden = tuple(
        replace(each, confounded_with=("t",), note="A reason.") if each.name in ("y", "site") else each
        for each in model.nodes
    )
    told = Told(scenario_of(replace(model, nodes=hidden), {"t": Set(1)}))
    assert wording.scenario_finding(told, "y") == "With t set to 1, no data tell what becomes of y. A reason."
    today_y, after, shift = wording.value_texts(told, "y")
    assert (after, shift) == ("cannot be told", None) and today_y == wording.value_texts(Told(today(model)), "y")[0]
    for name in ("y", "site", "won", "stars"):
        assert "cannot be told" in wording.distribution_title(told, name)
        assert not told.number_of(name).clear and wording.direction(told, name) == 0
    assert {each["variable"] for each in wording.scenario_rows(told)} == {"the share of t at 1", "m"}


def test_scenarios_side_by_side_are_named_by_what_they_do() -> None:
    model = a_model()
    both = {"all": Told(simulate(model, {"t": Set(1)})), "none": Told(simulate(model, {"t": Set(0)}))}
    assert wording.comparison_title(both, "y").startswith("“all” raises y most: +")
    assert wording.comparison_title({"none": both["none"]}, "y").startswith("“none” lowers y: −")
    assert wording.comparison_title(both, "x") == "No scenario clearly changes x"
    levels = wording.compared(both, "site")
    assert len({each.what for each in levels.values()}) == 1  # the same level in every row
    assert [each["Scenario"] for each in wording.shown_rows(both, "y")] == ["all", "none"]


def test_against_a_scenario_every_sentence_names_it() -> None:
    model = a_model()
    against = Told(simulate(model, {"t": Set(1)}, against={"t": Set(0)}), against="none")
    found = against.number_of("y")
    assert wording.comparison_title({"all": against}, "y").startswith("“all” raises y: +")
    assert wording.comparison_title({"all": against}, "y").endswith(" compared with “none”")
    assert wording.comparison_title({"all": against}, "x") == "The scenario does not clearly differ from “none” in x"
    assert wording.scenario_finding(against, "y").startswith("With t set to 1 instead of “none”, y would be ")
    assert f"instead of {wording.mean_text(found.before, found.scale)}" in wording.scenario_finding(against, "y")
    row = wording.shown_rows({"all": against}, "y")[0]
    assert list(row) == ["Scenario", "What is changed", "y, in “none”", "Then", "Difference from “none”"]
    same = Told(simulate(model, {"t": Set(1)}, against={"t": Set(1)}), against="other")
    assert "no clear difference in y: " in wording.scenario_finding(same, "y")
    assert same.number_of("y").ends == (0, 0)


def test_the_light_of_a_model_follows_its_worst_side() -> None:
    model = a_model()
    assert model_wording.model_verdict(model, None).light == "not_checked"
    hidden = tuple(replace(each, confounded_with=("t",)) if each.name == "y" else each for each in model.nodes)
    told = model_wording.model_verdict(replace(model, nodes=hidden), None)
    assert told == Verdict("structural model", "failed", told.sentence)
    assert told.sentence.startswith("y shares a hidden")
    poor = tuple(replace(each, loss=2.0, loss_of_mean=1.0) if each.name == "m" else each for each in model.nodes)
    assert model_wording.model_verdict(replace(model, nodes=poor), None).light == "attention"
    assert len(model_wording.mechanism_rows(model)) == len(model.nodes)
