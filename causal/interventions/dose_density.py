"""How densely units lie around a dose, given what is adjusted for: what a changed dose is weighed by.

The dose, or its logarithm, is a mean plus a spread times a residual whose density is the same for all (a location-scale
model, as Díaz and van der Laan 2012 take it); the spread may move with the covariates, by regression of the logarithm
of squared residuals (Harvey 1976, Econometrica 44: 461-465). The likelihood of units not seen decides which of these.
Every unit is told by the units of the other folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from causal.estimators.design import Floats
from causal.estimators.linear_folds import predict_linearly
from causal.interventions.changes import Change, Scale, Shift
from causal.interventions.mechanisms.choice import ROWS_COMPARED
from causal.interventions.residual_density import FARTHEST, fit_residual_density

STEP = 0.02
"""Between the residuals at which the log density is kept: between two of them it is a straight line."""

RESIDUALS = 200_000
"""So many residuals at most are looked at for the shape of their density."""

_GRID = np.arange(-FARTHEST - 2, FARTHEST + 2 + STEP / 2, STEP)
_SEEN = 0.001
_FEWEST = 10
_MIDDLE = 1.349
_HEAVY = 1.5


@dataclass(frozen=True, eq=False)
class DoseDensity:
    """`centre` and `spread` (n,) of every unit's dose, or of its logarithm where `logarithmic`; `fold` (n,).

    `tables` (folds, grid) are log densities of standardised residuals, `ends` those between which all but a few lie.
    """

    centre: Floats
    spread: Floats
    fold: NDArray[np.int64]
    tables: Floats
    logarithmic: bool
    ends: tuple[float, float]

    def standardised(self, dose: Floats, rows: slice | NDArray[np.int64]) -> Floats:
        """How many spreads a dose of each of these units lies from its mean; far below where none can be."""
        if self.logarithmic:
            with np.errstate(divide="ignore", invalid="ignore"):
                dose = np.where(dose > 0, np.log(dose), -np.inf)
        return np.asarray((dose - self.centre[rows]) / self.spread[rows])

    def logarithm(self, standardised: Floats, rows: slice | NDArray[np.int64]) -> Floats:
        """The log density of standardised residuals, on their own scale; those far out count as if they lay nearer."""
        count = self.tables.shape[1]
        place = (np.clip(standardised, _GRID[0], _GRID[-1]) - _GRID[0]) * (1 / STEP)
        low = np.clip(place, 0, count - 2).astype(np.int64)
        at = low + self.fold[rows] * count
        left = self.tables.ravel()[at]
        return np.asarray(left + (place - low) * (self.tables.ravel()[at + 1] - left))

    def takes(self, change: Change) -> bool:
        """Whether a density says how the changed doses lie: not of those that are all put at nought."""
        return not (isinstance(change, Scale) and change.factor == 0)

    def own(self, dose: Floats) -> Floats:
        """(n,) the log density of every unit's own dose, up to what no change of it moves."""
        return self.logarithm(self.standardised(dose, slice(None)), slice(None))

    def ratio(self, change: Change, dose: Floats, own: Floats, rows: slice) -> Floats:
        """How much denser the changed doses of units like these lie at each dose than doses as they are.

        `own` are the log densities at the doses themselves.
        """
        if isinstance(change, Shift):
            before, stretch = dose - change.amount, 1.0
        else:
            assert isinstance(change, Scale)
            before, stretch = dose / change.factor, abs(1 / change.factor)
        found = np.exp(self.logarithm(self.standardised(before, rows), rows) - own) * stretch
        if self.logarithmic:
            found = np.where(before > 0, found * (dose / np.where(before > 0, before, 1.0)), 0.0)
        return np.asarray(found)

    def drawn_ratio(self, dose: Floats, own: Floats) -> Floats:
        """(n,) how much denser doses lie around each unit's among all units than among those like it."""
        among = fit_dose_density(dose, (np.ones((len(dose), 1)),), self.fold)
        found = np.exp(among.own(dose) - own) * self.spread / among.spread
        if self.logarithmic != among.logarithmic:
            found = found * dose if self.logarithmic else found / dose
        return np.asarray(found)

    def beyond(self, dose: Floats, own: Floats, after: Floats, rows: slice | NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the doses `after` hardly any unit like these has; `dose` and `own` say nothing more of that here."""
        place = self.standardised(after, rows)
        return np.asarray((place < self.ends[0]) | (place > self.ends[1]))

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays and plain facts; `from_arrays` gives it back."""
        arrays = {"centre": self.centre, "spread": self.spread, "fold": self.fold, "tables": self.tables}
        return arrays, {"logarithmic": self.logarithmic, "ends": list(self.ends)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> DoseDensity:
        """What `to_arrays` gave."""
        named = {name: arrays[name] for name in ("centre", "spread", "fold", "tables")}
        return cls(**named, logarithmic=facts["logarithmic"], ends=tuple(facts["ends"]))


def fit_dose_density(dose: Floats, models: tuple[Floats, ...], fold: NDArray[np.int64]) -> DoseDensity:
    """Of doses (n,) given the columns of one of several models (n, p), by the simplest form that is likely enough.

    The first model is that of the spread. `fold` (n,) says who is told by whom.
    """
    forms = list(product(range(len(models)), (False, True) if dose.min() > 0 else (False,), (False, True)))
    if models[0].shape[1] == 1:
        forms = [form for form in forms if form[0] == 0 and not form[2]]
    chosen = forms[0]
    if len(forms) > 1:
        some = slice(None, None, -(-len(dose) // ROWS_COMPARED))
        parts = [np.ascontiguousarray(model[some]) for model in models]
        chosen = simplest(forms, [_likelihood(dose[some], parts, fold[some], form) for form in forms])
    return _fit(dose, models, fold, chosen)


Form = TypeVar("Form")

_Form = tuple[int, bool, bool]
"""Which model of the mean, whether of the logarithm, and whether the spread varies."""


def simplest(forms: Sequence[Form], likelihoods: Sequence[Floats]) -> Form:
    """The first form that is within one standard error of the best, as mechanisms are chosen (Breiman et al. 1984)."""
    best = max(likelihoods, key=lambda each: float(each.mean()))
    for form, each in zip(forms, likelihoods, strict=True):
        less = best - each
        if less.mean() <= less.std() / np.sqrt(len(less)):
            return form
    raise AssertionError("the best form is as good as itself")


def _likelihood(dose: Floats, models: list[Floats], fold: NDArray[np.int64], form: _Form) -> Floats:
    """(n,) of every unit, in logarithms."""
    _, spread, left = _standardised(dose, models, fold, form)
    size = _size(left)
    standard = left / size
    scale = np.log(spread * size) + (np.log(dose) if form[1] else 0.0)
    return np.asarray(fit_residual_density(standard).logarithm(standard) - scale)


def _fit(dose: Floats, models: Sequence[Floats], fold: NDArray[np.int64], form: _Form) -> DoseDensity:
    centre, spread, left = _standardised(dose, models, fold, form)
    size = _size(left)
    shape = fit_residual_density(_thinned(left / size)).shape
    tables = []
    for each in range(int(fold.max()) + 1):
        others = left[fold != each]
        own = _size(others)
        spread[fold == each] *= own
        tables.append(fit_residual_density(_thinned(others) / own, shape).logarithm(_GRID))
    standard = left / size
    tail = max(_SEEN, _FEWEST / len(dose)) / 2
    low, high = np.quantile(standard, [tail, 1 - tail])
    return DoseDensity(centre, spread, fold, np.array(tables), form[1], (float(low), float(high)))


def _standardised(
    dose: Floats, models: Sequence[Floats], fold: NDArray[np.int64], form: _Form
) -> tuple[Floats, Floats, Floats]:
    """(n,) the mean, the spread up to a factor, and how many of these the dose lies from the mean."""
    which, logarithmic, varying = form
    scaled = np.log(dose) if logarithmic else dose
    centre = predict_linearly(models[which], scaled, False, fold)
    left = scaled - centre
    if not varying:
        return centre, np.ones(len(dose)), left
    size = max(float((left**2).mean()), 1e-300)
    told = predict_linearly(models[0], np.log(left**2 / size + 1e-12), False, fold)
    spread = np.exp(np.clip(told, *np.quantile(told, [_SEEN, 1 - _SEEN])) / 2)
    return centre, spread, left / spread


def _size(left: Floats) -> float:
    """The root of the mean square; where a few far residuals decide that, what the middle half of them says."""
    whole = float(np.sqrt((left**2).mean()))
    middle = float(np.subtract(*np.quantile(left, [0.75, 0.25]))) / _MIDDLE
    return (middle if 0 < middle * _HEAVY < whole else whole) or 1.0


def _thinned(residuals: Floats) -> Floats:
    return residuals[:: -(-len(residuals) // RESIDUALS)]
