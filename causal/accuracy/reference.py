"""One question put to one table, and the figures that others published for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from causal.study import AnalysisSpec

Quantity = Literal[
    "effect",
    "std_error",
    "low",
    "high",
    "control_mean",
    "control_std_error",
    "treated_mean",
    "degrees_of_freedom",
    "p_value",
    "log_odds_ratio",
    "log_odds_ratio_low",
    "log_odds_ratio_high",
    "first_stage_f",
    "region_low",
    "region_high",
    "disagreement",
    "disagreement_p",
    "direct",
    "indirect",
    "chi_square",
    "comparative_fit",
    "tucker_lewis",
    "rmsea",
    "srmr",
]

QUANTITIES: Mapping[Quantity, str] = MappingProxyType(
    {
        "effect": "effect",
        "std_error": "standard error",
        "low": "95 % interval, lower end",
        "high": "95 % interval, upper end",
        "control_mean": "mean under control",
        "control_std_error": "standard error of that mean",
        "treated_mean": "mean under treatment",
        "degrees_of_freedom": "degrees of freedom",
        "p_value": "p-value",
        "log_odds_ratio": "log odds ratio",
        "log_odds_ratio_low": "log odds ratio, lower end",
        "log_odds_ratio_high": "log odds ratio, upper end",
        "first_stage_f": "F of the first stage",
        "region_low": "Anderson-Rubin region, lower end",
        "region_high": "Anderson-Rubin region, upper end",
        "disagreement": "test of the instruments' agreement",
        "disagreement_p": "p-value of that test",
        "direct": "direct effect",
        "indirect": "indirect effect",
        "chi_square": "chi-square of the fit",
        "comparative_fit": "comparative fit index (CFI)",
        "tucker_lewis": "Tucker-Lewis index (TLI)",
        "rmsea": "root mean square error of approximation (RMSEA)",
        "srmr": "standardised root mean square residual (SRMR)",
    }
)


@dataclass(frozen=True)
class TwoStages:
    """A coefficient by instruments on columns of numbers, for a treatment of more than two levels.

    `where` keeps the rows with this value of a column; `clusters` names the column whose rows belong together.
    """

    outcome: str
    treatment: str
    instruments: tuple[str, ...]
    covariates: tuple[str, ...]
    errors: Literal["classical", "HC0", "HC1"] = "classical"
    where: tuple[str, str] | None = None
    clusters: str | None = None


@dataclass(frozen=True)
class Equations:
    """A structural equation model in lavaan's syntax; "effect" and "std_error" are those of one `coefficient`."""

    model: str
    coefficient: str


BESIDE_METHODS: Mapping[str, str] = MappingProxyType({"structural_equations": "Structural equations"})
"""Titles of what has reference figures and is no method of the registry."""


@dataclass(frozen=True)
class Reference:
    """Figures of one question.

    `method` is the registry's name, or one of `BESIDE_METHODS`; `asked` is answered on the table `table`; `figures` are
    quantities with what is printed, digit by digit; `source` says where; `command` what was run there, or which figure
    of the book it is; `golden` is the file under tests/ that a script made by running it, where no book or manual
    prints it; `differs` says why ours is known to print other digits.
    """

    method: str
    table: str
    asked: AnalysisSpec | TwoStages | Equations
    figures: tuple[tuple[Quantity, str], ...]
    source: str
    command: str
    golden: str | None = None
    differs: str = ""


def unit_of(printed: str) -> float:
    """One unit of the last printed digit: "3.4405" gives 0.0001, "1794" gives 1."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)
    return float(Decimal(1).scaleb(exponent))
