"""Simulated studies with a known truth; propensities lie in [.1, .9] unless the design says otherwise."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

N = 2_000
SEED = 20_261_122
TARGETS = ("everyone", "treated", "untreated")
OVERLAP = "overlap"


@dataclass(frozen=True, eq=False)
class Design:
    """Covariates, the chance of treatment and the mean outcome under each arm, as functions of the covariates.

    `grid` holds the covariates' distribution, each row equally likely; `frame_of` draws the noise.
    """

    name: str
    covariates: tuple[str, ...]
    draw_covariates: Callable[[np.random.Generator, int], pd.DataFrame]
    grid: pd.DataFrame
    chance: Callable[[pd.DataFrame], np.ndarray]
    mean: Callable[[pd.DataFrame, int], np.ndarray]
    binary: bool = False
    users: bool = False

    def draw(self, rng: np.random.Generator, n: int = N) -> pd.DataFrame:
        """Columns t, y, the covariates, and user where rows belong to users (who are treated as one)."""
        frame = self.draw_covariates(rng, n)
        n = len(frame)
        luck = rng.random(n)
        if self.users:
            luck = luck[frame["user"]]
        t = (luck < self.chance(frame)).astype(int)
        mean = np.where(t == 1, self.mean(frame, 1), self.mean(frame, 0))
        if self.binary:
            y = (rng.random(n) < mean).astype(int)
        else:
            y = mean + rng.normal(0, 1 + 0.5 * t, n)
            if self.users:
                y = y + rng.normal(0, 1, n)[frame["user"]]
        return frame.assign(t=t, y=y)

    def truth(self, target: str) -> tuple[float, float]:
        """The two arms' mean outcomes in the target population."""
        weight = self._weight(target)
        return tuple(float(np.average(self.mean(self.grid, arm), weights=weight)) for arm in (0, 1))

    def truth_of_strata(self, target: str, strata: int = 5) -> tuple[float, float]:
        """What stratification on the true score tends to: the arms' means per stratum, spread as the target is."""
        chance = self.chance(self.grid)
        edges = np.unique(np.quantile(chance, np.arange(1, strata) / strata))
        stratum = np.searchsorted(edges, chance - 1e-12, side="left")
        share = np.bincount(stratum, weights=self._weight(target))
        found = []
        for arm, own in ((0, 1 - chance), (1, chance)):
            means = np.bincount(stratum, weights=own * self.mean(self.grid, arm)) / np.bincount(stratum, weights=own)
            found.append(float(means @ share / share.sum()))
        return found[0], found[1]

    def _weight(self, target: str) -> np.ndarray:
        chance = self.chance(self.grid)
        if target == OVERLAP:
            return chance * (1 - chance)
        return {"everyone": np.ones_like(chance), "treated": chance, "untreated": 1 - chance}[target]

    def generator(self, study: int) -> np.random.Generator:
        """The random numbers of one study: seeded by SEED, the design's name and the study's number."""
        return np.random.default_rng([SEED, zlib.crc32(self.name.encode()), study])


def expit(index):
    return 1 / (1 + np.exp(-index))


def _square(rng: np.random.Generator, n: int) -> pd.DataFrame:
    return pd.DataFrame({"a": rng.uniform(-1, 1, n), "b": rng.uniform(-1, 1, n)})


def _square_grid() -> pd.DataFrame:
    points = (np.arange(400) + 0.5) / 200 - 1
    return pd.DataFrame({"a": np.repeat(points, 400), "b": np.tile(points, 400)})


LEVELS = np.array(["a", "b", "c", "d"])


def _place(frame: pd.DataFrame) -> np.ndarray:
    return np.searchsorted(LEVELS, frame["level"].to_numpy(dtype=str))


def _by_users(rng: np.random.Generator, n: int) -> pd.DataFrame:
    user = np.repeat(np.arange(n // 3), rng.integers(1, 6, n // 3))
    return pd.DataFrame({"a": rng.uniform(-1, 1, n // 3)[user], "b": rng.uniform(-1, 1, len(user)), "user": user})


def _score(frame: pd.DataFrame) -> np.ndarray:
    return expit(0.9 * frame["a"] - 0.7 * frame["b"]).to_numpy()


def _line(frame: pd.DataFrame, arm: int) -> np.ndarray:
    return (2 + frame["a"] + 1.5 * frame["b"] + arm).to_numpy()


LINEAR = Design("linear", ("a", "b"), _square, _square_grid(), _score, _line)
"""Two confounders, a linear outcome, an effect of 1 for all, unequal noise."""

VARIED = Design(
    "varied",
    ("a", "b"),
    _square,
    _square_grid(),
    _score,
    lambda frame, arm: _line(frame, arm) + arm * frame["a"].to_numpy(),
)
"""As `linear`, but the effect grows with one confounder: 1 + a."""

DISCRETE = Design(
    "discrete",
    ("level",),
    lambda rng, n: pd.DataFrame({"level": LEVELS[rng.integers(0, 4, n)]}),
    pd.DataFrame({"level": np.repeat(LEVELS, 100)}),
    lambda frame: np.array([0.2, 0.4, 0.6, 0.8])[_place(frame)],
    lambda frame, arm: np.array([[0.0, 1.0, 3.0, 4.0], [0.0, 2.0, 4.0, 6.0]])[arm][_place(frame)],
)
"""One confounder of four levels: strata of the propensity are the levels, so nothing is left within them."""

YES_OR_NO = Design(
    "yes_or_no",
    ("a", "b"),
    _square,
    _square_grid(),
    _score,
    lambda frame, arm: expit(-0.5 + frame["a"] + frame["b"] + 0.8 * arm).to_numpy(),
    binary=True,
)
"""A binary outcome, logistic in the confounders."""

RANDOMISED = Design(
    "randomised",
    ("a", "b"),
    _square,
    _square_grid(),
    lambda frame: np.full(len(frame), 0.3),
    lambda frame, arm: _line(frame, arm) + arm * frame["a"].to_numpy(),
)
"""Three tenths treated at random; the effect varies."""

USERS = Design(
    "users",
    ("a", "b"),
    _by_users,
    _square_grid(),
    lambda frame: expit(0.9 * frame["a"]).to_numpy(),
    lambda frame, arm: _line(frame, arm) + arm * frame["b"].to_numpy(),
    users=True,
)
"""Users with 1 to 5 rows: the treatment and one confounder are the user's, and so is part of the noise."""

HEAVY = Design(
    "heavy",
    ("a", "b"),
    _square,
    _square_grid(),
    lambda frame: expit(2.6 * frame["a"] - 2.2 * frame["b"]).to_numpy(),
    _line,
)
"""Propensities down to .01: reported, not asserted."""

DESIGNS = (LINEAR, VARIED, DISCRETE, YES_OR_NO, RANDOMISED, USERS, HEAVY)
