from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.logs.columns import ColumnGuess, candidates, guess, words_of
from causal.logs.reading import read_log


def guesses(frame: pd.DataFrame) -> dict[str, ColumnGuess]:
    return {each.name: each for each in guess(read_log(frame.to_csv(index=False).encode()))}


def shop(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "userId": rng.integers(0, 200, rows),
            "sessionID": [f"{each:032x}" for each in range(rows)],
            "Age": rng.integers(18, 70, rows),
            "Algorithm Version": rng.choice(["old", "new"], rows),
            "watchMinutes": rng.gamma(2, 5, rows),
            "prior_minutes": rng.gamma(2, 5, rows),
            "ts": 1_700_000_000 + rng.integers(0, 10**6, rows),
            "pScore": rng.random(rows),
            "item title": [f"a very good item {each}" for each in rng.integers(0, 300, rows)],
            "country": rng.choice(["DE", "FR", "NA"], rows),
            "constant": 1,
            "zip": rng.integers(1_000, 9_999, rows),
        }
    )


def test_recommender_columns_get_the_roles_that_their_names_say() -> None:
    found = guesses(shop())
    assert {name: each.role for name, each in found.items()} == {
        "userId": "identifier",
        "sessionID": "identifier",
        "Age": "covariate",
        "Algorithm Version": "treatment",
        "watchMinutes": "outcome",
        "prior_minutes": "covariate",
        "ts": "time",
        "pScore": "propensity",
        "item title": "set_aside",
        "country": "covariate",
        "constant": "set_aside",
        "zip": "covariate",
    }
    assert found["item title"].type == "text"
    assert found["country"].type == "category"
    assert found["constant"].reason == "Set aside: every row has the same value."


@pytest.mark.parametrize(
    ("treatment", "outcome"),
    [
        ("variant", "revenue"),
        ("is_promoted", "clicked"),
        ("experimentArm", "churned"),
        ("TREATMENT", "Outcome"),
        ("exposed to ads", "total spend"),
        ("treat", "re78"),
        ("qsmk", "wt82_71"),
        ("autoplay", "minutes_watched"),
    ],
)
def test_one_treatment_and_one_outcome_are_found_in_any_style(treatment: str, outcome: str) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"x1": rng.normal(size=200), treatment: rng.integers(0, 2, 200), outcome: rng.gamma(1, 1, 200), "v": 2}
    )
    roles = {name: each.role for name, each in guesses(frame).items()}
    assert roles[treatment] == "treatment"
    assert roles[outcome] == "outcome"
    assert sorted(roles.values()).count("treatment") == 1


def test_names_that_nobody_thought_of_are_covariates_and_nothing_is_invented() -> None:
    frame = pd.DataFrame({"😀": [1, 2, 3] * 20, "<b>": ["p", "q", "r"] * 20, "": [0.5, 1.5, 2.5] * 20})
    roles = {each.role for each in guesses(frame).values()}
    assert roles == {"covariate"}


def test_a_second_outcome_is_set_aside_because_it_comes_after_the_treatment() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"arm": rng.integers(0, 2, 100), "clicked": rng.integers(0, 2, 100), "minutes": rng.gamma(1, 1, 100)}
    )
    found = guesses(frame)
    assert found["clicked"].role == "outcome"
    assert found["minutes"].role == "set_aside"
    assert "comes after the treatment" in found["minutes"].reason
    assert candidates(tuple(found.values()), "outcome") == ("clicked", "minutes")


def test_a_treatment_must_have_few_levels() -> None:
    frame = pd.DataFrame({"treatment": np.arange(100) * 1.5, "outcome": np.arange(100)[::-1] * 1.5})
    assert guesses(frame)["treatment"].role == "covariate"


@pytest.mark.parametrize("name", ["watchMinutes", "watch_minutes", "Watch Minutes", "watch-minutes", "WatchMINUTES"])
def test_names_are_split_into_words(name: str) -> None:
    assert words_of(name) == ("watch", "minutes")
