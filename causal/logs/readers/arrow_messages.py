"""What the messages of an Arrow file say about their size, read without unpacking them.

Source: the Arrow columnar format, version 1.5 (Message.fbs: the fields are counted from 0; a compressed buffer begins
with its unpacked length, -1 where it is stored plainly).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MAGIC = 8
_HEADER, _DICTIONARY, _RECORDS = 2, 2, 3
_LENGTH, _BUFFERS, _COMPRESSION, _DATA = 0, 2, 3, 1


def unpacked_batches(path: Path) -> Iterator[tuple[int, int]]:
    """For each batch: its rows (0 for a dictionary) and its bytes when unpacked.

    Raises ArrowException, ValueError, struct.error or IndexError where the file is damaged.
    """
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        whole = file.read_buffer()
        for message in pa.ipc.MessageReader.open_stream(whole.slice(_MAGIC)):
            if message.type not in ("record batch", "dictionary"):
                continue
            header = _table(bytes(message.metadata), 0, _HEADER)
            assert header is not None
            if message.type == "dictionary":
                header = _field_table(*header, _DATA)
            yield (0 if message.type == "dictionary" else _long(*header, _LENGTH), _unpacked(*header, message.body))


def _unpacked(text: bytes, table: int, body: Any) -> int:
    if _slot(text, table, _COMPRESSION) is None:
        return 0 if body is None else int(body.size)
    slot = _slot(text, table, _BUFFERS)
    if slot is None or body is None:
        return 0
    start = slot + _uint(text, slot)
    total = 0
    for number in range(_uint(text, start)):
        offset, length = struct.unpack_from("<qq", text, start + 4 + 16 * number)
        if length >= 8:
            (unpacked,) = struct.unpack("<q", body.slice(offset, 8).to_pybytes())
            total += length if unpacked < 0 else unpacked
    return total


def _table(text: bytes, root: int, field: int) -> tuple[bytes, int]:
    return _field_table(text, root + _uint(text, root), field)


def _field_table(text: bytes, table: int, field: int) -> tuple[bytes, int]:
    slot = _slot(text, table, field)
    if slot is None:
        raise ValueError("an Arrow message without its header")
    return text, slot + _uint(text, slot)


def _long(text: bytes, table: int, field: int) -> int:
    slot = _slot(text, table, field)
    return 0 if slot is None else int(struct.unpack_from("<q", text, slot)[0])


def _slot(text: bytes, table: int, field: int) -> int | None:
    """Where a field of a table stands, or None where it has its default."""
    (back,) = struct.unpack_from("<i", text, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", text, vtable)
    place = 4 + 2 * field
    if place + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", text, vtable + place)
    return table + offset if offset else None


def _uint(text: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", text, place)[0])
