"""Ordered columns in what-ifs by equations: from the normal response behind one to the shares of its levels.

Muthén (1984): a level is what lies between two thresholds of the response. Where exogenous columns are given, the
response is taken for normal over all rows, as it is exactly where they are normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from causal.interventions.scenario import LevelShare
from causal.structural.margins import density
from causal.structural.sem_fit import SemFit

Matrix = NDArray[Any]
"""Of float64, or complex128 on the way to a derivative."""


@dataclass(frozen=True)
class OrderedColumn:
    """One column of `name` at `place` among the variables: its `numbers` (levels,), and its thresholds in order, each
    with its place in the vector of free coefficients (None where it is held).
    """

    name: str
    place: int
    numbers: NDArray[np.float64]
    thresholds: tuple[tuple[int | None, float], ...]

    def shares(self, theta: Matrix, mean: Any, variance: Any) -> Matrix:
        """Of each level, where the response has this mean and variance."""
        cuts = np.array([value if at is None else theta[at] for at, value in self.thresholds])
        below = np.concatenate([[0.0], _chance_below((cuts - mean) / np.sqrt(variance)), [1.0]])
        return np.asarray(np.diff(below))


def ordered_columns(fit: SemFit, group: int) -> tuple[OrderedColumn, ...]:
    """The ordered columns of one group of a fit."""
    found = []
    for name, levels in zip(fit.ordered, fit.levels, strict=True):
        own = [each for each in fit.coefficients if (each.group, each.operator, each.left) == (group, "|", name)]
        own.sort(key=lambda each: int(each.right.removeprefix("t")))
        cuts = tuple((each.place, each.estimate) for each in own)
        found.append(OrderedColumn(name, fit.observed.index(name), np.array(levels), cuts))
    return tuple(found)


def as_levels(
    columns: Sequence[OrderedColumn], theta: Matrix, means: Matrix, variances: Matrix
) -> tuple[Matrix, Matrix, Matrix]:
    """Means and variances with those of levels in the place of responses, and the shares of all levels in a row."""
    means, variances = means.copy(), variances.copy()
    listed = [np.zeros(0, dtype=means.dtype)]
    for each in columns:
        shares = each.shares(theta, means[each.place], variances[each.place])
        means[each.place] = each.numbers @ shares
        variances[each.place] = (each.numbers**2) @ shares - means[each.place] ** 2
        listed.append(shares)
    return means, variances, np.concatenate(listed)


def level_shares(
    columns: Sequence[OrderedColumn], values: NDArray[np.float64], errors: NDArray[np.float64]
) -> dict[str, tuple[LevelShare, ...]]:
    """By name, from (3, levels): all shares before, after, and their difference, with errors."""
    found, start = {}, 0
    for each in columns:
        inside = range(start, start + len(each.numbers))
        found[each.name] = tuple(
            LevelShare(
                level=int(number) if number.is_integer() else number,
                number=number,
                before=float(values[0, at]),
                after=float(values[1, at]),
                std_error=float(errors[2, at]),
                after_std_error=float(errors[1, at]),
            )
            for number, at in zip(each.numbers.tolist(), inside, strict=True)
        )
        start += len(each.numbers)
    return found


def _chance_below(at: Matrix) -> Matrix:
    """Of the standard normal; its slope goes along in the imaginary part."""
    chance = special.ndtr(at.real)
    return np.asarray(chance + 1j * density(at.real) * at.imag if np.iscomplexobj(at) else chance)
