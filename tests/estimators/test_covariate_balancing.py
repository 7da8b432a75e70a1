"""The covariate balancing propensity score against generic method-of-moments solvers, and its exact balance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.estimators.designs import VARIED
from tests.estimators.references import LALONDE, ask, lalonde, lalonde_answer, nhefs_answer
from tests.estimators.test_uncertainty import sandwich, solve

TARGETS = ("everyone", "treated", "untreated")


class Moments:
    """The paper's moments, written out anew: score, balance, and the two weighted means."""

    def __init__(self, x, t, y, target):
        self.x, self.t, self.y, self.target = x, t, y, target

    def parts(self, beta):
        e = 1 / (1 + np.exp(-self.x @ beta))
        t = self.t
        weights = {
            "everyone": ((1 - t) / (1 - e), t / e),
            "treated": ((1 - t) * e / (1 - e), t),
            "untreated": (1 - t, t * (1 - e) / e),
        }[self.target]
        return e, weights

    def balance(self, beta):
        _, (control, treated) = self.parts(beta)
        return self.x * (treated - control)[:, None]

    def score(self, beta):
        return self.x * (self.t - self.parts(beta)[0])[:, None]

    def means(self, beta, mu):
        return np.column_stack([weight * (self.y - mean) for weight, mean in zip(self.parts(beta)[1], mu, strict=True)])


@pytest.fixture(scope="module")
def job_training():
    frame = pd.get_dummies(lalonde()[list(LALONDE)], drop_first=True).astype(float)
    x = ((frame - frame.mean()) / frame.std(ddof=0)).to_numpy()
    x = np.column_stack([np.ones(len(x)), x])
    return x, lalonde()["treat"].to_numpy(float), lalonde()["re78"].to_numpy(float)


@pytest.mark.parametrize("target", TARGETS)
def test_just_identified_balances_every_column_exactly(target):
    for found in (lalonde_answer("covariate_balancing", target), nhefs_answer("covariate_balancing")):
        for row in found.balance.rows:
            assert row.after == pytest.approx(0, abs=1e-8), row.name


@pytest.mark.parametrize("target", TARGETS)
def test_just_identified_is_a_generic_solution_of_the_moments_with_its_sandwich(job_training, target):
    x, t, y = job_training
    moments, p = Moments(x, t, y / 1_000, target), x.shape[1]

    def stacked(theta):
        return np.column_stack([moments.balance(theta[:p]), moments.means(theta[:p], theta[p:])])

    start = np.concatenate([_logit(x, t), [6.0, 6.0]])
    root = solve(stacked, start)
    covariance = sandwich(stacked, root)[-2:, -2:]
    estimate = lalonde_answer("covariate_balancing", target).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(1_000 * root[-2:], rel=1e-6)
    effect = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert estimate.std_error == pytest.approx(1_000 * np.sqrt(effect), rel=1e-4)
    assert estimate.arm_std_errors.control == pytest.approx(1_000 * np.sqrt(covariance[0, 0]), rel=1e-4)


@pytest.mark.parametrize("target", TARGETS)
def test_over_identified_is_statsmodels_two_step_gmm(target):
    """statsmodels minimises the quadratic form with the paper's weighting matrix; its error is the GMM sandwich."""
    from statsmodels.sandbox.regression.gmm import GMM

    frame = VARIED.draw(np.random.default_rng(1), 800)
    x = np.column_stack([np.ones(800), frame[["a", "b"]]])
    t, y = frame["t"].to_numpy(float), frame["y"].to_numpy(float)
    moments = Moments(x, t, y, target)
    e = 1 / (1 + np.exp(-x @ _logit(x, t)))
    ratio = {"everyone": e * (1 - e), "treated": 1 - e, "untreated": e}[target]
    noise = e * (1 - e)
    blocks = [[noise, noise / ratio], [noise / ratio, noise / ratio**2]]
    spread = np.block([[x.T @ (x * each[:, None]) / 800 for each in row] for row in blocks])

    class Both(GMM):
        def momcond(self, theta):
            return np.column_stack([moments.score(theta), moments.balance(theta)])

    zeros = np.zeros(800)
    model = Both(zeros, x, zeros, k_moms=6, k_params=3)
    beta = model.fitgmm(_logit(x, t), weights=np.linalg.inv(spread), optim_args={"disp": 0, "gtol": 1e-12})
    means = [np.average(y, weights=weight) for weight in moments.parts(beta)[1]]
    estimate = ask(
        frame, "t", "y", ("a", "b"), "covariate_balancing", target, options={"over_identified": True}
    ).estimate
    assert [estimate.arm_means.control, estimate.arm_means.treated] == pytest.approx(means, rel=1e-5)
    assert estimate.std_error == pytest.approx(_two_step_error(moments, beta, means, np.linalg.inv(spread)), rel=1e-4)


def _two_step_error(moments, beta, means, precision):
    """The sandwich of the GMM conditions and the means, all derivatives numerical."""
    p = len(beta)

    def both(b):
        return np.column_stack([moments.score(b), moments.balance(b)])

    def slope(function, at):
        step = 1e-5
        ends = [[function(at + sign * step * unit).mean(0) for sign in (1, -1)] for unit in np.eye(len(at))]
        return np.column_stack([(up - down) / (2 * step) for up, down in ends])

    g = slope(both, beta)
    influence = -both(beta) @ np.linalg.solve(g.T @ precision @ g, g.T @ precision).T
    weighted = moments.means(beta, means)
    scale = [weight.mean() for weight in moments.parts(beta)[1]]
    arms = (weighted + influence @ slope(lambda b: moments.means(b, means), beta).T) / scale
    assert influence.shape[1] == p
    return np.sqrt(((arms[:, 1] - arms[:, 0]) ** 2).sum()) / len(arms)


def _logit(x, t):
    import statsmodels.api as sm

    return np.asarray(sm.Logit(t, x).fit(disp=0, tol=1e-13, maxiter=200).params)


@pytest.mark.parametrize("target", ["treated", "untreated"])
def test_for_one_arm_it_is_entropy_balancing(target):
    """The same exponential weights solve the same equations (Zhao and Percival 2017)."""
    one, other = (lalonde_answer(method, target).estimate for method in ("covariate_balancing", "entropy_balancing"))
    assert one.effect == pytest.approx(other.effect, rel=1e-8)
    assert one.std_error == pytest.approx(other.std_error, rel=1e-8)


def test_over_identified_says_whether_one_score_can_fit_and_balance():
    (note,) = lalonde_answer("covariate_balancing", over_identified=True).notes
    assert note.startswith("Test of the score's model (Hansen's J)")
    rng = np.random.default_rng(2)
    a = rng.uniform(-1, 1, 20_000)
    t = (rng.random(20_000) < 0.1 + 0.7 * (a > 0.2)).astype(int)
    frame = pd.DataFrame({"a": a, "t": t, "y": 3 * a + t + rng.normal(size=20_000)})
    (note,) = ask(frame, "t", "y", ("a",), "covariate_balancing", options={"over_identified": True}).notes
    assert float(note.split("p = ")[1].split(";")[0]) < 1e-6


def test_columns_that_others_determine_change_nothing():
    frame = VARIED.draw(np.random.default_rng(3), 500)
    twice = frame.assign(copy=frame["a"], total=2 * frame["a"] - 3 * frame["b"])
    for over in (False, True):
        options = {"over_identified": over}
        plain = ask(frame, "t", "y", ("a", "b"), "covariate_balancing", options=options).estimate
        found = ask(twice, "t", "y", ("a", "b", "copy", "total"), "covariate_balancing", options=options).estimate
        assert found.effect == pytest.approx(plain.effect, rel=1e-7)
        assert found.std_error == pytest.approx(plain.std_error, rel=1e-6)
