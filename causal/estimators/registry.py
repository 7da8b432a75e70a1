"""The methods, as an explicit tuple: adding one is its file and a line here."""

from __future__ import annotations

from causal.errors import OptionProblem
from causal.estimators import (
    causal_forest,
    coarsened_matching,
    complier_effect,
    covariate_balancing,
    difference_in_means,
    double_ml,
    doubly_robust,
    entropy_balancing,
    front_door,
    identified_formula,
    instrument,
    matching,
    mediation,
    overlap_weighting,
    regression,
    standardisation,
    stratification,
    tmle,
    weighted_regression,
    weighting,
)
from causal.estimators.method import Method
from causal.estimators.stock import STOCK_PREFIX, stock_method

METHODS: tuple[Method, ...] = (
    difference_in_means.METHOD,
    regression.METHOD,
    standardisation.METHOD,
    stratification.METHOD,
    weighting.METHOD,
    overlap_weighting.METHOD,
    entropy_balancing.METHOD,
    covariate_balancing.METHOD,
    matching.METHOD,
    coarsened_matching.METHOD,
    doubly_robust.METHOD,
    tmle.METHOD,
    weighted_regression.METHOD,
    double_ml.METHOD,
    causal_forest.METHOD,
    identified_formula.METHOD,
    instrument.METHOD,
    complier_effect.METHOD,
    front_door.METHOD,
    mediation.METHOD,
)


def method_named(name: str) -> Method:
    """The method of that name; `dowhy:<method_name>` gives DoWhy's own.

    Raises OptionProblem.
    """
    for method in METHODS:
        if method.name == name:
            return method
    if name.startswith(STOCK_PREFIX):
        return stock_method(name.removeprefix(STOCK_PREFIX))
    known = ", ".join(method.name for method in METHODS)
    raise OptionProblem(f'There is no method "{name}". Choose one of {known}, or dowhy:<method_name>.')
