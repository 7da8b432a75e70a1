"""Sets of variables to adjust for, so that comparing the treated with the untreated shows the effect.

The adjustment criterion and its minimal sets: van der Zander, Liśkiewicz and Textor (2014; 2019), "Separators and
adjustment sets in causal graphs: complete criteria and an algorithmic framework". The set of smallest variance:
Henckel, Perković and Maathuis (2022), "Graphical criteria for efficient total effect estimation via adjustment in
causal linear models". What counts as a set is what counts for DAGitty. Variables whose role is "selected" are held
fixed by the log itself, so they are always conditioned on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Literal, get_args

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph, reachable_along
from causal.graphs.paths import open_path, read_path
from causal.graphs.separation import Names, is_separated
from causal.graphs.separators import Network, minimal_separators, separation_network, smallest_separator

Effect = Literal["total", "direct"]


def adjustment_sets(
    graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect = "total", limit: int | None = None
) -> list[frozenset[str]]:
    """Every minimal set to adjust for, smallest first, each with the forced variables; at most `limit` of them.

    [] where no set exists, [frozenset()] where nothing is needed. There may be exponentially many: pass a limit, or
    take them one by one from `each_adjustment_set`. "direct" blocks every path but the arrow treatment → outcome.
    Raises UnknownNode, or GraphError for another effect.
    """
    found = islice(each_adjustment_set(graph, treatment, outcome, effect), limit)
    return sorted(found, key=lambda names: (len(names), sorted(names)))


def each_adjustment_set(
    graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect = "total"
) -> Iterator[frozenset[str]]:
    """The minimal sets one by one, with polynomial delay, small ones tending to come first."""
    network, forced = _network(graph, treatment, outcome, effect)
    if network is None:
        return
    for separator in minimal_separators(network):
        yield separator | forced


def smallest_adjustment_set(
    graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect = "total"
) -> frozenset[str] | None:
    """The set with the fewest variables, of several the first in alphabetical order; None where no set exists."""
    network, forced = _network(graph, treatment, outcome, effect)
    return None if network is None else smallest_separator(network) | forced


def is_adjustment_set(
    graph: CausalGraph, treatment: Names, outcome: Names, names: Iterable[str], effect: Effect = "total"
) -> bool:
    """Whether adjusting for exactly these variables gives the effect; raises UnknownNode."""
    ends = _ends(graph, treatment, outcome)
    chosen = frozenset(graph.known_names(tuple(names)))
    if chosen & (graph.latent | ends[0] | ends[1]):
        return False
    if _held_wrongly(graph, ends, chosen, effect):
        return False
    return is_separated(graph_without_effect(graph, *ends, effect), ends[0], ends[1], chosen | graph.selected)


def canonical_adjustment_set(graph: CausalGraph, treatment: Names, outcome: Names) -> frozenset[str] | None:
    """All that may be adjusted for among the causes of treatment, outcome and forced variables; None if that fails.

    It fails only where every set fails.
    """
    chosen = largest_candidate(graph, treatment, outcome)
    return chosen if is_adjustment_set(graph, treatment, outcome, chosen) else None


def largest_candidate(graph: CausalGraph, treatment: Names, outcome: Names) -> frozenset[str]:
    """The set that identifies the effect by adjustment if any does: the path it leaves open is the obstacle."""
    ends = _ends(graph, treatment, outcome)
    forced = graph.forced - ends[0] - ends[1]
    causes = graph.ancestors_and_self(ends[0] | ends[1] | forced | graph.selected)
    allowed = graph.observed - ends[0] - ends[1] - graph.selected - forbidden_variables(graph, *ends)
    return (causes & allowed) | forced


def optimal_adjustment_set(graph: CausalGraph, treatment: Names, outcome: Names) -> frozenset[str] | None:
    """The set with the smallest asymptotic variance of linear adjustment, forced variables added.

    The causes of the variables on causal paths, without those paths' own descendants and the treatment. None where
    something is unobserved (then no set need be best) or where the set does not identify the effect.
    """
    if graph.latent or graph.bidirected:
        return None
    ends = _ends(graph, treatment, outcome)
    on_paths = causal_path_variables(graph, *ends)
    causes = frozenset[str]().union(*(graph.parents_of[name] for name in on_paths))
    kept = causes - forbidden_variables(graph, *ends) - ends[0] - ends[1] - graph.selected
    chosen = kept | (graph.forced - ends[0] - ends[1])
    return chosen if is_adjustment_set(graph, *ends, chosen) else None


def why_not(graph: CausalGraph, treatment: Names, outcome: Names, names: Iterable[str]) -> str | None:
    """One sentence on why adjusting for exactly these variables does not give the total effect; None if it does."""
    ends = _ends(graph, treatment, outcome)
    chosen = frozenset(graph.known_names(tuple(names)))
    if is_adjustment_set(graph, *ends, chosen):
        return None
    return (
        _unusable(graph, ends, chosen)
        or _blocks_effect(graph, ends, chosen)
        or _selected_by_effect(graph, ends)
        or _left_open(graph, ends, chosen)
    )


def causal_path_variables(graph: CausalGraph, treatment: Names, outcome: Names) -> frozenset[str]:
    """The variables after the treatment on directed paths that meet the treatment once, the outcome included."""
    return _causal_path_variables(graph, *_ends(graph, treatment, outcome))


def forbidden_variables(graph: CausalGraph, treatment: Names, outcome: Names) -> frozenset[str]:
    """The variables on causal paths and all their descendants: adjusting for one removes or distorts the effect."""
    return graph.descendants_and_self(causal_path_variables(graph, treatment, outcome))


def effect_source(graph: CausalGraph, treatment: Names, outcome: Names, name: str) -> str:
    """The outcome or the mediator that a forbidden variable off the causal paths comes from, in words."""
    _, outcomes = _ends(graph, treatment, outcome)
    causes = graph.ancestors(name)
    if outcomes & causes:
        return f'the outcome "{min(outcomes & causes)}"'
    return f'the mediator "{min(causal_path_variables(graph, treatment, outcome) & causes)}"'


def graph_without_effect(graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect = "total") -> CausalGraph:
    """The graph without the first arrow of each causal path (total), or without treatment → outcome (direct)."""
    return _graph_without_effect(graph, *_ends(graph, treatment, outcome), effect)


_Ends = tuple[frozenset[str], frozenset[str]]


def _ends(graph: CausalGraph, treatment: Names, outcome: Names) -> _Ends:
    starts = frozenset(graph.known_names(treatment))
    ends = frozenset(graph.known_names(outcome))
    if not starts or not ends:
        raise GraphError("An effect needs a treatment and an outcome: choose both.")
    if starts & ends:
        raise GraphError(f'"{min(starts & ends)}" cannot be the treatment and the outcome at once: choose another.')
    return starts, ends


@lru_cache(maxsize=64)  # advice on a hundred variables asks for the same one some hundreds of times
def _causal_path_variables(graph: CausalGraph, starts: frozenset[str], ends: frozenset[str]) -> frozenset[str]:
    ahead = {name: graph.children_of[name] - starts for name in graph.nodes}
    behind = {name: graph.parents_of[name] - starts for name in graph.nodes}
    return (reachable_along(ahead, starts) & reachable_along(behind, ends)) - starts


@lru_cache(maxsize=64)
def _graph_without_effect(
    graph: CausalGraph, starts: frozenset[str], ends: frozenset[str], effect: Effect
) -> CausalGraph:
    first = causal_path_variables(graph, starts, ends) if effect == "total" else ends
    kept = tuple(edge for edge in graph.directed if not (edge[0] in starts and edge[1] in first))
    return replace(graph, directed=kept)


def _network(
    graph: CausalGraph, treatment: Names, outcome: Names, effect: Effect
) -> tuple[Network | None, frozenset[str]]:
    if effect not in get_args(Effect):
        raise GraphError(f'The effect "{effect}" is neither "total" nor "direct".')
    ends = _ends(graph, treatment, outcome)
    forced = graph.forced - ends[0] - ends[1]
    if _held_wrongly(graph, ends, forced, effect):
        return None, forced
    barred = _barred(graph, ends, effect) | graph.selected
    network = separation_network(
        graph_without_effect(graph, *ends, effect),
        *ends,
        allowed=graph.observed - barred,
        always=forced | graph.selected,
    )
    return network, forced


def _held_wrongly(graph: CausalGraph, ends: _Ends, chosen: frozenset[str], effect: Effect) -> bool:
    """Whether something held fixed is an effect of what is asked, or is the question's own variable."""
    barred = _barred(graph, ends, effect)
    selected_wrongly = graph.selected & (ends[0] | ends[1] | (barred if effect == "total" else frozenset()))
    return bool(chosen & barred or selected_wrongly)


def _barred(graph: CausalGraph, ends: _Ends, effect: Effect) -> frozenset[str]:
    if effect == "total":
        return forbidden_variables(graph, *ends)
    return graph.descendants_and_self(graph.descendants_and_self(ends[0]) & ends[1])


def _unusable(graph: CausalGraph, ends: _Ends, chosen: frozenset[str]) -> str | None:
    for name in sorted(chosen & (ends[0] | ends[1])):
        return f'"{name}" is part of the question itself, so it cannot be adjusted for.'
    for name in sorted(chosen & graph.latent):
        return f'"{name}" is unobserved, so it cannot be adjusted for.'
    return None


def _blocks_effect(graph: CausalGraph, ends: _Ends, chosen: frozenset[str]) -> str | None:
    on_paths = causal_path_variables(graph, *ends)
    for name in sorted(chosen & on_paths):
        return f'"{name}" lies on a causal path: adjusting for it removes a part of the effect.'
    for name in sorted(chosen & forbidden_variables(graph, *ends)):
        source = effect_source(graph, *ends, name)
        return f'"{name}" is an effect of {source}: adjusting for it distorts the effect.'
    return None


def _selected_by_effect(graph: CausalGraph, ends: _Ends) -> str | None:
    for name in sorted(graph.selected & (ends[0] | forbidden_variables(graph, *ends))):
        return f'"{name}" decides which rows are in the log, and it is an effect of what is asked: no set mends that.'
    return None


def _left_open(graph: CausalGraph, ends: _Ends, chosen: frozenset[str]) -> str:
    remaining = graph_without_effect(graph, *ends)
    held = chosen | graph.selected
    path = open_path(remaining, ends[0], ends[1], held)
    if path is None:
        return "The effect does not follow from these variables."
    opened = [name for name in path.colliders if graph.descendants_and_self(name) & chosen]
    if opened:
        openers = graph.descendants_and_self(opened[0]) & chosen
        other = open_path(remaining, ends[0], ends[1], held - openers)
        if other is None:
            return f'Adjusting for "{min(openers)}" opens the path {path.text}, which was closed.'
        if not read_path(remaining, other, held).open:
            without = " and ".join(f'"{name}"' for name in sorted(openers))
            return (
                f"Without adjusting for {without} the path {other.text} is open; adjusting for {without} opens the "
                f"path {path.text}."
            )
        path = other
    return f"The path {path.text} stays open and mixes its association with the effect."
