"""The effect for every unit, predicted by models that have not seen it, with what judges the predictions.

Several learners (`estimators/effect_learners.py`) are weighed by the doubly robust loss, the squared distance to the
doubly robust score, on units not seen (Kennedy 2023; van der Laan, Polley and Hubbard 2007). Errors by subsamples that
do not hold the unit (`estimators/subsamples.py`), with the nuisances as they are.

Folds that train each other make tests of their predictions anything but valid: under no differences each pair of units
counts twice. So what is tested rests on `ranking`, predicted by models of the folds *before* the unit's own alone:
Wager (2024), Sequential validation of treatment heterogeneity, arXiv 2405.05534.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.analysis import resolve
from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.blind_folds import blind_nuisances, fold_nuisances, seen_by_none
from causal.estimators.cross_fitting import LearnerLoss, Nuisances, convex_weights
from causal.estimators.design import Flags, Floats, Sample, draw_sample, rows_of
from causal.estimators.effect_learners import (
    AVERAGE,
    FOREST,
    LEARNERS,
    EffectLearner,
    NewUnits,
    Training,
    effect_score,
    training_of,
)
from causal.estimators.folds import Places, fold_of, settled_columns, settled_order
from causal.estimators.learners import LEARNERS as NUISANCE_LEARNERS
from causal.estimators.learners import Learner
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.estimators.subsamples import FREEDOM, PAIRS, spread_over_draws
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level

FOLDS = 5
INNER = 3
"""Folds of the units that a model learns from, for its nuisances and for the weights of its learners."""

START = 2
"""The first folds that a ranking is learnt from; the units of the folds after them are ranked."""

JUDGE: Learner = "best"
"""Predicts outcome and treatment for the scores that judge effects, whatever predicts them where effects are learnt."""

FEWEST_SHARE = 0.05
"""A learner with less of the mix is left out of it."""

FEWEST = 15
"""Units of each arm."""


@dataclass(frozen=True, eq=False)
class UnitEffects:
    """Of a table's rows: `effect` and `std_error` (rows,), in units of the outcome, NaN where a unit was dropped.

    `std_error` is that of the prediction around what the learners would say of ever more units like these: smoothing
    by trees, or a linear model of effects that are not, is not in it. `score` (rows,) is the doubly robust score;
    `ranking` (rows,) the effect as predicted from the folds before the unit's own, NaN in the first two; `fold`,
    `cluster` (rows,) codes, -1 where dropped (`cluster` is the unit itself without clusters). `losses`: each learner's
    doubly robust loss on units not seen and its share in the mix; `loss` is the mix's.
    """

    effect: Floats
    std_error: Floats
    score: Floats
    ranking: Floats
    fold: NDArray[np.int64]
    cluster: NDArray[np.int64]
    treated: NDArray[np.bool_]
    control_level: Level
    treated_level: Level
    losses: tuple[LearnerLoss, ...]
    loss: float
    adjust_for: tuple[str, ...]
    clustered: bool
    outcome_is_binary: bool
    confidence: float
    seed: int
    treatment: str
    outcome: str
    unit: str = ""

    def __len__(self) -> int:
        return len(self.effect)

    @property
    def rows(self) -> Places:
        """The rows that were kept."""
        return np.flatnonzero(self.fold >= 0)

    @property
    def ranked(self) -> Places:
        """The rows with a ranking, which everything that is tested rests on."""
        return np.flatnonzero(self.fold >= START)

    @property
    def telling_folds(self) -> tuple[int, ...]:
        """The ranked folds whose units the ranking tells apart; in the others the same effect for all served best."""
        folds = range(START, FOLDS)
        return tuple(each for each in folds if np.ptp(self.ranking[self.fold == each]) > 0)

    @property
    def degrees_of_freedom(self) -> float:
        """Of intervals: infinite without clusters."""
        return float(len(np.unique(self.cluster[self.rows])) - 1) if self.clustered else math.inf

    def interval(self) -> tuple[Floats, Floats]:
        """Both ends for every unit, at the confidence of the spec; Student's, as so few subsamples tell the error."""
        from causal.estimators.estimate import quantile

        freedom = min(self.degrees_of_freedom, FREEDOM)
        reach = quantile(0.5 + self.confidence / 2, freedom) * self.std_error
        return self.effect - reach, self.effect + reach

    def frame(self) -> pd.DataFrame:
        """One row per row of the table: effect, std_error, low, high."""
        low, high = self.interval()
        return pd.DataFrame({"effect": self.effect, "std_error": self.std_error, "low": low, "high": high})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What is kept of it as named arrays; the rest is `facts`."""
        names = ("effect", "std_error", "score", "ranking", "fold", "cluster", "treated")
        return {name: getattr(self, name) for name in names}

    def facts(self) -> dict[str, Any]:
        """What is kept of it as plain JSON values."""
        held = {name: value for name, value in self.__dict__.items() if name not in self.to_arrays()}
        return held | {
            "losses": [asdict(each) for each in self.losses],
            "adjust_for": list(self.adjust_for),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> UnitEffects:
        """What `to_arrays` and `facts` gave."""
        told = {**arrays, **facts}
        told["losses"] = tuple(LearnerLoss(**each) for each in told["losses"])
        return cls(**told | {"adjust_for": tuple(told["adjust_for"])})


@one_thread
def unit_effects(
    table: UnitTable,
    spec: AnalysisSpec,
    learner: str = "best",
    forest: bool = False,
    progress: Progress = silent,
) -> UnitEffects:
    """The effect for every unit, given what is adjusted for; `learner` predicts outcome and treatment before.

    The scores that judge what is learnt are by the best mix, whatever `learner` is.
    `forest` tries a causal forest (EconML) as well, which takes longer. The spec's target does not matter: a unit's
    effect is the same whichever population it is asked about. Raises the errors of `answer`, OptionProblem,
    TooFewUnits (an arm with fewer than 15 units).
    """
    _check(learner, forest)
    progress(0.0, "reading the graph")
    asked = replace(spec, question=replace(spec.question, target="everyone"))
    _, adjust_for, _ = resolve(table, asked, method_named("doubly_robust"))
    sample = draw_sample(
        table, asked.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    _require_units(sample)
    order = settled_order(sample)
    fold = fold_of(sample, order, FOLDS, 0)
    predicting = "predicting outcome and treatment"
    blind = blind_nuisances(sample, learner, order, fold, lambda done: progress(0.05 + 0.45 * done, predicting))
    # what a learner misses of outcome and treatment looks like effects that differ, so it judges nothing of its own
    judge = seen_by_none(blind, fold) if learner == JUDGE else fold_nuisances(sample, JUDGE, order, fold)
    tried = {AVERAGE: LEARNERS[AVERAGE]} if sample.model.shape[1] == 1 else LEARNERS | (FOREST if forest else {})
    score = effect_score(sample.treated, sample.outcome, judge.propensity, _two(judge.outcomes))
    found, shares = _learn_all(sample, tried, learner, blind, order, fold, progress)
    progress(1.0, "done")
    losses = [float(((score - found[name]) ** 2).mean()) for name in tried]
    return _in_the_tables_order(table, spec, sample, adjust_for, fold, score, found, losses, shares)


def _learn_all(
    sample: Sample,
    tried: Mapping[str, EffectLearner],
    learner: str,
    blind: list[Nuisances],
    order: Places,
    fold: Places,
    progress: Progress,
) -> tuple[dict[str, Floats], Floats]:
    """(n,) of each learner, their "mix" with its "error", and the "ranking"; and the mean share of each learner."""
    import sklearn.ensemble  # noqa: F401  # its threads must be loaded before they are held
    from threadpoolctl import threadpool_limits

    columns, n = settled_columns(sample), len(sample)
    found = {name: np.full(n, np.nan) for name in (*tried, "mix", "error", "ranking")}
    shares, steps = np.zeros(len(tried)), FOLDS + FOLDS - START - 1
    model, nuisances = np.asfortranarray(sample.model[:, columns]), seen_by_none(blind, fold)
    whole, chance = training_of(sample, nuisances, columns), nuisances.propensity
    with threadpool_limits(1):  # the same digits on any number of cores
        for each in range(FOLDS):
            progress(0.5 + 0.3 * each / steps, f"learning the effect, {each + 1} of {steps}")
            test = np.flatnonzero(fold == each)
            rest = sample.keep(fold != each)
            learnt = _learn(rest, _of(blind[each], fold != each), tried, columns, _seed(sample, each))
            told = learnt.each(NewUnits(model[test], chance[test]))
            for name, values in told.items():
                found[name][test] = values
            found["mix"][test] = learnt.mix(told)
            shares += learnt.shares / FOLDS
        last = np.flatnonzero(fold == FOLDS - 1)  # has learnt from all the folds before its own
        found["ranking"][last] = found["mix"][last]
        for each in range(START, FOLDS - 1):
            step = FOLDS + each - START
            progress(0.5 + 0.3 * step / steps, f"learning the effect, {step + 1} of {steps}")
            test, before = np.flatnonzero(fold == each), sample.keep(fold < each)
            inner = settled_order(before)
            seen = fold_nuisances(before, learner, inner, fold_of(before, inner, INNER, 0))
            learnt = _learn(before, seen, tried, columns, _seed(sample, FOLDS + each))
            alike = np.full(len(test), before.treated.mean())  # their own chances would tell of later folds
            found["ranking"][test] = learnt.mix(learnt.each(NewUnits(model[test], alike)))
        clusters = None if sample.clusters is None else sample.clusters[order]
        kept = shares >= FEWEST_SHARE
        some = {name: learn for (name, learn), is_kept in zip(tried.items(), kept, strict=True) if is_kept}
        mix = _Learnt(whole, some, shares[kept] / shares[kept].sum(), _seed(sample, 2 * FOLDS))
        found["error"][order] = _errors(mix, clusters, lambda done: progress(0.8 + 0.2 * done, "how sure each is"))
    return found, shares


def _of(nuisances: Nuisances, rows: Flags) -> Nuisances:
    """Of some units."""
    outcomes = tuple(each[rows] for each in nuisances.outcomes)
    return replace(nuisances, propensity=nuisances.propensity[rows], outcomes=outcomes, fold=nuisances.fold[rows])


def _errors(learnt: _Learnt, clusters: Places | None, watch: Callable[[float], None]) -> Floats:
    """(n,) of the mix's predictions for the units that it learns from."""
    seen = learnt.seen

    def predict(inside: Places, told: Places) -> Floats:
        part, new = replace(learnt, seen=seen.only(inside)), NewUnits(rows_of(seen.model, told), seen.chance[told])
        return part.mix(part.each(new))[:, None]

    arm = seen.treated.astype(np.int64)
    return spread_over_draws(arm, clusters, predict, learnt.seed, lambda pair: watch(pair / PAIRS))[:, 0]


def _check(learner: str, forest: bool) -> None:
    import importlib.util

    if learner not in NUISANCE_LEARNERS:
        raise OptionProblem(f'There is no learner "{learner}". Choose one of: {", ".join(NUISANCE_LEARNERS)}.')
    if forest and importlib.util.find_spec("econml") is None:
        raise OptionProblem("EconML is not installed here, and the causal forest is its. Ask without the forest.")


def _require_units(sample: Sample) -> None:
    for arm, level in ((~sample.treated, sample.control_level), (sample.treated, sample.treated_level)):
        if arm.sum() < FEWEST:
            raise TooFewUnits(
                f"Only {int(arm.sum()):,} units have treatment level {level!r}. Effects of single units take at least "
                f"{FEWEST} units of each arm to learn from, and hundreds to say much. Ask for the effect in all."
            )
        if sample.clusters is not None and len(np.unique(sample.clusters[arm])) < FEWEST:
            raise TooFewUnits(
                f"The units with treatment level {level!r} belong to fewer than {FEWEST} clusters, so a model cannot "
                "learn from some and be judged on others. Ask for the effect in all."
            )


def _two(outcomes: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    return outcomes[0], outcomes[1]


def _seed(sample: Sample, place: int) -> int:
    return int(np.random.SeedSequence([sample.seed, 11, place]).generate_state(1)[0] >> 1)


@dataclass(frozen=True, eq=False)
class _Learnt:
    """Learners with their `shares` in the mix, and what they learn from."""

    seen: Training
    tried: Mapping[str, EffectLearner]
    shares: Floats
    seed: int

    def each(self, new: NewUnits) -> dict[str, Floats]:
        return {name: learn(self.seen, new, self.seed) for name, learn in self.tried.items()}

    def mix(self, told: Mapping[str, Floats]) -> Floats:
        """(m,) of what each learner told."""
        return np.asarray(sum(share * told[name] for share, name in zip(self.shares, self.tried, strict=True)))


def _learn(
    sub: Sample, nuisances: Nuisances, tried: Mapping[str, EffectLearner], columns: Places, seed: int
) -> _Learnt:
    """The learners' shares, from these units alone: those left out are seen by none of it."""
    order = settled_order(sub)
    seen = training_of(sub, nuisances, columns)
    shares = np.ones(1)
    if len(tried) > 1:
        inner = fold_of(sub, order, INNER, 0)[order]
        apart = np.empty((len(sub), len(tried)))
        for each in range(INNER):
            test = np.flatnonzero(inner == each)
            part = seen.only(np.flatnonzero(inner != each))
            new = NewUnits(seen.model[test], seen.chance[test])
            for place, learn in enumerate(tried.values()):
                apart[test, place] = learn(part, new, seed) - seen.score[test]
        shares = convex_weights(apart.T @ apart / len(sub))
        shares = np.where(shares < FEWEST_SHARE, 0.0, shares)
        shares = shares / shares.sum()
    return _Learnt(seen, tried, shares, seed)


def _in_the_tables_order(
    table: UnitTable,
    spec: AnalysisSpec,
    sample: Sample,
    adjust_for: tuple[str, ...],
    fold: Places,
    score: Floats,
    found: Mapping[str, Floats],
    losses: list[float],
    shares: Floats,
) -> UnitEffects:
    rows = sample.rows

    def spread(values: NDArray[Any], missing: Any) -> NDArray[Any]:
        whole = np.full(len(table), missing, dtype=np.asarray(values).dtype)
        whole[rows] = values
        return whole

    names = [name for name in found if name not in ("mix", "error", "ranking")]
    return UnitEffects(
        effect=spread(found["mix"], np.nan),
        std_error=spread(found["error"], np.nan),
        score=spread(score, np.nan),
        ranking=spread(found["ranking"], np.nan),
        fold=spread(fold, -1),
        cluster=spread(np.arange(len(sample)) if sample.clusters is None else sample.clusters, -1),
        treated=spread(sample.treated, False),
        control_level=sample.control_level,
        treated_level=sample.treated_level,
        losses=tuple(
            LearnerLoss("effect", name, loss, float(share))
            for name, loss, share in zip(names, losses, shares, strict=True)
        ),
        loss=float(((score - found["mix"]) ** 2).mean()),
        adjust_for=tuple(adjust_for),
        clustered=sample.clusters is not None,
        outcome_is_binary=sample.outcome_is_binary,
        confidence=spec.confidence,
        seed=spec.seed,
        treatment=spec.question.treatment,
        outcome=spec.question.outcome,
        unit=spec.question.unit,
    )
