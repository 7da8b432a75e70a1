"""Whom the rule for machines leaves out: a treatment that raises activity must not pick the units that are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.event_units import attrition, unit_log
from causal.logs.log import Log
from causal.logs.reading import frame_of, read_log
from causal.logs.ready_recipes import best_ready, guess_events, ready_recipe
from causal.logs.time_range import after, before

USERS, SHOWN, DAYS = 2_000, 14, 28
MORE = 2.0
"""How many times as much people do once they are treated."""


def simulated(seed: int, flipped: bool = False) -> Log:
    """Plays before and after a first exposure at noon of day 14, which by chance is to the new or the old page."""
    rng = np.random.default_rng(seed)
    treated = (rng.random(USERS) < 0.5) ^ flipped
    daily = rng.gamma(1.0, 1.5, USERS)
    parts = []
    for low, high, rate in ((0.0, SHOWN + 0.5, daily), (SHOWN + 0.5, DAYS, daily * np.where(treated, MORE, 1.0))):
        drawn = np.random.default_rng(seed + 1)
        counts = drawn.poisson(rate * (high - low))
        who = np.repeat(np.arange(USERS), counts)
        parts.append(pd.DataFrame({"user_id": who, "day": drawn.uniform(low, high, len(who)), "event": "play"}))
    shown = pd.DataFrame(
        {
            "user_id": np.arange(USERS),
            "day": SHOWN + 0.5,
            "event": "impression",
            "variant": np.where(treated, "new", "old"),
        }
    )
    frame = pd.concat([shown, *parts]).sort_values(["day", "user_id"], ignore_index=True)
    time = pd.Timestamp("2024-05-01") + pd.to_timedelta((frame["day"] * 86_400_000).round(), unit="ms")
    frame = frame.assign(user_id="u" + frame["user_id"].astype("str"), time=time)
    return read_log(frame[["user_id", "time", "event", "variant"]].to_parquet(), name="plays.parquet")


def recipe_for(log: Log, **cleaning: object) -> EventRecipe:
    found = guess_events(log)
    assert found is not None
    made = ready_recipe(best_ready(found), found)
    assert made.cleaning.quantile_per_day == 0.999
    assert made.cleaning.machine_days == "before"
    return replace(made, cleaning=replace(made.cleaning, **cleaning), incomplete="keep")


def compared(log: Log, recipe: EventRecipe) -> tuple[list[int], float, float, set[str]]:
    """Units per arm, the difference in the number of plays with its error, and who they are."""
    frame = frame_of(unit_log(log, recipe))
    arms = [frame.loc[frame["variant"] == arm, "play_count_7d_after"] for arm in ("old", "new")]
    error = float(np.sqrt(sum(each.var(ddof=1) / len(each) for each in arms)))
    return [len(each) for each in arms], float(arms[1].mean() - arms[0].mean()), error, set(frame["user_id"])


def test_a_treatment_that_raises_activity_does_not_pick_the_units_and_the_effect_is_unbiased() -> None:
    log, truth = simulated(20_261_126), 1.5 * 7 * (MORE - 1)
    shown = frame_of(log)["variant"].value_counts()
    told = {}
    for days in ("before", "all"):
        kept, effect, error, _ = compared(log, recipe_for(log, quantile_per_day=0.99, machine_days=days))
        lost = [int(shown[arm]) - number for arm, number in zip(("old", "new"), kept, strict=True)]
        told[days] = stats.fisher_exact([kept, lost]).pvalue, (effect - truth) / error, sum(lost)
    assert told["before"][2] > 50
    assert told["before"][0] > 0.001
    assert told["all"][0] < 1e-9
    assert told["all"][1] < -3.3


def test_the_same_users_stay_whatever_the_treatment_did_to_them() -> None:
    asked = {"quantile_per_day": 0.99}
    one, other = simulated(7), simulated(7, flipped=True)
    assert compared(one, recipe_for(one, **asked))[3] == compared(other, recipe_for(other, **asked))[3]
    asked["machine_days"] = "all"
    assert compared(one, recipe_for(one, **asked))[3] != compared(other, recipe_for(other, **asked))[3]


def test_with_machines_left_out_alike_the_difference_is_that_of_those_who_stay() -> None:
    """Without a rule the effect is 10.5; among those who stay it is their own mean rate, which is lower."""
    log = simulated(3)
    before_it = Measure("count", before(), ("play",), name="history")
    recipe = replace(recipe_for(log, quantile_per_day=0.99), covariates=(before_it,))
    _, effect, error, stayed = compared(log, recipe)
    rng = np.random.default_rng(3)
    rng.random(USERS)
    daily = pd.Series(rng.gamma(1.0, 1.5, USERS), index=[f"u{user}" for user in range(USERS)])
    own = 7 * (MORE - 1) * daily[sorted(stayed)].mean()
    assert own < 10.0
    assert abs(effect - own) < 3.3 * error


EVENTS = EventColumns("user", "at", "event")


def written(rows: list[str]) -> Log:
    return read_log("\n".join(["user,at,event", *rows]).encode())


def test_events_at_the_anchor_and_later_do_not_count_and_the_day_of_the_anchor_counts_up_to_it() -> None:
    rows = [f"early,2024-05-01 0{hour}:00:00,view" for hour in range(5)]
    rows += ["early,2024-05-02 00:00:00,shown", "late,2024-05-01 00:00:00,view", "late,2024-05-01 06:00:00,shown"]
    rows += [f"late,2024-05-01 1{hour}:00:00,view" for hour in range(9)]
    rows += [f"same,2024-05-01 0{hour}:00:00,view" for hour in range(4)]
    rows += ["same,2024-05-01 05:00:00,shown", "same,2024-05-01 05:00:00,view", "same,2024-05-01 05:00:00,view"]
    recipe = EventRecipe(
        EVENTS,
        anchor=Anchor("first of a kind", ("shown",)),
        outcomes=(Measure("count", after(None), name="n"),),
        cleaning=Cleaning(most_per_day=4),
    )
    assert frame_of(unit_log(written(rows), recipe))["user"].tolist() == ["late", "same"]
    flow = attrition(written(rows), recipe)
    assert ("units", "of machines", 1, 2) in [(e.of, e.step, e.removed, e.left) for e in flow.steps]
    whole = replace(recipe, cleaning=Cleaning(most_per_day=4, machine_days="all"))
    with pytest.raises(Exception, match="No unit stays"):
        unit_log(written(rows), whole)


def test_each_session_is_judged_by_what_lies_before_it() -> None:
    rows = [f"u,2024-05-01 0{hour}:00:00,view" for hour in range(4)] + ["u,2024-05-02 00:00:00,view"]
    recipe = EventRecipe(
        EVENTS,
        "session",
        outcomes=(Measure("count", after(None), name="n"),),
        cleaning=Cleaning(most_per_day=2, session_gap=1_800),
    )
    assert frame_of(unit_log(written(rows), recipe))["session"].tolist() == [1, 2, 3]


def test_those_who_come_after_a_date_are_counted_and_can_be_left_out() -> None:
    rows = ["old,2024-05-01 10:00:00,view", "old,2024-05-09 10:00:00,view", "new,2024-05-06 10:00:00,view"]
    recipe = EventRecipe(EVENTS, anchor=Anchor("date", at="2024-05-05"), outcomes=(Measure("count", after(2)),))
    flow = attrition(written(rows), recipe)
    assert flow.flagged == (("without an event before the date", 1),)
    without = replace(recipe, newcomers="drop")
    assert frame_of(unit_log(written(rows), without))["user"].tolist() == ["old"]
    assert ("without an event before the date", 1) in [
        (e.step, e.removed) for e in attrition(written(rows), without).steps
    ]
    assert EventRecipe.from_json(without.to_json()) == without
    assert "newcomers" not in recipe.to_json()


def test_a_recipe_that_an_older_version_wrote_still_counts_the_whole_log_and_says_so() -> None:
    recipe = EventRecipe(EVENTS, anchor=Anchor("first of a kind", ("shown",)), cleaning=Cleaning(most_per_day=4))
    document = recipe.to_json()
    assert EventRecipe.from_json(document) == recipe
    del document["cleaning"]["machine_days"]
    old = EventRecipe.from_json(document)
    assert old.cleaning.machine_days == "all"
    assert "this picks units by their outcome" in old.cautions()[0]
    assert recipe.cautions() == ()
    bare = EventRecipe(EVENTS)
    assert "machine_days" not in bare.to_json()["cleaning"]
    assert EventRecipe.from_json(bare.to_json()) == bare


def test_where_nothing_lies_before_the_recipe_says_that_nobody_is_a_machine() -> None:
    recipe = EventRecipe(EVENTS, cleaning=Cleaning(quantile_per_day=0.999))
    assert "Nothing lies before a user's first event, so nobody is taken for a machine." in recipe.cautions()[0]
    sessions = EventRecipe(EVENTS, "session", cleaning=Cleaning(quantile_per_day=0.999, session_gap=1_800))
    assert sessions.cautions() == ()
