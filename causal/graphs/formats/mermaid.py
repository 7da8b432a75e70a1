"""Mermaid flowcharts: `flowchart LR`, nodes with labels, arrows, classes for the roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import get_args

from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph, Role
from causal.graphs.formats.draft import Draft, check_tokens, syntax_error

_HEADER = re.compile(r"(?:flowchart|graph)(?:[ \t]+(?:TB|TD|BT|RL|LR))?[ \t]*(?=[;\n]|$)", re.IGNORECASE)
_PASSED_OVER = re.compile(
    r"(?:subgraph|end|direction|style|classDef|linkStyle|click|accTitle|accDescr)\b[^\n;]*", re.IGNORECASE
)
_CLASS = re.compile(r"class[ \t]++([\w,][\w, \t]*+)(?=[;\n]|$)")
_BLANK = re.compile(r"(?:[\s;\ufeff]|%%[^\n]*)+")
_SPACE = re.compile(r"[ \t]*")
_ID = re.compile(r"[^\W_](?:\w|-(?=\w))*|_\w+")
_ARROW = re.compile(r"(<?)(?:-{2,}|={2,}|-\.+-)([>xo]?)(?:[ \t]*\|[^|\n]*\|)?")
_WORDED = re.compile(r"(<?)(?:--|==|-\.)[ \t]++[^\n;<>|=.-]*+(?:--+|==+|\.+-)([>xo]?)")
_SHAPE = re.compile(
    r"""
    [\[({>]{1,3}+ [/\\]?+ [ \t]*+
    (?: "(?P<quoted>[^"]*+)" | (?P<plain>[^"\[\](){}\n]++) )
    [ \t]*+ [/\\]?+ [\])}]{1,3}+
    """,
    re.VERBOSE,
)
_ENTITY = re.compile(r"#(quot|amp|lt|gt|\d{1,7});")
_NAMED = {"quot": '"', "amp": "&", "lt": "<", "gt": ">"}


@dataclass
class _Reading:
    """What has been read: a label, classes and edges by id."""

    labels: dict[str, str] = field(default_factory=dict)
    classes: list[tuple[str, str]] = field(default_factory=list)
    edges: list[tuple[list[str], str, list[str]]] = field(default_factory=list)


def read(text: str) -> CausalGraph:
    """The graph of a Mermaid flowchart: a variable is named by its label, or else by its id.

    Classes named like roles are roles, "forced" forces. Raises GraphSyntax with line and column, and GraphError.
    """
    blank = _BLANK.match(text)
    start = blank.end() if blank else 0
    header = _HEADER.match(text, start)
    if header is None:
        raise syntax_error(text, start, 'a Mermaid graph starts with "flowchart LR" on its own line.')
    reading = _Reading()
    offset = header.end()
    while offset < len(text):
        offset = _statement(text, offset, reading)
    return _graph(reading)


def write(graph: CausalGraph) -> str:
    """The graph as a flowchart: roles as classes, hidden common causes dotted; positions are lost."""
    numbers = {name: f"n{number}" for number, name in enumerate(graph.nodes)}
    lines = ["flowchart LR", *(f'  {numbers[name]}["{_escaped(name)}"]' for name in graph.nodes)]
    lines += [f"  {numbers[cause]} --> {numbers[effect]}" for cause, effect in graph.directed]
    lines += [f"  {numbers[left]} <-.-> {numbers[right]}" for left, right in graph.bidirected]
    lines += [f"  class {numbers[name]} {role}" for name, role in graph.roles]
    lines += [f"  class {numbers[name]} forced" for name in sorted(graph.forced)]
    return "\n".join(lines) + "\n"


def _statement(text: str, offset: int, reading: _Reading) -> int:
    for pattern in (_BLANK, _PASSED_OVER):
        passed = pattern.match(text, offset)
        if passed:
            return passed.end()
    said = _CLASS.match(text, offset)
    if said:
        members, _, word = said.group(1).strip().rpartition(" ")
        reading.classes += [(each.strip(), word) for each in members.split(",")]
        return said.end()
    left, offset = _operand(text, _skip(text, offset), reading)
    while (arrow := _arrow(text, offset)) is not None:
        kind, offset = arrow
        right, offset = _operand(text, _skip(text, offset), reading)
        reading.edges.append((left, kind, right))
        left = right
    if offset < len(text) and text[offset] not in "\n;%":
        raise syntax_error(text, offset, f'"{text[offset]}" is not expected here; write: cause --> effect')
    return offset


def _operand(text: str, offset: int, reading: _Reading) -> tuple[list[str], int]:
    """One node, or several joined by &, and where the text goes on."""
    members = []
    while True:
        found = _ID.match(text, offset)
        if found is None:
            raise syntax_error(text, offset, "a node is expected here.")
        members.append(found.group())
        check_tokens(text, offset, len(members))
        offset = _label(text, found.end(), found.group(), reading)
        if not text.startswith("&", offset):
            return members, offset
        offset = _skip(text, offset + 1)


def _label(text: str, offset: int, node: str, reading: _Reading) -> int:
    shape = _SHAPE.match(text, offset)
    if shape:
        written = shape.group("quoted") if shape.group("quoted") is not None else shape.group("plain").strip()
        reading.labels[node] = _ENTITY.sub(_character, written)
        offset = shape.end()
    else:
        reading.labels.setdefault(node, node)
    said = re.compile(r":::(\w+)").match(text, offset)
    if said:
        reading.classes.append((node, said.group(1)))
        offset = said.end()
    return _skip(text, offset)


def _arrow(text: str, offset: int) -> tuple[str, int] | None:
    found = _ARROW.match(text, offset)
    if found is None or (not found.group(2) and _WORDED.match(text, offset)):
        found = _WORDED.match(text, offset) or found
    if found is None:
        return None
    if found.group(2) != ">":
        raise syntax_error(text, offset, "this edge has no arrow head; write --> or <-->.")
    return ("<->" if found.group(1) else "->"), found.end()


def _skip(text: str, offset: int) -> int:
    space = _SPACE.match(text, offset)
    return space.end() if space else offset


def _graph(reading: _Reading) -> CausalGraph:
    draft = Draft()
    for node, name in reading.labels.items():
        if name in draft.nodes:
            raise GraphError(f'Two nodes are labelled "{name}" (one is {node}): rename one of them.')
        draft.add_node(name)
    for left, arrow, right in reading.edges:
        draft.add_edges((reading.labels[n] for n in left), arrow, (reading.labels[n] for n in right))
    for node, word in reading.classes:
        if node in reading.labels:
            known = word == "forced" or word in get_args(Role)
            draft.mark(reading.labels[node], "forced" if word == "forced" else "role", word if known else None)
    return draft.graph()


def _character(entity: re.Match[str]) -> str:
    word = entity.group(1)
    if word in _NAMED:
        return _NAMED[word]
    return chr(int(word)) if int(word) <= 0x10FFFF else entity.group()


def _escaped(name: str) -> str:
    return "".join(
        character if character.isalnum() or character in " .,:_-+*/()?!" else f"#{ord(character)};"
        for character in name
    )
