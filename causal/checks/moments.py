"""Columns of any type as one correlation matrix, from which a test or a score costs microseconds whatever the rows.

The degenerate Gaussian of Andrews, Ramsey and Cooper (2019), "Learning high-dimensional directed acyclic graphs with
mixed data-types", PMLR 104: 4-21: a category enters as indicators of all levels but one, and a column of k numbers is
treated as one variable. Numbers enter as normal scores of their ranks. It sees linear dependence of what it encodes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from causal.checks.columns import Codes, Columns, ranked
from causal.checks.multiplicity import chi_squared_log_p
from causal.errors import TooFewUnits
from causal.estimators.design import Floats

MOST_LEVELS_ENCODED = 12
"""A category keeps so many levels; the rarer ones become one."""

_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Encoded:
    """`values` (n, p) of unit variance, and for each of the `names` the places of its columns among them."""

    names: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]
    values: Floats


class Moments:
    """The correlations of encoded columns, with the determinants that tests have in common."""

    def __init__(self, encoded: Encoded, weights: Floats | None = None) -> None:
        """`weights` (n,): how often each row counts."""
        self.names = encoded.names
        self.places = encoded.places
        self.n, self.correlations = _correlations(encoded.values, weights)
        self._log_determinants: dict[frozenset[int], float] = {frozenset(): 0.0}

    def log_p(self, left: int, right: int, given: Collection[int] = ()) -> float:
        """Logarithm of the p-value of independence, by Wilks' lambda with Bartlett's correction.

        Columns are numbered in the order of the names.
        """
        held = frozenset(given)
        determinant = self._log_determinant
        log_lambda = determinant(held | {left, right}) + determinant(held)
        log_lambda -= determinant(held | {left}) + determinant(held | {right})
        sizes = len(self.places[left]), len(self.places[right])
        taken = sum(len(self.places[each]) for each in held)
        scale = max(self.n - 1 - taken - (sum(sizes) + 1) / 2, 1.0)
        return chi_squared_log_p(max(-scale * log_lambda, 0.0), sizes[0] * sizes[1])

    def score(self, child: int, parents: Collection[int], penalty: float = 1.0) -> float:
        """Log-likelihood of the child given its parents, less `penalty` times log(n) / 2 per coefficient (BIC at 1)."""
        held = frozenset(parents)
        gain = self._log_determinant(held | {child}) - self._log_determinant(held)
        coefficients = len(self.places[child]) * sum(len(self.places[each]) for each in held)
        return float(-self.n / 2 * gain - penalty * np.log(self.n) / 2 * coefficients)

    def _log_determinant(self, variables: frozenset[int]) -> float:
        if variables not in self._log_determinants:
            where = [place for each in sorted(variables) for place in self.places[each]]
            self._log_determinants[variables] = float(np.linalg.slogdet(self.correlations[np.ix_(where, where)])[1])
        return self._log_determinants[variables]


def encode(columns: Columns, names: Sequence[str], rows: Codes, raw: bool = False) -> Encoded:
    """The columns at the complete cases `rows`; with `raw` numbers stay as they are instead of becoming ranks.

    Raises UnknownColumn, CovariateProblem, and TooFewUnits where a column takes one value only.
    """
    blocks: list[Floats] = []
    places: list[tuple[int, ...]] = []
    for name in names:
        column = columns.of(name)
        if column.numbers is not None:
            numbers = column.numbers[rows]
            block = (numbers if raw else ranked(numbers))[:, None]
        else:
            assert column.codes is not None
            block = _indicators(column.codes[rows])
        spread = block.std(axis=0)
        if not block.shape[1] or not (spread > 0).all():
            raise TooFewUnits(f'"{name}" takes one value only in the rows that are complete. Leave it out.')
        start = places[-1][-1] + 1 if places else 0
        places.append(tuple(range(start, start + block.shape[1])))
        blocks.append((block - block.mean(axis=0)) / spread)
    return Encoded(tuple(names), tuple(places), np.hstack(blocks))


def complete_rows(columns: Columns, names: Sequence[str]) -> Codes:
    """The rows that have a value in every one of the columns."""
    present = np.ones(len(columns), dtype=bool)
    for name in names:
        present &= columns.of(name).present
    return np.flatnonzero(present)


def _indicators(codes: Codes) -> Floats:
    sizes = np.bincount(codes)
    common = [int(place) for place in np.argsort(-sizes, kind="stable") if sizes[place]]
    kept = [max(common)] if len(common) == 2 else common[1:MOST_LEVELS_ENCODED]
    flags = np.empty((len(codes), len(kept)))
    for place, code in enumerate(kept):
        flags[:, place] = codes == code
    return flags


def _correlations(values: Floats, weights: Floats | None) -> tuple[float, Floats]:
    if weights is None:
        n = float(len(values))
        covariance = values.T @ values / n
    else:
        n = float(weights.sum())
        means = weights @ values / n
        covariance = (values * weights[:, None]).T @ values / n - np.outer(means, means)
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    correlations = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlations, 1.0 + _RIDGE)
    return n, np.asarray(correlations)
