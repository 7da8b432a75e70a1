"""Pieces as the reference implementation cuts them (made by wordpiece_reference.py)."""

from __future__ import annotations

import pytest

from causal.text.wordpiece import pieces_of

TEXTS = (
    "Terminator 2: Judgment Day (1991)",
    "Amélie — l'été, don't stop!",
    "这部喜剧电影非常有趣 ok",
    "naïve Ünïcode\tx\u200by 12,5% @home",
    "😀 smile",
    "İstanbul ẞ",
    "a" * 101,
    "",
)
PIECES: tuple[list[int], ...] = (
    [101, 2744, 23207, 1016, 1024, 8689, 2154, 1006, 2889, 1007, 102],
    [101, 25285, 1517, 1048, 1005, 3802, 2063, 1010, 2123, 1005, 1056, 2644, 999, 102],
    [101, 100, 1960, 100, 100, 100, 100, 100, 100, 1873, 100, 7929, 102],
    [101, 15743, 27260, 1060, 2100, 2260, 1010, 1019, 1003, 1030, 2188, 102],
    [101, 100, 2868, 102],
    [101, 9960, 1096, 102],
    [101, 100, 102],
    [101, 102],
)


@pytest.mark.parametrize(("text", "pieces"), list(zip(TEXTS, PIECES, strict=True)))
def test_a_text_is_cut_as_by_the_reference(text: str, pieces: list[int]) -> None:
    assert pieces_of(text) == pieces


def test_a_long_text_is_cut_off_with_its_end_marked() -> None:
    assert len(pieces_of("word " * 1000)) == 256
    assert pieces_of("word " * 1000)[-1] == pieces_of("")[-1]
