"""Balance in full: every measure for every column, several methods side by side, in groups, and of what matters most.

Measures: `causal.checks.column_balance`. The prognostic score, the outcome that the control arm's model predicts for
everyone, weighs the columns by what they do to the outcome: Hansen (2008), Biometrika 95: 481-488; Stuart, Lee and
Leacy (2013), Journal of Clinical Epidemiology 66: S84-S90.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

import numpy as np

from causal.analysis import resolve
from causal.checks.balance import BalanceTable, balance
from causal.checks.column_balance import (
    ArmShape,
    ColumnBalance,
    CovariateShape,
    Distances,
    Kind,
    balance_of,
    shape_of_levels,
    shape_of_quantity,
)
from causal.checks.json_values import from_values, to_values
from causal.effects.groups import group_masks
from causal.errors import DoableError, OptionProblem
from causal.estimators.design import (
    Covariate,
    Flags,
    Floats,
    Sample,
    columns_of,
    draw_sample,
    levels_of,
    shared_samples,
)
from causal.estimators.estimation import estimate_from_table
from causal.estimators.fit import Fit
from causal.estimators.nuisance import fit_arm, fit_propensity
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.logs.conditions import equal_to, satisfied
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

MOST_PRODUCTS = 400
"""So many squares and products are looked at: each costs as much as a covariate."""

CHANCE, FORETOLD = "chance of treatment", "outcome foretold"
"""The scores that stand among the columns: the propensity, and the prognostic score."""

GROUP_BINS = 4
"""A quantity is cut into so many groups."""

FEWEST_IN_GROUP = 10
"""A group with fewer units of an arm has no spread to measure a difference by."""


@dataclass(frozen=True)
class BalanceOptions:
    """What is looked at beside the covariates adjusted for: their `squares` and `products`, columns that were not
    adjusted for (`also`), and the same within the groups of a column (`by`).
    """

    squares: bool = False
    products: bool = False
    also: tuple[str, ...] = ()
    by: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "also", tuple(self.also))


@dataclass(frozen=True)
class ArmSizes:
    """Units that count in each arm, by Kish's formula where they are weighted."""

    control: float
    treated: float


@dataclass(frozen=True)
class GroupBalance:
    """One group of units: how many, and how many covariates differ in it by more than 0.1 before and after each method.

    `worst` names the furthest covariate and its standardised difference, before first; all are empty in a group with
    too few units of an arm.
    """

    label: str
    control: int
    treated: int
    beyond: tuple[int, ...]
    worst: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class BalanceComparison:
    """`rows` of columns with one `after` per method in `methods`; `sizes` with the units as they are first.

    `left_out` are methods that could not be compared, each with why. `truncated`: there are more squares and products
    than were looked at.
    """

    methods: tuple[str, ...]
    rows: tuple[ColumnBalance, ...]
    sizes: tuple[ArmSizes, ...]
    shapes: tuple[CovariateShape, ...]
    groups: tuple[GroupBalance, ...]
    left_out: tuple[tuple[str, str], ...]
    options: BalanceOptions
    truncated: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values(dataclasses.asdict(self))
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> BalanceComparison:
        """What `to_json` wrote."""
        held = from_values(document)
        return cls(
            methods=tuple(held["methods"]),
            rows=tuple(_row_of(each) for each in held["rows"]),
            sizes=tuple(ArmSizes(**each) for each in held["sizes"]),
            shapes=tuple(_shape_of(each) for each in held["shapes"]),
            groups=tuple(_group_of(each) for each in held["groups"]),
            left_out=tuple((name, why) for name, why in held["left_out"]),
            options=BalanceOptions(**held["options"]),
            truncated=held["truncated"],
        )


@one_thread
def compare_balance(
    table: UnitTable,
    specs: Sequence[AnalysisSpec],
    options: BalanceOptions | None = None,
    progress: Progress = silent,
) -> BalanceComparison:
    """The balance of the units that `specs[0]` compares, under the weights of each spec's method.

    A method that weights no units, adjusts for other columns, or has no answer is left out with its reason. Raises the
    errors of `answer` where the first spec cannot be drawn, UnknownColumn and OptionProblem for the options.
    """
    options = options or BalanceOptions()
    first = specs[0]
    _check(table, first, options)
    progress(0.02, "drawing the units")
    _, adjust_for, _ = resolve(table, first, method_named(first.method))
    sample = _drawn(table, first, adjust_for)
    with shared_samples():
        weightings, left_out = _weightings(table, specs, adjust_for, sample, progress)
    names = tuple(name for name, _ in weightings)
    rows, shapes = list[ColumnBalance](), list[CovariateShape]()
    total = _count(sample, options)
    for place, each in enumerate(_columns(table, sample, adjust_for, options)):
        progress(min(0.4 + 0.5 * place / total, 0.9), f"measuring: {each.name}")
        rows.append(_measured(each, sample, weightings))
    rows.extend(_missing(table, first, adjust_for, len(weightings)))
    for covariate in sample.covariates:
        shapes.append(_shape(sample, covariate, weightings))
    progress(0.92, "measuring within groups")
    plain = ArmSizes(float((~sample.treated).sum()), float(sample.treated.sum()))
    sizes = (plain, *(_sizes(sample, weights) for _, weights in weightings))
    groups = () if options.by is None else _groups(table, sample, options.by, weightings)
    truncated = _pairs(sample, options) > MOST_PRODUCTS
    progress(1.0, "done")
    return BalanceComparison(names, tuple(rows), sizes, tuple(shapes), groups, left_out, options, truncated)


def _check(table: UnitTable, spec: AnalysisSpec, options: BalanceOptions) -> None:
    question = spec.question
    for name in (*options.also, *([options.by] if options.by else [])):
        table.column(name)
        if name in (question.treatment, question.outcome):
            raise OptionProblem(f'"{name}" is part of the question itself: balance is asked of other columns.')


def _drawn(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str]) -> Sample:
    return draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )


Weightings = list[tuple[str, Floats]]


def _weightings(
    table: UnitTable, specs: Sequence[AnalysisSpec], adjust_for: tuple[str, ...], sample: Sample, progress: Progress
) -> tuple[Weightings, tuple[tuple[str, str], ...]]:
    """(name, weights of all units of the sample) of each method, and why the others have none."""
    found: Weightings = []
    refused = []
    for place, spec in enumerate(specs):
        method = method_named(spec.method)
        progress(0.05 + 0.35 * place / len(specs), f"fitting: {method.title.lower()}")
        try:
            estimand, own, _ = resolve(table, spec, method)
            if not method.adjusts or set(own) != set(adjust_for):
                refused.append((method.name, "It adjusts for other columns."))
                continue
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                _, fit = estimate_from_table(
                    table, spec.question, estimand, _drawn(table, spec, own), method, spec.options, spec.confidence
                )
            weights = _on_all(sample, fit)
        except DoableError as error:
            refused.append((method.name, str(error)))
            continue
        if weights is None:
            refused.append((method.name, "It weights no units."))
        else:
            found.append((method.name, weights))
    return found, tuple(refused)


def _on_all(sample: Sample, fit: Fit) -> Floats | None:
    """(n,) the fit's weights at the sample's units, zero where it has none."""
    if fit.weights is None:
        return None
    weights = np.zeros(len(sample))
    weights[np.isin(sample.rows, fit.sample.rows, assume_unique=True)] = fit.weights  # both are in the table's order
    return weights


@dataclass(frozen=True, eq=False)
class _Column:
    """Values (n,) of one column, or of those units where it is `known` (n,)."""

    name: str
    covariate: str
    kind: Kind
    values: Floats
    binary: bool = False
    known: Flags | None = None


def _measured(column: _Column, sample: Sample, weightings: Weightings) -> ColumnBalance:
    weights = [each for _, each in weightings]
    treated, known = sample.treated, column.known
    if known is not None:
        treated, weights = treated[known], [each[known] for each in weights]
    return balance_of(
        column.name, column.covariate, column.kind, column.values, treated, weights, sample.target, column.binary
    )


def _columns(table: UnitTable, sample: Sample, adjust_for: Sequence[str], options: BalanceOptions) -> Iterator[_Column]:
    """One column after another, so that no second copy of the table is made; of squares and products the first ones."""
    if adjust_for:
        yield from _scores(sample)
    for covariate in sample.covariates:
        yield from _of_covariate(sample, covariate)
    yield from _not_adjusted_for(table, sample, options.also)
    yield from islice(_made(table, sample, options), MOST_PRODUCTS)


def _scores(sample: Sample) -> Iterator[_Column]:
    """The chance of treatment and the outcome foretold from the control arm, where their models can be fitted."""
    made: tuple[tuple[str, Callable[[], Floats]], ...] = (
        (CHANCE, lambda: fit_propensity(sample).fitted),
        (FORETOLD, lambda: fit_arm(sample, 0).fitted),
    )
    for name, make in made:
        try:
            values = make()
        except DoableError:
            continue
        if np.isfinite(values).all():
            yield _Column(name, name, "score", values)


def _of_covariate(sample: Sample, covariate: Covariate) -> Iterator[_Column]:
    if not covariate.levels:
        kind: Kind = "binary" if covariate.binary else "numeric"
        yield _Column(covariate.name, covariate.name, kind, _values(sample, covariate.first), covariate.binary)
        return
    for level, values in _level_values(sample, covariate):
        yield _Column(f"{covariate.name}: {level}", covariate.name, "level", values, True)


def _values(sample: Sample, place: int) -> Floats:
    """(n,) a model column in its own units; what rounding makes of 0 and 1 is put right."""
    values = sample.model[:, place] * sample.scales[place] + sample.centres[place]
    whole = np.round(values)
    rounding = 1e-9 * max(1.0, float(np.abs(whole).max(initial=0.0)))
    return np.asarray(np.where(np.abs(values - whole) <= rounding, whole, values))


def _level_values(sample: Sample, covariate: Covariate) -> Iterator[tuple[str, Floats]]:
    rest = np.ones(len(sample))
    found = []
    for place, level in zip(covariate.places, covariate.levels[1:], strict=True):
        values = _values(sample, place)
        rest -= values
        found.append((level, values))
    yield covariate.levels[0], rest
    yield from found


def _not_adjusted_for(table: UnitTable, sample: Sample, names: Sequence[str]) -> Iterator[_Column]:
    own = {each.of or each.name for each in sample.covariates}
    for name in names:
        if name in own:
            continue
        present = np.asarray(~table.column(name).isna().to_numpy(), dtype=bool)[sample.rows]
        if present.any():
            numbers, _, covariates = columns_of(table, sample.rows[present], (name,))
            known = None if present.all() else present
            for each in covariates:
                yield from _of_extra(numbers[:, each.places], each, known)
        if not present.all():
            yield _Column(f"{name}: missing", name, "missing", (~present).astype(np.float64), True)


def _of_extra(numbers: Floats, covariate: Covariate, known: Flags | None) -> Iterator[_Column]:
    if not covariate.levels:
        kind: Kind = "binary" if covariate.binary else "numeric"
        yield _Column(covariate.name, covariate.name, kind, numbers[:, 0], covariate.binary, known)
        return
    rest = 1 - numbers.sum(axis=1)
    for place, level in enumerate(covariate.levels):
        values = rest if place == 0 else numbers[:, place - 1]
        yield _Column(f"{covariate.name}: {level}", covariate.name, "level", values, True, known)


def _missing(table: UnitTable, spec: AnalysisSpec, adjust_for: Sequence[str], methods: int) -> Iterator[ColumnBalance]:
    """Whether a covariate's value is missing more often in one arm: of all units asked about, those left out too."""
    control, treated = levels_of(table, spec.question)
    arm = table.column(spec.question.treatment)
    had = equal_to(arm, treated)
    asked = (had | equal_to(arm, control)) & satisfied(table, spec.where)
    unknown = Distances(*[math.nan] * 5)
    for name in adjust_for:
        missing = table.column(name).isna().to_numpy()[asked].astype(np.float64)
        if missing.any():
            label = f"{name}: missing"
            row = balance_of(label, name, "missing", missing, had[asked], (), spec.question.target, True)
            yield dataclasses.replace(row, after=(unknown,) * methods)


def _made(table: UnitTable, sample: Sample, options: BalanceOptions) -> Iterator[_Column]:
    """Squares of quantities, then products of every two columns, level by level."""
    sources = _sources(table, sample, options) if options.squares or options.products else []
    if options.squares:
        for only in (factors[0] for factors in sources if not factors[0].binary):
            yield _Column(f"{only.name}²", only.covariate, "square", only.values**2)
    if not options.products:
        return
    for left, right in combinations(sources, 2):
        for one in left:
            for two in right:
                both = one.binary and two.binary
                yield _Column(f"{one.name} × {two.name}", one.covariate, "product", one.values * two.values, both)


def _sources(table: UnitTable, sample: Sample, options: BalanceOptions) -> list[list[_Column]]:
    """What each column brings into products: a quantity itself, of yes or no both, of a category every level."""
    found = [_factors(list(_of_covariate(sample, each))) for each in sample.covariates]
    for name in options.also:
        extra = [each for each in _not_adjusted_for(table, sample, (name,)) if each.kind != "missing"]
        if extra and extra[0].known is None:
            found.append(_factors(extra))
    return [each for each in found if each]


def _factors(columns: list[_Column]) -> list[_Column]:
    only = columns[0]
    if len(columns) > 1 or not only.binary:
        return columns
    low, high = float(only.values.min()), float(only.values.max())
    if low == high:
        return []
    yes = (only.values - low) / (high - low)
    return [
        _Column(f"{only.name}: {level:g}", only.covariate, "level", flags, True)
        for level, flags in ((low, 1 - yes), (high, yes))
    ]


def _pairs(sample: Sample, options: BalanceOptions) -> int:
    """How many squares and products there are of the columns adjusted for."""
    squares = sum(not each.binary for each in sample.covariates) if options.squares else 0
    pairs = combinations(sample.covariates, 2) if options.products else ()
    return squares + sum(_width(left) * _width(right) for left, right in pairs)


def _width(covariate: Covariate) -> int:
    return len(covariate.levels) or (2 if covariate.binary else 1)


def _count(sample: Sample, options: BalanceOptions) -> int:
    own = sum(len(each.levels) or 1 for each in sample.covariates)
    return 2 + own + len(options.also) + min(_pairs(sample, options), MOST_PRODUCTS)


def _shape(sample: Sample, covariate: Covariate, weightings: Weightings) -> CovariateShape:
    if not covariate.levels:
        values = _values(sample, covariate.first)
        if covariate.binary:
            different = np.unique(values)
            places = np.searchsorted(different, values).astype(np.float64)
            return shape_of_levels(
                covariate.name, places, [f"{each:g}" for each in different], sample.treated, weightings
            )
        return shape_of_quantity(covariate.name, values, sample.treated, weightings)
    places = np.zeros(len(sample))
    for place, (_, values) in enumerate(_level_values(sample, covariate)):
        places += place * values
    return shape_of_levels(covariate.name, np.round(places), covariate.levels, sample.treated, weightings)


def _sizes(sample: Sample, weights: Floats) -> ArmSizes:
    return ArmSizes(*(_effective(weights[arm]) for arm in (~sample.treated, sample.treated)))


def _effective(weights: Floats) -> float:
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _groups(table: UnitTable, sample: Sample, by: str, weightings: Weightings) -> tuple[GroupBalance, ...]:
    values = table.column(by).iloc[sample.rows]
    found = []
    for label, mask, _ in group_masks(values, table.types[by], GROUP_BINS, by):
        sizes = [int((mask & arm).sum()) for arm in (~sample.treated, sample.treated)]
        if min(sizes) < FEWEST_IN_GROUP:
            found.append(GroupBalance(label, sizes[0], sizes[1], (), ()))
            continue
        inside = dataclasses.replace(
            sample,
            treated=sample.treated[mask],
            outcome=sample.outcome[mask],
            model=np.asfortranarray(sample.model[mask]),
            covariates=tuple(each for each in sample.covariates if each.name != by),
            rows=sample.rows[mask],
            clusters=None,
        )
        tables = [balance(inside, None), *(_within(inside, weights[mask]) for _, weights in weightings)]
        worst = [each.worst for each in tables]
        found.append(
            GroupBalance(
                label,
                sizes[0],
                sizes[1],
                tuple(len(each.unbalanced) for each in tables),
                tuple(
                    ("", np.nan) if row is None else (row.name, float(row.before if np.isnan(row.after) else row.after))
                    for row in worst
                ),
            )
        )
    return tuple(found)


def _within(inside: Sample, weights: Floats) -> BalanceTable:
    """Balance in a group under a method's weights; as it is where the method leaves an arm of it out."""
    kept = weights != 0
    if min(int((kept & arm).sum()) for arm in (~inside.treated, inside.treated)) == 0:
        return balance(inside, None)
    return balance(inside, weights)


def _row_of(held: Mapping[str, Any]) -> ColumnBalance:
    after = tuple(Distances(**each) for each in held["after"])
    return ColumnBalance(held["name"], held["covariate"], held["kind"], Distances(**held["before"]), after)


def _shape_of(held: Mapping[str, Any]) -> CovariateShape:
    arms = tuple(ArmShape(each["arm"], each["method"], tuple(each["shares"])) for each in held["arms"])
    return CovariateShape(held["covariate"], tuple(held["edges"]), tuple(held["levels"]), arms)


def _group_of(held: Mapping[str, Any]) -> GroupBalance:
    worst = tuple((name, size) for name, size in held["worst"])
    return GroupBalance(held["label"], held["control"], held["treated"], tuple(held["beyond"]), worst)
