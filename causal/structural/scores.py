"""Factor scores: what each row's columns say of its latent variables (Thurstone 1935, the regression method).

Where columns are ordered, the most likely values take the place of the expected ones (`ordered_scores.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import Implied, implied, layout_of
from causal.structural.model import Parameter, SemModel
from causal.structural.moments import Moments
from causal.structural.ordered_scores import measurement, modes
from causal.structural.rows import rows_of
from causal.structural.sem_fit import SemFit

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable


def factor_scores(frame: pd.DataFrame | UnitTable, fit: SemFit) -> pd.DataFrame:
    """(rows, latent variables) the expected value of each given the row's columns; NaN for rows that were left out.

    Of a fit with ordered columns, the most likely value; a row with a level that the fit never saw has none.

    Rows with some values missing are scored from those they have, where the fit used them. Raises UnknownColumn,
    LogError.
    """
    import pandas as pd

    rows = rows_of(frame, fit.observed, fit.exogenous, fit.group_column, fit.missing, checked=False)
    found = np.full((rows.size, len(fit.latent)), np.nan)
    p = len(fit.observed)
    for group in range(len(fit.groups)):
        at, mean = point_of(fit, group), np.array(fit.means[group])
        for pattern, values, places in zip(rows.patterns[group], rows.values[group], rows.places[group], strict=True):
            columns = pattern.columns
            if fit.ordered:
                found[places] = _most_likely(fit, at, columns, values)
                continue
            weights = np.linalg.solve(at.covariance[np.ix_(columns, columns)], at.among[columns, p:])
            level, centre = (at.level[p:], at.mean) if at.layout.means else (0.0, mean)
            found[places] = level + (values - centre[columns]) @ weights
    return pd.DataFrame(found, columns=list(fit.latent))


def _most_likely(
    fit: SemFit, at: Implied, columns: NDArray[np.intp], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The scores of rows of one group that have these columns, each distinct row once."""
    outer = np.array([fit.observed.index(name) for name in fit.exogenous], dtype=np.intp)
    inner = np.setdiff1d(np.arange(len(fit.observed)), outer)
    levels = dict(zip(fit.ordered, (np.array(each) for each in fit.levels), strict=True))
    cuts = dict(zip([fit.observed.index(name) for name in fit.ordered], _thresholds(fit, at), strict=True))
    own_values, back = np.unique(values, axis=0, return_inverse=True)
    distinct = np.full((len(own_values), len(fit.observed)), np.nan)
    distinct[:, columns] = own_values
    codes = np.zeros((len(distinct), len(inner)), dtype=np.intp)
    known = np.ones(len(distinct), dtype=bool)
    for column, place in enumerate(inner.tolist()):
        if fit.observed[place] in levels:
            own = levels[fit.observed[place]]
            codes[:, column] = np.minimum(np.searchsorted(own, distinct[:, place]), len(own) - 1)
            known &= (own[codes[:, column]] == distinct[:, place]) | np.isnan(distinct[:, place])
    model = measurement(at, inner, outer, tuple(cuts.get(place, np.empty(0)) for place in inner.tolist()))
    found = modes(model, distinct[:, inner], codes, distinct[:, outer])
    found[~known] = np.nan
    return np.asarray(found[back.ravel()])


def _thresholds(fit: SemFit, at: Implied) -> list[NDArray[np.float64]]:
    entries = at.layout.thresholds
    places = [fit.observed.index(name) for name in fit.ordered]
    own = [np.flatnonzero(entries.rows == place) for place in places]
    return [entries.values[each[np.argsort(entries.columns[each])]] for each in own]


def point_of(fit: SemFit, group: int) -> Implied:
    """The matrices of a fitted model in one group."""
    parameters = tuple(
        Parameter(each.left, each.operator, each.right, 0, value=each.estimate)  # type: ignore[arg-type]
        for each in fit.coefficients
        if each.group == group and each.operator != ":="
    )
    means = any(each.operator == "~1" for each in parameters)
    model = SemModel(fit.observed, fit.latent, (), parameters, 0, 1, means)
    blank = Moments(fit.n, np.zeros(len(fit.observed)), np.eye(len(fit.observed)))
    return implied(layout_of(model, 0, blank), np.zeros(0))
