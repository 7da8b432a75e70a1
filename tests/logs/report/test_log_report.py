"""Each check finds the fault that was planted for it, and only that; a clean log, and every sample, stays silent."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal.logs.event_recipe import Anchor, EventColumns, EventRecipe, Measure
from causal.logs.log import Log
from causal.logs.reading import read_log
from causal.logs.report.finding import Finding, LogReport
from causal.logs.report.log_report import log_report, rows_at
from causal.logs.report.looked_at import LogRoles, roles_in
from causal.logs.report.mends import can_be_mended, is_mended, mended
from causal.logs.report.registry import CHECKS
from causal.logs.samples import SAMPLES, open_sample
from causal.logs.time_range import after, before
from causal.logs.units import UnitRecipe, build_units, log_of_units
from causal.wording.log_report import MENDS, finding_advice, finding_sentence, finding_title, report_sentence

TODAY = datetime.date(2024, 6, 1)
RECIPE = UnitRecipe(
    events=EventRecipe(
        EventColumns("user_id", "time", "event", "item"),
        anchor=Anchor("first of a kind", ("impression",)),
        treatment=Measure("value", column="variant"),
        outcomes=(Measure("count", after(3), ("click",), name="clicks"),),
        covariates=(Measure("count", before(3), name="events_before"),),
    )
)


def events(rows: int = 3_000) -> pd.DataFrame:
    """Events of 100 users over 40 days, in order, one arm each, the server's clock two seconds behind."""
    rng = np.random.default_rng(3)
    user = rng.integers(0, 100, rows)
    at = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 40 * 86_400, rows)), "s")
    return pd.DataFrame(
        {
            "user_id": [f"u{each:03d}" for each in user],
            "time": at,
            "received_at": at + pd.to_timedelta(2, "s"),
            "event": rng.choice(["impression", "click"], rows),
            "item": [f"i{each}" for each in rng.integers(0, 500, rows)],
            "variant": np.where(user % 2 == 0, "a", "b"),
        }
    )


def units(rows: int = 2_000) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "user_id": np.arange(rows) + 10_000,
            "variant": rng.choice(["control", "treatment"], rows),
            "age": rng.integers(18, 70, rows),
            "country": rng.choice(["DE", "FR", "IT"], rows),
            "revenue": rng.normal(20, 4, rows).round(2),
        }
    )


def read(frame: pd.DataFrame) -> Log:
    return read_log(frame.to_csv(index=False).encode())


def report(frame: pd.DataFrame, recipe: UnitRecipe | None = None, **roles: object) -> LogReport:
    log = read(frame)
    made = log_of_units(log, recipe)
    held = roles_in(log, made, recipe, {each: roles[each] for each in ("treatment", "outcome") if each in roles})
    return log_report(log, made, LogRoles(**{**vars(held), **roles}), TODAY)


def only(found: LogReport) -> Finding:
    """The one finding, which has its words."""
    assert len(found.findings) == 1, [(each.check, each.columns) for each in found.findings]
    said = found.findings[0]
    assert finding_title(said)
    assert finding_sentence(said).endswith(".")
    assert finding_advice(said).endswith(".")
    assert LogReport.from_json(json.loads(json.dumps(found.to_json()))) == found
    return said


def test_clean_logs_are_silent() -> None:
    assert report(events(), RECIPE).findings == ()
    assert report(units()).findings == ()
    assert report_sentence(report(units())) == "Nothing to mend in 2,000 rows: 12 checks found nothing."


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_samples_are_silent_but_for_what_is_planted_in_them(sample) -> None:
    log = open_sample(sample.name)
    made = log_of_units(log, sample.recipe)
    found = log_report(log, made, roles_in(log, made, sample.recipe, sample.question), TODAY)
    doubts = {(each.check, each.count) for each in found.findings if each.severity != "note"}
    assert doubts == ({("duplicates", 490)} if sample.name == "video" else set())
    notes = {(each.check, each.count) for each in found.findings if each.severity == "note"}
    assert notes == ({("duplicates", 1_720)} if sample.name == "jobs" else set())


def test_repeated_rows_are_shown_and_count_once_after_the_mend() -> None:
    frame = events()
    found = only(report(pd.concat([frame, frame.iloc[[5, 70, 800]]]).sort_values("time", kind="stable"), RECIPE))
    assert (found.check, found.count, found.mend) == ("duplicates", 3, "count repeats once")
    assert len(found.positions) == 3
    assert mended(RECIPE, found).events.cleaning.duplicates == "rows"
    assert is_mended(mended(RECIPE, found), found)
    assert not is_mended(RECIPE, found)


def test_repeated_units_are_left_out_by_the_mend() -> None:
    frame = pd.concat([units(), units().head(9)])
    found = only(report(frame))
    assert (found.check, found.count, found.positions[0]) == ("duplicates", 9, 2_000)
    recipe = mended(UnitRecipe(), found)
    assert UnitRecipe.from_json(recipe.to_json()) == recipe
    assert len(build_units(read(frame), recipe)) == 2_000


def test_retries_of_an_event_are_found_by_who_when_and_what() -> None:
    frame = events()
    again = frame.iloc[100:130].assign(received_at=lambda held: held["received_at"] + pd.to_timedelta(1, "s"))
    found = only(report(pd.concat([frame, again]).sort_values("time", kind="stable"), RECIPE))
    assert (found.check, found.count) == ("nearly equal rows", 30)
    assert mended(RECIPE, found).events.cleaning.key == ("user_id", "time", "event", "item")


@pytest.mark.parametrize(("at", "which"), [("2031-01-01", "future"), ("2024-05-20", "late"), ("1970-01-01", "early")])
def test_times_that_cannot_be_are_found_and_left_out(at: str, which: str) -> None:
    frame = events()
    moment = pd.Timestamp(at)
    frame.loc[[3, 2_000], ["time", "received_at"]] = [moment, moment]
    found = next(each for each in report(frame, RECIPE).findings if each.check == "impossible times")
    assert (found.count, found.facts["which"], found.positions) == (2, which, (3, 2_000))
    assert finding_sentence(found)
    recipe = mended(RECIPE, found)
    assert (recipe.events.cleaning.since, recipe.events.cleaning.until) == ("2024-01-01", "2024-02-10")
    assert can_be_mended(RECIPE, found)
    assert not can_be_mended(UnitRecipe(), found)
    assert is_mended(recipe, found)
    assert not is_mended(RECIPE, found)


def test_an_outage_is_a_gap_with_its_picture() -> None:
    frame = events()
    out = frame["time"].between("2024-01-15", "2024-01-17")
    found = only(report(frame[~out], RECIPE))
    assert (found.check, found.count, found.facts["first"]) == ("time gaps", 2, "2024-01-15")
    assert found.evidence[0]["until"] == "2024-01-17"
    assert found.evidence[0]["expected"] > 100
    assert sum(found.bars.marked) == 2
    assert len(found.bars.labels) == 40


def test_a_quiet_night_is_no_gap() -> None:
    frame = events()
    assert report(frame[frame["time"].dt.hour > 5], RECIPE).findings == ()


def test_a_device_in_another_time_zone_is_told_from_the_server() -> None:
    frame = events()
    wrong = np.arange(len(frame)) % 20 == 0
    frame.loc[wrong, "time"] -= pd.to_timedelta(3, "h")
    found = next(each for each in report(frame, RECIPE).findings if each.check == "two clocks")
    assert (found.columns, found.count, found.facts["before"]) == (("time", "received_at"), 150, 150)
    assert "two time zones" in finding_sentence(found)
    assert mended(RECIPE, found).events.columns.time == "received_at"
    again = [each for each in report(frame, mended(RECIPE, found)).findings if each.check == "two clocks"]
    assert is_mended(mended(RECIPE, found), again[0])
    assert found.bars.heights[1] == 150


def test_dates_of_different_things_are_no_clocks() -> None:
    frame = events().rename(columns={"received_at": "signup_date"})
    frame["signup_date"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(frame)), "h")
    assert report(frame, RECIPE).findings == ()


def test_late_arrivals_are_a_note_and_an_unsorted_file_is_none() -> None:
    frame = events()
    late = pd.concat([frame.drop(index=range(500, 540)), frame.loc[500:539]])
    found = only(report(late, RECIPE))
    assert (found.check, found.severity) == ("out of order", "note")
    assert 30 <= found.count <= 40
    assert report(frame.sample(frac=1, random_state=1), RECIPE).findings == ()


def test_words_among_numbers_are_shown_with_their_rows() -> None:
    frame = units().astype({"age": object})
    frame.loc[[7, 9, 1_200], "age"] = ["forty", "forty", "?!"]
    found = only(report(frame))
    assert (found.check, found.columns, found.count, found.positions) == ("mixed types", ("age",), 3, (7, 9, 1_200))
    assert found.evidence[0] == {"value": "forty", "rows": 2}
    assert dict(mended(UnitRecipe(), found).types) == {"age": "numeric"}
    assert list(rows_at(read(frame), found.positions)["age"]) == ["forty", "forty", "?!"]


def test_constant_columns_are_a_note_and_a_constant_outcome_stops() -> None:
    held = only(report(units().assign(plan="basic"), covariates=("age", "plan")))
    assert (held.check, held.severity, held.mend) == ("constant columns", "note", "set aside")
    assert "plan" in mended(UnitRecipe(), held).set_aside
    frame = units().assign(revenue=1.5)
    assert only(report(frame, outcome="revenue", covariates=("age",))).severity == "stop"


def test_what_looks_at_before_the_first_event_is_found_with_the_way_out() -> None:
    from_first = replace(RECIPE, events=replace(RECIPE.events, anchor=Anchor()))
    found = only(report(events(), from_first, treatment="variant", outcome="clicks"))
    assert (found.check, found.columns, found.mend) == ("nothing before the anchor", ("events_before",), "set aside")
    assert "by construction" in finding_sentence(found)
    assert "first event of a kind" in finding_advice(found)


def test_a_column_that_tells_the_outcome_or_the_treatment_leaks() -> None:
    frame = units().assign(bought=lambda held: (held["revenue"] > 22).astype(int))
    asked = {"outcome": "bought", "covariates": ("age", "country", "revenue_cents")}
    clean = report(frame.assign(revenue_cents=lambda held: held["age"] * 3), **asked)
    assert clean.findings == ()
    found = only(
        report(
            frame.assign(receipt=lambda held: held["bought"].map({0: "none", 1: "sent"})),
            outcome="bought",
            covariates=("age", "receipt"),
        )
    )
    assert (found.check, found.columns, found.mend) == ("leaking columns", ("receipt", "bought"), "set aside")
    number = only(
        report(frame.assign(cents=lambda held: held["revenue"] * 100), outcome="revenue", covariates=("age", "cents"))
    )
    assert number.columns == ("cents", "revenue")
    arm = only(
        report(
            frame.assign(bucket=lambda held: held["variant"].map({"control": 3, "treatment": 8})),
            covariates=("bucket", "age"),
        )
    )
    assert arm.columns == ("bucket", "variant")
    assert "what decided it" in finding_sentence(arm)


def test_what_is_computed_after_the_anchor_leaks() -> None:
    late = Measure("sum", after(3), column="x", name="pages_read")
    recipe = UnitRecipe(
        events=EventRecipe(
            EventColumns("user_id", "time", "event", "item"),
            outcomes=(Measure("any", after(3), ("click",), name="bought"), late),
            treatment=Measure("value", column="variant"),
        )
    )
    found = report(
        events().assign(x=np.random.default_rng(0).normal(size=3_000).round(3)),
        recipe,
        treatment="variant",
        outcome="bought",
    )
    said = next(each for each in found.findings if each.check == "computed after the anchor")
    assert said.columns == ("pages_read",)


def test_a_treatment_that_changes_is_dated() -> None:
    frame = events()
    switched = frame["user_id"].isin(["u001", "u002", "u003"]) & (frame["time"] >= "2024-01-20")
    frame.loc[switched, "variant"] = frame.loc[switched, "variant"].map({"a": "b", "b": "a"})
    found = only(report(frame, RECIPE))
    assert (found.check, found.count, found.facts["back and forth"]) == ("changing treatment", 3, 0)
    assert {each["user_id"] for each in found.evidence} == {"u001", "u002", "u003"}
    assert found.bars is None or sum(found.bars.heights) == 3


def test_what_happens_between_two_exposures_is_no_change_of_arm_where_the_kind_is_the_arm() -> None:
    frame = events().assign(user=lambda held: held["user_id"].str[1:].astype(int))
    shown = frame["event"] == "impression"
    frame.loc[shown, "event"] = np.where(frame.loc[shown, "user"] % 2 == 0, "small", "large")
    recipe = UnitRecipe(
        events=EventRecipe(
            EventColumns("user_id", "time", "event", "item"),
            anchor=Anchor("first of a kind", ("small", "large")),
            treatment=Measure("value", column="event"),
            outcomes=(Measure("count", after(3), ("click",), name="clicks"),),
        )
    )

    def changes() -> list[int]:
        found = report(frame, recipe, treatment="event", outcome="clicks").findings
        return [each.count for each in found if each.check == "changing treatment"]

    assert changes() == []
    frame.loc[(frame["user"] == 1) & (frame["time"] >= "2024-01-20") & shown, "event"] = "small"
    assert changes() == [1]


def test_people_in_several_arms_are_found_where_most_are_in_one() -> None:
    frame = units().assign(user_id=np.arange(2_000) // 4)
    frame["variant"] = np.where(frame["user_id"] % 2 == 0, "control", "treatment")
    assert report(frame).findings == ()
    frame.loc[frame["user_id"].isin([10, 11]) & (np.arange(2_000) % 4 == 0), "variant"] = "other"
    found = only(report(frame))
    assert (found.check, found.count, found.facts["units"], found.mend) == ("several arms", 2, 8, "cluster")
    assert found.evidence[0] == {"user_id": "10", "arms": "control, other", "units": 4}
    assert is_mended(UnitRecipe(), found, "user_id")


def test_values_missing_in_one_arm_are_found() -> None:
    frame = units()
    rng = np.random.default_rng(1)
    assert report(frame.assign(age=frame["age"].where(rng.random(2_000) > 0.1))).findings == ()
    gone = (frame["variant"] == "treatment") & (rng.random(2_000) < 0.2)
    found = only(report(frame.assign(age=frame["age"].where(~gone))))
    assert (found.check, found.columns, found.mend) == ("missing by arm", ("age", "variant"), "mark missing")
    assert found.count == gone.sum()
    outcome = only(report(frame.assign(revenue=frame["revenue"].where(~gone))))
    assert outcome.mend is None
    assert "no longer comparable" in finding_sentence(outcome)


def bandit(rows: int = 4_000) -> pd.DataFrame:
    """Logged actions with the chance of the one taken."""
    rng = np.random.default_rng(5)
    chances = np.array([0.5, 0.3, 0.15, 0.05])
    action = rng.choice(4, rows, p=chances)
    return pd.DataFrame(
        {
            "request_id": np.arange(rows),
            "action": [f"a{each}" for each in action],
            "propensity": chances[action],
            "reward": rng.integers(0, 2, rows),
        }
    )


ASKED = {"arm": "action", "context": "request_id"}


def test_logged_probabilities_fit_the_actions_taken_or_are_found() -> None:
    assert report(bandit(), **ASKED).findings == ()
    frame = bandit()
    frame.loc[frame["action"] == "a0", "propensity"] = 0.25
    found = only(report(frame, **ASKED))
    assert (found.check, found.count, found.facts["such as"]) == ("propensity weights", 1, "a0")
    assert found.facts["mean"] == pytest.approx(2.0, abs=0.1)


def test_probabilities_of_an_item_are_not_held_against_another_column() -> None:
    frame = bandit().rename(columns={"action": "item_id"})
    frame["segment"] = np.where(np.arange(len(frame)) % 2 == 0, "x", "y")
    asked = {"arm": "segment", "item": "item_id", "context": None}
    assert report(frame, **asked).findings == ()
    wrong = only(report(frame.assign(propensity=0.3 + frame["reward"] / 100), **asked, covariates=()))
    assert (wrong.check, wrong.columns) == ("propensity weights", ("propensity", "item_id"))


def test_listed_probabilities_add_up_to_one_per_context_or_are_found() -> None:
    listed = (
        bandit(500)
        .drop(columns=["action", "propensity"])
        .merge(pd.DataFrame({"action": list("abcd"), "propensity": [0.5, 0.3, 0.15, 0.05]}), how="cross")
    )
    assert report(listed, **ASKED).findings == ()
    listed.loc[listed["request_id"].isin([3, 17]) & (listed["action"] == "a"), "propensity"] = 0.9
    found = only(report(listed, **ASKED))
    assert (found.check, found.count, found.facts["highest"]) == ("propensity sums", 2, pytest.approx(1.4))
    assert len(found.positions) == 8
    assert sum(found.bars.heights) == 500


def test_a_probability_outside_its_range_is_shown() -> None:
    frame = bandit()
    frame.loc[[8, 9], "propensity"] = [0.0, 1.7]
    found = report(frame, **ASKED, propensity="propensity")
    assert [(each.check, each.count, each.positions) for each in found.findings] == [("propensities", 2, (8, 9))]


def test_the_chance_of_being_treated_is_no_fault() -> None:
    rng = np.random.default_rng(2)
    chance = rng.uniform(0.2, 0.8, 3_000).round(3)
    frame = pd.DataFrame(
        {
            "variant": (rng.random(3_000) < chance).astype(int),
            "propensity": chance,
            "y": np.arange(3_000),
        }
    )
    assert report(frame, arm="variant").findings == ()


def test_limits_give_a_report_and_no_error() -> None:
    one = events(1)
    assert report(one, treatment="variant", outcome="item").rows == 1
    empty = read_log(b"user_id,time,variant,y\n1,2024-01-01,a,1\n")
    nothing = log_report(empty, empty, LogRoles("user_id", "time", arm="variant", treatment="variant", outcome="y"))
    assert {each.severity for each in nothing.findings} <= {"note"}
    frame = units().assign(revenue=np.nan, age=np.nan)
    gone = report(frame, outcome="revenue", treatment="variant", covariates=("age", "country"))
    assert [(each.check, each.severity) for each in gone.findings] == [
        ("constant columns", "stop"),
        ("constant columns", "note"),
    ]
    assert "has no value in any unit" in finding_sentence(gone.findings[0])


def test_hostile_names_are_names() -> None:
    hostile = {"variant": 'v"; DROP TABLE rows; --', "age": "a'ge", "country": "__row"}
    frame = pd.concat([units(), units().head(3)]).rename(columns=hostile)
    assert [each.check for each in report(frame).findings] == ["duplicates"]


def test_every_check_and_every_mend_has_its_words() -> None:
    assert len({each.name for each in CHECKS}) == len(CHECKS)
    assert all(button and made for button, made in MENDS.values())
