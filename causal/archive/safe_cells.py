"""Cells for files that spreadsheets open: text that looks like a formula is made plain text.

Source: OWASP, "CSV Injection": a cell that begins with one of = + - @, a tab or a line end is taken for a formula, also
where it is written in full width.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|\.\d+)(?:[eE][+-]?\d+)?\s?%?|[+-]")


def safe_cell(value: Any) -> Any:
    """The value itself; a text that a spreadsheet would run gets an apostrophe before it, unless it is a number."""
    if isinstance(value, str) and value.startswith(_STARTS) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy of the frame whose names and texts are safe, and whose numbers are as they were."""
    made = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind not in "iufbM":
            made[name] = frame[name].astype(object).map(safe_cell, na_action="ignore")
    return made.set_axis([safe_cell(name) for name in frame.columns], axis="columns")
