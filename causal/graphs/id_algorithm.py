"""The complete identification algorithm: P(outcome | do(treatment)) from what is observed, or a hedge.

Shpitser and Pearl (2006), "Identification of joint interventional distributions in recursive semi-Markovian causal
models", in the form by c-factors of Tian and Pearl (2002) and Huang and Valtorta (2006), which needs no recursion:
Q[T] stands for the distribution of T when everything else is set by intervention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causal.errors import NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import Expression, Probability, product_of, ratio_of, sum_of
from causal.graphs.projection import Projection, districts, latent_projection
from causal.graphs.separation import Names


@dataclass(frozen=True)
class Hedge:
    """Why an effect cannot be identified: `outer` and `inner` are each held together by hidden common causes, end in
    the same variables, and only `outer` contains the treatment.
    """

    outer: frozenset[str]
    inner: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """A step towards the response of a set of variables: how `members` respond when their causes are set.

    "chain": their district as it is observed; "margin": the effects among them summed out; "district": what hidden
    common causes still hold together of them.
    """

    kind: Literal["chain", "margin", "district"]
    members: frozenset[str]
    expression: Expression


_Chain = dict[str, Expression]
"""Q[T] as one conditional probability per variable of T, in topological order; their product is Q[T]."""


def identify_distribution(graph: CausalGraph, treatment: Names, outcome: Names) -> Expression | Hedge:
    """P(outcome | do(treatment)) in observed probabilities, or the hedge where there is none.

    Latent variables are projected out first. Raises UnknownNode, and NotIdentified where one that is asked about is
    latent.
    """
    treatments = frozenset(graph.known_names(treatment))
    outcomes = frozenset(graph.known_names(outcome))
    for name in sorted((treatments | outcomes) & graph.latent):
        raise NotIdentified(f'"{name}" is unobserved: ask about variables that the log holds.')
    projection = latent_projection(graph, graph.ancestors_and_self(outcomes))
    everything = frozenset(projection.order)
    relevant = projection.ancestors_within(outcomes, everything - treatments)
    factors = []
    for part in districts(projection.siblings_of, relevant):
        stages = stages_of(projection, part)
        if isinstance(stages, Hedge):
            return stages
        factors.append(stages[-1].expression)
    return sum_of(tuple(relevant - outcomes), product_of(factors))


def stages_of(projection: Projection, part: frozenset[str]) -> tuple[Stage, ...] | Hedge:
    """How Q[part] follows from the district that contains it (Huang and Valtorta, algorithm Identify), or the hedge.

    `part` is held together by hidden common causes; the last stage is Q[part].
    """
    around = _district_of(projection, part, frozenset(projection.order))
    chain = _observed_chain(projection, around)
    stages = [Stage("chain", around, product_of(tuple(chain.values())))]
    while around != part:
        causes = projection.ancestors_within(part, around)
        if causes == part:
            stages.append(Stage("margin", part, _summed(chain, around - part)))
            break
        if causes == around:
            return Hedge(around, part)
        chain = _marginal_chain(chain, around - causes)
        stages.append(Stage("margin", causes, product_of(tuple(chain.values()))))
        around = _district_of(projection, part, causes)
        if around != causes:
            chain = {name: factor for name, factor in chain.items() if name in around}
            stages.append(Stage("district", around, product_of(tuple(chain.values()))))
    return tuple(stages)


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
        result[name] = ratio_of(numerator, _summed(chain, later | {name})) if position else numerator
    return result


def _summed(chain: _Chain, over: frozenset[str]) -> Expression:
    kept, remaining = _without_silent(chain, over)
    return product_of(
        [
            *(factor for factor in kept.values() if not factor.free & remaining),
            *_sums(tuple(remaining), [factor for factor in kept.values() if factor.free & remaining]),
        ]
    )


def _sums(over: tuple[str, ...], factors: list[Expression]) -> tuple[Expression, ...]:
    return (sum_of(over, product_of(factors)),) if factors else ()


def _without_silent(chain: _Chain, over: frozenset[str]) -> tuple[_Chain, frozenset[str]]:
    """The chain without the factors that sum to one, and what is still to be summed over."""
    kept = dict(chain)
    for name in [each for each in reversed(chain) if each in over]:
        if not any(name in factor.free for other, factor in kept.items() if other != name):
            del kept[name]
    return kept, over & frozenset(kept)
