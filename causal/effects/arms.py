"""Many arms at once: every arm's mean outcome, every pair's effect, and how the arms rank, from one joint fit.

Simultaneous intervals: Hothorn, Bretz and Westfall (2008), Biometrical Journal 50: 346-363. P-values: Holm (1979).
Confidence sets for ranks: Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91: 476-518.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, cast

import numpy as np

from causal.analysis import resolve
from causal.checks.multiplicity import holm
from causal.effects.arm_means import OPTIONS, ArmMeans, model_named
from causal.effects.arm_weights import ArmSample
from causal.errors import OptionProblem, TooFewUnits, TreatmentProblem
from causal.estimators.design import Flags, Floats, draw_sample, levels_of, one_cluster, present_levels
from causal.estimators.estimate import Interval, normal_interval, two_sided_p
from causal.estimators.method import Method
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import limits_notes
from causal.estimators.registry import method_named
from causal.estimators.simultaneous import adjusted_p_values, clearly_below, critical_value, largest_errors
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Level, Question, same_level

MOST_ARMS = 30
"""So many arms can be compared at once; each has its own models."""

_ARM = "\0arm"
"""The column that tells the control from the others while the units are drawn: no column can have this name."""


@dataclass(frozen=True)
class ArmMean:
    """The mean outcome if the whole target population had one arm, with its interval at the confidence asked for.

    `units` had the arm; `effective_size` of them after weighting and the `smallest_chance` of the arm in the target
    population are None where the method weights nothing. `rank` counts from 1, the highest mean; the true rank lies
    between `best_rank` and `worst_rank` for all arms at once with the confidence asked for.
    """

    level: Level
    units: int
    mean: float
    std_error: float
    low: float
    high: float
    rank: int
    best_rank: int
    worst_rank: int
    effective_size: float | None = None
    smallest_chance: float | None = None


@dataclass(frozen=True)
class ArmEffect:
    """Mean under `treated` minus mean under `control`: `low` to `high` holds it alone, `joint_low` to `joint_high` with
    all others of its family; `holm_p` and `joint_p` are corrected for their number.
    """

    treated: Level
    control: Level
    effect: float
    std_error: float
    low: float
    high: float
    joint_low: float
    joint_high: float
    p_value: float
    holm_p: float
    joint_p: float


@dataclass(frozen=True)
class ArmContrast:
    """A weighted sum of arm means, in units of the outcome."""

    value: float
    std_error: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class ArmComparison:
    """Every arm's mean, every pair's effect, and each arm's effect against the control; JSON-able.

    `pairs` and `against_control` are two families, each with its own simultaneous intervals. `best` are the arms that
    may have the highest mean, `worst` those that may have the lowest. `covariance` (arms, arms) is of their means.
    `degrees_of_freedom`: the fewest of any pair (None: quantiles are normal).
    """

    spec: AnalysisSpec
    control: Level
    arms: tuple[ArmMean, ...]
    pairs: tuple[ArmEffect, ...]
    against_control: tuple[ArmEffect, ...]
    best: tuple[Level, ...]
    worst: tuple[Level, ...]
    adjust_for: tuple[str, ...]
    identification: str
    units: int
    dropped: int
    outcome_is_binary: bool
    covariance: tuple[tuple[float, ...], ...] = ()
    degrees_of_freedom: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Of every interval."""
        return self.spec.confidence

    def arm(self, level: Level) -> ArmMean:
        """The arm with this level.

        Raises TreatmentProblem.
        """
        for each in self.arms:
            if same_level(each.level, level):
                return each
        known = ", ".join(repr(each.level) for each in self.arms)
        raise TreatmentProblem(f"There is no arm {level!r} in this comparison. Its arms are: {known}.")

    def effect(self, treated: Level, control: Level) -> ArmEffect:
        """Of one arm instead of another, whichever way round.

        Raises TreatmentProblem.
        """
        wanted = (self.arm(treated).level, self.arm(control).level)
        for each in self.pairs:
            if (each.treated, each.control) == wanted:
                return each
            if (each.control, each.treated) == wanted:
                return _turned(each)
        raise TreatmentProblem(f"Compare two different arms, not {treated!r} with itself.")

    def contrast(self, weights: Mapping[Level, float]) -> ArmContrast:
        """The weighted sum of arm means, one weight per level named, with its interval.

        Raises TreatmentProblem for a level that is no arm.
        """
        levels = [each.level for each in self.arms]
        vector = np.zeros(len(levels))
        for level, weight in weights.items():
            vector[levels.index(self.arm(level).level)] = weight
        value = float(vector @ np.array([each.mean for each in self.arms]))
        error = math.sqrt(max(float(vector @ np.array(self.covariance) @ vector), 0.0))
        freedom = math.inf if self.degrees_of_freedom is None else self.degrees_of_freedom
        low, high = normal_interval(value, error, self.confidence, freedom)
        p_value = two_sided_p(value / error, freedom) if error > 0 else math.nan
        return ArmContrast(value, error, low, high, p_value)

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values; `from_json` gives it back."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        nested = {name: [dataclasses.asdict(each) for each in fields[name]] for name in _NESTED}
        lists = {name: list(fields[name]) for name in ("best", "worst", "adjust_for", "notes")}
        lists["covariance"] = [list(row) for row in self.covariance]
        return {**fields, "spec": self.spec.to_json(), **nested, **lists}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ArmComparison:
        """The comparison that `to_json` wrote."""
        nested = {name: tuple(kind(**each) for each in document[name]) for name, kind in _NESTED.items()}
        lists = {name: tuple(document[name]) for name in ("best", "worst", "adjust_for", "notes")}
        lists["covariance"] = tuple(tuple(row) for row in document["covariance"])
        return cls(**{**document, "spec": AnalysisSpec.from_json(document["spec"]), **nested, **lists})


_NESTED: dict[str, Any] = {"arms": ArmMean, "pairs": ArmEffect, "against_control": ArmEffect}


@one_thread
def compare_arms(
    table: UnitTable, spec: AnalysisSpec, arms: Sequence[Level] | None = None, progress: Progress = silent
) -> ArmComparison:
    """Every arm of the treatment beside every other, from one joint fit over all of them.

    `arms`: the levels to compare (None: all that occur). The question's control is the one the others are compared
    with (None: the first level); its target "treated" means the units that had the question's treated level, "overlap"
    those open to every arm. Of the method's options those in `arm_means.OPTIONS` hold for many arms too. With two
    arms the digits are those of `answer`. Raises the errors of `answer`, and OptionProblem where the method or its
    options know two arms only.
    """
    method = checked_method(spec)
    progress(0.05, "reading the graph")
    estimand, adjust_for, notes = resolve(table, spec, method)
    identification = "" if estimand is None else estimand.sentence
    return compare_adjusted(table, spec, arms, adjust_for, identification, notes, progress)


def checked_method(spec: AnalysisSpec) -> Method:
    """The spec's method, if it compares many arms as asked.

    Raises OptionProblem.
    """
    method = method_named(spec.method)
    model_named(method.name)
    method.require_target(spec.question.target)
    given, plain = method.make_options(spec.options), method.make_options(None)
    for name in (each.name for each in dataclasses.fields(plain)):
        if name not in OPTIONS[method.name] and getattr(given, name) != getattr(plain, name):
            known = ", ".join(OPTIONS[method.name]) or "none"
            raise OptionProblem(
                f'{method.title} compares many arms without the option "{name}". Take it back, or compare two. Its '
                f"options for many arms are: {known}."
            )
    if spec.bootstrap is not None:
        raise OptionProblem("The intervals of many arms come from theory: take the bootstrap back, or compare two.")
    return method


def compare_adjusted(
    table: UnitTable,
    spec: AnalysisSpec,
    arms: Sequence[Level] | None,
    adjust_for: tuple[str, ...],
    identification: str,
    notes: tuple[str, ...],
    progress: Progress = silent,
) -> ArmComparison:
    """As `compare_arms`, where it is known what to adjust for."""
    fit, method = model_named(spec.method), method_named(spec.method)
    levels = levels_compared(table, spec.question, arms)
    progress(0.1, "drawing the units")
    drawn = draw_arms(table, spec, adjust_for, levels)
    progress(0.2, f"fitting {len(levels)} arms: {method.title.lower()}")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = fit(drawn, method.make_options(spec.options))
    units = found.units
    progress(0.8, "comparing every pair")
    control = levels.index(_control(spec.question, levels))
    below = clearly_below(found.means, found.covariance, spec.confidence, _freedom(found), spec.seed)
    others = [(control, place) for place in range(len(levels)) if place != control]
    return ArmComparison(
        spec=spec,
        control=levels[control],
        arms=_arm_means(units, found, spec, below),
        pairs=_family(units, found, spec, list(combinations(range(len(levels)), 2)), control),
        against_control=_family(units, found, spec, others, control),
        best=_named(units, np.asarray(~below.any(axis=1))),
        worst=_named(units, np.asarray(~below.any(axis=0))),
        adjust_for=adjust_for,
        identification=identification,
        units=len(units.arm),
        dropped=units.sample.dropped,
        outcome_is_binary=units.sample.outcome_is_binary,
        covariance=tuple(tuple(float(each) for each in row) for row in found.covariance),
        degrees_of_freedom=None if math.isinf(_freedom(found)) else _freedom(found),
        notes=(*notes, *limits_notes(spec.question.outcome, units.sample.limits), *_trimmed(drawn, units)),
    )


def _trimmed(drawn: ArmSample, units: ArmSample) -> tuple[str, ...]:
    lost = len(drawn.arm) - len(units.arm)
    if not lost:
        return ()
    return (
        f"Trimming left out {lost:,} of {len(drawn.arm):,} units, whose chance of one of the arms was too small: the "
        "answer is for the others.",
    )


def levels_compared(table: UnitTable, question: Question, arms: Sequence[Level] | None) -> tuple[Level, ...]:
    """The levels of the treatment that are compared at once: those named, or all.

    Raises TreatmentProblem.
    """
    present = present_levels(table, question.treatment)
    if arms is None:
        chosen = present
    else:
        spelled = {str(each): each for each in present}
        unknown = [each for each in arms if str(each) not in spelled]
        if unknown:
            shown = ", ".join(repr(each) for each in present[:8]) + (", …" if len(present) > 8 else "")
            raise TreatmentProblem(f'No unit has "{question.treatment}" = {unknown[0]!r}. Its levels are: {shown}.')
        wanted = {str(each) for each in arms}
        chosen = [each for each in present if str(each) in wanted]
    if len(chosen) < 2:
        raise TreatmentProblem(f'A comparison of "{question.treatment}" needs two arms or more, not {len(chosen)}.')
    if len(chosen) > MOST_ARMS:
        raise TreatmentProblem(
            f'"{question.treatment}" has {len(chosen)} levels; at most {MOST_ARMS} arms are compared at once. Name the '
            "arms to compare, group the levels, or ask for its dose-response curve if it is a quantity."
        )
    return tuple(chosen)


def _control(question: Question, levels: tuple[Level, ...]) -> Level:
    same = [each for each in levels if question.control is not None and same_level(each, question.control)]
    return same[0] if same else levels[0]


def draw_arms(
    table: UnitTable, spec: AnalysisSpec, adjust_for: tuple[str, ...], levels: tuple[Level, ...]
) -> ArmSample:
    """The complete units of all arms, drawn as those of two: the control, and any other."""
    values = table.column(spec.question.treatment)
    codes = np.full(len(table), -1, dtype=np.int64)
    for place, level in enumerate(levels):
        codes[(values == level).to_numpy(dtype=bool, na_value=False)] = place
    control = levels.index(_control(spec.question, levels))
    names = np.array([f"other than {levels[control]}", str(levels[control])], dtype=object)
    two = names[(codes == control).astype(int)]
    two[codes < 0] = None
    drawn = table.with_column(_ARM, two, "category")
    question = Question(_ARM, spec.question.outcome, "everyone", str(names[1]), str(names[0]))
    sample = draw_sample(
        drawn, question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    arm = codes[sample.rows]
    sizes = np.bincount(arm, minlength=len(levels))
    if sizes.min() < 2:
        few = levels[int(sizes.argmin())]
        raise TooFewUnits(
            f"Among the {len(arm):,} units without missing values {int(sizes.min())} had the treatment level {few!r}; "
            "a mean with an interval needs at least 2. Leave that arm out, or covariates with missing values."
        )
    if sample.clusters is not None:
        for place, level in enumerate(levels):
            if np.ptp(sample.clusters[arm == place]) == 0:
                raise one_cluster(level)
    target = _target(table, spec.question, levels)
    return ArmSample(sample, arm, levels, target, overlap=spec.question.target == "overlap")


def _target(table: UnitTable, question: Question, levels: tuple[Level, ...]) -> int | None:
    if question.target in ("everyone", "overlap"):
        return None
    if question.control is None and question.treated is None:
        control, treated = levels_of(table, question)
    else:
        control, treated = cast(Level, question.control), cast(Level, question.treated)
    asked = treated if question.target == "treated" else control
    places = [place for place, level in enumerate(levels) if same_level(level, asked)]
    if not places:
        raise TreatmentProblem(
            f"The question is about the units that had {asked!r}, which is not among the arms compared. "
            "Add that arm, or ask about everyone."
        )
    return places[0]


def _arm_means(units: ArmSample, found: ArmMeans, spec: AnalysisSpec, below: Flags) -> tuple[ArmMean, ...]:
    """`below` (K, K) says which arm is clearly below which: it counts for their ranks."""
    order = np.argsort(np.argsort(-found.means, kind="stable"), kind="stable")
    arms = []
    for place, level in enumerate(units.levels):
        error = math.sqrt(max(float(found.covariance[place, place]), 0.0))
        low, high = normal_interval(float(found.means[place]), error, spec.confidence, _freedom(found))
        arms.append(
            ArmMean(
                level=level,
                units=int((units.arm == place).sum()),
                mean=float(found.means[place]),
                std_error=error,
                low=low,
                high=high,
                rank=int(order[place]) + 1,
                best_rank=1 + int(below[place].sum()),
                worst_rank=len(units.levels) - int(below[:, place].sum()),
                effective_size=_known(found.effective_sizes[place]),
                smallest_chance=_known(found.smallest_chances[place]),
            )
        )
    return tuple(arms)


def _named(units: ArmSample, chosen: Flags) -> tuple[Level, ...]:
    return tuple(level for level, kept in zip(units.levels, chosen.tolist(), strict=True) if kept)


def _family(
    units: ArmSample, found: ArmMeans, spec: AnalysisSpec, pairs: list[tuple[int, int]], control: int
) -> tuple[ArmEffect, ...]:
    """The effects of these pairs, one family; each says the later arm instead of the earlier, or instead of control."""
    pairs = [(high, low) if high == control else (low, high) for low, high in pairs]
    contrasts = np.zeros((len(pairs), len(units.levels)))
    for place, (low, high) in enumerate(pairs):
        contrasts[place, low], contrasts[place, high] = -1.0, 1.0
    effects = np.array([float(found.means[high]) - float(found.means[low]) for low, high in pairs])
    spread = contrasts @ found.covariance @ contrasts.T
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    drawn = largest_errors(spread, _freedom(found), spec.seed)
    reach = critical_value(spread, spec.confidence, _freedom(found), drawn)
    p_values = [
        two_sided_p(effect / error, found.degrees_of_freedom[low, high]) if error > 0 else math.nan
        for (low, high), effect, error in zip(pairs, effects, errors, strict=True)
    ]
    joint = adjusted_p_values(_ratio(effects, errors), drawn)
    corrected = holm([1.0 if math.isnan(each) else each for each in p_values])
    return tuple(
        ArmEffect(
            treated=units.levels[high],
            control=units.levels[low],
            effect=float(effects[place]),
            std_error=float(errors[place]),
            **dict(zip(("low", "high"), _interval(found, spec, effects[place], errors[place], low, high), strict=True)),
            joint_low=float(effects[place] - reach * errors[place]),
            joint_high=float(effects[place] + reach * errors[place]),
            p_value=float(p_values[place]),
            holm_p=float(corrected[place]),
            joint_p=float(joint[place]) if len(pairs) > 1 else float(p_values[place]),
        )
        for place, (low, high) in enumerate(pairs)
    )


def _interval(found: ArmMeans, spec: AnalysisSpec, effect: float, error: float, low: int, high: int) -> Interval:
    return normal_interval(float(effect), float(error), spec.confidence, float(found.degrees_of_freedom[low, high]))


def _ratio(effects: Floats, errors: Floats) -> Floats:
    return np.divide(effects, errors, out=np.zeros_like(effects), where=errors > 0)


def _freedom(found: ArmMeans) -> float:
    """One number of degrees of freedom for all at once: the fewest of any pair."""
    off = ~np.eye(len(found.means), dtype=bool)
    return float(found.degrees_of_freedom[off].min())


def _turned(effect: ArmEffect) -> ArmEffect:
    return dataclasses.replace(
        effect,
        treated=effect.control,
        control=effect.treated,
        effect=-effect.effect,
        low=-effect.high,
        high=-effect.low,
        joint_low=-effect.joint_high,
        joint_high=-effect.joint_low,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
