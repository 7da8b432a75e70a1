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
from causal.estimators.design import Floats, Sample, blocks
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
    n = len(sample)
    h = sample.target_weight
    share = float(h.mean())
    design = _Design(sample, design_effects(sample, h))
    p = sample.model.shape[1]
    bread = inverse_of(design.gram() / n)
    coefficients = bread @ design.moments(sample.outcome) / n
    under_control = sample.model @ coefficients[:p]
    effects = design.effects @ coefficients[p:]
    residual = sample.outcome - (under_control + sample.treated * effects)
    leverage = design.leverage(bread)
    means = float(h @ under_control) / (n * share), float(h @ (under_control + effects)) / (n * share)
    scaled = residual / np.sqrt(np.maximum(1 - leverage, 1e-12))
    average = h @ sample.model / (n * share)
    direction_control = np.concatenate([average, np.zeros(len(bread) - p)])
    direction_effect = np.zeros(len(bread))
    direction_effect[p] = 1.0  # the modifiers are centred at the target's means
    reduced = _reduced(sample, design, bread, residual, direction_effect)
    if reduced is not None:
        scaled = reduced.residual
    pull_control, pull_effect = design.times(bread @ direction_control), design.times(bread @ direction_effect)
    spread_control = h * (under_control - means[0]) / share
    spread_effect = h * (effects - (means[1] - means[0])) / share
    spreads = spread_control, spread_effect
    control = spread_control + scaled * pull_control
    effect = spread_effect + scaled * pull_effect
    std_error = None
    if options.std_error == "classical":
        rank = int((np.diag(bread) > 0).sum())
        variance = float(residual @ residual) / (n - rank)
        std_error = float(
            np.sqrt(variance * (direction_effect @ bread @ direction_effect) / n + _square(spread_effect))
        )
    return Fit(
        sample=sample,
        means=means,
        influences=(control, control + effect),
        covariance=None if reduced is None else _clustered(sample, scaled, (pull_control, pull_effect), spreads),
        effect_std_error=std_error,
        degrees_of_freedom=None if reduced is None else float(reduced.degrees_of_freedom[0]),
        weights=_implied_weights(sample, pull_control, pull_effect),
        scores=ArmScores(
            h * under_control,
            h * (under_control + effects),
            share * _centred(scaled * pull_control),
            share * _centred(scaled * (pull_control + pull_effect)),
            h,
        ),
    )


@dataclass(frozen=True, eq=False)
class _Design:
    """The model and, after it, the treatment times `effects` (n, 1 + modifiers); as one array it would be another copy
    of the table, so what is asked of it comes from its parts, and from the arms' moments that balance needs too."""

    sample: Sample
    effects: Floats

    def gram(self) -> Floats:
        """(p, p) X'X."""
        control, treated = self.sample.arm_moments
        # the effects are these combinations of the model: one, and each modifier less its mean
        ways = np.zeros((len(treated), self.effects.shape[1]))
        ways[0, 0] = 1.0
        for place, modifier in enumerate(self.sample.modifiers, 1):
            ways[modifier, place] = 1.0
            ways[0, place] = self.effects[0, place] - self.sample.model[0, modifier]
        crossed = treated @ ways
        return np.block([[control + treated, crossed], [crossed.T, ways.T @ crossed]])

    def moments(self, values: Floats) -> Floats:
        """(p,) X'v."""
        return np.concatenate([values @ self.sample.model, (values * self.sample.treated) @ self.effects])

    def times(self, direction: Floats) -> Floats:
        """(n,) X d."""
        p = self.sample.model.shape[1]
        return self.sample.model @ direction[:p] + self.sample.treated * (self.effects @ direction[p:])

    def columns(self, rows: slice = slice(None)) -> Floats:
        """(p, m) the columns, each in one piece, at these rows."""
        chosen = (self.effects[rows] * self.sample.treated[rows, None]).T
        return np.concatenate([self.sample.model[rows].T, chosen])

    def leverage(self, bread: Floats) -> Floats:
        """(n,) of each unit on its own fitted outcome."""
        n = len(self.sample)
        found = np.empty(n)
        for rows in blocks(n):
            columns = self.columns(rows)
            found[rows] = np.einsum("ji,ji->i", bread @ columns, columns)
        return found / n


def _reduced(sample: Sample, design: _Design, bread: Floats, residual: Floats, direction: Floats) -> ReducedBias | None:
    """The residuals for CR2, where there are clusters and not too many; else None."""
    if sample.clusters is None or not 1 < int(sample.clusters.max()) + 1 <= MOST_CLUSTERS:
        return None
    return reduce_bias(design.columns().T, bread, residual, sample.clusters, direction[None])


def _clustered(
    sample: Sample, residual: Floats, pulls: tuple[Floats, Floats], spreads: tuple[Floats, Floats]
) -> Floats:
    """(2, 2) covariance of the arms' means: CR2 has no further factor, the spread over the target that of G - 1."""
    assert sample.clusters is not None
    count = int(sample.clusters.max()) + 1
    of_control, of_effect = (
        np.bincount(sample.clusters, residual * pull + np.sqrt(count / (count - 1)) * spread)
        for pull, spread in zip(pulls, spreads, strict=True)
    )
    both = np.column_stack([of_control, of_control + of_effect])
    return np.asarray(both.T @ both / len(sample) ** 2)


def design_effects(sample: Sample, h: Floats) -> Floats:
    """(n, 1 + modifiers) columns that multiply the treatment: one, then each modifier minus its mean in the target."""
    chosen = sample.model[:, list(sample.modifiers)]
    return np.column_stack([np.ones(len(sample)), chosen - h @ chosen / h.sum()])


def _implied_weights(sample: Sample, pull_control: Floats, pull_effect: Floats) -> Floats:
    """What each unit's outcome counts in its arm's mean: the effect is a weighted difference of outcomes."""
    return np.where(sample.treated, pull_effect, -pull_effect)


def _centred(values: Floats) -> Floats:
    """HC2's factors leave a mean that is not quite nil; a what-if must not add it to the arms' means."""
    return np.asarray(values - values.mean())


def _square(values: Floats) -> float:
    return float(values @ values) / len(values) ** 2


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
