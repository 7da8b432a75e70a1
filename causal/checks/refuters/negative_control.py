"""An outcome that the treatment cannot change, or a treatment that cannot change the outcome: no effect is expected.

Lipsitch, Tchetgen Tchetgen and Cohen (2010), Epidemiology 21: 383-388: where one is found all the same, what is hidden
and shared with the real question shows.
"""

from __future__ import annotations

from causal.checks.refuters.refutation import (
    DOUBTFUL,
    SURPRISING,
    Reason,
    Refutation,
    Refuter,
    Subject,
    Trial,
)
from causal.checks.verdict import Light
from causal.errors import DoableError
from causal.estimators.design import Sample
from causal.estimators.estimate import two_sided_p
from causal.progress import Progress


def _outcome(subject: Subject, progress: Progress) -> Refutation:
    return _run("negative_outcome", subject, subject.control_outcome, progress)


def _exposure(subject: Subject, progress: Progress) -> Refutation:
    return _run("negative_exposure", subject, subject.control_exposure, progress)


def _run(name: str, subject: Subject, control: tuple[str, Sample] | None, progress: Progress) -> Refutation:
    if control is None:
        return Refutation(name, "does_not_apply", "nothing to try", 0.0, detail="a column where no effect is expected")
    column, sample = control
    try:
        effect, error = subject.refit(sample)
    except DoableError:
        return Refutation(name, "does_not_apply", "no answer", 0.0, detail=column)
    progress(1.0, "done")
    if not error > 0:
        return Refutation(name, "does_not_apply", "nothing to try", 0.0, detail="a standard error")
    p_value = two_sided_p(effect / error)
    light: Light = "failed" if p_value < SURPRISING else "attention" if p_value < DOUBTFUL else "passed"
    reason: Reason = "as expected" if light == "passed" else "biased"
    return Refutation(name, light, reason, 0.0, (Trial(column, effect, error),), p_value, detail=column)


OUTCOME = Refuter(
    name="negative_outcome",
    title="Outcome out of reach",
    asks="Is there no effect on a column that the treatment cannot change?",
    run=_outcome,
)
EXPOSURE = Refuter(
    name="negative_exposure",
    title="Treatment without a way",
    asks="Has a column that cannot change the outcome no effect on it?",
    run=_exposure,
)
