import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from causal.analysis import answer
from causal.archive.analyses import load_analysis
from causal.archive.engine import engine_fingerprint, result_key
from causal.archive.store import StudyStore
from causal.effects.specification_curve import SpecificationCurve
from causal.effects.specifications import Choices, OutcomeDefinition, Population
from causal.errors import DamagedBlob, DoableError
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.treat_share import treat_share
from causal.jobs import kinds
from causal.jobs.kinds import SpecOutcome, Workroom, answer_specs, kind_named
from causal.logs.unit_table import UnitTable
from causal.progress import silent
from causal.study import AnalysisSpec, Condition, Question, fingerprint_of

GRAPH = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])


def spec_of(method, **changes):
    return AnalysisSpec(Question("t", "y"), GRAPH, method, **changes)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    t = (rng.random(400) < 1 / (1 + np.exp(-x))).astype(int)
    return UnitTable.from_frame(pd.DataFrame({"x": x, "t": t, "y": 2 * t + x + rng.normal(size=400)}))


@pytest.fixture
def room(tmp_path):
    return Workroom(StudyStore(tmp_path))


def run(room, table_sha, specs):
    told, stages = [], []
    payload = json.loads(json.dumps({"table_sha": table_sha, "specs": [each.to_json() for each in specs]}))
    answer_specs(room, payload, lambda share, stage: stages.append((share, stage)), told.append)
    return [SpecOutcome(**each) for each in told], stages


def test_every_spec_is_answered_with_the_digits_of_answer(room, table):
    specs = [spec_of("regression"), spec_of("weighting"), spec_of("doubly_robust")]
    outcomes, stages = run(room, room.store.put_table(table), specs)
    for outcome, spec in zip(outcomes, specs, strict=True):
        kept = room.store.find_result(result_key(room.store.put_table(table), spec.fingerprint))
        assert (kept.analysis, kept.scores) == (outcome.analysis, outcome.scores)
        loaded = load_analysis(room.store, kept.analysis, kept.scores, table)
        direct = answer(table, spec)
        assert loaded.estimate == direct.estimate
        assert loaded.balance == direct.balance
        assert loaded.spec == spec
    shares = [share for share, _ in stages]
    assert shares == sorted(shares)
    assert any(stage.endswith(", 2 of 3") for _, stage in stages)


def test_stored_scores_answer_what_ifs_as_the_fresh_ones_do(room, table):
    (outcome,), _ = run(room, room.store.put_table(table), [spec_of("doubly_robust")])
    kept = room.store.find_result(result_key(room.store.put_table(table), outcome.fingerprint))
    shares = (0.0, 0.3, 1.0)
    fresh = treat_share(answer(table, spec_of("doubly_robust")), shares, by="x")
    assert treat_share(load_analysis(room.store, kept.analysis, kept.scores, table), shares, by="x") == fresh


def test_an_error_of_one_spec_leaves_the_others_alone(room, table):
    wrong = AnalysisSpec(Question("t", "nothing"), method="difference_in_means")
    outcomes, _ = run(room, room.store.put_table(table), [wrong, spec_of("regression")])
    assert "nothing" in outcomes[0].error
    assert outcomes[0].fingerprint == wrong.fingerprint
    assert not outcomes[0].fault
    assert outcomes[1].error is None and outcomes[1].analysis


def test_a_fault_of_ours_fails_the_job_but_keeps_the_rest(room, table, monkeypatch):
    def broken(table, spec, progress):
        if spec.method == "regression":
            raise ZeroDivisionError("inside")
        return answer(table, spec, progress)

    monkeypatch.setattr("causal.analysis.answer", broken)
    told = []
    payload = {
        "table_sha": room.store.put_table(table),
        "specs": [spec_of("regression").to_json(), spec_of("weighting").to_json()],
    }
    with pytest.raises(DoableError, match="Something went wrong on our side"):
        answer_specs(room, payload, silent, told.append)
    assert told[0]["fault"] and told[1]["analysis"]


def test_an_answer_is_not_fitted_twice_unless_its_blob_is_damaged(room, table, monkeypatch):
    fitted = []

    def counted(table, spec, progress):
        fitted.append(spec.method)
        return answer(table, spec, progress)

    monkeypatch.setattr("causal.analysis.answer", counted)
    table_sha = room.store.put_table(table)
    (first,), _ = run(room, table_sha, [spec_of("weighting")])
    (second,), _ = run(room, table_sha, [spec_of("weighting")])
    assert first == second
    assert fitted == ["weighting"]
    room.store.blob_path(first.scores).write_bytes(b"damaged")
    (third,), _ = run(room, table_sha, [spec_of("weighting")])
    assert third == first
    assert fitted == ["weighting", "weighting"]
    room.store.blob_path(first.scores)


def test_a_table_that_is_damaged_is_named(room, table):
    table_sha = room.store.put_table(table)
    room.store.blob_path(table_sha).write_bytes(b"damaged")
    with pytest.raises(DamagedBlob, match=f'"{table_sha}.parquet" is damaged'):
        run(room, table_sha, [spec_of("weighting")])


def test_the_last_two_tables_stay_loaded(room, table):
    shas = [room.store.put_table(UnitTable.from_frame(table.frame.head(rows))) for rows in (100, 200, 300)]
    first = room.table(shas[0])
    room.table(shas[1])
    assert room.table(shas[0]) is first
    room.table(shas[2])
    assert room.table(shas[0]) is first
    assert len(room._tables) == 2


def test_a_result_belongs_to_table_spec_and_engine(monkeypatch):
    key = result_key("a" * 64, "b" * 64)
    assert key == result_key("a" * 64, "b" * 64)
    assert key != result_key("c" * 64, "b" * 64)
    assert len(engine_fingerprint()) == 64
    monkeypatch.setattr("causal.archive.engine.engine_fingerprint", lambda: "another")
    assert key != result_key("a" * 64, "b" * 64)


def test_specifications_are_kept_one_by_one_and_found_again_by_another_curve(room, table):
    sha, spec = room.store.put_table(table), spec_of("weighting")
    few = Choices((Population(),), (OutcomeDefinition("y"),), (("x",),), ("weighting", "regression"))
    above = Population(where=(Condition("x", "is above", 0.0),))
    more = dataclasses.replace(few, populations=(Population(), above))

    def tried(choices, told, stop_after=None):
        payload = json.loads(json.dumps({"table_sha": sha, "spec": spec.to_json(), "choices": choices.to_json()}))

        def tell(document):
            told.append(document)
            if len(told) == stop_after:
                raise KeyboardInterrupt

        kind_named("try specifications").run(room, payload, silent, tell)
        return SpecificationCurve.from_outcomes(spec, choices, False, told)

    stopped = []
    with pytest.raises(KeyboardInterrupt):
        tried(few, stopped, stop_after=1)
    blob = room.store.put_json({**stopped[0], "effect": 17.0})  # an answer that nobody would work out
    key = result_key(sha, fingerprint_of({"specification": spec.fingerprint}))
    room.store.keep_result(key, blob, None)
    assert [round(each.effect, 1) for each in tried(few, []).answers] == [17.0, 2.1]
    longer = tried(more, [])
    assert longer.is_complete and longer.own.effect == 17.0 and longer.joint.regressions == 2


def test_the_registry_names_its_kinds(monkeypatch):
    monkeypatch.delenv("DOABLE_TEST_KINDS", raising=False)
    assert kind_named("answer").run is answer_specs
    assert [each.name for each in kinds.KINDS][:3] == ["answer", "discover", "check graph"]
    with pytest.raises(
        ValueError, match=r'There is no kind of work "sleep"\. There is: answer, discover, check graph, '
    ):
        kind_named("sleep")


def test_an_outcome_is_plain_json():
    outcome = SpecOutcome(0, "weighting", error="no")
    assert SpecOutcome(**json.loads(json.dumps(dataclasses.asdict(outcome)))) == outcome
