"""A treatment that nobody had: who counts as treated is drawn anew, each unit with its own propensity.

So the made-up treatment hangs on the covariates as the real one does, and an estimate that does not adjust sees an
effect where there is none. Drawing by the score itself is permuting within ever finer strata of it (Rosenbaum 1984,
JASA 79: 565-574) without keeping the strata's shares of treated, in which some of the real effect is left. The expected
effect is zero.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from causal.checks.refuters.refutation import Refutation, Refuter, Subject, judge_bias, simulate
from causal.errors import DoableError, TooFewUnits
from causal.estimators.design import Floats, Sample
from causal.estimators.nuisance import fit_propensity
from causal.progress import Progress


def _run(subject: Subject, progress: Progress) -> Refutation:
    try:
        score = fit_propensity(subject.sample).fitted
    except DoableError:
        return Refutation("placebo", "does_not_apply", "nothing to try", 0.0, detail="units alike in both arms")
    trials, lost = simulate(subject, partial(drawn_treatment, score=score), progress)
    return judge_bias("placebo", subject, trials, lost, 0.0, coverage=subject.sample.clusters is None)


def drawn_treatment(sample: Sample, rng: np.random.Generator, score: Floats) -> Sample:
    """The sample with treatments drawn by the score (n,).

    Raises TooFewUnits where hardly anybody is drawn into an arm.
    """
    treated = rng.random(len(sample)) < score
    if min(int(treated.sum()), int((~treated).sum())) < 2:
        raise TooFewUnits("Fewer than two units of an arm were drawn.")
    return replace(sample, treated=treated)


REFUTER = Refuter(
    name="placebo",
    title="Made-up treatment",
    asks="Is there no effect where there can be none: if the treated are drawn anew, each unit with its own chance?",
    run=_run,
)
