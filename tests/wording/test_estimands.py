"""The formula read aloud names what is compared, within what, and what is averaged."""

import pytest

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import identify
from causal.study import Question
from causal.wording.estimands import formula_in_words


@pytest.mark.parametrize(
    ("edges", "arcs", "words"),
    [
        (
            [("x", "t"), ("x", "y"), ("t", "y")],
            [],
            'Among units alike in "x", "y" is compared between the levels of "t"',
        ),
        ([("t", "y")], [], 'The distribution of "y" among units with each level of "t", as it is.'),
        ([("x", "t"), ("x", "y")], [], 'Whatever "t" is set to'),
        ([("t", "m"), ("m", "y")], [("t", "y")], 'First what "t" does to "m"'),
        ([("t", "y"), ("z", "t")], [("t", "y")], 'How much "y" moves with "z", divided by how much "t" moves with it.'),
        ([("t", "y"), ("z", "t"), ("z", "d")], [("t", "y")], '"z" in its place would show the same'),
        ([("w", "z"), ("z", "t"), ("t", "y")], [("w", "t"), ("w", "y")], "all of them can be counted in the log"),
    ],
)
def test_each_strategy_is_read_aloud(edges, arcs, words):
    assert words in formula_in_words(identify(CausalGraph.from_edges(edges, arcs), Question("t", "y")))
