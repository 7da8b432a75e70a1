"""Stata's teffects on cattaneo2, as its manual and a tutorial print it.

StataCorp, Stata Causal Inference and Treatment-Effects Estimation Reference Manual: teffects ra, psmatch and nnmatch.
What the manual prints is also in `inst/stata/teffects_reference.csv` of the R package teffects
(github.com/kylebutts/teffects-r), whose authors copied it from there, and of `teffects ra` in statsmodels'
`treatment/tests/results/results_teffects.py`. Mendez (2026), Treatment Effects in Stata: Six Estimators,
carlos-mendez.org/post/stata_matching, prints Stata's output of further commands; the whole of it is its `analysis.log`.
The manual's ipw, aipw and ipwra take a probit score, or other columns in the score than in the outcome, which no method
here does: those three are held against R (`r_packages.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from causal.accuracy.reference import Quantity, Reference
from causal.study import AnalysisSpec, Question, Target, Terms

OUTCOME = ("mmarried_", "mage", "fbaby_", "prenatal1_")
SCORE = ("mmarried_", "mage", "fbaby_", "medu")
NEAREST = ("mage", "prenatal1_", "mmarried_", "fbaby_")


def _asked(
    method: str, adjust_for: tuple[str, ...], target: Target = "everyone", terms: Terms | None = None, **options: Any
) -> AnalysisSpec:
    return AnalysisSpec(
        question=Question("mbsmoke_", "bweight", target=target),
        method=method,
        adjust_for=adjust_for,
        terms=terms or Terms(),
        options=options or None,
    )


def _reference(page: str, command: str, asked: AnalysisSpec, *printed: str) -> Reference:
    quantities: tuple[Quantity, ...] = ("effect", "std_error", "control_mean", "control_std_error")
    return Reference(
        method=asked.method,
        table="births",
        asked=asked,
        figures=tuple(zip(quantities, printed, strict=False)),
        source=f"Stata's manual, {page}",
        command=command,
    )


_TUTORIAL = "Stata's output in Mendez 2026, Six estimators"
_NEAREST: dict[str, Any] = {
    "distance": "mahalanobis",
    "exact": ("mmarried_", "prenatal1_"),
    "bias_adjustment": ("mage", "fage", "medu"),
}
_SIX = ("mmarried_", "mage", "fage", "medu", "prenatal1_")


def _tutorial(command: str, asked: AnalysisSpec, *printed: str) -> Reference:
    return replace(_reference("", command, asked, *printed), source=_TUTORIAL)


STATA: tuple[Reference, ...] = (
    _reference(
        "teffects ra",
        "teffects ra (bweight prenatal1 mmarried mage fbaby) (mbsmoke)",
        _asked("standardisation", OUTCOME),
        *("-239.6392", "23.82402", "3403.242", "9.525207"),
    ),
    _reference(
        "teffects ra",
        "teffects ra (bweight prenatal1 mmarried mage fbaby) (mbsmoke), atet",
        _asked("standardisation", OUTCOME, "treated"),
        *("-223.3017", "22.7422", "3360.961", "12.75749"),
    ),
    _reference(
        "teffects ra",
        "teffects ra (bweight prenatal1 mmarried mage fbaby, poisson) (mbsmoke)",
        _asked("standardisation", OUTCOME, outcome_model="poisson"),
        *("-239.6669", "23.83757", "3403.178", "9.526006"),
    ),
    _reference(
        "teffects psmatch",
        "teffects psmatch (bweight) (mbsmoke mmarried c.mage##c.mage fbaby medu)",
        _asked("matching", SCORE, terms=Terms(squares=("mage",))),
        *("-210.9683", "32.021"),
    ),
    _reference(
        "teffects psmatch",
        "teffects psmatch (bweight) (mbsmoke mmarried c.mage##c.mage fbaby medu), atet vce(iid) caliper(0.03): its "
        "effect; that error takes the outcome's spread as the same everywhere, which no method here does",
        _asked(
            "matching",
            SCORE,
            "treated",
            terms=Terms(squares=("mage",)),
            caliper=0.03,
            caliper_unit="distance",
        ),
        "-236.7848",
    ),
    _reference(
        "teffects psmatch",
        "teffects psmatch (bweight) (mbsmoke mmarried c.mage##c.mage fbaby medu), nneighbor(4)",
        _asked("matching", SCORE, terms=Terms(squares=("mage",)), neighbours=4),
        *("-224.006", "29.88627"),
    ),
    _reference(
        "teffects nnmatch",
        "teffects nnmatch (bweight mage prenatal1 mmarried fbaby) (mbsmoke)",
        _asked("matching", NEAREST, distance="mahalanobis"),
        *("-240.3306", "28.43006"),
    ),
    _reference(
        "teffects nnmatch",
        "teffects nnmatch (bweight mage) (mbsmoke), ematch(prenatal1 mmarried fbaby) metric(euclidean)",
        _asked(
            "matching",
            NEAREST,
            distance="mahalanobis",
            match_on=("mage",),
            exact=("prenatal1_", "mmarried_", "fbaby_"),
        ),
        *("-240.3306", "28.43006"),
    ),
    _reference(
        "teffects nnmatch",
        "teffects nnmatch (bweight mage fage) (mbsmoke), ematch(prenatal1 mmarried fbaby) biasadj(mage fage)",
        _asked(
            "matching",
            ("mage", "fage", "prenatal1_", "mmarried_", "fbaby_"),
            distance="mahalanobis",
            match_on=("mage", "fage"),
            exact=("prenatal1_", "mmarried_", "fbaby_"),
            bias_adjustment=("mage", "fage"),
        ),
        *("-223.8389", "26.19973"),
    ),
    _tutorial(
        "teffects nnmatch (bweight mmarried mage fage medu prenatal1) (mbsmoke)",
        _asked("matching", _SIX, distance="mahalanobis"),
        *("-210.5435", "29.32969"),
    ),
    _tutorial(
        "teffects nnmatch (bweight mmarried mage fage medu prenatal1) (mbsmoke), ematch(mmarried prenatal1) "
        "biasadj(mage fage medu)",
        _asked("matching", _SIX, **_NEAREST),
        *("-210.0558", "29.32803"),
    ),
    _tutorial(
        "teffects nnmatch (bweight mmarried mage fage medu prenatal1) (mbsmoke), ematch(mmarried prenatal1) "
        "biasadj(mage fage medu) atet",
        _asked("matching", _SIX, "treated", **_NEAREST),
        *("-238.5204", "30.41661"),
    ),
    _tutorial(
        "teffects psmatch (bweight) (mbsmoke mmarried mage fage medu prenatal1)",
        _asked("matching", _SIX),
        *("-229.4492", "25.88746"),
    ),
    _tutorial(
        "teffects psmatch (bweight) (mbsmoke mmarried mage fage medu prenatal1), atet",
        _asked("matching", _SIX, "treated"),
        "-224.5927",
    ),
    Reference(
        method="matching",
        table="births",
        asked=_asked("matching", _SIX, "treated"),
        figures=(("std_error", "30.55147"),),
        source=_TUTORIAL,
        command="teffects psmatch (bweight) (mbsmoke mmarried mage fage medu prenatal1), atet: its standard error",
        differs="They are 0.2 % apart. What the fitted score adds to this error (Abadie and Imbens 2016) rests on a "
        "derivative, which Stata takes from matches on the score's columns by plain Euclidean distance: it depends on "
        "the units that they are counted in. Ours takes it from inverse weights, which do not. Both are right in large "
        "samples; a test gets Stata's figure from ours by that one change.",
    ),
    Reference(
        method="weighting",
        table="births",
        asked=_asked("weighting", SCORE),
        figures=(("effect", "-232.1279"), ("control_mean", "3402.621")),
        source=_TUTORIAL,
        command="regress bweight mbsmoke, weighted by a logistic propensity of mmarried mage fbaby medu",
    ),
)
