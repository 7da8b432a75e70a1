"""Second stage of ordered columns: the correlation of each pair of normal responses, with every row's score.

Polychoric (Olsson 1979, two-step), polyserial (Olsson, Drasgow and Dorans 1982) and product-moment, by which of the two
are ordered. The bivariate normal distribution is taken from Owen's T (Owen 1956), exact to the last digits; of many
rows and a moderate correlation, by quadrature over the correlation (Drezner and Wesolowsky 1990), to 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from causal.structural.margins import Array, Margin, by_parameter, density, limits, standing

_STEPS = 200
_DONE = 1e-9
_LEAST = 1e-300
_STEEPEST = 1e100
_MODERATE = 0.8
_MANY = 500
_SAMPLE = 2_000
PERFECT = 0.999
"""Two columns whose responses correlate beyond this tell the same."""


@dataclass(frozen=True)
class Column:
    """One column's rows with its margin: `codes` of levels where it is ordered, else `values`."""

    margin: Margin
    codes: NDArray[np.intp]
    values: Array


@dataclass(frozen=True)
class PairScores:
    """By the correlation (rows,), and by the parameters of the two margins (rows, parameters)."""

    correlation: Array
    first: Array
    second: Array


def bivariate_normal(h: Array, k: Array, rho: float) -> Array:
    """The chance that two standard normals of correlation rho lie below h and k."""
    if abs(rho) <= _MODERATE and h.size > _MANY:
        return _by_quadrature(h, k, rho)
    root = np.sqrt((1 - rho) * (1 + rho))
    h, k = (np.where(np.abs(each) < 1e-12, 1e-12, each) for each in (h, k))
    found = (special.ndtr(h) + special.ndtr(k)) / 2
    found -= special.owens_t(h, (k - rho * h) / (h * root)) + special.owens_t(k, (h - rho * k) / (k * root))
    return np.asarray(np.maximum(found - np.where(h * k < 0, 0.5, 0.0), 0.0))


def _by_quadrature(h: Array, k: Array, rho: float) -> Array:
    """Independence, and what the correlation adds as it grows from zero."""
    nodes, weights = np.polynomial.legendre.leggauss(12 if abs(rho) < 0.5 else 20)
    whole = np.arcsin(rho)
    squares, product = (h * h + k * k) / 2, h * k
    found = np.zeros_like(product)
    for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
        sine = np.sin(whole * (node + 1) / 2)
        found += weight * np.exp((product * sine - squares) / (1 - sine * sine))
    return np.asarray(special.ndtr(h) * special.ndtr(k) + found * whole / (4 * np.pi))


def pair_scores(first: Column, second: Column, rho: float, outside: Array) -> PairScores:
    """The scores of every row at a correlation."""
    if first.margin.levels and second.margin.levels:
        return _ordered(first, second, rho, outside)
    if first.margin.levels:
        turned = _mixed(second, first, rho, outside)
        return PairScores(turned.correlation, turned.second, turned.first)
    if second.margin.levels:
        return _mixed(first, second, rho, outside)
    return _quantities(first, second, rho, outside)


def pair_correlation(first: Column, second: Column, outside: Array, weights: Array, whole: bool = True) -> float:
    """The correlation of greatest likelihood, the margins held; beyond `PERFECT` the search goes no further.

    `whole`: whether the margins are those of these very rows, and not of more.
    """
    if not first.margin.levels and not second.margin.levels and whole:
        product = standing(first.margin, first.values, outside) * standing(second.margin, second.values, outside)
        return float(weights @ product / weights.sum())
    if first.margin.levels and second.margin.levels and outside.shape[1] == 0:
        return _of_table(first, second, weights)
    start = 0.0
    if len(weights) > 4 * _SAMPLE:
        some = slice(None, None, len(weights) // _SAMPLE)
        one, two = (Column(each.margin, each.codes[some], each.values[some]) for each in (first, second))
        start = _root(lambda rho: _slope(one, two, rho, outside[some], weights[some]))
    return _root(lambda rho: _slope(first, second, rho, outside, weights), start)


def _of_table(first: Column, second: Column, weights: Array) -> float:
    """From the table of counts; of two by two with one cell empty, half a row in it, margins kept (Savalei 2011)."""
    counts = table_of(first, second, weights)
    if counts.shape == (2, 2) and (counts == 0).sum() == 1:
        empty = 1.0 if counts[0, 0] == 0 or counts[1, 1] == 0 else -1.0
        counts = counts + 0.5 * empty * np.array([[1, -1], [-1, 1]])
    rows, columns = np.indices(counts.shape).reshape(2, -1)
    none = np.empty(0)
    cells = Column(first.margin, rows, none), Column(second.margin, columns, none)
    return _root(lambda rho: _slope(*cells, rho, np.empty((len(rows), 0)), counts.ravel()))


def table_of(first: Column, second: Column, weights: Array) -> Array:
    """How many rows have each pair of levels."""
    shape = first.margin.levels, second.margin.levels
    counts = np.bincount(first.codes * shape[1] + second.codes, weights, shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)


def _slope(first: Column, second: Column, rho: float, outside: Array, weights: Array) -> tuple[float, float]:
    ordered = first.margin.levels and second.margin.levels
    found = _joint_chance(first, second, rho, outside) if ordered else None
    scores = found[1] / found[0] if found else pair_scores(first, second, rho, outside).correlation
    scores = np.clip(scores, -_STEEPEST, _STEEPEST)
    return float(weights @ scores), float(weights @ scores**2)


def _root(slope: Callable[[float], tuple[float, float]], start: float = 0.0) -> float:
    """Where the score is zero: a scoring step, then secants, kept between the ends that its sign has shut out."""
    low, high, rho = -1.0, 1.0, start
    before: tuple[float, float] | None = None
    for _ in range(_STEPS):
        score, information = slope(rho)
        low, high = (rho, high) if score > 0 else (low, rho)
        fall = information if before is None else (before[1] - score) / (rho - before[0])
        before = rho, score
        moved = rho + score / (fall if fall > 0 else max(information, _LEAST))
        if not low < moved < high:
            moved = (low + high) / 2
        if abs(moved - rho) < _DONE or min(1 - moved, 1 + moved) < 1e-7:
            return moved
        rho = moved
    return rho


def _ordered(first: Column, second: Column, rho: float, outside: Array) -> PairScores:
    upper, lower = limits(first.margin, first.codes, outside)
    right, left = limits(second.margin, second.codes, outside)
    chance, joint = _joint_chance(first, second, rho, outside)
    own = [_edge(at, right, left, rho) / chance for at in (upper, lower)]
    other = [_edge(at, upper, lower, rho) / chance for at in (right, left)]
    return PairScores(
        joint / chance,
        by_parameter(first.margin, first.codes, outside, own[0], -own[1]),
        by_parameter(second.margin, second.codes, outside, other[0], -other[1]),
    )


def _joint_chance(first: Column, second: Column, rho: float, outside: Array) -> tuple[Array, Array]:
    """The chance of each row's two levels, and its derivative by the correlation."""
    upper, lower = limits(first.margin, first.codes, outside)
    right, left = limits(second.margin, second.codes, outside)
    corners = (upper, right, 1.0), (lower, right, -1.0), (upper, left, -1.0), (lower, left, 1.0)
    chance = sum(sign * bivariate_normal(h, k, rho) for h, k, sign in corners)
    return np.maximum(chance, _LEAST), np.asarray(sum(sign * _joint(h, k, rho) for h, k, sign in corners))


def _joint(h: Array, k: Array, rho: float) -> Array:
    """The density of two normals of correlation rho."""
    left_over = (1 - rho) * (1 + rho)
    return np.asarray(np.exp(-(h * h - 2 * rho * h * k + k * k) / (2 * left_over)) / (2 * np.pi * np.sqrt(left_over)))


def _edge(at: Array, upper: Array, lower: Array, rho: float) -> Array:
    """The density at one's limit times the chance that the other lies between its own."""
    root = np.sqrt((1 - rho) * (1 + rho))
    return np.asarray(density(at) * (special.ndtr((upper - rho * at) / root) - special.ndtr((lower - rho * at) / root)))


def _mixed(quantity: Column, ordered: Column, rho: float, outside: Array) -> PairScores:
    z = standing(quantity.margin, quantity.values, outside)
    upper, lower = limits(ordered.margin, ordered.codes, outside)
    left_over = (1 - rho) * (1 + rho)
    root = np.sqrt(left_over)
    ends = (upper - rho * z) / root, (lower - rho * z) / root
    chance = np.maximum(special.ndtr(ends[0]) - special.ndtr(ends[1]), np.finfo(float).eps)
    heights = density(ends[0]) / chance, density(ends[1]) / chance
    pull = rho / root * (heights[0] - heights[1])
    by_mean = ((z + pull) / np.sqrt(quantity.margin.variance))[:, None]
    by_variance = ((z * z - 1 + z * pull) / (2 * quantity.margin.variance))[:, None]
    return PairScores(
        (heights[0] * (upper * rho - z) - heights[1] * (lower * rho - z)) / (left_over * root),
        np.hstack([by_mean, by_mean * outside, by_variance]),
        by_parameter(ordered.margin, ordered.codes, outside, heights[0] / root, -heights[1] / root),
    )


def _quantities(first: Column, second: Column, rho: float, outside: Array) -> PairScores:
    one, two = standing(first.margin, first.values, outside), standing(second.margin, second.values, outside)
    left_over = (1 - rho) * (1 + rho)
    parts = []
    for own, other, column in ((one, two, first), (two, one, second)):
        by_mean = ((own - rho * other) / (np.sqrt(column.margin.variance) * left_over))[:, None]
        by_variance = ((own * (own - rho * other) / left_over - 1) / (2 * column.margin.variance))[:, None]
        parts.append(np.hstack([by_mean, by_mean * outside, by_variance]))
    square = one * one - 2 * rho * one * two + two * two
    return PairScores((rho + one * two - rho * square / left_over) / left_over, *parts)
