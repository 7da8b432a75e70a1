"""Events become units exactly as a plain loop would make them, whatever lies on the edges of the windows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure, retained
from causal.logs.event_units import attrition, query_text, resolved, unit_log
from causal.logs.log import Log
from causal.logs.readers.rows import Rows
from causal.logs.readers.values import arrow_array
from causal.logs.reading import frame_of, keep_rows, read_log
from causal.logs.time_range import DAY, TimeRange, after, before
from tests.logs.plain_units import plain_units, same

START = datetime.datetime(2024, 3, 30, 22)
STEP = datetime.timedelta(hours=6)
KINDS = ("view", "click", "a\"b'; DROP TABLE kept; --")
HOSTILE = 'price", (SELECT 1) AS "x ?'
COLUMNS = EventColumns(user="at", time="__at", kind="select", item="item")
NAMES = {"at": "text", "__at": "time", "select": "text", "item": "text", HOSTILE: "number", "Item": "integer"}

events = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.sampled_from(["u1", "u2", "u3", None]),
            "__at": st.integers(0, 20).map(lambda place: START + place * STEP) | st.none(),
            "select": st.sampled_from([*KINDS, None]),
            "item": st.sampled_from(["a", "b", None]),
            HOSTILE: st.sampled_from([0.1, 0.2, 0.7, -3.5, 1e9 + 0.3, None]),
            "Item": st.integers(-2, 2) | st.none(),
        }
    ),
    min_size=1,
    max_size=25,
).filter(lambda rows: any(each["at"] and each["__at"] for each in rows))

window = st.sampled_from(
    [before(1), before(2.5), before(), after(1), after(2), after(1, wait=0.5), after(None), TimeRange(-DAY, DAY)]
)
kinds = st.sampled_from([(), ("view",), ("click", KINDS[2])])
whose = st.sampled_from(["unit", "user"])


@st.composite
def measures(draw: Any) -> Measure:
    what = draw(
        st.sampled_from(
            ["any", "count", "sum", "mean", "distinct", "last value", "share", "ratio", "value", "attribute"]
        )
    )
    column = draw(st.sampled_from([HOSTILE, "Item"])) if what in ("sum", "mean", "ratio") else None
    column = column or draw(st.sampled_from([HOSTILE, "Item", "item"]))
    levels = ("a", "no such?") if what == "share" else ()
    column = "item" if what == "share" else column
    over = draw(st.sampled_from([(None, ("view",)), ("Item", ())])) if what == "ratio" else (None, ())
    return Measure(
        what, draw(window), draw(kinds), column, draw(whose), "m ?", levels, over_column=over[0], over_kinds=over[1]
    )


looking = st.one_of(
    measures(),
    st.builds(lambda k, w: Measure("recency", w, k, name="m ?"), kinds, st.sampled_from([before(2), before()])),
    st.builds(lambda k, w: Measure("time to", w, k, name="m ?"), kinds, st.sampled_from([after(2), after(None)])),
    st.builds(lambda k, w: Measure("rate", w, k, name="m ?"), kinds, st.sampled_from([before(2), after(1.5)])),
    st.just(retained(1, name="m ?")),
)
anchors = st.sampled_from(
    [
        Anchor(),
        Anchor("first of a kind", ("click",)),
        Anchor("first of a kind", (KINDS[2], "view")),
        Anchor("experiment start", at="2024-04-01"),
        Anchor("date", at="2024-04-01 12:00"),
    ]
)
cleanings = st.sampled_from(
    [
        Cleaning(),
        Cleaning("rows"),
        Cleaning("key", ("at", "__at", "select", "item", HOSTILE, "Item")),
        Cleaning(most_per_day=3),
        Cleaning("rows", most_per_day=2),
        Cleaning(most_per_day=2, machine_days="all"),
        Cleaning(since="2024-03-31", until="2024-04-02 10:00"),
        Cleaning("rows", until="2024-04-01"),
    ]
)


def log_with(rows: list[dict[str, Any]], folder: Path) -> Log:
    import pyarrow as pa

    arrays = [arrow_array([row[name] for row in rows], kind) for name, kind in NAMES.items()]
    batch = pa.RecordBatch.from_arrays(arrays, names=[f"c{place}" for place in range(len(NAMES))])
    return keep_rows(Rows(tuple(NAMES), tuple(NAMES.values()), iter([batch])), "events.csv", folder, folder)


def found_units(log: Log, recipe: EventRecipe, folder: Path) -> list[dict[str, Any]]:
    frame = frame_of(unit_log(log, recipe, folder))
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {name: each.to_pydatetime() if isinstance(each, pd.Timestamp) else each for name, each in row.items()}
        for row in plain.to_dict("records")
    ]


def agree(rows: list[dict[str, Any]], recipe: EventRecipe, folder: Path) -> None:
    wanted = plain_units(rows, recipe)
    try:
        found = found_units(log_with(rows, folder), recipe, folder)
    except EmptyLog:
        assert wanted == []
        return
    assert len(found) == len(wanted)
    for left, right in zip(found, wanted, strict=True):
        for name, value in left.items():
            expected = right[name]
            if name == "day":
                value = value.date()
            assert same(value, expected), (name, value, expected, recipe)


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(
    rows=events,
    measure=looking,
    anchor=anchors,
    cleaning=cleanings,
    zone=st.sampled_from(["UTC", "America/New_York"]),
    data=st.data(),
)
def test_users_are_those_of_a_plain_loop(rows, measure, anchor, cleaning, zone, data, tmp_path) -> None:
    keep = data.draw(st.sampled_from(["keep", "drop"]))
    recipe = EventRecipe(
        COLUMNS,
        "user",
        anchor,
        outcomes=(measure,),
        cleaning=cleaning,
        time_zone=zone,
        without_anchor=keep,
        incomplete=data.draw(st.sampled_from(["keep", "drop"])),
        short_history=data.draw(st.sampled_from(["keep", "drop"])),
        newcomers=data.draw(st.sampled_from(["keep", "drop"])),
    )
    agree(rows, recipe, tmp_path)


@quick
@given(
    rows=events,
    measure=looking,
    unit=st.sampled_from(["user and item", "impression", "user and day", "session"]),
    data=st.data(),
)
def test_smaller_units_are_those_of_a_plain_loop(rows, measure, unit, data, tmp_path) -> None:
    anchor = Anchor("first of a kind", ("view",)) if unit == "impression" else data.draw(anchors)
    if measure.what in ("value",) and unit == "user and day":
        measure = Measure("count", measure.window, name="m ?")
    recipe = EventRecipe(
        COLUMNS,
        unit,
        anchor,
        outcomes=(measure,),
        cleaning=Cleaning(session_gap=8 * 3_600) if unit == "session" else data.draw(cleanings),
        time_zone=data.draw(st.sampled_from(["UTC", "Europe/Berlin"])),
        incomplete="keep",
    )
    agree(rows, recipe, tmp_path)


SMALL = [
    {"at": who, "__at": START + place * STEP, "select": kind, "item": item, HOSTILE: 0.1, "Item": 1}
    for who, place, kind, item in [
        ("u1", 0, "view", "a"),
        ("u1", 0, "view", "a"),
        ("u1", 4, "click", "a"),
        ("u2", 1, "view", "b"),
        ("u3", 19, "click", "b"),
        (None, 3, "view", "b"),
        *[("u4", 8, "view", str(i)) for i in range(9)],
        ("u4", 9, "click", "a"),
        ("u5", 20, "view", "a"),
    ]
]


def small_recipe(**fields: Any) -> EventRecipe:
    wanted = {"anchor": Anchor("first of a kind", ("click",)), "outcomes": (Measure("count", after(1)),)}
    return EventRecipe(COLUMNS, **(wanted | fields))


def test_each_step_says_how_many_it_left_out(tmp_path: Path) -> None:
    recipe = small_recipe(
        cleaning=Cleaning("rows", most_per_day=8, machine_days="all"), covariates=(Measure("count", before(3)),)
    )
    found = attrition(log_with(SMALL, tmp_path), recipe)
    told = [(each.of, each.step, each.removed, each.left) for each in found.steps]
    assert found.start == 17
    assert told == [
        ("events", "without a user or a time", 1, 16),
        ("events", "that repeat a row", 1, 15),
        ("events", "by machines", 10, 5),
        ("units", "found in the events", 0, 4),
        ("units", "without an anchor", 2, 2),
        ("units", "whose window the log cuts off", 1, 1),
    ]
    assert found.flagged == (("whose history the log cuts off", 1),)
    assert (found.events, found.units) == (5, 1)
    assert len(frame_of(unit_log(log_with(SMALL, tmp_path), recipe, tmp_path))) == 1


def test_what_is_kept_by_choice_is_counted_as_such(tmp_path: Path) -> None:
    recipe = small_recipe(without_anchor="keep", incomplete="keep", treatment=Measure("exposed"))
    found = attrition(log_with(SMALL, tmp_path), recipe)
    assert found.units == 5
    assert found.flagged == (
        ("without the anchor's event, kept from their first event on", 2),
        ("whose window the log cuts off", 2),
    )
    frame = frame_of(unit_log(log_with(SMALL, tmp_path), recipe, tmp_path))
    assert frame["exposed"].tolist() == [1, 0, 1, 1, 0]


def test_a_quantile_of_events_per_day_leaves_out_those_above(tmp_path: Path) -> None:
    recipe = small_recipe(cleaning=Cleaning(quantile_per_day=0.8, machine_days="all"), incomplete="keep")
    assert frame_of(unit_log(log_with(SMALL, tmp_path), recipe, tmp_path))["at"].tolist() == ["u1", "u3"]


def test_the_query_reads_as_it_runs(tmp_path: Path) -> None:
    log = log_with(SMALL, tmp_path)
    text = query_text(log, small_recipe(outcomes=(Measure("count", after(1), (KINDS[2],)),)))
    assert "read_parquet('events.parquet')" in text
    assert "?" not in text
    assert KINDS[2].replace("'", "''") in text
    assert HOSTILE not in text and "column_1" in text


def test_shares_take_the_most_frequent_levels_where_none_are_named(tmp_path: Path) -> None:
    measure = Measure("share", before(), column="item", name="liked", top=2)
    log = log_with(SMALL, tmp_path)
    recipe = small_recipe(covariates=(measure,), incomplete="keep")
    assert resolved(log, recipe).covariates[0].levels == ("a", "b")
    frame = frame_of(unit_log(log, recipe, tmp_path))
    assert frame[["liked: a", "liked: b"]].to_numpy().tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


def test_numbers_are_taken_as_the_clock_that_they_are_said_to_be(tmp_path: Path) -> None:
    log = read_log(b"who,ts,what\n" + b"".join(b"u%d,%d,view\n" % (i % 2, 1_700_000_000 + i) for i in range(30)))
    columns = EventColumns("who", "ts", clock="seconds")
    frame = frame_of(unit_log(log, EventRecipe(columns, outcomes=(Measure("count", after(None)),)), tmp_path))
    assert frame["anchor"].tolist() == [pd.Timestamp("2023-11-14 22:13:20"), pd.Timestamp("2023-11-14 22:13:21")]
    with pytest.raises(LogError, match='"ts" holds no times'):
        unit_log(log, EventRecipe(EventColumns("who", "ts")), tmp_path)
    with pytest.raises(LogError, match='"who" holds text, which could not be read as times'):
        unit_log(log, EventRecipe(EventColumns("who", "who", clock="seconds")), tmp_path)


def test_mistakes_are_named(tmp_path: Path) -> None:
    log = log_with(SMALL, tmp_path)
    with pytest.raises(UnknownColumn, match='no column "prise"'):
        unit_log(log, small_recipe(outcomes=(Measure("sum", after(1), column="prise"),)), tmp_path)
    with pytest.raises(LogError, match='"item" holds no numbers'):
        unit_log(log, small_recipe(outcomes=(Measure("sum", after(1), column="item"),)), tmp_path)
    with pytest.raises(EmptyLog, match="No unit stays"):
        unit_log(log, small_recipe(outcomes=(Measure("count", after(99)),)), tmp_path)


def test_a_busy_user_costs_no_square_of_their_events(tmp_path: Path) -> None:
    """100,000 events of one user, each a unit that looks at all the others: joined they would be 10,000 million."""
    rng = np.random.default_rng(20_261_126)
    count, items, minute = 100_000, 300, 60_000_000
    at = np.sort(rng.integers(0, 30 * 1_440, count)) * minute
    item, spent = rng.integers(0, items, count), rng.integers(0, 8, count) / 4
    log = read_log(
        pd.DataFrame({"who": "u", "at": pd.to_datetime(at, unit="us"), "item": item, "spent": spent}).to_parquet(),
        name="events.parquet",
    )
    recipe = EventRecipe(
        EventColumns("who", "at", item="item"),
        "impression",
        covariates=(
            Measure("count", before(3), of="user", name="n"),
            Measure("distinct", before(0.1), column="item", of="user", name="items"),
            Measure("recency", before(), of="user", name="since"),
        ),
        outcomes=(
            Measure("sum", after(1), column="spent", of="user", name="total"),
            Measure("time to", after(None, wait=2), of="user", name="until"),
        ),
        incomplete="keep",
    )
    frame = frame_of(unit_log(log, recipe, tmp_path))
    anchor, day = frame["anchor"].to_numpy().astype("datetime64[us]").astype("int64"), 86_400_000_000
    assert (anchor == at).all()
    begun = np.searchsorted(at, anchor)
    assert (frame["n"] == begun - np.searchsorted(at, anchor - 3 * day)).all()
    sums = np.concatenate([[0], np.cumsum(spent)])
    assert (frame["total"] == sums[np.searchsorted(at, anchor + day)] - sums[begun]).all()
    first = begun > 0
    assert np.allclose(frame["since"][first], ((anchor - at[begun - 1]) / day)[first], rtol=1e-12)
    assert frame["since"][~first].isna().all()
    later = np.searchsorted(at, anchor + 2 * day)
    found = later < count
    assert np.allclose(frame["until"][found], (at[later[found]] - anchor[found]) / day, rtol=1e-12)
    assert frame["until"][~found].isna().all()
    for place in rng.integers(0, count, 200):
        inside = item[np.searchsorted(at, anchor[place] - day // 10) : begun[place]]
        assert frame["items"][place] == len(set(inside.tolist()))
