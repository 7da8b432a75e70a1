"""What was computed from after the anchor is never adjusted for, whoever asks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import CovariateProblem
from causal.logs.event_recipe import EventColumns, EventRecipe, Measure
from causal.logs.time_range import TimeRange, after, before
from causal.logs.unit_table import UnitTable
from causal.logs.units import UnitRecipe, build_units

QUESTION = causal.Question("arm", "spent", control="a", treated="b")


def events() -> bytes:
    rng = np.random.default_rng(3)
    rows = ["user,time,kind,arm,money,country"]
    for user in range(200):
        arm = "ab"[user % 2]
        for day in sorted(rng.integers(0, 20, 12)):
            kind = "start" if day >= 10 else "visit"
            time = f"2024-01-{day + 1:02d} {rng.integers(24):02d}:00:00"
            rows.append(f"u{user},{time},{kind},{arm},{rng.integers(9)},DE{user % 3}")
    return "\n".join(rows).encode()


RECIPE = UnitRecipe(
    events=EventRecipe(
        EventColumns("user", "time", "kind"),
        anchor=causal.Anchor("first of a kind", ("start",)),
        treatment=Measure("value", column="arm"),
        outcomes=(Measure("sum", after(5), column="money", name="spent"),),
        covariates=(
            Measure("count", before(7), name="visits"),
            Measure("count", TimeRange(-86_400, 86_400), name="around"),
            Measure("attribute", column="country"),
        ),
    )
)


@pytest.fixture(scope="module")
def table() -> UnitTable:
    return build_units(causal.read_log(events()), RECIPE)


def spec(*names: str, method: str = "regression") -> causal.AnalysisSpec:
    return causal.AnalysisSpec(QUESTION, adjust_for=names, method=method)


@pytest.mark.parametrize("method", ["regression", "doubly_robust", "matching", "tmle"])
def test_a_column_that_reaches_past_the_anchor_is_refused_with_its_range(table: UnitTable, method: str) -> None:
    said = '"around" was computed from events from 1 day before the anchor to 1 day after the anchor'
    with pytest.raises(CovariateProblem, match=said):
        causal.answer(table, spec("visits", "around", method=method))


def test_so_it_is_where_the_graph_asks_for_it_and_where_arms_are_compared(table: UnitTable) -> None:
    graph = causal.CausalGraph.from_edges([("around", "arm"), ("around", "spent"), ("arm", "spent")])
    asked = causal.AnalysisSpec(QUESTION, graph=graph, method="regression")
    with pytest.raises(CovariateProblem, match="may have changed it"):
        causal.answer(table, asked)
    with pytest.raises(CovariateProblem, match="may have changed it"):
        causal.compare_arms(table, asked)


def test_a_column_from_before_is_adjusted_for(table: UnitTable) -> None:
    found = causal.answer(table, spec("visits"))
    assert found.adjust_for == ("visits",)
    assert not [note for note in found.notes if "no time" in note]


def test_no_groups_are_made_of_what_came_after(table: UnitTable) -> None:
    from causal.effects.groups import groupable

    assert groupable(causal.answer(table, spec("visits"))) == ("visits", "country")


def test_a_column_of_unknown_time_is_marked_until_a_person_vouches(table: UnitTable) -> None:
    marked = causal.answer(table, spec("visits", "country"))
    assert any('"country" carries no time' in note for note in marked.notes)
    vouched = build_units(causal.read_log(events()), UnitRecipe(events=RECIPE.events, vouched=("country",)))
    assert not [note for note in causal.answer(vouched, spec("visits", "country")).notes if "no time" in note]
    assert vouched.fingerprint != table.fingerprint


def test_ranges_go_with_the_table_to_the_workers(table: UnitTable, tmp_path: Path) -> None:
    table.to_parquet(tmp_path / "units.parquet")
    again = UnitTable.from_parquet(tmp_path / "units.parquet")
    assert again.ranges == table.ranges
    assert again.fingerprint == table.fingerprint


def test_a_table_without_ranges_is_as_it_was() -> None:
    frame = pd.DataFrame({"t": [0, 1, 0, 1], "y": [1.0, 2.0, 3.0, 5.0]})
    plain = UnitTable.from_frame(frame)
    assert plain.ranges == {}
    assert plain.fingerprint == "f4bcd28fe73b589c71022d86921331a6481c0dc7b096c281ca6cb4851f9d44be"


def test_a_further_column_leaves_the_others_their_ranges(table: UnitTable) -> None:
    more = table.with_column("half", np.arange(len(table)) % 2, "binary")
    assert (more.ranges, more.types["half"], len(more)) == (table.ranges, "binary", len(table))
    assert "visits" not in more.with_column("visits", np.zeros(len(table)), "numeric").ranges
