import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from causal.analysis import answer
from causal.archive.analyses import load_analysis
from causal.archive.store import StudyStore
from causal.graphs.causal_graph import CausalGraph
from causal.jobs import table, worker
from causal.jobs.kinds import spec_outcomes
from causal.jobs.pool import JobPool, work_fingerprint
from causal.logs.unit_table import UnitTable
from causal.study import AnalysisSpec, Question

KINDS_FILE = str(Path(__file__).with_name("sleeping_kinds.py"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOABLE_TEST_KINDS", KINDS_FILE)
        pool = JobPool(StudyStore(tmp_path_factory.mktemp("data")), workers=2)
        yield pool
        pool.close()


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("It did not happen in time.")


def ended(pool, job_id):
    def job():
        found = table.find_job(pool.store, job_id)
        return None if found.active else found

    return wait_for(job)


def running(pool, job_id):
    def job():
        found = table.find_job(pool.store, job_id)
        assert found.active, found
        return found if found.state == "running" and found.share > 0 else None

    return wait_for(job)


def test_a_job_runs_in_another_process_and_says_how_far_it_is(pool):
    job_id = pool.submit("sleep", {"seconds": 0.6})
    shares = []

    def watched():
        job = table.find_job(pool.store, job_id)
        shares.append(job.share)
        return not job.active

    wait_for(watched)
    job = table.find_job(pool.store, job_id)
    assert job.state == "done"
    assert job.share == 1.0
    assert job.outcomes[0]["slept"] == 0.6
    assert job.outcomes[0]["pid"] != os.getpid()
    assert any(0 < share < 1 for share in shares)
    assert shares == sorted(shares)


def test_the_same_work_is_not_started_twice(pool):
    study = pool.store.create_study().study
    first = pool.submit("sleep", {"seconds": 0.3}, fingerprint="the same")
    assert pool.submit("sleep", {"seconds": 0.3}, study.id, fingerprint="the same") == first
    ended(pool, first)
    assert pool.submit("sleep", {"seconds": 0.3}, fingerprint="the same") == first
    assert [job.id for job in table.jobs_of_study(pool.store, study.id)] == [first]
    again = pool.submit("sleep", {"seconds": 0.3}, fingerprint="the same", again=True)
    assert again != first
    assert ended(pool, again).state == "done"


def test_a_long_fit_is_cancelled_long_before_its_end_with_its_children(pool):
    job_id = pool.submit("sleep", {"seconds": 600, "child": True})
    pid = running(pool, job_id).pid
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    assert len(family) == 2
    assert pool.cancel(job_id)
    wait_for(lambda: not any(gone_or_not(each) for each in family))
    job = table.find_job(pool.store, job_id)
    assert (job.state, job.message) == ("cancelled", "Cancelled.")
    assert not pool.cancel(job_id)
    assert ended(pool, pool.submit("sleep", {"seconds": 0.01})).state == "done"


def gone_or_not(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_waiting_job_is_cancelled_without_touching_the_workers(pool):
    busy = [pool.submit("sleep", {"seconds": 30, "number": number}) for number in (1, 2)]
    for each in busy:
        running(pool, each)
    waiting = pool.submit("sleep", {"seconds": 0.02})
    assert table.find_job(pool.store, waiting).state == "queued"
    pids = pool.worker_pids()
    assert pool.cancel(waiting)
    assert table.find_job(pool.store, waiting).state == "cancelled"
    assert pool.worker_pids() == pids
    for each in busy:
        pool.cancel(each)


def test_a_job_that_another_study_waits_for_goes_on(pool):
    one, other = pool.store.create_study().study.id, pool.store.create_study().study.id
    job_id = pool.submit("sleep", {"seconds": 20, "shared": True}, one)
    assert pool.submit("sleep", {"seconds": 20, "shared": True}, other) == job_id
    assert not pool.cancel(job_id, one)
    assert table.find_job(pool.store, job_id).active
    assert table.jobs_of_study(pool.store, one) == ()
    assert pool.cancel(job_id, other)


def test_a_crash_fails_the_job_with_a_sentence_and_the_pool_goes_on(pool):
    job = ended(pool, pool.submit("crash", {"code": 7}))
    assert job.state == "failed"
    assert "stopped unexpectedly (code 7)" in job.message
    assert ended(pool, pool.submit("sleep", {"seconds": 0.011})).state == "done"


def test_a_worker_killed_by_the_system_is_said_to_lack_memory(pool):
    job_id = pool.submit("sleep", {"seconds": 50})
    os.kill(running(pool, job_id).pid, signal.SIGKILL)
    job = ended(pool, job_id)
    assert job.state == "failed"
    assert "memory ran out" in job.message


def test_a_mistake_that_a_person_can_mend_is_shown_as_its_sentence(pool):
    job = ended(pool, pool.submit("complain", {}))
    assert (job.state, job.message) == ("failed", "Only one unit was treated. Choose another level.")


def test_a_fault_of_ours_has_an_id_and_its_traceback_stays_in_a_file(pool):
    job = ended(pool, pool.submit("break_down", {}))
    assert job.state == "failed"
    assert "Something went wrong on our side (id " in job.message
    assert "secret detail" not in job.message
    fault_id = job.message.split("(id ")[1].split(")")[0]
    assert "secret detail" in (pool.store.folder / "faults" / f"{fault_id}.txt").read_text()


def test_a_failed_job_may_be_tried_again(pool):
    first = pool.submit("complain", {"try": 1})
    ended(pool, first)
    assert pool.submit("complain", {"try": 1}) != first


def test_an_unknown_kind_is_refused(pool):
    with pytest.raises(ValueError, match=r'no kind of work "dance"\. There is: answer, .*, sleep, '):
        pool.submit("dance", {})


SERVER = """
import sys, time
from pathlib import Path
from causal.archive.store import StudyStore
from causal.jobs.pool import JobPool, work_fingerprint
store = StudyStore(Path(sys.argv[1]))
pool = JobPool(store)
study = store.create_study("kept").study
pool.submit("save_always", {"study": study.id}, study.id)
pool.submit("sleep", {"seconds": 60, "child": False}, study.id)
print(study.id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def server(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "DOABLE_TEST_KINDS": KINDS_FILE},
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def test_a_killed_server_leaves_no_process_and_the_last_revision_intact(server, tmp_path):
    study_id = server.stdout.readline().strip()
    store = StudyStore(tmp_path)
    wait_for(lambda: [each.state for each in table.jobs_of_study(store, study_id)] == ["running", "running"])
    wait_for(lambda: store.load(study_id).revision > 5)
    family = psutil.Process(server.pid).children(recursive=True)
    assert len(family) == 2
    server.kill()
    wait_for(lambda: not any(gone_or_not(each) for each in family))
    server.wait()
    saved = StudyStore(tmp_path).load(study_id)
    assert saved.study.view == {"count": saved.revision - 1}
    jobs = table.jobs_of_study(store, study_id)
    assert {each.state for each in jobs} == {"interrupted"}
    assert "The app was stopped while this was running." in jobs[0].message
    with store.database.reading() as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_server_killed_while_its_workers_start_leaves_no_process(server):
    family = wait_for(lambda: psutil.Process(server.pid).children())
    server.kill()
    wait_for(lambda: not any(gone_or_not(each) for each in family), seconds=1)


def test_the_jobs_of_another_living_server_are_left_alone(pool, tmp_path):
    job_id, _ = table.enqueue(pool.store, "sleep", {}, "elsewhere", None, again=False)
    table.interrupt_abandoned(pool.store)
    assert table.find_job(pool.store, job_id).state == "queued"
    assert pool.cancel(job_id)


def test_closing_ends_the_workers_and_marks_what_ran(tmp_path, monkeypatch):
    monkeypatch.setenv("DOABLE_TEST_KINDS", KINDS_FILE)
    pool = JobPool(StudyStore(tmp_path), workers=1)
    job_id = pool.submit("sleep", {"seconds": 60})
    running(pool, job_id)
    pool.close()
    assert pool.worker_pids() == ()
    assert table.find_job(pool.store, job_id).state == "interrupted"


def test_a_worker_that_cannot_start_fails_the_job_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("causal.jobs.pool.lifeline.__file__", str(tmp_path / "missing.py"))
    monkeypatch.setenv("DOABLE_TEST_KINDS", KINDS_FILE)
    pool = JobPool(StudyStore(tmp_path / "data"), workers=1)
    job = ended(pool, pool.submit("sleep", {"seconds": 1}))
    pool.close()
    assert job.state == "failed"
    assert "No worker process could be started." in job.message


def test_an_answer_from_a_worker_has_the_digits_of_one_from_here(pool):
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    t = (rng.random(500) < 1 / (1 + np.exp(-x))).astype(int)
    units = UnitTable.from_frame(pd.DataFrame({"x": x, "t": t, "y": 2 * t + x + rng.normal(size=500)}))
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])
    specs = [AnalysisSpec(Question("t", "y"), graph, method) for method in ("regression", "doubly_robust")]
    payload = {"table_sha": pool.store.put_table(units), "specs": [each.to_json() for each in specs]}
    job = ended(pool, pool.submit("answer", payload))
    assert (job.state, job.message) == ("done", "")
    for outcome, spec in zip(spec_outcomes(job), specs, strict=True):
        assert outcome.fingerprint == spec.fingerprint
        assert load_analysis(pool.store, outcome.analysis, outcome.scores).estimate == answer(units, spec).estimate


def test_what_is_done_is_found_by_its_question_before_what_was_stopped(pool):
    payload = {"steps": 1, "seconds": 0.0, "of": "job_about"}
    fingerprint = work_fingerprint("sleep", payload)
    assert table.job_about(pool.store, fingerprint) is None
    first = pool.submit("sleep", payload)
    ended(pool, first)
    again = pool.submit("sleep", payload, again=True)
    pool.cancel(again)
    ended(pool, again)
    assert table.job_about(pool.store, fingerprint).state == "done"


def test_what_is_no_number_fails_the_work_and_not_the_store() -> None:
    """JSON knows no infinity: told to the store it would leave the job running for ever."""
    send = worker._sender(io.StringIO())
    with pytest.raises(ValueError, match="JSON"):
        send({"event": "outcome", "outcome": {"df": float("inf")}})
