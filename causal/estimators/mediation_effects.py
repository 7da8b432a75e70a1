"""What a treatment does through the steps between it and the outcome, and what it does around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from causal.errors import OptionProblem
from causal.estimators.estimate import Interval, normal_interval, quantile
from causal.estimators.ratio_region import Region, ratio_region


@dataclass(frozen=True)
class Part:
    """One part of an effect, in units of the outcome, with its standard error.

    `degrees_of_freedom` of Student's distribution where units come in clusters, else infinite: normal quantiles.
    """

    effect: float
    std_error: float
    degrees_of_freedom: float = math.inf

    def interval(self, level: float = 0.95) -> Interval:
        """Lower and upper bound."""
        return normal_interval(self.effect, self.std_error, level, self.degrees_of_freedom)


@dataclass(frozen=True)
class HiddenCause:
    """What a hidden cause of mediator and outcome would do to the indirect effect, in the linear model.

    `correlation_at_zero`: the correlation of the two models' errors at which the indirect effect is zero.
    `of_residual` and `of_total`: the product of the shares of both variances that the hidden cause would have to
    explain for that, of what the models leave and of all. `correlations`, `effects` and `std_errors`: the curve.
    """

    correlation_at_zero: float
    of_residual: float
    of_total: float
    correlations: tuple[float, ...]
    effects: tuple[float, ...]
    std_errors: tuple[float, ...]


@dataclass(frozen=True)
class MediationEffects:
    """Natural effects: `total` = `direct` + `total_indirect` = `total_direct` + `indirect`.

    `direct`: the treatment changes, the mediators stay as under control; `indirect`: only the mediators change, the
    rest stays as under control; `total_...`: the same where the other part is as under treatment; `average_...`: the
    mean of both. `covariance` is that of the average indirect effect and the total, for the share mediated.
    """

    mediators: tuple[str, ...]
    direct: Part
    indirect: Part
    total_direct: Part
    total_indirect: Part
    average_direct: Part
    average_indirect: Part
    total: Part
    covariance: float
    interaction: bool
    hidden_cause: HiddenCause | None = None

    @property
    def share(self) -> float:
        """The average indirect effect as a share of the total; NaN where that is zero."""
        return self.average_indirect.effect / self.total.effect if self.total.effect else float("nan")

    def share_region(self, level: float = 0.95) -> Region:
        """Every share that the data do not contradict (Fieller 1954): unbounded where the total may be zero.

        Raises OptionProblem for a level outside 0 to 1.
        """
        if not 0 < level < 1:
            raise OptionProblem(f"The confidence {level} must lie between 0 and 1, for example 0.95.")
        above, below = self.average_indirect, self.total
        reach = quantile(0.5 + level / 2, self.total.degrees_of_freedom)
        return ratio_region(
            above.effect, below.effect, above.std_error**2, below.std_error**2, self.covariance, reach**2
        )


def mediation_from_json(document: Mapping[str, Any]) -> MediationEffects:
    """The effects from their fields as plain values."""
    values: dict[str, Any] = {name: Part(**each) if _is_part(each) else each for name, each in document.items()}
    values["mediators"] = tuple(values["mediators"])
    hidden = values["hidden_cause"]
    if hidden is not None:
        plain: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in hidden.items()}
        values["hidden_cause"] = HiddenCause(**plain)
    return MediationEffects(**values)


def _is_part(value: Any) -> bool:
    return isinstance(value, Mapping) and {"effect", "std_error"} <= set(value)
