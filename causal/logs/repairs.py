"""What a recipe can mend in a log: numbers that stand for missing, spellings of one value, a last row of totals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from causal.logs.vocabulary import TOTALS, folded

if TYPE_CHECKING:
    import pandas as pd

SENTINELS = (-9999.0, -999.0, -99.0, -1.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
_SENTINEL_SHARE = 0.005
_LEAST_ROWS_FOR_SUMS = 4


def sentinels_in(values: pd.Series) -> tuple[float, ...]:
    """Round numbers such as -999 that are often there and stand far from all others; -1 among positive numbers."""
    present = values.dropna()
    return tuple(sentinel for sentinel in SENTINELS if _stands_apart(present, sentinel))


def without_sentinels(values: pd.Series) -> pd.Series:
    """The numbers with the values that stand for missing made missing."""
    found = sentinels_in(values)
    return values.mask(values.isin(found)) if found else values


def spellings_in(values: pd.Series) -> dict[str, str]:
    """Each rarer spelling, by capitals and blanks alone, with the most frequent spelling of the same value."""
    groups: dict[str, list[str]] = {}
    counts = values.dropna().astype("str").value_counts()
    for level in sorted((str(each) for each in counts.index), key=lambda each: (-int(counts[each]), each)):
        groups.setdefault(" ".join(level.split()).casefold(), []).append(level)
    return {variant: levels[0] for levels in groups.values() for variant in levels[1:]}


def with_one_spelling(values: pd.Series) -> pd.Series:
    """The values with each rarer spelling replaced by the most frequent one."""
    spellings = spellings_in(values)
    return values.map(lambda each: spellings.get(each, each), na_action="ignore") if spellings else values


def total_row(frame: pd.DataFrame) -> str | None:
    """Why the last row looks like a total of the others, as half a sentence; None where it does not."""
    if len(frame) < _LEAST_ROWS_FOR_SUMS:
        return None
    summed = _summed_columns(frame)
    word = _total_word(frame)
    if word is not None and (summed or _has_gaps_of_its_own(frame) or _exceeds(frame)):
        return f'"{word[0]}" says "{word[1]}"'
    if len(summed) >= 2 or (summed and _has_gaps_of_its_own(frame)):
        named = ", ".join(f'"{name}"' for name in summed[:3]) + (", …" if len(summed) > 3 else "")
        return f"the rows above add up to it in {named}"
    return None


def without_total_row(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without its last row, where that one looks like a total of the others."""
    return frame.iloc[:-1] if total_row(frame) is not None else frame


def says_total(text: str) -> bool:
    """Whether a text is a heading for a total: "Summe", "Grand total:", "Total 2024"."""
    words = re.findall(r"[^\W_]+", folded(text))
    named = [word for word in words if not word.isdigit()]
    return bool(named) and len(words) <= 3 and all(word in TOTALS for word in named)


def _stands_apart(present: pd.Series, sentinel: float) -> bool:
    hits = int((present == sentinel).sum())
    others = present[present != sentinel]
    if hits < max(3, _SENTINEL_SHARE * len(present)) or len(others) < 10:
        return False
    low, high = float(others.min()), float(others.max())
    if sentinel == -1.0:
        return low >= 0 and float(others.median()) >= 1
    width = max(high - low, 1.0)
    return sentinel < low - width or sentinel > high + width


def _total_word(frame: pd.DataFrame) -> tuple[str, str] | None:
    """The column whose last value, and no other, is a word for a total, with that value."""
    for name in frame.columns:
        last = frame[name].iloc[-1]
        if isinstance(last, str) and says_total(last) and int((frame[name] == last).sum()) == 1:
            return str(name), last.strip()
    return None


def _numbers(frame: pd.DataFrame) -> list[tuple[str, pd.Series, float]]:
    """The numeric columns that the last row has a value in: name, the values above, that value."""
    kept = frame.select_dtypes("number")
    above = [(str(name), kept[name].iloc[:-1].dropna(), kept[name].iloc[-1]) for name in kept.columns]
    return [(name, values, float(last)) for name, values, last in above if last == last and len(values)]


def _summed_columns(frame: pd.DataFrame) -> list[str]:
    return [
        name
        for name, above, last in _numbers(frame)
        if (total := float(above.sum())) and abs(last - total) <= 1e-6 * abs(total) and abs(last) > abs(above).max()
    ]


def _has_gaps_of_its_own(frame: pd.DataFrame) -> bool:
    """Whether the last row lacks a value in a column that is otherwise full."""
    empty = frame.iloc[-1].isna()
    return any(bool(frame[name].iloc[:-1].notna().mean() > 0.99) for name in frame.columns[empty])


def _exceeds(frame: pd.DataFrame) -> bool:
    return any(abs(last) > abs(above).max() for _, above, last in _numbers(frame))
