"""Plain Python values, as JSON and workbooks give them, turned into typed Arrow columns."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from causal.logs.log import Kind

_LARGEST = 2**63


def kind_of_values(values: Sequence[Any]) -> Kind | None:
    """The kind that all present values share (integers among numbers are numbers); "text" where they are mixed."""
    kinds = {_kind(value) for value in values if value is not None}
    if not kinds:
        return None
    if kinds <= {"integer", "number"}:
        return "number" if "number" in kinds else "integer"
    return kinds.pop() if len(kinds) == 1 else "text"


def joined_kind(left: Kind | None, right: Kind | None) -> Kind | None:
    """The kind that holds values of both."""
    if left is None or right is None or left == right:
        return left or right
    if {left, right} == {"integer", "number"}:
        return "number"
    return "text"


def arrow_array(values: Sequence[Any], kind: Kind) -> Any:
    """The values as an Arrow array of the kind; what is no text is written as JSON where the kind is text."""
    import pyarrow as pa

    if kind == "text":
        return pa.array([_text(value) for value in values], pa.string())
    if kind == "number":
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array(values, arrow_type(kind))


def arrow_type(kind: Kind) -> Any:
    """The Arrow type in which a kind is stored."""
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us"),
        "text": pa.string(),
    }
    return types[kind]


def plain_text(text: str) -> str:
    """The text itself; half a surrogate pair, which JSON can spell and no file can hold, becomes \ufffd."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _kind(value: Any) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if -_LARGEST <= value < _LARGEST else "text"
    if isinstance(value, float):
        return "number"
    if isinstance(value, datetime.date):
        return "time"
    return "text"


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return str(value)
    return plain_text(json.dumps(value, ensure_ascii=False))
