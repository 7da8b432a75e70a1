from __future__ import annotations

import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from causal.archive import arrivals as module
from causal.archive.arrivals import Arrivals
from causal.errors import ArrivalRefused

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def arrivals(tmp_path: Path) -> Arrivals:
    return Arrivals(tmp_path)


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_ticket_names_the_file_that_it_was_given_for(arrivals: Arrivals) -> None:
    token = arrivals.new_token()
    assert arrivals.token_of(arrivals.ticket(token)) == token


def test_a_ticket_of_another_process_or_changed_or_of_nobody_is_refused(arrivals: Arrivals, tmp_path: Path) -> None:
    token = arrivals.new_token()
    ticket = arrivals.ticket(token)
    other = Arrivals(tmp_path / "other").ticket(token)
    for forged in (other, ticket.replace(token, arrivals.new_token()), ticket[:-1], "", ".", "..", "é", f"{token}.x.y"):
        with pytest.raises(ArrivalRefused, match="may not send files here any more"):
            arrivals.token_of(forged)


def test_a_ticket_runs_out(arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "time", lambda: 1_000_000.0)
    ticket = arrivals.ticket(arrivals.new_token())
    monkeypatch.setattr(module.time, "time", lambda: 1_003_601.0)
    with pytest.raises(ArrivalRefused, match="open for too long"):
        arrivals.token_of(ticket)


@pytest.mark.parametrize(("size", "sentence"), [(0, "0 bytes"), (21 * 1024**3, "21.0 GB; at most 20.0 GB are taken")])
def test_a_file_of_no_or_too_many_bytes_is_refused(arrivals: Arrivals, size: int, sentence: str) -> None:
    with pytest.raises(ArrivalRefused, match=sentence):
        arrivals.expect(arrivals.new_token(), size)


def test_a_file_that_the_disk_has_no_room_to_read_is_refused(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 3 * 1024**3))
    arrivals.expect(arrivals.new_token(), 600 * 1024**2)
    with pytest.raises(ArrivalRefused, match=r"3\.0 GB left, and reading this file takes about 4\.0 GB"):
        arrivals.expect(arrivals.new_token(), 1024**3)


def test_a_file_is_there_once_all_of_it_is(arrivals: Arrivals) -> None:
    token = arrivals.new_token()
    with arrivals.writing(token) as out:
        out.write(b"a,b\n")
        assert not arrivals.file(token).exists()
    assert arrivals.file(token).read_bytes() == b"a,b\n"
    with pytest.raises(ArrivalRefused, match="on its way here already"):
        arrivals.expect(token, 10)
    with pytest.raises(ArrivalRefused, match="on its way here already"), arrivals.writing(token):
        pass
    arrivals.discard(token)
    arrivals.expect(token, 10)


def test_nothing_is_left_of_a_file_that_breaks_off(arrivals: Arrivals, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), arrivals.writing(arrivals.new_token()) as out:
        out.write(b"a,b\n")
        raise RuntimeError
    assert everything(tmp_path) == []


@pytest.mark.parametrize("token", ["", "..", "../../x", "/etc", "A" * 32, "0" * 31, "0" * 32 + "/.."])
def test_a_name_that_was_not_made_here_never_becomes_a_path(arrivals: Arrivals, token: str) -> None:
    with pytest.raises(ArrivalRefused, match="There is no such file"):
        arrivals.desk(token)


def test_what_a_killed_process_left_goes_and_what_a_living_one_holds_stays(arrivals: Arrivals, tmp_path: Path) -> None:
    with arrivals.writing(token := arrivals.new_token()) as out:
        out.write(b"held")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for left in (f"{ended.pid}-1700000000.00", "no process at all"):
        (tmp_path / "incoming" / left / "x").mkdir(parents=True)
        (tmp_path / "incoming" / left / "x" / "part").write_bytes(b"left")
    Arrivals(tmp_path)
    assert [Path(each).name for each in everything(tmp_path)] == ["given"]
    assert arrivals.file(token).read_bytes() == b"held"
    arrivals.close()
    assert everything(tmp_path) == []
