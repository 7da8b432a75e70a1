"""The script that bytes are written in, and so their encoding: the right decoding gives common signs, others rare ones.

The standards put common signs first: level 1 of GB 2312, of JIS X 0208 and of Big5, the syllables of KS X 1001.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

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
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
}
"""The encodings that a person can choose, with what they are called."""

_SURE = 0.7
_ENOUGH = 64 * 1024
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SYLLABLES = frozenset("이다는에의가을로하고지한도사시기스리인아서자")
_CYRILLIC, _GREEK = frozenset("оеаинтсрвлк"), frozenset("αοιεστνηρυκάέήίόύώς")


@dataclass(frozen=True)
class _Pairs:
    """An encoding in which two bytes are one sign: which signs are common, and what a text must show besides."""

    encoding: str
    common: Callable[[str, bytes], bool]
    shows: Callable[[str], bool] = lambda _: True


def legacy_encoding(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8; Windows-1252 where nothing speaks for another."""
    sample = sample[:_ENOUGH]
    scores = [(_familiar(sample, pairs), pairs.encoding) for pairs in _PAIRED]
    best, encoding = max(scores, key=lambda found: found[0])
    if best > _SURE:
        return encoding
    alphabets = {name: _share_of(sample, name, letters) for name, letters in _ALPHABETS}
    letters = max(alphabets, key=lambda encoding: alphabets[encoding])
    return letters if alphabets[letters] > 0.45 else "cp1252"


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


def _share_of(sample: bytes, encoding: str, letters: frozenset[str]) -> float:
    text = sample.decode(encoding, "replace").lower()
    beyond = [sign for sign in text if not sign.isascii()]
    return 0.0 if _inside_words(text) > 0.3 * len(beyond) else sum(sign in letters for sign in beyond) / len(beyond)


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
    _Pairs("cp932", _japanese_or_narrow),
)
_ALPHABETS = (("cp1251", _CYRILLIC), ("koi8_r", _CYRILLIC), ("cp1253", _GREEK))
