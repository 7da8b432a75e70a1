from __future__ import annotations

import json
from dataclasses import replace

import pytest

from causal.errors import LogError
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure, retained
from causal.logs.time_range import AT_ANCHOR, HOUR, UNKNOWN_TIME, TimeRange, after, before
from causal.logs.units import UnitRecipe

COLUMNS = EventColumns("user", "time", "event", "item")
RECIPE = EventRecipe(
    COLUMNS,
    anchor=Anchor("first of a kind", ("view",)),
    treatment=Measure("value", column="arm"),
    outcomes=(
        Measure("ratio", after(7), ("click",), over_kinds=("view",), name="rate"),
        retained(7),
    ),
    covariates=(
        Measure("share", before(28), column="topic", levels=("a", "b")),
        Measure("attribute", column="country"),
    ),
    cleaning=Cleaning("key", ("id",), 500, 0.999, 1_800, "2024-01-01", "2024-02-01 12:00"),
    time_zone="Europe/Berlin",
)


def test_a_recipe_of_events_survives_json() -> None:
    assert EventRecipe.from_json(json.loads(json.dumps(RECIPE.to_json()))) == RECIPE
    whole = UnitRecipe(events=RECIPE, vouched=("country",))
    assert UnitRecipe.from_json(json.loads(json.dumps(whole.to_json()))) == whole


def test_a_recipe_in_which_each_row_is_a_unit_says_what_it_always_said() -> None:
    document = UnitRecipe("user_id", (("x", "numeric"),)).to_json()
    assert {"events", "vouched"}.isdisjoint(document)
    assert UnitRecipe.from_json(document).events is None


def test_every_column_says_from_when_it_is() -> None:
    found = {name: RECIPE.range_of(name) for each in RECIPE.measures for name in each.columns}
    assert found == {
        "arm": AT_ANCHOR,
        "topic_share_28d_before: a": before(28),
        "topic_share_28d_before: b": before(28),
        "country": UNKNOWN_TIME,
        "rate": after(7),
        "rate: numerator": after(7),
        "rate: denominator": after(7),
        "retained_day_7": after(1, wait=7),
    }
    assert RECIPE.range_of("user") is None
    assert (RECIPE.reach, RECIPE.history) == (8 * 86_400, 28 * 86_400)


def test_ranges_are_said_in_words() -> None:
    assert before(7).sentence == "the 7 days before the anchor"
    assert TimeRange(-90 * 60, 0).sentence == "the 90 minutes before the anchor"
    assert after(1, wait=7).sentence == "from 7 days after the anchor to 8 days after the anchor"
    assert TimeRange(-HOUR, HOUR).sentence == "from 1 hour before the anchor to 1 hour after the anchor"
    assert [each.reaches_past_anchor for each in (before(7), before(), after(7), TimeRange(-1, 1))] == [
        False,
        False,
        True,
        True,
    ]
    assert not AT_ANCHOR.reaches_past_anchor
    assert not UNKNOWN_TIME.reaches_past_anchor


def test_what_could_mislead_is_said() -> None:
    early = EventRecipe(
        COLUMNS,
        treatment=Measure("any", after(7), ("notified",)),
        outcomes=(Measure("count", after(14)),),
        covariates=(Measure("count", TimeRange(-5, 5), name="leak"),),
    )
    first, second = early.cautions()
    assert first.startswith('"leak" is called a covariate but reaches past the anchor')
    assert "begins before the treatment's window is over" in second
    assert RECIPE.cautions() == ()


def test_covariates_from_before_the_first_event_are_said_to_hold_nothing() -> None:
    looking = EventRecipe(
        COLUMNS, covariates=(Measure("count", before(28), name="n"), Measure("attribute", column="x"))
    )
    assert [each.name for each in looking.blank] == ["n"]
    (said,) = looking.cautions()
    assert said.startswith('A unit is looked at from its first event on, and nothing lies before that: "n" will be 0')
    assert said.endswith(
        "Look at units from the first event of a kind (what units are exposed to) on, from a date on, "
        "or from when an experiment began; or take them out."
    )
    sessions = replace(looking, unit="session", columns=replace(COLUMNS, session="s"))
    assert "Let them look at all events of the user" in sessions.cautions()[0]
    assert replace(sessions, covariates=(Measure("count", before(28), of="user", name="n"),)).blank == ()
    of_kind = replace(looking, anchor=Anchor("first of a kind", ("buy",)))
    assert of_kind.blank == ()
    bought = replace(of_kind, covariates=(Measure("count", before(28), ("buy",), name="n"),))
    assert [each.name for each in bought.blank] == ["n"]
    assert bought.cautions()[0].endswith("Let them count events of other kinds, or take them out.")
    assert replace(looking, anchor=Anchor("date", at="2024-01-01")).blank == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Measure("sum"), '"sum" needs a column'),
        (lambda: Measure("median"), '"median" cannot be computed'),  # type: ignore[arg-type]
        (lambda: Measure("count", TimeRange(5, 5)), "is empty: it must end after it begins"),
        (lambda: Measure("rate", before()), "needs a window with a beginning and an end"),
        (lambda: Measure("recency", after(1)), "must end at the anchor or before"),
        (lambda: Measure("time to", before(1)), "must begin at the anchor or later"),
        (lambda: Anchor("first of a kind"), "say of which kinds"),
        (lambda: Anchor("date", at="31.5."), '"31.5." is no date. Write it as 2024-05-31'),
        (lambda: Cleaning("key"), "name at least one column of the key"),
        (lambda: Cleaning(quantile_per_day=1.0), "between 0 and 1"),
        (lambda: Cleaning(since="2024-02-01", until="2024-01-01"), "the second must be later"),
        (lambda: Cleaning(since="soon"), '"soon" is no date'),
        (lambda: EventRecipe(COLUMNS, "household"), '"household" is no unit'),  # type: ignore[arg-type]
        (lambda: EventRecipe(COLUMNS, "session"), "after which gap a new one begins"),
        (lambda: EventRecipe(EventColumns("u", "t"), "user and item"), "which column holds the item"),
        (lambda: EventRecipe(COLUMNS, time_zone="Berlin"), 'no time zone "Berlin"'),
        (lambda: EventRecipe(COLUMNS, treatment=Measure("exposed")), "the same for all units"),
        (
            lambda: EventRecipe(EventColumns("u", "t"), outcomes=(Measure("any", kinds=("view",)),)),
            "say which column holds them",
        ),
        (
            lambda: EventRecipe(COLUMNS, outcomes=(Measure("any", name="a"), Measure("count", name="A"))),
            'Two columns of the units are called "A"',
        ),
    ],
)
def test_mistakes_in_a_recipe_are_named(make, said: str) -> None:
    with pytest.raises(LogError, match=said.replace("?", r"\?")):
        make()
