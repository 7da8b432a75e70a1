"""The server: readiness for whoever watches it, no traceback to a person, and warm workers behind the first page."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from pages.ui import answers, journey
from pages.ui.app_root import AppRoot
from pages.ui.intake import receiving

# The folder `pages` holds sections of the menu. Streamlit would take it for a list of pages until `st.navigation` has
# run once, and tell whoever first asks a new server for `/report` that there is no such page.
PagesManager.uses_pages_directory = False


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Warm what the second page needs while the first is read; end the workers with the server."""
    threading.Thread(target=_warm, name="warm-up", daemon=True).start()
    yield {}
    answers.first_page.set()
    answers.pool().close()
    answers.arrivals().close()


def _warm() -> None:
    """After the first page, so that it never competes with it."""
    answers.first_page.wait(timeout=20)
    answers.store()
    answers.pool()
    answers.arrivals()  # which removes what a server that was killed has left
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401

    import causal.analysis  # noqa: F401


def _ready(_: Request) -> JSONResponse:
    try:
        answers.store().list_studies()
    except Exception as error:  # whatever is wrong, the watcher is told that it is
        return JSONResponse({"ready": False, "reason": answers.record(error)}, status_code=503)
    return JSONResponse({"ready": True, "workers": len(answers.pool().worker_pids())})


def show_script_error(error: Exception) -> bool:
    """A sentence in place of a traceback, for what goes wrong outside every error box."""
    st.error(answers.record(error), icon=":material/build:")
    return True


ROUTES = (Route("/api/ready", _ready), receiving.ROUTE)
MIDDLEWARE = (Middleware(AppRoot, pages=[name for name in journey.PLACES if name != "studies"]),)
