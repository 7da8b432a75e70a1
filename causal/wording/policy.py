"""A policy and what it is worth, as sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
    today = number(policy.cost_of_simple("today"))
    spread = f"{change_text(gained.value, binary)} per unit beside today's arms, which cost {today}, "
    spread += f"{percent(gained.confidence)} interval {interval(low, high, binary)}"
    money = f"Spending {number(policy.spent)}" if policy.budget is not None else "Without a limit on money"
    if low > 0:
        return f"{money}, the policy raises {outcome}: {spread}."
    if high < 0:
        return f"{money}, the policy lowers {outcome}: {spread}. Today's arms serve better."
    return f"{money}, the policy makes no clear difference to {outcome}: {spread}."


def money_sentence(share: int, budget: float | None, most: float) -> str:
    """A budget, in percent of what giving every unit its best arm costs, and in all; "" where there is none."""
    if budget is None:
        return ""
    return f"{share} % is {number(budget)} in all, in the units of the costs; 100 % is {number(most)}."


def costs_sentence(policy: Policy, costs: Mapping[str, float | str]) -> str:
    """What each arm costs."""
    told = (
        f"{arm_label(policy, level)} {_cost_text(costs[str(level)])}" for level in policy.levels if str(level) in costs
    )
    return f"Costs per unit: {', '.join(told)}."


def _cost_text(cost: float | str) -> str:
    return f"what the column {short_name(cost)} says" if isinstance(cost, str) else number(cost)


def served_sentence(told: Mapping[str, Any], binary: Binary) -> str:
    """One unit of the table of those served: its row, its arm, why, and how far its prediction would move."""
    low, high = told["gain_low"], told["gain_high"]
    return f"Row {count(int(told['row']))} gets {told['arm']}: {told['why']}; gain {interval(low, high, binary)}."


def shares_sentence(policy: Policy) -> str:
    """Who gets what."""
    listed = [
        f"{percent(share)} get {arm_label(policy, level)}"
        for level, share in zip(policy.levels, policy.value.shares.values(), strict=True)
    ]
    return f"Of {counted(policy.value.units, 'unit')}, {', '.join(listed)}."


def same_money_sentence(policy: Policy, fair: Mapping[str, Compared], binary: Binary) -> str:
    """The gain on today's arms for what they cost; "" where the policy cannot spend just that, or does anyway."""
    today = policy.cost_of_simple("today")
    if "today" not in fair or abs(today - policy.spent) <= 0.01 * max(today, policy.spent):
        return ""
    gained = fair["today"]
    return (
        f"For the {number(today)} that today's arms cost, the same ranking would be worth "
        f"{change_text(gained.value, binary)} per unit beside them, interval {interval(*gained.interval(), binary)}."
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


def units_caption(policy: Policy, shown: int, file: str = "the file") -> str:
    """What a table of units shows, what `file` holds all, and how its gains may be read."""
    control = arm_label(policy, policy.levels[policy.control])
    if not shown:
        return f"Every unit gets {control} at this budget."
    alone = policy.kind == "budget" and not policy.limits
    first = "served first, most predicted gain per cost" if alone else "with the most predicted gain per cost"
    return (
        f"The {count(shown)} units {first}; {file} holds all. Gains are on "
        f"{control}, by models that have not seen the unit, with {percent(policy.spec.confidence)} intervals of the "
        "prediction: how far it would move with other data, not how far one unit may lie from units like it. Those "
        "chosen for a high prediction tend to gain a little less; the value of the policy above allows for that."
    )


def curve_title(policy: Policy) -> str:
    """What this budget buys of all that money can buy, and whether choosing whom beats chance."""
    curve = policy.curve
    most, place = curve.gains[-1], place_of(policy)
    if curve.interval(len(curve.gains) - 1)[0] <= 0:
        here = curve.interval(place)[0] > 0
        known = "gains; all the money together does not clearly" if here else "does not clearly gain anything"
        return f"A budget of {number(policy.spent)} {known}"
    share = percent(min(max(curve.gains[place] / most, 0.0), 1.0), digits=2)
    bought = f"A budget of {number(policy.spent)} buys {share} of all that money can buy"
    low, high = curve.beyond_random(place)
    if place == len(curve.gains) - 1:
        return bought
    if low > 0:
        return f"{bought}, more than at random"
    return f"{bought}, less than at random" if high < 0 else f"{bought}, not clearly more than at random"


def place_of(policy: Policy) -> int:
    """The last budget of the curve that is not above what is spent."""
    return max((at for at, spent in enumerate(policy.curve.spent) if spent <= policy.spent + 1e-9), default=0)


def budget_sentence(policy: Policy, place: int, binary: Binary) -> str:
    """One point of the curve."""
    curve = policy.curve
    gain = change_text(curve.gains[place], binary)
    return (
        f"With a budget of {number(curve.budgets[place])} in all, {gain} per unit above the cheapest arms, interval "
        f"{interval(*curve.interval(place), binary)}; handed out at random it would be "
        f"{change_text(curve.random[place], binary)}, a difference of "
        f"{change_text(curve.gains[place] - curve.random[place], binary)} "
        f"{interval(*curve.beyond_random(place), binary)}."
    )


def simple_policy(name: str) -> str:
    """ "today" and its like, as a person says them."""
    said = {"today": "Today's arms", "random": "An arm drawn at random"}
    return said.get(name, f"Everyone gets {name.removeprefix('all ')}")


def against_label(name: str) -> str:
    """What the policy stands beside, where there is little room."""
    said = {"today": "Beside today's arms", "random": "Beside an arm at random"}
    return said.get(name, f"Beside {name.removeprefix('all ')} for everyone")


def beyond_budget(policy: Policy) -> str:
    """Which of the simple policies the budget would not pay for; "" where it pays for all."""
    if policy.budget is None:
        return ""
    most = policy.budget * (1 + 1e-9)
    said = [simple_policy(name) for name in policy.value.gains if policy.cost_of_simple(name) > most]
    dear = [f"{each[0].lower()}{each[1:]}" for each in said]
    return f"Would cost more than the budget: {'; '.join(dear)}." if dear else ""


def against_text(gained: Compared, binary: Binary, narrow: bool = False) -> str:
    """ "higher by 2.48 [2.22, 2.73]"; `narrow`: "+2.48 [2.22, 2.73]"."""
    low, high = gained.interval()
    if gained.value == gained.std_error == 0:
        return "the same"
    if narrow:
        return f"{change_text(gained.value, binary, short=True)} {interval(low, high, binary)}"
    if low > 0:
        return f"higher by {change_text(gained.value, binary, signed=False, short=True)} {interval(low, high, binary)}"
    if high < 0:
        size = change_text(-gained.value, binary, signed=False, short=True)
        return f"lower by {size} {interval(-high, -low, binary)}"
    return f"not clear: {change_text(gained.value, binary, short=True)} {interval(low, high, binary)}"


def against_sentence(policy: Policy, name: str, binary: Binary, fair: Mapping[str, Compared] | None = None) -> str:
    """The policy beside a simple one, and what that costs; in `fair` for the same money."""
    cost = number(policy.cost_of_simple(name))
    if fair is not None:
        gained = fair[name]
        return (
            f"{simple_policy(name)}, for {cost} in all: with as much money the policy's ranking is worth "
            f"{change_text(gained.value, binary)} per unit beside it, interval {interval(*gained.interval(), binary)}."
        )
    gained = policy.value.gains[name]
    return (
        f"{simple_policy(name)}, for {cost} in all: the policy is worth {change_text(gained.value, binary)} per unit "
        f"beside that, interval {interval(*gained.interval(), binary)}, for {number(policy.spent)}."
    )


def values_title(gains: Mapping[str, Compared], same_money: bool = False) -> str:
    """Which of the simple policies it is clearly better than, and which are clearly better."""
    ends = [gained.interval() for gained in gains.values()]
    better, worse = sum(low > 0 for low, _ in ends), sum(high < 0 for _, high in ends)
    start = "For the same money, the policy" if same_money else "The policy"
    if better == len(ends):
        return f"{start} is clearly better than all {len(ends)} simple policies"
    if not better and not worse:
        nothing = "For the same money, no" if same_money else "No"
        return f"{nothing} clear difference to any of {len(ends)} simple policies"
    told = f"{start} is clearly better than {better} of {len(ends)} simple policies"
    return f"{told}, and clearly worse than {worse}" if worse else told


def rules_sentence(policy: Policy, value: PolicyValue, spent: float, binary: Binary) -> str:
    """What a few rules are worth beside deciding unit by unit."""
    gained, whole = value.gains["today"], policy.value.gains["today"].value
    low, high = gained.interval()
    return (
        f"These rules gain {change_text(gained.value, binary)} per unit on today, interval "
        f"{interval(low, high, binary)}, for {number(spent)}; unit by unit it is {change_text(whole, binary)}. The "
        f"rules are valued on {count(value.units)} units by rules that were learnt without them."
    )
