"""A million units, five arms, one budget: `python -m tests.bench.policies`.

The allocation alone (costs and predictions at hand), the curve of all budgets with its errors, two curves with their
paired differences, band and averages (beside another ranking, and beside everyone alike), and beside HiGHS at 10,000
units how far the total gain is from the linear program's optimum, and the largest gain of one unit. A million
units under a budget and two capacities, with the bound that nothing within them can pass. Points by gradient, and
annealing under a budget, beside the exact optimum of the same scores (2,000 units, three arms, effects linear in two
columns); seconds are of the processor. And how often 95 % intervals hold what deciding by unit is worth beside everyone
alike, over 300 studies of 1,000 units that learn, decide and value on the same units by cross-fitting: where effects do
not differ between units at all, and where they do.
"""

from __future__ import annotations

import datetime
import json
import platform
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from scipy import optimize, sparse

import causal
from causal.logs.unit_table import UnitTable
from causal.policies.alike import AlikePath, alike_path
from causal.policies.allocation import AllocationPath, allocation_path
from causal.policies.arm_scores import ArmScores
from causal.policies.budget_curve import budget_curve
from causal.policies.limits import Limit, allocate_within, capacity_limits
from causal.policies.paired_curves import paired_curves
from causal.policies.points import learn_points
from causal.policies.variety import allocate_with_variety

SEED = 5
REPEATS = 5


def problem(n: int, arms: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(SEED)
    gains, costs = rng.normal(0.3, 1.0, (n, arms)), rng.gamma(2.0, 1.0, (n, arms))
    costs[:, 0] = 0.0
    return gains, costs


def scored(gains: np.ndarray) -> ArmScores:
    n, count = gains.shape
    rng = np.random.default_rng(SEED + 1)
    noisy = gains + rng.standard_normal(gains.shape)
    arm = rng.integers(0, count, n)
    return ArmScores(
        tuple(range(count)), 0, gains, noisy, np.full(gains.shape, 1 / count), arm, noisy[:, 0], np.arange(n), n, None,
        (), False,
    )  # fmt: skip


def gap_at(n: int) -> dict[str, float]:
    gains, costs = problem(n)
    path = allocation_path(gains, costs)
    budget = 0.3 * float(path.spent[-1])
    arms = path.arms_after(path.steps_within(budget))
    start = time.process_time()
    program = optimize.linprog(
        -gains.ravel(),
        A_ub=costs.ravel()[None],
        b_ub=[budget],
        A_eq=sparse.kron(sparse.eye(n), np.ones((1, gains.shape[1])), format="csr"),
        b_eq=np.ones(n),
        method="highs",
    )
    gap = -program.fun - gains[np.arange(n), arms].sum()
    return {
        "units": n,
        "gap": float(gap),
        "largest_gain_of_one_unit": float(np.ptp(gains, axis=1).max()),
        "price": path.price_at(path.steps_within(budget)),
        "highs_price": float(-program.ineqlin.marginals[0]),
        "highs_seconds": time.process_time() - start,
    }


def within_limits(n: int) -> dict[str, object]:
    gains, costs = problem(n)
    limits = [
        *capacity_limits(list("abcde"), n, {"b": n // 12, "d": n // 12}),
        Limit("a budget", costs, 0.6 * n),
    ]
    start = time.process_time()
    found = allocate_within(gains, limits)
    return {
        "units": n,
        "gap_to_bound": found.bound - found.gain,
        "largest_gain_of_one_unit": float(np.ptp(gains, axis=1).max()),
        "prices": found.prices,
        "seconds": time.process_time() - start,
    }


def other_ways(n: int = 2_000) -> dict[str, object]:
    """What points and annealing reach of the exact optimum's gain over giving all the free arm."""
    rng = np.random.default_rng(SEED + 2)
    x = rng.standard_normal((n, 2))
    gains = np.column_stack([np.zeros(n), 0.5 + x[:, 0], 0.5 + x[:, 1]])
    costs, budget = np.tile([0.0, 1.0, 1.5], (n, 1)), 0.4 * n
    table = UnitTable.from_frame(pd.DataFrame(x, columns=["a", "b"]))
    path = allocation_path(gains, costs)
    steps = path.steps_within(budget)
    exact = path.arms_after(steps)
    found: dict[str, object] = {"units": n, "exact_gain": float(gains[np.arange(n), exact].mean())}
    start = time.process_time()
    scores = replace(scored(gains), scores=gains, adjust_for=("a", "b"))
    _, told, _ = learn_points(table, scores, costs, budget, 0)
    found["points"] = _beside(gains, told, exact) | {"seconds": time.process_time() - start}
    start = time.process_time()
    drawn = allocate_with_variety(gains, costs, path.start, budget, 0.0, path.price_at(steps)).arms
    found["annealing_from_the_cheapest"] = _beside(gains, drawn, exact) | {"seconds": time.process_time() - start}
    return found


def _beside(gains: np.ndarray, arms: np.ndarray, exact: np.ndarray) -> dict[str, float]:
    units = np.arange(len(gains))
    return {"share_of_exact_gain": float(gains[units, arms].sum() / gains[units, exact].sum())}


def paired(scores: ArmScores, costs: np.ndarray, path: AllocationPath, other: AllocationPath | AlikePath) -> float:
    """Seconds of the processor, the median of a few."""
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        paired_curves(scores, costs, path, other, 0.95)
        seconds.append(time.process_time() - start)
    return median(seconds)


def coverage(spread: float, studies: int = 300, n: int = 1_000) -> float:
    """The share of studies whose interval at three tenths of the units holds the truth for the units served."""
    hits = 0
    for seed in range(studies):
        rng = np.random.default_rng([SEED, seed])
        x, arm = rng.standard_normal(n), rng.integers(0, 2, n)
        effect = 0.5 + spread * x
        frame = pd.DataFrame({"x": x, "arm": arm, "y": x + arm * effect + rng.standard_normal(n)})
        spec = causal.AnalysisSpec(question=causal.Question("arm", "y"), adjust_for=("x",))
        policy = causal.learn_policy(UnitTable.from_frame(frame), spec, budget=0.3 * n)
        told = causal.compare_policies(policy, "alike", points=2).for_the_same
        low, high = told.interval()
        hits += low <= (effect * policy.arms).mean() - 0.3 * effect.mean() <= high
    return hits / studies


def main() -> None:
    gains, costs = problem(1_000_000)
    scores = scored(gains)
    noise = np.random.default_rng(SEED + 3).standard_normal(gains.shape)
    allocation, curve = [], []
    for _ in range(REPEATS):
        start = time.process_time()
        path = allocation_path(gains, costs)
        path.arms_after(path.steps_within(0.3 * float(path.spent[-1])))
        allocation.append(time.process_time() - start)
        start = time.process_time()
        budget_curve(scores, path, 0.95)
        curve.append(time.process_time() - start)
    found = {
        "date": datetime.date.today().isoformat(),
        "machine": platform.machine(),
        "seed": SEED,
        "allocation_seconds_at_1_million_x_5": median(allocation),
        "curve_seconds_at_1_million_x_5": median(curve),
        "paired_seconds_at_1_million_x_5": paired(scores, costs, path, allocation_path(gains + noise, costs)),
        "paired_with_alike_seconds_at_1_million_x_5": paired(scores, costs, path, alike_path(gains, costs)),
        "beside_highs": gap_at(10_000),
        "within_limits": within_limits(1_000_000),
        "other_ways": other_ways(),
        "coverage_where_effects_do_not_differ": coverage(0.0),
        "coverage_where_effects_differ": coverage(0.5),
    }
    text = json.dumps(found, indent=2)
    Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
