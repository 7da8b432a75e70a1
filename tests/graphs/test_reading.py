import json
import random
import time

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.reading import MOST_PATHS, read_graph
from causal.study import Question
from tests.hang import SECONDS_OF_A_HANG

QUESTION = Question("t", "y", control=0, treated=1)


def paths(graph):
    return {each["text"]: each for each in read_graph(graph, QUESTION).document["paths"]}


def test_the_canvas_is_told_what_each_path_carries_and_what_blocks_it():
    graph = CausalGraph.from_edges(
        [("x", "t"), ("x", "y"), ("t", "y"), ("t", "c"), ("y", "c"), ("s", "t"), ("s", "y")], selected=["s"]
    )
    found = paths(graph)
    assert list(found) == ["t → y", "t ← s → y", "t ← x → y", "t → c ← y"]
    assert found["t → y"] == {
        "text": "t → y",
        "nodes": ["t", "y"],
        "edges": [["t", "y", "directed"]],
        "causal": True,
        "open": True,
        "blocked_by": [],
        "sentence": 'Part of the effect: "t" moves "y" along it.',
    }
    assert found["t ← x → y"]["edges"] == [["x", "t", "directed"], ["x", "y", "directed"]]
    assert found["t ← x → y"]["blocked_by"] == ["x"]
    assert found["t ← x → y"]["sentence"] == 'No bias: blocked. "x" is adjusted for.'
    assert found["t → c ← y"]["sentence"] == 'No bias: blocked. Two arrows meet at "c", and it is left alone.'
    assert "held fixed by which rows" in found["t ← s → y"]["sentence"]


def test_an_open_biasing_path_says_what_opened_it():
    graph = CausalGraph.from_edges(
        [("a", "s"), ("a", "t"), ("b", "s"), ("b", "y"), ("t", "y")], selected=["s"], latent=["a", "b"]
    )
    opened = paths(graph)["t ← a → s ← b → y"]
    assert opened["open"]
    assert 'Holding fixed "s"' in opened["sentence"]
    assert "without an effect" in paths(CausalGraph.from_edges([("t", "y")], [("t", "y")]))["t ↔ y"]["sentence"]


def test_the_canvas_is_told_what_to_do_with_each_variable():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "m"), ("m", "y")])
    advice = read_graph(graph, QUESTION).document["advice"]
    assert {name: each["verdict"] for name, each in advice.items()} == {"x": "adjust", "m": "must not adjust"}
    assert advice["x"]["reason"] == 'Without "x" the path t ← x → y is open and biases the effect.'


def test_a_graph_that_is_not_identified_still_has_its_paths_and_advice():
    reading = read_graph(CausalGraph.from_edges([("t", "y")], [("t", "y")], nodes=["w"]), QUESTION)
    assert reading.refusal is not None
    assert [each["text"] for each in reading.document["paths"]] == ["t → y", "t ↔ y"]
    assert reading.document["advice"]["w"]["verdict"] == "may adjust"


def test_a_graph_without_the_outcome_is_a_refusal_and_nothing_else():
    document = read_graph(CausalGraph.from_edges([("x", "t")]), QUESTION).document
    assert document == {
        "causal": [],
        "biasing": [],
        "biasing_bidirected": [],
        "adjust": [],
        "advice": {},
        "paths": [],
        "paths_complete": True,
    }


def test_a_long_biasing_path_is_listed_among_many_short_ones():
    middle = [f"m{number}" for number in range(60)]
    causal = [edge for name in middle for edge in (("t", name), (name, "y"))]
    graph = CausalGraph.from_edges([*causal, ("u", "t"), ("u", "v"), ("v", "y")], latent=["u", "v"])
    document = read_graph(graph, QUESTION).document
    assert not document["paths_complete"] and len(document["paths"]) == MOST_PATHS
    assert [each["text"] for each in document["paths"] if not each["causal"]] == ["t ← u → v → y"]


def test_of_many_paths_the_shortest_are_listed_and_a_hundred_variables_are_read_at_once():
    chance = random.Random(1)
    names = ["t", *[f"v{number:02d}" for number in range(98)], "y"]
    pairs = {tuple(sorted(chance.sample(range(100), 2))) for _ in range(300)}
    graph = CausalGraph.from_edges([(names[a], names[b]) for a, b in sorted(pairs)], nodes=names)
    began = time.process_time()
    document = read_graph(graph, QUESTION).document
    assert time.process_time() - began < SECONDS_OF_A_HANG
    lengths = [len(path["nodes"]) for path in document["paths"]]
    assert len(lengths) == MOST_PATHS and not document["paths_complete"]
    assert lengths == sorted(lengths) and lengths[-1] <= 6
    assert len(json.dumps(document)) < 100_000


def test_the_reading_goes_by_the_set_that_a_person_chose():
    graph = CausalGraph.from_edges([("a", "t"), ("a", "b"), ("b", "y"), ("t", "y")])
    reading = read_graph(graph, Question("t", "y"), ("a",))
    assert reading.adjust == ("a",) and reading.document["adjust"] == ["a"]
    said = {each.name: each for each in reading.advice}
    assert said["a"].verdict == "adjust" and said["b"].verdict == "may adjust"
    usual = {each.name: each.verdict for each in read_graph(graph, Question("t", "y")).advice}
    assert usual["b"] == "adjust"
    blocked = [path for path in reading.document["paths"] if not path["causal"]]
    assert [path["blocked_by"] for path in blocked] == [["a"]]
