import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2

from causal.checks.graph_fit import GraphFit, GraphFitOptions, Mend, graph_fit
from causal.errors import OptionProblem, WorkStopped
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable

GRAPH = CausalGraph.from_edges(
    [("age", "algorithm"), ("age", "minutes"), ("algorithm", "clicks"), ("clicks", "minutes"), ("region", "algorithm")]
)


def users(n=2000, seed=1, leak=0.0):
    """A log that follows GRAPH; `leak` adds an arrow from region to minutes."""
    rng = np.random.default_rng(seed)
    age, region = rng.normal(size=n), rng.integers(0, 3, n)
    algorithm = rng.random(n) < 1 / (1 + np.exp(-age - np.array([0, 0.8, -0.6])[region]))
    clicks = rng.poisson(np.exp(0.5 + 0.8 * algorithm)).astype(float)
    minutes = age + 0.5 * clicks + leak * (region == 1) + rng.normal(size=n)
    regions = np.array(["north", "south", "west"])[region]
    return UnitTable.from_frame(
        pd.DataFrame({"age": age, "region": regions, "algorithm": algorithm, "clicks": clicks, "minutes": minutes})
    )


def pairs(tests):
    return {(each.left, each.right) for each in tests}


def test_a_right_graph_is_not_contradicted():
    fit = graph_fit(users(), GRAPH)
    assert pairs(fit.tests) == {
        ("age", "clicks"), ("age", "region"), ("algorithm", "minutes"), ("clicks", "region"), ("minutes", "region"),
    }  # fmt: skip
    assert fit.standing == "not contradicted"
    assert fit.violated == ()
    assert fit.fisher.p_value > 0.01
    assert fit.relabelling.standing == "better than chance"


def test_fishers_c_has_its_distribution_under_a_right_graph():
    options = GraphFitOptions(relabellings=0)
    fits = [graph_fit(users(400, seed), GRAPH, options) for seed in range(60)]
    assert fits[0].fisher.degrees == 10
    rejected = sum(each.fisher.p_value < 0.05 for each in fits)
    assert binomtest(rejected, len(fits), 0.05).pvalue > 0.001
    first = fits[0]
    statistic = -2 * sum(each.log_p for each in first.tests)
    assert first.fisher.p_value == pytest.approx(float(chi2.sf(statistic, 10)), rel=1e-9)


def test_a_missing_arrow_is_found_with_what_would_mend_it():
    fit = graph_fit(users(leak=1.0), GRAPH)
    assert fit.standing == "contradicted"
    worst = fit.tests[0]
    assert (worst.left, worst.right, worst.standing) == ("minutes", "region", "violated")
    assert worst.mends == (Mend("region", "minutes", "directed"), Mend("minutes", "region", "bidirected"))
    assert worst.low > 0.1
    assert fit.fisher.p_value < 1e-6


def test_a_mend_takes_the_promise_back():
    table = users(leak=1.0)
    for mend in graph_fit(table, GRAPH).tests[0].mends:
        mended = GRAPH.with_edge(mend.left, mend.right, mend.kind)
        assert graph_fit(table, mended).standing == "not contradicted"


def test_many_rows_make_a_departure_significant_but_not_large():
    fit = graph_fit(users(60_000, leak=0.08), GRAPH)
    worst = fit.tests[0]
    assert (worst.left, worst.right, worst.standing) == ("minutes", "region", "slight")
    assert worst.holm < 0.05
    assert worst.mends == ()
    assert fit.standing == "strained"
    assert {each.standing for each in fit.tests[1:]} <= {"kept"}


def test_few_rows_contradict_nothing_and_promise_nothing():
    fit = graph_fit(users(200), GRAPH)
    assert {each.standing for each in fit.tests} == {"not contradicted"}


def test_p_values_are_corrected_for_the_number_of_promises():
    fit = graph_fit(users(leak=0.3), GRAPH)
    smallest = min(fit.tests, key=lambda each: each.log_p)
    assert smallest.holm == pytest.approx(5 * smallest.p_value)
    assert all(each.p_value <= each.benjamini_hochberg <= each.holm for each in fit.tests)


def test_every_minimal_independence_is_tested_on_demand():
    fit = graph_fit(users(), GRAPH, GraphFitOptions(full=True))
    basis = graph_fit(users(), GRAPH)
    assert fit.full
    assert len(fit.tests) > len(basis.tests)
    assert fit.fisher == basis.fisher
    cut = graph_fit(users(), GRAPH, GraphFitOptions(full=True, most_promises=2))
    assert cut.more
    assert len(cut.tests) == 2


def test_a_promise_about_a_column_that_is_missing_is_listed_as_untested():
    fit = graph_fit(UnitTable.from_frame(users().frame.drop(columns="clicks")), GRAPH)
    assert {each.right for each in fit.tests} == {"region"}
    assert len(fit.untested) == 4
    assert all('no column "clicks"' in each.reason for each in fit.untested)


def test_a_graph_without_promises_has_nothing_to_test():
    full = CausalGraph.from_edges([("age", "clicks"), ("age", "minutes"), ("clicks", "minutes")])
    fit = graph_fit(users(), full)
    assert fit.standing == "nothing to test"
    assert fit.fisher is None
    assert fit.relabelling is None


def test_hidden_variables_promise_nothing_themselves():
    graph = CausalGraph.from_edges([("taste", "clicks"), ("taste", "minutes"), ("age", "minutes")], latent=["taste"])
    assert pairs(graph_fit(users(), graph).tests) == {("age", "clicks")}


def test_a_wrong_graph_is_no_better_than_its_relabellings():
    names = {"age": "clicks", "clicks": "age", "algorithm": "region", "region": "algorithm", "minutes": "minutes"}
    wrong = CausalGraph.from_edges([(names[cause], names[effect]) for cause, effect in GRAPH.directed])
    fit = graph_fit(users(), wrong)
    assert fit.relabelling.standing == "no better than chance"
    assert fit.relabelling.broken >= 3


def test_a_chain_of_three_says_little_by_its_labels():
    chain = CausalGraph.from_edges([("algorithm", "clicks"), ("clicks", "minutes")])
    fit = graph_fit(users(), chain)
    assert fit.relabelling.complete
    assert fit.relabelling.tried == 5
    assert fit.relabelling.share_equivalent == pytest.approx(1 / 5)
    assert fit.relabelling.standing == "says nothing"


def test_a_large_table_is_sampled_with_a_seed():
    options = GraphFitOptions(most_rows=500)
    first, again = (graph_fit(users(), GRAPH, options) for _ in range(2))
    assert first == again
    assert first.sampled == 500
    assert {each.n for each in first.tests} == {500}
    assert first != graph_fit(users(), GRAPH, GraphFitOptions(most_rows=500, seed=1))


def test_a_fit_survives_json():
    fit = graph_fit(users(leak=1.0), GRAPH.with_node("mood"))
    assert fit.violated
    assert fit.untested
    assert fit.relabelling
    assert GraphFit.from_json(json.loads(json.dumps(fit.to_json(), allow_nan=False))) == fit


def test_progress_rises_and_stops_the_work():
    seen = []
    graph_fit(users(300), GRAPH, progress=lambda share, stage: seen.append((share, stage)))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert seen[1][1] == "testing independence 1 of 5"

    def stop(share, stage):
        if share > 0.3:
            raise WorkStopped("stopped by a person")

    with pytest.raises(WorkStopped, match="stopped by a person"):
        graph_fit(users(300), GRAPH, progress=stop)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 5}, "The level 5 must lie between 0 and 1"),
        ({"negligible": -1}, "The negligible size -1 must lie between 0 and 1"),
        ({"most_rows": 3}, "at least 20 rows, one promise and no negative number of relabellings"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(OptionProblem, match=message):
        GraphFitOptions(**options)
