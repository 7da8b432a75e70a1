"""Published figures: R's MatchIt and survey, Hernán and Robins' book, Stata's teffects, Dehejia and Wahba."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from tests.estimators.references import (
    CATTANEO,
    CATTANEO_OUTCOME,
    LALONDE,
    ask,
    cattaneo,
    experiment,
    lalonde,
    lalonde_answer,
    nhefs,
    nhefs_answer,
)


@pytest.mark.parametrize(
    ("method", "target", "options", "effect"),
    [
        ("weighting", "everyone", {}, 224.6763),
        ("weighting", "treated", {}, 1214.0712),
        ("weighting", "everyone", {"normalised": False}, -449.787),
        ("regression", "everyone", {}, 1548.2438),
    ],
)
def test_lalonde_gives_the_digits_of_converged_r(method, target, options, effect):
    found = lalonde_answer(method, target, **options).estimate.effect
    assert found == pytest.approx(effect, abs=0.5 * 10 ** -len(str(effect).split(".")[1]))


def test_lalonde_regression_has_the_classical_error_of_lm():
    estimate = lalonde_answer("regression", std_error="classical").estimate
    assert round(estimate.std_error, 4) == 781.2793


def test_lalonde_regression_has_the_robust_error_of_statsmodels():
    import statsmodels.formula.api as smf

    fitted = smf.ols("re78 ~ treat + age + educ + race + married + nodegree + re74 + re75", lalonde()).fit()
    theirs = fitted.get_robustcov_results("HC2").bse[list(fitted.params.index).index("treat")]
    estimate = lalonde_answer("regression").estimate
    assert estimate.effect == pytest.approx(fitted.params["treat"], rel=1e-10)
    assert estimate.std_error == pytest.approx(theirs, rel=1e-10)


def test_nhefs_weighting_is_the_books_and_its_interval_the_exact_one():
    estimate = nhefs_answer("weighting").estimate
    assert round(estimate.effect, 4) == 3.4405
    assert [round(bound, 2) for bound in estimate.interval(0.95)] == [2.49, 4.40]


def test_nhefs_weighting_with_the_score_known_has_the_books_interval():
    interval = nhefs_answer("weighting", nuisance="known").estimate.interval(0.95)
    assert [round(bound, 2) for bound in interval] == [2.41, 4.47]


@pytest.mark.parametrize(
    ("method", "treatment_by", "options", "effect"),
    [
        ("regression", (), {}, 3.463),
        ("standardisation", (), {}, 3.436),
        ("standardisation", ("smokeintensity",), {"pooled": True}, 3.517),
        ("difference_in_means", (), {}, 2.541),
    ],
)
def test_nhefs_gives_the_books_figures(method, treatment_by, options, effect):
    assert round(nhefs_answer(method, treatment_by, **options).estimate.effect, 3) == effect


def test_nhefs_naive_difference_stands_beside_every_answer():
    assert round(nhefs_answer("weighting").naive.effect, 3) == 2.541
    assert len(nhefs()) == 1566


def test_the_experiment_gives_dehejia_and_wahbas_benchmark():
    estimate = ask(experiment(), "treat", "re78", (), "difference_in_means").estimate
    assert round(estimate.effect, 2) == 1794.34
    assert round(estimate.std_error, 2) == 671.00


def test_matching_is_statas_psmatch_with_ties_averaged():
    """Stata: teffects psmatch (bweight) (mbsmoke mmarried c.mage##c.mage fbaby medu)."""
    terms = causal.Terms(squares=("mage",))
    estimate = ask(cattaneo(), "mbsmoke_", "bweight", CATTANEO, "matching", terms=terms).estimate
    assert round(estimate.effect, 4) == -210.9683
    assert round(estimate.std_error, 3) == 32.021


@pytest.mark.parametrize(("target", "table"), [("everyone", "table"), ("treated", "table_t")])
def test_standardisation_is_statas_regression_adjustment(target, table):
    """Stata: teffects ra (bweight prenatal1 mmarried mage fbaby) (mbsmoke), with its GMM errors."""
    from statsmodels.treatment.tests.results import results_teffects

    stata = getattr(results_teffects.results_ra, table)
    estimate = ask(cattaneo(), "mbsmoke_", "bweight", CATTANEO_OUTCOME, "standardisation", target).estimate
    assert estimate.effect == pytest.approx(stata[0, 0], rel=1e-9)
    assert estimate.std_error == pytest.approx(stata[0, 1], rel=1e-6)
    assert estimate.arm_means.control == pytest.approx(stata[1, 0], rel=1e-9)
    assert estimate.arm_std_errors.control == pytest.approx(stata[1, 1], rel=1e-6)


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
