"""Figures of textbooks and papers.

Hernán and Robins (2020), Causal Inference: What If, chapters 12 to 16, with the digits of its code in R as Palmer,
McGrath and others publish it (remlapmot.github.io/cibookex-r, whose files docs/12-ipw-msm-r.md to docs/16-iv-r.md print
them); chapter 14 and program 12.7 weight for censoring, which no method here does. The arms' means of programs 13.3 and
15.4 are over the 63 without an outcome too, so that only their differences are ours. Dehejia and Wahba (1999), JASA 94:
1053-1062, table 3, columns 1 and 2 (adjusted for the columns of its footnote a). Cunningham (2021), Causal Inference:
The Mixtape, on Card's returns to schooling. The tests of R's ivmodel (Kang, Jiang, Zhao and Small 2021, Observational
Studies 7: 1-24) and the documentation of iv.sensemakr (Cinelli and Hazlett 2025, Biometrika 112) on the same.
"""

from __future__ import annotations

from typing import Any

from causal.accuracy.reference import Quantity, Reference, TwoStages
from causal.accuracy.tables import NHEFS, NHEFS_SQUARES
from causal.graphs.causal_graph import CausalGraph
from causal.study import AnalysisSpec, Question, Terms

_INSTRUMENT_COVARIATES = ("sex", "race", "age", "smokeintensity", "smokeyrs", "exercise", "active", "wt71")


def _smokers(
    program: str,
    command: str,
    method: str,
    figures: tuple[tuple[Quantity, str], ...],
    adjust_for: tuple[str, ...] = NHEFS,
    squares: tuple[str, ...] = NHEFS_SQUARES,
    treatment_by: tuple[str, ...] = (),
    outcome: str = "wt82_71",
    table: str = "smokers",
    **options: Any,
) -> Reference:
    asked = AnalysisSpec(
        question=Question("qsmk", outcome),
        method=method,
        adjust_for=adjust_for,
        terms=Terms(squares=squares, treatment_by=treatment_by),
        options=options or None,
    )
    return Reference(method, table, asked, figures, f"Hernán and Robins, What If, program {program}", command)


def _instrument(cut: int, program: str, *printed: str, covariates: tuple[str, ...] = ()) -> Reference:
    name = f"price{cut}"
    common = [(each, end) for each in covariates for end in (name, "qsmk", "wt82_71")]
    graph = CausalGraph.from_edges([(name, "qsmk"), ("qsmk", "wt82_71"), *common], bidirected=[("qsmk", "wt82_71")])
    asked = AnalysisSpec(Question("qsmk", "wt82_71"), graph, "instrument", options={"std_error": "classical"})
    given = f", conditional on {len(covariates)} covariates" if covariates else ""
    return Reference(
        method="instrument",
        table="smokers with prices",
        asked=asked,
        figures=tuple(zip(("effect", "std_error", "low", "high"), printed, strict=False)),
        source=f"Hernán and Robins, What If, program {program}",
        command=f"tsls: price in 1982 at least {cut / 100:.2f} dollars as the instrument{given}",
    )


_WHAT_IF = (
    _smokers(
        "12.1",
        "Means of those who quit and of those who did not",
        "difference_in_means",
        (("effect", "2.541"), ("treated_mean", "4.525079"), ("control_mean", "1.984498")),
        adjust_for=(),
        squares=(),
    ),
    _smokers(
        "12.2",
        "Weights 1 / P(A | L), robust errors with the weights taken as known",
        "weighting",
        (
            *(("effect", "3.4405"), ("std_error", "0.5255"), ("control_mean", "1.7800")),
            *(("control_std_error", "0.2247"), ("low", "2.411"), ("high", "4.47")),
        ),
        nuisance="known",
    ),
    _smokers(
        "12.3",
        "Stabilised weights P(A) / P(A | L), robust errors with the weights taken as known",
        "weighting",
        (("effect", "3.441"), ("std_error", "0.525")),
        nuisance="known",
    ),
    _smokers(
        "12.5",
        "Marginal structural logistic model of death, weights taken as known",
        "weighting",
        (("log_odds_ratio", "0.0301"), ("log_odds_ratio_low", "-0.278"), ("log_odds_ratio_high", "0.338")),
        outcome="death",
        nuisance="known",
    ),
    _smokers(
        "13.3",
        "Standardised means from one outcome model with the product of treatment and smoking intensity",
        "standardisation",
        (("effect", "3.5"),),
        treatment_by=("smokeintensity",),
        pooled=True,
    ),
    _smokers(
        "13.4",
        "Standardised means from one outcome model without product terms",
        "standardisation",
        (("effect", "3.462622"),),
        pooled=True,
    ),
    _smokers(
        "15.1",
        "Outcome regression without product terms",
        "regression",
        (("effect", "3.4626218"), ("std_error", "0.4384543")),
        std_error="classical",
    ),
    _smokers(
        "15.3",
        "Outcome regression on the tenths of the propensity score",
        "regression",
        (("effect", "3.5005"), ("std_error", "0.4571")),
        adjust_for=("tenth",),
        squares=(),
        table="smokers with scores",
        std_error="classical",
    ),
    _smokers(
        "15.4",
        "Outcome regression on the propensity score",
        "regression",
        (("effect", "3.5506"), ("std_error", "0.4573")),
        adjust_for=("score",),
        squares=(),
        table="smokers with scores",
        std_error="classical",
    ),
    _smokers(
        "15.4",
        "Standardised means from the regression on the propensity score",
        "standardisation",
        (("effect", "3.550596"),),
        adjust_for=("score",),
        squares=(),
        table="smokers with scores",
        pooled=True,
    ),
    _instrument(150, "16.2", "2.396270", "19.840037", "-36.489487", "41.28203"),
    _instrument(160, "16.4", "41.28", "164.95"),
    _instrument(170, "16.4", "-40.91", "187.74"),
    _instrument(180, "16.4", "-21.103", "28.428"),
    _instrument(190, "16.4", "-12.811", "23.667"),
    _instrument(150, "16.5", "-1.042295", "29.987369", covariates=_INSTRUMENT_COVARIATES),
)

_EXPERIMENT_COVARIATES = ("age", "educ", "nodegree", "black", "hisp", "re74", "re75")


def _training(table: str, command: str, effect: str, std_error: str, covariates: tuple[str, ...] = ()) -> Reference:
    asked = AnalysisSpec(
        question=Question("treat", "re78"),
        method="regression",
        adjust_for=covariates,
        terms=Terms(squares=("age",) if covariates else ()),
        options={"std_error": "classical"},
    )
    figures: tuple[tuple[Quantity, str], ...] = (("effect", effect), ("std_error", std_error))
    return Reference("regression", table, asked, figures, "Dehejia and Wahba 1999, table 3", command)


_LALONDE = (
    _training("experiment", "The experiment: difference in means", "1794", "633"),
    _training(
        "experiment",
        "The experiment, adjusted: age, its square, education, no degree, Black, Hispanic, earnings in 1974 and 1975",
        "1672",
        "638",
        _EXPERIMENT_COVARIATES,
    ),
    _training("trained and survey", "Those trained beside CPS-1: difference in means", "-8498", "712"),
)

SCHOOLING = TwoStages("lwage", "educ", ("nearc4",), ("exper", "black", "south", "married", "smsa"))
"""What the Mixtape asks on the table "schooling"."""

WITH_REGIONS = TwoStages(
    "lwage",
    "educ",
    ("nearc4",),
    ("exper", "expersq", "black", "south", "smsa", *(f"reg66{place}" for place in range(1, 9)), "smsa66"),
)
"""What Card (1995, table 3, panel B, column 5) asks on the table "schooling with regions"."""

_CARD = (
    Reference(
        "instrument",
        "schooling",
        SCHOOLING,
        (("first_stage_f", "15.767"),),
        "Cunningham, The Mixtape, instrumental variables",
        "F statistic for the instrument, college in the county, in the first stage",
    ),
    Reference(
        "instrument",
        "schooling with regions",
        WITH_REGIONS,
        (("effect", "0.131503836"), ("std_error", "0.0549636726")),
        "Kang, Jiang, Zhao and Small 2021, tests of R's ivmodel",
        "ivmodel(lwage, educ, nearc4, covariates of Card 1995)",
    ),
    Reference(
        "instrument",
        "schooling with regions",
        WITH_REGIONS,
        (("effect", "0.1315038"), ("region_low", "0.02480484"), ("region_high", "0.2848236")),
        "Cinelli and Hazlett 2025, documentation of R's iv.sensemakr",
        "iv_fit(lwage, educ, nearc4, covariates of Card 1995)",
    ),
)


TEXTBOOKS: tuple[Reference, ...] = (*_WHAT_IF, *_LALONDE, *_CARD)
