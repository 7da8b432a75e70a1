"""Times that say their zone in letters: read where the letters mean one offset, else text with a note that says why."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from causal.logs.log import Log
from causal.logs.problems import problems
from causal.logs.readers.time_zones import MINUTES, SHARED, letters_after, offset_phrase, told_by
from causal.logs.reading import frame_of, read_log


def log_of(values: list[str]) -> Log:
    return read_log(("user\tat\n" + "".join(f"u{n}\t{value}\n" for n, value in enumerate(values))).encode(), "e.tsv")


def times(values: list[str]) -> list[str]:
    log = log_of(values)
    assert log.kind("at") == "time", log.notes
    return [str(each) for each in frame_of(log)["at"]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01 10:00 CET", "2024-03-01 09:00:00"),
        ("2024-07-01T10:00:30.5CEST", "2024-07-01 08:00:30.500000"),
        ("2024-03-01 10:00 EST", "2024-03-01 15:00:00"),
        ("2024-03-01 23:30:00 PDT", "2024-03-02 06:30:00"),
        ("2024-03-01 10:00 JST", "2024-03-01 01:00:00"),
        ("2024-03-01 10:00 NPT", "2024-03-01 04:15:00"),
        ("2024-03-01 10:00 GMT", "2024-03-01 10:00:00"),
        ("31.12.2024 23:30 MEZ", "2024-12-31 22:30:00"),
        ("12/31/2024 11:30 PM EST", "2025-01-01 04:30:00"),
        ("31/12/2024 11:30 AEDT", "2024-12-31 00:30:00"),
        ("1 Mar 2024 10:00:00 EET", "2024-03-01 08:00:00"),
        ("Mar 1, 2024 10:00 AM CST", None),
    ],
)
def test_letters_that_mean_one_offset_are_read_in_utc(written: str, meant: str | None) -> None:
    log = log_of([written] * 3)
    if meant is None:
        assert log.kind("at") == "text"
        return
    assert times([written] * 3) == [meant] * 3
    (note,) = log.notes
    assert (note.kind, note.severity) == ("time zone", "note")
    assert note.sentence.endswith("it was read as times in UTC.")


def test_summer_that_begins_late_in_a_log_an_offset_and_z_are_read_beside_winter() -> None:
    values = ["2024-03-30 10:00 CET"] * 2_500 + [
        "2024-04-01 10:00 CEST",
        "2024-04-01 10:00Z",
        "2024-04-01 10:00 +05:30",
    ]
    values += ["2024-04-01 10:00 UTC+2", "", "NULL"]
    log = log_of(values)
    found = [str(each) for each in frame_of(log)["at"]]
    assert found[0] == "2024-03-30 09:00:00"
    assert [each[11:16] for each in found[2_500:2_504]] == ["08:00", "10:00", "04:30", "08:00"]
    assert found[2_504:] == ["NaT", "NaT"]
    assert log.notes[0].sentence == (
        'The column "at" is written with the time zones CET (UTC+1), CEST (UTC+2), Z (UTC); '
        "it was read as times in UTC."
    )


@pytest.mark.parametrize("letters", ["IST", "CST", "BST"])
def test_letters_that_may_mean_several_zones_stay_text_and_the_note_says_which(letters: str) -> None:
    log = log_of([f"2024-03-01 1{n}:00 {letters}" for n in range(4)])
    assert log.kind("at") == "text"
    (note,) = [each for each in problems(log) if each.kind == "unclear time zone"]
    assert (note.severity, note.column, note.rows) == ("attention", "at", 4)
    assert f'"{letters}", which may mean {SHARED[letters]}, so it stays text.' in note.sentence
    assert "2024-05-31 14:00+08:00" in note.advice


@pytest.mark.parametrize(
    ("one", "other", "meant"),
    [
        ("2024-01-01 10:00 CST", "2024-07-01 10:00 CDT", ["2024-01-01 16:00:00", "2024-07-01 15:00:00"]),
        ("2024-01-01 10:00 GMT", "2024-07-01 10:00 BST", ["2024-01-01 10:00:00", "2024-07-01 09:00:00"]),
        ("2024-01-01 10:00 IST", "2024-07-01 10:00 IDT", ["2024-01-01 08:00:00", "2024-07-01 07:00:00"]),
    ],
)
def test_shared_letters_are_read_where_the_column_says_which_are_meant(one: str, other: str, meant: list[str]) -> None:
    assert times([one, other]) == meant


def test_unknown_letters_and_values_that_are_no_time_are_said() -> None:
    log = log_of(["2024-03-01 10:00 XYZ"] * 3)
    assert log.kind("at") == "text"
    assert '"XYZ", which is no time zone that is known here' in log.notes[0].sentence
    mixed = log_of(["2024-03-01 10:00 CET"] * 30 + ["soon"])
    assert mixed.kind("at") == "text"
    assert 'nearly every value is a date, but 1 are not (first: "soon" in row 31)' in mixed.notes[0].sentence
    half = log_of([f"{day}/03/2024 10:00 CET" for day in range(1, 9)])
    assert half.kind("at") == "text"
    assert "stays text" in half.notes[0].sentence


def test_half_a_day_is_no_zone_and_texts_with_a_clock_are_left_alone() -> None:
    assert letters_after("3/1/2024 10:00 AM") is None
    assert letters_after("3/1/2024 10:00 AM CET") == "CET"
    assert log_of(["meet at 10:00 BOB", "call at 11:00 ANN", "no", "yes", "maybe"]).kind("at") == "text"
    assert offset_phrase(345) == "UTC+5:45"
    assert offset_phrase(-360) == "UTC-6"


def test_the_offsets_are_those_of_pythons_time_zones() -> None:
    """Letters as Python's database writes them, in a winter and a summer of the places that use them."""
    places = ("Europe/Berlin", "Europe/Athens", "Europe/Lisbon", "Europe/Moscow", "Africa/Johannesburg", "Asia/Karachi")
    places += ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage")
    places += ("Asia/Tokyo", "Asia/Seoul", "Asia/Hong_Kong", "Asia/Jakarta", "Australia/Sydney", "Australia/Adelaide")
    places += (
        "Australia/Perth",
        "Pacific/Auckland",
        "Pacific/Honolulu",
        "Europe/London",
        "Africa/Lagos",
        "Africa/Nairobi",
    )
    seen = set()
    for place in places:
        names = {}
        for month in (1, 7):
            moment = pd.Timestamp(2024, month, 1, 12, tz=ZoneInfo(place))
            names[str(moment.tzname())] = round(moment.utcoffset().total_seconds() / 60)
        told = told_by(names)
        for letters, minutes in names.items():
            assert told.get(letters, minutes) == minutes, (place, letters)
            seen |= {letters} & set(told)
    assert len(seen & set(MINUTES)) > 25
