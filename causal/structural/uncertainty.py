"""The covariance of the estimates: by the information, or robust to rows that are not normal.

"expected" and "observed" invert the information. "sandwich" puts the rows' own scores between (Huber 1967, White 1982;
lavaan's MLR), "satorra_bentler" does so around the expected information (Satorra and Bentler 1994; lavaan's MLM). Their
tests scale the chi-square: Yuan and Bentler (2000) in the form of Asparouhov and Muthén, and Satorra and Bentler.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import Implied, derivatives, implied, layout_of
from causal.structural.likelihood import (
    Group,
    Pattern,
    deviance_gradient,
    expected_information,
    observed_information,
)
from causal.structural.model import Parameter, SemModel
from causal.structural.moments import Moments, blocks

Errors = Literal["expected", "observed", "sandwich", "satorra_bentler"]
Rows = tuple[tuple[NDArray[np.float64], ...], ...]
"""Per group and pattern: the rows (n, q), in the patterns' columns."""


@dataclass(frozen=True)
class Unfixed:
    """A model in which nothing is taken from the data, and its point: what robust measures are taken on."""

    model: SemModel
    groups: tuple[Group, ...]
    theta: NDArray[np.float64]


def unfixed(
    model: SemModel, groups: Sequence[Group], moments: Sequence[Moments], theta: NDArray[np.float64]
) -> Unfixed:
    """Every parameter that was taken from the data made free, after the others."""
    place = {name: at for at, name in enumerate(model.observed)}
    parameters: list[Parameter] = []
    more: list[float] = []
    for each in model.parameters:
        if each.origin == "data":
            seen, left = moments[each.group], place[each.left]
            more.append(float(seen.mean[left] if each.operator == "~1" else seen.covariance[left, place[each.right]]))
            each = replace(each, free=model.free + len(more) - 1, origin="written")
        parameters.append(each)
    freed = replace(model, parameters=tuple(parameters), free=model.free + len(more), exogenous=())
    made = tuple(
        Group(layout_of(freed, at, seen), group.patterns)
        for at, (group, seen) in enumerate(zip(groups, moments, strict=True))
    )
    return Unfixed(freed, made, np.concatenate([theta, more]))


def saturated_point(model: SemModel, groups: Sequence[Group], moments: Sequence[Moments]) -> Unfixed:
    """The model in which every mean and covariance is free, at the unrestricted moments."""
    p = len(model.observed)
    parameters: list[Parameter] = []
    values: list[float] = []
    for at, seen in enumerate(moments):
        for left in range(p):
            for right in range(left + 1):
                names = model.observed[left], model.observed[right]
                parameters.append(Parameter(names[0], "~~", names[1], at, free=len(values)))
                values.append(float(seen.covariance[left, right]))
            if model.means:
                parameters.append(Parameter(model.observed[left], "~1", "", at, free=len(values)))
                values.append(float(seen.mean[left]))
    full = replace(model, latent=(), exogenous=(), parameters=tuple(parameters), free=len(values), defined=())
    made = tuple(
        Group(layout_of(full, at, seen), group.patterns)
        for at, (group, seen) in enumerate(zip(groups, moments, strict=True))
    )
    return Unfixed(full, made, np.array(values))


def covariance_of_estimates(
    groups: Sequence[Group], rows: Rows, theta: NDArray[np.float64], errors: Errors
) -> NDArray[np.float64]:
    """(k, k).

    Raises numpy's LinAlgError where the information is singular at the estimates.
    """
    expected = errors in ("expected", "satorra_bentler")
    information = (expected_information if expected else observed_information)(groups, theta)
    size = np.sqrt(np.abs(np.diag(information)))
    size[size == 0] = 1.0
    inverse = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    if errors in ("expected", "observed"):
        return np.asarray(inverse)
    return np.asarray(inverse @ score_products(groups, rows, theta, expected) @ inverse)


def score_products(
    groups: Sequence[Group], rows: Rows, theta: NDArray[np.float64], centred: bool = False
) -> NDArray[np.float64]:
    """The sum over rows of the products of their scores, (k, k).

    `centred` takes each group's mean score off: where parameters are held equal across groups it is not zero, and
    Satorra and Bentler's fourth moments lie around the rows' own.
    """
    found = np.zeros((len(theta), len(theta)))
    for group, listed in zip(groups, rows, strict=True):
        at = implied(group.layout, theta)
        by_covariance, by_mean = derivatives(at, len(theta))
        for pattern, values in zip(group.patterns, listed, strict=True):
            found += _pattern_products(at, pattern, values, by_covariance, by_mean)
        if centred:
            total = deviance_gradient((group,), theta) / 2
            found -= np.outer(total, total) / group.n
    return found


def _pattern_products(
    at: Implied,
    pattern: Pattern,
    values: NDArray[np.float64],
    by_covariance: NDArray[np.float64],
    by_mean: NDArray[np.float64],
) -> NDArray[np.float64]:
    columns = pattern.columns
    inverse = np.linalg.inv(at.covariance[np.ix_(columns, columns)])
    turned = inverse @ by_covariance[:, columns[:, None], columns] @ inverse
    level = np.trace(by_covariance[:, columns[:, None], columns] @ inverse, axis1=1, axis2=2)
    shift = by_mean[:, columns] @ inverse
    centre = at.mean[columns] if at.layout.means else pattern.moments.mean
    size = len(by_mean)
    found = np.zeros((size, size))
    for block in blocks(values):
        apart = block - centre
        scores = apart @ shift.T if at.layout.means else np.zeros((len(block), size))
        for place in range(size):
            scores[:, place] += (((apart @ turned[place]) * apart).sum(axis=1) - level[place]) / 2
        found += scores.T @ scores
    return found


def scaling_factor(
    model: SemModel,
    groups: Sequence[Group],
    moments: Sequence[Moments],
    rows: Rows,
    theta: NDArray[np.float64],
    df: int,
    errors: Errors,
) -> float:
    """By what the chi-square is divided so that its mean is right; 1 where the errors are not robust."""
    if errors in ("expected", "observed") or df == 0:
        return 1.0
    free = unfixed(model, groups, moments, theta)
    expected = errors == "satorra_bentler"
    information = (expected_information if expected else observed_information)(free.groups, free.theta)
    trace = _trace(information, score_products(free.groups, rows, free.theta, expected))
    if expected:
        whole = sum(_weighted_spread(group, listed, theta) for group, listed in zip(groups, rows, strict=True))
    else:
        full = saturated_point(model, groups, moments)
        whole = _trace(observed_information(full.groups, full.theta), score_products(full.groups, rows, full.theta))
    return (whole - trace) / df


def _trace(information: NDArray[np.float64], products: NDArray[np.float64]) -> float:
    size = np.sqrt(np.abs(np.diag(information)))
    scale = np.outer(size, size)
    return float(np.trace(np.linalg.solve(information / scale, products / scale)))


def _weighted_spread(group: Group, listed: Sequence[NDArray[np.float64]], theta: NDArray[np.float64]) -> float:
    """The trace of the weight of normal theory times the covariance of the rows' own moments."""
    at = implied(group.layout, theta)
    (pattern,), (values,) = group.patterns, listed
    inverse = np.linalg.inv(at.covariance)
    product = inverse @ pattern.moments.covariance
    fourth = 0.0
    for block in blocks(values):
        apart = block - pattern.moments.mean
        fourth += float((((apart @ inverse) * apart).sum(axis=1) ** 2).sum())
    spread = (fourth / pattern.moments.n - float(np.trace(product @ product))) / 2
    return spread + (float(np.trace(product)) if group.layout.means else 0.0)
