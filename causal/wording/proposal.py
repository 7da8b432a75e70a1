"""What a search for a graph proposes, as sentences: plain text, with names as the data spells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from causal.wording.numbers import count, counted, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.discovery.proposal import Proposal, ProposedEdge, SearchMethod
    from causal.graphs.causal_graph import CausalGraph
    from causal.text.writing import SuggestedEdge

SURE = 0.9
"""An edge that so many resamples give again is called stable: chance alone does not make it, a wrong assumption can."""

_EDGES_SHOWN = 6

NEVER_THE_TRUTH = (
    "A search proposes; it does not know. Several graphs can fit the same log equally well, a cause that is missing "
    "from the log can make a search draw arrows that do not exist, and what a search assumes cannot be checked on the "
    "same rows. Accept an edge only where you can say how the one makes the other."
)

SEARCH_TITLES: Mapping[SearchMethod, str] = MappingProxyType(
    {"boss": "BOSS", "pc": "PC", "fci": "FCI", "lingam": "LiNGAM"}
)

SEARCH_USES: Mapping[SearchMethod, str] = MappingProxyType(
    {
        "boss": "Looks for the order of columns whose graph has the best score. A good first choice: the most accurate "
        "of the four where no common cause is missing from the log.",
        "pc": "Asks test after test whether two columns are independent given others. Take it to see what tests alone "
        "say; it too takes every common cause to be in the log.",
        "fci": "As PC, but allows for hidden common causes, and says where an arrow might be one. The cautious choice: "
        "fewer arrows, each resting on less.",
        "lingam": "Reads every direction from the shape of the noise. Take it only for numbers with straight-line "
        "effects and noise that is clearly not normal, such as times and counts; it knows no hidden causes.",
    }
)

_SIGNS: Mapping[str, str] = MappingProxyType(
    {"directed": "→", "bidirected": "↔", "partly directed": "o→", "undirected": "–"}
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "directed": "causes",
        "bidirected": "shares a hidden common cause with",
        "partly directed": "causes, or shares a hidden common cause with,",
        "undirected": "is joined, in a direction that the data does not tell, to",
    }
)


def proposal_headline(proposal: Proposal) -> str:
    """How many edges are proposed, by which search, and how many of them are stable."""
    edges = counted(len(proposal.edges), "edge")
    if not proposal.edges:
        return f"{SEARCH_TITLES[proposal.method]} finds no edge between the {len(proposal.names)} columns."
    start = f"{SEARCH_TITLES[proposal.method]} proposes {edges} between {len(proposal.names)} columns"
    if not proposal.resamples:
        return f"{start}; how stable they are was not asked."
    stable = sum((each.confidence or 0) >= SURE for each in proposal.edges)
    return (
        f"{start}; {stable} of them {'comes' if stable == 1 else 'come'} back in at least {percent(SURE)} of resamples."
    )


def searched_sentence(proposal: Proposal) -> str:
    """Which rows were searched, and how the confidence was had."""
    rows = f"{count(proposal.sampled)} rows drawn from " if proposal.sampled else ""
    sentence = f"Searched {rows}{counted(proposal.rows, 'row')} that are complete in these columns"
    if proposal.dropped:
        sentence += f"; {counted(proposal.dropped, 'row')} left out for a missing value"
    if proposal.resamples:
        sentence += (
            f". Confidence is the share of {proposal.resamples} searches on resampled rows that join the two again; it "
            "says how stable an edge is, not how true"
        )
    return f"{sentence}."


def edge_sentence(edge: ProposedEdge) -> str:
    """What is proposed, how stable it is, and how stable its direction."""
    claim = f"{short_name(edge.left)} {_KINDS[edge.kind]} {short_name(edge.right)}"
    if edge.required:
        return f"{claim}: required by you, so the data was not asked."
    if edge.confidence is None:
        return f"{claim}: proposed, and not tried on resampled rows."
    sentence = f"{claim}: joined again in {percent(edge.confidence)} of resamples"
    share = edge.orientation_share
    return f"{sentence}." if share is None else f"{sentence}, of these {percent(share)} in the same way."


def model_headline(edges: Sequence[SuggestedEdge], model: str) -> str:
    """How many arrows a language model suggests."""
    return f"{model} suggests {counted(len(edges), 'arrow')}, by the names of the columns alone."


def suggested_sentence(edge: SuggestedEdge, model: str) -> str:
    """What a language model suggests, why, and that the data was not asked."""
    reason = f": {edge.reason.rstrip('.')}" if edge.reason else ""
    claim = f"{short_name(edge.cause)} causes {short_name(edge.effect)}"
    return f"{claim}{reason}. Suggested by {model}; the data was not asked."


def suggested_rows(edges: Sequence[SuggestedEdge], graph: CausalGraph) -> list[dict[str, Any]]:
    """A table of what a language model suggests, one row per arrow, each beside what the drawn graph says."""
    return [
        {
            "cause": each.cause,
            "effect": each.effect,
            "reason": each.reason or "none",
            "in your graph": "yes" if (each.cause, each.effect) in graph.directed else "no",
        }
        for each in edges
    ]


def edge_rows(proposal: Proposal, graph: CausalGraph) -> list[dict[str, Any]]:
    """A table of what is proposed, one row per edge, each beside what the drawn graph says of the two."""
    return [
        {
            "left": each.left,
            "edge": _SIGNS[each.kind],
            "right": each.right,
            "confidence": each.confidence,
            "same way": each.orientation_share,
            "left to right": each.forward,
            "right to left": each.backward,
            "hidden cause": each.hidden,
            "undecided": each.undecided,
            "in your graph": _drawn(each, graph),
        }
        for each in proposal.edges
    ]


def unfound_sentence(proposal: Proposal, graph: CausalGraph) -> str:
    """The drawn edges between searched columns that the search does not join; empty where it joins them all."""
    joined = {frozenset((each.left, each.right)) for each in proposal.edges}
    edges = [(left, "→", right) for left, right in graph.directed]
    edges += [(left, "↔", right) for left, right in graph.bidirected]
    missing = [
        f"{short_name(left)} {sign} {short_name(right)}"
        for left, sign, right in edges
        if {left, right} <= set(proposal.names) and frozenset((left, right)) not in joined
    ]
    if not missing:
        return ""
    shown = ", ".join(missing[:_EDGES_SHOWN]) + (
        f" and {len(missing) - _EDGES_SHOWN} more" if len(missing) > _EDGES_SHOWN else ""
    )
    return f"Drawn, and not found by the search: {shown}. An effect may be too small to be found and still be there."


def _drawn(edge: ProposedEdge, graph: CausalGraph) -> str:
    left, right = edge.left, edge.right
    if left not in graph.nodes or right not in graph.nodes:
        return "not drawn"
    if right in graph.children(left):
        return "as proposed" if edge.kind == "directed" else "drawn →"
    if left in graph.children(right):
        return "the other way" if edge.kind in ("directed", "partly directed") else "drawn ←"
    if right in graph.siblings(left):
        return "as proposed" if edge.kind == "bidirected" else "as a hidden cause"
    return "not drawn"
