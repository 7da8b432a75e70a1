"""What every registered method promises, run over all of them."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import causal
from causal.analysis import analysis_from_json, analysis_to_json, scores_to_arrays
from causal.errors import (
    CovariateProblem,
    DoableError,
    EmptyLog,
    OptionProblem,
    OutcomeProblem,
    PerfectSeparation,
    TooFewUnits,
    TreatmentProblem,
    UnknownColumn,
)
from tests.estimators.designs import DISCRETE, VARIED, YES_OR_NO

METHODS = tuple(method.name for method in causal.METHODS if method.on_its_own)
"""Methods on cells of discrete columns keep their own contract: test_identified_formula.py."""

ADJUSTING = tuple(method.name for method in causal.METHODS if method.adjusts and method.on_its_own)
SCORED = tuple(method.name for method in causal.METHODS if method.has_propensity)
TRIMMED = ("stratification", "weighting", "matching", "doubly_robust", "tmle", "weighted_regression")
TARGETS = ("everyone", "treated", "untreated", "overlap")
ASKED = tuple(
    (method.name, target)
    for method in causal.METHODS
    for target in TARGETS
    if method.on_its_own and target in method.targets
)
"""Every method with every target population that it answers for."""

FEASIBLE = ("coarsened_matching",)
"""Methods that by design answer for those units only that have a counterpart, and count what they leave out."""

DECIDED = tuple(name for name in SCORED if name not in ("overlap_weighting", "double_ml", "causal_forest"))
"""Methods to which units whose arm is decided matter; to overlap weighting they count for nothing, and learners
see them among others."""


QUICK = {"double_ml": {"learner": "linear"}}
"""What is learnt takes time: the contract runs on the quickest learner."""

SPLIT = ("double_ml",)
"""Which unit is in which fold hangs on what the units hold: other columns for the same thing give other folds."""


def spec_of(method, covariates=("a", "b"), **changes):
    changes["options"] = changes.get("options") or QUICK.get(method)
    question = changes.pop("question", causal.Question("t", "y", target=changes.pop("target", "everyone")))
    return causal.AnalysisSpec(question=question, method=method, adjust_for=covariates, **changes)


def answered(frame, method, covariates=("a", "b"), types=None, **changes):
    return causal.answer(causal.UnitTable.from_frame(frame, types), spec_of(method, covariates, **changes))


def digits(analysis):
    estimate = analysis.estimate
    return [estimate.effect, estimate.std_error, *estimate.arm_means.values(), *estimate.arm_std_errors.values()]


@pytest.fixture(scope="module")
def frame():
    return VARIED.draw(np.random.default_rng(1), 500)


@pytest.mark.parametrize("method", METHODS)
def test_nouns_are_frozen_and_finite(frame, method):
    analysis = answered(frame, method)
    assert np.isfinite(digits(analysis)).all()
    for noun in (analysis, analysis.spec, analysis.estimate, analysis.overlap, analysis.balance, *analysis.verdicts):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(noun, dataclasses.fields(noun)[0].name, None)


@pytest.mark.parametrize(("method", "target"), ASKED)
def test_effect_is_the_difference_of_the_arm_means_inside_its_interval(frame, method, target):
    analysis = answered(frame, method, target=target)
    estimate = analysis.estimate
    assert estimate.effect == estimate.arm_means.treated - estimate.arm_means.control
    low, high = estimate.interval(0.95)
    assert low < estimate.effect < high
    assert estimate.arm_sizes.control + estimate.arm_sizes.treated == estimate.n
    assert estimate.n == round(500 * (1 - analysis.overlap.share_trimmed))
    assert estimate.n == 500 or method in FEASIBLE


@pytest.mark.parametrize("method", METHODS)
def test_the_same_spec_gives_the_same_digits(frame, method):
    assert digits(answered(frame, method)) == digits(answered(frame.copy(), method))


def test_another_process_gives_the_same_digits(frame, tmp_path):
    frame.to_parquet(tmp_path / "units.parquet")
    program = (
        "import json, sys, pandas as pd, causal\n"
        f"quick = {QUICK!r}\n"
        "table = causal.UnitTable.from_frame(pd.read_parquet(sys.argv[1]))\n"
        "for name in [method.name for method in causal.METHODS if method.on_its_own]:\n"
        "    spec = causal.AnalysisSpec(\n"
        "        causal.Question('t', 'y'), method=name, adjust_for=('a', 'b'), options=quick.get(name)\n"
        "    )\n"
        "    estimate = causal.answer(table, spec).estimate\n"
        "    print(json.dumps([estimate.effect, estimate.std_error, spec.fingerprint]))\n"
    )
    root = Path(causal.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "units.parquet")],
        capture_output=True,
        text=True,
        cwd=root,
        check=True,
    )
    for line, method in zip(run.stdout.splitlines(), METHODS, strict=True):
        here = answered(frame, method)
        assert json.loads(line) == [here.estimate.effect, here.estimate.std_error, here.spec.fingerprint]


@pytest.mark.parametrize(("method", "target"), ASKED)
def test_row_order_does_not_matter(frame, method, target):
    shuffled = frame.sample(frac=1, random_state=3)
    assert digits(answered(shuffled, method, target=target)) == pytest.approx(
        digits(answered(frame, method, target=target)), rel=1e-10
    )


@pytest.mark.parametrize("method", METHODS)
def test_ties_in_the_covariates_do_not_make_row_order_matter(method):
    frame = DISCRETE.draw(np.random.default_rng(2), 400)
    shuffled = frame.sample(frac=1, random_state=4).reset_index(drop=True)
    first, second = (answered(each, method, ("level",)) for each in (frame, shuffled))
    assert digits(second) == pytest.approx(digits(first), rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_covariate_order_does_not_matter(frame, method):
    assert digits(answered(frame, method, ("b", "a"))) == pytest.approx(digits(answered(frame, method)), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_units_of_the_covariates_do_not_matter(frame, method):
    moved = frame.assign(a=1e6 + 1e-3 * frame["a"], b=-4e5 * frame["b"] + 7)
    assert digits(answered(moved, method)) == pytest.approx(digits(answered(frame, method)), rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_effect_comes_in_units_of_the_outcome(frame, method):
    moved = answered(frame.assign(y=5_000 - 200 * frame["y"]), method).estimate
    plain = answered(frame, method).estimate
    assert moved.effect == pytest.approx(-200 * plain.effect, rel=1e-8)
    assert moved.std_error == pytest.approx(200 * plain.std_error, rel=1e-8)
    assert moved.arm_means.control == pytest.approx(5_000 - 200 * plain.arm_means.control, rel=1e-8)


@pytest.mark.parametrize(("method", "target"), ASKED)
def test_swapping_the_arms_flips_the_sign(frame, method, target):
    swapped = {"treated": "untreated", "untreated": "treated"}.get(target, target)
    plain = answered(frame, method, target=target).estimate
    question = causal.Question("t", "y", target=swapped, control=1, treated=0)
    turned = answered(frame, method, question=question).estimate
    tolerance = {"rel": 1e-8} if method != "stratification" else {"rel": 0.05}  # a unit on an edge changes sides
    assert turned.effect == pytest.approx(-plain.effect, **tolerance)
    assert turned.std_error == pytest.approx(plain.std_error, **tolerance)


@pytest.mark.parametrize("method", METHODS)
def test_the_frame_that_came_in_is_never_changed(method):
    frame = VARIED.draw(np.random.default_rng(5), 300).assign(g=["x", "y", "z"] * 100)
    frame.index = pd.Index(np.arange(300)[::-1] * 2, name="odd index")
    before = frame.copy(deep=True)
    answered(frame, method, ("a", "b", "g"), terms=causal.Terms(squares=("a",), interactions=(("a", "g"),)))
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("method", METHODS)
def test_a_read_only_frame_is_enough(frame, method):
    locked = frame.copy()
    for name in locked:
        locked[name].to_numpy().flags.writeable = False
    assert digits(answered(locked, method)) == digits(answered(frame, method))


@pytest.mark.parametrize("method", METHODS)
def test_missing_values_leave_complete_cases_with_the_count(frame, method):
    holed = frame.copy()
    holed.loc[:9, "a"], holed.loc[5:14, "y"], holed.loc[20:22, "t"] = np.nan, np.nan, np.nan
    analysis = answered(holed, method)
    covered = holed.dropna().astype({"t": int})
    assert digits(analysis) == pytest.approx(digits(answered(covered, method)), rel=1e-12)
    assert analysis.dropped == 15
    assert analysis.estimate.n == round((500 - 15 - 3) * (1 - analysis.overlap.share_trimmed))


@pytest.mark.parametrize("method", METHODS)
def test_infinite_values_count_as_missing(frame, method):
    endless = frame.copy()
    endless.loc[0, "a"], endless.loc[1, "y"] = np.inf, -np.inf
    analysis = answered(endless, method)
    assert analysis.dropped == 2
    assert digits(analysis) == pytest.approx(digits(answered(frame.iloc[2:], method)), rel=1e-12)


@pytest.mark.parametrize("method", ADJUSTING)
@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_values_too_extreme_to_compute_with_are_refused_not_dropped(frame, method, factor):
    with pytest.raises(CovariateProblem, match='"a" holds values too large or too small to compute with'):
        answered(frame.assign(a=frame["a"] * factor), method)


@pytest.mark.parametrize("method", ADJUSTING)
def test_values_of_any_common_size_are_computed_with(frame, method):
    plain = digits(answered(frame, method))
    for factor in (1e30, 1e-30):
        assert digits(answered(frame.assign(a=frame["a"] * factor), method)) == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("levels", [(False, True), ("old", "new"), (0.5, 1.5), (2, 7), ("0", "1")])
@pytest.mark.parametrize("method", METHODS)
def test_levels_of_any_kind_are_compared_as_named(frame, method, levels):
    control, treated = levels
    named = frame.assign(t=[treated if each else control for each in frame["t"]])
    question = causal.Question("t", "y", control=control, treated=treated)
    analysis = answered(named, method, question=question)
    assert digits(analysis) == digits(answered(frame, method))
    assert analysis.estimate.arm_means[treated] == analysis.estimate.arm_means.treated
    assert analysis.estimate.arm_means[control] == analysis.estimate.arm_means.control


def test_arms_are_found_by_their_words_even_where_the_levels_are_called_so(frame):
    named = frame.assign(t=["control" if each else "treated" for each in frame["t"]])
    question = causal.Question("t", "y", control="treated", treated="control")
    means = answered(named, "weighting", question=question).estimate.arm_means
    assert means["control"] == means.control
    assert means["treated"] == means.treated


@pytest.mark.parametrize("method", METHODS)
def test_two_levels_of_several_are_compared_and_the_others_left_out(frame, method):
    third = frame.assign(t=["old", "new"] * 250)
    third["t"] = np.where(frame["t"] == 1, "new", "old")
    third.loc[:49, "t"] = "other"
    question = causal.Question("t", "y", control="old", treated="new")
    assert digits(answered(third, method, question=question)) == digits(answered(frame.iloc[50:], method))


HOSTILE = (
    "propensity_score",
    "weight",
    "Intercept",
    'it\'s "quoted"',
    "🦊 fox",
    "<script>alert(1)</script>",
    "a'; DROP TABLE units;--",
    "x" * 300,
    " ",
    "​",
    "a\nb",
    "1",
    "a:b*c",
    "{name}",
    "$x_1$",
    "%s",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_column_name_is_special(frame, name):
    renamed = frame.rename(columns={"a": name})
    for method in METHODS:
        analysis = answered(renamed, method, (name, "b"))
        assert digits(analysis) == digits(answered(frame, method))
        assert name in [row.name for row in analysis.balance.rows]
        assert analysis_from_json(analysis_to_json(analysis)).estimate == analysis.estimate


@pytest.mark.parametrize("name", HOSTILE)
def test_treatment_and_outcome_may_have_any_name(frame, name):
    for role in ("t", "y"):
        renamed = frame.rename(columns={role: name})
        question = causal.Question(name if role == "t" else "t", name if role == "y" else "y")
        for method in METHODS:
            assert digits(answered(renamed, method, question=question)) == digits(answered(frame, method))


@pytest.mark.parametrize("value", HOSTILE)
def test_no_level_is_special(value):
    frame = DISCRETE.draw(np.random.default_rng(6), 400)
    renamed = frame.assign(level=frame["level"].replace({"b": value}))
    for method in (name for name in METHODS if name not in SPLIT):
        found = answered(renamed, method, ("level",))
        assert digits(found) == pytest.approx(digits(answered(frame, method, ("level",))), rel=1e-9)
        assert f"level: {value}" in [row.name for row in found.balance.rows]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in SPLIT])
def test_a_covariate_written_twice_or_as_a_sum_changes_nothing(frame, method):
    twice = frame.assign(copy=frame["a"], total=2 * frame["a"] - 3 * frame["b"], constant=4.2)
    named = ("a", "b", "copy", "total", "constant")
    if method in FEASIBLE:  # a sum is cut into bins of its own
        named = ("a", "b", "copy", "constant")
    found = answered(twice, method, named)
    assert digits(found) == pytest.approx(digits(answered(frame, method)), rel=1e-7)
    rows = {row.name: row for row in found.balance.rows}
    assert rows["copy"].after == pytest.approx(rows["a"].after)
    assert rows["constant"].before == rows["constant"].after == 0


@pytest.mark.parametrize("method", METHODS)
def test_without_covariates_every_method_is_the_difference_in_means(frame, method):
    analysis = answered(frame, method, ())
    plain = answered(frame, "difference_in_means", ()).estimate
    assert analysis.estimate.effect == pytest.approx(plain.effect, rel=1e-10)
    assert analysis.estimate.std_error == pytest.approx(plain.std_error, rel=2e-2)
    assert analysis.balance.rows == ()
    assert {each.check: each.light for each in analysis.verdicts}["balance"] == "does_not_apply"
    assert len(analysis.strata) == (1 if method == "stratification" else 0)


@pytest.mark.parametrize("method", METHODS)
def test_spec_and_analysis_survive_json(frame, method):
    options = {"trim": 0.1} if method in TRIMMED else {}
    analysis = answered(
        frame,
        method,
        terms=causal.Terms(squares=("a",), interactions=(("a", "b"),), treatment_by=("b",)),
        options=causal.analysis.method_named(method).make_options(options),
        confidence=0.9,
        seed=7,
        target="everyone" if method == "overlap_weighting" else "treated",
    )
    document = json.loads(json.dumps(analysis_to_json(analysis), allow_nan=False))
    back = analysis_from_json(document, scores_to_arrays(analysis), analysis.table)
    assert back.spec == analysis.spec
    assert back.spec.fingerprint == analysis.spec.fingerprint
    assert analysis_to_json(back) == analysis_to_json(analysis)
    assert dataclasses.asdict(back.estimate) == dataclasses.asdict(analysis.estimate)
    if analysis.scores is not None:
        assert back.target == analysis.target
        assert causal.treat_share(back, [0.3]) == causal.treat_share(analysis, [0.3])


@pytest.mark.parametrize("method", TRIMMED)
def test_trimming_says_its_share_and_leaves_out_just_those_units(method):
    frame = VARIED.draw(np.random.default_rng(8), 2000)
    analysis = answered(frame, method, options={"trim": 0.3})
    plain = answered(frame, method)
    histogram = plain.overlap.propensity_histogram
    outside = sum(histogram.control[:12] + histogram.control[28:] + histogram.treated[:12] + histogram.treated[28:])
    assert analysis.overlap.share_trimmed == pytest.approx(outside / 2000)
    assert outside > 0
    assert analysis.estimate.n == 2000 - outside
    assert plain.overlap.share_trimmed == 0
    assert answered(frame, method, options={"trim": 1e-9}).estimate == plain.estimate


@pytest.mark.parametrize("method", TRIMMED)
def test_trimming_everybody_is_refused(frame, method):
    even = frame.assign(t=np.where(np.arange(500) < 450, 0, 1))
    with pytest.raises(TooFewUnits, match="After trimming"):
        answered(even, method, ("a",), options={"trim": 0.45})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"t": 1}, TreatmentProblem, '"t" is 1 for every unit: a comparison needs two levels'),
        ({"t": np.nan}, TreatmentProblem, '"t" has no value at all'),
        ({"t": "one"}, TreatmentProblem, "\"t\" is 'one' for every unit"),
        ({"y": 3.5}, OutcomeProblem, 'outcome "y" is 3.5 for all 500 units'),
        ({"y": np.nan}, OutcomeProblem, 'outcome "y" is missing for every unit'),
        ({"y": "text"}, OutcomeProblem, 'outcome "y" holds text'),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(frame, method, change, error, sentence):
    with pytest.raises(error, match=sentence):
        answered(frame.assign(**change), method)


@pytest.mark.parametrize("method", METHODS)
def test_more_than_two_levels_ask_which_two(frame, method):
    with pytest.raises(TreatmentProblem, match=r"say which level is compared with which.*Its levels are: 0, 1, 2"):
        answered(frame.assign(t=np.arange(500) % 3), method)


@pytest.mark.parametrize("method", METHODS)
def test_a_level_that_no_unit_has_is_named(frame, method):
    question = causal.Question("t", "y", control=0, treated=5)
    with pytest.raises(TreatmentProblem, match=r'No unit has "t" = 5. Its levels are: 0, 1'):
        answered(frame, method, question=question)


@pytest.mark.parametrize("method", METHODS)
def test_a_level_is_not_compared_with_itself(frame, method):
    with pytest.raises(TreatmentProblem, match="not one with itself"):
        answered(frame, method, question=causal.Question("t", "y", control=1, treated=1))


@pytest.mark.parametrize("lonely", [0, 1])
@pytest.mark.parametrize("method", METHODS)
def test_one_unit_in_an_arm_is_refused(frame, method, lonely):
    t = np.full(500, 1 - lonely)
    t[3] = lonely
    with pytest.raises(TooFewUnits, match=f"only 1 unit has the treatment level {lonely}"):
        answered(frame.assign(t=t), method)


@pytest.mark.parametrize("method", METHODS)
def test_one_unit_in_each_arm_is_refused(frame, method):
    with pytest.raises(TooFewUnits, match="only 1 unit has the treatment level 1"):
        answered(frame.head(2).assign(t=[0, 1]), method)


@pytest.mark.parametrize("method", ADJUSTING)
def test_a_covariate_without_values_is_named(frame, method):
    with pytest.raises(EmptyLog, match='The emptiest is "a": 500 of 500 missing'):
        answered(frame.assign(a=np.nan), method)


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_column_names_its_neighbours(frame, method):
    with pytest.raises(UnknownColumn, match=r'no column "bb". Did you mean "b"'):
        answered(frame.rename(columns={"a": "x"}), method, ("bb",))
    with pytest.raises(UnknownColumn, match='no column "u"'):
        answered(frame, method, cluster="u")


@pytest.mark.parametrize("name", ["t", "y"])
@pytest.mark.parametrize("method", ADJUSTING)
def test_the_treatment_and_the_outcome_are_no_covariates(frame, method, name):
    what = {"t": "treatment", "y": "outcome"}[name]
    with pytest.raises(CovariateProblem, match=f'"{name}" is the {what}; it cannot be adjusted for'):
        answered(frame, method, ("a", name))


@pytest.mark.parametrize("method", ADJUSTING)
def test_identifiers_text_and_too_many_levels_are_refused(frame, method):
    named = frame.assign(who=[f"u{place}" for place in range(500)])
    with pytest.raises(CovariateProblem, match='"who" has 500 different values'):
        answered(named, method, ("a", "who"))
    for kind, words in (("text", "free text"), ("identifier", "an identifier")):
        with pytest.raises(CovariateProblem, match=f'"who" is {words}'):
            answered(named, method, ("a", "who"), types={"who": kind})


@pytest.mark.parametrize("method", SCORED)
def test_perfect_separation_names_the_column(frame, method):
    with pytest.raises(PerfectSeparation, match=r'decide the treatment of .*most of all "twin"'):
        answered(frame.assign(twin=frame["t"] * 3.0), method, ("a", "twin"))
    with pytest.raises(PerfectSeparation, match='most of all "cut"'):
        answered(frame.assign(cut=np.where(frame["t"] == 1, 1, -1) * (0.1 + frame["a"].abs())), method, ("cut",))


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("method", DECIDED)
def test_a_level_that_only_one_arm_has_is_refused_for_the_targets_that_need_it(frame, method, arm, share):
    inside = (frame["t"] == arm) & (np.random.default_rng(9).random(500) < 2 * share)
    assert inside.sum() > 1
    lopsided = frame.assign(g=np.where(inside, "only", np.where(frame["a"] > 0, "p", "q")))
    needing = {0: "untreated", 1: "treated"}[arm]
    for target in ("everyone", needing):
        with pytest.raises(PerfectSeparation, match=r'decide the treatment of .*most of all "g"'):
            answered(lopsided, method, ("b", "g"), target=target)


@pytest.mark.parametrize("arm", [0, 1])
def test_standardisation_refuses_a_level_of_which_one_arm_says_nothing(frame, arm):
    inside = (frame["t"] == arm) & (frame["b"] > 0.6)
    lopsided = frame.assign(g=np.where(inside, "only", "both"))
    needing, other = ("untreated", "treated") if arm == 0 else ("treated", "untreated")
    for target in ("everyone", needing):
        with pytest.raises(CovariateProblem, match=f'treatment level {1 - arm} do not say how "g" moves the outcome'):
            answered(lopsided, "standardisation", ("a", "g"), target=target)
    assert np.isfinite(digits(answered(lopsided, "standardisation", ("a", "g"), target=other))).all()


@pytest.mark.parametrize("method", ["standardisation", "doubly_robust", "tmle", "weighted_regression"])
def test_a_number_that_stands_still_in_one_arm_is_refused(frame, method):
    still = frame.assign(b=np.where(frame["t"] == 1, 0.0, frame["b"]))
    with pytest.raises(CovariateProblem, match='treatment level 1 do not say how "b" moves the outcome'):
        answered(still, method, target="untreated")


@pytest.mark.parametrize("method", ["weighting", "matching"])
def test_a_level_that_only_the_controls_have_is_no_hindrance_for_those_treated(frame, method):
    inside = (frame["t"] == 0) & (frame["b"] > 0.6)
    lopsided = frame.assign(g=np.where(inside, "only", "both"))
    found = answered(lopsided, method, ("a", "b", "g"), target="treated").estimate
    kept = answered(lopsided[~inside], method, ("a", "b"), target="treated").estimate
    assert found.effect == pytest.approx(kept.effect, rel=1e-5)
    assert found.std_error == pytest.approx(kept.std_error, rel=0.02)


def test_small_propensities_are_not_taken_for_separation():
    rng = np.random.default_rng(10)
    a = rng.normal(size=20_000)
    t = rng.random(20_000) < 1 / (1 + np.exp(7 - 2.5 * a))
    frame = pd.DataFrame({"t": t.astype(int), "a": a, "y": a + t + rng.normal(size=20_000)})
    analysis = answered(frame, "weighting", ("a",), target="treated")
    assert analysis.overlap.propensity_range[0] < 1e-6
    assert analysis.estimate.effect == pytest.approx(1, abs=4 * analysis.estimate.std_error)


@pytest.mark.parametrize("method", ["standardisation", "doubly_robust", "tmle", "weighted_regression"])
def test_a_binary_outcome_that_a_level_decides_is_still_predicted(method):
    frame = YES_OR_NO.draw(np.random.default_rng(11), 800)
    sure = frame.assign(g=np.where(np.arange(800) % 4 == 0, "sure", "open"))
    sure.loc[sure["g"] == "sure", "y"] = 1
    estimate = answered(sure, method, ("a", "b", "g")).estimate
    rest = answered(sure[sure["g"] == "open"], method, ("a", "b")).estimate
    assert np.isfinite([estimate.effect, estimate.std_error]).all()
    assert estimate.effect == pytest.approx(0.75 * rest.effect, abs=0.01)


def test_stratification_names_the_stratum_that_lacks_an_arm():
    rng = np.random.default_rng(12)
    a = np.sort(rng.uniform(-1, 1, 200))
    t = (a > 0).astype(int)
    t[[90, 110, 99, 101]] = [1, 0, 1, 0]
    frame = pd.DataFrame({"t": t, "a": a, "y": a + rng.normal(size=200)})
    with pytest.raises(TooFewUnits, match=r"In the stratum of propensities from .* no unit has the treatment level 1"):
        answered(frame, "stratification", ("a",))


@pytest.mark.parametrize("method", METHODS)
def test_an_unknown_option_is_refused_with_those_there_are(frame, method):
    with pytest.raises(OptionProblem, match=r'has no option "penalty"\. Its options are: '):
        answered(frame, method, options={"penalty": 1})


@pytest.mark.parametrize(
    ("method", "options", "sentence"),
    [
        ("weighting", {"normalised": "yes"}, "'yes'; it must be bool"),
        ("weighting", {"trim": "0.1"}, "'0.1'; it must be float"),
        ("weighting", {"trim": 0.5}, "must be at least 0 and below 0.5"),
        ("weighting", {"trim": -0.1}, "must be at least 0 and below 0.5"),
        ("weighting", {"trim": float("nan")}, "must be at least 0 and below 0.5"),
        ("weighting", {"nuisance": "guessed"}, "must be one of 'estimated', 'known'"),
        ("weighting", {"nuisance": ["known"]}, "must be one of 'estimated', 'known'"),
        ("doubly_robust", {"trim": True}, "it must be float"),
        ("regression", {"std_error": "HC9"}, "must be one of 'HC2', 'classical'"),
        ("standardisation", {"pooled": 1}, "it must be bool"),
        ("stratification", {"strata": 5.5}, "it must be int"),
        ("stratification", {"strata": 1}, "choose between 2 and 100"),
        ("matching", {"neighbours": 0}, "at least 1 neighbour"),
        ("entropy_balancing", {"moments": "skewness"}, "must be one of 'means', 'variances'"),
        ("covariate_balancing", {"over_identified": 1}, "it must be bool"),
        ("coarsened_matching", {"bins": 5}, "must be one of 'sturges', 'scott'"),
        ("coarsened_matching", {"cut_points": "a; 3"}, r'the cut points "a; 3" cannot be read'),
        ("coarsened_matching", {"cut_points": "a: x"}, r'the cut points "a: x" cannot be read'),
        ("coarsened_matching", {"cut_points": "c: 1"}, 'name "c", which is not adjusted for. Adjusted for are: a, b'),
        ("matching", {"neighbours": True}, "it must be int"),
        ("matching", {"neighbours": 10_000}, "fewer than the neighbours asked for"),
    ],
)
def test_options_of_a_wrong_type_or_range_are_refused(frame, method, options, sentence):
    with pytest.raises(DoableError, match=sentence):
        answered(frame, method, options=options)


def test_another_methods_options_are_refused(frame):
    from causal.estimators.matching import MatchingOptions

    with pytest.raises(OptionProblem, match="takes WeightingOptions, not MatchingOptions"):
        answered(frame, "weighting", options=MatchingOptions())


def test_an_unknown_method_names_those_there_are(frame):
    with pytest.raises(OptionProblem, match=r'There is no method "magic". Choose one of difference_in_means, '):
        answered(frame, "magic")


@pytest.mark.parametrize("method", ADJUSTING)
def test_terms_of_columns_not_adjusted_for_are_refused(frame, method):
    with pytest.raises(OptionProblem, match='The terms name "b", which is not adjusted for'):
        answered(frame, method, ("a",), terms=causal.Terms(squares=("b",)))


@pytest.mark.parametrize("method", ADJUSTING)
def test_a_category_has_no_square(frame, method):
    named = frame.assign(g=["x", "y"] * 250)
    with pytest.raises(OptionProblem, match='"g" is not numeric, so it has no square'):
        answered(named, method, ("a", "g"), terms=causal.Terms(squares=("g",)))


@pytest.mark.parametrize("method", ADJUSTING)
def test_times_are_covariates_and_words_typed_as_time_are_refused(frame, method):
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["a"] * 1e6, unit="s")
    for when in (stamps, stamps.dt.tz_localize("UTC")):
        found = answered(frame.assign(a=when), method)
        assert digits(found) == pytest.approx(digits(answered(frame, method)), rel=1e-5)
    with pytest.raises(CovariateProblem, match='"g" is typed as time but holds'):
        answered(frame.assign(g=["x", "y"] * 250), method, ("g",), types={"g": "time"})


@pytest.mark.parametrize("method", METHODS)
def test_pandas_own_kinds_of_column_give_the_same_digits(frame, method):
    plain = frame.assign(g=np.where(frame["a"] > 0.3, "up", "down"))
    modern = plain.astype({"t": "Int64", "y": "Float64", "a": "Float64", "g": "category"})
    assert digits(answered(modern, method, ("a", "b", "g"))) == digits(answered(plain, method, ("a", "b", "g")))
    arrow = plain.convert_dtypes(dtype_backend="pyarrow")
    assert digits(answered(arrow, method, ("a", "b", "g"))) == digits(answered(plain, method, ("a", "b", "g")))


@pytest.mark.parametrize("method", METHODS)
def test_nothing_outside_the_columns_used_matters(frame, method):
    wide = frame.assign(note="x", empty=np.nan, when=pd.Timestamp("2024-01-01"), junk=[object()] * 500)
    assert digits(answered(wide, method)) == digits(answered(frame, method))
