"""DoWhy's own estimators and EconML's through it, run as they are on a copy with safe names, and marked as stock.

Imports DoWhy only when one is asked for: it takes seconds.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from causal.errors import EstimationError, NotIdentified, OptionProblem
from causal.estimators.design import Sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.stock_econml import (
    ECONML_FAULTS,
    ECONML_NAMES,
    MENDED,
    econml_notes,
    econml_parameters,
    error_of_average,
    is_econml,
    require_econml,
    units_asked,
)
from causal.logs.unit_table import UnitTable
from causal.study import Question

if TYPE_CHECKING:
    from causal.graphs.identification import Estimand, Strategy

STOCK_PREFIX = "dowhy:"

STOCK_NAMES = (
    "backdoor.linear_regression",
    "backdoor.generalized_linear_model",
    "backdoor.propensity_score_weighting",
    "backdoor.propensity_score_stratification",
    "backdoor.propensity_score_matching",
    "backdoor.distance_matching",
    "backdoor.doubly_robust",
    "iv.instrumental_variable",
    "frontdoor.two_stage_regression",
    *ECONML_NAMES,
)

_KNOWN_FAULTS = {
    "backdoor.propensity_score_weighting": "Stock DoWhy shrinks the propensity model and clips propensities to 0.05 "
    "to 0.95 without saying so: where propensities are small its answer is off.",
    "backdoor.propensity_score_stratification": "Stock DoWhy shrinks the propensity model.",
    "backdoor.propensity_score_matching": "Stock DoWhy shrinks the propensity model and does not average ties.",
    "backdoor.doubly_robust": "Stock DoWhy's doubly robust knows only everyone as target, and has no standard error.",
    "iv.instrumental_variable": "Stock DoWhy's instrument ignores covariates: it is the Wald ratio.",
    **ECONML_FAULTS,
}
_LEFT_WHEN_CORRECTED = {
    "backdoor.propensity_score_weighting": "",
    "backdoor.propensity_score_stratification": "",
    "backdoor.propensity_score_matching": "Stock DoWhy's matching does not average ties.",
    **dict.fromkeys(MENDED, ""),
}
"""What is still wrong with the option `corrected`; it changes nothing in the others."""

_STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "backdoor": ("backdoor", "adjustment"),
    "iv": ("instrument",),
    "frontdoor": ("frontdoor",),
}
_TARGETS = {"everyone": "ate", "treated": "att", "untreated": "atc"}


@dataclass(frozen=True)
class StockOptions:
    """`corrected`: the propensity model unpenalised and unclipped, and EconML told that the treatment has two values;
    `replicates`: bootstrap for the standard error.
    """

    corrected: bool = False
    replicates: int = 0


def is_stock(name: str) -> bool:
    """Whether a method's name means one of DoWhy's own."""
    return name.startswith(STOCK_PREFIX)


def stock_method(dowhy_name: str) -> Method:
    """The entry of a stock method.

    Raises OptionProblem for a name without `backdoor.`, `iv.` or `frontdoor.` before it.
    """
    road = dowhy_name.split(".", 1)[0]
    if road not in _STRATEGIES or "." not in dowhy_name:
        raise OptionProblem(
            f'"{dowhy_name}" is no DoWhy method: it starts with backdoor., iv. or frontdoor. '
            f"Examples: {', '.join(STOCK_NAMES[:3])}."
        )
    econml, own = is_econml(dowhy_name), dowhy_name.rsplit(".", 1)[-1].replace("_", " ")
    whose = "EconML's estimator, as DoWhy calls it" if econml else "DoWhy's own estimator, as it is"
    return Method(
        name=STOCK_PREFIX + dowhy_name,
        title=f"{'EconML' if econml else 'DoWhy'} (stock): {own}",
        family="stock",
        dowhy_name=dowhy_name,
        summary=f"{whose}. {_KNOWN_FAULTS.get(dowhy_name, '')}".strip(),
        assumes=(f"What {'EconML' if econml else 'DoWhy'}'s documentation of this estimator says.",),
        options=StockOptions,
        fit=_needs_the_table,
        source="DoWhy 0.14, EconML 0.17" if econml else "DoWhy 0.14",
        adjusts=road == "backdoor",
        slow=econml,
        strategies=_STRATEGIES[road],
        fit_from_table=partial(run_stock, dowhy_name=dowhy_name),
    )


def run_stock(
    table: UnitTable,
    question: Question,
    estimand: Estimand | None,
    sample: Sample,
    options: StockOptions,
    *,
    dowhy_name: str,
) -> Fit:
    """One stock estimate, without weights; a standard error by replicates, or where EconML tells one.

    What is known to be wrong with it is the fact "known fault". Raises EstimationError with DoWhy's own words where it
    fails, NotIdentified where the graph has no such road.
    """
    road = dowhy_name.split(".", 1)[0]
    frame, edges, hidden = _safe_frame(table, sample, question, estimand, road)
    found = _estimates(
        _Asked(dowhy_name, edges, hidden, _TARGETS[sample.target], options.corrected), frame, sample, options
    )
    effect, std_error = found[0]
    if len(found) > 2:
        std_error = float(np.std([each for each, _ in found[1:]], ddof=1))
    base = float(sample.outcome[~sample.treated].mean())
    fault = _fault(dowhy_name, options.corrected)
    return Fit(
        sample=sample,
        means=(base, base + effect),
        covariance=np.full((2, 2), np.nan),
        effect_std_error=std_error,
        notes=_notes(dowhy_name, sample.target, std_error, bool(options.replicates)),
        facts=(("known fault", fault),) if fault else (),
    )


def _fault(dowhy_name: str, corrected: bool) -> str:
    known = _KNOWN_FAULTS.get(dowhy_name, "")
    return _LEFT_WHEN_CORRECTED.get(dowhy_name, known) if corrected else known


def _notes(dowhy_name: str, target: str, std_error: float, bootstrapped: bool) -> tuple[str, ...]:
    notes = (
        "DoWhy gives the effect only: the control mean shown is the plain one, the treated mean adds the effect.",
        *(econml_notes(dowhy_name, target, bootstrapped) if is_econml(dowhy_name) else ()),
    )
    if np.isfinite(std_error):
        return notes
    return (
        *notes,
        "No interval: DoWhy has none in closed form for this method. Ask for bootstrap replicates.",
    )


def _needs_the_table(sample: Sample, options: Any) -> Fit:
    raise OptionProblem("A stock method needs the whole table: call it through answer().")


def _safe_frame(
    table: UnitTable, sample: Sample, question: Question, estimand: Estimand | None, road: str
) -> tuple[pd.DataFrame, list[tuple[str, str]], bool]:
    """A new frame with columns t, y, x1 … (or z0 …, m0 …), the edges of its graph, and whether a cause is hidden."""
    columns: dict[str, Any] = {"t": sample.treated.astype(int), "y": sample.outcome}
    edges = [("t", "y")]
    if road == "backdoor":
        for place in range(1, sample.model.shape[1]):
            name = f"x{place}"
            columns[name] = sample.model[:, place] * sample.scales[place] + sample.centres[place]
            edges += [(name, "t"), (name, "y")]
        return pd.DataFrame(columns), edges, False
    if estimand is None:
        raise NotIdentified(f"A stock {road} method needs a causal graph in which that road is open.")
    if road == "iv":
        names, prefix = list(estimand.instruments), "z"
    else:
        names, prefix, edges = list(estimand.mediators), "m", []
    if not names:
        raise NotIdentified(
            f"The graph has no {'instrument' if road == 'iv' else 'front-door variable'} for this question. "
            f"{estimand.sentence}"
        )
    for place, name in enumerate(names):
        values = table.column(name).iloc[sample.rows]
        numbers = pd.to_numeric(values, errors="coerce") if values.dtype.kind not in "biuf" else values
        if numbers.isna().any():
            raise EstimationError(f'"{name}" has missing or non-numeric values, which this stock method cannot take.')
        new = f"{prefix}{place}"
        columns[new] = numbers.to_numpy(dtype=float)
        edges += [(new, "t")] if road == "iv" else [("t", new), (new, "y")]
    return pd.DataFrame(columns), edges, True


@dataclass(frozen=True)
class _Asked:
    """What DoWhy is asked, whatever the units: `hidden` says whether a cause of treatment and outcome is unobserved."""

    name: str
    edges: list[tuple[str, str]]
    hidden: bool
    target: str
    corrected: bool


def _estimates(asked: _Asked, frame: pd.DataFrame, sample: Sample, options: StockOptions) -> list[tuple[float, float]]:
    """Effect and standard error, then those of every bootstrap replicate; each on its own copy: DoWhy writes in it."""
    rng = np.random.default_rng(sample.seed)
    found = [_one(asked, frame, sample.seed)]
    for _ in range(options.replicates):
        drawn = frame.iloc[rng.integers(0, len(frame), len(frame))].reset_index(drop=True)
        found.append(_one(asked, drawn, sample.seed))
    return found


def _one(asked: _Asked, frame: pd.DataFrame, seed: int) -> tuple[float, float]:
    name, econml = asked.name, is_econml(asked.name)
    if econml:
        require_econml()
    import networkx as nx
    from dowhy import CausalModel
    from threadpoolctl import threadpool_limits

    graph = nx.DiGraph(asked.edges)
    if asked.hidden:
        graph.add_edges_from([("u", "t"), ("u", "y")])
    modifiers = [str(each) for each in frame if each not in ("t", "y")] if econml else []
    logging.getLogger("dowhy").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), threadpool_limits(1):
        warnings.simplefilter("ignore")
        try:
            model = CausalModel(frame.copy(), treatment="t", outcome="y", graph=graph)
            estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
            _settle_order(estimand, frame.columns.tolist())
            estimate = model.estimate_effect(
                estimand,
                method_name=name,
                target_units=units_asked(asked.target) if econml else asked.target,
                effect_modifiers=modifiers or None,
                method_params=_parameters(name, asked.corrected, seed),
            )
            std_error = error_of_average(estimate, frame, modifiers, asked.target) if econml else float("nan")
        except ImportError as error:
            raise OptionProblem(f'DoWhy has no estimator "{name}". Try one of: {", ".join(STOCK_NAMES)}.') from error
        except Exception as error:
            raise EstimationError(f"DoWhy's {name} failed: {error}. Choose one of our methods instead.") from error
    value = estimate.value
    if value is None or not np.isfinite(float(np.asarray(value).squeeze())):
        raise EstimationError(f"DoWhy's {name} gave no number for this question. Choose one of our methods instead.")
    return float(np.asarray(value).squeeze()), std_error


def _settle_order(estimand: Any, columns: list[str]) -> None:
    """DoWhy's sets of columns come in an order that changes from process to process, and with it learners' digits."""
    for names in (estimand.backdoor_variables or {}).values():
        if names:
            names.sort(key=columns.index)


def _parameters(name: str, corrected: bool, seed: int) -> dict[str, Any]:
    if is_econml(name):
        return econml_parameters(name, corrected, seed)
    if name == "backdoor.generalized_linear_model":
        import statsmodels.api as sm

        return {"init_params": {"glm_family": sm.families.Gaussian()}}
    if not corrected or "propensity" not in name:
        return {}
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    )
    parameters: dict[str, Any] = {"propensity_score_model": model}
    if name.endswith("weighting"):
        parameters |= {"min_ps_score": 0.0, "max_ps_score": 1.0}
    return {"init_params": parameters}
