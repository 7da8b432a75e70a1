"""Published graphs: Shrier and Platt (2008), Schipf et al. (2010), Didelez et al. (2010), Greenland et al. (1999)."""

import time
from dataclasses import replace
from itertools import islice

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import GraphError, UnknownNode
from causal.graphs.adjustment import (
    adjustment_sets,
    canonical_adjustment_set,
    each_adjustment_set,
    is_adjustment_set,
    optimal_adjustment_set,
    smallest_adjustment_set,
    why_not,
)
from causal.graphs.causal_graph import CausalGraph
from tests.graphs.random_graphs import plain, small_graphs, subsets
from tests.hang import SECONDS_OF_A_HANG

SHRIER = CausalGraph.parse(
    """
    Coach -> Team; Coach -> Fitness; Genetics -> Fitness; Genetics -> Fatigue; Genetics -> Tissue_disorder
    Team -> Warm_up; Team -> Previous_injury; Fitness -> Pre_game; Fitness -> Fatigue; Pre_game -> Warm_up
    Warm_up -> In_game; Fatigue -> In_game; Fatigue -> Injury; Tissue_disorder -> Fatigue
    Tissue_disorder -> Tissue_weakness; Tissue_weakness -> Injury; In_game -> Injury
    Contact_sport -> Previous_injury; Contact_sport -> In_game
    """
)
SCHIPF = CausalGraph.parse(
    """
    A -> PA; A -> S; A -> TT; A -> U; A -> WC; PA -> T2DM; PA -> WC; S -> T2DM; S -> TT
    U -> T2DM; U -> TT; WC -> T2DM; WC -> TT; WC -> U
    """
)
DIDELEZ = CausalGraph.from_edges(
    [
        ("Age", "HRT"), ("Age", "Occ"), ("Age", "S"), ("Age", "TCI"), ("HRT", "TCI"), ("Occ", "Smo"),
        ("Occ", "Thist"), ("Smo", "HRT"), ("Smo", "TCI"), ("TCI", "S"), ("Thist", "TCI"),
    ],
    selected=["S"],
    forced=["Age", "Smo"],
)  # fmt: skip


def sets(*written):
    return {frozenset(each.split()) for each in written}


def test_shrier_and_platt_has_the_published_seven_sets():
    assert set(adjustment_sets(SHRIER, "Warm_up", "Injury")) == sets(
        "Coach Fitness", "Coach Pre_game", "Tissue_disorder Fatigue", "Fitness Genetics", "Fitness Team",
        "Fatigue Tissue_weakness", "Pre_game Team",
    )  # fmt: skip
    direct = adjustment_sets(SHRIER, "Warm_up", "Injury", effect="direct")
    assert direct[:2] == [frozenset(each) for each in (
        {"Fatigue", "In_game", "Tissue_disorder"}, {"Fatigue", "In_game", "Tissue_weakness"},
    )]  # fmt: skip
    assert len(direct) == 7


def test_schipf_has_two_sets_although_there_is_no_arrow():
    assert set(adjustment_sets(SCHIPF, "TT", "T2DM")) == sets("A S U WC", "PA S U WC")


def test_selection_by_the_outcome_leaves_no_set_for_the_total_effect():
    assert adjustment_sets(DIDELEZ, "HRT", "TCI") == []
    assert adjustment_sets(DIDELEZ, "HRT", "TCI", effect="direct") == [frozenset({"Age", "Smo"})]
    assert "rows are in the log" in why_not(DIDELEZ, "HRT", "TCI", ["Age", "Smo"])


def test_nothing_needed_and_nothing_found_differ():
    m_bias = CausalGraph.from_edges([("E", "D")], [("E", "Z"), ("Z", "D")])
    bow = CausalGraph.from_edges([("E", "D")], [("E", "D")])
    assert adjustment_sets(m_bias, "E", "D") == [frozenset()]
    assert adjustment_sets(bow, "E", "D") == []


def test_a_mediator_counts_for_the_direct_effect_only():
    graph = CausalGraph.from_edges([("Z", "X"), ("Z", "I"), ("X", "I"), ("X", "Y"), ("I", "Y")])
    assert adjustment_sets(graph, "X", "Y") == [frozenset({"Z"})]
    assert adjustment_sets(graph, "X", "Y", effect="direct") == [frozenset({"I"})]


def test_several_treatments_at_once():
    graph = CausalGraph.from_edges([("X1", "M1"), ("M1", "M2"), ("M2", "X2"), ("Y", "M2")])
    assert adjustment_sets(graph, ["X1", "X2"], "Y") == [frozenset({"M1", "M2"})]


def test_forced_variables_are_in_every_set():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y"), ("w", "y")], forced=["w"])
    assert adjustment_sets(graph, "t", "y") == [frozenset({"w", "x"})]
    assert adjustment_sets(graph.with_edge("t", "w"), "t", "y") == []


def brute_force(graph, treatment, outcome, effect):
    directed = plain(graph)
    after = set(nx.descendants(directed, treatment))
    on_paths = {name for name in after if name == outcome or outcome in nx.descendants(directed, name)}
    barred = {treatment, outcome}.union(*({name} | nx.descendants(directed, name) for name in on_paths))
    if effect == "direct":
        barred = {treatment, outcome} | (nx.descendants(directed, outcome) if outcome in after else set())
        on_paths = {outcome}
    directed.remove_edges_from([edge for edge in directed.edges if edge[0] == treatment and edge[1] in on_paths])
    free = graph.observed - barred - graph.forced
    if graph.forced & barred:
        return set()
    valid = [
        chosen | graph.forced
        for chosen in subsets(free)
        if nx.is_d_separator(directed, {treatment}, {outcome}, set(chosen | graph.forced))
    ]
    return {each for each in valid if not any(other < each for other in valid)}


@settings(max_examples=120, deadline=None)
@given(small_graphs(), st.data())
def test_the_sets_are_those_of_brute_force_over_all_subsets(graph, data):
    treatment, outcome, *others = data.draw(st.permutations(graph.nodes))
    forced = {name for name in others if name in graph.observed and data.draw(st.integers(0, 4)) == 4}
    graph = replace(graph, forced=frozenset(forced))
    for effect in ("total", "direct"):
        expected = brute_force(graph, treatment, outcome, effect)
        found = adjustment_sets(graph, treatment, outcome, effect)
        assert len(found) == len(set(found))
        assert set(found) == expected
        smallest = min(expected, key=lambda names: (len(names), sorted(names)), default=None)
        assert smallest_adjustment_set(graph, treatment, outcome, effect) == smallest
    total = adjustment_sets(graph, treatment, outcome)
    assert (canonical_adjustment_set(graph, treatment, outcome) is None) == (total == [])
    for names in subsets(set(others)):
        assert (why_not(graph, treatment, outcome, names) is None) == is_adjustment_set(
            graph, treatment, outcome, names
        )


def asymptotic_variance(graph, treatment, outcome, chosen, seed):
    """Residual variance of the outcome over that of the treatment, in a linear model on the graph."""
    rng = np.random.default_rng(seed)
    order = graph.topological_order
    index = {name: position for position, name in enumerate(order)}
    weights = np.zeros((len(order), len(order)))
    for cause, effect in graph.directed:
        weights[index[effect], index[cause]] = rng.uniform(0.3, 1.2)
    mixing = np.linalg.inv(np.eye(len(order)) - weights)
    covariance = mixing @ mixing.T

    def residual(name, given):
        rows = [index[each] for each in given]
        own = index[name]
        explained = covariance[own, rows] @ np.linalg.solve(covariance[np.ix_(rows, rows)], covariance[rows, own])
        return covariance[own, own] - (explained if rows else 0)

    return residual(outcome, [*sorted(chosen), treatment]) / residual(treatment, sorted(chosen))


@settings(max_examples=40, deadline=None)
@given(small_graphs(latent=False, bidirected=False), st.data())
def test_the_optimal_set_has_the_smallest_variance_of_all_valid_sets(graph, data):
    treatment, outcome, *others = data.draw(st.permutations(graph.nodes))
    best = optimal_adjustment_set(graph, treatment, outcome)
    if outcome not in graph.descendants(treatment):
        return
    assert best is not None
    lowest = asymptotic_variance(graph, treatment, outcome, best, seed=0)
    for names in subsets(set(others)):
        if is_adjustment_set(graph, treatment, outcome, names):
            assert lowest <= asymptotic_variance(graph, treatment, outcome, names, seed=0) + 1e-9


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["m", "x"], '"m" lies on a causal path: adjusting for it removes a part of the effect.'),
        (["after", "x"], '"after" is an effect of the outcome "y"'),
        ([], "The path t ← x → y stays open"),
        (["c", "x"], 'Adjusting for "c" opens the path t ← a → c ← b → y'),
        (["u", "x"], '"u" is unobserved'),
        (["t"], "part of the question itself"),
    ],
)
def test_a_set_that_fails_comes_with_its_reason(names, sentence):
    graph = CausalGraph.from_edges(
        [
            ("x", "t"),
            ("x", "y"),
            ("t", "m"),
            ("m", "y"),
            ("y", "after"),
            ("a", "t"),
            ("a", "c"),
            ("b", "c"),
            ("b", "y"),
        ],
        latent=["a", "b"],
        nodes=["u"],
    ).with_role("u", "unobserved")
    assert sentence in why_not(graph, "t", "y", names)


def test_unknown_names_and_words_are_refused():
    graph = CausalGraph.from_edges([("t", "y")])
    with pytest.raises(UnknownNode, match='no variable "z"'):
        adjustment_sets(graph, "t", "z")
    with pytest.raises(GraphError, match='neither "total" nor "direct"'):
        adjustment_sets(graph, "t", "y", effect="partial")
    with pytest.raises(GraphError, match="at once"):
        adjustment_sets(graph, "t", "t")


def test_the_first_set_of_a_large_graph_comes_at_once():
    rng = np.random.default_rng(1)
    names = [f"v{number:03}" for number in range(100)]
    edges = {tuple(sorted(rng.choice(names, 2, replace=False))) for _ in range(310)}
    graph = CausalGraph.from_edges([(str(cause), str(effect)) for cause, effect in sorted(edges)][:300], nodes=names)
    started = time.process_time()
    first = next(each_adjustment_set(graph, "v040", "v095"))
    assert time.process_time() - started < SECONDS_OF_A_HANG
    assert is_adjustment_set(graph, "v040", "v095", first)


def test_exponentially_many_sets_come_one_by_one():
    edges = [edge for n in range(40) for edge in ((f"a{n}", "t"), (f"a{n}", f"b{n}"), (f"b{n}", "y"))]
    graph = CausalGraph.from_edges([*edges, ("t", "y")])
    started = time.process_time()
    found = list(islice(each_adjustment_set(graph, "t", "y"), 100))
    assert len(set(found)) == 100
    assert time.process_time() - started < SECONDS_OF_A_HANG
    assert len(adjustment_sets(graph, "t", "y", limit=7)) == 7


def test_a_collider_that_is_a_confounder_too_is_said_to_fail_both_ways():
    butterfly = CausalGraph.from_edges(
        [("a", "t"), ("a", "m"), ("b", "m"), ("b", "y"), ("m", "t"), ("m", "y"), ("t", "y")], latent=["a", "b"]
    )
    assert why_not(butterfly, "t", "y", ["m"]) == (
        'Without adjusting for "m" the path t ← m → y is open; adjusting for "m" opens the path t ← a → m ← b → y.'
    )
