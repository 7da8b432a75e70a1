"""Least squares of the outcome on treatment and covariates.

Heteroskedasticity-consistent errors: MacKinnon and White (1985), Journal of Econometrics 29: 305-325 (HC2); with
clusters their extension CR2 with Satterthwaite degrees of freedom (few_clusters.py).
Weights implied for each unit: Chattopadhyay and Zubizarreta (2023), Biometrika 110: 615-629.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.design import BLOCK, Floats, Sample, blocks
from causal.estimators.few_clusters import MOST_CLUSTERS, ReducedBias, reduce_bias
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method
from causal.estimators.nuisance import inverse_of


@dataclass(frozen=True)
class RegressionOptions:
    """`std_error`: "HC2" allows the spread to differ between units, "classical" takes it to be the same."""

    std_error: Literal["HC2", "classical"] = "HC2"


def fit(sample: Sample, options: RegressionOptions) -> Fit:
    """The treatment's coefficient; with `treatment_by`, its average over the target population."""
    if options.std_error == "classical" and sample.clusters is not None:
        raise OptionProblem('Regression: classical errors know no clusters. Choose std_error="HC2", or no cluster.')
    n, p = sample.model.shape
    line = _fitted_line(sample)
    reduced = _reduced(line)
    units = _unit_by_unit(line, None if reduced is None else reduced.residual)
    std_error = None
    if options.std_error == "classical":
        rank = int((np.diag(line.bread) > 0).sum())
        variance = units.squared_residuals / (n - rank)
        std_error = float(np.sqrt(variance * line.bread[p, p] / n + units.squared_spread / n**2))
    return Fit(
        sample=sample,
        means=line.means,
        influences=(units.influences[0], units.influences[1]),
        covariance=None if reduced is None else _clustered(sample, units),
        effect_std_error=std_error,
        degrees_of_freedom=None if reduced is None else float(reduced.degrees_of_freedom[0]),
        weights=units.weights,
        weighted_sums=line.weighted_sums(),
        scores=ArmScores(
            units.scores[0],
            units.scores[1],
            _centred(units.corrections[0], line.share),
            _centred(units.corrections[1], line.share),
            sample.target_weight,
        ),
    )


@dataclass(frozen=True, eq=False)
class _Line:
    """The fitted coefficients (q,) of the design: the model's columns, then the treatment times `ways` (p, q - p).

    The `ways` are combinations of the model: one, and each modifier less its mean in the target. `bread` (q, q) is the
    inverse of X'X / n; `means` of the arms; `share` of the units in the target; `pulls` two directions (q,): what a
    unit's residual moves the control mean and the effect by is the design's row times each. The design as one array
    would be another copy of the table, so what is asked of it comes from its parts, a block of rows after the other.
    """

    sample: Sample
    ways: Floats
    bread: Floats
    coefficients: Floats
    means: tuple[float, float]
    share: float
    pulls: Floats

    def columns(self) -> Floats:
        """(n, q) the design as one array."""
        model = self.sample.model
        return np.column_stack([model, (model @ self.ways) * self.sample.treated[:, None]])

    def weighted_sums(self) -> Floats:
        """(2, p) of the model's columns in each arm, with the weights that the effect implies for outcomes."""
        p = len(self.ways)
        of_all, of_treated = self.pulls[1][:p], self.ways @ self.pulls[1][p:]
        control, treated = self.sample.arm_moments
        return np.array([-control @ of_all, treated @ (of_all + of_treated)])


def _fitted_line(sample: Sample) -> _Line:
    n, p = sample.model.shape
    (control, treated), (of_control, of_treated) = sample.arm_moments, sample.arm_outcomes
    average = sample.target_sums / sample.target_sums[0]
    ways = np.zeros((p, 1 + len(sample.modifiers)))
    ways[0, 0] = 1.0
    for place, modifier in enumerate(sample.modifiers, 1):
        ways[modifier, place] = 1.0
        ways[0, place] = -average[modifier]
    crossed = treated @ ways
    bread = inverse_of(np.block([[control + treated, crossed], [crossed.T, ways.T @ crossed]]) / n)
    coefficients = bread @ np.concatenate([of_control + of_treated, ways.T @ of_treated]) / n
    mean = float(average @ coefficients[:p])
    return _Line(
        sample,
        ways,
        bread,
        coefficients,
        (mean, mean + float(average @ ways @ coefficients[p:])),
        float(sample.target_sums[0]) / n,
        np.stack([bread[:, :p] @ average, bread[:, p]]),
    )


@dataclass(frozen=True, eq=False)
class _Units:
    """Of both arms' means (2, n): `influences`, `scores`, `corrections`; the implied `weights` (n,), and two sums."""

    influences: Floats
    scores: Floats
    corrections: Floats
    weights: Floats
    squared_residuals: float
    squared_spread: float


def _unit_by_unit(line: _Line, scaled: Floats | None) -> _Units:
    """`scaled` residuals (n,) where they are given, else by HC2's leverages; all in one walk over the rows.

    A unit's leverage is x' B x + z' (2 C x + D z) with x its row of the model, z its treated ways, and B, C, D parts of
    the bread; so one product with x gives all but z's share of what is asked.
    """
    sample, n, p = line.sample, len(line.sample), len(line.ways)
    influences, scores, corrections, weights = np.empty((2, n)), np.empty((2, n)), np.empty((2, n)), np.empty(n)
    h, ones, control, treated = sample.target_weight, np.ones(p), *line.means
    given = np.vstack(
        [line.bread[:p, :p], line.ways.T, 2 * line.bread[p:, :p], line.coefficients[:p], line.pulls[:, :p]]
    )
    of_ways = np.vstack([line.coefficients[p:], line.pulls[:, p:]])
    room, k = np.empty((len(given), min(n, BLOCK))), len(line.bread) - p
    squares = spread = 0.0
    for rows in blocks(n):
        block, arm, target = sample.model[rows].T, sample.treated[rows], h[rows]
        found = np.matmul(given, block, out=room[:, : len(arm)])
        ways, base = found[p : p + k], found[p + 2 * k]
        effect, treated_ways = of_ways[0] @ ways, ways * arm
        by_ways = of_ways @ treated_ways
        residual = sample.outcome[rows] - base - by_ways[0]
        to_control, to_effect = found[-2:] + by_ways[1:]
        squares += float(residual @ residual)
        if scaled is None:
            found[:p] *= block
            leverage = ones @ found[:p]
            leverage += (treated_ways * (found[p + k : p + 2 * k] + line.bread[p:, p:] @ treated_ways)).sum(axis=0)
            residual /= np.sqrt(np.maximum(1 - leverage / n, 1e-12))
        else:
            residual = scaled[rows]
        weights[rows] = np.where(arm, to_effect, -to_effect)
        corrections[0, rows] = residual * to_control
        corrections[1, rows] = corrections[0, rows] + residual * to_effect
        for place, mean in enumerate((control, treated)):
            fitted = base + effect if place else base
            scores[place, rows] = target * fitted
            influences[place, rows] = corrections[place, rows] + target * (fitted - mean) / line.share
        apart = target * (effect - (treated - control)) / line.share
        spread += float(apart @ apart)
    return _Units(influences, scores, corrections, weights, squares, spread)


def _reduced(line: _Line) -> ReducedBias | None:
    """The residuals for CR2, where there are clusters and not too many; else None."""
    sample = line.sample
    if sample.clusters is None or not 1 < int(sample.clusters.max()) + 1 <= MOST_CLUSTERS:
        return None
    design = line.columns()
    residual = sample.outcome - design @ line.coefficients
    of_effect = np.zeros(len(line.bread))
    of_effect[sample.model.shape[1]] = 1.0  # the modifiers are centred at the target's means
    return reduce_bias(design, line.bread, residual, sample.clusters, of_effect[None])


def _clustered(sample: Sample, units: _Units) -> Floats:
    """(2, 2) covariance of the arms' means: CR2 has no further factor, the spread over the target that of G - 1."""
    assert sample.clusters is not None
    count = int(sample.clusters.max()) + 1
    spreads = units.influences - units.corrections
    both = np.stack(
        [
            np.bincount(sample.clusters, correction + np.sqrt(count / (count - 1)) * spread)
            for correction, spread in zip(units.corrections, spreads, strict=True)
        ]
    )
    return np.asarray(both @ both.T / len(sample) ** 2)


def design_effects(sample: Sample, h: Floats) -> Floats:
    """(n, 1 + modifiers) columns that multiply the treatment: one, then each modifier minus its mean in the target."""
    chosen = sample.model[:, list(sample.modifiers)]
    return np.column_stack([np.ones(len(sample)), chosen - h @ chosen / h.sum()])


def _centred(values: Floats, share: float) -> Floats:
    """HC2's factors leave a mean that is not quite nil; a what-if must not add it to the arms' means."""
    return np.asarray(share * (values - values.mean()))


METHOD = Method(
    name="regression",
    title="Regression",
    family="outcome_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Regression",
    summary="Least squares of the outcome on the treatment and the covariates; the treatment's coefficient.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The outcome depends on the covariates as the model says: linearly, but for the terms added.",
        "The effect is the same for all, but for the columns it is allowed to vary with.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=RegressionOptions,
    fit=fit,
    source="MacKinnon and White 1985 (HC2); Pustejovsky and Tipton 2018 (clusters)",
)
