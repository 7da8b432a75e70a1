"""Spark in local mode gives the same units; not in the usual run, as it needs Java 17 and 450 MB.

`pip install "ibis-framework[pyspark]==12.0.0"`, then `pytest -m spark tests/logs/engines`; it takes two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import pytest

from causal.logs import warehouses
from causal.logs.event_recipe import Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.time_range import after, before
from tests.logs.engines.same_units import assert_same_everywhere
from tests.logs.engines.test_same_everywhere import ADDED, TRAPS, log_of

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.mark.parametrize("unit", ["user", "impression"])
def test_spark_gives_the_same_units(unit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC"}
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    backend = ibis.pyspark.connect(session)

    @contextmanager
    def connected(_name: str, _mark: str) -> Iterator[Any]:
        yield backend

    monkeypatch.setenv(f"{warehouses.VARIABLE}SPARK", "pyspark://")
    monkeypatch.setattr(warehouses, "_connected", connected)
    here = log_of(TRAPS, tmp_path)
    session.read.parquet(str(here.path)).createOrReplaceTempView("events")
    measures = [
        *(Measure("last value", after(None), column=each, of="user", name=f"last {each}") for each in TRAPS),
        *(Measure("distinct", after(None), column=each, of="user", name=f"distinct {each}") for each in TRAPS),
        *(Measure("sum", after(None), column=each, of="user", name=f"sum {each}") for each in ADDED),
        *(Measure("mean", before(1), column=each, of="user", name=f"mean {each}") for each in ADDED),
        Measure("rate", after(3), ("1",), of="user", name="rate"),
    ]
    recipe = EventRecipe(
        EventColumns("who", "at", "what", "name"),
        unit,
        outcomes=tuple(measures),
        cleaning=Cleaning(quantile_per_day=0.9),
        time_zone="Europe/Berlin",
        incomplete="keep",
    )
    assert_same_everywhere(here, recipe, tmp_path, ("spark",))
