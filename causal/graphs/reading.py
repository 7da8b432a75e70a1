"""Everything that a screen says of one graph and one question, in one noun."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causal.errors import DoableError, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, estimand_adjusting_for, identify
from causal.graphs.paths import COLOUR_LIMIT, PathColours, PathList, PathReading, path_colours, paths_between
from causal.graphs.roles.advice import Advice, advice

if TYPE_CHECKING:
    from causal.study import Question

MOST_PATHS = 48
"""So many paths are listed: a person reads no more."""


@dataclass(frozen=True)
class GraphReading:
    """What the graph says of the question.

    `estimand`, or `refusal`: why there is none. Given what is adjusted for: `colours` of the edges, and `paths`, the
    shortest first, both None where treatment and outcome are not two variables of the graph. `advice` on every other
    variable.
    """

    estimand: Estimand | None
    refusal: str | None
    colours: PathColours | None = None
    advice: tuple[Advice, ...] = ()
    paths: PathList | None = None

    @property
    def adjust(self) -> tuple[str, ...]:
        """The variables that the estimand adjusts for; none where it works in another way."""
        adjusts = self.estimand is not None and self.estimand.strategy in ("backdoor", "adjustment")
        return tuple(self.estimand.adjust_for) if adjusts and self.estimand else ()

    @property
    def document(self) -> dict[str, Any]:
        """The reading as the canvas takes it: JSON values, described at `graph_editor`."""
        causal, biasing = (self.colours.causal, self.colours.biasing) if self.colours else ((), ())
        return {
            "causal": [[start, end] for start, end, kind in sorted(causal) if kind == "directed"],
            "biasing": [[start, end] for start, end, kind in sorted(biasing) if kind == "directed"],
            "biasing_bidirected": [[start, end] for start, end, kind in sorted(biasing) if kind != "directed"],
            "adjust": list(self.adjust),
            "advice": {each.name: {"verdict": each.verdict, "reason": each.reason} for each in self.advice},
            "paths": [_path_document(each, self.adjust) for each in (self.paths.readings if self.paths else ())],
            "paths_complete": self.paths is None or self.paths.complete,
        }


def read_graph(graph: CausalGraph, question: Question, adjust_for: tuple[str, ...] | None = None) -> GraphReading:
    """The reading, by the set that a person chose where there is one; without the question's ends only a refusal."""
    for what, name in (("treatment", question.treatment), ("outcome", question.outcome)):
        if name not in graph.nodes:
            return GraphReading(None, f'The {what} "{name}" is not on the canvas. Add it.')
    try:
        estimand = identify(graph, question)
        if adjust_for is not None and estimand.strategy in ("backdoor", "adjustment"):
            estimand = estimand_adjusting_for(graph, question, adjust_for)
        return _drawn(graph, question, GraphReading(estimand, None), chosen=adjust_for is not None)
    except NotIdentified as refusal:
        return _drawn(graph, question, GraphReading(None, refusal.reason))
    except DoableError as error:
        return GraphReading(None, str(error))


def path_sentence(reading: PathReading, adjust: Iterable[str] = ()) -> str:
    """What a path carries, or what blocks it, in one sentence; `adjust`: what is adjusted for."""
    path, adjusted = reading.path, set(adjust)
    start, end = path.nodes[0], path.nodes[-1]
    if path.causal and reading.open:
        return f'Part of the effect: "{start}" moves "{end}" along it.'
    if reading.open:
        colliders = [f'"{name}"' for name in path.colliders]
        why = f" Holding fixed {_listed(colliders)}, or an effect of it, opened it." if colliders else ""
        return f'Bias: it makes "{start}" and "{end}" move together without an effect.{why}'
    reasons = [_block(name, name in path.colliders, name in adjusted) for name in reading.blocked_by]
    return f"{'Part of the effect, but blocked' if path.causal else 'No bias: blocked'}. {' '.join(reasons)}"


def _drawn(graph: CausalGraph, question: Question, reading: GraphReading, chosen: bool = False) -> GraphReading:
    ends = question.treatment, question.outcome
    return GraphReading(
        reading.estimand,
        reading.refusal,
        path_colours(graph, *ends, reading.adjust),
        tuple(advice(graph, *ends, reading.adjust if chosen else None)),
        _worth_listing(paths_between(graph, *ends, reading.adjust, limit=COLOUR_LIMIT)),
    )


def _worth_listing(found: PathList) -> PathList:
    """Where there are too many: of the biasing ones as many as fit into one half, then the shortest."""
    if len(found.readings) <= MOST_PATHS:
        return found
    biasing = [each for each in found.readings if each.open and not each.path.causal][: MOST_PATHS // 2]
    others = [each for each in found.readings if each not in biasing][: MOST_PATHS - len(biasing)]
    listed = sorted((*biasing, *others), key=found.readings.index)
    return PathList(tuple(listed), complete=False)


def _path_document(reading: PathReading, adjust: Iterable[str]) -> dict[str, Any]:
    path = reading.path
    return {
        "text": path.text,
        "nodes": list(path.nodes),
        "edges": [list(edge) for edge in path.edges],
        "causal": path.causal,
        "open": reading.open,
        "blocked_by": list(reading.blocked_by),
        "sentence": path_sentence(reading, adjust),
    }


def _block(name: str, collider: bool, adjusted: bool) -> str:
    if collider:
        return f'Two arrows meet at "{name}", and it is left alone.'
    return f'"{name}" is adjusted for.' if adjusted else f'"{name}" is held fixed by which rows are in the log.'


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
