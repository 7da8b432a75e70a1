"""Structural equations at ten million rows, and the coverage of 2,000 fits: `python -m tests.bench.structure`.

The table lies in memory when the clock starts, as after the read; the floor is numpy's covariance of the same columns.
Coverage: 2,000 studies of 300 rows (seeds 0 to 1,999) of the model of `tests/structural/test_fitting.py`, with the
exact binomial test against 95 %, and 12,000 further ones (seeds 10,000 to 21,999), which tell whether the first fell
short by chance.
"""

from __future__ import annotations

import datetime
import json
import platform
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from scipy import stats

from causal.structural.fitting import fit_sem
from tests.structural.test_fitting import MODEL, measured

ROWS, COLUMNS, REPEATS = 10_000_000, 12, 3
LARGE = """
  f =~ a1 + a2 + a3 + a4
  g =~ b1 + b2 + b3 + b4
  h =~ c1 + c2 + c3 + c4
  g ~ f
  h ~ f + g
"""


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    f = rng.standard_normal(ROWS)
    g = 0.5 * f + rng.standard_normal(ROWS)
    h = 0.3 * f + 0.4 * g + rng.standard_normal(ROWS)
    shown = {}
    for letter, latent in (("a", f), ("b", g), ("c", h)):
        for place, loading in enumerate((1.0, 0.9, 0.8, 0.7), 1):
            shown[f"{letter}{place}"] = loading * latent + 0.7 * rng.standard_normal(ROWS)
    return pd.DataFrame(shown)


def timed() -> dict[str, float]:
    frame = table()
    fits, floors, processor = [], [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        np.cov(frame.to_numpy(), rowvar=False)
        floors.append(time.perf_counter() - start)
        start, used = time.perf_counter(), time.process_time()
        fit = fit_sem(frame, LARGE)
        fits.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return {
        "rows": ROWS,
        "columns": COLUMNS,
        "seconds": round(median(fits), 2),
        "processor_seconds": round(median(processor), 2),
        "numpy_covariance_seconds": round(median(floors), 2),
        "chi2": fit.chi2,
        "df": fit.df,
    }


def covered(seeds: range) -> dict[str, float]:
    hits = failures = 0
    for seed in seeds:
        low, high = fit_sem(measured(300, seed), MODEL).coefficient("y ~ f").interval()
        hits += low <= 0.5 <= high
        failures += not np.isfinite(low)
    return told(hits, len(seeds))


def told(hits: int, studies: int) -> dict[str, float]:
    return {"studies": studies, "covered": hits / studies, "p_value": stats.binomtest(hits, studies, 0.95).pvalue}


def main() -> None:
    found = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "time": timed(),
        "coverage": covered(range(2_000)),
        "coverage_of_further_studies": covered(range(10_000, 22_000)),
    }
    text = json.dumps(found, indent=1)
    Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
