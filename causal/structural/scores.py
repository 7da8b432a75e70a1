"""Factor scores: what each row's columns say of its latent variables (Thurstone 1935, the regression method)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causal.structural.implied import Implied, implied, layout_of
from causal.structural.model import Parameter, SemModel
from causal.structural.moments import Moments
from causal.structural.rows import rows_of
from causal.structural.sem_fit import SemFit

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable


def factor_scores(frame: pd.DataFrame | UnitTable, fit: SemFit) -> pd.DataFrame:
    """(rows, latent variables) the expected value of each given the row's columns; NaN for rows that were left out.

    Rows with some values missing are scored from those they have, where the fit used them. Raises UnknownColumn,
    LogError.
    """
    import pandas as pd

    missing = "likelihood" if fit.missing == "likelihood" else "leave out"
    rows = rows_of(frame, fit.observed, fit.exogenous, fit.group_column, missing, checked=False)
    found = np.full((rows.size, len(fit.latent)), np.nan)
    p = len(fit.observed)
    for group in range(len(fit.groups)):
        at, mean = point_of(fit, group), np.array(fit.means[group])
        for pattern, values, places in zip(rows.patterns[group], rows.values[group], rows.places[group], strict=True):
            columns = pattern.columns
            weights = np.linalg.solve(at.covariance[np.ix_(columns, columns)], at.among[columns, p:])
            level = at.level[p:] if at.layout.means else 0.0
            found[places] = level + (values - mean[columns]) @ weights
    return pd.DataFrame(found, columns=list(fit.latent))


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
