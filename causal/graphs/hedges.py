"""Why no formula gives an effect: the hedge, in words.

Shpitser and Pearl (2006), "Identification of joint interventional distributions in recursive semi-Markovian causal
models": an effect is identifiable if and only if the graph holds no hedge for it.
"""

from __future__ import annotations

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.graphs.projection import latent_projection
from causal.graphs.separation import Names

LINKS_SHOWN = 6


def hedge_of(graph: CausalGraph, treatment: Names, outcome: Names) -> Hedge | None:
    """The hedge that keeps the effect from being identified, or None where a formula exists; raises UnknownNode."""
    found = identify_distribution(graph, treatment, outcome)
    return found if isinstance(found, Hedge) else None


def hedge_in_words(graph: CausalGraph, hedge: Hedge) -> str:
    """One sentence that names both sets of the hedge, what holds them together, and what follows."""
    links = _links(graph, hedge)
    named = ", ".join(links[:LINKS_SHOWN]) + (", …" if len(links) > LINKS_SHOWN else "")
    kept = (
        f"and {listed(hedge.inner)} among themselves" if len(hedge.inner) > 1 else f"{listed(hedge.inner)} among them"
    )
    return (
        f"Hidden common causes ({named}) hold {listed(hedge.outer)} together, {kept}, so two worlds that agree in "
        "every recorded column can differ in the effect (a hedge)."
    )


def listed(names: frozenset[str] | tuple[str, ...] | list[str]) -> str:
    """The names in quotation marks, in order, as a sentence lists them."""
    quoted = [f'"{name}"' for name in sorted(names)]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


def _links(graph: CausalGraph, hedge: Hedge) -> list[str]:
    """The hidden common causes within the larger set, those of latent variables included."""
    siblings = latent_projection(graph).siblings_of
    return [
        f"{left} ↔ {right}"
        for left in sorted(hedge.outer)
        for right in sorted(siblings[left] & hedge.outer)
        if left < right
    ]
