"""What stands around every page: the browser's title, the journey in the sidebar, the study's sentence, a conflict."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from causal.wording import escape
from pages.ui import answers, current_study, journey, presentation
from pages.ui.error_box import error_box

STYLE = Path(__file__).with_name("style.css")
ICON = Path(__file__).with_name("icon.png")


def show() -> None:
    """Run the page that the address names."""
    st.set_page_config(page_title="Doable", page_icon=str(ICON), layout="wide")
    st.html(STYLE)
    with error_box():
        current_study.open_from_address()
    pages = journey.pages()
    chosen = st.navigation(pages, position="hidden")
    if not presentation.is_on(chosen.url_path):
        with st.sidebar, error_box():
            _sidebar()
    _notices()
    with error_box():
        chosen.run()
    answers.first_page.set()


def _sidebar() -> None:
    st.markdown("### :material/explore: Doable")
    held = current_study.study()
    if held is not None:
        st.caption(escape.markdown(held.title, 60))
    for section, steps in journey.sections().items():
        st.caption(section)
        for step in steps:
            st.page_link(
                step.page,
                label=step.title,
                icon=step.icon,
                help=escape.markdown(step.reason),
                query_params={"study": held.id} if held is not None else None,
                width="stretch",
            )


def _notices() -> None:
    sentence = current_study.notice()
    if sentence:
        st.toast(escape.markdown(sentence), icon=":material/info:")
    lost = current_study.kept("lost", lambda: None)
    if lost and current_study.study() is None:
        st.warning(escape.markdown(lost), icon=":material/link_off:")
    pending = current_study.conflict()
    if pending is None:
        return
    with st.container(border=True):
        st.warning(escape.markdown(pending.sentence), icon=":material/warning:")
        left, right = st.columns(2)
        left.button("Show what the other tab saved", on_click=current_study.take_theirs, width="stretch")
        right.button("Keep mine as a copy", on_click=current_study.keep_mine_as_copy, type="primary", width="stretch")
