"""The mean outcome if several variables with levels were set, or drawn at random, at once.

What to adjust for is asked of the graph for all of them together (Perković, Textor, Kalisch and Maathuis 2018, JMLR 18,
article 220). Every combination of their levels is an arm (Cattaneo 2010): the identified formula, cell by cell, where
all that is adjusted for has few values; else the doubly robust means that `compare_joint_arms` gives, to the digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.effects.arm_means import MODELS, ArmMeans, model_named
from causal.effects.arms import MOST_ARMS, checked_method, draw_arms
from causal.effects.joint import JOINED, joint_adjustment
from causal.errors import CovariateProblem, DoableError, OptionProblem, PerfectSeparation, TooFewUnits
from causal.estimators.design import Floats, Sample, present_levels
from causal.estimators.registry import method_named
from causal.interventions.cell_mean import CellMean, cell_mean
from causal.interventions.changes import Change, Changes, Randomise, Set
from causal.interventions.mean_pair import IdentifiedMean, Influenced, covariance_of_all, summed_up
from causal.interventions.node_columns import complete_rows, node_columns
from causal.logs.conditions import satisfied
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question

ELSE = "another combination"
"""The arm of the units whose combination is not asked about, where there are too many, or too rare ones."""

_FORMULA = "identified_formula"
_DEFAULT = "doubly_robust"

Codes = NDArray[np.int64]


def joint_mean(table: UnitTable, spec: AnalysisSpec, changes: Changes) -> IdentifiedMean:
    """Of two or more variables with levels, each set or randomised; the spec's question names the outcome.

    Raises NotIdentified where no set serves them all, TooFewUnits naming a combination that no unit has, and what the
    methods raise.
    """
    crossed, plain = _prepared(table, spec, changes)
    for combination, places in crossed.places.items():
        count = crossed.sizes.get(combination, 0)
        if count < 2:
            told = ", ".join(f'"{each}" = {crossed.levels[k][places[k]]}' for k, each in enumerate(crossed.causes))
            has = "No unit has" if count == 0 else "Only one unit has"
            raise TooFewUnits(f"{has} {told} at once, so no unit says what that combination does.")
    try:
        return _cell_by_cell(crossed, plain)
    except TooFewUnits:
        raise  # where a combination has no units, a model that reaches over it must say so
    except DoableError:  # a column has too many values to count cells
        return _by_arms(crossed, plain)


@dataclass(frozen=True)
class JointArms:
    """The mean under every combination of the `causes`' levels that units have.

    `levels` and `shares` of each cause as all units have them; `places` (arms) those of each mean's levels;
    `covariance` of the mean as it is, of the arms' means, and of the shares, cause by cause; `notes` of each arm.
    """

    causes: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    places: tuple[tuple[int, ...], ...]
    means: tuple[float, ...]
    baseline: float
    covariance: tuple[tuple[float, ...], ...]
    units: int
    clusters: int | None
    method: str
    adjusted_for: tuple[str, ...]
    notes: tuple[tuple[str, ...], ...]


def joint_arms(table: UnitTable, spec: AnalysisSpec, causes: tuple[str, ...]) -> JointArms:
    """What answers every change of these variables that `joint_mean` answers from all arms; the others it leaves out.

    Raises what `joint_mean` does.
    """
    crossed, plain = _prepared(table, spec, dict.fromkeys(causes, Randomise()))
    kept = [name for name in crossed.places if crossed.sizes.get(name, 0) >= 2]
    try:
        found = {name: each for name in kept if (each := _or_none(crossed, plain, name)) is not None}
        title = method_named(_FORMULA).title
    except DoableError:
        found, title = _every_arm(crossed, plain)
    if not found:
        raise TooFewUnits(f"No combination of {' and '.join(causes)} has units everywhere in what is adjusted for.")
    sample = next(iter(found.values())).sample
    means = [each.mean for each in found.values()]
    baseline = float(sample.outcome.mean())
    shares = [np.eye(len(each))[crossed.codes[sample.rows, k]] for k, each in enumerate(crossed.levels)]
    columns = [sample.outcome - baseline, *(each.influence for each in found.values())]
    influences = np.column_stack([*columns, *(each - each.mean(axis=0) for each in shares)])
    covariance = covariance_of_all(influences, sample.clusters)
    arms = 1 + np.arange(len(found))
    covariance[arms, arms] += [each.thin for each in found.values()]
    assert plain.adjust_for is not None
    return JointArms(
        causes=causes,
        levels=crossed.levels,
        shares=tuple(tuple(each.mean(axis=0).tolist()) for each in shares),
        places=tuple(crossed.places[name] for name in found),
        means=tuple(means),
        baseline=baseline,
        covariance=tuple(tuple(row) for row in covariance.tolist()),
        units=len(sample),
        clusters=None if sample.clusters is None else int(sample.clusters.max()) + 1,
        method=f"{title}, {' and '.join(causes)} at once",
        adjusted_for=plain.adjust_for,
        notes=tuple(each.notes for each in found.values()),
    )


def _or_none(crossed: _Crossed, spec: AnalysisSpec, combination: str) -> CellMean | None:
    """None where a cell has no unit with the combination."""
    try:
        assert spec.adjust_for is not None
        return cell_mean(crossed.table, spec, crossed.name, combination, spec.adjust_for)
    except TooFewUnits:
        return None


def _every_arm(crossed: _Crossed, spec: AnalysisSpec) -> tuple[dict[str, CellMean], str]:
    spec, levels = _with_a_model(spec), tuple(present_levels(crossed.table, crossed.name))
    if len(levels) > MOST_ARMS:
        raise OptionProblem(f"{len(levels)} combinations of levels are more than the {MOST_ARMS} that are kept.")
    found, title = _fitted_arms(crossed, spec, levels)
    listed = zip(levels, found.means, found.influences.T, strict=True)
    return {name: CellMean(float(mean), own, 0.0, found.units.sample, ()) for name, mean, own in listed}, title


def _prepared(table: UnitTable, spec: AnalysisSpec, changes: Changes) -> tuple[_Crossed, AnalysisSpec]:
    fixed = {each.column for each in spec.where if each.comparison == "is"}
    adjust_for = tuple(name for name in joint_adjustment(table, spec, tuple(changes)) if name not in fixed)
    crossed = _crossed(table, spec, changes, adjust_for)
    question = Question(crossed.name, spec.question.outcome, "everyone", control=next(iter(crossed.places)))
    return crossed, replace(spec, graph=None, adjust_for=adjust_for, question=question, bootstrap=None)


@dataclass(frozen=True, eq=False)
class _Crossed:
    """A `table` with the combinations of the `causes`' levels in the column `name`, which `codes` (rows, causes) place.

    `shares`: of every cause how much each level counts, by chance where `drawn`. `sizes`: how many units have each
    combination, by its name; `places` those of the levels of the combinations that count.
    """

    table: UnitTable
    name: str
    causes: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    codes: Codes
    shares: tuple[Floats, ...]
    drawn: tuple[bool, ...]
    sizes: dict[str, int]

    @property
    def places(self) -> dict[str, tuple[int, ...]]:
        """Of the combinations that count."""
        counting = [np.flatnonzero(each > 0).tolist() for each in self.shares]
        return {self.named(places): places for places in product(*counting)}

    def named(self, places: tuple[int, ...]) -> str:
        """A combination as its units have it in the column."""
        return JOINED.join(self.levels[k][place] for k, place in enumerate(places))

    def weight(self, places: tuple[int, ...], but: int | None = None) -> float:
        """How much a combination counts, or would if one of the causes had this level for sure."""
        return prod(float(self.shares[k][place]) for k, place in enumerate(places) if k != but)


def _crossed(table: UnitTable, spec: AnalysisSpec, changes: Changes, adjust_for: tuple[str, ...]) -> _Crossed:
    causes = tuple(changes)
    needed = tuple(name for each in adjust_for for name in table.parts.get(each, (each,)))
    also = (spec.question.outcome, *((spec.cluster,) if spec.cluster else ()))
    rows = complete_rows(table, (*causes, *needed, *also), satisfied(table, spec.where))
    levels = tuple(tuple(str(each) for each in present_levels(table, name)) for name in causes)
    codes = np.full((len(table), len(causes)), -1, dtype=np.int64)
    for k, name in enumerate(causes):
        place = {level: position for position, level in enumerate(levels[k])}
        own, kinds = pd.factorize(table.column(name).iloc[rows])
        codes[rows, k] = np.array([place[str(each)] for each in kinds.tolist()], dtype=np.int64)[own]
    shares = tuple(_shares_of(table, name, changes[name], levels[k], codes[rows, k]) for k, name in enumerate(causes))
    drawn = tuple(isinstance(each, Randomise) for each in changes.values())
    joint = np.full(len(table), None, dtype=object)
    together, own = np.unique(codes[rows], axis=0, return_inverse=True)
    named = [JOINED.join(levels[k][place] for k, place in enumerate(each)) for each in together.tolist()]
    joint[rows] = np.array(named, dtype=object)[own.ravel()]
    name = JOINED.join(causes)
    sizes = dict(zip(named, np.bincount(own.ravel()).tolist(), strict=True))
    crossed = table.with_column(name, joint, "category")
    return _Crossed(crossed, name, causes, levels, codes, shares, drawn, sizes)


def _shares_of(table: UnitTable, name: str, change: Change, levels: tuple[str, ...], codes: Codes) -> Floats:
    if isinstance(change, Randomise):
        counts = np.bincount(codes, minlength=len(levels))
        return np.asarray(counts / max(counts.sum(), 1))
    column = node_columns(table, (name,), complete_rows(table, (name,), np.ones(len(table), dtype=bool)))[0][name]
    assert isinstance(change, Set)
    place = column.place_of(change.value)
    if place is None:
        raise OptionProblem(f'No unit has "{name}" = {change.value!r}. Its levels are: {", ".join(levels[:8])}.')
    return np.asarray(np.eye(len(levels))[place])


def _cell_by_cell(crossed: _Crossed, spec: AnalysisSpec) -> IdentifiedMean:
    """The identified formula, each combination for itself: what others lack plays no part in its mean."""
    assert spec.adjust_for is not None
    found = [cell_mean(crossed.table, spec, crossed.name, each, spec.adjust_for) for each in crossed.places]
    notes = tuple(dict.fromkeys(note for each in found for note in each.notes))
    means, influences = [each.mean for each in found], np.column_stack([each.influence for each in found])
    weights = [crossed.weight(places) for places in crossed.places.values()]
    mixed = _mixed(crossed, spec, found[0].sample, means, influences, method_named(_FORMULA).title, notes)
    return mixed.with_more_variance(sum(weight**2 * each.thin for weight, each in zip(weights, found, strict=True)))


def _by_arms(crossed: _Crossed, spec: AnalysisSpec) -> IdentifiedMean:
    """By the road of `compare_joint_arms`; where other combinations are too rare for that, with these as one arm."""
    spec = _with_a_model(spec)
    levels, asked = tuple(present_levels(crossed.table, crossed.name)), tuple(crossed.places)
    if len(asked) > MOST_ARMS:
        raise OptionProblem(
            f"{len(asked)} combinations of levels are more than the {MOST_ARMS} that are compared at once. Set one of "
            "the variables instead of drawing it, or group its levels."
        )
    if len(levels) <= MOST_ARMS:
        try:
            return _of_arms(crossed, spec, levels)
        except (TooFewUnits, PerfectSeparation, CovariateProblem):
            if len(asked) == len(levels):
                raise
    joint = crossed.table.column(crossed.name)
    few = np.where(joint.isin(asked), joint, ELSE).astype(object)
    few[joint.isna().to_numpy()] = None
    return _of_arms(
        replace(crossed, table=crossed.table.with_column(crossed.name, few, "category")), spec, (*asked, ELSE)
    )


def _with_a_model(spec: AnalysisSpec) -> AnalysisSpec:
    name = spec.method if spec.method in MODELS else _DEFAULT
    return replace(spec, method=name, options=spec.options if name == spec.method else None)


def _of_arms(crossed: _Crossed, spec: AnalysisSpec, levels: tuple[str, ...]) -> IdentifiedMean:
    found, title = _fitted_arms(crossed, spec, levels)
    places = [levels.index(each) for each in crossed.places]
    means = [float(found.means[place]) for place in places]
    return _mixed(crossed, spec, found.units.sample, means, found.influences[:, places], title, ())


def _fitted_arms(crossed: _Crossed, spec: AnalysisSpec, levels: tuple[str, ...]) -> tuple[ArmMeans, str]:
    method = checked_method(spec)
    assert spec.adjust_for is not None
    drawn = draw_arms(crossed.table, spec, spec.adjust_for, levels)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return model_named(spec.method)(drawn, method.make_options(spec.options)), method.title


def _mixed(
    crossed: _Crossed,
    spec: AnalysisSpec,
    sample: Sample,
    means: list[float],
    influences: Floats,
    title: str,
    notes: tuple[str, ...],
) -> IdentifiedMean:
    """The combinations' means by their weights; the shares of what is drawn are themselves estimated."""
    asked, each_mean = list(crossed.places.values()), np.array(means)
    weights = np.array([crossed.weight(places) for places in asked])
    mean = float(weights @ each_mean)
    influence = influences @ weights
    for k, drawn in enumerate(crossed.drawn):
        if drawn:
            of_level = np.zeros(len(crossed.levels[k]))
            for places, own in zip(asked, means, strict=True):
                of_level[places[k]] += crossed.weight(places, but=k) * own
            influence = influence + of_level[crossed.codes[sample.rows, k]] - mean
    baseline = float(sample.outcome.mean())
    assert spec.adjust_for is not None
    return summed_up(
        Influenced(
            baseline=baseline,
            outcome=mean,
            influences=(sample.outcome - baseline, influence),
            clusters=sample.clusters,
            method=f"{title}, {' and '.join(crossed.causes)} at once",
            notes=notes,
        ),
        spec.adjust_for,
    )
