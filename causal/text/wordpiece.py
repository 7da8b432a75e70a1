"""How BERT cuts a text into pieces of its vocabulary.

Devlin, Chang, Lee and Toutanova (2019), BERT, NAACL, with the uncased vocabulary of all-MiniLM-L6-v2 (Apache License
2.0), which lies beside this module: small letters without accents, words and signs apart, each Chinese character by
itself, then the longest known piece from the left, again and again (Wu et al. 2016, arXiv:1609.08144, section 4.1).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

VOCABULARY = Path(__file__).parent / "minilm_vocabulary.txt"
LONGEST_WORD = 100
"""Characters of a word beyond which it is unknown."""


@cache
def vocabulary() -> dict[str, int]:
    """The number of each piece."""
    lines = VOCABULARY.read_text(encoding="utf-8").splitlines()
    return {piece: number for number, piece in enumerate(lines)}


def pieces_of(text: str, most: int = 256) -> list[int]:
    """The numbers of a text's pieces, at most `most` with the marks of its beginning and its end."""
    known = vocabulary()
    found: list[int] = []
    for word in _words(text):
        found += _pieces(word, known)
        if len(found) >= most - 2:
            break
    return [known["[CLS]"], *found[: most - 2], known["[SEP]"]]


def _pieces(word: str, known: dict[str, int]) -> list[int]:
    if len(word) > LONGEST_WORD:
        return [known["[UNK]"]]
    found, start = [], 0
    while start < len(word):
        end = len(word)
        while end > start and (number := known.get(("##" if start else "") + word[start:end])) is None:
            end -= 1
        if end == start or number is None:
            return [known["[UNK]"]]
        found.append(number)
        start = end
    return found


def _words(text: str) -> list[str]:
    spaced = "".join(_spaced(each) for each in text)
    plain = "".join(each for each in unicodedata.normalize("NFD", spaced.lower()) if unicodedata.category(each) != "Mn")
    return "".join(f" {each} " if _is_sign(each) else each for each in plain).split()


def _spaced(each: str) -> str:
    """A character as it counts: blanks for any kind of blank, nothing for controls, Chinese characters set apart."""
    if each in "\t\n\r" or unicodedata.category(each) == "Zs":
        return " "
    if each in "\0\ufffd" or unicodedata.category(each).startswith("C"):
        return ""
    return f" {each} " if _is_chinese(ord(each)) else each


def _is_sign(each: str) -> bool:
    code = ord(each)
    ascii_sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_sign or unicodedata.category(each).startswith("P")


def _is_chinese(code: int) -> bool:
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )
