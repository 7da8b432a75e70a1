"""Positivity of an answer: which units have (next to) nobody comparable in the other arm, as rules with counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from causal.analysis import resolve
from causal.checks.json_values import from_values, to_values
from causal.checks.overlap_regions import Arm, OverlapRegions, RegionColumn, RegionRule, overlap_regions
from causal.errors import DoableError
from causal.estimators.design import Floats, Sample, draw_sample
from causal.estimators.nuisance import fit_propensity
from causal.estimators.one_thread import one_thread
from causal.estimators.registry import method_named
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.study import AnalysisSpec, Condition, Level, Target


@dataclass(frozen=True)
class Positivity:
    """The `regions`, the treatment's two levels, and whose arms must overlap there; JSON-able.

    Where the effect on those treated is asked for, only units without comparable control matter; and the other way.
    """

    regions: OverlapRegions
    treatment: str
    control_level: Level
    treated_level: Level
    target: Target

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        document = to_values(dataclasses.asdict(self))
        assert isinstance(document, dict)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Positivity:
        """What `to_json` wrote."""
        held = from_values(document)
        regions = dict(held["regions"])
        regions["rules"] = tuple(_rule_of(each) for each in regions["rules"])
        regions["limits"] = tuple(regions["limits"])
        return cls(**{**held, "regions": OverlapRegions(**regions)})


@one_thread
def positivity(table: UnitTable, spec: AnalysisSpec, progress: Progress = silent) -> Positivity:
    """Where an arm that the target needs (next to) does not occur, by the covariates that the spec adjusts for.

    Raises the errors of `answer` where the units cannot be drawn. Covariates that decide the arm are no error here.
    """
    progress(0.05, "drawing the units")
    _, adjust_for, _ = resolve(table, spec, method_named(spec.method))
    sample = draw_sample(
        table, spec.question, adjust_for, spec.terms, spec.cluster, (), spec.seed, spec.where, spec.outcome_rule
    )
    progress(0.3, "fitting the propensity")
    chance = _chance(sample)
    progress(0.6, "searching for regions without overlap")
    columns = [found for name in adjust_for if (found := _column(table, sample, name)) is not None]
    absent: dict[Target, tuple[Arm, ...]] = {"treated": ("control",), "untreated": ("treated",)}
    regions = overlap_regions(
        columns, sample.treated, chance, absent.get(sample.target, ("control", "treated")), spec.seed
    )
    progress(1.0, "done")
    return Positivity(regions, spec.question.treatment, sample.control_level, sample.treated_level, sample.target)


def _chance(sample: Sample) -> Floats | None:
    """(n,) the logistic propensity; None where the covariates decide the arm, of which the rules tell more."""
    try:
        return fit_propensity(sample).fitted
    except DoableError:
        return None


def _column(table: UnitTable, sample: Sample, name: str) -> RegionColumn | None:
    """One covariate as conditions see it; None for times and texts, which no rule is made of."""
    values, kind = table.column(name).iloc[sample.rows], table.types[name]
    if kind == "time" or name in table.parts:
        return None
    if (
        pd.api.types.is_bool_dtype(values.dtype)
        or not pd.api.types.is_numeric_dtype(values.dtype)
        or kind == "category"
    ):
        codes, levels = pd.factorize(values, sort=False)
        return RegionColumn(name, codes=codes.astype(np.int64), levels=tuple(_level(each) for each in levels))
    return RegionColumn(name, numbers=values.to_numpy(dtype=np.float64, na_value=np.nan))


def _level(value: Any) -> Level:
    plain: Level = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, str | int | float | bool) else str(plain)


def _rule_of(held: Mapping[str, Any]) -> RegionRule:
    conditions: Sequence[Mapping[str, Any]] = held["conditions"]
    return RegionRule(**{**held, "conditions": tuple(Condition(**each) for each in conditions)})
