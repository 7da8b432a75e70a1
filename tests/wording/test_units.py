from __future__ import annotations

from causal.logs.attrition import Attrition, AttritionStep
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure, retained
from causal.logs.samples import sample_named
from causal.logs.time_range import after, before
from causal.wording.units import (
    attrition_finding,
    flagged_sentence,
    measure_phrase,
    recipe_sentence,
    rows_to_units,
    step_sentence,
)

FLOW = Attrition(
    1_000,
    (
        AttritionStep("events", "that repeat a row", 10, 990),
        AttritionStep("units", "found in the events", 0, 100),
        AttritionStep("units", "without an anchor", 40, 60),
    ),
)


def test_the_samples_recipe_is_one_sentence() -> None:
    assert recipe_sentence(sample_named("video").recipe.events) == (
        "One row per user, from its first start_page on; treatment is start_page at the anchor; outcome is the sum of "
        "minutes over view events in the 7 days after the anchor; covariates are the number of view events in the 14 "
        "days before the anchor and the share of sports among the values of category in view events in the 14 days "
        "before the anchor; equal rows count once; users with more than 100 events on a day before the anchor are left "
        "out as machines; units that the log does not follow for 7 days are left out."
    )


def test_every_unit_and_anchor_is_said() -> None:
    columns = EventColumns("u", "t", "k", "i")
    said = [
        recipe_sentence(EventRecipe(columns, "impression", Anchor("first of a kind", ("shown",)))),
        recipe_sentence(EventRecipe(columns, "user and day", time_zone="Europe/Berlin")),
        recipe_sentence(EventRecipe(columns, "session", cleaning=Cleaning(session_gap=1_800))),
        recipe_sentence(EventRecipe(columns, anchor=Anchor("experiment start", at="2024-05-01"))),
    ]
    assert said == [
        "One row per impression, each shown being its own anchor.",
        "One row per user and day, from midnight on (Europe/Berlin).",
        "One row per session, from its first event on; more than 30 minutes without an event begin a new session.",
        "One row per user, from its first event since 2024-05-01 (UTC) on.",
    ]


def test_measures_are_said_with_their_time() -> None:
    assert measure_phrase(retained(7)) == (
        "whether there are events from 7 days after the anchor to 8 days after the anchor"
    )
    ratio = Measure("ratio", after(7), ("click",), over_kinds=("view",), name="r")
    assert measure_phrase(ratio) == "click events per view events in the 7 days after the anchor"
    share = Measure("share", before(), column="topic", of="user")
    assert measure_phrase(share) == (
        "the shares of the 3 most frequent values of topic in events of the user in all the time before the anchor"
    )


def test_what_was_left_out_is_said() -> None:
    assert rows_to_units(FLOW) == "1,000 rows became 60 units."
    assert attrition_finding(FLOW) == ("1,000 rows became 60 units; the largest loss: units without an anchor (40 %).")
    assert [step_sentence(each) for each in FLOW.steps] == [
        "10 events that repeat a row are left out; 990 stay.",
        "100 units found in the events.",
        "40 units without an anchor are left out; 60 stay.",
    ]
    assert flagged_sentence("whose history the log cuts off", 3) == "3 units are kept whose history the log cuts off."
    assert (
        flagged_sentence("whose history the log cuts off", 3, 4) == "3 units are kept whose history the log cuts off."
    )
    assert "These are all" in flagged_sentence("whose history the log cuts off", 4, 4)
