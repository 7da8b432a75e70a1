"""Whether a whole curve of regressions could come about without any effect: bootstrap with the null forced on the data.

Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4: 1208-1214, third step, for a treatment that was not
drawn by lot: shuffling it would break its ties to the covariates, so each regression's own estimate is taken off its
outcome (y - b t), which leaves no effect and everything else as it is; then units (or whole clusters) are drawn with
replacement, the same for all regressions. As the regression holds t, its coefficient on the drawn units is the one for
y less b: every design is built once, and a draw costs one weighted X'X for all regressions on the same units. z-values
take the answer's own standard error, of the data as they are, in the observed curve and in the drawn ones.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.analysis import resolve
from causal.checks.json_values import from_values, to_values
from causal.estimators.design import Floats, Sample, blocks, draw_sample
from causal.estimators.estimate import quantile
from causal.estimators.nuisance import inverse_of
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec

if TYPE_CHECKING:
    from causal.effects.specification_curve import SpecificationAnswer

FEWEST = 2


@dataclass(frozen=True)
class JointTest:
    """Three statistics of the `regressions` with the share of `draws` under the null that reach them.

    `median` effect in the curve's unit; `share_clear`, the larger share of intervals on one side of zero; `average_z`.
    A p-value counts the observed curve among the draws, so that none is zero.
    """

    regressions: int
    draws: int
    median: float
    median_p: float
    share_clear: float
    share_clear_p: float
    average_z: float
    average_z_p: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        found = to_values(dataclasses.asdict(self))
        assert isinstance(found, dict)
        return found

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> JointTest:
        """What `to_json` wrote."""
        return cls(**from_values(document))


@dataclass(eq=False)
class _Member:
    """A regression among those on the same units: its model's columns and its outcome's, by place."""

    place: int
    columns: list[int]
    outcome: int


@dataclass(eq=False)
class _Units:
    """Regressions on the same units: all their columns once, then the treatment, then their outcomes."""

    rows: NDArray[np.int64]
    treated: Floats
    columns: dict[str, Floats] = field(default_factory=dict)
    outcomes: dict[tuple[Any, ...], Floats] = field(default_factory=dict)
    members: list[_Member] = field(default_factory=list)

    def add(self, place: int, sample: Sample, outcome: tuple[Any, ...]) -> None:
        for at, name in enumerate(sample.names):
            self.columns.setdefault(name, sample.model[:, at])
        self.outcomes.setdefault(outcome, sample.outcome)
        names, outcomes = list(self.columns), list(self.outcomes)
        self.members.append(_Member(place, [names.index(each) for each in sample.names], outcomes.index(outcome)))

    def design(self) -> Floats:
        """(n, columns + 1 + outcomes)."""
        return np.column_stack([*self.columns.values(), self.treated, *self.outcomes.values()])

    def effects(self, gram: Floats) -> dict[int, float]:
        """The treatment's coefficient of each regression, from the weighted X'X of all columns."""
        width, found = len(self.columns), {}
        for each in self.members:
            chosen = [*each.columns, width]
            inverse = inverse_of(gram[np.ix_(chosen, chosen)])
            found[each.place] = float(inverse[-1] @ gram[chosen, width + 1 + each.outcome])
        return found


@one_thread
def joint_test(
    table: UnitTable,
    asked: Sequence[tuple[AnalysisSpec, SpecificationAnswer, float]],
    draws: int = 200,
    seed: int = 0,
    progress: Progress = silent,
) -> JointTest | None:
    """The joint test of regressions with their answers and the unit that each effect is told in.

    None for fewer than two; regressions whose effect varies with covariates (`treatment_by`) are left aside.
    """
    usable = [
        each
        for each in asked
        if each[1].std_error > 0 and not each[0].terms.treatment_by and each[0].method == "regression"
    ]
    if len(usable) < FEWEST or draws < 1:
        return None
    progress(0.0, "building the regressions' designs")
    null = np.empty((draws, len(usable)))
    groups = _grouped(table, [each[0] for each in usable])
    codes = _drawn_codes(table, usable[0][0])
    for at, units in enumerate(groups):
        _draw(units, codes, draws, seed, null, _part(progress, at, len(groups)))
    effects = np.array([each[1].effect for each in usable])
    errors, scale = np.array([each[1].std_error for each in usable]), np.array([each[2] for each in usable])
    null -= effects
    reach = quantile((1 + usable[0][0].confidence) / 2)
    seen, drawn = _statistics(effects[None], errors, scale, reach), _statistics(null, errors, scale, reach)
    values = [
        (float(one[0]), float(1 + (every >= one[0]).sum()) / (draws + 1))
        for one, every in zip(seen, drawn, strict=True)
    ]
    return JointTest(
        len(usable),
        draws,
        math.copysign(values[0][0], float(np.median(effects / scale))),
        values[0][1],
        *values[1],
        math.copysign(values[2][0], float((effects / errors).mean())),
        values[2][1],
    )


def _part(progress: Progress, at: int, count: int) -> Progress:
    return lambda share, stage: progress((at + share) / count, stage)


def _statistics(effects: Floats, errors: Floats, scale: Floats, reach: float) -> tuple[Floats, Floats, Floats]:
    """(curves,) sizes of the median, of the share clear on one side, and of the average z."""
    z = effects / errors
    one_side = np.maximum((z > reach).mean(axis=1), (z < -reach).mean(axis=1))
    return np.abs(np.median(effects / scale, axis=1)), one_side, np.abs(z.mean(axis=1))


def _grouped(table: UnitTable, specs: Sequence[AnalysisSpec]) -> list[_Units]:
    groups: dict[bytes, _Units] = {}
    for place, spec in enumerate(specs):
        _, adjust_for, _ = resolve(table, spec, method_named("regression"))
        sample = draw_sample(
            table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
        )
        key = sample.rows.tobytes()
        if key not in groups:
            groups[key] = _Units(sample.rows, sample.treated.astype(np.float64))
        groups[key].add(place, sample, (spec.question.outcome, spec.outcome_rule))
    return list(groups.values())


def _drawn_codes(table: UnitTable, spec: AnalysisSpec) -> NDArray[np.int64]:
    """(table,) what is drawn: the row itself, or its cluster; a missing cluster is no row of any regression."""
    if spec.cluster is None:
        return np.arange(len(table))
    return np.maximum(pd.factorize(table.column(spec.cluster))[0], 0).astype(np.int64)


def _draw(units: _Units, codes: NDArray[np.int64], draws: int, seed: int, null: Floats, progress: Progress) -> None:
    """Fill the coefficients of every draw for the regressions on these units; draw b is the same for all units."""
    design, own, count = units.design(), codes[units.rows], int(codes.max()) + 1
    for at, each in enumerate(np.random.SeedSequence(seed).spawn(draws)):
        progress(at / draws, f"drawing units without an effect, {at + 1:,} of {draws:,}")
        rng = np.random.default_rng(each)
        weight = np.bincount(rng.integers(0, count, count), minlength=count)[own].astype(np.float64)
        for place, effect in units.effects(_weighted_gram(design, weight)).items():
            null[at, place] = effect


def _weighted_gram(design: Floats, weight: Floats) -> Floats:
    gram = np.zeros((design.shape[1],) * 2)
    for rows in blocks(len(design)):
        block = design[rows]
        gram += block.T @ (block * weight[rows, None])
    return gram / len(design)
