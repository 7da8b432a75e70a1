"""Logs that lie on the server already: in one folder that whoever runs the app has named, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from causal.errors import ArrivalRefused

VARIABLE = "DOABLE_LOGS"
_MOST = 1_000
_DEEPEST = 4


def shared_folder(named: str | None = None) -> Path | None:
    """The folder that the variable DOABLE_LOGS names, or `named`; None where neither does or it does not exist."""
    given = os.environ.get(VARIABLE) or named
    folder = Path(given).resolve() if given else None
    return folder if folder is not None and folder.is_dir() else None


def entries(folder: Path) -> tuple[str, ...]:
    """The files in the folder, and folders whose files are parts of one table, by name; at most a thousand."""
    found: list[str] = []
    for entry in _walk(folder, 0):
        found.append(entry.relative_to(folder).as_posix())
        if len(found) == _MOST:
            break
    return tuple(sorted(found))


def path_in(folder: Path, name: str) -> Path:
    """The path of an entry.

    Raises ArrivalRefused for a name that leads out of the folder, by "..", from the root or over a link.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("/", "..") or ":" in part or "\x00" in part for part in parts):
        raise ArrivalRefused(f'"{name}" leads out of the folder for logs. Choose a file in it.')
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise ArrivalRefused(f'"{name}" is a link, or lies behind one. Links are not followed: put the file there.')
    if not path.exists() or not path.resolve().is_relative_to(folder.resolve()):
        raise ArrivalRefused(f'There is no "{name}" in the folder for logs. Choose a file in it.')
    return path


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and depth < _DEEPEST:
            if _holds_parts(path):
                yield path
            else:
                yield from _walk(path, depth + 1)


def _holds_parts(folder: Path) -> bool:
    """Whether a folder is one table: named like an engine's output, or holding folders called column=value or parts."""
    if folder.suffix in (".parquet", ".csv", ".json"):
        return True
    inside = [path.name for path in folder.iterdir()]
    return any("=" in name or name.startswith("part-") or name == "_SUCCESS" for name in inside)
