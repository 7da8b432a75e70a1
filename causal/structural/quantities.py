"""The numbers of a fit that a person reads, as functions of its free parameters: for refits and posterior draws.

Free coefficients as they are and standardised, parameters defined by formulas, indirect and total effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from causal.structural import solution
from causal.structural.implied import Implied, Layout, implied
from causal.structural.model import SemModel

QuantityKind = Literal["coefficient", "standardised", "defined", "indirect", "total"]


@dataclass(frozen=True)
class Quantity:
    """One number: `name` as lavaan spells it, or "cause → effect" of an effect; `kind` what of it."""

    name: str
    group: int
    kind: QuantityKind


Row = TypeVar("Row", bound=Quantity)


def row_of(rows: Sequence[Row], name: str, kind: QuantityKind, group: int) -> Row:
    """What the rows say of one of the numbers. Raises KeyError."""
    for each in rows:
        if (each.name, each.kind, each.group) == (name, kind, group):
            return each
    raise KeyError(name)


def quantities(model: SemModel, layouts: Sequence[Layout]) -> tuple[Quantity, ...]:
    """What `values_of` gives, in its order."""
    found = [Quantity(each.name, each.group, "coefficient") for each in model.parameters if each.free is not None]
    found += [
        Quantity(each.name, each.group, "standardised")
        for each in model.parameters
        if each.free is not None and each.operator in ("=~", "~")
    ]
    found += [Quantity(f"{each.name} := {each.written}", 0, "defined") for each in model.defined]
    pairs, _ = solution.effects(model, layouts)
    found += [Quantity(f"{cause} → {effect}", group, "indirect") for group, cause, effect in pairs]
    found += [Quantity(f"{cause} → {effect}", group, "total") for group, cause, effect in pairs]
    return tuple(found)


def values_of(model: SemModel, layouts: Sequence[Layout], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each of `quantities` at theta."""
    place = {name: at for at, name in enumerate(model.variables)}
    points = [implied(layout, theta) for layout in layouts]
    free = [each for each in model.parameters if each.free is not None]
    standard = [
        solution.standardised_value(each, points[each.group], place, theta)
        for each in free
        if each.operator in ("=~", "~")
    ]
    pairs, effects = solution.effects(model, layouts)
    reached = effects(theta)[len(pairs) :] if pairs else np.zeros(0)
    return np.array([*(theta[each.free] for each in free), *standard, *_defined(model, points, theta), *reached])


def _defined(model: SemModel, points: Sequence[Implied], theta: NDArray[np.float64]) -> list[float]:
    place = {name: at for at, name in enumerate(model.variables)}
    labelled: dict[str, float] = {}
    for each in model.parameters:
        if each.label:
            labelled.setdefault(each.label, float(solution.coefficient(each, points[each.group], place, theta)))
    made = []
    for defined in model.defined:
        labelled[defined.name] = defined.value(labelled)
        made.append(labelled[defined.name])
    return made
