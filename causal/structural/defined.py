"""Parameters defined from others, such as an indirect effect `a * b`: their value and its gradient."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import GraphError
from causal.graphs.formats.draft import syntax_error
from causal.graphs.formats.lavaan_tokens import Token, unquoted

_BINARY: dict[type[ast.operator], Callable[[complex, complex], complex]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
_STEP = 1e-20


@dataclass(frozen=True)
class Defined:
    """`name := expression`; `names` are the labels it uses, which the expression calls v0, v1, …"""

    name: str
    expression: str
    names: tuple[str, ...]
    written: str

    def value(self, labels: Mapping[str, float]) -> float:
        """Its value where the labels have these values; NaN where there is none, as of 1 / 0 or the root of -1.

        Raises GraphError where it uses a name that is no label.
        """
        found = self._at(self._arguments(labels))
        return found.real if found.imag == 0 else float("nan")

    def gradient(self, labels: Mapping[str, float]) -> NDArray[np.float64]:
        """Its derivative by each of `names`, by the complex step: exact to the last digits."""
        point = self._arguments(labels)
        steps = [[each + 1j * _STEP * (place == at) for place, each in enumerate(point)] for at in range(len(point))]
        return np.array([self._at(moved).imag / _STEP for moved in steps])

    def _at(self, point: Sequence[complex]) -> complex:
        try:
            return _evaluate(self, point)
        except (ZeroDivisionError, OverflowError):
            return complex(float("nan"), float("nan"))

    def _arguments(self, labels: Mapping[str, float]) -> list[complex]:
        for name in self.names:
            if name not in labels:
                raise GraphError(
                    f'"{self.name} := {self.written}" uses "{name}", which labels nothing. Give it to one: {name}*x.'
                )
        return [complex(labels[name]) for name in self.names]


def read_expression(text: str, name: str, tokens: Sequence[Token], near: Token) -> Defined:
    """The parameter that a statement `name := …` defines; raises GraphSyntax where the right side is no formula."""
    names: list[str] = []
    parts = []
    for token in tokens:
        spelled = unquoted(token.text) if token.kind == "name" else token.text
        if token.kind == "name" and spelled not in _FUNCTIONS:
            if spelled not in names:
                names.append(spelled)
            parts.append(f"v{names.index(spelled)}")
        elif token.kind in ("name", "number") or token.text in "+-*/()^":
            parts.append({"^": "**"}.get(spelled, spelled))
        else:
            raise syntax_error(text, token.offset, f'"{token.text}" has no place in a formula of labels.')
    try:
        made = Defined(name, " ".join(parts), tuple(names), "".join(each.text for each in tokens))
        _evaluate(made, [1.0 + 0j] * len(names))
    except (SyntaxError, _NoFormula):
        raise syntax_error(text, near.offset, "after := stands a formula of labels, such as a*b + c.") from None
    except (ZeroDivisionError, OverflowError):
        return made
    return made


class _NoFormula(Exception):
    pass


def _evaluate(defined: Defined, values: Sequence[complex]) -> complex:
    with np.errstate(all="ignore"):
        return _value_of(ast.parse(defined.expression, mode="eval").body, values)


def _value_of(node: ast.expr, values: Sequence[complex]) -> complex:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return complex(node.value)
    if isinstance(node, ast.Name) and node.id[1:].isdigit():
        return values[int(node.id[1:])]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value_of(node.left, values), _value_of(node.right, values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value_of(node.operand, values)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return complex(_FUNCTIONS[node.func.id](_value_of(node.args[0], values)))
    raise _NoFormula
