"""Texts as columns of the units: what stands in them, from when they are, and that answers adjust for them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import causal
from causal.archive.script import reproduction_script
from causal.archive.store import StudyStore, text_folder
from causal.archive.study import LogReference
from causal.errors import (
    CovariateProblem,
    DoableError,
    EmptyLog,
    LogError,
    OptionProblem,
    UnknownColumn,
    WorkStopped,
)
from causal.estimators.design import draw_sample
from causal.estimators.registry import METHODS
from causal.jobs.kinds import Workroom, read_text
from causal.logs.samples import open_sample, sample_named
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import before
from causal.logs.unit_table import UnitTable
from causal.logs.units import UnitRecipe, build_units
from causal.logs.vectors import Vectors
from causal.text import features as features_module
from causal.text.features import TextFeatures, text_features
from tests.text.small_logs import TITLES, impressions, log_of, reading_events
from tests.text.test_pooling import EVENTS

TITLE = TextRecipe("title", components=6, topics=3)


@cache
def table() -> UnitTable:
    return build_units(log_of(impressions()), UnitRecipe(texts=(TITLE,)))


def test_a_text_becomes_components_and_shares_of_topics() -> None:
    made = table()
    assert made.parts == {"title": tuple(f"title {number}" for number in range(1, 7))}
    topics = [name for name in made.names if name.startswith("title: ")]
    assert sorted(name[:9] for name in topics) == ["title: co", "title: th", "title: 做法"]
    assert (made.frame[topics].sum(axis=1) == 1).all()
    comedy = made.frame["title"].str.contains("comedy")
    assert any((made.frame[name] == comedy).all() for name in topics)
    assert made.frame["title 1"].mean() == pytest.approx(0, abs=0.2)


def test_the_number_of_components_is_that_which_the_texts_need() -> None:
    log = log_of(impressions())
    made = text_features(log, "title")
    fewer = text_features(log, TextRecipe("title", components=made.components.shape[1] - 1))
    assert fewer.held < 0.95 <= made.held
    assert made.texts == len(TITLES) and len(made) == 600
    assert made.language.main in ("english", "chinese")
    few = text_features(log_of(impressions(60)), "title")
    assert few.components.shape[1] == 60 // 25


@pytest.mark.parametrize("method", [each.name for each in METHODS if each.name != "causal_forest"])
def test_every_method_adjusts_for_the_text_or_says_why_not(method: str) -> None:
    """Promotion adds 2 minutes; without the title the answer is far off, as comedies are promoted and liked."""
    graph = causal.CausalGraph.from_edges(
        [
            *((cause, effect) for cause in ("title", "activity") for effect in ("promoted", "minutes")),
            ("promoted", "minutes"),
        ]
    )
    spec = causal.AnalysisSpec(causal.Question("promoted", "minutes"), graph, method)
    try:
        found = causal.answer(table(), spec)
    except DoableError as refusal:
        assert str(refusal)
        return
    if not found.method.adjusts:
        return
    assert found.adjust_for == ("activity", "title")
    assert {f"title {number}" for number in range(1, 7)} <= {row.name for row in found.balance.rows}
    if found.method.name not in ("matching", "coarsened_matching", "stratification"):  # they compare within bounds
        assert found.estimate.effect == pytest.approx(2.0, abs=3.5 * found.estimate.std_error + 0.1)


def test_a_share_of_what_tells_texts_apart_can_be_asked_for_instead_of_a_number() -> None:
    log = log_of(impressions())
    for share in (0.5, 0.8):
        made = text_features(log, TextRecipe("title", hold=share))
        count = made.components.shape[1]
        assert made.held >= share
        fewer = text_features(log, TextRecipe("title", components=count - 1)) if count > 1 else None
        assert fewer is None or fewer.held < share
    assert made.components.shape[1] < text_features(log, "title").components.shape[1]
    text = TextRecipe("title", hold=0.8)
    assert TextRecipe.from_json(text.to_json()) == text
    assert "hold" not in TextRecipe("title").to_json()
    for wrong in ({"hold": 1.0}, {"hold": 0.8, "components": 4}):
        with pytest.raises(LogError, match="or for a share between 0 and 1"):
            TextRecipe("title", **wrong)


def test_adjusting_for_the_text_is_adjusting_for_its_components() -> None:
    question = causal.Question("promoted", "minutes")
    by_name, by_parts = (
        causal.answer(table(), causal.AnalysisSpec(question, method="doubly_robust", adjust_for=columns)).estimate
        for columns in (("activity", "title"), ("activity", *table().parts["title"]))
    )
    assert (by_name.effect, by_name.std_error) == (by_parts.effect, by_parts.std_error)


def test_a_text_is_one_benchmark_for_a_hidden_cause() -> None:
    spec = causal.AnalysisSpec(
        causal.Question("promoted", "minutes"), method="regression", adjust_for=("activity", "title")
    )
    found = causal.sensitivity(table(), spec, benchmark=["title"])
    assert {each.covariate for each in found.bounds} == {"title"}
    assert found.coefficient.strengths[1].with_outcome > 0.3


def test_terms_name_no_text() -> None:
    spec = causal.AnalysisSpec(
        causal.Question("promoted", "minutes"),
        method="regression",
        adjust_for=("title",),
        terms=causal.Terms(treatment_by=("title",)),
    )
    with pytest.raises(OptionProblem, match="a text of 6 components"):
        causal.answer(table(), spec)


def test_units_without_a_text_stay_and_are_told_apart() -> None:
    frame = impressions(200)
    frame.loc[:19, "title"] = ""
    made = build_units(log_of(frame), UnitRecipe(texts=(TITLE,)))
    assert made.parts["title"][-1] == "title: none"
    assert made.frame["title: none"].sum() == 20
    assert (made.frame.loc[:19, "title 1"] == 0).all()
    sample = draw_sample(made, causal.Question("promoted", "minutes"), ("title",))
    assert len(sample) == 200


def test_a_history_carries_its_time_and_is_never_from_after_the_anchor() -> None:
    text = TextRecipe("title", "history", window=before(30), components=2, topics=2)
    made = build_units(log_of(reading_events()), UnitRecipe(events=EVENTS, texts=(text,)))
    for name in ("title before", "title before 1", *made.parts["title before"]):
        assert made.ranges[name] == before(30)
    assert made.frame["title before: none"].tolist() == [0, 0, 1]
    assert made.frame["title before"].isna().tolist() == [False, False, True]
    shares = [name for name in made.names if name.startswith("title before: ") and not name.endswith("none")]
    assert made.frame[shares].sum(axis=1).tolist() == pytest.approx([1, 1, 0])


def test_other_texts_after_the_anchor_change_nothing_that_is_read() -> None:
    """Neither components nor topics, nor how many texts there are: what no unit may look at is not read."""
    frame = reading_events()
    late = (frame["user"] == "ann") & (frame["time"] > "2024-01-08 10:00")
    changed = frame.assign(title=frame["title"].mask(late, "from after the anchor"))
    text = TextRecipe("title", "history", components=2, topics=2, half_life=7)
    first, second = (text_features(log_of(each), text, UnitRecipe(events=EVENTS)) for each in (frame, changed))
    assert late.sum() == 1
    assert (first.components == second.components).all()
    assert (first.texts, first.topics, first.marks) == (second.texts, second.topics, second.marks)


def test_a_text_from_after_the_anchor_is_not_adjusted_for() -> None:
    late = causal.Measure("last value", causal.after(9), ("view",), "title", name="last_title")
    recipe = UnitRecipe(
        events=replace(EVENTS, covariates=(late,)), texts=(TextRecipe("last_title", components=1, topics=1),)
    )
    made = build_units(log_of(reading_events()), recipe)
    assert made.ranges["last_title 1"].reaches_past_anchor
    with pytest.raises(CovariateProblem, match="cannot be adjusted for"):
        draw_sample(made, causal.Question("user", "later", control="ann", treated="bob"), ("last_title",))


def test_a_renamed_topic_gives_its_column_the_name() -> None:
    first = text_features(log_of(impressions(90)), TITLE)
    renamed = text_features(log_of(impressions(90)), replace(TITLE, names=((1, "fun"),)))
    assert renamed.topic_names[0] == "title: fun"
    assert (renamed.shares == first.shares).all()


def test_results_are_kept_by_what_the_log_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(impressions(90))
    first = text_features(log, TITLE, folder=tmp_path)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the texts were read again")

    monkeypatch.setattr(features_module, "vectors_of", never)
    again = text_features(log, replace(TITLE, names=((1, "fun"),)), folder=tmp_path)
    assert (again.components == first.components).all() and again.topics[0].name == "fun"
    assert TextFeatures.from_arrays(first.arrays(), first.facts()).facts() == first.facts()
    (path,) = tmp_path.glob("features-*.npz")
    path.write_bytes(b"damaged")
    with pytest.raises(AssertionError, match="read again"):
        text_features(log, TITLE, folder=tmp_path)


def test_joining_to_other_units_or_twice_is_refused() -> None:
    made = text_features(log_of(impressions(90)), TITLE)
    small = UnitTable.from_frame(impressions(90))
    joined = made.join(small)
    assert joined.parts["title"] == made.component_names
    assert UnitTable.from_frame(small.frame, small.types).fingerprint != joined.fingerprint
    with pytest.raises(LogError, match="read for 90 units, but there are 80"):
        made.join(UnitTable.from_frame(impressions(80)))
    with pytest.raises(LogError, match='There is a column "title 1" already'):
        made.join(joined)


def test_a_table_on_disk_keeps_what_its_texts_stand_for(tmp_path: Path) -> None:
    table().to_parquet(tmp_path / "table.parquet")
    again = UnitTable.from_parquet(tmp_path / "table.parquet")
    assert again.parts == table().parts and again.fingerprint == table().fingerprint


def test_what_cannot_be_read_is_refused() -> None:
    log = log_of(impressions(30))
    with pytest.raises(UnknownColumn, match='no column "titel"'):
        text_features(log, "titel")
    with pytest.raises(LogError, match='"activity" holds no text'):
        text_features(log, "activity")
    with pytest.raises(LogError, match="there is no history before it"):
        text_features(log, TextRecipe("title", "history"))
    empty = impressions(5).assign(title=[" ", "", "", "", " "], other=list("abcde"))
    with pytest.raises((EmptyLog, LogError)):
        text_features(log_of(empty), "title")


def test_a_recipe_may_name_a_file_of_vectors_which_units_and_script_read(tmp_path: Path) -> None:
    frame = impressions(200).assign(item=[f"i{TITLES.index(each)}" for each in impressions(200)["title"]])
    ids, values = (
        np.array([f"i{n}" for n in range(len(TITLES))]),
        np.random.default_rng(1).normal(size=(len(TITLES), 4)),
    )
    np.savez(tmp_path / "pictures.npz", ids=ids, vectors=values)
    text = TextRecipe("item", components=3, topics=2, vectors=(str(tmp_path / "pictures.npz"), ""))
    assert TextRecipe.from_json(text.to_json()) == text
    assert "vectors" not in TITLE.to_json()
    made = build_units(log_of(frame), UnitRecipe(texts=(text,)))
    given = text_features(log_of(frame), replace(text, vectors=None), vectors=Vectors(ids.astype(object), values))
    assert all((made.column(name) == column).all() for name, column in given.columns.items())
    with pytest.raises(LogError, match=r'"no such file\.npz" is not here'):
        build_units(log_of(frame), UnitRecipe(texts=(replace(text, vectors=("no such file.npz", "")),)))


def test_the_same_texts_give_the_same_columns() -> None:
    first, again = (text_features(log_of(impressions(90)), TITLE) for _ in range(2))
    assert (first.components == again.components).all() and first.topics == again.topics
    assert np.abs(first.components).max() <= 2


def test_vectors_from_a_file_take_the_encoders_place() -> None:
    """Vectors of items by their number, one of which has none: pooled and reduced as those of texts."""
    frame = impressions(300).assign(item=[TITLES.index(each) for each in impressions(300)["title"]])
    random = np.random.default_rng(2)
    values = random.standard_normal((len(TITLES), 5))
    given = Vectors(np.array([str(each) for each in range(1, len(TITLES))], dtype=object), values[1:])
    made = text_features(log_of(frame), TextRecipe("item", components=5, topics=2), vectors=given)
    assert (made.empty == (frame["item"] == 0)).all() and made.component_names[-1] == "item: none"
    distances = [np.linalg.norm(made.components[0] - row) for row in made.components]
    wanted = [np.linalg.norm(values[frame["item"][0]] - values[each]) for each in frame["item"]]
    inside = (made.empty == 0) & (made.empty[0] == 0)
    assert np.array(distances)[inside] == pytest.approx(np.array(wanted)[inside], abs=1e-5)
    with pytest.raises(LogError, match="Nothing in the column is among the ids of the vectors"):
        text_features(log_of(frame), "title", vectors=given)


def test_the_script_of_an_answer_reads_the_text_and_gives_the_same_digits(capsys: pytest.CaptureFixture[str]) -> None:
    sample = sample_named("stories")
    spec = causal.AnalysisSpec(
        causal.Question(**sample.question), causal.CausalGraph.parse(sample.graph_text), "doubly_robust"
    )
    made = build_units(open_sample("stories"), sample.recipe)
    exec(reproduction_script(LogReference("stories", sample=True), sample.recipe, spec), {})
    told = capsys.readouterr().out.split()
    assert float(told[1]) == causal.answer(made, spec).estimate.effect
    assert float(told[1]) == pytest.approx(sample.truth["everyone"], abs=0.25)


def test_work_in_a_worker_can_be_stopped_and_goes_on_where_it_was(tmp_path: Path) -> None:
    room = Workroom(StudyStore(tmp_path))
    log = log_of(impressions(90))
    payload = {
        "log": {"name": log.name, "blob": room.store.put_blob(log.path, "parquet")},
        "units": None,
        "text": TITLE.to_json(),
        "recipe": UnitRecipe().to_json(),
    }

    def stop(share: float, stage: str) -> None:
        if stage.startswith("naming"):
            raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped):
        read_text(room, payload, stop, lambda told: None)
    told: list[object] = []
    read_text(room, payload, lambda share, stage: None, told.append)
    assert told == [{"texts": impressions(90)["title"].nunique()}]
    folder = text_folder(room.store.folder)
    assert features_module.is_kept(log, log, TITLE, UnitRecipe(), folder)


def test_a_common_cause_that_is_one_word_of_many_is_adjusted_for() -> None:
    """One word among 10 of a tag list decides; the components hold it almost whole."""
    random = np.random.default_rng(5)
    tags = np.array(["comedy", "drama", "western", "musical", "war", "crime", "romance", "horror", "family", "noir"])
    lists = ["|".join(tags[np.sort(random.choice(10, random.integers(1, 5), replace=False))]) for _ in range(2_000)]
    made = text_features(log_of(impressions(2_000).assign(title=lists)), "title")
    word = np.array(["musical" in each for each in lists], dtype=float)
    design = np.column_stack([np.ones(len(word)), made.components])
    left = word - design @ np.linalg.lstsq(design, word, rcond=None)[0]
    assert left.var() < 0.05 * word.var()
