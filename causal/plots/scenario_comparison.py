"""Saved scenarios side by side: what each makes of one variable, with its interval, against today or one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording.escape import shorten
from causal.wording.numbers import axis_unit, percent
from causal.wording.what_if import (
    Number,
    Told,
    changes_phrase,
    compared,
    comparison_title,
    numbers_of,
    scenario_finding,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def scenario_comparison(scenarios: Mapping[str, Told], name: str, dark: bool = False, narrow: bool = False) -> Figure:
    """One row per scenario: the change of a variable's mean (of levels: of the level that moves most)."""
    found = compared(scenarios, name)
    first, told = next(iter(found.values())), next(iter(scenarios.values()))
    what = shorten(first.what, 24 if narrow else 44)
    against = shorten(told.against, 16 if narrow else 30)
    change = f"Difference from “{against}” in" if against else "Change in"
    return interval_rows(
        [_row(label, each, scenarios[label], name) for label, each in found.items()],
        title=comparison_title(scenarios, name),
        alt=f"What the scenarios change in {name}{f', compared with “{told.against}”' if against else ''}. "
        + " ".join(f"{label}: {scenario_finding(each, name)}" for label, each in scenarios.items()),
        x_title=f"{change} {what}{axis_unit(first.scale)}, {percent(told.confidence)} interval",
        binary=first.scale,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def rows(scenarios: Mapping[str, Told], name: str) -> list[dict[str, Any]]:
    """The table behind the figure: each scenario with its changes in words, what stands before, after, difference and
    interval.
    """
    return [
        {
            "scenario": label,
            "changes": changes_phrase(scenarios[label].changes, scenarios[label].units),
            "compared with": scenarios[label].against or "today",
            "variable": each.what,
            **numbers_of(each),
        }
        for label, each in compared(scenarios, name).items()
    ]


def _row(label: str, found: Number, told: Told, name: str) -> IntervalRow:
    return IntervalRow(
        label=label,
        text=found.short,
        hover=f"{label}: {scenario_finding(told, name)}",
        value=found.difference,
        interval=found.ends,
        strong=found.clear,
    )
