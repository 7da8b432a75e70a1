"""The mean outcome if a quantity were shifted, scaled or drawn at random: doubly robust, by what is kept of each unit.

Modified treatment policies: Díaz and van der Laan (2012), Biometrics 68: 541-549; Haneuse and Rotnitzky (2013),
Statistics in Medicine 32: 5260-5277; Díaz, Williams, Hoffman and Schenck (2023), JASA 118: 846-857. The outcome that a
model foretells at the changed dose, corrected by residuals weighted with how much denser the changed doses lie where
the unit is than its own: right if either the outcome's model or the density is. Both are cross-fitted; the interval is
by the influence function, which needs both. A quantity drawn at random is the stochastic intervention of Díaz and van
der Laan with the quantity's own density.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from causal.estimators.design import Floats, Sample, blocks
from causal.estimators.linear_folds import coefficients_without
from causal.interventions.changes import Randomise, Scale, Shift
from causal.interventions.dose_chances import DoseChances, fit_dose_chances
from causal.interventions.dose_density import DoseDensity, fit_dose_density
from causal.interventions.mean_pair import IdentifiedMean, Influenced, overlap_of, summed_up
from causal.interventions.mechanisms.choice import Task
from causal.interventions.mechanisms.features import Features, Part, line_and_bends
from causal.interventions.node_columns import Values

PERMUTATIONS = 20
"""So many other units' doses at most stand for a dose drawn at random."""

PAIRS = 1_000_000
"""So many pairs of a unit and a dose at most are looked at in a fold, if there are two of each."""

_ARRAYS = ("dose", "outcome", "base", "tilt", "bends", "own", "now")

Rows = slice | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DoseScores:
    """What answers every change of one quantity: `dose`, `outcome` and the outcome's model, unit by unit (n,).

    `own` is the log density and `now` the foretold outcome at the unit's own dose. Of a unit the model's index is
    `base` plus `tilt` times the dose's line plus `bends` (folds, bends) of its fold; `logistic` (folds,) says of which
    folds it is a log-odds. `part` turns doses into lines and bends.
    """

    dose: Floats
    outcome: Floats
    base: Floats
    tilt: Floats
    bends: Floats
    logistic: NDArray[np.bool_]
    part: Part
    density: DoseDensity | DoseChances
    own: Floats
    now: Floats
    clusters: NDArray[np.int64] | None
    method: str
    adjusted_for: tuple[str, ...]
    notes: tuple[str, ...]
    seed: int

    def __len__(self) -> int:
        return len(self.dose)

    def under(self, change: Shift | Scale | Randomise) -> IdentifiedMean:
        """The mean as it is and under the change, with their covariance and how much the units know of it.

        A scale must not be zero, as no unit's dose would tell of that.
        """
        scores, weights, beyond = _drawn(self) if isinstance(change, Randomise) else _moved(self, change)
        baseline, mean = float(self.outcome.mean()), float(scores.mean())
        found = Influenced(
            baseline=baseline,
            outcome=mean,
            influences=(self.outcome - baseline, scores - mean),
            clusters=self.clusters,
            method=self.method,
            notes=self.notes,
        )
        return replace(summed_up(found, self.adjusted_for), overlap=overlap_of(weights, beyond))

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Arrays and plain facts; `from_arrays` gives it back."""
        named = {name: getattr(self, name) for name in _ARRAYS}
        arrays = {**named, "logistic": self.logistic.astype(np.int64), "knots": self.part.knots}
        if self.clusters is not None:
            arrays["clusters"] = self.clusters
        density, facts = self.density.to_arrays()
        arrays |= {f"density {name}": each for name, each in density.items()}
        line = {"name": self.part.name, "centre": self.part.centre, "scale": self.part.scale}
        words = {"method": self.method, "adjusted_for": list(self.adjusted_for), "notes": list(self.notes)}
        counted = isinstance(self.density, DoseChances)
        return arrays, {**words, "line": line, "density": facts, "counted": counted, "seed": self.seed}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> DoseScores:
        """What `to_arrays` gave."""
        density = {name.removeprefix("density "): each for name, each in arrays.items() if name.startswith("density ")}
        line = facts["line"]
        return cls(
            **{name: arrays[name] for name in _ARRAYS},
            logistic=arrays["logistic"].astype(bool),
            part=Part(line["name"], np.empty(0), arrays["knots"], line["centre"], line["scale"]),
            density=(DoseChances if facts["counted"] else DoseDensity).from_arrays(density, facts["density"]),
            clusters=arrays.get("clusters"),
            method=facts["method"],
            adjusted_for=tuple(facts["adjusted_for"]),
            notes=tuple(facts["notes"]),
            seed=facts["seed"],
        )

    def foretold(self, dose: Floats, rows: Rows) -> Floats:
        """The mean outcome of these units at other doses, by models that have not seen them."""
        line, bent = line_and_bends(self.part, dose)
        fold = self.density.fold[rows]
        index = self.base[rows] + self.tilt[rows] * line
        for place, each in enumerate(bent):
            index += self.bends[fold, place] * each
        if self.logistic.any():
            return np.where(self.logistic[fold], expit(index), index)
        return np.asarray(index)


def dose_scores(
    task: Task,
    bent: bool,
    sample: Sample,
    fold: NDArray[np.int64],
    adjusted_for: tuple[str, ...],
    notes: tuple[str, ...],
    counted: bool = False,
) -> DoseScores:
    """From a task whose first cause is the dose; `bent` is the outcome's form, `fold` (n,) who is told by whom.

    `counted`: the dose is told value by value.
    """
    cause, others = task.causes[0], task.causes[1:]
    dose, outcome = task.values[cause], sample.outcome
    features = task.features(bent)
    high = (outcome == outcome.max()).astype(np.float64) if sample.outcome_is_binary else outcome
    coefficients, logistic = coefficients_without(features.of(task.values), high, sample.outcome_is_binary, fold)
    base, tilt, bends = _apart(features, task.values, coefficients, fold)
    about = replace(task, causes=others)
    models = tuple(about.features(form).of(task.values) for form in (False, True)) if others else ()
    law: DoseDensity | DoseChances
    if counted:
        law = fit_dose_chances(dose, models or (np.ones((len(dose), 1)),), fold)
    else:
        law = fit_dose_density(dose, models or (np.ones((len(dose), 1)),), fold)
    found = DoseScores(
        dose=dose,
        outcome=outcome,
        base=base,
        tilt=tilt,
        bends=bends,
        logistic=logistic,
        part=features.parts[0],
        density=law,
        own=law.own(dose),
        now=np.empty(0),
        clusters=sample.clusters,
        method=f"doubly robust, {'with curves and products' if bent else 'linear'}",
        adjusted_for=adjusted_for,
        notes=notes,
        seed=sample.seed,
    )
    now = np.empty(len(dose))
    for rows in blocks(len(dose)):
        now[rows] = found.foretold(dose[rows], rows)
    return replace(found, now=now)


def _apart(
    features: Features, values: Values, coefficients: Floats, fold: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """(n,) the index where the dose's line is nought and its slope along the line, and (folds, bends) what is left."""
    part = features.parts[0]
    first = 1 + sum(each.width for each in features.parts)
    bends = coefficients[:, first : first + max(len(part.knots) - 2, 0)]
    base, tilt = np.empty(len(fold)), np.empty(len(fold))
    for rows in blocks(len(fold)):
        some = {name: values[name][rows] for name in (each.name for each in features.parts)}
        own, count = fold[rows], len(fold[rows])
        found = []
        for dose in (part.centre, part.centre + part.scale):
            index = (features.of({**some, part.name: np.full(count, dose)}) @ coefficients.T)[np.arange(count), own]
            _, bent = line_and_bends(part, np.full(1, dose))
            for place, each in enumerate(bent):
                index -= bends[own, place] * each
            found.append(index)
        base[rows], tilt[rows] = found[0], found[1] - found[0]
    return base, tilt, bends


def _moved(kept: DoseScores, change: Shift | Scale) -> tuple[Floats, Floats, float]:
    """(n,) the doubly robust scores, (n,) the weights of the residuals, and the share pushed beyond what is seen."""
    scores, weights, outside = np.empty(len(kept)), np.empty(len(kept)), 0
    for rows in blocks(len(kept)):
        dose, seen, now = kept.dose[rows], kept.outcome[rows], kept.now[rows]
        after = dose + change.amount if isinstance(change, Shift) else dose * change.factor
        weight = kept.density.ratio(change, dose, kept.own[rows], rows)
        # the outcome itself where nothing changes, to the last digit
        scores[rows] = seen + (kept.foretold(after, rows) - now) + (weight - 1) * (seen - now)
        weights[rows] = weight
        outside += int(kept.density.beyond(dose, kept.own[rows], after, rows).sum())
    return scores, weights, outside / len(kept)


def _drawn(kept: DoseScores) -> tuple[Floats, Floats, float]:
    """As `_moved`, for doses drawn from all units' of the same fold, whose models have seen none of them."""
    fold = kept.density.fold
    weights = kept.density.drawn_ratio(kept.dose, kept.own)
    as_unit, as_donor, outside = np.empty(len(kept)), np.empty(len(kept)), 0
    rng = np.random.default_rng(kept.seed)
    for each in range(int(fold.max()) + 1):
        rows = np.flatnonzero(fold == each)
        pairing = _paired if kept.logistic[each] else _crossed
        as_unit[rows], as_donor[rows] = pairing(kept, rows, rng)
        after = kept.dose[rng.permutation(rows)]
        outside += int(kept.density.beyond(kept.dose[rows], kept.own[rows], after, rows).sum())
    scores = as_unit + (as_donor - float(as_donor.mean())) + weights * (kept.outcome - kept.now)
    return scores, weights, outside / len(kept)


def _crossed(kept: DoseScores, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """What each unit's mean is over all doses, and each dose's mean over all units: exactly, as the index is a line."""
    line, bent = line_and_bends(kept.part, kept.dose[rows])
    bends = kept.bends[kept.density.fold[rows[0]]]
    own = sum((place * each for place, each in zip(bends, bent, strict=True)), np.zeros(len(rows)))
    base, tilt = kept.base[rows], kept.tilt[rows]
    as_unit = base + tilt * float(line.mean()) + float(own.mean())
    return np.asarray(as_unit), np.asarray(float(base.mean()) + float(tilt.mean()) * line + own)


def _paired(kept: DoseScores, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """As `_crossed`, over other units by chance."""
    draws = int(np.clip(PAIRS // len(rows), 2, PERMUTATIONS))
    as_unit, as_donor = np.zeros(len(rows)), np.zeros(len(rows))
    for _ in range(draws):
        donor = rng.permutation(len(rows))
        told = kept.foretold(kept.dose[rows[donor]], rows) / draws
        as_unit += told
        as_donor[donor] += told
    return as_unit, as_donor
