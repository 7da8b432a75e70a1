"""A structural equation model: its variables, and every coefficient as free, fixed or equal to another.

What is not written follows the defaults of lavaan's `sem()` (Rosseel 2012): a latent variable has the scale of its
first indicator; residual variances are free, but that of the one indicator of a latent variable, which is 0; exogenous
latent variables covary, and so do the residuals of outcomes that cause nothing; exogenous columns keep the variances
and covariances that they have in the data, and cost no degree of freedom. An ordered column has thresholds instead of
an intercept. Its normal response has variance one, and no residual variance of its own (the delta parameterisation);
or its residual variance is one, and the scale of the response follows (theta; Muthén and Asparouhov 2002).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement
from types import MappingProxyType
from typing import Literal, TypeVar

from causal.errors import GraphError
from causal.structural.defined import Defined
from causal.structural.model_text import Line, ModelText, Operator

Equal = Literal[
    "loadings",
    "intercepts",
    "residuals",
    "regressions",
    "means",
    "latent variances",
    "latent covariances",
    "thresholds",
]
Origin = Literal["written", "default", "data", "scale"]
Parameterization = Literal["delta", "theta"]
_Setting = TypeVar("_Setting")


@dataclass(frozen=True)
class Parameter:
    """One coefficient in one group: free (`free` is its place in the vector of parameters) or held at `value`.

    `origin`: whether it was written, follows from a default, is taken from the data (exogenous columns), or from the
    scale of an ordered column. Several with one place are equal. `start`: where the search begins, None where the fit
    finds a start itself.
    """

    left: str
    operator: Operator
    right: str
    group: int = 0
    free: int | None = None
    value: float = 0.0
    label: str = ""
    start: float | None = None
    origin: Origin = "written"

    @property
    def name(self) -> str:
        """As lavaan spells it: "ind60 =~ x1", "x1 ~~ x1", "x1 ~1"."""
        return f"{self.left} {self.operator} {self.right}".rstrip()


@dataclass(frozen=True)
class SemModel:
    """`observed`: columns in the order of the matrices; `latent` follow. `exogenous`: columns with fixed moments.

    `free`: how many free parameters there are; `means`: whether intercepts are in the model. `ordered`: columns that
    are cut at thresholds, with the number of their levels; `parameterization`: what sets the scale of their responses.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    free: int
    groups: int
    means: bool
    defined: tuple[Defined, ...] = ()
    ordered: tuple[tuple[str, int], ...] = ()
    parameterization: Parameterization = "delta"

    @property
    def variables(self) -> tuple[str, ...]:
        """Observed, then latent: the order of rows in every matrix."""
        return (*self.observed, *self.latent)

    def names_of_free(self) -> tuple[str, ...]:
        """The name of each free parameter, in order; with its group where there are several."""
        names = [""] * self.free
        for each in reversed(self.parameters):
            if each.free is not None:
                names[each.free] = each.name if self.groups == 1 else f"{each.name} (group {each.group + 1})"
        return tuple(names)


def build_model(
    text: ModelText,
    groups: int = 1,
    means: bool = False,
    equal: Sequence[Equal] = (),
    growth: bool = False,
    ordered: Mapping[str, int] | None = None,
    parameterization: Parameterization = "delta",
) -> SemModel:
    """The model with lavaan's defaults filled in.

    `equal`: what is held equal across groups; `growth`: latent means are free and intercepts 0, as in a growth curve;
    `ordered`: columns that are cut at thresholds, with their levels. Raises GraphError where the lines contradict one
    another.
    """
    roles = _Roles(text.lines, ordered or {}, parameterization)
    _check_thresholds(text.lines, roles)
    _check_arrows(text.lines)
    with_means = bool(ordered) or means or growth or groups > 1 or any(line.operator == "~1" for line in text.lines)
    lines: list[tuple[Line, Origin]] = [(line, "written") for line in text.lines]
    lines += [(line, "default") for line in _defaults(roles, with_means)]
    parameters = [
        _parameter(line, origin, group, groups, roles, equal, growth)
        for group in range(groups)
        for line, origin in lines
    ]
    held = dict(text.held)
    shared = _representatives(text.equal)
    numbered, count = _numbered(parameters, shared, held, equal, roles)
    return SemModel(
        observed=roles.observed,
        latent=roles.latent,
        exogenous=roles.exogenous,
        parameters=tuple(numbered),
        free=count,
        groups=groups,
        means=with_means,
        defined=text.defined,
        ordered=tuple((name, roles.ordered[name]) for name in roles.observed if name in roles.ordered),
        parameterization=parameterization,
    )


def check_ordered(text: ModelText, ordered: Iterable[str], parameterization: Parameterization = "delta") -> None:
    """Raises GraphError where a column cannot be taken as ordered in this model."""
    observed, exogenous = columns_of_model(text)
    for name in ordered:
        if name not in observed:
            raise GraphError(f'"{name}" is to be taken as ordered, but the model has no such column.')
        if name in exogenous:
            raise GraphError(
                f'"{name}" causes others and is caused by nothing here: it enters as a number, or as columns of 0 and '
                "1. Do not take it as ordered."
            )
        own = any(line.operator == "~~" and line.left == line.right == name and line.fixed for line in text.lines)
        if own and parameterization == "delta":
            raise GraphError(
                f'"{name}" is taken as ordered, so the variance of its response is one, and "{name} ~~ {name}" follows '
                "from it. Leave that line out."
            )


def _check_thresholds(lines: Sequence[Line], roles: _Roles) -> None:
    for line in lines:
        if line.operator == "|" and line.left not in roles.ordered:
            raise GraphError(f'"{line.left} | {line.right}" is a threshold, but "{line.left}" is not taken as ordered.')
        if line.operator == "|" and line.right not in _thresholds(roles.ordered[line.left]):
            raise GraphError(
                f'"{line.left}" has {roles.ordered[line.left]} levels, so its thresholds are t1 to '
                f't{roles.ordered[line.left] - 1}; there is no "{line.right}".'
            )


def _check_arrows(lines: Sequence[Line]) -> None:
    shown = {(line.left, line.right) for line in lines if line.operator == "=~"}
    for line in lines:
        if line.operator == "~" and (line.right, line.left) in shown:
            raise GraphError(
                f'"{line.right} =~ {line.left}" and "{line.left} ~ {line.right}" are one and the same arrow, written '
                "twice. Leave one of them out; the fit is the same with either."
            )


def _thresholds(levels: int) -> list[str]:
    return [f"t{at + 1}" for at in range(levels - 1)]


def columns_of_model(text: ModelText) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Its observed and its exogenous columns, which hang on no group."""
    roles = _Roles(text.lines)
    return roles.observed, roles.exogenous


class _Roles:
    """Who is what in the equations; orders are lavaan's, so that matrices and notes read alike."""

    def __init__(
        self,
        lines: Sequence[Line],
        ordered: Mapping[str, int] = MappingProxyType({}),
        parameterization: Parameterization = "delta",
    ) -> None:
        self.ordered = ordered
        self.theta = parameterization == "theta"
        measured = [line for line in lines if line.operator == "=~"]
        self.latent = tuple(dict.fromkeys(line.left for line in measured))
        hidden = set(self.latent)
        indicators = dict.fromkeys(line.right for line in measured)
        effects = dict.fromkeys(line.left for line in lines if line.operator == "~")
        causes = dict.fromkeys(line.right for line in lines if line.operator == "~")
        touched = {name for line in lines if line.operator in ("~~", "~1") for name in (line.left, line.right) if name}
        self.indicators = frozenset(indicators)
        seen = [name for name in indicators if name not in hidden]
        seen += [name for name in effects if name not in hidden and name not in seen]
        outside = [name for name in causes if name not in hidden and name not in seen]
        seen += outside
        spoken = (line for line in lines if line.operator in ("~~", "~1"))
        seen += [name for line in spoken for name in (line.left, line.right) if name and name not in hidden | set(seen)]
        self.observed = tuple(dict.fromkeys(seen))
        self.exogenous = tuple(name for name in outside if name not in touched)
        self.effects = frozenset(effects)
        ends = [name for name in effects if name not in indicators and name not in causes]
        self.ends = (*(each for each in self.latent if each in ends), *(each for each in ends if each not in hidden))
        self.sources = tuple(each for each in self.latent if each not in indicators and each not in effects)
        self.markers = frozenset(_markers(measured))
        self.alone = frozenset(_alone(measured))


def _markers(measured: Sequence[Line]) -> Iterable[tuple[str, str]]:
    first: dict[str, str] = {}
    for line in measured:
        first.setdefault(line.left, line.right)
    return first.items()


def _alone(measured: Sequence[Line]) -> Iterable[str]:
    """Indicators that are the only one of their latent variable, and of no other."""
    for line in measured:
        others = [each for each in measured if each.left == line.left or each.right == line.right]
        if len(others) == 1:
            yield line.right


def _defaults(roles: _Roles, means: bool) -> list[Line]:
    """What is added to the lines as written; the caller leaves out what was written already."""
    inner = [name for name in roles.observed if name not in roles.exogenous]
    pairs = [(name, name) for name in (*inner, *roles.latent)]
    pairs += [*combinations(roles.sources, 2), *combinations(roles.ends, 2)]
    pairs += combinations_with_replacement(roles.exogenous, 2)
    lines = [Line(left, "~~", right) for left, right in pairs]
    lines += [Line(name, "|", cut) for name in roles.observed for cut in _thresholds(roles.ordered.get(name, 1))]
    lines += [Line(name, "~*~", name) for name in roles.ordered]
    return lines + ([Line(name, "~1", "") for name in (*roles.observed, *roles.latent)] if means else [])


def _parameter(
    line: Line, origin: Origin, group: int, groups: int, roles: _Roles, equal: Sequence[Equal], growth: bool
) -> Parameter:
    """The line in one group, with its default where nothing was said; `free` is 0 for any free one."""
    label = _of_group(line.labels, group, groups, line) or ""
    start = _of_group(line.starts, group, groups, line)
    made = Parameter(line.left, line.operator, line.right, group, label=label, start=start, origin=origin)
    if line.fixed:
        value = _of_group(line.fixed, group, groups, line)
        return replace(made, free=0) if value is None else replace(made, value=value)
    value = None if _asked_for(line, roles, origin == "written") else _default_value(line, group, roles, equal, growth)
    return replace(made, free=0) if value is None else replace(made, value=value)


def _asked_for(line: Line, roles: _Roles, written: bool) -> bool:
    """Whether a mean or variance is free because it was written, which a default would hold."""
    told = line.left not in roles.ordered or (roles.theta and line.operator == "~~")
    return written and line.operator in ("~1", "~~") and told


def _default_value(line: Line, group: int, roles: _Roles, equal: Sequence[Equal], growth: bool) -> float | None:
    """None where a coefficient is free unless something else is said."""
    if line.operator == "~*~" or (roles.theta and line.operator == "~~" and line.left == line.right in roles.ordered):
        freed = "thresholds" in equal and "loadings" in equal and group > 0
        return None if freed and not (roles.theta and "residuals" in equal) else 1.0
    if line.operator == "=~" and (line.left, line.right) in roles.markers:
        return 1.0
    if line.operator == "~~" and line.left == line.right and line.left in roles.alone:
        return 0.0
    if line.operator != "~1":
        return None
    if line.left in roles.latent:
        shared = "intercepts" in equal or "thresholds" in equal
        freed = growth or (shared and "means" not in equal and group > 0)
        return None if freed else 0.0
    if line.left in roles.ordered:
        return 0.0
    return 0.0 if growth and line.left in roles.indicators else None


def _of_group(settings: Sequence[_Setting], group: int, groups: int, line: Line) -> _Setting | None:
    if not settings:
        return None
    if len(settings) not in (1, groups):
        raise GraphError(
            f'"{line.left} {line.operator} {line.right}" has {len(settings)} values, but there are {groups} groups. '
            "Write one value, or one per group."
        )
    return settings[0] if len(settings) == 1 else settings[group]


def _representatives(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each label that is held equal to others, the one that stands for all of them."""
    found: dict[str, str] = {}
    for left, right in pairs:
        one, two = found.get(left, left), found.get(right, right)
        found = {label: one if stands == two else stands for label, stands in found.items()}
        found |= {left: one, right: one, two: one}
    return found


_EQUAL_OPERATORS: dict[Equal, str] = {"loadings": "=~", "intercepts": "~1", "regressions": "~", "thresholds": "|"}


def _held_equal(each: Parameter, equal: Sequence[Equal], roles: _Roles) -> bool:
    """Whether a coefficient is one across groups by what was asked to be equal."""
    hidden = each.left in roles.latent
    alike = each.left == each.right
    if each.operator == "~~":
        kind: Equal = "latent variances" if hidden and alike else "latent covariances" if hidden else "residuals"
        return kind in equal and (hidden or alike)
    if each.operator == "~1":
        return ("means" if hidden else "intercepts") in equal
    return any(each.operator == sign and name in equal for name, sign in _EQUAL_OPERATORS.items())


def _numbered(
    parameters: Sequence[Parameter],
    shared: dict[str, str],
    held: dict[str, float],
    equal: Sequence[Equal],
    roles: _Roles,
) -> tuple[list[Parameter], int]:
    """The parameters without repetitions, free ones numbered in order; equal labels share a number."""
    labels = {each.label for each in parameters if each.label}
    for label in (*shared, *held):
        if label not in labels:
            raise GraphError(f'"{label}" is held equal, but labels no parameter. Give it to one: {label}*x.')
    seen: dict[tuple[int, str, str, str], Parameter] = {}
    places: dict[object, int] = {}
    outside = set(roles.exogenous)
    for each in parameters:
        key = (each.group, each.left, each.operator, each.right)
        turned = (each.group, each.right, each.operator, each.left) if each.operator == "~~" else key
        if key in seen or turned in seen:
            continue
        if each.operator in ("~~", "~1") and each.left in outside:
            seen[key] = replace(each, free=None, origin="data")
            continue
        follows = each.operator == "~*~" if roles.theta else each.operator == "~~" and each.left == each.right
        if follows and each.left in roles.ordered:
            seen[key] = replace(each, free=None, origin="scale")
            continue
        label = shared.get(each.label, each.label)
        if label in held or each.label in held:
            each = replace(each, free=None, value=held.get(label, held.get(each.label, 0.0)))
        if each.free is not None:
            same = label or ((each.left, each.operator, each.right) if _held_equal(each, equal, roles) else key)
            each = replace(each, free=places.setdefault(same, len(places)))
        seen[key] = each
    return list(seen.values()), len(places)
