"""Curves and areas of a ranking: beside their definition in plain loops, beside EconML's, and beside a bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from causal.effects.priority import SHARES, _curve_of_fold

K = len(SHARES)


def by_definition(ranking: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """AUTOC and QINI: the mean over every share i/n of TOC(i/n), and of TOC(i/n) i/n; units that tie are averaged
    (Yadlowsky et al. 2025, section 2; R's grf, `estimate_rate`).
    """
    n = len(score)
    values = [np.mean(score[ranking == ranking[each]]) for each in np.argsort(-ranking, kind="stable")]
    toc = [np.mean(values[: count + 1]) - np.mean(score) for count in range(n)]
    return float(np.mean(toc)), float(np.mean([each * (place + 1) / n for place, each in enumerate(toc)]))


@pytest.mark.parametrize("levels", [3, 1_000_000])
@pytest.mark.parametrize("n", [20, 137])
def test_areas_are_those_of_the_definition(n: int, levels: int) -> None:
    rng = np.random.default_rng([20_261_129, n])
    ranking = np.round(rng.random(n) * levels)
    score = 10 + ranking / levels + rng.normal(size=n)
    values, _ = _curve_of_fold(ranking, score)
    assert values[-2:] == pytest.approx(by_definition(ranking, score), abs=1e-12)


def test_an_effect_that_is_the_same_for_all_gives_no_area() -> None:
    ranking = np.random.default_rng(1).random(20)
    values, _ = _curve_of_fold(ranking, np.full(20, 10.0))
    assert values[-2:] == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("metric", ["toc", "qini"])
def test_curves_are_econmls_from_the_same_scores(metric: str) -> None:
    """Its QINI is ours less what as many at random gain, its area the sum of the points but the first, times
    their distance. Its errors take the edges of groups for known, which matters where few are treated.
    """
    pytest.importorskip("econml")
    from econml.validate.utils import calc_uplift

    rng = np.random.default_rng(20_261_130)
    ranking = rng.random(2_000)
    score = 1 + ranking + rng.normal(size=2_000)
    shares = np.array(SHARES[:-1])  # of all units its error is none, and its band not a number
    area, error, curve = calc_uplift(ranking, ranking, score, 100 - 100 * shares[::-1], metric, 2)
    values, influences = _curve_of_fold(ranking, score)
    errors = np.sqrt((influences**2).mean(axis=0) / len(score))
    ours = values[: K - 1] if metric == "toc" else values[K : 2 * K - 1] - shares * score.mean()
    assert curve["value"].to_numpy() == pytest.approx(ours[::-1], abs=1e-12)
    assert area == pytest.approx(0.05 * ours[1:].sum(), abs=1e-12)
    if metric == "qini":
        assert error == pytest.approx(errors[-1], rel=0.1)


def test_errors_are_those_of_a_bootstrap() -> None:
    """Each draw ranks its own units, as grf's does."""
    rng = np.random.default_rng(20_261_131)
    n = 600
    ranking = rng.random(n)
    score = 10 + 2 * ranking + rng.normal(size=n)
    _, influences = _curve_of_fold(ranking, score)
    drawn = [_curve_of_fold(ranking[rows], score[rows])[0] for rows in rng.integers(n, size=(400, n))]
    spread = np.std(drawn, axis=0)
    told = np.sqrt((influences**2).mean(axis=0) / n)
    for place in (1, 5, K + 1, K + 5, -3, -2, -1):
        assert told[place] == pytest.approx(spread[place], rel=0.15), place
