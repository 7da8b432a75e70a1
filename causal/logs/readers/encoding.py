"""Text in any common encoding, rewritten as UTF-8 with plain line ends, as a stream."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from causal.errors import UnreadableLog
from causal.logs.log import Problem, counted

MAX_LINE = 16 * 1024**2
_CHUNK = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"gb18030": "GB18030 (Chinese)", "cp932": "Shift-JIS (Japanese)", "cp1252": "Windows-1252 (Western)"}


@dataclass(frozen=True)
class PlainText:
    """A UTF-8 file whose lines end in a line feed; `encoding` is what the bytes were."""

    path: Path
    encoding: str
    notes: tuple[Problem, ...] = ()


def as_utf8(source: Path, target: Path, encoding: str | None = None) -> PlainText:
    """`source` rewritten as UTF-8 in `target`; the encoding is found from the bytes unless given.

    Raises UnreadableLog: binary content, a line beyond 16 MB, bytes that the given encoding does not have.
    """
    with source.open("rb") as stream:
        head = stream.read(_CHUNK)
    chosen = encoding or _marked(head) or _unmarked_utf16(head) or "utf-8"
    if not chosen.startswith(("utf-16", "utf-32")):
        _refuse_binary(head)
    try:
        return PlainText(target, chosen, _rewrite(source, target, chosen, "strict"))
    except UnicodeDecodeError as error:
        if encoding is not None or chosen.startswith("utf-16"):
            raise UnreadableLog(
                f"The file is not valid {chosen}: the byte 0x{error.object[error.start]:02x} does not belong there. "
                "Choose another encoding, or save the file as UTF-8."
            ) from error
    return _without_utf8(source, target)


def _without_utf8(source: Path, target: Path) -> PlainText:
    sample = _sample(source)
    if _mostly_utf8(sample):
        notes = _rewrite(source, target, "utf-8", "replace")
        return PlainText(target, "utf-8", (*notes, _damaged_note(target)))
    chosen = _legacy(sample)
    notes = _rewrite(source, target, chosen, "strict" if chosen != "cp1252" else "replace")
    return PlainText(target, chosen, (*notes, _legacy_note(chosen)))


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> str | None:
    sample = head[: len(head) // 2 * 2]
    half = len(sample) // 2
    if half == 0:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_binary(head: bytes) -> None:
    odd = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head))
    if odd > 0.005 * len(head):
        raise UnreadableLog(
            "The file is binary data, not a table that we know. Upload CSV, Parquet, JSON lines, Excel or Feather."
        )


def _rewrite(source: Path, target: Path, encoding: str, errors: str) -> tuple[Problem, ...]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    nulls, held, open_line = 0, "", 0
    with source.open("rb") as stream, target.open("w", encoding="utf-8", newline="") as out:
        while True:
            chunk = stream.read(_CHUNK)
            text = held + decoder.decode(chunk, final=not chunk)
            held = "\r" if chunk and text.endswith("\r") else ""
            text = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n")
            nulls += text.count("\x00")
            open_line = _longest_open_line(text, open_line)
            out.write(text.replace("\x00", ""))
            if not chunk:
                break
    return (_null_note(nulls),) if nulls else ()


def _longest_open_line(text: str, before: int) -> int:
    end = text.rfind("\n")
    open_line = len(text) - end - 1 if end >= 0 else before + len(text)
    if open_line > MAX_LINE:
        raise UnreadableLog(
            f"A line is longer than {MAX_LINE // 1024**2} MB, so this is hardly a table with one row per line. "
            "Check the export's line ends."
        )
    return open_line


def _sample(source: Path) -> bytes:
    """The first lines that hold bytes beyond ASCII, up to a megabyte of them."""
    found: list[bytes] = []
    size = 0
    with source.open("rb") as stream:
        for line in stream:
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


def _legacy(sample: bytes) -> str:
    high = len(re.findall(rb"[\x80-\xff]", sample))
    kana = _share(sample, "cp932", "\u3040", "\u30ff")
    if kana > 0.2:
        return "cp932"
    paired = sum(len(run) for run in re.findall(rb"(?:[\x81-\xfe][\x80-\xfe])+", sample))
    if paired > 0.8 * high and _share(sample, "gb18030", "\u4e00", "\u9fff") > 0.7:
        return "gb18030"
    return "cp1252"


def _share(sample: bytes, encoding: str, low: str, high: str) -> float:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    beyond = [each for each in text if not each.isascii()]
    return sum(low <= each <= high for each in beyond) / max(len(beyond), 1)


def _legacy_note(encoding: str) -> Problem:
    return Problem(
        "encoding",
        "note",
        None,
        0,
        f"The file is not UTF-8; it was read as {_NAMES[encoding]}.",
        "Look at words with accents or signs in the preview; if they look wrong, save the file as UTF-8.",
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
