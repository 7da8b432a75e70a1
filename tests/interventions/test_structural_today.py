"""The variables of a fitted structural equation model before anything is changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.interventions.changes import Shift
from causal.interventions.structural_equations import sem_what_if
from causal.interventions.structural_today import structural_today
from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions
from tests.structural.test_fitting import MODEL, measured


def test_columns_are_as_recorded_and_latent_variables_as_the_equations_have_them():
    rows = measured(400, 1).assign(x=lambda each: (each.x > 0).astype(float))
    fit = fit_sem(rows, MODEL)
    today = structural_today(fit, rows)
    node = today.scenario.node("x")
    assert node.role == "as it was" and node.before == node.after == pytest.approx(rows.x.mean())
    assert node.histogram.before[0] == pytest.approx(1 - rows.x.mean(), abs=0.002)
    assert sum(node.histogram.before) == pytest.approx(1)
    assert today.usual["x"] == (0, 1)
    assert today.usual["y"] == pytest.approx(tuple(np.quantile(rows.y, [0.01, 0.99])), abs=0.02)
    spread = next(each.before for each in today.scenario.deviations if each.name == "f")
    assert today.usual["f"] == pytest.approx((-2.3263 * spread, 2.3263 * spread), rel=1e-4)
    assert today.scenario.node("f").before == pytest.approx(0, abs=0.2) and today.scenario.changes == {}


def test_the_data_stand_beside_what_the_equations_draw():
    rows = measured(400, 2)
    fit = fit_sem(rows, MODEL)
    today, moved = structural_today(fit, rows), sem_what_if(fit, {"x": Shift(1.0)})
    edges = np.array(moved.node("y").histogram.edges)
    wanted = np.histogram(np.clip(rows.y, edges[0], edges[-1]), edges)[0] / 400
    assert today.recorded(moved, "y") == pytest.approx(wanted, abs=0.004)
    assert today.recorded(moved, "f") == ()


def test_each_group_has_its_own_today_and_rows_left_out_are_in_none():
    rows = pd.concat([measured(300, 3).assign(g="one"), (measured(300, 4) + 5).assign(g="two")], ignore_index=True)
    rows.loc[:20, "y"] = np.nan
    fit = fit_sem(rows, MODEL, SemOptions(group="g", missing="likelihood"))
    for place, name in enumerate(fit.groups):
        own, today = rows[rows.g == name], structural_today(fit, rows, place)
        assert today.usual["y"] == pytest.approx(tuple(own.y.quantile([0.01, 0.99])), abs=0.05)
        assert today.scenario.node("x").before == pytest.approx(own.x.mean())
        assert today.usual["x"] == pytest.approx(tuple(own.x.quantile([0.01, 0.99])), abs=0.05)


def test_levels_are_as_recorded():
    rows = measured(400, 5).assign(b=lambda each: np.digitize(each.b, [-1, 0, 1]), c=lambda each: (each.c > 0) * 1)
    fit = fit_sem(rows, MODEL, SemOptions(ordered=("b", "c")))
    today = structural_today(fit, rows).scenario
    assert [each.before for each in today.node("b").levels] == pytest.approx([(rows.b == at).mean() for at in range(4)])
    assert (today.node("b").kind, today.node("b").before) == ("ordered", pytest.approx(rows.b.mean()))
    assert (today.node("c").kind, today.node("c").before) == ("binary", pytest.approx(rows.c.mean()))
