from dataclasses import replace

import pytest

from causal.checks.verdict import Verdict
from causal.errors import OptionProblem
from causal.plots.forest import NAIVE_LABEL, forest, rows
from causal.wording.numbers import number
from tests.wording.simulated import analysis

METHODS = ("doubly_robust", "weighting", "difference_in_means")


def markers(shown):
    return [trace for trace in shown.data if trace.mode == "markers"]


def texts(shown):
    return [text for trace in shown.data if trace.mode == "text" for text in trace.text]


def test_the_unadjusted_difference_stands_on_top_once():
    listed = rows([analysis(each) for each in METHODS], "weighting")
    assert [each["method"] for each in listed] == [NAIVE_LABEL, "Doubly robust", "Weighting by propensity"]
    assert [each["chosen"] for each in listed] == [False, False, True]
    assert listed[0]["effect"] == analysis().naive.effect


def test_the_chosen_row_is_larger_and_bold():
    shown = forest([analysis(each) for each in METHODS], "weighting")
    sizes = [trace.marker.size for trace in markers(shown)]
    assert sizes.index(max(sizes)) == 2
    assert [each for each in texts(shown) if each.startswith("<b>Weighting")]


def test_points_and_digits_are_those_of_the_answer():
    shown = forest([analysis()])
    assert markers(shown)[1].x[0] == analysis().estimate.effect
    assert f"{number(analysis().estimate.effect, signed=True)} [" in texts(shown)[3]


def test_a_title_too_long_for_a_phone_keeps_the_effect():
    long = analysis(outcome="minutes of listening within four weeks of the first day")
    long = replace(long, verdicts=(Verdict("balance", "attention", "A sentence."),))
    narrow, wide = (forest([long], narrow=each).layout.title.text.replace("<br>", " ") for each in (True, False))
    assert number(long.estimate.effect) in narrow and "unadjusted" not in narrow
    assert number(long.estimate.effect) in wide
    assert "unadjusted it looks like" in forest([analysis()]).layout.title.text.replace("<br>", " ")


def test_dowhys_own_methods_have_short_labels():
    spec = replace(analysis().spec, method="dowhy:backdoor.propensity_score_weighting")
    stock = replace(analysis(), spec=spec, estimate=replace(analysis().estimate, std_error=float("nan")))
    assert rows([stock])[1]["method"] == "stock: PS weighting"
    shown = forest([stock])
    assert "stock: PS weighting" in [each.removeprefix("<b>").removesuffix("</b>") for each in texts(shown)]
    title = shown.layout.title.text.replace("<br>", " ")
    assert "DoWhy's stock propensity score weighting gives" in title and "raises" not in title


@pytest.mark.parametrize("method", ["difference_in_means", "doubly_robust"])
def test_a_refused_answer_is_drawn_as_a_difference(method):
    refused = replace(analysis(method), verdicts=(Verdict("identification", "failed", "A sentence."),))
    shown = forest([refused])
    said = " ".join((shown.layout.title.text, shown.layout.xaxis.title.text, shown.layout.meta["alt"]))
    said += " ".join(text for trace in markers(shown) for text in trace.hovertext)
    assert shown.layout.title.text.startswith("<b>Not causal: engagement is ")
    assert not any(word in said.replace("<br>", " ") for word in ("raise", "Change", "changes", "effect", "Tentative"))


def test_zero_is_always_in_sight():
    low, high = forest([analysis()]).layout.xaxis.range
    assert low < 0 < high


def test_binary_outcomes_are_drawn_in_percentage_points():
    result = analysis(effect=0.8, binary=True)
    shown = forest([result])
    assert markers(shown)[1].x[0] == pytest.approx(100 * result.estimate.effect)
    assert "percentage points" in shown.layout.xaxis.title.text.replace("<br>", " ")
    assert " pp [" in texts(shown)[3]


def test_a_method_that_was_not_answered_is_refused():
    with pytest.raises(
        OptionProblem, match=r'The method "matching" has not been answered\. There is an answer by: doub'
    ):
        forest([analysis()], "matching")
    with pytest.raises(OptionProblem, match="There is no answer to draw yet"):
        forest([])


def test_answers_for_others_than_asked_have_a_dagger_and_its_sentence():
    from causal.wording.phrases import other_populations
    from tests.wording.simulated import analysis as simulated

    plain, other = simulated(), simulated("overlap_weighting")
    names = " ".join(str(trace.text) for trace in forest([plain, other], "doubly_robust").data)
    assert "Overlap weighting †" in names
    assert "Doubly robust †" not in names
    assert other_populations([plain, other]) == (
        "† Not for all that were asked about: Overlap weighting for those open to either arm."
    )
    assert other_populations([plain]) == ""
