"""Which encoding with one byte per sign a text is in: the right one gives the letters of a language.

Each pair of an encoding and a language that is written in it is weighed by the frequencies of the language's letters
beyond ASCII (naive Bayes over distinct words). Frequencies in per mille of all letters, rounded, as in the tables that
Wikipedia's "Letter frequency" collects; of Slovak, Croatian and Romanian counted by hand in a page of news.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass


def _frequencies(written: str) -> Mapping[str, float]:
    return {each[0]: float(each[1:]) for each in written.split()}


_WESTERN: tuple[Mapping[str, float], ...] = (
    {
        "é": 15,
        "à": 4.9,
        "è": 2.7,
        "ê": 2.2,
        "ç": 0.9,
        "ù": 0.6,
        "â": 0.5,
        "î": 0.5,
        "ô": 0.2,
        "û": 0.6,
        "œ": 0.2,
        "ë": 0.1,
        "ï": 0.1,
    },
    {"ü": 10, "ä": 5.8, "ö": 4.4, "ß": 3.1},
    {"ó": 8.3, "í": 7.3, "á": 5, "é": 4.3, "ñ": 3.1, "ú": 1.7, "ü": 0.1, "ª": 0.1, "º": 0.1},
    {
        "ã": 7.3,
        "ô": 1,
        "ç": 5.3,
        "é": 3.4,
        "ê": 4.5,
        "ó": 3,
        "á": 3,
        "í": 1.3,
        "ú": 2.1,
        "õ": 1.5,
        "à": 0.7,
        "â": 1.5,
        "ª": 0.1,
        "º": 0.1,
    },
    {"à": 6.4, "è": 2.6, "ù": 1.7, "ò": 1.5, "ì": 0.6, "é": 0.5},
    {"ä": 18, "å": 13, "ö": 13, "é": 0.5},
    {"å": 12, "ø": 9, "æ": 8.7, "é": 0.3},
    {"ä": 36, "ö": 4.4},
    {"ð": 44, "á": 18, "í": 16, "þ": 15, "ó": 10, "æ": 8.7, "ö": 7.8, "é": 6.5, "ú": 6.1, "ý": 2.3},
)
_CENTRAL: tuple[Mapping[str, float], ...] = (
    {"ł": 21, "ó": 11, "ę": 10, "ą": 7, "ś": 8.1, "ć": 7.4, "ż": 7.1, "ń": 3.6, "ź": 0.8},
    {
        "í": 16,
        "ě": 12,
        "ý": 10,
        "á": 8.7,
        "ž": 7.2,
        "š": 6.9,
        "é": 6.3,
        "č": 4.6,
        "ř": 3.8,
        "ů": 2,
        "ú": 0.5,
        "ó": 0.2,
        "ď": 0.2,
        "ň": 0.1,
        "ť": 0.1,
    },
    {"á": 34, "é": 35, "ö": 10, "ó": 10, "ő": 9, "í": 6, "ü": 6, "ú": 3, "ű": 2},
    {
        "á": 16,
        "í": 10,
        "č": 10,
        "ž": 10,
        "ú": 9,
        "ý": 9,
        "š": 9,
        "é": 7,
        "ť": 5,
        "ľ": 4,
        "ô": 2,
        "ď": 2,
        "ň": 1.5,
        "ä": 1,
        "ó": 1,
        "ĺ": 0.1,
        "ŕ": 0.1,
    },
    {"č": 10, "š": 10, "ć": 6, "ž": 5, "đ": 2},
    {"ă": 24, "î": 14, "ş": 12, "ţ": 12, "â": 5},
)
_TURKISH: tuple[Mapping[str, float], ...] = (
    {"ı": 51, "i\u0307": 2, "ü": 18.5, "ş": 17.8, "ç": 11.6, "ğ": 11.3, "ö": 7.8, "â": 0.2},
)


_CYRILLIC: tuple[Mapping[str, float], ...] = (
    _frequencies(
        "о110 е85 а80 и74 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 й12 х10 ж9 "
        "ш7 ю6 ц5 щ4 э3 ф3 ъ0.4 ё0.4"
    ),
    _frequencies(
        "о94 а83 н65 и61 і57 в54 т53 е48 р47 с41 л36 к35 у33 м31 д30 п29 я25 з23 ь18 б17 г16 ч12 й12 х12 ж9 "
        "ю9 ш8 ц8 є6 ї6 щ5 ф3 ґ0.1"
    ),
    _frequencies(
        "а120 и93 о90 е87 т79 н70 р50 с52 в44 л34 д33 к33 п28 м23 ъ17 з20 я16 г14 б13 ч15 у15 ц7 ж7 щ6 й7 ш3 "
        "х5 ю2 ф2 ь0.2"
    ),
)
_GREEK: tuple[Mapping[str, float], ...] = (
    _frequencies(
        "α100 ο80 τ75 ν75 ι70 ε70 σ48 ς42 ρ41 κ41 π41 η40 μ34 υ33 λ28 ί30 ό25 έ20 ά25 ή20 ω15 δ17 γ16 θ12 χ12 "
        "ύ12 ώ10 φ8 β6 ξ4 ζ4 ψ2"
    ),
)


def _pooled(languages: tuple[Mapping[str, float], ...]) -> Mapping[str, float]:
    """A log in which several languages meet, each as likely as the others."""
    found: dict[str, float] = {}
    for each in languages:
        for letter, frequency in each.items():
            found[letter] = found.get(letter, 0.0) + frequency / sum(each.values())
    return found


@dataclass(frozen=True)
class Reading:
    """An encoding that text can be read in, and how likely, as a logarithm.

    `fits`: whether the text is one at all, in a language that is written in this encoding.
    """

    encoding: str
    weight: float
    fits: bool = True


_FAMILIES = (
    ("cp1252", (*_WESTERN, _pooled(_WESTERN)), 1.0),
    ("cp1250", (*_CENTRAL, _pooled(_CENTRAL)), 0.1),
    ("iso8859_2", (*_CENTRAL, _pooled(_CENTRAL)), 0.05),
    ("cp1254", _TURKISH, 0.1),
    ("cp1251", _CYRILLIC, 0.3),
    ("koi8_r", _CYRILLIC, 0.05),
    ("cp866", _CYRILLIC, 0.02),
    ("cp1253", _GREEK, 0.1),
)
"""Each encoding, its languages, and how likely it is beforehand beside Windows-1252."""

_OWN_LETTERS = ("cp1251", "koi8_r", "cp866", "cp1253")
"""Encodings of scripts whose letters do not stand beside Latin ones in a word."""

_RARE, _ODD = math.log(1e-4), math.log(1e-6)
_SIGN = math.log(0.05)
_INSIDE_WORDS = frozenset("’‘'´`·–—-­ªº")
_SEPARATORS = re.compile(rb"[\x00-\x26\x28-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_MOST_WORDS = 500
_FEW, _LEAST, _LEAST_OF_ALL_LETTERS = 3, -4.4, -3.7
_RUN = re.compile(r"[^\x00-\x7f]{4}")


def one_byte_readings(sample: bytes) -> tuple[Reading, ...]:
    """The encodings of one byte per sign, the likeliest first, without those that give the same text as a likelier."""
    words = words_beyond(sample, _MOST_WORDS)
    texts: dict[str, list[str]] = {}
    found = []
    for encoding, languages, prior in _FAMILIES:
        texts[encoding] = [word.decode(encoding, "replace") for word in words]
        own = encoding in _OWN_LETTERS
        weight, letters = max(_weighed(texts[encoding], each, own) for each in languages)
        least = _LEAST_OF_ALL_LETTERS if own else _LEAST
        fits = (letters < _FEW or weight / letters > least) and (own or not _foreign(texts[encoding]))
        found.append(Reading(encoding, math.log(prior) + weight, fits))
    found.sort(key=lambda each: -each.weight)
    seen: list[list[str]] = []
    kept = []
    for each in found:
        if texts[each.encoding] not in seen:
            seen.append(texts[each.encoding])
            kept.append(each)
    return tuple(kept)


def words_beyond(sample: bytes, most: int = 3) -> list[bytes]:
    """The first distinct words that hold bytes beyond ASCII."""
    return list(dict.fromkeys(each for each in _SEPARATORS.split(sample) if not each.isascii()))[:most]


def _foreign(words: list[str]) -> bool:
    """Whether words consist of letters beyond ASCII, as those of another script do that are read in a wrong way."""
    return sum(_RUN.search(each) is not None for each in words) > 0.3 * len(words)


def _weighed(words: list[str], language: Mapping[str, float], own: bool) -> tuple[float, int]:
    """The logarithm of how likely words are in a language by their letters beyond ASCII, and how many these are.

    `own`: whether its letters stand among themselves.
    """
    whole, weight, letters = sum(language.values()), 0.0, 0
    for word in words:
        for place, sign in enumerate(word):
            if sign.isascii():
                continue
            letters += 1
            before, behind = word[place - 1 : place], word[place + 1 : place + 2]
            if not sign.isalpha():
                inside = before.isalpha() or behind.isalpha()
                odd = not sign.isprintable() or sign == "\ufffd"
                weight += _ODD if odd else _RARE if inside and sign not in _INSIDE_WORDS | _QUOTES else _SIGN
                continue
            if before.isdigit() or behind.isdigit() or (sign.isupper() and not (before + behind).isalpha()):
                weight += _SIGN  # letters stand with letters
            if own and ((before.isascii() and before.isalpha()) or (behind.isascii() and behind.isalpha())):
                weight += _RARE
            share = language.get(sign.lower(), 0.0) / whole
            weight += math.log(share) if share > 1e-4 else _RARE
            if sign.isupper() and before.islower():  # no capital stands behind a small letter
                weight += _RARE
    return weight, letters


_QUOTES = frozenset("“”„«»‹›‚…\u00a0€£°%!?¡¿")
