"""Each group of units left out in turn: levels of the categories, quarters of the numbers.

The effect may differ between groups; what fails is an effect that all but one group would not show: clear with the
group, not without it, by more than chance. The difference of the two estimates has the variance of the difference of
their variances (Hausman 1978, Econometrica 46: 1251-1271), as one of them holds all the units of the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from causal.checks.refuters.refutation import SURPRISING, Refutation, Refuter, Subject, leave_out
from causal.errors import DoableError
from causal.estimators.design import Covariate, Flags, Sample
from causal.estimators.estimate import quantile
from causal.progress import Progress

MOST_LEVELS = 12
MOST_SHARE = 0.6
"""A group of more than this share is no part but the whole."""


def _run(subject: Subject, progress: Progress) -> Refutation:
    sample = subject.sample
    groups = [(name, flags) for name, flags in _groups(sample) if 0 < flags.mean() <= MOST_SHARE]
    if not groups:
        return Refutation("leave_out_segment", "does_not_apply", "nothing to try", detail="a group of units")
    trials = leave_out(subject, [(name, _kept(sample, ~flags)) for name, flags in groups], progress)
    if not trials or not subject.std_error > 0:
        return Refutation("leave_out_segment", "does_not_apply", "no answer", subject.effect, trials)
    alone = [each for each in trials if _carries(subject, each.effect, each.std_error, len(trials))]
    if alone:
        worst = max(alone, key=lambda each: abs(each.effect - subject.effect))
        detail = worst.label
        return Refutation("leave_out_segment", "failed", "one stands out", subject.effect, trials, detail=detail)
    return Refutation("leave_out_segment", "passed", "as expected", subject.effect, trials)


def _carries(subject: Subject, effect: float, error: float, groups: int) -> bool:
    """Whether the effect is clear with the group only, and the move is more than chance among so many groups."""
    reach = quantile((1 + subject.confidence) / 2)
    clear_without = abs(effect) > reach * error and effect * subject.effect > 0
    spread = math.sqrt(max(error**2 - subject.std_error**2, (0.1 * error) ** 2))
    surprising = abs(effect - subject.effect) > quantile(1 - SURPRISING / groups / 2) * spread
    return subject.is_clear and not clear_without and surprising


def _groups(sample: Sample) -> Iterator[tuple[str, Flags]]:
    for each in sample.covariates:
        yield from _of(sample, each)


def _of(sample: Sample, covariate: Covariate) -> Iterator[tuple[str, Flags]]:
    columns = [sample.model[:, place] * sample.scales[place] + sample.centres[place] for place in covariate.places]
    if covariate.levels:
        if len(covariate.levels) > MOST_LEVELS:
            return
        flags = [column > 0.5 for column in columns]
        rest = ~np.any(flags, axis=0) if flags else np.ones(len(sample), dtype=bool)
        for level, flag in zip(covariate.levels, (rest, *flags), strict=True):
            yield f"{covariate.name}: {level}", flag
    elif covariate.binary:
        for value, flag in ((0, columns[0] < 0.5), (1, columns[0] > 0.5)):
            yield f"{covariate.name}: {value}", flag
    else:
        edges = np.unique(np.quantile(columns[0], [0.25, 0.5, 0.75]))
        quarter = np.searchsorted(edges, columns[0])
        ends = [columns[0].min(), *edges, columns[0].max()]
        for place in range(len(edges) + 1):
            yield f"{covariate.name}: {ends[place]:.3g} to {ends[place + 1]:.3g}", quarter == place


def _kept(sample: Sample, mask: Flags) -> Sample | None:
    try:
        return sample.keep(mask)
    except DoableError:
        return None


REFUTER = Refuter(
    name="leave_out_segment",
    title="Without each group",
    asks="Is the effect there without any one group of units?",
    run=_run,
)
