from dataclasses import replace

import pytest

from causal.checks.graph_fit import FisherC, GraphFit, Mend, PromiseTest, Relabelling, UntestedPromise
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import identify
from causal.graphs.mending import MendedGraph
from causal.study import Question
from causal.wording.graph_fit import (
    consequence_sentence,
    fisher_sentence,
    graph_fit_headline,
    graph_fit_verdict,
    mend_sentence,
    mend_text,
    mended_sentence,
    promise_claim,
    promise_sentence,
    relabelling_sentence,
    rows_sentence,
    untested_sentence,
)

MENDS = (Mend("region", "minutes", "directed"), Mend("minutes", "region", "bidirected"))
BROKEN = PromiseTest(
    "minutes",
    "region",
    ("age", "clicks"),
    2000,
    -90.0,
    1e-30,
    1e-30,
    0.21,
    0.17,
    0.25,
    "association",
    "violated",
    MENDS,
)
SLIGHT = replace(BROKEN, size=0.02, low=0.01, high=0.03, standing="slight", mends=(), given=())
KEPT = PromiseTest("age", "clicks", (), 2000, -0.5, 1.0, 0.6, -0.01, -0.04, 0.02, "partial correlation", "kept")
OPEN = replace(KEPT, n=200, low=-0.15, high=0.13, standing="not contradicted", given=("new",))


def fit_of(*tests, **changes):
    whole = GraphFit(tests, (), FisherC(31.4, 10, 0.0005), None, 0.05, 0.05, 0.95, False, False, 2000, None)
    return replace(whole, **changes)


def relabelled(**changes):
    found = Relabelling(12, 1, 9.4, 0.01, 0.02, 200, False, 0.05)
    return fit_of(KEPT, relabelling=replace(found, **changes))


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (
            fit_of(BROKEN, SLIGHT, KEPT),
            "The data contradicts 1 of 3 promised independencies, most of all that minutes and region are independent "
            "among units alike in age and clicks.",
        ),
        (
            fit_of(SLIGHT, KEPT),
            "The graph holds up to slight departures: 1 of 2 promised independencies is off by less than 0.05.",
        ),
        (
            fit_of(KEPT),
            "None of 1 promised independence is broken alone, but together they fit worse than chance allows.",
        ),
        (
            fit_of(KEPT, OPEN, fisher=None),
            "The data contradicts none of 2 promised independencies. Other graphs may promise the same.",
        ),
        (fit_of(), "The graph promises no independence between observed columns, so no data can contradict it."),
    ],
)
def test_the_headline_says_the_verdict(fit, words):
    assert graph_fit_headline(fit) == words


def test_a_broken_promise_says_by_how_much():
    assert promise_sentence(BROKEN) == (
        "The graph says that minutes and region are independent among units alike in age and clicks; they are not: "
        "association 0.21, interval 0.17 to 0.25, p < 0.001."
    )


def test_agreement_and_silence_are_not_the_same():
    assert promise_sentence(KEPT).endswith("and the data agrees: correlation −0.01, interval −0.04 to 0.02, p = 1.000.")
    assert "200 rows do not contradict it, nor rule a departure out: partial correlation" in promise_sentence(OPEN)
    assert "they are nearly so" in promise_sentence(SLIGHT)


def test_a_mend_is_an_arrow_or_a_hidden_common_cause():
    assert mend_sentence(BROKEN).startswith(
        "It would be mended by an arrow from region to minutes, or a hidden common cause of minutes and region."
    )
    assert mend_sentence(KEPT) == ""


def test_the_whole_graphs_test_is_said_with_its_digits():
    assert fisher_sentence(fit_of(KEPT)) == (
        "Taken together, the test of the whole graph rejects it: C = 31.4 on 10 degrees of freedom, p < 0.001. With "
        "many rows it rejects for departures of any size."
    )
    assert "does not reject" in fisher_sentence(fit_of(KEPT, fisher=FisherC(8.0, 10, 0.63)))
    assert fisher_sentence(fit_of(fisher=None)) == ""


def test_shuffled_labels_are_a_weak_recommendation():
    assert "That is a weak recommendation" in relabelling_sentence(relabelled())
    assert "no better than one whose labels were drawn by lot" in relabelling_sentence(relabelled(share_as_good=0.4))
    assert "This says nothing: 30 % of the shuffled" in relabelling_sentence(relabelled(share_equivalent=0.3))
    assert relabelling_sentence(fit_of(KEPT)) == ""


def test_what_was_not_tested_is_counted_with_its_reason():
    missing = UntestedPromise("age", "mood", (), 'The table has no column "mood".')
    fit = fit_of(KEPT, untested=(missing, replace(missing, left="clicks")))
    assert untested_sentence(fit) == ('2 promised independencies could not be tested. The table has no column "mood".')
    assert untested_sentence(fit_of(KEPT)) == ""
    assert "None of the 1 promised independence" in graph_fit_headline(fit_of(untested=(missing,)))


def test_long_lists_of_conditions_are_cut():
    many = replace(BROKEN, given=("a", "b", "c", "d", "e", "f"))
    assert promise_claim(many).endswith("among units alike in a, b, c, d and 2 more")


def mended(change, adjust_for=None):
    identified = adjust_for is not None
    graph = CausalGraph.from_edges([("region", "algorithm"), ("region", "minutes"), ("algorithm", "minutes")])
    found = identify(graph, Question("algorithm", "minutes")) if identified else None
    return MendedGraph("age", "minutes", "directed", change, found)


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ([mended("none", ())], "none of this matters by itself: after each of the 1 way to mend it"),
        ([mended("none", ()), mended("other columns", ())], "1 of the 2 ways to mend it would change the answer: with"),
        ([mended("other columns", ())], "an arrow from age to minutes, the answer has to adjust for region."),
        ([mended("other columns", ()), mended("lost")], "the effect is not identified."),
    ],
)
def test_whether_a_mend_would_change_the_answer_is_said(ways, words):
    assert words in mended_sentence(ways)


@pytest.mark.parametrize(
    ("fit", "light"),
    [
        (fit_of(BROKEN), "attention"),
        (fit_of(SLIGHT), "passed"),
        (fit_of(KEPT), "attention"),  # Fisher's C of this fit rejects
        (fit_of(KEPT, fisher=None), "passed"),
        (fit_of(), "does_not_apply"),
    ],
)
def test_the_light_of_the_graph_is_never_that_of_a_failure(fit, light):
    assert graph_fit_verdict(fit).light == light


def test_which_rows_were_asked_is_said():
    assert rows_sentence(fit_of(KEPT)).startswith("Asked of 2,000 rows: one promise per pair.")
    drawn = fit_of(KEPT, full=True, more=True, sampled=1000)
    assert "1,000 rows drawn from 2,000: every smallest set" in rows_sentence(drawn)
    assert "cut at a limit" in rows_sentence(drawn)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (mended("none", ()), "The answer stays as it is."),
        (mended("none"), "The effect stays unidentified."),
        (mended("lost"), "Then the effect is not identified."),
        (mended("gained", ()), "Then the effect is identified."),
        (mended("other columns", ()), "Then the answer has to adjust for region."),
        (mended("other strategy", ()), "Then the answer needs another strategy."),
    ],
)
def test_the_consequence_of_one_mend_is_said(way, words):
    assert consequence_sentence(way) == words
    assert mend_text(way) == "age → minutes"
    assert mend_text(replace(way, kind="bidirected")) == "age ↔ minutes"
