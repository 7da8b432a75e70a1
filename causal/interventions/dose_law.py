"""What says how changed doses lie to those that units have: a density, the chance of every whole number, or nothing."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.nuisance import inverse_of
from causal.interventions.changes import Randomise, Scale, Shift
from causal.interventions.dose_chances import MOST_STEPS, steps_of
from causal.interventions.node_columns import MOST_ORDERED

Law = Literal["density", "chances", "none"]

FINE = 3.0
"""Whole numbers that vary by so many steps among units alike are as good as continuous."""

SPIKE = 0.05
ABOVE = 3.0
"""A value that at least this share of units has, and so many times those beside it, has no density."""


def law_of(name: str, dose: Floats, model: Floats, change: Shift | Scale | Randomise) -> tuple[Law, str]:
    """Of doses (n,) given the columns of a model (n, p), and the reason where it is none."""
    if isinstance(change, Scale) and change.factor == 0:
        return "none", f'scaled by nought, "{name}" is nought for every unit.'
    values, counts = np.unique(dose, return_counts=True)
    told, spike = steps_of(dose), _spike(values, counts)
    coarse = len(values) <= MOST_ORDERED or (told is not None and _left(dose, model) < FINE * told[0])
    if not coarse and spike is None:
        return "density", ""
    if told is not None and told[1] <= MOST_STEPS:
        moves = change.amount / told[0] if isinstance(change, Shift) else 0.5
        if isinstance(change, Randomise) or np.isclose(moves, round(moves)):
            return "chances", ""
        return (
            "none",
            f'"{name}" goes in steps of {told[0]:g}, and the change puts units between them, where nobody is.',
        )
    if spike is not None:
        return "none", (
            f'{spike[1]:.0%} of the units have "{name}" at {spike[0]:g} exactly, and no density weighs a change of '
            "those."
        )
    return "none", (
        f'"{name}" has few values with gaps between them, so that changed ones have no density beside those that units '
        "have."
    )


def _left(dose: Floats, model: Floats) -> float:
    """The spread of doses among units alike, as a straight line tells it."""
    left = dose - model @ (inverse_of(model.T @ model) @ (model.T @ dose))
    return float(left.std())


def _spike(values: Floats, counts: NDArray[np.int64]) -> tuple[float, float] | None:
    """A value that far more units have than have those beside it, and their share."""
    place, n = int(counts.argmax()), int(counts.sum())
    near = counts[max(place - 1, 0) : place + 2].sum() - counts[place]
    if counts[place] <= max(SPIKE * n, ABOVE * near):
        return None
    return float(values[place]), counts[place] / n
