"""Each covariate left out in turn: how much hangs on it, and whether one is too good to be a cause.

A real confounder moves the effect when it is left out; that is no fault. One that moves it and all but fixes the
outcome or the treatment, beside everything else, is likely a consequence: a column computed after the fact.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.checks.hidden_causes.omitted_variable import coefficient
from causal.checks.refuters.refutation import Refutation, Refuter, Subject, leave_out
from causal.errors import DoableError
from causal.estimators.design import Sample
from causal.progress import Progress

TOO_GOOD = 0.95
"""A covariate that explains so much of what all others leave is suspected of being a consequence."""

FAR = 2.0


def _run(subject: Subject, progress: Progress) -> Refutation:
    sample = subject.sample
    names = list(dict.fromkeys(each.of or each.name for each in sample.covariates))
    if not names:
        return Refutation("leave_out_covariate", "does_not_apply", "nothing to try", detail="a covariate")
    trials = leave_out(subject, [(name, without_covariate(sample, name)) for name in names], progress)
    if not trials:
        return Refutation("leave_out_covariate", "does_not_apply", "no answer", subject.effect)
    suspects = _too_good(sample)
    moved = [
        each
        for each in trials
        if each.label in suspects and abs(each.effect - subject.effect) > FAR * min(each.std_error, subject.std_error)
    ]
    if moved:
        worst = max(moved, key=lambda each: abs(each.effect - subject.effect))
        detail = worst.label
        return Refutation("leave_out_covariate", "failed", "one stands out", subject.effect, trials, detail=detail)
    return Refutation("leave_out_covariate", "passed", "as expected", subject.effect, trials)


def _too_good(sample: Sample) -> set[str]:
    try:
        strengths = coefficient(sample).strengths
    except DoableError:
        return {each.of or each.name for each in sample.covariates}
    return {each.covariate for each in strengths if max(each.with_outcome, each.with_treatment) > TOO_GOOD}


def without_covariate(sample: Sample, name: str) -> Sample:
    """The sample with the covariate taken out of its model, with its square and its products; a text as a whole."""
    left_out = [each for each in sample.covariates if name == (each.of or each.name)]
    main = {sample.names[place] for each in left_out for place in each.places}
    gone = {
        place
        for place, label in enumerate(sample.names)
        if main & {label, label.removesuffix("²"), *label.split(" × ")}
    }
    kept = [place for place in range(len(sample.names)) if place not in gone]
    moved = {place: at for at, place in enumerate(kept)}
    return replace(
        sample,
        model=np.asfortranarray(sample.model[:, kept]),
        names=tuple(sample.names[place] for place in kept),
        centres=sample.centres[kept],
        scales=sample.scales[kept],
        covariates=tuple(
            replace(each, first=moved[each.first] if each.count else 1)
            for each in sample.covariates
            if each not in left_out
        ),
        modifiers=tuple(moved[place] for place in sample.modifiers if place in moved),
    )


REFUTER = Refuter(
    name="leave_out_covariate",
    title="Without each covariate",
    asks="Is any covariate too good to be true: does the answer hang on one that all but fixes outcome or treatment?",
    run=_run,
)
