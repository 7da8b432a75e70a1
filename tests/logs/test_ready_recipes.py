from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from causal.errors import EmptyLog
from causal.logs.event_recipe import EventColumns
from causal.logs.event_units import attrition, room, unit_log
from causal.logs.log import Log
from causal.logs.reading import frame_of, read_log
from causal.logs.ready_recipes import READY, EventGuess, best_ready, fitted, guess_events, ready_recipe, rows_are_events
from causal.logs.samples import open_sample
from causal.logs.time_range import DAY
from causal.wording.units import fitted_sentence

LOGS = {
    "shop": ("customer_id,timestamp,event_type,product_id,price,variant", ("product_view", "add_to_cart", "purchase")),
    "video": ("user_id,time,action,video_id,watch_seconds,algorithm", ("impression", "play", "like")),
    "social": ("Nutzer_ID,Zeitstempel,Ereignis,Beitrag_ID,x,Variante", ("angezeigt", "kommentar", "gefolgt")),
    "subscription": ("subscriber_id,date,event,plan_id,x,group", ("trial", "renewed", "cancelled")),
    "news": ("visitor_id,ts,event,article_id,dwell_seconds,variant", ("pageview", "click", "scroll")),
}


def events(name: str) -> bytes:
    header, kinds = LOGS[name]
    rows = [header]
    for user in range(60):
        for step in range(12):
            moment = f"2024-01-{1 + (user % 5) + 4 * (step // 2):02d} {8 + step}:{user:02d}:00"
            kind = kinds[0] if step == 0 else kinds[(user + step) % 3]
            rows.append(f"u{user:03d},{moment},{kind},p{(user * 7 + step) % 90:03d},{step + 0.5},{'ab'[user % 2]}")
    return "\n".join(rows).encode()


@pytest.mark.parametrize("name", LOGS)
def test_each_sort_of_log_gets_its_recipe_and_units(name: str) -> None:
    log = read_log(events(name), f"{name}.csv")
    assert rows_are_events(log)
    found = guess_events(log)
    header = LOGS[name][0].split(",")
    assert (found.columns.user, found.columns.time, found.columns.kind) == tuple(header[:3])
    assert found.treatment == header[5]
    assert best_ready(found).name == name
    recipe = ready_recipe(best_ready(found), found)
    assert recipe.treatment.column == header[5]
    assert all(each.window.end == 0 for each in recipe.covariates)
    assert not any("begins before" in each for each in recipe.cautions())
    if name == "subscription":  # its 30 days are longer than this log
        with pytest.raises(EmptyLog):
            unit_log(log, recipe)
        recipe = ready_recipe(best_ready(found), found, room=room(log, recipe))
        assert recipe.reach < 24 * DAY
    assert len(frame_of(unit_log(log, recipe))) >= (30 if name == "subscription" else 60)


def test_german_compounds_say_who_and_what() -> None:
    renamed = events("shop").replace(b"customer_id,timestamp,event_type", b"Kundennummer,Zeitpunkt,Ereignis")
    log = read_log(renamed.replace(b"product_view", b"Einblendung").replace(b"purchase", b"Kauf"), "export.csv")
    assert rows_are_events(log)
    found = guess_events(log)
    assert found.columns == EventColumns("Kundennummer", "Zeitpunkt", "Ereignis", "product_id")
    assert found.kinds["exposure"] == ("Einblendung",)


def test_every_ready_recipe_fits_every_log_of_events() -> None:
    found = guess_events(open_sample("video"))
    for ready in READY:
        recipe = ready_recipe(ready, found, repeated=True)
        assert recipe.outcomes
        assert recipe.covariates
        assert recipe.cleaning.duplicates == "rows"


def test_covariates_that_could_hold_nothing_are_left_out_or_said() -> None:
    found = EventGuess(EventColumns("user", "at", "event"), {"play": ("play",)})
    video = next(each for each in READY if each.name == "video")
    recipe = ready_recipe(video, found)
    assert recipe.anchor.kinds == ("play",)
    assert [each.name for each in recipe.covariates] == ["events_14d_before"]
    assert recipe.cautions() == ()
    nowhere = ready_recipe(video, EventGuess(EventColumns("user", "at"), {}))
    assert nowhere.blank == nowhere.covariates
    assert "nothing lies before that" in nowhere.cautions()[0]


def five_days(name: str) -> Log:
    """60 users who come in over five days, with an event every five hours from then on."""
    header, kinds = LOGS[name]
    rows = [header]
    for user in range(60):
        start = datetime.datetime(2024, 5, 1) + datetime.timedelta(hours=2 * user)
        for step in range(24):
            moment = start + datetime.timedelta(hours=5 * step)
            if moment < datetime.datetime(2024, 5, 6):
                kind = kinds[0] if step == 1 else kinds[1 + (user + step) % 2]
                rows.append(f"u{user:03d},{moment},{kind},p{step:03d},{step + 0.5},{'ab'[user % 2]}")
    return read_log("\n".join(rows).encode(), f"{name}.csv")


@pytest.mark.parametrize("name", LOGS)
def test_the_windows_of_every_ready_recipe_fit_a_log_of_five_days(name: str) -> None:
    log = five_days(name)
    found = guess_events(log)
    ready = next(each for each in READY if each.name == name)
    known = room(log, ready_recipe(ready, found))
    made = ready_recipe(ready, found, room=known)
    units = frame_of(unit_log(log, made))
    assert len(units) >= 0.5 * attrition(log, replace(made, incomplete="keep")).units
    assert made.reach <= 5 * DAY
    said = fitted_sentence(ready, fitted(ready, known))
    assert said.startswith("The log is too short around the anchor for this recipe's usual windows")


def test_windows_are_fitted_in_whole_lengths_and_left_as_usual_where_there_is_room() -> None:
    social = next(each for each in READY if each.name == "social")
    assert fitted(social, None) == social
    assert fitted(social, (14 * DAY, 8 * DAY)) == social
    short = fitted(social, (2 * DAY, 3 * DAY + 5))
    assert (short.history, short.days, short.returns) == (2, 3, 2)
    assert fitted_sentence(social, short) == (
        "The log is too short around the anchor for this recipe's usual windows, so it looks at 3 days after it "
        "instead of 7 days, 2 days before it instead of 14 days and whether people are back on day 2 instead of day 7: "
        "at least half of the units have that much. Change a window under 4 to 6."
    )
    hours = fitted(social, (3_600, 3 * 3_600))
    assert (hours.history, hours.days, hours.returns) == (1 / 24, 1 / 24, None)
    assert "and not at whether people are back on another day" in fitted_sentence(social, hours)
    assert fitted(social, (0, 0)) == replace(social, returns=None)


@pytest.mark.parametrize("name", ["classic", "shop", "jobs", "news"])
def test_a_log_of_units_is_not_taken_for_events(name: str) -> None:
    assert not rows_are_events(open_sample(name))


@pytest.mark.parametrize(("factor", "clock"), [(1, "seconds"), (1_000, "milliseconds")])
def test_numbers_since_1970_are_a_clock(factor: int, clock: str) -> None:
    lines = ["user_id,timestamp,event,variant"]
    lines += [
        f"u{row % 40},{(1_709_000_000 + 977 * row) * factor},{('view', 'click')[row % 2]},{'ab'[row % 40 % 2]}"
        for row in range(900)
    ]
    log = read_log("\n".join(lines).encode())
    found = guess_events(log)
    assert (found.columns.time, found.columns.clock) == ("timestamp", clock)
    units = frame_of(unit_log(log, ready_recipe(READY[0], found)))
    assert (len(units), str(units["anchor"].min())) == (20, "2024-02-27 02:13:20")
