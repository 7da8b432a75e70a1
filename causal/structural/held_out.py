"""How a structural equation model does on rows that it has not seen, beside plain regressions and the mean.

Cross-validation as in Browne and Cudeck (1989), Multivariate Behavioral Research 24: 445-455, for the likelihood of all
columns; outcomes are predicted from the columns that do not follow from them, by the model's implied conditional mean:
de Rooij, Karch, Fokkema, Bakk, Pratiwi and Kelderman (2023), Structural Equation Modeling 30: 132-148. Differences are
paired by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from causal.checks.json_values import from_values, to_values
from causal.errors import EstimationError, OptionProblem, TooFewUnits
from causal.graphs.causal_graph import CausalGraph
from causal.progress import Progress, silent
from causal.structural import solution
from causal.structural.implied import implied, layout_of
from causal.structural.likelihood import Group, Pattern
from causal.structural.model import SemModel
from causal.structural.model_text import read_model
from causal.structural.moments import Moments, blocks, moments_of
from causal.structural.prepared import USUAL, Prepared, SemOptions, identified_start, prepare, require_likelihood
from causal.structural.saturated import unrestricted
from causal.structural.search import maximise

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.unit_table import UnitTable

Floats = NDArray[np.float64]
_Told = Sequence[Sequence[Sequence[Moments | None]]]
"""Per group, pattern and fold: the moments of its rows, None where it has none."""


@dataclass(frozen=True)
class Paired:
    """The mean over rows of the model's loss less another's, and its error: below zero the model does better."""

    difference: float
    std_error: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """By normal quantiles."""
        half = float(stats.norm.ppf((1 + level) / 2)) * self.std_error
        return self.difference - half, self.difference + half


@dataclass(frozen=True)
class Loss:
    """One loss (mean over rows) of the model, of a plain alternative, and of one in which nothing is related."""

    model: float
    plain: float
    nothing: float
    against_plain: Paired
    against_nothing: Paired


@dataclass(frozen=True)
class HeldOutOutcome:
    """One column predicted from others: squared error, and minus the log density, by row."""

    column: str
    predictors: tuple[str, ...]
    squared_error: Loss
    surprise: Loss

    @property
    def r_squared(self) -> float:
        """The share of the variance around the mean that the model predicts."""
        return 1 - self.squared_error.model / self.squared_error.nothing

    @property
    def plain_r_squared(self) -> float:
        """The share that the regression predicts."""
        return 1 - self.squared_error.plain / self.squared_error.nothing


@dataclass(frozen=True)
class HeldOutFit:
    """`rows` scored in `folds`. `surprise`: minus the log density of all columns, by row.

    Its plain alternative has every mean and covariance free. `outcomes` are the ends of the regressions, of latent ones
    the columns that show them; their plain alternative is a linear regression on the same columns.
    """

    folds: int
    rows: int
    surprise: Loss
    outcomes: tuple[HeldOutOutcome, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; `from_json` gives it back."""
        return dict(to_values(asdict(self)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> HeldOutFit:
        """What `to_json` wrote."""
        document = from_values(document)
        outcomes = tuple(
            HeldOutOutcome(
                each["column"], tuple(each["predictors"]), _loss(each["squared_error"]), _loss(each["surprise"])
            )
            for each in document["outcomes"]
        )
        return cls(document["folds"], document["rows"], _loss(document["surprise"]), outcomes)


def _loss(document: Mapping[str, Any]) -> Loss:
    told = dict(document)
    return Loss(
        **{
            **told,
            "against_plain": Paired(**told["against_plain"]),
            "against_nothing": Paired(**told["against_nothing"]),
        }
    )


def held_out_fit(
    frame: pd.DataFrame | UnitTable,
    model: str | CausalGraph,
    options: SemOptions = USUAL,
    folds: int = 10,
    progress: Progress = silent,
) -> HeldOutFit:
    """The losses of the model on each fold, fitted to the others; the folds hang on `options.seed`.

    Rows with a missing value may serve for the fits, but are not scored. Raises what `fit_sem` does, OptionProblem for
    fewer than two folds, and EstimationError where the model cannot be fitted without one of them.
    """
    progress(0.0, "reading the columns")
    prepared = prepare(frame, read_model(model.to_text("lavaan") if isinstance(model, CausalGraph) else model), options)
    require_likelihood(prepared, "The prediction of rows held out")
    n = sum(group.n for group in prepared.groups)
    if not 2 <= folds <= n:
        raise OptionProblem(f"The rows cannot be split into {folds} folds. Ask for 2 up to the number of rows ({n}).")
    start = maximise(prepared.groups, identified_start(prepared), prepared.scales, options.seed).theta
    parts = _parts(prepared, folds, options.seed)
    moments = [[[moments_of(rows) if len(rows) else None for rows in each] for each in own] for own in parts]
    asked = _asked(prepared.model)
    losses: list[Floats] = []
    for fold in range(folds):
        progress((fold + 1) / (folds + 1), f"fitting without fold {fold + 1} of {folds}")
        losses.append(_scored(prepared, parts, moments, fold, start, asked, options.seed))
    scored = np.concatenate(losses, axis=1)
    if scored.shape[1] < 2:
        raise TooFewUnits("No two rows are without a missing value, so that none can be predicted.")
    outcomes = tuple(
        HeldOutOutcome(
            prepared.model.observed[column],
            tuple(prepared.model.observed[each] for each in predictors),
            _compared(scored[3 + 6 * at : 6 + 6 * at]),
            _compared(scored[6 + 6 * at : 9 + 6 * at]),
        )
        for at, (column, predictors) in enumerate(asked)
    )
    return HeldOutFit(folds, scored.shape[1], _compared(scored[:3]), outcomes)


def _compared(losses: Floats) -> Loss:
    model, plain, nothing = losses
    return Loss(
        float(model.mean()),
        float(plain.mean()),
        float(nothing.mean()),
        _paired(model - plain),
        _paired(model - nothing),
    )


def _paired(differences: Floats) -> Paired:
    return Paired(float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(len(differences))))


def _asked(model: SemModel) -> list[tuple[int, list[int]]]:
    """Columns to predict, each with the columns that do not follow from what it shows."""
    place = {name: at for at, name in enumerate(model.observed)}
    reach = set(solution.reachable(model, 0))
    regressed = [each for each in model.parameters if each.operator == "~" and each.group == 0]
    causes = {each.right for each in regressed}
    ends = [name for name in dict.fromkeys(each.left for each in regressed) if name not in causes]
    found: dict[int, list[int]] = {}
    for end in ends:
        shown = [each.right for each in model.parameters if (each.left, each.operator, each.group) == (end, "=~", 0)]
        columns = [end] if end in place else [name for name in shown if name in place]
        sources = [place[name] for name in place if name != end and (end, name) not in reach]
        for column in columns:
            if sources:
                found.setdefault(place[column], [each for each in sources if each != place[column]])
    return list(found.items())


def _parts(prepared: Prepared, folds: int, seed: int) -> list[list[list[Floats]]]:
    """Per group and pattern: the rows of each fold."""
    rng = np.random.default_rng(seed)
    parts = []
    for listed in prepared.rows.values:
        own = []
        for rows in listed:
            which = rng.permutation(len(rows)) % folds
            own.append([rows[which == fold] for fold in range(folds)])
        parts.append(own)
    return parts


def _scored(
    prepared: Prepared,
    parts: Sequence[Sequence[Sequence[Floats]]],
    told: _Told,
    fold: int,
    start: Floats,
    asked: Sequence[tuple[int, list[int]]],
    seed: int,
) -> Floats:
    """(losses, rows of the fold): of all columns by model, plain and nothing; then squared and log of each outcome."""
    groups, moments = _without(prepared, told, fold)
    found = maximise(groups, start, prepared.scales, seed)
    if not found.converged:
        raise EstimationError(
            f"Without fold {fold + 1} the model cannot be fitted: it has too many parameters for so few rows. Use "
            "fewer of them, or more rows."
        )
    losses = []
    for group, seen, before, own in zip(groups, moments, prepared.groups, parts, strict=True):
        at = implied(group.layout, found.theta)
        fitted = Moments(seen.n, at.mean if group.layout.means else seen.mean, at.covariance)
        nothing = Moments(seen.n, seen.mean, np.diag(np.diag(seen.covariance)))
        for pattern, rows in zip(before.patterns, own, strict=True):
            if len(pattern.columns) == len(prepared.model.observed):
                losses += [_losses(block, (fitted, seen, nothing), asked) for block in blocks(rows[fold]) if len(block)]
    return np.concatenate(losses, axis=1) if losses else np.zeros((3 + 6 * len(asked), 0))


def _losses(rows: Floats, three: Sequence[Moments], asked: Sequence[tuple[int, list[int]]]) -> Floats:
    found = [_surprise(rows, each) for each in three]
    for column, predictors in asked:
        told = [_predicted(rows, each, column, predictors) for each in three]
        found += [(rows[:, column] - mean) ** 2 for mean, _ in told]
        found += [
            (np.log(2 * np.pi * variance) + (rows[:, column] - mean) ** 2 / variance) / 2 for mean, variance in told
        ]
    return np.array(found)


def _surprise(rows: Floats, at: Moments) -> Floats:
    root = np.linalg.cholesky(at.covariance)
    apart = np.linalg.solve(root, (rows - at.mean).T)
    level = len(at.mean) * np.log(2 * np.pi) / 2 + float(np.log(np.diag(root)).sum())
    return np.asarray(level + (apart**2).sum(axis=0) / 2)


def _predicted(rows: Floats, at: Moments, column: int, predictors: list[int]) -> tuple[Floats, float]:
    """The column's conditional mean, and its conditional variance."""
    slopes = np.linalg.solve(at.covariance[np.ix_(predictors, predictors)], at.covariance[predictors, column])
    mean = at.mean[column] + (rows[:, predictors] - at.mean[predictors]) @ slopes
    return mean, float(at.covariance[column, column] - at.covariance[predictors, column] @ slopes)


def _without(prepared: Prepared, told: _Told, fold: int) -> tuple[list[Group], list[Moments]]:
    """Groups and unrestricted moments of all rows but those of one fold."""
    groups, moments = [], []
    for at, (group, own) in enumerate(zip(prepared.groups, told, strict=True)):
        patterns = []
        for pattern, listed in zip(group.patterns, own, strict=True):
            kept = [each for place, each in enumerate(listed) if place != fold and each is not None]
            if kept:
                patterns.append(Pattern(pattern.columns, _joined(kept)))
        seen = unrestricted(patterns, len(prepared.model.observed))
        groups.append(Group(layout_of(prepared.model, at, seen), tuple(patterns)))
        moments.append(seen)
    return groups, moments


def _joined(parts: Sequence[Moments]) -> Moments:
    """The moments of all rows from those of their parts."""
    n = sum(each.n for each in parts)
    mean = np.sum([each.n * each.mean for each in parts], axis=0) / n
    around = [each.n * (each.covariance + np.outer(each.mean - mean, each.mean - mean)) for each in parts]
    return Moments(n, mean, np.sum(around, axis=0) / n)
