"""What a user read before the anchor: the same as a plain loop over the events, and nothing from the anchor on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.errors import LogError
from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import DAY, after, before
from causal.logs.units import UnitRecipe, log_of_units
from causal.text.pooling import history_of
from tests.text.small_logs import TITLES, log_of, reading_events

EVENTS = EventRecipe(
    EventColumns("user", "time", "event"),
    anchor=Anchor("first of a kind", ("page",)),
    outcomes=(Measure("sum", after(3), ("view",), "minutes", name="later"),),
    incomplete="keep",
)


def plain_means(text: TextRecipe, values: dict[str, float]) -> list[float]:
    """The weighted mean of each user's texts by a loop over the events."""
    frame = reading_events()
    frame["time"] = pd.to_datetime(frame["time"])
    found = []
    for user in ("ann", "bob", "cleo"):
        own = frame[frame["user"] == user]
        anchor = own.loc[own["event"] == "page", "time"].min()
        total = weight = 0.0
        for each in own.itertuples():
            lag = (each.time - anchor).total_seconds()
            start, end = text.window.start, text.window.end or 0
            if not each.title or (start is not None and lag < start) or lag >= end:
                continue
            if text.kinds and each.event not in text.kinds:
                continue
            share = 1.0 if text.half_life is None else 0.5 ** (-lag / DAY / text.half_life)
            share *= 1.0 if text.engagement is None else each.minutes
            total, weight = total + share * values[each.title], weight + share
        found.append(total / weight if weight else float("nan"))
    return found


@pytest.mark.parametrize(
    "text",
    [
        TextRecipe("title", "history"),
        TextRecipe("title", "history", kinds=("view",)),
        TextRecipe("title", "history", window=before(5)),
        TextRecipe("title", "history", half_life=2),
        TextRecipe("title", "history", half_life=0.5, engagement="minutes", window=before(30)),
    ],
)
def test_a_history_is_pooled_as_by_a_plain_loop(text: TextRecipe) -> None:
    log = log_of(reading_events())
    units = log_of_units(log, UnitRecipe(events=EVENTS))
    history = history_of(log, units, EVENTS, text)
    values = {title: float(at) for at, title in enumerate(dict.fromkeys(reading_events()["title"]))}
    pooled = history.mean(np.array([values[each] for each in history.texts]))
    assert pooled == pytest.approx(plain_means(text, values), nan_ok=True)


def test_impressions_look_back_over_their_own_user_only() -> None:
    """Each view is a unit with its own anchor: it sees the views before it, never itself."""
    recipe = EventRecipe(
        EventColumns("user", "time", "event", item="title"), "impression", Anchor("first of a kind", ("view",))
    )
    log = log_of(reading_events())
    units = log_of_units(log, UnitRecipe(events=recipe))
    history = history_of(log, units, recipe, TextRecipe("title", "history", kinds=("view",)))
    assert (history.last - history.first).tolist() == [0, 1, 2, 0, 3, 1, 0]
    assert history.looked_at.sum() == 7


@pytest.mark.parametrize("later", ["2024-01-09 10:00", "2031-01-09 10:00"])
def test_what_comes_after_the_anchor_changes_no_weight(later: str) -> None:
    """However long after: thousands of half-lives later there is nothing left of what came before."""
    text = TextRecipe("title", "history", half_life=1)
    without = reading_events()
    extended = pd.concat([without, without.tail(1).assign(user="ann", time=later)], ignore_index=True)
    pooled = []
    for frame in (without, extended):
        log = log_of(frame)
        history = history_of(log, log_of_units(log, UnitRecipe(events=EVENTS)), EVENTS, text)
        pooled.append(history.mean(np.array([float(TITLES.index(each)) for each in history.texts])))
    assert pooled[0] == pytest.approx(
        plain_means(text, {each: float(at) for at, each in enumerate(TITLES)}), nan_ok=True
    )
    assert pooled[1] == pytest.approx(pooled[0], rel=1e-12, nan_ok=True)


def test_a_history_that_reaches_past_the_anchor_is_refused() -> None:
    with pytest.raises(LogError, match="must end at the anchor or before"):
        TextRecipe("title", "history", window=after(3))
    with pytest.raises(LogError, match="must end at the anchor or before"):
        TextRecipe("title", "history", window=before().__class__(None, None))


def test_negative_engagement_is_refused() -> None:
    frame = reading_events()
    frame.loc[0, "minutes"] = -1.0
    log = log_of(frame)
    units = log_of_units(log, UnitRecipe(events=EVENTS))
    with pytest.raises(LogError, match='"minutes" is negative for 1 events'):
        history_of(log, units, EVENTS, TextRecipe("title", "history", engagement="minutes"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"columns": ()}, "Say which column holds the text"),
        ({"columns": ("a",), "half_life": 0.0}, "half-life is a number of days above zero"),
        ({"columns": ("a",), "components": 0}, "Between 1 and 128 components"),
        ({"columns": ("a",), "of": "item"}, '"item" is no text of a unit'),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(LogError, match=message):
        TextRecipe(**fields)  # type: ignore[arg-type]


def test_a_recipe_survives_json() -> None:
    text = TextRecipe(
        ("title", "genre"), "history", half_life=7, kinds=("view",), names=((1, "fun"),), window=before(9)
    )
    assert TextRecipe.from_json(text.to_json()) == text
    assert text.name == "title + genre before"
    recipe = UnitRecipe(texts=(text,))
    assert UnitRecipe.from_json(recipe.to_json()) == recipe
