"""Tables with one fault planted each, and estimates that are broken on purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd

import causal
from causal.checks.refuters.refutation import Refutation, Subject
from causal.checks.refuters.registry import REFUTERS
from causal.effects.refutation import NegativeControls, refitted, refute
from causal.estimators.design import draw_sample
from causal.estimators.regression import RegressionOptions

SEED = 20_261_126
CONTROLS = NegativeControls("w", "z")
ADJUST_FOR = ("x", "g")

MEASURED_BY_ERRORS = {"negative_outcome", "negative_exposure", "leave_out_unit", "leave_out_segment"}
"""Refuters that take the standard error at its word."""

CATCHES: dict[str, set[str]] = {
    "none": set(),
    "unadjusted estimate": {"placebo", "simulated_outcome", "negative_outcome", "negative_exposure"},
    "halved estimate": {"simulated_outcome"},
    "overconfident estimate": {"placebo", "simulated_outcome", "subset", "resampled", *MEASURED_BY_ERRORS},
    "equal spread": {"resampled", "subset", *MEASURED_BY_ERRORS},
    "leaking covariate": {"leave_out_covariate", "leave_out_segment"},  # its quarters are chosen by the outcome
    "hidden cause": {"negative_outcome", "negative_exposure"},
    "outlier": {"leave_out_unit"},
    "lone segment": {"leave_out_segment"},
}
"""Which refuters each fault is for; the first of them must fail, and no refuter that is not named may."""

FIRST = {fault: next(iter(sorted(found)), None) for fault, found in CATCHES.items()}
FIRST["equal spread"] = "resampled"
FIRST["unadjusted estimate"], FIRST["overconfident estimate"] = "placebo", "placebo"
FIRST["hidden cause"] = "negative_outcome"


def draw(fault: str, seed: int, n: int = 1_500) -> pd.DataFrame:
    """Treatment t, outcome y, causes x and g, controls w (an outcome) and z (an exposure) that share what is hidden."""
    rng = np.random.default_rng([SEED, seed])
    x, g, u = rng.normal(size=n), rng.choice(["a", "b", "c"], n), rng.normal(size=n)
    hidden = u if fault == "hidden cause" else np.zeros(n)
    rare = 2.5 if fault == "equal spread" else 0.0
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.8 * x + 0.5 * (g == "b") + hidden - rare)))).astype(int)
    size = 3.0 * (g == "c") if fault == "lone segment" else 1.0
    y = size * t + 1.5 * x + (g == "b") + 1.5 * hidden + rng.normal(size=n)
    w = 0.8 * x + hidden + rng.normal(size=n)
    z = (rng.random(n) < 1 / (1 + np.exp(-(0.5 * x + hidden)))).astype(int)
    if fault == "equal spread":
        y += 5 * t * rng.normal(size=n)
    if fault == "outlier":
        y[int(np.flatnonzero(t)[0])] += 3_000.0
    leak = y + rng.normal(0, 0.1, n)
    return pd.DataFrame({"t": t, "y": y, "x": x, "g": g, "w": w, "z": z, "leak": leak})


def refuted(fault: str, seed: int, simulations: int = 20, method: str = "regression") -> dict[str, Refutation]:
    """Every refuter's finding of a table with this fault."""
    table = causal.UnitTable.from_frame(draw(fault, seed))
    adjust_for = (*ADJUST_FOR, "leak") if fault == "leaking covariate" else ADJUST_FOR
    spec = causal.AnalysisSpec(causal.Question("t", "y"), method=method, adjust_for=adjust_for, seed=seed)
    if fault in BROKEN:
        return {each.refuter: each for each in _broken(table, spec, BROKEN[fault], simulations)}
    found = refute(table, spec, simulations=simulations, controls=CONTROLS, processes=1)
    return {each.refuter: each for each in found}


def unadjusted(sample):
    return refitted(sample, "difference_in_means", None)


def halved(sample):
    effect, error = refitted(sample, "regression", None)
    return effect / 2, error


def overconfident(sample):
    effect, error = refitted(sample, "regression", None)
    return effect, error / 3


def of_equal_spread(sample):
    """As if units of both arms scattered alike: the few treated scatter five times as much."""
    return refitted(sample, "regression", RegressionOptions("classical"))


BROKEN = {
    "unadjusted estimate": unadjusted,
    "halved estimate": halved,
    "overconfident estimate": overconfident,
    "equal spread": of_equal_spread,
}


def _broken(table, spec, refit, simulations):
    def drawn(treatment, outcome, adjust_for):
        return draw_sample(table, causal.Question(treatment, outcome), adjust_for)

    sample = drawn("t", "y", ADJUST_FOR)
    controls = ("w", drawn("t", "w", ADJUST_FOR)), ("z", drawn("z", "y", (*ADJUST_FOR, "t")))
    subject = Subject(sample, refit, *refit(sample), simulations, spec.seed, 0.95, *controls, processes=1)
    return [each.run(subject, lambda share, stage: None) for each in REFUTERS]
