import json
import time
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.errors import CyclicGraph, GraphError, GraphSyntax, UnknownNode
from causal.graphs import formats
from causal.graphs.causal_graph import CausalGraph, Role
from causal.graphs.formats.reading import format_of
from causal.graphs.formats.writing import FORMATS, formats_table, kept_by, with_what_the_text_cannot_say
from tests.hang import SECONDS_OF_A_HANG

ROLES: tuple[Role | None, ...] = (None, "treatment", "outcome", "confounder", "instrument", "mediator", "unobserved")
HOSTILE = (
    'a "quoted" name', "back\\slash", "😀 emoji", "<script>alert(1)</script>", "line\nbreak", "tab\there", "a -> b",
    "{", "}", "[x]", "semi;colon", "per%cent #35; &quot;", "'; DROP TABLE logs; --", "graph", "digraph", "node", "dag",
    "end", "flowchart", "x" * 300, " padded ", "ünïcödé", "\x00\x7f\x80", "1", "-1.5", "two\u2028lines",
    "//", "/*", "\\n",
)  # fmt: skip


@st.composite
def graphs(draw):
    text = st.text(min_size=1, max_size=10).filter(str.strip) | st.sampled_from(HOSTILE)
    names = draw(st.lists(text, max_size=5, unique=True))
    pairs = list(combinations(names, 2))
    edges = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    roles = {name: role for name in names if (role := draw(st.sampled_from((*ROLES, "selected")))) is not None}
    coordinate = st.floats(-1e9, 1e9)
    return CausalGraph(
        nodes=tuple(names),
        directed=tuple(draw(edges)),
        bidirected=tuple(draw(edges)),
        roles=tuple(roles.items()),
        forced=frozenset(name for name in names if roles.get(name) != "unobserved" and draw(st.booleans())),
        positions=tuple((name, draw(coordinate), draw(coordinate)) for name in names if draw(st.booleans())),
    )


@settings(max_examples=120, deadline=None)
@given(graphs())
def test_each_format_gives_back_all_that_it_can_say(graph):
    for name in FORMATS:
        assert CausalGraph.parse(graph.to_text(name)) == kept_by(graph, name)
    assert CausalGraph.from_document(json.loads(json.dumps(graph.to_document()))) == graph


def test_dagitty_and_json_keep_everything_and_the_table_says_what_the_others_lose():
    graph = CausalGraph.parse('dag { t [exposure,pos="1,2"] u [latent] x [adjusted] u -> t x <-> t }')
    assert [name for name in FORMATS if kept_by(graph, name) == graph] == ["dagitty", "dot", "gml", "json"]
    assert "| lavaan (`lavaan`) | kept | kept | lost | lost | lost |" in formats_table()
    assert formats_table() in Path(formats.__file__).parents[1].joinpath("README.md").read_text()
    assert kept_by(graph, "lavaan").latent == {"u"}
    assert kept_by(graph, "edges").latent == frozenset()


def test_the_hostile_names_come_through_every_format():
    graph = CausalGraph.from_edges(pairwise(HOSTILE), [(HOSTILE[0], HOSTILE[2])])
    for name in FORMATS:
        assert CausalGraph.parse(graph.to_text(name)) == graph


def test_the_document_is_what_the_canvas_holds():
    graph = CausalGraph.from_edges([("u", "t")], [("t", "y")], latent=["u"]).with_forced("t").with_position("t", 1, 2)
    assert graph.to_document() == {
        "nodes": [
            {"name": "t", "role": None, "x": 1.0, "y": 2.0, "forced": True},
            {"name": "u", "role": "unobserved", "x": None, "y": None},
            {"name": "y", "role": None, "x": None, "y": None},
        ],
        "directed": [["u", "t"]],
        "bidirected": [["t", "y"]],
    }


def test_dagitty_as_its_site_writes_it():
    graph = CausalGraph.parse(
        """dag {
        bb="-3,-0.5,2,1.2"
        Age [adjusted,pos="-1.973,-0.123"]
        D [outcome,pos="1.000,1.000"]
        E [exposure,pos="-2.000,1.000"]
        S [selected]
        U [latent]
        Age -> {D E}
        D -> S
        E -> D [pos="-0.9,-0.5"]
        D <-> E
        U -> D
        }"""
    )
    assert graph.directed == (("Age", "D"), ("Age", "E"), ("D", "S"), ("E", "D"), ("U", "D"))
    assert graph.bidirected == (("D", "E"),)
    assert (graph.latent, graph.selected, graph.forced) == ({"U"}, {"S"}, {"Age"})
    assert graph.with_role_of("treatment") == ("E",)
    assert graph.positions[1] == ("D", 1.0, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "a -> b -> c\nc <- d; b <-> d",
        "a → b → c; d → c; d ↔ b  # a comment",
        "digraph G { node [shape=box]; a -> b -> c; d -> c; b -> d [dir=both] }",
        "strict digraph { // comment\n a -> b /* more */ ; b -> c\n c -> d [dir=back]\n b <-> d }",
        "dag{a->b->c<-d;b<->d}",
        "dag { a -> { b } b -> c subgraph s { d } -> c d <-> b }",
        "flowchart TD\n  a[a] --> b(b) --> c{c}\n  d -->|text| c; b <-.-> d",
        "%% note\ngraph LR\n a-->b & a1\n b -- says --> c\n d==>c\n b<-->d\n classDef x fill:#fff",
        'Creator "me"\ngraph [ directed 1 node [ id 1 label "a" ] node [ id 2 label "b" ] node [ id 3 label "c" ]\n'
        'node [ id 4 label "d" graphics [ w 3 ] ] edge [ source 1 target 2 ] edge [ source 2 target 3 ]\n'
        "edge [ source 4 target 3 ] edge [ source 2 target 4 bidirected 1 ] ]",
        '{"nodes": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}],'
        ' "directed": [["a", "b"], ["b", "c"], ["d", "c"]], "bidirected": [["b", "d"]]}',
    ],
)
def test_every_usual_way_of_writing_is_read(text):
    graph = CausalGraph.parse(text)
    graph = graph.without_node("a1") if "a1" in graph.nodes else graph
    assert graph.directed == (("a", "b"), ("b", "c"), ("d", "c"))
    assert graph.bidirected == (("b", "d"),)


def test_lavaan_as_its_manual_writes_it():
    graph = CausalGraph.parse(
        """
        # the measurement model
        visual  =~ 1*x1 + start(0.8)*x2 +
                   c(a, b)*x3   ! labels and starts say nothing
        efa("one")*f1 =~ x4; phantom =~ 0
        score ~ 1 + b1*visual + x1:x4
              + 0*speed
        x1 ~~ 0*x2 + x3
        x2 ~~ x2
        x4 | t1 + t2
        indirect := b1*(a + 2)^2
        b1 > 0
        """
    )
    assert graph.directed == (
        ("f1", "x4"), ("visual", "score"), ("visual", "x1"), ("visual", "x2"), ("visual", "x3"), ("x1", "score"),
        ("x4", "score"),
    )  # fmt: skip
    assert graph.bidirected == (("x1", "x3"),)
    assert graph.latent == {"f1", "phantom", "visual"}
    assert graph.nodes == ("f1", "phantom", "score", "speed", "visual", "x1", "x2", "x3", "x4")


@pytest.mark.parametrize(
    "text",
    [
        "f =~ a + b + c\ng =~ d + e\ng ~ f + x\n",
        "f =~ a + b\nf ~ x\ny ~ f + x\n",
        "g =~ p + q\np =~ a + b\nq =~ c + d\n",
        "f =~ a + b + c\na ~~ b\n",
        "u =~ t + y\ny ~ t\n",
    ],
)
def test_latent_variables_go_to_lavaan_and_back_as_they_were_written(text):
    """Of a latent variable that two columns or more show, other arrows stay regressions."""
    graph = CausalGraph.parse(text)
    assert graph.to_text("lavaan") == text
    assert CausalGraph.parse(graph.to_text("json")).to_text("lavaan") == text
    assert CausalGraph.parse(graph.to_text("lavaan")) == graph


@pytest.mark.parametrize(
    "text", ["a + b ~ x; b ~ a", "b ~ a + x\n\n a ~ x", "level: 1\nb ~ a + x\na ~ 2.5*x", "a+b ~\nx\nb~a"]
)
def test_lavaan_regressions_are_arrows_from_right_to_left(text):
    assert CausalGraph.parse(text).directed == (("a", "b"), ("x", "a"), ("x", "b"))


def test_a_coefficient_fixed_to_zero_draws_nothing():
    for modifier in ("0", "0.0", "-0", "c(0, 0)"):
        assert CausalGraph.parse(f"y ~ {modifier}*x").directed == (), modifier
    for modifier in ("c(0, 1)", "start(0)", "NA", "a0", "10"):
        assert CausalGraph.parse(f"y ~ {modifier}*x").directed == (("x", "y"),), modifier


def test_marks_of_other_tools_are_understood():
    gml = 'graph [ node [ id "u" observed "no" ] node [ id "t" ] edge [ source "u" target "t" ] ]'
    assert CausalGraph.parse(gml).latent == {"u"}
    assert CausalGraph.parse('digraph { U [observed="no", label=<b>]; U -> t }').latent == {"U"}
    assert CausalGraph.parse("flowchart LR\n u:::unobserved --> t\n class t treatment").roles == (
        ("t", "treatment"),
        ("u", "unobserved"),
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a ->", 1, 5, "a name is expected after the arrow"),
        ("a\n-> b", 2, 1, "a name is expected before this arrow"),
        ('a -> b\n"open', 2, 1, "is not expected here"),
        ("dag {\n a -- b\n}", 2, 4, '"--" has no causal direction'),
        ("dag { a -> }", 1, 12, "a name is expected here"),
        ('dag {\n "open }', 2, 2, "never closed"),
        ("dag { a ", 1, 9, "a name is expected here"),
        ("dag { a } dag { b }", 1, 11, "only one graph"),
        ("flowchart LR\n a --- b", 2, 4, "no arrow head"),
        ("flowchart LR\n a --> ", 2, 8, "a node is expected"),
        ("graph [ node [ ] ]", 1, 14, 'this node has no "id"'),
        ("graph [ edge [ source 1 target 2 ] node [ id 1 ] ]", 1, 14, 'no node has the id "2"'),
        ("graph [ directed 0 ]", 1, 7, "directed 0"),
        ("graph [ node [", 1, 14, "never closed"),
        ('{"nodes": [}', 1, 12, "this is no JSON"),
        ("y ~ ", 1, 3, 'a variable is missing beside this "~"'),
        ("y ~ a b", 1, 7, '"b" is not expected here; join variables by'),
        ("y ~ a ~ b", 1, 7, "a statement has one operator"),
        ("y ~ a\nb", 2, 1, "this statement has no operator"),
        ("y ~ a\nz ~ 2 @ b", 2, 7, '"@" is not expected here'),
        ("y ~ `a", 1, 5, "never closed on its line"),
        ("y ~ a:", 1, 6, "a variable is expected after this colon"),
    ],
)
def test_text_that_is_no_graph_says_where(text, line, column, message):
    with pytest.raises(GraphSyntax, match=message) as caught:
        CausalGraph.parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "The document is no graph"),
        ({"nodes": [1]}, "needs a name"),
        ({"nodes": [{"name": "a"}, {"name": "a"}]}, '"a" is listed twice'),
        ({"nodes": [{"name": "a", "role": "king"}]}, 'role "king" is none of'),
        ({"nodes": [{"name": "a", "x": "1", "y": 0}]}, 'x position of "a"'),
        ({"nodes": [], "directed": [["a"]]}, "pairs of names"),
        ({"nodes": [], "directed": 3}, "pairs of names"),
    ],
)
def test_a_document_of_another_shape_is_refused(document, message):
    with pytest.raises(GraphError, match=message):
        CausalGraph.from_document(document)


def test_the_graph_itself_is_checked_whatever_the_format():
    with pytest.raises(CyclicGraph, match="a → b → a"):
        CausalGraph.parse("a -> b; b -> a")
    with pytest.raises(UnknownNode, match='no variable "b"'):
        CausalGraph.from_document({"nodes": [{"name": "a"}], "directed": [["a", "b"]]})
    with pytest.raises(GraphError, match='The format "xml" is none of: dagitty'):
        CausalGraph().to_text("xml")
    with pytest.raises(GraphError, match="two nodes"):
        CausalGraph.parse('graph [ node [ id 1 label "a" ] node [ id 2 label "a" ] ]')
    with pytest.raises(GraphError, match='labelled "a"'):
        CausalGraph.parse("flowchart LR\n n1[a] --> n2[a]")


def test_nothing_but_text_is_read_and_no_file_is_opened(tmp_path):
    file = tmp_path / "graph.gml"
    file.write_text("graph [ node [ id 1 ] ]")
    assert CausalGraph.parse(json.dumps(str(file))).nodes == (str(file),)
    with pytest.raises(GraphSyntax, match="not from bytes"):
        CausalGraph.parse(b"a -> b")
    with pytest.raises(GraphSyntax, match="200,001 characters; at most 200,000"):
        CausalGraph.parse(" " * 200_001)


SIZE = 200_000
HEAVY = {
    "nested lists": "[" * SIZE,
    "nested objects": '{"nodes":' * (SIZE // 9),
    "nested braces": "dag {" + "{" * (SIZE - 5),
    "nested subgraphs": "dag {" + "subgraph{" * (SIZE // 9 - 1),
    "nested sections": "graph [" + " a [" * (SIZE // 4 - 2),
    "backslashes": 'dag {"' + "\\" * (SIZE - 6),
    "markup": "dag {a [label=" + "<a" * (SIZE // 2 - 8),
    "open comments": "dag {" + " /*" * (SIZE // 3 - 2),
    "groups": "dag {" + "{a b c d}->" * (SIZE // 11 - 1),
    "commas": "dag {a [" + "," * (SIZE - 8),
    "dashes": "-" * SIZE,
    "chain": "a" + "->b" * (SIZE // 3 - 1),
    "lone arrows": "<-" * (SIZE // 2),
    "empty lines": "\n" * SIZE,
    "many names": "\n".join(f"v{number}" for number in range(SIZE // 8)),
    "open label": "flowchart LR\na[" + " " * (SIZE - 15),
    "open class": "flowchart LR\nclass " + " " * (SIZE - 20),
    "open words": "flowchart LR\na -- " + " " * (SIZE - 20),
    "crowd": "flowchart LR\na" + "&a" * (SIZE // 2 - 10),
    "sums": "y ~ a" + "+a" * (SIZE // 2 - 3),
    "grid": "+".join(f"a{number}" for number in range(400)) + "~" + "+".join(f"b{number}" for number in range(90)),
    "parentheses": "y ~ " + "(" * (SIZE - 4),
    "backticks": "`" * SIZE,
    "left side": "a" * (SIZE - 1),
    "digits": '{"nodes": [{"name": "a", "x": ' + "1" * (SIZE - 40) + ', "y": 1}]}',
}


@pytest.mark.parametrize("name", HEAVY)
def test_any_text_ends_at_once(name):
    started = time.process_time()
    try:
        CausalGraph.parse(HEAVY[name])
    except GraphError as error:
        assert str(error)
    assert time.process_time() - started < SECONDS_OF_A_HANG


FRAGMENTS = st.sampled_from(
    [
        *(
            "dag {",
            "digraph",
            "graph [",
            "flowchart LR\n",
            "{",
            "}",
            "[",
            "]",
            '"',
            "\\",
            "->",
            "<->",
            "<-",
            "--",
            "-->",
        ),
        *(
            "<",
            ">",
            "=",
            ",",
            ";",
            "\n",
            "#",
            "/*",
            "node",
            "edge",
            "id",
            "label",
            "source",
            "subgraph",
            "pos",
            "a",
            "b",
        ),
        *("~", "~~", "=~", "<~", "`", "*", "+", "0", "!", ":="),
        *("😀", "&", "|", ":::", "class", "(", ")", '{"nodes":', "1e999", "null", "\x00", " ", "NaN"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_a_graph_or_a_graph_error(text):
    try:
        graph = CausalGraph.parse(text)
    except GraphError as error:
        assert str(error)
    else:
        assert CausalGraph.parse(graph.to_text("json")) == graph


def test_equal_graphs_are_written_alike():
    graph = CausalGraph.from_edges([("b", "c"), ("a", "b")])
    assert graph.to_text("json") == replace(graph, directed=graph.directed[::-1]).to_text("json")


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_an_edit_of_the_text_that_changes_nothing_loses_nothing(graph):
    for name, each in FORMATS.items():
        text = each.write(graph)
        assert format_of(text) == ("dot" if name == "dagitty" else name) or not graph.nodes
        assert with_what_the_text_cannot_say(CausalGraph.parse(text), name, graph) == graph


def test_an_edit_of_the_text_keeps_marks_of_the_variables_that_stay():
    before = replace(
        CausalGraph.from_edges([("a", "b"), ("c", "b")], latent=["c"], forced=["a"]),
        positions=(("a", 1.0, 2.0), ("c", 3.0, 4.0)),
        roles=(("a", "confounder"), ("b", "outcome"), ("c", "unobserved")),
    )
    after = with_what_the_text_cannot_say(CausalGraph.parse("a -> d"), "edges", before)
    assert after.roles == (("a", "confounder"),) and after.forced == {"a"} and after.positions == (("a", 1.0, 2.0),)
    again = with_what_the_text_cannot_say(CausalGraph.parse("a -> c"), "edges", before)
    assert again.latent == {"c"}
    whole = with_what_the_text_cannot_say(CausalGraph.parse("dag { a -> c }"), "dagitty", before)
    assert whole.latent == frozenset() and whole.positions == before.positions
