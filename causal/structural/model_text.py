"""lavaan's model syntax as statements with their modifiers: what is free, fixed, equal, started from, or defined.

Rosseel (2012), "lavaan: an R package for structural equation modeling", and its manual's "Model syntax".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from causal.graphs.formats.draft import syntax_error
from causal.graphs.formats.lavaan_tokens import Token, statements, unquoted
from causal.structural.defined import Defined, read_expression

Operator = Literal["=~", "~", "~~", "~1", "|", "~*~"]

_UNREAD = {
    "<~": 'composites ("<~") are not fitted; make the column by its formula, or write the latent variable with "=~".',
    "~*~": "scaling factors are set by the fit; leave this statement out.",
    "<": 'bounds ("<", ">") are not imposed; leave this statement out and look whether the estimate keeps to it.',
    ">": 'bounds ("<", ">") are not imposed; leave this statement out and look whether the estimate keeps to it.',
}


@dataclass(frozen=True)
class Line:
    """One coefficient as written; modifiers hold one value per group, or one for all.

    `fixed`: the value it is held at, None where it is free; empty where nothing was said. `labels`: names of the
    parameter, "" for none. `starts`: where the search begins.
    """

    left: str
    operator: Operator
    right: str
    fixed: tuple[float | None, ...] = ()
    labels: tuple[str, ...] = ()
    starts: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class ModelText:
    """A model as written: lines in order, labels held equal or at a value, and parameters defined from labels."""

    lines: tuple[Line, ...]
    equal: tuple[tuple[str, str], ...] = ()
    held: tuple[tuple[str, float], ...] = ()
    defined: tuple[Defined, ...] = ()


@dataclass
class _Draft:
    lines: dict[tuple[str, str, str], Line] = field(default_factory=dict)
    equal: list[tuple[str, str]] = field(default_factory=list)
    held: list[tuple[str, float]] = field(default_factory=list)
    defined: list[Defined] = field(default_factory=list)


def read_model(text: str) -> ModelText:
    """The model that a text in lavaan's syntax states.

    Raises GraphSyntax with line and column where it cannot be read, or asks for what is not fitted.
    """
    draft = _Draft()
    for tokens in statements(text):
        _read_statement(text, tokens, draft)
    if not draft.lines:
        raise syntax_error(text, 0, 'the model has no equation; write for example "quality =~ clicks + rating".')
    return ModelText(tuple(draft.lines.values()), tuple(draft.equal), tuple(draft.held), tuple(draft.defined))


def _read_statement(text: str, tokens: list[Token], draft: _Draft) -> None:
    places = [place for place, token in enumerate(tokens) if token.kind == "operator"]
    if not places:
        if tokens[0].text in ("group", "level", "block", "class"):
            raise syntax_error(text, tokens[0].offset, "blocks are not read; give each group its value by c(…, …).")
        raise syntax_error(text, tokens[0].offset, "this statement has no operator; write ~, =~ or ~~ in it.")
    operator = tokens[places[0]]
    if operator.text in _UNREAD:
        raise syntax_error(text, operator.offset, _UNREAD[operator.text])
    if len(places) > 1:
        raise syntax_error(text, tokens[places[1]].offset, "a statement has one operator; start a new line before it.")
    left, right = tokens[: places[0]], tokens[places[0] + 1 :]
    if operator.text == "==":
        _read_equality(text, left, right, operator, draft)
    elif operator.text == ":=":
        name = _single_name(text, left, operator)
        draft.defined.append(read_expression(text, name, right, operator))
    else:
        _read_equation(text, left, operator, right, draft)


def _read_equality(text: str, left: list[Token], right: list[Token], near: Token, draft: _Draft) -> None:
    name = _single_name(text, left, near)
    number = _number(right)
    if number is not None:
        draft.held.append((name, number))
    elif len(right) == 1 and right[0].kind == "name":
        draft.equal.append((name, unquoted(right[0].text)))
    else:
        raise syntax_error(
            text, near.offset, 'write "a == b" for two labels, or "a == 0.5"; other constraints are not.'
        )


def _read_equation(text: str, left: list[Token], operator: Token, right: list[Token], draft: _Draft) -> None:
    for subject in _split(left, "+"):
        name = _single_name(text, subject, operator)
        for term in _split(right, "+"):
            line = _line(text, name, operator, term)
            key = (line.left, line.operator, line.right)
            mirrored = (line.right, line.operator, line.left) if line.operator == "~~" else key
            if key in draft.lines or mirrored in draft.lines:
                raise syntax_error(text, operator.offset, f'"{name} {operator.text} {line.right}" is written twice.')
            draft.lines[key] = line


def _line(text: str, left: str, operator: Token, term: list[Token]) -> Line:
    *modifiers, variable = _factors(term)
    fixed: tuple[float | None, ...] = ()
    labels: tuple[str, ...] = ()
    starts: tuple[float | None, ...] = ()
    for sign, tokens in modifiers:
        kind, values = _modifier(text, tokens, operator)
        if sign == "?" or kind == "start":
            starts = tuple(_floats(text, values, operator))
        elif kind == "label" or all(isinstance(each, str) and each for each in values):
            labels = tuple(str(each) for each in values)
        else:
            fixed = tuple(_floats(text, values, operator))
    named = variable[1]
    if not named:
        raise syntax_error(text, operator.offset, f'a variable is missing beside this "{operator.text}".')
    if len(named) > 1:
        raise syntax_error(
            text, named[1].offset, f'"{named[1].text}" is not read here; for a product, make it a column of its own.'
        )
    if named[0].kind == "number":
        if operator.text != "~" or float(named[0].text) != 1.0:
            raise syntax_error(text, named[0].offset, 'a number stands here for a variable; an intercept is "y ~ 1".')
        return Line(left, "~1", "", fixed, labels, starts)
    kinds: dict[str, Operator] = {"=~": "=~", "~": "~", "~~": "~~", "|": "|"}
    return Line(left, kinds[operator.text], unquoted(named[0].text), fixed, labels, starts)


def _factors(term: list[Token]) -> list[tuple[str, list[Token]]]:
    """The parts of a term between * and ?, each with the sign that follows it; the variable comes last."""
    parts: list[tuple[str, list[Token]]] = []
    held: list[Token] = []
    depth = 0
    for token in term:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text in ("*", "?") and depth == 0:
            parts.append((token.text, held))
            held = []
        else:
            held.append(token)
    return [*parts, ("", held)]


def _modifier(text: str, tokens: list[Token], near: Token) -> tuple[str, list[float | str | None]]:
    """What a modifier is ("", "start" or "label"), and its values: numbers, labels, None for NA."""
    if len(tokens) > 2 and tokens[0].kind == "name" and tokens[1].text == "(" and tokens[-1].text == ")":
        kind = tokens[0].text
        if kind == "equal":
            raise syntax_error(text, tokens[0].offset, "equal(…) is not read; give both the same label: a*x + a*z.")
        if kind not in ("c", "start", "label"):
            raise syntax_error(text, tokens[0].offset, f'"{kind}(…)" is no modifier; use c(…), start(…) or label(…).')
        inside = tokens[2:-1]
        if inside and inside[0].text == "c" and kind != "c":
            inside = inside[2:-1]
        values = [_value(text, each, near) for each in _split(inside, ",")]
        return "" if kind == "c" else kind, values
    return "", [_value(text, tokens, near)]


def _value(text: str, tokens: list[Token], near: Token) -> float | str | None:
    number = _number(tokens)
    if number is not None:
        return number
    if len(tokens) == 1 and tokens[0].text == "NA":
        return None
    if len(tokens) == 1 and tokens[0].kind in ("name", "string"):
        token = tokens[0]
        return token.text[1:-1] if token.kind == "string" else unquoted(token.text)
    raise syntax_error(text, tokens[0].offset if tokens else near.offset, "before * stands a number, NA or a label.")


def _number(tokens: Sequence[Token]) -> float | None:
    if len(tokens) == 1 and tokens[0].kind == "number":
        return float(tokens[0].text)
    if len(tokens) == 2 and tokens[0].text in "+-" and tokens[1].kind == "number":
        return float(tokens[0].text + tokens[1].text)
    return None


def _floats(text: str, values: Sequence[float | str | None], near: Token) -> Iterator[float | None]:
    for value in values:
        if isinstance(value, str):
            raise syntax_error(text, near.offset, f'"{value}" stands where a number is expected.')
        yield value


def _single_name(text: str, tokens: list[Token], near: Token) -> str:
    if len(tokens) != 1 or tokens[0].kind != "name":
        raise syntax_error(
            text, tokens[0].offset if tokens else near.offset, f'one name is expected before "{near.text}".'
        )
    return unquoted(tokens[0].text)


def _split(tokens: list[Token], sign: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == sign and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
