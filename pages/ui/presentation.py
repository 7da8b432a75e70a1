"""A page shown to others: the findings without a control or a menu. The address says so, and a refresh keeps it."""

from __future__ import annotations

import streamlit as st

from pages.ui import figure

PARAMETER = "present"
PRESENTABLE = ("what_if",)
MOST_DRAWN, MOST_DRAWN_NARROW = 12, 8
"""So many variables of a graph can be read by those who only look, who cannot draw it nearer."""


def is_on(page: str) -> bool:
    """Whether the page named is being presented."""
    return page in PRESENTABLE and st.query_params.get(PARAMETER) == "1"


def most_drawn() -> int:
    """So many variables of a graph are drawn; of more, those that matter."""
    return MOST_DRAWN_NARROW if figure.is_narrow() else MOST_DRAWN


def hide_menu() -> None:
    """Take away what Streamlit leaves of the sidebar and of its own tools."""
    st.html("<style>" + _BARE + "</style>")


_BARE = """
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"],
[data-testid="stToolbar"] { display: none !important; }
@page { margin: 14mm; }
"""


def enter_button() -> None:
    """The way into it."""
    st.button(
        "Present",
        on_click=_enter,
        icon=":material/slideshow:",
        key="present",
        help="The same without controls and menu, for those who only look; prints well, and the address can be shared.",
    )


def leave_button() -> None:
    """The one way out, which is not printed."""
    with st.container(key="leave presentation", horizontal_alignment="right"):
        st.button("Leave the presentation", on_click=_leave, icon=":material/close:", type="tertiary", key="leave")


def _enter() -> None:
    st.query_params[PARAMETER] = "1"


def _leave() -> None:
    st.query_params.pop(PARAMETER, None)
