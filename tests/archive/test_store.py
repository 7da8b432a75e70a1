import dataclasses
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.archive.store import StudyStore, data_folder
from causal.archive.study import AnalysisReference, LogReference, Study, new_study_id, with_analysis
from causal.errors import DamagedBlob, StudyConflict, StudyError, StudyNotFound
from causal.logs.unit_table import UnitTable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    return StudyStore(tmp_path / "data")


def filled(study):
    return dataclasses.replace(
        study,
        title='  A "title"\n with <b>HTML</b> and 🙂 ',
        log=LogReference("events '; drop table study.csv", blob="a" * 64),
        recipe={"unit": None, "types": [["age", "numeric"]]},
        question={"treatment": "t", "outcome": "y"},
        graph='{"nodes": []}',
        specs=({"method": "weighting", "options": {"10": 1, "9": 2}},),
        analyses=(AnalysisReference("b" * 64, "c" * 64, None),),
        view={"chosen": "weighting", "share": 0.1},
    )


def test_a_study_comes_back_as_it_was_saved(store):
    saved = store.create_study()
    again = store.save(filled(saved.study), saved.revision, "filled in")
    loaded = StudyStore(store.folder).load(saved.study.id)
    assert loaded == again
    assert loaded.revision == 2
    assert loaded.study.title == 'A "title" with <b>HTML</b> and 🙂'


def test_earlier_revisions_stay(store):
    saved = store.create_study("first")
    store.save(dataclasses.replace(saved.study, title="second"), 1, "renamed")
    assert store.load(saved.study.id, revision=1).study.title == "first"
    assert [(each.number, each.note) for each in store.revisions(saved.study.id)] == [(2, "renamed"), (1, "Started")]
    with pytest.raises(StudyNotFound, match=r"no revision 7\. Its newest is 2\."):
        store.load(saved.study.id, revision=7)


def test_the_second_of_two_tabs_is_told_and_nothing_is_overwritten(store):
    saved = store.create_study("shared")
    store.save(dataclasses.replace(saved.study, title="tab one"), saved.revision, "drew an arrow")
    mine = dataclasses.replace(saved.study, title="tab two")
    with pytest.raises(
        StudyConflict, match=r"Another tab saved this study \d s ago \(drew an arrow\), as revision 2\."
    ):
        store.save(mine, saved.revision, "other")
    assert store.load(saved.study.id).study.title == "tab one"
    copy = store.branch(mine)
    assert copy.study.title == "tab two (copy)"
    assert copy.study.id != saved.study.id
    assert {each.id for each in store.list_studies()} == {saved.study.id, copy.study.id}


def test_an_unchanged_study_keeps_its_revision(store):
    saved = store.create_study()
    assert store.save(saved.study, saved.revision, "nothing").revision == 1
    assert len(store.revisions(saved.study.id)) == 1


def test_a_deleted_study_is_off_the_list_and_can_be_restored(store):
    saved = store.create_study("gone")
    store.delete(saved.study.id)
    assert store.list_studies() == ()
    with pytest.raises(StudyNotFound, match="it was deleted, or it belongs to another data folder"):
        store.load(saved.study.id)
    assert store.restore(saved.study.id).study == saved.study


def test_the_last_saved_study_is_listed_first(store):
    first, second = store.create_study("first"), store.create_study("second")
    time.sleep(0.002)
    store.save(dataclasses.replace(first.study, title="touched"), 1)
    assert [each.title for each in store.list_studies()] == ["touched", "second"]
    assert second.revision == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "../../etc/passwd",
        "x' or 1=1 --",
        "<script>alert(1)</script>",
        "0" * 25,
        "8" + "0" * 25,
        "0" * 26 + "\n",
        "İ" * 26,
    ],
)
def test_a_hostile_address_names_no_study_and_is_not_repeated(store, hostile):
    with pytest.raises(StudyNotFound, match=r"^The address names no study\.") as raised:
        store.load(hostile)
    assert not hostile or hostile not in str(raised.value)


def test_ids_are_short_safe_and_sort_by_time():
    first = new_study_id()
    time.sleep(0.002)
    second = new_study_id()
    assert first < second
    assert re.fullmatch("[0-9A-Z]{26}", first)
    assert len({new_study_id() for _ in range(1000)}) == 1000


def test_a_newer_analysis_of_a_spec_takes_the_place_of_the_older():
    study = Study(new_study_id(), analyses=(AnalysisReference("a", "1"), AnalysisReference("b", "2")))
    assert with_analysis(study, AnalysisReference("a", "3", "4")).analyses == (
        AnalysisReference("b", "2"),
        AnalysisReference("a", "3", "4"),
    )


def test_a_blob_is_kept_once_under_its_content(store):
    sha256 = store.put_json({"b": 1, "a": "é"})
    assert store.put_json({"a": "é", "b": 1}) == sha256
    assert store.get_json(sha256) == {"a": "é", "b": 1}
    assert [each.name for each in store.blob_folder.rglob("*") if each.is_file()] == [f"{sha256}.json"]


def test_an_upload_is_kept_byte_for_byte(store, tmp_path):
    upload = tmp_path / "upload.csv"
    upload.write_bytes(b"a,b\r\n\xff\x00")
    assert store.get_blob(store.put_blob(upload, "log")) == upload.read_bytes()
    assert upload.exists()


def test_a_table_comes_back_with_its_types(store):
    frame = pd.DataFrame({"t": [0, 1], "x 🙂": ["a", None], "when": pd.to_datetime(["2026-01-01", None])})
    table = UnitTable.from_frame(frame, {"t": "binary"})
    again = store.get_table(store.put_table(table))
    assert dict(again.types) == dict(table.types)
    assert again.fingerprint == table.fingerprint


def test_a_damaged_blob_is_named_and_mended_by_the_same_content(store):
    sha256 = store.put_json([1, 2, 3])
    path = store.blob_path(sha256)
    path.write_bytes(b"[1,2,4]")
    with pytest.raises(DamagedBlob, match=rf'"{sha256}\.json" is damaged'):
        store.get_blob(sha256)
    assert store.put_json([1, 2, 3]) == sha256
    assert store.get_json(sha256) == [1, 2, 3]


def test_a_missing_blob_is_named(store):
    sha256 = store.put_json([1])
    store.blob_path(sha256).unlink()
    with pytest.raises(DamagedBlob, match=f'"{sha256}" is missing'):
        store.get_blob(sha256)
    with pytest.raises(DamagedBlob, match=f'"{"e" * 64}" is missing'):
        store.get_blob("e" * 64)


def test_a_damaged_revision_is_named_and_the_earlier_one_opens(store):
    saved = store.create_study("one")
    store.save(dataclasses.replace(saved.study, title="two"), 1)
    with store.database.writing() as connection:
        connection.execute("update revision set document = replace(document, 'two', 'six') where number = 2")
    with pytest.raises(DamagedBlob, match="Revision 2 of this study is damaged"):
        store.load(saved.study.id)
    assert store.load(saved.study.id, revision=1).study.title == "one"


def test_a_file_that_is_no_store_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "studies.db").write_bytes(b"this is not a database, " * 100)
    with pytest.raises(StudyError, match="is not a study store, or is damaged"):
        StudyStore(tmp_path)


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StudyError, match=r"cannot be used: File exists\. Name another one in DOABLE_DATA\."):
        StudyStore(tmp_path / "taken")


def test_a_full_disk_is_a_sentence_and_keeps_the_last_revision(store):
    saved = store.create_study("small")
    with store.database.reading() as connection:
        pages = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {pages}")
    large = dataclasses.replace(saved.study, view={"text": "x" * 2_000_000})
    with pytest.raises(StudyError, match=r"database or disk is full.*the last saved revision is intact"):
        store.save(large, 1)
    assert store.load(saved.study.id) == saved


def test_results_are_found_by_their_key(store):
    analysis, scores = store.put_json({"effect": 1}), store.put_blob(np.zeros(3).tobytes(), "npz")
    assert store.find_result("key") is None
    store.keep_result("key", analysis, scores)
    found = store.find_result("key")
    assert (found.analysis, found.scores) == (analysis, scores)


def test_the_data_folder_is_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DOABLE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("DOABLE_DATA")
    assert data_folder().name == "doable"


def test_threads_share_a_store(store):
    saved = store.create_study()
    failures = []

    def work(number):
        try:
            for _ in range(10):
                store.load(saved.study.id)
                store.put_json({"number": number})
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


SAVER = """
import dataclasses, sys
from pathlib import Path
from causal.archive.store import StudyStore
from causal.errors import StudyConflict
store, study_id, count = StudyStore(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
done = 0
while done < count:
    saved = store.load(study_id)
    changed = dataclasses.replace(saved.study, view={"total": saved.study.view.get("total", 0) + 1})
    try:
        revision = store.save(changed, saved.revision, f"{sys.argv[4]}").revision
        done += 1
        print(revision, flush=True)
    except StudyConflict:
        pass
"""


def saver(store, study_id, count, name):
    arguments = [sys.executable, "-c", SAVER, str(store.folder), study_id, str(count), name]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_four_processes_that_save_at_once_lose_nothing(store):
    study_id = store.create_study().study.id
    processes = [saver(store, study_id, 25, str(number)) for number in range(4)]
    lines = [process.communicate(timeout=240)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    loaded = store.load(study_id)
    assert loaded.study.view == {"total": 100}
    assert loaded.revision == 101
    assert sorted(int(number) for each in lines for number in each) == list(range(2, 102))


def test_four_processes_may_create_the_store_at_once(tmp_path):
    code = "import sys; from pathlib import Path; from causal.archive.store import StudyStore; "
    code += "StudyStore(Path(sys.argv[1])).create_study()"
    arguments = [sys.executable, "-c", code, str(tmp_path / "fresh")]
    processes = [subprocess.Popen(arguments, cwd=ROOT) for _ in range(4)]
    assert [process.wait(timeout=240) for process in processes] == [0] * 4
    assert len(StudyStore(tmp_path / "fresh").list_studies()) == 4


def test_a_process_killed_while_it_saves_loses_no_saved_revision(store):
    study_id = store.create_study().study.id
    for attempt in range(3):
        process = saver(store, study_id, 100_000, str(attempt))
        acknowledged = [int(process.stdout.readline()) for _ in range(5 + 7 * attempt)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().splitlines() if line]
        process.wait()
        reopened = StudyStore(store.folder)
        loaded = reopened.load(study_id)
        assert loaded.revision >= acknowledged[-1]
        assert loaded.study.view == {"total": loaded.revision - 1}
        with reopened.database.reading() as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
