"""From raw events to units on the page: every choice is counted, nothing is lost, and it ends in an answer."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.study import Study
from causal.logs.samples import sample_named
from causal.logs.units import UnitRecipe
from pages.ui import answers
from tests.pages import walk


def study_of(app: AppTest) -> Study:
    return answers.store().load(walk.study_id(app)).study


def recipe_of(app: AppTest) -> UnitRecipe:
    return UnitRecipe.from_json(dict(study_of(app).recipe))


@pytest.fixture
def app() -> AppTest:
    """The video sample, dropped as a file of a person's own."""
    content = (sample_named("video").folder / "log.csv.gz").read_bytes()
    return walk.turned(walk.upload(content, "video.csv.gz"), "units")


def as_events(app: AppTest) -> AppTest:
    return walk.calm(walk.widget(app, "what a row is").set_value("event").run())


def test_a_log_of_units_has_nothing_to_make() -> None:
    app = walk.turned(walk.sample_study("classic"), "units")
    assert walk.finding(app) == "Each of the 5,000 rows is taken as a unit."
    assert "There is nothing to make here" in walk.texts(app)
    assert any(each.key == "next columns" for each in app.button)


def test_rows_that_look_like_events_are_said_to(app: AppTest) -> None:
    assert "The rows look like events" in app.info[0].value
    log_page = walk.turned(app, "log")
    assert any(each.key == "next units" for each in log_page.button)


def test_one_click_makes_units_of_events_with_every_loss_counted(app: AppTest) -> None:
    as_events(app)
    assert walk.finding(app).startswith("41,500 rows became 1,040 units")
    recipe = recipe_of(app)
    assert recipe.events.columns.user == "user_id"
    assert recipe.events.anchor.kinds == ("start_page",)
    assert recipe.events.cleaning.duplicates == "rows"
    assert study_of(app).question["treatment"] == "start_page"
    assert (study_of(app).question["control"], study_of(app).question["treated"]) == ("old", "new")
    assert len(walk.figures(app)) == 1
    assert "WITH" in walk.texts(app)
    assert "One row per user, from its first start_page on" in walk.plain(walk.texts(app))


def test_a_measure_is_added_and_taken_out_again(app: AppTest) -> None:
    as_events(app)
    before = recipe_of(app).events.covariates
    walk.calm(walk.widget(app, "covariates what").set_value("recency").run())
    walk.calm(app.button("add covariates").click().run())
    added = recipe_of(app).events.covariates
    assert [each.what for each in added[len(before) :]] == ["recency"]
    walk.calm(walk.widget(app, f"take out covariates {len(before)}").click().run())
    assert recipe_of(app).events.covariates == before


def test_a_name_twice_is_refused_with_a_sentence_and_nothing_is_lost(app: AppTest) -> None:
    as_events(app)
    held = recipe_of(app)
    walk.calm(walk.widget(app, "outcomes name").set_value("start_page").run())
    walk.calm(app.button("add outcomes").click().run())
    assert 'Two columns of the units are called "start_page"' in walk.errors(app)
    assert recipe_of(app) == held


def test_a_recipe_that_leaves_nobody_says_so_and_can_be_mended(app: AppTest) -> None:
    as_events(app)
    walk.calm(walk.widget(app, "outcomes days").set_value(90.0).run())
    walk.calm(app.button("add outcomes").click().run())
    assert "0 units" in walk.finding(app)
    columns = walk.turned(app, "columns")
    assert "No unit stays" in walk.errors(columns)
    walk.turned(app, "units")
    place = len(recipe_of(app).events.outcomes) - 1
    walk.calm(walk.widget(app, f"take out outcomes {place}").click().run())
    assert "1,040 units" in walk.finding(app)


def test_back_to_rows_as_units(app: AppTest) -> None:
    as_events(app)
    walk.calm(walk.widget(app, "what a row is").set_value("unit").run())
    assert recipe_of(app).events is None
    assert walk.finding(app) == "Each of the 41,500 rows is taken as a unit."


def test_what_reaches_past_the_anchor_is_set_aside_and_every_column_says_from_when(app: AppTest) -> None:
    as_events(app)
    walk.turned(app, "columns")
    shown = {each["name"]: each for each in app.dataframe[0].value.to_dict("records")}
    assert shown["view_count_7d_after"]["role"] == "set aside"
    assert shown["events_14d_before"]["from"] == "the 14 days before the anchor"


def test_the_sample_of_events_is_open_up_to_its_answer() -> None:
    app = walk.turned(walk.sample_study("video"), "units")
    assert walk.finding(app).startswith("41,500 rows became 1,047 units")
    walk.answered(app)
    low, high = walk.digits(app)[1:3]
    assert low < 10.5 < high


HOSTILE = ["<b>user_id</b>", "![time](http://evil.example)", "**event**", ":red[minutes]", "$group$"]


def test_a_date_to_look_from_begins_within_the_log() -> None:
    lines = [f"u{user},2031-05-{day:02d} 08:00:00,view,{day}" for user in range(9) for day in range(1, 29)]
    app = as_events(walk.turned(walk.upload("\n".join(["user_id,time,event,minutes", *lines]).encode()), "units"))
    walk.calm(walk.widget(app, "unit").set_value("user").run())
    walk.calm(walk.widget(app, "anchor").set_value("date").run())
    assert recipe_of(app).events.anchor.at == "2031-05-14"
    assert walk.finding(app) == "252 rows became 9 units."


def test_levels_that_no_unit_has_after_a_change_are_not_asked_about() -> None:
    lines = ["user_id,time,event,minutes"]
    for user in range(60):
        arm = ("small", "large")[user % 2]
        lines += [
            f"u{user},2024-01-{day:02d} 0{user % 10}:00:00,{kind},{day}"
            for day, kind in enumerate((("watched", arm)[user % 3 > 1], arm, *["watched"] * 20), 1)
        ]
    app = as_events(walk.turned(walk.upload("\n".join(lines).encode()), "units"))
    walk.calm(walk.widget(app, "anchor").set_value("first of a kind").run())
    walk.calm(walk.widget(app, "kinds of anchor").set_value(["watched", "small"]).run())
    walk.calm(walk.widget(app, "treatment what").set_value("value").run())
    walk.calm(walk.widget(app, "treatment column").set_value("event").run())
    walk.calm(app.button("add treatment").click().run())
    assert {study_of(app).question["control"], study_of(app).question["treated"]} == {"watched", "small"}
    walk.calm(walk.widget(app, "kinds of anchor").set_value(["small", "large"]).run())
    question = study_of(app).question
    assert question["treatment"] == "event"
    assert {question["control"], question["treated"]} == {"small", "large"}


def test_names_and_kinds_from_the_log_are_never_read_as_markdown() -> None:
    lines = [",".join(HOSTILE)]
    for user in range(40):
        lines += [
            f"u{user},2024-01-{day:02d} 0{user % 10}:00:00,{kind},{day},{'ab'[user % 2]}"
            for day in range(1, 25)
            for kind in ("![view](http://evil.example/v.png)", "<i>click</i>")
        ]
    app = as_events(walk.turned(walk.upload("\n".join(lines).encode()), "units"))
    recipe = recipe_of(app).events
    walk.calm(walk.widget(app, "unit").set_value("user").run())
    assert (recipe.columns.user, recipe.columns.time, recipe.columns.kind) == tuple(HOSTILE[:3])
    walk.calm(walk.widget(app, "anchor").set_value("first of a kind").run())
    assert recipe_of(app).events.anchor.kinds == ("![view](http://evil.example/v.png)",)
    for page in ("units", "columns"):
        walk.turned(app, page)
        for text in walk.markdown(app):
            for name in (*HOSTILE, "![view](http://evil.example/v.png)", "<i>click</i>"):
                assert name not in text, (page, text)
        for kind, _, text in walk.fields(app):
            assert kind != "html" or not {"<b>", "<i>", "<img"} & set(text.split()), text


def test_a_column_without_a_time_is_vouched_for_on_the_columns_page(app: AppTest) -> None:
    as_events(app)
    walk.calm(walk.widget(app, "covariates what").set_value("attribute").run())
    walk.calm(walk.widget(app, "covariates column").set_value("category").run())
    walk.calm(app.button("add covariates").click().run())
    walk.turned(app, "columns")
    shown = {each["name"]: each for each in app.dataframe[0].value.to_dict("records")}
    assert shown["category"]["from"] == "an unknown time"
    assert answers.table_of(study_of(app)).ranges["category"].known is False
    walk.calm(walk.widget(app, "vouched").set_value(["category"]).run())
    assert recipe_of(app).vouched == ("category",)
    assert "category" not in answers.table_of(study_of(app)).ranges


def test_every_part_of_the_page_says_what_it_leaves_out_and_what_the_units_hold(app: AppTest) -> None:
    as_events(app)
    said = [walk.plain(each.value) for each in app.caption]
    assert any(each.startswith("No events without a user or a time; 41,500 stay.") for each in said)
    assert any("units found in the events." in each and "without an anchor" in each for each in said)
    assert any("that repeat a row" in each and "of machines" in each for each in said)
    assert any(each.startswith("mean ") and ", from 0 to " in each for each in said)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page to which a log of a thousand rows is a large one."""
    monkeypatch.setattr("pages.ui.answers.logs.AT_ONCE", 1_000)
    monkeypatch.setattr("causal.logs.some_users.some_users.__defaults__", (8_000, None))


@pytest.mark.usefixtures("large")
def test_the_units_of_a_large_log_are_made_in_the_background_and_tried_on_some_users_meanwhile(app: AppTest) -> None:
    as_events(app)
    assert recipe_of(app).events.anchor.kinds == ("start_page",)
    assert study_of(app).question["treatment"] == "start_page"
    assert "1 row per unit" not in walk.texts(app)
    walk.ended(app)
    assert walk.finding(app).startswith("41,500 rows became 1,03")
    log = answers.log_of(study_of(app))
    whole = answers.unit_log_of(study_of(app))
    some, _ = answers.some_of(log, recipe_of(app).events)
    assert 4_000 < some.rows < 16_000
    assert whole.rows > 5 * answers.some_units_of(log, recipe_of(app).events).rows
    walk.turned(app, "columns")
    assert walk.finding(app)


@pytest.mark.usefixtures("large")
def test_a_page_that_needs_units_waits_for_them_and_a_stopped_making_can_be_started_again(app: AppTest) -> None:
    as_events(walk.ended(app))
    changed = {"without_anchor": "keep"}
    walk.calm(walk.widget(app, "without_anchor").set_value(True).run())
    assert recipe_of(app).events.without_anchor == changed["without_anchor"]
    study = study_of(app)
    job = answers.units_job(answers.log_of(study), recipe_of(app).events)
    answers.stop(job.id, study)
    if answers.units_wait(study):  # else it was done before it could be stopped
        walk.turned(app, "question")
        assert "This page comes to life after it." in app.info[0].value
        app.button("make units").click().run()
    walk.ended(app)
    assert not answers.units_wait(study)
    walk.turned(app, "question")
    assert [each for each in app.selectbox if "treatment" in (each.key or "")]


@pytest.mark.usefixtures("large")
def test_a_recipe_that_leaves_nobody_of_a_large_log_says_so(app: AppTest) -> None:
    as_events(app)
    walk.ended(app)
    walk.calm(walk.widget(app, "outcomes days").set_value(90.0).run())
    walk.calm(app.button("add outcomes").click().run())
    walk.ended(app)
    assert "0 units" in walk.finding(app)
    columns = walk.turned(app, "columns")
    assert "No unit stays" in walk.errors(columns)


def test_every_kind_of_measure_can_be_added_on_the_page(app: AppTest) -> None:
    as_events(app)
    walk.calm(walk.widget(app, "outcomes what").set_value("retained").run())
    walk.calm(walk.widget(app, "outcomes day").set_value(3).run())
    walk.calm(app.button("add outcomes").click().run())
    added = recipe_of(app).events.outcomes[-1]
    assert (added.name, added.what, added.window.start, added.window.end) == (
        "retained_day_3",
        "any",
        3 * 86_400,
        4 * 86_400,
    )
    walk.calm(walk.widget(app, "outcomes what").set_value("ratio").run())
    walk.calm(walk.widget(app, "outcomes column").set_value("minutes").run())
    walk.calm(walk.widget(app, "outcomes over").set_value(["view"]).run())
    walk.calm(app.button("add outcomes").click().run())
    ratio = recipe_of(app).events.outcomes[-1]
    assert (ratio.what, ratio.column, ratio.over_column, ratio.over_kinds) == ("ratio", "minutes", None, ("view",))
    walk.calm(walk.widget(app, "covariates what").set_value("share").run())
    walk.calm(walk.widget(app, "covariates column").set_value("category").run())
    walk.calm(walk.widget(app, "covariates top").set_value(2).run())
    walk.calm(walk.widget(app, "covariates always").set_value(True).run())
    walk.calm(walk.widget(app, "covariates name").set_value("taste").run())
    walk.calm(app.button("add covariates").click().run())
    share = recipe_of(app).events.covariates[-1]
    assert (share.what, share.top, share.window.start, share.window.end) == ("share", 2, None, 0)
    assert any(walk.plain(each.value).startswith("on average ") for each in app.caption)


def test_a_recipe_whose_covariates_hold_nothing_says_so_with_the_way_out() -> None:
    rows = "".join(f"u{n % 9},2024-01-{1 + n % 28:02d} 10:00:00,note,{n}\n" for n in range(90))
    app = walk.turned(walk.upload(b"user_id,time,event,amount\n" + rows.encode()), "units")
    as_events(app)
    walk.calm(walk.widget(app, "unit").set_value("user").run())
    said = walk.errors(app)
    assert "nothing lies before that" in said
    assert "Look at units from the first event of a kind" in said


def test_dates_that_count_are_said_and_wrong_ones_are_refused(app: AppTest) -> None:
    as_events(app)
    walk.calm(walk.widget(app, "since").set_value("2024-02-01").run())
    assert recipe_of(app).events.cleaning.since == "2024-02-01"
    walk.calm(walk.widget(app, "until").set_value("soon").run())
    assert '"soon" is no date' in walk.errors(app) + walk.plain(walk.texts(app))
    assert recipe_of(app).events.cleaning.until is None


def test_machines_are_told_by_what_lies_before_the_anchor_unless_a_person_chooses_the_whole_log(app: AppTest) -> None:
    as_events(app)
    assert recipe_of(app).events.cleaning.machine_days == "before"
    assert "by their outcome" not in walk.errors(app)
    walk.calm(walk.widget(app, "machine_days").set_value("all").run())
    assert recipe_of(app).events.cleaning.machine_days == "all"
    assert "this picks units by their outcome" in walk.errors(app)
    assert any("by machines" in each.value for each in app.caption)


def test_newcomers_after_a_date_are_said_and_can_be_left_out() -> None:
    lines = [f"u{user},2031-05-{day:02d} 08:00:00,view,1" for user in range(9) for day in range(1 + 2 * user, 29)]
    app = as_events(walk.turned(walk.upload("\n".join(["user_id,time,event,minutes", *lines]).encode()), "units"))
    walk.calm(walk.widget(app, "unit").set_value("user").run())
    walk.calm(walk.widget(app, "anchor").set_value("date").run())
    walk.calm(walk.widget(app, "at of anchor").set_value("2031-05-10").run())
    assert "Only what they did afterwards shows that they are there" in walk.plain(walk.texts(app))
    walk.calm(walk.widget(app, "newcomers").set_value(False).run())
    assert recipe_of(app).events.newcomers == "drop"
    assert walk.finding(app).endswith("became 5 units.")


def test_a_log_of_five_days_gets_windows_that_fit_it_and_says_so() -> None:
    lines = ["user_id,time,action,video_id,watch_seconds,algorithm"]
    for user in range(60):
        for step in range(24):
            hour = 2 * user + 5 * step
            if hour < 120:
                kind = "impression" if step == 1 else ("play", "like")[(user + step) % 2]
                when = f"2024-05-{1 + hour // 24:02d} {hour % 24:02d}:00:00"
                lines.append(f"u{user},{when},{kind},v{step},{step},{'ab'[user % 2]}")
    app = as_events(walk.turned(walk.upload("\n".join(lines).encode()), "units"))
    rows, units = (int(each) for each in walk.finding(app).replace(",", "").split() if each.isdigit())
    assert rows == len(lines) - 1
    assert units >= 25
    assert "The log is too short around the anchor for this recipe's usual windows" in walk.plain(walk.texts(app))
    assert "2 days after it instead of 7 days" in walk.plain(walk.texts(app))
    walk.calm(walk.widget(app, "take out covariates 0").click().run())
    assert "usual windows" not in walk.texts(app)
