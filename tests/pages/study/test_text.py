"""The text page: a column is read, stands on the graph, and changes the answer; nothing is lost on the way."""

from __future__ import annotations

import dataclasses
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import causal
from causal.archive.contents import graph_of, specs_of, with_question
from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import after
from causal.logs.units import UnitRecipe
from causal.logs.vectors import Vectors
from causal.text.features import text_features
from pages.ui import answers
from tests.pages import walk
from tests.pages.work_here import WorkHere
from tests.text.model_server import chat, serving
from tests.text.small_logs import impressions, reading_events


def saved(app, **fields) -> None:
    held = answers.store().load(walk.study_id(app))
    answers.store().save(dataclasses.replace(held.study, **fields), held.revision, "for the test")


def study(app):
    return answers.store().load(walk.study_id(app)).study


def read(app):
    walk.turned(app, "text")
    if any(each.key == "read text" for each in app.button):  # else another test has read these texts
        app.button("read text").click().run()
    return walk.ended(app, "stop reading")


def test_a_text_is_read_put_on_the_graph_and_adjusted_for() -> None:
    app = walk.upload(impressions(400).to_csv(index=False).encode(), "shown.csv")
    question = causal.Question("promoted", "minutes")
    graph = with_question(causal.CausalGraph.from_edges([("activity", "minutes"), ("promoted", "minutes")]), question)
    asked = {"treatment": "promoted", "outcome": "minutes", "target": "everyone", "control": None, "treated": None}
    saved(app, question=asked, graph=graph.to_text("json"))
    app = read(walk.opened(walk.study_id(app)))
    assert "27 different texts of “title” in 5 topics" in walk.finding(app)
    assert len(walk.figures(app)) == 2
    walk.calm(app.button("put text in").click().run())
    walk.ended(app, "stop compare text")
    drawn = graph_of(study(app))
    assert drawn.parents("promoted") == {"title"} and drawn.role("title") == "confounder"
    assert "Adjusting for “title” moves the effect of promoted on minutes" in walk.plain(walk.texts(app))
    assert len(walk.figures(app)) == 3
    app = walk.answered(walk.opened(walk.study_id(app)))
    spec = specs_of(study(app))[-1]
    assert "title" in answers.known(study(app), spec).adjust_for
    for page in ("columns", "question", "graph", "balance", "what_if", "graph_fit", "report"):
        walk.turned(app, page)
    walk.turned(app, "text")
    walk.calm(app.button("take text out").click().run())
    assert "texts" not in study(app).recipe


def test_a_topic_that_was_renamed_keeps_its_name_on_the_graph() -> None:
    app = read(walk.upload(impressions(120).to_csv(index=False).encode(), "shown.csv"))
    walk.calm(app.button("put text in").click().run())
    held = answers.recipe_of(study(app))
    renamed = dataclasses.replace(held.texts[0], names=((1, "fun"),))
    saved(app, recipe=dataclasses.replace(held, texts=(renamed,)).to_json(), view={"text draft": renamed.to_json()})
    app = walk.turned(walk.opened(walk.study_id(app)), "text")
    assert "most often “fun”" in walk.finding(app)
    assert "title: fun" in answers.table_of(study(app)).names


def test_what_users_read_before_their_anchor_is_offered_for_events() -> None:
    app = walk.upload(reading_events().to_csv(index=False).encode(), "events.csv")
    events = causal.EventRecipe(
        causal.EventColumns("user", "time", "event"),
        anchor=causal.Anchor("first of a kind", ("page",)),
        outcomes=(causal.Measure("sum", causal.after(3), ("view",), "minutes", name="later"),),
        incomplete="keep",
    )
    saved(app, recipe=causal.UnitRecipe(events=events).to_json())
    app = walk.turned(walk.opened(walk.study_id(app)), "text")
    assert walk.widget(app, "text half_life").label == "An event counts half after"
    walk.calm(walk.widget(app, "text half_life").set_value(7).run())
    app.button("read text").click().run()
    walk.ended(app, "stop reading")
    walk.calm(app.button("put text in").click().run())
    made = answers.table_of(study(app))
    assert made.ranges["title before"].end == 0
    assert answers.recipe_of(study(app)).texts[0].half_life == 7


def test_a_log_without_texts_says_what_the_page_is_for() -> None:
    app = walk.turned(walk.sample_study("jobs"), "text")
    assert walk.finding(app) == "The log has no column of texts."


def test_a_model_may_name_topics_by_their_words_and_a_person_takes_the_names(monkeypatch) -> None:
    app = read(walk.upload(impressions(120).to_csv(index=False).encode(), "shown.csv"))
    name = lambda asked, _body: (200, {}, chat("Laughter" if len(asked.requests) == 1 else "the 10 best"))  # noqa: E731
    with serving(name) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setattr("pages.ui.answers.work.pool", lambda: WorkHere(answers.store()))
        app = walk.turned(walk.opened(walk.study_id(app)), "text")
        assert asked.requests == []
        walk.calm(app.button("send topic names").click().run())
        assert len(asked.requests) == 5
        walk.calm(app.button("take topic names").click().run())
        assert len(asked.requests) == 5
    assert TextRecipe.from_json(study(app).view["text draft"]).names == ((1, "Laughter"),)


def test_as_many_components_as_hold_a_share_can_be_asked_for() -> None:
    app = read(walk.upload(impressions(300).to_csv(index=False).encode(), "shown.csv"))
    whole = walk.finding(app)
    walk.calm(walk.widget(app, "text components").set_value(0.8).run())
    app = read(app)
    held = TextRecipe.from_json(study(app).view["text draft"])
    assert (held.hold, held.components) == (0.8, None)
    assert walk.finding(app) != whole
    walk.calm(walk.widget(app, "text components").set_value(4).run())
    held = TextRecipe.from_json(study(app).view["text draft"])
    assert (held.hold, held.components) == (None, 4)


def read_by_vectors(app, content: bytes, name: str):
    walk.turned(app, "text")
    if app.button and any(each.key == "take vectors" for each in app.button):
        walk.calm(app.button("take vectors").click().run())
    else:
        walk.calm(walk.widget(app, "text encoder").set_value("vectors from a file").run())
    assert walk.finding(app) == "Choose a file of vectors."
    given = next(each for each in app.file_uploader if each.label.startswith("Vectors"))
    walk.calm(given.set_value((name, content, "application/octet-stream")).run())
    return read(app)


def test_vectors_from_a_file_are_pooled_over_a_users_history_with_weights_on_the_page() -> None:
    """The page's columns are those of the library, and of a weighted mean by hand; the script reads the file again."""
    frame = reading_events()
    frame["item"] = frame["title"].map({title: f"i{place}" for place, title in enumerate(sorted(set(frame["title"])))})
    ids = sorted(set(frame["item"]))
    values = np.random.default_rng(4).normal(size=(len(ids), 3))
    file = io.BytesIO()
    np.savez(file, ids=np.array(ids), vectors=values)
    app = walk.upload(frame.drop(columns="title").to_csv(index=False).encode(), "events.csv")
    events = EventRecipe(
        EventColumns("user", "time", "event", "item"),
        anchor=Anchor("first of a kind", ("page",)),
        outcomes=(Measure("count", after(None), name="n"),),
        incomplete="keep",
    )
    saved(app, recipe=UnitRecipe(events=events).to_json())
    app = read_by_vectors(walk.opened(walk.study_id(app)), file.getvalue(), "taste.npz")
    held = TextRecipe.from_json(study(app).view["text draft"])
    assert (held.of, held.read, held.vectors[0]) == ("history", ("item",), "taste.npz")
    walk.calm(walk.widget(app, "text engagement").set_value("minutes").run())
    walk.calm(walk.widget(app, "text half_life").set_value(7).run())
    walk.calm(walk.widget(app, "text topics").set_value(2).run())
    walk.calm(walk.widget(app, "text components").set_value(2).run())
    app = read(app)
    assert "vectors of “item before” in 2 topics" in walk.finding(app)
    walk.calm(app.button("put text in").click().run())
    table = answers.table_of(study(app))
    text = answers.recipe_of(study(app)).texts[0]
    given = Vectors(np.array(ids, dtype=object), values)
    library = text_features(
        answers.log_of(study(app)), replace(text, vectors=None), UnitRecipe(events=events), vectors=given
    )
    for place, name in enumerate(library.component_names[:2]):
        assert np.allclose(table.column(name), library.components[:, place], atol=1e-12)
    ann = frame[(frame["user"] == "ann") & (frame["time"] < "2024-01-08 10:00")]
    days = (pd.Timestamp("2024-01-08 10:00") - pd.to_datetime(ann["time"])).dt.total_seconds() / 86_400
    weight = (ann["minutes"] * 0.5 ** (days / 7)).to_numpy()
    items = {name: place for place, name in enumerate(ids)}
    mean = weight @ values[[items[each] for each in ann["item"]]] / weight.sum()
    only = text_features(
        answers.log_of(study(app)), replace(text, vectors=None, components=3), UnitRecipe(events=events), vectors=given
    )
    bob = values[items[frame.loc[(frame["user"] == "bob"), "item"].iloc[0]]]
    reached = np.linalg.norm(only.components[0] - only.components[1])  # all three components keep every distance
    assert reached == pytest.approx(np.linalg.norm(mean - bob), rel=1e-5)
    assert "['taste.npz', " in json.dumps(text.to_json()).replace('"', "'")


def test_a_log_without_texts_can_still_take_vectors_and_go_back() -> None:
    rows = "".join(f"i{n % 6},{n % 2},{n}\n" for n in range(60))
    app = walk.turned(walk.upload(b"item,promoted,minutes\n" + rows.encode(), "ids.csv"), "text")
    file = io.BytesIO()
    np.savez(file, ids=np.array([f"i{n}" for n in range(6)]), vectors=np.eye(6))
    assert walk.finding(app) == "The log has no column of texts."
    app = read_by_vectors(app, file.getvalue(), "pictures.npz")
    assert "6 vectors of “item”" in walk.finding(app)
    walk.calm(walk.widget(app, "text encoder").set_value("multilingual").run())
    assert walk.finding(app) == "The log has no column of texts."


def test_a_file_that_holds_no_vectors_is_refused_and_nothing_is_lost() -> None:
    app = walk.turned(walk.upload(impressions(60).to_csv(index=False).encode(), "shown.csv"), "text")
    walk.calm(walk.widget(app, "text encoder").set_value("vectors from a file").run())
    given = next(each for each in app.file_uploader if each.label.startswith("Vectors"))
    walk.calm(given.set_value(("taste.npy", b"\x93NUMPYbroken", "application/octet-stream")).run())
    assert walk.finding(app) == "Choose a file of vectors."
    assert app.toast
