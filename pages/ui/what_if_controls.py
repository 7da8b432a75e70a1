"""Between a structural model and the canvas: what each variable can be set to, and what a card says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import Change, Changes, Randomise, Scale, Set, Shift
from causal.interventions.today import usual_values
from causal.wording import what_if as wording

STEPS = 100
"""About so many stops from one end of a slider to the other."""

FARTHEST = 1_000_000.0
"""A number that is typed is taken up to so many times the largest one seen: beyond that, arithmetic gives out."""

SCALE = {"min": 0.0, "max": 2.0, "step": 0.05, "start": 1.0}
NOT_IN_THE_MODEL = "Not recorded, so it cannot be set."


def node_infos(graph: CausalGraph, model: Any, told: wording.Told) -> dict[str, dict[str, Any]]:
    """What the canvas is told of each variable drawn, as `what_if_canvas` takes it."""
    return {
        name: card(told, name, _control(model, model.node(name))) if name in model.names else _unrecorded(name)
        for name in graph.nodes
    }


def to_canvas(model: Any, changes: Changes) -> dict[str, dict[str, Any]]:
    """The changes as the canvas has them: levels by their place. `model`: whatever has `nodes` of a kind and levels."""
    known = {each.name: each for each in model.nodes}
    return {name: _to_canvas(known[name], change) for name, change in changes.items()}


def from_canvas(model: Any, told: Mapping[str, Mapping[str, Any]]) -> dict[str, Change]:
    """The changes that the canvas told, causes first; one that makes no sense here is left out."""
    found = {}
    for each in model.nodes:
        column = model.columns[each.name]
        if each.name in told:
            found[each.name] = change_told(each, told[each.name], max(abs(column.lowest), abs(column.highest)))
    return {name: change for name, change in found.items() if change is not None}


def by_levels(node: Any) -> bool:
    """Whether a variable is set to one of its levels, not to a number."""
    return node.kind in ("binary", "category")


def card(told: wording.Told, name: str, control: Mapping[str, Any] | None, note: str = "") -> dict[str, Any]:
    """What the canvas is told of one variable that can be changed by `control`; None: not, as `note` says."""
    before, after, shift = wording.value_texts(told, name)
    change = told.changes.get(name)
    return {
        "before": before,
        "after": after,
        "shift": shift,
        "direction": wording.direction(told, name),
        "spoken": wording.spoken(told, name),
        "change": None if change is None else wording.done(change, told.units.get(name, "")),
        "control": control,
        "note": note,
    }


def _unrecorded(name: str) -> dict[str, Any]:
    return {
        "before": "not recorded",
        "after": None,
        "shift": None,
        "direction": 0,
        "spoken": f"{name}: {NOT_IN_THE_MODEL}",
        "change": None,
        "control": None,
        "note": NOT_IN_THE_MODEL,
    }


def _control(model: Any, node: Any) -> dict[str, Any]:
    if by_levels(node):
        levels = [{"label": str(each)} for each in node.levels]
        return {"levels": levels, "start": len(levels) - 1, "modes": {"set": {}, "randomise": {}}}
    return quantity_control(*usual_values(model, node.name), model.columns[node.name].centre, node.kind == "ordered")


def quantity_control(low: float, high: float, mean: float, whole: bool = False) -> dict[str, Any]:
    """The control of a quantity that usually lies between `low` and `high`; `whole`: by whole numbers alone."""
    if not high > low:
        low, high = low - 1.0, high + 1.0
    step = _round_step((high - low) / STEPS, whole=whole)
    low, high = _on_grid(math.floor(low / step), step), _on_grid(math.ceil(high / step), step)
    reach = _on_grid(max(round((high - low) / 2 / step), 1), step)
    return {
        "modes": {
            "set": {"min": low, "max": high, "step": step, "start": _on_grid(round(mean / step), step)},
            "shift": {"min": -reach, "max": reach, "step": step, "start": 0.0},
            "scale": SCALE,
            "randomise": {},
        }
    }


def _on_grid(steps: int, step: float) -> float:
    """So many steps, without the dust of binary fractions."""
    return float(f"{steps * step:.12g}")


def _round_step(least: float, whole: bool) -> float:
    """The next larger of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= least * (1 - 1e-9))
    return max(step, 1.0) if whole else step


def _to_canvas(node: Any, change: Change) -> dict[str, Any]:
    match change:
        case Set(value) if by_levels(node):
            places = [place for place, level in enumerate(node.levels) if str(level) == str(value)]
            return {"do": "set", "level": places[0] if places else 0}
        case Set(value):
            return {"do": "set", "value": float(value)}
        case Shift(amount):
            return {"do": "shift", "value": amount}
        case Scale(factor):
            return {"do": "scale", "value": factor}
        case _:
            return {"do": "randomise"}


def change_told(node: Any, told: Mapping[str, Any], largest: float) -> Change | None:
    """One change that the canvas told, of a variable whose values are as large as `largest`; None for no sense."""
    if told["do"] == "randomise":
        return Randomise()
    if by_levels(node):
        place = told.get("level")
        known = isinstance(place, int) and 0 <= place < len(node.levels)
        return Set(node.levels[place]) if told["do"] == "set" and known else None
    value = told.get("value")
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    reach = FARTHEST * max(largest, 1.0)
    if told["do"] == "scale":
        return Scale(min(max(float(value), -FARTHEST), FARTHEST))
    return {"set": Set, "shift": Shift}[told["do"]](min(max(float(value), -reach), reach))
