"""What a refuter is, what it is told, and what it says."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.stats import binom

from causal.checks.verdict import Light
from causal.errors import DoableError
from causal.estimators.design import Floats, Sample
from causal.estimators.estimate import quantile, two_sided_p
from causal.progress import Progress, silent
from causal.replicates import run_replicates

Refit = Callable[[Sample], tuple[float, float]]
"""Effect and standard error of a sample, every model fitted anew; raises DoableError where there is none."""

Change = Callable[[Sample, np.random.Generator], Sample]
"""What one simulation makes of the sample."""

Reason = Literal["as expected", "biased", "intervals too narrow", "moves", "scatters", "one stands out", "no answer",
                 "nothing to try", "refused"]  # fmt: skip

SURPRISING = 0.001
"""A result less likely than this under a sound estimate is no chance: a sound one fails one time in a thousand."""

DOUBTFUL = 0.01
HARMLESS = 0.5
"""A bias below this share of a standard error costs an interval of 95 % about 3 points of coverage."""

FAR = 1.5
"""Standard errors by which the effect may move where it should stay: matching jumps by one from pair to pair."""

MOST_LOST = 0.2
"""Where more simulations than this have no answer, the others say little."""


@dataclass(frozen=True)
class Trial:
    """One refit: what was changed, and what came out; NaN without a standard error."""

    label: str
    effect: float
    std_error: float


@dataclass(frozen=True, eq=False)
class Subject:
    """What is to be refuted: the units, how their effect is estimated, and the effect.

    `control_outcome` and `control_exposure` are samples with another outcome or another treatment, for which no effect
    is expected, with their columns' names. `no_redraw`: why units must not be drawn twice, where that would be wrong.
    `processes` None: as many as are worth it.
    """

    sample: Sample
    refit: Refit
    effect: float
    std_error: float
    simulations: int = 50
    seed: int = 0
    confidence: float = 0.95
    control_outcome: tuple[str, Sample] | None = None
    control_exposure: tuple[str, Sample] | None = None
    no_redraw: str = ""
    processes: int | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return abs(self.effect) > quantile((1 + self.confidence) / 2) * self.std_error


@dataclass(frozen=True)
class Refutation:
    """What a refuter found: its light, why, the effect `expected` of the `trials`, and the one that stands out.

    `p_value` is of the trials' mean (or of the control's effect); `missed` intervals leave out what is expected, or
    as many trials have the other sign; `lost` simulations had no answer; `detail` names a column, a group or a unit.
    """

    refuter: str
    light: Light
    reason: Reason
    expected: float = math.nan
    trials: tuple[Trial, ...] = ()
    p_value: float = math.nan
    missed: int = 0
    lost: int = 0
    detail: str = ""

    @property
    def effects(self) -> Floats:
        """(trials,) what came out."""
        return np.array([each.effect for each in self.trials])

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        trials = [{name: _null(value) for name, value in dataclasses.asdict(each).items()} for each in self.trials]
        fields = {each.name: _null(getattr(self, each.name)) for each in dataclasses.fields(self)}
        return {**fields, "trials": trials}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Refutation:
        """What `to_json` wrote."""
        trials = tuple(Trial(**{name: _nan(value) for name, value in each.items()}) for each in document["trials"])
        return cls(**{**{name: _nan(value) for name, value in document.items()}, "trials": trials})


@dataclass(frozen=True)
class Refuter:
    """An entry of the registry: `asks` is its question in plain words, `run` answers it."""

    name: str
    title: str
    asks: str
    run: Callable[[Subject, Progress], Refutation]


def simulate(subject: Subject, change: Change, progress: Progress = silent) -> tuple[tuple[Trial, ...], int]:
    """One refit per simulation, each on the sample as `change` makes it, and how many had no answer."""
    bare = replace(subject.sample)  # without what was fitted on it: the nuisances are fitted anew, in every process
    work = (bare, subject.refit, change)
    found = run_replicates(_trial, work, subject.simulations, subject.seed, subject.processes, progress)
    kept = [each for each in found if each is not None]
    return tuple(Trial(f"simulation {at + 1}", *each) for at, each in enumerate(kept)), len(found) - len(kept)


def _trial(work: tuple[Sample, Refit, Change], seed: np.random.SeedSequence) -> tuple[float, float] | None:
    sample, refit, change = work
    try:
        effect, error = refit(change(sample, np.random.default_rng(seed)))
    except DoableError:
        return None
    return (effect, error) if math.isfinite(effect) else None


def leave_out(subject: Subject, parts: Sequence[tuple[str, Sample | None]], progress: Progress) -> tuple[Trial, ...]:
    """One refit per part of the sample, in their order; a part that has no answer is left out."""
    found = []
    for place, (label, part) in enumerate(parts):
        progress(place / len(parts), f"without {label}")
        try:
            effect, error = (math.nan, math.nan) if part is None else subject.refit(part)
        except DoableError:
            continue
        if math.isfinite(effect):
            found.append(Trial(label, effect, error))
    return tuple(found)


def judge_bias(
    name: str, subject: Subject, trials: tuple[Trial, ...], lost: int, expected: float, coverage: bool = True
) -> Refutation:
    """Failed where the trials' mean is off what is expected, or where too many of their intervals miss it."""
    if lost > MOST_LOST * subject.simulations or len(trials) < 5:
        return Refutation(name, "does_not_apply", "no answer", expected, trials, lost=lost)
    effects = np.array([each.effect for each in trials])
    p_value = _p_of_mean(effects, expected)
    found = Refutation(name, "passed", "as expected", expected, trials, p_value, lost=lost)
    if p_value < SURPRISING and abs(effects.mean() - expected) > HARMLESS * effects.std(ddof=1):
        return replace(found, light="failed", reason="biased")
    errors = np.array([each.std_error for each in trials])
    if not coverage or not np.isfinite(errors).all():
        return found
    reach = quantile((1 + subject.confidence) / 2)
    missed = int((np.abs(effects - expected) > reach * errors).sum())
    found = replace(found, missed=missed)
    if binom.sf(missed - 1, len(trials), 1 - subject.confidence) < SURPRISING:
        return replace(found, light="failed", reason="intervals too narrow")
    return found


def judge_stability(name: str, subject: Subject, trials: tuple[Trial, ...], lost: int, scatter: float) -> Refutation:
    """Failed where the trials' mean moves away from the effect, or they scatter by more than `scatter` errors of it."""
    if not subject.std_error > 0:
        return Refutation(name, "does_not_apply", "nothing to try", subject.effect, detail="a standard error")
    if lost > MOST_LOST * subject.simulations or len(trials) < 5:
        return Refutation(name, "does_not_apply", "no answer", subject.effect, trials, lost=lost)
    effects = np.array([each.effect for each in trials])
    p_value = _p_of_mean(effects, subject.effect)
    found = Refutation(name, "passed", "as expected", subject.effect, trials, p_value, lost=lost)
    if p_value < SURPRISING and abs(effects.mean() - subject.effect) > FAR * subject.std_error:
        return replace(found, light="failed", reason="moves")
    if effects.std(ddof=1) > scatter * subject.std_error:
        return replace(found, light="failed", reason="scatters")
    return found


def _p_of_mean(effects: Floats, expected: float) -> float:
    spread = float(effects.std(ddof=1))
    shift = float(effects.mean()) - expected
    if spread <= 1e-12 * max(abs(expected), abs(shift), 1e-300):
        return 1.0 if abs(shift) <= 1e-9 * max(abs(expected), 1e-300) else 0.0
    return two_sided_p(shift / (spread / math.sqrt(len(effects))), len(effects) - 1)


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _nan(value: Any) -> Any:
    return math.nan if value is None else value
