"""Coarsened exact matching: columns are cut into bins, and units are compared within the cells of equal bins.

Iacus, King and Porro (2012), Political Analysis 20: 1-24, with the bins of R's MatchIt: as wide as each other, as many
as Sturges' or Scott's rule says, closed on the left. Units whose cell lacks the other arm are left out, so the answer
is for the others: the feasible ones. Standard error within cells: Imbens and Rubin (2015), Causal Inference, section
17.5, with the spread of the cells over the target; or as R users do it, weighted least squares with HC2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.errors import OptionProblem, TooFewUnits
from causal.estimators.design import Covariate, Flags, Floats, Sample
from causal.estimators.fit import Fit
from causal.estimators.method import Method
from causal.estimators.uncertainty import covariance_of_means
from causal.study import POPULATIONS

Places = NDArray[np.int64]

ON_THE_EDGE = 1e-9
"""A value nearer than this (in bins, or in standard deviations) to an edge lies on it, and so above it."""


@dataclass(frozen=True)
class CoarsenedMatchingOptions:
    """`bins`: the rule for how many a numeric column gets; `cut_points`: edges of one's own instead, a line per column
    such as "age: 25, 40" (no edge: one bin for all); `spread`: from that within cells, or by weighted least
    squares.
    """

    bins: Literal["sturges", "scott"] = "sturges"
    cut_points: str = ""
    spread: Literal["within_cells", "weighted"] = "within_cells"


def fit(sample: Sample, options: CoarsenedMatchingOptions) -> Fit:
    """The cells' mean outcomes per arm, averaged as the target's matched units are spread over the cells.

    Raises TooFewUnits where no cell holds both arms, OptionProblem for cut points that cannot be read.
    """
    cell = _cells(sample, options)
    count = int(cell.max()) + 1
    sizes = _by_arm(sample, cell, count)
    both: Flags = np.asarray((sizes > 0).all(axis=0), dtype=bool)
    if not both.any():
        raise TooFewUnits(
            f"None of the {count:,} cells holds units of both arms. Give wider bins (cut points), adjust for fewer "
            "columns, or choose another method."
        )
    inside = both[cell]
    _require_matched(sample, inside)
    kept = sample if inside.all() else sample.keep(inside)
    found = _within_cells(kept, pd.factorize(cell[inside])[0].astype(np.int64), options)
    return replace(found, share_trimmed=float(1 - inside.mean()), notes=(_who_is_matched(sample, inside, both),))


def _require_matched(sample: Sample, inside: Flags) -> None:
    for arm, level in ((~sample.treated, sample.control_level), (sample.treated, sample.treated_level)):
        if (inside & arm).sum() == 1:
            raise TooFewUnits(
                f"Only 1 unit with treatment level {level!r} is in a cell with units of the other arm; an effect with "
                "an interval needs at least 2. Give wider bins (cut points), or adjust for fewer columns."
            )


def _within_cells(sample: Sample, cell: Places, options: CoarsenedMatchingOptions) -> Fit:
    h, count = sample.target_weight, int(cell.max()) + 1
    sizes = _by_arm(sample, cell, count)
    cell_means = _by_arm(sample, cell, count, sample.outcome) / sizes
    wanted = np.bincount(cell, weights=h, minlength=count).astype(np.float64)
    weights = wanted[cell] / sizes[sample.treated.astype(np.int64), cell]
    means = cell_means @ wanted / wanted.sum()
    if options.spread == "weighted":
        covariance = _weighted_least_squares(sample, weights, means)
    else:
        covariance = _spread_of_cells(sample, cell, wanted, sizes, cell_means, means)
    return Fit(sample=sample, means=(float(means[0]), float(means[1])), covariance=covariance, weights=weights)


def _spread_of_cells(
    sample: Sample, cell: Places, wanted: Floats, sizes: Floats, cell_means: Floats, means: Floats
) -> Floats:
    """(2, 2) covariance of the arms' means: the noise of each cell's mean, and the spread of the cells over the target.

    `wanted` (cells,) counts the target's units; the arrays (2, cells) hold sizes and means, control first. A unit alone
    in its cell and arm takes the arm's pooled spread within cells. The cells' means spread by their own noise too,
    which is taken out again; with clusters, whose noise is shared between cells, it stays.
    """
    h, n, total, count = sample.target_weight, len(sample), wanted.sum(), len(wanted)
    influences, beside = [], np.zeros(2)
    for place, arm in enumerate((~sample.treated, sample.treated)):
        expected = cell_means[place][cell]
        residual = np.where(arm, sample.outcome - expected, 0.0)
        squares = np.bincount(cell, weights=residual**2, minlength=count)
        freedom = sizes[place] - 1
        several = freedom > 0
        if several.any():
            pooled = squares.sum() / freedom.sum()
        else:  # every unit is alone: the spread around the arm's mean, which the covariates may explain in part
            pooled = float(np.var(sample.outcome[arm], ddof=1))
        noise = np.where(several, squares / np.maximum(freedom, 1), pooled) / sizes[place]
        scaled = residual * np.sqrt(sizes[place] / np.maximum(freedom, 1))[cell] * (wanted / sizes[place])[cell]
        influences.append((h * (expected - means[place]) + scaled) * n / total)
        beside[place] = float((wanted**2 * noise)[~several].sum()) / total**2
        if sample.clusters is None:
            beside[place] -= float(wanted @ noise) / total**2
    return covariance_of_means((influences[0], influences[1]), sample.clusters) + np.diag(beside)


def _weighted_least_squares(sample: Sample, weights: Floats, means: Floats) -> Floats:
    """(2, 2) covariance of the arms' weighted means by HC2, the weights taken as given (R's lm and vcovHC)."""
    n, influences = len(sample), []
    for mean, arm in zip(means, (~sample.treated, sample.treated), strict=True):
        part = np.where(arm, weights, 0.0) / weights[arm].sum()
        influences.append(n * part * (sample.outcome - mean) / np.sqrt(np.maximum(1 - part, 1e-12)))
    return covariance_of_means((influences[0], influences[1]), sample.clusters)


def _by_arm(sample: Sample, cell: Places, count: int, values: Floats | None = None) -> Floats:
    """(2, cells) sizes, or sums of values, control first."""
    place = cell + count * sample.treated
    return np.bincount(place, weights=values, minlength=2 * count).reshape(2, count).astype(np.float64)


def _cells(sample: Sample, options: CoarsenedMatchingOptions) -> Places:
    """(n,) codes of the cells: equal where every column's bin is."""
    edges = _parsed(options.cut_points)
    names = {each.name for each in sample.covariates}
    for name in edges:
        if name not in names:
            raise OptionProblem(
                f'Coarsened matching: the cut points name "{name}", which is not adjusted for. '
                f"Adjusted for are: {', '.join(sorted(names)) or 'no columns'}."
            )
    cell = np.zeros(len(sample), dtype=np.int64)
    for covariate in sample.covariates:
        bins = _bins(sample, covariate, options.bins, edges.get(covariate.name))
        cell = pd.factorize(cell * (int(bins.max()) + 1) + bins)[0].astype(np.int64)
    return cell


def _bins(sample: Sample, covariate: Covariate, rule: str, edges: tuple[float, ...] | None) -> Places:
    """(n,) the bin of each unit: its level, where the column is a category."""
    if covariate.levels:
        if edges is not None:
            raise OptionProblem(
                f'Coarsened matching: "{covariate.name}" is a category and is matched exactly; it has no cut points.'
            )
        found = np.zeros(len(sample), dtype=np.int64)
        for place in range(covariate.count):
            column = covariate.first + place
            found[sample.model[:, column] * sample.scales[column] + sample.centres[column] > 0.5] = place + 1
        return found
    values = sample.model[:, covariate.first]
    if edges is not None:
        scaled = (np.array(edges) - sample.centres[covariate.first]) / sample.scales[covariate.first]
        return np.searchsorted(scaled - ON_THE_EDGE, values, side="right").astype(np.int64)
    low, span = float(values.min()), float(np.ptp(values))
    count = _how_many(values, rule)
    if span == 0 or count == 1:
        return np.zeros(len(sample), dtype=np.int64)
    return np.clip(np.floor((values - low) / span * count + ON_THE_EDGE), 0, count - 1).astype(np.int64)


def _how_many(values: Floats, rule: str) -> int:
    """R's nclass.Sturges and nclass.scott."""
    if rule == "sturges":
        return int(np.ceil(np.log2(len(values)) + 1))
    width = 3.5 * float(values.std(ddof=1)) * len(values) ** (-1 / 3)
    return max(1, int(np.ceil(float(np.ptp(values)) / width))) if width > 0 else 1


def _parsed(text: str) -> dict[str, tuple[float, ...]]:
    """The edges per column, from lines such as "age: 25, 40".

    Raises OptionProblem.
    """
    found = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, colon, numbers = line.rpartition(":")
        try:
            edges = sorted({float(each) for each in numbers.replace(",", " ").split()})
        except ValueError:
            edges, colon = [], ""
        if not colon or not np.isfinite(edges).all():
            raise OptionProblem(
                f'Coarsened matching: the cut points "{line}" cannot be read. Write a column and its edges on each '
                "line, such as age: 25, 40."
            )
        found[name.strip()] = tuple(edges)
    return found


def _who_is_matched(sample: Sample, inside: Flags, both: Flags) -> str:
    kept = [(int((inside & arm).sum()), int(arm.sum())) for arm in (sample.treated, ~sample.treated)]
    cells = f"{int(both.sum()):,} of {len(both):,} cells hold both arms"
    if inside.all():
        return f"{cells}, and every unit is matched."
    return (
        f"{cells}: {kept[0][0]:,} of {kept[0][1]:,} treated and {kept[1][0]:,} of {kept[1][1]:,} control units are "
        f"matched, and the effect is for {POPULATIONS[sample.target]} among these."
    )


METHOD = Method(
    name="coarsened_matching",
    title="Coarsened exact matching",
    family="matching",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.CoarsenedMatching",
    summary="Cuts every column into bins and compares the arms among units that fall into the same bins throughout.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "Within a cell of equal bins the arms are comparable.",
        "The units that have a counterpart in the other arm are those that the question is about.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=CoarsenedMatchingOptions,
    fit=fit,
    source="Iacus, King and Porro 2012",
)
