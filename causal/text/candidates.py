"""Which columns of a log hold texts worth reading: words, and many different ones."""

from __future__ import annotations

from causal.logs.log import Log
from causal.logs.reading import sample_rows

LOOKED_AT = 1_000
FEWEST = 5
"""So many different texts a column has at least: fewer are levels of a category, which needs no encoder."""


def text_columns(log: Log) -> tuple[str, ...]:
    """The columns of texts among the first 1,000 rows, those with most words in a text first.

    Left out are columns with fewer than 5 different texts, and those whose texts are mostly single words that no other
    row has, such as identifiers.
    """
    rows = sample_rows(log, LOOKED_AT)
    found: dict[str, float] = {}
    for column in log.schema:
        if column.kind != "text":
            continue
        texts = rows[column.name].dropna().astype("str")
        different = texts.drop_duplicates()
        letters = different.str.count(r"[^\W\d_]")
        # Words stand between blanks or other signs; where they have none between them, two characters are about one.
        words = (
            different.str.count(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff]{2,}") + different.str.count(r"[\u3040-\u9fff]") / 2
        )
        if len(different) < FEWEST or not letters.gt(1).any():
            continue
        if words.mean() < 1.5 and len(different) > 0.5 * len(texts):
            continue
        found[column.name] = float(words.mean())
    return tuple(sorted(found, key=lambda name: -found[name]))
