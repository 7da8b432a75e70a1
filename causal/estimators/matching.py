"""Matching on the propensity score or on the distance between covariates.

Variance: Abadie and Imbens (2006), Econometrica 74: 235-267; with the fitted score: Abadie and Imbens (2016),
Econometrica 84: 781-807; without replacement: Abadie and Spiess (2022), JASA 117: 983-995. The bias adjustment: Abadie
and Imbens (2011), Journal of Business & Economic Statistics 29: 1-11. No bootstrap: it is not valid here (Abadie and
Imbens 2008, Econometrica 76: 1537-1557).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from causal.errors import OptionProblem, PerfectSeparation, TooFewUnits
from causal.estimators.design import Covariate, Floats, Sample
from causal.estimators.fit import Fit
from causal.estimators.match_summary import MatchSummary, summarise_matches
from causal.estimators.matched_means import (
    Matches,
    covariance_of_sets,
    covariance_with_replacement,
    imputed_outcomes,
    predicted_by_regression,
    score_correction,
    spread_among,
)
from causal.estimators.method import Method, Nuisance
from causal.estimators.neighbours import Neighbours, Places, Space, between_covariates, nearest, on_a_line
from causal.estimators.nuisance import LinearIndex, dependent_columns, fit_propensity
from causal.estimators.pairing import pairs
from causal.estimators.propensity import trim_and_fit
from causal.logs.log import counted

Distance = Literal["propensity", "log_odds", "mahalanobis", "inverse_variance", "euclidean"]
Order = Literal["largest", "smallest", "table"]
CaliperUnit = Literal["standard_deviations", "distance"]

ON_SCORE = ("propensity", "log_odds")
LEAST_TOLERANCE = 1e-13


@dataclass(frozen=True)
class MatchingOptions:
    """How matches are sought.

    `distance`: between propensities, their log odds, or covariates (`match_on`; none: all that are adjusted for).
    `neighbours` per unit, more where they tie, i.e. where distances differ by at most `tie_tolerance`.
    `replacement`: whether a unit may serve several times; if not, units choose in the `order` of their propensity
    ("largest" first) or of the table. `exact`: columns that must be equal. `caliper`: the largest distance allowed, in
    standard deviations of the score matched on, or in units of the distance. `bias_adjustment`: columns whose remaining
    differences a regression takes out. `trim`, `trim_above`: leave out units with propensities beyond.
    `variance_neighbours`: how many units of the same arm tell the spread where a unit stands; on the score it is one of
    them, else they are beside it (so counts Stata, of whose vce(robust, nn(#)) this is the number).
    """

    distance: Distance = "propensity"
    neighbours: int = 1
    match_on: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    caliper: float | None = None
    caliper_unit: CaliperUnit = "standard_deviations"
    bias_adjustment: tuple[str, ...] = ()
    replacement: bool = True
    order: Order = "largest"
    trim: float = 0.0
    trim_above: float | None = None
    variance_neighbours: int = 2
    tie_tolerance: float = 1e-10
    nuisance: Nuisance = "estimated"


def fit(sample: Sample, options: MatchingOptions) -> Fit:
    """Each unit's missing outcome is the mean of its nearest neighbours' in the other arm.

    Raises OptionProblem, TooFewUnits, PerfectSeparation.
    """
    _check(sample, options)
    sample, propensity, trimmed = _scored(sample, options)
    _require_neighbours(sample, options)
    space, reach = _space(sample, options, propensity)
    matches = _match(sample, options, space, reach, propensity)
    _require_matches(matches, options)
    none = np.zeros(len(sample))
    predicted = (none, none)
    if options.bias_adjustment:
        predicted = predicted_by_regression(sample, _columns(sample, options.bias_adjustment), matches)
    imputed = imputed_outcomes(sample, matches, predicted)
    means = imputed[:, matches.kept].mean(axis=1)
    summary = summarise_matches(sample, matches, options.neighbours)
    unmatched = 1 - summary.matched / summary.asked
    return Fit(
        sample=sample,
        means=(float(means[0]), float(means[1])),
        covariance=_covariance(sample, options, space, matches, imputed, predicted, propensity),
        weights=matches.weights,
        propensity=None if propensity is None else propensity.fitted,
        share_trimmed=float(1 - (1 - trimmed) * (1 - unmatched)),
        notes=_notes(sample, options, summary),
        facts=(("matches", summary),),
    )


def _check(sample: Sample, options: MatchingOptions) -> None:
    if options.neighbours < 1 or options.variance_neighbours < 2:
        raise OptionProblem("Matching: at least 1 neighbour, and at least 2 variance neighbours, are needed.")
    if sample.clusters is not None:
        raise OptionProblem(
            "Matching has no standard error for clustered units. Choose another method, or leave the cluster out."
        )
    if not options.replacement and sample.target == "everyone":
        raise OptionProblem(
            "Matching without replacement leaves over the units of the larger arm, so it cannot speak for everyone. "
            "Ask about the treated or the untreated, or match with replacement."
        )
    if options.caliper is not None and not options.caliper >= 0:
        raise OptionProblem(f'Matching: the option "caliper" is {options.caliper:g}; it must not be negative.')
    if not LEAST_TOLERANCE <= options.tie_tolerance <= 1:
        raise OptionProblem(
            f'Matching: the option "tie_tolerance" is {options.tie_tolerance:g}; it must lie between '
            f"{LEAST_TOLERANCE:g} and 1."
        )
    if options.match_on and options.distance in ON_SCORE:
        raise OptionProblem(
            'Matching: "match_on" chooses columns for a distance between covariates; the propensity is fitted on all '
            'that are adjusted for. Choose the distance "mahalanobis", or leave "match_on" empty.'
        )
    for name in ("match_on", "exact", "bias_adjustment"):
        _columns(sample, getattr(options, name), name)


def _columns(sample: Sample, names: Sequence[str], option: str = "") -> list[int]:
    """Where the main effects of the columns named stand in the model."""
    return [place for each in _covariates(sample, names, option) for place in each.places]


def _covariates(sample: Sample, names: Sequence[str], option: str = "") -> list[Covariate]:
    known = {each.name: each for each in sample.covariates}
    for name in names:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise OptionProblem(
                f'Matching: "{option}" names "{name}", which is not adjusted for. The columns adjusted for: {listed}.'
            )
    return [known[name] for name in dict.fromkeys(names)]


def _scored(sample: Sample, options: MatchingOptions) -> tuple[Sample, LinearIndex | None, float]:
    """The sample within the trimming, its propensities, and the share left out.

    Where nothing hangs on the propensities they are for the overlap check only, and may be missing.
    """
    in_order = not options.replacement and options.order != "table"
    if options.distance in ON_SCORE or options.trim or options.trim_above is not None or in_order:
        return trim_and_fit("Matching", sample, options.trim, options.trim_above)
    try:
        return sample, fit_propensity(sample), 0.0
    except PerfectSeparation:
        return sample, None, 0.0


def _require_neighbours(sample: Sample, options: MatchingOptions) -> None:
    """Enough donors in each arm that units ask, and in either arm enough to tell the spread where a unit stands."""
    if not options.replacement:
        return
    for arm, level, asked in (
        (~sample.treated, sample.control_level, sample.target != "untreated"),
        (sample.treated, sample.treated_level, sample.target != "treated"),
    ):
        size = int(arm.sum())
        if asked and size < options.neighbours:
            raise TooFewUnits(
                f"{size} units have the treatment level {level!r}, fewer than the neighbours asked for. Ask for fewer "
                "neighbours."
            )
        if size < options.variance_neighbours:
            raise TooFewUnits(
                f"{size} units have the treatment level {level!r}, fewer than the variance neighbours asked for. Ask "
                "for fewer."
            )


def _space(sample: Sample, options: MatchingOptions, propensity: LinearIndex | None) -> tuple[Space, float]:
    """Where the units stand, and how far they may look."""
    stratum = _strata(sample, options.exact)
    reach = np.inf if options.caliper is None else options.caliper
    if options.distance in ON_SCORE:
        assert propensity is not None
        odds = options.distance == "log_odds"
        score = sample.model @ propensity.coefficients if odds else propensity.fitted
        if options.caliper is not None and options.caliper_unit == "standard_deviations":
            reach *= float(score.std(ddof=1))
        score = np.round(score, 12)  # equal covariates give equal scores, whatever the order of summation
        return on_a_line(score, stratum, options.tie_tolerance), reach
    names = options.match_on or tuple(each.name for each in sample.covariates)
    columns, metric = _metric(sample, _covariates(sample, names), options.distance)
    return between_covariates(columns, metric, stratum, options.tie_tolerance), reach


def _strata(sample: Sample, exact: tuple[str, ...]) -> Places:
    """(n,) codes of the combinations of the columns that must be equal."""
    code = np.zeros(len(sample), dtype=np.int64)
    for column in _columns(sample, exact):
        _, own = np.unique(sample.model[:, column], return_inverse=True)
        _, code = np.unique(code * (int(own.max()) + 1) + own, return_inverse=True)
    return code


def _metric(sample: Sample, covariates: list[Covariate], distance: Distance) -> tuple[Floats, Floats]:
    """Columns (n, p) and a matrix (p, r) that carries their differences to Euclidean ones.

    Mahalanobis: by the inverse of the sample's covariance, without columns that others determine. Else a category has
    a column for each of its levels, so that any two levels are equally far apart.
    """
    places = [place for each in covariates for place in each.places]
    columns = sample.model[:, places]
    if distance == "mahalanobis":
        covariance = columns.T @ columns / (len(sample) - 1)
        free = np.setdiff1d(np.arange(len(places)), dependent_columns(covariance))
        columns, covariance = columns[:, free], covariance[np.ix_(free, free)]
        return columns, np.linalg.cholesky(np.linalg.inv(covariance)) if len(free) else np.empty((0, 0))
    parts = [_plain(sample, each) for each in covariates]
    columns = np.hstack(parts) if parts else np.empty((len(sample), 0))
    spread = columns.std(axis=0, ddof=1)
    scale = 1 / np.where(spread > 0, spread, 1.0) if distance == "inverse_variance" else np.ones(columns.shape[1])
    return columns, np.diag(scale)


def _plain(sample: Sample, covariate: Covariate) -> Floats:
    """(n, columns) a covariate in its own units, a category by one column per level."""
    places = list(covariate.places)
    values = sample.model[:, places] * sample.scales[places] + sample.centres[places]
    if len(covariate.levels) < 3:
        return np.asarray(values)
    values = np.round(values)
    return np.column_stack([1 - values.sum(axis=1), values])


def _match(
    sample: Sample, options: MatchingOptions, space: Space, reach: float, propensity: LinearIndex | None
) -> Matches:
    asking, found = [], []
    for own, others in ((sample.treated, ~sample.treated), (~sample.treated, sample.treated)):
        units = np.flatnonzero(own & (sample.target_weight > 0))
        donors = np.flatnonzero(others)
        if not len(units):
            continue
        asking.append(units)
        if options.replacement:
            found.append(nearest(space, donors, units, options.neighbours, reach))
        else:
            asking[-1] = units = _in_order(units, options.order, propensity)
            found.append(pairs(space, donors, units, options.neighbours, reach))
    return Matches.of(sample, tuple(asking), tuple(found))


def _in_order(units: Places, order: Order, propensity: LinearIndex | None) -> Places:
    if order == "table":
        return units
    assert propensity is not None
    score = np.round(propensity.fitted[units], 12)
    return units[np.argsort(-score if order == "largest" else score, kind="stable")]


def _require_matches(matches: Matches, options: MatchingOptions) -> None:
    kept = int(matches.kept.sum())
    if kept < 2:
        count = "No unit has" if kept == 0 else "Only 1 unit has"
        within = [
            *(["within the caliper"] if options.caliper is not None else []),
            *([f"with the same {', '.join(options.exact)}"] if options.exact else []),
        ]
        raise TooFewUnits(
            f"{count} a match {' and '.join(within)}; an effect with an interval needs at least 2. "
            "Widen the caliper, or match exactly on fewer columns."
        )


def _covariance(
    sample: Sample,
    options: MatchingOptions,
    space: Space,
    matches: Matches,
    imputed: Floats,
    predicted: tuple[Floats, Floats],
    propensity: LinearIndex | None,
) -> Floats:
    if not options.replacement:
        return covariance_of_sets(matches, imputed)
    corrected = options.distance in ON_SCORE and options.nuisance == "estimated"
    everybody = np.arange(len(sample))
    count = options.variance_neighbours + (options.distance not in ON_SCORE)
    # on the score a regression also explains what the score leaves open, so that the spread is that of its residuals
    outcome = tuple(sample.outcome - each if options.distance in ON_SCORE else sample.outcome for each in predicted)
    near: list[Neighbours] = []
    spread = np.empty(len(sample))
    for own, values in zip((~sample.treated, sample.treated), outcome, strict=True):
        units = np.flatnonzero(own)
        asking = everybody if corrected else units
        near.append(nearest(space, units, asking, count))
        around = spread_among(space, units, near[-1], asking, values)
        spread[units] = around[units] if corrected else around
    covariance = covariance_with_replacement(sample, matches, imputed, spread)
    if corrected:
        assert propensity is not None
        covariance = covariance + score_correction(sample, propensity, matches, imputed, (outcome[0], outcome[1]), near)
    return covariance


def _notes(sample: Sample, options: MatchingOptions, found: MatchSummary) -> tuple[str, ...]:
    """What a reader must know beside the numbers."""
    notes = []
    if found.matched < found.asked:
        lost = found.asked - found.matched
        notes.append(
            f"{lost:,} of {counted(found.asked, 'unit')} asked about {'has' if lost == 1 else 'have'} no match: the "
            "effect is that of the others, whom the interval takes as given."
        )
    if found.fewer:
        notes.append(f"{counted(found.fewer, 'unit')} found fewer than the {options.neighbours} matches asked for.")
    notes.append(
        f"{found.donors:,} of {counted(found.available, 'unit')} that could serve as a match do"
        + (f"; the busiest serves {found.busiest:,.4g} times." if found.busiest > 1 else ".")
    )
    if not options.replacement:
        notes.append(
            "Without replacement the interval takes matched sets as clusters, which holds where matches are close "
            "(Abadie and Spiess 2022); it takes a fitted propensity as given. Of equally near donors the first in the "
            "table is taken."
        )
    if options.distance not in ON_SCORE and not options.bias_adjustment and _continuous(sample, options) > 1:
        notes.append(
            "With several continuous covariates a bias remains that the interval does not know of: add them to the "
            "bias adjustment (Abadie and Imbens 2011)."
        )
    return tuple(notes)


def _continuous(sample: Sample, options: MatchingOptions) -> int:
    names = options.match_on or tuple(each.name for each in sample.covariates)
    return sum(not each.binary for each in _covariates(sample, names) if each.name not in options.exact)


METHOD = Method(
    name="matching",
    title="Matching",
    family="matching",
    dowhy_name="backdoor.causal.estimators.dowhy_adapter.Matching",
    summary="Compares every unit with the most similar units of the other arm, by default those of nearest propensity.",
    assumes=(
        "The covariates adjusted for block every back-door path between treatment and outcome.",
        "On the propensity: the probability of treatment depends on the covariates as the logistic model says.",
        "Every unit of the target population has near neighbours in the other arm.",
        "One unit's treatment does not change another unit's outcome.",
    ),
    options=MatchingOptions,
    fit=fit,
    source="Abadie and Imbens 2006, 2011, 2016; Abadie and Spiess 2022",
    has_propensity=True,
    clusters=False,
)
