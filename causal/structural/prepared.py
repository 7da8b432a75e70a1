"""What a fit works on: the rows of a model's columns, the model with its defaults, and whether data can tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from causal.errors import GraphError, NotIdentified, OptionProblem
from causal.logs.unit_table import UnitTable
from causal.structural import solution
from causal.structural.identification import Slopes, identification
from causal.structural.implied import Layout, layout_of
from causal.structural.likelihood import Group
from causal.structural.model import Equal, Parameterization, SemModel, build_model, columns_of_model
from causal.structural.model_text import ModelText
from causal.structural.moments import Moments
from causal.structural.ordered_fit import ordered_rows
from causal.structural.rows import SemRows, level_that_counts, rows_of
from causal.structural.saturated import unrestricted
from causal.structural.starts import scales, starting_point
from causal.structural.uncertainty import Errors
from causal.structural.weighted_fit import Weighted

if TYPE_CHECKING:
    import pandas as pd

Missing = Literal["leave out", "likelihood", "pairwise"]


@dataclass(frozen=True)
class SemOptions:
    """How a model is fitted.

    `group`: a column whose values are groups; `equal`: what is held equal across them. `missing`: rows with a missing
    value are left out, or used for what they show: by full information ("likelihood"), or of ordered columns pair by
    pair ("pairwise", which asks that values are missing completely at random). `errors`: by the expected or observed
    information, or robust to rows that are not normal ("sandwich" is lavaan's MLR, "satorra_bentler" its MLM).
    `means`: intercepts in the model, also where nothing needs them; `growth`: latent means free, intercepts 0.
    `ordered`: columns whose values are levels in order; the model is then of their normal responses, fitted by
    diagonally weighted least squares with robust errors and test (lavaan's WLSMV), whatever `errors` says.
    `parameterization` of these: the variance of a response is one ("delta"), or its residual variance ("theta").
    """

    group: str | None = None
    equal: tuple[Equal, ...] = ()
    missing: Missing = "leave out"
    errors: Errors = "expected"
    means: bool = False
    growth: bool = False
    confidence: float = 0.95
    seed: int = 0
    ordered: tuple[str, ...] = ()
    parameterization: Parameterization = "delta"


USUAL = SemOptions()


@dataclass(frozen=True)
class Prepared:
    """Rows and model of one fit; `scales` (k,) of the free parameters, `coded` how words became numbers.

    `weighted`: what a fit of ordered columns sees instead of a likelihood, with their `levels`; `moments` are then
    those of the normal responses. `notes`: what was seen in the rows that makes a solution doubtful.
    """

    model: SemModel
    rows: SemRows
    groups: tuple[Group, ...]
    moments: tuple[Moments, ...]
    scales: NDArray[np.float64]
    coded: tuple[str, ...] = ()
    weighted: Weighted | None = None
    levels: tuple[tuple[float, ...], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def slopes(self) -> Slopes | None:
        """How the moments move with the parameters, where they are no means and covariances."""
        return None if self.weighted is None else self.weighted.slopes

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Where the parameters of each group stand."""
        return tuple(group.layout for group in self.groups)


def prepare(frame: pd.DataFrame | UnitTable, text: ModelText, options: SemOptions) -> Prepared:
    """The rows and the model with its defaults.

    Raises what `rows_of` and `build_model` do, GraphError where a latent variable is called as a column is, and
    OptionProblem where the options do not go together.
    """
    _require_own_names(frame, text)
    if options.ordered:
        return _prepare_ordered(frame, text, options)
    if options.missing == "pairwise":
        raise OptionProblem(
            'Pair by pair only ordered columns are fitted. Choose missing="likelihood": it uses incomplete rows too, '
            "and asks less of why values are missing."
        )
    if options.missing == "likelihood" and options.errors == "satorra_bentler":
        raise OptionProblem(
            'The Satorra-Bentler test needs complete rows. With missing values choose errors="sandwich", also robust.'
        )
    rows = rows_of(frame, *columns_of_model(text), options.group, options.missing)
    means = options.means or options.missing == "likelihood"
    model = build_model(text, len(rows.groups), means, options.equal, options.growth)
    moments = tuple(unrestricted(patterns, len(model.observed)) for patterns in rows.patterns)
    groups = tuple(
        Group(layout_of(model, at, seen), patterns)
        for at, (seen, patterns) in enumerate(zip(moments, rows.patterns, strict=True))
    )
    return Prepared(model, rows, groups, moments, scales(model, moments), _coded(frame, model))


def _require_own_names(frame: pd.DataFrame | UnitTable, text: ModelText) -> None:
    columns = set((frame.frame if isinstance(frame, UnitTable) else frame).columns)
    for line in text.lines:
        if line.operator == "=~" and line.left in columns:
            raise GraphError(
                f'"{line.left}" is a latent variable of the equations and also a column of the rows: which of the two '
                "is meant cannot be told. Call the latent variable otherwise, or take the column: leave out "
                f'"{line.left} =~ …", and on a drawn graph mark it as recorded.'
            )


def _prepare_ordered(frame: pd.DataFrame | UnitTable, text: ModelText, options: SemOptions) -> Prepared:
    if options.missing == "likelihood":
        raise OptionProblem(
            "Of ordered columns thresholds and correlations are found pair by pair, not by a likelihood. Choose "
            'missing="pairwise" or "leave out", or take no column as ordered.'
        )
    made = ordered_rows(
        frame,
        text,
        options.ordered,
        options.group,
        options.equal,
        options.growth,
        options.missing,
        options.parameterization,
    )
    scale, coded = scales(made.model, made.moments), _coded(frame, made.model)
    told = coded, made.seen, made.levels, made.notes
    return Prepared(made.model, made.rows, made.groups, made.moments, scale, *told)


def _coded(frame: pd.DataFrame | UnitTable, model: SemModel) -> tuple[str, ...]:
    words = [(name, level_that_counts(frame, name)) for name in model.observed]
    return tuple(f'"{name}" counts as 1 where it is {level}, else as 0.' for name, level in words if level is not None)


def require_likelihood(prepared: Prepared, what: str) -> None:
    """Raises OptionProblem where columns are ordered, for `what` goes by the likelihood."""
    if prepared.weighted is not None:
        raise OptionProblem(
            f"{what} goes by the likelihood of the rows, which a fit of ordered columns does not have. Take no column "
            "as ordered."
        )


def identified_start(prepared: Prepared) -> NDArray[np.float64]:
    """The point to begin at.

    Raises NotIdentified with the parameters that cannot be told.
    """
    model = prepared.model
    start = starting_point(model, prepared.moments)
    known = identification(model, prepared.layouts, start, prepared.scales, slopes=prepared.slopes)
    if known.identified:
        return start
    listed = ", ".join(f'"{name}"' for name in known.unidentified)
    cause = (
        f"The model has {known.free} free parameters, but the data offer {known.moments} means and covariances to tell "
        "them from."
        if known.moments < known.free
        else "The means and covariances that the model implies do not tell all parameters apart."
    )
    raise NotIdentified(
        f"No data can tell these parameters: {listed}. {cause} {_way_out(model)} Other values of them explain the data "
        "exactly as well, so no numbers are shown."
    )


def _way_out(model: SemModel) -> str:
    loops = in_loops(model)
    if loops:
        named = " and ".join(f'"{name}"' for name in loops)
        return (
            f"{named} cause one another: each needs an instrument, a cause of its own that the others do not have "
            '(write it into its equation, such as "x ~ y + z").'
        )
    return "Fix one of them (0*x or 1*x), hold two equal (a*x + a*z), or give a latent variable more indicators."


def in_loops(model: SemModel) -> list[str]:
    """The variables that cause themselves by way of others."""
    reach = {(cause, effect) for cause, effect in solution.reachable(model, 0)}
    return [name for name in model.variables if (name, name) in reach]
