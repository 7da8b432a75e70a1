"""What identification finds: an expression in observed probabilities, written as LaTeX or evaluated on a joint table.

Expressions share their parts and may be nested deeply, so every function here walks them without recursion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array = NDArray[numpy.float64]

LATEX_LIMIT = 20_000


@dataclass(frozen=True, eq=False)
class Probability:
    """P(of | given)."""

    of: tuple[str, ...]
    given: tuple[str, ...] = ()
    free: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", frozenset((*self.of, *self.given)))


@dataclass(frozen=True, eq=False)
class Product:
    """The factors multiplied; without factors it is 1."""

    factors: tuple[Expression, ...]
    free: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", frozenset().union(*(factor.free for factor in self.factors)))


@dataclass(frozen=True, eq=False)
class Sum:
    """The term summed over all values of the variables in `over`."""

    over: tuple[str, ...]
    term: Expression
    free: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", self.term.free - frozenset(self.over))


@dataclass(frozen=True, eq=False)
class Ratio:
    """Numerator over denominator."""

    numerator: Expression
    denominator: Expression
    free: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "free", self.numerator.free | self.denominator.free)


@dataclass(frozen=True, eq=False)
class Relabelled:
    """The term with the value of its free variable `old` called `new`: the same variable, at another value."""

    term: Expression
    old: str
    new: str
    free: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        renamed = {self.new} if self.old in self.term.free else set[str]()
        object.__setattr__(self, "free", (self.term.free - {self.old}) | renamed)


Expression = Probability | Product | Sum | Ratio | Relabelled


def product_of(factors: Sequence[Expression]) -> Expression:
    """The factors multiplied, products among them flattened; one factor is itself."""
    flat: list[Expression] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else (factor,))
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def ratio_of(numerator: Expression, denominator: Expression) -> Expression:
    """One over the other, without the factors that both share."""
    above, below = _factors(numerator), _factors(denominator)
    shared = {id(factor) for factor in above} & {id(factor) for factor in below}
    if len({id(factor) for factor in above}) < len(above) or len({id(factor) for factor in below}) < len(below):
        return Ratio(numerator, denominator)
    kept = product_of([factor for factor in above if id(factor) not in shared])
    divisor = [factor for factor in below if id(factor) not in shared]
    return Ratio(kept, product_of(divisor)) if divisor else kept


def sum_of(over: Sequence[str], term: Expression) -> Expression:
    """The term summed; over nothing it is itself."""
    return Sum(tuple(sorted(over)), term) if over else term


def parts_of(part: Expression) -> tuple[Expression, ...]:
    """The expressions that this one is made of, in order."""
    if isinstance(part, Product):
        return part.factors
    if isinstance(part, Sum | Relabelled):
        return (part.term,)
    if isinstance(part, Ratio):
        return (part.numerator, part.denominator)
    return ()


def variables_of(expression: Expression) -> frozenset[str]:
    """Every variable that the expression mentions, also those that it sums over."""
    seen: set[int] = set()
    found: set[str] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            found |= part.free
            waiting.extend(parts_of(part))
    return frozenset(found)


def latex(expression: Expression, beside: Iterable[str] = ()) -> str:
    r"""The expression as LaTeX, names set as text; "\ldots" where it would be longer than 20,000 characters.

    A variable that is summed over where its own value is also fixed outside, or that is named in `beside`, carries a
    prime; one at another value a star.
    """
    written: dict[tuple[int, frozenset[str], _Marks], str] = {}
    root: _Scope = (expression, expression.free | frozenset(beside), frozenset())
    waiting = [(root, False)]
    while waiting:
        (part, outer, marks), ready = waiting.pop()
        key = (id(part), outer, marks)
        if key in written:
            continue
        inner = _scopes(part, outer, marks)
        if not ready:
            waiting.append(((part, outer, marks), True))
            waiting.extend((scope, False) for scope in inner)
            continue
        parts = [written[id(scope[0]), scope[1], scope[2]] for scope in inner]
        text = _write(part, parts, dict(inner[0][2] if inner else marks))
        written[key] = text if len(text) <= LATEX_LIMIT else r"\ldots"
    return written[id(expression), root[1], root[2]]


def latex_name(name: str) -> str:
    """A variable's name as LaTeX text, every special character harmless."""
    special = {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
    }
    visible = "".join(special.get(character, character if character.isprintable() else " ") for character in name)
    return rf"\text{{{visible}}}"


def evaluate(expression: Expression, names: Sequence[str], joint: Array) -> tuple[tuple[str, ...], Array]:
    """The expression's value for each combination of its free variables: their names, and one axis for each.

    `joint` has one axis per name of `names`, in that order, and sums to 1. A condition that never occurs gives nan.
    """
    values: dict[int, tuple[tuple[str, ...], Array]] = {}
    waiting: list[tuple[Expression, bool]] = [(expression, False)]
    while waiting:
        part, ready = waiting.pop()
        if id(part) in values:
            continue
        if ready:
            values[id(part)] = _value(part, [values[id(inner)] for inner in parts_of(part)], tuple(names), joint)
        else:
            waiting.append((part, True))
            waiting.extend((inner, False) for inner in parts_of(part))
    return values[id(expression)]


def interventional_means(
    expression: Expression, treatment: str, outcome: str, names: Sequence[str], joint: Array, levels: Array
) -> Array:
    """The mean of the outcome under each level of the treatment, one per index of the treatment's axis.

    `expression` is P(outcome | do(treatment)), `levels` the outcome's value for each index of its axis. Variables that
    the expression mentions without depending on them are averaged over their own distribution.
    """
    import numpy as np

    found, values = evaluate(expression, names, joint)
    for name in [each for each in found if each not in (treatment, outcome)]:
        _, weights = _marginal((name,), tuple(names), joint)
        values = np.tensordot(values, weights, axes=([found.index(name)], [0]))
        found = tuple(each for each in found if each != name)
    density = _aligned(found, values, tuple(sorted((treatment, outcome))))
    density = np.broadcast_to(density, tuple(joint.shape[list(names).index(n)] for n in sorted((treatment, outcome))))
    by_treatment = density if treatment < outcome else density.T
    means: Array = by_treatment @ np.asarray(levels, dtype=float)
    return means


def renamed_axes(part: Relabelled, value: tuple[tuple[str, ...], Array]) -> tuple[tuple[str, ...], Array]:
    """The term's value, the axis of the old name under the new one."""
    return tuple(part.new if name == part.old else name for name in value[0]), value[1]


_Marks = frozenset[tuple[str, str]]
_Scope = tuple[Expression, frozenset[str], _Marks]
"""A part, the names that are fixed around it, and the sign after each of its names that carries one."""


def _factors(part: Expression) -> tuple[Expression, ...]:
    return part.factors if isinstance(part, Product) else (part,)


def _scopes(part: Expression, outer: frozenset[str], marks: _Marks) -> list[_Scope]:
    if isinstance(part, Sum):
        bound = frozenset(part.over)
        kept = {mark for mark in marks if mark[0] not in bound}
        return [(part.term, outer | bound, frozenset(kept | {(name, "'") for name in bound & outer}))]
    if isinstance(part, Relabelled):
        kept = {mark for mark in marks if mark[0] != part.old}
        return [(part.term, outer | {part.old}, frozenset(kept | {(part.old, "^{*}")}))]
    return [(inner, outer, marks) for inner in parts_of(part)]


def _write(part: Expression, parts: list[str], marks: dict[str, str]) -> str:
    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(latex_name(name) + marks.get(name, "") for name in names)

    if isinstance(part, Probability):
        return f"P({listed(part.of)} \\mid {listed(part.given)})" if part.given else f"P({listed(part.of)})"
    if isinstance(part, Sum):
        return f"\\sum_{{{listed(part.over)}}} {parts[0]}"
    if isinstance(part, Relabelled):
        return parts[0]
    if isinstance(part, Ratio):
        return f"\\frac{{{parts[0]}}}{{{parts[1]}}}"
    bracketed = (
        rf"\left({text}\right)" if _ends_open(factor) and position + 1 < len(parts) else text
        for position, (factor, text) in enumerate(zip(part.factors, parts, strict=True))
    )
    return " ".join(bracketed) or "1"


def _ends_open(factor: Expression) -> bool:
    """Whether what follows would be read as a part of the factor's sum."""
    return isinstance(factor, Sum) or (isinstance(factor, Relabelled) and isinstance(factor.term, Sum))


def _value(
    part: Expression, inner: list[tuple[tuple[str, ...], Array]], names: tuple[str, ...], joint: Array
) -> tuple[tuple[str, ...], Array]:
    import numpy as np

    if isinstance(part, Probability):
        given = _marginal(part.given, names, joint)
        both = _marginal((*part.of, *part.given), names, joint)
        return _combined(both, given, np.divide)
    if isinstance(part, Ratio):
        return _combined(inner[0], inner[1], np.divide)
    if isinstance(part, Relabelled):
        return renamed_axes(part, inner[0])
    if isinstance(part, Sum):
        found, values = inner[0]
        # a sum over a variable that the term does not mention multiplies by its number of levels
        silent = [joint.shape[names.index(name)] for name in part.over if name not in found]
        axes = tuple(found.index(name) for name in part.over if name in found)
        return tuple(name for name in found if name not in part.over), values.sum(axis=axes) * float(np.prod(silent))
    result: tuple[tuple[str, ...], Array] = ((), np.ones(()))
    for each in inner:
        result = _combined(result, each, np.multiply)
    return result


def _marginal(kept: tuple[str, ...], names: tuple[str, ...], joint: Array) -> tuple[tuple[str, ...], Array]:
    others = tuple(axis for axis, name in enumerate(names) if name not in kept)
    ordered = tuple(name for name in names if name in kept)
    return ordered, joint.sum(axis=others)


def _combined(
    left: tuple[tuple[str, ...], Array], right: tuple[tuple[str, ...], Array], operation: Any
) -> tuple[tuple[str, ...], Array]:
    import numpy as np

    names = tuple(sorted({*left[0], *right[0]}))
    with np.errstate(divide="ignore", invalid="ignore"):
        return names, operation(_aligned(*left, names), _aligned(*right, names))


def _aligned(found: tuple[str, ...], values: Array, names: tuple[str, ...]) -> Array:
    """The values with one axis per name, of length 1 for names that were not found."""
    ordered = values.transpose([found.index(name) for name in names if name in found])
    lengths = iter(ordered.shape)
    return ordered.reshape([next(lengths) if name in found else 1 for name in names])
