"""How far proposed graphs are from the true ones, beside causal-learn's own searches at their defaults.

The networks: asia, Lauritzen and Spiegelhalter (1988), Journal of the Royal Statistical Society B 50: 157-224; and
sachs, Sachs, Perez, Pe'er, Lauffenburger and Nolan (2005), Science 308: 523-529, as simulated from the repository of
bnlearn (https://www.bnlearn.com/bnrepository). A distance counts the pairs of columns whose edge differs from that of
the true graph's equivalence class (Tsamardinos, Brown and Aliferis 2006): 0 is all that data can tell.

Run: python -m tests.bench.discovery FOLDER > tests/bench/discovery.json
FOLDER holds asia_10k.csv.gz and sachs_10k.csv.gz; without it, asia is simulated from its published tables, and sachs
is left out.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from causal.discovery.distance import structural_hamming_distance
from causal.discovery.proposal import DiscoveryOptions, ProposedEdge, propose_graph
from causal.discovery.searches import _read_marks
from causal.graphs.causal_graph import CausalGraph
from causal.logs.unit_table import UnitTable
from tests.discovery.simulated_nets import ASIA, SACHS, asia

SEED = 20_261_126
SIZES = {1_000: 10, 10_000: 1}
"""Rows, and how many tables of so many: drawn without replacement from all rows, whole where they are all."""

OURS = ("boss", "pc")


def ours(table: UnitTable, method: str) -> Sequence[ProposedEdge]:
    return propose_graph(table, table.names, options=DiscoveryOptions(method=method, resamples=0)).edges


def defaults(table: UnitTable, method: str) -> Sequence[ProposedEdge]:
    """causal-learn as it is called in its documentation, on the levels' numbers."""
    codes = np.column_stack([pd.factorize(table.column(name), sort=True)[0] for name in table.names]).astype(float)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas, thousands of them
        found = _read_marks(_LIBRARY[method](codes))
    return [
        ProposedEdge(table.names[each.left], table.names[each.right], each.sort, None, None, None, None, None)
        for each in found
    ]


def _pc(codes: Any) -> Any:
    from causallearn.search.ConstraintBased.PC import pc

    return pc(codes, show_progress=False).G.graph


def _pc_for_levels(codes: Any) -> Any:
    from causallearn.search.ConstraintBased.PC import pc

    return pc(codes, indep_test="chisq", show_progress=False).G.graph


def _ges(codes: Any) -> Any:
    from causallearn.search.ScoreBased.GES import ges

    return ges(codes)["G"].graph


def _ges_for_levels(codes: Any) -> Any:
    from causallearn.search.ScoreBased.GES import ges

    return ges(codes, score_func="local_score_BDeu")["G"].graph


def _boss(codes: Any) -> Any:
    from causallearn.search.PermutationBased.BOSS import boss

    return boss(codes, verbose=False).graph


_LIBRARY: dict[str, Callable[[Any], Any]] = {
    "pc (defaults)": _pc,
    "ges (defaults)": _ges,
    "boss (defaults)": _boss,
    "pc (indep_test=chisq)": _pc_for_levels,
    "ges (score_func=local_score_BDeu)": _ges_for_levels,
}


def networks(folder: Path | None) -> dict[str, tuple[CausalGraph, pd.DataFrame]]:
    if folder is None:
        return {"asia": (ASIA, asia(10_000, SEED).frame)}
    return {
        name: (graph, pd.read_csv(folder / f"{name}_10k.csv.gz").astype(str)[list(graph.nodes)])
        for name, graph in (("asia", ASIA), ("sachs", SACHS))
    }


def measured(graph: CausalGraph, tables: Sequence[UnitTable], run: Callable[[UnitTable], Any]) -> dict[str, Any]:
    distances, seconds = [], []
    for table in tables:
        started = time.perf_counter()
        try:
            edges = run(table)
        except Exception as error:  # the library's own, told as a result
            return {"error": f"{type(error).__name__}: {error}"[:200]}
        seconds.append(time.perf_counter() - started)
        distances.append(structural_hamming_distance(edges, graph))
    return {
        "distance_median": statistics.median(distances),
        "distances": distances,
        "seconds_median": round(statistics.median(seconds), 3),
    }


def drawn(frame: pd.DataFrame, size: int, count: int) -> list[UnitTable]:
    rng = np.random.default_rng([SEED, size])
    rows = [np.sort(rng.choice(len(frame), min(size, len(frame)), replace=False)) for _ in range(count)]
    types = dict.fromkeys(frame.columns, "category")
    return [UnitTable.from_frame(frame.iloc[each].reset_index(drop=True), types) for each in rows]


def main(folder: Path | None) -> None:
    found: dict[str, Any] = {}
    for name, (graph, frame) in networks(folder).items():
        for size, count in SIZES.items():
            tables = [each for each in drawn(frame, size, count) if all(each.frame.nunique() > 1)]
            runs: dict[str, Callable[[UnitTable], Any]] = {
                f"ours: {method}": lambda table, method=method: ours(table, method) for method in OURS
            }
            runs |= {
                f"causal-learn: {method}": lambda table, method=method: defaults(table, method) for method in _LIBRARY
            }
            found[f"{name}, {size} rows, {len(tables)} tables"] = {
                title: measured(graph, tables, run) for title, run in runs.items()
            }
    report = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("causal-learn", "numpy", "scipy", "pandas")},
        "seed": SEED,
        "true_edges": {"asia": len(ASIA.directed), "sachs": len(SACHS.directed)},
        "structural_hamming_distance": found,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
