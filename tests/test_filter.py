"""A filter: it asks about some of the units, checked against the graph, and nothing changes without one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import causal
from causal.archive.contents import specs_of, where_of
from causal.archive.study import Study, new_study_id
from causal.errors import CovariateProblem, EmptyLog, OptionProblem, UnknownColumn
from causal.logs.conditions import satisfied
from causal.wording import sentences
from tests.estimators.designs import VARIED

ADJUSTING = tuple(
    method.name
    for method in causal.METHODS
    if not method.discrete and "backdoor" in method.strategies and method.identify is None
)
QUESTION = causal.Question("t", "y")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(11)
    frame = VARIED.draw(rng, 800)
    when = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(800), "h")
    return frame.assign(
        country=rng.choice(["DE", "FR", "IT"], 800), m=frame["t"] + rng.normal(size=800), level=np.arange(800) % 3,
        when=when, holes=np.where(np.arange(800) % 2, 1.0, np.nan),
    )  # fmt: skip


def kept(frame, *conditions):
    return satisfied(causal.UnitTable.from_frame(frame), conditions)


def test_each_comparison_keeps_what_it_says(frame):
    where = causal.Condition
    assert (kept(frame, where("country", "is", "DE")) == (frame["country"] == "DE")).all()
    assert (kept(frame, where("country", "is not", "DE")) == (frame["country"] != "DE")).all()
    assert (kept(frame, where("country", "is one of", ["DE", "IT"])) == frame["country"].isin(["DE", "IT"])).all()
    assert (kept(frame, where("a", "is at least", 0.25)) == (frame["a"] >= 0.25)).all()
    assert (kept(frame, where("a", "is below", 0)) == (frame["a"] < 0)).all()
    assert (kept(frame, where("level", "is above", 1)) == (frame["level"] > 1)).all()
    assert (kept(frame, where("level", "is at most", 1)) == (frame["level"] <= 1)).all()
    assert (kept(frame, where("level", "is", "1")) == (frame["level"] == 1)).all()  # menus write numbers as text
    assert (kept(frame, where("when", "is at least", "2026-01-10")) == (frame["when"] >= "2026-01-10")).all()
    both = kept(frame, where("country", "is", "DE"), where("a", "is above", 0))
    assert (both == ((frame["country"] == "DE") & (frame["a"] > 0))).all()


def test_numbers_written_as_text_are_numbers_in_a_column_with_holes_too(frame):
    known = frame["holes"].notna()
    assert (kept(frame, causal.Condition("holes", "is", "1")) == known).all()
    assert not kept(frame, causal.Condition("holes", "is not", "1")).any()
    assert (kept(frame, causal.Condition("holes", "is one of", ["1", "2"])) == known).all()


def test_times_with_a_zone_have_an_order(frame):
    zoned = frame.assign(when=frame["when"].dt.tz_localize("Europe/Berlin"))
    later = zoned["when"] >= pd.Timestamp("2026-01-10T00:00Z")
    assert (kept(zoned, causal.Condition("when", "is at least", "2026-01-10")) == later).all()
    assert (kept(zoned, causal.Condition("when", "is at least", "2026-01-10T01:00+01:00")) == later).all()


def test_levels_written_as_text_are_those_of_a_column_with_holes(frame):
    holed = frame.assign(t=frame["t"].where(frame.index > 20))
    table = causal.UnitTable.from_frame(holed)
    one, other = (
        causal.answer(table, causal.AnalysisSpec(causal.Question("t", "y", control=a, treated=b), adjust_for=("a",)))
        for a, b in (("0", "1"), (0, 1))
    )
    assert one.estimate.effect == other.estimate.effect
    assert causal.group_effects(one, "country") == causal.group_effects(other, "country")


def test_a_missing_value_satisfies_nothing(frame):
    for comparison, value in (("is", 1.0), ("is not", 2.0), ("is at least", 0)):
        assert kept(frame, causal.Condition("holes", comparison, value)).sum() == frame["holes"].notna().sum()


@pytest.mark.parametrize("method", ADJUSTING)
def test_a_filter_gives_the_digits_of_the_filtered_table(frame, method):
    where = (causal.Condition("country", "is one of", ("DE", "FR")), causal.Condition("a", "is at least", -0.5))
    spec = causal.AnalysisSpec(QUESTION, adjust_for=("a", "b"), method=method, where=where)
    analysis = causal.answer(causal.UnitTable.from_frame(frame), spec)
    fewer = frame[frame["country"].isin(["DE", "FR"]) & (frame["a"] >= -0.5)]
    plain = causal.answer(
        causal.UnitTable.from_frame(fewer), causal.AnalysisSpec(QUESTION, adjust_for=("a", "b"), method=method)
    )
    assert analysis.estimate == plain.estimate
    assert analysis.filtered == len(frame) - len(fewer)
    assert (frame.index[analysis.rows] == fewer.index[plain.rows]).all()
    assert "where country is DE or FR and a is at least −0.5" in sentences.headline(analysis).replace("-", "−")
    assert f"{len(frame) - len(fewer)} are outside the filter" in sentences.rows_sentence(analysis)


def graph(*edges, **changes):
    return causal.CausalGraph.from_edges(
        [("a", "t"), ("a", "y"), ("b", "t"), ("b", "y"), ("t", "y"), *edges], **changes
    )


def answered(frame, drawn, *where, method="weighting", adjust_for=None):
    spec = causal.AnalysisSpec(QUESTION, graph=drawn, method=method, where=where, adjust_for=adjust_for)
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


def test_filtering_by_what_the_treatment_changes_is_refused(frame):
    above = causal.Condition("m", "is above", 0)
    with pytest.raises(CovariateProblem, match='chooses units by "m", which the graph says "t" changes'):
        answered(frame, graph(("t", "m"), ("m", "y")), above)
    with pytest.raises(CovariateProblem, match='by the outcome "y" itself'):
        answered(frame, graph(), causal.Condition("y", "is above", 0))
    with pytest.raises(CovariateProblem, match='by the treatment "t" itself'):
        answered(frame, graph(), causal.Condition("t", "is", 1))


def test_filtering_by_a_collider_opens_a_path_that_must_be_closed(frame):
    drawn = causal.CausalGraph.from_edges(
        [("b", "level"), ("a", "level"), ("b", "t"), ("a", "y"), ("t", "y")], nodes=["country"]
    )
    assert answered(frame, drawn).adjust_for in ((), ("a",))  # nothing is needed without the filter
    analysis = answered(frame, drawn, causal.Condition("level", "is", 1))
    assert {"a", "b"} & set(analysis.adjust_for)
    assert "level" not in analysis.adjust_for  # it does not vary any more
    with pytest.raises(CovariateProblem):
        answered(frame, drawn, causal.Condition("level", "is", 1), adjust_for=())
    hidden = causal.CausalGraph.from_edges(
        [("u", "level"), ("v", "level"), ("u", "t"), ("v", "y"), ("t", "y")], latent=("u", "v")
    )
    with pytest.raises(causal.NotIdentified):
        answered(frame, hidden, causal.Condition("level", "is", 1))


def test_a_column_that_the_graph_does_not_hold_is_said(frame):
    analysis = answered(frame, graph(), causal.Condition("country", "is", "DE"))
    assert 'The graph does not hold "country"' in analysis.notes[0]


def test_an_impossible_filter_says_what_to_do(frame):
    with pytest.raises(EmptyLog, match=r'satisfies the filter: "country" is \'XX\'\. Widen it'):
        answered(frame, graph(), causal.Condition("country", "is", "XX"))
    with pytest.raises(UnknownColumn):
        answered(frame, graph(), causal.Condition("county", "is", "DE"))
    with pytest.raises(OptionProblem, match='"country" has no order, so it cannot be "at least" something'):
        answered(frame, graph(), causal.Condition("country", "is at least", "DE"))
    with pytest.raises(OptionProblem, match="is no number"):
        answered(frame, graph(), causal.Condition("a", "is at least", "many"))
    with pytest.raises(OptionProblem, match="is no time"):
        answered(frame, graph(), causal.Condition("when", "is above", "soon"))
    with pytest.raises(OptionProblem, match='"is like" is not one of "is"'):
        causal.Condition("a", "is like", 1)
    with pytest.raises(OptionProblem, match="needs a list of values"):
        causal.Condition("a", "is one of", 1)
    with pytest.raises(OptionProblem, match="needs a single value"):
        causal.Condition("a", "is", [1])
    with pytest.raises(OptionProblem, match="names no value"):
        causal.Condition("a", "is one of", [])


def test_a_filter_is_part_of_the_spec_and_its_absence_leaves_no_mark():
    plain = causal.AnalysisSpec(QUESTION)
    assert "where" not in plain.to_json()
    assert plain.fingerprint == causal.AnalysisSpec(QUESTION, where=()).fingerprint
    where = (causal.Condition("a", "is one of", (1, 2)), causal.Condition("b", "is", "x"))
    filtered = causal.AnalysisSpec(QUESTION, where=where)
    assert filtered.fingerprint != plain.fingerprint
    back = causal.AnalysisSpec.from_json(json.loads(json.dumps(filtered.to_json())))
    assert back == filtered and back.fingerprint == filtered.fingerprint
    assert causal.AnalysisSpec(QUESTION, where=where[0]).where == where[:1]


def test_a_study_from_before_filters_has_none_and_a_half_written_condition_is_left_aside():
    study = Study.from_json({**_blank(), "view": {"settings": {"seed": 3}}})
    assert where_of(study) == () == specs_of(study)[0].where
    half = {"column": "a", "comparison": "is one of", "value": []}
    whole = {"column": "a", "comparison": "is at least", "value": 2}
    study = Study.from_json({**_blank(), "view": {"settings": {"where": [half, whole]}}})
    assert specs_of(study)[0].where == (causal.Condition("a", "is at least", 2),)


def _blank():
    drawn = graph()
    question = {"treatment": "t", "outcome": "y", "target": "everyone", "control": 0, "treated": 1}
    return {**Study(id=new_study_id(), title="s").to_json(), "question": question, "graph": drawn.to_text("json")}
