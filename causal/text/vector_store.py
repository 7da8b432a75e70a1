"""Vectors of texts kept on disk by what the texts say, so that no text is read twice; what is kept survives a stop."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.progress import Progress, silent
from causal.text.encoder import LONGEST, EncoderName, encode, encoder_named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE = 500


def vectors_of(
    texts: Sequence[str], encoder: EncoderName, folder: Path | None, progress: Progress = silent
) -> NDArray[np.float32]:
    """(n, d) the vector of each text: those that `folder` keeps, the others by the encoder, which are kept at once.

    What is kept is found by the SHA-256 of the text's first 2,000 characters and by the encoder's model. Without a
    folder nothing is kept. Raises what `encode` and `progress` raise; what was read until then is kept.
    """
    if folder is None or not len(texts):
        return encode(texts, encoder, progress)
    import numpy as np

    known = encoder_named(encoder)
    keys = [hashlib.sha256(each[:LONGEST].encode("utf-8", "replace")).digest() for each in texts]
    found = np.empty((len(texts), known.dimensions), dtype=np.float32)
    with _opened(folder / f"vectors-{known.fingerprint[:16]}.sqlite") as kept:
        lacking = _fill(kept, keys, found)
        for start in range(0, len(lacking), _AT_ONCE):
            done = len(texts) - len(lacking) + start
            progress(done / len(texts), f"reading texts, {done:,} of {len(texts):,}")
            places = lacking[start : start + _AT_ONCE]
            made = encode([texts[place] for place in places], encoder)
            found[places] = made
            rows = [(keys[place], vector.tobytes()) for place, vector in zip(places, made, strict=True)]
            with kept:
                kept.executemany("insert or replace into vector values (?, ?)", rows)
    return found


def _fill(kept: sqlite3.Connection, keys: Sequence[bytes], found: NDArray[np.float32]) -> list[int]:
    """Write the vectors that are kept into `found`; the places of the others."""
    import numpy as np

    lacking: list[int] = []
    size = found.shape[1] * found.itemsize
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(part))
        rows: dict[bytes, bytes] = dict(kept.execute(f"select key, numbers from vector where key in ({marks})", part))
        for place, key in enumerate(part, start=start):
            numbers = rows.get(key, b"")
            if len(numbers) == size:
                found[place] = np.frombuffer(numbers, dtype=np.float32)
            else:
                lacking.append(place)
    return lacking


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file of vectors; one that is damaged is begun anew, as all in it can be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = _connected(path)
    except sqlite3.DatabaseError:
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            each.unlink(missing_ok=True)
        connection = _connected(path)
    try:
        yield connection
    finally:
        connection.close()


def _connected(path: Path) -> Any:
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(
            "create table if not exists vector (key blob primary key, numbers blob not null) without rowid"
        )
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
