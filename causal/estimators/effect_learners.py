"""Learners of the effect for a unit, given its covariates: each from cross-fitted nuisances, by linear models or trees.

T- and X-learner: Künzel, Sekhon, Bickel and Yu (2019), PNAS 116: 4156-4165; R-learner: Nie and Wager (2021),
Biometrika 108: 299-319; DR-learner: Kennedy (2023), Electronic Journal of Statistics 17: 3008-3049; causal forest:
Athey, Tibshirani and Wager (2019), Annals of Statistics 47: 1148-1178, by EconML.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from causal.estimators.cross_fitting import Nuisances
from causal.estimators.design import Flags, Floats, Sample, rows_of
from causal.estimators.folds import Places, settled_order

TREES = 40
"""Boosted trees of an effect, shallow and slow: effects have less to them than outcomes."""

BINS = 32
"""Values of a column that a boosted tree tells apart."""

BOOSTING_ROWS = 20_000
"""Boosted trees see so many units at most."""

LEAST_CHANCE = 0.02
"""Chances are held this far from 0 and 1 where effects are learnt, so that no single unit decides what is learnt.

Scores that judge the effects are left as they are.
"""

FOREST_TREES = 200
FOREST_ROWS = 20_000
AVERAGE = "the same effect for all"


@dataclass(frozen=True, eq=False)
class Training:
    """What effects are learnt from: n units with `model` (n, p), arm, outcome, chance of treatment and predicted means.

    The predictions are by models that have not seen the unit.
    """

    model: Floats
    treated: Flags
    outcome: Floats
    chance: Floats
    means: tuple[Floats, Floats]

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def score(self) -> Floats:
        """(n,) the doubly robust score of the effect."""
        return effect_score(self.treated, self.outcome, self.chance, self.means)

    def only(self, places: Places) -> Training:
        """Some of the units."""
        return Training(
            rows_of(self.model, places),
            self.treated[places],
            self.outcome[places],
            self.chance[places],
            (self.means[0][places], self.means[1][places]),
        )


@dataclass(frozen=True, eq=False)
class NewUnits:
    """Units whose effect is predicted: `model` (m, p) and their `chance` of treatment (m,)."""

    model: Floats
    chance: Floats


def training_of(sample: Sample, nuisances: Nuisances, columns: Places) -> Training:
    """The sample's units in their settled order and with `columns` of the model in this order.

    So digits do not hang on the order of rows or columns.
    """
    control, treated = nuisances.outcomes
    model = np.asfortranarray(sample.model[:, columns])
    chance = np.clip(nuisances.propensity, LEAST_CHANCE, 1 - LEAST_CHANCE)
    whole = Training(model, sample.treated, sample.outcome, chance, (control, treated))
    return whole.only(settled_order(sample))


def effect_score(treated: Flags, outcome: Floats, chance: Floats, means: tuple[Floats, Floats]) -> Floats:
    """(n,) the predicted difference, corrected by the weighted residual; its mean over any units is their effect."""
    residual = outcome - np.where(treated, means[1], means[0])
    return np.asarray(means[1] - means[0] + np.where(treated, 1 / chance, -1 / (1 - chance)) * residual)


EffectLearner = Callable[[Training, NewUnits, int], Floats]
"""(m,) effects of the new units, from training units and a seed."""

_Regressor = Callable[[Floats, Floats, Floats | None, Floats, int], Floats]
"""(m,) predictions: of a model (n, p), a target (n,) and weights (n,) (None: all alike), at new rows (m, p)."""


def _linear(model: Floats, target: Floats, weight: Floats | None, new: Floats, seed: int) -> Floats:
    weighted = model if weight is None else model * weight[:, None]
    coefficients, *_ = np.linalg.lstsq(weighted.T @ model, weighted.T @ target, rcond=1e-9)
    return np.asarray(new @ coefficients)


def _boosted(model: Floats, target: Floats, weight: Floats | None, new: Floats, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(
        max_iter=TREES,
        learning_rate=0.1,
        max_leaf_nodes=6,
        min_samples_leaf=20,
        l2_regularization=1.0,
        max_bins=BINS,
        early_stopping=False,
        random_state=seed,
    )
    kept = _thinned(len(target), BOOSTING_ROWS)
    seen, asked = model[kept, 1:], new[:, 1:]
    if weight is None:
        return np.asarray(trees.fit(seen, target[kept]).predict(asked))
    seen, asked = _binned(seen, asked)  # scikit-learn's own bins of weighted rows cost many times the trees
    return np.asarray(trees.fit(seen, target[kept], sample_weight=weight[kept]).predict(asked))


def _binned(seen: Floats, asked: Floats) -> tuple[Floats, Floats]:
    """Both, each column as the number of its bin: of as many units each, by those seen."""
    edges = np.quantile(seen, np.arange(1, BINS) / BINS, axis=0)
    found = np.empty_like(seen), np.empty_like(asked)
    for column, cuts in enumerate(edges.T):
        for values, binned in zip((seen, asked), found, strict=True):
            binned[:, column] = np.searchsorted(cuts, values[:, column], side="left")
    return found


def _thinned(count: int, most: int) -> Places:
    """At most so many places, evenly from all."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def _average(seen: Training, new: NewUnits, seed: int) -> Floats:
    return np.full(len(new.chance), float(seen.score.mean()))


def _dr(regress: _Regressor, seen: Training, new: NewUnits, seed: int) -> Floats:
    return regress(seen.model, seen.score, None, new.model, seed)


def _r(regress: _Regressor, seen: Training, new: NewUnits, seed: int) -> Floats:
    mean = seen.chance * seen.means[1] + (1 - seen.chance) * seen.means[0]
    apart = seen.treated - seen.chance
    return regress(seen.model, (seen.outcome - mean) / apart, apart**2, new.model, seed)


def _t(regress: _Regressor, seen: Training, new: NewUnits, seed: int) -> Floats:
    control, treated = (
        regress(seen.model[arm], seen.outcome[arm], None, new.model, seed) for arm in (~seen.treated, seen.treated)
    )
    return treated - control


def _x(seen: Training, new: NewUnits, seed: int) -> Floats:
    """Outcomes by linear models of its own, so that a subsample moves all of it; what they leave of effects by trees.

    With linear models for both it would be the T-learner.
    """
    control, treated = (
        _linear(seen.model[arm], seen.outcome[arm], None, seen.model, seed) for arm in (~seen.treated, seen.treated)
    )
    gaps = np.where(seen.treated, seen.outcome - control, treated - seen.outcome)
    of_control, of_treated = (
        _boosted(seen.model[arm], gaps[arm], None, new.model, seed) for arm in (~seen.treated, seen.treated)
    )
    return np.asarray(new.chance * of_control + (1 - new.chance) * of_treated)


def _forest(seen: Training, new: NewUnits, seed: int) -> Floats:
    from econml.grf import CausalForest

    kept = seen.only(_thinned(len(seen), FOREST_ROWS))
    mean = kept.chance * kept.means[1] + (1 - kept.chance) * kept.means[0]
    forest = CausalForest(FOREST_TREES, min_samples_leaf=5, subforest_size=4, random_state=seed, n_jobs=1)
    forest.fit(np.ascontiguousarray(kept.model[:, 1:]), kept.treated - kept.chance, kept.outcome - mean)
    return np.asarray(forest.predict(np.ascontiguousarray(new.model[:, 1:]))).reshape(-1)


LEARNERS: dict[str, EffectLearner] = {
    AVERAGE: _average,
    "DR-learner, linear": partial(_dr, _linear),
    "R-learner, linear": partial(_r, _linear),
    "T-learner, linear": partial(_t, _linear),
    "DR-learner, trees": partial(_dr, _boosted),
    "R-learner, trees": partial(_r, _boosted),
    "X-learner, trees": _x,
}
"""What is tried, and weighed by how well it predicts scores not seen."""

FOREST: dict[str, EffectLearner] = {"causal forest": _forest}
"""Tried by choice: it takes longer than all the others."""
