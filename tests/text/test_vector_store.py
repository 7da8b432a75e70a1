"""No text is read twice; a stop and a damaged file lose nothing that cannot be read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causal.errors import WorkStopped
from causal.text import vector_store
from causal.text.vector_store import vectors_of

TEXTS = [f"text {number}" for number in range(1_200)]


class Reader:
    """An encoder that counts what it is given."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str], encoder: str = "", progress: Any = None) -> np.ndarray:
        self.read += texts
        return np.array([[float(text.split()[-1])] * 512 for text in texts], dtype=np.float32).reshape(len(texts), 512)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(vector_store, "encode", made.encode)
    return made


def test_a_text_is_read_once(reader: Reader, tmp_path: Path) -> None:
    first = vectors_of(TEXTS, "multilingual", tmp_path)
    again = vectors_of([*TEXTS[::-1], "text 9000"], "multilingual", tmp_path)
    assert len(reader.read) == 1_201
    assert (first[:, 0] == np.arange(1_200)).all()
    assert (again[:-1] == first[::-1]).all() and again[-1, 0] == 9000


def test_what_was_read_before_a_stop_is_kept(reader: Reader, tmp_path: Path) -> None:
    def stop(share: float, stage: str) -> None:
        if share > 0.5:
            raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped):
        vectors_of(TEXTS, "multilingual", tmp_path, stop)
    assert len(reader.read) == 1_000
    shares: list[float] = []
    vectors_of(TEXTS, "multilingual", tmp_path, lambda share, stage: shares.append(share))
    assert len(reader.read) == 1_200
    assert shares == [1_000 / 1_200]


def test_a_damaged_file_is_begun_anew(reader: Reader, tmp_path: Path) -> None:
    vectors_of(TEXTS[:3], "multilingual", tmp_path)
    (path,) = tmp_path.glob("*.sqlite")
    path.write_bytes(b"no database at all, but long enough to look like one" * 20)
    found = vectors_of(TEXTS[:3], "multilingual", tmp_path)
    assert found[:, 0].tolist() == [0, 1, 2] and len(reader.read) == 6


def test_without_a_folder_nothing_is_kept(reader: Reader, tmp_path: Path) -> None:
    vectors_of(TEXTS[:3], "multilingual", None)
    vectors_of(TEXTS[:3], "multilingual", None)
    assert len(reader.read) == 6 and not list(tmp_path.iterdir())
