"""Least squares and logistic regression of every fold's others, for all folds at once.

What is not in a fold is the whole without it, so cross products are taken once per fold and subtracted: rows count
once, and none are copied. A logistic fit without one fold lies near that of all (its score there is minus the fold's
own), so all of them take their steps in the same walk over the rows, until no mean score exceeds GRADIENT.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from causal.estimators.design import Flags, Floats, blocks, rows_of
from causal.estimators.folds import Places
from causal.estimators.nuisance import GRADIENT, fit_logistic, inverse_of, logistic_start

WALKS = 6
"""After so many steps together a fold whose fit still moves is fitted on its own."""


def predict_linearly(model: Floats, outcome: Floats, binary: bool, fold: Places, inside: Flags | None = None) -> Floats:
    """(n,) predictions of each unit by the units of the other folds: means, or probabilities where `binary`.

    `inside` (n,) flags the units to fit on, None all of them; all are predicted. As in a fit on its own rows, columns
    that those before them determine there get no coefficient.
    """
    coefficients, curved = coefficients_without(model, outcome, binary, fold, inside)
    found = np.empty(len(fold))
    for rows in blocks(len(fold)):
        own = fold[rows]
        index = (coefficients @ model.T[:, rows])[own, np.arange(len(own))]
        found[rows] = np.where(curved[own], expit(index), index) if curved.any() else index
    return found


def coefficients_without(
    model: Floats, outcome: Floats, binary: bool, fold: Places, inside: Flags | None = None
) -> tuple[Floats, Flags]:
    """(folds, p) coefficients by the units of the other folds, and (folds,) whether they are of a logistic regression.

    A binary outcome of which the other folds hold one value only has a linear fit instead.
    """
    split = _Split(model, outcome, fold, np.ones(len(fold), dtype=bool) if inside is None else inside)
    curved = split.both_seen() if binary else np.zeros(split.folds, dtype=bool)
    coefficients = np.zeros((split.folds, model.shape[1])) if curved.all() else _least_squares(split)
    if curved.any():
        coefficients = np.where(curved[:, None], _logistic(split, curved), coefficients)
    return coefficients, curved


@dataclass(frozen=True, eq=False)
class _Split:
    """`model` (n, p), `outcome` (n,), `fold` (n,) and `inside` (n,) as given."""

    model: Floats
    outcome: Floats
    fold: Places
    inside: Flags

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1

    def parts(self) -> Iterator[tuple[int, Floats, Floats]]:
        """Fold, columns (p, m) and outcomes (m,) of units to fit on, a block of rows after the other."""
        columns, count = self.model.T, self.folds
        for rows in blocks(len(self.fold)):
            own = np.where(self.inside[rows], self.fold[rows], count)
            order = np.argsort(own, kind="stable")
            sorted_columns, sorted_outcome = columns[:, rows].take(order, axis=1), self.outcome[rows][order]
            ends = np.cumsum(np.bincount(own, minlength=count + 1))
            for each in range(count):
                chosen = slice(ends[each - 1] if each else 0, ends[each])
                yield each, sorted_columns[:, chosen], sorted_outcome[chosen]

    def both_seen(self) -> Flags:
        """(folds,) whether the units that a fold's predictions are fitted on have both values of a binary outcome."""
        ones = np.bincount(self.fold, self.outcome * self.inside, self.folds)
        zeros = np.bincount(self.fold, self.inside, self.folds) - ones
        return np.asarray((ones.sum() > ones) & (zeros.sum() > zeros))

    def others(self, each: int) -> Flags:
        """(n,) the units that a fold's predictions are fitted on."""
        return np.asarray(self.inside & (self.fold != each))


def _least_squares(split: _Split) -> Floats:
    """(folds, p) coefficients without each fold."""
    p = split.model.shape[1]
    grams, moments = np.zeros((split.folds, p, p)), np.zeros((split.folds, p))
    for each, columns, outcome in split.parts():
        grams[each] += columns @ columns.T
        moments[each] += columns @ outcome
    left_grams, left_moments = grams.sum(axis=0) - grams, moments.sum(axis=0) - moments
    return np.array(
        [
            inverse_of(gram / gram[0, 0]) @ (seen / gram[0, 0])
            for gram, seen in zip(left_grams, left_moments, strict=True)
        ]
    )


def _logistic(split: _Split, curved: Flags) -> Floats:
    """(folds, p) coefficients without each fold where `curved`, zero elsewhere."""
    found = np.zeros((split.folds, split.model.shape[1]))
    start = logistic_start(split.model, split.outcome, split.inside)
    settled = np.zeros(split.folds, dtype=bool)
    if start is not None:
        found, settled = _together(split, start)
    for each in np.flatnonzero(curved & ~settled).tolist():
        rows = np.flatnonzero(split.others(each))
        found[each] = fit_logistic(rows_of(split.model, rows), split.outcome[rows])
    return found


def _together(split: _Split, start: Floats) -> tuple[Floats, Flags]:
    """(folds, p) coefficients from a common start near them, and which of them have settled."""
    folds, p = split.folds, len(start)
    gradients, hessians, sizes = np.zeros((folds, p)), np.zeros((folds, p, p)), np.zeros(folds)
    for each, columns, outcome in split.parts():
        fitted = expit(start @ columns)
        gradients[each] += columns @ (outcome - fitted)
        hessians[each] += (columns * (fitted * (1 - fitted))) @ columns.T
        sizes[each] += len(outcome)
    left = sizes.sum() - sizes
    inverses = [inverse_of((hessians.sum(axis=0) - hessians[each]) / left[each]) for each in range(folds)]
    mean = (gradients.sum(axis=0) - gradients) / left[:, None]
    found, settled = np.tile(start, (folds, 1)), np.zeros(folds, dtype=bool)
    for _ in range(WALKS):
        found = found + np.array([inverse @ each for inverse, each in zip(inverses, mean, strict=True)])
        if settled.all():
            break
        mean = _gradients(split, found) / left[:, None]
        settled = np.abs(mean).max(axis=1) <= GRADIENT
    return found, settled


def _gradients(split: _Split, coefficients: Floats) -> Floats:
    """(folds, p) sums of the scores without each fold, each at its own coefficients."""
    found, every = np.zeros_like(coefficients), np.arange(split.folds)[:, None]
    for rows in blocks(len(split.fold)):
        columns = split.model.T[:, rows]
        residual = split.outcome[rows] - expit(coefficients @ columns)
        residual *= split.inside[rows] & (split.fold[rows] != every)
        found += residual @ columns.T
    return found
