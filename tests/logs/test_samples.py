from __future__ import annotations

import importlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.analysis import answer
from causal.errors import UnreadableLog
from causal.graphs.causal_graph import CausalGraph
from causal.logs.columns import guess
from causal.logs.log import Log
from causal.logs.reading import frame_of
from causal.logs.samples import DATA, SAMPLES, Sample, open_sample, sample_named
from causal.logs.scenarios.simulated import Simulated
from causal.logs.units import build_units, log_of_units
from causal.study import AnalysisSpec, Question

SIMULATED = ("classic", "shop", "news", "video", "stories")


@cache
def opened(name: str) -> Log:
    return open_sample(name)


@cache
def simulated(name: str) -> Simulated:
    made = importlib.import_module(f"causal.logs.scenarios.{name}").simulate()
    assert isinstance(made, Simulated)
    return made


@pytest.mark.parametrize("name", SIMULATED)
def test_the_shipped_log_is_what_its_scenario_makes(name: str) -> None:
    made = simulated(name).frame
    shipped = frame_of(opened(name))
    pd.testing.assert_frame_equal(shipped, made, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize("name", SIMULATED)
def test_the_stated_truth_is_that_of_the_potential_outcomes(name: str) -> None:
    stated = sample_named(name).truth
    assert {key: stated[key] for key in ("everyone", "treated", "untreated", "naive")} == simulated(name).truth()


@pytest.mark.parametrize("name", SIMULATED)
def test_the_naive_difference_is_clearly_biased(name: str) -> None:
    truth = sample_named(name).truth
    assert abs(truth["naive"] - truth["everyone"]) > 0.25 * abs(truth["everyone"])


def test_the_classic_effect_is_five_minutes() -> None:
    assert sample_named("classic").truth["everyone"] == 5.0


def test_videos_started_carries_most_of_autoplays_effect() -> None:
    frame = simulated("news").frame
    on = (frame["autoplay"] == "on").to_numpy(float)
    columns = [np.ones(len(frame)), on, frame["evening"], frame["prior_activity"], frame["topic_affinity"]]
    columns += [(frame["device"] == each).to_numpy(float) for each in ("phone", "tablet", "television")]
    outcome = frame["minutes_watched"]
    total = np.linalg.lstsq(np.column_stack(columns), outcome, rcond=None)[0][1]
    beside = np.linalg.lstsq(np.column_stack([*columns, frame["videos_started"]]), outcome, rcond=None)[0][1]
    assert total == pytest.approx(3.6, abs=0.35)
    assert beside == pytest.approx(0.9, abs=0.35)


def test_the_video_sample_goes_from_events_to_an_answer_that_covers_the_truth() -> None:
    sample = sample_named("video")
    table = build_units(opened("video"), sample.recipe)
    assert len(table) == len(simulated("video").treatment)
    spec = AnalysisSpec(Question(**sample.question), CausalGraph.parse(sample.graph_text), "doubly_robust")
    found = answer(table, spec)
    low, high = found.estimate.interval()
    assert low < sample.truth["everyone"] < high < sample.truth["naive"]
    assert found.naive.effect == pytest.approx(sample.truth["naive"], abs=1e-4)


def test_the_jobs_sample_is_the_packages_data_with_the_experiments_answer() -> None:
    causaldata = pytest.importorskip("causaldata")
    log = opened("jobs")
    frame = frame_of(log)
    assert (log.rows, int(frame["treat"].sum())) == (16_177, 185)
    survey = causaldata.cps_mixtape.load_pandas().data
    np.testing.assert_allclose(frame.loc[frame["treat"] == 0, "re78"], survey["re78"], atol=1e-3)
    experiment = causaldata.nsw_mixtape.load_pandas().data.groupby("treat")["re78"].mean()
    assert sample_named("jobs").truth["treated"] == pytest.approx(experiment[1] - experiment[0], abs=0.01)
    assert round(sample_named("jobs").truth["treated"]) == 1794
    assert round(sample_named("jobs").truth["treated_std_error"]) == 671


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.name)
def test_every_sample_is_ready_to_be_asked(sample: Sample) -> None:
    log = opened(sample.name)
    question = Question(**sample.question)
    graph = CausalGraph.parse(sample.graph_text)
    table = build_units(log, sample.recipe)
    assert set(graph.nodes) <= set(table.names)
    assert {question.treatment, question.outcome} <= set(graph.nodes)
    assert {question.control, question.treated} <= set(table.column(question.treatment).unique())
    assert log.notes == ()
    roles = {each.role: each.name for each in guess(log_of_units(log, sample.recipe))}
    assert (roles["treatment"], roles["outcome"]) == (question.treatment, question.outcome)
    assert sample.cluster is None or sample.cluster in table.names


def test_samples_are_small_and_described() -> None:
    files = [path for path in DATA.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    for sample in SAMPLES:
        readme = (sample.folder / "README.md").read_text(encoding="utf-8")
        assert all(word in readme for word in ("Origin", "Licence", "Columns", "truth"))
        assert all(f"`{name}`" in readme for name in opened(sample.name).names)
        assert isinstance(json.loads((sample.folder / "truth.json").read_text(encoding="utf-8")), dict)


def test_an_unknown_sample_is_named_with_those_there_are() -> None:
    with pytest.raises(UnreadableLog, match=r'no sample "shpo"\. Choose one of: "classic"'):
        open_sample("shpo")


def test_the_samples_lie_in_the_repositorys_data_folder() -> None:
    assert Path(__file__).resolve().parents[2] / "data" == DATA
