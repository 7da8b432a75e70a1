"""Small logs with texts: impressions with a title, and what users read before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causal.logs.log import Log
from causal.logs.reading import read_log

COMEDY = [
    f"A {word} comedy about a {who}" for word in ("funny", "silly", "merry") for who in ("family", "dog", "bride")
]
THRILLER = [
    f"A {word} thriller about a {who}" for word in ("grim", "tense", "dark") for who in ("murder", "spy", "gun")
]
COOKING = [f"{word}{dish}的做法" for word in ("家常", "快手", "麻辣") for dish in ("豆腐", "鸡肉", "面条")]
TITLES = (*COMEDY, *THRILLER, *COOKING)


def log_of(frame: pd.DataFrame, name: str = "log.csv") -> Log:
    return read_log(frame.to_csv(index=False).encode(), name=name)


def impressions(rows: int = 600, seed: int = 3) -> pd.DataFrame:
    """One row per impression: comedies are promoted more often and are watched 5 minutes longer; promotion adds 2."""
    random = np.random.default_rng(seed)
    item = random.integers(0, len(TITLES), rows)
    comedy = (item < len(COMEDY)).astype(float)
    activity = np.round(random.gamma(2.0, 1.0, rows), 3)
    promoted = (random.random(rows) < 1 / (1 + np.exp(1.0 - 2.0 * comedy - 0.2 * activity))).astype(int)
    minutes = np.round(20 + 2.0 * promoted + 5.0 * comedy + activity + random.normal(0, 2, rows), 3)
    return pd.DataFrame(
        {"title": np.array(TITLES)[item], "activity": activity, "promoted": promoted, "minutes": minutes}
    )


def reading_events() -> pd.DataFrame:
    """Three users: what they viewed, for how long, and when each saw the new page."""
    rows = [
        ("ann", "2024-01-01 10:00", "view", TITLES[0], 4.0),
        ("ann", "2024-01-05 10:00", "view", TITLES[9], 1.0),
        ("ann", "2024-01-06 10:00", "search", TITLES[20], 9.0),
        ("ann", "2024-01-08 10:00", "page", "", 0.0),
        ("ann", "2024-01-08 10:00", "view", TITLES[18], 5.0),
        ("ann", "2024-01-09 10:00", "view", TITLES[19], 5.0),
        ("bob", "2024-01-08 10:00", "view", TITLES[1], 2.0),
        ("bob", "2024-01-09 10:00", "page", "", 0.0),
        ("bob", "2024-01-10 10:00", "view", TITLES[10], 2.0),
        ("cleo", "2024-01-02 10:00", "page", "", 0.0),
        ("cleo", "2024-01-12 10:00", "view", TITLES[2], 2.0),
    ]
    return pd.DataFrame(rows, columns=["user", "time", "event", "title", "minutes"])
