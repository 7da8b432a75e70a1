"""Errors that are ours: the details go to a file in the data folder, the person gets a sentence with its number."""

from __future__ import annotations

import secrets
import traceback
from datetime import UTC, datetime
from pathlib import Path


def record_fault(folder: Path, error: BaseException) -> str:
    """The sentence to show; the traceback is in `<folder>/faults/<id>.txt`."""
    fault_id = secrets.token_hex(4)
    faults = folder / "faults"
    faults.mkdir(exist_ok=True)
    details = "".join(traceback.format_exception(error))
    (faults / f"{fault_id}.txt").write_text(f"{datetime.now(UTC).isoformat()}\n{details}", encoding="utf-8")
    return (
        f"Something went wrong on our side (id {fault_id}). Nothing of the study is lost: try again, "
        "and if it happens again, report the id."
    )
