"""One policy beside another, as sentences: what the other is, where which gains more, and for what money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causal.wording.numbers import Binary, change_text, interval, number, percent
from causal.wording.phrases import capitalised, level_text, short_name

if TYPE_CHECKING:
    from causal.policies.comparison import PolicyComparison
    from causal.policies.paired_curves import PairedCurves
    from causal.policies.value import Compared

Other = Mapping[str, Any]
"""What a policy is compared with: its `kind`, with `arms`, `learner` or `columns` as that takes."""

_LEARNERS = {"linear": "linear models", "boosting": "boosted trees", "best": "the best mix of learners"}


def other_name(other: Other) -> str:
    """As what is done: "treating everyone alike"."""
    kind = other["kind"]
    if kind == "arms":
        return f"doing without {_listed([level_text(each) for each in other['arms']])}"
    if kind == "learner":
        return f"predicting by {_LEARNERS.get(other['learner'], other['learner'])}"
    if kind == "columns":
        return f"predicting by {_listed([short_name(each) for each in other['columns']])} alone"
    return {
        "alike": "treating everyone alike",
        "gain alone": "going by predicted gain alone",
        "budget": "deciding unit by unit within the budget alone",
    }[kind]


def _listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def comparison_finding(found: PolicyComparison, other: Other, binary: Binary) -> str:
    """Which gains more for the same money: at which budgets, where there are several."""
    if found.curves is not None and found.money is not None and len(found.curves.budgets) > 1:
        return curves_title(found.curves, found.money, other, binary)
    name, same, money = other_name(other), found.for_the_same, found.money
    if same is None or money is None:
        told = _told(found.as_decided, binary)
        return (
            f"For {number(found.spent)} in all, against {number(found.other_spent)}: {told} per unit beside {name}. "
            "They have no spending in common"
        )
    verb = _VERBS[_standing(same)][0]
    return f"For the same {number(money)} in all, this policy {verb} {name}: {_told(same, binary)} per unit"


def rules_sentence(found: PolicyComparison, other: Other, binary: Binary) -> str:
    """The rules that a policy's rules are valued by, beside another for the same money; "" where they have none."""
    if found.for_the_same is None or found.money is None:
        return ""
    verb = _VERBS[_standing(found.for_the_same)][1]
    return (
        f"For the {number(found.money)} in all that rules learnt without each unit spend, they {verb} "
        f"{other_name(other)}: {_told(found.for_the_same, binary)} per unit."
    )


def _standing(difference: Compared) -> int:
    low, high = difference.interval()
    if difference.value == difference.std_error == 0:
        return 3
    return 0 if low > 0 else 1 if high < 0 else 2


_VERBS = (
    ("gains more than", "gain more than"),
    ("gains less than", "gain less than"),
    ("does not clearly differ from", "do not clearly differ from"),
    ("does the same as", "do the same as"),
)
"""By how two stand: what one does, what several do."""


def curves_title(curves: PairedCurves, money: float, other: Other, binary: Binary) -> str:
    """At which budgets one clearly gains more, held at all at once, and the difference at the budget `money`."""
    here = f"with {number(money)} the difference is {_told(curves.difference(curves.place_of(money)), binary)}"
    same = not any(curves.std_errors) and not any(curves.differences)
    return where_title(curves, other) + ("" if same else f"; {here}")


def where_title(curves: PairedCurves, other: Other) -> str:
    """At which budgets one clearly gains more, held at all at once."""
    name = other_name(other)
    more, less = (_where(curves, sign) for sign in (1, -1))
    if more and less:
        return f"This policy gains more than {name} {more}, and less {less}"
    if more or less:
        return f"{capitalised(more or less)} this policy gains {'more' if more else 'less'} than {name}"
    if not any(curves.std_errors) and not any(curves.differences):
        return f"This policy does the same as {name} at every budget"
    return f"At no budget is it clear whether this policy gains more than {name}"


def _where(curves: PairedCurves, sign: int) -> str:
    """The budgets at which the difference is clearly of one sign, the longest stretch of them; "" where there are none.

    Where both do the same there is nothing to tell: such budgets at either end are passed over.
    """
    places = range(len(curves.budgets))
    telling = [place for place in places if curves.std_errors[place] > 0 or curves.differences[place] != 0]
    clear = [sign * curves.joint_interval(place)[0 if sign > 0 else 1] > 0 for place in telling]
    if not any(clear):
        return ""
    stretch = max(_stretches(clear), key=len)
    first, last = (telling[each] for each in (stretch[0], stretch[-1]))
    low, high = number(curves.budgets[first]), number(curves.budgets[last])
    if len(stretch) == 1 < sum(clear):
        ends = [number(curves.budgets[place]) for place, each in zip(telling, clear, strict=True) if each]
        return f"at some budgets between {ends[0]} and {ends[-1]}"
    if first == last:
        return f"with a budget of {low}"
    if len(stretch) == len(telling):
        return "at every budget"
    if last == telling[-1]:
        return f"from a budget of {low} on"
    return f"up to a budget of {high}" if first == telling[0] else f"between budgets of {low} and {high}"


def _stretches(flags: list[bool]) -> list[list[int]]:
    """The places of flags that are up, those side by side together."""
    found: list[list[int]] = []
    for place, up in enumerate(flags):
        if up and place and flags[place - 1]:
            found[-1].append(place)
        elif up:
            found.append([place])
    return found


def average_sentence(found: PolicyComparison, binary: Binary) -> str:
    """The area between the curves as a mean, and how the bands are to be read."""
    curves, money = found.curves, found.money
    assert curves is not None and money is not None
    place = curves.place_of(money)
    here, average = curves.difference(place), curves.average(place)
    return (
        f"With {number(money)} in all the difference is {_told(here, binary)} per unit, {percent(curves.confidence)} "
        f"interval; on average over all budgets up to that it is {_told(average, binary)}. Both are judged on the same "
        "units by the same scores, so what they do alike cancels. The inner band holds at one budget, the outer one at "
        "all budgets at once."
    )


def decided_sentence(found: PolicyComparison, binary: Binary) -> str:
    """What both cost and how they differ as they are, where their spending differs."""
    return (
        f"As they are, for {number(found.spent)} against {number(found.other_spent)} in all, the difference is "
        f"{_told(found.as_decided, binary)} per unit."
    )


def point_sentence(curves: PairedCurves, place: int, other: Other, binary: Binary) -> str:
    """One budget of the two curves."""
    gains = [change_text(each[place], binary) for each in (curves.gains, curves.other_gains)]
    return (
        f"With a budget of {number(curves.budgets[place])} in all, this policy gains {gains[0]} per unit and "
        f"{other_name(other)} {gains[1]}: a difference of {_told(curves.difference(place), binary)}, at all budgets at "
        f"once {interval(*curves.joint_interval(place), binary)}."
    )


def _told(difference: Compared, binary: Binary) -> str:
    return f"{change_text(difference.value, binary)} {interval(*difference.interval(), binary)}"
