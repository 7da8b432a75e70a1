"""Allocation under several limits at once: a budget, so many units per arm, and outcomes that may not fall.

A linear program per part of the units by HiGHS (Huangfu and Hall 2018): its optimum splits no more units than there
are limits. Those are given the arm that keeps to the limits. Many units are dealt into parts at random, each with its
share of every limit, so that the limits hold for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from causal.errors import OptionProblem
from causal.estimators.design import Floats
from causal.progress import Progress, silent

PART = 10_000
_TRIES = 6
_TOGETHER = 5


@dataclass(frozen=True)
class Limit:
    """The sum over units of `use` (n, K) at the arm given is at most `most`; `name` says what it is."""

    name: str
    use: Floats
    most: float


@dataclass(frozen=True, eq=False)
class Allocation:
    """`arms` (n,), the total `gain`, and the `bound` that no allocation within the limits can pass."""

    arms: NDArray[np.int64]
    gain: float
    bound: float


def allocate_within(gains: Floats, limits: Sequence[Limit], seed: int = 0, progress: Progress = silent) -> Allocation:
    """The arms (n,) with the highest total of `gains` (n, K) that keep to every limit.

    Raises OptionProblem where no allocation does.
    """
    n = len(gains)
    parts = max(1, -(-n // PART))
    dealt = np.random.default_rng([seed, 11]).permutation(n) % parts
    arms, bound = np.empty(n, dtype=np.int64), 0.0
    for part in range(parts):
        progress(part / parts, "allocating within the limits")
        inside = np.flatnonzero(dealt == part)
        share = len(inside) / n
        own = [Limit(each.name, each.use[inside], each.most * share) for each in limits]
        arms[inside], best = _solved(gains[inside], own)
        bound += best
    return Allocation(arms, float(gains[np.arange(n), arms].sum()), bound)


def _solved(gains: Floats, limits: Sequence[Limit]) -> tuple[NDArray[np.int64], float]:
    """The allocation of one part, and the program's optimum; limits are tightened until whole units keep to them."""
    most = np.array([each.most for each in limits])
    bound = 0.0
    for attempt in range(_TRIES):
        shares, optimum = _program(gains, limits, most)
        bound = optimum if attempt == 0 else bound
        arms = shares.argmax(axis=1)
        _settle(arms, np.flatnonzero(shares.max(axis=1) < 1 - 1e-7), gains, limits)
        over = np.array([each.use[np.arange(len(arms)), arms].sum() - each.most for each in limits])
        slack = np.array([1e-9 * max(1.0, abs(each.most)) for each in limits])
        if (over <= slack).all():
            break
        most = most - np.maximum(over, 0.0) * (attempt + 1)
    else:
        raise _impossible(limits)
    return arms, bound


def _program(gains: Floats, limits: Sequence[Limit], most: Floats) -> tuple[Floats, float]:
    """(n, K) the share of each unit that gets each arm, and the total gain."""
    n, count = gains.shape
    constraints = [optimize.LinearConstraint(sparse.csr_array(sparse.kron(sparse.eye(n), np.ones((1, count)))), 1, 1)]
    if limits:
        used = sparse.csr_array(np.stack([each.use.ravel() for each in limits]))
        constraints.append(optimize.LinearConstraint(used, -np.inf, most))
    found = optimize.milp(-gains.ravel(), constraints=constraints, bounds=optimize.Bounds(0, np.inf))
    if found.x is None:
        raise _impossible(limits)
    return np.asarray(found.x).reshape(n, count), float(-found.fun)


def _impossible(limits: Sequence[Limit]) -> OptionProblem:
    listed = ", ".join(each.name for each in limits)
    return OptionProblem(
        f"No allocation keeps to all of these limits at once: {listed}. Loosen one of them, or add an arm that costs "
        "nothing."
    )


def _settle(arms: NDArray[np.int64], split: NDArray[np.int64], gains: Floats, limits: Sequence[Limit]) -> None:
    """Give the units that the program split (no more than there are limits) the best arms that keep to the limits.

    All combinations of their arms are tried; where none keeps to the limits, the one that misses them least is taken.
    """
    if len(split) == 0:
        return
    whole = np.setdiff1d(np.arange(len(arms)), split)
    left = np.array([each.most - float(each.use[whole, arms[whole]].sum()) for each in limits])
    most = np.maximum(np.abs(np.array([each.most for each in limits])), 1.0)
    combinations = np.array(list(product(range(gains.shape[1]), repeat=min(len(split), _TOGETHER))))
    for start in range(0, len(split), _TOGETHER):
        units = split[start : start + _TOGETHER]
        tried = np.unique(combinations[:, : len(units)], axis=0)
        used = np.array([each.use[units[None, :], tried].sum(axis=1) for each in limits]).T
        missed = (np.maximum(used - left - 1e-9 * most, 0) / most).max(axis=1)
        value = gains[units[None, :], tried].sum(axis=1)
        at = int(np.lexsort((-value, missed))[0])
        arms[units] = tried[at]
        left = left - used[at]


def capacity_limits(levels: Sequence[object], n: int, most: Mapping[object, float]) -> list[Limit]:
    """A limit per arm named: at most so many units get it.

    Raises OptionProblem for an arm that is not compared.
    """
    spelled = {str(level): at for at, level in enumerate(levels)}
    found = []
    for level, units in most.items():
        if str(level) not in spelled:
            known = ", ".join(repr(each) for each in levels)
            raise OptionProblem(f"There is no arm {level!r} to limit. The arms are: {known}.")
        use = np.zeros((n, len(levels)))
        use[:, spelled[str(level)]] = 1.0
        found.append(Limit(f"at most {units:,.0f} units get {level}", use, float(units)))
    return found


def guardrail_limit(name: str, predicted: Floats, today: float, may_fall: float = 0.0) -> Limit:
    """The mean of an outcome, predicted (n, K) under each arm, stays at `today` less `may_fall` or above."""
    return Limit(f'"{name}" does not fall', -predicted, -(today - may_fall) * len(predicted))
