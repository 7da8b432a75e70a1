"""Makes doubleml_bounds.json: DoubleML's own sensitivity bounds for given data and given predictions.

Run in an environment with doubleml 0.11.2: `python tests/checks/hidden_causes/doubleml_bounds.py`. The predictions are
handed to DoubleML, so that its figures and ours differ by the bounds' formulas alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import doubleml
import numpy as np
import pandas as pd
from doubleml.utils import DMLDummyClassifier, DMLDummyRegressor

SEED, UNITS = 20_261_126, 150
STRENGTHS = ((0.03, 0.03), (0.1, 0.02), (0.15, 0.25))


def main() -> None:
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=UNITS)
    m = np.round(1 / (1 + np.exp(-0.7 * x)), 4)
    d = (rng.random(UNITS) < m).astype(int)
    y = np.round(0.8 * d + x + 0.3 * d * x + rng.normal(size=UNITS), 4)
    g0, g1 = np.round(0.9 * x + 0.05, 4), np.round(1.2 * x + 0.75, 4)
    outcome = np.round(m * g1 + (1 - m) * g0, 4)
    data = doubleml.DoubleMLData(pd.DataFrame({"y": y, "d": d, "x": x}), "y", "d")
    classifier, regressor = DMLDummyClassifier(), DMLDummyRegressor()
    given = {"ml_m": m[:, None], "ml_g0": g0[:, None], "ml_g1": g1[:, None]}
    found = {
        target: _told(doubleml.DoubleMLIRM(data, regressor, classifier, score=score), given)
        for target, score in (("everyone", "ATE"), ("treated", "ATTE"))
    }
    linear = doubleml.DoubleMLPLR(data, regressor, classifier, score="partialling out")
    found["partially linear"] = _told(linear, {"ml_m": m[:, None], "ml_l": outcome[:, None]})
    given_data = {"y": y, "d": d, "m": m, "g0": g0, "g1": g1, "l": outcome}
    document = {
        "doubleml": doubleml.__version__,
        "data": {name: values.tolist() for name, values in given_data.items()},
        "found": found,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(document) + "\n")


def _told(model: Any, predictions: dict[str, Any]) -> dict[str, Any]:
    model.fit(external_predictions={"d": predictions})
    bounds = []
    for with_outcome, with_treatment in STRENGTHS:
        model.sensitivity_analysis(cf_y=with_outcome, cf_d=with_treatment, rho=1.0, level=0.95)
        told = model.sensitivity_params
        bounds.append(
            {
                "with_outcome": with_outcome,
                "with_treatment": with_treatment,
                "bounds": [float(told["theta"][each][0]) for each in ("lower", "upper")],
                "limits": [float(told["ci"][each][0]) for each in ("lower", "upper")],
            }
        )
    return {
        "effect": float(model.coef[0]),
        "std_error": float(model.se[0]),
        "robustness_value": float(told["rv"][0]),
        "robustness_value_alpha": float(told["rva"][0]),
        "bounds": bounds,
    }


if __name__ == "__main__":
    main()
