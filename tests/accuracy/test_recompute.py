"""Recomputing published figures: progress, standing, what is absent, and what cannot be had."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from causal.accuracy import tables
from causal.accuracy.comparison import Accuracy, Comparison
from causal.accuracy.recompute import recompute, unanswered
from causal.accuracy.reference import unit_of
from causal.accuracy.stata import STATA
from causal.plots import accuracy as plot
from causal.study import AnalysisSpec, Question
from causal.wording.accuracy import absent_sentence, accuracy_headline, comparison_sentence, method_sentence

RA, RA_TREATED, *_ = STATA
TITLES = {"standardisation": "Standardisation", "matching": "Matching", "weighting": "Weighting"}


def figure(printed: str, ours: float | None, **changes) -> Comparison:
    return Comparison("weighting", "a table", "effect", printed, "A book", "a command", ours, **changes)


@pytest.mark.parametrize(
    ("printed", "unit"), [("3.4405", 1e-4), ("1794", 1.0), ("-210.9683", 1e-4), ("0.050", 1e-3), ("1968.800", 1e-3)]
)
def test_a_unit_is_that_of_the_last_printed_digit(printed, unit):
    assert unit_of(printed) == unit


@pytest.mark.parametrize(
    ("printed", "ours", "standing"),
    [
        ("1.23", 1.2349, "met"),
        ("1.23", 1.2251, "met"),
        ("1.23", 1.2351, "differs"),
        ("1.23", 1.2249, "differs"),
        ("-1.23", -1.2349, "met"),
        ("-1.23", 1.23, "differs"),
        ("1794", 1794.34, "met"),
        ("1794", 1794.6, "differs"),
        ("1.23", None, "failed"),
        ("1.23", float("nan"), "differs"),
    ],
)
def test_a_figure_is_met_where_ours_rounds_to_it(printed, ours, standing):
    assert figure(printed, ours).standing == standing


def test_recomputing_tells_how_far_it_is_and_survives_json():
    told = []
    accuracy = recompute(lambda share, stage: told.append((share, stage)), STATA[:2])
    assert told == [(0.0, "Standardisation (g-formula), 1 of 2"), (0.5, "Standardisation (g-formula), 2 of 2")]
    assert Accuracy.from_json(json.loads(json.dumps(accuracy.to_json()))) == accuracy
    assert [each.standing for each in accuracy.comparisons] == ["met"] * 8
    assert accuracy_headline(accuracy) == "8 of 8 reference figures are met to the printed digit."


def test_before_recomputing_the_published_figures_are_listed():
    accuracy = unanswered(STATA[:2])
    assert not accuracy.recomputed
    assert accuracy_headline(accuracy) == "8 reference figures can be recomputed here, by the methods you use."
    assert absent_sentence(accuracy) == ""
    assert comparison_sentence(accuracy.comparisons[0]) == "Stata's manual, teffects ra: effect −239.6392."


def test_a_table_that_is_not_installed_is_absent_and_not_counted(monkeypatch):
    births = tables.TABLES["births"]
    monkeypatch.setitem(tables.TABLES, "births", replace(births, package="no-such-package"))
    accuracy = recompute(references=STATA[:1])
    assert [each.standing for each in accuracy.comparisons] == ["absent"] * 4
    both = Accuracy((figure("1.23", 1.23), *accuracy.comparisons))
    assert accuracy_headline(both) == "1 of 1 reference figure is met to the printed digit."
    assert absent_sentence(both) == (
        "4 more figures speak of tables in a package that is not installed here; this project's tests hold them. "
        "To recompute them on this machine too: pip install no-such-package"
    )
    assert method_sentence("Standardisation", accuracy.comparisons) == "Standardisation: 4 figures"


def test_an_error_that_a_person_could_make_becomes_a_sentence_and_leaves_the_others_alone():
    wrong = replace(RA, asked=AnalysisSpec(Question("no_such_column", "bweight"), adjust_for=()))
    accuracy = recompute(references=(wrong, RA))
    assert [each.standing for each in accuracy.comparisons] == ["failed"] * 4 + ["met"] * 4
    assert 'no column "no_such_column"' in accuracy.comparisons[0].problem
    assert accuracy_headline(accuracy) == "4 of 8 reference figures are met to the printed digit."
    assert 'no column "no_such_column"' in comparison_sentence(accuracy.comparisons[0])


def test_the_picture_has_a_dot_per_figure_and_marks_those_that_differ():
    accuracy = Accuracy((figure("1.23", 1.2312), figure("1.23", 7.0), figure("1.23", None), figure("1.23", 1.229)))
    drawn = plot.accuracy_plot(accuracy, TITLES)
    met, differs = (next(each for each in drawn.data if each.name == name) for name in ("met", "differs"))
    assert list(met.x) == pytest.approx([0.12, -0.1])
    assert list(differs.x) == [plot.REACH]  # at the end of the axis: its hover says how far it is
    assert "577 units" in differs.hovertext[0].replace("<br>", " ")
    assert drawn.layout.title.text == "<b>2 of 4 reference figures are met to the printed digit</b>"
    assert [each["standing"] for each in plot.rows(accuracy, TITLES)] == [
        *("met", "differs", "could not be computed", "met")
    ]


def test_hostile_words_stay_words_in_the_picture():
    drawn = plot.accuracy_plot(Accuracy((replace(figure("1.23", 1.23), source="<b>$x$"),)), TITLES)
    met = next(each for each in drawn.data if each.name == "met")
    assert "<b>" not in met.hovertext[0]
