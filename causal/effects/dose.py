"""The mean outcome at every dose of a quantity, doubly robust.

Kennedy, Ma, McHugh and Small (2017), Journal of the Royal Statistical Society B 79: 1229-1245: a pseudo-outcome from
the outcome model and the density of the dose given the covariates, smoothed over the dose by local lines whose
bandwidth leave-one-out cross-validation chooses (units are left out one by one, also where they come in clusters). The
interval is that of the smoothed curve: where the true curve bends within a bandwidth, its bias is not covered.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from causal.analysis import resolve
from causal.effects.slope import Slope, draw_doses, slope
from causal.errors import OptionProblem, TooFewUnits, TreatmentProblem
from causal.estimators.design import Floats, Sample
from causal.estimators.estimate import Interval, normal_interval
from causal.estimators.nuisance import inverse_of
from causal.estimators.one_thread import one_thread
from causal.estimators.outcome_limits import limits_notes
from causal.estimators.registry import method_named
from causal.estimators.simultaneous import critical_value
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

FEWEST_VALUES = 7
"""A quantity with fewer different values is compared level by level."""

FEWEST_UNITS = 100
POINTS = 41
BINS = 400
GRID = 200
CURVE = 3
"""The outcome model holds the dose up to this power; the smoother mends what it misses."""


@dataclass(frozen=True)
class DoseResponse:
    """Mean outcome of everybody at each of `doses`, in units of the outcome.

    `low` to `high` holds the smoothed mean at one dose, `joint_low` to `joint_high` the whole curve at once; all are
    tuples along `doses`, and `covariance` (k, k) is of the means. `per_unit` is the straight line's slope: the average
    effect of one unit more. `effective_size` of `units` count after weighting.
    """

    spec: AnalysisSpec
    doses: tuple[float, ...]
    means: tuple[float, ...]
    std_errors: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    joint_low: tuple[float, ...]
    joint_high: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    bandwidth: float
    quartiles: tuple[float, float, float]
    per_unit: float
    per_unit_error: float
    per_unit_interval: Interval
    adjust_for: tuple[str, ...]
    units: int
    dropped: int
    effective_size: float
    outcome_is_binary: bool
    degrees_of_freedom: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """Of every interval."""
        return self.spec.confidence

    def difference(self, low: float, high: float) -> tuple[float, Interval]:
        """The mean at `high` minus the mean at `low` (the nearest of `doses`), with its interval."""
        one, two = (int(np.argmin(np.abs(np.asarray(self.doses) - each))) for each in (low, high))
        variance = self.covariance[one][one] + self.covariance[two][two] - 2 * self.covariance[one][two]
        gap = self.means[two] - self.means[one]
        freedom = math.inf if self.degrees_of_freedom is None else self.degrees_of_freedom
        return gap, normal_interval(gap, math.sqrt(max(variance, 0.0)), self.confidence, freedom)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return {**{name: _lists(value) for name, value in fields.items()}, "spec": self.spec.to_json()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DoseResponse:
        """What `to_json` wrote."""
        fields = {name: _tuples(value) for name, value in document.items() if name != "spec"}
        return cls(**{**fields, "spec": AnalysisSpec.from_json(document["spec"])})


@one_thread
def dose_response(
    table: UnitTable, spec: AnalysisSpec, doses: Sequence[float] | None = None, progress: Progress = silent
) -> DoseResponse:
    """The curve of the mean outcome over the doses of the question's treatment, for everybody.

    `doses` None: from the 2.5th to the 97.5th percentile, with the quartiles. Raises the errors of `answer`,
    TreatmentProblem (no quantity, or too few values), OptionProblem (a dose beyond those that occur).
    """
    if spec.question.target != "everyone":
        raise OptionProblem("A dose-response curve is for everyone. Ask about everyone, or compare two levels.")
    progress(0.05, "reading the graph")
    _, adjust_for, notes = resolve(table, spec, method_named("regression"))
    progress(0.1, "drawing the units")
    sample, dose = draw_doses(table, spec, adjust_for)
    _check(spec.question.treatment, dose)
    wanted = _doses(dose, doses)
    progress(0.2, "fitting the dose and the outcome")
    pseudo, spread, weight = _pseudo_outcome(sample, dose)
    progress(0.5, "choosing how much to smooth")
    bandwidth = _bandwidth(dose, pseudo)
    progress(0.7, "smoothing")
    means, influences = _smooth(dose, pseudo, spread, wanted, bandwidth)
    covariance, freedom = _covariance(sample, influences)
    errors = np.sqrt(np.diag(covariance))
    reach = critical_value(covariance, spec.confidence, freedom, seed=spec.seed)
    ends = np.array([
        normal_interval(float(mean), float(error), spec.confidence, freedom)
        for mean, error in zip(means, errors, strict=True)
    ])  # fmt: skip
    progress(0.9, "fitting the straight line")
    return _told(
        spec, sample, dose, adjust_for, notes, slope(table, spec, adjust_for),
        doses=_floats(wanted), means=_floats(means), std_errors=_floats(errors), low=_floats(ends[:, 0]),
        high=_floats(ends[:, 1]), joint_low=_floats(means - reach * errors), joint_high=_floats(means + reach * errors),
        covariance=tuple(_floats(row) for row in covariance), bandwidth=bandwidth,
        effective_size=float(weight.sum() ** 2 / (weight @ weight)),
        degrees_of_freedom=None if math.isinf(freedom) else freedom,
    )  # fmt: skip


def is_quantity(table: UnitTable, name: str) -> bool:
    """Whether a column has doses to speak of: numbers with enough different values."""
    return table.types[name] == "numeric" and table.column(name).nunique() >= FEWEST_VALUES


def _told(
    spec: AnalysisSpec,
    sample: Sample,
    dose: Floats,
    adjust_for: tuple[str, ...],
    notes: tuple[str, ...],
    line: Slope,
    **curve: Any,
) -> DoseResponse:
    step = line.deviation
    low, high = normal_interval(line.effect, line.std_error, spec.confidence, line.degrees_of_freedom)
    lower, middle, upper = (float(each) for each in np.quantile(dose, [0.25, 0.5, 0.75]))
    return DoseResponse(
        spec=spec,
        quartiles=(lower, middle, upper),
        per_unit=line.effect / step,
        per_unit_error=line.std_error / step,
        per_unit_interval=(low / step, high / step),
        adjust_for=adjust_for,
        units=len(sample),
        dropped=sample.dropped,
        outcome_is_binary=sample.outcome_is_binary,
        notes=(*notes, *limits_notes(spec.question.outcome, sample.limits)),
        **curve,
    )


def _check(name: str, dose: Floats) -> None:
    values = len(np.unique(dose))
    if values < FEWEST_VALUES:
        raise TreatmentProblem(f'"{name}" has {values} different values only: compare them as arms.')
    if len(dose) < FEWEST_UNITS:
        raise TooFewUnits(f"A curve needs {FEWEST_UNITS} units or more; {len(dose)} have a value in every column used.")


def _doses(dose: Floats, asked: Sequence[float] | None) -> Floats:
    if asked is None:
        low, high = np.quantile(dose, [0.025, 0.975])
        quartiles = np.quantile(dose, [0.25, 0.5, 0.75])
        return np.unique(np.concatenate([np.linspace(low, high, POINTS), quartiles]))
    wanted = np.asarray(asked, dtype=np.float64)
    if len(wanted) == 0 or not ((wanted >= dose.min()) & (wanted <= dose.max())).all():
        raise OptionProblem(f"Name doses between {dose.min():g} and {dose.max():g}: beyond them there is no data.")
    return wanted


def _pseudo_outcome(sample: Sample, dose: Floats) -> tuple[Floats, Floats, Floats]:
    """(n,) pseudo-outcomes, what each unit's covariates add to its mean outcome, and the weights of the residuals."""
    n, model = len(dose), sample.model
    weight = dose_weights(sample, dose)
    standard = (dose - dose.mean()) / dose.std()
    curve = np.column_stack([standard**power for power in range(1, CURVE + 1)])
    design = np.column_stack([model, curve])
    fitted = inverse_of(design.T @ design / n) @ (design.T @ sample.outcome) / n
    of_covariates, of_dose = model @ fitted[: model.shape[1]], curve @ fitted[model.shape[1] :]
    spread = of_covariates - of_covariates.mean()
    residual = sample.outcome - of_covariates - of_dose
    return of_covariates.mean() + of_dose + weight * residual, spread, weight


def dose_weights(sample: Sample, dose: Floats) -> Floats:
    """(n,) the density of each unit's dose among all, over that among units with its covariates.

    Raises TreatmentProblem where the covariates fix the dose.
    """
    n, model = len(dose), sample.model
    coefficients = inverse_of(model.T @ model / n) @ (model.T @ dose) / n
    centre = model @ coefficients
    scale = float(np.sqrt(((dose - centre) ** 2).mean()))
    if scale <= 1e-10 * float(dose.std()):
        raise TreatmentProblem("The covariates fix the dose: nothing is left that could vary.")
    errors, density = _density((dose - centre) / scale)
    own = np.interp((dose - centre) / scale, errors, density)
    grid = np.linspace(dose.min(), dose.max(), GRID)
    average = np.array([np.interp((each - centre) / scale, errors, density, 0.0, 0.0).mean() for each in grid])
    return np.asarray(np.interp(dose, grid, average) / own)


def _density(errors: Floats) -> tuple[Floats, Floats]:
    """The density of standardised errors by a Gaussian kernel with Silverman's bandwidth, on a grid."""
    n = len(errors)
    spread = min(float(errors.std()), float(np.subtract(*np.quantile(errors, [0.75, 0.25]))) / 1.349) or 1.0
    width = 0.9 * spread * n ** (-0.2)
    edges = np.linspace(errors.min() - 4 * width, errors.max() + 4 * width, 4 * BINS + 1)
    counts, _ = np.histogram(errors, edges)
    middles = (edges[:-1] + edges[1:]) / 2
    kernel = np.exp(-(((middles[:, None] - middles[None]) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
    return middles, np.asarray(kernel @ counts / n)


def _bandwidth(dose: Floats, pseudo: Floats) -> float:
    """The one with the smallest leave-one-out error of the local line, doses grouped in narrow bins."""
    edges = np.unique(np.quantile(dose, np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, dose, side="right") - 1, 0, len(edges) - 2)
    size = np.bincount(place, minlength=len(edges) - 1).astype(np.float64)
    full = size > 0
    sums, squares = (np.bincount(place, each, minlength=len(size))[full] for each in (pseudo, pseudo**2))
    at, size = np.bincount(place, dose, minlength=len(size))[full] / size[full], size[full]
    reach = float(dose.std())
    losses, tried = [], reach * np.geomspace(0.15, 3.0, 20)
    for width in tried:
        lines = _local_weights(at, size, at, width)
        if lines is None:
            losses.append(math.inf)
            continue
        fitted, leverage = lines @ (sums / size), np.diag(lines) / size
        left = np.maximum(1 - leverage, 1e-3)
        losses.append(float(((squares - 2 * fitted * sums + size * fitted**2) / left**2).sum()))
    return float(tried[int(np.argmin(losses))])


def _local_weights(at: Floats, size: Floats, wanted: Floats, width: float) -> Floats | None:
    """(k, bins) weights of each bin's mean in the local line at each wanted dose; None where too little is near."""
    gaps = at[None] - wanted[:, None]
    kernel = np.exp(-((gaps / width) ** 2) / 2) * size
    zero, one, two = kernel.sum(axis=1), (kernel * gaps).sum(axis=1), (kernel * gaps**2).sum(axis=1)
    determinant = zero * two - one**2
    if (determinant <= 1e-12 * zero**2 * width**2).any():
        return None
    return np.asarray(kernel * (two[:, None] - one[:, None] * gaps) / determinant[:, None])


def _smooth(dose: Floats, pseudo: Floats, spread: Floats, wanted: Floats, width: float) -> tuple[Floats, Floats]:
    """(k,) the local line at each dose, and (n, k) each unit's influence on it."""
    means, influences, n = np.empty(len(wanted)), np.empty((len(dose), len(wanted))), len(dose)
    for place, each in enumerate(wanted):
        gaps = dose - each
        kernel = np.exp(-((gaps / width) ** 2) / 2)
        zero, one, two = kernel.sum(), kernel @ gaps, kernel @ gaps**2
        determinant = zero * two - one**2
        weights = kernel * (two - one * gaps) / determinant
        level = float(weights @ pseudo)
        tilt = float((kernel * (zero * gaps - one) / determinant) @ pseudo)
        means[place] = level
        influences[:, place] = n * weights * (pseudo - level - tilt * gaps) + spread
    return means, influences


def _covariance(sample: Sample, influences: Floats) -> tuple[Floats, float]:
    n, clusters = len(influences), sample.clusters
    if clusters is None:
        return np.asarray(influences.T @ influences / n**2), math.inf
    count = int(clusters.max()) + 1
    if count < 2:
        raise TooFewUnits("All units belong to one cluster, so nothing says how clusters vary. Choose another.")
    sums = np.column_stack([np.bincount(clusters, each, minlength=count) for each in influences.T])
    return np.asarray(count / (count - 1) * (sums.T @ sums) / n**2), float(count - 1)


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(each) for each in values)


def _lists(value: Any) -> Any:
    return [_lists(each) for each in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
