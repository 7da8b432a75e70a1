"""Who is in which fold: balanced over the arms, whole clusters together, the same for the same units in any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.design import Floats, Sample, blocks

Places = NDArray[np.int64]


def check_folds(title: str, folds: int, repeats: int) -> None:
    """Raise OptionProblem for numbers of folds or repeats that make no sense."""
    if not 2 <= folds <= 50:
        raise OptionProblem(f"{title}: {folds} folds cannot be; choose between 2 and 50.")
    if not 1 <= repeats <= 100:
        raise OptionProblem(f"{title}: {repeats} repeats cannot be; choose between 1 and 100.")


def settled_columns(sample: Sample) -> Places:
    """(p,) an order of the model's columns that hangs on what they hold, not on their place or name; the ones first.

    By fourth and third moments. Learners that search step by step give other digits for other orders.
    """
    third, fourth = _third_and_fourth(sample)
    return np.concatenate([[0], 1 + np.lexsort((third, np.round(fourth, 9)))]).astype(np.int64)


def settled_model(sample: Sample) -> Floats:
    """(n, p) the model with its columns in their settled order, made once for a sample."""
    found: Floats = sample.remembered(
        "settled model", lambda: np.asfortranarray(sample.model[:, settled_columns(sample)])
    )
    return found


def settled_order(sample: Sample) -> Places:
    """(n,) an order of the units that hangs on what they hold, not on where they or their columns stand in the table.

    By a sum of the columns in which each weighs by its own fourth moment and points the way its tail does. Units that
    hold the same are as good as each other.
    """
    third, fourth = _third_and_fourth(sample)
    weights = np.sqrt(fourth + 0.1) * np.where(third > -1e-8, 1.0, -1.0)
    key, columns = np.zeros(len(sample)), settled_columns(sample)[1:]
    for rows in blocks(len(sample)):
        for column in columns:
            key[rows] += weights[column - 1] * sample.model[rows, column]
    seen = (sample.outcome - sample.outcome.mean()) / sample.outcome.std()
    return np.argsort(key + 0.618 * seen * seen, kind="stable").astype(np.int64)


def _third_and_fourth(sample: Sample) -> tuple[Floats, Floats]:
    """(p - 1,) twice: the mean third and fourth powers of each column but the ones."""

    def moments() -> tuple[Floats, Floats]:
        third, fourth = np.zeros(sample.model.shape[1] - 1), np.zeros(sample.model.shape[1] - 1)
        for rows in blocks(len(sample)):
            values = sample.model[rows, 1:]
            squares = values * values
            third += (squares * values).sum(axis=0)
            fourth += (squares * squares).sum(axis=0)
        return third / len(sample), fourth / len(sample)

    return sample.remembered("third and fourth moments", moments)


def fold_of(sample: Sample, order: Places, folds: int, repeat: int) -> Places:
    """(n,) the fold of each unit: each arm (and each value of a binary outcome) is spread evenly over the folds.

    `order` as `settled_order` gives it. With clusters, all units of one are in one fold. Raises TooFewUnits.
    """
    seeds = [sample.seed, repeat]
    stratum = 2 * sample.treated.astype(np.int64) + (sample.outcome.astype(np.int64) if sample.outcome_is_binary else 0)
    found = np.empty(len(sample), dtype=np.int64)
    if sample.clusters is None:
        found[order] = _dealt(stratum[order], folds, seeds)
    else:
        found = _whole_clusters(sample, order, folds, seeds)
    _require_arms(sample, found, folds)
    return found


def _dealt(stratum: Places, folds: int, seeds: list[int]) -> Places:
    """Each stratum is shuffled and dealt out; the next one goes on where the last one stopped. Larger ones first."""
    found = np.empty(len(stratum), dtype=np.int64)
    start = 0
    kinds, sizes = np.unique(stratum, return_counts=True)
    for place, kind in enumerate(kinds[np.argsort(-sizes, kind="stable")]):
        rng = np.random.default_rng([*seeds, place])
        inside = rng.permutation(np.flatnonzero(stratum == kind))
        found[inside] = (start + np.arange(len(inside))) % folds
        start += len(inside)
    return found


def _whole_clusters(sample: Sample, order: Places, folds: int, seeds: list[int]) -> Places:
    assert sample.clusters is not None
    in_order = sample.clusters[order]
    _, first, codes = np.unique(in_order, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))[codes]  # clusters by where they first occur in the settled order
    share = np.bincount(rank, weights=sample.treated[order]) / np.bincount(rank)
    kind = np.where(share > 0.5, 1, 0) + 2 * (np.bincount(rank) > np.median(np.bincount(rank)))
    found = np.empty(len(sample), dtype=np.int64)
    found[order] = _dealt(kind.astype(np.int64), folds, seeds)[rank]
    return found


def _require_arms(sample: Sample, found: Places, folds: int) -> None:
    for arm, level in ((~sample.treated, sample.control_level), (sample.treated, sample.treated_level)):
        sizes = np.bincount(found[arm], minlength=folds)
        if sizes.min() == 0 or arm.sum() - sizes.max() < 2:
            raise TooFewUnits(
                f"The {int(arm.sum()):,} units with treatment level {level!r} are too few to be spread over {folds} "
                "folds. Choose fewer folds, or parametric models, which need none."
            )
