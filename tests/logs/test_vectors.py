"""Vectors from a file become a few columns of a log; what does not fit is said with its row."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causal.errors import EmptyLog, LogError, UnknownColumn, UnreadableLog
from causal.logs.log import NO_TIME
from causal.logs.reading import frame_of, read_log
from causal.logs.vectors import (
    holds_vectors,
    join_vectors,
    principal_components,
    read_vectors,
    vector_log,
    write_vectors,
)

VALUES = np.random.default_rng(0).normal(size=(60, 5)) @ np.diag([5.0, 3.0, 1.0, 0.5, 0.1])
IDS = [f"i{each}" for each in range(60)]


def parquet(ids: list[object], lists: list[object]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table({"item": pa.array(ids), "emb": pa.array(lists, pa.list_(pa.float32()))}), target)
    return target.getvalue()


def npy(values: np.ndarray) -> bytes:
    target = io.BytesIO()
    np.save(target, values)
    return target.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    target = io.BytesIO()
    np.savez_compressed(target, **arrays)
    return target.getvalue()


def test_every_format_gives_the_same_vectors(tmp_path: Path) -> None:
    values = VALUES.astype(np.float32)
    given = [
        read_vectors(parquet(IDS, [list(each) for each in values])),
        read_vectors(npy(values), ids="\n".join(IDS).encode() + b"\n\n"),
        read_vectors(npy(values), ids=IDS),
        read_vectors(npy(values), ids=npy(np.array(IDS))),
        read_vectors(npz(ids=np.array(IDS), vectors=values)),
    ]
    write_vectors(given[0], tmp_path / "kept.parquet")
    for each in (*given, read_vectors(tmp_path / "kept.parquet")):
        assert list(each.ids) == IDS
        assert np.array_equal(each.values, values.astype(np.float64))
    assert list(read_vectors(npy(values)).ids[:3]) == ["0", "1", "2"]


def test_principal_components_are_those_of_a_singular_value_decomposition() -> None:
    made, share = principal_components(VALUES, 3)
    centred = VALUES - VALUES.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(3), np.abs(right[:3]).argmax(axis=1)])
    assert made == pytest.approx(left[:, :3] * sizes[:3] * signs, abs=1e-9)
    assert share == pytest.approx((sizes[:3] ** 2).sum() / (sizes**2).sum(), rel=1e-12)
    same, whole = principal_components(np.ones((4, 2)), 1)
    assert (same == 0).all()
    assert whole == 1.0


def test_a_log_gets_components_that_carry_no_time(tmp_path: Path) -> None:
    log = read_log(b"user,item,y\n" + b"".join(b"u%d,i%d,%d\n" % (row % 7, row % 62, row) for row in range(124)))
    vectors = read_vectors(npy(VALUES), ids=IDS)
    joined = join_vectors(log, vectors, "item", 2, name="taste", folder=tmp_path)
    assert joined.names == ("user", "item", "y", "taste 1", "taste 2")
    frame = frame_of(joined)
    made, _ = principal_components(VALUES, 2)
    assert frame.loc[17, ["taste 1", "taste 2"]].to_numpy(float) == pytest.approx(made[17])
    assert frame["taste 1"].isna().sum() == 4
    timeless = {note.column for note in joined.notes if note.kind == NO_TIME}
    assert timeless == {"taste 1", "taste 2"}
    said = [note.sentence for note in joined.notes if note.kind == "principal components"]
    assert len(said) == 1
    assert said[0].startswith('"taste": 2 principal components of 5 numbers hold 9')


def test_numbers_can_be_chosen_by_their_places() -> None:
    made = vector_log(read_vectors(npy(VALUES), ids=IDS), chosen=(4, 0, 4), name="emb")
    assert made.names == ("id", "emb[4]", "emb[0]")
    assert frame_of(made)["emb[0]"].to_numpy() == pytest.approx(VALUES[:, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: read_vectors(parquet(["a", "b"], [[1, 2], [3]]), "e.parquet"),
            "first has 2 numbers, the one in row 2 has 1",
        ),
        (lambda: read_vectors(parquet(["a", "b"], [[1, 2], None]), "e.parquet"), "no vector in row 2"),
        (lambda: read_vectors(parquet(["a", "a"], [[1], [2]]), "e.parquet"), 'two vectors for "a", in rows 1 and 2'),
        (lambda: read_vectors(parquet(["a", None], [[1], [2]]), "e.parquet"), "no id in row 2"),
        (lambda: read_vectors(npy(VALUES), "v.npy", IDS[:-1]), "60 vectors, but there are 59 ids"),
        (lambda: read_vectors(npy(np.array([[1, np.nan], [2, 3]])), "v.npy"), "the first in row 1"),
        (lambda: read_vectors(npy(np.ones(3)), "v.npy"), "one vector per row"),
        (lambda: read_vectors(npy(np.array([["a", "b"]])), "v.npy"), "must be a table of numbers"),
        (lambda: read_vectors(npy(VALUES)[:300], "v.npy"), "no whole array"),
        (lambda: read_vectors(npz(x=VALUES), "v.npz"), '"ids" and "vectors"'),
        (lambda: read_vectors(b"id,v\n1,2\n", "v.csv"), "no vectors that can be read"),
        (lambda: read_vectors(parquet([], []), "e.parquet"), "holds no vectors"),
        (lambda: vector_log(read_vectors(npy(VALUES)), 6), "Between 1 and 5 components"),
        (
            lambda: vector_log(read_vectors(npy(VALUES)), chosen=(5,)),
            "no number at place 5: the vectors have 5 numbers",
        ),
        (lambda: vector_log(read_vectors(npy(VALUES)), name=" "), "Give the vectors' columns a name"),
    ],
)
def test_what_does_not_fit_is_said(make, message: str) -> None:
    with pytest.raises((UnreadableLog, EmptyLog, LogError), match=message.replace("(", r"\(")):
        make()


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    target = io.BytesIO()
    np.save(target, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableLog, match="without objects"):
        read_vectors(target.getvalue(), "v.npy")


def test_ids_that_are_none_of_the_logs_are_refused_with_both_spellings() -> None:
    log = read_log(b"user,item\nu1,17\nu2,18\n")
    with pytest.raises(LogError, match='No "item" of the log is among the ids of the vectors, such as "i0"'):
        join_vectors(log, read_vectors(npy(VALUES), ids=IDS), "item")
    with pytest.raises(UnknownColumn):
        join_vectors(log, read_vectors(npy(VALUES)), "thing")


def test_files_of_vectors_are_told_from_tables() -> None:
    assert holds_vectors(npy(VALUES))
    assert holds_vectors(npz(ids=np.arange(2), vectors=VALUES[:2]))
    assert holds_vectors(parquet(["a"], [[1.0]]))
    table = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), table)
    assert not holds_vectors(table.getvalue())
    assert not holds_vectors(b"a,b\n1,2\n")
