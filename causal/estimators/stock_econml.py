"""EconML's estimators as DoWhy calls them: how each is set up, what is known to be wrong, and which tell an error.

Checked against DoWhy 0.14 and EconML 0.17: DoWhy hears neither "att" nor "atc" from these, gives one interval per unit
and none for the average, fails on a category among the effect modifiers, draws other folds at every call, and hands the
columns over in an order that changes from process to process. Here the frame holds numbers only, in one order, the
units asked about are named one by one, and the seed is the spec's.
"""

from __future__ import annotations

import importlib.util
import math
from typing import Any

import numpy as np
import pandas as pd

from causal.errors import OptionProblem

ECONML_NAMES = (
    "backdoor.econml.dml.LinearDML",
    "backdoor.econml.dml.CausalForestDML",
    "backdoor.econml.dr.LinearDRLearner",
    "backdoor.econml.dr.ForestDRLearner",
    "backdoor.econml.metalearners.SLearner",
    "backdoor.econml.metalearners.TLearner",
    "backdoor.econml.metalearners.XLearner",
)

_AS_A_QUANTITY = (
    "Stock DoWhy does not tell EconML that the treatment has two values: its chance is learnt as a quantity, and may "
    "leave 0 to 1."
)
_UNCORRECTED = "what the learners get wrong stays in the effect, and there is no valid interval."

ECONML_FAULTS = {
    "backdoor.econml.dml.LinearDML": _AS_A_QUANTITY,
    "backdoor.econml.dml.CausalForestDML": _AS_A_QUANTITY,
    "backdoor.econml.metalearners.SLearner": "The S-learner takes the treatment for one column among many, and may "
    f"shrink its effect towards zero; {_UNCORRECTED}",
    "backdoor.econml.metalearners.TLearner": f"The T-learner compares two models as they are: {_UNCORRECTED}",
    "backdoor.econml.metalearners.XLearner": f"The X-learner averages two models of the effect: {_UNCORRECTED}",
}
"""What makes the number itself doubtful; the first two are mended where `corrected` is asked for."""

MENDED = ("backdoor.econml.dml.LinearDML", "backdoor.econml.dml.CausalForestDML")


def is_econml(dowhy_name: str) -> bool:
    """Whether DoWhy hands this estimator on to EconML."""
    return ".econml." in dowhy_name


def require_econml() -> None:
    """Raise OptionProblem where EconML is not installed."""
    if importlib.util.find_spec("econml") is None:
        raise OptionProblem("EconML is not installed here. Install it, or choose another method.")


def econml_parameters(dowhy_name: str, corrected: bool, seed: int) -> dict[str, Any]:
    """DoWhy's `method_params`: EconML's defaults with the seed, and boosted trees where it has no default learner."""
    init: dict[str, Any] = {}
    if ".metalearners." in dowhy_name:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        outcome = HistGradientBoostingRegressor(random_state=seed)
        init["overall_model" if dowhy_name.endswith(".SLearner") else "models"] = outcome
        if not dowhy_name.endswith((".SLearner", ".TLearner")):
            init["propensity_model"] = HistGradientBoostingClassifier(random_state=seed)
    else:
        init["random_state"] = seed
    if corrected and dowhy_name in MENDED:
        init["discrete_treatment"] = True
    return {"init_params": init, "fit_params": {}}


def units_asked(target: str) -> Any:
    """DoWhy's `target_units`: the words that it knows mean everyone to EconML's, so units are told by their arm."""
    if target == "ate":
        return target
    arm = 1 if target == "att" else 0
    return lambda frame: frame["t"] == arm


def error_of_average(estimate: Any, frame: pd.DataFrame, modifiers: list[str], target: str) -> float:
    """The standard error of a linear final stage's average effect; NaN for the others.

    EconML bounds a forest's by the root mean square of the units' errors, which is no error of their average.
    """
    if not estimate.estimator.estimator.__class__.__name__.startswith("Linear"):
        return math.nan
    asked = units_asked(target)
    chosen = frame if asked == "ate" else frame[asked(frame)]
    covariates = chosen[modifiers].to_numpy() if modifiers else None
    found = estimate.estimator.estimator.ate_inference(covariates, T0=0, T1=1).stderr_mean
    return float(np.asarray(found).squeeze())


def econml_notes(dowhy_name: str, target: str, bootstrapped: bool) -> tuple[str, ...]:
    """What a person should know about an answer of EconML's."""
    name = dowhy_name.rsplit(".", 1)[-1]
    notes = ["EconML learns on a single split of the units: another seed gives other digits."]
    if name.startswith("Linear") and not bootstrapped:
        notes.append(
            "EconML's error takes the units as given: where the effect differs between units, it leaves out that "
            "others could have been drawn."
        )
    if target != "everyone":
        notes.append(
            "Asked for those treated or those not, stock DoWhy would give EconML's effect for everyone; here the "
            "effects of the units asked about are averaged."
        )
    return tuple(notes)
