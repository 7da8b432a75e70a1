"""The SQL for warehouses that no test can run; to write it anew: `python -m tests.logs.engines.golden_sql`."""

from __future__ import annotations

import datetime
from pathlib import Path

import ibis

from causal.logs.dialects import dialect_named
from causal.logs.event_query import Plan, units_query
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.local_days import micros
from causal.logs.log import Log
from causal.logs.time_range import after, before
from causal.logs.warehouses import readable, warehouse_sql

GOLDEN = Path(__file__).parent / "golden"
ENGINES = ("bigquery", "snowflake")
TABLE = "shop.events"
SINCE, UNTIL = datetime.datetime(2024, 1, 1), datetime.datetime(2024, 12, 31)
SCHEMA = ibis.schema(
    {"user_id": "int64", "at": "timestamp('UTC')", "what": "string", "item": "string", "price": "decimal(12, 2)"}
)
COLUMNS = EventColumns("user_id", "at", "what", "item")
RECIPES = {
    "users": EventRecipe(
        COLUMNS,
        anchor=Anchor("first of a kind", ("shown", "it's")),
        treatment=Measure("value", column="item", name="arm"),
        covariates=(
            Measure("distinct", before(14), column="item", name="items"),
            Measure("share", before(14), column="what", name="likes", levels=("click",)),
        ),
        outcomes=(
            Measure("sum", after(7), ("buy",), "price", name="spent"),
            Measure("time to", after(7), name="until"),
        ),
        cleaning=Cleaning("key", ("user_id", "at", "what"), quantile_per_day=0.999),
        time_zone="Europe/Berlin",
    ),
    "impressions": EventRecipe(
        COLUMNS,
        "impression",
        Anchor("first of a kind", ("shown",)),
        covariates=(
            Measure("distinct", before(2), column="item", of="user", name="items"),
            Measure("last value", before(), column="price", of="user", name="last"),
        ),
        outcomes=(Measure("mean", after(1), column="price", of="user", name="mean"),),
    ),
    "sessions": EventRecipe(
        COLUMNS,
        "session",
        covariates=(Measure("count", before(28), of="user", name="n"),),
        outcomes=(Measure("any", after(1), ("buy",), name="buys"),),
        cleaning=Cleaning("rows", most_per_day=1_000, machine_days="all", session_gap=1_800),
    ),
}


def sql(engine: str, recipe: str) -> str:
    """The query of a recipe in the words of an engine, without a final line feed."""
    log = Log(TABLE, Path("first rows"), readable(SCHEMA), 0, "")
    span = (micros(SINCE), micros(UNTIL))
    return warehouse_sql(units_query(Plan(log, RECIPES[recipe], span)), dialect_named(engine), TABLE, SCHEMA)


def golden(engine: str, recipe: str) -> Path:
    """Where it is kept."""
    return GOLDEN / f"{recipe}.{engine}.sql"


if __name__ == "__main__":
    for each in ENGINES:
        for name in RECIPES:
            golden(each, name).write_text(sql(each, name) + "\n", encoding="utf-8")
