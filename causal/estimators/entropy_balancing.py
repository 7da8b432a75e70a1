"""Entropy balancing: weights as near to even as can be that give each arm the covariate means of the target.

Hainmueller (2012), Political Analysis 20: 25-46. The weights solve a convex problem whose dual Newton's method solves;
the balance is exact. The estimate is right if either the outcome is linear in the balanced columns or the log odds of
the treatment (for those treated) are: Zhao and Percival (2017), Journal of Causal Inference 5, whose stacked estimating
equations give the standard error, here in closed form: the weighted regression of the outcome on the balanced columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.estimators.calibration import Calibration, calibrate, unreachable
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.fit import ArmScores, Fit
from causal.estimators.method import Method

Moments = Literal["means", "variances"]


@dataclass(frozen=True)
class EntropyBalancingOptions:
    """`moments`: "means" balances every column of the model; "variances" the squares of the numeric ones too."""

    moments: Moments = "means"


def fit(sample: Sample, options: EntropyBalancingOptions) -> Fit:
    """The arms' means with each arm weighted to the target's covariate means.

    Raises PerfectSeparation where no weights reach them.
    """
    columns = _balanced_columns(sample, options.moments)
    h, n = sample.target_weight, len(sample)
    share = float(h.mean())
    asked = h @ columns / n
    weights, scores, means = np.zeros(n), [], []
    for place, arm in enumerate((~sample.treated, sample.treated)):
        if sample.target == ("untreated", "treated")[place]:
            score = h * sample.outcome
            weights[arm] = 1.0
        else:
            score, own = _calibrated(sample, columns, arm, asked, h)
            weights[arm] = own
        scores.append(score)
        means.append(float(score.mean()) / share)
    nothing = np.zeros(n)
    return Fit(
        sample=sample,
        means=(means[0], means[1]),
        influences=((scores[0] - h * means[0]) / share, (scores[1] - h * means[1]) / share),
        weights=weights,
        scores=ArmScores(scores[0], scores[1], nothing, nothing, h),
    )


def _calibrated(sample: Sample, columns: Floats, arm: Flags, asked: Floats, h: Floats) -> tuple[Floats, Floats]:
    """(n,) score of one arm's mean, and the weights of the arm's units.

    With b from the weighted regression, h X b + weight (y - X b) has the mean of the weighted outcome, as the weights
    balance X, and moves with the units as the estimate does, weights included.
    """
    own = np.asfortranarray(columns[arm])
    outcome, n = sample.outcome[arm], len(sample)
    size = len(outcome)
    found = _solve(sample, own, asked * n / size, bool(sample.treated[arm][0]))
    slopes = found.bread @ ((found.weights * outcome) @ own) / size
    score = h * (columns @ slopes)
    score[arm] += found.weights * (outcome - own @ slopes)
    return score, found.weights


def _solve(sample: Sample, own: Floats, asked: Floats, treated: bool) -> Calibration:
    start = np.zeros(len(asked))
    start[0] = np.log(asked[0])
    found = calibrate(own, np.ones(len(own)), asked, start)
    if found is None:
        raise unreachable(sample, treated, own, asked / asked[0])
    return found


def _balanced_columns(sample: Sample, moments: Moments) -> Floats:
    """(n, p) the model's columns, and the standardised squares of numeric main effects where variances count."""
    if moments == "means":
        return sample.model
    squares = []
    for covariate in sample.covariates:
        if not covariate.binary:
            square = sample.model[:, covariate.first] ** 2
            spread = square.std()
            squares.append((square - square.mean()) / (spread if spread > 0 else 1.0))
    return np.asfortranarray(np.column_stack([sample.model, *squares]))


METHOD = Method(
    name="entropy_balancing",
    title="Entropy balancing",
    family="treatment_model",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.EntropyBalancing",
    summary="Weights each arm, as evenly as can be, so that its covariate means are exactly those of the target.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "The outcome is linear in the balanced columns, or the log weights that would make the arms alike are.",
        "Each arm's units reach around the target's covariate means.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=EntropyBalancingOptions,
    fit=fit,
    source="Hainmueller 2012; Zhao and Percival 2017",
)
