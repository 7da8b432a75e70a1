"""Files made to fill memory or disk: each is refused by a process of its own, whose memory and folder are looked at."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.logs.test_reading import workbook

REPOSITORY = Path(__file__).parents[2]
MB = 1024**2
MOST_MEMORY = 400 * MB
MOST_SECONDS = 60
"""The target is 5 s, and tests/bench/hostile.json holds what was measured; a busy machine may take longer."""

SCRIPT = """
import json, re, sys, time
from pathlib import Path
import pyarrow.parquet, pyarrow.compute, duckdb, python_calamine
from causal.errors import LogError
from causal.logs.reading import read_log

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

path, folder = Path(sys.argv[1]), Path(sys.argv[2])
before, started = peak(), time.perf_counter()
try:
    said = f"read {read_log(path, folder=folder).rows} rows"
except LogError as error:
    said = str(error)
seconds, after = time.perf_counter() - started, peak()
left = [str(each) for each in folder.rglob("*")]
print(json.dumps({"said": said, "seconds": seconds, "grown": after - before, "left": left}))
"""


def gzip_bomb(path: Path) -> None:
    """16 GB of rows in 16 MB: one member again and again."""
    path.write_bytes(gzip.compress(b"1,2\n" * (16 * MB)) * 256)


def zstd_bomb(path: Path) -> None:
    path.write_bytes(zstandard.compress(b"1,2\n" * (16 * MB)) * 256)


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("events.csv", "w") as member:
        for _ in range(5):
            member.write(b"1,2\n" * (4 * MB))


def zip_of_many(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"part-{number}.csv", b"1,2\n" * (4 * MB))


def packed_again_and_again(path: Path) -> None:
    content = b"a,b\n1,2\n"
    for _ in range(5):
        content = gzip.compress(content)
    path.write_bytes(content)


def with_sheet(rows: str) -> bytes:
    out = io.BytesIO()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a"], [1]]))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in plain.namelist():
            sheet = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
            archive.writestr(name, sheet if name.endswith("sheet1.xml") else plain.read(name))
    return out.getvalue()


def two_cells_far_apart(path: Path) -> None:
    """The reader would make room for 17 billion cells, and end the process."""
    cell = "<c r='{0}'><v>1</v></c>"
    path.write_bytes(
        with_sheet(f"<row r='1'>{cell.format('A1')}</row><row r='1048576'>{cell.format('XFD1048576')}</row>")
    )


def far_cells_without_a_place(path: Path) -> None:
    path.write_bytes(with_sheet("<row/>" * 200_000 + "<row>" + "<c/>" * 16_383 + "<c><v>1</v></c></row>"))


def sheet_of_zeros(path: Path) -> None:
    path.write_bytes(with_sheet(" " * (70 * MB)))


def sheet_that_lies_about_its_size(path: Path) -> None:
    content = bytearray(with_sheet("<row><c><v>1</v></c></row>" * 200_000))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (size,) = (each.file_size for each in archive.infolist() if each.filename.endswith("sheet1.xml"))
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def parquet(path: Path, table: pa.Table, **options: object) -> None:
    pq.write_table(table, path, compression="zstd", **options)


def parquet_of_equal_rows(path: Path) -> None:
    parquet(path, pa.table({"a": pa.DictionaryArray.from_arrays(np.zeros(20_000_000, dtype=np.int32), ["x"])}))


def long_text_in_every_row() -> pa.Table:
    """A megabyte that the file holds once, and 900,000 rows of it."""
    return pa.table({"a": pa.DictionaryArray.from_arrays(np.zeros(900_000, dtype=np.int32), ["x" * MB])})


def parquet_of_a_long_text(path: Path) -> None:
    parquet(path, long_text_in_every_row())


def parquet_of_zeros(path: Path) -> None:
    parquet(path, pa.table({"a": np.zeros(40_000_000)}), use_dictionary=False)


def parquet_of_one_long_list(path: Path) -> None:
    parquet(path, pa.table({"a": pa.array([[None] * 4_000_000], pa.list_(pa.int8()))}))


def parquet_of_many_columns(path: Path) -> None:
    parquet(path, pa.table({f"c{number}": [1] for number in range(10_000)}))


def feather_of_zeros(path: Path) -> None:
    feather.write_feather(pa.table({"a": np.zeros(40_000_000)}), path, compression="zstd", chunksize=40_000_000)


def feather_of_a_long_text(path: Path) -> None:
    feather.write_feather(long_text_in_every_row(), path, compression="zstd")


def ten_thousand_columns(path: Path) -> None:
    """And a gigabyte below them, which is never looked at."""
    row = b"1," * 9_999 + b"1\n"
    path.write_bytes(b",".join(b"c%d" % number for number in range(10_000)) + b"\n" + row * 60)
    with path.open("r+b") as file:
        file.truncate(1024 * MB)


def ten_thousand_fields(path: Path) -> None:
    path.write_text(json.dumps({f"c{number}": number for number in range(10_000)}) + "\n")


def long_line(path: Path) -> None:
    path.write_bytes(b"x" * (32 * MB))
    with path.open("r+b") as file:
        file.truncate(1024 * MB)


def long_line_that_is_not_utf8(path: Path) -> None:
    path.write_bytes("le café est fermé pour l'été, ".encode("latin-1") * MB)
    with path.open("r+b") as file:
        file.truncate(1024 * MB)


def long_line_of_no_language(path: Path) -> None:
    path.write_bytes(b"\xe9" * (32 * MB))
    with path.open("r+b") as file:
        file.truncate(1024 * MB)


def long_line_of_json(path: Path) -> None:
    path.write_bytes(b'{"a": "' + b"x" * (32 * MB))
    with path.open("r+b") as file:
        file.seek(1024 * MB)
        file.write(b'"}\n{"a": "y"}\n')


HOSTILE: tuple[tuple[Callable[[Path], None], str, str], ...] = (
    (gzip_bomb, "e.csv.gz", "more than 200 times its size"),
    (zstd_bomb, "e.csv.zst", "more than 200 times its size"),
    (zip_bomb, "e.csv.zip", "more than 200 times its size"),
    (zip_of_many, "e.zip", "more than 200 times its size"),
    (packed_again_and_again, "e.csv.gz", "compressed more than twice over"),
    (two_cells_far_apart, "e.xlsx", "room for 17,179,869,184 cells"),
    (far_cells_without_a_place, "e.xlsx", "room for 3,276,816,384 cells"),
    (sheet_of_zeros, "e.xlsx", "more than 200 times its size"),
    (sheet_that_lies_about_its_size, "e.xlsx", "damaged or locked"),
    (parquet_of_equal_rows, "e.parquet", "claims 20,000,000 rows in very few bytes"),
    (parquet_of_a_long_text, "e.parquet", "unpacks to far more than its bytes can hold"),
    (parquet_of_zeros, "e.parquet", "unpacks to far more than its bytes can hold|claims 40,000,000 rows"),
    (parquet_of_one_long_list, "e.parquet", "claims 4,000,000 rows in very few bytes"),
    (parquet_of_many_columns, "e.parquet", "10,000 columns"),
    (feather_of_zeros, "e.feather", "unpacks to far more than its bytes can hold"),
    (feather_of_a_long_text, "e.feather", "unpacks to far more than its bytes can hold"),
    (ten_thousand_columns, "e.csv", "10,000 columns"),
    (ten_thousand_fields, "e.jsonl", "10,000 columns"),
    (long_line, "e.csv", "Line 1 is longer than 16 MB"),
    (long_line_that_is_not_utf8, "e.csv", "Line 1 is longer than 16 MB"),
    (long_line_of_no_language, "e.csv", "its encoding cannot be told"),
    (long_line_of_json, "e.jsonl", "Line 1 is longer than 128 MB"),
)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(("make", "name", "sentence"), HOSTILE, ids=[make.__name__ for make, _, _ in HOSTILE])
def test_a_hostile_file_is_refused_in_little_memory_and_leaves_nothing(
    make: Callable[[Path], None], name: str, sentence: str, tmp_path: Path
) -> None:
    found = refused(make, name, tmp_path)
    assert any(each in found["said"] for each in sentence.split("|")), found
    assert found["left"] == []
    assert found["grown"] < MOST_MEMORY
    assert found["seconds"] < MOST_SECONDS


def refused(make: Callable[[Path], None], name: str, folder: Path) -> dict[str, object]:
    """What a process of its own said, how long it took, by how much its memory grew, and what it left."""
    make(folder / name)
    (folder / "logs").mkdir()
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / name), str(folder / "logs")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, object] = json.loads(run.stdout)
    return found
