"""Standard errors against stacked estimating equations, written out anew and differentiated numerically."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.errors import OptionProblem, TooFewUnits
from tests.estimators.designs import VARIED, YES_OR_NO
from tests.estimators.references import ask


def expit(index):
    return 1 / (1 + np.exp(-index))


def sandwich(moments, solution):
    """The covariance of the root of mean(moments) = 0, with a central-difference Jacobian."""
    values = moments(solution)
    n, k = values.shape
    jacobian = np.empty((k, k))
    for place in range(k):
        step = np.zeros(k)
        step[place] = 1e-5 * max(1.0, abs(solution[place]))
        jacobian[:, place] = (moments(solution + step).mean(0) - moments(solution - step).mean(0)) / (2 * step[place])
    inverse = np.linalg.inv(jacobian)
    return inverse @ (values.T @ values / n) @ inverse.T / n


def solve(moments, start):
    """Newton's method on mean(moments) = 0, with the same Jacobian."""
    found = start.copy()
    for _ in range(50):
        k = len(found)
        jacobian = np.empty((k, k))
        for place in range(k):
            step = np.zeros(k)
            step[place] = 1e-6
            jacobian[:, place] = (moments(found + step).mean(0) - moments(found - step).mean(0)) / 2e-6
        change = np.linalg.solve(jacobian, moments(found).mean(0))
        found -= change
        if np.abs(change).max() < 1e-11:
            break
    return found


class Stacked:
    """Moments of score, two outcome models and two means: the textbook's, for one target population."""

    def __init__(self, frame: pd.DataFrame, target: str, method: str, normalised: bool, binary: bool) -> None:
        self.x = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
        self.t, self.y = frame["t"].to_numpy(float), frame["y"].to_numpy(float)
        self.target, self.method, self.normalised, self.binary = target, method, normalised, binary

    def __call__(self, theta):
        x, t, y, p = self.x, self.t, self.y, self.x.shape[1]
        score = expit(x @ theta[:p])
        link = expit if self.binary else (lambda index: index)
        models = [link(x @ theta[p : 2 * p]), link(x @ theta[2 * p : 3 * p])]
        both = score * (1 - score)
        h = {"everyone": np.ones_like(t), "treated": t, "untreated": 1 - t, "overlap": both}[self.target]
        chance = {"everyone": np.ones_like(t), "treated": score, "untreated": 1 - score, "overlap": both}[self.target]
        weights = [(1 - t) * chance / (1 - score), t * chance / score]
        stacked = [
            x * (t - score)[:, None],
            x * ((1 - t) * (y - models[0]))[:, None],
            x * (t * (y - models[1]))[:, None],
        ]
        for arm in (0, 1):
            mean = theta[3 * p + arm]
            if self.method == "standardisation":
                moment = h * (models[arm] - mean)
            elif self.method == "doubly_robust":
                moment = h * (models[arm] - mean) + weights[arm] * (y - models[arm])
            elif self.normalised:
                moment = weights[arm] * (y - mean)
            else:
                moment = weights[arm] * y - h * mean
            stacked.append(moment[:, None])
        return np.hstack(stacked)


CASES = [
    (method, target, normalised, binary)
    for method in ("weighting", "standardisation", "doubly_robust")
    for target in ("everyone", "treated", "untreated", "overlap")
    if not (method == "standardisation" and target == "overlap")
    for normalised in ((True, False) if method == "weighting" else (True,))
    for binary in (False, True)
]


@pytest.mark.parametrize(("method", "target", "normalised", "binary"), CASES)
def test_closed_form_is_the_sandwich_of_the_stacked_moments(method, target, normalised, binary):
    frame = (YES_OR_NO if binary else VARIED).draw(np.random.default_rng(7), 600)
    moments = Stacked(frame, target, method, normalised, binary)
    root = solve(moments, np.zeros(3 * 3 + 2))
    covariance = sandwich(moments, root)[-2:, -2:]
    options = {"normalised": normalised} if method == "weighting" else {}
    estimate = ask(frame, "t", "y", ("a", "b"), method, target, options).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(root[-2:], rel=1e-7)
    assert estimate.arm_std_errors.control == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-5)
    assert estimate.arm_std_errors.treated == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-5)
    effect = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert estimate.std_error == pytest.approx(np.sqrt(effect), rel=1e-5)
    assert estimate.arm_covariance == pytest.approx(covariance[0, 1], rel=1e-4, abs=1e-4 * effect)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
@pytest.mark.parametrize("binary", [False, True])
def test_pooled_standardisation_is_the_sandwich_of_its_stacked_moments(target, binary):
    frame = (YES_OR_NO if binary else VARIED).draw(np.random.default_rng(8), 600)
    x = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
    t, y, a = (frame[name].to_numpy(float) for name in ("t", "y", "a"))
    link = expit if binary else (lambda index: index)
    h = {"everyone": np.ones_like(t), "treated": t, "untreated": 1 - t}[target]

    def moments(theta):
        rows = [np.column_stack([x, np.full_like(t, arm), arm * a]) for arm in (0.0, 1.0)]
        own = np.column_stack([x, t, t * a])
        means = [h * (link(each @ theta[:5]) - theta[5 + arm]) for arm, each in enumerate(rows)]
        return np.column_stack([own * (y - link(own @ theta[:5]))[:, None], *means])

    root = solve(moments, np.zeros(7))
    covariance = sandwich(moments, root)[-2:, -2:]
    terms = causal.Terms(treatment_by=("a",))
    estimate = ask(frame, "t", "y", ("a", "b"), "standardisation", target, {"pooled": True}, terms).estimate
    assert estimate.effect == pytest.approx(root[6] - root[5], rel=1e-7)
    effect = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert estimate.std_error == pytest.approx(np.sqrt(effect), rel=1e-5)
    assert estimate.arm_std_errors.control == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-5)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_regression_with_a_varying_effect_is_the_sandwich_up_to_hc2(target):
    frame = VARIED.draw(np.random.default_rng(9), 4000)
    x = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
    t, y, a = (frame[name].to_numpy(float) for name in ("t", "y", "a"))
    h = {"everyone": np.ones_like(t), "treated": t, "untreated": 1 - t}[target]

    def moments(theta):
        own = np.column_stack([x, t, t * a])
        under = [
            h * (np.column_stack([x, np.full_like(t, arm), arm * a]) @ theta[:5] - theta[5 + arm]) for arm in (0, 1)
        ]
        return np.column_stack([own * (y - own @ theta[:5])[:, None], *under])

    root = solve(moments, np.zeros(7))
    covariance = sandwich(moments, root)[-2:, -2:]
    terms = causal.Terms(treatment_by=("a",))
    estimate = ask(frame, "t", "y", ("a", "b"), "regression", target, {}, terms).estimate
    assert estimate.effect == pytest.approx(root[6] - root[5], rel=1e-7)
    effect = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert estimate.std_error == pytest.approx(np.sqrt(effect), rel=3e-3)
    assert estimate.arm_std_errors.control == pytest.approx(np.sqrt(covariance[0, 0]), rel=3e-3)


def test_difference_in_means_has_welchs_error():
    frame = VARIED.draw(np.random.default_rng(10), 500)
    arms = [frame.loc[frame["t"] == arm, "y"] for arm in (0, 1)]
    estimate = ask(frame, "t", "y", (), "difference_in_means").estimate
    assert estimate.std_error == pytest.approx(np.sqrt(sum(arm.var() / len(arm) for arm in arms)), rel=1e-12)


ADJUSTING = ("regression", "standardisation", "stratification", "weighting", "doubly_robust")


@pytest.mark.parametrize("method", ADJUSTING)
def test_clusters_of_one_unit_change_the_error_by_their_factor_only(method):
    frame = VARIED.draw(np.random.default_rng(11), 800)
    frame["user"] = np.arange(800)
    alone = ask(frame, "t", "y", ("a", "b"), method).estimate
    clustered = ask(frame, "t", "y", ("a", "b"), method, cluster="user").estimate
    factor = 1.0 if method == "regression" else np.sqrt(800 / 799)  # CR2 with clusters of one unit is HC2
    assert clustered.effect == alone.effect
    assert clustered.std_error == pytest.approx(alone.std_error * factor, rel=1e-10)


@pytest.mark.parametrize("method", ADJUSTING)
def test_rows_written_twice_tell_nothing_new_when_clustered(method):
    frame = VARIED.draw(np.random.default_rng(12), 800)
    twice = pd.concat([frame, frame], ignore_index=True).assign(user=np.tile(np.arange(800), 2))
    once = ask(frame.assign(user=np.arange(800)), "t", "y", ("a", "b"), method, cluster="user").estimate
    doubled = ask(twice, "t", "y", ("a", "b"), method, cluster="user").estimate
    assert doubled.effect == pytest.approx(once.effect, rel=1e-2 if method == "stratification" else 1e-8)
    assert doubled.std_error == pytest.approx(once.std_error, rel=5e-2 if method == "stratification" else 3e-3)


def test_matching_refuses_clusters_in_a_sentence():
    frame = VARIED.draw(np.random.default_rng(13), 200)
    with pytest.raises(OptionProblem, match="Matching has no standard error for clustered units"):
        ask(frame.assign(user=np.arange(200) // 2), "t", "y", ("a", "b"), "matching", cluster="user")


@pytest.mark.parametrize("method", ADJUSTING)
def test_one_cluster_for_all_is_refused_in_a_sentence(method):
    frame = VARIED.draw(np.random.default_rng(14), 200)
    with pytest.raises(TooFewUnits, match="All units belong to one cluster"):
        ask(frame.assign(user=1), "t", "y", ("a", "b"), method, cluster="user")


def test_lift_interval_is_the_delta_method_for_the_ratio_of_means():
    frame = VARIED.draw(np.random.default_rng(15), 3000)
    estimate = ask(frame, "t", "y", ("a", "b"), "doubly_robust").estimate
    control, treated = estimate.arm_means.control, estimate.arm_means.treated
    covariance = np.array(
        [
            [estimate.arm_std_errors.control**2, estimate.arm_covariance],
            [estimate.arm_covariance, estimate.arm_std_errors.treated**2],
        ]
    )
    slope = np.array([-treated / control**2, 1 / control])
    assert estimate.lift == pytest.approx(treated / control - 1, rel=1e-12)
    assert estimate.lift_std_error == pytest.approx(np.sqrt(slope @ covariance @ slope), rel=1e-10)


def test_confidence_asked_for_is_the_intervals_default():
    frame = VARIED.draw(np.random.default_rng(16), 500)
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=("a", "b"), confidence=0.9)
    estimate = causal.answer(causal.UnitTable.from_frame(frame), spec).estimate
    assert estimate.interval() == estimate.interval(0.9)
    assert estimate.interval()[1] - estimate.effect == pytest.approx(1.6448536269514722 * estimate.std_error)


def test_regression_has_the_hc2_errors_of_statsmodels_over_several_blocks_of_rows():
    import statsmodels.api as sm

    frame = VARIED.draw(np.random.default_rng(9), 20_000)
    theirs = sm.OLS(frame["y"], sm.add_constant(frame[["t", "a", "b"]])).fit(cov_type="HC2")
    ours = ask(frame, "t", "y", ("a", "b"), "regression").estimate
    assert ours.effect == pytest.approx(theirs.params["t"], rel=1e-10)
    assert ours.std_error == pytest.approx(theirs.bse["t"], rel=1e-10)
    classical = ask(frame, "t", "y", ("a", "b"), "regression", options={"std_error": "classical"}).estimate
    usual = sm.OLS(frame["y"], sm.add_constant(frame[["t", "a", "b"]])).fit()
    assert classical.std_error == pytest.approx(usual.bse["t"], rel=1e-10)


def test_the_unadjusted_difference_beside_an_answer_is_that_method_s_own():
    frame = VARIED.draw(np.random.default_rng(10), 500)
    assert ask(frame, "t", "y", ("a",), "weighting").naive == ask(frame, "t", "y", (), "difference_in_means").estimate
