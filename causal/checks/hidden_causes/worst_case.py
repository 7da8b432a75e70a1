"""What the outcomes alone say of the effect, whatever decided who was treated: Manski's bounds.

Manski (1990), Nonparametric bounds on treatment effects, American Economic Review (Papers and Proceedings) 80: 319-323.
An outcome between two ends leaves a missing arm's mean anywhere between them. No assumption is needed, so no analysis
can leave these bounds; for everyone they always hold zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from causal.estimators.design import Sample


@dataclass(frozen=True)
class WorstCase:
    """The least and the largest effect, if outcomes lie between `least` and `most`."""

    low: float
    high: float
    least: float
    most: float


def worst_case(sample: Sample) -> WorstCase | None:
    """The bounds for the sample's target, the outcome between nil and one, or else the values seen.

    None for the overlap population, which is no group of units.
    """
    if sample.target == "overlap":
        return None
    least, most = (0.0, 1.0) if sample.outcome_is_binary else (float(sample.outcome.min()), float(sample.outcome.max()))
    share = float(sample.treated.mean())
    treated, control = float(sample.outcome[sample.treated].mean()), float(sample.outcome[~sample.treated].mean())
    on_treated = treated - most, treated - least
    on_control = least - control, most - control
    weight = {"everyone": share, "treated": 1.0, "untreated": 0.0}[sample.target]
    low, high = (weight * one + (1 - weight) * two for one, two in zip(on_treated, on_control, strict=True))
    return WorstCase(low, high, least, most)
