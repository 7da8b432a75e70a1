"""Noise that causes widen: distributions and single units under interventions, against the world that made them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal

GRAPH = causal.CausalGraph.from_edges([("z", "x"), ("z", "y"), ("x", "y"), ("y", "w")])


def world(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Minutes y in proportion to x, their noise multiplied; w is half as wide again where y is large."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    x = 3 + z + rng.uniform(-1.5, 1.5, n) + shift
    y = (4 + x) * np.exp(0.4 * rng.normal(size=n)) + z
    w = y + (0.2 + 0.1 * np.abs(y)) * rng.normal(size=n)
    return pd.DataFrame({"z": z, "x": x, "y": y, "w": w})


@pytest.fixture(scope="module")
def model():
    return causal.fit_structural_model(causal.UnitTable.from_frame(world(6000, 1)), GRAPH)


@pytest.mark.parametrize("node", ["y", "w"])
def test_quantiles_after_a_shift_are_those_of_the_world(model, node):
    shifted = world(200_000, 2, shift=1.5)[node]
    found = causal.simulate(model, {"x": causal.Shift(1.5)}).node(node)
    assert model.node(node).mechanism.endswith("with noise that they widen")
    assert abs(found.after - shifted.mean()) < 3 * found.after_std_error
    for share, _, after in found.quantiles:
        assert after == pytest.approx(np.quantile(shifted, share), abs=0.12 * shifted.std())


def test_a_unit_keeps_its_own_factor(model):
    """Not its own distance, as it would if noise were only added."""
    before, after = world(200, 3), world(200, 3, shift=1.5)["y"].to_numpy()
    told = causal.counterfactual(model, before, {"x": causal.Shift(1.5)}, nodes=["y"])
    values = np.array([each.counterfactual for each in told.rows])
    added = before["y"] + 1.5 * np.exp(0.08)
    assert np.abs(values - after).mean() < 0.3 * np.abs(added - after).mean()


def test_noise_that_nothing_widens_is_only_added():
    rng = np.random.default_rng(4)
    x = rng.normal(size=3000)
    frame = pd.DataFrame({"x": x, "y": np.sin(x) + rng.standard_t(5, 3000)})
    made = causal.fit_structural_model(causal.UnitTable.from_frame(frame), causal.CausalGraph.from_edges([("x", "y")]))
    assert not made.spreads
    assert made.node("y").mechanism.endswith("with noise added")


def test_spreads_are_kept_with_the_model(model):
    again = type(model).from_arrays(*model.to_arrays())
    changes = {"x": causal.Set(9.0)}
    assert causal.simulate(again, changes).node("w").quantiles == causal.simulate(model, changes).node("w").quantiles
