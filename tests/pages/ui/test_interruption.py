"""A newer event of the same tab cuts off what is drawn, never what is written."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    from pages.ui.interruption import uninterrupted

    def click_again() -> None:
        context = get_script_run_ctx()
        assert context is not None and context.script_requests is not None
        context.script_requests.request_rerun(RerunData())

    def edit() -> None:
        click_again()
        st.session_state["edited"] = True

    def save() -> None:
        click_again()
        st.session_state["saved"] = True

    st.button("edit", on_click=edit)
    if st.session_state.get("wanted") and not st.session_state.get("tried"):
        st.session_state["tried"] = True
        with uninterrupted():
            save()
        st.session_state["went on"] = True


def test_a_callback_runs_to_its_end() -> None:
    app = AppTest.from_function(script).run()
    app.button[0].click().run()
    assert app.session_state["edited"]


def test_a_save_within_the_script_runs_to_its_end_and_then_the_newer_event_is_taken() -> None:
    app = AppTest.from_function(script).run()
    app.session_state["wanted"] = True
    app.run()
    assert app.session_state["saved"] and "went on" not in app.session_state
