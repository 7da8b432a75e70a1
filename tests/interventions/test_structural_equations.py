"""A what-if on equations: beside refits by hand, simulated worlds, and what Set, Shift and Scale mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from causal.errors import EstimationError, OptionProblem, UnknownNode
from causal.interventions.changes import Randomise, Scale, Set, Shift
from causal.interventions.structural_equations import sem_what_if
from causal.structural.fitting import fit_sem
from causal.structural.prepared import SemOptions
from tests.structural.test_fitting import MODEL, measured


def spread_of(scenario, name):
    return next(each for each in scenario.deviations if each.name == name)


def test_a_shift_moves_what_lies_below_by_the_total_effect_and_its_error():
    fit = fit_sem(measured(400, 1), MODEL)
    moved = sem_what_if(fit, {"x": Shift(2.0)})
    for effect in ("f", "y", "b"):
        told = next(each for each in fit.effects if (each.cause, each.effect) == ("x", effect))
        node = moved.node(effect)
        assert node.difference == pytest.approx(2 * told.total)
        assert node.std_error == pytest.approx(2 * told.total_error)
        assert spread_of(moved, effect).after == pytest.approx(spread_of(moved, effect).before)
    assert moved.node("x").difference == pytest.approx(2.0)
    assert moved.node("x").std_error == pytest.approx(0.0, abs=1e-12)


def test_means_before_are_those_of_the_rows():
    rows = measured(400, 2) + 5.0
    plain, with_means = fit_sem(rows, MODEL), fit_sem(rows, MODEL, SemOptions(means=True))
    for fit in (plain, with_means):
        scenario = sem_what_if(fit, {"f": Shift(1.0)})
        for name in ("a", "b", "y", "x"):
            assert scenario.node(name).before == pytest.approx(rows[name].mean())
        assert scenario.node("x").role == "as it was"
        assert scenario.node("y").after_std_error == pytest.approx(
            sem_what_if(plain, {"f": Shift(1.0)}).node("y").after_std_error, rel=1e-3
        )
    assert scenario.node("a").after_std_error == pytest.approx(rows.a.std() / 20, rel=0.01)


def test_a_simulated_world_agrees():
    """400,000 rows of the fitted equations, with x set, f scaled and the rest left alone."""
    fit = fit_sem(measured(500, 3), MODEL)
    scenario = sem_what_if(fit, {"x": Set(1.5), "f": Scale(2.0)})
    rng = np.random.default_rng(0)
    n = 400_000
    told = {each.name: each.estimate for each in fit.coefficients}
    mean = dict(zip(fit.observed, fit.means[0], strict=True))
    f_mean = told["f ~ x"] * (1.5 - mean["x"])
    f = 2 * (f_mean + np.sqrt(told["f ~~ f"]) * rng.standard_normal(n))
    y0 = mean["y"] - told["y ~ x"] * mean["x"]
    y = y0 + told["y ~ f"] * f + told["y ~ x"] * 1.5 + np.sqrt(told["y ~~ y"]) * rng.standard_normal(n)
    assert scenario.node("f").after == pytest.approx(2 * f_mean)
    assert scenario.node("f").after == pytest.approx(f.mean(), abs=0.02)
    assert scenario.node("y").after == pytest.approx(y.mean(), abs=0.02)
    assert spread_of(scenario, "y").after == pytest.approx(y.std(), rel=0.01)
    assert spread_of(scenario, "x").after == 0.0
    shares = np.array(scenario.node("y").histogram.after)
    assert shares.sum() == pytest.approx(1.0)


def test_a_randomised_variable_keeps_its_spread_and_loses_its_causes():
    fit = fit_sem(measured(500, 4), MODEL)
    drawn = sem_what_if(fit, {"f": Randomise()})
    assert spread_of(drawn, "f").after == pytest.approx(spread_of(drawn, "f").before)
    assert drawn.node("y").difference == pytest.approx(0.0, abs=1e-12)
    assert spread_of(drawn, "y").after < spread_of(drawn, "y").before  # x no longer moves y by two ways together


def loops(n: int, seed: int, strength: float = 0.4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 2))
    arrows = np.array([[0, strength], [0.5, 0]])
    v = np.linalg.solve(np.eye(2) - arrows, (z + rng.standard_normal((n, 2))).T).T
    return pd.DataFrame({"u": v[:, 0], "v": v[:, 1], "p": z[:, 0], "q": z[:, 1]})


def test_feedback_settles_and_setting_one_side_cuts_it():
    fit = fit_sem(loops(3_000, 5), "u ~ v + p\nv ~ u + q")
    uv, vu, up = (fit.coefficient(name).estimate for name in ("u ~ v", "v ~ u", "u ~ p"))
    moved = sem_what_if(fit, {"p": Shift(1.0)})
    assert moved.node("u").difference == pytest.approx(up / (1 - uv * vu))
    cut = sem_what_if(fit, {"u": Shift(1.0)}), sem_what_if(fit, {"u": Set(3.0)})
    assert cut[0].node("u").difference == pytest.approx(1 / (1 - uv * vu))
    assert cut[1].node("u").after == pytest.approx(3.0)
    assert cut[1].node("v").difference == pytest.approx(vu * (3.0 - cut[1].node("u").before))
    with pytest.raises(EstimationError, match="does not die out after these changes"):
        sem_what_if(fit, {"u": Scale(9.0)})


def test_a_change_that_says_nothing_is_refused():
    fit = fit_sem(measured(300, 6), MODEL)
    with pytest.raises(UnknownNode, match='"price"'):
        sem_what_if(fit, {"price": Set(1)})
    with pytest.raises(OptionProblem, match="not to"):
        sem_what_if(fit, {"x": Set("new")})
    with pytest.raises(OptionProblem, match="Nothing is changed"):
        sem_what_if(fit, {})
    far = sem_what_if(fit, {"x": Set(40)})
    assert any("a guess" in note for note in far.notes)


def test_two_interventions_are_compared_by_what_they_have_apart():
    """Their difference is that of their means, and surer than both where they have much in common."""
    fit = fit_sem(measured(400, 1), MODEL)
    one, two = {"x": Set(1.0), "f": Shift(1.0)}, {"x": Set(1.2)}
    found = sem_what_if(fit, one, against=two)
    apart = {name: sem_what_if(fit, each).node("y") for name, each in (("one", one), ("two", two))}
    node = found.node("y")
    assert (node.before, node.after) == pytest.approx((apart["two"].after, apart["one"].after))
    path, direct = (fit.coefficient(name).estimate for name in ("y ~ f", "y ~ x"))
    assert node.difference == pytest.approx(path * (1 - 0.2 * fit.coefficient("f ~ x").estimate) - 0.2 * direct)
    closer = sem_what_if(fit, {"x": Set(1.0), "f": Set(2.0)}, against={"x": Set(1.0), "f": Set(1.0)}).node("y")
    assert closer.std_error == pytest.approx(fit.coefficient("y ~ f").std_error)
    assert found.node("x").role == "changed" and set(found.against) == {"x"}
    same = sem_what_if(fit, one, against=one).node("y")
    assert (same.difference, same.std_error) == pytest.approx((0, 0), abs=1e-9)


def test_groups_answer_for_themselves():
    rows = pd.concat([measured(300, 7, 0.2).assign(g="one"), measured(500, 8, 0.9).assign(g="two")])
    fit = fit_sem(rows, MODEL.replace("effect*", ""), SemOptions(group="g", equal=("loadings",)))
    weak, strong = (sem_what_if(fit, {"f": Shift(1.0)}, group=at) for at in (0, 1))
    assert (weak.draws, strong.draws) == (300, 500)
    assert weak.node("y").difference == pytest.approx(fit.coefficient("y ~ f", 0).estimate)
    assert strong.node("y").difference == pytest.approx(fit.coefficient("y ~ f", 1).estimate)
    assert weak.node("y").std_error == pytest.approx(fit.coefficient("y ~ f", 0).std_error)


def test_intervals_cover():
    """60 studies of 300 rows, seeds 0 to 59: mean of y with f one higher, its truth 0.5; and after x is set to 2."""
    hits = [0, 0]
    for seed in range(60):
        fit = fit_sem(measured(300, seed), MODEL)
        low, high = sem_what_if(fit, {"f": Shift(1.0)}).node("y").interval()
        hits[0] += low <= 0.5 <= high
        low, high = sem_what_if(fit, {"x": Set(2.0)}).node("y").after_interval()
        hits[1] += low <= 2 * (0.4 * 0.5 + 0.3) <= high
    assert all(stats.binomtest(each, 60, 0.95).pvalue > 0.001 for each in hits), hits
