"""lavaan's model syntax: `y ~ x` is x → y, `f =~ a` is an unobserved f → a, `x ~~ z` a hidden common cause.

Rosseel (2012), "lavaan: an R package for structural equation modeling", and its manual's "Model syntax". A term that is
fixed to zero (0*x) draws no edge; labels, starts, intercepts, thresholds and constraints say nothing about the graph.
What is not written is not drawn, though lavaan itself lets variables without causes covary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.draft import Draft, syntax_error
from causal.graphs.formats.lavaan_tokens import Token, statements, unquoted

_START = re.compile(r"(?:[\s\ufeff;]|[#!][^\n]*)*+(?:(?:group|level|block|class)[ \t]*:[ \t]*\w++[ \t]*+[;\n]\s*+)?")
_FIRST = re.compile(r"""(?:`(?:[^`\\\n]|\\.)*+`|efa\("[^"\n]*+"\)|[\w.(),:?*+ \t])++(?:=~|~|<~)""")
_DRAWN = frozenset({"~", "~~", "=~", "<~"})
_BLOCKS = frozenset({"group", "level", "block", "class"})
_WORDS = frozenset({*_BLOCKS, "NA", "efa"})


class _Term(NamedTuple):
    """One summand: the variables it multiplies, and whether it is fixed to zero."""

    names: tuple[str, ...]
    zero: bool


def is_lavaan(text: str) -> bool:
    """Whether the first statement joins names by one of lavaan's operators."""
    start = _START.match(text)
    return _FIRST.match(text, start.end() if start else 0) is not None


def read(text: str) -> CausalGraph:
    """The graph of a lavaan model; a product term a:b stands for both its variables.

    Raises GraphSyntax with line and column, and GraphError as CausalGraph does.
    """
    draft = Draft()
    for statement in statements(text):
        _read_statement(text, statement, draft)
    return draft.graph()


def write(graph: CausalGraph) -> str:
    """The graph as a lavaan model: unobserved variables by =~ first, then causes by ~, then hidden causes by ~~.

    What only unobserved variables cause shows them (=~); any other arrow from one is a regression (~), unless fewer
    than two show it. Roles but "unobserved", force and positions are lost. Names that are no plain words stand
    in backticks.
    """
    lines = []
    shown = {name: _indicators(graph, name) for name in sorted(graph.latent)}
    for name, indicators in shown.items():
        lines.append(f"{_written(name)} =~ {_joined(indicators) or '0'}")
    for name in graph.nodes:
        causes = frozenset(cause for cause in graph.parents_of[name] if name not in shown.get(cause, ()))
        if causes:
            lines.append(f"{_written(name)} ~ {_joined(causes)}")
    lines += [f"{_written(left)} ~~ {_written(right)}" for left, right in graph.bidirected]
    named = graph.latent.union(*graph.directed, *graph.bidirected)
    lines += [f"{_written(name)} ~~ {_written(name)}" for name in graph.nodes if name not in named]
    return "".join(f"{line}\n" for line in lines)


def _indicators(graph: CausalGraph, latent: str) -> frozenset[str]:
    """The columns that only unobserved variables cause; all that it causes where there is but one, or none.

    One indicator alone would be read as the unobserved variable itself, seen without error.
    """
    children = graph.children_of[latent]
    own = frozenset(name for name in children - graph.latent if graph.parents_of[name] <= graph.latent)
    return own if len(own) > 1 else children


def _read_statement(text: str, tokens: list[Token], draft: Draft) -> None:
    places = [place for place, token in enumerate(tokens) if token.kind == "operator"]
    if not places:
        if tokens[0].text in _BLOCKS and len(tokens) > 1 and tokens[1].text == ":":
            return
        raise syntax_error(text, tokens[0].offset, "this statement has no operator; write ~, =~ or ~~ in it.")
    operator = tokens[places[0]]
    if operator.text not in _DRAWN:
        return
    if len(places) > 1:
        raise syntax_error(text, tokens[places[1]].offset, "a statement has one operator; start a new line before it.")
    lefts = _terms(text, tokens[: places[0]], operator)
    rights = _terms(text, tokens[places[0] + 1 :], operator)
    for left in (name for term in lefts for name in _noted(draft, term)):
        if operator.text in ("=~", "<~"):
            draft.mark(left, "latent", None)
        for term in rights:
            _draw(draft, left, operator.text, _noted(draft, term), term.zero)


def _noted(draft: Draft, term: _Term) -> tuple[str, ...]:
    for name in term.names:
        draft.add_node(name)
    return term.names


def _draw(draft: Draft, left: str, operator: str, names: Sequence[str], zero: bool) -> None:
    if zero or (operator == "~~" and left in names):
        return
    arrow = {"~": "<-", "<~": "<-", "=~": "->", "~~": "<->"}[operator]
    draft.add_edges((left,), arrow, names)


def _terms(text: str, tokens: list[Token], operator: Token) -> list[_Term]:
    found: list[_Term] = []
    part: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "+" and depth == 0:
            found.append(_term(text, part, token))
            part = []
        else:
            part.append(token)
    return [*found, _term(text, part, operator)]


def _term(text: str, tokens: list[Token], near: Token) -> _Term:
    """The summand that ends in these tokens: modifiers with * or ?, then names joined by a colon, or a number."""
    stars = [place for place, token in enumerate(tokens) if token.text in ("*", "?")]
    first = stars[-1] + 1 if stars else 0
    variables, modifier = tokens[first:], tokens[: max(first - 1, 0)]
    if not variables:
        raise syntax_error(text, near.offset, f'a variable is missing beside this "{near.text}".')
    if [token.kind for token in variables] == ["number"]:
        return _Term((), True)
    for token, expected in zip(variables, _alternating(len(variables)), strict=True):
        if (token.kind if expected == "name" else token.text) != expected:
            raise syntax_error(text, token.offset, f'"{token.text}" is not expected here; join variables by "+".')
    if variables[-1].kind != "name":
        raise syntax_error(text, variables[-1].offset, "a variable is expected after this colon.")
    return _Term(tuple(unquoted(token.text) for token in variables[::2]), _is_zero(modifier))


def _alternating(count: int) -> list[str]:
    return ["name" if place % 2 == 0 else ":" for place in range(count)]


def _is_zero(modifier: list[Token]) -> bool:
    """Whether a modifier fixes the coefficient to zero, in every group: 0 or c(0, 0)."""
    words = [token.text for token in modifier if token.kind in ("name", "string")]
    called = any(token.kind == "name" and after.text == "(" for token, after in pairwise(modifier))
    numbers = [float(token.text) for token in modifier if token.kind == "number"]
    return bool(numbers) and not any(numbers) and (words == ["c"] if called else not words)


def _joined(names: frozenset[str]) -> str:
    return " + ".join(_written(name) for name in sorted(names))


def _written(name: str) -> str:
    if re.fullmatch(r"[^\W\d][\w.]*", name) and name not in _WORDS:
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`").replace("\n", "\\n")
    return f"`{escaped}`"
