from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from causal.logs.log import Problem
from causal.logs.problems import problems
from causal.logs.reading import read_log


def found(frame: pd.DataFrame | str) -> dict[tuple[str, str | None], Problem]:
    text = frame if isinstance(frame, str) else frame.to_csv(index=False)
    today = datetime.date(2024, 6, 1)
    return {(each.kind, each.column): each for each in problems(read_log(text.encode()), today)}


def clean(rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "arm": rng.integers(0, 2, rows),
            "age": rng.integers(18, 70, rows),
            "engagement": rng.normal(50, 5, rows).round(3),
            "country": rng.choice(["DE", "FR", "IT"], rows),
        }
    )


def test_a_clean_log_has_no_problems() -> None:
    assert found(clean()) == {}


def test_repeated_rows_are_counted() -> None:
    frame = clean()
    problem = found(pd.concat([frame, frame.head(7)]))["duplicate rows", None]
    assert (problem.rows, problem.severity) == (7, "attention")
    assert problem.sentence == "7 rows repeated: the same as an earlier row in every column."


def test_a_few_repeated_identifiers_are_suspicious_and_many_are_a_cluster() -> None:
    few = clean().assign(user_id=[*range(497), 1, 2, 3])
    assert found(few)["duplicate identifiers", "user_id"].severity == "attention"
    many = clean().assign(user_id=np.arange(500) // 5)
    problem = found(many)["duplicate identifiers", "user_id"]
    assert (problem.severity, problem.rows) == ("note", 400)
    assert problem.advice == 'Cluster the intervals by "user_id".'


def test_constant_empty_and_mostly_missing_columns_are_named() -> None:
    gaps = np.where(np.arange(500) < 300, np.nan, np.arange(500) * 1.5)
    some = np.where(np.arange(500) < 3, np.nan, np.arange(500) % 7 + 0.5)
    seen = found(clean().assign(version="v1", gaps=gaps, some=some, nothing=np.nan))
    assert seen["constant column", "version"].rows == 500
    assert seen["mostly missing", "gaps"].sentence == '"gaps" is missing in 60% of the rows.'
    assert seen["missing values", "some"].rows == 3
    assert seen["empty column", "nothing"].severity == "note"


def test_mixed_types_come_from_reading_and_are_not_said_twice() -> None:
    frame = clean().assign(price=["9.5"] * 499 + ["free"])
    seen = found(frame)
    assert seen["mixed types", "price"].rows == 1
    assert 'first: "free" in row 500' in seen["mixed types", "price"].sentence


def test_numbers_with_a_unit_are_a_note_because_they_are_read() -> None:
    frame = clean().assign(discount=[f"{each} %" for each in range(500)])
    assert [each.severity for each in found(frame).values()] == ["note"]


def test_spellings_of_one_category_are_found() -> None:
    frame = clean().assign(city=["Paris"] * 490 + ["paris ", "PARIS"] * 5)
    problem = found(frame)["spellings of one category", "city"]
    assert problem.rows == 10


def test_words_for_missing_are_noted() -> None:
    frame = clean().assign(city=["Paris", "Rome"] * 245 + ["unknown"] * 10)
    assert found(frame)["words for missing", "city"].rows == 10


def test_sentinels_and_far_values_are_told_apart() -> None:
    minutes = np.random.default_rng(1).normal(30, 5, 500)
    sentinel, far = minutes.copy(), minutes.copy()
    sentinel[:20] = -999
    far[3] = 4_000.0
    seen = found(clean().assign(sentinel=sentinel, far=far))
    assert seen["stands for missing", "sentinel"].rows == 20
    assert seen["far values", "far"].rows == 1
    assert ("far values", "sentinel") not in seen


def test_skewed_values_are_not_called_far() -> None:
    spent = np.random.default_rng(2).gamma(1.0, 10, 500)
    assert ("far values", "spent") not in found(clean().assign(spent=spent))


def test_dates_in_the_future_are_counted() -> None:
    frame = clean().assign(date=["2024-05-01"] * 498 + ["2031-01-01"] * 2)
    problem = found(frame)["dates in the future", "date"]
    assert (problem.rows, problem.severity) == (2, "attention")
    assert "latest: 2031-01-01" in problem.sentence


def test_a_column_called_propensity_score_is_only_a_note() -> None:
    frame = clean().assign(propensity_score=np.random.default_rng(3).random(500))
    assert found(frame)["logged propensity", "propensity_score"].severity == "note"


def test_the_gravest_problems_come_first() -> None:
    log = read_log(b'"a,b"\n"1,2"\n"2,3"\n"2,3"\n')
    assert problems(log)[0].severity == "stop"


def test_texts_that_spell_numbers_are_used_as_such_and_the_rest_is_counted() -> None:
    rng = np.random.default_rng(4)
    spent = [f"${each:.2f}" for each in rng.gamma(2, 5, 490)] + ["free"] * 10
    csv = found(clean().assign(spent=spent))
    assert csv["mixed types", "spent"].rows == 10
    assert ("numbers stored as text", "spent") not in csv
    json_lines = clean().assign(spent=spent).to_json(orient="records", lines=True).encode()
    seen = {(each.kind, each.column): each for each in problems(read_log(json_lines, "log.jsonl"))}
    problem = seen["numbers stored as text", "spent"]
    assert (problem.severity, problem.rows) == ("attention", 490)
    assert 'it is used as numbers. 10 rows spell none ("free") and count as missing.' in problem.sentence


def test_numbers_in_several_units_are_not_used_as_numbers() -> None:
    frame = clean().assign(spent=[f"${i}.00" if i % 2 else f"{i}.00 €" for i in range(500)])
    assert "their unit or their decimal mark is not certain" in found(frame)["numbers stored as text", "spent"].sentence


def test_repairs_are_named_where_they_are_offered() -> None:
    frame = clean().assign(city=["Paris"] * 490 + ["paris "] * 10, score=[-1] * 20 + [5, 6, 7, 8] * 120)
    seen = found(frame)
    assert "Columns page: treat spellings as the same" in seen["spellings of one category", "city"].advice
    assert "Columns page: treat stand-in numbers as missing" in seen["stands for missing", "score"].advice


def test_a_total_in_the_last_row_is_one_problem_and_causes_no_other() -> None:
    frame = clean().assign(user=range(500))
    last = {"arm": 250, "engagement": frame["engagement"].sum(), "user": "Summe"}
    seen = found(pd.concat([frame, pd.DataFrame([last])], ignore_index=True))
    assert list(seen) == [("total row", None)]
    problem = seen["total row", None]
    assert (problem.rows, problem.severity) == (1, "attention")
    assert problem.sentence == 'The last row looks like a total of the others: "user" says "Summe".'
    assert problem.advice.startswith("Columns page: leave the last row out.")


def test_the_same_notice_over_many_columns_is_one_that_lists_them() -> None:
    gaps = np.where(np.arange(500) < 3, np.nan, np.arange(500) % 7 + 0.5)
    seen = found(clean().assign(**{f"gap{i}": gaps for i in range(10)}))
    assert list(seen) == [("missing values", None)]
    problem = seen["missing values", None]
    assert problem.rows == 3
    assert problem.sentence.startswith('10 columns have missing values: "gap0" (3 rows), "gap1" (3 rows), ')
    assert problem.sentence.endswith(" and 2 more.")


def test_a_grave_notice_over_many_columns_keeps_an_example() -> None:
    scores = [-1] * 20 + [5, 6, 7, 8] * 120
    problem = found(clean().assign(a=scores, b=scores, c=scores))["stands for missing", None]
    assert problem.sentence.endswith('For example: "a" is -1 in 20 rows; all others lie between 5 and 8.')


def test_one_column_stops_the_journey_and_few_rows_are_noticed() -> None:
    alone = found("only\n" + "".join(f"{each % 7}\n" for each in range(100)))["one column", "only"]
    assert alone.severity == "stop"
    assert "a question needs at least two columns" in alone.sentence
    few = found(clean(12))["few rows", None]
    assert (few.severity, few.rows) == ("attention", 12)
    assert few.sentence == "12 rows: intervals will be very wide."


def test_a_header_that_was_read_as_one_column_is_said_once() -> None:
    log = read_log(b'"a,b"\n"1,2"\n"2,3"\n')
    assert [each.kind for each in problems(log) if each.severity == "stop"] == ["one column"]
