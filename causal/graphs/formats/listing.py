"""Plain listings of a graph: DAGitty's first format, and pairs of names separated by a comma or a tab.

DAGitty's: a line per variable, `name flag @x,y` (flags E exposure, O outcome, A adjusted, U unobserved, S selected, 1
none; a name's spaces written %20), an empty line, then a line per cause, `cause effect effect …`. An arrow both ways is
a hidden common cause there. Pairs: `cause,effect`, perhaps under a line of headings.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats.draft import Draft, check_tokens, syntax_error

_PLACE = re.compile(r"@(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)")
_MARKS = frozenset(';"#<>→←↔')
_HEADINGS = {("source", "target"), ("from", "to"), ("cause", "effect"), ("parent", "child"), ("tail", "head")}
_FLAGS = {"E": "exposure", "O": "outcome", "A": "adjusted", "U": "latent", "S": "selected"}


def is_dagitty_listing(text: str) -> bool:
    """Whether every line before the first empty one says a variable with its flag, and an empty line follows."""
    variables, gap, _ = text.strip("\n").replace("\r\n", "\n").partition("\n\n")
    lines = variables.split("\n")
    return bool(gap) and all(_variable(line) is not None for line in lines)


def read_dagitty_listing(text: str) -> CausalGraph:
    """The graph of DAGitty's first format.

    Raises GraphSyntax with line and column where an arrow's line names no effect or an unknown variable, and
    GraphError.
    """
    draft = Draft()
    offset, listing = 0, True
    for line in text.replace("\r\n", "\n").splitlines(keepends=True):
        if not line.strip():
            listing = listing and not draft.nodes
        elif listing:
            _take_variable(draft, line)
        else:
            _take_arrows(draft, text, offset, line)
        offset += len(line)
    both = {(cause, effect) for cause, effect in draft.directed if (effect, cause) in draft.directed}
    for cause, effect in sorted(both):
        del draft.directed[cause, effect]
        draft.add_edges((cause,), "<->", (effect,))
    return draft.graph()


def is_pairs(text: str) -> bool:
    """Whether every line that is not empty is two names with one comma or tab between them."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and all(_pair(line) is not None for line in lines)


def read_pairs(text: str) -> CausalGraph:
    """The graph of a table of causes and effects.

    Raises GraphError as CausalGraph does.
    """
    draft = Draft()
    pairs = [_pair(line) for line in text.splitlines() if line.strip()]
    for place, (cause, effect) in enumerate(pair for pair in pairs if pair is not None):
        if place == 0 and (cause.lower(), effect.lower()) in _HEADINGS:
            continue
        draft.add_node(cause)
        draft.add_node(effect)
        draft.add_edges((cause,), "->", (effect,))
    return draft.graph()


def _pair(line: str) -> tuple[str, str] | None:
    """The two names of a line, if it says just that."""
    names = [part.strip() for part in line.replace("\t", ",").split(",")] if _MARKS.isdisjoint(line) else []
    return (names[0], names[1]) if len(names) == 2 and all(names) else None


def _variable(line: str) -> tuple[str, str, re.Match[str] | None] | None:
    """A variable's name, flags and place, if a line says just that."""
    words = line.split()
    if len(words) < 2 or not set(words[1]) <= set("EOAUS1"):
        return None
    place = _PLACE.fullmatch("".join(words[2:]))
    return None if len(words) > 2 and place is None else (unquote(words[0]), words[1], place)


def _take_variable(draft: Draft, line: str) -> None:
    found = _variable(line)
    assert found is not None
    name, flags, place = found
    draft.add_node(name)
    for flag in flags:
        if flag in _FLAGS:
            draft.mark(name, _FLAGS[flag], None)
    if place is not None:
        draft.mark(name, "pos", f"{place[1]},{place[2]}")


def _take_arrows(draft: Draft, text: str, offset: int, line: str) -> None:
    words = list(re.finditer(r"\S+", line))
    check_tokens(text, offset, len(words))
    names = [(unquote(word.group()), offset + word.start()) for word in words if not word.group().startswith("@")]
    for name, place in names:
        if name not in draft.nodes:
            raise syntax_error(text, place, f'"{name}" is none of the variables listed above the empty line.')
    if len(names) < 2:
        raise syntax_error(text, offset, "an arrow's line names a cause and then its effects.")
    for effect, _ in names[1:]:
        draft.add_edges((names[0][0],), "->", (effect,))
