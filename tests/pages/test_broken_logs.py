"""Logs that cannot be answered from: a clear sentence each, nothing lost, never a traceback."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causal.archive.contents import specs_of
from causal.archive.engine import result_key
from causal.logs.log import Problem
from pages.ui import answers
from tests.pages import walk


def frame(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    age = rng.normal(40, 10, rows).round(1)
    shown = rng.random(rows) < 1 / (1 + np.exp(-(age - 40) / 10))
    return pd.DataFrame({"age": age, "shown": shown.astype(int), "minutes": (age / 4 + 2 * shown).round(2)})


def as_csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def asked(table: pd.DataFrame, **choices: Any) -> Any:
    """A tab with the table uploaded and the question asked, on the question page."""
    app = walk.turned(walk.turned(walk.upload(as_csv(table)), "columns"), "question")
    for name, value in choices.items():
        walk.calm(walk.widget(app, name).set_value(value).run())
    return app


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"\x00\x01\x02\x03" * 50, "binary data"),
        (b"PK\x03\x04 not a zip", "damaged"),
    ],
    ids=["empty", "header only", "bytes", "half a zip"],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    before = len(answers.store().list_studies())
    app = walk.upload(content)
    assert sentence in walk.errors(app)
    assert len(answers.store().list_studies()) == before


def test_the_sentence_of_a_refused_file_goes_when_a_good_one_comes() -> None:
    app = walk.upload(b"")
    walk.calm(app.file_uploader[0].set_value(("good.csv", as_csv(frame()), "text/csv")).run())
    assert not app.error
    assert walk.finding(app) == "400 rows and 3 columns are read."


def test_a_log_of_one_column_asks_for_a_second() -> None:
    app = walk.upload(as_csv(frame()[["minutes"]]))
    for page in walk.PAGES:
        walk.turned(app, page)
    assert "two columns" in walk.errors(walk.turned(app, "question"))


def test_a_problem_that_stops_is_on_the_log_page_and_in_the_sidebar(monkeypatch: pytest.MonkeyPatch) -> None:
    grave = Problem("grave", "stop", "minutes", 7, "7 rows of minutes are *wrong*.", "Mend them first.")
    monkeypatch.setattr("causal.logs.problems.problems", lambda log: (grave,))
    app = walk.upload(as_csv(frame(402)))
    assert "7 rows of minutes are *wrong*. Mend them first." in walk.errors(app)
    log = next(each.proto for each in app.get("page_link") if each.proto.label == "Log")
    assert log.icon == ":material/error:"
    assert walk.plain(log.help) == "7 rows of minutes are *wrong*."
    for page in walk.PAGES:
        walk.turned(app, page)


@pytest.mark.parametrize(
    ("table", "choices", "sentence"),
    [
        (frame().assign(minutes=7.5), {"treatment": "shown", "outcome": "minutes"}, "minutes"),
        (frame().assign(shown=1), {"treatment": "shown", "outcome": "minutes"}, "nothing to compare"),
        (
            frame().assign(minutes=[f"good {number % 7}" for number in range(400)]),
            {"treatment": "shown", "outcome": "minutes"},
            "minutes",
        ),
        (
            frame().assign(shown=[1] + [0] * 399),
            {"treatment": "shown", "outcome": "minutes"},
            "1 unit",
        ),
        (
            frame().assign(shown=lambda each: (each["age"] > 40).astype(int)),
            {"treatment": "shown", "outcome": "minutes"},
            "decide the treatment",
        ),
    ],
    ids=["constant outcome", "one treatment level", "text outcome", "one unit treated", "perfect separation"],
)
def test_what_cannot_be_answered_says_why(table: pd.DataFrame, choices: dict[str, str], sentence: str) -> None:
    kept = [name for name in table if name in ("shown", "minutes")]
    app = walk.upload(as_csv(table))
    app = take_in(walk.turned(app, "columns"), table, kept)
    walk.turned(app, "question")
    for name, value in choices.items():
        if walk.widget(app, name).value != value:
            walk.calm(walk.widget(app, name).set_value(value).run())
    said = walk.errors(app)
    walk.turned(app, "graph")
    walk.answered(app)
    assert sentence in said + walk.errors(app)
    for page in walk.PAGES:
        walk.turned(app, page)


def take_in(app: Any, table: pd.DataFrame, names: list[str]) -> Any:
    """The columns page with these columns in use."""
    held = answers.store().load(walk.study_id(app))
    aside = [name for name in held.study.recipe["set_aside"] if name not in names]
    changed = held.study.to_json() | {"recipe": {**held.study.recipe, "set_aside": aside}}
    answers.store().save(type(held.study).from_json(changed), held.revision, "took in")
    return walk.calm(app.run())


def test_a_log_that_was_damaged_on_disk_is_named_on_every_page(damaged: str) -> None:
    walk.forget()
    app = walk.opened(damaged)
    for page in walk.PAGES:
        walk.turned(app, page)
        log = next(each.proto for each in app.get("page_link") if each.proto.label == "Log")
        assert log.icon == ":material/error:"
        assert "damaged" in log.help
        if page not in ("studies", "accuracy"):  # these need no log
            assert "damaged" in walk.errors(app), page


@pytest.fixture(scope="module")
def damaged() -> str:
    """A study whose uploaded log lost a byte after everything was answered."""
    app = walk.upload(as_csv(frame(401)))
    for page in ("columns", "question", "graph"):
        walk.turned(app, page)
    walk.answered(app)
    study = answers.store().load(walk.study_id(app)).study
    path = answers.store().blob_path(study.log.blob)
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return study.id


def test_an_answer_that_was_damaged_on_disk_can_be_had_again() -> None:
    app = asked(frame(403))
    walk.turned(app, "graph")
    walk.answered(app)
    before = walk.digits(app)
    study = answers.store().load(walk.study_id(app)).study
    for spec in specs_of(study):
        found = answers.store().find_result(result_key(answers.table_blob(study), spec.fingerprint))
        path = answers.store().blob_path(found.analysis)
        path.chmod(0o600)
        path.write_bytes(b"{}")
    walk.forget()
    app = walk.opened(study.id, "effect")
    walk.answered(app)
    assert walk.digits(app) == before


def test_a_log_whose_rows_lack_values_says_what_each_choice_does() -> None:
    table = frame().astype({"age": object})
    table.loc[:19, "age"] = None
    app = walk.turned(walk.upload(as_csv(table)), "columns")
    captions = walk.plain(walk.texts(app))
    assert "Keeps 380 of 400 rows." in captions
    assert "Keeps 400 of 400 rows" in captions
    choice = walk.widget(app, "missing")
    walk.calm(choice.set_value("indicator").run())
    assert answers.store().load(walk.study_id(app)).study.recipe["missing"] == "indicator"


def test_a_parquet_file_is_read_as_a_csv_would_be() -> None:
    buffer = io.BytesIO()
    frame().to_parquet(buffer)
    app = walk.upload(buffer.getvalue(), "events.parquet")
    assert walk.finding(app) == "400 rows and 3 columns are read."
