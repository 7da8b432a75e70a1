"""What refits, draws, rows not seen and what-ifs say of a fitted structural equation model, as rows of intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots.interval_rows import IntervalRow, interval_rows
from causal.wording import structure_further as wording
from causal.wording.numbers import interval, number, percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.interventions.structural_equations import StructuralScenario
    from causal.structural.bootstrap import SemBootstrap
    from causal.structural.held_out import HeldOutFit, HeldOutOutcome
    from causal.structural.posterior import SemPosterior
    from causal.structural.quantities import Quantity

MOST_ROWS = 30


def scenario(found: StructuralScenario, dark: bool = False, narrow: bool = False) -> Figure:
    """How far every variable below the changes moves, in standard deviations, with its interval."""
    spread = {each.name: each.before for each in found.deviations}
    rows = []
    for node in found.nodes:
        ends = node.interval()
        if node.role == "as it was" or node.difference is None or ends is None or spread[node.name] == 0:
            continue
        unit = spread[node.name]
        rows.append(
            IntervalRow(
                label=node.name + (" (changed)" if node.role == "changed" else ""),
                text=f"{number(node.difference, signed=True)} {interval(*ends)}",
                hover=wording.scenario_sentence(node),
                value=node.difference / unit,
                interval=(ends[0] / unit, ends[1] / unit),
                strong=ends[0] > 0 or ends[1] < 0,
            )
        )
    title = wording.scenario_title(found)
    return interval_rows(
        rows[:MOST_ROWS],
        title=title,
        alt=f"{title}. " + " ".join(row.hover for row in rows[:10]),
        x_title=f"Change of the mean, in standard deviations now; digits in own units, {percent(0.95)} interval",
        binary=False,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def scenario_rows(found: StructuralScenario) -> list[dict[str, Any]]:
    """Every variable before and after, as a table."""
    listed = []
    for node, spread in zip(found.nodes, found.deviations, strict=True):
        ends = node.interval() or (None, None)
        listed.append(
            {
                "variable": node.name,
                "role": node.role,
                "mean_before": node.before,
                "mean_after": node.after,
                "difference": node.difference,
                "low": ends[0],
                "high": ends[1],
                "deviation_before": spread.before,
                "deviation_after": spread.after,
            }
        )
    return listed


def refits(found: SemBootstrap, dark: bool = False, narrow: bool = False) -> Figure:
    """Standardised arrows with their bias-corrected intervals, then indirect effects."""
    rows = [
        _row(each, found.groups, each.estimate, each.corrected, wording.resampled_sentence(each))
        for each in found.rows
        if _shown(each, each.estimate)
    ]
    title = f"Intervals by {found.replicates - found.failed:,} refits, corrected for bias"
    return _intervals(
        rows, title, f"Coefficient, standardised for arrows, {percent(found.confidence)} interval", dark, narrow
    )


def refit_rows(found: SemBootstrap) -> list[dict[str, Any]]:
    """Every number with its spread and intervals, as a table."""
    return [
        {
            "number": each.name,
            "kind": each.kind,
            "group": found.groups[each.group],
            "estimate": each.estimate,
            "std_error": each.std_error,
            "corrected_low": each.corrected[0],
            "corrected_high": each.corrected[1],
            "percentile_low": each.percentile[0],
            "percentile_high": each.percentile[1],
        }
        for each in found.rows
    ]


def posterior(found: SemPosterior, dark: bool = False, narrow: bool = False) -> Figure:
    """Standardised arrows with their posterior intervals, then indirect effects."""
    rows = [
        _row(each, found.groups, each.mean, each.interval, wording.drawn_sentence(each))
        for each in found.rows
        if _shown(each, each.mean)
    ]
    title = f"What is likely after the data: means and {percent(found.confidence)} intervals of the draws"
    return _intervals(rows, title, "Coefficient, standardised for arrows", dark, narrow)


def posterior_rows(found: SemPosterior) -> list[dict[str, Any]]:
    """Every number with how its draws went, as a table."""
    return [
        {
            "number": each.name,
            "kind": each.kind,
            "group": found.groups[each.group],
            "mean": each.mean,
            "deviation": each.deviation,
            "median": each.median,
            "low": each.interval[0],
            "high": each.interval[1],
            "r_hat": each.r_hat,
            "effective_draws": each.effective,
            "effective_draws_of_tails": each.effective_tails,
            "moved_by_priors": each.moved,
        }
        for each in found.rows
    ]


def held_out(found: HeldOutFit, dark: bool = False, narrow: bool = False) -> Figure:
    """How much more of each outcome's variance the model predicts than a regression, on rows not seen."""
    title = wording.held_out_finding(found).rstrip(".")
    return interval_rows(
        [_gain(each) for each in found.outcomes[:MOST_ROWS]],
        title=title,
        alt=f"{title}. " + " ".join(wording.outcome_sentence(each) for each in found.outcomes[:10]),
        x_title=f"Variance predicted beyond a regression, points, {percent(0.95)} interval",
        binary=True,
        zero=True,
        dark=dark,
        narrow=narrow,
    )


def _gain(each: HeldOutOutcome) -> IntervalRow:
    apart, whole = each.squared_error.against_plain, each.squared_error.nothing
    low, high = apart.interval()
    ends = (-high / whole, -low / whole)
    return IntervalRow(
        label=each.column,
        text=f"model {percent(each.r_squared)}, regression {percent(each.plain_r_squared)}",
        hover=wording.outcome_sentence(each),
        value=-apart.difference / whole,
        interval=ends,
        strong=ends[0] > 0 or ends[1] < 0,
    )


def held_out_rows(found: HeldOutFit) -> list[dict[str, Any]]:
    """Every loss, as a table."""
    listed = [("all columns", "minus log density", found.surprise)]
    for each in found.outcomes:
        listed += [
            (each.column, "squared error", each.squared_error),
            (each.column, "minus log density", each.surprise),
        ]
    return [
        {
            "predicted": column,
            "loss": kind,
            "model": loss.model,
            "plain": loss.plain,
            "mean": loss.nothing,
            "model_less_plain": loss.against_plain.difference,
            "std_error": loss.against_plain.std_error,
            "model_less_mean": loss.against_nothing.difference,
            "std_error_of_that": loss.against_nothing.std_error,
        }
        for column, kind, loss in listed
    ]


def _shown(each: Quantity, value: float) -> bool:
    if each.kind == "standardised":
        return " ~ " in each.name
    return each.kind == "defined" or (each.kind == "indirect" and abs(value) > 1e-12)


def _row(each: Quantity, groups: tuple[str, ...], value: float, ends: tuple[float, float], hover: str) -> IntervalRow:
    label, text = _label(each, groups), f"{number(value, signed=True)} {interval(*ends)}"
    return IntervalRow(label, text, hover, value, ends, strong=ends[0] > 0 or ends[1] < 0)


def _label(each: Quantity, groups: tuple[str, ...]) -> str:
    where = f" ({groups[each.group]})" if len(groups) > 1 else ""
    if each.kind == "standardised":
        effect, cause = each.name.split(" ~ ")
        return f"{cause} → {effect}{where}"
    return f"{each.name}, through others{where}" if each.kind == "indirect" else each.name


def _intervals(rows: list[IntervalRow], title: str, x_title: str, dark: bool, narrow: bool) -> Figure:
    shown = rows[:MOST_ROWS]
    alt = f"{title}. " + " ".join(row.hover for row in shown[:10])
    return interval_rows(shown, title, alt, x_title, binary=False, zero=True, dark=dark, narrow=narrow)
