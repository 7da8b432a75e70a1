"""The dose-response curve: right if either model is, intervals of a straight and a bent curve, and refusals."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import causal
from causal.effects import dose as dose_module
from causal.errors import OptionProblem, TooFewUnits, TreatmentProblem
from causal.wording.dose import dose_finding, dose_title, line_sentence

DOSES = (-1.0, 0.0, 1.0)
SEED = 20_261_126


def draw(study: int, n: int = 800, bent: float = 0.0, crooked: float = 0.0) -> pd.DataFrame:
    """The mean at dose d is 1 + d + bent sin(2d) + crooked E(x²); a dose rises with x and z, and so does y."""
    rng = np.random.default_rng([20_261_126, study])
    x, z = rng.uniform(-1.5, 1.5, n), rng.uniform(-1, 1, n)
    dose = 0.7 * x - 0.5 * z + rng.normal(0, 1, n)
    y = 1 + dose + bent * np.sin(2 * dose) + 2 * x + z + crooked * x**2 + rng.normal(0, 1, n)
    return pd.DataFrame({"dose": dose, "x": x, "z": z, "y": y})


def curve(frame, doses=DOSES, adjust_for=("x", "z"), **changes):
    spec = causal.AnalysisSpec(causal.Question("dose", "y"), adjust_for=adjust_for, **changes)
    return causal.dose_response(causal.UnitTable.from_frame(frame), spec, doses)


def test_intervals_hold_a_straight_curve_at_each_dose_and_all_at_once():
    studies, alone, together = 100, 0, 0
    for study in range(studies):
        found = curve(draw(study, 500))
        alone += found.low[1] <= 1.0 <= found.high[1]
        together += all(low <= 1 + dose <= high for dose, low, high in zip(DOSES, found.joint_low, found.joint_high))  # noqa: B905
    assert binomtest(alone, studies, 0.95).pvalue > 0.001
    assert binomtest(together, studies, 0.95).pvalue > 0.001


def test_a_bent_curve_is_followed_within_what_smoothing_costs():
    """The bias of smoothing is not in the interval: here it stays within 0.1 of a bend of size 0.5."""
    found = curve(draw(1, 20_000, bent=0.5))
    truth = [1 + dose + 0.5 * np.sin(2 * dose) for dose in DOSES]
    assert found.means == pytest.approx(truth, abs=0.1)


def test_right_if_the_dose_is_modelled_rightly_though_the_outcome_is_not():
    found = curve(draw(2, 40_000, crooked=1.0))
    assert found.means == pytest.approx([1.75 + dose for dose in DOSES], abs=0.1)


def test_without_adjustment_it_would_be_wrong():
    found = curve(draw(3, 20_000), adjust_for=())
    assert found.means[2] - found.means[0] > 2.5


def test_the_straight_line_is_least_squares():
    import statsmodels.api as sm

    frame = draw(4)
    fit = sm.OLS(frame["y"], sm.add_constant(frame[["dose", "x", "z"]])).fit(cov_type="HC2")
    found = curve(frame)
    assert [found.per_unit, found.per_unit_error] == pytest.approx([fit.params["dose"], fit.bse["dose"]], rel=1e-9)
    assert found.per_unit_interval == pytest.approx(tuple(fit.conf_int().loc["dose"]), rel=1e-9)


def test_the_grid_holds_the_quartiles_and_differences_have_intervals():
    found = curve(draw(5, 2_000), doses=None)
    assert set(found.quartiles) <= set(found.doses) and list(found.doses) == sorted(found.doses)
    gap, (low, high) = found.difference(found.quartiles[0], found.quartiles[2])
    assert low < gap < high and gap == pytest.approx(found.quartiles[2] - found.quartiles[0], rel=0.2)
    assert all(low < one < two < high for low, one, two, high in
               zip(found.joint_low, found.low, found.high, found.joint_high, strict=True))  # fmt: skip
    assert 1 < found.effective_size <= found.units


def test_clusters_of_one_unit_change_the_error_by_their_factor_only():
    frame = draw(6, 400).assign(user=np.arange(400))
    one, two = curve(frame), curve(frame, cluster="user")
    assert two.degrees_of_freedom == 399 and one.degrees_of_freedom is None
    assert two.std_errors == pytest.approx([each * np.sqrt(400 / 399) for each in one.std_errors], rel=1e-9)


def test_the_curve_survives_json_and_has_the_same_digits_again():
    one, two = curve(draw(7), doses=None), curve(draw(7), doses=None)
    assert one == two == causal.DoseResponse.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False)))


def test_what_does_not_fit_is_said():
    frame = draw(8)
    with pytest.raises(TreatmentProblem, match="3 different values only: compare them as arms"):
        curve(frame.assign(dose=np.arange(800) % 3))
    with pytest.raises(TreatmentProblem, match="is no quantity"):
        curve(frame.assign(dose=np.where(frame["dose"] > 0, "a", "b")))
    with pytest.raises(OptionProblem, match="beyond them there is no data"):
        curve(frame, doses=[99.0])
    with pytest.raises(TooFewUnits, match="needs 100 units or more; 50"):
        curve(frame.head(50))
    with pytest.raises(OptionProblem, match="is for everyone"):
        spec = causal.AnalysisSpec(causal.Question("dose", "y", target="treated"), adjust_for=("x",))
        causal.dose_response(causal.UnitTable.from_frame(frame), spec)
    with pytest.raises(TreatmentProblem, match="nothing is left that could vary"):
        curve(frame.assign(x=frame["dose"]))


def test_errors_count_the_fitted_outcome_model_where_covariates_say_much_of_the_dose():
    """Against the jackknife, the dose's density and the bandwidth held: at few units and strong weights it matters."""
    rng = np.random.default_rng(SEED)
    n, asked, kept = 150, np.array([3.5, 5.0, 6.5]), np.arange(150)
    x = rng.normal(size=n)
    dose = 5 + x + rng.normal(size=n)
    y = dose + x + rng.normal(size=n)
    density = np.exp(-((dose - 5) ** 2) / 4) / np.sqrt(2) / np.exp(-((dose - 5 - x) ** 2) / 2)

    def smoothed(rows):
        sample = SimpleNamespace(model=np.column_stack([np.ones(len(rows)), x[rows]]), outcome=y[rows])
        outcomes = dose_module._pseudo_outcomes(sample, dose[rows], density[rows])
        return dose_module._smooth(dose[rows], outcomes, asked, 2.0)

    _, influences = smoothed(kept)
    left_out = np.array([smoothed(np.delete(kept, each))[0] for each in kept])
    jackknife = np.sqrt((n - 1) / n * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    errors = np.sqrt((influences**2).sum(axis=0)) / n
    assert errors / jackknife == pytest.approx(1.0, abs=0.12)


def test_far_doses_do_not_flatten_the_curve_of_the_others():
    """A lognormal dose with a log deviation of 2: its standard deviation is forty times its quartiles' distance."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=4_000)
    dose = np.exp(0.5 * x + 2 * rng.normal(size=4_000))
    frame = pd.DataFrame({"dose": dose, "x": x, "y": np.log1p(dose) + x + 0.5 * rng.normal(size=4_000)})
    found = curve(frame, doses=(0.3, 1.0, 4.0), adjust_for=("x",))
    assert found.means == pytest.approx(np.log1p([0.3, 1.0, 4.0]), abs=0.2)


def test_one_far_dose_and_clusters_that_differ_in_the_dose_are_answered():
    frame = draw(6, 300)
    frame.loc[0, "dose"] = 1e6  # alone above the mean
    found = curve(frame, doses=(0.0,))
    assert np.isfinite(found.means[0]) and np.isnan(found.per_unit_error)
    assert "decides alone" in line_sentence(found)
    by_dose = draw(7, 300).assign(
        user=lambda each: np.where(each["dose"] > each["dose"].mean(), 0, np.arange(300) % 20)
    )
    assert curve(by_dose, cluster="user").degrees_of_freedom == 20 - 1


def test_what_is_said_names_the_doses_that_were_asked_about():
    found = curve(draw(8), doses=(-1.0, 1.0))
    assert "from −1.00 to 1.00" in dose_finding(found)
    assert dose_title(found).startswith("Between −1.00 and 1.00")


def test_doses_where_nobody_is_or_that_are_no_numbers_are_refused():
    rng = np.random.default_rng(SEED)
    frame = draw(9, 400).assign(dose=lambda each: np.where(np.arange(400) % 2, 0, 1000) + rng.normal(size=400))
    with pytest.raises(OptionProblem, match="numbers, such as"):
        curve(frame, doses=("many",))
    dose = frame["dose"].to_numpy()
    nothing = np.zeros(len(dose))
    outcomes = dose_module._PseudoOutcomes(dose, nothing, nothing, nothing[:, None], nothing[:, None])
    with pytest.raises(OptionProblem, match="Nobody has a dose near 500"):
        dose_module._smooth(dose, outcomes, np.array([500.0]), 5.0)
