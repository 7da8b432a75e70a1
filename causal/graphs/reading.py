"""Everything that a screen says of one graph and one question, in one noun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causal.errors import DoableError, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import Estimand, identify
from causal.graphs.paths import PathColours, path_colours

if TYPE_CHECKING:
    from causal.study import Question


@dataclass(frozen=True)
class GraphReading:
    """The estimand, or `refusal`: why there is none; and the colours of the edges given what is adjusted for."""

    estimand: Estimand | None
    refusal: str | None
    colours: PathColours | None

    @property
    def document(self) -> dict[str, list[object]]:
        """The colours as the canvas takes them."""
        if self.colours is None:
            return {"causal": [], "biasing": [], "biasing_bidirected": [], "adjust": []}
        adjusts = self.estimand is not None and self.estimand.strategy in ("backdoor", "adjustment")
        return {
            "causal": [[start, end] for start, end, kind in sorted(self.colours.causal) if kind == "directed"],
            "biasing": [[start, end] for start, end, kind in sorted(self.colours.biasing) if kind == "directed"],
            "biasing_bidirected": [
                [start, end] for start, end, kind in sorted(self.colours.biasing) if kind != "directed"
            ],
            "adjust": list(self.estimand.adjust_for) if adjusts and self.estimand else [],
        }


def read_graph(graph: CausalGraph, question: Question) -> GraphReading:
    """The reading; a graph that lacks the treatment or the outcome has only a refusal."""
    for what, name in (("treatment", question.treatment), ("outcome", question.outcome)):
        if name not in graph.nodes:
            return GraphReading(None, f'The {what} "{name}" is not on the canvas. Add it.', None)
    try:
        estimand = identify(graph, question)
        adjust = estimand.adjust_for if estimand.strategy in ("backdoor", "adjustment") else ()
        return GraphReading(estimand, None, path_colours(graph, question.treatment, question.outcome, adjust))
    except NotIdentified as refusal:
        return GraphReading(None, refusal.reason, path_colours(graph, question.treatment, question.outcome))
    except DoableError as error:
        return GraphReading(None, str(error), None)
