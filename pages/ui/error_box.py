"""Errors as sentences: what a person can mend is said, what is ours is recorded, a traceback is never shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from causal.errors import DoableError
from causal.wording import escape
from pages.ui import answers


@contextmanager
def error_box() -> Iterator[None]:
    """Run a part of a page; an error ends that part with a sentence in its place."""
    try:
        yield
    except (RerunException, StopException):
        raise
    except DoableError as error:
        st.error(escape.markdown(str(error)), icon=":material/block:")
    except Exception as error:
        st.error(escape.markdown(answers.record(error)), icon=":material/build:")
