"""One unit at a time left out, those that could carry most: no single one should carry the effect.

Broderick, Giordano and Meager (2023), "An automatic finite-sample robustness metric", ask it of small groups. Here: the
units farthest from their arm's mean, and those least likely to be in the arm that they are in.
"""

from __future__ import annotations

import numpy as np

from causal.checks.refuters.refutation import Refutation, Refuter, Subject, leave_out
from causal.errors import DoableError
from causal.estimators.design import Sample
from causal.estimators.nuisance import fit_propensity
from causal.progress import Progress

EACH = 5
TOO_FAR = 2.0
"""A unit that moves the effect by so many of the standard errors without it carries what an interval is wide."""


def _run(subject: Subject, progress: Progress) -> Refutation:
    sample = subject.sample
    parts = [(f"row {int(sample.rows[place]) + 1:,}", _without(sample, place)) for place in _candidates(sample)]
    trials = leave_out(subject, parts, progress)
    if not trials or not subject.std_error > 0:
        return Refutation("leave_out_unit", "does_not_apply", "no answer", subject.effect, trials)
    far = max(trials, key=lambda each: abs(each.effect - subject.effect) / each.std_error)
    if abs(far.effect - subject.effect) > TOO_FAR * far.std_error:
        return Refutation("leave_out_unit", "failed", "one stands out", subject.effect, trials, detail=far.label)
    return Refutation("leave_out_unit", "passed", "as expected", subject.effect, trials)


def _candidates(sample: Sample) -> list[int]:
    distance = np.zeros(len(sample))
    for arm in (sample.treated, ~sample.treated):
        distance[arm] = np.abs(sample.outcome[arm] - np.median(sample.outcome[arm]))
    chosen: list[int] = np.argsort(-distance, kind="stable")[:EACH].tolist()
    try:
        score = fit_propensity(sample).fitted
    except DoableError:
        return chosen
    own = np.where(sample.treated, score, 1 - score)
    return list(dict.fromkeys([*chosen, *np.argsort(own, kind="stable")[:EACH].tolist()]))


def _without(sample: Sample, place: int) -> Sample | None:
    mask = np.ones(len(sample), dtype=bool)
    mask[place] = False
    try:
        return sample.keep(mask)
    except DoableError:
        return None


REFUTER = Refuter(
    name="leave_out_unit",
    title="Without one unit",
    asks="Does any single unit carry the effect?",
    run=_run,
)
