"""How well the models that an answer rests on predict units that they have not seen.

Each model is fitted anew without a fold and predicts it, by the folds that learnt models use. Beside it stand the mean
alone, which knows nothing, and boosted trees, which find what a parametric model misses; errors are compared unit by
unit on the same folds, so that their difference has a standard error (Dietterich 1998, Neural Computation 10).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.special import expit

from causal.analysis import resolve, rests_on_adjustment
from causal.checks.calibration import (
    Calibration,
    ReliabilityGroup,
    ResidualGroup,
    calibration,
    log_loss,
    residual_groups,
    told_apart,
)
from causal.checks.json_values import from_values, to_values
from causal.errors import DoableError, OptionProblem
from causal.estimators.cross_fitting import SURE, nuisances_of
from causal.estimators.design import Flags, Floats, Sample, draw_sample
from causal.estimators.folds import Places, fold_of, settled_order
from causal.estimators.method import Method
from causal.estimators.nuisance import fit_logistic
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_model import OutcomeModel, fit_outcome_as
from causal.estimators.registry import method_named
from causal.estimators.stock import is_stock
from causal.graphs.identification import Estimand
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

FOLDS = 5
MOST_UNITS = 100_000
"""So many units are looked at, drawn by the seed: more would not change what is seen."""

RIVAL = "boosting"
CLEARLY = 2.0
"""A difference of errors beyond so many of its standard errors is no chance."""

WORTH = 0.02
"""And it matters where the rival's error is smaller by more than this share."""

SLOPE_OFF, DOUBTFUL = 0.1, 0.001
"""Chances are badly calibrated where the slope is this far from one and chance makes it so less often than this."""

Nuisance = Literal["treatment", "outcome", "outcome under control", "outcome under treated"]


@dataclass(frozen=True)
class NuisanceFit:
    """One model: its mean squared error on `units` not seen (`loss`), on those it was fitted on (`seen`, None for a
    learnt one), and that of the mean alone (`baseline`), in squared units of what it predicts.

    `log_loss` and `told_apart` (area under the ROC) are of a yes or no, else None. The boosted trees' error is `rival`
    (None where the model itself is learnt by them), less by `gain` with `gain_error`. `residuals`: of units not seen.
    """

    nuisance: Nuisance
    model: str
    binary: bool
    units: int
    loss: float
    seen: float | None
    baseline: float
    log_loss: float | None
    told_apart: float | None
    rival: float | None
    gain: float | None
    gain_error: float | None
    residuals: tuple[ResidualGroup, ...]
    calibration: Calibration | None = None

    @property
    def explained(self) -> float:
        """Which share of the variance the model explains in units not seen; below zero where the mean does better."""
        return 1 - self.loss / self.baseline if self.baseline > 0 else math.nan

    @property
    def beaten(self) -> bool:
        """Whether boosted trees predict clearly better, by an amount that matters."""
        if self.gain is None or not self.gain_error:
            return False
        return self.gain > CLEARLY * self.gain_error and self.gain > WORTH * self.loss

    @property
    def miscalibrated(self) -> bool:
        """Whether the predicted chances clearly do not come true."""
        found = self.calibration
        return found is not None and found.p_value < DOUBTFUL and abs(found.slope - 1) > SLOPE_OFF


@dataclass(frozen=True)
class ModelFit:
    """The models of one answer, the treatment's first; of `units_total` units `units` were looked at."""

    models: tuple[NuisanceFit, ...]
    folds: int
    units: int
    units_total: int

    def of(self, nuisance: Nuisance) -> NuisanceFit | None:
        """The model of one nuisance, if the answer has one."""
        return next((each for each in self.models if each.nuisance == nuisance), None)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values(dataclasses.asdict(self))
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ModelFit:
        """What `to_json` wrote."""
        held = from_values(document)
        return cls(**{**held, "models": tuple(_model_of(each) for each in held["models"])})


def why_no_model_fit(method: Method, estimand: Estimand | None) -> str:
    """Why an answer rests on no model of treatment or outcome given covariates; nothing where it does."""
    if not method.adjusts or not rests_on_adjustment(method, estimand) or is_stock(method.name):
        return f"{method.title} rests on no model of treatment or outcome that could be checked here."
    if method.name == "coarsened_matching":
        return f"{method.title} compares units of equal cells: no model of treatment or outcome is fitted."
    return ""


@one_thread
def model_fit(table: UnitTable, spec: AnalysisSpec, progress: Progress = silent) -> ModelFit:
    """The cross-validated fit of every model that the spec's answer rests on.

    Raises the errors of `answer` where the models cannot be fitted, OptionProblem where there are none.
    """
    method = method_named(spec.method)
    progress(0.02, "reading the graph")
    estimand, adjust_for, _ = resolve(table, spec, method)
    refusal = why_no_model_fit(method, estimand)
    if refusal:
        raise OptionProblem(refusal)
    progress(0.05, "drawing the units")
    whole = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    sample = _thinned(whole)
    options = method.make_options(spec.options)
    learner = getattr(options, "learner", "parametric")
    folds = int(getattr(options, "folds", FOLDS))
    models: list[NuisanceFit] = []
    rival = _Rival(sample, folds, learner)
    wanted = _wanted(method, options)
    for place, nuisance in enumerate(wanted):
        progress(0.1 + 0.85 * place / len(wanted), f"predicting units not seen: {nuisance}")
        models.append(_fitted(sample, nuisance, learner, folds, options, method, rival))
    progress(1.0, "done")
    return ModelFit(tuple(models), folds, len(sample), len(whole))


def _thinned(sample: Sample) -> Sample:
    if len(sample) <= MOST_UNITS:
        return sample
    kept = np.zeros(len(sample), dtype=bool)
    kept[np.random.default_rng([sample.seed, 13]).permutation(len(sample))[:MOST_UNITS]] = True
    return sample.keep(kept)


def _wanted(method: Method, options: Any) -> tuple[Nuisance, ...]:
    arms: tuple[Nuisance, ...] = ("outcome under control", "outcome under treated")
    if method.name == "regression" or getattr(options, "pooled", False):
        arms = ("outcome",)
    if method.name == "double_ml" and getattr(options, "model", "") != "interactive":
        return "treatment", "outcome"
    return {
        "outcome_model": arms,
        "treatment_model": ("treatment",),
        "matching": ("treatment",),
    }.get(method.family, ("treatment", *arms))


class _Rival:
    """What boosted trees predict, learnt when first asked for; nothing where the answer is learnt by them itself."""

    def __init__(self, sample: Sample, folds: int, learner: str) -> None:
        self._sample, self._folds = sample, folds
        self._stands = learner not in (RIVAL, "best", "forest")

    def predicted(self, nuisance: Nuisance) -> Floats | None:
        if not self._stands or self._sample.model.shape[1] == 1:
            return None
        try:
            return _learnt(self._sample, nuisance, RIVAL, self._folds)
        except DoableError:
            return None


def _learnt(sample: Sample, nuisance: Nuisance, learner: str, folds: int) -> Floats:
    """(n,) predictions of the other folds' models: of the arm that a unit has where there is a model per arm."""
    found = nuisances_of(sample, learner, folds)
    if nuisance == "treatment":
        return found.propensity
    control, treated = found.outcomes
    return np.where(sample.treated, treated, control)


def _fitted(
    sample: Sample, nuisance: Nuisance, learner: str, folds: int, options: Any, method: Method, rival: _Rival
) -> NuisanceFit:
    seen_values = sample.treated.astype(np.float64) if nuisance == "treatment" else sample.outcome
    rows = _rows(sample, nuisance)
    binary = nuisance == "treatment" or sample.outcome_is_binary
    own: Floats | None = None
    if learner == "parametric":
        name, predicted, own = _parametric(sample, nuisance, folds, _outcome_model(options, method))
    elif nuisance == "outcome":
        name, predicted = learner, nuisances_of(sample, learner, folds, by_arm=False).outcomes[0]
    else:
        name, predicted = learner, _learnt(sample, nuisance, learner, folds)
    if binary:
        predicted = np.clip(predicted, SURE, 1 - SURE)
    at, truth = predicted[rows], seen_values[rows]
    other = rival.predicted(nuisance)
    gain, gain_error, rival_loss = None, None, None
    if other is not None:
        rival_loss = float(((truth - other[rows]) ** 2).mean())
        gain, gain_error = _gain((truth - at) ** 2 - (truth - other[rows]) ** 2, sample, rows)
    clusters = None if sample.clusters is None else np.unique(sample.clusters[rows], return_inverse=True)[1]
    return NuisanceFit(
        nuisance=nuisance,
        model=name,
        binary=binary,
        units=int(rows.sum()),
        loss=float(((truth - at) ** 2).mean()),
        seen=None if own is None else float(((truth - own[rows]) ** 2).mean()),
        baseline=float(truth.var()),
        log_loss=log_loss(at, truth) if binary else None,
        told_apart=told_apart(at, truth) if binary else None,
        rival=rival_loss,
        gain=gain,
        gain_error=gain_error,
        residuals=residual_groups(at, truth),
        calibration=calibration(at, truth, clusters) if binary else None,
    )


def _rows(sample: Sample, nuisance: Nuisance) -> Flags:
    if nuisance == "outcome under control":
        return ~sample.treated
    return sample.treated if nuisance == "outcome under treated" else np.ones(len(sample), dtype=bool)


def _outcome_model(options: Any, method: Method) -> OutcomeModel:
    model: OutcomeModel = "linear" if method.name == "regression" else getattr(options, "outcome_model", "automatic")
    return model


def _parametric(
    sample: Sample, nuisance: Nuisance, folds: int, outcome_model: OutcomeModel
) -> tuple[str, Floats, Floats]:
    """The model's name, (n,) its predictions of units not seen, and (n,) of units that it was fitted on."""
    order = settled_order(sample)
    fold = fold_of(sample, order, folds, 0)
    if nuisance == "treatment":
        treated = sample.treated.astype(np.float64)
        chance = _by_fold(fold, lambda train: _chance(sample.model, treated, train))
        return "logistic", chance, _chance(sample.model, treated, np.ones(len(sample), dtype=bool))
    units = _with_treatment(sample) if nuisance == "outcome" else sample
    rows = _rows(sample, nuisance)

    def fitted(train: Flags) -> Floats:
        inside = rows & train
        block = units.model[inside]
        return fit_outcome_as(units, inside, block.T @ block, outcome_model).fitted

    logistic = sample.outcome_is_binary and outcome_model == "automatic"
    name = "log-linear" if outcome_model == "poisson" else "logistic" if logistic else "linear"
    return name, _by_fold(fold, fitted), fitted(np.ones(len(sample), dtype=bool))


def _chance(model: Floats, treated: Floats, train: Flags) -> Floats:
    """(n,) by a logistic model of some of the units."""
    return np.asarray(expit(model @ fit_logistic(np.asfortranarray(model[train]), treated[train])))


def _by_fold(fold: Places, fitted: Callable[[Flags], Floats]) -> Floats:
    found = np.empty(len(fold))
    for each in range(int(fold.max()) + 1):
        inside = fold == each
        found[inside] = fitted(~inside)[inside]
    return found


def _with_treatment(sample: Sample) -> Sample:
    """The treatment, and its products with the columns that the effect may vary with, among the covariates."""
    treated = sample.treated.astype(np.float64)
    products = [treated * sample.model[:, place] for place in sample.modifiers]
    return replace(sample, model=np.column_stack([sample.model, treated, *products]))


def _gain(differences: Floats, sample: Sample, rows: Flags) -> tuple[float, float]:
    """The mean of (m,) differences of squared errors, with its standard error, by clusters where there are any."""
    mean, size = float(differences.mean()), len(differences)
    around: Floats = differences - mean
    if sample.clusters is not None:
        around = np.bincount(sample.clusters[rows], around).astype(np.float64)
    return mean, float(np.sqrt(around @ around)) / size


def _model_of(held: Mapping[str, Any]) -> NuisanceFit:
    found = held["calibration"]
    if found is not None:
        groups = tuple(ReliabilityGroup(**each) for each in found["groups"])
        found = Calibration(**{**found, "groups": groups})
    residuals = tuple(ResidualGroup(**each) for each in held["residuals"])
    return NuisanceFit(**{**held, "calibration": found, "residuals": residuals})
