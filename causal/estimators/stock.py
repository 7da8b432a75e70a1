"""DoWhy's own estimators, run as they are on a copy with safe names, and marked as stock.

Imports DoWhy only when one is asked for: it takes seconds.
"""

from __future__ import annotations

import contextlib
import importlib.util
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
)

_KNOWN_FAULTS = {
    "backdoor.propensity_score_weighting": "Stock DoWhy shrinks the propensity model and clips propensities to 0.05 "
    "to 0.95 without saying so: where propensities are small its answer is off.",
    "backdoor.propensity_score_stratification": "Stock DoWhy shrinks the propensity model.",
    "backdoor.propensity_score_matching": "Stock DoWhy shrinks the propensity model and does not average ties.",
    "backdoor.doubly_robust": "Stock DoWhy's doubly robust knows only everyone as target, and has no standard error.",
    "iv.instrumental_variable": "Stock DoWhy's instrument ignores covariates: it is the Wald ratio.",
}

_STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "backdoor": ("backdoor", "adjustment"),
    "iv": ("instrument",),
    "frontdoor": ("frontdoor",),
}
_TARGETS = {"everyone": "ate", "treated": "att", "untreated": "atc"}


@dataclass(frozen=True)
class StockOptions:
    """`corrected`: the propensity model unpenalised and unclipped; `replicates`: bootstrap for the standard error."""

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
    return Method(
        name=STOCK_PREFIX + dowhy_name,
        title="DoWhy (stock): " + dowhy_name.split(".", 1)[1].replace("_", " "),
        family="stock",
        dowhy_name=dowhy_name,
        summary="DoWhy's own estimator, as it is. " + _KNOWN_FAULTS.get(dowhy_name, ""),
        assumes=("What DoWhy's documentation of this estimator says.",),
        options=StockOptions,
        fit=_needs_the_table,
        source="DoWhy 0.14",
        adjusts=road == "backdoor",
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
    """One stock estimate; no standard error unless replicates are asked for, and no weights.

    Raises EstimationError with DoWhy's own words where it fails, NotIdentified where the graph has no such road.
    """
    road = dowhy_name.split(".", 1)[0]
    frame, edges, hidden = _safe_frame(table, sample, question, estimand, road)
    effects = _effects(frame, edges, hidden, dowhy_name, _TARGETS[sample.target], options)
    spread = float(np.std(effects[1:], ddof=1)) if len(effects) > 2 else float("nan")
    base = float(sample.outcome[~sample.treated].mean())
    missing = np.full((2, 2), np.nan)
    notes = [_KNOWN_FAULTS[dowhy_name]] if dowhy_name in _KNOWN_FAULTS and not options.corrected else []
    notes.append(
        "DoWhy gives the effect only: the control mean shown is the plain one, the treated mean adds the effect."
    )
    if len(effects) == 1:
        notes.append("No interval: DoWhy has none in closed form for this method. Ask for bootstrap replicates.")
    return Fit(
        sample=sample,
        means=(base, base + effects[0]),
        covariance=missing,
        effect_std_error=spread,
        notes=tuple(notes),
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


def _effects(
    frame: pd.DataFrame, edges: list[tuple[str, str]], hidden: bool, name: str, target: str, options: StockOptions
) -> list[float]:
    """The estimate, then one per bootstrap replicate; each on its own copy, as DoWhy writes into its frame."""
    rng = np.random.default_rng(0)
    found = [_one(frame, edges, hidden, name, target, options)]
    for _ in range(options.replicates):
        drawn = frame.iloc[rng.integers(0, len(frame), len(frame))].reset_index(drop=True)
        found.append(_one(drawn, edges, hidden, name, target, options))
    return found


def _one(
    frame: pd.DataFrame, edges: list[tuple[str, str]], hidden: bool, name: str, target: str, options: StockOptions
) -> float:
    if ".econml." in name and importlib.util.find_spec("econml") is None:
        raise OptionProblem("EconML is not installed here. Install it, or choose another method.")
    import networkx as nx
    from dowhy import CausalModel

    graph = nx.DiGraph(edges)
    if hidden:
        graph.add_edges_from([("u", "t"), ("u", "y")])
    logging.getLogger("dowhy").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            model = CausalModel(frame.copy(), treatment="t", outcome="y", graph=graph)
            estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="maximal-adjustment")
            estimate = model.estimate_effect(
                estimand, method_name=name, target_units=target, method_params=_parameters(name, options)
            )
        except ImportError as error:
            raise OptionProblem(f'DoWhy has no estimator "{name}". Try one of: {", ".join(STOCK_NAMES)}.') from error
        except Exception as error:
            raise EstimationError(f"DoWhy's {name} failed: {error}. Choose one of our methods instead.") from error
    value = estimate.value
    if value is None or not np.isfinite(float(np.asarray(value).squeeze())):
        raise EstimationError(f"DoWhy's {name} gave no number for this question. Choose one of our methods instead.")
    return float(np.asarray(value).squeeze())


def _parameters(name: str, options: StockOptions) -> dict[str, Any]:
    if name == "backdoor.generalized_linear_model":
        import statsmodels.api as sm

        return {"init_params": {"glm_family": sm.families.Gaussian()}}
    if not options.corrected or "propensity" not in name:
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
