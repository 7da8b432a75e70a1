"""Names and labels that come from data, made harmless where Markdown or Plotly would read more into them."""

from __future__ import annotations

import re

ELLIPSIS = "…"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|:$<>~^=&@])")
# Addresses, emoji names and arrows are recognised after the backslashes are gone: an invisible joiner keeps them apart.
_JOINED = re.compile(r"(?:https?|ftp|mailto|www)(?=[:.])|(?<=\S)@|:(?=\S)|[-<>~](?=[-=>])", re.IGNORECASE)
_JOINER = "\u2060"
_JOINERS = "\u200c\u200d"  # scripts and emoji are spelled with them
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "%": "&#37;"}


def shorten(text: object, length: int | None = None) -> str:
    """One line of printable text, cut to `length` characters with an ellipsis."""
    line = " ".join("".join(each if each.isprintable() or each in _JOINERS else " " for each in str(text)).split())
    if length is None or len(line) <= length:
        return line
    return line[: max(length - 1, 1)].rstrip() + ELLIPSIS


def markdown(text: object, length: int | None = None) -> str:
    """The text such that Markdown, LaTeX and Streamlit's directives show it as it is."""
    line = _JOINED.sub(lambda found: found[0] + _JOINER, shorten(text, length))
    return _MARKDOWN.sub(r"\\\1", line)


def html(text: object, length: int | None = None) -> str:
    """The text such that Plotly shows it as it is: no tags, links, line breaks, templates or formulas."""
    return "".join(_HTML.get(each, each) for each in shorten(text, length))
