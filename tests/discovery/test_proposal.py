import json
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from causal.discovery.distance import structural_hamming_distance
from causal.discovery.knowledge import Knowledge
from causal.discovery.proposal import DiscoveryOptions, Proposal, ProposedEdge, SearchMethod, propose_graph
from causal.discovery.searches import _read_marks
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits, UnknownColumn, WorkStopped
from causal.logs.unit_table import UnitTable
from tests.discovery.simulated_nets import ASIA, LINEAR, SACHS, asia, linear, sachs

METHODS = get_args(SearchMethod)


def search(table, method="boss", knowledge=None, **options):
    options = {"resamples": 0, **options}
    return propose_graph(table, table.names, knowledge, DiscoveryOptions(method=method, **options))


def edges(proposal):
    return {(each.left, each.right): each.kind for each in proposal.edges}


def library_default(table, method):
    """The edges that causal-learn's own defaults find, on level codes."""
    names, frame = table.names, table.frame
    values = np.column_stack([pd.factorize(frame[name], sort=True)[0] for name in names]).astype(float)
    if method == "pc":
        from causallearn.search.ConstraintBased.PC import pc

        marks = pc(values, show_progress=False).G.graph
    else:
        from causallearn.search.PermutationBased.BOSS import boss

        marks = boss(values, verbose=False).graph
    return [
        ProposedEdge(names[left], names[right], sort, None, None, None, None, None)
        for left, right, sort in _read_marks(marks)
    ]


@pytest.mark.parametrize("method", ["pc", "boss"])
def test_a_linear_graph_is_found_up_to_its_equivalence_class(method):
    assert structural_hamming_distance(search(linear(5000), method).edges, LINEAR) == 0


@pytest.mark.parametrize("method", ["pc", "boss"])
def test_numbers_flags_and_categories_are_searched_together(method):
    assert structural_hamming_distance(search(linear(8000, mixed=True), method).edges, LINEAR) <= 1


@pytest.mark.parametrize("method", ["pc", "boss"])
def test_a_graph_like_sachs_is_found_better_than_by_the_defaults(method):
    table = sachs(4000)
    distance = structural_hamming_distance(search(table, method).edges, SACHS)
    assert distance <= 4
    assert distance < structural_hamming_distance(library_default(table, method), SACHS)


def test_asia_is_found_but_for_its_rarest_arrow():
    found = search(asia(8000))
    assert structural_hamming_distance(found.edges, ASIA) <= 3
    skeleton = {frozenset(pair) for pair in edges(found)}
    assert {frozenset(pair) for pair in ASIA.directed} - skeleton <= {frozenset(("asia", "tub"))}


@pytest.mark.parametrize("seed", [0, 5])
def test_a_search_does_not_end_where_the_order_of_the_columns_leads_it(seed):
    table = asia(10_000, seed)
    found = propose_graph(table, sorted(table.names), options=DiscoveryOptions(resamples=0))
    assert structural_hamming_distance(found.edges, ASIA) <= 2  # 9 and 11 from the alphabetical order alone


def test_noise_that_is_not_normal_gives_every_direction():
    found = search(linear(4000, normal=False), "lingam")
    assert edges(found) == dict.fromkeys(LINEAR.directed, "directed")


def test_fci_marks_what_a_hidden_cause_could_do():
    rng = np.random.default_rng(3)
    hidden = rng.normal(size=8000)
    x, y = rng.normal(size=(2, 8000))
    frame = pd.DataFrame({"x": x, "y": y})
    frame["left"] = x + hidden + 0.5 * rng.normal(size=8000)
    frame["right"] = y + hidden + 0.5 * rng.normal(size=8000)
    found = search(UnitTable.from_frame(frame), "fci")
    assert edges(found) == {
        ("left", "right"): "bidirected", ("x", "left"): "partly directed", ("y", "right"): "partly directed",
    }  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_time_directs_arrows(method):
    knowledge = Knowledge(tiers=(("a",), ("b", "c"), ("d",), ("e",)))
    found = search(linear(4000, normal=method != "lingam"), method, knowledge)
    forward = {pair for pair, kind in edges(found).items() if kind in ("directed", "partly directed")}
    assert forward == set(LINEAR.directed)
    if method != "fci":
        assert set(edges(found).values()) == {"directed"}


@pytest.mark.parametrize("method", METHODS)
def test_no_arrow_runs_against_time(method):
    against = Knowledge(tiers=(("e",), ("d",), ("b", "c"), ("a",)))
    place = against.tier_of
    for each in search(linear(2000, normal=method != "lingam"), method, against).edges:
        if each.kind in ("directed", "partly directed"):
            assert place[each.left] <= place[each.right]


@pytest.mark.parametrize("method", METHODS)
def test_a_required_arrow_is_there_and_a_forbidden_one_is_not(method):
    knowledge = Knowledge(required=(("a", "e"),), forbidden=(("b", "d"),))
    found = search(linear(2000, normal=method != "lingam"), method, knowledge)
    assert edges(found)[("a", "e")] == "directed"
    assert edges(found).get(("b", "d")) in (None, "bidirected")
    required = [(each.left, each.right) for each in found.edges if each.required]
    assert required == [("a", "e")]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_proposal(method):
    table = linear(500, normal=method != "lingam")
    first, again = (search(table, method, resamples=5, seed=3) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("method", METHODS)
def test_shares_of_the_resamples_sum_to_the_confidence(method):
    found = search(linear(1000, normal=method != "lingam"), method, resamples=10)
    for each in found.edges:
        assert each.confidence == pytest.approx(each.forward + each.backward + each.hidden + each.undecided)
        assert 0 <= each.orientation_share <= 1
    sureness = [each.confidence for each in found.edges]
    assert sureness == sorted(sureness, reverse=True)


def test_true_edges_are_surer_than_chance_ones():
    rng = np.random.default_rng(6)
    frame = linear(400).frame.assign(noise=rng.normal(size=400), more=rng.normal(size=400))
    found = search(UnitTable.from_frame(frame), "boss", resamples=30, penalty=0.3)
    sure = {frozenset((each.left, each.right)): each.confidence for each in found.edges}
    true = {frozenset(pair) for pair in LINEAR.directed}
    assert true <= set(sure)
    assert min(sure[pair] for pair in true) > 0.9
    assert all(confidence < 0.9 for pair, confidence in sure.items() if pair & {"noise", "more"})


def test_without_resamples_nothing_is_said_of_confidence():
    edge = search(linear(500)).edges[0]
    assert edge.confidence is None
    assert edge.orientation_share is None


def test_a_large_table_is_sampled_and_missing_rows_are_counted():
    frame = linear(3000).frame.copy()
    frame.loc[:99, "b"] = np.nan
    found = search(UnitTable.from_frame(frame), most_rows=1000)
    assert (found.rows, found.dropped, found.sampled) == (2900, 100, 1000)


def test_a_proposal_survives_json():
    knowledge = Knowledge(tiers=(("a",), ("e",)), forbidden=(("b", "c"),), required=(("a", "b"),))
    found = search(linear(500), "fci", knowledge, resamples=3)
    assert Proposal.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_printed(method, capfd):
    search(linear(300, normal=method != "lingam"), method, Knowledge(tiers=(("a",), ("b",))))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", METHODS)
def test_progress_names_the_stage_and_stops_the_work(method):
    table, seen = linear(300, normal=method != "lingam"), []
    propose_graph(
        table,
        table.names,
        options=DiscoveryOptions(method=method, resamples=2),
        progress=lambda share, stage: seen.append((share, stage)),
    )
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert list(dict.fromkeys(stage for _, stage in seen)) == [
        "reading the columns", "searching", "resample 1 of 2", "resample 2 of 2", "done",
    ]  # fmt: skip

    def stop(share, stage):
        if stage == "resample 1 of 2":
            raise WorkStopped("stopped by a person")

    with pytest.raises(WorkStopped, match="stopped by a person"):
        propose_graph(table, table.names, options=DiscoveryOptions(method=method, resamples=2), progress=stop)


@pytest.mark.parametrize(
    ("names", "method", "error", "message"),
    [
        (["a"], "pc", CovariateProblem, "A search takes 2 to 60 different columns; 1 were named"),
        (["a", "a"], "pc", CovariateProblem, "A search takes 2 to 60 different columns; 2 were named"),
        (["a", "nope"], "boss", UnknownColumn, 'no column "nope"'),
        (["a", "c", "e"], "lingam", CovariateProblem, 'these columns are none: "c", "e". Leave them out'),
        (["a", "constant"], "boss", TooFewUnits, '"constant" takes one value only'),
        (["a", "empty"], "fci", TooFewUnits, "Only 0 rows have a value in all 2 columns; a search needs 50"),
    ],
)
def test_what_cannot_be_searched_is_said(names, method, error, message):
    frame = linear(200, mixed=True).frame.assign(constant="same", empty=np.nan)
    with pytest.raises(error, match=message):
        propose_graph(UnitTable.from_frame(frame), names, options=DiscoveryOptions(method=method))


def test_knowledge_of_a_column_that_is_not_searched_is_refused():
    with pytest.raises(UnknownColumn, match='no column "f"'):
        search(linear(100), knowledge=Knowledge(forbidden=(("a", "f"),)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, 'There is no search "magic". Choose one of "pc", "fci", "boss", "lingam"'),
        ({"level": 0}, "The level 0 must lie between 0 and 1"),
        ({"penalty": 0}, "The penalty 0 must be positive"),
        ({"resamples": -1}, "no negative number of resamples"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(OptionProblem, match=message):
        DiscoveryOptions(**options)
