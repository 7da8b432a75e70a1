"""From what was handed in to one plain local file, and what that file is."""

from __future__ import annotations

import errno
import gzip
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from causal.errors import EmptyLog, UnreadableLog
from causal.progress import Progress, silent

ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, KeyError, OSError, struct.error)
"""What reading a damaged or locked archive raises; an OSError where its directory names a place before the file."""

Format = Literal["delimited", "json", "parquet", "feather", "workbook"]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


MAX_BYTES = 20 * 1024**3
MAX_RATIO = 200
RATIO_FROM = 64 * 1024**2
SPARE_DISK = 1024**3
_MOST_MEMBERS = 10_000
_CHUNK = 1024 * 1024

_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x80\x04\x95", "a Python pickle, which is not opened because it can run code"),
    (b"\x80\x05\x95", "a Python pickle, which is not opened because it can run code"),
    (b"\x89HDF", "an HDF5 file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
)
_SUFFIXES = (".gz", ".zst", ".zip")


def plain_file(given: str | Path | bytes, folder: Path, progress: Progress = silent) -> Path:
    """The bytes as one uncompressed local file or folder: the given path itself, or what is unpacked in `folder`.

    Raises UnreadableLog (no such file, too large, a damaged or suspicious archive) and EmptyLog.
    """
    path = _local(given, folder)
    if path.is_dir():
        return path
    if path.stat().st_size == 0:
        raise EmptyLog("The file is empty: it has 0 bytes. Check the export and upload it again.")
    for turn in range(3):
        unpacked = _unpacked(path, folder / f"unpacked-{turn}", progress)
        if unpacked is None:
            return path
        path = unpacked
        if path.is_dir():
            return path
        if path.stat().st_size == 0:
            raise EmptyLog("The compressed file holds nothing: 0 bytes. Check the export and upload it again.")
    raise UnreadableLog("The file is compressed more than twice over. Unpack it, then upload the table itself.")


def is_full(error: BaseException) -> bool:
    """Whether the disk, or this account's part of it, has no room left."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def format_of(path: Path, name: str) -> Format:
    """What the file is, by its content first and its name second.

    Raises UnreadableLog where it is no table.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    ending = _ending(name)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"FEA1")):
        return "feather"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "workbook"
    _refuse_foreign(head, name)
    _refuse_false_name(ending, name)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"[") or ending in (".json", ".jsonl", ".ndjson"):
        return "json"
    return "delimited"


def prefers_tabs(name: str) -> bool:
    """Whether the name says that tabs separate the columns."""
    return _ending(name) in (".tsv", ".tab")


def _local(given: str | Path | bytes, folder: Path) -> Path:
    if isinstance(given, bytes):
        path = folder / "given"
        path.write_bytes(given)
        return path
    path = Path(given)
    if not path.is_file() and not path.is_dir():
        raise UnreadableLog(f'There is no file "{path}". Check the path.')
    return path


def _unpacked(path: Path, target: Path, progress: Progress) -> Path | None:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(b"\x1f\x8b"):
        return _copy_gzip(path, target, progress)
    if head == b"\x28\xb5\x2f\xfd":
        return _copy_zstd(path, target, progress)
    if head == b"PK\x03\x04":
        return _unzipped(path, target, progress)
    return None


def _copy_gzip(path: Path, target: Path, progress: Progress) -> Path:
    try:
        with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
            return _copy_capped(stream, target, packed.tell, path.stat().st_size, progress)
    except EOFError as error:
        raise UnreadableLog("The gzip file breaks off before its end. Upload it again, completely.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableLog("The gzip file is damaged. Compress the table again, or upload it unpacked.") from error


def _copy_zstd(path: Path, target: Path, progress: Progress) -> Path:
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as packed, pa.CompressedInputStream(packed, "zstd") as stream:
            return _copy_capped(stream, target, packed.tell, path.stat().st_size, progress)
    except OSError as error:
        raise UnreadableLog("The zstd file is damaged. Compress the table again, or upload it unpacked.") from error


def _unzipped(path: Path, target: Path, progress: Progress) -> Path | None:
    """The one file of an archive, or a folder of its files; None where it is a workbook."""
    size = path.stat().st_size
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_FAULTS as error:
        raise UnreadableLog("The zip or Excel file is damaged. Save it again and upload it once more.") from error
    with archive:
        members = [
            each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX")
        ]
        _refuse_bomb(sum(each.file_size for each in members), size)
        if any(each.filename == "[Content_Types].xml" for each in members):
            return None
        if not members:
            raise EmptyLog("The zip archive holds no file. Check the export and upload it again.")
        if len(members) > _MOST_MEMBERS:
            raise UnreadableLog(f"The zip archive holds {len(members):,} files. Write the table in fewer, larger ones.")
        single = len(members) == 1
        try:
            for member in members:
                with archive.open(member) as stream:  # which never gives more than the size that the archive states
                    place = target if single else _inside(target, member.filename)
                    _copy_capped(stream, place, lambda: size, size, progress)
        except ZIP_FAULTS as error:
            if is_full(error):
                raise
            raise UnreadableLog("The zip archive is locked or damaged. Upload the table unpacked.") from error
    return target


def _inside(folder: Path, name: str) -> Path:
    """Where a member of an archive goes: never outside the folder, whatever its name says."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("/", "..") or ":" in part or "\x00" in part or len(part) > 200 for part in parts):
        raise UnreadableLog("The zip archive holds a file whose name leads out of it. Pack the table again.")
    place = folder.joinpath(*parts)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnreadableLog("The zip archive holds two files of one name. Pack the table again.") from error
    if place.exists():
        raise UnreadableLog("The zip archive holds two files of one name. Pack the table again.")
    return place


def _copy_capped(stream: _Readable, target: Path, taken: Callable[[], int], size: int, progress: Progress) -> Path:
    """Copy to the end, unless it becomes far longer than the packed bytes that were `taken` so far allow."""
    written = 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            written += len(chunk)
            _refuse_bomb(written, taken())
            progress(min(taken() / size, 1.0), "unpacking")
            if written % (64 * _CHUNK) < _CHUNK and shutil.disk_usage(target.parent).free < SPARE_DISK:
                raise UnreadableLog(
                    "The disk has no room to unpack the file. Make room on it, or upload a sample of the log."
                )
            out.write(chunk)
    return target


def _refuse_bomb(unpacked: int, packed: int) -> None:
    if unpacked > MAX_BYTES:
        raise UnreadableLog(f"The file unpacks to more than {MAX_BYTES // 1024**3} GB. Upload a sample of it.")
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed:
        raise UnreadableLog(
            f"The file unpacks to more than {MAX_RATIO} times its size, which no log does. Upload it unpacked."
        )


def _ending(name: str) -> str:
    lowered = name.lower()
    for suffix in _SUFFIXES:
        lowered = lowered.removesuffix(suffix)
    return Path(lowered).suffix


def _refuse_foreign(head: bytes, name: str) -> None:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise UnreadableLog(f'"{name}" is {what}, not a table. Upload CSV, Parquet, JSON lines, Excel or Feather.')
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<table")):
        raise UnreadableLog(
            f'"{name}" is a web page (HTML), not a table: perhaps a login page was saved. Export the log again.'
        )
    if text.startswith(b"<?xml"):
        raise UnreadableLog(f'"{name}" is XML, not a table. Export it as CSV, Parquet, JSON lines or Excel.')


def _refuse_false_name(ending: str, name: str) -> None:
    wanted = {".parquet": "Parquet", ".feather": "Feather", ".arrow": "Arrow", ".xlsx": "Excel", ".xls": "Excel"}
    if ending in wanted:
        raise UnreadableLog(
            f'"{name}" is named like a {wanted[ending]} file, but its content is something else. '
            "Export it again, or give it the ending of what it is, such as .csv."
        )
