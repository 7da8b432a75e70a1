"""Every fault of `tests/checks/refuters/planted.py` planted 20 times: how often each refuter fails it.

`python -m tests.bench.refuters` prints the table and writes refuters.json beside this file (about two minutes).
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.checks.refuters.planted import BROKEN, CATCHES, FIRST, refuted

SEEDS = 20
METHODS = ("regression", "doubly_robust")


def main() -> None:
    began, table = time.perf_counter(), {}
    for method in METHODS:
        for fault in CATCHES:
            if fault in BROKEN and method != "regression":
                continue
            failed: dict[str, int] = {}
            for seed in range(SEEDS):
                for name, found in refuted(fault, seed, method=method).items():
                    failed[name] = failed.get(name, 0) + (found.light == "failed")
            caught = {name: count for name, count in failed.items() if count}
            stray = {name: count for name, count in caught.items() if name not in CATCHES[fault]}
            table[f"{fault}, {method}"] = {"failed": caught, "stray": stray, "for it": FIRST[fault]}
            print(f"{method:14} {fault:24} {caught}{f'   STRAY {stray}' if stray else ''}")
    document = {"seeds": SEEDS, "seconds": round(time.perf_counter() - began, 1), "faults": table}
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
