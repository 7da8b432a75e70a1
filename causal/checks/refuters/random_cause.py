"""A covariate of pure noise, adjusted for beside the others: the effect should stay where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.checks.refuters.refutation import Refutation, Refuter, Subject, judge_stability, simulate
from causal.estimators.design import Covariate, Sample
from causal.progress import Progress

SCATTER = 1.0


def _run(subject: Subject, progress: Progress) -> Refutation:
    trials, lost = simulate(subject, _with_noise, progress)
    return judge_stability("random_cause", subject, trials, lost, SCATTER)


def _with_noise(sample: Sample, rng: np.random.Generator) -> Sample:
    noise = rng.standard_normal(len(sample))
    noise = (noise - noise.mean()) / noise.std()
    place = sample.model.shape[1]
    return replace(
        sample,
        model=np.asfortranarray(np.column_stack([sample.model, noise])),
        names=(*sample.names, "noise"),
        centres=np.append(sample.centres, 0.0),
        scales=np.append(sample.scales, 1.0),
        covariates=(*sample.covariates, Covariate("noise", place, 1)),
    )


REFUTER = Refuter(
    name="random_cause",
    title="Random covariate",
    asks="Does the effect stay where it is if a column of pure noise is adjusted for as well?",
    run=_run,
)
