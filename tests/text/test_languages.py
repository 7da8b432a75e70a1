"""Languages by their letters and their short words."""

from __future__ import annotations

import pytest

from causal.text.languages import language_of, languages_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The best of the summer, and how to get it", "english"),
        ("Die schönsten Rezepte für den Sommer", "german"),
        ("Les plus belles recettes de l'été pour vous", "french"),
        ("Las mejores recetas para el verano", "spanish"),
        ("这部喜剧电影非常有趣", "chinese"),
        ("iPhone 15 手机壳 透明", "chinese"),
        ("夏のレシピ集", "japanese"),
        ("여름 요리법", "korean"),
        ("Лучшие рецепты лета", "russian"),
        ("Найкращі рецепти літа", "ukrainian"),
        ("أفضل وصفات الصيف", "arabic"),
        ("สูตรอาหารฤดูร้อน", "thai"),
        ("Những công thức hay nhất cho mùa hè", "vietnamese"),
        ("Terminator", "unknown"),
        ("12345", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_column_names_its_languages_with_their_shares() -> None:
    found = languages_of(["The film of the year"] * 3 + ["年度电影"] + ["", "123"])
    assert found.shares == (("english", 0.75), ("chinese", 0.25))
    assert found.main == "english" and found.seen == 4


def test_a_column_without_words_has_no_language() -> None:
    assert languages_of(["", "1"]).main == "unknown"
