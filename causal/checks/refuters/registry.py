"""Every refuter, in the order in which they are run: the quick ones first."""

from __future__ import annotations

from causal.checks.refuters import (
    leave_out_covariate,
    leave_out_segment,
    leave_out_unit,
    negative_control,
    placebo,
    random_cause,
    resampled,
    simulated_outcome,
    subset,
)
from causal.checks.refuters.refutation import Refuter
from causal.errors import OptionProblem

REFUTERS: tuple[Refuter, ...] = (
    negative_control.OUTCOME,
    negative_control.EXPOSURE,
    leave_out_unit.REFUTER,
    leave_out_covariate.REFUTER,
    leave_out_segment.REFUTER,
    placebo.REFUTER,
    simulated_outcome.REFUTER,
    random_cause.REFUTER,
    subset.REFUTER,
    resampled.REFUTER,
)


def refuter_named(name: str) -> Refuter:
    """The refuter with this name.

    Raises OptionProblem, naming those that there are.
    """
    known = {each.name: each for each in REFUTERS}
    if name not in known:
        raise OptionProblem(f'There is no refuter "{name}". There is: {", ".join(known)}.')
    return known[name]
