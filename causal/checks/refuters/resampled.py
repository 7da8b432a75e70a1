"""The units drawn again with replacement: do refits scatter as the standard error says, and keep the effect's sign?

Efron (1979), Annals of Statistics 7: 1-26; whole clusters: Davison and Hinkley (1997), section 3.8. The spread of m
refits, over the error that is right, is that of a chi-squared variable with m - 1 degrees of freedom: one larger than
chance allows says that the error is too small. One smaller is no fault: the textbooks' conservative errors are larger.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.stats import chi2

from causal.checks.refuters.refutation import SURPRISING, Refutation, Refuter, Subject, judge_stability, simulate
from causal.errors import TooFewUnits
from causal.estimators.bootstrap import drawn_again
from causal.estimators.design import Sample
from causal.progress import Progress

NOTICEABLE = 1.25
"""An interval of errors a fifth too small still covers 88 %: what is within it is left alone."""


def _run(subject: Subject, progress: Progress) -> Refutation:
    if subject.no_redraw:
        return Refutation("resampled", "does_not_apply", "refused", subject.effect, detail=subject.no_redraw)
    trials, lost = simulate(subject, _again, progress)
    count = max(len(trials), 2)
    scatter = max(math.sqrt(float(chi2.isf(SURPRISING, count - 1)) / (count - 1)), NOTICEABLE)
    found = judge_stability("resampled", subject, trials, lost, scatter)
    if found.light == "does_not_apply":
        return found
    other_sign = int((found.effects * subject.effect < 0).sum())
    return replace(found, missed=other_sign, detail=f"{found.effects.std(ddof=1) / subject.std_error:.3g}")


def _again(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample with units drawn with replacement.

    Raises TooFewUnits where hardly anybody of an arm is drawn.
    """
    drawn = drawn_again(sample, rng, sample.clusters)
    if min(int(drawn.treated.sum()), int((~drawn.treated).sum())) < 2:
        raise TooFewUnits("Fewer than two units of an arm were drawn.")
    return drawn


REFUTER = Refuter(
    name="resampled",
    title="Units drawn again",
    asks="Do refits on units drawn with replacement scatter as the standard error says they should?",
    run=_run,
)
