"""Our structural model beside `dowhy.gcm` on chains of quantities, where that is right."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import causal

GRAPH = causal.CausalGraph.from_edges([("x", "d"), ("x", "y"), ("d", "m"), ("m", "y")])


def chain(n: int, curved: bool) -> pd.DataFrame:
    """Curves are squares, which their polynomials of degree two hold exactly, over a bounded range."""
    rng = np.random.default_rng(21)
    x = rng.uniform(-1, 1, n)
    d = 0.8 * x + rng.uniform(-1, 1, n)
    m = d + (0.5 * d**2 if curved else 0.0) + 0.3 * rng.normal(size=n)
    y = m + 0.5 * x + 0.5 * rng.normal(size=n)
    return pd.DataFrame({"x": x, "d": d, "m": m, "y": y})


@pytest.fixture(scope="module", params=[False, True], ids=["lines", "curves"])
def both(request):
    from dowhy import gcm
    from dowhy.gcm.ml import create_linear_regressor, create_polynom_regressor

    frame = chain(2500, request.param)
    make = create_polynom_regressor if request.param else create_linear_regressor
    theirs = gcm.InvertibleStructuralCausalModel(nx.DiGraph(list(GRAPH.directed)))
    theirs.set_causal_mechanism("x", gcm.EmpiricalDistribution())
    for name in ("d", "m", "y"):
        theirs.set_causal_mechanism(name, gcm.AdditiveNoiseModel(make()))
    gcm.config.disable_progress_bars()
    gcm.fit(theirs, frame)
    gcm.util.general.set_random_seed(3)
    return gcm, theirs, causal.fit_structural_model(causal.UnitTable.from_frame(frame), GRAPH), frame


@pytest.mark.parametrize(
    ("change", "function"),
    [
        (causal.Set(0.5), lambda d: np.full_like(d, 0.5)),
        (causal.Shift(0.1), lambda d: d + 0.1),
        (causal.Scale(0.7), lambda d: 0.7 * d),
    ],
    ids=["set", "shift", "scale"],
)
def test_interventions_have_the_same_means_and_quantiles(both, change, function):
    """Theirs are 20,000 new draws, so that they err by chance."""
    gcm, theirs, ours, _ = both
    drawn = gcm.interventional_samples(theirs, {"d": function}, num_samples_to_draw=20_000)
    scenario = causal.simulate(ours, {"d": change})
    for name in ("m", "y"):
        node = scenario.node(name)
        chance = drawn[name].std() / np.sqrt(len(drawn))
        assert abs(node.after - drawn[name].mean()) < 3 * np.hypot(chance, node.after_std_error)
        for share, _, after in node.quantiles:
            assert after == pytest.approx(np.quantile(drawn[name], share), abs=0.1 * drawn[name].std())


def test_single_units_have_the_same_counterfactuals(both):
    gcm, theirs, ours, frame = both
    some = frame.head(40)
    told = gcm.counterfactual_samples(theirs, {"d": lambda d: d + 0.1}, observed_data=some)
    mine = causal.counterfactual(ours, some, {"d": causal.Shift(0.1)})
    for name in ("m", "y"):
        own = np.array([mine.of(label, name).counterfactual for label in some.index])
        assert np.abs(own - told[name].to_numpy()).max() < 0.1 * frame[name].std()


def test_a_yes_or_no_is_never_a_fraction_as_it_is_there():
    """dowhy 0.14 takes 0/1 for a number with noise added: its counterfactual of a click is 0.27 or 1.27."""
    rng = np.random.default_rng(22)
    t = rng.integers(0, 2, 400)
    click = (rng.random(400) < 0.3 + 0.3 * t).astype(int)
    frame = pd.DataFrame({"t": t, "click": click})
    ours = causal.fit_structural_model(
        causal.UnitTable.from_frame(frame), causal.CausalGraph.from_edges([("t", "click")])
    )
    for each in causal.counterfactual(ours, frame.head(50), {"t": causal.Set(1)}).rows:
        assert each.counterfactual in (0, 1)
        assert {one.level for one in each.levels} == {0, 1}
