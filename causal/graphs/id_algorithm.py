"""The complete identification algorithm: P(outcome | do(treatment)) from what is observed, or a hedge.

Shpitser and Pearl (2006), "Identification of joint interventional distributions in recursive semi-Markovian causal
models", in the form by c-factors of Tian and Pearl (2002) and Huang and Valtorta (2006), which needs no recursion:
Q[T] stands for the distribution of T when everything else is set by intervention.
"""

from __future__ import annotations

from dataclasses import dataclass

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import Expression, Probability, Ratio, product_of, sum_of
from causal.graphs.projection import Projection, districts, latent_projection
from causal.graphs.separation import Names


@dataclass(frozen=True)
class Hedge:
    """Why an effect cannot be identified: `outer` and `inner` are each held together by hidden common causes, end in
    the same variables, and only `outer` contains the treatment.
    """

    outer: frozenset[str]
    inner: frozenset[str]


_Chain = dict[str, Expression]
"""Q[T] as one conditional probability per variable of T, in topological order; their product is Q[T]."""


def identify_distribution(graph: CausalGraph, treatment: Names, outcome: Names) -> Expression | Hedge:
    """P(outcome | do(treatment)) in observed probabilities, or the hedge where there is none; raises UnknownNode.

    Latent variables are projected out first.
    """
    treatments = frozenset(graph.known_names(treatment))
    outcomes = frozenset(graph.known_names(outcome))
    projection = latent_projection(graph, graph.ancestors_and_self(outcomes))
    everything = frozenset(projection.order)
    relevant = projection.ancestors_within(outcomes, everything - treatments)
    factors = []
    for part in districts(projection.siblings_of, relevant):
        factor = _identify_part(projection, part, everything)
        if isinstance(factor, Hedge):
            return factor
        factors.append(factor)
    return sum_of(tuple(relevant - outcomes), product_of(factors))


def _identify_part(projection: Projection, part: frozenset[str], everything: frozenset[str]) -> Expression | Hedge:
    """Q[part] from the c-factor of the district that contains it (Huang and Valtorta, algorithm Identify)."""
    around = _district_of(projection, part, everything)
    chain = _observed_chain(projection, around)
    while True:
        causes = projection.ancestors_within(part, around)
        if causes == part:
            return _summed(chain, around - part)
        if causes == around:
            return Hedge(around, part)
        reduced = _marginal_chain(chain, around - causes)
        around = _district_of(projection, part, causes)
        chain = {name: factor for name, factor in reduced.items() if name in around}


def _district_of(projection: Projection, part: frozenset[str], within: frozenset[str]) -> frozenset[str]:
    return next(each for each in districts(projection.siblings_of, within) if part <= each)


def _observed_chain(projection: Projection, district: frozenset[str]) -> _Chain:
    """Q[district] from observed conditionals, each given only what the graph lets it depend on."""
    chain: _Chain = {}
    before: set[str] = set()
    for name in projection.order:
        before.add(name)
        if name in district:
            tied = next(each for each in districts(projection.siblings_of, frozenset(before)) if name in each)
            given = tied.union(*(projection.parents_of[member] for member in tied)) - {name}
            chain[name] = Probability((name,), tuple(sorted(given)))
    return chain


def _marginal_chain(chain: _Chain, dropped: frozenset[str]) -> _Chain:
    """The chain of the variables that remain once `dropped` are summed out."""
    kept, over = _without_silent(chain, dropped)
    if not over:
        return kept
    names = [name for name in chain if name not in dropped]
    result: _Chain = {}
    for position, name in enumerate(names):
        later = frozenset(names[position + 1 :]) | dropped
        numerator = _summed(chain, later)
        result[name] = Ratio(numerator, _summed(chain, later | {name})) if position else numerator
    return result


def _summed(chain: _Chain, over: frozenset[str]) -> Expression:
    kept, remaining = _without_silent(chain, over)
    return sum_of(tuple(remaining), product_of(tuple(kept.values())))


def _without_silent(chain: _Chain, over: frozenset[str]) -> tuple[_Chain, frozenset[str]]:
    """The chain without the factors that sum to one, and what is still to be summed over."""
    kept = dict(chain)
    for name in [each for each in reversed(chain) if each in over]:
        if not any(name in factor.free for other, factor in kept.items() if other != name):
            del kept[name]
    return kept, over & frozenset(kept)
