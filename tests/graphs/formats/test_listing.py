import contextlib
import random
import time

import pytest

from causal.errors import GraphError, GraphSyntax
from causal.graphs.causal_graph import CausalGraph
from tests.hang import SECONDS_OF_A_HANG

LISTING = (
    "E E @-2.2,-1.5\nD O @1.4,-1.5\nA 1 @0.1,0.2\nhidden%20cause U\nZ A\n\n"
    "A E D\nE D\nhidden%20cause D @1,2\nZ A\nA Z\n"
)


def test_dagittys_first_format_is_read_whole():
    graph = CausalGraph.parse(LISTING)
    assert graph.directed == (("A", "D"), ("A", "E"), ("E", "D"), ("hidden cause", "D"))
    assert graph.bidirected == (("A", "Z"),)
    assert (graph.role("E"), graph.role("D"), graph.latent) == ("treatment", "outcome", {"hidden cause"})
    assert graph.forced == {"Z"}
    assert ("D", 1.4, -1.5) in graph.positions


def test_lines_may_end_as_on_windows():
    assert CausalGraph.parse(LISTING.replace("\n", "\r\n")) == CausalGraph.parse(LISTING)


def test_an_arrow_to_a_variable_not_listed_says_where():
    with pytest.raises(GraphSyntax, match='Line 4, column 3: "C" is none of the variables listed'):
        CausalGraph.parse("A E\nB O\n\nA C\n")
    with pytest.raises(GraphSyntax, match="Line 4, column 1: an arrow's line names a cause"):
        CausalGraph.parse("A E\nB O\n\nA\n")


@pytest.mark.parametrize(
    "text", ["a,b\nb,c\n", "cause,effect\na,b\nb,c", "from\tto\na\tb\n\nb\tc", "source, target\r\na, b\r\nb , c\r\n"]
)
def test_a_table_of_pairs_is_arrows(text):
    assert CausalGraph.parse(text) == CausalGraph.from_edges([("a", "b"), ("b", "c")])


def test_a_name_may_have_spaces_but_a_comma_parts_two():
    assert CausalGraph.parse("time of day, clicks") == CausalGraph.from_edges([("time of day", "clicks")])
    assert CausalGraph.parse('"a,b"\n') == CausalGraph(nodes=("a,b",))


def test_any_listing_is_a_graph_or_a_sentence_at_once():
    words = ("A", "B", "E", "O", "1", "@", "@1,2", "@1e9,1", "\n", "\n\n", ",", "\t", "%20", "%", "->", "é", " ")
    for seed in range(2_000):
        rng = random.Random(seed)
        text = LISTING[: rng.randrange(60)] + " ".join(rng.choices(words, k=rng.randrange(40)))
        started = time.process_time()
        try:
            CausalGraph.parse(text)
        except GraphError as error:
            assert str(error)
        assert time.process_time() - started < SECONDS_OF_A_HANG


def test_long_lines_are_read_at_once():
    for text in (
        "a" * 100_000 + ",",
        "a," * 50_000,
        "A E " + "@" * 100_000 + "\n\n",
        " " * 100_000 + "a\t" + " " * 90_000,
    ):
        started = time.process_time()
        with contextlib.suppress(GraphError):
            CausalGraph.parse(text)
        assert time.process_time() - started < SECONDS_OF_A_HANG
