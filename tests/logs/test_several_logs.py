from __future__ import annotations

import pytest

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.event_units import unit_log
from causal.logs.log import NO_TIME, Log
from causal.logs.reading import frame_of, read_log
from causal.logs.ready_recipes import counterparts
from causal.logs.several_logs import join_logs, stack_logs
from causal.logs.time_range import UNKNOWN_TIME, after, before
from causal.logs.units import UnitRecipe, build_units

SHOWN = b"user,time,item\nu2,2024-01-01 10:00:00,7\nu1,2024-01-01 09:00:00,8\nu1,2024-01-03 09:00:00,7\n"
CLICKS = b"user,time,item,position\nu1,2024-01-01 09:05:00,8,1.5\nu1,2024-01-05 00:00:00,9,2\n"
ORDERS = b"user,time,price\nu1,2024-01-02 09:00:00,10\nu2,2024-01-09 09:00:00,20\n"
USERS = b'user,country,"Time",item\nu1,DE,1,x\nu3,FR,2,y\n'
ITEMS = b"item_id,topic\n7,sports\n8,music\n9,\n"


def logs() -> dict[str, Log]:
    return {
        "impression": read_log(SHOWN, "shown.csv"),
        "click": read_log(CLICKS, "clicks.csv"),
        "order": read_log(ORDERS, "orders.csv"),
    }


def test_logs_are_stacked_row_after_row_with_their_kind() -> None:
    log = stack_logs(logs(), "what")
    frame = frame_of(log)
    assert log.names == ("user", "time", "item", "position", "price", "what")
    assert frame["what"].tolist() == ["impression"] * 3 + ["click"] * 2 + ["order"] * 2
    assert frame["user"].tolist() == ["u2", "u1", "u1", "u1", "u1", "u1", "u2"]
    assert frame["item"].isna().tolist() == [False] * 5 + [True] * 2
    assert log.fingerprint == stack_logs(logs(), "what").fingerprint


def test_a_log_that_says_its_kinds_keeps_them() -> None:
    both = stack_logs({"impression": logs()["impression"], "click": logs()["click"]}, "what")
    frame = frame_of(stack_logs({"not used": both, "order": logs()["order"]}, "what"))
    assert frame["what"].tolist() == ["impression"] * 3 + ["click"] * 2 + ["order"] * 2


def test_kinds_that_differ_meet_where_both_fit() -> None:
    left, right = read_log(b"a,b\n1,x\n2,y\n"), read_log(b"a,b\n1.5,7\n2.5,8\n")
    log = stack_logs({"l": left, "r": right})
    assert [each.kind for each in log.schema] == ["number", "text", "text"]
    assert frame_of(log)["b"].tolist() == ["x", "y", "7", "8"]


def test_attributes_stand_beside_every_row_and_rows_without_are_counted() -> None:
    log = join_logs(read_log(SHOWN, "shown.csv"), read_log(USERS, "users.csv"), on="user")
    frame = frame_of(log)
    assert log.names == ("user", "time", "item", "country", "Time", "users.csv: item")
    assert frame["user"].tolist() == ["u2", "u1", "u1"]
    assert frame["country"].fillna("").tolist() == ["", "DE", "DE"]
    (note,) = [each for each in log.notes if each.kind == "no partner"]
    assert (note.rows, note.column) == (1, "user")


def test_a_key_may_have_another_name_and_another_kind() -> None:
    items = read_log(ITEMS.replace(b"7,", b"x7,").replace(b"x7", b"7"), "items.csv")
    log = join_logs(read_log(SHOWN, "shown.csv"), items, on="item", other_on="item_id")
    assert frame_of(log)["topic"].tolist() == ["sports", "music", "sports"]
    assert {note.kind for note in log.notes} == {NO_TIME}


def test_from_three_logs_and_a_catalogue_to_units() -> None:
    log = join_logs(stack_logs(logs(), "what"), read_log(ITEMS, "items.csv"), on="item", other_on="item_id")
    recipe = EventRecipe(
        EventColumns("user", "time", "what", "item"),
        anchor=Anchor("first of a kind", ("click",)),
        outcomes=(Measure("sum", after(5), ("order",), "price", name="spent"),),
        covariates=(Measure("share", before(3), ("impression",), "topic", name="topic", levels=("music",)),),
        incomplete="keep",
    )
    frame = frame_of(unit_log(log, recipe))
    assert frame[["user", "topic: music", "spent"]].to_numpy().tolist() == [["u1", 1.0, 10.0]]


def test_what_is_made_of_attributes_carries_no_time_however_it_is_measured() -> None:
    log = join_logs(read_log(SHOWN, "shown.csv"), read_log(USERS, "users.csv"), on="user")
    events = EventRecipe(
        EventColumns("user", "time"),
        covariates=(
            Measure("last value", before(3), column="country", name="where"),
            Measure("count", before(3), name="shown"),
        ),
    )
    table = build_units(log, UnitRecipe(events=events))
    assert table.ranges == {"where": UNKNOWN_TIME, "shown": before(3)}
    assert "where" not in build_units(log, UnitRecipe(events=events, vouched=("where",))).ranges


def test_mistakes_are_named() -> None:
    shown, users = read_log(SHOWN, "shown.csv"), read_log(USERS + b"u1,AT,3,z\n", "users.csv")
    with pytest.raises(LogError, match=r'"users\.csv" has several rows for 1 value of "user", such as "u1"'):
        join_logs(shown, users, on="user")
    with pytest.raises(UnknownColumn, match='no column "usr"'):
        join_logs(shown, users, on="usr")
    with pytest.raises(EmptyLog, match="no log to put together"):
        stack_logs({})


def test_columns_of_other_names_become_one_where_they_are_named() -> None:
    shown = read_log(SHOWN, "shown.csv")
    clicks = read_log(CLICKS.replace(b"user,time", b"customer_id,clicked_at"), "clicks.csv")
    told = counterparts(shown, clicks)
    assert told == {"user": "customer_id", "time": "clicked_at"}
    assert counterparts(shown, read_log(CLICKS, "clicks.csv")) == {}
    same = {theirs: own for own, theirs in told.items() if theirs is not None}
    both = stack_logs({"impression": shown, "click": clicks}, "what", same=same)
    assert both.fingerprint == stack_logs({"impression": shown, "click": logs()["click"]}, "what").fingerprint
    with pytest.raises(UnknownColumn, match='no column "when"'):
        stack_logs({"impression": shown, "click": clicks}, same={"when": "time"})


def test_a_column_that_has_its_name_already_stays_apart() -> None:
    log = stack_logs({"a": read_log(b"t,u\n1,2\n"), "b": read_log(b"u\n3\n")}, same={"u": "t"})
    assert log.names == ("t", "u", "source")
    assert frame_of(log)["t"].tolist() == [1, 3]
