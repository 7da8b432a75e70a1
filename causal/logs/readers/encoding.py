"""Text in any common encoding, rewritten as UTF-8 with plain line ends, as a stream."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from causal.errors import UnclearEncoding, UnreadableLog
from causal.logs.log import Problem, counted
from causal.logs.readers.one_byte import words_beyond
from causal.logs.readers.script import ENCODINGS, legacy_readings, previews, unmarked_wide
from causal.progress import Progress, silent

MAX_LINE = 16 * 1024**2
_CHUNK = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FEWEST_ODD = 3
_CLEAR, _WORTH_A_WORD = 2.3, 7.0
"""Another encoding that is a tenth as likely is asked about, one that is a thousandth as likely is named."""

_PATTERN = re.compile(r"[*?\[\]{}]")
"""A path with one of these means several files to the engine, so such a file is always rewritten under another name."""

Glance = Callable[[str], None]
"""Called with the first text of a file before the rest is read; raises UnreadableLog to refuse it early."""


@dataclass(frozen=True)
class PlainText:
    """A UTF-8 file whose `lines` end in a line feed; `encoding` is what the bytes were."""

    path: Path
    encoding: str
    lines: int
    notes: tuple[Problem, ...] = ()


@dataclass
class _Seen:
    """What passed by while a file was rewritten."""

    lines: int = 0
    open_line: int = 0
    nulls: int = 0
    marks: int = 0

    @property
    def notes(self) -> tuple[Problem, ...]:
        return (*((_null_note(self.nulls),) if self.nulls else ()), *((_mark_note(self.marks),) if self.marks else ()))


def as_utf8(
    source: Path,
    target: Path,
    encoding: str | None = None,
    longest: int | None = MAX_LINE,
    glance: Glance | None = None,
    progress: Progress = silent,
) -> PlainText:
    """`source` as UTF-8: itself where it is that already, else rewritten in `target`.

    The encoding is found from the bytes unless given. Raises UnreadableLog: binary content, a line beyond `longest`
    characters (None: no bound), bytes that the given encoding does not have (with their line).
    """
    with source.open("rb") as stream:
        head = stream.read(_CHUNK)
    chosen = _known(encoding) or _marked(head) or unmarked_wide(head) or "utf-8"
    if not chosen.startswith(("utf-16", "utf-32")):
        _refuse_binary(head)
    pen = _Pen(source, target, longest, glance, progress)
    if chosen == "utf-8" and not _PATTERN.search(str(source)) and (lines := pen.plain_lines()) is not None:
        return PlainText(source, chosen, lines)
    try:
        return pen.rewritten(chosen, "strict")
    except UnicodeDecodeError as error:
        if encoding is not None or chosen.startswith(("utf-16", "utf-32")):
            raise UnreadableLog(
                f"The file is not valid {chosen}: in line {pen.line_of(error):,} the byte "
                f"0x{error.object[error.start]:02x} does not belong there. Choose another encoding, or save the file "
                "as UTF-8; if it was cut off, export it again."
            ) from error
    return _without_utf8(pen)


def _without_utf8(pen: _Pen) -> PlainText:
    sample = _sample(pen.source)
    if _mostly_utf8(sample):
        made = pen.rewritten("utf-8", "replace")
        return PlainText(made.path, "utf-8", made.lines, (*made.notes, _damaged_note(made.path)))
    readings = legacy_readings(sample)
    chosen = readings[0].encoding
    rivals = [each.encoding for each in readings[1:] if each.weight > readings[0].weight - _WORTH_A_WORD]
    unclear = len(readings) > 1 and readings[1].weight > readings[0].weight - _CLEAR
    if unclear or not readings[0].fits:
        raise _question(sample, [each.encoding for each in readings[:2]] if unclear else [])
    notes: tuple[Problem, ...] = (_legacy_note(chosen, rivals, sample),)
    try:
        made = pen.rewritten(chosen, "strict")
    except UnicodeDecodeError:
        made = pen.rewritten(chosen, "replace")
        notes = (*notes, _damaged_note(made.path))
    return PlainText(made.path, chosen, made.lines, (*made.notes, *notes))


def _known(encoding: str | None) -> str | None:
    try:
        return None if encoding is None else codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableLog(
            f'There is no encoding "{encoding}". Common ones are utf-8, utf-16, gb18030, cp932, latin-1 and cp1252.'
        ) from error


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _refuse_binary(head: bytes) -> None:
    odd = len(re.findall(rb"[\x00\x02-\x08\x0e-\x1a\x1c-\x1f]", head))
    if odd > max(0.005 * len(head), _FEWEST_ODD):
        raise UnreadableLog(
            "The file is binary data, not a table that we know. Upload CSV, Parquet, JSON lines, Excel or Feather."
        )


class _Pen:
    """Rewrites one file; what it has seen so far says in which line an error is."""

    def __init__(
        self, source: Path, target: Path, longest: int | None, glance: Glance | None, progress: Progress
    ) -> None:
        self.source = source
        self._size = max(source.stat().st_size, 1)
        self._progress = progress
        self._target = target
        self._longest = longest
        self._glance = glance
        self._seen = _Seen()

    def plain_lines(self) -> int | None:
        """The number of lines, where the file is UTF-8 with plain line ends already; else None."""
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._seen = seen = _Seen()
        with self.source.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                if b"\r" in chunk or b"\x00" in chunk or codecs.BOM_UTF8 in chunk:
                    return None
                self._progress(stream.tell() / self._size, "reading the text")
                try:
                    self._pass(decoder.decode(chunk))
                except UnicodeDecodeError:
                    return None
        return None if decoder.getstate()[0] else seen.lines

    def rewritten(self, encoding: str, errors: str) -> PlainText:
        """The file in plain UTF-8.

        Raises UnicodeDecodeError where `errors` is "strict".
        """
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._seen = seen = _Seen()
        held = ""
        with self.source.open("rb") as stream, self._target.open("w", encoding="utf-8", newline="") as out:
            while True:
                chunk = stream.read(_CHUNK)
                text = held + decoder.decode(chunk, final=not chunk)
                self._progress(stream.tell() / self._size, "reading the text")
                held = "\r" if chunk and text.endswith("\r") else ""
                text = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
                seen.nulls += text.count("\x00")
                seen.marks += text.count("\ufeff", 1 if not seen.lines and not seen.open_line else 0)
                self._pass(text)
                out.write(text.replace("\x00", "").replace("\ufeff", ""))
                if not chunk:
                    break
        return PlainText(self._target, encoding, seen.lines, seen.notes)

    def line_of(self, error: UnicodeDecodeError) -> int:
        """The line, from 1, in which decoding failed."""
        return self._seen.lines + error.object[: error.start].count(b"\n") + 1

    def _pass(self, text: str) -> None:
        if text and self._glance is not None and not self._seen.lines and not self._seen.open_line:
            self._glance(text)
        self._seen.lines += text.count("\n")
        end = text.rfind("\n")
        self._seen.open_line = len(text) - end - 1 if end >= 0 else self._seen.open_line + len(text)
        if self._longest is not None and self._seen.open_line > self._longest:
            raise UnreadableLog(
                f"Line {self._seen.lines + 1:,} is longer than {self._longest // 1024**2} MB, so this is hardly a "
                "table with one row per line. Check the export's line ends."
            )


def _sample(source: Path) -> bytes:
    """The first lines that hold bytes beyond ASCII, up to a megabyte of them."""
    found: list[bytes] = []
    size = 0
    with source.open("rb") as stream:
        while line := stream.readline(_CHUNK):
            if not line.isascii():
                found.append(line)
                size += len(line)
            if size > _CHUNK:
                break
    return b"".join(found)


def _mostly_utf8(sample: bytes) -> bool:
    good = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", sample))
    left = re.sub(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", b"", sample)
    bad = len(re.findall(rb"[\x80-\xff]", left))
    return good > 10 * bad


def _question(sample: bytes, likely: Sequence[str]) -> UnclearEncoding:
    words = words_beyond(sample)
    told = ", as ".join(f"{ENCODINGS[name]} “{text}”" for name, text in _told(words, likely).items())
    read = f"read as {told}" if told else "make words of no language in the encodings that can be told"
    return UnclearEncoding(
        f"The file is not UTF-8, and its encoding cannot be told: its letters beyond ASCII {read}. Choose the "
        "encoding, then read the file again; or save it as UTF-8.",
        words,
        likely,
    )


def _told(words: Sequence[bytes], encodings: Sequence[str]) -> dict[str, str]:
    known = previews(words)
    return {name: known[name] for name in encodings if name in known}


def _legacy_note(encoding: str, rivals: Sequence[str], sample: bytes) -> Problem:
    told = "".join(
        f" As {ENCODINGS[name]} it would say “{text}”." for name, text in _told(words_beyond(sample), rivals).items()
    )
    own = _told(words_beyond(sample), [encoding]).get(encoding, "")
    said = f", which gives “{own}”.{told}" if told else "."
    return Problem(
        "encoding",
        "attention" if told else "note",
        None,
        0,
        f"The file is not UTF-8; it was read as {ENCODINGS[encoding]}{said}",
        "Look at words with accents or signs in the preview; if they look wrong, choose another encoding when opening "
        "the file, or save it as UTF-8.",
    )


def _damaged_note(target: Path) -> Problem:
    lines, first = 0, 0
    with target.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            if "\ufffd" in line:
                lines += 1
                first = first or number
    return Problem(
        "damaged text",
        "attention",
        None,
        lines,
        f"Bytes that are not valid UTF-8 in {counted(lines, 'line')} (first: line {first:,}); they show as \ufffd.",
        "If such a column matters, export the log again as UTF-8.",
    )


def _null_note(count: int) -> Problem:
    return Problem(
        "null bytes",
        "attention",
        None,
        0,
        f"The file holds {counted(count, 'zero byte')} inside its text; left out.",
        "Check the export: it may have been cut and padded.",
    )


def _mark_note(count: int) -> Problem:
    return Problem(
        "byte order marks",
        "note",
        None,
        0,
        f"The file holds {counted(count, 'byte order mark')} inside its text, as files that were joined do; left out.",
        "Nothing to do, if you joined them.",
    )
