"""What the checks say of one answer, each as a light with its sentence."""

from __future__ import annotations

import numpy as np

from causal.checks.balance import BalanceTable
from causal.checks.overlap import OverlapSummary
from causal.checks.verdict import Light, Verdict
from causal.estimators.estimate import Estimate
from causal.estimators.method import Method
from causal.estimators.stock import is_stock
from causal.graphs.identification import Estimand

BADLY_UNBALANCED = 0.25
FEW_EFFECTIVE_UNITS = 30
SMALL_EFFECTIVE_SHARE = 0.25
_OTHER_ROADS = ("frontdoor", "id", "instrument")


def judge(
    method: Method,
    estimand: Estimand | None,
    adjust_for: tuple[str, ...],
    balance: BalanceTable,
    overlap: OverlapSummary,
    estimate: Estimate,
    refused: bool = False,
) -> tuple[Verdict, ...]:
    """Identification, balance and overlap, in that order; `refused`: a graph was given and identifies nothing."""
    return (
        _identification(method, estimand, adjust_for, refused),
        _balance(method, balance),
        _overlap(method, overlap, estimate),
    )


def overall(verdicts: tuple[Verdict, ...]) -> Light:
    """The worst light among those that apply."""
    lights = {each.light for each in verdicts}
    if "failed" in lights:
        return "failed"
    return "attention" if "attention" in lights else "passed"


def _identification(method: Method, estimand: Estimand | None, adjust_for: tuple[str, ...], refused: bool) -> Verdict:
    if refused and not method.adjusts:
        return Verdict(
            "identification",
            "failed",
            "The graph does not identify the effect: this is the difference in the log, and no causal answer.",
        )
    if estimand is None and not method.adjusts:
        return Verdict("identification", "attention", "Nothing is adjusted for: causal only if treatment was random.")
    if estimand is None:
        listed = ", ".join(adjust_for) or "nothing"
        return Verdict("identification", "attention", f"You chose what to adjust for ({listed}); no graph backs it.")
    if not method.adjusts and estimand.adjust_for:
        listed = ", ".join(estimand.adjust_for)
        return Verdict("identification", "failed", f"The graph asks to adjust for {listed}; this method does not.")
    if not method.adjusts and estimand.strategy in _OTHER_ROADS and not is_stock(method.name):
        sentence = f"The graph asks for another method; this one adjusts for nothing. {estimand.sentence}"
        return Verdict("identification", "failed", sentence)
    return Verdict("identification", "passed", estimand.sentence)


def _balance(method: Method, balance: BalanceTable) -> Verdict:
    worst = balance.worst
    if worst is None:
        return Verdict("balance", "does_not_apply", "There are no covariates to balance.")
    size = abs(worst.before if np.isnan(worst.after) else worst.after)
    when = "before adjustment (this method implies no weights)" if np.isnan(worst.after) else "after adjustment"
    if not method.adjusts:
        when = "in the groups as they are"
    if size <= balance.threshold:
        return Verdict(
            "balance",
            "passed",
            f"All {len(balance.rows)} differences are within {balance.threshold:g} {when}; the "
            f'largest is "{worst.name}" at {_size(size)}.',
        )
    light: Light = "attention" if size <= BADLY_UNBALANCED or np.isnan(worst.after) else "failed"
    return Verdict(
        "balance",
        light,
        f"{len(balance.unbalanced)} of {len(balance.rows)} {_exceed(balance)} {balance.threshold:g} {when}; the worst "
        f'is "{worst.name}" at {_size(size)}.',
    )


def _overlap(method: Method, overlap: OverlapSummary, estimate: Estimate) -> Verdict:
    sizes = overlap.effective_sample_size
    if sizes is None or not method.adjusts:
        return Verdict("overlap", "does_not_apply", "This method weights no units; see a weighting method's overlap.")
    arm = (
        "control"
        if sizes.control / estimate.arm_sizes.control < sizes.treated / estimate.arm_sizes.treated
        else "treated"
    )
    effective, actual = sizes[arm], estimate.arm_sizes[arm]
    share = effective / actual
    sentence = f"The {arm} arm counts as {effective:,.0f} of its {actual:,.0f} units after weighting."
    if effective < FEW_EFFECTIVE_UNITS:
        return Verdict("overlap", "failed", sentence + " So few say little about the whole population.")
    if share < SMALL_EFFECTIVE_SHARE:
        return Verdict("overlap", "attention", sentence + " A small group carries the answer.")
    return Verdict("overlap", "passed", sentence)


def _size(difference: float) -> str:
    return "less than 0.01" if difference < 0.01 else f"{difference:.2g}"


def _exceed(balance: BalanceTable) -> str:
    return "differences exceeds" if len(balance.unbalanced) == 1 else "differences exceed"
