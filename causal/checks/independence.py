"""Whether two columns are independent among units alike in others, and by how much they are not.

One test for every mixture of numbers, yes-or-no columns and categories: both columns are regressed on the conditions
(numbers linearly, levels by logistic regression, each number among the conditions through a spline, combinations of
discrete conditions by their own means) and the products of the residuals must average to zero. This is the generalised
covariance measure of Shah and Peters (2020), "The hardness of conditional independence testing and the generalised
covariance measure", Annals of Statistics 48: 1514-1538, with their equation 3 for several columns as a Wald statistic,
and with the fitted coefficients' own influence in its variance, so that one right regression of the two is enough
(Robins, Mark and Newey 1992). With nothing but discrete conditions it is the generalised Cochran-Mantel-Haenszel test
with a robust variance (Landis, Heyman and Koch 1978). It sees departures in means, not a U shape that averages out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp
from typing import Literal

import numpy as np

from causal.checks.columns import Codes, Column, Columns, ranked
from causal.checks.mean_models import Conditions, MeanModel, Shape, conditions, mean_model
from causal.checks.multiplicity import chi_squared_log_p
from causal.errors import CovariateProblem, OptionProblem, TooFewUnits
from causal.estimators.design import Floats
from causal.logs.unit_table import UnitTable

FEWEST_ROWS = 20

Values = Literal["raw", "ranks"]
Measure = Literal["partial correlation", "association"]


@dataclass(frozen=True)
class TestOptions:
    """How to test.

    `values`: numbers as they are, or the normal scores of their ranks (for heavy tails); `shape`: how numbers among the
    conditions act, by a spline or in a straight line; `confidence` of the interval of the size.
    """

    __test__ = False  # no test case, though its name begins like one

    values: Values = "raw"
    shape: Shape = "smooth"
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.values not in ("raw", "ranks"):
            raise OptionProblem(f'The values "{self.values}" are not one of "raw" and "ranks".')
        if self.shape not in ("smooth", "linear"):
            raise OptionProblem(f'The shape "{self.shape}" is not one of "smooth" and "linear".')
        if not 0 < self.confidence < 1:
            raise OptionProblem(f"The confidence {self.confidence} must lie between 0 and 1, for example 0.95.")


@dataclass(frozen=True)
class IndependenceTest:
    """The test of left and right, given others, on the `n` rows that have all of them.

    `log_p` is the natural logarithm of the p-value. `size` in -1..1 is the correlation of the residuals (of a yes-or-no
    column, the later level in sorted order counts as 1); where a category has three levels or more it is in 0..1,
    Cramér's V of the residuals without its bias at small n (Bergsma 2013): the root of Pillai's trace over its largest
    value. `low` and `high` bound it at `confidence`.
    """

    left: str
    right: str
    given: tuple[str, ...]
    n: int
    statistic: float
    degrees: int
    log_p: float
    size: float
    low: float
    high: float
    confidence: float
    measure: Measure

    @property
    def p_value(self) -> float:
        """The p-value; 0 where it is too small for a number."""
        return exp(self.log_p)


@dataclass(frozen=True, eq=False)
class _Residuals:
    """The residuals of both sides and each product's influence (n, k of left times k of right)."""

    left: Floats
    right: Floats
    influence: Floats
    mean: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", (self.left.T @ self.right).ravel() / len(self.left))


def independence_test(
    table: UnitTable | Columns, left: str, right: str, given: Iterable[str] = (), options: TestOptions | None = None
) -> IndependenceTest:
    """The test on a table (or on its `Columns`, which keep their arrays from one test to the next).

    Raises UnknownColumn; CovariateProblem (text, identifiers, too many levels, a name used twice, a side that does not
    vary); TooFewUnits.
    """
    options = options or TestOptions()
    columns = table if isinstance(table, Columns) else Columns(table)
    names = tuple(sorted(given))
    _check_names(left, right, names)
    sides, others = (columns.of(left), columns.of(right)), [columns.of(name) for name in names]
    rows = _complete([*sides, *others])
    if options.values == "ranks":
        others = [_ranked(each) for each in others]
    held = conditions(others, rows, options.shape)
    models = [mean_model(each, rows, held, _numbers(each, rows, options)) for each in sides]
    residuals = _residuals(models[0], models[1], held)
    _check_variation(residuals, left, right, names)
    return _result(residuals, (left, right, names), options.confidence)


def _check_names(left: str, right: str, given: tuple[str, ...]) -> None:
    if left == right or {left, right} & set(given):
        twice = left if left == right or left in given else right
        raise CovariateProblem(f'"{twice}" stands twice in one test of independence. Name each column once.')


def _complete(columns: list[Column]) -> Codes:
    present = np.ones(len(columns[0].present), dtype=bool)
    for each in columns:
        present &= each.present
    rows = np.flatnonzero(present)
    if len(rows) < FEWEST_ROWS:
        names = ", ".join(f'"{each.name}"' for each in columns)
        raise TooFewUnits(
            f"Only {len(rows):,} rows have a value in all of {names}; a test of independence needs {FEWEST_ROWS}. "
            "Bring more rows, or leave out the emptiest column."
        )
    return rows


def _ranked(column: Column) -> Column:
    if column.numbers is None or column.codes is not None:
        return column
    return Column(column.name, ranked(column.numbers), None)


def _numbers(column: Column, rows: Codes, options: TestOptions) -> Floats | None:
    if column.numbers is None:
        return None
    numbers = column.numbers[rows]
    return ranked(numbers) if options.values == "ranks" else numbers


def _residuals(left: MeanModel, right: MeanModel, held: Conditions) -> _Residuals:
    n = len(left.residual)
    influence = np.einsum("ia,ib->iab", left.residual, right.residual)
    if held.design is not None:
        if left.bread is not None:
            influence -= _of_coefficients(left, right.residual, held.design)
        if right.bread is not None:
            influence -= _of_coefficients(right, left.residual, held.design).transpose(0, 2, 1)
    return _Residuals(left.residual, right.residual, influence.reshape(n, -1))


def _of_coefficients(model: MeanModel, other: Floats, design: Floats) -> Floats:
    """(n, k, k of other) what each unit does to the mean products by moving the coefficients of a logistic model."""
    assert model.fitted is not None and model.bread is not None
    n, width = design.shape
    k = model.fitted.shape[1]
    slopes = model.fitted[:, :, None] * (np.eye(k) - model.fitted[:, None, :])
    result = np.empty((n, k, other.shape[1]))
    for place in range(other.shape[1]):
        weighted = (slopes * other[:, place, None, None]).reshape(n, k * k)
        derivative = (weighted.T @ design / n).reshape(k, k * width)
        moved = (derivative @ model.bread).reshape(k * k, width)
        result[:, :, place] = np.einsum("ibc,ic->ib", (design @ moved.T).reshape(n, k, k), model.residual)
    return result


def _check_variation(residuals: _Residuals, left: str, right: str, given: tuple[str, ...]) -> None:
    for name, values in ((left, residuals.left), (right, residuals.right)):
        if float(np.mean(values**2)) < 1e-10:
            alike = f" among units alike in {', '.join(given)}" if given else ""
            raise CovariateProblem(
                f'"{name}" does not vary{alike}, so nothing can be said of its independence. '
                "Leave it out, or condition on less."
            )


def _result(residuals: _Residuals, names: tuple[str, str, tuple[str, ...]], confidence: float) -> IndependenceTest:
    n = len(residuals.left)
    spread = residuals.influence.T @ residuals.influence / n
    inverse, degrees = _inverse(spread)
    statistic = float(n * residuals.mean @ inverse @ residuals.mean) if degrees else 0.0
    single = residuals.left.shape[1] == residuals.right.shape[1] == 1
    size, low, high = (_correlation if single else _association)(residuals, statistic, degrees, confidence)
    return IndependenceTest(
        *names,
        n=n,
        statistic=statistic,
        degrees=degrees,
        log_p=chi_squared_log_p(statistic, degrees) if degrees else 0.0,
        size=size,
        low=low,
        high=high,
        confidence=confidence,
        measure="partial correlation" if single else "association",
    )


def _inverse(matrix: Floats) -> tuple[Floats, int]:
    """The inverse on the directions that vary, and how many there are."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    scale = np.where(scale > 1e-12, scale, np.inf)
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    kept = values > 1e-9
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return inverse / np.outer(scale, scale), int(kept.sum())


def _correlation(residuals: _Residuals, _: float, __: int, confidence: float) -> tuple[float, float, float]:
    """The correlation of the residuals, its interval on Fisher's scale by the delta method, robust to their spread."""
    from scipy.special import ndtri

    left, right = residuals.left[:, 0], residuals.right[:, 0]
    scale = float(np.sqrt(np.mean(left**2) * np.mean(right**2)))
    size = float(np.clip(residuals.mean[0] / scale, -1, 1))
    if 1 - abs(size) < 1e-9:
        return size, size, size
    squares = left**2 / np.mean(left**2) + right**2 / np.mean(right**2)
    influence = residuals.influence[:, 0] / scale - size / 2 * squares
    error = float(np.sqrt(np.mean(influence**2) / len(left))) / (1 - size**2)
    reach = float(ndtri((1 + confidence) / 2)) * error
    return size, float(np.tanh(np.arctanh(size) - reach)), float(np.tanh(np.arctanh(size) + reach))


def _association(
    residuals: _Residuals, statistic: float, degrees: int, confidence: float
) -> tuple[float, float, float]:
    """The root of Pillai's trace over its largest value, less its bias, within the noncentral chi-squared's interval.

    The interval is stretched by the standard error of the trace by the delta method, which far from independence
    differs from the noncentral distribution's.
    """
    n = len(residuals.left)
    left, right = residuals.left, residuals.right
    inverse_left, rank_left = _inverse(left.T @ left / n)
    inverse_right, rank_right = _inverse(right.T @ right / n)
    cross = residuals.mean.reshape(left.shape[1], right.shape[1])
    middle = inverse_left @ cross @ inverse_right
    trace = float(np.sum(middle * cross))
    most = max(min(rank_left, rank_right), 1)
    if trace <= 0 or statistic <= 0:
        return 0.0, 0.0, float(min(_noncentral_roots(0.0, max(degrees, 1), confidence)[1] / np.sqrt(n * most), 1.0))
    per_root = np.sqrt(trace / statistic / most)
    size = per_root * np.sqrt(max(statistic - degrees, 0.0))
    influence = 2 * residuals.influence @ middle.ravel()
    influence -= np.sum((left @ (middle @ cross.T @ inverse_left)) * left, axis=1)
    influence -= np.sum((right @ (middle.T @ cross @ inverse_right)) * right, axis=1)
    error = np.sqrt(np.mean(influence**2) / n / trace / most) / 2
    low, high = (per_root * each for each in _noncentral_roots(statistic, degrees, confidence))
    if low > 0:
        stretch = error / per_root
        low, high = max(size - stretch * (size - low), 0.0), size + stretch * (high - size)
    return float(min(size, 1.0)), float(low), float(min(high, 1.0))


def _noncentral_roots(statistic: float, degrees: int, confidence: float) -> tuple[float, float]:
    """Bounds of the root of a chi-squared's noncentrality.

    The upper one is never below that of the statistic's expectation under independence: by luck less is no proof.
    """
    from scipy.optimize import brentq
    from scipy.special import chndtr, ndtri

    reach = float(ndtri((1 + confidence) / 2))
    if statistic > 1000 + 10 * degrees:
        centre = np.sqrt(statistic - degrees + 1)
        return float(centre - reach), float(centre + reach)
    bounds = []
    for at, tail in ((statistic, (1 + confidence) / 2), (max(statistic, float(degrees)), (1 - confidence) / 2)):
        if chndtr(at, degrees, 0.0) <= tail:
            bounds.append(0.0)
            continue
        top = (np.sqrt(at) + reach + 3) ** 2
        bounds.append(float(np.sqrt(brentq(lambda x, at=at, q=tail: chndtr(at, degrees, x) - q, 0.0, top))))
    return bounds[0], bounds[1]
