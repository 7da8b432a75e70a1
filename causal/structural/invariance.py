"""Whether groups show the same latent variables alike: a model fitted with more and more held equal across them.

Configural, metric, scalar and strict invariance (Meredith 1993; Vandenberg and Lance 2000). A step holds where CFI
falls by less than 0.01 (Cheung and Rensvold 2002), as chi-square rejects every equality of many rows; it fails where
RMSEA or SRMR grow too (Chen 2007). Differences of scaled chi-squares are Satorra and Bentler's (2001), those of ordered
columns Satorra's (2000), scaled and shifted; which equality fails most is told by score tests (Sörbom 1989).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from causal.checks.json_values import from_values, to_values
from causal.errors import EstimationError, GraphError, NotIdentified, OptionProblem
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable
from causal.progress import Progress, silent
from causal.structural.fit_measures import FitMeasures, FitTest
from causal.structural.fitting import fit_test, solve
from causal.structural.implied import layout_of
from causal.structural.likelihood import Group, deviance_gradient, expected_information
from causal.structural.model import Equal, Parameter, SemModel
from causal.structural.model_text import read_model
from causal.structural.prepared import USUAL, Prepared, SemOptions, prepare

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Level = Literal["configural", "metric", "scalar", "strict"]
Standing = Literal["holds", "in doubt", "fails"]

LEVELS: dict[Level, tuple[Equal, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
ORDERED_LEVELS: dict[Level, tuple[Equal, ...]] = {
    "configural": (),
    "scalar": ("loadings", "thresholds", "intercepts"),
    "strict": ("loadings", "thresholds", "intercepts", "residuals"),
}
"""With ordered columns: loadings and thresholds at once, as one sets the scale of the other. Residual variances are one
in the first group, free in the others until they are held equal (theta)."""

CFI_FALL = 0.010
RMSEA_GROWTH = 0.015
SRMR_GROWTH: dict[Level, float] = {"configural": 0.0, "metric": 0.030, "scalar": 0.010, "strict": 0.010}
_SAME = 1e-9


@dataclass(frozen=True)
class Difference:
    """By what chi-square grew for what was held equal: as it comes, and `adjusted` where errors are robust."""

    chi2: float
    df: int
    adjusted: float
    p_value: float


@dataclass(frozen=True)
class Equality:
    """One coefficient of one group that is held equal to those of the others: by what chi-square would fall if not."""

    name: str
    group: str
    chi2: float
    change: float

    @property
    def p_value(self) -> float:
        """Of the null that the group has it like the others; one test among many."""
        return float(stats.chi2.sf(self.chi2, 1))


@dataclass(frozen=True)
class InvarianceStep:
    """One level: what is held equal, how well the model fits, and what that cost beside the level before.

    `measures` are the adjusted ones where columns are ordered. `difference` and `standing` are None for the first.
    `equalities`: what was newly held equal, the worst first.
    """

    level: Level
    equal: tuple[str, ...]
    measures: FitMeasures
    difference: Difference | None
    standing: Standing | None
    equalities: tuple[Equality, ...]


@dataclass(frozen=True)
class Invariance:
    """The steps in order; small and JSON-able."""

    column: str
    groups: tuple[str, ...]
    rows: tuple[int, ...]
    ordered: tuple[str, ...]
    errors: str
    steps: tuple[InvarianceStep, ...]

    @property
    def holds(self) -> Level:
        """The last level before the first that does not hold."""
        found: Level = "configural"
        for each in self.steps[1:]:
            if each.standing != "holds":
                break
            found = each.level
        return found

    @property
    def first_doubt(self) -> InvarianceStep | None:
        """The first step that does not hold."""
        return next((each for each in self.steps if each.standing in ("in doubt", "fails")), None)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(dataclasses.asdict(self)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Invariance:
        """What `to_json` wrote."""
        document = from_values(document)
        lists = {name: tuple(document[name]) for name in ("groups", "rows", "ordered")}
        return cls(**{**document, **lists, "steps": tuple(_step_from(each) for each in document["steps"])})


def _step_from(document: Mapping[str, Any]) -> InvarianceStep:
    measures, difference = document["measures"], document["difference"]
    return InvarianceStep(
        **{
            **document,
            "equal": tuple(document["equal"]),
            "measures": FitMeasures(**{**measures, "rmsea_interval": tuple(measures["rmsea_interval"])}),
            "difference": None if difference is None else Difference(**difference),
            "equalities": tuple(Equality(**each) for each in document["equalities"]),
        }
    )


@dataclass(frozen=True)
class _Solved:
    """A level's model with its estimates and its test."""

    prepared: Prepared
    theta: Floats
    test: FitTest

    @property
    def measures(self) -> FitMeasures:
        return self.test.scaled or self.test.plain


def invariance(
    frame: pd.DataFrame | UnitTable,
    model: str | CausalGraph,
    group: str,
    options: SemOptions = USUAL,
    progress: Progress = silent,
) -> Invariance:
    """The model in each group of a column with nothing equal, then loadings, intercepts and residual variances too.

    With ordered columns: nothing equal, then loadings, thresholds and intercepts, then residual variances. `options`
    says the rest; what it holds equal is held at every level. Raises what `fit_sem` does, and OptionProblem where the
    column has one group, or GraphError where the model has no latent variable.
    """
    text = read_model(model.to_text("lavaan") if isinstance(model, CausalGraph) else model)
    levels = ORDERED_LEVELS if options.ordered else LEVELS
    options = replace(options, parameterization="theta")
    solved: list[_Solved] = []
    for at, (level, equal) in enumerate(levels.items()):
        progress(at / len(levels), f"fitting with {_words(equal)}")
        asked = replace(options, group=group, equal=tuple(dict.fromkeys((*options.equal, *equal))), means=True)
        prepared = prepare(frame, text, asked)
        _require_groups(prepared, group)
        try:
            theta = solve(prepared, asked)
        except (EstimationError, NotIdentified) as problem:
            raise type(problem)(f"With {_words(equal)} ({level} invariance): {problem}") from None
        solved.append(_Solved(prepared, theta, fit_test(prepared, theta, asked)))
    first = solved[0].prepared
    return Invariance(
        column=group,
        groups=first.rows.groups,
        rows=tuple(each.n for each in first.groups),
        ordered=tuple(options.ordered),
        errors="weighted" if options.ordered else options.errors,
        steps=tuple(
            _step(level, equal, solved[at], solved[at - 1] if at else None)
            for at, (level, equal) in enumerate(levels.items())
        ),
    )


def _words(equal: Sequence[str]) -> str:
    return f"equal {' and '.join(equal)}" if equal else "nothing held equal"


def _require_groups(prepared: Prepared, group: str) -> None:
    if len(prepared.rows.groups) < 2:
        raise OptionProblem(f'"{group}" has one value only, so there are no groups to compare. Choose another column.')
    if not prepared.model.latent:
        raise GraphError(
            "The model has no latent variable, so that nothing could be shown differently in the groups. Write one, "
            'such as "quality =~ clicks + rating + dwell".'
        )


def _step(level: Level, equal: tuple[Equal, ...], now: _Solved, before: _Solved | None) -> InvarianceStep:
    if before is None:
        return InvarianceStep(level, equal, now.measures, None, None, ())
    return InvarianceStep(
        level=level,
        equal=equal,
        measures=now.measures,
        difference=_difference(before, now),
        standing=_standing(level, before.measures, now.measures),
        equalities=_equalities(before.prepared.model, now),
    )


def _standing(level: Level, before: FitMeasures, now: FitMeasures) -> Standing:
    """By Cheung and Rensvold's limit; where CFI falls that far, by Chen's."""
    if before.cfi - now.cfi < CFI_FALL - _SAME:
        return "holds"
    grew = now.rmsea - before.rmsea >= RMSEA_GROWTH - _SAME or now.srmr - before.srmr >= SRMR_GROWTH[level] - _SAME
    return "fails" if grew else "in doubt"


def _difference(before: _Solved, now: _Solved) -> Difference:
    chi2, df = now.test.plain.chi2 - before.test.plain.chi2, now.test.plain.df - before.test.plain.df
    if now.prepared.weighted is not None:
        adjusted = _satorra(before, now, chi2, df)
    else:
        larger, smaller = now.test.plain.df * now.test.scaling, before.test.plain.df * before.test.scaling
        scaling = (larger - smaller) / df if df else 1.0
        adjusted = chi2 / scaling if scaling > 0 else float("nan")
    return Difference(chi2, df, adjusted, float(stats.chi2.sf(adjusted, df)) if df else float("nan"))


def _satorra(before: _Solved, now: _Solved, chi2: float, df: int) -> float:
    """The difference scaled and shifted: restrictions by how the smaller model's moments move in the larger one's."""
    wide, narrow = before.prepared.weighted, now.prepared.weighted
    assert wide is not None
    assert narrow is not None
    slopes, weights = wide.slopes(before.theta), wide.weights
    moved = np.linalg.lstsq(slopes, narrow.slopes(now.theta))[0]
    restrictions = linalg.null_space(moved.T).T
    inverse = np.linalg.inv(slopes.T @ (slopes * weights[:, None]))
    turned = inverse @ restrictions.T
    middle = turned @ np.linalg.pinv(restrictions @ turned, hermitian=True) @ turned.T
    weighted = slopes * weights[:, None]
    product = weighted @ middle @ weighted.T @ wide.spread
    scale = float(np.sqrt(df / np.einsum("ij,ji->", product, product)))
    return chi2 * scale + df - scale * float(np.trace(product))


def _equalities(before: SemModel, now: _Solved) -> tuple[Equality, ...]:
    """Each coefficient that the level before had free in a group, released from the others' value."""
    prepared, theta = now.prepared, now.theta
    was = {(each.name, each.group): each.free for each in before.parameters}
    alone, together = _groups_of(before), _groups_of(prepared.model)
    first = 0 if prepared.model.groups > 2 else 1  # of two groups one says all
    released = [
        each
        for each in prepared.model.parameters
        if each.group >= first
        and len(together.get(each.free, ())) > 1
        and len(alone.get(was[each.name, each.group], ())) == 1
    ]
    if not released:
        return ()
    score, information = _scores(prepared, theta, released)
    size = prepared.model.free
    own, cross = information[:size, :size], information[size:, :size]
    left_over = np.diag(information)[size:] - np.einsum("ij,ji->i", cross, np.linalg.solve(own, cross.T))
    told = left_over > 1e-8 * np.diag(information)[size:]
    labels = prepared.rows.groups
    found = [
        Equality(each.name, labels[each.group], float(slope**2 / rest), float(slope / rest))
        for each, slope, rest, known in zip(released, score.tolist(), left_over.tolist(), told.tolist(), strict=True)
        if known
    ]
    return tuple(sorted(found, key=lambda each: -each.chi2))


def _groups_of(model: SemModel) -> dict[int | None, set[int]]:
    """In which groups each free place stands."""
    found: dict[int | None, set[int]] = {}
    for each in model.parameters:
        if each.free is not None:
            found.setdefault(each.free, set()).add(each.group)
    return found


def _scores(prepared: Prepared, theta: Floats, released: Sequence[Parameter]) -> tuple[Floats, Floats]:
    """The slope of the fit by each released coefficient, and the information of all, theirs last."""
    size = prepared.model.free
    own = {id(each): size + at for at, each in enumerate(released)}
    parameters = tuple(replace(each, free=own.get(id(each), each.free)) for each in prepared.model.parameters)
    larger = replace(prepared.model, parameters=parameters, free=size + len(released))
    shared = np.array([each.free for each in released], dtype=np.intp)
    point = np.concatenate([theta, theta[shared]])
    layouts = tuple(layout_of(larger, at, seen) for at, seen in enumerate(prepared.moments))
    if prepared.weighted is not None:
        wider = replace(prepared.weighted, layouts=layouts)
        slopes = wider.slopes(point)
        score = slopes.T @ (wider.counted * (wider.values - wider.implied(point)))
        information = slopes.T @ (wider.counted[:, None] * slopes)
    else:
        groups = [Group(layout, each.patterns) for layout, each in zip(layouts, prepared.groups, strict=True)]
        score, information = -deviance_gradient(groups, point) / 2, expected_information(groups, point)
    # the shared value moves all of its groups, a released one its own beside it
    turn = np.eye(len(point))
    turn[np.arange(size, len(point)), shared] = 1.0
    return score[size:], np.asarray(turn.T @ information @ turn)
