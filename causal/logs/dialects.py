"""A query in the words of one engine: what differs between engines is written here, and nowhere else.

The first step of a query gives the log's rows as values that mean the same everywhere: moments as microseconds since
1970, text in the order of its bytes, no number that is none. All later steps are Ibis expressions over those.
"""

from __future__ import annotations

from typing import Any

from causal.logs.event_query import SOURCE, Query


def sql_of(query: Query, source: str, compiler: Any) -> str:
    """The query as text for an engine; `source` is the SQL of the log's rows."""
    import sqlglot.expressions as sge

    def written(expression: Any) -> str:
        text: str = compiler.to_sqlglot(expression).sql(dialect=compiler.dialect, pretty=True)
        return text

    def named(name: str, text: str) -> str:
        label: str = sge.Identifier(this=name, quoted=True).sql(dialect=compiler.dialect)
        return f"{label} AS (\n{text}\n)"

    steps = [named(SOURCE, source), *(named(each.name, written(each.expression)) for each in query.steps)]
    return "WITH " + ",\n".join(steps) + "\n" + written(query.last)
