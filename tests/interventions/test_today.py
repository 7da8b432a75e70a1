"""How every variable stands before anything is changed."""

from __future__ import annotations

import numpy as np
import pytest

from causal.interventions.changes import Set
from causal.interventions.scenario import simulate
from causal.interventions.today import recorded, scenario_of, today, usual_values
from causal.study import Condition
from tests.interventions.a_model import a_model


def test_today_has_the_numbers_that_every_scenario_starts_from() -> None:
    model = a_model()
    found, changed = today(model), simulate(model, {"t": Set(1)})
    assert [each.name for each in found.nodes] == [each.name for each in changed.nodes]
    for here, there in zip(found.nodes, changed.nodes, strict=True):
        assert here.role == "as it was" and here.kind == there.kind
        assert here.before == here.after == there.before
        assert [each.before for each in here.levels] == [each.before for each in there.levels]
        assert all(each.difference == 0 for each in here.levels)
    shape = found.node("x").histogram
    assert shape is not None and shape.before == shape.after and sum(shape.before) == pytest.approx(1)


def test_of_some_units_today_is_where_their_scenario_starts() -> None:
    model, phones = a_model(), (Condition("d", "is", "phone"),)
    found, changed = today(model, phones), simulate(model, {"t": Set(1)}, phones)
    assert found.draws == changed.draws < model.draws and found.where == phones
    for here, there in zip(found.nodes, changed.nodes, strict=True):
        assert here.before == pytest.approx(there.before) or here.before is None
        assert [each.before for each in here.levels] == pytest.approx([each.before for each in there.levels])
    assert found.node("d").levels[1].before == 1.0
    assert scenario_of(model, {}, phones) == found


def test_usual_values_leave_one_in_a_hundred_out_at_each_end() -> None:
    model = a_model()
    low, high = usual_values(model, "x")
    values = model.values["x"]
    assert np.mean(values < low) == pytest.approx(0.01, abs=0.003) == np.mean(values > high)


def test_what_was_recorded_is_told_in_the_bars_of_a_scenario() -> None:
    model = a_model()
    scenario = simulate(model, {"t": Set(1)})
    shares = recorded(model, scenario, "y")
    edges = scenario.node("y").histogram.edges
    assert len(shares) == len(edges) - 1 and sum(shares) == pytest.approx(1)
    inside = (model.values["y"] >= edges[10]) & (model.values["y"] < edges[11])
    assert shares[10] == pytest.approx(inside.mean())
    assert recorded(model, scenario, "won") == ()
