"""Why a unit's prediction differs from the average, and why it gets its arm, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causal.wording.numbers import Binary, Scale, change_text, number, percent
from causal.wording.phrases import level_text, short_name
from causal.wording.policy import arm_label

if TYPE_CHECKING:
    from causal.effects.drivers import Drivers
    from causal.policies.policy import Policy

SLIGHT = 0.1
"""A driver with less than this share of the largest is not told."""

FEW = 0.5
"""Where the columns' parts account for less of the predictions than this, that is said."""


def scale_of(policy: Policy) -> Scale:
    """How the policy's outcome is told."""
    return Scale(policy.scores.outcome_is_binary, policy.spec.question.unit)


def drivers_text(drivers: Drivers, row: int, binary: Binary) -> str:
    """ "age is 34 (+0.5), region is north (−0.2)"; "" where nothing sets the unit's prediction apart."""
    found = drivers.of(row)
    return ", ".join(
        f"{short_name(each.column)} is {value_text(each.value)} ({change_text(each.part, binary, short=True)})"
        for each in found
        if abs(each.part) >= SLIGHT * abs(found[0].part)
    )


def value_text(value: Any) -> str:
    """A unit's own value: numbers to three digits."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | float | np.integer | np.floating):
        return number(float(value))
    return level_text(value)


def reason_text(policy: Policy, drivers: Drivers, row: int, gain: float, cost: float, binary: Binary) -> str:
    """Why a row's arm: what it is predicted to gain, what it would have to beat, and the drivers of that prediction.

    `gain` and `cost` are those of the row's subject (see `policies.drivers`).
    """
    place, arm = int(drivers.subject[row]), int(policy.arms[row])
    if arm < 0:
        return "no arm: a value that the models need is missing"
    if place < 0:
        return "there is no other arm"
    name, gained = arm_label(policy, policy.levels[place]), change_text(gain, binary)
    why = drivers_text(drivers, row, binary)
    because = f"; beside the average unit: {why}" if why else ""
    if arm != policy.control:
        return f"{name} is predicted to gain {gained}{because}"
    if policy.kind != "budget" or policy.limits:
        return f"{name}, the nearest other arm, is predicted to gain {gained}{because}"
    if gain <= 0:
        return f"the nearest other arm, {name}, is predicted to gain nothing ({gained}){because}"
    asked = change_text(policy.shadow_price * cost, binary)
    return f"{name} is predicted to gain {gained}, no more than the {asked} that its cost buys elsewhere{because}"


def reasons(policy: Policy, drivers: Drivers, binary: Binary, rows: Sequence[int] | None = None) -> list[str]:
    """`reason_text` of some rows of the policy's table (None: of all)."""
    from causal.policies.drivers import cost_of, gain_of

    gains, costs = gain_of(policy, drivers.subject), cost_of(policy, drivers.subject)
    return [
        reason_text(policy, drivers, row, float(gains[row]), float(costs[row]), binary)
        for row in (range(len(policy.arms)) if rows is None else rows)
    ]


def drivers_caption(drivers: Drivers) -> str:
    """What drivers are and are not, and how much of the predictions they tell."""
    told = f"They account for {percent(drivers.told, digits=2)} of how predicted gains differ between units"
    weak = "; the rest is how columns act together, so take them for a hint." if drivers.told < FEW else "."
    return (
        "Drivers say what a prediction rests on, each column beside the average unit; they are no causes, and columns "
        f"that go together share what one of them may do. {told}{weak}"
    )
