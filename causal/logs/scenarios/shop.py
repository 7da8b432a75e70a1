"""Impressions of a shop's recommender that promotes what sells anyway."""

from __future__ import annotations

from typing import Any

import numpy as np

from causal.logs.scenarios.simulated import Simulated

CATEGORIES = ("books", "electronics", "garden", "kitchen", "sports", "toys")
_THINGS = {
    "books": ("novel", "atlas", "cookbook", "biography", "picture book"),
    "electronics": ("headphones", "charger", "lamp", "speaker", "keyboard"),
    "garden": ("watering can", "spade", "bird house", "hose", "flower pot"),
    "kitchen": ("kettle", "pan", "knife set", "coffee mill", "cake tin"),
    "sports": ("running shoes", "yoga mat", "rain jacket", "water bottle", "climbing rope"),
    "toys": ("puzzle", "train set", "kite", "card game", "teddy bear"),
}
_STYLES = ("light", "sturdy", "compact", "handmade", "classic", "colourful", "folding", "quiet")
_CATEGORY_SHIFT = np.array([0.0, 0.35, -0.25, 0.05, 0.2, -0.1])


def simulate(seed: int = 1, impressions: int = 20_000) -> Simulated:
    """20,000 impressions shown to 2,500 users, about 400 items; was the item promoted, was it clicked, minutes spent.

    Popular items, high slots and active users get promotion more often, and more clicks in any case. `propensity` is
    the true probability of promotion. Rows of one user share a liking that no column shows.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    users, items = _users(rng, 2_500), _items(rng, 400)
    user = rng.integers(0, 2_500, impressions)
    item = rng.choice(400, impressions, p=items["share"])
    position = rng.integers(1, 11, impressions)
    popularity, activity = items["popularity"][item], users["activity"][user]
    category = items["category"][item]
    score = -1.9 + 2.2 * popularity + 0.06 * activity - 0.09 * (position - 5) + 0.5 * _CATEGORY_SHIFT[category]
    propensity = np.round(_expit(score), 6)
    promoted = (rng.random(impressions) < propensity).astype(np.int64)
    base = -2.9 + 1.6 * popularity + 0.07 * activity - 0.13 * (position - 5) + _CATEGORY_SHIFT[category]
    base = base - 0.004 * items["price"][item] + users["liking"][user]
    control, treated = _expit(base), _expit(base + 0.45)
    clicked = (rng.random(impressions) < np.where(promoted == 1, treated, control)).astype(np.int64)
    minutes = np.round(clicked * rng.gamma(2.0, 1.0 + 0.5 * popularity + 0.05 * activity), 2)
    frame = pd.DataFrame(
        {
            "timestamp": _moments(rng, impressions),
            "user_id": [f"u{each:04d}" for each in user],
            "item_id": [f"i{each:03d}" for each in item],
            "title": items["title"][item],
            "category": np.array(CATEGORIES)[category],
            "price": items["price"][item],
            "position": position,
            "popularity": popularity,
            "user_activity": activity,
            "propensity": propensity,
            "promoted": promoted,
            "clicked": clicked,
            "minutes": minutes,
        }
    )
    return Simulated(frame, "clicked", promoted, control, treated)


def _users(rng: np.random.Generator, users: int) -> dict[str, Any]:
    activity = np.round(np.minimum(rng.gamma(3.0, 2.5, users), 30), 1)
    return {"activity": activity, "liking": rng.normal(0, 0.5, users)}


def _items(rng: np.random.Generator, items: int) -> dict[str, Any]:
    popularity = np.round(rng.beta(1.5, 3.0, items), 3)
    category = rng.integers(0, len(CATEGORIES), items)
    price = np.round(np.exp(rng.normal(3.2, 0.7, items)), 2)
    style = rng.integers(0, len(_STYLES), items)
    thing = rng.integers(0, 5, items)
    titles = [f"{_STYLES[s]} {_THINGS[CATEGORIES[c]][t]}" for s, c, t in zip(style, category, thing, strict=True)]
    weight = 0.2 + popularity
    share = weight / weight.sum()
    return {
        "popularity": popularity,
        "category": category,
        "price": price,
        "title": np.array(titles, dtype=object),
        "share": share,
    }


def _moments(rng: np.random.Generator, rows: int) -> Any:
    seconds = np.sort(rng.integers(0, 28 * 86_400, rows))
    return np.datetime64("2024-03-01T00:00:00") + seconds.astype("timedelta64[s]")


def _expit(score: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-score)))
