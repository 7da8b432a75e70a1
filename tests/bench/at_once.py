"""What has to come at once, in processor seconds: `python -m tests.bench.at_once`.

Graphs of the size that a person draws, texts that are meant to keep a reader busy, tests and formulas on 100,000 units,
and how long a running fit takes to be gone after Stop (by the clock). The tests only tell a hang from work.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import pytest

import causal
from causal.archive.store import StudyStore
from causal.errors import GraphError
from causal.graphs.adjustment import each_adjustment_set
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import identify
from causal.graphs.layout import laid_out
from causal.graphs.reading import read_graph
from causal.jobs import table
from causal.jobs.pool import JobPool
from causal.plots.graph_picture import graph_picture
from tests.checks.test_independence import Columns, independence_test, simulated
from tests.estimators.test_identified_formula import NAPKIN, ask, drawn
from tests.graphs.formats.test_formats import HEAVY
from tests.jobs.test_pool import KINDS_FILE, gone_or_not, running, wait_for

REPEATS = 7
ASKED = causal.Question("v040", "v095", control=0, treated=1)


def drawn_graph(arrows: int = 300) -> CausalGraph:
    chance = random.Random(1)
    edges: set[tuple[str, str]] = {("v040", "v095")}
    while len(edges) < arrows:
        first, second = sorted(chance.sample(range(100), 2))
        edges.add((f"v{first:03}", f"v{second:03}"))
    return CausalGraph.from_edges(sorted(edges))


def confounded(count: int = 25) -> CausalGraph:
    edges = [(f"x{number}", end) for number in range(count) for end in ("t", "y")]
    return CausalGraph.from_edges([*edges, ("t", "y")], [("x0", "x1")])


def many_sets() -> CausalGraph:
    edges = [edge for n in range(40) for edge in ((f"a{n}", "t"), (f"a{n}", f"b{n}"), (f"b{n}", "y"))]
    return CausalGraph.from_edges([*edges, ("t", "y")])


def read(text: str) -> None:
    with contextlib.suppress(GraphError):
        CausalGraph.parse(text)


def works() -> dict[str, Callable[[], object]]:
    graph, layered = drawn_graph(), [(f"v{a}", f"v{a + b}") for a in range(400) for b in (1, 7, 50)]
    large, question = CausalGraph.from_edges(layered), causal.Question("t", "y", control=0, treated=1)
    units, given = simulated(np.random.default_rng(16), 100_000, ("numeric", "binary"), "mixed")
    columns, frame = Columns(units), drawn(NAPKIN, 2, 100_000, np.random.default_rng(19))
    return {
        "first adjustment set of 100 variables and 300 arrows": lambda: next(
            each_adjustment_set(graph, "v040", "v095")
        ),
        "hundred of 2^40 adjustment sets": lambda: list(islice(each_adjustment_set(many_sets(), "t", "y"), 100)),
        "identification with 25 confounders": lambda: identify(confounded(), question),
        "reading of 100 variables and 300 arrows": lambda: read_graph(graph, ASKED),
        "picture of 100 variables and 300 arrows": lambda: graph_picture(graph),
        "layout of 450 variables and 1,200 arrows": lambda: laid_out(large, dict.fromkeys(large.nodes, 100.0)),
        f"{len(HEAVY)} texts meant to keep a reader busy": lambda: [read(text) for text in HEAVY.values()],
        "20 tests of independence on 100,000 units": lambda: [
            independence_test(columns, "x", "y", given) for _ in range(20)
        ],
        "the napkin's formula on 100,000 units": lambda: ask(frame, NAPKIN),
    }


def processor_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def seconds_to_stop() -> float:
    """From Stop to the end of a worker and of its child, by the clock."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOABLE_TEST_KINDS", KINDS_FILE)
        pool = JobPool(StudyStore(Path(folder)), workers=1)
        try:
            job_id = pool.submit("sleep", {"seconds": 60, "child": True})
            pid = running(pool, job_id).pid
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            started = time.monotonic()
            pool.cancel(job_id)
            wait_for(lambda: not any(gone_or_not(each) for each in family))
            assert table.find_job(pool.store, job_id).state == "cancelled"
            return time.monotonic() - started
        finally:
            pool.close()


def main() -> None:
    record = {
        "date": datetime.date.today().isoformat(),
        "machine": platform.platform(),
        "processor_seconds": {
            name: round(median(processor_seconds(work) for _ in range(1 if "20 tests" in name else REPEATS)), 4)
            for name, work in works().items()
        },
        "heaviest_text_seconds": round(
            max(processor_seconds(lambda text=text: read(text)) for text in HEAVY.values()), 3
        ),
        "seconds_to_stop": round(median(seconds_to_stop() for _ in range(5)), 3),
    }
    text = json.dumps(record, indent=2)
    print(text)
    Path(__file__).with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
