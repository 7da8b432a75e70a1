"""Two-stage least squares and its relatives on plain arrays, with what the first stage says.

Two-stage least squares: Theil (1953); limited information maximum likelihood (LIML): Anderson and Rubin (1949); both as
k-class: Davidson and MacKinnon (1993), Estimation and Inference in Econometrics, section 18.5. Tests of agreement:
Sargan (1958), Econometrica 26: 393-415; Hansen (1982), Econometrica 50: 1029-1054.
Covariates are partialled out first (Frisch and Waugh 1933; Lovell 1963), which changes no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.errors import CovariateProblem, TooFewUnits
from causal.estimators.design import Floats
from causal.estimators.instrument_evidence import InstrumentEvidence, critical_effective_f
from causal.estimators.nuisance import dependent_columns, inverse_of

Errors = Literal["HC1", "HC0", "classical"]
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KClassFit:
    """`coefficient` of the treatment; `influence` (n,), small-sample factor included; its `std_error`; `evidence`."""

    coefficient: float
    std_error: float
    influence: Floats
    evidence: InstrumentEvidence


@dataclass(frozen=True, eq=False)
class _Partialled:
    """Outcome, treatment (n,) and instruments (n, K) once the covariates are held; `rank` of the covariates."""

    outcome: Floats
    treatment: Floats
    instruments: Floats
    names: tuple[str, ...]
    rank: int
    errors: Errors
    clusters: Codes | None

    @property
    def n(self) -> int:
        return len(self.outcome)

    def factor(self, parameters: int) -> float:
        """What small samples do to the covariance of so many coefficients."""
        if self.clusters is not None:
            count = int(self.clusters.max()) + 1
            return count / (count - 1) * (1.0 if self.errors == "HC0" else (self.n - 1) / (self.n - parameters))
        return 1.0 if self.errors == "HC0" else self.n / (self.n - parameters)

    def spread(self, scores: Floats) -> Floats:
        """Sum of the outer products of the scores (n, k), by cluster where there are any."""
        if self.clusters is not None:
            count = int(self.clusters.max()) + 1
            scores = np.column_stack([np.bincount(self.clusters, column, count) for column in scores.T])
        return np.asarray(scores.T @ scores)


def k_class(
    outcome: Floats,
    treatment: Floats,
    instruments: Floats,
    covariates: Floats,
    names: tuple[str, ...],
    maximum_likelihood: bool = False,
    errors: Errors = "HC1",
    clusters: Codes | None = None,
) -> KClassFit:
    """The treatment's coefficient by two-stage least squares, or by LIML where `maximum_likelihood`.

    `instruments` (n, K) called `names`; `covariates` (n, p) hold a column of ones.
    Raises CovariateProblem where no instrument varies once the covariates are held, TooFewUnits.
    """
    data = _partialled(outcome, treatment, instruments, covariates, names, errors, clusters)
    first, second = _projected(data, data.treatment), _projected(data, data.outcome)
    k = _likelihood_k(data, first, second) if maximum_likelihood else 1.0
    regressor = data.treatment - k * (data.treatment - first)
    strength = float(regressor @ data.treatment)
    if not abs(strength) > 1e-14 * float(data.treatment @ data.treatment):
        raise CovariateProblem(
            f"{_listed(data.names)} does not move the treatment at all in these units, so nothing is learnt from it. "
            "Choose another instrument."
        )
    coefficient = float(regressor @ data.outcome) / strength
    residual = data.outcome - coefficient * data.treatment
    parameters = data.rank + 1
    influence = regressor * residual / strength * data.n
    if errors == "classical":
        variance = float(residual @ residual) / (data.n - parameters) / strength
        influence = influence * np.sqrt(variance / max(float(influence @ influence) / data.n**2, 1e-300))
    else:
        own = data.factor(parameters)
        if clusters is not None:  # covariance_of_means has the factor of the clusters already
            count = int(clusters.max()) + 1
            own /= count / (count - 1)
        variance = float(data.spread((regressor * residual)[:, None])[0, 0]) / strength**2 * data.factor(parameters)
        influence = influence * np.sqrt(own)
    evidence = _evidence(data, first, second, residual)
    return KClassFit(coefficient, float(np.sqrt(max(variance, 0.0))), influence, evidence)


def _partialled(
    outcome: Floats,
    treatment: Floats,
    instruments: Floats,
    covariates: Floats,
    names: tuple[str, ...],
    errors: Errors,
    clusters: Codes | None,
) -> _Partialled:
    bread = inverse_of(covariates.T @ covariates)
    rank = int((np.diag(bread) > 0).sum())
    both = np.column_stack([outcome, treatment, instruments])
    left = both - covariates @ (bread @ (covariates.T @ both))
    scale = np.sqrt((instruments**2).sum(axis=0))
    unit = left[:, 2:] / np.where(scale > 0, scale, 1.0)
    varying = np.flatnonzero((unit**2).sum(axis=0) > 1e-12)
    if not len(varying):
        raise CovariateProblem(
            f"{_listed(names)} is the same for all units compared, or follows from the covariates, so it moves "
            "nothing. Choose another instrument."
        )
    kept = left[:, 2 + varying]
    length = np.sqrt((kept**2).sum(axis=0))
    free = np.setdiff1d(np.arange(len(varying)), dependent_columns((kept / length).T @ (kept / length)))
    if len(outcome) <= rank + len(free):
        raise TooFewUnits(
            f"{len(outcome):,} units are too few for {rank + len(free)} coefficients of the first stage. Gather more "
            "units, or take fewer covariates."
        )
    chosen = tuple(names[varying[place]] for place in free)
    return _Partialled(left[:, 0], left[:, 1], kept[:, free], chosen, rank, errors, clusters)


def _projected(data: _Partialled, values: Floats) -> Floats:
    """(n,) the part of the values that the instruments predict."""
    z = data.instruments
    return np.asarray(z @ (inverse_of(z.T @ z) @ (z.T @ values)))


def _likelihood_k(data: _Partialled, first: Floats, second: Floats) -> float:
    """The smallest root: by how much the instruments shrink the best combination of outcome and treatment."""
    both = np.column_stack([data.outcome, data.treatment])
    left = both - np.column_stack([second, first])
    inner = left.T @ left
    if np.linalg.matrix_rank(inner, hermitian=True) < 2:  # the instruments decide one of the two: nothing to shrink
        return 1.0
    return float(np.linalg.eigvals(np.linalg.solve(inner, both.T @ both)).real.min())


def _evidence(data: _Partialled, first: Floats, second: Floats, residual: Floats) -> InstrumentEvidence:
    z, count = data.instruments, data.instruments.shape[1]
    bread = inverse_of(z.T @ z)
    stage, reduced = bread @ (z.T @ data.treatment), bread @ (z.T @ data.outcome)
    degrees = data.n - data.rank - count
    covariance = _joint_covariance(data, bread, data.outcome - second, data.treatment - first, degrees)
    of_stage = covariance[count:, count:]
    explained = float(first @ first)
    exact = float((data.treatment - first) @ (data.treatment - first)) <= 1e-20 * max(explained, 1e-300)
    root = np.linalg.cholesky(z.T @ z)
    spread = root.T @ of_stage @ root
    disagreement = _disagreement(data, residual) if count > 1 else None
    return InstrumentEvidence(
        instruments=data.names,
        reduced_form=tuple(float(each) for each in reduced),
        first_stage=tuple(float(each) for each in stage),
        covariance=tuple(tuple(float(each) for each in row) for row in covariance),
        degrees=float(degrees if data.clusters is None else int(data.clusters.max())),
        f=float("inf") if exact else float(stage @ np.linalg.solve(of_stage, stage)) / count,
        effective_f=float("inf") if exact else explained / float(np.trace(spread)),
        critical_f=critical_effective_f(spread),
        partial_r2=explained / float(data.treatment @ data.treatment),
        disagreement=disagreement,
        disagreement_degrees=count - 1,
        disagreement_p=None if disagreement is None else _tail(disagreement, count - 1),
    )


def _joint_covariance(
    data: _Partialled, bread: Floats, reduced_residual: Floats, stage_residual: Floats, degrees: int
) -> Floats:
    """(2K, 2K) of the reduced form and the first stage together."""
    z, count = data.instruments, data.instruments.shape[1]
    if data.errors == "classical":
        residuals = np.column_stack([reduced_residual, stage_residual])
        return np.asarray(np.kron(residuals.T @ residuals / degrees, bread), dtype=np.float64)
    scores = np.column_stack([z * reduced_residual[:, None], z * stage_residual[:, None]])
    outer = np.kron(np.eye(2), bread)
    return np.asarray(outer @ data.spread(scores) @ outer) * data.factor(data.rank + count)


def _disagreement(data: _Partialled, residual: Floats) -> float:
    """Sargan's statistic, or Hansen's J at the efficient estimate where errors are robust."""
    z = data.instruments
    if data.errors == "classical":
        fitted = _projected(data, residual)
        return float(fitted @ fitted) / (float(residual @ residual) / data.n)
    weight = np.linalg.pinv(data.spread(z * residual[:, None]))
    moved, shown = z.T @ data.treatment, z.T @ data.outcome
    efficient = float(moved @ weight @ shown) / float(moved @ weight @ moved)
    left = shown - efficient * moved
    return float(left @ weight @ left)


def _tail(statistic: float, degrees: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, degrees))


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f'"{name}"' for name in names)
