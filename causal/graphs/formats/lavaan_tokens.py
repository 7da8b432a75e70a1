"""The statements of lavaan's model syntax, as tokens with their places; read by the graph and by the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from causal.graphs.formats.draft import check_nesting, check_tokens, syntax_error

_TOKEN = re.compile(
    r"""
    (?P<space>    [^\S\n]+ | \ufeff | [\#!][^\n]* )
  | (?P<end>      [\n;] )
  | (?P<operator> =~ | ~\*~ | ~~ | <~ | := | == | [~|<>] )
  | (?P<number>   (?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]) )
  | (?P<name>     (?:[^\W\d]|\.)[\w.]* | `(?:[^`\\\n]|\\.)*` )
  | (?P<string>   "[^"\n]*" | '[^'\n]*' )
  | (?P<mark>     [-+*?:(),/^] )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")


class Token(NamedTuple):
    """One word, number or sign; `offset` is its place in the text."""

    kind: str
    text: str
    offset: int


def statements(text: str) -> Iterator[list[Token]]:
    """The tokens of each statement; a line goes on where it ends, or the next one starts, with an operator or sign."""
    held: list[Token] = []
    broken = False
    for token in _tokens(text):
        if token.kind == "end":
            broken = bool(held)
            if token.text == ";" and held:
                yield held
                held, broken = [], False
        else:
            if broken and not _goes_on(held[-1], token):
                yield held
                held = []
            broken = False
            held.append(token)
    if held:
        yield held


def _tokens(text: str) -> Iterator[Token]:
    offset = count = depth = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or match.lastgroup is None:
            raise syntax_error(text, offset, _unreadable(text[offset]))
        if match.lastgroup != "space":
            count += 1
            check_tokens(text, offset, count)
            depth += {"(": 1, ")": -1}.get(match.group(), 0)
            check_nesting(text, offset, depth)
            yield Token(match.lastgroup, match.group(), offset)
        offset = match.end()


def _goes_on(last: Token, following: Token) -> bool:
    signs = ("+", "*", ",", "(", "?", ":")
    return last.kind == "operator" or last.text in signs or following.text in ("+", "*", ")", ",", "?")


def _unreadable(character: str) -> str:
    if character in "\"'`":
        return "this quotation mark is never closed on its line."
    return f'"{character}" is not expected here; write: effect ~ cause + cause, or put the name in `backticks`.'


def unquoted(token: str) -> str:
    """The name that a token spells: plain, or between backticks."""
    if not token.startswith("`"):
        return token
    return _ESCAPE.sub(lambda match: {"n": "\n"}.get(match.group(1), match.group(1)), token[1:-1])
