"""What R's packages give: by scripts beside their output under tests/, run with R 4.2.2 and printed to seven digits.

survey 4.1-1 and sandwich 3.0-2 (weights taken as known), numDeriv 2016.8 (stacked estimating equations), Matching
4.10-8, MatchIt 4.5.1, clubSandwich 0.5.8, AER 1.2-10, estimatr 1.0.
"""

from __future__ import annotations

from typing import Any

from causal.accuracy.reference import Quantity, Reference, TwoStages
from causal.accuracy.textbooks import SCHOOLING, WITH_REGIONS
from causal.graphs.causal_graph import CausalGraph
from causal.study import AnalysisSpec, Question, Target

GOLDEN = "estimators/golden/accuracy.json"
MATCHING = "estimators/golden/matching.json"
COARSENED = "estimators/golden/coarsened_matching.json"
CLUSTERS = "estimators/golden/few_clusters.json"
INSTRUMENTS = "estimators/instruments.json"

_MEN = ("age", "educ", "race", "married", "nodegree", "re74", "re75")
_PEOPLE = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
_MOTHERS = ("mmarried_", "mage", "fbaby_", "medu", "prenatal1_")
_OWN = "age: 20.5, 25.5, 35.5\neduc: 8.5, 11.5\nre74: 1, 5000\nre75: 1, 5000"
_COLUMNS = {"lalonde": _MEN, "experiment": _PEOPLE, "trained and survey": _PEOPLE, "births": _MOTHERS}
_QUANTITIES: tuple[Quantity, ...] = ("effect", "std_error", "control_mean")


def _r(
    package: str,
    command: str,
    table: str,
    method: str,
    printed: tuple[str, ...],
    target: Target = "everyone",
    golden: str = GOLDEN,
    quantities: tuple[Quantity, ...] = _QUANTITIES,
    cluster: str | None = None,
    adjusted: bool = True,
    **options: Any,
) -> Reference:
    question = Question("mbsmoke_", "bweight", target) if table == "births" else Question("treat", "re78", target)
    asked = AnalysisSpec(
        question=question,
        method=method,
        adjust_for=_COLUMNS[table] if adjusted else (),
        options=options or None,
        cluster=cluster,
    )
    figures = tuple(zip(quantities, printed, strict=False))
    whom = "" if target == "everyone" else f", of those {target}"
    return Reference(method, table, asked, figures, f"R's {package}", command + whom, golden)


def _matched(package: str, target: Target, printed: tuple[str, ...], **options: Any) -> Reference:
    words = ", ".join(f"{name} {_word(value)}" for name, value in options.items())
    call = "Match" if package == "Matching" else "matchit"
    return _r(package, f"{call}: {words}", "lalonde", "matching", printed, target, MATCHING, **options)


def _word(value: object) -> str:
    if value == _MEN:
        return "on all columns"
    return " and ".join(value) if isinstance(value, tuple) else str(value)


def _coarsened(rule: str, target: Target, *printed: str) -> Reference:
    options: dict[str, Any] = {"cut_points": _OWN} if rule == "own cut points" else {"bins": rule}
    command = f'matchit(method = "cem"), {rule}; HC2 of the weighted lm'
    package, method = "MatchIt and sandwich", "coarsened_matching"
    return _r(package, command, "lalonde", method, printed, target, COARSENED, spread="weighted", **options)


_STACKED = "numDeriv, stacked estimating equations"
_SURVEY = "survey and sandwich"


def _stacked(words: str, method: str, target: Target, *printed: str) -> Reference:
    return _r(_STACKED, f"{words}, logit score on five columns", "births", method, printed, target)


_BIRTHS = (
    _stacked("Weighted means", "weighting", "everyone", "-231.3359", "24.05699", "3402.175"),
    _stacked("Weighted means", "weighting", "treated", "-218.4121", "23.45094", "3356.072"),
    _stacked("Augmented weighting", "doubly_robust", "everyone", "-231.4723", "25.11529", "3403.040"),
    _stacked("Augmented weighting", "doubly_robust", "treated", "-222.2173", "23.22852", "3359.877"),
    _stacked("Weighted regressions", "weighted_regression", "everyone", "-228.1633", "25.71700", "3402.954"),
    _stacked("Weighted regressions", "weighted_regression", "treated", "-221.1790", "23.06484", "3358.839"),
)

_EXPERIMENT = (
    _r("stats", "t.test, Welch", "experiment", "difference_in_means", ("1794.342", "670.9965"), adjusted=False),
    _r("sandwich", "lm on all columns, HC2", "experiment", "regression", ("1676.343", "677.0491")),
    _r("stats", "lm on all columns", "experiment", "regression", ("1676.343", "638.6820"), std_error="classical"),
    _r(
        "clubSandwich",
        "coef_test: CR2 and Satterthwaite, clusters by education",
        "experiment",
        "regression",
        ("592.7933", "4.652145"),
        quantities=("std_error", "degrees_of_freedom"),
        cluster="educ",
    ),
    _r("stats", "Horvitz and Thompson's means", "experiment", "weighting", ("1613.135",), normalised=False),
    _r(_SURVEY, "svyglm", "experiment", "weighting", ("1641.315", "685.4991"), nuisance="known"),
    _r(_SURVEY, "svyglm", "experiment", "weighting", ("1806.417", "683.8616"), target="treated", nuisance="known"),
    _r(
        _SURVEY,
        "svyglm, weighted to the overlap",
        "experiment",
        "overlap_weighting",
        ("1677.300", "683.0621"),
        nuisance="known",
    ),
    _r(
        "stats",
        "Entropy balancing of the controls, by Newton's method",
        "experiment",
        "entropy_balancing",
        ("1795.014",),
        target="treated",
    ),
    _r(
        "Matching",
        "Match on the score",
        "experiment",
        "matching",
        ("2639.865", "720.0328"),
        target="treated",
        nuisance="known",
    ),
    _r(
        "Matching",
        "Match by Mahalanobis' distance",
        "experiment",
        "matching",
        ("1906.126", "642.8668"),
        distance="mahalanobis",
    ),
    _r(
        "Matching",
        "Match by Mahalanobis' distance, bias adjusted",
        "experiment",
        "matching",
        ("1809.978", "643.9322"),
        distance="mahalanobis",
        bias_adjustment=_PEOPLE,
    ),
    _r(
        "MatchIt",
        "matchit: pairs on the score, largest first; errors by pair",
        "experiment",
        "matching",
        ("2017.869", "625.3746"),
        target="treated",
        replacement=False,
        order="largest",
    ),
    _r(
        "MatchIt and sandwich",
        'matchit(method = "cem"), sturges; HC2 of the weighted lm',
        "experiment",
        "coarsened_matching",
        ("1876.291", "976.0881"),
        target="treated",
        bins="sturges",
        spread="weighted",
    ),
    _r(
        "MatchIt and sandwich",
        'matchit(method = "cem"), sturges; HC2 of the weighted lm',
        "experiment",
        "coarsened_matching",
        ("1502.056", "909.4273"),
        bins="sturges",
        spread="weighted",
    ),
)

_SURVEYED = (
    _r(
        "stats",
        "lm on all columns",
        "trained and survey",
        "regression",
        ("699.1317", "547.6361"),
        std_error="classical",
    ),
    _r("sandwich", "lm on all columns, HC2", "trained and survey", "regression", ("699.1317", "618.1657")),
    _r(
        _SURVEY,
        "svyglm",
        "trained and survey",
        "weighting",
        ("1180.408", "632.6076"),
        target="treated",
        nuisance="known",
    ),
    _r(
        _SURVEY,
        "svyglm, weighted to the overlap",
        "trained and survey",
        "overlap_weighting",
        ("1149.299", "627.4862"),
        nuisance="known",
    ),
)

_LALONDE = (
    _r("stats", "Horvitz and Thompson's means", "lalonde", "weighting", ("-449.7869",), normalised=False),
    _r(_SURVEY, "svyglm", "lalonde", "weighting", ("224.6763", "909.4777"), nuisance="known"),
    _r(_SURVEY, "svyglm", "lalonde", "weighting", ("1214.071", "824.0517"), target="treated", nuisance="known"),
    _r(
        _SURVEY,
        "svyglm, weighted to the overlap",
        "lalonde",
        "overlap_weighting",
        ("1242.201", "775.0973"),
        nuisance="known",
    ),
    _r("stats", "lm on all columns", "lalonde", "regression", ("1548.244", "781.2793"), std_error="classical"),
    _r("sandwich", "lm on all columns, HC2", "lalonde", "regression", ("1548.244", "742.1817")),
    _r(
        "clubSandwich",
        "coef_test: CR2 and Satterthwaite, clusters by educ",
        "lalonde",
        "regression",
        ("481.8816", "5.506406", "0.02063777"),
        golden=CLUSTERS,
        quantities=("std_error", "degrees_of_freedom", "p_value"),
        cluster="educ",
    ),
    _r(
        "clubSandwich",
        "coef_test: CR2 and Satterthwaite, clusters by age",
        "lalonde",
        "regression",
        ("698.1291", "17.37730", "0.04017228"),
        golden=CLUSTERS,
        quantities=("std_error", "degrees_of_freedom", "p_value"),
        cluster="age",
    ),
    _matched("Matching", "everyone", ("-304.6074", "1101.415"), nuisance="known"),
    _matched("Matching", "everyone", ("-495.4078", "1029.106"), distance="mahalanobis"),
    _matched("Matching", "everyone", ("-779.1532", "1032.973"), distance="mahalanobis", bias_adjustment=_MEN),
    _matched("Matching", "everyone", ("-297.9069",), nuisance="known", caliper=0.1),
    _matched("Matching", "everyone", ("352.3208", "1098.097"), nuisance="known", neighbours=3),
    _matched("Matching", "everyone", ("-266.8595", "807.7898"), distance="mahalanobis", neighbours=3),
    _matched(
        "Matching", "everyone", ("-458.9799", "811.5691"), distance="mahalanobis", neighbours=3, bias_adjustment=_MEN
    ),
    _matched("Matching", "treated", ("1968.800", "1134.319"), nuisance="known"),
    _matched("Matching", "treated", ("262.2401", "1207.090"), distance="mahalanobis"),
    _matched("Matching", "treated", ("27.96334", "1207.710"), distance="mahalanobis", bias_adjustment=_MEN),
    _matched("Matching", "treated", ("2016.054",), nuisance="known", caliper=0.1),
    _matched("Matching", "treated", ("1573.744", "1057.902"), nuisance="known", neighbours=3),
    _matched("Matching", "treated", ("1111.569", "955.3294"), distance="mahalanobis", neighbours=3),
    _matched(
        "Matching", "treated", ("1059.008", "958.9267"), distance="mahalanobis", neighbours=3, bias_adjustment=_MEN
    ),
    _matched("Matching", "untreated", ("-1284.981", "1408.992"), nuisance="known"),
    _matched("Matching", "untreated", ("-822.1324", "1292.093"), distance="mahalanobis"),
    _matched("Matching", "untreated", ("-1127.210", "1298.247"), distance="mahalanobis", bias_adjustment=_MEN),
    _matched("Matching", "untreated", ("-1284.981",), nuisance="known", caliper=0.1),
    _matched("Matching", "untreated", ("-174.4003", "1415.965"), nuisance="known", neighbours=3),
    _matched("Matching", "untreated", ("-861.2865", "959.8459"), distance="mahalanobis", neighbours=3),
    _matched(
        "Matching", "untreated", ("-1113.590", "965.3903"), distance="mahalanobis", neighbours=3, bias_adjustment=_MEN
    ),
    _matched("Matching", "treated", ("266.6094", "1204.902"), distance="mahalanobis", exact=("married", "nodegree")),
    _matched("MatchIt", "treated", ("894.3675", "714.7929"), order="largest", replacement=False),
    _matched("MatchIt", "treated", ("894.3675", "764.6041"), order="smallest", replacement=False),
    _matched("MatchIt", "treated", ("894.3675", "685.3599"), order="table", replacement=False),
    _matched("MatchIt", "treated", ("428.7079", "703.3293"), order="table", distance="mahalanobis", replacement=False),
    _matched("MatchIt", "treated", ("220.2886", "661.2527"), order="largest", replacement=False, neighbours=2),
    _matched("MatchIt", "treated", ("220.2886", "702.2300"), order="smallest", replacement=False, neighbours=2),
    _matched("MatchIt", "treated", ("220.2886", "603.7371"), order="table", replacement=False, neighbours=2),
    _matched(
        "MatchIt",
        "treated",
        ("-164.4235", "645.9233"),
        order="table",
        distance="mahalanobis",
        replacement=False,
        neighbours=2,
    ),
    _matched("MatchIt", "treated", ("965.9613", "712.9224"), order="table", exact=("married",), replacement=False),
    _coarsened("sturges", "treated", "1070.907", "1394.658"),
    _coarsened("sturges", "untreated", "1557.096", "1254.661"),
    _coarsened("sturges", "everyone", "1331.366", "1167.376"),
    _coarsened("scott", "treated", "398.5197", "1158.093"),
    _coarsened("scott", "untreated", "1574.859", "1491.239"),
    _coarsened("scott", "everyone", "976.7202", "1186.712"),
    _coarsened("own cut points", "treated", "396.0386", "1816.562"),
    _coarsened("own cut points", "untreated", "1661.216", "1135.948"),
    _coarsened("own cut points", "everyone", "1032.122", "1265.944"),
)

_YEAR = ("year", "1995")
_TAXES = ("sales_tax", "cigarette_tax")


def _cigarettes(command: str, figures: tuple[tuple[Quantity, str], ...], asked: TwoStages) -> Reference:
    return Reference("instrument", "cigarettes", asked, figures, "R's AER and estimatr", command, INSTRUMENTS)


_AER = (
    _cigarettes(
        "ivreg, two taxes",
        (
            ("effect", "-1.277424"),
            ("std_error", "0.2631986"),
            ("first_stage_f", "244.7338"),
            ("disagreement", "0.3326221"),
            ("disagreement_p", "0.5641191"),
        ),
        TwoStages("log_packs", "log_price", _TAXES, ("log_income",), "classical", _YEAR),
    ),
    _cigarettes(
        "ivreg, two taxes, HC0",
        (("std_error", "0.2416838"), ("first_stage_f", "228.7377")),
        TwoStages("log_packs", "log_price", _TAXES, ("log_income",), "HC0", _YEAR),
    ),
    _cigarettes(
        "iv_robust, two taxes, HC1",
        (("std_error", "0.2496100"),),
        TwoStages("log_packs", "log_price", _TAXES, ("log_income",), "HC1", _YEAR),
    ),
    _cigarettes(
        "ivreg, the sales tax alone",
        (("effect", "-1.143375"),),
        TwoStages("log_packs", "log_price", ("sales_tax",), ("log_income",), "HC1", _YEAR),
    ),
    _cigarettes(
        "iv_robust, both years, clusters by state",
        (("effect", "-1.229101"), ("std_error", "0.1828322")),
        TwoStages("log_packs", "log_price", _TAXES, ("log_income",), "HC1", None, "state"),
    ),
)


_SCHOOLING = tuple(
    Reference(
        "instrument",
        table,
        asked,
        (("effect", effect), ("std_error", std_error), ("first_stage_f", first_stage_f)),
        "R's AER",
        "ivreg(lwage ~ educ + covariates | nearc4 + covariates)",
        "estimators/golden/schooling.json",
    )
    for table, asked, effect, std_error, first_stage_f in (
        ("schooling", SCHOOLING, "0.1241642", "0.04995580", "15.76666"),
        ("schooling with regions", WITH_REGIONS, "0.1315038", "0.05496367", "13.25579"),
    )
)


def _mediation() -> Reference:
    """The `jobs` of Tingley, Yamamoto, Hirose, Keele and Imai (2014), Journal of Statistical Software 59(5)."""
    names = ("econ_hard", "sex", "age")
    edges = [(name, end) for name in names for end in ("treat", "job_seek", "depress2")]
    graph = CausalGraph.from_edges([("treat", "job_seek"), ("job_seek", "depress2"), ("treat", "depress2"), *edges])
    return Reference(
        "mediation",
        "job seekers",
        AnalysisSpec(Question("treat", "depress2"), graph, "mediation", options={"interaction": False}),
        (("indirect", "-0.01574465"), ("direct", "-0.04026470"), ("effect", "-0.05600935")),
        "R's stats",
        "lm(job_seek ~ treat + covariates), lm(depress2 ~ treat + job_seek + covariates): products of coefficients",
        GOLDEN,
    )


R_PACKAGES: tuple[Reference, ...] = (*_BIRTHS, *_EXPERIMENT, *_SURVEYED, *_LALONDE, *_AER, *_SCHOOLING, _mediation())
