"""GML, as networkx and Gephi write it: nested lists of keys and values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.entities import name2codepoint

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.draft import Draft, attributes_of, check_nesting, check_tokens, syntax_error

_TOKEN = re.compile(
    r"""
    (?P<space>   [\s\ufeff]+ | ^\s*\#[^\n]* )
  | (?P<string>  "[^"]*" )
  | (?P<number>  [+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]) )
  | (?P<key>     [A-Za-z_]\w* )
  | (?P<open>    \[ )
  | (?P<close>   \] )
    """,
    re.VERBOSE | re.MULTILINE,
)
_ENTITY = re.compile(r"&(?:#(\d{1,7})|(\w{1,8}));")


@dataclass
class _Section:
    """A list between brackets: its plain values by key, and where it starts."""

    key: str
    offset: int
    values: dict[str, str] = field(default_factory=dict)
    inner: list[_Section] = field(default_factory=list)


def read(text: str) -> CausalGraph:
    """The graph of a GML text: a node is named by its label, or else by its id.

    Raises GraphSyntax with line and column, and GraphError as CausalGraph does.
    """
    top = _sections(text)
    graphs = [section for section in top.inner if section.key == "graph"]
    if len(graphs) != 1:
        raise syntax_error(text, 0, 'one "graph [ … ]" is expected.')
    if graphs[0].values.get("directed", "1") == "0":
        raise syntax_error(text, graphs[0].offset, 'the graph says "directed 0"; causes need a direction.')
    return _graph(text, graphs[0])


def write(graph: CausalGraph) -> str:
    """The graph as GML, keeping everything; bidirected edges carry `bidirected 1`."""
    numbers = {name: number for number, name in enumerate(graph.nodes)}
    lines = ["graph [", "  directed 1"]
    for name, words in attributes_of(graph).items():
        said = "".join(f' {word} "{value or "yes"}"' for word, value in words)
        lines.append(f'  node [ id {numbers[name]} label "{_escaped(name)}"{said} ]')
    lines += [f"  edge [ source {numbers[cause]} target {numbers[effect]} ]" for cause, effect in graph.directed]
    for left, right in graph.bidirected:
        lines.append(f"  edge [ source {numbers[left]} target {numbers[right]} bidirected 1 ]")
    return "\n".join([*lines, "]"]) + "\n"


def _sections(text: str) -> _Section:
    stack = [_Section("", 0)]
    key: str | None = None
    offset = count = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        count += 1
        check_tokens(text, offset, count // 2)
        check_nesting(text, offset, len(stack))
        if match is None:
            raise syntax_error(text, offset, _unreadable(text[offset]))
        kind, token = match.lastgroup, match.group()
        if kind == "key":
            if key is not None:
                raise syntax_error(text, offset, f'a value is expected after "{key}".')
            key = token.lower()
        elif kind == "close":
            if key is not None or len(stack) == 1:
                raise syntax_error(text, offset, "this bracket closes nothing.")
            stack.pop()
        elif kind != "space":
            if key is None:
                raise syntax_error(text, offset, "a key is expected before this value.")
            if kind == "open":
                section = _Section(key, offset)
                stack[-1].inner.append(section)
                stack.append(section)
            else:
                stack[-1].values[key] = _ENTITY.sub(_character, token[1:-1]) if kind == "string" else token
            key = None
        offset = match.end()
    if key is not None or len(stack) > 1:
        raise syntax_error(text, stack[-1].offset, "this bracket is never closed, or the text breaks off.")
    return stack[0]


def _graph(text: str, top: _Section) -> CausalGraph:
    draft = Draft()
    names: dict[str, str] = {}
    for node in (section for section in top.inner if section.key == "node"):
        number = _value(text, node, "id")
        name = node.values.get("label", number)
        if number in names or name in draft.nodes:
            raise GraphError(f'The GML text has two nodes "{name}" (id {number}): rename one of them.')
        names[number] = name
        draft.add_node(name)
        for word, value in node.values.items():
            draft.mark(name, word, value)
        _place(draft, name, node)
    for edge in (section for section in top.inner if section.key == "edge"):
        ends = [_value(text, edge, "source"), _value(text, edge, "target")]
        for end in ends:
            if end not in names:
                raise syntax_error(text, edge.offset, f'no node has the id "{end}".')
        arrow = "<->" if edge.values.get("bidirected", "0") not in ("0", "no", "false") else "->"
        draft.add_edges((names[ends[0]],), arrow, (names[ends[1]],))
    return draft.graph()


def _place(draft: Draft, name: str, node: _Section) -> None:
    for section in node.inner:
        if section.key == "graphics" and {"x", "y"} <= section.values.keys():
            draft.mark(name, "pos", f"{section.values['x']},{section.values['y']}")


def _value(text: str, section: _Section, key: str) -> str:
    if key not in section.values:
        raise syntax_error(text, section.offset, f'this {section.key} has no "{key}".')
    return section.values[key]


def _character(entity: re.Match[str]) -> str:
    number = int(entity.group(1)) if entity.group(1) else name2codepoint.get(entity.group(2))
    return entity.group() if number is None or number > 0x10FFFF else chr(number)


def _unreadable(character: str) -> str:
    if character == '"':
        return "this quotation mark is never closed."
    return f'"{character}" is not expected here; GML is made of keys, numbers, quoted strings and brackets.'


def _escaped(name: str) -> str:
    plain = (
        character if " " <= character <= "~" and character not in '"&' else f"&#{ord(character)};" for character in name
    )
    return "".join(plain)
