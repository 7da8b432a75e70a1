"""Every check of a log, in the order in which they are made."""

from __future__ import annotations

from causal.logs.report import (
    changing_treatment,
    constant_columns,
    duplicates,
    impossible_times,
    leaking_columns,
    missing_by_arm,
    mixed_types,
    out_of_order,
    propensities,
    several_arms,
    time_gaps,
    two_clocks,
)
from causal.logs.report.finding import LogCheck

CHECKS: tuple[LogCheck, ...] = (
    duplicates.CHECK,
    impossible_times.CHECK,
    time_gaps.CHECK,
    two_clocks.CHECK,
    out_of_order.CHECK,
    mixed_types.CHECK,
    constant_columns.CHECK,
    leaking_columns.CHECK,
    changing_treatment.CHECK,
    several_arms.CHECK,
    missing_by_arm.CHECK,
    propensities.CHECK,
)
