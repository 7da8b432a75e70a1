"""What is wrong, or worth knowing, about a log before anything is asked of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from causal.logs.columns import ColumnGuess, guess
from causal.logs.log import Log, Problem, Severity, counted
from causal.logs.reading import frame_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Problem", "problems"]

_MOSTLY = 0.5
_FAR = 8.0
_SENTINELS = (-9999.0, -999.0, -99.0, -1.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
_SENTINEL_SHARE = 0.005
_NUMBER_SHARE = 0.95
_LOOKED_AT = 200_000
_ABSENT = ("na", "n/a", "none", "unknown", "-", "?", "(null)")
_ORDER: dict[Severity, int] = {"stop": 0, "attention": 1, "note": 2}

Look = Callable[[str, "pd.Series"], Iterator[Problem]]


def problems(log: Log, today: datetime.date | None = None) -> tuple[Problem, ...]:
    """The log's problems, the gravest first; those noticed while reading are among them.

    `today` is what dates are compared with (None: the clock's).
    """
    frame = frame_of(log)
    guesses = guess(log)
    found = [*log.notes, *_rows(frame, guesses)]
    known = {(note.kind, note.column) for note in log.notes}
    for each in guesses:
        found += [
            problem for problem in _column(frame[each.name], each, today) if (problem.kind, each.name) not in known
        ]
    return tuple(sorted(found, key=lambda problem: _ORDER[problem.severity]))


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


def _column(values: pd.Series, each: ColumnGuess, today: datetime.date | None) -> Iterator[Problem]:
    import pandas as pd

    yield from _gaps(each.name, values)
    yield from _propensity(each)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        yield from _future(each.name, values, today)
    elif pd.api.types.is_bool_dtype(values.dtype):
        return
    elif pd.api.types.is_numeric_dtype(values.dtype):
        if each.type == "numeric":
            yield from _sentinels(each.name, values)
            yield from _outliers(each.name, values)
    else:
        yield from _texts(each.name, values.dropna())


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
    """A round number such as -999 that is often there and stands far from all other values."""
    present = values.dropna()
    for sentinel in _SENTINELS:
        hits = int((present == sentinel).sum())
        others = present[present != sentinel]
        if hits < max(3, _SENTINEL_SHARE * len(present)) or len(others) < 10:
            continue
        low, high = float(others.min()), float(others.max())
        width = max(high - low, 1.0)
        alone = sentinel < 0 <= low if sentinel == -1.0 else (sentinel < low - width or sentinel > high + width)
        if alone and not (sentinel == -1.0 and float(others.median()) < 1):
            yield Problem(
                "stands for missing",
                "attention",
                name,
                hits,
                f'"{name}" is {sentinel:g} in {counted(hits, "row")}; all others lie between {low:g} and {high:g}.',
                "If it stands for a missing value, replace it by nothing in the file and upload again.",
            )


def _outliers(name: str, values: pd.Series) -> Iterator[Problem]:
    """Values beyond eight standard deviations of their own side, by a spread that they themselves do not widen."""
    present = values.dropna().astype("float64")
    present = present[~present.isin(_SENTINELS)]
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


def _texts(name: str, present: pd.Series) -> Iterator[Problem]:
    looked = present.head(_LOOKED_AT).astype("str")
    if len(looked) == 0:
        return
    yield from _numbers_as_text(name, looked)
    counts = looked.value_counts()
    if len(counts) <= 5_000:
        yield from _spellings(name, counts)
        yield from _words_for_missing(name, counts)


def _numbers_as_text(name: str, texts: pd.Series) -> Iterator[Problem]:
    from causal.logs.number_text import numbers_in

    if (texts.str.fullmatch(r"0\d+")).any():
        return
    spelled = numbers_in(texts).notna()
    share = float(spelled.mean())
    if share < _NUMBER_SHARE:
        return
    odd = texts[~spelled]
    example = f' (others hold text such as "{_short(odd.iloc[0])}")' if len(odd) else ""
    yield Problem(
        "numbers stored as text",
        "attention",
        name,
        int(spelled.sum()),
        f'"{name}" holds numbers as text in {share:.1%} of the rows, such as "{_short(texts.iloc[0])}"{example}.',
        "Call it numeric on the Columns page; what is no number then counts as missing.",
    )


def _spellings(name: str, counts: pd.Series) -> Iterator[Problem]:
    groups: dict[str, list[Any]] = {}
    for level in counts.index:
        groups.setdefault(" ".join(str(level).split()).casefold(), []).append(level)
    variants = [levels for levels in groups.values() if len(levels) > 1]
    if not variants:
        return
    rows = sum(int(counts[level]) for levels in variants for level in levels[1:])
    shown = " and ".join(f'"{_short(str(level))}"' for level in variants[0][:3])
    yield Problem(
        "spellings of one category",
        "attention",
        name,
        rows,
        f'"{name}" has values that differ only in capitals or blanks, such as {shown}; {counted(rows, "row")} have the '
        "rarer spelling.",
        "Give them one spelling in the file; as it is they count as different categories.",
    )


def _words_for_missing(name: str, counts: pd.Series) -> Iterator[Problem]:
    words = [
        w for w in counts.index if str(w).strip().casefold() in ("na", "n/a", "none", "unknown", "-", "?", "(null)")
    ]
    rows = sum(int(counts[word]) for word in words)
    if rows:
        yield Problem(
            "words for missing",
            "note",
            name,
            rows,
            f'"{name}" says {_listed(words)} in {counted(rows, "row")}; it is kept as a category.',
            "If it stands for a missing value, leave the cell empty in the file.",
        )


def _listed(words: Iterable[Any]) -> str:
    return " or ".join(f'"{_short(str(word))}"' for word in words)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
