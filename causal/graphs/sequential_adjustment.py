"""What to adjust for where several variables are changed one after the other, each given all that came before it.

The sequential back-door criterion: Pearl and Robins (1995), "Probabilistic evaluation of sequential plans from causal
models with hidden variables", UAI 11: 444-453. It serves where no single set does, as what one change moves may have
to be adjusted for at the next. A change that builds on the value a variable would have had anyway needs that value to
be told as the outcome is: Díaz, Williams, Hoffman and Schenck (2023), JASA 118: 846-857, assumption 2.
"""

from __future__ import annotations

from collections.abc import Iterable

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.hedges import listed
from causal.graphs.separators import separation_network, smallest_separator
from causal.graphs.surgery import without_arrows_from, without_arrows_into


def sequential_sets(
    graph: CausalGraph, changed: Iterable[str], outcome: str, natural: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Of each changed variable, in causal order, what has to be adjusted for beside all that stands before it.

    `natural` are those whose change builds on their own value. The graph's forced variables are adjusted for from the
    first on. Raises NotIdentified, naming the variable that nothing serves, and UnknownNode.
    """
    wanted, own = set(graph.known_names(tuple(changed))), set(natural)
    order = [name for name in graph.topological_order if name in wanted]
    if graph.selected:
        raise NotIdentified(
            f"Which rows are in the log depends on {listed(graph.selected)}, and changing several variables needs a "
            "log of all rows."
        )
    held, found = set(graph.forced), dict[str, tuple[str, ...]]()
    for place, name in enumerate(order):
        later = order[place + 1 :]
        cut = without_arrows_from(without_arrows_into(graph, set(later) - own), {name})
        after = frozenset[str]().union(*(graph.descendants_and_self(each) for each in order[place:]))
        if held & after:
            raise NotIdentified(f"{listed(frozenset(held & after))} follows from a change, so it cannot be held fixed.")
        allowed = graph.observed - after - wanted - {outcome} - held
        always = frozenset(held | set(order[:place]))
        network = separation_network(cut, {name}, {outcome} | (set(later) & own), frozenset(allowed), always)
        if network is None:
            raise NotIdentified(
                f"No set of observed columns serves {listed(order)}, neither at once nor one after the other: what "
                f'"{name}" shares with what comes after it is not all observed.'
            )
        own_set = smallest_separator(network)
        found[name] = tuple(sorted((own_set - always) | (set(graph.forced) if place == 0 else set())))
        held |= own_set - set(order)
    return found
