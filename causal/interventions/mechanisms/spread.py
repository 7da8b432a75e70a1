"""How far a quantity lies from its mean where its causes widen that: noise that is multiplied, not only added.

The size of what the mean leaves over, log-linear in the causes or in curves of them: Harvey (1976), Econometrica 44:
461-465, for the form; fitted as a gamma law, which small sizes do not rule as they do their logarithms. It is taken
where it clearly foretells the noise of units not seen, and never beyond what was seen of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.nuisance import inverse_of
from causal.interventions.mechanisms.features import Features, one_row
from causal.interventions.node_columns import Values

FOLDS = 5
FEWEST = 200
_CLEARLY = 4.0
_FAR = 60.0
_STEPS = 30
_CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Spread:
    """`coefficients` (p,) of the logarithm over the columns of `features`, held between `lowest` and `highest`."""

    features: Features
    coefficients: Floats
    lowest: float
    highest: float

    def of(self, values: Values) -> Floats:
        """The scale of the noise given the causes' values, in their shape, up to a factor."""
        flat = np.ndim(values[self.features.parts[0].name]) == 1
        index = self.coefficients @ self.features.stacked(one_row(values) if flat else values)
        return np.asarray(np.exp(np.clip(index[0] if flat else index, self.lowest, self.highest)))


def fit_spread(choices: Sequence[Features], values: Values, left: Floats, rng: np.random.Generator) -> Spread | None:
    """Of what the mean leaves over, `left` (n,), by the first of the features that foretells it as well as any does.

    None where the causes do not clearly foretell how far it is.
    """
    size = np.abs(left)
    if len(left) < FEWEST or not size.mean() > 0:
        return None
    fold = rng.permutation(len(left)) % FOLDS
    losses = [_held_out(features.of(values), size, fold) for features in choices]
    nothing = _held_out(np.ones((len(left), 1)), size, fold)
    best = min(losses, key=lambda each: float(each.mean()))
    for features, loss in zip(choices, losses, strict=True):
        if _exceeds(loss - best, 1.0):
            continue
        if not _exceeds(nothing - loss, _CLEARLY):
            return None
        model = features.of(values)
        coefficients = _log_linear(model, size)
        index = model @ coefficients
        return Spread(features, coefficients, float(index.min()), float(index.max()))
    return None


def _exceeds(gain: Floats, errors: float) -> bool:
    return bool(gain.mean() > errors * gain.std() / math.sqrt(len(gain)))


def _held_out(model: Floats, size: Floats, fold: NDArray[np.int64]) -> Floats:
    """(n,) the loss of each unit by a fit to the other folds."""
    index = np.empty(len(size))
    for place in range(FOLDS):
        seen = fold != place
        index[~seen] = model[~seen] @ _log_linear(model[seen], size[seen])
    return _loss(index, size)


def _loss(index: Floats, size: Floats) -> Floats:
    bounded = np.clip(index, -_FAR, _FAR)
    return np.asarray(size * np.exp(-bounded) + bounded)


def _log_linear(model: Floats, size: Floats) -> Floats:
    """(p,) coefficients of the mean size's logarithm: Fisher's scoring of a gamma law, shortened until it gains."""
    bread = inverse_of(model.T @ model)
    coefficients = bread @ (model.T @ np.full(len(size), math.log(size.mean())))
    value = float(_loss(model @ coefficients, size).sum())
    for _ in range(_STEPS):
        step = bread @ (model.T @ (size * np.exp(-np.clip(model @ coefficients, -_FAR, _FAR)) - 1))
        length, tried, better = 1.0, coefficients, value
        while length > 1e-3:
            tried = coefficients + length * step
            better = float(_loss(model @ tried, size).sum())
            if better <= value:
                break
            length /= 2
        if value - better <= _CLOSE * len(size):
            break
        coefficients, value = tried, better
    return np.asarray(coefficients)


def widened(
    spread: Spread | None, left: Floats, before: Mapping[str, Floats], after: Mapping[str, Floats]
) -> Floats | float:
    """How much more is left over of each unit, where its causes have the values `after` instead of `before`."""
    return 0.0 if spread is None else left * (spread.of(after) / spread.of(before) - 1)
