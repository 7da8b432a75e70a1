"""Columns that came as text, given the kind that all their values have; the others stay text and are reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from causal.logs.log import Kind, Problem, counted
from causal.logs.number_text import BLANKS, unit_of
from causal.logs.readers.time_zones import (
    AFTER_A_TIME,
    SHARED,
    letters_after,
    minutes_sql,
    offset_phrase,
    pattern_of,
    told_by,
)
from causal.logs.vocabulary import MISSING_WORDS

_MISSING_IN_TEXT = ("NULL", "null", "\\N", "NaN", "nan", "#N/A", "<NA>")
_SAMPLE = 2_000
_GLANCE = 20
_NEARLY = 0.95
_MIXED = 0.05
_AT_ONCE = 100


@dataclass(frozen=True)
class Form:
    """A way of writing a kind of value: the pattern that a whole text must match, and the SQL that turns it into one.

    `{c}` in the SQL stands for the trimmed text. `certain`: a pattern that at least one value must match before the
    form is believed (None: every value is proof enough). `says`: how the form is described in a note, if at all.
    """

    name: str
    kind: Kind
    pattern: str
    sql: str
    certain: str | None = None
    says: str | None = None


_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?"
_TIME = r"(?:,?[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])?)?"
_ZONE = r"(?: ?(?:Z|UTC|[+-]\d{2}(?::?\d{2})?))?"


_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S")
_HALF_DAY_CLOCKS = (" %I:%M %p", " %I:%M:%S %p", " %I:%M%p", " %I:%M:%S%p")


def _day_form(name: str, pattern: str, days: str, certain: str | None = None) -> Form:
    """Dates written as one of `days`, with or without a clock."""
    formats = ", ".join(f"'{day}{clock}'" for day in days.split("|") for clock in (*_CLOCKS, *_HALF_DAY_CLOCKS))
    plain = "replace(replace({c}, ', ', ' '), ',', '.')"
    return Form(name, "time", pattern + _TIME, f"try_strptime({plain}, [{formats}])", certain)


_MONTH = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"


_THOUSANDS_CERTAIN = r"\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,}|(?:[ '\x{a0}\x{202f}]\d{3})+(?:\.\d+)?)|\d+\.\d{1,2}"
_INTEGER = Form("integer", "integer", r"[+-]?(?:0|[1-9]\d{0,17})", "CAST({c} AS BIGINT)")
_NUMBER = Form(
    "number",
    "number",
    r"[+-]?(?:(?:0|[1-9]\d{0,17})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?",
    "TRY_CAST({c} AS DOUBLE)",
)
_FORMS = (
    _INTEGER,
    _NUMBER,
    Form("boolean", "boolean", r"(?i:true|false)", "CAST(lower({c}) AS BOOLEAN)"),
    Form(
        "decimal comma",
        "number",
        r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+|[+-]?(?:0|[1-9]\d*)",
        "TRY_CAST(replace(replace({c}, '.', ''), ',', '.') AS DOUBLE)",
        certain=r"[+-]?(?:\d{1,3}(?:\.\d{3})+,\d+|\d*,(?:\d{1,2}|\d{4,})|(?:0|\d{4,}),\d+)",
        says="with decimal commas",
    ),
    Form(
        "thousands",
        "number",
        r"[+-]?(?:\d{1,3}(?:[, '\x{a0}\x{202f}]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d+)?)",
        "TRY_CAST(regexp_replace({c}, '[, ''\\x{a0}\\x{202f}]', '', 'g') AS DOUBLE)",
        certain=rf"[+-]?(?:{_THOUSANDS_CERTAIN})",
        says="with separators between thousands",
    ),
    Form(
        "iso time",
        "time",
        r"\d{4}-\d{1,2}-\d{1,2}" + _CLOCK + _ZONE,
        "make_timestamp(epoch_us(TRY_CAST(replace({c}, ',', '.') AS TIMESTAMPTZ)))",
    ),
    _day_form("iso half day", r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d", certain=r".*[AaPp][Mm]"),
    _day_form("year first", r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    _day_form("dotted day", r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    _day_form("day first", r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y", certain=r"(?:1[3-9]|2\d|3[01])/.*"),
    _day_form("month first", r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y", certain=r"\d{1,2}/(?:1[3-9]|2\d|3[01])/.*"),
    _day_form("dashed day", r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y", certain=r"(?:1[3-9]|2\d|3[01])-.*"),
    _day_form("dashed month", r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y", certain=r"\d{1,2}-(?:1[3-9]|2\d|3[01])-.*"),
    _day_form("day first, short year", r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y", certain=r"(?:1[3-9]|2\d|3[01])/.*"),
    _day_form("month first, short year", r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y", r"\d{1,2}/(?:1[3-9]|2\d|3[01])/.*"),
    _day_form("dotted day, short year", r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y", r"(?:1[3-9]|2\d|3[01])\..*"),
    _day_form("day and month", rf"\d{{1,2}}[ -]{_MONTH}[ -]\d{{4}}", "%d %b %Y|%d-%b-%Y|%d %B %Y|%d-%B-%Y"),
    _day_form("month and day", rf"{_MONTH} \d{{1,2}},? \d{{4}}", "%b %d %Y|%B %d %Y"),
    Form(
        "mail date",
        "time",
        rf"(?i:mon|tue|wed|thu|fri|sat|sun), \d{{1,2}} {_MONTH} \d{{4}} \d{{2}}:\d{{2}}:\d{{2}} (?:GMT|UTC|\+0000)",
        "try_strptime(regexp_extract({c}, ', (.*) ', 1), '%d %b %Y %H:%M:%S')",
    ),
)
_TIME_FORMS = tuple(form for form in _FORMS if form.kind == "time")
_ANY_DATE = "|".join(f"(?:{form.pattern})" for form in _TIME_FORMS)
_ZONED = "time zone"
_FORM_OF = {form.name: form for form in _FORMS}
_COMMA_CERTAIN = r"\d{1,3}(?:\.\d{3})+,\d+|\d*,(?:\d{1,2}|\d{4,})|(?:0|\d{4,}),\d+"
_UNIT_BODIES = (
    ("number", r"(?:0|[1-9]\d{0,17})(?:\.(?:\d{1,2}|\d{4,}))?|\.\d+", None),
    ("decimal comma", r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", _COMMA_CERTAIN),
    ("thousands", r"(?:\d{1,3}(?:[, '\x{a0}\x{202f}]\d{3})+|\d+)(?:\.\d+)?", _THOUSANDS_CERTAIN),
)
"""The form of a number without a unit, its digits, and what at least one value must be before it is believed."""
_AMBIGUOUS = (
    (
        "ambiguous number",
        r"\d{1,3}(?:,\d{3})+",
        'a value such as "1,234" may mean 1.234 or 1234, so it stays text.',
        "Write the numbers without the comma, or with a point, and upload again.",
    ),
    (
        "ambiguous date",
        r"\d{1,2}[/-]\d{1,2}[/-]\d{2}(?:\d{2})?(?:\D.*)?",
        "day and month cannot be told apart, so it stays text.",
        "Write dates as 2024-12-31 if time matters to the question.",
    ),
    (
        "dates in several formats",
        _ANY_DATE,
        "dates are written in several ways, and in some of them day and month cannot be told apart, so it stays text.",
        "Write dates as 2024-12-31 if time matters to the question.",
    ),
)


@dataclass(frozen=True)
class Typed:
    """How to select the columns with their kinds: one SQL expression each, and what was noticed."""

    expressions: tuple[str, ...]
    kinds: tuple[Kind, ...]
    notes: tuple[Problem, ...]


def typed_columns(connection: Any, source: str, columns: Sequence[str], names: Sequence[str], numbers: bool) -> Typed:
    """The kinds of the text columns (`columns` in SQL, `names` to people) of `source`.

    A kind is given only where every value that is present has it. `numbers=False` looks for dates only.
    """
    forms = _FORMS if numbers else _TIME_FORMS
    samples = {column: _sample(connection, source, column) for column in columns}
    wanted = {column: _wanted(forms, samples[column]) for column in columns}
    zones = {column: _zones(connection, source, column, samples[column]) for column in columns if not wanted[column]}
    wanted |= {column: _zoned_forms(found, samples[column]) for column, found in zones.items()}
    first = {column: forms_of[:1] for column, forms_of in wanted.items()}
    plain = _counts(connection, source, first, _fails_plainly)
    clean = {column for (column, _), failing in plain.items() if failing == 0}
    counts = _counts(connection, source, {c: f for c, f in wanted.items() if c not in clean}, _fails)
    chosen = {
        column: forms_of[0] if column in clean else next((f for f in forms_of if counts[column, f.name] == 0), None)
        for column, forms_of in wanted.items()
    }
    outcome = [_typed_column(column, chosen[column], column in clean, numbers) for column in columns]
    notes = [
        note
        for column, name in zip(columns, names, strict=True)
        for note in (
            _zone_notes(connection, source, column, name, zones[column])
            if zones.get(column) and not wanted[column]
            else _notes(connection, source, column, name, chosen[column], wanted[column], counts, samples[column])
        )
    ]
    return Typed(tuple(sql for sql, _ in outcome), tuple(kind for _, kind in outcome), tuple(notes))


def _sample(connection: Any, source: str, column: str) -> list[str]:
    query = f"SELECT {_trimmed(column)} FROM {source} WHERE {_present(column)} LIMIT {_SAMPLE}"
    return [value for (value,) in connection.execute(query).fetchall()]


def _wanted(forms: Sequence[Form], sample: list[str]) -> list[Form]:
    """The forms that nearly all of the sample has; where there is none, those of numbers with a unit."""
    plain = [form for form in forms if _likely(form, sample)] or _joined_dates(sample)
    if plain or forms is not _FORMS:
        return plain
    unit = unit_of(sample)
    return [] if unit is None else [form for form in _unit_forms(unit) if _likely(form, sample)]


def _joined_dates(sample: list[str]) -> list[Form]:
    """One form for dates written in several ways, each of which says by itself which is the day and which the month."""
    found = [form for form in _TIME_FORMS if any(_matches(form.pattern, value) for value in sample)]
    sure = [form for form in found if form.certain is None or any(_matches(form.certain, value) for value in sample)]
    if len(sure) < 2 or len({form.pattern for form in sure}) < len(sure):
        return []
    cases = " ".join(f"WHEN regexp_full_match({{c}}, {_literal(form.pattern)}) THEN {form.sql}" for form in sure)
    union = "|".join(f"(?:{form.pattern})" for form in sure)
    joined = Form("several dates", "time", union, f"CASE {cases} END", says="in several date formats")
    return [joined] if _likely(joined, sample) else []


def _zones(connection: Any, source: str, column: str, sample: list[str]) -> dict[str, int]:
    """The letters after the times of a column, with their rows; none where hardly any text ends so."""
    if not sample or sum(letters_after(value) is not None for value in sample) < _MIXED * len(sample):
        return {}
    query = (
        f"SELECT regexp_extract({_trimmed(column)}, {_literal(AFTER_A_TIME)}, 1) AS letters, count(*) FROM {source} "
        f"WHERE {_present(column)} GROUP BY letters ORDER BY count(*) DESC, letters LIMIT {_AT_ONCE}"
    )
    found = dict(connection.execute(query).fetchall())
    return {each: int(rows) for each, rows in found.items() if each not in ("", "AM", "PM")}


def _zoned_forms(letters: dict[str, int], sample: list[str]) -> list[Form]:
    """The forms of times that say their zone, in letters or as an offset, where all letters mean one."""
    told = told_by(letters)
    if not letters or not set(letters) <= set(told):
        return []
    zone, shown = pattern_of(told), ", ".join(f"{each} ({offset_phrase(told[each])})" for each in letters)
    bare = f"regexp_replace({{c}}, ' ?(?:{zone})$', '')"
    minutes = minutes_sql(told, "{c}")
    made = [
        Form(
            _ZONED,
            "time",
            f"(?:{_with_clock(form.pattern)}) ?(?:{zone})",
            f"({form.sql.replace('{c}', bare)}) - to_minutes({minutes})",
            form.certain and f"(?:{form.certain})(?: ?(?:{zone}))?",
            f"with the {'time zones' if len(letters) > 1 else 'time zone'} {shown}",
        )
        for form in _TIME_FORMS
        if form.pattern.endswith((_CLOCK + _ZONE, _TIME))
    ]
    return [form for form in made if _likely(form, sample)][:1]


def _with_clock(pattern: str) -> str:
    """The pattern of a time without a zone, whose clock may not be left out."""
    return pattern.removesuffix(_ZONE).replace(_CLOCK, _CLOCK[:-1]).replace(_TIME, _TIME[:-1])


def _unit_forms(unit: str) -> tuple[Form, ...]:
    """The forms of numbers with this unit before or after them: per cent on all of them, a currency on some."""
    says = "in per cent" if unit == "%" else f'with the currency "{unit}"'
    mark = re.escape(unit)
    bare = f"regexp_replace({{c}}, {_literal(f'[{BLANKS}]*{mark}[{BLANKS}]*')}, '')"
    return tuple(
        Form(
            f"{name} with a unit",
            "number",
            _with_unit(body, mark, required=unit == "%"),
            _FORM_OF[name].sql.replace("{c}", bare),
            certain and _with_unit(certain, mark, required=False),
            says,
        )
        for name, body, certain in _UNIT_BODIES
    )


def _with_unit(body: str, mark: str, required: bool) -> str:
    sign, blank = "[+-]?", f"[{BLANKS}]?"
    marked = f"{sign}{mark}{blank}{sign}(?:{body})|{sign}(?:{body}){blank}{mark}"
    return marked if required else f"{marked}|{sign}(?:{body})"


def _likely(form: Form, sample: list[str]) -> bool:
    if not sample:
        return False
    few = sample[:: max(len(sample) // _GLANCE, 1)]
    if 2 * sum(_matches(form.pattern, value) for value in few) < len(few):
        return False
    matching = sum(_matches(form.pattern, value) for value in sample)
    if matching < _NEARLY * len(sample):
        return False
    return form.certain is None or any(_matches(form.certain, value) for value in sample)


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as Python spells it: DuckDB's \\x{a0} is a plain character here."""
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), pattern))


def _counts(
    connection: Any, source: str, wanted: dict[str, list[Form]], fails: Callable[[str, Form], str]
) -> dict[tuple[str, str], int]:
    pairs = [(column, form) for column, forms in wanted.items() for form in forms]
    counts: dict[tuple[str, str], int] = {}
    for start in range(0, len(pairs), _AT_ONCE):
        some = pairs[start : start + _AT_ONCE]
        selected = ", ".join(f"count(*) FILTER (WHERE {fails(column, form)})" for column, form in some)
        row = connection.execute(f"SELECT {selected} FROM {source}").fetchall()[0]
        counts.update({(column, form.name): count for (column, form), count in zip(some, row, strict=True)})
    return counts


def _fails_plainly(column: str, form: Form) -> str:
    """The quick test: every text as it stands, without blanks around it or words for missing, has the form."""
    misfit = f"NOT regexp_full_match({column}, {_literal(form.pattern)})"
    if form.kind == "time":
        misfit = f"({misfit} OR ({form.sql.replace('{c}', column)}) IS NULL)"
    return f"{column} IS NOT NULL AND {misfit}"


def _fails(column: str, form: Form) -> str:
    fits = f"regexp_full_match({_trimmed(column)}, {_literal(form.pattern)})"
    made = f"({_made(column, form)})"
    return f"{_present(column)} AND NOT coalesce(CASE WHEN {fits} THEN {made} IS NOT NULL ELSE false END, false)"


def _made(column: str, form: Form) -> str:
    return form.sql.replace("{c}", _trimmed(column))


def _typed_column(column: str, form: Form | None, clean: bool, numbers: bool) -> tuple[str, Kind]:
    if form is not None and clean:
        return form.sql.replace("{c}", column), form.kind
    if form is None:
        absent = ", ".join(_literal(word) for word in _MISSING_IN_TEXT)
        return (f"CASE WHEN {column} IN ({absent}) THEN NULL ELSE {column} END" if numbers else column), "text"
    return f"CASE WHEN {_present(column)} THEN {_made(column, form)} END", form.kind


def _notes(
    connection: Any,
    source: str,
    column: str,
    name: str,
    chosen: Form | None,
    wanted: list[Form],
    counts: dict[tuple[str, str], int],
    sample: list[str],
) -> list[Problem]:
    if chosen is not None:
        absent = _absent_words(connection, source, column) if (column, chosen.name) in counts else {}
        words = [_words_note(name, absent)] if absent else []
        return [_form_note(name, chosen), *words] if chosen.says else words
    best = min(wanted, key=lambda form: counts[column, form.name], default=None)
    if best is not None:
        return [_mixed_note(connection, source, column, name, best, counts[column, best.name])]
    for kind, pattern, what, advice in _AMBIGUOUS:
        if sample and all(_matches(pattern, value) for value in sample):
            rows = _rows_with_value(connection, source, column)
            return [Problem(kind, "attention", name, rows, f'In the column "{name}" {what}', advice)]
    return []


def _rows_with_value(connection: Any, source: str, column: str) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {source} WHERE {_present(column)}").fetchall()[0]
    return int(rows)


def _form_note(name: str, form: Form) -> Problem:
    return Problem(
        form.name,
        "note",
        name,
        0,
        f'The column "{name}" is written {form.says}; it was read as {_read_as(form)}.',
        "Compare a few values in the preview with the file.",
    )


def _read_as(form: Form) -> str:
    if form.name == _ZONED:
        return "times in UTC"
    return "times" if form.kind == "time" else "numbers"


def _zone_notes(connection: Any, source: str, column: str, name: str, letters: dict[str, int]) -> list[Problem]:
    """Why times with a zone stay text: letters that may mean several, or none that is known, or something else."""
    told = told_by(letters)
    unclear = [each for each in letters if each not in told]
    if not unclear:
        what = "not every value is a time in one way of writing that says its zone"
    else:
        each = unclear[0]
        means = f"may mean {SHARED[each]}" if each in SHARED else "is no time zone that is known here"
        what = f'times say their zone as "{each}", which {means}'
    return [
        Problem(
            "unclear time zone",
            "attention",
            name,
            _rows_with_value(connection, source, column),
            f'In the column "{name}" {what}, so it stays text.',
            "Write the offset in the file, such as 2024-05-31 14:00+08:00, and upload again.",
        )
    ]


def _absent_words(connection: Any, source: str, column: str) -> dict[str, int]:
    """The words for missing in a column, with their rows; empty cells are no words."""
    query = (
        f"SELECT {_trimmed(column)} AS word, count(*) FROM {source} WHERE {column} IS NOT NULL AND NOT "
        f"{_present(column)} AND {_trimmed(column)} <> '' GROUP BY word ORDER BY count(*) DESC, word"
    )
    return dict(connection.execute(query).fetchall())


def _words_note(name: str, absent: dict[str, int]) -> Problem:
    rows = sum(absent.values())
    shown = ", ".join(f'"{word}"' for word in list(absent)[:5])
    return Problem(
        "words for missing",
        "note",
        name,
        rows,
        f'"{name}" says {shown} in {counted(rows, "row")}, among values of another kind; it counts as missing there.',
        "Nothing to do, if that is what it means.",
    )


def _mixed_note(connection: Any, source: str, column: str, name: str, form: Form, failing: int) -> Problem:
    query = (
        f"SELECT row, value FROM (SELECT row_number() OVER () AS row, {column} AS value, {_fails(column, form)} AS bad "
        f"FROM {source}) WHERE bad ORDER BY row LIMIT 1"
    )
    row, value = connection.execute(query).fetchall()[0]
    what = {"time": "a date", "boolean": "true or false"}.get(form.kind, "a number")
    shown = value if len(value) <= 40 else value[:40] + "…"
    return Problem(
        "mixed types",
        "attention",
        name,
        failing,
        f'In the column "{name}" nearly every value is {what}, but {failing:,} are not '
        f'(first: "{shown}" in row {row:,}). The text is kept as it is, so that nothing is lost.',
        f"Mend the file, or see that the column is {'time' if form.kind == 'time' else 'numeric'} on the Columns page: "
        "the values that do not fit then count as missing.",
    )


def _trimmed(column: str) -> str:
    return f"trim({column}, ' \t\n')"


def _present(column: str) -> str:
    words = ", ".join(_literal(word) for word in sorted(MISSING_WORDS))
    absent = f"lower({_trimmed(column)}) IN ({words})"
    digit_first = f"{column} >= '0' AND {column} < ':'"  # no word for missing has one: most values are decided at once
    return f"({column} IS NOT NULL AND CASE WHEN {digit_first} THEN true ELSE NOT {absent} END)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
