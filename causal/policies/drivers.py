"""Why a unit gets its arm: the arm's predicted gain, what it would have to beat, and what the prediction rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal.effects.drivers import Drivers, drivers_of
from causal.estimators.design import Floats
from causal.estimators.folds import Places
from causal.policies.policy import Policy


def drivers(policy: Policy) -> Drivers:
    """For each row of the policy's table, what the predicted gain on the control of one arm (`subject`) rests on.

    That is the arm it gets; of units that get the control the arm that comes nearest to it (`runner_up`).
    """
    subject = np.where(policy.arms == policy.control, runner_up(policy), policy.arms)
    gains = policy.predicted - policy.predicted[:, [policy.control]]
    found: Drivers | None = None
    told, weight = 0.0, 0
    for arm in range(len(policy.levels)):
        inside = subject == arm
        if arm == policy.control or not inside.any():
            continue
        own = drivers_of(gains[:, arm], policy.table, policy.goes_by)
        told, weight = told + own.told * int(inside.sum()), weight + int(inside.sum())
        found = own if found is None else _with_rows(found, own, inside)
    if found is None:  # one arm, or no unit
        found = drivers_of(np.full(len(policy.table), np.nan), policy.table, policy.goes_by)
    return replace(found, told=told / max(weight, 1), subject=subject)


def _with_rows(whole: Drivers, part: Drivers, inside: Places) -> Drivers:
    """The rows `inside` from the second."""
    return replace(
        whole,
        place=np.where(inside[:, None], part.place, whole.place),
        part=np.where(inside[:, None], part.part, whole.part),
        average=np.where(inside, part.average, whole.average),
        rest=np.where(inside, part.rest, whole.rest),
    )


def runner_up(policy: Policy) -> Places:
    """(rows,) the arm other than the control with the highest predicted outcome less its cost at the shadow price."""
    net = policy.predicted - price_of(policy) * policy.costs
    net[:, policy.control] = -np.inf
    found = np.where(np.isnan(net), -np.inf, net).argmax(axis=1)
    return np.asarray(np.where(policy.arms < 0, -1, found), dtype=np.int64)


def price_of(policy: Policy) -> float:
    """What the next unit of money buys, in units of the outcome; zero where money limits nothing."""
    return float(policy.shadow_price) if policy.budget is not None else 0.0


def gain_of(policy: Policy, subject: Places) -> Floats:
    """(rows,) the predicted gain on the control of an arm per row, NaN where there is none."""
    return _of_arm(policy.predicted - policy.predicted[:, [policy.control]], subject)


def cost_of(policy: Policy, subject: Places) -> Floats:
    """(rows,) what an arm per row costs more than the control, NaN where there is none."""
    return _of_arm(policy.costs - policy.costs[:, [policy.control]], subject)


def _of_arm(values: Floats, subject: Places) -> Floats:
    found = values[np.arange(len(values)), np.maximum(subject, 0)]
    return np.asarray(np.where(subject < 0, np.nan, found))
