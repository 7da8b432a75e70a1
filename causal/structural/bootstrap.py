"""Errors, intervals and test of a structural equation model by refits on rows drawn with replacement, by choice.

Efron (1979), Annals of Statistics 7: 1-26; intervals by percentiles and bias-corrected ones (Efron 1981, Canadian
Journal of Statistics 9: 139-172), which indirect effects need as they are skewed (MacKinnon, Lockwood and Williams
2004). The test of fit draws from rows turned so that the model holds for them exactly: Bollen and Stine (1992),
Sociological Methods and Research 21: 205-229. Rows are drawn within groups, as in lavaan.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causal.checks.json_values import from_values, to_values
from causal.errors import DoableError, EstimationError, OptionProblem
from causal.graphs.causal_graph import CausalGraph
from causal.progress import Progress, silent
from causal.replicates import run_replicates
from causal.structural.identification import count_moments
from causal.structural.implied import implied, layout_of
from causal.structural.likelihood import Group, Pattern, deviance
from causal.structural.model_text import read_model
from causal.structural.moments import Moments, moments_of
from causal.structural.prepared import USUAL, Prepared, SemOptions, identified_start, prepare, require_likelihood
from causal.structural.quantities import Quantity, QuantityKind, quantities, row_of, values_of
from causal.structural.saturated import deviance_of, unrestricted
from causal.structural.search import maximise

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable

FEWEST = 100
MOST_FAILED = 0.1
"""If more replicates than this cannot be fitted, those that can say nothing of the spread."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Resampled(Quantity):
    """One number of the fit: its estimate, the spread of its refits, and two intervals from their quantiles.

    `percentile` takes the quantiles as they are; `corrected` moves them by how many refits lie below the estimate.
    """

    estimate: float
    std_error: float
    percentile: tuple[float, float]
    corrected: tuple[float, float]


@dataclass(frozen=True)
class SemBootstrap:
    """What the refits of one model say; `failed` of `replicates` could not be fitted.

    `chi2_p`: of the test of fit by Bollen and Stine, None with missing values or without a degree of freedom.
    """

    replicates: int
    failed: int
    rows: tuple[Resampled, ...]
    chi2: float
    chi2_p: float | None
    groups: tuple[str, ...]
    confidence: float

    def row(self, name: str, kind: QuantityKind = "coefficient", group: int = 0) -> Resampled:
        """One of the numbers. Raises KeyError."""
        return row_of(self.rows, name, kind, group)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(asdict(self)))

    @classmethod
    def from_json(cls, document: Any) -> SemBootstrap:
        """What `to_json` wrote."""
        document = from_values(document)
        rows = [
            Resampled(**{**each, "percentile": tuple(each["percentile"]), "corrected": tuple(each["corrected"])})
            for each in document["rows"]
        ]
        return cls(**{**document, "rows": tuple(rows), "groups": tuple(document["groups"])})


@dataclass(frozen=True, eq=False)
class _Asked:
    prepared: Prepared
    theta: Floats
    turned: tuple[Floats, ...] | None


def bootstrap_sem(
    frame: pd.DataFrame | UnitTable,
    model: str | CausalGraph,
    options: SemOptions = USUAL,
    replicates: int = 1_000,
    progress: Progress = silent,
    processes: int | None = None,
) -> SemBootstrap:
    """The model refitted to so many samples of the rows; the digits hang on `options.seed` alone.

    Raises what `fit_sem` does, OptionProblem for fewer than 100 replicates, and EstimationError where more than a tenth
    of them cannot be fitted.
    """
    if replicates < FEWEST:
        raise OptionProblem(f"{replicates} replicates are too few for the ends of an interval. Ask for at least 100.")
    progress(0.0, "fitting the model")
    prepared = prepare(frame, read_model(model.to_text("lavaan") if isinstance(model, CausalGraph) else model), options)
    require_likelihood(prepared, "The bootstrap")
    found = maximise(prepared.groups, identified_start(prepared), prepared.scales, options.seed)
    if not found.converged:
        raise EstimationError("No solution was found for the rows as they are, so there is nothing to refit.")
    asked = _Asked(prepared, found.theta, _turned(prepared, found.theta))
    refits = run_replicates(refit, asked, replicates, options.seed, processes, progress)
    return _gathered(asked, [each for each in refits if each is not None], replicates, options.confidence)


def refit(asked: _Asked, seed: np.random.SeedSequence) -> tuple[Floats, float | None] | None:
    """The numbers of one sample's fit, and the chi-square of the same rows turned; None where it cannot be fitted."""
    rng = np.random.default_rng(seed)
    prepared = asked.prepared
    counts = [
        np.bincount(rng.integers(0, group.n, group.n), minlength=group.n).astype(np.intp) for group in prepared.groups
    ]
    try:
        groups, _ = _again(prepared, prepared.rows.values, counts)
        found = maximise(groups, asked.theta, prepared.scales, int(rng.integers(2**31)))
        if not found.converged:
            return None
        values = values_of(prepared.model, [group.layout for group in groups], found.theta)
        chi2 = None if asked.turned is None else _chi2_of_turned(asked, counts)
    except (DoableError, np.linalg.LinAlgError):
        return None
    return (values, chi2) if np.isfinite(values).all() else None


def _again(
    prepared: Prepared, values: tuple[tuple[Floats, ...], ...], counts: list[NDArray[np.intp]]
) -> tuple[list[Group], list[Moments]]:
    """Groups and unrestricted moments of rows that stand as often as they were drawn."""
    groups, moments = [], []
    for at, (group, listed, times) in enumerate(zip(prepared.groups, values, counts, strict=True)):
        patterns, start = [], 0
        for pattern, rows in zip(group.patterns, listed, strict=True):
            own = times[start : start + len(rows)]
            start += len(rows)
            if own.any():
                patterns.append(Pattern(pattern.columns, moments_of(np.repeat(rows, own, axis=0))))
        seen = unrestricted(patterns, len(prepared.model.observed))
        groups.append(Group(layout_of(prepared.model, at, seen), tuple(patterns)))
        moments.append(seen)
    return groups, moments


def _turned(prepared: Prepared, theta: Floats) -> tuple[Floats, ...] | None:
    """Each group's rows with exactly the moments that the model implies; None where that has no sense."""
    whole = all(len(group.patterns) == 1 for group in prepared.groups)
    full = all(len(group.patterns[0].columns) == len(prepared.model.observed) for group in prepared.groups)
    if not whole or not full or count_moments(prepared.model) == prepared.model.free:
        return None
    turned = []
    for group, (rows,), seen in zip(prepared.groups, prepared.rows.values, prepared.moments, strict=True):
        at = implied(group.layout, theta)
        if np.linalg.eigvalsh(at.covariance)[0] <= 0:
            return None
        turn = _root(seen.covariance, -0.5) @ _root(at.covariance, 0.5)
        turned.append((rows - seen.mean) @ turn + (at.mean if group.layout.means else seen.mean))
    return tuple(turned)


def _root(matrix: Floats, power: float) -> Floats:
    roots, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * roots**power) @ vectors.T)


def _chi2_of_turned(asked: _Asked, counts: list[NDArray[np.intp]]) -> float | None:
    assert asked.turned is not None
    prepared = asked.prepared
    groups, moments = _again(prepared, tuple((rows,) for rows in asked.turned), counts)
    found = maximise(groups, asked.theta, prepared.scales)
    return _chi2(prepared, groups, moments, found.theta) if found.converged else None


def _chi2(prepared: Prepared, groups: Any, moments: Any, theta: Floats) -> float:
    best = sum(
        deviance_of(group.patterns, seen, prepared.model.means) for group, seen in zip(groups, moments, strict=True)
    )
    return max(deviance(groups, theta) - best, 0.0)


def _gathered(asked: _Asked, fitted: list[tuple[Floats, float | None]], replicates: int, level: float) -> SemBootstrap:
    failed = replicates - len(fitted)
    if failed > MOST_FAILED * replicates:
        raise EstimationError(
            f"{failed} of {replicates} samples of the rows could not be fitted: the model is too large for so few "
            "rows, or wrong for them. Use the errors of the likelihood, fewer parameters, or more rows."
        )
    prepared = asked.prepared
    draws = np.array([values for values, _ in fitted])
    point = values_of(prepared.model, prepared.layouts, asked.theta)
    listed = quantities(prepared.model, prepared.layouts)
    rows = []
    for at, each in enumerate(listed):
        own = draws[:, at]
        rows.append(
            Resampled(
                name=each.name,
                group=each.group,
                kind=each.kind,
                estimate=float(point[at]),
                std_error=float(own.std(ddof=1)),
                percentile=_ends(own, _tails(level)),
                corrected=_ends(own, _corrected(own, float(point[at]), level)),
            )
        )
    chi2 = _chi2(prepared, prepared.groups, prepared.moments, asked.theta)
    tested = [own for _, own in fitted if own is not None]
    return SemBootstrap(
        replicates=replicates,
        failed=failed,
        rows=tuple(rows),
        chi2=chi2,
        chi2_p=None if asked.turned is None or not tested else float(np.mean(np.array(tested) >= chi2)),
        groups=prepared.rows.groups,
        confidence=level,
    )


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _corrected(draws: Floats, point: float, level: float) -> tuple[float, float]:
    """The shares whose quantiles allow for the median of the refits lying off the estimate."""
    below = (float((draws < point).sum()) + float((draws == point).sum()) / 2) / len(draws)
    shift = float(stats.norm.ppf(min(max(below, 1 / (len(draws) + 1)), len(draws) / (len(draws) + 1))))
    low, high = (float(stats.norm.cdf(2 * shift + stats.norm.ppf(share))) for share in _tails(level))
    return low, high


def _ends(draws: Floats, shares: tuple[float, float]) -> tuple[float, float]:
    low, high = np.quantile(draws, shares, method="weibull")
    return float(low), float(high)
