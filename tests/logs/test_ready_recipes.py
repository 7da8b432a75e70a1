from __future__ import annotations

import pytest

from causal.logs.event_recipe import EventColumns
from causal.logs.event_units import unit_log
from causal.logs.reading import frame_of, read_log
from causal.logs.ready_recipes import READY, EventGuess, best_ready, guess_events, ready_recipe, rows_are_events
from causal.logs.samples import open_sample

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
    if name != "subscription":  # its 30 days are longer than this log
        assert len(frame_of(unit_log(log, recipe))) >= 60


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
