"""A structural equation model fitted to rows: identification first, then the likelihood, then what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causal.errors import EstimationError, NotIdentified
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.structural import solution
from causal.structural.fit_measures import FitMeasures, FitTest, comparative, rmsea_of, srmr_of
from causal.structural.identification import count_moments, identification_at
from causal.structural.implied import Layout, implied
from causal.structural.likelihood import deviance
from causal.structural.model import SemModel
from causal.structural.model_text import read_model
from causal.structural.modification import Modification, modifications, weighted_modifications
from causal.structural.moments import Moments
from causal.structural.prepared import USUAL, Prepared, SemOptions, identified_start, in_loops, prepare
from causal.structural.saturated import deviance_of, unrelated
from causal.structural.search import maximise
from causal.structural.sem_fit import Coefficient, Explained, PathEffect, SemFit
from causal.structural.uncertainty import covariance_of_estimates, scaling_factor
from causal.structural.weighted_fit import covariance_of_weighted, least_squares, weighted_test

if TYPE_CHECKING:
    import pandas as pd

MODIFICATIONS = 50
"""So many modification indices are kept, the largest."""


def fit_sem(
    frame: pd.DataFrame | UnitTable,
    model: str | CausalGraph,
    options: SemOptions = USUAL,
    progress: Progress = silent,
) -> SemFit:
    """The model (lavaan's syntax, or a graph whose unobserved variables are latent) fitted by maximum likelihood.

    With ordered columns, by weighted least squares.

    What is not written follows the defaults of lavaan's `sem()`, as `model.py` says. Errors of the estimates follow
    `options`. Raises GraphSyntax (text), UnknownColumn, LogError (columns that are no numbers), NotIdentified (which
    names the parameters that no data can tell), TooFewUnits, OptionProblem, or EstimationError (constant or dependent
    columns; no solution found).
    """
    text = read_model(model.to_text("lavaan") if isinstance(model, CausalGraph) else model)
    progress(0.05, "reading the columns")
    prepared = prepare(frame, text, options)
    theta = solve(prepared, options, progress)
    progress(0.7, "measuring the errors and the fit")
    return _described(prepared, theta, options)


def solve(prepared: Prepared, options: SemOptions, progress: Progress = silent) -> NDArray[np.float64]:
    """The estimates (k,): of greatest likelihood, or of least weighted distance where columns are ordered.

    Raises NotIdentified, or EstimationError where the search does not settle.
    """
    if prepared.model.free == 0:
        raise EstimationError("Every coefficient is held at a value: there is nothing to estimate. Free one of them.")
    try:
        theta, settled = _searched(prepared, options, progress)
    except np.linalg.LinAlgError:
        raise EstimationError(
            "The equations say that columns determine one another exactly, which the rows do not. A residual variance "
            "may be held at 0, or a variable may be made of itself: change that line."
        ) from None
    if not settled:
        raise EstimationError(
            "No solution was found: the search for the best fit did not settle. Give it fewer free "
            'parameters, starting values ("start(0.5)*x"), or more rows.'
        )
    return theta


def _searched(prepared: Prepared, options: SemOptions, progress: Progress) -> tuple[NDArray[np.float64], bool]:
    """Where the search ended, and whether it settled."""
    progress(0.2, "asking whether the data can tell the parameters")
    start = identified_start(prepared)
    if prepared.weighted is not None:
        progress(0.3, "minimising the weighted distance")
        return least_squares(prepared.weighted, start, prepared.scales, options.seed)
    progress(0.3, "maximising the likelihood")
    found = maximise(prepared.groups, start, prepared.scales, options.seed)
    return found.theta, found.converged


def _described(prepared: Prepared, theta: NDArray[np.float64], options: SemOptions) -> SemFit:
    model, layouts = prepared.model, prepared.layouts
    local = identification_at(model, layouts, theta, prepared.scales, prepared.slopes)
    if not local.identified:
        listed = ", ".join(f'"{name}"' for name in local.unidentified)
        raise NotIdentified(
            f"At the estimates these parameters cannot be told from the data: {listed}. The model can tell them only "
            "where some coefficient that is zero here is not. Drop one of them, or fix it."
        )
    covariance = _covariance(prepared, theta, options)
    test = fit_test(prepared, theta, options)
    coefficients = _coefficients(prepared, theta, covariance)
    radius = tuple(_radius(model, layout, theta) for layout in layouts)
    return SemFit(
        observed=model.observed,
        latent=model.latent,
        exogenous=model.exogenous,
        groups=prepared.rows.groups,
        n=sum(group.n for group in prepared.groups),
        left_out=prepared.rows.left_out,
        coefficients=coefficients,
        measures=test.plain,
        scaling=test.scaling,
        effects=_effects(prepared, theta, covariance),
        explained=_explained(prepared, theta),
        residuals=tuple(_residuals(prepared, theta)),
        modifications=_modifications(prepared, theta)[:MODIFICATIONS],
        means=tuple(tuple(seen.mean.tolist()) for seen in prepared.moments),
        covariance=tuple(tuple(row) for row in covariance.tolist()),
        spectral_radius=radius,
        errors="weighted" if options.ordered else options.errors,
        missing=options.missing,
        group_column=options.group,
        coded=prepared.coded,
        notes=(*prepared.notes, *_warnings(prepared, theta, coefficients, radius)),
        confidence=options.confidence,
        group_rows=tuple(group.n for group in prepared.groups),
        ordered=tuple(name for name, _ in model.ordered),
        levels=prepared.levels,
        shift=test.shift,
        scaled_measures=test.scaled,
    )


def _covariance(prepared: Prepared, theta: NDArray[np.float64], options: SemOptions) -> NDArray[np.float64]:
    if prepared.weighted is not None:
        return covariance_of_weighted(prepared.weighted, theta)
    return covariance_of_estimates(prepared.groups, prepared.rows.values, theta, options.errors)


def fit_test(prepared: Prepared, theta: NDArray[np.float64], options: SemOptions) -> FitTest:
    """How well the estimates fit, and by what the chi-square is adjusted where errors are robust."""
    model, groups, moments = prepared.model, prepared.groups, prepared.moments
    if prepared.weighted is not None:
        return weighted_test(prepared.weighted, theta)
    measures = _measures(prepared, theta)
    scaling = scaling_factor(model, groups, moments, prepared.rows.values, theta, measures.df, options.errors)
    return FitTest(measures, None, scaling, 0.0)


def _modifications(prepared: Prepared, theta: NDArray[np.float64]) -> tuple[Modification, ...]:
    if prepared.weighted is not None:
        return weighted_modifications(prepared.model, prepared.weighted, prepared.moments, theta)
    return modifications(prepared.model, prepared.groups, prepared.moments, theta)


def _measures(prepared: Prepared, theta: NDArray[np.float64]) -> FitMeasures:
    model, rows = prepared.model, prepared.rows
    n = sum(group.n for group in prepared.groups)
    reached = deviance(prepared.groups, theta)
    outside = [model.observed.index(name) for name in model.exogenous]
    best = alone = width = 0.0
    for seen, patterns in zip(prepared.moments, rows.patterns, strict=True):
        best += deviance_of(patterns, seen, model.means)
        alone += deviance_of(patterns, unrelated(patterns, seen, outside), model.means)
        width += sum(each.moments.n * len(each.columns) for each in patterns)
    chi2, baseline = max(reached - best, 0.0), alone - best
    moments = count_moments(model)
    df = moments - model.free
    inner = len(model.observed) - len(outside)
    baseline_df = moments - model.groups * inner * (2 if model.means else 1)
    cfi, tli = comparative(chi2, df, baseline, baseline_df)
    rmsea, interval = rmsea_of(chi2, df, n, model.groups)
    fixed = sum(_own_deviance(seen, outside) for seen in prepared.moments)
    log_likelihood = -(reached + width * np.log(2 * np.pi) - fixed) / 2
    return FitMeasures(
        chi2=chi2,
        df=df,
        p_value=float(stats.chi2.sf(chi2, df)) if df else float("nan"),
        baseline_chi2=baseline,
        baseline_df=baseline_df,
        cfi=cfi,
        tli=tli,
        rmsea=rmsea,
        rmsea_interval=interval,
        srmr=srmr_of(prepared.groups, prepared.moments, theta),
        log_likelihood=float(log_likelihood),
        aic=float(-2 * log_likelihood + 2 * model.free),
        bic=float(-2 * log_likelihood + np.log(n) * model.free),
    )


def _own_deviance(seen: Moments, outside: Sequence[int]) -> float:
    """-2 log-likelihood of the exogenous columns alone, which is no part of the model's."""
    if not outside:
        return 0.0
    inside = seen.covariance[np.ix_(outside, outside)]
    return seen.n * (float(np.linalg.slogdet(inside)[1]) + len(outside) * (1 + float(np.log(2 * np.pi))))


def _coefficients(
    prepared: Prepared, theta: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[Coefficient, ...]:
    model, layouts = prepared.model, prepared.layouts
    place = {name: at for at, name in enumerate(model.variables)}
    points = [implied(layout, theta) for layout in layouts]
    spread, spread_errors = solution.with_errors(solution.standardised(model, layouts), theta, covariance)
    spread_errors[spread_errors < 1e-12] = 0.0
    errors = np.sqrt(np.diag(covariance))
    found = [
        Coefficient(
            left=each.left,
            operator=each.operator,
            right=each.right,
            group=each.group,
            free=each.free is not None,
            estimate=float(solution.coefficient(each, points[each.group], place, theta)),
            std_error=0.0 if each.free is None else float(errors[each.free]),
            standardised=float(spread[at]),
            standardised_error=float(spread_errors[at]),
            origin=each.origin,
            label=each.label,
            place=each.free,
        )
        for at, each in enumerate(model.parameters)
    ]
    return (*found, *_defined(model, found, covariance))


def _defined(model: SemModel, found: Sequence[Coefficient], covariance: NDArray[np.float64]) -> list[Coefficient]:
    """The parameters written with :=, in the order written; one may use those before it."""
    labelled: dict[str, tuple[float, NDArray[np.float64], float]] = {}
    for each, coefficient in zip(model.parameters, found, strict=True):
        if each.label:
            slope = np.zeros(model.free)
            if each.free is not None:
                slope[each.free] = 1.0
            labelled.setdefault(each.label, (coefficient.estimate, slope, coefficient.standardised))
    made = []
    for defined in model.defined:
        values = {name: value for name, (value, _, _) in labelled.items()}
        estimate = defined.value(values)
        slope = np.zeros(model.free)
        for part, name in zip(defined.gradient(values), defined.names, strict=True):
            slope += part * labelled[name][1]
        standard = defined.value({name: value for name, (_, _, value) in labelled.items()})
        labelled[defined.name] = (estimate, slope, standard)
        variance = float(slope @ covariance @ slope)
        error = max(variance, 0.0) ** 0.5
        made.append(
            Coefficient(
                defined.name, ":=", defined.written, 0, False, estimate, error, standard, float("nan"), "defined"
            )
        )
    return made


def _effects(prepared: Prepared, theta: NDArray[np.float64], covariance: NDArray[np.float64]) -> tuple[PathEffect, ...]:
    pairs, function = solution.effects(prepared.model, prepared.layouts)
    if not pairs:
        return ()
    values, errors = (each.reshape(3, -1) for each in solution.with_errors(function, theta, covariance))
    return tuple(
        PathEffect(
            cause,
            effect,
            group,
            *(float(each) for kind in range(3) for each in (values[kind, at], errors[kind, at])),
        )
        for at, (group, cause, effect) in enumerate(pairs)
    )


def _explained(prepared: Prepared, theta: NDArray[np.float64]) -> tuple[Explained, ...]:
    names, function = solution.explained(prepared.model, prepared.layouts)
    values = function(theta)
    return tuple(Explained(name, group, float(share)) for (group, name), share in zip(names, values, strict=True))


def _residuals(prepared: Prepared, theta: NDArray[np.float64]) -> list[tuple[tuple[float, ...], ...]]:
    """Correlations of the data less those implied, as lavaan's residuals of type "cor.bollen"."""
    found = []
    for layout, seen in zip(prepared.layouts, prepared.moments, strict=True):
        at = implied(layout, theta)
        here, there = np.sqrt(np.diag(seen.covariance)), np.sqrt(np.diag(at.covariance))
        apart = seen.covariance / np.outer(here, here) - at.covariance / np.outer(there, there)
        found.append(tuple(tuple(row) for row in apart.tolist()))
    return found


def _radius(model: SemModel, layout: Layout, theta: NDArray[np.float64]) -> float:
    return solution.spectral_radius(implied(layout, theta)) if in_loops(model) else 0.0


def _warnings(
    prepared: Prepared, theta: NDArray[np.float64], coefficients: Sequence[Coefficient], radius: Sequence[float]
) -> list[str]:
    """What makes the solution doubtful, each in a sentence."""
    model = prepared.model
    found = []
    for each in coefficients:
        told = each.free or each.origin == "scale"
        if each.operator == "~~" and each.left == each.right and told and each.estimate < 0:
            where = f' in the group "{prepared.rows.groups[each.group]}"' if model.groups > 1 else ""
            found.append(
                f'The residual variance of "{each.left}" comes out below zero{where} ({each.estimate:.3g}): a Heywood '
                "case. The model is wrong for it, or the rows are too few; do not read its other numbers as they stand."
            )
    latent = [len(model.observed) + at for at in range(len(model.latent))]
    for layout in prepared.layouts:
        at = implied(layout, theta)
        if latent and np.linalg.eigvalsh(at.among[np.ix_(latent, latent)])[0] < -1e-10:
            found.append(
                "The covariances among the latent variables are no covariances (not positive definite): two of them "
                "may be one and the same, or a correlation is estimated beyond one."
            )
            break
    for size in radius:
        if size >= 1:
            found.append(
                f"What goes round in the loop does not die out (spectral radius {size:.3g}, not below 1): there is no "
                "state in which the equations hold together, so total effects have no meaning."
            )
    return found
