"""From a unit table to the arrays that estimators work on: arms, outcome, model columns, clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import CovariateProblem, EmptyLog, OptionProblem, OutcomeProblem, TooFewUnits, TreatmentProblem
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import OutcomeLimits, limit_outcome
from causal.logs.conditions import equal_to, satisfied
from causal.logs.unit_table import UnitTable
from causal.study import Condition, Level, OutcomeRule, Question, Target, Terms, same_level

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Remembered = TypeVar("Remembered")

MOST_LEVELS = 200
"""A category with more levels than this has no place in a model: it is an identifier."""

MOST_CELLS = 2_000_000
"""So many dummies times units are taken for a category all the same where every level has two units on average."""

TOO_LARGE = 1e100
"""Beyond this a column's squares no longer fit a floating-point number."""

SAMPLES_KEPT = 2
"""So many samples are shared at a time: each is as large as its table."""

BLOCK = 8192
"""Rows worked on at a time: small enough for the processor's cache, so that no second copy of the table is made."""


@dataclass(frozen=True)
class Covariate:
    """One adjusted column and where its values stand in the model matrix.

    `first` and `count`: its main-effect columns; `levels`: a category's levels, the first of which has no column; `of`:
    the text that it is a component of.
    """

    name: str
    first: int
    count: int
    levels: tuple[str, ...] = ()
    binary: bool = False
    of: str = ""

    @property
    def places(self) -> range:
        """Its main-effect columns in the model matrix."""
        return range(self.first, self.first + self.count)


@dataclass(frozen=True, eq=False)
class Sample:
    """Units ready to be compared: complete, in two arms.

    `treated` (n,) flags; `outcome` (n,); `model` (n, p) in column order, the first column ones, the rest standardised;
    `centres` and `scales` (p,) undo that; `rows` (n,) positions in the table; `clusters` (n,) codes or None; `seed` is
    what chance in a method (its folds, its trees) starts from; `limits` those that the outcome was held to, or None.
    """

    treated: Flags
    outcome: Floats
    model: Floats
    names: tuple[str, ...]
    centres: Floats
    scales: Floats
    covariates: tuple[Covariate, ...]
    modifiers: tuple[int, ...]
    rows: NDArray[np.int64]
    clusters: NDArray[np.int64] | None
    outcome_is_binary: bool
    control_level: Level
    treated_level: Level
    target: Target
    dropped: int
    seed: int = 0
    limits: OutcomeLimits | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def target_weight(self) -> Floats:
        """(n,) one where the unit belongs to the target population, else zero.

        For "overlap" one for all: how much a unit belongs to it is for its propensity to say (`target_tilt`).
        """
        if self.target in ("everyone", "overlap"):
            return np.ones(len(self))
        inside = self.treated if self.target == "treated" else ~self.treated
        return inside.astype(np.float64)

    @property
    def arm_moments(self) -> tuple[Floats, Floats]:
        """X'X of the control arm and of the treated arm, each (p, p)."""
        return self._arm_sums[0]

    @property
    def arm_outcomes(self) -> tuple[Floats, Floats]:
        """X'y of the control arm and of the treated arm, each (p,)."""
        return self._arm_sums[1]

    @property
    def target_sums(self) -> Floats:
        """(p,) sums of the model's columns over the target population, the first of them its size."""
        control, treated = (gram[0] for gram in self.arm_moments)  # the first column is ones
        return np.asarray({"treated": treated, "untreated": control}.get(self.target, control + treated))

    @cached_property
    def _arm_sums(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        fewer_treated = 2 * int(self.treated.sum()) <= len(self)
        fewer = self.treated if fewer_treated else ~self.treated
        p = self.model.shape[1]
        moments, outcomes = np.zeros((2, p, p)), np.zeros((2, p))  # of all units, then of the smaller arm
        for rows in blocks(len(self)):
            block, seen = self.model[rows], self.outcome[rows]
            moments[0] += block.T @ block
            outcomes[0] += seen @ block
            chosen = block[fewer[rows]]
            moments[1] += chosen.T @ chosen
            outcomes[1] += seen[fewer[rows]] @ chosen
        # the larger arm by subtraction, in which the smaller one would lose its digits
        more, less = (moments[0] - moments[1], outcomes[0] - outcomes[1]), (moments[1], outcomes[1])
        control, treated = (more, less) if fewer_treated else (less, more)
        return (control[0], treated[0]), (control[1], treated[1])

    @cached_property
    def _memory(self) -> dict[Any, Any]:
        return {}

    def remembered(self, key: Any, make: Callable[[], Remembered]) -> Remembered:
        """What `make` gives, made once for this sample: methods that are asked together share what they fit alike."""
        if key not in self._memory:
            self._memory[key] = make()
        found: Remembered = self._memory[key]
        return found

    def keep(self, mask: Flags) -> Sample:
        """The sample of the units where `mask` is true.

        Raises TooFewUnits.
        """
        kept = replace(
            self,
            treated=self.treated[mask],
            outcome=self.outcome[mask],
            model=rows_of(self.model, np.flatnonzero(mask)),
            rows=self.rows[mask],
            clusters=None if self.clusters is None else np.unique(self.clusters[mask], return_inverse=True)[1],
        )
        _require_arms(kept.treated, self.control_level, self.treated_level, "after trimming")
        _require_clusters(kept.treated, kept.clusters, self.control_level, self.treated_level)
        return kept


_KEPT: ContextVar[dict[Any, Sample] | None] = ContextVar("samples kept", default=None)


def blocks(n: int) -> list[slice]:
    """Slices that cover n rows."""
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def rows_of(model: Floats, places: NDArray[np.int64]) -> Floats:
    """(m, p) these rows of a model, column after column as the model is: what indexing gives takes twice as long."""
    return model.T.take(places, axis=1).T


@one_thread
def draw_sample(
    table: UnitTable,
    question: Question,
    adjust_for: Sequence[str],
    terms: Terms | None = None,
    cluster: str | None = None,
    also_complete: Sequence[str] = (),
    seed: int = 0,
    where: Sequence[Condition] = (),
    outcome_rule: OutcomeRule | None = None,
) -> Sample:
    """The complete cases of the two arms asked for, with the model columns of `adjust_for`.

    `also_complete` names further columns in which a unit must have a value; `where` is what a unit must satisfy;
    `outcome_rule` limits extreme outcomes of the units compared.
    Raises UnknownColumn, TreatmentProblem, OutcomeProblem, CovariateProblem, TooFewUnits, EmptyLog.
    """
    asked = (table, question, tuple(adjust_for), terms, cluster, tuple(also_complete), seed, tuple(where), outcome_rule)
    kept = _KEPT.get()
    if kept is None:
        return _drawn(table, question, adjust_for, terms, cluster, also_complete, seed, where, outcome_rule)
    if asked not in kept:
        while len(kept) >= SAMPLES_KEPT:
            del kept[next(iter(kept))]
        kept[asked] = _drawn(table, question, adjust_for, terms, cluster, also_complete, seed, where, outcome_rule)
    return kept[asked]


@contextmanager
def shared_samples() -> Iterator[None]:
    """Within it a sample that is asked for again is the one drawn before, with all that methods have fitted on it."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def _drawn(
    table: UnitTable,
    question: Question,
    adjust_for: Sequence[str],
    terms: Terms | None,
    cluster: str | None,
    also_complete: Sequence[str],
    seed: int,
    where: Sequence[Condition],
    outcome_rule: OutcomeRule | None,
) -> Sample:
    terms = terms or Terms()
    _check_columns(table, question, adjust_for, terms, cluster)
    control, treated = levels_of(table, question)
    arm = table.column(question.treatment)
    in_control, in_treated = equal_to(arm, control), equal_to(arm, treated)
    asked = in_control | in_treated
    if where:
        asked &= satisfied(table, where)
        _require_someone(asked, where)
    outcome, outcome_is_binary = _numbers_of_outcome(table, question.outcome, asked)
    complete = asked & np.isfinite(outcome)
    locations: dict[str, _Location] = {}
    needed = [name for each in adjust_for for name in table.parts.get(each, (each,))]
    for name in [*needed, *also_complete, *([cluster] if cluster else [])]:
        values = table.column(name)
        if _is_float(values):
            locations[name] = _location(values.to_numpy())
        if name not in locations or not np.isfinite(locations[name].scale):
            complete &= _present(values)
    dropped = int(asked.sum() - complete.sum())
    everyone = bool(complete.all())
    rows = np.arange(len(complete)) if everyone else np.flatnonzero(complete)
    if len(rows) == 0:
        raise EmptyLog(_nothing_complete(table, question, (*adjust_for, *also_complete), asked))
    if not everyone:
        in_treated, outcome, locations = in_treated[rows], outcome[rows], {}
    _require_arms(in_treated, control, treated, f"among the {len(rows):,} units without missing values")
    if np.ptp(outcome) == 0:
        raise OutcomeProblem(
            f'The outcome "{question.outcome}" is {outcome[0]:g} for all {len(rows):,} units compared, so no effect '
            "could show. Choose another outcome, or check how the column was made."
        )
    limits = None
    if outcome_rule is not None:
        outcome, limits = limit_outcome(question.outcome, outcome, outcome_is_binary, outcome_rule)
    clusters = None if cluster is None else pd.factorize(table.column(cluster).iloc[rows])[0].astype(np.int64)
    _require_clusters(in_treated, clusters, control, treated)
    model = _ModelColumns(table, rows, adjust_for, terms, locations)
    return Sample(
        treated=in_treated,
        outcome=outcome,
        model=model.values,
        names=tuple(model.names),
        centres=model.centres,
        scales=model.scales,
        covariates=tuple(model.covariates),
        modifiers=tuple(model.modifiers),
        rows=rows,
        clusters=clusters,
        outcome_is_binary=outcome_is_binary,
        control_level=control,
        treated_level=treated,
        target=question.target,
        dropped=dropped,
        seed=seed,
        limits=limits,
    )


def columns_of(
    table: UnitTable, rows: NDArray[np.int64], names: Sequence[str]
) -> tuple[Floats, tuple[str, ...], tuple[Covariate, ...]]:
    """(n, p) numbers of these columns in these rows, in their own units, what each is called, and where each stands.

    Categories as dummies, the first level left out. Raises CovariateProblem.
    """
    model = _ModelColumns(table, rows, names, Terms(), {})
    values = model.values[:, 1:] * model.scales[1:] + model.centres[1:]
    moved = tuple(replace(each, first=each.first - 1) for each in model.covariates)
    return np.asarray(values), tuple(model.names[1:]), moved


def levels_of(table: UnitTable, question: Question) -> tuple[Level, Level]:
    """The control and the treated level: as named, or 0 and 1, or False and True.

    Raises TreatmentProblem.
    """
    arm = table.column(question.treatment)
    present = present_levels(table, question.treatment)
    if len(present) < 2:
        what = f"is {present[0]!r} for every unit" if present else "has no value at all"
        raise TreatmentProblem(
            f'The treatment "{question.treatment}" {what}: a comparison needs two levels. '
            "Choose another treatment, or a log that holds both arms."
        )
    if question.control is not None and question.treated is not None:
        for level in (question.control, question.treated):
            if not equal_to(arm, level).any():
                shown = ", ".join(repr(each) for each in present[:8]) + (", …" if len(present) > 8 else "")
                raise TreatmentProblem(f'No unit has "{question.treatment}" = {level!r}. Its levels are: {shown}.')
        if same_level(question.control, question.treated):
            raise TreatmentProblem(f'Compare two different levels of "{question.treatment}", not one with itself.')
        return question.control, question.treated
    if len(present) == 2 and all(each in (0, 1) and not isinstance(each, str) for each in present):
        boolean = isinstance(present[0], bool)
        if question.control is None and question.treated is None:
            return (False, True) if boolean else (0, 1)
    shown = ", ".join(repr(each) for each in present[:8]) + (", …" if len(present) > 8 else "")
    if (question.control is None) != (question.treated is None):
        raise TreatmentProblem(
            f'The question names one level of "{question.treatment}" only: give both its control and its treated '
            f"level. Its levels are: {shown}."
        )
    raise TreatmentProblem(
        f'"{question.treatment}" is not 0/1, so say which level is compared with which: '
        f"give the question its control and its treated level. Its levels are: {shown}."
    )


def present_levels(table: UnitTable, name: str) -> list[Any]:
    """The values of a column, numbers in their order, then text.

    Raises UnknownColumn.
    """
    return sorted(table.column(name).dropna().unique().tolist(), key=_level_order)


def _level_order(level: Any) -> tuple[int, Any]:
    return (0, float(level)) if isinstance(level, int | float) else (1, str(level))


def _is_float(values: pd.Series) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"


def _present(values: pd.Series) -> Flags:
    if _is_float(values):
        return np.asarray(np.isfinite(values.to_numpy()), dtype=bool)
    return np.asarray(~values.isna().to_numpy(), dtype=bool)


def _check_columns(
    table: UnitTable, question: Question, adjust_for: Sequence[str], terms: Terms, cluster: str | None
) -> None:
    for name in [question.treatment, question.outcome, *adjust_for, *([cluster] if cluster else [])]:
        table.column(name)
    for name in adjust_for:
        if list(adjust_for).count(name) > 1:
            raise CovariateProblem(f'"{name}" stands among the covariates more than once. Name it once.')
        if name in (question.treatment, question.outcome):
            what = "treatment" if name == question.treatment else "outcome"
            raise CovariateProblem(f'"{name}" is the {what}; it cannot be adjusted for as well. Leave it out.')
        made = table.ranges.get(name)
        if made is not None and made.reaches_past_anchor:
            raise CovariateProblem(
                f'"{name}" was computed from events {made.phrase}, so the treatment may have changed it: it cannot be '
                "adjusted for. Leave it out, or compute it from before the anchor."
            )
        _check_score(table, question, name)
    named = [*terms.squares, *(each for pair in terms.interactions for each in pair), *terms.treatment_by]
    for name in named:
        if name in table.parts:
            raise OptionProblem(
                f'The terms name "{name}", a text of {len(table.parts[name])} components. Name one of its topics '
                "instead."
            )
        if name not in adjust_for:
            raise OptionProblem(
                f'The terms name "{name}", which is not adjusted for. Add it to the covariates, or take the term out.'
            )


def _check_score(table: UnitTable, question: Question, name: str) -> None:
    """What a score was made of is in it: neither the question's ends nor parts of a score among them may be held."""
    made_of = table.sources.get(name, ())
    for end, what in ((question.treatment, "treatment"), (question.outcome, "outcome")):
        if end in made_of:
            raise CovariateProblem(
                f'"{name}" is a score that was made of the {what} "{end}", so it cannot be adjusted for. Score the '
                f'latent variable without "{end}".'
            )
        shared = sorted({name, *made_of} & set(table.sources.get(end, ())))
        if shared:
            raise CovariateProblem(
                f'The {what} "{end}" is a score that was made of "{shared[0]}", so "{name}" cannot be adjusted for: '
                "it would hold part of it fixed. Leave it out."
            )


def _numbers_of_outcome(table: UnitTable, name: str, asked: Flags) -> tuple[Floats, bool]:
    values, kind = table.column(name), table.types[name]
    if not (asked & values.notna().to_numpy()).any():
        raise OutcomeProblem(f'The outcome "{name}" is missing for every unit compared. Choose another outcome.')
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan), True
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers, _only_two(numbers[np.isfinite(numbers)])
    levels = sorted(values.dropna().unique().tolist(), key=_level_order)
    if kind == "binary" and len(levels) == 2:
        numbers = np.where(values.isna(), np.nan, (values == levels[1]).to_numpy(dtype=np.float64, na_value=0.0))
        return numbers, True
    shown = ", ".join(repr(each) for each in levels[:3])
    raise OutcomeProblem(
        f'The outcome "{name}" holds text ({shown}, …), which has no mean. Choose a numeric column, or one with two '
        "values typed as binary."
    )


def _require_arms(treated: Flags, control_level: Level, treated_level: Level, where: str) -> None:
    for size, level in ((int(treated.sum()), treated_level), (int((~treated).sum()), control_level)):
        if size < 2:
            count = "no unit has" if size == 0 else "only 1 unit has"
            raise TooFewUnits(
                f"{where[0].upper() + where[1:]}, {count} the treatment level {level!r}; an effect with an interval "
                "needs at least 2. Choose other levels, fewer covariates with missing values, or less trimming."
            )


def _require_clusters(
    treated: Flags, clusters: NDArray[np.int64] | None, control_level: Level, treated_level: Level
) -> None:
    """Refuse an arm within one cluster: its residuals add up to nothing there, which is no sign of certainty."""
    if clusters is None or not clusters.any():  # a single cluster is refused where errors are summed up
        return
    for arm, level in ((treated, treated_level), (~treated, control_level)):
        own = clusters[arm]
        if (own == own[0]).all():
            raise one_cluster(level)


def one_cluster(level: Level) -> TooFewUnits:
    """The error where all units of one arm belong together."""
    return TooFewUnits(
        f"All units with treatment level {level!r} belong to one cluster, so nothing says how clusters with that level "
        "vary. Choose another cluster column, or gather more clusters."
    )


def _require_someone(asked: Flags, where: Sequence[Condition]) -> None:
    if not asked.any():
        told = " and ".join(f'"{each.column}" {each.comparison} {each.value!r}' for each in where)
        raise EmptyLog(f"No unit of the two arms satisfies the filter: {told}. Widen it, or take it off.")


def _nothing_complete(table: UnitTable, question: Question, adjust_for: Sequence[str], asked: Flags) -> str:
    worst, most = question.outcome, -1
    for name in [question.outcome, *adjust_for]:
        missing = int(table.column(name)[asked].isna().sum())
        if missing > most:
            worst, most = name, missing
    return (
        f'No unit has a value in every column used. The emptiest is "{worst}": {most:,} of {int(asked.sum()):,} '
        "missing. Leave it out, or fill its missing values."
    )


class _ModelColumns:
    """Builds the model matrix column by column, so that the table is never held twice."""

    def __init__(
        self,
        table: UnitTable,
        rows: NDArray[np.int64],
        adjust_for: Sequence[str],
        terms: Terms,
        locations: dict[str, _Location],
    ) -> None:
        self._table, self._rows = table, rows
        self._everything = len(rows) == len(table)
        self._components = table.components
        self._locations = locations
        self.names: list[str] = ["1"]
        self.covariates: list[Covariate] = []
        spread = {part: name for name in adjust_for for part in table.parts.get(name, (name,))}
        widths = {name: self._width(name) for name in spread}
        count = 1 + sum(widths.values()) + len(terms.squares)
        count += sum(widths[left] * widths[right] for left, right in terms.interactions)
        self.values: Floats = np.empty((len(rows), count), order="F")
        self.values[:, 0] = 1.0
        self.centres, self.scales = np.zeros(count), np.ones(count)
        self._in_terms = {*terms.squares, *(each for pair in terms.interactions for each in pair)}
        self._raw: dict[int, Floats] = {}
        self._next = 1
        for part, name in spread.items():
            self._add_covariate(part)
            if part != name:
                self.covariates[-1] = replace(self.covariates[-1], of=name)
        where = {each.name: range(each.first, each.first + each.count) for each in self.covariates}
        for name in terms.squares:
            if widths[name] != 1 or self._table.types[name] not in ("numeric",):
                raise OptionProblem(f'"{name}" is not numeric, so it has no square. Take it out of the squares.')
            self._add(f"{name}²", self._raw[where[name][0]] ** 2)
        for left, right in terms.interactions:
            for i in where[left]:
                for j in where[right]:
                    self._add(f"{self.names[i]} × {self.names[j]}", self._raw[i] * self._raw[j])
        self.modifiers = [column for name in terms.treatment_by for column in where[name]]

    def _of(self, name: str) -> pd.Series:
        values = self._table.column(name)
        return values if self._everything else values.iloc[self._rows]

    def _is_numeric(self, name: str) -> bool:
        values, kind = self._table.column(name), self._table.types[name]
        if name in self._components:
            return True
        return pd.api.types.is_numeric_dtype(values.dtype) and kind not in ("category", "identifier", "text")

    def _width(self, name: str) -> int:
        kind = self._table.types[name]
        if kind in ("text", "identifier") and name not in self._components:
            raise CovariateProblem(
                f'"{name}" is {"free text" if kind == "text" else "an identifier"}: it has no place in a model as it '
                "stands. Leave it out of the adjustment, or give it another type."
            )
        if kind == "time" or self._is_numeric(name):
            return 1
        levels = self._of(name).nunique()
        units = len(self._rows)
        if levels > MOST_LEVELS and (levels * units > MOST_CELLS or 2 * levels > units):
            raise CovariateProblem(
                f'"{name}" has {levels:,} different values, more than a model can take as categories ({MOST_LEVELS}). '
                "Group its values, type it as numeric, or leave it out."
            )
        return max(levels - 1, 0)

    def _add_covariate(self, name: str) -> None:
        values, kind = self._of(name), self._table.types[name]
        if kind == "time" and values.dtype.kind not in "mM":
            raise CovariateProblem(
                f'"{name}" is typed as time but holds other values (such as {values.iloc[0]!r}). Give it another type, '
                "or leave it out."
            )
        if kind == "time":
            stamps = values.astype("int64").to_numpy(dtype=np.float64)
            self.covariates.append(Covariate(name, self._next, 1))
            self._add(name, stamps, kept=name in self._in_terms)
        elif self._is_numeric(name):
            numbers = values.to_numpy(dtype=np.float64)
            binary = kind == "binary" or values.dtype.kind == "b" or _only_two(numbers)
            self.covariates.append(Covariate(name, self._next, 1, binary=binary))
            self._add(name, numbers, self._locations.get(name), kept=name in self._in_terms)
        else:
            codes, levels = pd.factorize(values, sort=False)
            spelled = [str(each) for each in levels]
            order = sorted(range(len(levels)), key=lambda place: _level_order(levels[place]))
            first = self._next
            for place in order[1:]:
                self._add(f"{name}: {spelled[place]}", codes == place, kept=name in self._in_terms)
            self.covariates.append(
                Covariate(name, first, len(order) - 1, tuple(spelled[place] for place in order), binary=True)
            )

    def _add(self, name: str, values: Any, location: _Location | None = None, kept: bool = False) -> None:
        """The next column, standardised; what terms are made of is `kept` as it was."""
        numbers, place = np.asarray(values, dtype=np.float64), self._next
        centre, scale, constant = location or _location(numbers)
        if not np.isfinite(scale) or scale > TOO_LARGE or (scale < 1 / TOO_LARGE and not constant):
            raise CovariateProblem(
                f'"{name}" holds values too large or too small to compute with. Rescale the column, or leave it out.'
            )
        if scale > 1e-13 * max(abs(centre), 1e-300):
            for rows in blocks(len(numbers)):
                column = self.values[rows, place]
                np.subtract(numbers[rows], centre, out=column)
                column /= scale
        else:
            self.values[:, place] = 0.0
            scale = 1.0
        self.centres[place], self.scales[place] = centre, scale
        if kept:
            self._raw[place] = numbers
        self.names.append(name)
        self._next += 1


class _Location(NamedTuple):
    """A column's mean, its standard deviation (by n), and whether it has one value only."""

    centre: float
    scale: float
    constant: bool


def _location(values: Floats) -> _Location:
    """In one walk over the values: each block's mean and squares, put together (Chan, Golub and LeVeque 1983, The
    American Statistician 37: 242-247). Not finite where a value is not, or where they are too large."""
    slices = blocks(len(values))
    sizes, means, squares = np.empty((3, len(slices)))
    left = np.empty(min(len(values), BLOCK))
    with np.errstate(over="ignore", invalid="ignore"):
        for place, rows in enumerate(slices):
            block = np.asarray(values[rows], dtype=np.float64)
            sizes[place], means[place] = len(block), np.add.reduce(block) / len(block)
            away = np.subtract(block, means[place], out=left[: len(block)])
            squares[place] = away @ away
        centre = float(sizes @ means) / len(values)
        between = means - centre
        scale = float(np.sqrt((squares.sum() + sizes @ (between * between)) / len(values)))
    return _Location(centre, scale, scale == 0 and bool((values == values[0]).all()))


def _only_two(numbers: Floats) -> bool:
    if not np.isin(numbers[:100], (0.0, 1.0)).all():
        return False
    return bool(((numbers == 0.0) | (numbers == 1.0)).all())
