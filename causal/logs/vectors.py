"""Vectors of items or users from a file, joined to a log as a few columns: principal components, or chosen numbers.

Principal components: Pearson (1901), Hotelling (1933); of the centred vectors, by the eigenvectors of their covariance,
each turned such that its largest loading is positive, so that the same file gives the same columns.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.errors import EmptyLog, LogError, UnreadableLog
from causal.logs.log import Kind, Log, Problem, counted
from causal.logs.readers.rows import Rows
from causal.logs.reading import keep_rows, log_folder
from causal.logs.several_logs import join_logs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMPONENTS = 4
MOST_NUMBERS = 250_000_000
"""So many numbers are read at most, 2 GB of them."""

_BATCH = 100_000
_NOTHING: tuple[Problem, ...] = ()
_ID = "id"
_VECTORS = "vector"


@dataclass(frozen=True, eq=False)
class Vectors:
    """One vector per id. `ids` are texts, each once; `values` has one row per id and one column per dimension."""

    ids: NDArray[np.object_]
    values: NDArray[np.float64]

    @property
    def dimensions(self) -> int:
        """How many numbers each vector has."""
        return int(self.values.shape[1])


def read_vectors(
    path_or_bytes: str | Path | bytes, name: str = "", ids: str | Path | bytes | Sequence[Any] | None = None
) -> Vectors:
    """The vectors in a file: a Parquet file with a column of lists and one of ids, .npz (`ids` and `vectors`), or .npy.

    A .npy file holds no ids: `ids` gives them, as a file with one per line in the order of the vectors or as values;
    without, they are the row numbers from 0. Raises UnreadableLog (with the row where one is at fault) and EmptyLog.
    """
    content = path_or_bytes if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).read_bytes()
    title = name or ("the file" if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).name)
    if content[:4] == b"PAR1":
        found, values = _from_parquet(content, title)
    elif content[:6] == b"\x93NUMPY":
        values = _array(content, title)
        found = list(range(len(values))) if ids is None else _ids_of(ids)
    elif content[:2] == b"PK":
        found, values = _from_archive(content, title)
    else:
        raise UnreadableLog(
            f'"{title}" holds no vectors that can be read. Save them as Parquet with a column of lists, or as .npy.'
        )
    return _checked(found, values, title)


def holds_vectors(content: bytes) -> bool:
    """Whether a file is one of vectors rather than a table: NumPy's, or Parquet with a column of lists of numbers."""
    if content[:6] == b"\x93NUMPY":
        return True
    if content[:2] == b"PK":
        return b".npy" in content[:200]
    return content[:4] == b"PAR1" and bool(_list_columns(content))


def write_vectors(vectors: Vectors, path: Path) -> None:
    """Write them as a Parquet file that `read_vectors` reads, whatever file they came in."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    flat = pa.array(vectors.values.reshape(-1))
    lists = pa.FixedSizeListArray.from_arrays(flat, vectors.dimensions)
    pq.write_table(pa.table({_ID: pa.array(vectors.ids, pa.string()), _VECTORS: lists}), path)


def join_vectors(
    log: Log,
    vectors: Vectors,
    on: str,
    components: int = COMPONENTS,
    chosen: Sequence[int] = (),
    name: str = _VECTORS,
    folder: Path | None = None,
) -> Log:
    """The rows of the log, each with the vector of its `on` as a few columns, called `name` and a number.

    The columns are the first principal components of all vectors in the file ("vector 1", …), or the numbers at the
    places `chosen`, from 0 ("vector[17]"). Nothing tells since when a vector holds, so its columns carry no time, and
    somebody must vouch for them. Raises UnknownColumn, LogError (more is asked than a vector has; no id is the log's).
    """
    log.kind(on)
    made = vector_log(vectors, components, chosen, name, folder)
    joined = join_logs(log, made, on, _ID, folder)
    lost = next((note.rows for note in joined.notes if note.kind == "no partner" and note.column == on), 0)
    if log.rows and lost == log.rows:
        raise LogError(
            f'No "{on}" of the log is among the ids of the vectors, such as "{vectors.ids[0]}". Choose another key, or '
            "write the ids as the log does."
        )
    return joined


def vector_log(
    vectors: Vectors,
    components: int = COMPONENTS,
    chosen: Sequence[int] = (),
    name: str = _VECTORS,
    folder: Path | None = None,
) -> Log:
    """One row per id with its principal components, or with its chosen numbers.

    Raises LogError.
    """
    import tempfile

    called = name.strip()
    if not called:
        raise LogError("Give the vectors' columns a name.")
    if chosen:
        places = _places(chosen, vectors.dimensions)
        columns = [f"{called}[{each}]" for each in places]
        values, notes = vectors.values[:, places], _NOTHING
    else:
        values, share = principal_components(vectors.values, components)
        columns = [f"{called} {number}" for number in range(1, components + 1)]
        notes = (_told(called, components, vectors.dimensions, share),)
    home = log_folder() if folder is None else folder
    home.mkdir(parents=True, exist_ok=True)
    numbers: list[Kind] = ["number"] * len(columns)
    rows = Rows((_ID, *columns), ("text", *numbers), _batches(vectors.ids, values), notes)
    with tempfile.TemporaryDirectory(prefix="vectors-", dir=home) as work:
        return keep_rows(rows, called, home, Path(work))


def principal_components(values: NDArray[np.float64], components: int) -> tuple[NDArray[np.float64], float]:
    """The first principal components, one column each, and the share of the variance that they hold together.

    Raises LogError where there are not so many.
    """
    import numpy as np

    most = min(values.shape)
    if not 1 <= components <= most:
        raise LogError(
            f"Between 1 and {most:,} components can be taken of {counted(len(values), 'vector')} of "
            f"{counted(values.shape[1], 'number')}, not {components:,}."
        )
    middle = values.mean(axis=0)
    covariance = (values.T @ values) / len(values) - np.outer(middle, middle)
    variances, directions = np.linalg.eigh(covariance)
    kept = directions[:, ::-1][:, :components]
    largest = kept[np.abs(kept).argmax(axis=0), np.arange(components)]
    whole = float(variances.clip(0).sum())
    share = float(variances[::-1][:components].clip(0).sum()) / whole if whole > 0 else 1.0
    made: NDArray[np.float64] = (values - middle) @ (kept * np.where(largest < 0, -1.0, 1.0))
    return made, share


def _told(name: str, components: int, dimensions: int, share: float) -> Problem:
    return Problem(
        "principal components",
        "note",
        None,
        0,
        f'"{name}": {counted(components, "principal component")} of {counted(dimensions, "number")} hold {share:.0%} '
        "of what tells the vectors apart.",
        "Take more components if they hold too little, and see whether the answer moves.",
    )


def _places(chosen: Sequence[int], dimensions: int) -> list[int]:
    wrong = [each for each in chosen if not 0 <= each < dimensions]
    if wrong:
        raise LogError(
            f"There is no number at place {wrong[0]}: the vectors have {counted(dimensions, 'number')}, at the places "
            f"0 to {dimensions - 1:,}."
        )
    return list(dict.fromkeys(chosen))


def _batches(ids: NDArray[np.object_], values: NDArray[np.float64]) -> Iterator[Any]:
    import pyarrow as pa

    for start in range(0, len(ids), _BATCH):
        part = slice(start, start + _BATCH)
        columns = [pa.array(ids[part], pa.string()), *(pa.array(column) for column in values[part].T.copy())]
        yield pa.RecordBatch.from_arrays(columns, names=[f"c{place}" for place in range(len(columns))])


def _list_columns(content: bytes) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(pa.BufferReader(content))
    except (pa.ArrowException, OSError):
        return []
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    numbers = (pa.types.is_floating, pa.types.is_integer)
    return [
        field.name
        for field in schema
        if any(fits(field.type) for fits in lists) and any(fits(field.type.value_type) for fits in numbers)
    ]


def _from_parquet(content: bytes, title: str) -> tuple[Sequence[Any], Any]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    lists = _list_columns(content)
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        others = [each for each in file.schema_arrow.names if each not in lists]
        if len(lists) != 1 or not others:
            raise UnreadableLog(
                f'"{title}" must have one column of lists of numbers, and one of ids; it has '
                f"{counted(len(lists), 'column')} of lists and {counted(len(others), 'other column')}."
            )
        if file.metadata.num_rows > MOST_NUMBERS:
            raise _too_large(title)
        table = _read_lists(file, others[0], lists[0], title)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableLog(f'"{title}" is no whole Parquet file. Save it again.') from error
    column = table.column(lists[0]).combine_chunks()
    if column.null_count:
        row = column.is_null().index(True).as_py() + 1
        raise UnreadableLog(f'"{title}" has no vector in row {row:,}. Leave out ids without a vector.')
    if len(column) == 0:
        raise EmptyLog(f'"{title}" holds no vectors.')
    lengths = pc.list_value_length(column).to_numpy(zero_copy_only=False)
    _check_lengths(lengths, title)
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return table.column(others[0]).to_pylist(), flat.reshape(len(column), -1)


def _read_lists(file: Any, ids: str, lists: str, title: str) -> Any:
    """The two columns, read bit by bit: a small file can claim to hold more than there is memory for."""
    import pyarrow as pa

    batches, numbers = [], 0
    for batch in file.iter_batches(_BATCH // 10, columns=[ids, lists]):
        numbers += len(batch.column(1).flatten())
        if numbers > MOST_NUMBERS:
            raise _too_large(title)
        batches.append(batch)
    return pa.Table.from_batches(batches, pa.schema([file.schema_arrow.field(each) for each in (ids, lists)]))


def _check_lengths(lengths: NDArray[Any], title: str) -> None:
    other = (lengths != lengths[0]).nonzero()[0] if len(lengths) else []
    if len(other):
        row = int(other[0])
        raise UnreadableLog(
            f'The vectors of "{title}" have different lengths: the first has {counted(int(lengths[0]), "number")}, the '
            f"one in row {row + 1:,} has {int(lengths[row]):,}."
        )


def _array(content: bytes, title: str) -> Any:
    import numpy as np

    stream = io.BytesIO(content)
    try:
        header = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        shape, _, kind = header[np.lib.format.read_magic(stream)[0]](stream)
        if kind.itemsize * math.prod(shape) > len(content):
            raise ValueError("it claims to hold more than there is")
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise UnreadableLog(
            f'"{title}" is no whole array of numbers. Save it with numpy.save, without objects.'
        ) from error


def _from_archive(content: bytes, title: str) -> tuple[Sequence[Any], Any]:
    """The vectors and ids of an .npz file; its size is read before it is unpacked."""
    import zipfile

    wrong = UnreadableLog(f'"{title}" must hold two arrays: "ids" and "vectors". Save it with numpy.savez.')
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
            if not {"ids", "vectors"} <= set(entries):
                raise wrong
            if sum(each.file_size for each in entries.values()) > 8 * MOST_NUMBERS:
                raise _too_large(title)
            ids, values = (_array(archive.read(entries[each]), title) for each in ("ids", "vectors"))
    except (zipfile.BadZipFile, OSError) as error:
        raise wrong from error
    return ids.tolist(), values


def _ids_of(given: str | Path | bytes | Sequence[Any]) -> Sequence[Any]:
    if not isinstance(given, str | Path | bytes):
        return given
    content = given if isinstance(given, bytes) else Path(given).read_bytes()
    if content[:6] == b"\x93NUMPY":
        told: list[Any] = _array(content, "the ids").tolist()
        return told
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableLog("The ids are no text in UTF-8. Save them with one id per line.") from error
    while lines and not lines[-1].strip():
        lines.pop()
    return [each.strip().strip('"') for each in lines]


def _checked(ids: Sequence[Any], values: Any, title: str) -> Vectors:
    import numpy as np

    made = np.asarray(values)
    if made.ndim != 2 or made.dtype.kind not in "fiu":
        raise UnreadableLog(f'"{title}" must be a table of numbers with one vector per row.')
    if made.size == 0:
        raise EmptyLog(f'"{title}" holds no vectors.')
    if made.size > MOST_NUMBERS:
        raise _too_large(title)
    if len(ids) != len(made):
        raise UnreadableLog(
            f'"{title}" has {counted(len(made), "vector")}, but there are {counted(len(ids), "id")}. Give one id per '
            "vector, in their order, without a heading."
        )
    numbers = made.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers).all(axis=1))
    if len(bad):
        raise UnreadableLog(
            f'{counted(len(bad), "vector")} of "{title}" hold what is no number, the first in row {bad[0] + 1:,}. '
            "Leave them out."
        )
    named = np.array([None if each is None else str(each) for each in ids], dtype=object)
    _check_ids(named, title)
    return Vectors(named, numbers)


def _check_ids(ids: NDArray[np.object_], title: str) -> None:
    first: dict[Any, int] = {}
    for row, each in enumerate(ids, start=1):
        if each is None or not each:
            raise UnreadableLog(f'"{title}" has no id in row {row:,}.')
        if each in first:
            raise UnreadableLog(
                f'"{title}" has two vectors for "{each}", in rows {first[each]:,} and {row:,}. Keep one for each id.'
            )
        first[each] = row


def _too_large(title: str) -> UnreadableLog:
    return UnreadableLog(
        f'"{title}" holds more than {MOST_NUMBERS:,} numbers. Keep the ids that the log has, or shorten the vectors.'
    )
