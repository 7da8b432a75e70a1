"""A fitted structural equation model: coefficients with errors, how well it fits, and what follows from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy import stats

from causal.checks.json_values import from_values, to_values
from causal.structural.fit_measures import FitMeasures
from causal.structural.modification import Modification


@dataclass(frozen=True)
class Coefficient:
    """One coefficient in one group, under lavaan's name: "ind60 =~ x1", "x1 ~~ x1", "x1 ~1", or "indirect :=".

    `std_error` is 0 for one that is fixed; `standardised` is with all variables at variance one. `origin`: "written",
    "default" or "data", as the model says it, or "defined". `place`: its row in the fit's covariance, None if not free.
    """

    left: str
    operator: str
    right: str
    group: int
    free: bool
    estimate: float
    std_error: float
    standardised: float
    standardised_error: float
    origin: str = "written"
    label: str = ""
    place: int | None = None

    @property
    def name(self) -> str:
        """As lavaan spells it."""
        return f"{self.left} {self.operator} {self.right}".rstrip()

    @property
    def z(self) -> float:
        """The estimate in standard errors; NaN where there is none."""
        return self.estimate / self.std_error if self.std_error > 0 else float("nan")

    @property
    def p_value(self) -> float:
        """Of the null that it is zero, by the normal distribution."""
        return float(2 * stats.norm.sf(abs(self.z)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """By normal quantiles."""
        half = float(stats.norm.ppf((1 + level) / 2)) * self.std_error
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class PathEffect:
    """What `cause` does to `effect` in one group: directly, through others, and in all; each with its error."""

    cause: str
    effect: str
    group: int
    direct: float
    direct_error: float
    indirect: float
    indirect_error: float
    total: float
    total_error: float


@dataclass(frozen=True)
class Explained:
    """The share of a variable's variance that its causes explain, in one group."""

    variable: str
    group: int
    r_squared: float


@dataclass(frozen=True)
class SemFit:
    """The result of `fit_sem`; small and JSON-able.

    `observed`, `latent`, `exogenous`: names; `groups`: their labels, one "" where there are none. `covariance`: of the
    free parameters, rows in the order of the free coefficients. `scaling`: by what the chi-square of robust errors is
    divided. `residuals`: per group, correlations of the data less those of the model, rows in the order of `observed`.
    `coded`: how columns of two words became numbers; `notes`: what makes the solution doubtful.
    `modifications`: what freeing one more coefficient would do, the largest first. `means`: per group, of the columns.
    `spectral_radius`: per group, where the arrows go in a loop; else 0. `ordered`: columns fitted by their normal
    responses, each with its `levels`; chi-square is then adjusted by `scaling` and `shift`, and `scaled_measures`
    follow from that one.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    groups: tuple[str, ...]
    n: int
    left_out: int
    coefficients: tuple[Coefficient, ...]
    measures: FitMeasures
    scaling: float
    effects: tuple[PathEffect, ...]
    explained: tuple[Explained, ...]
    residuals: tuple[tuple[tuple[float, ...], ...], ...]
    modifications: tuple[Modification, ...]
    means: tuple[tuple[float, ...], ...]
    covariance: tuple[tuple[float, ...], ...]
    spectral_radius: tuple[float, ...]
    errors: str
    missing: str = "leave out"
    group_column: str | None = None
    coded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: float = 0.95
    group_rows: tuple[int, ...] = ()
    ordered: tuple[str, ...] = ()
    levels: tuple[tuple[float, ...], ...] = ()
    shift: float = 0.0
    scaled_measures: FitMeasures | None = None

    @property
    def parameters(self) -> tuple[Coefficient, ...]:
        """Every coefficient, those defined from others last."""
        return self.coefficients

    @property
    def judged(self) -> FitMeasures:
        """The measures to judge the fit by: where columns are ordered, those of the adjusted chi-square."""
        return self.scaled_measures or self.measures

    @property
    def chi2(self) -> float:
        """Of the likelihood ratio test against unrestricted moments; not scaled."""
        return self.measures.chi2

    @property
    def chi2_scaled(self) -> float:
        """Divided by the scaling factor of robust errors, and shifted where columns are ordered."""
        return self.measures.chi2 / self.scaling + self.shift

    @property
    def p_scaled(self) -> float:
        """Of the scaled chi-square."""
        return float(stats.chi2.sf(self.chi2_scaled, self.df)) if self.df else float("nan")

    @property
    def df(self) -> int:
        """Degrees of freedom of the test."""
        return self.measures.df

    @property
    def p_value(self) -> float:
        """Of the unscaled chi-square; NaN without a degree of freedom."""
        return self.measures.p_value

    @property
    def cfi(self) -> float:
        """Comparative fit index."""
        return self.measures.cfi

    @property
    def tli(self) -> float:
        """Tucker-Lewis index."""
        return self.measures.tli

    @property
    def rmsea(self) -> float:
        """Root mean square error of approximation."""
        return self.measures.rmsea

    @property
    def srmr(self) -> float:
        """Standardised root mean square residual."""
        return self.measures.srmr

    def coefficient(self, name: str, group: int = 0) -> Coefficient:
        """The coefficient of a name such as "ind60 =~ x1"; covariances in either order. Raises KeyError."""
        for each in self.coefficients:
            turned = f"{each.right} ~~ {each.left}" if each.operator == "~~" else each.name
            if each.group == group and name in (each.name, turned):
                return each
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SemFit:
        """What `to_json` wrote."""
        document = from_values(document)
        scaled = document.get("scaled_measures")
        return cls(
            **{
                **document,
                **{
                    name: tuple(document[name])
                    for name in ("observed", "latent", "exogenous", "groups", "coded", "notes", "ordered", "group_rows")
                    if name in document
                },
                "coefficients": tuple(Coefficient(**each) for each in document["coefficients"]),
                "levels": tuple(tuple(each) for each in document.get("levels", ())),
                "measures": _measures_from(document["measures"]),
                "scaled_measures": None if scaled is None else _measures_from(scaled),
                "effects": tuple(PathEffect(**each) for each in document["effects"]),
                "explained": tuple(Explained(**each) for each in document["explained"]),
                "residuals": tuple(tuple(tuple(row) for row in each) for each in document["residuals"]),
                "modifications": tuple(Modification(**each) for each in document["modifications"]),
                "means": tuple(tuple(row) for row in document["means"]),
                "covariance": tuple(tuple(row) for row in document["covariance"]),
                "spectral_radius": tuple(document["spectral_radius"]),
            }
        )


def _measures_from(document: Mapping[str, Any]) -> FitMeasures:
    return FitMeasures(**{**document, "rmsea_interval": tuple(document["rmsea_interval"])})
