"""Four fifths of the units, drawn again and again: the effect should move by no more than its standard error says.

The spread over random parts of a share f is that of the estimate by the square root of (1 - f) / f: half of it here.
"""

from __future__ import annotations

import numpy as np

from causal.checks.refuters.refutation import Refutation, Refuter, Subject, judge_stability, simulate
from causal.estimators.design import Sample
from causal.progress import Progress

SHARE = 0.8
SCATTER = 1.0
"""Twice the spread that is expected."""


def _run(subject: Subject, progress: Progress) -> Refutation:
    trials, lost = simulate(subject, _part, progress)
    return judge_stability("subset", subject, trials, lost, SCATTER)


def _part(sample: Sample, rng: np.random.Generator) -> Sample:
    """Whole clusters where there are any."""
    if sample.clusters is None:
        return sample.keep(rng.random(len(sample)) < SHARE)
    return sample.keep((rng.random(int(sample.clusters.max()) + 1) < SHARE)[sample.clusters])


REFUTER = Refuter(
    name="subset",
    title="Parts of the data",
    asks="Do random parts of the data, four fifths each, tell the same?",
    run=_run,
)
