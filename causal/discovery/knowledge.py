"""What a person knows before the data is asked: what came first, which arrows cannot be, which must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from causal.errors import GraphError, UnknownColumn
from causal.graphs.causal_graph import CausalGraph, Edge, Role

_TIER_OF_ROLE: Mapping[Role, int] = {"instrument": 0, "confounder": 0, "treatment": 1, "mediator": 2, "outcome": 3}


@dataclass(frozen=True)
class Knowledge:
    """`tiers`: groups of columns in the order of time, nothing causing what came before it (columns may be left out);
    `forbidden`: arrows, as (cause, effect), that are none; `required`: arrows that are.
    """

    tiers: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[Edge, ...] = ()
    required: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiers", tuple(tuple(each) for each in self.tiers))
        for name in ("forbidden", "required"):
            object.__setattr__(self, name, tuple((cause, effect) for cause, effect in getattr(self, name)))
        _refuse_two_tiers(self.tiers)
        CausalGraph.from_edges(self.required)  # refuses circles
        for cause, effect in self.required:
            if self.forbids(cause, effect):
                raise GraphError(
                    f'The arrow from "{cause}" to "{effect}" is required and forbidden at once. Drop one of the two, '
                    f'or move "{cause}" to a tier that is not after that of "{effect}".'
                )

    @cached_property
    def tier_of(self) -> Mapping[str, int]:
        """The number of each column's tier."""
        return {name: place for place, tier in enumerate(self.tiers) for name in tier}

    @property
    def names(self) -> frozenset[str]:
        """Every column that something is known of."""
        pairs = (*self.forbidden, *self.required)
        return frozenset(self.tier_of) | {name for pair in pairs for name in pair}

    def forbids(self, cause: str, effect: str) -> bool:
        """Whether the arrow cannot be: forbidden itself, against time, or against a required one."""
        if (cause, effect) in self.forbidden or (effect, cause) in self.required:
            return True
        tiers = self.tier_of
        return cause in tiers and effect in tiers and tiers[cause] > tiers[effect]

    def requires(self, left: str, right: str) -> bool:
        """Whether the arrow from left to right must be."""
        return (left, right) in self.required


def knowledge_from_roles(roles: Iterable[tuple[str, Role]]) -> Knowledge:
    """What the roles of a graph say: confounders and instruments before treatments before mediators before outcomes.

    Instruments act on outcomes through the treatment only. Roles that say nothing of time put a column in no tier.
    """
    listed = tuple(roles)
    tiers = [tuple(name for name, role in listed if _TIER_OF_ROLE.get(role) == place) for place in range(4)]
    instruments, outcomes = _with(listed, "instrument"), _with(listed, "outcome")
    return Knowledge(
        tiers=tuple(tier for tier in tiers if tier),
        forbidden=tuple((instrument, outcome) for instrument in instruments for outcome in outcomes),
    )


def check_names(knowledge: Knowledge, names: Sequence[str]) -> None:
    """Raises UnknownColumn where something is known of a column that is not among the names."""
    for name in sorted(knowledge.names):
        if name not in names:
            raise UnknownColumn.named(name, names)


def _with(roles: Sequence[tuple[str, Role]], wanted: Role) -> list[str]:
    return [name for name, role in roles if role == wanted]


def _refuse_two_tiers(tiers: tuple[tuple[str, ...], ...]) -> None:
    seen: set[str] = set()
    for name in (name for tier in tiers for name in tier):
        if name in seen:
            raise GraphError(f'"{name}" stands in two tiers of time. Leave it in one.')
        seen.add(name)
