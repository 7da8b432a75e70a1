"""The words by which recommender logs (and the field's textbooks) name their columns, with how much each one says."""

from __future__ import annotations

_TREATMENT = {
    10: "treatment treated treat",
    9: "variant arm algorithm algo intervention",
    8: "exposed promoted",
    7: "exposure boosted recommended recommender personalised personalized autoplay ranker",
    6: "promotion policy strategy notified emailed qsmk",
    5: "ab experiment model coupon voucher notification assigned assignment",
    4: "condition campaign discount enabled training action",
    3: "bucket email group test smoke version",
    2: "feature flag",
    1: "new",
}
_OUTCOME = {
    10: "outcome",
    9: "engagement clicked conversion converted revenue churn churned retained retention re78",
    8: "click clicks convert gmv purchased bought watched satisfaction reward",
    7: "ctr spend spent purchase purchases watch minutes dwell sales",
    6: "rating liked response target fraud listened",
    5: "orders duration likes label played plays wt82",
    4: "seconds result y",
    3: "order after read",
    2: "next post score",
}
_IDENTIFIER = {10: "uuid guid", 9: "id identifier rowid", 6: "cookie phone hash sku", 4: "key index"}
_TIME = {10: "timestamp datetime", 9: "date", 8: "ts", 6: "time", 5: "created when", 4: "at", 1: "day"}
_PROPENSITY = {10: "propensity pscore propensityscore", 5: "ps", 3: "probability"}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _points(words: dict[int, str]) -> dict[str, int]:
    return {word: points for points, listed in words.items() for word in listed.split()}


WORDS = {
    "treatment": _points(_TREATMENT),
    "outcome": _points(_OUTCOME),
    "identifier": _points(_IDENTIFIER),
    "time": _points(_TIME),
    "propensity": _points(_PROPENSITY),
}
"""Role -> word -> points: 10 says it outright, 1 barely hints at it."""

BEFORE = _set("prior previous prev past before pre baseline history historical avg mean last")
"""Words of values from before the treatment, which make a column no outcome."""

THINGS = _set("user item session product customer visitor member device request order row")
"""What a column of many values identifies when it is the whole name."""

FREE_TEXT = _set("title description text comment review query name message headline url")
"""Words of columns that hold sentences."""
