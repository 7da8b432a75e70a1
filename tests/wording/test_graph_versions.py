from functools import cache

import pytest

from causal.analysis import answer
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.difference import graph_difference
from causal.graphs.reading import read_graph
from causal.plots.version_forest import rows, version_forest
from causal.study import AnalysisSpec, Question
from causal.wording.graph_versions import (
    answers_sentence,
    difference_headline,
    difference_sentences,
    version_sentence,
)
from tests.wording.simulated import table

NAMES = ("the graph before", "the graph now")
BEFORE = CausalGraph.from_edges([("x", "t"), ("t", "y"), ("x", "y"), ("a", "t")])
AFTER = BEFORE.without_edge("a", "t").with_edge("t", "a").with_edge("x", "y", "bidirected").with_role("x", "confounder")


@cache
def analysis_adjusting_for(names):
    edges = [(name, end) for name in names for end in ("algorithm", "engagement")]
    graph = CausalGraph.from_edges([("algorithm", "engagement"), *edges])
    question = Question("algorithm", "engagement", control="old", treated="new")
    return answer(table(), AnalysisSpec(question, graph))


def test_the_same_graph_is_called_so():
    same = graph_difference(BEFORE, BEFORE)
    assert difference_headline(same, *NAMES) == "the graph before and the graph now are the same graph."
    assert difference_sentences(same, *NAMES) == ()


def test_each_difference_is_a_line():
    found = graph_difference(BEFORE, AFTER)
    assert difference_headline(found, *NAMES).endswith("differ in 2 edges and 1 mark on a variable.")
    assert difference_sentences(found, *NAMES) == (
        "Only in the graph now: x ↔ y.",
        "Turned, in the graph now: t → a.",
        "Roles: x, no role before and confounder after.",
    )


def test_a_variable_that_only_one_graph_has_is_no_mark():
    found = graph_difference(BEFORE, AFTER.with_node("new"))
    assert difference_headline(found, *NAMES).endswith("differ in 2 edges, 1 variable and 1 mark on a variable.")


def test_what_a_graph_says_is_its_estimand_or_its_refusal():
    question = Question("t", "y")
    assert 'Adjusting for "x"' in version_sentence(read_graph(BEFORE, question))
    hidden = BEFORE.with_edge("t", "y", "bidirected").without_edge("a", "t")
    assert version_sentence(read_graph(hidden, question)).startswith("Not identified. ")


def test_answers_that_differ_say_which_columns_made_it():
    narrow, wide = analysis_adjusting_for(()), analysis_adjusting_for(("age",))
    said = answers_sentence(NAMES, (narrow, wide), (None, None))
    assert "the graph now alone adjusts for age." in said
    assert "apart:" in said
    assert "Their intervals do not even overlap" in said


def test_the_same_answer_is_called_the_same():
    same = analysis_adjusting_for(("age",))
    assert "they adjust for the same columns (age)" in answers_sentence(NAMES, (same, same), (None, None))


def test_a_version_without_an_answer_gives_its_reason():
    found = analysis_adjusting_for(("age",))
    assert answers_sentence(NAMES, (None, found), ("Not so.", None)).startswith("Only the graph now gives an answer: ")
    assert answers_sentence(NAMES, (found, None), (None, "Not so.")).endswith("the graph now gives none: Not so.")
    assert answers_sentence(NAMES, (found, None), (None, None)) == ""


def test_the_picture_has_a_row_per_version_and_its_digits_in_the_table():
    narrow, wide = analysis_adjusting_for(()), analysis_adjusting_for(("age",))
    shown = version_forest([("before", narrow), ("now", wide)])
    assert [trace.marker.symbol for trace in shown.data if trace.mode == "markers"] == ["circle-open", "circle"]
    assert "apart" in shown.layout.title.text
    listed = rows([("before", narrow), ("now", wide)])
    assert [each["effect"] for each in listed] == [narrow.estimate.effect, wide.estimate.effect]
    assert listed[1]["adjusted for"] == "age"
    assert version_forest([("<b>now</b>", wide)], dark=True, narrow=True).layout.title.text.count("<b>") == 1


def test_the_same_answer_twice_is_the_title():
    same = analysis_adjusting_for(("age",))
    assert "Both versions give the same answer" in version_forest([("a", same), ("b", same)]).layout.title.text


@pytest.mark.parametrize("narrow", [False, True])
def test_nothing_answered_is_nothing_to_draw(narrow):
    from causal.errors import OptionProblem

    with pytest.raises(OptionProblem, match="No version is answered yet"):
        version_forest([], narrow=narrow)
