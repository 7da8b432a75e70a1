"""A query in the words of one engine: what differs between engines is written here, and nowhere else.

The first step of a query gives the log's rows as values that mean the same everywhere: moments as microseconds since
1970, true and false as 1 and 0, text in the order of its bytes, numbers without what is none and without a negative
zero. All later steps are Ibis expressions over those.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from causal.logs.log import Kind

if TYPE_CHECKING:
    from causal.logs.event_query import Query


@dataclass(frozen=True)
class Dialect:
    """How one engine writes what engines write differently; `{}` stands for a column.

    `compiler` is Ibis's; `moment` of a time, `day` of a date without a time of day (in microseconds since 1970);
    `text`, `number`, `whole` and `boolean` of a column that holds such values in any of the engine's types.
    `read_again` is said of a step that is cheaper to read again than to keep.
    """

    name: str
    compiler: str
    moment: str
    day: str
    text: str
    number: str
    whole: str
    boolean: str = "CASE WHEN {} THEN 1 WHEN NOT {} THEN 0 END"
    read_again: str = ""

    def value(self, kind: Kind, column: str, is_day: bool = False) -> str:
        """A column as a query reads it."""
        templates: Mapping[Kind, str] = {
            "time": self.day if is_day else self.moment,
            "text": self.text,
            "number": self.number,
            "integer": self.whole,
            "boolean": self.boolean,
        }
        return templates[kind].replace("{}", column)


DUCKDB = Dialect(
    "duckdb",
    "duckdb.DuckDBCompiler",
    "epoch_us({})",
    "epoch_us({})",
    "{}",
    "{}",
    "{}",
    "CAST({} AS BIGINT)",
    "NOT MATERIALIZED ",
)
"""Of files that we wrote ourselves: their values need no mending. Of 50 million rows, kept steps would spill."""

DIALECTS: tuple[Dialect, ...] = (
    DUCKDB,
    Dialect(
        "postgres",
        "postgres.PostgresCompiler",
        moment="CASE WHEN ISFINITE({}) THEN CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT) END",
        day="CASE WHEN ISFINITE({}) THEN CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT) END",
        text='CAST({} AS TEXT) COLLATE "C"',
        number="NULLIF(CAST({} AS DOUBLE PRECISION), 'NaN') + 0.0",
        whole="CAST({} AS BIGINT)",
    ),
    Dialect(
        "clickhouse",
        "clickhouse.ClickHouseCompiler",
        moment="CAST(toUnixTimestamp64Micro(toDateTime64({}, 6, 'UTC')) AS Nullable(Int64))",
        day="CAST(toUnixTimestamp64Micro(toDateTime64({}, 6, 'UTC')) AS Nullable(Int64))",
        text="CAST({} AS Nullable(String))",
        number="CAST(if(isNaN(toFloat64({})), NULL, toFloat64({}) + 0.0) AS Nullable(Float64))",
        whole="CAST({} AS Nullable(Int64))",
        boolean="CAST({} AS Nullable(Int64))",
    ),
    Dialect(
        "pyspark",
        "pyspark.PySparkCompiler",
        moment="UNIX_MICROS(CAST({} AS TIMESTAMP))",
        day="UNIX_MICROS(CAST({} AS TIMESTAMP))",
        text="CAST({} AS STRING)",
        number="IF(ISNAN({}), NULL, CAST({} AS DOUBLE) + CAST(0 AS DOUBLE))",
        whole="CAST({} AS BIGINT)",
    ),
    Dialect(
        "bigquery",
        "bigquery.BigQueryCompiler",
        moment="UNIX_MICROS(TIMESTAMP({}))",
        day="UNIX_MICROS(TIMESTAMP({}))",
        text="CAST({} AS STRING)",
        number="IF(IS_NAN(CAST({} AS FLOAT64)), NULL, CAST({} AS FLOAT64) + 0.0)",
        whole="CAST({} AS INT64)",
    ),
    Dialect(
        "snowflake",
        "snowflake.SnowflakeCompiler",
        moment="DATE_PART(EPOCH_MICROSECOND, {})",
        day="DATE_PART(EPOCH_MICROSECOND, CAST({} AS TIMESTAMP_NTZ))",
        text="CAST({} AS VARCHAR)",
        number="NULLIF(CAST({} AS DOUBLE), CAST('NaN' AS DOUBLE)) + CAST(0 AS DOUBLE)",
        whole="CAST({} AS BIGINT)",
    ),
)
"""Each engine that recipes run in."""


def dialect_named(name: str) -> Dialect:
    """The dialect of an engine by its name."""
    return next(each for each in DIALECTS if each.name == name)


def sql_of(query: Query, dialect: Dialect, table: str, value: Callable[[str], str]) -> str:
    """The query as text for an engine, which reads each column of the log from `table` as `value` writes it."""
    from causal.logs.event_query import FILTERS, SOURCE

    read = ",\n  ".join(f"{value(column)} AS {quoted(label, dialect)}" for column, label in query.source.items())
    steps = [(SOURCE, f"SELECT\n  {read}\nFROM {table}")]
    steps += [(each.name, _written(each.expression, dialect)) for each in query.steps]
    named = ",\n".join(
        f"{quoted(called, dialect)} AS {dialect.read_again if called in FILTERS else ''}(\n{text}\n)"
        for called, text in steps
    )
    return f"WITH {named}\n{_written(query.last, dialect)}"


def quoted(name: str, dialect: Dialect) -> str:
    """An identifier, quoted: whatever is written in it stays a name."""
    import sqlglot.expressions as sge

    text: str = sge.Identifier(this=name, quoted=True).sql(dialect=_compiler(dialect).dialect)
    return text


def _written(expression: Any, dialect: Dialect) -> str:
    compiler = _compiler(dialect)
    text: str = compiler.to_sqlglot(expression).sql(dialect=compiler.dialect, pretty=True)
    return text


@cache
def _compiler(dialect: Dialect) -> Any:
    """Ibis's compiler for an engine, held to exact operations."""
    from ibis.expr import operations

    module, name = dialect.compiler.split(".")
    given = getattr(importlib.import_module(f"ibis.backends.sql.compilers.{module}"), name)
    if dialect.name != "clickhouse":
        return given()
    exact = {operations.CountDistinct: "uniqExact"}  # the one that Ibis takes is an estimate
    return type("ExactClickHouseCompiler", (given,), {"__slots__": (), "SIMPLE_OPS": exact})()
