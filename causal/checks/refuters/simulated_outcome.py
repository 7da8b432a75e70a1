"""Outcomes made up on the real covariates, with an effect that is known: does the method find it?

Real covariates are kept, treatments are drawn by their propensity and outcomes by a model ("empirical Monte Carlo":
Huber, Lechner and Wunsch 2013, Journal of Econometrics 175: 1-21; "plasmode": Franklin et al. 2014, Computational
Statistics & Data Analysis 72: 219-226). With treatments kept as they fell, an estimate would be off by the imbalance
that chance left in them, the same in every simulation. The outcome's mean is least squares on the covariates and powers
of the propensity's index, residuals are drawn from those seen; the effect is half their standard deviation for all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from causal.checks.refuters.placebo import drawn_treatment
from causal.checks.refuters.refutation import Refutation, Refuter, Subject, judge_bias, simulate
from causal.errors import DoableError
from causal.estimators.design import Floats, Sample
from causal.estimators.nuisance import fit_propensity, inverse_of
from causal.progress import Progress

SIZE = 0.5
LEAST, MOST = 0.02, 0.98
"""Chances of a yes-or-no outcome stay between these."""


def _run(subject: Subject, progress: Progress) -> Refutation:
    sample = subject.sample
    try:
        score = fit_propensity(sample).fitted
    except DoableError:
        return Refutation("simulated_outcome", "does_not_apply", "nothing to try", detail="units alike in both arms")
    index = np.log(score / (1 - score))
    index = (index - index.mean()) / (index.std() or 1.0)
    design = np.column_stack([sample.model, index**2, index**3, sample.treated])
    coefficients = inverse_of(design.T @ design / len(sample)) @ (design.T @ sample.outcome) / len(sample)
    residuals = sample.outcome - design @ coefficients
    plain = design[:, :-1] @ coefficients[:-1]
    effect = SIZE * float(residuals.std())
    if sample.outcome_is_binary:
        effect = min(effect, 0.1)
        plain = np.clip(plain, LEAST, MOST - effect)
        change = partial(_coins, score=score, plain=plain, effect=effect)
    else:
        change = partial(_outcomes, score=score, plain=plain, effect=effect, residuals=residuals)
    trials, lost = simulate(subject, change, progress)
    return judge_bias("simulated_outcome", subject, trials, lost, effect, coverage=sample.clusters is None)


def _outcomes(
    sample: Sample, rng: np.random.Generator, score: Floats, plain: Floats, effect: float, residuals: Floats
) -> Sample:
    again = drawn_treatment(sample, rng, score)
    return replace(again, outcome=plain + effect * again.treated + rng.choice(residuals, len(sample)))


def _coins(sample: Sample, rng: np.random.Generator, score: Floats, plain: Floats, effect: float) -> Sample:
    again = drawn_treatment(sample, rng, score)
    return replace(again, outcome=(rng.random(len(sample)) < plain + effect * again.treated).astype(np.float64))


REFUTER = Refuter(
    name="simulated_outcome",
    title="Made-up outcome",
    asks="Does the method find an effect that was put into the data beforehand?",
    run=_run,
)
