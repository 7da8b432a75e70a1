import dataclasses

import pytest

from causal.archive.graph_history import graph_history, kept_versions, with_kept, without_kept
from causal.archive.store import StudyStore
from causal.errors import GraphError, StudyNotFound
from causal.graphs.causal_graph import CausalGraph

FIRST = CausalGraph.from_edges([("x", "t"), ("t", "y")])
SECOND = FIRST.with_edge("x", "y")


@pytest.fixture
def store(tmp_path):
    return StudyStore(tmp_path)


def saved(store, *graphs):
    held = store.create_study("s")
    for number, graph in enumerate(graphs):
        changed = dataclasses.replace(held.study, graph=graph.to_text("json"), view={"n": number})
        held = store.save(changed, held.revision, f"note {number}")
    return held.study


def test_each_graph_is_listed_once_since_it_was_drawn(store):
    study = saved(store, FIRST, FIRST.with_position("x", 1, 2), SECOND, FIRST)
    found = graph_history(store, study.id)
    assert [each.name for each in found] == ["note 3", "note 2", "note 0"]
    assert [each.graph.without_positions() for each in found] == [FIRST, SECOND, FIRST]
    assert not any(each.kept for each in found)


def test_the_list_is_cut_at_the_newest(store):
    study = saved(store, FIRST, SECOND, FIRST, SECOND)
    assert [each.name for each in graph_history(store, study.id, most=2)] == ["note 3", "note 2"]


def test_a_study_without_a_graph_has_no_history(store):
    assert graph_history(store, store.create_study("s").study.id) == ()
    with pytest.raises(StudyNotFound):
        graph_history(store, "'; drop table revision")


def test_a_version_is_kept_under_a_name_and_dropped_again(store):
    study = saved(store, FIRST)
    named = dataclasses.replace(study, view=with_kept(study, "  the   first "))
    (version,) = kept_versions(named)
    assert (version.name, version.graph, version.kept) == ("the first", FIRST, True)
    assert named.view["n"] == 0
    assert kept_versions(dataclasses.replace(named, view=without_kept(named, "the first"))) == ()


def test_a_name_is_asked_for_and_used_once(store):
    study = saved(store, FIRST)
    with pytest.raises(GraphError, match="Give the version a name"):
        with_kept(study, " ")
    named = dataclasses.replace(study, view=with_kept(study, "a"))
    with pytest.raises(GraphError, match='There is a version "a" already'):
        with_kept(named, "a")
    with pytest.raises(GraphError, match="There is no graph to keep yet"):
        with_kept(store.create_study("s").study, "a")
