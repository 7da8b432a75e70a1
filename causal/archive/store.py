"""The study store: one folder with one SQLite file (studies, revisions, results, jobs) and immutable blobs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from causal.archive import blobs
from causal.archive.blobs import Suffix
from causal.archive.database import Database
from causal.archive.study import Study, checked_study_id, new_study_id
from causal.errors import DamagedBlob, StudyConflict, StudyError, StudyNotFound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from causal.logs.unit_table import UnitTable

FOLDER_VARIABLE = "DOABLE_DATA"


@dataclass(frozen=True)
class SavedStudy:
    """A study as it is on disk: which revision, since when (UTC), and what was changed."""

    study: Study
    revision: int
    saved_at: datetime
    note: str


@dataclass(frozen=True)
class StudyEntry:
    """One line of the list of studies."""

    id: str
    title: str
    revision: int
    created_at: datetime
    saved_at: datetime


@dataclass(frozen=True)
class RevisionEntry:
    """One line of a study's history."""

    number: int
    saved_at: datetime
    note: str


@dataclass(frozen=True)
class StoredResult:
    """The blobs of a finished analysis: its JSON, and its scores where the method keeps them."""

    analysis: str
    scores: str | None


class StudyStore:
    """Studies and blobs in one folder, used by many threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        """Open or create the store.

        Raises NewerSchema, or StudyError where the folder cannot be used.
        """
        self.folder = folder
        self.blob_folder = folder / "blobs"
        _make_folders(folder, self.blob_folder)
        self.database = Database(folder / "studies.db")

    def close(self) -> None:
        """Let go of the database file."""
        self.database.close()

    def create_study(self, title: str = "Untitled study", note: str = "Started") -> SavedStudy:
        """A new, empty study, saved as revision 1."""
        return self._insert(Study(id=new_study_id(), title=title), note)

    def branch(self, study: Study, note: str = "Saved as a copy") -> SavedStudy:
        """The study as a new one of its own: how an edit is kept when another tab saved first."""
        return self._insert(dataclasses.replace(study, id=new_study_id(), title=f"{study.title} (copy)"), note)

    def load(self, study_id: str, revision: int | None = None) -> SavedStudy:
        """The newest revision of a study, or the one asked for.

        Raises StudyNotFound, or DamagedBlob where what is on disk is not what was written.
        """
        checked_study_id(study_id)
        with self.database.reading() as connection:
            head = _head(connection, study_id)
            row = connection.execute(
                "select number, saved_at, note, document, sha256 from revision where study_id = ? and number = ?",
                [study_id, head if revision is None else revision],
            ).fetchone()
        if row is None:
            raise StudyNotFound(f"This study has no revision {revision}. Its newest is {head}.")
        number, saved_at, note, document, sha256 = row
        if _sha256(document) != sha256:
            raise DamagedBlob(f"Revision {number} of this study is damaged. Open an earlier one from its history.")
        return SavedStudy(Study.from_json(json.loads(document)), number, datetime.fromisoformat(saved_at), note)

    def save(self, study: Study, expected_revision: int, note: str = "") -> SavedStudy:
        """The study as the next revision, if `expected_revision` still is the newest; unchanged, it keeps its number.

        Raises StudyConflict (nothing is written) where another tab saved first, or StudyNotFound.
        """
        document, now = _json_text(study.to_json()), _now()
        with self.database.writing() as connection:
            head = _head(connection, study.id)
            newest = connection.execute(
                "select saved_at, note, sha256 from revision where study_id = ? and number = ?", [study.id, head]
            ).fetchone()
            if head != expected_revision:
                raise _conflict(head, newest[0], newest[1])
            if newest[2] == _sha256(document):
                return SavedStudy(study, head, datetime.fromisoformat(newest[0]), newest[1])
            connection.execute(
                "update study set revision = ?, title = ?, saved_at = ? where id = ?",
                [head + 1, study.title, now, study.id],
            )
            _add_revision(connection, study.id, head + 1, document, now, note)
        return SavedStudy(study, head + 1, datetime.fromisoformat(now), note)

    def list_studies(self) -> tuple[StudyEntry, ...]:
        """Every study that was not deleted, the last saved first."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "select id, title, revision, created_at, saved_at from study where deleted_at is null"
                " order by saved_at desc, id desc"
            ).fetchall()
        return tuple(
            StudyEntry(study_id, title, revision, datetime.fromisoformat(created), datetime.fromisoformat(saved))
            for study_id, title, revision, created, saved in rows
        )

    def revisions(self, study_id: str) -> tuple[RevisionEntry, ...]:
        """A study's history, the newest first.

        Raises StudyNotFound.
        """
        checked_study_id(study_id)
        with self.database.reading() as connection:
            _head(connection, study_id)
            rows = connection.execute(
                "select number, saved_at, note from revision where study_id = ? order by number desc", [study_id]
            ).fetchall()
        return tuple(RevisionEntry(number, datetime.fromisoformat(saved), note) for number, saved, note in rows)

    def delete(self, study_id: str) -> None:
        """Take a study off the list; `restore` brings it back.

        Raises StudyNotFound.
        """
        checked_study_id(study_id)
        with self.database.writing() as connection:
            _head(connection, study_id)
            connection.execute("update study set deleted_at = ? where id = ?", [_now(), study_id])

    def restore(self, study_id: str) -> SavedStudy:
        """A deleted study, on the list again.

        Raises StudyNotFound.
        """
        checked_study_id(study_id)
        with self.database.writing() as connection:
            connection.execute("update study set deleted_at = null where id = ?", [study_id])
        return self.load(study_id)

    def put_blob(self, content: bytes | Path, suffix: Suffix) -> str:
        """The SHA-256 under which the bytes, or a copy of the file, are kept for good."""
        if isinstance(content, Path):
            return self._register(blobs.put_copy(self.blob_folder, content, suffix), suffix)
        return self._register(blobs.put_bytes(self.blob_folder, content, suffix), suffix)

    def put_json(self, document: Any) -> str:
        """The SHA-256 under which plain JSON values are kept for good."""
        return self.put_blob(_json_text(document).encode(), "json")

    def put_table(self, table: UnitTable) -> str:
        """The SHA-256 under which a unit table is kept for good, types included."""
        with blobs.part_file(self.blob_folder) as part:
            table.to_parquet(part)
            return self._register(blobs.put_part(self.blob_folder, part, "parquet"), "parquet")

    def put_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> str:
        """The SHA-256 under which named arrays are kept for good."""
        import numpy as np

        with blobs.part_file(self.blob_folder) as part:
            with part.open("wb") as file:  # given a path, numpy would append a suffix of its own
                np.savez(file, allow_pickle=False, **arrays)
            return self._register(blobs.put_part(self.blob_folder, part, "npz"), "npz")

    def blob_path(self, sha256: str) -> Path:
        """Where a blob is, its bytes verified.

        Raises DamagedBlob, naming it.
        """
        with self.database.reading() as connection:
            row = connection.execute("select suffix from blob where sha256 = ?", [sha256]).fetchone()
        if row is None:
            raise blobs.missing_blob(sha256)
        return blobs.verified_path(self.blob_folder, sha256, cast(Suffix, row[0]))

    def get_blob(self, sha256: str) -> bytes:
        """The bytes of a blob, verified.

        Raises DamagedBlob, naming it.
        """
        return self.blob_path(sha256).read_bytes()

    def get_json(self, sha256: str) -> Any:
        """The plain JSON values of a blob, verified.

        Raises DamagedBlob, naming it.
        """
        return json.loads(self.get_blob(sha256))

    def get_arrays(self, sha256: str) -> dict[str, NDArray[Any]]:
        """The named arrays of a blob, verified.

        Raises DamagedBlob, naming it.
        """
        import numpy as np

        with np.load(self.blob_path(sha256), allow_pickle=False) as arrays:
            return dict(arrays)

    def get_table(self, sha256: str) -> UnitTable:
        """The unit table of a blob, verified.

        Raises DamagedBlob, naming it.
        """
        from causal.logs.unit_table import UnitTable

        return UnitTable.from_parquet(self.blob_path(sha256))

    def keep_result(self, key: str, analysis: str, scores: str | None) -> None:
        """Remember the blobs of a finished analysis under `key` (see `causal.archive.engine.result_key`)."""
        with self.database.writing() as connection:
            connection.execute(
                "insert or replace into result (key, analysis, scores, created_at) values (?, ?, ?, ?)",
                [key, analysis, scores, _now()],
            )

    def find_result(self, key: str) -> StoredResult | None:
        """The blobs of an analysis that was finished before, or None; their bytes are not verified here."""
        with self.database.reading() as connection:
            row = connection.execute("select analysis, scores from result where key = ?", [key]).fetchone()
        return None if row is None else StoredResult(*row)

    def _insert(self, study: Study, note: str) -> SavedStudy:
        now = _now()
        with self.database.writing() as connection:
            connection.execute(
                "insert into study (id, title, revision, created_at, saved_at) values (?, ?, 1, ?, ?)",
                [study.id, study.title, now, now],
            )
            _add_revision(connection, study.id, 1, _json_text(study.to_json()), now, note)
        return SavedStudy(study, 1, datetime.fromisoformat(now), note)

    def _register(self, sha256: str, suffix: Suffix) -> str:
        size = blobs.path_of(self.blob_folder, sha256, suffix).stat().st_size
        with self.database.writing() as connection:
            connection.execute(
                "insert into blob (sha256, suffix, bytes, created_at) values (?, ?, ?, ?)"
                " on conflict (sha256) do update set suffix = excluded.suffix",
                [sha256, suffix, size, _now()],
            )
        return sha256


def data_folder() -> Path:
    """The folder that DOABLE_DATA names, or the user's own data folder for this app."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("doable", appauthor=False))


def text_folder(folder: Path) -> Path:
    """Where a store's folder keeps the vectors of texts that were read, and what they became."""
    return folder / "texts"


def _make_folders(folder: Path, blob_folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        blob_folder.mkdir(exist_ok=True)
        blobs.sweep_parts(blob_folder)
    except OSError as error:
        raise StudyError(
            f'The data folder "{folder}" cannot be used: {error.strerror}. Name another one in {FOLDER_VARIABLE}.'
        ) from error


def _head(connection: sqlite3.Connection, study_id: str) -> int:
    row = connection.execute("select revision from study where id = ? and deleted_at is null", [study_id]).fetchone()
    if row is None:
        raise StudyNotFound("This study is not here: it was deleted, or it belongs to another data folder.")
    return int(row[0])


def _add_revision(
    connection: sqlite3.Connection, study_id: str, number: int, document: str, now: str, note: str
) -> None:
    connection.execute(
        "insert into revision (study_id, number, document, sha256, saved_at, note) values (?, ?, ?, ?, ?, ?)",
        [study_id, number, document, _sha256(document), now, note],
    )


def _conflict(head: int, saved_at: str, note: str) -> StudyConflict:
    since = _elapsed(datetime.now(UTC) - datetime.fromisoformat(saved_at))
    what = f" ({note})" if note else ""
    return StudyConflict(
        f"Another tab saved this study {since}{what}, as revision {head}. Nothing was overwritten: "
        "reload to see that version, or save yours as a copy."
    )


def _elapsed(delta: timedelta) -> str:
    seconds = max(0, int(delta.total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return f"{seconds} s ago"


def _json_text(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
