"""What a fit works on: the rows of a model's columns, the model with its defaults, and whether data can tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from causal.errors import NotIdentified, OptionProblem
from causal.logs.unit_table import UnitTable
from causal.structural import solution
from causal.structural.identification import identification
from causal.structural.implied import Layout, layout_of
from causal.structural.likelihood import Group
from causal.structural.model import Equal, SemModel, build_model, columns_of_model
from causal.structural.model_text import ModelText
from causal.structural.moments import Moments
from causal.structural.rows import SemRows, level_that_counts, rows_of
from causal.structural.saturated import unrestricted
from causal.structural.starts import scales, starting_point
from causal.structural.uncertainty import Errors

if TYPE_CHECKING:
    import pandas as pd

Missing = Literal["leave out", "likelihood"]


@dataclass(frozen=True)
class SemOptions:
    """How a model is fitted.

    `group`: a column whose values are groups; `equal`: what is held equal across them. `missing`: rows with a missing
    value are left out, or used for what they show (full information). `errors`: by the expected or observed
    information, or robust to rows that are not normal ("sandwich" is lavaan's MLR, "satorra_bentler" its MLM).
    `means`: intercepts in the model, also where nothing needs them; `growth`: latent means free, intercepts 0.
    """

    group: str | None = None
    equal: tuple[Equal, ...] = ()
    missing: Missing = "leave out"
    errors: Errors = "expected"
    means: bool = False
    growth: bool = False
    confidence: float = 0.95
    seed: int = 0


USUAL = SemOptions()


@dataclass(frozen=True)
class Prepared:
    """Rows and model of one fit; `scales` (k,) of the free parameters, `coded` how words became numbers."""

    model: SemModel
    rows: SemRows
    groups: tuple[Group, ...]
    moments: tuple[Moments, ...]
    scales: NDArray[np.float64]
    coded: tuple[str, ...] = ()

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Where the parameters of each group stand."""
        return tuple(group.layout for group in self.groups)


def prepare(frame: pd.DataFrame | UnitTable, text: ModelText, options: SemOptions) -> Prepared:
    """The rows and the model with its defaults.

    Raises what `rows_of` and `build_model` do, and OptionProblem where the options do not go together.
    """
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
    words = [(name, level_that_counts(frame, name)) for name in model.observed]
    coded = tuple(f'"{name}" counts as 1 where it is {level}, else as 0.' for name, level in words if level is not None)
    return Prepared(model, rows, groups, moments, scales(model, moments), coded)


def identified_start(prepared: Prepared) -> NDArray[np.float64]:
    """The point to begin at.

    Raises NotIdentified with the parameters that cannot be told.
    """
    model = prepared.model
    start = starting_point(model, prepared.moments)
    known = identification(model, prepared.layouts, start, prepared.scales)
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
