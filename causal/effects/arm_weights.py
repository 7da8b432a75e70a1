"""Units of several arms, and what carries each arm to the target population.

Inverse chances: Imbens (2000), Biometrika 87: 706-710. Overlap: units count with one over the sum of their inverse
chances of all arms, which for two arms is e(1 - e): Li and Li (2019), Annals of Applied Statistics 13: 2389-2415.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.effects.generalised_propensity import ArmChances, fit_chances
from causal.errors import PerfectSeparation, TooFewUnits
from causal.estimators.design import Flags, Floats, Sample
from causal.estimators.method import check_range
from causal.estimators.nuisance import CERTAIN
from causal.study import Level


@dataclass(frozen=True, eq=False)
class ArmSample:
    """Units of several arms: `sample` as for two, `arm` (n,) each unit's arm by its place in `levels`.

    `target` is the place of the arm whose units are asked about (None: everyone), unless it is the `overlap`.
    """

    sample: Sample
    arm: NDArray[np.int64]
    levels: tuple[Level, ...]
    target: int | None
    overlap: bool = False

    @property
    def target_weight(self) -> Floats:
        """(n,) one where the unit belongs to the target population, else zero; for the overlap one for all."""
        return np.ones(len(self.arm)) if self.target is None else (self.arm == self.target).astype(np.float64)


@dataclass(frozen=True, eq=False)
class ArmWeights:
    """`chances` of every arm, and `tilt` (n,) how much each unit belongs to the target population, with its derivatives
    `leaning` (K - 1, n) by the index of every arm but the first.
    """

    units: ArmSample
    chances: ArmChances
    tilt: Floats
    leaning: Floats

    def of(self, place: int) -> tuple[Floats, Floats]:
        """(n,) what carries one arm to the target, and its derivatives (K - 1, n)."""
        inside = self.units.arm == place
        own, others = self.chances.chances[:, place], range(1, len(self.units.levels))
        weight = np.where(inside, self.tilt / own, 0.0)
        if self.units.target is not None:  # the units of an arm are asked about, whatever their chance of it
            asked = self.chances.chances[:, self.units.target]
            weight = np.where(inside, asked / own, 0.0)
            slopes = [weight * (float(k == self.units.target) - float(k == place)) for k in others]
            return weight, np.array(slopes)
        slopes = [
            np.where(inside, self.leaning[k - 1] / own, 0.0) - weight * ((k == place) - self.chances.chances[:, k])
            for k in others
        ]
        return weight, np.array(slopes)


def weigh(units: ArmSample) -> ArmWeights:
    """The chances of every arm, fitted on all units, and the target population that they give.

    Raises PerfectSeparation.
    """
    labels = [str(each) for each in units.levels]
    asked = np.zeros(len(units.arm), dtype=bool) if units.overlap else units.target_weight > 0
    fitted = fit_chances(units.sample.model, units.arm, labels, asked)
    if not units.overlap:
        nothing = np.zeros((len(units.levels) - 1, len(units.arm)))
        return ArmWeights(units, fitted, units.target_weight, nothing)
    chances = fitted.chances
    tilt = 1 / (1 / chances).sum(axis=1)
    leaning = np.array([tilt**2 / chances[:, k] - tilt * chances[:, k] for k in range(1, len(units.levels))])
    _require_overlap(units, tilt)
    return ArmWeights(units, fitted, tilt, leaning)


def trim_arms(title: str, units: ArmSample, trim: float) -> ArmSample:
    """The units whose chance of every arm is at least `trim`, and at most one minus it.

    Raises OptionProblem, PerfectSeparation, and TooFewUnits where fewer than two of an arm are left.
    """
    check_range(title, "trim", trim, 0.0, 0.5)
    if trim == 0:
        return units
    chances = weigh(units).chances.chances
    inside: Flags = np.all((chances >= trim) & (chances <= 1 - trim), axis=1)
    sizes = np.bincount(units.arm[inside], minlength=len(units.levels))
    if sizes.min() < 2:
        few = units.levels[int(sizes.argmin())]
        raise TooFewUnits(
            f"With chances of every arm from {trim:g} on {int(sizes.min())} units of {few!r} are left; a mean with an "
            "interval needs at least 2. Trim less, or leave that arm out."
        )
    return replace(units, sample=units.sample.keep(inside), arm=units.arm[inside])


def arm_weights(units: ArmSample) -> Floats:
    """(n,) what carries each unit's own arm to the target population.

    Raises PerfectSeparation.
    """
    weights = weigh(units)
    return np.asarray(np.sum([weights.of(place)[0] for place in range(len(units.levels))], axis=0))


def _require_overlap(units: ArmSample, tilt: Floats) -> None:
    for place, level in enumerate(units.levels):
        if ((units.arm == place) & (tilt > CERTAIN)).sum() < 2:
            raise PerfectSeparation(
                f"The covariates rule out another arm for all units that had {level!r}, so nobody is where every arm "
                "occurs. Leave that arm out, or the column if it is no common cause."
            )
