"""How likely every value of a dose in steps is, given what is adjusted for: counts, also with many at one value.

The chance to stop at a value among those who reach it is logistic in the covariates, with a curve over the values, own
terms for frequent ones, and covariates that matter more or less further on (continuation ratios: Díaz and van der Laan
2011, International Journal of Biostatistics 7, article 38; Agresti 2010, Analysis of Ordinal Categorical Data, section
4.2). Every unit is told by the units of the other folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from causal.estimators.design import Floats
from causal.interventions.changes import Change, Randomise, Shift
from causal.interventions.dose_density import simplest
from causal.interventions.mechanisms.choice import ROWS_COMPARED
from causal.interventions.mechanisms.features import Features, Part

MOST_STEPS = 100
"""Counts that reach further are not told value by value."""

ROWS = 300_000
"""So many pairs of a unit and a value that it reaches are fitted to in a fold."""

FREQUENT = 0.02
MOST_FREQUENT = 15
"""A value that so large a share of the units has may have its own term; so many at most have."""

HARDLY = 1e-4
"""Of a value that is less likely hardly any unit is."""

Rows = slice | NDArray[np.int64]

_CERTAIN = 1e4
_MOST_PLACES = 1e6
_WHOLE = 1e-6
_RIDGE = 0.01
_STEPS = 40
_CLOSE = 1e-8
_KNOTS = (0.05, 0.35, 0.65, 0.95)


@dataclass(frozen=True, eq=False)
class DoseChances:
    """Values are `lowest` plus 0, 1, … times `step`. The log-odds to stop at one are its `heights` (folds, values) plus
    the unit's `base` (n,) and its `tilt` (n,) times the value's place on the `line` (values,). `shares` (values,) are
    those of all units.
    """

    lowest: float
    step: float
    heights: Floats
    line: Floats
    base: Floats
    tilt: Floats
    fold: NDArray[np.int64]
    shares: Floats

    def takes(self, change: Change) -> bool:
        """Whether the change puts every unit on a value again."""
        if isinstance(change, Shift):
            return bool(np.isclose(change.amount / self.step, round(change.amount / self.step)))
        return isinstance(change, Randomise)

    def own(self, dose: Floats) -> Floats:
        """(n,) the logarithm of the chance of every unit's own dose."""
        places, rows = self._places(dose), slice(None)
        found = np.zeros(len(dose))
        for value in range(int(places.max()) + 1):
            index = self._index(np.full(len(dose), value), rows)
            found += np.where(places > value, -_softplus(index), np.where(places == value, -_softplus(-index), 0.0))
        return found

    def ratio(self, change: Change, dose: Floats, own: Floats, rows: slice) -> Floats:
        """How much likelier the value that a shift brings to each dose is than the dose itself, for these units."""
        assert isinstance(change, Shift)
        places, move = self._places(dose), round(change.amount / self.step)
        source = places - move
        inside = (source >= 0) & (source < len(self.line))
        source = np.clip(source, 0, len(self.line) - 1)
        return np.where(inside, np.exp(self._likelier(source, places, rows)), 0.0)

    def _likelier(self, one: NDArray[np.int64], than: NDArray[np.int64], rows: Rows) -> Floats:
        """The logarithm of how much likelier one value is than another, for these units."""
        found = _softplus(-self._index(than, rows)) - _softplus(-self._index(one, rows))
        low, high = np.minimum(one, than), np.maximum(one, than)
        passed = np.zeros(len(one))
        for far in range(int((high - low).max(initial=0))):
            at = np.minimum(low + far, len(self.line) - 1)
            passed += np.where(low + far < high, _softplus(self._index(at, rows)), 0.0)
        return np.asarray(found + np.where(one < than, passed, -passed))

    def drawn_ratio(self, dose: Floats, own: Floats) -> Floats:
        """(n,) how much likelier each unit's dose is among all units than among those like it."""
        return np.asarray(self.shares[self._places(dose)] / np.exp(own))

    def beyond(self, dose: Floats, own: Floats, after: Floats, rows: Rows) -> NDArray[np.bool_]:
        """Which of the doses `after` hardly any unit like these has; `own` as of `ratio`, at the doses as they are."""
        places = np.round((after - self.lowest) / self.step)
        outside = (places < 0) | (places >= len(self.line))
        clipped = np.clip(places, 0, len(self.line) - 1).astype(np.int64)
        chance = own + self._likelier(clipped, self._places(dose), rows)
        return np.asarray(outside | (self.shares[clipped] == 0) | (chance < np.log(HARDLY)))

    def _places(self, dose: Floats) -> NDArray[np.int64]:
        return np.asarray(np.round((dose - self.lowest) / self.step), dtype=np.int64)

    def _index(self, places: NDArray[np.int64], rows: Rows) -> Floats:
        heights = self.heights.ravel()[places + self.fold[rows] * len(self.line)]
        return np.asarray(heights + self.base[rows] + self.tilt[rows] * self.line[places])

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays and plain facts; `from_arrays` gives it back."""
        return {name: getattr(self, name) for name in _ARRAYS}, {"lowest": self.lowest, "step": self.step}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> DoseChances:
        """What `to_arrays` gave."""
        return cls(**{name: arrays[name] for name in _ARRAYS}, lowest=facts["lowest"], step=facts["step"])


_ARRAYS = ("heights", "line", "base", "tilt", "fold", "shares")


def steps_of(dose: Floats) -> tuple[float, int] | None:
    """The step that all doses are whole numbers of, from the lowest on, and how many there are; None of others."""
    values = np.unique(dose)
    if len(values) < 2:
        return None
    step = float(np.diff(values).min())
    places = (values - values[0]) / step
    if places[-1] > _MOST_PLACES or np.abs(places - np.round(places)).max() > _WHOLE:
        return None
    return step, round(float(places[-1]))


def fit_dose_chances(dose: Floats, models: Sequence[Floats], fold: NDArray[np.int64]) -> DoseChances:
    """Of doses in steps (n,) given the columns of the simplest of several models (n, p) that is likely enough.

    Their first columns are ones; `fold` (n,) says who is told by whom.
    """
    chosen = 0
    if len(models) > 1:
        some = slice(None, None, -(-len(dose) // ROWS_COMPARED))
        tried = [_fitted(dose[some], np.ascontiguousarray(model[some]), fold[some]) for model in models]
        chosen = simplest(list(range(len(models))), [each.own(dose[some]) for each in tried])
    return _fitted(dose, models[chosen], fold)


def _fitted(dose: Floats, model: Floats, fold: NDArray[np.int64]) -> DoseChances:
    told = steps_of(dose)
    assert told is not None
    step, count = told
    lowest = float(dose.min())
    places = np.round((dose - lowest) / step).astype(np.int64)
    shares = np.bincount(places, minlength=count + 1) / len(dose)
    curve = _curve(places, shares, count)
    others = model[:, 1:]
    line, p, width = curve[:, 1], others.shape[1], curve.shape[1]
    heights, base, tilt = np.empty((int(fold.max()) + 1, count + 1)), np.empty(len(dose)), np.empty(len(dose))
    for each in range(len(heights)):
        rows = np.flatnonzero(fold != each)
        rows = rows[:: max(1, -(-int((places[rows] + 1).sum()) // ROWS))]
        coefficients = _fit(places[rows], others[rows], curve, count)
        own = fold == each
        heights[each] = curve @ coefficients[:width]
        heights[each, -1] = _CERTAIN
        base[own] = others[own] @ coefficients[width : width + p]
        tilt[own] = others[own] @ coefficients[width + p :]
    return DoseChances(lowest, step, heights, line, base, tilt, fold, shares)


def _curve(places: NDArray[np.int64], shares: Floats, count: int) -> Floats:
    """(values, columns) ones, a line with bends, and a column for each of the most frequent values."""
    values = np.arange(count + 1, dtype=np.float64)
    centre, scale = float(places.mean()), float(places.std())
    knots = np.unique(np.quantile(places, _KNOTS))
    part = Part("value", np.empty(0), (knots - centre) / scale if len(knots) >= 3 else np.empty(0), centre, scale)
    smooth = Features((part,), False).of({"value": values})
    frequent = [place for place in np.argsort(-shares)[:MOST_FREQUENT] if shares[place] >= FREQUENT]
    return np.column_stack([smooth, *((values == place).astype(np.float64) for place in frequent)])


def _fit(places: NDArray[np.int64], others: Floats, curve: Floats, count: int) -> Floats:
    """The coefficients of the curve, of the covariates, and of the covariates times the line."""
    reached = np.minimum(places + 1, count)  # at the highest value everybody stops for sure
    unit = np.repeat(np.arange(len(places)), reached)
    value = np.arange(len(unit)) - np.repeat(np.cumsum(reached) - reached, reached)
    stops = (value == places[unit]).astype(np.float64)
    own, at = others[unit], curve[value]
    columns = np.column_stack([at, own, own * at[:, 1:2]])
    return _logistic(columns, stops)


def _logistic(columns: Floats, outcome: Floats) -> Floats:
    """Maximum likelihood with a ridge so small that it only keeps coefficients finite."""
    ridge = _RIDGE * np.eye(columns.shape[1])
    found = np.zeros(columns.shape[1])
    loss = _loss(columns, outcome, found)
    for _ in range(_STEPS):
        chance = expit(columns @ found)
        gradient = columns.T @ (outcome - chance) - ridge @ found
        hessian = (columns * (chance * (1 - chance))[:, None]).T @ columns + ridge
        move, length = np.linalg.solve(hessian, gradient), 1.0
        while (new := _loss(columns, outcome, found + length * move)) > loss and length > 1e-4:
            length /= 2
        found, settled, loss = found + length * move, loss - new < _CLOSE * max(1.0, abs(loss)), new
        if settled:
            break
    return found


def _loss(columns: Floats, outcome: Floats, coefficients: Floats) -> float:
    index = columns @ coefficients
    return float((_softplus(index) - outcome * index).sum() + _RIDGE / 2 * coefficients @ coefficients)


def _softplus(index: Floats) -> Floats:
    return np.asarray(np.maximum(index, 0.0) + np.log1p(np.exp(-np.abs(index))))
