"""Which language a text is in, by its letters and its most frequent short words: enough to tell what an encoder knows.

Letters decide between scripts; among languages in Latin letters, the share of function words (Grefenstette 1995,
Comparing two language identification schemes, JADT) and of letters that only one of them has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN = "unknown"
SEEN = 2_000
"""So many texts are looked at, evenly spread over a column."""

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("japanese", "\u3040-\u30ff\u31f0-\u31ff"),
    ("korean", "\uac00-\ud7af\u1100-\u11ff"),
    ("chinese", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("thai", "\u0e00-\u0e7f"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f"),
    ("hebrew", "\u0590-\u05ff"),
    ("greek", "\u0370-\u03ff"),
    ("hindi", "\u0900-\u097f"),
    ("bengali", "\u0980-\u09ff"),
    ("tamil", "\u0b80-\u0bff"),
    ("telugu", "\u0c00-\u0c7f"),
    ("georgian", "\u10a0-\u10ff"),
    ("armenian", "\u0530-\u058f"),
    ("cyrillic", "\u0400-\u04ff"),
)
_LETTERS = tuple((name, re.compile(f"[{letters}]")) for name, letters in _SCRIPTS)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")

WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "english": "the and of to in is for with on that this a an it are from by you your my we how what who at as i",
        "german": "der die das und ist nicht ein eine mit für auf den dem von zu im wie ich sie auch bei aus wir",
        "french": "le la les et est une des du dans pour que qui sur avec pas ce il elle vous nous au aux sont",
        "spanish": "el la los las y es una de del en para que con por como más pero su al lo se un mi tu",
        "italian": "il lo la gli le e è una di del della per che con non come più sono un nel alla dei ma si",
        "portuguese": "o a os as e é uma de do da em para que com não por mais como seu sua um no na dos das",
        "dutch": "de het een en is van niet met voor op dat die zijn aan ook naar bij uit ik wij hoe maar te",
        "polish": "i w na z do nie się jest to że jak po od za dla przez czy ale co oraz o są",
        "turkish": "ve bir bu için ile de da çok ne gibi daha en olarak var mi mı ama sen ben kadar",
        "swedish": "och är att det en ett som på för med inte av den till jag vi om men hur från",
        "danish": "og er at det en et som på for med ikke af den til jeg vi om men hvordan fra",
        "finnish": "ja on ei se että hän oli mutta kun niin kuin tai myös ovat sen joka mitä minä",
        "czech": "a je se na že v s z do to jak ale pro jako od po co nebo by si",
        "hungarian": "a az és egy hogy nem is ez van mint de meg csak el vagy már még ha",
        "romanian": "și este nu un o de la cu pe pentru care din mai ce sau în sunt ca",
        "vietnamese": "và là của có không một cho với những các trong được này người khi để",
        "indonesian": "dan yang di ini itu dengan untuk tidak dari dalam akan pada juga ke adalah saya",
    }.items()
}
_WORTH = {word: 1 / sum(word in known for known in WORDS.values()) for word in frozenset().union(*WORDS.values())}
"""What a word tells: less where several languages have it."""

_ENOUGH = 0.5
_OWN_LETTERS = {
    "polish": "łążźćńśę",
    "turkish": "ğışİ",
    "german": "ß",
    "spanish": "ñ¿¡",
    "portuguese": "ãõ",
    "czech": "řůě",
    "hungarian": "őű",
    "romanian": "șță",
    "vietnamese": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")


@dataclass(frozen=True)
class LanguageReport:
    """The share of the texts in each language, the most frequent first; `unknown` where a text is too short to tell.

    `seen` is how many texts were looked at, those without any letter left out.
    """

    shares: tuple[tuple[str, float], ...]
    seen: int

    @property
    def main(self) -> str:
        """The most frequent language that was told; "unknown" where none was."""
        return next((each for each, _ in self.shares if each != UNKNOWN), UNKNOWN)


def language_of(text: str) -> str:
    """The language of one text; "unknown" where its words do not tell, or it has no letters."""
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS}
    latin = len(_LATIN.findall(text))
    script = max(counts, key=lambda name: counts[name])
    if 2 * counts[script] < latin or not counts[script]:
        return _of_latin(text) if latin else UNKNOWN
    if script == "chinese" and counts["japanese"]:
        return "japanese"
    if script == "cyrillic":
        return "ukrainian" if _UKRAINIAN.search(text) else "russian"
    return script


def languages_of(texts: Sequence[str]) -> LanguageReport:
    """The languages of a column, by 2,000 of its texts.

    Short titles rarely tell: a language in Latin letters that less than a tenth of those that tell are in, or less
    than a fiftieth of all, is taken for chance.
    """
    step = max(1, len(texts) // SEEN)
    found = [language_of(each) for each in texts[::step] if _WORD.search(each)]
    if not found:
        return LanguageReport((), 0)
    counts = Counter(found)
    told = sum(count for name, count in counts.items() if name != UNKNOWN)
    for name in [each for each in counts if each in WORDS]:
        if counts[name] < max(0.1 * told, 0.02 * len(found)):
            counts[UNKNOWN] += counts.pop(name)
    shares = tuple((name, count / len(found)) for name, count in counts.most_common())
    return LanguageReport(shares, len(found))


def _of_latin(text: str) -> str:
    words = [each.casefold() for each in _WORD.findall(text)]
    points = {name: sum(_WORTH[word] for word in words if word in known) for name, known in WORDS.items()}
    lowered = text.casefold()
    for name, letters in _OWN_LETTERS.items():
        points[name] += 2.0 * sum(lowered.count(each) for each in letters)
    ranked = sorted(points, key=lambda name: -points[name])
    first, second = ranked[:2]
    return first if points[first] >= _ENOUGH and points[first] > points[second] else UNKNOWN
