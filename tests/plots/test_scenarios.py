"""Pictures of what-ifs: bars before and after, scenarios side by side, with the numbers of the result."""

from __future__ import annotations

import pytest

from causal.interventions.changes import Set
from causal.interventions.scenario import simulate
from causal.interventions.today import today
from causal.plots import scenario_comparison, scenario_distribution
from causal.wording.what_if import Told
from tests.interventions.a_model import a_model


@pytest.fixture(scope="module")
def told() -> Told:
    return Told(simulate(a_model(), {"t": Set(1)}))


def test_a_quantity_is_drawn_hollow_before_and_solid_after(told: Told) -> None:
    shown = scenario_distribution.scenario_distribution(told, "y")
    shape = told.node("y").histogram
    after, before = shown.data
    assert tuple(before.y) == pytest.approx([100 * each for each in shape.before])
    assert tuple(after.y) == pytest.approx([100 * each for each in shape.after])
    assert before.marker.color == "rgba(0,0,0,0)" and before.marker.line.width > 0
    band, *lines = shown.layout.shapes
    assert [each.x0 for each in lines] == [told.node("y").before, told.node("y").after]
    assert (band.x0, band.x1) == tuple(told.node("y").before + each for each in told.node("y").interval(0.95))
    assert shown.layout.meta["alt"].startswith("Distribution of y before and after the change. With t set to 1")


def test_where_the_model_draws_a_quantity_otherwise_the_data_stand_beside_it(told: Told) -> None:
    shape = told.node("y").histogram
    apart = tuple(each + 0.05 for each in shape.before)
    assert len(scenario_distribution.scenario_distribution(told, "y", shape.before).data) == 2
    line = scenario_distribution.scenario_distribution(told, "y", apart).data[-1]
    assert line.mode == "lines" and tuple(line.y) == pytest.approx([100 * each for each in apart])


def test_levels_carry_the_interval_of_their_change(told: Told) -> None:
    shown = scenario_distribution.scenario_distribution(told, "site", dark=True, narrow=True)
    share = told.node("site").levels[0]
    low, high = share.interval(0.95)
    assert shown.data[1].error_y.array[0] == pytest.approx(100 * (high - share.difference))
    assert shown.data[1].error_y.arrayminus[0] == pytest.approx(100 * (share.difference - low))
    table = scenario_distribution.rows(told, "site")
    assert [each["value"] for each in table] == ["app", "tv", "web"] and table[0]["low"] == low


def test_today_has_no_bars_of_after() -> None:
    calm = Told(today(a_model()))
    assert len(scenario_distribution.scenario_distribution(calm, "y").data) == 1
    assert len(scenario_distribution.scenario_distribution(calm, "won").data) == 1


def test_scenarios_side_by_side_show_the_intervals_of_the_results(told: Told) -> None:
    both = {"all <b>": told, "none": Told(simulate(a_model(), {"t": Set(0)}))}
    shown = scenario_comparison.scenario_comparison(both, "y")
    lines = [each for each in shown.data if each.mode == "lines"]
    assert [tuple(each.x) for each in lines] == [each.node("y").interval(0.95) for each in both.values()]
    assert "all <b>" not in shown.to_json().replace("&lt;", "")
    table = scenario_comparison.rows(both, "y")
    assert table[0]["difference"] == told.node("y").difference and table[1]["changes"] == "t set to 0"


def test_compared_with_a_scenario_the_axis_and_the_table_name_it() -> None:
    found = simulate(a_model(), {"t": Set(1)}, against={"t": Set(0)})
    both = {"all": Told(found, against="none <b>")}
    shown = scenario_comparison.scenario_comparison(both, "y")
    assert "Difference from “none &lt;b&gt;” in y" in shown.layout.xaxis.title.text
    row = scenario_comparison.rows(both, "y")[0]
    assert row["compared with"] == "none <b>" and row["before"] == simulate(a_model(), {"t": Set(0)}).node("y").after
    assert (row["low"], row["high"]) == found.node("y").interval(0.95)
    assert (
        scenario_comparison.rows({"all": Told(simulate(a_model(), {"t": Set(1)}))}, "y")[0]["compared with"] == "today"
    )
