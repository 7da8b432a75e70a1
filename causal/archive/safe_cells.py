"""Cells for files that spreadsheets open: text that looks like a formula is made plain text."""

from __future__ import annotations

from typing import Any

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:
    """The value itself; a text that a spreadsheet would run gets an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_STARTS):
        return "'" + value
    return value
