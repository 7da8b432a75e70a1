"""How every variable stands before anything is changed."""

from __future__ import annotations

import numpy as np
import pytest

from causal.interventions.changes import Set
from causal.interventions.scenario import simulate
from causal.interventions.today import today, usual_values
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


def test_usual_values_leave_one_in_a_hundred_out_at_each_end() -> None:
    model = a_model()
    low, high = usual_values(model, "x")
    values = model.values["x"]
    assert np.mean(values < low) == pytest.approx(0.01, abs=0.003) == np.mean(values > high)
