"""Immutable files named by what is in them: `ab/ab12….parquet` holds the bytes whose SHA-256 is `ab12…`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

from causal.errors import DamagedBlob, StudyError

Suffix = Literal["parquet", "json", "npz", "log"]
"""A table, a document, arrays, or a file exactly as it was uploaded."""

_PART_SECONDS = 86_400
_SHA256 = re.compile(r"[0-9a-f]{64}")


def put_bytes(folder: Path, content: bytes, suffix: Suffix) -> str:
    """The SHA-256 under which the bytes are now on disk."""
    with part_file(folder) as part:
        part.write_bytes(content)
        return put_part(folder, part, suffix)


def put_copy(folder: Path, source: Path, suffix: Suffix) -> str:
    """The SHA-256 under which a copy of the file is now on disk."""
    with part_file(folder) as part:
        shutil.copyfile(source, part)
        return put_part(folder, part, suffix)


def put_part(folder: Path, part: Path, suffix: Suffix) -> str:
    """The SHA-256 under which a file of `part_file` is now kept; a crash leaves all of it or nothing."""
    sha256 = sha256_of(part)
    target = path_of(folder, sha256, suffix)
    if target.exists() and sha256_of(target) == sha256:
        return sha256
    _flush(part)
    if not target.parent.exists():
        target.parent.mkdir(exist_ok=True)
        _flush(folder)
    part.replace(target)
    _flush(target.parent)
    return sha256


@contextlib.contextmanager
def part_file(folder: Path) -> Iterator[Path]:
    """A path for a file in the making; whatever is left there at the end is removed.

    Raises StudyError where the system cannot write it.
    """
    part = folder / f"{secrets.token_hex(8)}.part"
    try:
        yield part
    except OSError as error:
        raise StudyError(
            f'A file could not be kept in "{folder}": {error.strerror or error}. Check that the disk has space and '
            "that the folder can be written, then try again; what was saved before is intact."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def sweep_parts(folder: Path) -> None:
    """Remove what a killed process left half written; younger files may still be in the making elsewhere."""
    for part in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _PART_SECONDS:
                part.unlink()


def verified_path(folder: Path, sha256: str, suffix: Suffix) -> Path:
    """The path of a blob whose bytes are those that were written.

    Raises DamagedBlob, naming it, where they are not, or where the file is gone.
    """
    path = path_of(folder, sha256, suffix)
    if not path.is_file():
        raise missing_blob(sha256)
    if sha256_of(path) != sha256:
        raise DamagedBlob(
            f'The stored file "{path.name}" is damaged: its bytes are not those that were written. '
            "Upload the log again, or run the analysis again; the study itself is intact."
        )
    return path


def missing_blob(sha256: str) -> DamagedBlob:
    """The error for a blob that is not there."""
    return DamagedBlob(
        f'The stored file "{sha256[:64]}" is missing. '
        "Upload the log again, or run the analysis again; the study itself is intact."
    )


def path_of(folder: Path, sha256: str, suffix: Suffix) -> Path:
    """Where a blob is kept.

    Raises ValueError for anything but a SHA-256 and a known suffix, so that no name from outside becomes a path.
    """
    if not _SHA256.fullmatch(sha256) or suffix not in get_args(Suffix):
        raise ValueError("A blob is named by 64 hexadecimal digits and one of: " + ", ".join(get_args(Suffix)))
    return folder / sha256[:2] / f"{sha256}.{suffix}"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
