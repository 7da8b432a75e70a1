"""The still picture of a graph: all that the graph holds, marked not by colour alone, harmless whatever the names."""

import random
import time
from xml.etree import ElementTree

import pytest

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.templates import TEMPLATES
from causal.plots.graph_picture import graph_in_words, graph_picture
from causal.plots.theme import ROLE_COLOURS
from tests.hang import SECONDS_OF_A_HANG

SPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", 'a" onload="x', "&amp;", "]]>", "\x00\x1f", "漢字" * 200, "\u202ertl")


def parsed(graph, **looks):
    return ElementTree.fromstring(graph_picture(graph, **looks))


def titles(sheet):
    return [each.text for each in sheet.iter(SPACE + "title")]


def texts(sheet):
    return [each.text for each in sheet.iter(SPACE + "text")]


def numbers(sheet):
    return [float(each) for each in sheet.get("viewBox").split()]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
@pytest.mark.parametrize("dark", [False, True])
def test_every_variable_and_edge_of_a_template_is_drawn_with_its_role(template, dark):
    graph = template.graph
    sheet = parsed(graph, title=template.title, dark=dark, compact=True)
    said = titles(sheet)
    assert said[0] == template.title
    for name in graph.nodes:
        role = graph.role(name)
        assert f"{name} ({role})" in said if role else name in said
    assert all(f"{cause} → {effect}" in said for cause, effect in graph.directed)
    assert all(f"{left} ↔ {right}" in said for left, right in graph.bidirected)
    drawn = graph_picture(graph, dark=dark)
    assert all(ROLE_COLOURS[role] in drawn for _, role in graph.roles)
    assert sheet.find(SPACE + "desc").text == graph_in_words(graph)


def test_a_hidden_common_cause_is_dashed_and_has_two_heads():
    sheet = parsed(CausalGraph.from_edges([], bidirected=[("a", "b")]))
    lines = [path for path in sheet.iter(SPACE + "path") if path.get("fill") == "none"]
    assert [line.get("stroke-dasharray") for line in lines] == ["7 5"]
    assert len(list(sheet.iter(SPACE + "path"))) == 3


def test_added_and_removed_edges_carry_a_sign_also_where_the_graph_lacks_them():
    graph = CausalGraph.from_edges([("a", "b")], nodes=("c", "d"))
    sheet = parsed(
        graph,
        added=[("a", "b", "directed")],
        removed=[("b", "c", "directed"), ("d", "a", "bidirected"), ("a", "gone", "directed")],
    )
    assert [sign for sign in texts(sheet) if sign in "+×"] == ["+", "×", "×"]
    said = titles(sheet)
    assert {"added: a → b", "removed: b → c", "removed: a ↔ d"} <= set(said)
    assert not any("gone" in each for each in said)


def test_biasing_edges_differ_from_causal_ones_by_more_than_colour():
    graph = CausalGraph.from_edges([("a", "b"), ("c", "b")])
    sheet = parsed(graph, causal=[("a", "b", "directed")], biasing=[("c", "b", "directed")])
    assert {"causal: a → b", "biasing: c → b"} <= set(titles(sheet))
    assert [each.get("width") for each in sheet.iter(SPACE + "rect")].count("8") == 1


def test_a_ringed_variable_has_a_second_border():
    graph = CausalGraph.from_edges([("a", "b")])
    bare, ringed = parsed(graph), parsed(graph, ringed=["a"])
    assert len(list(ringed.iter(SPACE + "rect"))) == len(list(bare.iter(SPACE + "rect"))) + 1
    assert "a, adjusted for" in titles(ringed)


def test_hostile_names_stay_text():
    graph = CausalGraph.from_edges([(name, "y") for name in HOSTILE], bidirected=[(HOSTILE[0], "y")])
    picture = graph_picture(graph, title="<b>&")
    sheet = ElementTree.fromstring(picture)
    assert {each.tag.removeprefix(SPACE) for each in sheet.iter()} == {
        *("svg", "title", "desc", "g", "path", "rect", "text"),
    }
    assert not any(key.startswith("on") for each in sheet.iter() for key in each.attrib)
    picture.encode()
    assert all(len(text or "") < 40 for text in texts(sheet))


def test_the_picture_is_no_wider_than_asked_and_never_grows():
    graph = TEMPLATES[0].graph
    wide, small = parsed(graph), parsed(graph, width=300)
    assert numbers(wide) == numbers(small)
    assert float(small.get("width")) == 300
    assert parsed(graph, width=5_000).get("width") == wide.get("width")
    assert float(small.get("height")) == pytest.approx(300 * numbers(small)[3] / numbers(small)[2], abs=0.51)


def test_a_compact_picture_is_smaller_and_its_cards_stay_apart():
    for template in TEMPLATES:
        sheet = parsed(template.graph, compact=True)
        assert numbers(sheet)[2] <= numbers(parsed(template.graph))[2]
        cards = [each for each in sheet.iter(SPACE + "rect") if each.get("fill-opacity")]
        boxes = [tuple(float(card.get(side)) for side in ("x", "y", "width", "height")) for card in cards]
        for index, (ax, ay, aw, ah) in enumerate(boxes):
            for bx, by, bw, bh in boxes[index + 1 :]:
                assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay, template.name


def test_a_graph_without_places_is_laid_out_downwards_where_there_is_no_room():
    chain = CausalGraph.from_edges([("a", "b"), ("b", "c"), ("c", "d")])
    wide, narrow = numbers(parsed(chain)), numbers(parsed(chain, width=390))
    assert wide[2] > wide[3] and narrow[2] < narrow[3]


def test_an_empty_graph_is_an_empty_picture():
    sheet = parsed(CausalGraph())
    assert sheet.find(SPACE + "desc").text == "Variables: none. Arrows: none."


def test_a_hundred_variables_are_drawn_at_once():
    draw = random.Random(1)
    edges = {tuple(f"v{each:02}" for each in sorted(draw.sample(range(100), 2))) for _ in range(300)}
    start = time.process_time()
    graph_picture(CausalGraph.from_edges(edges))
    assert time.process_time() - start < SECONDS_OF_A_HANG
