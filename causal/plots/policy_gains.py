"""What a policy is worth beside each of the simple ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, axis_unit, percent
from causal.wording.policy import against_label, against_sentence, against_text, simple_policy, values_title

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.policies.policy import Policy


def policy_gains(policy: Policy, binary: Binary, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per simple policy; filled where the gain is clear."""
    value, outcome = policy.value, policy.spec.question.outcome
    return interval_rows(
        [_row(policy, name, binary, narrow) for name in value.gains],
        title=values_title(value),
        alt=f"The policy beside simple ones, in {outcome}. "
        + " ".join(against_sentence(policy, name, binary) for name in value.gains),
        x_title=f"Policy less the simple one, {shorten(outcome, 28)} per unit{axis_unit(binary)}, "
        f"{percent(value.confidence)} interval",
        binary=binary,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def _row(policy: Policy, name: str, binary: Binary, narrow: bool) -> IntervalRow:
    gained = policy.value.gains[name]
    low, high = gained.interval()
    return IntervalRow(
        label=against_label(name),
        text=against_text(policy.value, name, binary, narrow),
        hover=against_sentence(policy, name, binary),
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
            "cost_in_all": policy.cost_of_simple(name),
            "policy_less_it": gained.value,
            "std_error": gained.std_error,
            "low": gained.interval()[0],
            "high": gained.interval()[1],
        }
        for name, gained in value.gains.items()
    ]
