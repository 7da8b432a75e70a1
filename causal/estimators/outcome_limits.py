"""Winsorising: outcomes beyond the limits count as the limits.

Dixon (1960), Annals of Mathematical Statistics 31: 385-391. Limits that are quantiles of the units compared are taken
from both arms together, so that the arms are limited alike. The effect is that on the outcome so limited, the limits
as they were found: how they would vary with other units moves what is asked, not the error of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import OutcomeProblem
from causal.study import OutcomeRule

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class OutcomeLimits:
    """The limits in units of the outcome (None: none on that side), and how many units lay beyond each."""

    low: float | None
    high: float | None
    below: int
    above: int


def limit_outcome(name: str, values: Floats, binary: bool, rule: OutcomeRule) -> tuple[Floats, OutcomeLimits]:
    """The outcomes (n,) within their limits, and the limits.

    Raises OutcomeProblem where nothing is left to compare.
    """
    if binary:
        raise OutcomeProblem(f'"{name}" is yes or no, so it has no extreme values to limit. Take the limits off.')
    low, high = rule.low, rule.high
    if rule.kind == "quantiles":
        low, high = (None if each is None else float(np.quantile(values, each)) for each in (low, high))
    limited = within(values, OutcomeLimits(low, high, 0, 0))
    if np.ptp(limited) == 0:
        raise OutcomeProblem(
            f'Within its limits the outcome "{name}" is {limited[0]:g} for all {len(values):,} units compared, so no '
            "effect could show. Widen the limits, or take them off."
        )
    below = 0 if low is None else int((values < low).sum())
    above = 0 if high is None else int((values > high).sum())
    return limited, OutcomeLimits(low, high, below, above)


def within(values: Floats, limits: OutcomeLimits | None) -> Floats:
    """(n,) the values, those beyond a limit moved to it."""
    if limits is None:
        return values
    low = -np.inf if limits.low is None else limits.low
    return np.asarray(np.clip(values, low, np.inf if limits.high is None else limits.high))


def limits_notes(name: str, limits: OutcomeLimits | None) -> tuple[str, ...]:
    """What the limits do to the outcome, as notes of an answer; none where there are no limits."""
    if limits is None:
        return ()
    parts = []
    if limits.low is not None:
        parts.append(f"values below {limits.low:.4g} count as {limits.low:.4g} ({limits.below:,} units)")
    if limits.high is not None:
        parts.append(f"values above {limits.high:.4g} count as {limits.high:.4g} ({limits.above:,} units)")
    return (
        f'The outcome "{name}" is held to limits: {", and ".join(parts)}. The effect is that on the outcome so '
        "limited, with the limits as they are.",
    )
