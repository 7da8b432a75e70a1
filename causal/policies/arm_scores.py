"""For every unit and arm: the outcome predicted by models that have not seen the unit, and its doubly robust score.

The score's mean over any units is their mean outcome under that arm (Robins, Rotnitzky and Zhao 1994; cross-fitted as
in Chernozhukov et al. 2018), so the value of any policy is a mean of scores (Dudík, Langford and Li 2011; Zhou, Athey
and Wager 2023, Operations Research 71: 148-183). A policy chosen by the predictions is judged by the scores.

Predictions that decide are levelled: moved so that their mean is the same in every fold. A model that has not seen a
fold puts its level the lower, the higher the fold's own outcomes are: units of the worst folds would come first, and a
ranking that tells nothing would look worse than chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.analysis import resolve
from causal.effects.arm_weights import ArmSample
from causal.effects.arms import draw_arms, levels_compared
from causal.errors import OptionProblem
from causal.estimators.cross_fitting import nuisances_of
from causal.estimators.design import Floats
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.logs.unit_table import UnitTable
from causal.policies.arm_models import gain_errors
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

FEWEST_CHANCE = 1e-4
"""Chances stay this far from zero once they have been made to add up to one."""


@dataclass(frozen=True, eq=False)
class ArmScores:
    """Of n units and the K arms `levels`: `predicted` (n, K) outcomes (of one level in every fold), `scores` (n, K),
    `chances` (n, K) of each arm.

    `arm` (n,) is what each unit had, by its place in `levels`; `outcome` (n,) what it did; `rows` (n,) its position in
    the table of `size` rows; `clusters` (n,) codes or None; `control` the place of the question's control. Predictions
    go by the columns `goes_by` (None: all adjusted for); `errors` (n, K) are those of predicted gains, if asked.
    """

    levels: tuple[Level, ...]
    control: int
    predicted: Floats
    scores: Floats
    chances: Floats
    arm: NDArray[np.int64]
    outcome: Floats
    rows: NDArray[np.int64]
    size: int
    clusters: NDArray[np.int64] | None
    adjust_for: tuple[str, ...]
    outcome_is_binary: bool
    errors: Floats | None = None
    goes_by: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.arm)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What is kept of it as named arrays; the rest is `facts`."""
        found = {name: getattr(self, name) for name in ("predicted", "scores", "chances", "arm", "outcome", "rows")}
        more = {"clusters": self.clusters, "errors": self.errors}
        return found | {name: values for name, values in more.items() if values is not None}

    def facts(self) -> dict[str, Any]:
        """What is kept of it as plain JSON values."""
        return {
            "levels": list(self.levels),
            "control": self.control,
            "size": self.size,
            "adjust_for": list(self.adjust_for),
            "outcome_is_binary": self.outcome_is_binary,
            "goes_by": None if self.goes_by is None else list(self.goes_by),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> ArmScores:
        """What `to_arrays` and `facts` gave."""
        told: dict[str, Any] = {"clusters": None, **arrays, **facts}
        listed = [name for name in ("levels", "adjust_for", "goes_by") if told.get(name) is not None]
        return cls(**told | {name: tuple(told[name]) for name in listed})

    def only(self, places: NDArray[np.int64]) -> ArmScores:
        """Those of some of the units."""
        return replace(
            self,
            predicted=self.predicted[places],
            scores=self.scores[places],
            chances=self.chances[places],
            arm=self.arm[places],
            outcome=self.outcome[places],
            rows=self.rows[places],
            clusters=None if self.clusters is None else self.clusters[places],
            errors=None if self.errors is None else self.errors[places],
        )


@one_thread
def score_arms(
    table: UnitTable,
    spec: AnalysisSpec,
    arms: Sequence[Level] | None = None,
    learner: str = "linear",
    folds: int = 5,
    progress: Progress = silent,
    errors: bool = False,
) -> ArmScores:
    """The scores of every arm (None: all levels of the treatment), each unit predicted by models of the other folds.

    `errors`: with the standard error of each unit's predicted gains, by refits.

    Raises what `compare_arms` does, and OptionProblem where the question is not about everyone (or a filter of them).
    """
    if spec.question.target != "everyone":
        raise OptionProblem(
            "A policy is for everyone, or for the units of a filter: ask the question for everyone, and say with the "
            "filter whom the policy is for."
        )
    progress(0.05, "reading the graph")
    _, adjust_for, _ = resolve(table, spec, method_named("doubly_robust"))
    levels = levels_compared(table, spec.question, arms)
    progress(0.1, "drawing the units")
    units = draw_arms(table, spec, adjust_for, levels)
    share = 0.5 if errors else 1.0
    predicted, chances, fold = _nuisances(units, learner, folds, _within(progress, 0.0, share))
    outcome = units.sample.outcome
    own = units.arm[:, None] == np.arange(len(levels))
    scores = predicted + np.where(own, (outcome[:, None] - predicted) / chances, 0.0)
    named = [at for at, level in enumerate(levels) if str(level) == str(spec.question.control)]
    control = named[0] if named else 0
    return ArmScores(
        levels=levels,
        control=control,
        predicted=np.column_stack([levelled(predicted[:, each], fold[:, each]) for each in range(len(levels))]),
        scores=scores,
        chances=chances,
        arm=units.arm,
        outcome=outcome,
        rows=units.sample.rows,
        size=len(table),
        clusters=units.sample.clusters,
        adjust_for=adjust_for,
        outcome_is_binary=units.sample.outcome_is_binary,
        errors=gain_errors(units, control, learner, _within(progress, share, 1.0)) if errors else None,
    )


def _within(progress: Progress, start: float, end: float) -> Progress:
    return lambda share, stage: progress(start + share * (end - start), stage)


def levelled(predicted: Floats, fold: NDArray[np.int64]) -> Floats:
    """(n,) the predictions, moved in each fold to the mean of all."""
    sizes = np.maximum(np.bincount(fold), 1)
    return np.asarray(predicted + predicted.mean() - (np.bincount(fold, weights=predicted) / sizes)[fold])


def _nuisances(
    units: ArmSample, learner: str, folds: int, progress: Progress
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Predicted outcomes, chances and the fold of every arm, (n, K) each: each arm beside all others in turn."""
    count = len(units.levels)
    predicted, chances = np.empty((len(units.arm), count)), np.empty((len(units.arm), count))
    fold = np.empty((len(units.arm), count), dtype=np.int64)
    for place, level in enumerate(units.levels):
        progress(0.2 + 0.7 * place / count, f"predicting the outcome under {level}")
        two = replace(
            units.sample, treated=units.arm == place, treated_level=level, control_level=f"other than {level}"
        )
        found = nuisances_of(two, learner, folds)
        predicted[:, place], chances[:, place], fold[:, place] = found.outcomes[1], found.propensity, found.fold
        if count == 2:
            predicted[:, 1 - place], chances[:, 1 - place] = found.outcomes[0], 1 - found.propensity
            fold[:, 1 - place] = found.fold
            break
    chances = np.maximum(chances / chances.sum(axis=1, keepdims=True), FEWEST_CHANCE)
    return predicted, chances, fold
