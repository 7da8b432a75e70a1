"""Scenarios that a study keeps: named, one of a name, and never lost to an entry that cannot be read."""

from __future__ import annotations

import json

import pytest

from causal.archive.scenarios import (
    MOST_SCENARIOS,
    SavedScenario,
    renamed_scenario,
    saved_scenarios,
    with_scenario,
    without_scenario,
)
from causal.errors import OptionProblem
from causal.interventions.changes import Randomise, Scale, Set, Shift

CHANGES = {"t": Set("new"), "x": Shift(-1.5), "z": Scale(2.0), "d": Randomise()}


def test_what_is_written_is_read_again() -> None:
    saved = with_scenario((), "  All\nnew ", CHANGES)
    assert saved[0].name == "All new"
    assert saved_scenarios(json.loads(json.dumps([each.to_json() for each in saved]))) == saved


def test_an_entry_that_cannot_be_read_costs_no_other() -> None:
    good = SavedScenario("good", {"t": Set(1)}).to_json()
    bad = [{"name": "no changes"}, {"name": "odd", "changes": {"t": {"kind": "fly"}}}, {"name": "x", "changes": 3}]
    assert [each.name for each in saved_scenarios([*bad, good])] == ["good"]


def test_a_name_belongs_to_one_scenario() -> None:
    saved = with_scenario(with_scenario((), "a", {"t": Set(0)}), "b", {"t": Set(1)})
    again = with_scenario(saved, "a", CHANGES)
    assert [each.name for each in again] == ["a", "b"] and again[0].changes == CHANGES
    with pytest.raises(OptionProblem, match="Another scenario is called “b”"):
        renamed_scenario(saved, "a", "b")
    assert [each.name for each in renamed_scenario(saved, "a", "c")] == ["c", "b"]
    assert [each.name for each in without_scenario(saved, "a")] == ["b"]


def test_what_cannot_be_saved_is_said() -> None:
    with pytest.raises(OptionProblem, match="needs a name"):
        with_scenario((), " \n", CHANGES)
    with pytest.raises(OptionProblem, match="Nothing is changed"):
        with_scenario((), "a", {})
    many = tuple(SavedScenario(str(place), CHANGES) for place in range(MOST_SCENARIOS))
    with pytest.raises(OptionProblem, match="Delete one first"):
        with_scenario(many, "one more", CHANGES)
