"""Who found a match, and how often the same units serve as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.estimators.design import Sample
from causal.estimators.matched_means import Matches

CLASSES = ((0, 0), (1, 1), (2, 2), (3, 4), (5, 9), (10, 99), (100, 10**9))
"""From how many to how many times a unit serves."""


@dataclass(frozen=True)
class Reuse:
    """How many units of the arm served as a match how often: from `least` to `most` times.

    Where matches tie, each of them serves a part of a time.
    """

    least: int
    most: int
    control: int
    treated: int


@dataclass(frozen=True)
class MatchSummary:
    """`asked`: units of the target; `matched`: those with a match; `fewer`: those with fewer than asked for.

    `donors` and `available`: units that serve at least once, of those that could; `busiest`: how often one serves.
    """

    asked: int
    matched: int
    fewer: int
    donors: int
    available: int
    busiest: float
    reuse: tuple[Reuse, ...]


def summarise_matches(sample: Sample, matches: Matches, neighbours: int) -> MatchSummary:
    """How many found the `neighbours` asked for, and how often units serve as a match."""
    able = np.zeros(len(sample), dtype=bool)
    fewer = 0
    for units, found in zip(matches.asking, matches.found, strict=True):
        able |= sample.treated != sample.treated[units[0]]
        fewer += int(((found.size > 0) & (found.size < neighbours)).sum())
    served = np.ceil(np.round(matches.times, 9)).astype(np.int64)
    often = np.minimum(served, CLASSES[-1][0])
    arms = [np.bincount(often[able & own], minlength=CLASSES[-1][0] + 1) for own in (~sample.treated, sample.treated)]
    reuse = [Reuse(*ends, *(int(arm[ends[0] : ends[1] + 1].sum()) for arm in arms)) for ends in CLASSES]
    return MatchSummary(
        asked=int(sample.target_weight.sum()),
        matched=int(matches.kept.sum()),
        fewer=fewer,
        donors=int((served[able] > 0).sum()),
        available=int(able.sum()),
        busiest=float(matches.times.max()),
        reuse=tuple(each for each in reuse if each.control + each.treated),
    )


def matches_from_json(document: Mapping[str, Any]) -> MatchSummary:
    """The summary that `dataclasses.asdict` made."""
    return MatchSummary(**{**document, "reuse": tuple(Reuse(**each) for each in document["reuse"])})
