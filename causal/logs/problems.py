"""What is wrong, or worth knowing, about a log before anything is asked of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from causal.logs.columns import ColumnGuess, guess
from causal.logs.log import Log, Problem, Severity, counted
from causal.logs.number_text import MOSTLY_NUMBERS, numbers_in
from causal.logs.reading import frame_of
from causal.logs.repairs import says_total, sentinels_in, spellings_in, total_row
from causal.logs.vocabulary import MISSING_WORDS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Problem", "problems"]

_MOSTLY = 0.5
_FAR = 8.0
_FEW_ROWS = 30
_MANY_COLUMNS = 3
_LISTED = 8
_LOOKED_AT = 200_000
_ORDER: dict[Severity, int] = {"stop": 0, "attention": 1, "note": 2}
_TOGETHER = {
    "missing values": "have missing values",
    "mostly missing": "are missing in most rows",
    "empty column": "have no values at all",
    "constant column": "have the same value in every row where they have one",
    "stands for missing": "have a number that may stand for a missing value",
    "spellings of one category": "have values that differ only in capitals or blanks",
    "words for missing": "use words that may stand for a missing value",
    "far values": "have values far from all others",
    "numbers stored as text": "hold numbers as text",
    "mixed types": "hold values of more than one kind",
    "decimal comma": "are written with decimal commas; they were read as numbers",
    "thousands": "are written with separators between thousands; they were read as numbers",
    "number with a unit": "are written with a unit; they were read as numbers",
    "decimal comma with a unit": "are written with decimal commas and a unit; they were read as numbers",
    "thousands with a unit": "are written with a unit and separators between thousands; they were read as numbers",
    "time zone": "carry time zones; they were read as times in UTC",
    "unclear time zone": "carry time zones that may mean several offsets, and stay text",
    "dates in the future": "lie in the future in some rows",
    "repeated name": "have a name that an earlier column has, and got a number",
    "empty name": "have no name in the file, and were numbered",
}
"""Kind of problem -> what is said of several columns that have it."""


def problems(log: Log, today: datetime.date | None = None) -> tuple[Problem, ...]:
    """The log's problems, the gravest first; those noticed while reading are among them.

    A problem of three or more columns is one that lists them: its `column` is None, its `rows` those of the column that
    has most. `today` is what dates are compared with (None: the clock's).
    """
    frame = frame_of(log)
    guesses = guess(log)
    total = total_row(frame)
    notes = log.notes if total is None else _notes_without_last(log.notes, frame)
    if total is not None:
        frame = frame.iloc[:-1]
    found = [*notes, *_size(log, frame, total), *_rows(frame, guesses)]
    known = {(note.kind, note.column) for note in log.notes}
    for each in guesses:
        found += [
            problem
            for problem in _column(frame[each.name], each, today, (("mixed types", each.name) in known))
            if (problem.kind, each.name) not in known
        ]
    return tuple(sorted(_together(found), key=lambda problem: _ORDER[problem.severity]))


def _notes_without_last(notes: tuple[Problem, ...], frame: pd.DataFrame) -> list[Problem]:
    """The notes of reading, without those that only the heading of a total in the last row caused."""
    last = frame.iloc[-1]
    headings = {str(name) for name, value in last.items() if isinstance(value, str) and says_total(value)}
    return [note for note in notes if not (note.kind == "mixed types" and note.rows == 1 and note.column in headings)]


def _size(log: Log, frame: pd.DataFrame, total: str | None) -> Iterator[Problem]:
    """What the whole table lacks, and what it has too much: columns, rows, a row of totals."""
    if len(log.schema) < 2 and not any(note.kind == "one column" for note in log.notes):
        yield Problem(
            "one column",
            "stop",
            log.names[0],
            log.rows,
            f'The log has one column only, "{_short(log.names[0])}"; a question needs at least two columns, '
            "a treatment and an outcome.",
            "Export the table with all of its columns, and upload it again.",
        )
    if len(frame) < _FEW_ROWS:
        yield Problem(
            "few rows",
            "attention",
            None,
            len(frame),
            f"{counted(len(frame), 'row')}: intervals will be very wide.",
            "Upload more rows, if there are more: so few can hardly tell an effect from chance.",
        )
    if total is not None:
        yield Problem(
            "total row",
            "attention",
            None,
            1,
            f"The last row looks like a total of the others: {total}.",
            "Columns page: leave the last row out. The other notices here are about the rows above it.",
        )


def _together(found: Iterable[Problem]) -> Iterator[Problem]:
    """The problems, where three or more columns share one folded into one that lists them."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for place, problem in enumerate(found):
        alone = problem.column is None or problem.severity == "stop" or problem.kind not in _TOGETHER
        key = (str(place),) if alone else (problem.kind, problem.severity, problem.advice)
        groups.setdefault(key, []).append(problem)
    for group in groups.values():
        if len(group) < _MANY_COLUMNS:
            yield from group
        else:
            yield _folded_problem(group)


def _folded_problem(group: list[Problem]) -> Problem:
    first = group[0]
    shown = ", ".join(
        f'"{_short(each.column or "")}"' + (f" ({counted(each.rows, 'row')})" if each.rows else "")
        for each in group[:_LISTED]
    )
    more = f" and {len(group) - _LISTED:,} more" if len(group) > _LISTED else ""
    example = f" For example: {first.sentence}" if first.severity == "attention" else ""
    return Problem(
        first.kind,
        first.severity,
        None,
        max(each.rows for each in group),
        f"{len(group):,} columns {_TOGETHER[first.kind]}: {shown}{more}.{example}",
        first.advice,
    )


def _rows(frame: pd.DataFrame, guesses: tuple[ColumnGuess, ...]) -> Iterator[Problem]:
    again = int(frame.duplicated().sum())
    if again:
        yield Problem(
            "duplicate rows",
            "attention",
            None,
            again,
            f"{counted(again, 'row')} repeated: the same as an earlier row in every column.",
            "If the export wrote events twice, remove the repeats: they make intervals too narrow.",
        )
    for each in guesses:
        if each.role == "identifier":
            yield from _repeated_units(each.name, frame[each.name])


def _repeated_units(name: str, values: pd.Series) -> Iterator[Problem]:
    present = values.dropna()
    repeats = int(present.duplicated().sum())
    if repeats == 0:
        return
    rare = repeats <= 0.02 * len(present)
    yield Problem(
        "duplicate identifiers",
        "attention" if rare else "note",
        name,
        repeats,
        f'"{name}" has {counted(repeats, "row")} with a value that came before'
        + (", though it is otherwise different in each row." if rare else f": {present.nunique():,} values in all."),
        "Check whether these rows are meant to be one." if rare else f'Cluster the intervals by "{name}".',
    )


def _column(values: pd.Series, each: ColumnGuess, today: datetime.date | None, mixed: bool) -> Iterator[Problem]:
    import pandas as pd

    yield from _gaps(each.name, values)
    yield from _propensity(each)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        yield from _future(each.name, values, today)
    elif pd.api.types.is_bool_dtype(values.dtype):
        return
    elif pd.api.types.is_numeric_dtype(values.dtype):
        if each.type == "numeric":
            yield from _numbers(each.name, values)
    elif each.type == "numeric":
        numbers = numbers_in(values)
        if not mixed:
            yield from _used_as_numbers(each.name, values, numbers)
        yield from _numbers(each.name, numbers)
    else:
        yield from _texts(each, values.dropna(), mixed)


def _numbers(name: str, values: pd.Series) -> Iterator[Problem]:
    yield from _sentinels(name, values)
    yield from _outliers(name, values)


def _gaps(name: str, values: pd.Series) -> Iterator[Problem]:
    missing = int(values.isna().sum())
    if missing == len(values):
        yield Problem(
            "empty column", "note", name, missing, f'"{name}" has no values at all.', "Nothing to do: it is set aside."
        )
    elif missing > _MOSTLY * len(values):
        yield Problem(
            "mostly missing",
            "attention",
            name,
            missing,
            f'"{name}" is missing in {missing / len(values):.0%} of the rows.',
            "Set it aside, or mark missing values instead of dropping their rows.",
        )
    elif missing:
        yield Problem(
            "missing values",
            "note",
            name,
            missing,
            f'"{name}" is missing in {counted(missing, "row")} ({missing / len(values):.1%}).',
            "Such rows are left out of an analysis that uses it, unless you choose to mark them.",
        )
    if missing < len(values) and values.nunique() == 1:
        yield Problem(
            "constant column",
            "note",
            name,
            len(values) - missing,
            f'"{name}" has the same value in every row where it has one.',
            "Nothing to do: it is set aside, because it explains nothing.",
        )


def _propensity(each: ColumnGuess) -> Iterator[Problem]:
    if each.role == "propensity":
        yield Problem(
            "logged propensity",
            "note",
            each.name,
            0,
            f'"{each.name}" looks like a logged probability. It is kept, but not adjusted for.',
            "Our own propensity is estimated from the covariates; its name does not clash with yours.",
        )


def _future(name: str, values: pd.Series, today: datetime.date | None) -> Iterator[Problem]:
    limit = (today or datetime.datetime.now(tz=datetime.UTC).date()) + datetime.timedelta(days=2)
    late = int((values >= datetime.datetime.combine(limit, datetime.time())).sum())
    if late:
        yield Problem(
            "dates in the future",
            "attention",
            name,
            late,
            f'"{name}" lies in the future in {counted(late, "row")} (latest: {values.max():%Y-%m-%d}).',
            "Check the clock or the date format of the source; day and month may be swapped.",
        )


def _sentinels(name: str, values: pd.Series) -> Iterator[Problem]:
    for sentinel in sentinels_in(values):
        others = values[values != sentinel].dropna()
        rows = counted(int((values == sentinel).sum()), "row")
        yield Problem(
            "stands for missing",
            "attention",
            name,
            int((values == sentinel).sum()),
            f'"{name}" is {sentinel:g} in {rows}; all others lie between {others.min():g} and {others.max():g}.',
            "If it stands for a missing value: Columns page: treat stand-in numbers as missing.",
        )


def _outliers(name: str, values: pd.Series) -> Iterator[Problem]:
    """Values beyond eight standard deviations of their own side, by a spread that they themselves do not widen."""
    present = values.dropna().astype("float64")
    present = present[~present.isin(sentinels_in(present))]
    low, middle, high = present.quantile([0.05, 0.5, 0.95]) if len(present) else (0.0, 0.0, 0.0)
    above, below = (high - middle) / 1.645, (middle - low) / 1.645
    if above + below <= 0:
        return
    above, below = above or below, below or above
    far = present[(present > middle + _FAR * above) | (present < middle - _FAR * below)]
    if 0 < len(far) <= 0.01 * len(present):
        farthest = float(far.iloc[int((far - middle).abs().to_numpy().argmax())])
        yield Problem(
            "far values",
            "attention",
            name,
            len(far),
            f'"{name}" is further than {_FAR:g} standard deviations from its middle in {counted(len(far), "row")} '
            f"(farthest: {farthest:,.6g}; middle: {middle:,.6g}).",
            "Check whether these are real; a few such values can carry the whole effect.",
        )


def _used_as_numbers(name: str, values: pd.Series, numbers: pd.Series) -> Iterator[Problem]:
    lost = values[numbers.isna()].dropna().astype("str")
    words = [str(word) for word in lost.value_counts().index[:3]]
    gone = f" {counted(len(lost), 'row')} spell none ({_listed(words)}) and count as missing." if words else ""
    example = values[numbers.notna()].iloc[0]
    yield Problem(
        "numbers stored as text",
        "attention" if words else "note",
        name,
        len(values.dropna()) - len(lost),
        f'"{name}" is text that spells numbers, such as "{_short(str(example))}"; it is used as numbers.{gone}',
        "If that is wrong, choose another type on the Columns page.",
    )


def _texts(each: ColumnGuess, present: pd.Series, mixed: bool) -> Iterator[Problem]:
    looked = present.head(_LOOKED_AT).astype("str")
    if len(looked) == 0:
        return
    if not mixed and each.type in ("category", "text"):
        yield from _doubtful_numbers(each.name, looked)
    counts = looked.value_counts()
    if len(counts) <= 5_000:
        yield from _spellings(each.name, looked)
        yield from _words_for_missing(each.name, counts)


def _doubtful_numbers(name: str, texts: pd.Series) -> Iterator[Problem]:
    """Numbers that may mean two things: in several units, or with a comma that may part thousands."""
    if bool(texts.str.fullmatch(r"0\d+").any()):
        return
    spelled = numbers_in(texts).notna()
    if float(spelled.mean()) < MOSTLY_NUMBERS:
        return
    yield Problem(
        "numbers stored as text",
        "attention",
        name,
        int(spelled.sum()),
        f'"{name}" holds numbers as text in {float(spelled.mean()):.1%} of the rows, such as '
        f'"{_short(texts[spelled].iloc[0])}", but their unit or their decimal mark is not certain.',
        "Call it numeric on the Columns page, if they all mean the same; what is no number then counts as missing.",
    )


def _spellings(name: str, texts: pd.Series) -> Iterator[Problem]:
    variants = spellings_in(texts)
    if not variants:
        return
    rows = int(texts.isin(list(variants)).sum())
    common = next(iter(variants.values()))
    same = [common, *(variant for variant, level in variants.items() if level == common)]
    shown = " and ".join(f'"{_short(level)}"' for level in same[:3])
    yield Problem(
        "spellings of one category",
        "attention",
        name,
        rows,
        f'"{name}" has values that differ only in capitals or blanks, such as {shown}; {counted(rows, "row")} have the '
        "rarer spelling.",
        "Columns page: treat spellings as the same. As it is they count as different categories.",
    )


def _words_for_missing(name: str, counts: pd.Series) -> Iterator[Problem]:
    words = [word for word in counts.index if str(word).strip().casefold() in MISSING_WORDS]
    rows = sum(int(counts[word]) for word in words)
    if rows:
        yield Problem(
            "words for missing",
            "note",
            name,
            rows,
            f'"{name}" says {_listed(words[:5])} in {counted(rows, "row")}; it is kept as a category.',
            "If it stands for a missing value, leave the cell empty in the file.",
        )


def _listed(words: Iterable[Any]) -> str:
    return " or ".join(f'"{_short(str(word))}"' for word in words)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
