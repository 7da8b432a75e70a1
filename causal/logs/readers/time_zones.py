"""Time zones written by their letters after a time: those that mean one offset, and those that may mean several.

Letters of the United States are read as RFC 5322 reads them. Letters that several zones share are read only where the
same column says which is meant: "CST" beside "CDT", "BST" beside "GMT".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

MINUTES: Mapping[str, int] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("WEST", "CET", "MEZ", "WAT"), 60),
    **dict.fromkeys(("CEST", "MESZ", "EET", "CAT", "SAST"), 120),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), 180),
    "PKT": 300,
    "NPT": 345,
    **dict.fromkeys(("ICT", "WIB"), 420),
    **dict.fromkeys(("AWST", "HKT", "SGT", "MYT", "WITA"), 480),
    **dict.fromkeys(("JST", "KST", "WIT"), 540),
    "ACST": 570,
    "AEST": 600,
    "ACDT": 630,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    "BRT": -180,
    "EDT": -240,
    **dict.fromkeys(("EST", "CDT"), -300),
    "MDT": -360,
    **dict.fromkeys(("MST", "PDT"), -420),
    **dict.fromkeys(("PST", "AKDT"), -480),
    "AKST": -540,
    "HST": -600,
}
"""Minutes by which each zone is ahead of UTC."""

SHARED: Mapping[str, str] = {
    "IST": "UTC+5:30 (India), UTC+2 (Israel) or UTC+1 (Ireland)",
    "CST": "UTC-6 (central North America), UTC+8 (China) or UTC-5 (Cuba)",
    "BST": "UTC+1 (British summer), UTC+6 (Bangladesh) or UTC+11 (Bougainville)",
    "AST": "UTC-4 (Atlantic) or UTC+3 (Arabia)",
    "GST": "UTC+4 (Gulf) or UTC-2 (South Georgia)",
    "SST": "UTC-11 (Samoa) or UTC+8 (Singapore)",
    "AMT": "UTC-4 (Amazonas) or UTC+4 (Armenia)",
    "ECT": "UTC-5 (Ecuador) or UTC-4 (eastern Caribbean)",
}
"""Letters that several zones share, and what they may mean."""

_BESIDE: Mapping[tuple[str, str], int] = {
    ("CST", "CDT"): -360,
    ("BST", "GMT"): 60,
    ("AST", "ADT"): -240,
    ("ADT", "AST"): -180,
    ("IST", "IDT"): 120,
    ("IDT", "IST"): 180,
}
"""Letters beside others in one column, and the minutes that they then are ahead of UTC."""

OFFSET = r"(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)[+-]\d"
_AFTER_A_TIME = r"\d:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])? ?"
_LETTERS = re.compile(rf".*{_AFTER_A_TIME}([A-Z]{{1,5}})")
AFTER_A_TIME = rf"{_AFTER_A_TIME}([A-Z]{{1,5}})$"
"""What finds the letters after a time, in an engine's words: the first group."""


def letters_after(text: str) -> str | None:
    """The letters that stand after a time at the end of a text, AM and PM apart; None where there are none."""
    found = _LETTERS.fullmatch(text)
    return None if found is None or found[1] in ("AM", "PM") else found[1]


def told_by(letters: Collection[str]) -> dict[str, int]:
    """Every zone that is read in a column in which these letters stand, with its minutes ahead of UTC."""
    beside = {each: minutes for (each, other), minutes in _BESIDE.items() if {each, other} <= set(letters)}
    return {**MINUTES, **beside}


def pattern_of(zones: Collection[str]) -> str:
    """What a zone looks like at the end of a time: letters or an offset."""
    return "|".join([*sorted(zones, key=lambda each: (-len(each), each)), OFFSET])


def minutes_sql(zones: Mapping[str, int], column: str) -> str:
    """The minutes ahead of UTC that the zone at the end of a text is, in SQL."""
    zone = f"regexp_extract({column}, '({pattern_of(zones)})$', 1)"
    cases = " ".join(f"WHEN '{each}' THEN {minutes}" for each, minutes in zones.items())
    hours = rf"TRY_CAST(regexp_extract({zone}, '[+-](\d{{1,2}})', 1) AS INTEGER)"
    rest = rf"coalesce(TRY_CAST(regexp_extract({zone}, '[+-]\d{{2}}:?(\d{{2}})$', 1) AS INTEGER), 0)"
    offset = f"CASE WHEN contains({zone}, '-') THEN -1 ELSE 1 END * (60 * {hours} + {rest})"
    return f"CASE {zone} {cases} ELSE {offset} END"


def offset_phrase(minutes: int) -> str:
    """Minutes ahead of UTC in words: "UTC", "UTC+5:30", "UTC-6"."""
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"
