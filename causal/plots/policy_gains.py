"""What a policy gains on each policy that needs no thought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, change_text, interval, percent
from causal.wording.policy import against_sentence, simple_policy, values_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.policies.policy import Policy
    from causal.policies.value import PolicyValue


def policy_gains(policy: Policy, binary: Binary, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per simple policy; filled where the gain is clear."""
    value, outcome = policy.value, policy.spec.question.outcome
    return interval_rows(
        [_row(value, name, binary) for name in value.gains],
        title=values_title(value),
        alt=f"Gains in {outcome} on simple policies. "
        + " ".join(against_sentence(value, name, binary) for name in value.gains),
        x_title=f"Gain in {shorten(outcome, 28)} per unit{axis_unit(binary)}, {percent(value.confidence)} interval",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def _row(value: PolicyValue, name: str, binary: Binary) -> IntervalRow:
    gained = value.gains[name]
    low, high = gained.interval()
    return IntervalRow(
        label=simple_policy(name),
        text=f"{change_text(gained.value, binary, short=True)} {interval(low, high, binary)}",
        hover=against_sentence(value, name, binary),
        value=gained.value,
        interval=(low, high),
        strong=low > 0 or high < 0,
    )


def rows(policy: Policy) -> list[dict[str, Any]]:
    """The table behind the figure: each policy's own mean, and the gain on it."""
    value = policy.value
    return [
        {
            "policy": simple_policy(name),
            "mean": value.values[name].value,
            "mean_std_error": value.values[name].std_error,
            "gain_on_it": gained.value,
            "std_error": gained.std_error,
            "low": gained.interval()[0],
            "high": gained.interval()[1],
        }
        for name, gained in value.gains.items()
    ]
