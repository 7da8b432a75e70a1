"""Allocation under several limits at once: a budget, so many units per arm, and outcomes that may not fall.

The linear program by HiGHS (Huangfu and Hall 2018): its optimum splits no more units than there are limits. Those are
given the arms that keep to the limits. Of many units only a core goes to HiGHS, the units whose best arm is in doubt at
the prices of the limits (Balas and Zemel 1980, Operations Research 28: 1130-1154); the others get the arm that is best
at these prices. Where the core's own prices leave all of those as they are, this is the optimum of the whole program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from causal.errors import OptionProblem
from causal.estimators.design import Floats
from causal.progress import Progress, silent

CORE = 10_000
"""Units that go to HiGHS at once."""

_DEAR = 1e4
_SWEEPS = 3
_HALVINGS = 12
_MOST_CORES = 8
_ROUNDS = 12
_PASSED = 3
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
    """`arms` (n,), the total `gain`, and the `bound` that no allocation within the limits can pass; `prices` of the
    limits: what one more of each would gain.
    """

    arms: NDArray[np.int64]
    gain: float
    bound: float
    prices: tuple[float, ...]


def allocate_within(gains: Floats, limits: Sequence[Limit], seed: int = 0, progress: Progress = silent) -> Allocation:
    """The arms (n,) with the highest total of `gains` (n, K) that keep to every limit, but for a unit per limit.

    Raises OptionProblem where no allocation does.
    """
    n, most = len(gains), np.array([each.most for each in limits])
    progress(0.0, "allocating within the limits")
    if not limits:
        best = float(gains.max(axis=1).sum())
        return Allocation(gains.argmax(axis=1), best, best, ())
    core, prices = np.arange(n), np.zeros(len(limits))
    if n > CORE:
        core, prices = _core_of(gains, limits, seed, progress)
    arms = _net(gains, limits, prices).argmax(axis=1)
    outside = np.ones(n, dtype=bool)
    outside[core] = False
    used = np.array([each.use[outside, arms[outside]].sum() for each in limits])
    own = [Limit(each.name, each.use[core], left) for each, left in zip(limits, most - used, strict=True)]
    arms[core], prices = _solved(gains[core], own)
    bound = float(_net(gains, limits, prices).max(axis=1).sum() + prices @ most)
    return Allocation(arms, float(gains[np.arange(n), arms].sum()), bound, tuple(prices.tolist()))


def _net(gains: Floats, limits: Sequence[Limit], prices: Floats) -> Floats:
    """(n, K) gains less what they use of the limits at their prices."""
    found = gains.copy()
    for price, each in zip(prices, limits, strict=True):
        if price:
            found -= price * each.use
    return found


def _core_of(gains: Floats, limits: Sequence[Limit], seed: int, progress: Progress) -> tuple[NDArray[np.int64], Floats]:
    """The units whose arm is in doubt, and the prices at which all others have theirs."""
    n, most = len(gains), np.array([each.most for each in limits])
    start = np.sort(np.random.default_rng([seed, 11]).permutation(n)[:CORE])
    some = [Limit(each.name, each.use[start], each.most) for each in limits]
    prices, size = _program(gains[start], some, most * len(start) / n, True).prices.copy(), CORE
    for place in [*range(len(limits))] * _SWEEPS:
        prices[place] = _met(gains, limits, prices, place)
    passed = 0
    for attempt in range(_ROUNDS):
        progress((attempt + 1) / (_ROUNDS + 1), "allocating within the limits")
        net = _net(gains, limits, prices)
        arms, ordered = net.argmax(axis=1), np.partition(net, -2, axis=1)
        core = np.argpartition(ordered[:, -1] - ordered[:, -2], size - 1)[:size]
        outside = np.ones(n, dtype=bool)
        outside[core] = False
        used = np.array([each.use[outside, arms[outside]].sum() for each in limits])
        own = [Limit(each.name, each.use[core], each.most) for each in limits]
        found = _program(gains[core], own, most - used, True)
        after = _net(gains[outside], [Limit(e.name, e.use[outside], e.most) for e in limits], found.prices)
        chosen = after[np.arange(len(after)), arms[outside]]
        settled = after.max(axis=1) <= chosen + 1e-9 * np.maximum(np.abs(chosen), 1.0)
        if settled.all() and not found.over:
            return core, prices
        passed = passed + 1 if found.over else 0
        if passed == _PASSED:  # however dear it is to pass them
            raise _impossible(limits)
        if (np.abs(found.prices - prices) <= 0.5 * np.maximum(prices, 0.0)).all():
            prices = found.prices
        else:  # the core was too small to hold what is in doubt, so its prices say nothing of the whole
            size = min(n, 2 * size, _MOST_CORES * CORE)
    return core, prices


def _met(gains: Floats, limits: Sequence[Limit], prices: Floats, place: int) -> float:
    """The price of one limit at which it is met, the others' held; zero where it does not bind."""
    units, each = np.arange(len(gains)), limits[place]
    without = prices.copy()
    without[place] = 0.0
    net = _net(gains, limits, without)

    def over(price: float) -> bool:
        return bool(each.use[units, (net - price * each.use).argmax(axis=1)].sum() > each.most)

    if not over(0.0):
        return 0.0
    spread = float(np.ptp(gains, axis=1).max()) / max(float(np.ptp(each.use, axis=1).max()), 1e-300)
    low, high = 0.0, max(float(prices[place]), 1e-6 * spread)
    if over(0.8 * high):
        low = 0.8 * high
    while over(high):
        low, high = high, 1.25 * high
        if high > _DEAR * spread:
            return float(prices[place])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if over(middle) else (low, middle)
    return high


def _solved(gains: Floats, limits: Sequence[Limit]) -> tuple[NDArray[np.int64], Floats]:
    """The allocation, and the program's prices; limits are tightened until whole units keep to them."""
    most = np.array([each.most for each in limits])
    prices = np.zeros(len(limits))
    for attempt in range(_TRIES):
        found = _program(gains, limits, most)
        prices = found.prices if attempt == 0 else prices
        arms = found.shares.argmax(axis=1)
        _settle(arms, np.flatnonzero(found.shares.max(axis=1) < 1 - 1e-7), gains, limits)
        over = np.array([each.use[np.arange(len(arms)), arms].sum() - each.most for each in limits])
        slack = np.array([1e-9 * max(1.0, abs(each.most)) for each in limits])
        if (over <= slack).all():
            return arms, prices
        most = most - np.maximum(over, 0.0) * (attempt + 1)
    raise _impossible(limits)


@dataclass(frozen=True, eq=False)
class _Solution:
    """(n, K) the share of each unit that gets each arm, the limits' prices, and whether a limit is passed."""

    shares: Floats
    prices: Floats
    over: bool


def _program(gains: Floats, limits: Sequence[Limit], most: Floats, elastic: bool = False) -> _Solution:
    """The linear program. `elastic`: limits may be passed, at a price that nothing is worth.

    Raises OptionProblem.
    """
    n, count = gains.shape
    scales = np.array([float(np.ptp(each.use, axis=1).max()) or 1.0 for each in limits])
    objective = -gains.ravel()
    rows = np.stack([each.use.ravel() / scale for each, scale in zip(limits, scales, strict=True)])
    used: Any = sparse.csr_array(rows)
    whole: Any = sparse.csr_array(sparse.kron(sparse.eye(n), np.ones((1, count))))
    if elastic:
        used = sparse.csr_array(sparse.hstack([used, -sparse.eye(len(limits))]))
        whole = sparse.csr_array(sparse.hstack([whole, sparse.csr_array((n, len(limits)))]))
        dear = _DEAR * max(float(np.ptp(gains, axis=1).max()), 1e-12)
        objective = np.concatenate([objective, np.full(len(limits), dear)])
    found = optimize.linprog(
        objective, A_ub=used, b_ub=most / scales, A_eq=whole, b_eq=np.ones(n), bounds=(0, None), method="highs-ds"
    )
    if found.x is None:
        raise _impossible(limits)
    over = bool(elastic and found.x[n * count :].max() > 1e-7)
    prices = np.maximum(-np.asarray(found.ineqlin.marginals), 0.0) / scales
    return _Solution(np.asarray(found.x[: n * count]).reshape(n, count), prices, over)


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
