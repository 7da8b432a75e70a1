"""A mean that is linear in model columns, by least squares, with draws of its coefficients.

Draws from the normal law with the robust covariance (HC2, by cluster where there are any): King, Tomz and Wittenberg
(2000), AJPS 44: 347-361.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats
from causal.estimators.nuisance import inverse_of
from causal.interventions.mechanisms.clusters import Clusters, line_scores, outer_products
from causal.interventions.mechanisms.features import Features, one_row
from causal.interventions.node_columns import Values


@dataclass(frozen=True, eq=False)
class LinearMean:
    """`coefficients` (p,) and draws of them (replicates, p) over the columns of `features`."""

    features: Features
    coefficients: Floats
    drawn: Floats

    def mean(self, values: Values) -> Floats:
        """(n,) the mean given the causes' values."""
        return np.asarray(self.coefficients @ self.features.stacked(one_row(values))[0])

    def means(self, values: Values) -> Floats:
        """(replicates, m) each replicate's mean at its own row of values (replicates, m)."""
        return np.asarray((self.drawn[:, None] @ self.features.stacked(values))[:, 0])


def fit_line(
    features: Features,
    values: Values,
    outcome: Floats,
    rng: np.random.Generator | None = None,
    replicates: int = 0,
    clusters: Clusters = None,
) -> LinearMean:
    """Least squares; columns that others determine get no coefficient."""
    model = features.of(values)
    bread = inverse_of(model.T @ model)
    coefficients = bread @ (model.T @ outcome)
    if rng is None:
        return LinearMean(features, coefficients, np.empty((0, len(coefficients))))
    residual = outcome - model @ coefficients
    if clusters is None:
        leverage = np.minimum(np.einsum("ij,ij->i", model @ bread, model), 1 - 1e-6)
        scores = model * (residual / np.sqrt(1 - leverage))[:, None]
    else:
        scores = line_scores(model, bread, residual, clusters)
    covariance = bread @ outer_products(scores, clusters) @ bread
    return LinearMean(features, coefficients, drawn_normal(coefficients, covariance, rng, replicates))


def drawn_normal(centre: Floats, covariance: Floats, rng: np.random.Generator, replicates: int) -> Floats:
    """(replicates, p) draws; a covariance that is singular draws within its own directions."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(centre + rng.standard_normal((replicates, len(centre))) @ root.T)
