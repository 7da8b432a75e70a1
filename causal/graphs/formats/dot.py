"""Graphviz DOT, and the statements that it shares with DAGitty: nodes, chains of edges, groups, attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from causal.errors import GraphSyntax
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.draft import Draft, attributes_of, check_nesting, check_tokens, syntax_error

_TOKEN = re.compile(
    r"""
    (?P<space>   [\s;\ufeff]+ | //[^\n]* | /\*.*?\*/ | ^\#[^\n]* )
  | (?P<string>  "(?:[^"\\]|\\.)*" )
  | (?P<edge>    <->|->|<-|@->|<-@|@-@|--@|@--|-- )
  | (?P<bare>    -?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?(?!\w) | [\w.]+ )
  | (?P<mark>    [{}\[\]=,:+] )
  | (?P<markup>  <(?=[^-]) )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_ESCAPE = re.compile(r"\\(\r\n|.)", re.DOTALL)
_GRAPH_WORDS = frozenset({"digraph", "graph", "dag", "mag", "pdag", "pag"})
_DEFAULTS = frozenset({"node", "edge", "graph"})


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


@dataclass
class _Group:
    """An open brace: the variables in it, and the edge that waits on its left."""

    members: dict[str, None] = field(default_factory=dict)
    before: tuple[list[str], str] | None = None


def read(text: str) -> CausalGraph:
    """The graph of a DOT or DAGitty text.

    Attributes read: exposure, outcome, latent, selected, adjusted, role, observed, pos; on edges dir. Raises
    GraphSyntax with line and column, and GraphError as CausalGraph does.
    """
    return _Reader(text, _tokens(text)).read().graph()


def write(graph: CausalGraph) -> str:
    """The graph as DOT, keeping everything; bidirected edges are dashed with two heads."""
    bidirected = (f"{quoted(left)} -> {quoted(right)} [dir=both,style=dashed]" for left, right in graph.bidirected)
    return (
        f"digraph {{\n{node_lines(graph)}" + "".join(f"{line}\n" for line in (*arrow_lines(graph), *bidirected)) + "}\n"
    )


def node_lines(graph: CausalGraph) -> str:
    """One line per variable with its attributes."""
    lines = []
    for name, words in attributes_of(graph).items():
        said = ",".join(word if value is None else f"{word}={quoted(value)}" for word, value in words)
        lines.append(quoted(name) + (f" [{said}]" if said else "") + "\n")
    return "".join(lines)


def arrow_lines(graph: CausalGraph) -> list[str]:
    """One line per directed edge."""
    return [f"{quoted(cause)} -> {quoted(effect)}" for cause, effect in graph.directed]


def quoted(name: str) -> str:
    """The name as a quoted string that `read` gives back unchanged."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _GRAPH_WORDS | _DEFAULTS | {
        "strict",
        "subgraph",
    }:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _tokens(text: str) -> list[_Token]:
    found = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or match.lastgroup is None:
            raise syntax_error(text, offset, _unreadable(text, offset))
        token = _Token(match.lastgroup, match.group(), offset)
        offset = match.end()
        if token.kind == "markup":
            offset = _end_of_markup(text, token.offset)
            token = _Token("string", f'"{text[token.offset : offset]}"', token.offset)
        if token.kind != "space":
            found.append(token)
            check_tokens(text, token.offset, len(found))
    return found


def _unreadable(text: str, offset: int) -> str:
    if text[offset] == '"':
        return "this quotation mark is never closed."
    if text.startswith("/*", offset):
        return "this comment is never closed."
    return f'"{text[offset]}" is not expected here; put names with special characters in quotation marks.'


def _end_of_markup(text: str, start: int) -> int:
    depth = 0
    for match in re.compile("[<>]").finditer(text, start):
        depth += 1 if match.group() == "<" else -1
        if depth == 0:
            return match.end()
    raise syntax_error(text, start, 'this "<" is never closed.')


def _unquoted(token: _Token) -> str:
    if token.kind != "string":
        return token.text
    special = {"n": "\n", "r": "\r", '"': '"', "\\": "\\", "\n": "", "\r\n": ""}
    return _ESCAPE.sub(lambda match: special.get(match.group(1), match.group()), token.text[1:-1])


class _Reader:
    """Where the reading of one token list stands."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.draft = Draft()

    def read(self) -> Draft:
        self._header()
        groups = [_Group()]
        while groups:
            if self._next_is("}"):
                self._close(groups)
            elif self._next_is("{"):
                check_nesting(self.text, self.tokens[self.at].offset, len(groups))
                self.at += 1
                groups.append(_Group())
            else:
                self._statement(groups)
        if self.at < len(self.tokens):
            raise self._error("the graph ended at the brace before this; only one graph can be read.")
        return self.draft

    def _header(self) -> None:
        if self._word_is("strict"):
            self.at += 1
        if not any(self._word_is(word) for word in _GRAPH_WORDS):
            raise self._error('a graph starts with "dag {" or "digraph {".')
        self.at += 1
        if not self._next_is("{"):
            self._name()
        self._expect("{")

    def _statement(self, groups: list[_Group]) -> None:
        if self._word_is("subgraph"):
            self.at += 1
            if not self._next_is("{"):
                self._name()
            if not self._next_is("{"):
                raise self._error('"subgraph" needs a brace: {')
            return
        if self._next_is(","):
            self.at += 1
            return
        start = self.at
        name = self._name()
        if self._next_is("="):
            self.at += 1
            self._name()
        elif name.lower() in _DEFAULTS and self.tokens[start].kind == "bare" and self._next_is("["):
            self._attributes()
        else:
            self._port()
            self.draft.add_node(name)
            self._chain([name], groups)

    def _chain(self, first: list[str], groups: list[_Group]) -> None:
        """The edges that follow a variable or a group, up to the end of the statement or the next brace."""
        chain, arrows = [first], list[str]()
        groups[-1].members |= dict.fromkeys(first)
        while self._kind_is("edge"):
            arrows.append(self._arrow())
            if self._word_is("subgraph") or self._next_is("{"):
                self._draw(chain, arrows[:-1], [])
                self._open_group(groups, chain[-1], arrows[-1])
                return
            chain.append([self._name()])
            self._port()
            self.draft.add_node(chain[-1][0])
            groups[-1].members |= dict.fromkeys(chain[-1])
        self._draw(chain, arrows, self._attributes())

    def _open_group(self, groups: list[_Group], before: list[str], arrow: str) -> None:
        if self._word_is("subgraph"):
            self.at += 1
            if not self._next_is("{"):
                self._name()
        self._expect("{")
        check_nesting(self.text, self.tokens[self.at - 1].offset, len(groups))
        groups.append(_Group(before=(before, arrow)))

    def _close(self, groups: list[_Group]) -> None:
        self._expect("}")
        group = groups.pop()
        if groups:
            if group.before is not None:
                self.draft.add_edges(group.before[0], group.before[1], group.members)
            self._chain(list(group.members), groups)

    def _draw(self, chain: list[list[str]], arrows: list[str], attributes: list[tuple[str, str | None]]) -> None:
        if not arrows:
            for word, value in attributes:
                for name in chain[0]:
                    self.draft.mark(name, word, value)
        direction = {word.lower(): value for word, value in attributes}.get("dir")
        for left, arrow, right in zip(chain, arrows, chain[1:], strict=False):
            turned = {"both": "<->", "back": "<-" if arrow == "->" else "->"}
            self.draft.add_edges(left, turned.get(direction or "", arrow), right)

    def _attributes(self) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        while self._next_is("["):
            self.at += 1
            while not self._next_is("]"):
                if self._next_is(","):
                    self.at += 1
                    continue
                word = self._name()
                value = None
                if self._next_is("="):
                    self.at += 1
                    value = self._name()
                found.append((word, value))
            self.at += 1
        return found

    def _arrow(self) -> str:
        arrow = self.tokens[self.at].text
        if arrow not in ("->", "<-", "<->"):
            raise self._error(f'the edge "{arrow}" has no causal direction; write ->, <- or <->.')
        self.at += 1
        return arrow

    def _port(self) -> None:
        while self._next_is(":"):
            self.at += 1
            self._name()

    def _name(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at].kind not in ("bare", "string"):
            raise self._error("a name is expected here.")
        parts = [_unquoted(self.tokens[self.at])]
        self.at += 1
        while self._next_is("+"):
            self.at += 1
            if not self._kind_is("string"):
                raise self._error('a quoted string is expected after "+".')
            parts.append(_unquoted(self.tokens[self.at]))
            self.at += 1
        return "".join(parts)

    def _expect(self, mark: str) -> None:
        if not self._next_is(mark):
            raise self._error(f'"{mark}" is expected here.')
        self.at += 1

    def _next_is(self, mark: str) -> bool:
        return self._kind_is("mark") and self.tokens[self.at].text == mark

    def _word_is(self, word: str) -> bool:
        return self._kind_is("bare") and self.tokens[self.at].text.lower() == word

    def _kind_is(self, kind: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind == kind

    def _error(self, message: str) -> GraphSyntax:
        offset = self.tokens[self.at].offset if self.at < len(self.tokens) else len(self.text)
        return syntax_error(self.text, offset, message)
