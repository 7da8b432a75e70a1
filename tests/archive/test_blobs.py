import os

import pytest

from causal.archive import blobs
from causal.errors import StudyError


def test_an_interrupted_write_leaves_no_blob_and_no_part(tmp_path):
    def interrupted():
        with blobs.part_file(tmp_path) as part:
            part.write_bytes(b"half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(StudyError, match=r"A file could not be kept in .*: No such file or directory\. Check"):
        blobs.put_bytes(tmp_path / "gone", b"content", "log")


@pytest.mark.parametrize(
    ("sha256", "suffix"),
    [("../../../etc/passwd", "json"), ("A" * 64, "json"), ("a" * 64, "../x"), ("a" * 64 + "\n", "npz")],
)
def test_a_name_from_outside_never_becomes_a_path(tmp_path, sha256, suffix):
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        blobs.path_of(tmp_path, sha256, suffix)


def test_the_first_two_digits_name_the_folder(tmp_path):
    sha256 = blobs.put_bytes(tmp_path, b"content", "log")
    assert blobs.path_of(tmp_path, sha256, "log") == tmp_path / sha256[:2] / f"{sha256}.log"
    assert blobs.verified_path(tmp_path, sha256, "log").read_bytes() == b"content"


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path):
    old, young = tmp_path / "old.part", tmp_path / "young.part"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    blobs.sweep_parts(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["young.part"]
