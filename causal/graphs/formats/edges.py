"""The edge list: `cause -> effect`, `left <-> right`, or a name alone; one per line or separated by semicolons."""

from __future__ import annotations

import json
import re

from causal.errors import GraphSyntax
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.draft import Draft, syntax_error

_TOKEN = re.compile(
    r"""
    (?P<end>     [\n;] )
  | (?P<space>   [^\S\n]+ | \#[^\n]* )
  | (?P<arrow>   <-+> | -+> | <-+ | [→←↔] )
  | (?P<string>  "(?:[^"\\\n]|\\.)*" )
  | (?P<bare>    (?: [^\n;"\#<>→←↔-] | -(?![->]) )+ )
    """,
    re.VERBOSE,
)
_FIRST_WORDS = frozenset({"graph", "flowchart"})
"""Words that alone on the first line would announce another format."""
_ARROWS = {"→": "->", "←": "<-", "↔": "<->"}


def read(text: str) -> CausalGraph:
    """The graph of an edge list; chains such as a -> b -> c are allowed, # starts a comment.

    Raises GraphSyntax with line and column, and GraphError as CausalGraph does.
    """
    draft = Draft()
    last: str | None = None
    arrow: str | None = None
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise syntax_error(text, offset, f'"{text[offset]}" is not expected here; write: cause -> effect')
        kind, token = match.lastgroup, match.group()
        if kind == "end":
            _check_finished(text, offset, arrow)
            last = None
        elif kind == "arrow":
            if last is None or arrow is not None:
                raise syntax_error(text, offset, "a name is expected before this arrow.")
            arrow = _ARROWS.get(token) or re.sub("-+", "-", token)
        elif kind in ("string", "bare") and token.strip():
            name = _name(token) if kind == "string" else token.strip()
            if last is not None and arrow is None:
                raise syntax_error(text, offset, "an arrow is expected between two names: ->, <- or <->.")
            draft.add_node(name)
            if last is not None and arrow is not None:
                draft.add_edges((last,), arrow, (name,))
            last, arrow = name, None
        offset = match.end()
    _check_finished(text, offset, arrow)
    return draft.graph()


def write(graph: CausalGraph) -> str:
    """One edge per line, then the variables without edges; roles, force and positions are lost."""
    lines = [f"{_written(cause)} -> {_written(effect)}" for cause, effect in graph.directed]
    lines += [f"{_written(left)} <-> {_written(right)}" for left, right in graph.bidirected]
    joined = {name for edge in (*graph.directed, *graph.bidirected) for name in edge}
    lines += [_written(name) for name in graph.nodes if name not in joined]
    return "".join(f"{line}\n" for line in lines)


def _check_finished(text: str, offset: int, arrow: str | None) -> None:
    if arrow is not None:
        raise syntax_error(text, offset, "a name is expected after the arrow.")


def _written(name: str) -> str:
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in _FIRST_WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)


def _name(token: str) -> str:
    try:
        name = json.loads(token, strict=False)
    except json.JSONDecodeError:
        return token[1:-1]
    if not isinstance(name, str):
        raise GraphSyntax("a name is text.")
    return name
