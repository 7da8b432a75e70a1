"""The picture of a specification curve: sorted dots, a lit cell per choice, grey for what fails, its sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.effects.specification_curve import SpecificationAnswer, SpecificationCurve
from causal.effects.specifications import Choices, OutcomeDefinition, Population, specifications
from causal.errors import OptionProblem
from causal.plots.specification_curve import rows, specification_curve
from causal.study import AnalysisSpec, OutcomeRule, Question
from causal.wording.specification_curve import curve_finding, curve_verdict, greyed_sentence, joint_sentence

SPEC = AnalysisSpec(Question("t", "y"), adjust_for=("x",), method="weighting")
CHOICES = Choices(
    (Population(), Population("treated")),
    (OutcomeDefinition("y"), OutcomeDefinition("y", OutcomeRule())),
    (("x",),),
    ("weighting", "regression"),
    (0.0, 0.1),
)
LISTED = specifications(SPEC, CHOICES)


def answered(place, effect, half=0.5, **changes):
    return SpecificationAnswer(place, effect, half / 2, effect - half, effect + half, 1000, 2.0, **changes)


def curve_of(effects, **changes):
    answers = tuple(answered(place, effect) for place, effect in enumerate(effects))
    return SpecificationCurve(SPEC, CHOICES, answers, **changes)


UP = curve_of([2.0 + 0.1 * (each.place % 5) for each in LISTED])


def dots(figure):
    return [trace for trace in figure.data if trace.mode == "markers" and trace.yaxis != "y2"]


def cells(figure):
    return [trace for trace in figure.data if trace.yaxis == "y2"]


@pytest.mark.parametrize("narrow", [False, True])
def test_dots_are_sorted_and_every_specification_lights_one_cell_per_choice(narrow):
    figure = specification_curve(UP, narrow=narrow)
    placed = sorted((x, y) for trace in dots(figure) for x, y in zip(trace.x, trace.y, strict=True))
    assert [y for _, y in placed] == sorted(y for _, y in placed) and len(placed) == len(LISTED) == 10
    assert sum(len(trace.x) for trace in cells(figure)) == 4 * len(LISTED)  # one set of covariates is no choice
    assert len(figure.layout.yaxis2.tickvals) == 8
    assert figure.layout.title.text.replace("<br>", " ").startswith("<b>10 of 10 specifications say that t raises y")
    assert "median effect is +2.20" in figure.layout.meta["alt"]


def test_what_fails_a_check_is_grey_and_counts_for_nothing():
    failing = replace(UP, answers=(*UP.answers[:-2], answered(8, -9.0, failed=("overlap",)),
                                   SpecificationAnswer(9, error="Nobody is left.")))  # fmt: skip
    figure = specification_curve(failing)
    assert len({trace.marker.color for trace in dots(figure)}) == 3
    assert curve_finding(failing).startswith("8 of 8 sound specifications (100 %) say that t raises y")
    said = greyed_sentence(failing)
    assert said == (
        "1 specification in grey fails a check (overlap); 1 gives no answer, the first because: Nobody is left."
    )
    assert rows(failing)[0]["fails"] == "overlap"
    assert rows(failing)[-1]["fails"] == "Nobody is left." and rows(failing)[-1]["effect"] is None
    assert sum(row["this analysis"] for row in rows(failing)) == 1


def test_the_light_follows_how_many_agree():
    effects = [2.0] * 10
    assert curve_verdict(curve_of(effects)).light == "passed"
    assert curve_verdict(curve_of([*effects[:9], 0.1])).light == "passed"
    assert curve_verdict(curve_of([*effects[:9], -2.0])).light == "attention"
    assert curve_verdict(curve_of([*effects[:4], *[-2.0] * 6])).light == "failed"
    unclear = [0.1] * 10
    assert curve_verdict(curve_of(unclear)).light == "passed"
    assert curve_verdict(curve_of([*unclear[:3], *effects[:7]])).light == "attention"
    assert curve_verdict(replace(UP, answers=UP.answers[:2])).light == "does_not_apply"


def test_without_a_joint_test_nothing_is_said_of_chance():
    assert joint_sentence(UP) == ""


def test_nothing_to_draw_is_said():
    with pytest.raises(OptionProblem, match="No specification has an answer yet"):
        specification_curve(replace(UP, answers=()))
