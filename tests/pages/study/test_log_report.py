"""The report on the log on its page: faults with their rows, mended by a click, and nothing where there is nothing."""

from __future__ import annotations

import pandas as pd
from streamlit.testing.v1 import AppTest

from causal.archive.study import Study
from causal.logs.units import UnitRecipe
from pages.ui import answers
from tests.logs.report.test_log_report import events, units
from tests.pages import walk


def study_of(app: AppTest) -> Study:
    return answers.store().load(walk.study_id(app)).study


def recipe_of(app: AppTest) -> UnitRecipe:
    return UnitRecipe.from_json(dict(study_of(app).recipe))


def reported(app: AppTest) -> AppTest:
    """The page of the report, once the work is done."""
    walk.turned(app, "log_report")
    return walk.ended(app)


def test_a_clean_log_has_nothing_to_mend() -> None:
    app = reported(walk.sample_study("classic"))
    assert walk.finding(app) == "Nothing to mend in 5,000 rows: 12 checks found nothing."
    assert not [each for each in app.button if (each.key or "").startswith("mend")]


def test_repeats_in_the_sample_of_events_are_mended_already_and_their_rows_are_there() -> None:
    app = reported(walk.sample_study("video"))
    assert walk.finding(app) == "In 41,500 rows: 1 mended."
    assert "Equal rows count once." in [each.value for each in app.success]
    assert len(app.dataframe[0].value) == 50


def test_a_mend_changes_the_recipe_and_the_finding_is_mended() -> None:
    frame = pd.concat([units(), units().head(9)]).assign(
        age=lambda held: held["age"].where(held["variant"] == "control")
    )
    app = reported(walk.upload(frame.to_csv(index=False).encode()))
    assert "2 findings could change an answer" in walk.finding(app)
    assert len(walk.figures(app)) == 1
    named = {each.label: each for each in app.button if (each.key or "").startswith("mend")}
    walk.calm(named["Count equal rows once"].click().run())
    assert recipe_of(app).drop_repeats
    reported(app)
    assert "1 finding could change an answer, 1 mended" in walk.finding(app)
    named = {each.label: each for each in app.button if (each.key or "").startswith("mend")}
    walk.calm(named["Fill it, and mark where"].click().run())
    assert recipe_of(app).missing == "indicator"
    reported(app)
    assert walk.finding(app).endswith("2 mended.")


def test_a_mend_of_events_makes_the_units_anew() -> None:
    frame = events()
    frame.loc[[3], ["time", "received_at"]] = pd.Timestamp("2031-01-01")
    app = walk.turned(walk.upload(frame.to_csv(index=False).encode()), "units")
    walk.calm(walk.widget(app, "what a row is").set_value("event").run())
    reported(app)
    named = {each.label: each for each in app.button if (each.key or "").startswith("mend")}
    walk.calm(named["Leave these rows out"].click().run())
    assert recipe_of(app).events.cleaning.until == "2024-02-10"
    walk.turned(app, "units")
    assert "rows from 2024-01-01 until 2024-02-10 count" in walk.plain(walk.texts(app))


def test_rows_are_looked_at_where_no_units_can_be_made() -> None:
    app = walk.turned(walk.upload(events().to_csv(index=False).encode()), "units")
    walk.calm(walk.widget(app, "what a row is").set_value("event").run())
    walk.calm(walk.widget(app, "outcomes days").set_value(90.0).run())
    walk.calm(app.button("add outcomes").click().run())
    assert "0 units" in walk.finding(app)
    assert walk.finding(reported(app)).startswith("Nothing to mend in 3,000 rows"), walk.texts(app)


def test_names_and_values_of_the_log_are_never_read_as_markdown() -> None:
    hostile = {"variant": "![arm](http://evil.example/t.png)", "age": ":red[age] **x**", "country": "<b>land</b>"}
    frame = units().astype({"age": object})
    frame.loc[[4, 9], "age"] = "[go](http://evil.example)"
    frame["country"] = frame["country"].where(frame["variant"] == "control")
    frame["variant"] = frame["variant"].map({"control": "control", "treatment": "<i>treatment</i>"})
    app = reported(walk.upload(frame.rename(columns=hostile).to_csv(index=False).encode()))
    assert len(walk.figures(app)) == 1
    for text in walk.markdown(app):
        for name in (*hostile.values(), "[go](http://evil.example)", "<i>treatment</i>"):
            assert name not in text, text
    assert "<i>" not in walk.figures(app)[0].replace("\\u003c", "<")
