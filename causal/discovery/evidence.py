"""What a search asks of the data: is this pair independent, how good are these parents; whatever the column types.

Columns that all have few values are counted exactly: the G-squared test (Spirtes, Glymour and Scheines 2000,
"Causation, Prediction, and Search", section 5.5) and the multinomial BIC, on the distinct rows with their counts. Any
other mixture goes through the correlation matrix of `checks.moments` (the degenerate Gaussian).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from math import log
from typing import Protocol

import numpy as np

from causal.checks.columns import Codes, Columns
from causal.checks.moments import Encoded, Moments, encode
from causal.checks.multiplicity import chi_squared_log_p
from causal.errors import TooFewUnits
from causal.estimators.design import Floats

FEW_LEVELS = 5
"""Numbers with at most so many values may be counted as levels."""

MOST_COUNTED = 12
"""A category with more levels is encoded rather than counted."""


class Evidence(Protocol):
    """Columns are numbered; `log_p` is the logarithm of a p-value, `score` a penalised log-likelihood."""

    @property
    def width(self) -> int:
        """How many columns there are."""

    @property
    def n(self) -> float:
        """How many rows there are."""

    def log_p(self, left: int, right: int, given: Collection[int]) -> float:
        """Of the independence of two columns given others."""

    def score(self, child: int, parents: Collection[int], penalty: float) -> float:
        """Of a column given its parents; the penalty multiplies that of BIC."""

    def resampled(self, rng: np.random.Generator) -> Evidence:
        """The same from as many rows drawn with replacement."""


class MomentEvidence:
    """From one correlation matrix."""

    def __init__(self, encoded: Encoded, weights: Floats | None = None) -> None:
        self.encoded = encoded
        self.weights = weights
        self._moments = Moments(encoded, weights)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.encoded.names)

    @property
    def n(self) -> float:
        """How many rows there are."""
        return self._moments.n

    def log_p(self, left: int, right: int, given: Collection[int]) -> float:
        """By Wilks' lambda."""
        return self._moments.log_p(left, right, given)

    def score(self, child: int, parents: Collection[int], penalty: float) -> float:
        """By the degenerate Gaussian BIC."""
        return self._moments.score(child, parents, penalty)

    def resampled(self, rng: np.random.Generator) -> MomentEvidence:
        """The same rows with drawn weights."""
        n = len(self.encoded.values)
        return MomentEvidence(self.encoded, np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64))


class CountEvidence:
    """From the distinct rows `codes` (m, columns) and how often each occurs, `counts` (m,)."""

    def __init__(self, codes: Codes, levels: Sequence[int], counts: Floats) -> None:
        self.codes, self.levels, self.counts = codes, tuple(levels), counts
        self._scores: dict[tuple[int, frozenset[int]], tuple[float, float]] = {}

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.levels)

    @cached_property
    def n(self) -> float:
        """How many rows there are."""
        return float(self.counts.sum())

    def log_p(self, left: int, right: int, given: Collection[int]) -> float:
        """By the G-squared test, degrees of freedom from the cells that hold rows."""
        cells, count = self._cells(given)
        shape = (count, self.levels[left], self.levels[right])
        where = np.ravel_multi_index((cells, self.codes[:, left], self.codes[:, right]), shape)
        table = np.bincount(where, self.counts, minlength=int(np.prod(shape))).reshape(shape)
        rows, columns = table.sum(axis=2), table.sum(axis=1)
        totals = rows.sum(axis=1)
        expected = rows[:, :, None] * columns[:, None, :] / np.maximum(totals, 1e-300)[:, None, None]
        held = table > 0
        statistic = 2 * float(np.sum(table[held] * np.log(table[held] / expected[held])))
        free = np.maximum((rows > 0).sum(axis=1) - 1, 0) * np.maximum((columns > 0).sum(axis=1) - 1, 0)
        degrees = int(free.sum())
        return chi_squared_log_p(max(statistic, 0.0), degrees) if degrees else 0.0

    def score(self, child: int, parents: Collection[int], penalty: float) -> float:
        """By the multinomial BIC."""
        key = (child, frozenset(parents))
        if key not in self._scores:
            self._scores[key] = self._fit(child, key[1])
        likelihood, coefficients = self._scores[key]
        return likelihood - penalty * log(self.n) / 2 * coefficients

    def resampled(self, rng: np.random.Generator) -> CountEvidence:
        """The distinct rows with drawn counts."""
        counts = rng.multinomial(int(self.n), self.counts / self.n)
        kept = counts > 0
        return CountEvidence(self.codes[kept], self.levels, counts[kept].astype(np.float64))

    def _fit(self, child: int, parents: frozenset[int]) -> tuple[float, float]:
        cells, count = self._cells(parents)
        levels = self.levels[child]
        table = np.bincount(cells * levels + self.codes[:, child], self.counts, minlength=count * levels)
        table = table.reshape(count, levels)
        totals = np.broadcast_to(table.sum(axis=1, keepdims=True), table.shape)
        held = table > 0
        likelihood = float(np.sum(table[held] * np.log(table[held] / totals[held])))
        return likelihood, (levels - 1) * float(np.prod([float(self.levels[each]) for each in parents]))

    def _cells(self, given: Collection[int]) -> tuple[Codes, int]:
        cells, count = np.zeros(len(self.codes), dtype=np.int64), 1
        for each in sorted(given):
            cells = cells * self.levels[each] + self.codes[:, each]
            count *= self.levels[each]
            if count > 4 * len(cells):
                found, cells = np.unique(cells, return_inverse=True)
                count = len(found)
        return cells, count


def gather_evidence(columns: Columns, names: Sequence[str], rows: Codes, raw: bool = False) -> Evidence:
    """The evidence in the complete cases `rows`; `raw` keeps numbers as they are, and so is never counted.

    Raises UnknownColumn, CovariateProblem, TooFewUnits.
    """
    if raw or not all(_countable(columns, name) for name in names):
        return MomentEvidence(encode(columns, names, rows, raw))
    codes = np.empty((len(rows), len(names)), dtype=np.int64)
    for place, name in enumerate(names):
        held = columns.of(name).codes
        assert held is not None
        found, codes[:, place] = np.unique(held[rows], return_inverse=True)
        if len(found) < 2:
            raise TooFewUnits(f'"{name}" takes one value only in the rows that are complete. Leave it out.')
    distinct, counts = np.unique(codes, axis=0, return_counts=True)
    return CountEvidence(distinct, [int(each) + 1 for each in codes.max(axis=0)], counts.astype(np.float64))


def _countable(columns: Columns, name: str) -> bool:
    column = columns.of(name)
    if column.codes is None:
        return False
    return len(column.levels) <= (MOST_COUNTED if column.discrete else FEW_LEVELS)
