"""One data folder and one pool of workers for all tests of pages, as one server would have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The store of these tests; whatever the pages cache belongs to it."""
    folder = tmp_path_factory.mktemp("doable")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOABLE_DATA", str(folder))
        st.cache_resource.clear()
        yield folder
        from pages.ui import answers

        answers.pool().close()
        st.cache_resource.clear()
