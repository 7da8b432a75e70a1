"""Nouns of numbers as plain JSON values, NaN and infinities among them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_NOT_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def to_values(value: Any) -> Any:
    """Mappings, sequences and numbers as JSON knows them; what is no number becomes {"number": "NaN"}."""
    if isinstance(value, Mapping):
        return {str(name): to_values(each) for name, each in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [to_values(each) for each in (sorted(value) if isinstance(value, frozenset | set) else value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        name = "NaN" if np.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        return {"number": name}
    return value


def from_values(value: Any) -> Any:
    """What `to_values` was given, lists in the place of tuples."""
    if isinstance(value, Mapping):
        if set(value) == {"number"} and value["number"] in _NOT_NUMBERS:
            return _NOT_NUMBERS[value["number"]]
        return {name: from_values(each) for name, each in value.items()}
    if isinstance(value, list):
        return [from_values(each) for each in value]
    return value
