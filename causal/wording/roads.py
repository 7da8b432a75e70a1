"""Two roads to one what-if, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.numbers import Scale, change_text, interval, percent
from causal.wording.phrases import short_name
from causal.wording.what_if import Told

if TYPE_CHECKING:
    from causal.interventions.roads import Roads

_NAMES_SHOWN = 6


def roads_finding(told: Told, found: Roads) -> str:
    """Whether the graph's formula and the fitted model agree; or why there is no formula."""
    shares = told.level_told(told.node(found.variable)) is not None
    scale = Scale(shares, told.units.get(found.variable, ""))
    if found.formula is None or found.formula_interval is None:
        return f"One road only, the model's. {found.reason.removeprefix('By the model, because: ')}".strip()
    listed = [short_name(each) for each in found.adjusted_for[:_NAMES_SHOWN]]
    listed += [f"{len(found.adjusted_for) - _NAMES_SHOWN} more"] * (len(found.adjusted_for) > _NAMES_SHOWN)
    adjusted = f", adjusted for {', '.join(listed)}" if listed else ""
    formula = (
        f"the graph's own formula ({found.method}{adjusted}) gives {change_text(found.formula, scale)}, "
        f"{percent(found.confidence)} interval {interval(*found.formula_interval, scale)}; the model gives "
        f"{change_text(found.model, scale)}"
    )
    if found.agrees:
        return f"Two roads agree: {formula}."
    return (
        f"Two roads part: {formula}. If the graph is right, a mechanism of the model is not; for the mean, take the "
        "formula, which rests on fewer models."
    )
