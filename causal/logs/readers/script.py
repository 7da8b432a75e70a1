"""The script that bytes are written in, and so their encoding: the right decoding gives common signs, others rare ones.

The standards put common signs first: level 1 of GB 2312, of JIS X 0208 and of Big5, the syllables of KS X 1001.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from causal.logs.readers.one_byte import Reading, one_byte_readings

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (traditional Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "euc_kr": "EUC-KR (Korean)",
    "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO-8859-2 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp874": "Windows-874 (Thai)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp850": "DOS 850 (Western)",
    "mac_roman": "Mac Roman (Western)",
}
"""The encodings that a person can choose, with what they are called."""

_SURE = 0.7
_ENOUGH = 64 * 1024
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SYLLABLES = frozenset("이다는에의가을로하고지한도사시기스리인아서자")


@dataclass(frozen=True)
class _Pairs:
    """An encoding in which two bytes are one sign: which signs are common, and what a text must show besides."""

    encoding: str
    common: Callable[[str, bytes], bool]
    shows: Callable[[str], bool] = lambda _: True


def legacy_readings(sample: bytes) -> tuple[Reading, ...]:
    """The encodings that bytes may be in which are not UTF-8, the likeliest first."""
    sample = sample[:_ENOUGH]
    scores: dict[str, float] = {}
    for pairs in _PAIRED:
        scores[pairs.encoding] = max(scores.get(pairs.encoding, 0.0), _familiar(sample, pairs))
    if max(scores.values()) > _SURE:
        return _ranked({name: score for name, score in scores.items() if score > _SURE})
    return one_byte_readings(sample)


def previews(words: Sequence[bytes]) -> dict[str, str]:
    """What words read like in each encoding that can be chosen and has all of them."""
    found = {}
    for encoding in ENCODINGS:
        with contextlib.suppress(UnicodeDecodeError):
            found[encoding] = " · ".join(word.decode(encoding) for word in words)
    return {name: text for name, text in found.items() if text.isprintable()}


def _ranked(scores: Mapping[str, float]) -> tuple[Reading, ...]:
    """Encodings by how familiar the text is in them; the first of equals is the one whose own signs are there."""
    best = max(scores, key=lambda name: scores[name])
    others = sorted((name for name in scores if name != best), key=lambda name: -scores[name])
    return (Reading(best, 0.0), *(Reading(name, -3 - 40 * (scores[best] - scores[name])) for name in others))


def unmarked_wide(head: bytes) -> str | None:
    """The encoding of text with two or four bytes per sign and no byte order mark: only the right one has line ends."""
    if b"\x00" not in head:
        return None
    return next((name for name in _WIDE if _reads_as(head, name)), None)


def _reads_as(head: bytes, encoding: str) -> bool:
    size = int(encoding[4:6]) // 8
    try:
        text = head[: len(head) // size * size].decode(encoding, "replace" if len(head) > 1000 else "strict")
    except UnicodeDecodeError:
        return False
    controls = sum((sign < " " and sign not in "\t\r\n") or sign == "\ufffd" for sign in text)
    return "\n" in text and "\u0a00" not in text and controls <= 0.005 * len(text)


def _familiar(sample: bytes, pairs: _Pairs) -> float:
    """The share of common signs among those beyond ASCII; 0 where the bytes are no such text."""
    try:
        text = sample.decode(pairs.encoding)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return 0.0
        text = sample[: error.start].decode(pairs.encoding)
    beyond = Counter(sign for sign in text if not sign.isascii())
    total = beyond.total()
    if not total or _inside_words(text) > 0.3 * total or not pairs.shows(text):
        return 0.0
    known = sum(n for sign, n in beyond.items() if pairs.common(sign, sign.encode(pairs.encoding)))
    return known / total


def _inside_words(text: str) -> int:
    """How many signs beyond ASCII follow an ASCII letter, as accents and apostrophes of Western words do."""
    return sum(a.isascii() and a.isalpha() and not b.isascii() for a, b in pairwise(text))


def _leads(low: int, high: int, trail: int = 0x40) -> Callable[[str, bytes], bool]:
    """Common signs have a first byte from `low` to `high`; rows A1 to A3 hold punctuation and wide digits."""

    def common(_: str, raw: bytes) -> bool:
        return len(raw) == 2 and raw[1] >= trail and (low <= raw[0] <= high or 0xA1 <= raw[0] <= 0xA3)

    return common


def _japanese(sign: str, raw: bytes) -> bool:
    return "\u3000" <= sign <= "\u30ff" or "\uff01" <= sign <= "\uff60" or (len(raw) == 2 and 0x88 <= raw[0] <= 0x97)


def _japanese_in_unix(sign: str, raw: bytes) -> bool:
    return "\u3000" <= sign <= "\u30ff" or (len(raw) == 2 and 0xB0 <= raw[0] <= 0xCF)


def _japanese_or_narrow(sign: str, raw: bytes) -> bool:
    return "\uff61" <= sign <= "\uff9f" or _japanese(sign, raw)


def _has(low: str, high: str, share: float) -> Callable[[str], bool]:
    def shows(text: str) -> bool:
        beyond = [sign for sign in text if not sign.isascii()]
        return sum(low <= sign <= high for sign in beyond) > share * len(beyond)

    return shows


def _korean(text: str) -> bool:
    beyond = [sign for sign in text if not sign.isascii()]
    return sum(sign in _SYLLABLES for sign in beyond) > 0.12 * len(beyond)


def _narrow(text: str) -> bool:
    """Narrow kana, and not the letters of another script: these have no signs where the first third of the kana is."""
    beyond = [sign for sign in text if not sign.isascii()]
    kana = [sign for sign in beyond if "\uff66" <= sign <= "\uff9f"]
    return len(kana) > 0.75 * len(beyond) and sum(sign <= "\uff7f" for sign in kana) > 0.15 * len(kana)


_PAIRED = (
    _Pairs("cp932", _japanese),
    _Pairs(
        "euc_jp",
        lambda sign, raw: "\u3000" <= sign <= "\u30ff" or _leads(0xB0, 0xCF, 0xA1)(sign, raw),
        _has("\u3041", "\u30fe", 0.1),
    ),
    _Pairs("euc_kr", _leads(0xB0, 0xC8, 0xA1), _korean),
    _Pairs("gb18030", _leads(0xB0, 0xD7, 0xA1)),
    _Pairs("big5", _leads(0xA4, 0xC6)),
    _Pairs("cp932", _japanese_or_narrow, _narrow),
)
