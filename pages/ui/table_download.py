"""A table to take away, as csv or as Parquet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def offer(label: str, name: str, content: Callable[[str], bytes]) -> None:
    """One button per kind, side by side; `content` makes the file of a kind once it is asked for."""
    for place, (kind, mime) in zip(st.columns(len(KINDS)), KINDS.items(), strict=True):
        place.download_button(
            f"{label} as {kind}",
            partial(content, kind),
            file_name=f"{name.replace(' ', '_')}.{kind}",
            mime=mime,
            icon=":material/download:",
            key=f"{name} {kind}",
            on_click="ignore",
            width="stretch",
        )
