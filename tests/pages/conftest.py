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


@pytest.fixture(scope="module", autouse=True)
def nothing_done_before(data_folder: Path) -> Iterator[None]:
    """Work is known by what it is about, whoever asked for it: no file of tests meets the work of another."""
    yield
    store = answers.store()
    with store.database.reading() as connection:
        active = connection.execute("select id from job where state in ('queued', 'running')").fetchall()
    for (job_id,) in active:
        answers.stop(job_id, None)
    with store.database.writing() as connection:
        for table in ("job_study", "job", "result", "revision", "study"):
            connection.execute(f"delete from {table}")


@pytest.fixture(scope="module")
def answered_sample(nothing_done_before: None) -> Callable[[str], str]:
    """The id of a study of a sample, answered once for all tests of a file that only read it."""

    @cache
    def study_of(name: str) -> str:
        return walk.study_id(walk.answered(walk.sample_study(name)))

    return study_of
