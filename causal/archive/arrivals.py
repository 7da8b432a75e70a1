"""Files on their way in: who may send one, where it lies until it is read, and that nothing of it stays behind.

A ticket is a random name, the time until which it may be used and their HMAC-SHA-256 (RFC 2104) under a key that lives
as long as the process. Each ticket has one desk, a folder for the file and for what is made of it on the way.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from causal.archive.processes import lives, this_process
from causal.errors import ArrivalRefused
from causal.logs.readers.source import MAX_BYTES, SPARE_DISK

_SECONDS = 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")
_TIMES_ON_DISK = 3
"""Beside the file itself, its text in plain UTF-8 and its rows lie on the disk for a while."""


class Arrivals:
    """The files that one server process takes in, under `incoming` in its data folder."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, and remove what processes that are gone have left in theirs."""
        everyone = folder / "incoming"
        for left in everyone.glob("*"):
            if not _lives(left.name):
                shutil.rmtree(left, ignore_errors=True)
        self._folder = everyone / this_process().replace(":", "-")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key = secrets.token_bytes(32)

    def close(self) -> None:
        """Remove everything that this process holds."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_token(self) -> str:
        """A name for one file to come."""
        return secrets.token_hex(16)

    def ticket(self, token: str) -> str:
        """What the browser shows in order to send the file with this name, within an hour."""
        said = f"{token}.{int(time.time()) + _SECONDS}"
        return f"{said}.{self._signature(said)}"

    def token_of(self, ticket: str) -> str:
        """The name in a ticket that this process gave out.

        Raises ArrivalRefused where it is none, or too old.
        """
        said, _, signature = ticket.rpartition(".")
        token, _, until = said.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(said).encode()) or not until.isdecimal():
            raise ArrivalRefused("This page may not send files here any more. Load the page again, then drop the file.")
        if int(until) < time.time():
            raise ArrivalRefused("The page was open for too long. Load it again, then drop the file.")
        return token

    def expect(self, token: str, size: int) -> None:
        """Look whether a file of so many bytes can be taken.

        Raises ArrivalRefused: empty, too large, no room on the disk, or one of that name is here.
        """
        if size <= 0:
            raise ArrivalRefused("The file is empty: it has 0 bytes. Check the export and drop it again.")
        if size > MAX_BYTES:
            raise ArrivalRefused(
                f"The file has {_gigabytes(size)}; at most {_gigabytes(MAX_BYTES)} are taken. Drop a sample of it."
            )
        free = shutil.disk_usage(self._folder).free
        if free < _TIMES_ON_DISK * size + SPARE_DISK:
            raise ArrivalRefused(
                f"The server's disk has {_gigabytes(free)} left, and reading this file takes about "
                f"{_gigabytes(_TIMES_ON_DISK * size + SPARE_DISK)}. Make room on it, or drop a smaller file."
            )
        if self.desk(token).exists():
            raise ArrivalRefused("A file is on its way here already. Wait for it, or load the page again.")

    @contextmanager
    def writing(self, token: str) -> Iterator[IO[bytes]]:
        """A file to write to; the desk is cleared unless all goes well."""
        desk = self.desk(token)
        try:
            desk.mkdir()
        except FileExistsError as error:
            raise ArrivalRefused("A file is on its way here already. Wait for it, or load the page again.") from error
        try:
            with (desk / "part").open("xb") as out:
                yield out
            (desk / "part").replace(self.file(token))
        except BaseException:
            self.discard(token)
            raise

    def file(self, token: str) -> Path:
        """Where the file lies once all of it is here."""
        return self.desk(token) / "given"

    def desk(self, token: str) -> Path:
        """The folder of this file and of what is made of it.

        Raises ArrivalRefused for anything but a name that `new_token` could have made.
        """
        if not _TOKEN.fullmatch(token):
            raise ArrivalRefused("There is no such file. Load the page again, then drop the file.")
        return self._folder / token

    def discard(self, token: str) -> None:
        """Remove the file and everything that was made of it."""
        shutil.rmtree(self.desk(token), ignore_errors=True)

    def _signature(self, said: str) -> str:
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()


def _lives(name: str) -> bool:
    pid, _, started = name.partition("-")
    try:
        return lives(f"{int(pid)}:{float(started)}")
    except ValueError:
        return False


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"
