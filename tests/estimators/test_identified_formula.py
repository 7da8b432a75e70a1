"""Formulas of graphs on discrete data: exact on whole populations, with intervals that hold the truth."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import causal
from causal.analysis import analysis_from_json, analysis_to_json
from causal.errors import (
    CovariateProblem,
    EstimationError,
    NotIdentified,
    OptionProblem,
    OutcomeProblem,
    TooFewUnits,
    TreatmentProblem,
)
from causal.estimators.estimation import estimate_effect
from causal.estimators.identified_formula import METHOD
from causal.estimators.plug_in import Cells, evaluate_parts, mean_at
from causal.graphs.expression import interventional_means
from causal.graphs.id_algorithm import Hedge, identify_distribution
from tests.graphs.random_graphs import small_graphs
from tests.graphs.test_id_algorithm import IDENTIFIABLE, joint_of, truth
from tests.hang import SECONDS_OF_A_HANG

STUDIES = 1_000 if os.environ.get("DOABLE_FULL_COVERAGE") else 200
UNITS = 4_000
FRONT_DOOR = causal.CausalGraph.parse(IDENTIFIABLE["figure 2e"])
NAPKIN = causal.CausalGraph.parse(IDENTIFIABLE["napkin"])
BACK_DOOR = causal.CausalGraph.from_edges([("A", "X"), ("A", "Y"), ("B", "X"), ("B", "Y"), ("X", "Y")])


def ask(frame, graph, method="identified_formula", types=None, **changes):
    question = changes.pop("question", causal.Question("X", "Y", target=changes.pop("target", "everyone")))
    spec = causal.AnalysisSpec(question=question, graph=graph, method=method, **changes)
    return causal.answer(causal.UnitTable.from_frame(frame, types), spec)


def drawn(graph, seed, units, rng):
    """Units of the random binary model that `joint_of` enumerates."""
    names, joint = joint_of(graph, seed)
    cells = rng.choice(joint.size, size=units, p=joint.ravel() / joint.sum())
    return pd.DataFrame(dict(zip(names, np.unravel_index(cells, joint.shape), strict=True)))


def whole(graph, seed, size=1_000_000):
    """A population in which every cell has its expected number of units, rounded."""
    names, joint = joint_of(graph, seed)
    counts = np.round(joint.ravel() * size).astype(int)
    cells = np.repeat(np.arange(joint.size), counts)
    return pd.DataFrame(dict(zip(names, np.unravel_index(cells, joint.shape), strict=True)))


@pytest.mark.parametrize("name", sorted(IDENTIFIABLE))
def test_on_cells_with_exact_shares_the_formula_is_the_intervention(name):
    graph = causal.CausalGraph.parse(IDENTIFIABLE[name])
    expression = identify_distribution(graph, "X", "Y")
    names, joint = joint_of(graph, 7)
    place = names.index("Y")
    cells = Cells(tuple(n for n in names if n != "Y"), "Y", joint.sum(axis=place), joint.take(1, axis=place))
    evaluation = evaluate_parts(expression, cells)
    idle = dict.fromkeys(expression.free - {"X", "Y"}, 0)
    found = [mean_at(evaluation, {"X": arm, **idle}).mean for arm in (0, 1)]
    assert found == pytest.approx(truth(graph, "X", "Y", 7), abs=1e-12)


@pytest.mark.parametrize("name", ["figure 2c", "figure 2e", "figure 2g", "napkin", "front door with a confounder"])
def test_on_a_whole_population_the_answer_is_the_intervention(name):
    graph = causal.CausalGraph.parse(IDENTIFIABLE[name])
    estimate = ask(whole(graph, 3, 200_000), graph).estimate
    control, treated = truth(graph, "X", "Y", 3)
    assert (estimate.arm_means.control, estimate.arm_means.treated) == pytest.approx((control, treated), abs=2e-4)


@settings(max_examples=60, deadline=None)
@given(small_graphs(most=5), st.data())
def test_the_outcomes_mean_is_that_of_its_whole_distribution(graph, data):
    """What the plug-in rests on: the outcome stands before the bar of one factor only, in whatever formula."""
    treatment, outcome, *_ = data.draw(st.permutations(graph.nodes))
    if {treatment, outcome} & graph.latent or outcome not in graph.descendants(treatment):
        return
    expression = identify_distribution(graph, treatment, outcome)
    if isinstance(expression, Hedge) or expression.free - {treatment, outcome}:
        return
    names, joint = joint_of(graph, 5)
    place = names.index(outcome)
    rest = tuple(name for name in names if name != outcome)
    cells = Cells(rest, outcome, joint.sum(axis=place), joint.take(1, axis=place))
    evaluation = evaluate_parts(expression, cells)
    expected = interventional_means(expression, treatment, outcome, names, joint, np.array([0.0, 1.0]))
    assert [mean_at(evaluation, {treatment: arm}).mean for arm in (0, 1)] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["figure 2c", "figure 2e", "figure 2g", "napkin"])
def test_the_derivative_is_that_of_small_changes(name):
    graph = causal.CausalGraph.parse(IDENTIFIABLE[name])
    expression = causal.identify(graph, causal.Question("X", "Y")).expression
    rng = np.random.default_rng(1)
    names = tuple(sorted(graph.observed - {"Y"}))
    share = rng.dirichlet(np.ones(2 ** len(names))).reshape((2,) * len(names))
    total = share * rng.uniform(1, 3, share.shape)
    at = {"X": 1, **dict.fromkeys(expression.free - {"X", "Y"}, 0)}
    found = mean_at(evaluate_parts(expression, Cells(names, "Y", share, total)), at)
    for cell in np.ndindex(share.shape):
        for table, slopes in ((share, found.by_share), (total, found.by_total)):
            moved = []
            for step in (1e-6, -1e-6):
                other = table.copy()
                other[cell] += step
                pair = (other, total) if table is share else (share, other)
                moved.append(mean_at(evaluate_parts(expression, Cells(names, "Y", *pair)), at).mean)
            assert slopes[cell] == pytest.approx((moved[0] - moved[1]) / 2e-6, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("target", ["everyone", "treated", "untreated"])
def test_on_a_back_door_it_is_saturated_standardisation_and_balances_exactly(target):
    frame = drawn(BACK_DOOR, 2, 3_000, np.random.default_rng(3)).assign(
        A=lambda each: each["A"].map({0: "no", 1: "yes"})
    )
    ours = ask(frame.assign(Y=frame["Y"] + 0.25 * np.arange(3_000) % 7), BACK_DOOR, target=target)
    theirs = ask(
        frame.assign(Y=frame["Y"] + 0.25 * np.arange(3_000) % 7),
        BACK_DOOR,
        "standardisation",
        target=target,
        terms=causal.Terms(interactions=(("A", "B"),)),
    )
    assert ours.estimate.effect == pytest.approx(theirs.estimate.effect, rel=1e-9)
    assert ours.estimate.std_error == pytest.approx(theirs.estimate.std_error, rel=1e-6)
    assert ours.adjust_for == ("A", "B")
    assert max(abs(row.after) for row in ours.balance.rows) < 1e-12 < max(abs(row.before) for row in ours.balance.rows)
    assert ours.overlap.effective_sample_size["treated"] > 0


def test_targets_are_weighted_to_everyone_and_follow_the_truth():
    frame = drawn(FRONT_DOOR, 4, 3_000, np.random.default_rng(5))
    everyone, treated, untreated = (
        ask(frame, FRONT_DOOR, target=each).estimate for each in ("everyone", "treated", "untreated")
    )
    share = frame["X"].mean()
    assert everyone.effect == pytest.approx(share * treated.effect + (1 - share) * untreated.effect, rel=1e-10)
    assert treated.arm_means.treated == pytest.approx(frame.loc[frame["X"] == 1, "Y"].mean(), rel=1e-12)


CASES = {
    "front door": (FRONT_DOOR, "everyone", False),
    "front door, treated": (FRONT_DOOR, "treated", False),
    "front door, users": (FRONT_DOOR, "everyone", True),
    "napkin": (NAPKIN, "everyone", False),
    "figure 2g": (causal.CausalGraph.parse(IDENTIFIABLE["figure 2g"]), "everyone", False),
    "back door": (BACK_DOOR, "untreated", False),
}


def true_effect(graph, target):
    control, treated = truth(graph, "X", "Y", 11)
    if target == "everyone":
        return treated - control
    names, joint = joint_of(graph, 11)
    pair = joint.sum(axis=tuple(a for a, n in enumerate(names) if n not in ("X", "Y")))  # axes X, Y
    share = pair.sum(axis=1)
    own, other = (1, 0) if target == "treated" else (0, 1)
    seen, else_ = pair[own, 1] / share[own], ((control, treated)[other] - pair[other, 1]) / share[own]
    return seen - else_ if own else else_ - seen


@pytest.mark.parametrize("name", CASES)
def test_intervals_hold_the_truth_as_often_as_they_say(name):
    graph, target, users = CASES[name]
    expected, rng, hits, effects, errors = true_effect(graph, target), np.random.default_rng(12), 0, [], []
    question = causal.Question("X", "Y", target=target)
    estimand = causal.identify(graph, question)
    for _ in range(STUDIES):
        frame = drawn(graph, 11, UNITS // (4 if users else 1), rng)
        if users:  # each user gives four equal rows: the rows as such would claim half the error
            frame = pd.concat([frame.assign(user=np.arange(len(frame)))] * 4)
        table, cluster = causal.UnitTable.from_frame(frame), "user" if users else None
        estimate, _ = estimate_effect(table, question, estimand.adjust_for, METHOD, cluster=cluster, estimand=estimand)
        low, high = estimate.interval(0.95)
        hits += low <= expected <= high
        effects.append(estimate.effect)
        errors.append(estimate.std_error)
    assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, f"{hits} of {STUDIES}"
    assert np.sqrt(np.mean(np.square(errors))) / np.std(effects, ddof=1) == pytest.approx(1, abs=0.2)


def test_an_outcome_of_any_number_keeps_its_unit():
    rng = np.random.default_rng(6)
    frame = drawn(FRONT_DOOR, 4, 2_000, rng)
    frame["Y"] = frame["Y"] + rng.normal(size=2_000)
    plain, moved = ask(frame, FRONT_DOOR).estimate, ask(frame.assign(Y=5_000 - 200 * frame["Y"]), FRONT_DOOR).estimate
    assert moved.effect == pytest.approx(-200 * plain.effect, rel=1e-8)
    assert moved.std_error == pytest.approx(200 * plain.std_error, rel=1e-8)
    assert moved.arm_means.control == pytest.approx(5_000 - 200 * plain.arm_means.control, rel=1e-8)


@pytest.mark.parametrize("graph", [FRONT_DOOR, NAPKIN, BACK_DOOR], ids=["front door", "napkin", "back door"])
def test_rows_names_and_levels_may_be_any(graph):
    frame = drawn(graph, 4, 1_500, np.random.default_rng(7))
    estimate = ask(frame, graph).estimate
    shuffled = ask(frame.sample(frac=1, random_state=1), graph).estimate
    assert shuffled.effect == pytest.approx(estimate.effect, rel=1e-10)
    assert shuffled.std_error == pytest.approx(estimate.std_error, rel=1e-10)
    hostile = {name: f"<b>{name}</b> \"'; $x" for name in frame.columns if name not in ("X", "Y")}
    renamed, other = frame.rename(columns=hostile), graph
    for old, new in hostile.items():
        other = other.renamed(old, new)
    worded = renamed.assign(X=renamed["X"].map({0: "old", 1: "new"}))
    question = causal.Question("X", "Y", control="old", treated="new")
    again = ask(worded, other, question=question)
    assert again.estimate.effect == pytest.approx(estimate.effect, rel=1e-10)
    assert again.estimate.arm_means["new"] == pytest.approx(estimate.arm_means.treated, rel=1e-10)
    back = analysis_from_json(analysis_to_json(again))
    assert back.estimate == again.estimate


def test_missing_values_of_a_mediator_leave_complete_cases():
    frame = drawn(FRONT_DOOR, 4, 1_500, np.random.default_rng(8)).astype({"Z": "Int64"})
    frame.loc[:9, "Z"] = pd.NA
    analysis = ask(frame, FRONT_DOOR)
    assert (analysis.dropped, analysis.estimate.n) == (10, 1_490)
    assert analysis.estimate.effect == pytest.approx(ask(frame.iloc[10:], FRONT_DOOR).estimate.effect, rel=1e-12)


def test_a_combination_that_no_unit_has_is_named():
    frame = drawn(FRONT_DOOR, 4, 1_500, np.random.default_rng(9))
    gone = frame[~((frame["X"] == 1) & (frame["Z"] == 0))]
    with pytest.raises(TooFewUnits, match=r'No unit has "X" = 1, "Z" = 0, a combination of values that the formula'):
        ask(gone, FRONT_DOOR)
    named = drawn(BACK_DOOR, 4, 1_500, np.random.default_rng(9)).assign(A=lambda each: each["A"].map({0: "l", 1: "h"}))
    with pytest.raises(TooFewUnits, match=r'No unit has "X" = 0, "A" = h, "B" = 1'):
        ask(named[~((named["X"] == 0) & (named["A"] == "h") & (named["B"] == 1))], BACK_DOOR)


def test_a_combination_that_nothing_weighs_is_not_needed():
    """No unit at all has A = 1 and B = 1, so that nothing is to be known of them."""
    frame = drawn(BACK_DOOR, 4, 3_000, np.random.default_rng(10))
    frame = frame[~((frame["A"] == 1) & (frame["B"] == 1))]
    joined = frame.assign(G=frame["A"].astype(str) + frame["B"].astype(str))
    graph = causal.CausalGraph.from_edges([("G", "X"), ("G", "Y"), ("X", "Y")])
    first, second = ask(frame, BACK_DOOR).estimate, ask(joined, graph).estimate
    assert first.effect == pytest.approx(second.effect, rel=1e-10)
    assert first.std_error == pytest.approx(second.std_error, rel=1e-10)


def test_a_combination_that_few_units_have_is_noted():
    frame = drawn(FRONT_DOOR, 4, 1_500, np.random.default_rng(9))
    rare = (frame["X"] == 1) & (frame["Z"] == 0)
    few = pd.concat([frame[~rare], frame[rare].head(2)])
    assert any(each.startswith('Only 2 units have "X" = 1, "Z" = 0') for each in ask(few, FRONT_DOOR).notes)
    assert not ask(frame, FRONT_DOOR).notes


def test_columns_with_many_values_are_to_be_binned_and_few_numbers_are_taken():
    rng = np.random.default_rng(11)
    frame = drawn(FRONT_DOOR, 4, 1_500, rng)
    with pytest.raises(CovariateProblem, match=r'"Z" has 1,500 different values.*Bin it into a few ranges first'):
        ask(frame.assign(Z=rng.normal(size=1_500)), FRONT_DOOR)
    with pytest.raises(CovariateProblem, match=r'"Z" has 1,500 different values.*Group its values first'):
        ask(frame.assign(Z=[f"v{n}" for n in range(1_500)]), FRONT_DOOR)
    with pytest.raises(CovariateProblem, match='"Z" is an identifier, and the formula needs a column with few values'):
        ask(frame, FRONT_DOOR, types={"Z": "identifier"})
    halves = ask(frame.assign(Z=frame["Z"] * 0.5 - 7), FRONT_DOOR).estimate
    assert halves.effect == pytest.approx(ask(frame, FRONT_DOOR).estimate.effect, rel=1e-12)


def test_an_outcome_too_large_to_sum_is_refused():
    frame = drawn(FRONT_DOOR, 4, 1_500, np.random.default_rng(9)).astype({"Y": float})
    frame.loc[frame["Y"] == 1, "Y"] = 1e308
    with pytest.raises((OutcomeProblem, EstimationError), match=r"too (large|extreme)"):
        ask(frame, FRONT_DOOR)


def test_too_many_combinations_are_refused():
    names = [f"c{number}" for number in range(21)]
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({name: rng.integers(0, 2, 200) for name in (*names, "X", "Y")})
    graph = causal.CausalGraph.from_edges([*((n, e) for n in names for e in ("X", "Y")), ("X", "Y")])
    with pytest.raises(CovariateProblem, match=r"span more than 1,000,000 combinations of values"):
        ask(frame, graph)


def test_a_third_arm_is_left_out_of_a_front_door_and_refused_by_other_formulas():
    question = causal.Question("X", "Y", control=0, treated=1)
    for graph, allowed in ((FRONT_DOOR, True), (NAPKIN, False)):
        frame = drawn(graph, 4, 1_500, np.random.default_rng(13))
        third = frame.assign(X=np.where(np.arange(1_500) < 100, 2, frame["X"]))
        if allowed:
            expected = ask(frame.iloc[100:], graph).estimate.effect
            assert ask(third, graph, question=question).estimate.effect == pytest.approx(expected, rel=1e-12)
        else:
            with pytest.raises(TreatmentProblem, match='"X" has 3 levels and two are compared'):
                ask(third, graph, question=question)


def test_methods_that_adjust_name_it_where_there_is_nothing_to_adjust_for():
    frame = drawn(NAPKIN, 4, 500, np.random.default_rng(14))
    with pytest.raises(NotIdentified, match='Choose "Identified formula", or observe'):
        ask(frame, NAPKIN, "weighting")
    with pytest.raises(NotIdentified, match="a hedge"):
        ask(frame, causal.CausalGraph.parse("X -> Y; X <-> Y"))


def test_without_a_graph_it_adjusts_for_the_columns_named():
    frame = drawn(BACK_DOOR, 2, 2_000, np.random.default_rng(15))
    named = ask(frame, None, adjust_for=("A", "B")).estimate
    assert named.effect == ask(frame, BACK_DOOR).estimate.effect
    empty = ask(frame, None, adjust_for=()).estimate
    assert empty.effect == pytest.approx(frame.groupby("X")["Y"].mean().diff().iloc[1], rel=1e-10)


def test_where_the_graph_says_no_effect_the_null_is_made_visible():
    graph = BACK_DOOR.without_edge("X", "Y")
    frame = drawn(graph, 2, 2_000, np.random.default_rng(16))
    analysis = ask(frame, graph)
    assert analysis.adjust_for == ("A", "B")
    assert abs(analysis.estimate.effect) < 4 * analysis.estimate.std_error != 0


def test_at_random_the_what_if_is_a_straight_line_between_the_arm_means():
    analysis = ask(drawn(FRONT_DOOR, 2, 2_000, np.random.default_rng(17)), FRONT_DOOR)
    curve = causal.treat_share(analysis, [0, 0.5, 1])
    means = analysis.estimate.arm_means
    assert curve.means == pytest.approx((means.control, (means.control + means.treated) / 2, means.treated), rel=1e-10)
    errors = analysis.estimate.arm_std_errors
    assert (curve.std_errors[0], curve.std_errors[2]) == pytest.approx((errors.control, errors.treated), rel=1e-8)


def test_it_needs_the_table():
    from causal.estimators.design import draw_sample
    from causal.estimators.estimation import estimate_from_sample
    from causal.estimators.registry import method_named

    table = causal.UnitTable.from_frame(drawn(BACK_DOOR, 2, 200, np.random.default_rng(18)))
    with pytest.raises(OptionProblem, match="needs the whole table"):
        estimate_from_sample(draw_sample(table, causal.Question("X", "Y"), ()), method_named("identified_formula"))


def test_a_hundred_thousand_units_take_no_time():
    import time

    frame = drawn(NAPKIN, 2, 100_000, np.random.default_rng(19))
    started = time.process_time()
    ask(frame, NAPKIN)
    assert time.process_time() - started < SECONDS_OF_A_HANG
