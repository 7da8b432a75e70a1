"""Rules for the units that have (next to) nobody comparable in the other arm: found in one half, counted in the other.

Readable rules for where arms do not overlap: Oberst, Johansson, Wei, Gao, Brat, Sontag and Varshney (2020), AISTATS,
PMLR 108: 788-798. Here they are found from the arms themselves, among conjunctions of up to three conditions, one rule
after another as in sequential covering (Clark and Niblett 1989, Machine Learning 3: 261-283), so that they do not hang
on a model of the propensity. The half that did not find a rule confirms it, and its counts bound the chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betaincinv

from causal.estimators.design import Flags, Floats
from causal.study import Comparison, Condition, Level

Arm = Literal["control", "treated"]
Places = NDArray[np.int64]
Marks = NDArray[np.float32]
"""0 and 1, exact in sums of as many as there are rows."""

HARDLY = 0.02
"""An arm that fewer than so many of a region's units have is (next to) absent there."""

RARER = 0.1
"""And rarer than so many times what it is among all units."""

FEWEST_EXPECTED = 5.0
"""A region is looked at where so many units of the absent arm would be expected in each half."""

DOUBTFUL = 0.001
"""A rule is kept where chance would leave so few units of that arm in the other half less often than this."""

MOST_ROWS = 20_000
"""Each half has so many units at most: more would not change the rules."""

MOST_MARKS = 30_000_000
"""So many times whether a unit satisfies a condition are held at once."""

MOST_RULES = 4
BEAM = 30
SIMPLER = 0.05
"""A further condition must bring a rule so much more, as a share of its units."""

FINER = 200
"""So many limits of a quantity are tried once a rule is found."""

CUTS = 24
MOST_LEVELS = 20


@dataclass(frozen=True, eq=False)
class RegionColumn:
    """A covariate (n,): `numbers`, or `codes` into `levels`."""

    name: str
    numbers: Floats | None = None
    codes: Places | None = None
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class RegionRule:
    """All of `conditions` together: `units` satisfy them, `others` of these have the arm that is `absent`.

    `honest_units` and `honest_others` are counts in the half that did not find the rule, from which the chance of that
    arm is at most `upper` (one-sided, 95 %). `fitted`: the mean chance that the propensity model gives them of it, None
    without one.
    """

    absent: Arm
    conditions: tuple[Condition, ...]
    units: int
    others: int
    honest_units: int
    honest_others: int
    upper: float
    fitted: float | None = None


@dataclass(frozen=True)
class OverlapRegions:
    """The rules, largest first, and how many of `units` they hold of: each unit counts once per absent arm.

    The propensities say the same (a chance below `limits` of control and treated) of `beyond` units; of those the rules
    hold of `covered`. Both are None without propensities.
    `searched` is false where there are too few units to tell a region from chance.
    """

    rules: tuple[RegionRule, ...]
    units: int
    without_control: int
    without_treated: int
    limits: tuple[float, float]
    searched: bool
    beyond: int | None = None
    covered: int | None = None

    @property
    def without(self) -> int:
        """How many units have (next to) nobody comparable in the other arm."""
        return self.without_control + self.without_treated

    @property
    def share(self) -> float:
        """Of all units."""
        return self.without / self.units


def overlap_regions(
    columns: Sequence[RegionColumn],
    treated: Flags,
    propensity: Floats | None = None,
    absent: Sequence[Arm] = ("control", "treated"),
    seed: int = 0,
) -> OverlapRegions:
    """The regions in which an arm of `absent` (next to) does not occur; `propensity` (n,) of treatment or None."""
    n = len(treated)
    finding, counting = _halves(n, seed)
    conditions = [each for column in columns for each in _conditions(column, finding)]
    rules: list[RegionRule] = []
    covered = {"control": np.zeros(n, dtype=bool), "treated": np.zeros(n, dtype=bool)}
    limits = {arm: _limit(float((treated == (arm == "treated")).mean())) for arm in covered}
    arms: dict[Arm, Flags] = {"control": ~treated, "treated": treated}
    by_name = {each.name: each for each in columns}
    for arm in absent:
        had = arms[arm]
        for found in _found(columns, conditions, had, finding, limits[arm]):
            inside = np.logical_and.reduce([_holds(by_name[each.column], each) for each in found])
            rule = _counted(arm, found, inside, had, counting, limits[arm], propensity)
            if rule is not None:
                rules.append(rule)
                covered[arm] |= inside
    return OverlapRegions(
        rules=tuple(sorted(rules, key=lambda each: -each.units)),
        units=n,
        without_control=int(covered["control"].sum()),
        without_treated=int(covered["treated"].sum()),
        limits=(limits["control"], limits["treated"]),
        searched=bool(len(finding) * min(had.mean() for had in arms.values()) >= FEWEST_EXPECTED),
        **_against(propensity, covered, limits, absent),
    )


def _limit(share: float) -> float:
    return min(HARDLY, RARER * share)


def _halves(n: int, seed: int) -> tuple[Places, Places]:
    """Places of the half that finds and of the one that counts, each thinned where it is large, in chance order."""
    order = np.random.default_rng([seed, 71]).permutation(n)
    middle = n // 2
    return order[:middle][:MOST_ROWS], order[middle:][:MOST_ROWS]


def _conditions(column: RegionColumn, finding: Places) -> Iterator[Condition]:
    if column.numbers is None:
        assert column.codes is not None
        sizes = np.bincount(column.codes[finding], minlength=len(column.levels))
        common = [place for place in np.argsort(-sizes, kind="stable")[:MOST_LEVELS] if sizes[place]]
        for place in common if len(common) > 1 else []:
            yield Condition(column.name, "is", column.levels[place])
            if len(common) > 2:
                yield Condition(column.name, "is not", column.levels[place])
        return
    values = column.numbers[finding]
    different = np.unique(values)
    if len(different) < 2:
        return
    if len(different) == 2:
        for value in different:
            yield Condition(column.name, "is", _plain(value))
        return
    if len(different) <= CUTS:
        cuts = [_roundest(low, high) for low, high in pairwise(different)]
    else:
        shares = [0.02, *(np.arange(1, CUTS) / CUTS), 0.98]
        cuts = sorted({_round_within(different, each) for each in np.quantile(values, shares)})
    for cut in cuts:
        for comparison in ("is below", "is at least"):
            yield Condition(column.name, comparison, _plain(cut))


def _round_within(different: Floats, cut: float, share: float = 0.02) -> float:
    """The roundest number within a share of the column's width from `cut`."""
    reach = share * float(different[-1] - different[0])
    if reach <= 0:
        return float(cut)
    for power in range(math.floor(math.log10(reach)) + 2, math.floor(math.log10(reach)) - 2, -1):
        rounded = round(cut / 10**power) * 10.0**power
        if abs(rounded - cut) <= reach:
            return float(round(rounded, max(-power, 0)))
    return float(cut)


def _roundest(low: float, high: float) -> float:
    """The roundest number above `low` and not above `high`, which parts values as `high` does."""
    for power in range(math.floor(math.log10(high - low)) + 1, -12, -1):
        rounded = round(math.floor(high / 10.0**power) * 10.0**power, max(-power, 0))
        if low < rounded <= high:
            return rounded
    return float(high)


def _plain(value: float) -> Level:
    return int(value) if float(value).is_integer() else float(value)


def _holds(column: RegionColumn, condition: Condition, rows: Places | None = None) -> Flags:
    if column.numbers is None:
        assert column.codes is not None
        codes = column.codes if rows is None else column.codes[rows]
        same = codes == column.levels.index(condition.value)
        return np.asarray(same if condition.comparison == "is" else ~same)
    numbers = column.numbers if rows is None else column.numbers[rows]
    assert not isinstance(condition.value, tuple)
    limit = float(condition.value)
    compared: dict[Comparison, Flags] = {
        "is": numbers == limit,
        "is below": numbers < limit,
        "is at least": numbers >= limit,
    }
    return compared[condition.comparison]


def _found(
    columns: Sequence[RegionColumn],
    conditions: list[Condition],
    had: Flags,
    finding: Places,
    limit: float,
) -> Iterator[tuple[Condition, ...]]:
    """One rule after another, each of units that none before it holds of."""
    share = float(had[finding].mean())
    if not conditions or share <= 0:
        return
    by_name = {each.name: each for each in columns}
    finding = finding[: max(MOST_MARKS // len(conditions), 1)]
    flags = np.column_stack([_holds(by_name[each.column], each, finding) for each in conditions]).astype(np.float32)
    here = had[finding].astype(np.float32)
    left = np.ones(len(finding), dtype=np.float32)
    for _ in range(MOST_RULES):
        best = _best(conditions, flags, here, left, share, limit)
        if best is None:
            return
        rule = tuple(conditions[place] for place in best)
        rule = _refined(by_name, rule, had, finding, left > 0, limit)
        inside = np.logical_and.reduce([_holds(by_name[each.column], each, finding) for each in rule])
        left = left * ~inside
        yield rule


def _best(
    conditions: list[Condition], flags: Marks, had: Marks, left: Marks, share: float, limit: float
) -> tuple[int, ...] | None:
    """The conjunction with the most units among those where the arm is absent; of equals the one with fewer conditions.

    Every pair is looked at, as neither of two conditions need say anything alone; the clearest pairs get a third.
    """
    weighted = flags * left[:, None]
    units, others = flags.T @ weighted, flags.T @ (weighted * had[:, None])
    apart = _told_apart(conditions)
    found = [
        _worthiest(units, others, np.eye(len(conditions), dtype=bool), share, limit, conditions=1),
        _worthiest(units, others, np.triu(apart), share, limit, conditions=2),
    ]
    pairs = _clearest(units, others, np.triu(apart), share)
    if len(pairs):
        masks = weighted[:, pairs[:, 0]] * flags[:, pairs[:, 1]]
        allowed = apart[pairs[:, 0]] & apart[pairs[:, 1]]
        of_three, having = np.asarray(masks.T @ flags), np.asarray((masks * had[:, None]).T @ flags)
        third = _worthiest(of_three.astype(np.float32), having.astype(np.float32), allowed, share, limit, conditions=3)
        if third is not None:
            found.append((third[0], (*(int(each) for each in pairs[third[1][0]]), third[1][1])))
    known = [each for each in found if each is not None]
    return tuple(dict.fromkeys(max(known)[1])) if known else None


def _told_apart(conditions: list[Condition]) -> Flags:
    """(q, q) which two conditions make sense together: not the same kind of the same column."""
    kinds = [(each.column, each.comparison) for each in conditions]
    return np.array([[one != two for two in kinds] for one in kinds])


def _worthiest(
    units: Marks, others: Marks, allowed: Flags, share: float, limit: float, conditions: int
) -> tuple[float, tuple[int, ...]] | None:
    """The worth and the place of the best entry where the arm is absent.

    A unit that has the arm counts against as many as `limit` says, so that no rule spills over its own border.
    """
    fits = allowed & (others <= limit * units) & (units * share >= FEWEST_EXPECTED)
    if not fits.any():
        return None
    worth = np.where(fits, (units - others / limit) * (1 - SIMPLER * (conditions - 1)), -np.inf)
    row, column = (int(each) for each in np.unravel_index(int(worth.argmax()), worth.shape))
    return float(worth[row, column]), (row, column)


def _clearest(units: Marks, others: Marks, allowed: Flags, share: float) -> Places:
    """(k, 2) the pairs in which the arm is most clearly rarer than among all."""
    expected = units * share
    usable = allowed & (expected >= FEWEST_EXPECTED) & (others < expected)
    rarer = np.where(usable, (expected - others) / np.sqrt(np.maximum(expected, 1e-9)), -np.inf)
    order = np.argsort(-rarer, axis=None, kind="stable")[:BEAM]
    kept = order[np.isfinite(rarer.ravel()[order])]
    return np.column_stack(np.unravel_index(kept, rarer.shape)).astype(np.int64)


def _refined(
    columns: Mapping[str, RegionColumn],
    rule: tuple[Condition, ...],
    had: Flags,
    finding: Places,
    left: Flags,
    limit: float,
) -> tuple[Condition, ...]:
    """The rule with each limit of a quantity moved to where it holds most: the first search knows few limits only."""
    for place, each in enumerate(rule):
        numbers = columns[each.column].numbers
        if numbers is None or each.comparison == "is":
            continue
        rest = [_holds(columns[other.column], other, finding) for other in rule[:place] + rule[place + 1 :]]
        inside = np.logical_and.reduce([left, *rest]) if rest else left
        values = numbers[finding]
        best = _worth_of(_holds(columns[each.column], each, finding) & inside, had[finding], limit)
        for cut in _finer(values):
            moved = replace(each, value=_plain(cut))
            worth = _worth_of(_holds(columns[each.column], moved, finding) & inside, had[finding], limit)
            if worth > best:
                best, rule = worth, (*rule[:place], moved, *rule[place + 1 :])
    return rule


def _worth_of(inside: Flags, had: Flags, limit: float) -> float:
    units, others = int(inside.sum()), int((inside & had).sum())
    return units - others / limit if others <= limit * units else -math.inf


def _finer(values: Floats) -> Floats:
    """Limits close enough to each other to tell where a region ends, as round as that allows."""
    different = np.unique(values)
    if len(different) <= FINER:
        return np.array([_roundest(low, high) for low, high in pairwise(different)])
    places = np.unique(np.quantile(values, np.linspace(0, 1, FINER)[1:-1]))
    return np.unique([_round_within(different, float(each), 0.002) for each in places])


def _counted(
    arm: Arm,
    conditions: tuple[Condition, ...],
    inside: Flags,
    had: Flags,
    counting: Places,
    limit: float,
    propensity: Floats | None,
) -> RegionRule | None:
    """The rule with its counts; None where the other half does not confirm it."""
    honest = inside[counting]
    units, others = int(honest.sum()), int((honest & had[counting]).sum())
    share = float(had[counting].mean())
    if units == 0 or others > 2 * limit * units or float(bdtr(others, units, share)) > DOUBTFUL:
        return None
    fitted = None
    if propensity is not None:
        chance = float(propensity[inside].mean())
        fitted = chance if arm == "treated" else 1 - chance
    upper = 1.0 if others == units else float(betaincinv(others + 1, units - others, 0.95))
    return RegionRule(
        absent=arm,
        conditions=tuple(sorted(conditions, key=lambda each: (each.column, each.comparison))),
        units=int(inside.sum()),
        others=int((inside & had).sum()),
        honest_units=units,
        honest_others=others,
        upper=upper,
        fitted=fitted,
    )


def _against(
    propensity: Floats | None, covered: dict[str, Flags], limits: dict[str, float], absent: Sequence[Arm]
) -> dict[str, int]:
    """How the rules go with the propensities."""
    if propensity is None:
        return {}
    chances = {"control": 1 - propensity, "treated": propensity}
    low = {arm: chances[arm] < limits[arm] for arm in absent}
    return {
        "beyond": sum(int(each.sum()) for each in low.values()),
        "covered": sum(int((low[arm] & covered[arm]).sum()) for arm in absent),
    }
