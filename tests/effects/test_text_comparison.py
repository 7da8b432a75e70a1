"""With and without a text: what it changes, how sure that is, and when it cannot be asked."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

import causal
from causal.effects.text_comparison import TextComparison, compare_text
from causal.errors import CovariateProblem, OptionProblem
from causal.logs.text_recipe import TextRecipe
from causal.logs.unit_table import UnitTable
from causal.logs.units import UnitRecipe, build_units
from causal.plots import text_comparison as figure
from causal.wording import text as wording
from tests.text.small_logs import impressions, log_of

QUESTION = causal.Question("promoted", "minutes")
TITLE = TextRecipe("title", components=8, topics=3)


@cache
def table() -> UnitTable:
    return build_units(log_of(impressions()), UnitRecipe(texts=(TITLE,)))


@cache
def compared(method: str = "regression", adjust_for: tuple[str, ...] = ("activity",)) -> TextComparison:
    return compare_text(table(), causal.AnalysisSpec(QUESTION, method=method, adjust_for=adjust_for))


def test_the_text_takes_the_confounding_away() -> None:
    found = compared()
    assert found.without.effect > 3 and found.whole.effect == pytest.approx(2, abs=0.5)
    assert [each.components for each in found.steps] == [0, 2, 4, 8]
    assert found.matters and found.difference == found.whole.effect - found.without.effect
    assert found.with_treatment > 0.1 and found.with_outcome > 0.3
    assert found.unbalanced_before > 0.5 > 0.01 > found.unbalanced_after


def test_both_ends_are_what_answer_gives() -> None:
    for method in ("regression", "doubly_robust"):
        found = compared(method)
        for step, columns in ((found.without, ("activity",)), (found.whole, ("activity", "title"))):
            spec = causal.AnalysisSpec(QUESTION, method=method, adjust_for=columns)
            estimate = causal.answer(table(), spec).estimate
            assert (step.effect, step.std_error) == (estimate.effect, estimate.std_error)


def test_naming_the_text_among_the_columns_changes_nothing() -> None:
    assert compared(adjust_for=("activity", "title")).steps == compared().steps
    assert compared(adjust_for=("activity", "title")).adjust_for == ("activity",)


def test_a_graph_says_what_stands_beside_the_text() -> None:
    graph = causal.CausalGraph.from_edges(
        [(each, end) for each in ("activity", "title") for end in ("promoted", "minutes")] + [("promoted", "minutes")]
    )
    found = compare_text(table(), causal.AnalysisSpec(QUESTION, graph, "regression"))
    assert found.adjust_for == ("activity",) and found.steps == compared().steps
    caused = causal.CausalGraph.from_edges([("promoted", "title"), ("title", "minutes"), ("activity", "minutes")])
    with pytest.raises(CovariateProblem, match='forbids to adjust for "title"'):
        compare_text(table(), causal.AnalysisSpec(QUESTION, caused, "regression"))


def test_the_error_of_the_change_is_that_of_many_samples() -> None:
    """The spread of the change over samples drawn anew, against the mean of its standard errors."""
    changes, errors = [], []
    base = table()
    for seed in range(60):
        drawn = impressions(seed=100 + seed)
        titles = {title: row for row, title in enumerate(base.frame["title"])}
        parts = base.frame[list(base.parts["title"])].to_numpy()[[titles[each] for each in drawn["title"]]]
        frame = drawn.assign(**dict(zip(base.parts["title"], parts.T, strict=True)))
        units = UnitTable(frame, UnitTable.from_frame(frame).types, parts=base.parts)
        spec = causal.AnalysisSpec(QUESTION, method="regression", adjust_for=("activity",))
        found = compare_text(units, spec)
        changes.append(found.difference)
        errors.append(found.std_error)
    assert np.mean(errors) == pytest.approx(np.std(changes, ddof=1), rel=0.3)


def test_it_survives_json_and_has_a_figure_and_words() -> None:
    found = compared()
    assert TextComparison.from_json(found.to_json()) == found
    shown = figure.text_steps(found)
    assert [trace.y[0] for trace in shown.data] == [each.effect for each in found.steps]
    assert len(figure.rows(found)) == 4
    assert wording.comparison_finding(found).startswith("Adjusting for “title” moves the effect of promoted on minutes")
    assert wording.settled_sentence(found) and wording.balance_sentence(found)


def test_a_method_without_influences_gives_no_error_of_the_change() -> None:
    found = compared("matching")
    assert math.isnan(found.std_error) and not found.matters
    assert "gives no error of that" in wording.comparison_finding(found)
    assert "to +" in wording.comparison_title(found)


def test_what_cannot_be_compared_is_refused() -> None:
    bare = UnitTable.from_frame(impressions(50))
    spec = causal.AnalysisSpec(QUESTION, method="regression", adjust_for=("activity",))
    with pytest.raises(CovariateProblem, match="No text was read for these units"):
        compare_text(bare, spec)
    with pytest.raises(CovariateProblem, match='"activity" is no text that was read'):
        compare_text(table(), spec, "activity")
    with pytest.raises(OptionProblem, match="does not rest on adjusting alone"):
        compare_text(table(), causal.AnalysisSpec(QUESTION, method="difference_in_means", adjust_for=()))
