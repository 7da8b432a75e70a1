"""A page shown to others: the findings without a control or a menu. The address says so, and a refresh keeps it."""

from __future__ import annotations

import streamlit as st

PARAMETER = "present"
PRESENTABLE = ("what_if",)


def is_on(page: str) -> bool:
    """Whether the page named is being presented."""
    return page in PRESENTABLE and st.query_params.get(PARAMETER) == "1"


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
