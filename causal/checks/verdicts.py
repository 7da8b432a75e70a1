"""What the checks say of one answer, each as a light with its sentence."""

from __future__ import annotations

import numpy as np

from causal.checks.balance import THRESHOLD, BalanceTable
from causal.checks.overlap import OverlapSummary
from causal.checks.verdict import Light, Verdict
from causal.estimators.estimate import Estimate, PerArm
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.stock import is_stock
from causal.graphs.identification import Estimand
from causal.logs.log import counted

BADLY_UNBALANCED = 0.25
FEW_UNITS = 30
"""An arm of fewer units, or one that counts as fewer after weighting, says little."""

HANDFUL = 10
"""From fewer units than this no arm's spread can be told."""

SMALL_EFFECTIVE_SHARE = 0.5
LARGE_SHARE_BEYOND = 0.1
"""So many units with propensities outside 0.1 to 0.9 ask for a look (Crump et al. 2009)."""

NO_INTERVAL = Verdict(
    "interval", "attention", "This method gives no interval here, so how sure the number is cannot be said."
)
_ARMS = ("control", "treated")
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
    """Identification, balance and overlap, in that order, and the interval where there is none.

    `refused`: a graph was given and identifies nothing.
    """
    found = (
        _identification(method, estimand, adjust_for, refused),
        _balance(method, balance, estimand),
        _overlap(method, overlap, estimate),
    )
    return found if np.isfinite(estimate.std_error) else (*found, NO_INTERVAL)


def judge_stock(fit: Fit) -> tuple[Verdict, ...]:
    """Where a stock method is known to be wrong: in what."""
    fault = dict(fit.facts).get("known fault")
    return (Verdict("method", "attention", str(fault)),) if fault else ()


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


def _balance(method: Method, balance: BalanceTable, estimand: Estimand | None) -> Verdict:
    worst = balance.worst
    if worst is None:
        return Verdict("balance", "does_not_apply", "There are no covariates to balance.")
    if method.adjusts and estimand is not None and estimand.strategy == "instrument":
        sentence = "An instrument compares units by what moved them, so the arms themselves need not be alike."
        return Verdict("balance", "does_not_apply", sentence)
    size = abs(worst.before if np.isnan(worst.after) else worst.after)
    when = "before adjustment (this method implies no weights)" if np.isnan(worst.after) else "after adjustment"
    if not method.adjusts:
        when = "in the groups as they are"
    total, beyond, limit = len(balance.rows), len(balance.unbalanced), f"{balance.threshold:g}"
    if size <= balance.threshold:
        scope = "The one difference is" if total == 1 else f"All {total} differences are"
        return Verdict(
            "balance", "passed", f'{scope} within {limit} {when}; the largest is "{worst.name}" at {_size(size)}.'
        )
    light: Light = "attention" if size <= BADLY_UNBALANCED or np.isnan(worst.after) else "failed"
    scope = "The one difference exceeds" if total == 1 else f"{beyond} of {total} differences {_exceed(beyond)}"
    return Verdict("balance", light, f'{scope} {limit} {when}; the worst is "{worst.name}" at {_size(size)}.')


def _overlap(method: Method, overlap: OverlapSummary, estimate: Estimate) -> Verdict:
    if not method.adjusts:
        return Verdict("overlap", "does_not_apply", "This method weights no units; see a weighting method's overlap.")
    actual, sizes = estimate.arm_sizes, overlap.effective_sample_size
    smallest = min(_ARMS, key=actual.__getitem__)
    if actual[smallest] < FEW_UNITS:
        counting = min((actual if sizes is None else sizes).values())
        light: Light = "failed" if min(counting, actual[smallest]) < HANDFUL else "attention"
        only = counted(round(actual[smallest]), "unit")
        return Verdict("overlap", light, f"Only {only} in the {smallest} arm: too few units to judge the overlap.")
    if sizes is None:
        return _beyond(overlap) or Verdict(
            "overlap", "does_not_apply", "This method weights no units; see a weighting method's overlap."
        )
    fewest = min(_ARMS, key=sizes.__getitem__)
    if sizes[fewest] < FEW_UNITS:
        sentence = _counts_as(fewest, sizes, actual) + " So few say little about the whole population."
        return Verdict("overlap", "failed", sentence)
    thinnest = min(_ARMS, key=lambda arm: sizes[arm] / actual[arm])
    sentence = _counts_as(thinnest, sizes, actual)
    if sizes[thinnest] < SMALL_EFFECTIVE_SHARE * actual[thinnest]:
        return Verdict("overlap", "attention", sentence + " A small group carries the answer.")
    return _beyond(overlap) or Verdict("overlap", "passed", sentence)


def _beyond(overlap: OverlapSummary) -> Verdict | None:
    share = overlap.share_beyond
    if share is None or share <= LARGE_SHARE_BEYOND:
        return None
    return Verdict(
        "overlap",
        "attention",
        f"{100 * share:.0f} % of the units had a chance of treatment below 10 % or above 90 %: for them there is "
        "little to compare with.",
    )


def _counts_as(arm: str, effective: PerArm, actual: PerArm) -> str:
    units = counted(round(actual[arm]), "unit")
    return f"The {arm} arm counts as {effective[arm]:,.0f} of its {units} after weighting."


def _size(difference: float) -> str:
    if not np.isfinite(difference):
        return "∞"
    return "less than 0.01" if difference < 0.005 else f"{difference:.{2 if _told_apart(difference) else 3}f}"


def _told_apart(difference: float) -> bool:
    """Whether two decimals show on which side of the threshold a difference lies."""
    return difference <= THRESHOLD or f"{difference:.2f}" != f"{THRESHOLD:.2f}"


def _exceed(beyond: int) -> str:
    return "exceeds" if beyond == 1 else "exceed"
