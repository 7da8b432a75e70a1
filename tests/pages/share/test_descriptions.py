"""The descriptions page: texts without a model, what would be sent to one, and what becomes of what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import answers
from tests.pages import walk
from tests.pages.work_here import WorkHere
from tests.text.model_server import Asked, chat, serving

KEY = "sk-secret-of-the-deployer"


def shop() -> AppTest:
    return walk.turned(walk.sample_study("shop"), "descriptions")


def sends(app: AppTest) -> list[Any]:
    return [each for each in app.button if each.key == "send descriptions"]


def test_without_a_model_each_row_has_its_text_in_both_languages() -> None:
    app = shop()
    shown = app.dataframe[0].value
    assert list(shown["written by"]) == ["our form"] * 5
    assert all(item in text for item, text in zip(shown["item"], shown["text"], strict=True))
    assert "DOABLE_MODEL_URL" in walk.texts(app)
    assert not sends(app)
    walk.calm(walk.widget(app, "descriptions language").set_value("zh").run())
    assert all("《" in text for text in app.dataframe[0].value["text"])
    walk.calm(walk.widget(app, "descriptions count").set_value(2).run())
    assert len(app.dataframe[0].value) == 2


def honest_once(asked: Asked, body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Repeats the title of the first item, and invents a prize for every other."""
    title = json.loads(body["messages"][-1]["content"].split("<data>")[1].split("}")[0] + "}")["title"]
    told = f"We suggest {title}." if len(asked.requests) == 1 else f"{title} won an award <b>{KEY}</b>."
    return 200, {}, chat(told)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    with serving(honest_once) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", "small")
        monkeypatch.setenv("DOABLE_MODEL_KEY", KEY)
        monkeypatch.setattr("pages.ui.answers.work.pool", lambda: WorkHere(answers.store()))
        yield asked


def test_rows_stay_here_where_the_server_does_not_allow_them(model: Asked) -> None:
    app = shop()
    assert "DOABLE_MODEL_ROWS=allowed" in walk.texts(app)
    assert not sends(app)
    assert model.requests == []


def test_a_model_s_texts_are_shown_first_sent_by_a_click_and_held_to_the_facts(
    model: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOABLE_MODEL_ROWS", "allowed")
    app = shop()
    assert not sends(app)  # the study has not agreed
    walk.calm(walk.widget(app, "rows to model").check().run())
    walk.calm(walk.widget(app, "descriptions count").set_value(2).run())
    shown = [json.loads(each.value) for each in app.code]
    assert model.requests == []
    walk.calm(sends(app)[0].click().run())
    assert [body for _, _, body in model.requests] == shown
    table = app.dataframe[0].value
    assert list(table["written by"]) == ["the model", "our form"]
    assert "won" in table["sent back because"][1] or "plain text" in table["sent back because"][1]
    log = app.dataframe[1].value
    assert list(log["for"]) == ["description", "description"]
    assert [each.split(":")[0] for each in log["the guard"]] == ["keeps to the facts", "sent back"]
    study = answers.store().load(walk.study_id(app)).study
    assert "Sent 2 messages (description) to small at this machine" in [
        each.note for each in answers.store().revisions(study.id)
    ]
    assert KEY not in walk.texts(app) + json.dumps(study.to_json()) + str(answers.jobs_of(study))
    walk.calm(app.run())
    assert len(model.requests) == 2  # nothing is sent twice
