"""What is done to a variable: set, shifted, scaled or drawn at random; several at once make one intervention.

Set is Pearl's do(x); shift and scale act on the value that a unit would have had anyway, which makes them modified
treatment policies: Haneuse and Rotnitzky (2013), Statistics in Medicine 32: 5260-5277.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from causal.errors import OptionProblem
from causal.study import Level


@dataclass(frozen=True)
class Set:
    """Every unit has this value: a number, or a level."""

    value: Level

    def __post_init__(self) -> None:
        if not isinstance(self.value, str | int | float | bool) or (
            isinstance(self.value, float) and not math.isfinite(self.value)
        ):
            raise OptionProblem(f"Set takes one finite number or one level, not {self.value!r}.")


@dataclass(frozen=True)
class Shift:
    """Every unit has so much more than it would have had (less, if negative), in the column's own units."""

    amount: float

    def __post_init__(self) -> None:
        _require_number("Shift", self.amount)


@dataclass(frozen=True)
class Scale:
    """Every unit has so many times what it would have had."""

    factor: float

    def __post_init__(self) -> None:
        _require_number("Scale", self.factor)


@dataclass(frozen=True)
class Randomise:
    """Every unit has a value drawn from those of all units, whatever its causes: a randomised experiment."""


Change = Set | Shift | Scale | Randomise
Changes = Mapping[str, Change]

_KINDS: Mapping[str, type[Change]] = {"set": Set, "shift": Shift, "scale": Scale, "randomise": Randomise}


def changes_to_json(changes: Changes) -> dict[str, dict[str, Any]]:
    """Plain JSON values, one entry per variable; `changes_from_json` gives them back."""
    names = {kind: name for name, kind in _KINDS.items()}
    return {variable: {"kind": names[type(change)], **asdict(change)} for variable, change in sorted(changes.items())}


def changes_from_json(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Change]:
    """What `changes_to_json` wrote.

    Raises OptionProblem.
    """
    found: dict[str, Change] = {}
    for variable, entry in document.items():
        fields = dict(entry)
        kind = fields.pop("kind", None)
        if kind not in _KINDS:
            raise OptionProblem(f'The change of "{variable}" is {kind!r}, which is none of: {", ".join(_KINDS)}.')
        found[variable] = _KINDS[kind](**fields)
    return found


def require_changes(changes: Changes) -> None:
    """Refuse an intervention that changes nothing, or is no change at all.

    Raises OptionProblem.
    """
    if not changes:
        raise OptionProblem("Nothing is changed: name at least one variable and what becomes of it.")
    for variable, change in changes.items():
        if not isinstance(change, Set | Shift | Scale | Randomise):
            raise OptionProblem(
                f'"{variable}" is changed by {change!r}. Use causal.Set(value), causal.Shift(amount), '
                "causal.Scale(factor) or causal.Randomise()."
            )


def _require_number(what: str, given: Any) -> None:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise OptionProblem(f"{what} takes a finite number, not {given!r}.")
