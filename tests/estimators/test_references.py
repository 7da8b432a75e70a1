"""Real tables against statsmodels and definitions; the published figures themselves are in tests/accuracy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.estimators.references import (
    BOOK_SQUARES,
    CATTANEO_OUTCOME,
    LALONDE,
    NHEFS,
    ask,
    cattaneo,
    lalonde,
    lalonde_answer,
    nhefs,
    nhefs_answer,
)


def test_lalonde_regression_has_the_robust_error_of_statsmodels():
    import statsmodels.formula.api as smf

    fitted = smf.ols("re78 ~ treat + age + educ + race + married + nodegree + re74 + re75", lalonde()).fit()
    theirs = fitted.get_robustcov_results("HC2").bse[list(fitted.params.index).index("treat")]
    estimate = lalonde_answer("regression").estimate
    assert estimate.effect == pytest.approx(fitted.params["treat"], rel=1e-10)
    assert estimate.std_error == pytest.approx(theirs, rel=1e-10)


@pytest.mark.parametrize("pooled", [True, False])
def test_standardisation_is_the_mean_difference_of_statsmodels_predictions(pooled):
    import statsmodels.formula.api as smf

    frame = nhefs()
    columns = " + ".join([*NHEFS, *(f"I({name} ** 2)" for name in BOOK_SQUARES)])
    if pooled:
        both = [smf.ols(f"wt82_71 ~ qsmk * smokeintensity + {columns}", frame).fit()] * 2
    else:
        both = [smf.ols(f"wt82_71 ~ {columns}", frame[frame["qsmk"] == arm]).fit() for arm in (0, 1)]
    means = [fitted.predict(frame.assign(qsmk=arm)).mean() for arm, fitted in enumerate(both)]
    found = nhefs_answer("standardisation", ("smokeintensity",) if pooled else (), pooled=pooled).estimate
    assert found.effect == pytest.approx(means[1] - means[0], rel=1e-9)


def test_nhefs_naive_difference_stands_beside_every_answer():
    assert round(nhefs_answer("weighting").naive.effect, 3) == 2.541
    assert len(nhefs()) == 1566


def test_counting_that_the_score_was_fitted_narrows_the_books_interval():
    known, estimated = (nhefs_answer("weighting", nuisance=each).estimate for each in ("known", "estimated"))
    assert [round(bound, 2) for bound in known.interval(0.95)] == [2.41, 4.47]
    assert [round(bound, 2) for bound in estimated.interval(0.95)] == [2.49, 4.40]


@pytest.fixture(scope="module")
def statsmodels_effects():
    """TreatmentEffect with a logit score on the columns of the outcome model, its errors by stacked moments (GMM)."""
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.regression.linear_model import OLS
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    frame = cattaneo()
    covariates = " + ".join(CATTANEO_OUTCOME)
    score = Logit.from_formula(f"mbsmoke_ ~ {covariates}", frame).fit(disp=0, tol=1e-12)
    outcome = OLS.from_formula(f"bweight ~ {covariates}", frame)
    return TreatmentEffect(outcome, frame["mbsmoke_"].to_numpy(), results_select=score)


@pytest.mark.parametrize(
    ("method", "theirs", "target", "group"),
    [
        ("weighting", "ipw", "everyone", "all"),
        ("weighting", "ipw", "treated", 1),
        ("weighting", "ipw", "untreated", 0),
        ("doubly_robust", "aipw", "everyone", "all"),
        ("standardisation", "ra", "untreated", 0),
    ],
)
def test_errors_equal_those_of_statsmodels_stacked_moments(statsmodels_effects, method, theirs, target, group):
    choice = {} if theirs == "aipw" else {"effect_group": group}
    gmm = getattr(statsmodels_effects, theirs)(return_results=True, disp=False, **choice).results_gmm
    estimate = ask(cattaneo(), "mbsmoke_", "bweight", CATTANEO_OUTCOME, method, target).estimate
    assert [estimate.effect, estimate.arm_means.control] == pytest.approx(gmm.params[:2], rel=1e-8)
    assert [estimate.std_error, estimate.arm_std_errors.control] == pytest.approx(gmm.bse[:2], rel=1e-5)


@pytest.mark.parametrize(("target", "group"), [("everyone", "all"), ("treated", 1), ("untreated", 0)])
def test_weighted_regression_is_that_of_statsmodels_stacked_moments(target, group):
    """Whose figures are Stata's `teffects ipwra` on these births (with a probit score), in statsmodels' own tests.

    Five covariates, because its moments take the score to have six coefficients.
    """
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.regression.linear_model import OLS
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    frame, covariates = cattaneo(), (*CATTANEO_OUTCOME, "medu")
    score = Logit.from_formula(f"mbsmoke_ ~ {' + '.join(covariates)}", frame).fit(disp=0, tol=1e-12)
    outcome = OLS.from_formula(f"bweight ~ {' + '.join(covariates)}", frame)
    effects = TreatmentEffect(outcome, frame["mbsmoke_"].to_numpy(), results_select=score)
    gmm = effects.ipw_ra(return_results=True, disp=False, effect_group=group).results_gmm
    estimate = ask(frame, "mbsmoke_", "bweight", covariates, "weighted_regression", target).estimate
    assert [estimate.effect, estimate.arm_means.control] == pytest.approx(gmm.params[:2], rel=1e-8)
    assert [estimate.std_error, estimate.arm_std_errors.control] == pytest.approx(gmm.bse[:2], rel=1e-5)


MATCHIT_TREATED = {
    "age": -0.309445262,
    "educ": 0.054964661389,
    "race: black": 1.7615418898,
}


@pytest.mark.parametrize(("name", "difference"), MATCHIT_TREATED.items())
def test_balance_before_is_matchits_for_the_treated(name, difference):
    rows = {row.name: row for row in lalonde_answer("weighting", "treated").balance.rows}
    assert rows[name].before == pytest.approx(difference, rel=1e-9)


def test_balance_of_every_column_follows_its_definition():
    frame = pd.get_dummies(lalonde(), columns=["race"], prefix="race", prefix_sep=": ").astype(float)
    treated, control = frame[frame["treat"] == 1], frame[frame["treat"] == 0]
    for row in lalonde_answer("weighting", "treated").balance.rows:
        share = treated[row.name].mean()
        binary = set(frame[row.name]) == {0.0, 1.0}
        spread = np.sqrt(share * (1 - share)) if binary else treated[row.name].std()
        assert row.before == pytest.approx((share - control[row.name].mean()) / spread, rel=1e-9), row.name
    assert len(lalonde_answer("weighting").balance.rows) == len(LALONDE) + 2
