"""One data folder and one pool of workers for all tests of pages, as one server would have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st

from pages.ui import answers
from tests.pages import walk


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The store of these tests; whatever the pages cache belongs to it."""
    folder = tmp_path_factory.mktemp("doable")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOABLE_DATA", str(folder))
        # Every new tab would read the metadata of every installed package, in search of components that are not there.
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        st.cache_resource.clear()
        answers.pool()  # its workers read the package's source now, as this process did
        yield folder
        answers.pool().close()
        st.cache_resource.clear()


@pytest.fixture(scope="session")
def answered_sample(data_folder: Path) -> Callable[[str], str]:
    """The id of a study of a sample, answered once for all tests that only read it."""

    @cache
    def study_of(name: str) -> str:
        return walk.study_id(walk.answered(walk.sample_study(name)))

    return study_of
