"""A sample of the fuzz, on every run; the whole of it (100,000 texts per format) is `python -m tests.graphs.fuzz`."""

import sys
from pathlib import Path

import pytest

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.writing import FORMATS
from tests.graphs.fuzz import READERS, fault_of, text_of, watch


@pytest.fixture(scope="module", autouse=True)
def watched():
    sys.addaudithook(watch)


@pytest.mark.parametrize("name", READERS)
def test_any_text_is_a_graph_or_an_error_that_says_where(name):
    for seed in range(300):
        assert fault_of(name, text_of(name, seed)) is None, f"{name} {seed}"


def test_every_format_is_fuzzed():
    assert READERS.keys() == FORMATS.keys()


def test_an_opened_file_would_be_seen(monkeypatch):
    monkeypatch.setitem(READERS, "edges", lambda text: CausalGraph.parse(Path(__file__).read_text()[:0]))
    assert fault_of("edges", "a -> b").startswith("it opened open")
