"""A model with ordered columns made ready to be fitted: levels, first stages by group, and the responses' moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causal.errors import TooFewUnits
from causal.structural.implied import layout_of
from causal.structural.likelihood import Group, Pattern
from causal.structural.margins import Array
from causal.structural.model import Equal, Parameterization, SemModel, build_model, check_ordered, columns_of_model
from causal.structural.model_text import ModelText
from causal.structural.moments import Moments, check_moments, moments_of
from causal.structural.ordered_moments import OrderedMoments, levels_of, ordered_moments
from causal.structural.rows import SemRows, filled, rows_of
from causal.structural.weighted_fit import Weighted

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable


@dataclass(frozen=True)
class OrderedRows:
    """The model, its rows, what the fit sees of them, and the moments of the normal responses (per group).

    `levels`: the values of each ordered column, in the model's order.
    """

    model: SemModel
    rows: SemRows
    seen: Weighted
    moments: tuple[Moments, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    levels: tuple[tuple[float, ...], ...]


def ordered_rows(
    frame: pd.DataFrame | UnitTable,
    text: ModelText,
    ordered: Sequence[str],
    group: str | None,
    equal: Sequence[Equal],
    growth: bool,
    missing: str = "leave out",
    parameterization: Parameterization = "delta",
) -> OrderedRows:
    """Everything that a fit needs, `ordered` columns as cut responses; the rest as in SemOptions.

    Raises GraphError, UnknownColumn, LogError, TooFewUnits, or EstimationError that names the column or the pair.
    """
    check_ordered(text, ordered, parameterization)
    observed, exogenous = columns_of_model(text)
    rows = rows_of(frame, observed, exogenous, group, missing, checked=False)
    values = [filled(rows, at, len(observed)) for at in range(len(rows.groups))]
    whole = np.concatenate(values)
    wheres = [f' in the group "{label}"' if group is not None else "" for label in rows.groups]
    levels = {name: levels_of(whole[:, observed.index(name)], name) for name in ordered}
    inner = [at for at, name in enumerate(observed) if name not in exogenous]
    outer = [at for at, name in enumerate(observed) if name in exogenous]
    names = [observed[at] for at in inner]
    seen = []
    for own, where in zip(values, wheres, strict=True):
        _check_quantities(own, observed, levels, where)
        seen.append(ordered_moments(own[:, inner], names, levels, own[:, outer], where))
    counts = {name: len(levels[name]) for name in ordered}
    model = build_model(text, len(rows.groups), True, equal, growth, counts, parameterization)
    moments = tuple(_responses(each, inner, outer) for each in seen)
    layouts = tuple(layout_of(model, at, each) for at, each in enumerate(moments))
    whole_pattern = np.arange(len(observed))
    groups = tuple(
        Group(layout, (Pattern(whole_pattern, each),)) for layout, each in zip(layouts, moments, strict=True)
    )
    return OrderedRows(
        model=model,
        rows=rows,
        seen=Weighted(layouts, tuple(seen)),
        moments=moments,
        groups=groups,
        notes=tuple(_notes(seen, wheres)),
        levels=tuple(tuple(levels[name].tolist()) for name, _ in model.ordered),
    )


def _check_quantities(own: Array, observed: Sequence[str], levels: dict[str, Array], where: str) -> None:
    unseen = np.flatnonzero(np.isnan(own).all(axis=0))
    if len(own) and len(unseen):
        raise TooFewUnits(f'"{observed[unseen[0]]}" has no value at all{where}. Leave it out of the model.')
    kept = [at for at, name in enumerate(observed) if name not in levels]
    quantities = own[:, kept]
    whole = quantities[~np.isnan(quantities).any(axis=1)]
    if len(whole) < len(quantities):
        for at in kept:
            check_moments(moments_of(own[~np.isnan(own[:, at])][:, [at]]), [observed[at]], where)
    if kept and (len(whole) == len(quantities) or len(whole) > len(kept)):
        check_moments(moments_of(whole), [observed[at] for at in kept], where)


def _responses(seen: OrderedMoments, inner: Sequence[int], outer: Sequence[int]) -> Moments:
    """Means and covariances of all columns, an ordered one by its normal response."""
    p = len(inner) + len(outer)
    mean, slopes, left_over = np.zeros(p), np.zeros((p, len(outer))), np.zeros((p, p))
    start = 0
    for place, levels in zip(inner, seen.levels, strict=True):
        cuts = levels - 1 if levels else 1
        slopes[place] = seen.values[start + cuts : start + cuts + len(outer)]
        mean[place] = 0.0 if levels else seen.values[start]
        left_over[place, place] = 1.0 if levels else seen.values[start + cuts + len(outer)]
        start += cuts + len(outer) + (0 if levels else 1)
    for (i, j), value in zip(seen.pairs, seen.values[start:].tolist(), strict=True):
        left_over[inner[i], inner[j]] = left_over[inner[j], inner[i]] = value
    slopes[outer] = np.eye(len(outer))
    mean[list(outer)] = 0.0
    return Moments(seen.n, mean + slopes @ seen.mean, slopes @ seen.covariance @ slopes.T + left_over)


def _notes(seen: Sequence[OrderedMoments], wheres: Sequence[str]) -> list[str]:
    found = []
    for each, where in zip(seen, wheres, strict=True):
        if each.empty:
            told = ", ".join(f'"{left}" with "{right}"' for left, right in each.empty[:3])
            more = f" and {len(each.empty) - 3} more pairs" if len(each.empty) > 3 else ""
            found.append(
                f"Some pair of levels occurs in no row{where}: {told}{more}. Their correlations are uncertain; putting "
                "rare levels together with their neighbours makes them firmer."
            )
    return found
