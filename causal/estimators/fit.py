"""What a method hands back before it is summarised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causal.estimators.design import Floats, Sample


@dataclass(frozen=True, eq=False)
class ArmScores:
    """Unit-level scores of both arms, from which any what-if is an average.

    With h the target weight: mean(`control`) / mean(h) is the control mean, likewise `treated`. The corrections (n,)
    are what the fitted nuisances add to the influence of each mean (times mean(h)); they have mean zero.
    """

    control: Floats
    treated: Floats
    control_correction: Floats
    treated_correction: Floats
    target_weight: Floats


@dataclass(frozen=True, eq=False)
class Fit:
    """The two arm means (control first), how sure they are, and what the fit leaves for the checks.

    `influences`: two arrays (n,) of mean zero, or None where `covariance` (2, 2) is given by the method's own theory;
    `effect_std_error` overrides the covariance where the method has a more exact one.
    `degrees_of_freedom` of Student's distribution (None: the clusters' number less one, normal without clusters).
    `weights` (n,): the weight each unit's outcome has in its arm's mean, for balance; `weighted_sums` (2, p): of the
    model's columns with those weights in each arm, where the method knows them; `propensity` (n,) or None.
    """

    sample: Sample
    means: tuple[float, float]
    influences: tuple[Floats, Floats] | None = None
    covariance: Floats | None = None
    effect_std_error: float | None = None
    degrees_of_freedom: float | None = None
    weights: Floats | None = None
    weighted_sums: Floats | None = None
    propensity: Floats | None = None
    scores: ArmScores | None = None
    share_trimmed: float = 0.0
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, object], ...] = ()


def fit_of_scores(
    sample: Sample,
    h: Floats,
    means: Sequence[float],
    scores: Sequence[Floats],
    corrections: Sequence[Floats],
    weights: Sequence[Floats],
    propensity: Floats,
    share_trimmed: float = 0.0,
) -> Fit:
    """The fit of methods that weight and predict, each argument control first: a mean's influence is its score less the
    target weight `h` times the mean, with the correction, over the target's share.

    The scores are kept for what-ifs but for the overlap, which is no group of units.
    """
    share = float(h.mean())
    control, treated = (
        (score - h * mean + correction) / share
        for score, mean, correction in zip(scores, means, corrections, strict=True)
    )
    kept = None if sample.target == "overlap" else ArmScores(scores[0], scores[1], corrections[0], corrections[1], h)
    return Fit(
        sample=sample,
        means=(means[0], means[1]),
        influences=(control, treated),
        weights=weights[0] + weights[1],
        propensity=propensity,
        scores=kept,
        share_trimmed=share_trimmed,
    )
