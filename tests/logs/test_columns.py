from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causal.logs.columns import ColumnGuess, after_treatment, candidates, default_levels, guess, words_of
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


def test_a_word_for_before_vetoes_the_outcome() -> None:
    rng = np.random.default_rng(3)
    for name in ("prior_spend", "last_revenue", "umsatz_vor", "Vorherige Klicks", "ventes_avant", "compras previas"):
        frame = pd.DataFrame({"arm": rng.integers(0, 2, 200), name: rng.gamma(2, 5, 200), "x": rng.normal(size=200)})
        assert guesses(frame)[name].outcome_score == 0.0
        assert guesses(frame)[name].role == "covariate"


@pytest.mark.parametrize(
    ("treatment", "outcome"),
    [
        ("neue_playlist", "hörminuten"),
        ("Testgruppe", "Umsatz"),
        ("Variante", "Käufe"),
        ("groupe", "durée"),
        ("nouvelle version", "ventes"),
        ("grupo", "compras"),
        ("nuevo_algoritmo", "tiempo total"),
        ("t", "y"),
    ],
)
def test_treatment_and_outcome_are_found_in_german_french_and_spanish(treatment: str, outcome: str) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"x1": rng.normal(size=200), treatment: rng.choice(["Ja", "Nein"], 200), outcome: rng.gamma(1, 1, 200)}
    )
    found = guesses(frame)
    assert (found[treatment].role, found[treatment].type) == ("treatment", "binary")
    assert found[outcome].role == "outcome"


def test_spellings_of_yes_and_no_are_two_levels_of_a_treatment() -> None:
    spellings = ["Ja", "ja", "JA ", "Nein", "nein", "NEIN"] * 20
    found = guesses(pd.DataFrame({"neue_playlist": spellings, "alter": np.arange(120) % 54}))
    assert found["neue_playlist"].role == "treatment"
    assert found["neue_playlist"].treatment_score == 3.0


def test_levels_that_say_control_make_a_treatment_of_any_name() -> None:
    frame = pd.DataFrame({"xyz": ["control", "plus", "max"] * 30, "city": ["a", "b", "c"] * 30})
    assert guesses(frame)["xyz"].role == "treatment"


def test_without_a_telling_name_few_levels_and_late_numbers_come_first_and_no_role_is_given() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "age": rng.integers(16, 70, 300),
            "gender": rng.choice(["m", "f"], 300),
            "foo": rng.normal(size=300),
            "qux": rng.integers(0, 54, 300),
            "bar": rng.choice(["u", "v"], 300),
            "baz": rng.choice(["r", "s", "t"], 300),
            "quux": rng.normal(size=300),
        }
    )
    found = tuple(guesses(frame).values())
    assert {each.role for each in found} == {"covariate"}
    assert candidates(found, "treatment") == ("bar", "baz")
    assert candidates(found, "outcome") == ("quux", "qux", "foo")
    assert candidates(tuple(guesses(frame[["age", "gender"]]).values()), "treatment") == ()


def test_a_value_with_a_twin_from_before_is_the_outcome() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "arm": rng.integers(0, 2, 200),
            "steps_before": rng.gamma(9, 9, 200),
            "clicks": rng.poisson(9, 200),
            "steps_7d": rng.gamma(9, 9, 200),
        }
    )
    found = guesses(frame)
    assert found["steps_before"].role == "covariate"
    assert found["steps_7d"].outcome_score == 4.0
    assert guesses(frame.drop(columns="clicks"))["steps_7d"].role == "outcome"


@pytest.mark.parametrize(
    ("name", "role", "flagged"),
    [
        ("score_nach_kontakt", "set_aside", True),
        ("rank_after", "set_aside", True),
        ("post_visits", "set_aside", True),
        ("views", "covariate", True),
        ("logins_7d", "covariate", True),
        ("logins_last_7d", "covariate", False),
        ("clicks_before", "covariate", False),
        ("height", "covariate", False),
    ],
)
def test_what_may_come_after_the_treatment_is_flagged_and_set_aside_where_it_says_so(
    name: str, role: str, flagged: bool
) -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {"treatment": rng.integers(0, 2, 200), name: rng.poisson(9, 200), "revenue": rng.gamma(1, 1, 200)}
    )
    found = guesses(frame)[name]
    assert (found.role, found.maybe_after) == (role, flagged)
    assert (after_treatment(found) is not None) == flagged
    assert ("must stay out" in found.reason) == flagged


def test_a_social_post_is_no_word_for_after() -> None:
    frame = pd.DataFrame({"treatment": [0, 1] * 50, "post_kind": ["photo", "text", "video", "link"] * 25})
    assert guesses(frame)["post_kind"].role == "covariate"


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (["Ja", "Nein"], ("Nein", "Ja")),
        (["yes", "no"], ("no", "yes")),
        (["oui", "non"], ("non", "oui")),
        (["Sí", "No"], ("No", "Sí")),
        ([True, False], (False, True)),
        (["an", "aus"], ("aus", "an")),
        (["new", "old"], ("old", "new")),
        (["B", "A"], ("A", "B")),
        (["group b", "group a"], ("group a", "group b")),
        (["treatment", "control"], ("control", "treatment")),
        (["Kontrollgruppe", "Aktion"], ("Kontrollgruppe", "Aktion")),
        (["alpha", "holdout"], ("holdout", "alpha")),
        (["autoplay on", "autoplay off"], ("autoplay off", "autoplay on")),
        (["mit Video", "ohne Video"], ("ohne Video", "mit Video")),
        ([5, 2], (2, 5)),
        (["10", "9", "0", "1"], ("0", "1")),
        (["west", "east"], ("east", "west")),
        (["new_ranker_plus", "new_ranker", "control"], ("control", "new_ranker")),
        ({"red": 5, "blue": 90, "green": 40}, ("blue", "green")),
        ({"control": 5, "x": 9, "y": 40}, ("control", "y")),
        (["one"], None),
        ([], None),
    ],
)
def test_levels_are_put_in_the_order_that_a_person_expects(
    levels: list[object] | dict[object, int], expected: tuple[object, object] | None
) -> None:
    assert default_levels(levels) == expected


def test_texts_that_are_nearly_all_numbers_are_numeric() -> None:
    cells = [f"${each}.50" for each in range(99)] + ["free"]
    found = guesses(
        pd.DataFrame({"revenue": cells, "arm": [0, 1] * 50, "zip": [f"0{each:03d}" for each in range(100)]})
    )
    assert (found["revenue"].type, found["revenue"].role) == ("numeric", "outcome")
    assert "numbers written as text, from 0.5 to 98.5" in found["revenue"].reason
    assert found["zip"].type != "numeric"


def test_a_treatment_by_which_a_long_log_is_sorted_is_found() -> None:
    rows = [f"v{place},{'control' if place < 21_000 else 'treated'},{place % 97}" for place in range(30_000)]
    found = {each.name: each for each in guess(read_log("\n".join(["visitor,arm,spend", *rows]).encode()))}
    assert (found["arm"].role, found["arm"].type, found["arm"].distinct) == ("treatment", "binary", 2)
    assert found["spend"].role == "outcome"
