"""What a policy is worth beside each of the simple ones, each for its own money or all for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, number, percent
from causal.wording.policy import against_label, against_sentence, against_text, simple_policy, values_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.policies.policy import Policy
    from causal.policies.value import Compared


def policy_gains(
    policy: Policy,
    binary: Binary,
    fair: Mapping[str, Compared] | None = None,
    dark: bool = False,
    narrow: bool = False,
) -> Figure:
    """One row per simple policy; filled where the gain is clear. `fair`: the policy for what each simple one costs."""
    value, outcome = policy.value, policy.spec.question.outcome
    gains = value.gains if fair is None else fair
    money = "each for its own money" if fair is None else "both for the simple one's money"
    return interval_rows(
        [_row(policy, name, binary, narrow, fair) for name in gains],
        title=values_title(gains, fair is not None),
        alt=f"The policy beside simple ones, in {outcome}. "
        + " ".join(against_sentence(policy, name, binary, fair) for name in gains),
        x_title=f"Policy less the simple one, {money}; {shorten(outcome, 28)} per unit{axis_unit(binary)}, "
        f"{percent(value.confidence)} interval",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def _row(policy: Policy, name: str, binary: Binary, narrow: bool, fair: Mapping[str, Compared] | None) -> IntervalRow:
    gained = (policy.value.gains if fair is None else fair)[name]
    low, high = gained.interval()
    label = against_label(name)
    return IntervalRow(
        label=label if narrow else f"{label}, for {number(policy.cost_of_simple(name))}",
        text=against_text(gained, binary, narrow),
        hover=against_sentence(policy, name, binary, fair),
        value=gained.value,
        interval=(low, high),
        strong=low > 0 or high < 0,
    )


def rows(policy: Policy, fair: Mapping[str, Compared] | None = None) -> list[dict[str, Any]]:
    """The table behind the figure: each policy's own mean and cost, the gain on it, and that for its own money."""
    value = policy.value
    return [
        {
            "policy": simple_policy(name),
            "mean": value.values[name].value,
            "mean_std_error": value.values[name].std_error,
            "cost_in_all": policy.cost_of_simple(name),
            "policy_costs": policy.spent,
            "policy_less_it": gained.value,
            "std_error": gained.std_error,
            "low": gained.interval()[0],
            "high": gained.interval()[1],
            **_for_its_money(name, fair or {}),
        }
        for name, gained in value.gains.items()
    ]


def _for_its_money(name: str, fair: Mapping[str, Compared]) -> dict[str, float | None]:
    gained = fair.get(name)
    low, high = (None, None) if gained is None else gained.interval()
    return {
        "for_its_money": None if gained is None else gained.value,
        "for_its_money_std_error": None if gained is None else gained.std_error,
        "for_its_money_low": low,
        "for_its_money_high": high,
    }
