"""The mean outcome that a formula gives when shares of units are put in for probabilities, and its exact derivative.

The outcome is the last variable of every formula for one outcome: it stands before the bar of one factor only and in no
denominator, so its mean per cell is all that is needed, and it may take any number. The derivative by reverse
accumulation (Griewank and Walther 2008, ch. 3) over the formula's own parts gives each unit's influence: the delta
method over the counts and means of cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from causal.estimators.design import Floats
from causal.graphs.expression import (
    Expression,
    Probability,
    Product,
    Ratio,
    Relabelled,
    Sum,
    parts_of,
    renamed_axes,
)


@dataclass(frozen=True, eq=False)
class Cells:
    """Units counted by the values of discrete columns.

    `share` and `total` have one axis per name: the share of units in a cell, and the sum of their outcomes over n.
    """

    names: tuple[str, ...]
    outcome: str
    share: Floats
    total: Floats


@dataclass(frozen=True, eq=False)
class PlugIn:
    """The mean, and its derivatives by `Cells.share` and by `Cells.total`, in their shape."""

    mean: float
    by_share: Floats
    by_total: Floats


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A formula on cells: `parts` with every part after those it is made of, `values` (names of the axes, array)."""

    cells: Cells
    parts: tuple[Expression, ...]
    values: dict[int, _Value]


_Value = tuple[tuple[str, ...], Floats]


def evaluate_parts(expression: Expression, cells: Cells) -> Evaluation:
    """The value of each part; nan where a condition never occurs, unless a chance of exactly zero multiplies it."""
    parts = tuple(_in_order(expression))
    values: dict[int, _Value] = {}
    for part in parts:
        values[id(part)] = _value(part, [values[id(inner)] for inner in parts_of(part)], cells)
    return Evaluation(cells, parts, values)


def mean_at(evaluation: Evaluation, at: dict[str, int]) -> PlugIn:
    """The whole formula's value at these indices of its free variables, and its derivatives; nan as it is."""
    cells, whole = evaluation.cells, evaluation.parts[-1]
    names, values = evaluation.values[id(whole)]
    index = tuple(at[name] for name in names)
    seed = np.zeros_like(values)
    seed[index] = 1.0
    sensitivity: dict[int, Floats] = {id(whole): seed}
    by_share, by_total = np.zeros_like(cells.share), np.zeros_like(cells.total)
    for part in reversed(evaluation.parts):
        upstream = sensitivity.pop(id(part))
        if isinstance(part, Probability):
            _to_cells(part, upstream, evaluation, by_share, by_total)
        for inner, change in _to_parts(part, upstream, evaluation):
            # nan only where a chance of zero multiplies it, which no small change of the shares moves
            change = np.where(np.isfinite(change), change, 0.0)
            known = sensitivity.get(id(inner))
            sensitivity[id(inner)] = change if known is None else known + change
    return PlugIn(float(values[index]), by_share, by_total)


def empty_condition(evaluation: Evaluation, at: dict[str, int]) -> dict[str, int]:
    """The combination of values, by index, that no unit has but the formula conditions on; for a mean that is nan."""
    part, here = evaluation.parts[-1], dict(at)
    while not isinstance(part, Probability):
        if isinstance(part, Sum):
            here |= _first_nan(evaluation.values[id(part.term)], part.over, here)
        undefined = [inner for inner in parts_of(part) if np.isnan(_at(evaluation.values[id(inner)], here))]
        if not undefined:  # numerator and denominator are zero
            assert isinstance(part, Ratio)
            return {name: here[name] for name in evaluation.values[id(part.denominator)][0]}
        part = undefined[0]
    return {name: here[name] for name in part.given}


def smallest_condition(evaluation: Evaluation) -> tuple[float, dict[str, int]]:
    """The smallest share of units that the formula conditions on, and the values they have, by index."""
    smallest, where = 1.0, dict[str, int]()
    for part in evaluation.parts:
        if isinstance(part, Probability) and part.given:
            names, shares = _marginal(part.given, evaluation.cells.names, evaluation.cells.share)
            positive = np.where(shares > 0, shares, np.inf)
            if positive.min() < smallest:
                place = np.unravel_index(int(positive.argmin()), positive.shape)
                smallest, where = float(positive.min()), dict(zip(names, (int(each) for each in place), strict=True))
    return smallest, where


def _in_order(expression: Expression) -> Iterator[Expression]:
    """Every part once, after those it is made of, without recursion."""
    seen: set[int] = set()
    waiting = [(expression, False)]
    while waiting:
        part, ready = waiting.pop()
        if ready:
            yield part
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.append((part, True))
            waiting.extend((inner, False) for inner in parts_of(part))


def _value(part: Expression, inner: list[_Value], cells: Cells) -> _Value:
    if isinstance(part, Probability):
        before = tuple(name for name in part.of if name != cells.outcome)
        table = cells.total if cells.outcome in part.of else cells.share
        both = _marginal((*before, *part.given), cells.names, table)
        given = _marginal(part.given, cells.names, cells.share)
        with np.errstate(divide="ignore", invalid="ignore"):
            names = both[0]
            return names, both[1] / _aligned(given, names)
    if isinstance(part, Ratio):
        names = _joined(inner)
        with np.errstate(divide="ignore", invalid="ignore"):
            return names, _aligned(inner[0], names) / _aligned(inner[1], names)
    if isinstance(part, Sum):
        found, values = inner[0]
        axes = tuple(found.index(name) for name in part.over if name in found)
        return tuple(name for name in found if name not in part.over), values.sum(axis=axes) * _silent(
            part, found, cells
        )
    if isinstance(part, Relabelled):
        return renamed_axes(part, inner[0])
    names = _joined(inner)
    shape = np.broadcast_shapes(*(_aligned(each, names).shape for each in inner))
    result = np.ones(shape)
    impossible = np.zeros(shape, dtype=bool)
    for factor, value in zip(part.factors, inner, strict=True):
        aligned = _aligned(value, names)
        result = result * aligned
        if cells.outcome not in factor.free:
            impossible |= aligned == 0
    return names, np.where(impossible, 0.0, result)


def _silent(part: Sum, found: tuple[str, ...], cells: Cells) -> float:
    """What summing over variables that the term does not mention multiplies by: their numbers of levels."""
    return float(np.prod([cells.share.shape[cells.names.index(name)] for name in part.over if name not in found]))


def _to_cells(part: Probability, upstream: Floats, evaluation: Evaluation, by_share: Floats, by_total: Floats) -> None:
    """Add what a conditional share or mean says of the cells: d(a / b) = da / b - a / b db / b."""
    cells = evaluation.cells
    names, value = evaluation.values[id(part)]
    given = _aligned(_marginal(part.given, cells.names, cells.share), names)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(given > 0, upstream / given, 0.0)
    below = np.where(given > 0, -above * np.where(np.isfinite(value), value, 0.0), 0.0)
    target = by_total if cells.outcome in part.of else by_share
    target += _aligned((names, above), cells.names)
    by_share += _aligned(_summed((names, below), part.given), cells.names)


def _to_parts(part: Expression, upstream: Floats, evaluation: Evaluation) -> Iterator[tuple[Expression, Floats]]:
    """The parts that this one is made of, each with what a change of it means for the whole."""
    values = evaluation.values
    names = values[id(part)][0]
    if isinstance(part, Sum):
        inner = values[id(part.term)]
        spread = _aligned((names, upstream), inner[0]) * _silent(part, inner[0], evaluation.cells)
        yield part.term, np.broadcast_to(spread, inner[1].shape)
    elif isinstance(part, Ratio):
        top, bottom = (_aligned(values[id(each)], names) for each in (part.numerator, part.denominator))
        with np.errstate(divide="ignore", invalid="ignore"):
            above = np.where(upstream == 0, 0.0, upstream / bottom)
            yield part.numerator, _summed((names, above), values[id(part.numerator)][0])[1]
            below = np.where(upstream == 0, 0.0, -above * top / bottom)
            yield part.denominator, _summed((names, below), values[id(part.denominator)][0])[1]
    elif isinstance(part, Relabelled):
        yield part.term, upstream
    elif isinstance(part, Product):
        for place, factor in enumerate(part.factors):
            others = upstream
            for other in (*part.factors[:place], *part.factors[place + 1 :]):
                others = others * _aligned(values[id(other)], names)
            others = np.where((upstream == 0) | ~np.isfinite(others), 0.0, others)
            yield factor, _summed((names, others), values[id(factor)][0])[1]


def _marginal(kept: tuple[str, ...], names: tuple[str, ...], table: Floats) -> _Value:
    others = tuple(axis for axis, name in enumerate(names) if name not in kept)
    return tuple(name for name in names if name in kept), table.sum(axis=others)


def _summed(value: _Value, kept: tuple[str, ...]) -> _Value:
    found, values = value
    others = tuple(axis for axis, name in enumerate(found) if name not in kept)
    return tuple(name for name in found if name in kept), values.sum(axis=others)


def _joined(values: list[_Value]) -> tuple[str, ...]:
    return tuple(sorted({name for names, _ in values for name in names}))


def _aligned(value: _Value, names: tuple[str, ...]) -> Floats:
    """The values with one axis per name in this order, of length 1 for names that are not theirs."""
    found, values = value
    ordered = values.transpose([found.index(name) for name in names if name in found])
    lengths = iter(ordered.shape)
    return ordered.reshape([next(lengths) if name in found else 1 for name in names])


def _at(value: _Value, here: dict[str, int]) -> float:
    return float(value[1][tuple(here[name] for name in value[0])])


def _first_nan(value: _Value, over: tuple[str, ...], here: dict[str, int]) -> dict[str, int]:
    """Indices of the summed variables at which the term is nan, the others held."""
    names, values = value
    free = [name for name in names if name in over]
    slices = tuple(slice(None) if name in over else here[name] for name in names)
    place = np.argwhere(np.isnan(values[slices]))[0]
    return dict(zip(free, (int(each) for each in place), strict=True))
