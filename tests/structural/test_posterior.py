"""Posterior draws beside closed forms and quadrature, beside the likelihood where rows are many, and by simulation."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import signal, stats

from causal.errors import EstimationError, OptionProblem
from causal.structural.chains import bulk_size, mean_size, r_hat, tail_size
from causal.structural.fitting import fit_sem
from causal.structural.model_text import read_model
from causal.structural.posterior import Priors, SemPosterior, draw_sem, sample, target_of
from causal.structural.prepared import SemOptions, prepare
from tests.structural.test_fitting import MODEL, measured

PLAIN = Priors(in_units=False)


def near(drawn, mean, deviation):
    """Within four errors of the draws."""
    assert drawn.mean == pytest.approx(mean, abs=4 * drawn.mean_error)
    assert drawn.deviation == pytest.approx(deviation, rel=4 / np.sqrt(2 * min(drawn.effective_tails, 2_000)))


def test_a_regression_of_known_variance_has_its_conjugate_posterior():
    """Few rows and a narrow prior, so that it counts: normal times normal (Gelman and others 2013, section 14.8)."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"x": rng.standard_normal(12), "z": rng.standard_normal(12)})
    rows["y"] = 0.8 * rows.x + rng.standard_normal(12)
    drawn = draw_sem(rows, "y ~ x + z\ny ~~ 1.3*y", priors=Priors(regression=0.4, in_units=False), draws=1_000)
    columns = (rows[["x", "z"]] - rows[["x", "z"]].mean()).to_numpy()
    precision = columns.T @ columns / 1.3 + np.eye(2) / 0.4**2
    covariance = np.linalg.inv(precision)
    mean = covariance @ columns.T @ rows.y.to_numpy() / 1.3
    for at, name in enumerate(("y ~ x", "y ~ z")):
        near(drawn.row(name), mean[at], np.sqrt(covariance[at, at]))
        assert drawn.row(name).moved > 0.1  # the prior was half of it, and is said to be


def test_a_variance_has_the_posterior_that_quadrature_gives():
    """One column with its variance alone: gamma on the standard deviation, the mean integrated over a flat prior.

    Of 20 rows, as fewer leave tails so heavy that the error of the draws is not told by draws.
    """
    y = np.random.default_rng(2).standard_normal(20) * 2
    drawn = draw_sem(pd.DataFrame({"y": y, "x": np.arange(20.0)}), "y ~ 0*x", priors=PLAIN)
    squares = ((y - y.mean()) ** 2).sum()

    roots = np.linspace(0.2, 40, 400_001)
    density = np.exp(-19 * np.log(roots) - squares / (2 * roots**2) - roots / 2)
    first, second = (float((roots**power * density).sum() / density.sum()) for power in (2, 4))
    near(drawn.row("y ~~ y"), first, np.sqrt(second - first**2))


def test_many_rows_bring_likelihood_and_posterior_together():
    """Bernstein and von Mises: means and spreads agree to the order of one over the rows."""
    rows = measured(20_000, 3)
    drawn, fit = draw_sem(rows, MODEL, draws=600), fit_sem(rows, MODEL)
    for each in fit.coefficients:
        if each.free:
            own = drawn.row(each.name)
            assert own.mean == pytest.approx(each.estimate, abs=4 * own.mean_error + 0.02 * each.std_error)
            assert own.deviation == pytest.approx(each.std_error, rel=0.1)
            assert own.moved < 0.01
    through = next(each for each in fit.effects if (each.cause, each.effect) == ("x", "y"))
    assert drawn.row("x → y", "indirect").deviation == pytest.approx(through.indirect_error, rel=0.1)


def ranks_of(seeds: range) -> dict[str, list[int]]:
    """Of each truth among 15 of the draws that its data give: even over 0 to 15 if the draws are the posterior's."""
    priors = Priors(loading=0.7, regression=0.7, deviation_shape=4.0, deviation_rate=4.0, in_units=False)
    ranks: dict[str, list[int]] = {"f =~ b": [], "f ~ x": [], "a ~~ a": []}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        loading, effect, roots = rng.normal(0, 0.7, 2), rng.normal(0, 0.7), rng.gamma(4.0, 0.25, 4)
        x = rng.standard_normal(40)
        f = effect * x + roots[3] * rng.standard_normal(40)
        shown = f[:, None] * [1.0, *loading] + roots[:3] * rng.standard_normal((40, 3))
        rows = pd.DataFrame({"a": shown[:, 0], "b": shown[:, 1], "c": shown[:, 2], "x": x})
        target = target_of(prepare(rows, read_model("f =~ a + b + c\nf ~ x"), SemOptions()), priors)
        kept = sample(target, 75, 200, seed, chains=1).at[0, 4::5]
        names = target.prepared.model.names_of_free()
        for name, value in (("f =~ b", loading[0]), ("f ~ x", effect), ("a ~~ a", roots[0])):
            own = kept[:, names.index(name)]
            ranks[name].append(int(((np.abs(own) if "~~" in name else own) < value).sum()))
    return ranks


def test_truths_from_the_prior_are_ranked_evenly():
    """Simulation-based calibration (Talts and others 2018), in small form: 24 truths, seeds 0 to 23."""
    for name, listed in ranks_of(range(24)).items():
        counts = np.bincount(np.array(listed) // 4, minlength=4)
        assert stats.chisquare(counts).pvalue > 0.001, (name, counts)


def test_digits_hang_on_the_seed_and_survive_json():
    rows = measured(150, 5)
    target = target_of(prepare(rows, read_model("y ~ x"), SemOptions()), Priors())
    one, again = (sample(target, 20, 100, 3, chains=2).at for _ in range(2))
    assert (one == again).all()
    one = draw_sem(rows, "y ~ x", SemOptions(means=True), draws=250)
    assert SemPosterior.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False))) == one
    assert one.row("y ~1").mean == pytest.approx(rows.y.mean() - one.row("y ~ x").mean * rows.x.mean(), abs=0.02)


def test_data_that_the_model_makes_up_tell_whether_it_fits():
    rng = np.random.default_rng(6)
    f = rng.standard_normal((400, 1))
    rows = pd.DataFrame(f + rng.standard_normal((400, 4)), columns=list("abcd"))
    fits = draw_sem(rows, "f =~ a + b + c + d", draws=300)
    assert 0.05 < fits.predictive_p < 0.95
    off = draw_sem(rows.assign(b=rows.b + 0.4 * rows.a), "f =~ a + b + c + d", draws=300)
    assert off.predictive_p < 0.05


def test_what_has_not_come_together_is_not_reported():
    """Sixty draws of each of four chains are worth fewer than 400."""
    with pytest.raises(OptionProblem, match="regression is -1"):
        draw_sem(measured(50, 7), MODEL, priors=Priors(regression=-1))
    with pytest.raises(EstimationError, match="not come together after 60 draws each"):
        draw_sem(measured(50, 8), "y ~ x", draws=20)


def test_chains_are_judged_as_theory_says():
    """An autoregression of .8 is worth (1 - .8) / (1 + .8) of its draws; chains apart are seen."""
    rng = np.random.default_rng(9)
    noise = rng.standard_normal((4, 20_000))
    chains = signal.lfilter([1.0], [1.0, -0.8], noise, axis=1)
    assert mean_size(chains) == pytest.approx(80_000 / 9, rel=0.1)
    assert bulk_size(chains) == pytest.approx(80_000 / 9, rel=0.1)
    assert tail_size(noise) == pytest.approx(80_000, rel=0.15)
    assert r_hat(chains) < 1.01
    assert r_hat(chains + np.array([[0], [0], [0], [1.5]])) > 1.05
    assert r_hat(noise * np.array([[1], [1], [1], [3]])) > 1.05
