"""How alike the two arms are, covariate by covariate, before and after adjustment.

Standardised mean differences over a denominator fixed before adjustment: Stuart (2010), Statistical Science 25: 1-21.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Covariate, Floats, Sample, blocks

THRESHOLD = 0.1
"""A standardised difference beyond this is called unbalanced (Stuart, Lee and Leacy 2013)."""

NO_SPREAD = 1e-12
"""A variance below this, in units of the whole column's, is rounding: the column is the same throughout the arm."""


@dataclass(frozen=True)
class BalanceRow:
    """Standardised differences (treated minus control) of one covariate, or of one level as "column: level".

    `after` is NaN where the method implies no weights; the means are unadjusted, in units of the column.
    """

    name: str
    before: float
    after: float
    control_mean: float
    treated_mean: float


@dataclass(frozen=True)
class BalanceTable:
    """One row per covariate and level."""

    rows: tuple[BalanceRow, ...]
    threshold: float = THRESHOLD

    @property
    def worst(self) -> BalanceRow | None:
        """The row furthest from balance after adjustment (before, where nothing was adjusted)."""
        known = [row for row in self.rows if np.isfinite(_size(row))]
        return max(known, key=_size, default=None)

    @property
    def worst_before(self) -> BalanceRow | None:
        """The row furthest from balance before adjustment."""
        return max(self.rows, key=lambda row: abs(row.before), default=None)

    @property
    def unbalanced(self) -> tuple[BalanceRow, ...]:
        """The rows beyond the threshold after adjustment."""
        return tuple(row for row in self.rows if _size(row) > self.threshold)


def _size(row: BalanceRow) -> float:
    return abs(row.before) if np.isnan(row.after) else abs(row.after)


def balance(
    sample: Sample, weights: Floats | None, before: Sample | None = None, sums: Floats | None = None
) -> BalanceTable:
    """The balance of a sample's covariates; `weights` (n,) are positive for every unit used, or None.

    `before` is the sample as it was before trimming, for the denominators and the unadjusted differences; `sums` (2, p)
    of the model's columns in each arm with those weights, where they are known (else they are added up).
    """
    origin = before or sample
    raw = _plain_arm_means(origin)
    spread = _arm_variances(origin, raw)
    adjusted = None
    if weights is not None:
        found = _weighted_arm_sums(sample, weights) if sums is None else sums
        adjusted = found / found[:, :1] * sample.scales + sample.centres
    rows: list[BalanceRow] = []
    for covariate in sample.covariates:
        rows.extend(_rows_of(sample, covariate, raw, spread, adjusted))
    return BalanceTable(tuple(rows))


def _plain_arm_means(sample: Sample) -> Floats:
    """(2, p) means of the model columns, in the columns' own units, control first."""
    sums = np.array([gram[0] for gram in sample.arm_moments])  # the first column is ones
    return np.asarray(sums / sums[:, :1] * sample.scales + sample.centres)


def _weighted_arm_sums(sample: Sample, weights: Floats) -> Floats:
    """(2, p) weighted sums of the model's columns, control first; of the ones: of the weights."""
    sums = np.zeros((2, sample.model.shape[1]))
    for rows in blocks(len(sample)):
        treated, own = sample.treated[rows], weights[rows]
        sums += np.stack([np.where(treated, 0.0, own), np.where(treated, own, 0.0)]) @ sample.model[rows]
    return sums


def _arm_variances(sample: Sample, means: Floats) -> Floats:
    """(2, p) variances of the model columns with n - 1, control first."""
    variances = np.empty_like(means)
    standard = (means - sample.centres) / sample.scales
    for place, (gram, arm) in enumerate(zip(sample.arm_moments, (~sample.treated, sample.treated), strict=True)):
        size = int(arm.sum())
        variances[place] = (np.diag(gram) / size - standard[place] ** 2) * size / (size - 1)
    return np.where(variances < NO_SPREAD, 0.0, variances) * sample.scales**2


def _rows_of(
    sample: Sample, covariate: Covariate, raw: Floats, spread: Floats, adjusted: Floats | None
) -> list[BalanceRow]:
    columns = list(range(covariate.first, covariate.first + covariate.count))
    if not covariate.levels:
        after = None if adjusted is None else adjusted[:, columns[0]]
        variance = _binary(raw[:, columns[0]]) if covariate.binary else spread[:, columns[0]]
        return [_row(covariate.name, raw[:, columns[0]], variance, after, sample.target)]
    rows = []
    for place, level in enumerate(covariate.levels):
        means = 1 - raw[:, columns].sum(axis=1) if place == 0 else raw[:, columns[place - 1]]
        after = None
        if adjusted is not None:
            after = 1 - adjusted[:, columns].sum(axis=1) if place == 0 else adjusted[:, columns[place - 1]]
        rows.append(_row(f"{covariate.name}: {level}", means, _binary(means), after, sample.target))
    return rows


def _binary(means: Floats) -> Floats:
    variances = means * (1 - means)
    return np.where(variances < NO_SPREAD, 0.0, variances)


def _row(name: str, means: Floats, variances: Floats, after: Floats | None, target: str) -> BalanceRow:
    chosen = {"treated": variances[1], "untreated": variances[0]}.get(target, variances.mean())
    scale = float(np.sqrt(chosen))
    return BalanceRow(
        name=name,
        before=_standardised(means, scale),
        after=float("nan") if after is None else _standardised(after, scale),
        control_mean=float(means[0]),
        treated_mean=float(means[1]),
    )


def _standardised(means: Floats, scale: float) -> float:
    difference = float(means[1] - means[0])
    if scale > 0:
        return difference / scale
    same = abs(difference) <= NO_SPREAD * float(np.abs(means).max())
    return 0.0 if same else float(np.copysign(np.inf, difference))
