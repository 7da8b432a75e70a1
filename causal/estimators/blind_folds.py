"""Predictions of each unit by models that have seen neither its own fold nor one more.

What learns from them can then be judged on that other fold, with no model of it seen: the nested cross-fitting of
Kennedy (2023), Electronic Journal of Statistics 17: 3008-3049, at half its fits, as what is learnt without two folds
speaks of the units of either.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from causal.estimators.cross_fitting import (
    SURE,
    Nuisances,
    combined,
    nothing_to_learn,
    predict_by_arm,
    predict_plainly,
    refuse_decided,
)
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.folds import Places
from causal.estimators.learners import (
    CHANCES,
    LEARNERS,
    LINEAR_TOO,
    Candidate,
    Predictions,
    boosted_lasso,
    boosting,
    forest,
    lasso,
)
from causal.estimators.linear_folds import predict_linearly

MEANS = LEARNERS | {"best": (Candidate(boosted_lasso, ("one model",)), Candidate(forest))}
CHANCES_HERE = CHANCES | {"best": (Candidate(lasso), Candidate(boosting))}
"""Of learners that are much alike one is enough, where all are fitted to every pair of folds."""

LEARNT_ROWS = 100_000
"""Learners but the linear ones see so many units at most."""

TREATMENT = "treatment: "

Watch = Callable[[float], None]
"""Told the share that is done."""


def blind_nuisances(sample: Sample, learner: str, order: Places, fold: Places, watch: Watch) -> list[Nuisances]:
    """For each fold, what the units of all others are predicted by models that have seen neither it nor their own.

    In the fold itself the predictions are NaN. `order` as `settled_order` gives it. Raises PerfectSeparation.
    """
    folds = int(fold.max()) + 1
    if sample.model.shape[1] == 1:
        return [nothing_to_learn(sample, True)] * folds
    learnt: dict[str, Floats] = {}
    pairs = list(combinations(range(folds), 2)) if CHANCES_HERE[learner] else []
    for place, (one, other) in enumerate(pairs):
        watch(place / len(pairs))
        apart = (fold == one) | (fold == other)
        test, told = _told(sample, learner, order, apart, (one, other))
        blind_to = np.where(fold[test] == one, other, one)
        for name, values in told:  # in single precision: five folds of a dozen learners are a lot for a million units
            shape = (len(sample), folds, *values.shape[1:])
            learnt.setdefault(name, np.full(shape, np.nan, dtype=np.float32))[test, blind_to] = values
    return [
        _mixed(sample, learner, fold, fold != each, {name: values[:, each] for name, values in learnt.items()})
        for each in range(folds)
    ]


def fold_nuisances(sample: Sample, learner: str, order: Places, fold: Places) -> Nuisances:
    """What each unit is predicted by models that have not seen its fold. Raises PerfectSeparation."""
    if sample.model.shape[1] == 1:
        return nothing_to_learn(sample, True)
    learnt: dict[str, Floats] = {}
    for each in range(int(fold.max()) + 1) if CHANCES_HERE[learner] else ():
        test, told = _told(sample, learner, order, fold == each, (each,))
        for name, values in told:
            learnt.setdefault(name, np.empty((len(sample), *values.shape[1:])))[test] = values
    return _mixed(sample, learner, fold, np.ones(len(sample), dtype=bool), learnt)


def seen_by_none(nuisances: list[Nuisances], fold: Places) -> Nuisances:
    """Of each unit the mean of its predictions, all by models that have not seen it; without losses."""
    chance = _mean([each.propensity for each in nuisances])
    outcomes = tuple(_mean([each.outcomes[arm] for each in nuisances]) for arm in (0, 1))
    return Nuisances(chance, outcomes, (), fold)


def _mean(values: list[Floats]) -> Floats:
    return np.asarray(np.nanmean(values, axis=0))


def _told(
    sample: Sample, learner: str, order: Places, apart: Flags, named: tuple[int, ...]
) -> tuple[Places, list[tuple[str, Floats]]]:
    """The places of the units `apart` (n,), and what each learner but the linear ones says of them from the others:
    (m,) of the treatment, (m, 2) of the outcomes.
    """
    import sklearn.ensemble  # noqa: F401  # its threads must be loaded before they are held
    from threadpoolctl import threadpool_limits

    train, test = order[~apart[order]], order[apart[order]]
    train = train[:: -(-len(train) // LEARNT_ROWS)]
    seed = int(np.random.SeedSequence([sample.seed, 19, *named]).generate_state(1)[0] >> 1)
    treated = sample.treated.astype(np.float64)
    with threadpool_limits(1):  # the same digits on any number of cores
        chances = predict_plainly(sample, treated, True, CHANCES_HERE[learner], train, test, seed)
        means = predict_by_arm(sample, MEANS[learner], train, test, seed)
    told = [(f"{TREATMENT}{name}", values) for name, values in chances.items()]
    return test, told + [(f"outcome: {name}", values) for name, values in means.items()]


def _mixed(sample: Sample, learner: str, fold: Places, rows: Flags, learnt: dict[str, Floats]) -> Nuisances:
    """The mix that predicts `rows` best; NaN elsewhere."""
    arms = (~sample.treated & rows, sample.treated & rows)
    treated = sample.treated.astype(np.float64)
    chances, means = Predictions(), Predictions()
    if learner in LINEAR_TOO:
        chances["linear"] = predict_linearly(sample.model, treated, True, fold, rows)
        seen = sample.outcome, sample.outcome_is_binary, fold
        means["linear"] = np.column_stack([predict_linearly(sample.model, *seen, arm) for arm in arms])
    for name, values in learnt.items():
        into = chances if name.startswith(TREATMENT) else means
        into[name] = values.astype(np.float64)
    chance, losses = combined("treatment", chances, treated, rows)
    refuse_decided(sample, np.where(rows, chance, sample.treated.mean()))
    outcomes: list[Floats] = []
    for place, (arm, name) in enumerate(zip(arms, ("control", "treated"), strict=True)):
        own = {key: values[:, place] for key, values in means.items()}
        mean, more = combined(f"outcome under {name}", own, sample.outcome, arm)
        outcomes.append(np.where(rows, mean, np.nan))
        losses = (*losses, *more)
    held = np.where(rows, np.clip(chance, SURE, 1 - SURE), np.nan)
    return Nuisances(held, (outcomes[0], outcomes[1]), losses, fold)
