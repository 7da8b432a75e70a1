from __future__ import annotations

from pathlib import Path

import pytest

from causal.archive.shared_folder import VARIABLE, entries, path_in, shared_folder
from causal.errors import ArrivalRefused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "logs"
    (root / "year" / "table" / "day=1").mkdir(parents=True)
    (root / "events.csv").write_text("a,b\n1,2\n")
    (root / ".hidden.csv").write_text("a,b\n1,2\n")
    (root / "year" / "march.csv").write_text("a,b\n1,2\n")
    (root / "year" / "table" / "day=1" / "part-0.csv").write_text("a,b\n1,2\n")
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    (root / "up").symlink_to(tmp_path)
    (root / "inner.csv").symlink_to(root / "events.csv")
    return root


def test_files_and_folders_of_parts_are_offered_and_links_are_not(folder: Path) -> None:
    assert entries(folder) == ("events.csv", "year/march.csv", "year/table")


def test_an_entry_has_its_path(folder: Path) -> None:
    assert [path_in(folder, each) for each in entries(folder)] == [folder / each for each in entries(folder)]


@pytest.mark.parametrize(
    "name", ["..", "../secret.csv", "year/../../secret.csv", "/etc/passwd", "..\\secret.csv", "C:/x"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ArrivalRefused, match="leads out of the folder for logs"):
        path_in(folder, name)


@pytest.mark.parametrize("name", ["link.csv", "up/secret.csv", "inner.csv", "up"])
def test_a_link_is_refused_even_one_that_stays_inside(folder: Path, name: str) -> None:
    with pytest.raises(ArrivalRefused, match="is a link, or lies behind one"):
        path_in(folder, name)


def test_what_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ArrivalRefused, match=r'There is no "nothing\.csv"'):
        path_in(folder, "nothing.csv")
    with pytest.raises(ArrivalRefused, match="leads out"):
        path_in(folder, "")


def test_no_folder_is_offered_unless_one_is_named_and_exists(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert shared_folder() is None
    assert shared_folder(str(folder / "nothing")) is None
    assert shared_folder(str(folder)) == folder
    monkeypatch.setenv(VARIABLE, str(folder / "year"))
    assert shared_folder(str(folder)) == folder / "year"
