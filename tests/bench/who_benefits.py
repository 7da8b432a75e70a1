"""How often the page says that units differ where none do, and where they do, by each learner.

600 units, five columns, an outcome that bends and has a product in it; treatment at random, by a logistic line, or by
what bends in the outcome as well, so that linear models get the scores wrong. The effect is 1 for all, or 1 + slope (a
+ [c > 0]), whose standard deviation is 1.1 slope beside noise of 1. Study k has seed [77, k]. `shown` is what the
page's title goes by (`effect_differences`), `ranking` AUTOC alone at 5 % one-sided. Errors of single units are left
out, as no test uses them. Results are added study by study, so that a run can be broken off and gone on with:
    python -m tests.bench.who_benefits [studies of each kind without differences [and with them]]
"""

from __future__ import annotations

import datetime
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import causal

UNITS = 600
DESIGNS = ("random", "line", "bent")
LEARNERS = ("linear", "boosting", "best")
SLOPES = (0.0, 0.5)


def draw(study: int, design: str, slope: float) -> pd.DataFrame:
    rng = np.random.default_rng([77, study])
    x = rng.normal(size=(UNITS, 5))
    x[:, 4] = x[:, 4] > 0
    outcome = 2 * np.maximum(x[:, 0], 0) + x[:, 1] ** 2 + x[:, 0] * x[:, 2] + np.sin(2 * x[:, 3])
    index = {
        "random": np.zeros(UNITS),
        "line": 0.8 * x[:, 0] + 0.5 * x[:, 1],
        "bent": 1.2 * np.maximum(x[:, 0], 0) + 0.7 * (x[:, 1] ** 2 - 1) - 0.4,
    }[design]
    treated = (rng.random(UNITS) < 1 / (1 + np.exp(-index))).astype(int)
    effect = 1 + slope * (x[:, 0] + (x[:, 2] > 0))
    seen = outcome + effect * treated + rng.normal(size=UNITS)
    return pd.DataFrame(x, columns=list("abcde")).assign(t=treated, y=seen)


def told(study: int, design: str, slope: float, learner: str) -> dict[str, int]:
    table = causal.UnitTable.from_frame(draw(study, design, slope))
    spec = causal.AnalysisSpec(causal.Question("t", "y"), adjust_for=tuple("abcde"))
    found = causal.unit_effects(table, spec, learner=learner)
    differences = causal.effect_differences(found, table)
    alone = {each.basis: each.p_value < 0.05 for each in differences.tests}
    return {
        "studies": 1,
        "shown": int(differences.shown),
        **{basis: int(is_below) for basis, is_below in alone.items()},
        "calibration": int(causal.effect_calibration(found).p_value < 0.05),
    }


def main() -> None:
    warnings.simplefilter("ignore")
    import causal.estimators.subsamples as subsamples

    subsamples.PAIRS = 1
    out, asked = Path(__file__).with_suffix(".json"), [int(each) for each in sys.argv[1:]] or [200]
    most = {0.0: asked[0], SLOPES[1]: asked[-1]}
    held = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    for study in range(max(asked)):
        for slope in (each for each in SLOPES if study < most[each]):
            for design in DESIGNS:
                for learner in LEARNERS:
                    counts = held.setdefault(f"slope {slope}, {design}, {learner}", {})
                    if counts.get("studies", 0) > study:
                        continue
                    for name, value in told(study, design, slope, learner).items():
                        counts[name] = counts.get(name, 0) + value
                    held["date"] = datetime.date.today().isoformat()
                    out.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
