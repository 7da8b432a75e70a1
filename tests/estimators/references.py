"""The real tables that reference values speak of, from PyPI packages."""

from __future__ import annotations

import pandas as pd

import causal
from causal.accuracy.stata import OUTCOME
from causal.accuracy.tables import NHEFS, NHEFS_SQUARES, frame_of

LALONDE = ("age", "educ", "race", "married", "nodegree", "re74", "re75")
BOOK_SQUARES = NHEFS_SQUARES
CATTANEO_OUTCOME = OUTCOME


def lalonde() -> pd.DataFrame:
    """R's MatchIt: 185 of the NSW treated and 429 PSID controls."""
    return frame_of("lalonde")


def nhefs() -> pd.DataFrame:
    """Hernán and Robins: the 1,566 with the outcome."""
    return frame_of("smokers").drop(columns="death")


def cattaneo() -> pd.DataFrame:
    """Stata's cattaneo2: 4,642 births, smoking and birth weight."""
    return frame_of("births")


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
