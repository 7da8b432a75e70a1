"""A policy and what it is worth, as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from causal.wording.numbers import Binary, change_text, count, counted, interval, number, percent
from causal.wording.phrases import level_text, needs_its_column, short_name

if TYPE_CHECKING:
    from causal.policies.policy import Policy
    from causal.policies.value import Compared, PolicyValue


def arm_label(policy: Policy, level: object) -> str:
    """ "mail", or "treatment at 1" where the level is a number or a flag."""
    if needs_its_column(level):
        return f"{short_name(policy.spec.question.treatment)} at {level_text(level)}"
    return level_text(level)


def policy_finding(policy: Policy, binary: Binary) -> str:
    """What it gains on today's arms, and for what money."""
    outcome, gained = short_name(policy.spec.question.outcome), policy.value.gains["today"]
    low, high = gained.interval()
    spread = f"{change_text(gained.value, binary)} per unit on today, {percent(gained.confidence)} interval "
    spread += interval(low, high, binary)
    money = f"Spending {number(policy.spent)}" if policy.budget is not None else "Without a limit on money"
    if low > 0:
        return f"{money}, the policy raises {outcome}: {spread}."
    if high < 0:
        return f"{money}, the policy lowers {outcome}: {spread}. Today's arms are better chosen."
    return f"{money}, the policy is not clearly better than today for {outcome}: {spread}."


def shares_sentence(policy: Policy) -> str:
    """Who gets what."""
    listed = [
        f"{percent(share)} get {arm_label(policy, level)}"
        for level, share in zip(policy.levels, policy.value.shares.values(), strict=True)
    ]
    value = policy.value
    return (
        f"Of {counted(value.units, 'unit')}, {', '.join(listed)}. Today's arms cost "
        f"{number(value.today_cost * value.units)} in all."
    )


def price_sentence(policy: Policy, binary: Binary) -> str:
    """What the next unit of money would buy."""
    outcome = short_name(policy.spec.question.outcome)
    if policy.shadow_price == 0:
        return f"More money would buy no more {outcome}: every unit gets the arm that is best for it."
    price = number(100 * policy.shadow_price, signed=True) + " percentage points" if binary else ""
    price = price or number(policy.shadow_price, signed=True)
    return f"The next unit of money would buy {price} of {outcome} for the one unit whose turn it is (predicted)."


def way_sentence(policy: Policy, exact: Policy, binary: Binary) -> str:
    """What another way of deciding keeps to, and what it gives up beside the budget alone."""
    given = exact.value.gains["today"].value
    beside = f"With the budget alone, unit by unit, it would be {change_text(given, binary)} on today (valued alike)."
    if policy.kind == "points":
        return f"Each unit gets the arm with the most points; valued by points learnt on other units. {beside}"
    if policy.kind == "variety":
        return (
            f"Variety of arms is {number(policy.variety)} of 1, where all arms are as frequent; with the budget alone "
            f"it is {number(variety_of_shares(exact))}. Found by simulated annealing. {beside}"
        )
    kept = "; ".join(policy.limits)
    left = policy.gap / max(policy.value.units, 1)
    return (
        f"Keeps to these limits: {kept}. No allocation within them is predicted to gain more than "
        f"{change_text(left, binary, signed=False)} per unit more. {beside}"
    )


def variety_of_shares(policy: Policy) -> float:
    """The entropy of the arms' shares over its greatest value."""
    shares = [share for share in policy.value.shares.values() if share > 0]
    count = len(policy.value.shares)
    return -sum(share * math.log(share) for share in shares) / math.log(count) if count > 1 else 0.0


def guard_sentence(name: str, moved: Compared) -> str:
    """How a guarded outcome moves from today's, by scores; the limit itself was kept by predictions."""
    low, high = moved.interval()
    told = f"{short_name(name)} is kept by its predictions; by doubly robust scores it moves by "
    told += f"{number(moved.value, signed=True)} {interval(low, high)} per unit on today"
    return told + (", so it may fall all the same." if low < 0 else ".")


def points_rows(policy: Policy) -> list[dict[str, Any]]:
    """A row per column: what it adds to each arm."""
    assert policy.points is not None
    return [{"column": name, **dict(told)} for name, told in policy.points.items()]


def points_caption(policy: Policy) -> str:
    """How the points are counted."""
    first = arm_label(policy, policy.levels[0])
    return (
        f"Points beside {first}, which has none. A unit starts with the first row; one more of a quantity adds its row "
        "once, a level its row. The arm with the most points is given, and the first where no other has more than 0."
    )


def units_caption(policy: Policy, shown: int) -> str:
    """What the table of units shows, and how its gains may be read."""
    control = arm_label(policy, policy.levels[policy.control])
    if not shown:
        return f"Every unit gets {control} at this budget."
    alone = policy.kind == "budget" and not policy.limits
    first = "served first, most predicted gain per cost" if alone else "with the most predicted gain per cost"
    return (
        f"The {count(shown)} units {first}; the file holds all. Gains are on "
        f"{control}, by models that have not seen the unit, with {percent(policy.spec.confidence)} intervals of the "
        "prediction: how far it would move with other data, not how far one unit may lie from units like it. Those "
        "chosen for a high prediction tend to gain a little less; the value of the policy above allows for that."
    )


def curve_title(policy: Policy) -> str:
    """What the curve says: how much of all that money can buy is bought at this budget."""
    curve = policy.curve
    most, here = curve.gains[-1], policy.value.gains.get("today")
    if most <= 0 or here is None:
        return "Money buys nothing here: no arm that costs more gains more"
    reached = _at_budget(policy)
    share = f"{percent(min(max(reached / most, 0.0), 1.0))} of all that money can buy"
    return f"A budget of {number(policy.spent)} buys {share}"


def _at_budget(policy: Policy) -> float:
    """The gain on the cheapest allocation at what is spent, read from the curve."""
    curve = policy.curve
    place = max((at for at, spent in enumerate(curve.spent) if spent <= policy.spent + 1e-9), default=0)
    return curve.gains[place]


def budget_sentence(policy: Policy, place: int, binary: Binary) -> str:
    """One point of the curve."""
    curve = policy.curve
    gain = change_text(curve.gains[place], binary)
    return (
        f"With a budget of {number(curve.budgets[place])} in all, {gain} per unit above the cheapest arms, interval "
        f"{interval(*curve.interval(place), binary)}; handed out at random it would be "
        f"{change_text(curve.random[place], binary)}."
    )


def simple_policy(name: str) -> str:
    """ "today" and its like, as a person says them."""
    said = {"today": "Today's arms", "random": "An arm drawn at random"}
    return said.get(name, f"Everyone gets {name.removeprefix('all ')}")


def against_sentence(value: PolicyValue, name: str, binary: Binary) -> str:
    """What the policy gains on a simple one."""
    gained = value.gains[name]
    return (
        f"{simple_policy(name)}: the policy gains {change_text(gained.value, binary)} per unit on that, interval "
        f"{interval(*gained.interval(), binary)}."
    )


def values_title(value: PolicyValue) -> str:
    """Which of the simple policies it clearly beats."""
    beaten = [name for name, gained in value.gains.items() if gained.interval()[0] > 0]
    if len(beaten) == len(value.gains):
        return f"The policy clearly beats all {len(beaten)} policies that need no thought"
    if not beaten:
        return "The policy is not clearly better than any policy that needs no thought"
    return f"The policy clearly beats {len(beaten)} of {len(value.gains)} policies that need no thought"


def rules_sentence(policy: Policy, value: PolicyValue, spent: float, binary: Binary) -> str:
    """What a few rules are worth beside deciding unit by unit."""
    gained, whole = value.gains["today"], policy.value.gains["today"].value
    low, high = gained.interval()
    return (
        f"These rules gain {change_text(gained.value, binary)} per unit on today, interval "
        f"{interval(low, high, binary)}, for {number(spent)}; unit by unit it is {change_text(whole, binary)}. The "
        f"rules are valued on {count(value.units)} units by rules that were learnt without them."
    )
