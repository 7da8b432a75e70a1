"""A still picture of a graph on a page, with its words for those who hear it."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from causal.plots.graph_picture import graph_in_words, graph_picture
from causal.wording import escape
from pages.ui import figure


def graph_image(graph: Any, title: str, **looks: Any) -> None:
    """The graph in the app's theme, never wider than its place; `looks` as `graph_picture` takes them."""
    svg = graph_picture(graph, title, dark=figure.is_dark(), **looks)
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    words = escape.html(f"{title}. {graph_in_words(graph)}").replace('"', "&quot;")
    st.html(f'<img class="graph-picture" alt="{words}" src="{address}" style="max-width:100%;height:auto">')
