"""From a fit to an answer that adjusts for a score: put in on one page, used on the others, taken out again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.archive.contents import graph_of
from causal.archive.script import reproduction_script
from causal.structural.scores import factor_scores
from causal.wording import structure as wording
from pages.ui import answers
from tests.pages import walk

DRAWN = (
    "dag { taste [latent]; new [exposure]; stays [outcome]; taste -> { clicks dwell rating new stays }; new -> stays }"
)
MODEL = "taste =~ clicks + dwell + rating\nstays ~ taste + new\nnew ~~ taste"


def rows(n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    taste = rng.standard_normal(n)
    shown = taste[:, None] * [1.0, 0.8, 0.6] + 0.7 * rng.standard_normal((n, 3))
    new = (rng.random(n) < 1 / (1 + np.exp(-taste))).astype(int)
    columns = {"clicks": shown[:, 0], "dwell": shown[:, 1], "rating": shown[:, 2], "new": new}
    return pd.DataFrame(columns).assign(stays=2.0 * new + taste + rng.standard_normal(n))


def held_of(app):
    return answers.store().load(walk.study_id(app)).study


@pytest.fixture(scope="module")
def fitted():
    app = walk.upload(rows().to_csv(index=False).encode(), "taste.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="new", outcome="stays")
    walk.turned(app, "graph")
    walk.calm(walk.widget(app, "graph text").set_value(DRAWN).run())
    walk.turned(app, "structure")
    walk.calm(walk.widget(app, "structure text").set_value(MODEL).run())
    walk.calm(app.button("fit structure").click().run())
    return walk.ended(app)


def test_a_score_goes_from_the_fit_to_an_answer_and_out_again(fitted, tmp_path, monkeypatch, capsys) -> None:
    app = fitted
    assert wording.SCORE_WARNING in walk.plain(walk.texts(app))
    for name, sentence in {
        "clicks": 'There is a column "clicks" already',
        "taste": '"taste" is a latent variable',
        " ": "Give every score a name",
    }.items():
        walk.calm(walk.widget(app, "score name taste").set_value(name).run())
        walk.calm(app.button("add scores").click().run())
        assert sentence in walk.plain(walk.texts(app))
        assert held_of(app).recipe.get("scores") is None
    walk.calm(walk.widget(app, "score name taste").set_value("taste score").run())
    walk.calm(app.button("add scores").click().run())

    held = held_of(app)
    (score,) = answers.recipe_of(held).scores
    made = answers.table_of(held).frame["taste score"]
    fit = causal.fit_sem(rows(), "taste =~ clicks + dwell + rating")
    np.testing.assert_allclose(made, factor_scores(rows(), fit)["taste"], rtol=1e-12)
    assert score.names == (("taste", "taste score"),)
    assert set(graph_of(held).directed) == {("taste score", "new"), ("taste score", "stays"), ("new", "stays")}
    assert not graph_of(held).latent
    assert "“taste score” estimates taste from clicks, dwell, rating." in walk.plain(walk.texts(app))
    assert "explains how the 5 columns hang together" in walk.finding(app)  # the fit is still there

    assert "Was this known before the treatment?" in walk.errors(app)  # by their names they may be outcomes
    walk.turned(app, "question")
    assert "taste score" in walk.widget(app, "outcome").options
    walk.answered(app)
    assert "removes only part of what the variable confounds" in walk.plain(walk.texts(app))
    shown = walk.digits(app)
    spec = next(each.spec for each in walk.analyses(held) if each.estimate.effect == shown[0])
    found = causal.answer(answers.table_of(held), spec)
    assert found.adjust_for == ("taste score",)
    assert found.estimate.effect == shown[0]
    walk.forget()
    app.run()
    assert walk.digits(app) == shown

    rows().to_csv(tmp_path / "taste.csv", index=False)
    monkeypatch.chdir(tmp_path)
    exec(reproduction_script(held.log, answers.recipe_of(held), spec), {})
    assert f"effect {float(shown[0])!r}" in capsys.readouterr().out

    walk.turned(app, "columns")
    walk.calm(app.button("take out score taste score").click().run())
    assert answers.recipe_of(held_of(app)).scores == ()
    assert "taste score" not in answers.table_of(held_of(app)).names
    walk.turned(app, "effect")
