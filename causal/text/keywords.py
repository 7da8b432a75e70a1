"""The words of a text, and the words that tell a group of texts from all others.

Class-based TF-IDF: Grootendorst (2022), BERTopic, arXiv:2203.05794, equation 1: the frequency of a word in the group
times log(1 + A / its frequency in all groups), A the mean number of words per group. Where words have no blanks between
them (Chinese, Japanese, Thai), words are what stands beside different neighbours on both sides (accessor variety: Feng,
Chen, Deng and Zheng 2004, Computational Linguistics 30: 75-93), the longest first; in a stretch without any, pairs of
characters stand for them. The particle 的 ends a word as a blank does.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from causal.text.languages import WORDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 8
LONGEST_WORD = 8
MOST_WORDS = 128
RAREST = 0.005
"""A share of the texts that a word is in at least, and is lacking in at least, to tell texts apart."""

LEARNT_FROM = 5_000
"""So many texts tell which words without blanks there are."""

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+|[^\W\d_](?:[^\W_]|['’](?=\w))*")
_WITHOUT_BLANKS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]")
_FURTHER = (
    *("about", "after", "all", "am", "back", "be", "been", "before", "but", "can", "did", "do", "does", "get", "had"),
    *("has", "have", "he", "her", "him", "his", "if", "into", "its", "just", "more", "no", "not", "off", "or", "our"),
    *("out", "over", "she", "so", "some", "than", "their", "them", "then", "there", "they", "up", "us", "very", "was"),
    *("were", "when", "where", "which", "will", "would"),
)
_STOP = frozenset(_FURTHER).union(*WORDS.values())
_EMPTY = frozenset("的了是在和与及之这那我你他她们也都很就不一个")
"""Characters that stand in any Chinese text: a pair with one of them names nothing."""


def words_of(text: str, known: frozenset[str] = frozenset()) -> list[str]:
    """The words of a text in small letters, without those that every text has; `known` as `unspaced_words` gives."""
    found: list[str] = []
    stretches = _TOKEN.findall(text.replace("的", " "))
    for each in stretches:
        if _WITHOUT_BLANKS.match(each):
            found += _cut(each, known) if len(each) > 1 or len(stretches) == 1 else []
        else:
            word = each.casefold().replace("’", "'")
            if len(word) > 1 and word not in _STOP:
                found.append(word)
    return found


def unspaced_words(texts: Sequence[str]) -> frozenset[str]:
    """The words without blanks between them: 2 to 8 characters that stand between different neighbours."""
    beside: dict[str, tuple[set[str], set[str]]] = {}
    for at, text in enumerate(texts):
        for run in _TOKEN.findall(text.replace("的", " ")):
            if not _WITHOUT_BLANKS.match(run):
                continue
            padded = f"\0{at}", *run, f"\1{at}"  # the ends of a stretch are neighbours like no other
            for start in range(len(run)):
                for end in range(start + 2, min(start + LONGEST_WORD, len(run)) + 1):
                    left, right = beside.setdefault(run[start:end], (set(), set()))
                    left.add(padded[start])
                    right.add(padded[end + 1])
    return frozenset(word for word, (left, right) in beside.items() if len(left) > 1 and len(right) > 1)


def _cut(run: str, known: frozenset[str]) -> list[str]:
    """The known words of a stretch, the longest from the left, or its pairs of characters where there is none."""
    found, start = [], 0
    while start < len(run):
        longest = range(min(start + LONGEST_WORD, len(run)), start + 1, -1)
        end = next((end for end in longest if run[start:end] in known), start + 1)
        if end > start + 1 and not set(run[start:end]) <= _EMPTY:
            found.append(run[start:end])
        start = end
    if found:
        return found
    pairs = [run[at : at + 2] for at in range(len(run) - 1)] or [run]
    return [pair for pair in pairs if not _EMPTY & set(pair)]


def frequent_words(texts: Sequence[str], weights: Sequence[float]) -> NDArray[np.float32]:
    """(n, w) which of the 128 most frequent words each text holds, but those that nearly none or nearly all do."""
    import numpy as np

    known = _known_in(texts)
    words = [set(words_of(each, known)) for each in texts]
    counts: Counter[str] = Counter()
    for own, weight in zip(words, weights, strict=True):
        for word in own:
            counts[word] += weight  # type: ignore[assignment]
    total, ranked = sum(weights), sorted(counts, key=lambda word: (-counts[word], word))
    kept = [word for word in ranked if RAREST <= counts[word] / total <= 1 - RAREST][:MOST_WORDS]
    places = {word: place for place, word in enumerate(kept)}
    held = np.zeros((len(texts), len(kept)), dtype=np.float32)
    for row, own in enumerate(words):
        for word in own & places.keys():
            held[row, places[word]] = 1.0
    return held


def _known_in(texts: Sequence[str]) -> frozenset[str]:
    return unspaced_words(texts[:: max(1, len(texts) // LEARNT_FROM)])


def telling_words(
    texts: Sequence[str], groups: Sequence[int], weights: Sequence[float], number: int, most: int = MOST
) -> list[tuple[str, ...]]:
    """For each of `number` groups its most telling words, the first the most; ties in the order of the alphabet.

    `groups` says of each text which it is in, `weights` how often it occurs. A word must be in two texts of its group,
    where the group has words that are.
    """
    counts: list[Counter[str]] = [Counter() for _ in range(number)]
    texts_with: list[Counter[str]] = [Counter() for _ in range(number)]
    known = _known_in(texts)
    for text, group, weight in zip(texts, groups, weights, strict=True):
        words = words_of(text, known)
        for word in words:
            counts[group][word] += weight  # type: ignore[assignment]
        texts_with[group].update(set(words))
    everywhere: Counter[str] = Counter()
    for each in counts:
        everywhere.update(each)
    mean = sum(everywhere.values()) / max(number, 1)
    return [
        _best(count, several, {word: math.log1p(mean / everywhere[word]) for word in count}, most)
        for count, several in zip(counts, texts_with, strict=True)
    ]


def _best(counts: Counter[str], texts: Counter[str], rarity: dict[str, float], most: int) -> tuple[str, ...]:
    repeated = [word for word in counts if texts[word] > 1] or list(counts)
    ranked = sorted(repeated, key=lambda word: (-counts[word] * rarity[word], word))
    return tuple(_without_overlaps(ranked, most))


def _without_overlaps(ranked: Sequence[str], most: int) -> list[str]:
    """The first words, of pairs of characters that overlap ("喜剧", "剧电") the more telling one only."""
    kept: list[str] = []
    for word in ranked:
        pair = _WITHOUT_BLANKS.match(word) and len(word) == 2
        if pair and any(
            _WITHOUT_BLANKS.match(each) and (each[1:] == word[:1] or each[:1] == word[1:]) for each in kept
        ):
            continue
        kept.append(word)
        if len(kept) == most:
            break
    return kept
