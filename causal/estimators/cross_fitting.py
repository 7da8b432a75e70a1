"""Predictions of each unit by models that have not seen it, and how well they did.

Cross-fitting: Chernozhukov et al. (2018), Econometrics Journal 21: C1-C68. Of several learners a convex combination is
taken that has the least squared error on the units not seen (super learner: van der Laan, Polley and Hubbard 2007,
Statistical Applications in Genetics and Molecular Biology 6, article 25), the weights found once over all folds, as in
Ahrens, Hansen, Schaffer and Wiemann (2025), Journal of Applied Econometrics 40: 249-269 ("short-stacking").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from causal.errors import PerfectSeparation
from causal.estimators.design import Flags, Floats, Sample, rows_of
from causal.estimators.folds import Places, fold_of, settled_model, settled_order
from causal.estimators.learners import CHANCES, LEARNERS, LINEAR_TOO, Candidate, Predictions, Task
from causal.estimators.linear_folds import predict_linearly
from causal.estimators.nuisance import fit_propensity

SURE = 1e-4
"""Learnt propensities stay this far from 0 and 1: a learner that has never seen a treated unit like this one does not
know that there are none."""


DECIDED = 0.02
"""Where the error that is left of the arm's variance is less than this share, the covariates decide the arm."""


@dataclass(frozen=True)
class LearnerLoss:
    """One learner's mean squared error on units not seen, and its share in the combination.

    `nuisance`: "treatment", "outcome", "outcome under control", "outcome under treated".
    """

    nuisance: str
    learner: str
    loss: float
    share: float


@dataclass(frozen=True, eq=False)
class Nuisances:
    """`propensity` (n,); `outcomes` two arrays (n,), control first, or one; `losses` of each learner; `fold` (n,)."""

    propensity: Floats
    outcomes: tuple[Floats, ...]
    losses: tuple[LearnerLoss, ...]
    fold: Places


def nuisances_of(sample: Sample, learner: str, folds: int, repeat: int = 0, by_arm: bool = True) -> Nuisances:
    """The propensity and the outcome (under each arm, or as it is) of every unit, predicted from the other folds.

    Fitted once for a sample: methods that ask for the same share them. Raises TooFewUnits, PerfectSeparation.
    """
    if sample.model.shape[1] == 1:
        return nothing_to_learn(sample, by_arm)
    order = sample.remembered("settled order", lambda: settled_order(sample))
    split = _Split(order, fold_of(sample, order, folds, repeat), sample.seed, repeat)
    key = (learner, folds, repeat)
    chance, losses = sample.remembered(("treatment", *key), lambda: _treatment(sample, split, learner))
    refuse_decided(sample, chance)
    outcomes: tuple[Floats, ...]
    if by_arm:
        outcomes, more = sample.remembered(("outcomes", *key), lambda: _outcomes(sample, split, learner))
    else:
        outcomes, more = sample.remembered(("outcome", *key), lambda: _outcome(sample, split, learner))
    return Nuisances(np.clip(chance, SURE, 1 - SURE), outcomes, (*losses, *more), split.fold)


def nothing_to_learn(sample: Sample, by_arm: bool) -> Nuisances:
    """Without covariates the models are means, which need no folds."""
    n, outcome = len(sample), sample.outcome
    rows = (~sample.treated, sample.treated) if by_arm else (np.ones(n, dtype=bool),)
    means = tuple(np.full(n, outcome[each].mean()) for each in rows)
    return Nuisances(np.full(n, sample.treated.mean()), means, (), np.zeros(n, dtype=np.int64))


def refuse_decided(sample: Sample, chance: Floats) -> None:
    """Where the arm of units not seen is foretold (all but) without error, there is nobody to compare with."""
    share = float(sample.treated.mean())
    if float(((sample.treated - chance) ** 2).mean()) > DECIDED * share * (1 - share):
        return
    fit_propensity(sample)  # names the column, where there is one
    raise PerfectSeparation(
        "The covariates together foretell the treatment of nearly every unit, so there is nobody comparable in the "
        "other arm. Leave out columns that follow from the treatment, or restrict the log to units that could have "
        "had either arm."
    )


@dataclass(frozen=True, eq=False)
class _Split:
    order: Places
    fold: Places
    seed: int
    repeat: int

    def predict(self, fit: Callable[[Places, Places, int], Predictions]) -> Predictions:
        """Each named prediction of all units, by `fit(train, test, seed)` for each fold."""
        import sklearn.ensemble  # noqa: F401  # its threads must be loaded before they are held
        from threadpoolctl import threadpool_limits

        found: Predictions = {}
        for each in range(int(self.fold.max()) + 1):
            inside = self.fold[self.order] == each
            train, test = self.order[~inside], self.order[inside]
            seed = int(np.random.SeedSequence([self.seed, self.repeat, each]).generate_state(1)[0] >> 1)
            with threadpool_limits(1):  # the same digits on any number of cores
                predicted = fit(train, test, seed)
            for name, values in predicted.items():
                found.setdefault(name, np.empty((len(self.fold), *values.shape[1:])))[test] = values
        return found


def _treatment(sample: Sample, split: _Split, learner: str) -> tuple[Floats, tuple[LearnerLoss, ...]]:
    treated = sample.treated.astype(np.float64)
    found = _plain(sample, split, treated, True, learner, CHANCES[learner])
    return combined("treatment", found, treated, np.ones(len(sample), dtype=bool))


def _outcome(sample: Sample, split: _Split, learner: str) -> tuple[tuple[Floats], tuple[LearnerLoss, ...]]:
    found = _plain(sample, split, sample.outcome, sample.outcome_is_binary, learner, LEARNERS[learner])
    fitted, losses = combined("outcome", found, sample.outcome, np.ones(len(sample), dtype=bool))
    return (fitted,), losses


def _outcomes(sample: Sample, split: _Split, learner: str) -> tuple[tuple[Floats, Floats], tuple[LearnerLoss, ...]]:
    arms = (~sample.treated, sample.treated)
    found: Predictions = {}
    if learner in LINEAR_TOO:
        seen = sample.outcome, sample.outcome_is_binary, split.fold
        found["linear, model per arm"] = np.column_stack([predict_linearly(sample.model, *seen, arm) for arm in arms])
    if LEARNERS[learner]:
        found |= split.predict(lambda train, test, seed: predict_by_arm(sample, LEARNERS[learner], train, test, seed))
    fitted: list[Floats] = []
    losses: list[LearnerLoss] = []
    for place, (arm, name) in enumerate(zip(arms, ("control", "treated"), strict=True)):
        own = {key: values[:, place] for key, values in found.items()}
        mean, loss = combined(f"outcome under {name}", own, sample.outcome, arm)
        fitted.append(mean)
        losses.extend(loss)
    return (fitted[0], fitted[1]), tuple(losses)


def _plain(
    sample: Sample,
    split: _Split,
    outcome: Floats,
    binary: bool,
    learner: str,
    candidates: tuple[Candidate, ...],
) -> Predictions:
    """(n,) each."""
    found: Predictions = {}
    if learner in LINEAR_TOO:
        found["linear"] = predict_linearly(sample.model, outcome, binary, split.fold)

    def fit(train: Places, test: Places, seed: int) -> Predictions:
        return predict_plainly(sample, outcome, binary, candidates, train, test, seed)

    return found | split.predict(fit) if candidates else found


def predict_plainly(
    sample: Sample,
    outcome: Floats,
    binary: bool,
    candidates: tuple[Candidate, ...],
    train: Places,
    test: Places,
    seed: int,
) -> Predictions:
    """(m,) each: of `outcome` (n,) at the places `test`, learnt at the places `train`."""
    model, predicted = settled_model(sample), Predictions()
    task = Task(rows_of(model, train), outcome[train], rows_of(model, test), binary, seed)
    for each in candidates:
        predicted |= each.predict(task)
    return predicted


def predict_by_arm(
    sample: Sample, candidates: tuple[Candidate, ...], train: Places, test: Places, seed: int
) -> Predictions:
    """(m, 2) each: by a model per arm, or by one in which the treatment is a column like the others."""
    whole = settled_model(sample)
    model, outcome, new = rows_of(whole, train), sample.outcome[train], rows_of(whole, test)
    treated = sample.treated[train]
    task = Task(model, outcome, new, sample.outcome_is_binary, seed)
    ways = {way for each in candidates for way in each.ways}
    if "one model" in ways:
        both = np.vstack([np.column_stack([new, np.full(len(new), value)]) for value in (0.0, 1.0)])
        joint = Task(np.column_stack([model, treated]), outcome, both, sample.outcome_is_binary, seed)
    found: Predictions = {}
    for each in candidates:
        if "model per arm" in each.ways:
            arms = [each.predict(task.of(arm)) for arm in (~treated, treated)]
            found |= {f"{name}, model per arm": np.column_stack([arms[0][name], arms[1][name]]) for name in arms[0]}
        if "one model" in each.ways:
            pooled = each.predict(joint)
            found |= {f"{name}, one model": values.reshape(2, -1).T for name, values in pooled.items()}
    return found


def combined(nuisance: str, found: Predictions, seen: Floats, rows: Flags) -> tuple[Floats, tuple[LearnerLoss, ...]]:
    """The convex combination of predictions with the least squared error on `rows`, and each one's own error."""
    names = list(found)
    errors = np.column_stack([found[name][rows] - seen[rows] for name in names])
    products = errors.T @ errors / len(errors)
    shares = convex_weights(products)
    losses = tuple(
        LearnerLoss(nuisance, name, float(products[place, place]), float(shares[place]))
        for place, name in enumerate(names)
    )
    mean = np.zeros(len(seen))
    for name, share in zip(names, shares, strict=True):
        if share > 0:
            mean += share * found[name]
    return mean, losses


def convex_weights(products: Floats) -> Floats:
    """(k,) weights w, none negative, adding up to one, with the least w' products w (k, k)."""
    if len(products) == 1:
        return np.ones(1)
    scale = float(np.trace(products)) / len(products)
    values, vectors = np.linalg.eigh(products / scale if scale > 0 else np.eye(len(products)))
    root = (vectors * np.sqrt(np.maximum(values, 0.0) + 1e-12)).T
    heavy = 1e3  # makes the weights add up to one as nearly as it matters; what is left is divided out
    system = np.vstack([root, np.full(len(products), heavy)])
    weights, _ = nnls(system, np.concatenate([np.zeros(len(root)), [heavy]]))
    return np.asarray(weights / weights.sum())
