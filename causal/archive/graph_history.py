"""The graphs that a study has had: what was drawn when, and the versions that a person gave a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from causal.archive.store import StudyStore
from causal.archive.study import Study, checked_study_id
from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph

KEPT = "graph versions"
"""Where a study's view holds the named versions."""

_LONGEST_NAME = 60
_LOOKED_AT = 1_000


@dataclass(frozen=True)
class GraphVersion:
    """A graph that a study had: `name` is a person's, or what was done to draw it; `key` tells it from the others."""

    key: str
    name: str
    graph: CausalGraph
    since: datetime
    kept: bool


def graph_history(store: StudyStore, study_id: str, most: int = 50) -> tuple[GraphVersion, ...]:
    """The graphs of a study's revisions, the newest first, each since it was drawn; places and views do not count.

    At most so many, from the last 1,000 revisions. A graph that can no longer be read is left out.
    """
    checked_study_id(study_id)
    with store.database.reading() as connection:
        rows = connection.execute(
            "select number, saved_at, note, json_extract(document, '$.graph') from revision"
            " where study_id = ? order by number desc limit ?",
            [study_id, _LOOKED_AT],
        ).fetchall()
    found: list[GraphVersion] = []
    for number, saved_at, note, graph in _readable(rows):
        version = GraphVersion(f"revision {number}", note, graph, datetime.fromisoformat(saved_at), kept=False)
        if found and found[-1].graph.without_positions() == graph.without_positions():
            found[-1] = version
        elif len(found) == most:
            break
        else:
            found.append(version)
    return tuple(found)


def kept_versions(study: Study) -> tuple[GraphVersion, ...]:
    """The versions that a person gave a name, the newest first."""
    held = study.view.get(KEPT, ())
    return tuple(
        GraphVersion(
            key=f"kept {each['name']}",
            name=each["name"],
            graph=CausalGraph.parse(each["graph"]),
            since=datetime.fromisoformat(each["since"]),
            kept=True,
        )
        for each in reversed(held)
    )


def with_kept(study: Study, name: str) -> dict[str, Any]:
    """The study's view with its graph kept under a name; raises GraphError for no name, or one that is taken."""
    name = " ".join(name.split())[:_LONGEST_NAME]
    held: tuple[Mapping[str, Any], ...] = tuple(study.view.get(KEPT, ()))
    if not name:
        raise GraphError("Give the version a name, such as what is special about it.")
    if any(each["name"] == name for each in held):
        raise GraphError(f'There is a version "{name}" already: choose another name.')
    if study.graph is None:
        raise GraphError("There is no graph to keep yet: draw one first.")
    kept = {"name": name, "graph": study.graph, "since": datetime.now(UTC).isoformat(timespec="milliseconds")}
    return {**study.view, KEPT: [*held, kept]}


def without_kept(study: Study, name: str) -> dict[str, Any]:
    """The study's view without the version of this name."""
    return {**study.view, KEPT: [each for each in study.view.get(KEPT, ()) if each["name"] != name]}


def _readable(rows: list[Any]) -> Iterator[tuple[int, str, str, CausalGraph]]:
    last: tuple[str, CausalGraph] | None = None
    for number, saved_at, note, text in rows:
        if text is None:
            continue
        if last is None or last[0] != text:
            try:
                last = text, CausalGraph.parse(text)
            except GraphError:
                continue
        yield number, saved_at, note, last[1]
