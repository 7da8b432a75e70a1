"""A causal forest by EconML, averaged by augmented weighting with its out-of-bag effects.

Athey, Tibshirani and Wager (2019), Annals of Statistics 47: 1148-1178; the average as in Athey and Wager (2019),
Observational Studies 5: 37-51, equation 8. The forest (`econml.grf.CausalForest`, as in its CausalForestDML) splits on
what is left of outcome and treatment once both have been predicted by the other folds. EconML is loaded when asked for.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace

import numpy as np

from causal.errors import OptionProblem
from causal.estimators.cross_fitting import Nuisances, nuisances_of
from causal.estimators.design import Floats, Sample
from causal.estimators.fit import Fit
from causal.estimators.folds import settled_model, settled_order
from causal.estimators.learners import Flexible
from causal.estimators.learnt import augmented, fit_repeatedly
from causal.estimators.method import Method

SUBFOREST = 4
"""EconML grows trees in little bags of so many."""


@dataclass(frozen=True)
class CausalForestOptions:
    """`trees` of the forest, rounded up to a multiple of four; `smallest_leaf`: units that a leaf has at least.

    `learner`: what predicts treatment and outcome before, on the other `folds`. `trim`: leave out units whose
    propensity is below it or above one minus it, or above `trim_above`.
    """

    trees: int = 400
    smallest_leaf: int = 5
    learner: Flexible = "boosting"
    folds: int = 5
    trim: float = 0.0
    trim_above: float | None = None


def fit(sample: Sample, options: CausalForestOptions) -> Fit:
    """The arms' means, from predicted outcomes that differ between arms by the forest's effect for the unit."""
    _check(options)

    def once(kept: Sample, nuisances: Nuisances) -> Fit:
        if kept.model.shape[1] == 1:  # nothing to split on
            return augmented(kept, nuisances_of(kept, options.learner, options.folds))
        effects = unit_effects(kept, nuisances, options)
        seen, chance = nuisances.outcomes[0], nuisances.propensity
        outcomes = (seen - chance * effects, seen + (1 - chance) * effects)
        found = augmented(kept, replace(nuisances, outcomes=outcomes))
        return replace(found, facts=(("unit effects", effects),))

    splits = options.learner, options.folds, 1
    return fit_repeatedly("Causal forest", sample, *splits, (options.trim, options.trim_above), once, by_arm=False)


def unit_effects(sample: Sample, nuisances: Nuisances, options: CausalForestOptions) -> Floats:
    """(n,) the effect for each unit, by the trees that have not seen it."""
    from econml.grf import CausalForest
    from threadpoolctl import threadpool_limits

    order = settled_order(sample)
    model = np.ascontiguousarray(settled_model(sample)[order, 1:])
    treated = (sample.treated - nuisances.propensity)[order]
    outcome = (sample.outcome - nuisances.outcomes[0])[order]
    forest = CausalForest(
        -(-options.trees // SUBFOREST) * SUBFOREST,
        min_samples_leaf=options.smallest_leaf,
        min_samples_split=2 * options.smallest_leaf,
        subforest_size=SUBFOREST,
        random_state=sample.seed,
        n_jobs=1,
    )
    with threadpool_limits(1):
        forest.fit(model, treated, outcome)
        effects = np.asarray(forest.oob_predict(model)).reshape(len(sample))
    found = np.empty(len(sample))
    found[order] = np.where(np.isfinite(effects), effects, np.nanmean(effects))
    return found


def _check(options: CausalForestOptions) -> None:
    if not 20 <= options.trees <= 10_000:
        raise OptionProblem(f"Causal forest: {options.trees} trees cannot be; choose between 20 and 10,000.")
    if not 1 <= options.smallest_leaf <= 10_000:
        raise OptionProblem(
            f"Causal forest: a smallest leaf of {options.smallest_leaf} cannot be; choose between 1 and 10,000 units."
        )
    if importlib.util.find_spec("econml") is None:
        raise OptionProblem(
            "EconML is not installed here, and the causal forest is its. Install it, or choose another."
        )


METHOD = Method(
    name="causal_forest",
    title="Causal forest (EconML)",
    family="both_models",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.CausalForest",
    summary="Grows trees that split where the effect differs, and averages the units' effects, each corrected by what "
    "its own outcome says. Takes seconds to minutes.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "What predicts treatment and outcome is learnt well enough: the product of the two errors must be small.",
        "Every unit of the target population could have had either arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=CausalForestOptions,
    fit=fit,
    source="Athey, Tibshirani and Wager 2019; EconML 0.17",
    has_propensity=True,
    slow=True,
)
