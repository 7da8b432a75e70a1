"""A figure with everything that belongs to it: alt text, the table behind it, and its data to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from causal.archive.safe_cells import safe_cell
from causal.plots import theme


def is_narrow() -> bool:
    """Whether the person holds a phone: Streamlit tells no width, but the browser says what it runs on."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def looks() -> dict[str, bool]:
    """How figures are drawn for this person: the arguments of every figure but the small ones."""
    return {"dark": is_dark(), "narrow": is_narrow()}


def is_dark() -> bool:
    """Whether the person looks at a dark page."""
    return st.context.theme.type == "dark"


def show(figure: Any, rows: Sequence[Mapping[str, Any]], name: str) -> None:
    """The figure across the page, and under it the table that it was drawn from."""
    st.plotly_chart(figure, theme=None, config=theme.config(name), alt=figure.layout.meta["alt"], key=f"figure {name}")
    with st.expander("The table behind this picture", icon=":material/table:"):
        st.dataframe([dict(row) for row in rows], hide_index=True, width="stretch")
        st.download_button(
            "Download as CSV",
            as_csv(rows),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"csv {name}",
            on_click="ignore",
        )


def plain(figure: Any, name: str) -> None:
    """The figure alone, for a page without controls."""
    settings = {**theme.config(name), "displayModeBar": False}
    st.plotly_chart(figure, theme=None, config=settings, alt=figure.layout.meta["alt"], key=f"figure {name}")


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV whose cells no spreadsheet takes for a formula."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writerow({name: safe_cell(name) for name in rows[0]})
        writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()
