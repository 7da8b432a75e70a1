import re

import pytest

from causal.wording.escape import html, markdown, shorten

HOSTILE = (
    "![t](http://e.com/t.png)",
    "[a](javascript:alert(1))",
    "<b>x</b>",
    ":smile:",
    ":material/home:",
    ":red[x]",
    "$x^2$",
    "**b** _i_ `c` ~~s~~",
    "# head",
    "|a|b|",
    "&amp;",
    "x -> y",
    "https://e.com",
    "a@b.com",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_mark_of_markdown_is_escaped_and_nothing_lost(name):
    escaped = markdown(name)
    assert not re.search(r"(?<!\\)[`*_{}\[\]()#+\-.!|:$<>~^=&@]", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped).replace("\u2060", "") == name


@pytest.mark.parametrize("name", ["https://e.com", "www.e.com", "a@b.com", ":smile:", "x -> y", "a--b"])
def test_what_is_recognised_after_escaping_is_kept_apart(name):
    plain = re.sub(r"\\(.)", r"\1", markdown(name))
    assert not re.search(r"https?://|www\.|@\w|:\w+:|->|--", plain)


def test_a_label_is_one_printable_line():
    assert shorten("a\n# b\t\x00c\u202e d") == "a # b c d"
    assert shorten("👩\u200d👧") == "👩\u200d👧"


def test_long_labels_end_with_an_ellipsis():
    assert shorten("x" * 300, 10) == "x" * 9 + "…"
    assert markdown("a.b.c.d.e.f", 5) == "a\\.b\\.…"
    assert shorten("short", 10) == "short"


def test_plotly_sees_no_tag_template_or_formula():
    escaped = html('<a href="x">$a$</a><br>%{y} & co')
    assert not re.search(r"[<>$]|%{", escaped)
    assert escaped.startswith("&lt;a href")
    assert "&amp; co" in escaped


def test_numbers_and_missing_labels_become_text():
    assert markdown(1.5) == "1\\.5"
    assert html(None) == "None"
