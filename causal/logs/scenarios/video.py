"""The raw events of a video app whose start page changes: from events to units, with the effect known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causal.logs.scenarios.simulated import Simulated

if TYPE_CHECKING:
    import pandas as pd

CATEGORIES = ("comedy", "music", "news", "sports")
DAYS = 42
HISTORY = 14
WINDOW = 7
MORE_VIEWS = 1.5
MINUTES = 7.0
MACHINES = 3
_DAY = 24 * 60
_WEEK = 7 * _DAY
_START = "2024-03-01"


def simulate(seed: int = 31, users: int = 1_500) -> Simulated:
    """Views and start pages of 1,500 users over six weeks: does the new start page add minutes watched?

    A user's first start page from the third week on is the old or the new one; those who watched more in the 14 days
    before, and more sports, get the new one more often. It brings 1.5 more views of 7 minutes in the 7 days that
    follow: 10.5 minutes, for everyone. One user in twelve never sees it, some see it in the last week (their 7 days
    are not over when the log ends), one row in a hundred is written twice, and three users are machines.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    weekly, taste = rng.gamma(2.0, 2.0, users), rng.beta(1.5, 3.0, users)
    shown = rng.integers(HISTORY * _DAY, DAYS * _DAY, users)
    seen = rng.random(users) > 1 / 12
    views, treated, control = [], np.zeros(users, dtype=np.int64), np.zeros(users)
    for user in range(users):
        before = rng.integers(0, shown[user], rng.poisson(weekly[user] * shown[user] / _WEEK))
        sports = rng.random(len(before)) < taste[user]
        recent = before >= shown[user] - HISTORY * _DAY
        watched, share = int(recent.sum()), float(sports[recent].mean()) if recent.any() else 0.0
        treated[user] = rng.random() < 1 / (1 + np.exp(1.7 - 0.14 * watched - 1.6 * share))
        expected = 1.0 + 0.35 * watched + 2.0 * share
        control[user] = MINUTES * expected
        after = shown[user] + rng.integers(0, WINDOW * _DAY, rng.poisson(expected + MORE_VIEWS * treated[user]))
        later, end = shown[user] + WINDOW * _DAY, DAYS * _DAY
        rest = rng.integers(later, max(later + 1, end), rng.poisson(weekly[user] * max(0, end - later) / _WEEK))
        chosen = np.concatenate([sports, rng.random(len(after) + len(rest)) < taste[user]])
        views.append((np.concatenate([before, after, rest]), chosen))
    counts = np.array([len(times) for times, _ in views])
    who = np.repeat(np.arange(users), counts)
    minute = np.concatenate([times for times, _ in views])
    is_sports = np.concatenate([chosen for _, chosen in views])
    frame = pd.DataFrame(
        {
            "user_id": [f"u{user + 1:04d}" for user in who],
            "time": minute,
            "event": "view",
            "category": np.where(is_sports, "sports", np.array(CATEGORIES)[rng.integers(0, 3, len(who))]),
            "minutes": np.round(rng.gamma(4.0, MINUTES / 4.0, len(who)), 1),
            "start_page": None,
        }
    )
    pages = pd.DataFrame(
        {
            "user_id": [f"u{user + 1:04d}" for user in np.flatnonzero(seen)],
            "time": shown[seen],
            "event": "start_page",
            "category": None,
            "minutes": np.nan,
            "start_page": np.where(treated[seen] == 1, "new", "old"),
        }
    )
    frame = pd.concat([frame, pages, _machines(rng)], ignore_index=True)
    frame = pd.concat([frame, frame.iloc[rng.choice(len(frame), len(frame) // 100, replace=False)]])
    frame = frame[frame["time"] < DAYS * _DAY].sort_values(["time", "user_id", "event"], kind="stable")
    whole = seen & (shown + WINDOW * _DAY <= int(frame["time"].max()))
    observed = _observed(frame, shown, users)
    frame = frame.astype({"category": "str", "start_page": "str"})  # one kind of missing value
    frame["time"] = pd.Timestamp(_START) + pd.to_timedelta(frame["time"], unit="min")
    return Simulated(
        frame.reset_index(drop=True),
        "minutes_7d_after",
        treated[whole],
        control[whole],
        control[whole] + MINUTES * MORE_VIEWS,
        observed[whole],
    )


def _machines(rng: np.random.Generator) -> pd.DataFrame:
    """Three users who watch 200 videos a day for two days, and see the start page on the second."""
    import pandas as pd

    begins = np.array([16, 20, 25]) * _DAY
    rows = 400
    time = np.concatenate([np.sort(rng.integers(begin, begin + 2 * _DAY, rows)) for begin in begins])
    frame = pd.DataFrame(
        {
            "user_id": np.repeat([f"m{number + 1:04d}" for number in range(MACHINES)], rows),
            "time": time,
            "event": "view",
            "category": "music",
            "minutes": 0.1,
            "start_page": None,
        }
    )
    first = frame.groupby("user_id", as_index=False).nth(rows // 2)
    pages = first.assign(event="start_page", category=None, minutes=np.nan, start_page="new")
    made: pd.DataFrame = pd.concat([frame, pages])
    return made


def _observed(frame: pd.DataFrame, shown: np.ndarray, users: int) -> np.ndarray:
    """(users,) minutes that the log shows in the 7 days from each user's start page on; repeated rows count once."""
    once = frame.drop_duplicates()
    once = once[(once["event"] == "view") & once["user_id"].str.startswith("u")]
    who = once["user_id"].str.slice(1).astype(int).to_numpy() - 1
    lag = once["time"].to_numpy() - shown[who]
    inside = (lag >= 0) & (lag < WINDOW * _DAY)
    return np.bincount(who[inside], once["minutes"].to_numpy()[inside], users)
