"""Texts: what 100,000 short ones cost, and whether adjusting for a text gives the known effect.

`python -m tests.bench.text [folder]` writes tests/bench/text.json. The log that it reads for the second part lies in
`folder`: MovieLens' users, items and genres with simulated promotion, clicks and minutes, and one common cause (whether
a film is a comedy) that stands in the text column `genres` alone. The true effects are 0.1012 on clicks and 6.0 on
minutes; a regression with all common causes gives 6.051 (0.081), one without the genre 6.63. Everything is left at its
defaults. The first part counts processor time of the whole process, on one thread, a log of that many rows included.
"""

from __future__ import annotations

import datetime
import json
import platform
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

import causal
from causal.logs.scenarios.stories import titles

TEXTS = 100_000
LIMIT = 90.0
NUMBERS = ("user_activity", "user_mean_rating", "item_popularity", "item_age")
TRUTH = {"clicked": 0.1011972552, "watch_minutes": 6.0}
METHODS = ("regression", "standardisation", "weighting", "doubly_robust", "tmle", "overlap_weighting", "double_ml")


def different_titles(count: int) -> list[str]:
    """So many different titles, of 40 letters or 14 Chinese characters on average: those of the sample, each a part."""
    known, chosen = titles()[0], random.Random(1)
    return [f"{chosen.choice(known)} {number}" for number in range(count)]


def cost() -> dict[str, Any]:
    frame = pd.DataFrame({"title": different_titles(TEXTS)})
    log = causal.read_log(frame.to_csv(index=False).encode(), name="titles.csv")
    with tempfile.TemporaryDirectory() as folder:
        parts = {}
        for name in ("read for the first time", "with the vectors kept"):
            for kept in Path(folder).glob("features-*.npz"):
                kept.unlink()
            began, processor = time.perf_counter(), time.process_time()
            found = causal.text_features(log, "title", folder=Path(folder))
            parts[name] = {
                "processor_seconds": round(time.process_time() - processor, 1),
                "seconds": round(time.perf_counter() - began, 1),
            }
        began = time.perf_counter()
        causal.text_features(log, "title", folder=Path(folder))
        parts["with the result kept"] = {"seconds": round(time.perf_counter() - began, 2)}
        size = sum(each.stat().st_size for each in Path(folder).iterdir())
    return {
        "different texts": found.texts,
        "limit, processor seconds": LIMIT,
        **parts,
        "peak memory of the process, GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "kept on disk, GB": round(size / 1e9, 2),
    }


def known_answers(folder: Path) -> dict[str, Any]:
    log = causal.read_log(folder / "log.csv.gz")
    table = causal.build_units(log, causal.UnitRecipe(texts=(causal.TextRecipe("genres"),)))
    found: dict[str, Any] = {"components": len(table.parts["genres"])}
    for outcome, truth in TRUTH.items():
        for method in METHODS:
            question = causal.Question("promoted", outcome)
            row = {}
            for name, columns in (("without the text", NUMBERS), ("with it", (*NUMBERS, "genres"))):
                spec = causal.AnalysisSpec(question, method=method, adjust_for=columns)
                estimate = causal.answer(table, spec).estimate
                row[name] = {
                    "effect": round(estimate.effect, 4),
                    "std_error": round(estimate.std_error, 4),
                    "errors from the truth": round((estimate.effect - truth) / estimate.std_error, 2),
                }
            found[f"{outcome}, {method}"] = row
    return found


def main() -> None:
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "100,000 short texts": cost(),
    }
    if len(sys.argv) > 1:
        report["one common cause in the text alone"] = known_answers(Path(sys.argv[1]))
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
