"""What a model would gain by freeing one coefficient: modification indices and the change to expect.

The score test of one parameter held at its value (Sörbom 1989; lavaan's modificationIndices): chi-square would fall by
about the index. An arrow into an exogenous column frees that column's variance too, where lavaan 0.6 holds it at the
data's and is off by what refits show. They are read off the data at hand: a model that follows them fits by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import layout_of
from causal.structural.likelihood import Group, deviance_gradient, expected_information
from causal.structural.model import Parameter, SemModel
from causal.structural.model_text import Operator
from causal.structural.moments import Moments
from causal.structural.uncertainty import unfixed
from causal.structural.weighted_fit import Weighted


@dataclass(frozen=True)
class Modification:
    """A coefficient that is not free: by what chi-square would fall if it were, and its change to expect."""

    left: str
    operator: str
    right: str
    group: int
    index: float
    expected: float

    @property
    def name(self) -> str:
        """As lavaan spells it."""
        return f"{self.left} {self.operator} {self.right}"


def modifications(
    model: SemModel, groups: Sequence[Group], moments: Sequence[Moments], theta: NDArray[np.float64]
) -> tuple[Modification, ...]:
    """Every coefficient that could be freed, the largest index first.

    Those that the model holds at a value, and those that it lacks: cross-loadings, covariances of residuals and of
    latent variables, and arrows between the variables of its regressions, either way round.
    """
    added = [each for group in range(model.groups) for each in (*_held(model, group), *_absent(model, group))]
    if not added:
        return ()
    free = unfixed(model, groups, moments, theta)  # what gets a cause keeps no variance of the data
    size = free.model.free
    more = [replace(each, free=size + place) for place, each in enumerate(added)]
    kept = [each for each in free.model.parameters if each not in added]
    larger = replace(free.model, parameters=(*kept, *more), free=size + len(more))
    wider = [
        Group(layout_of(larger, at, seen), group.patterns)
        for at, (group, seen) in enumerate(zip(groups, moments, strict=True))
    ]
    point = np.concatenate([free.theta, [each.value for each in added]])
    score = -deviance_gradient(wider, point)[size:] / 2
    information = expected_information(wider, point)
    own, cross = information[:size, :size], information[size:, :size]
    left_over = np.diag(information)[size:] - np.einsum("ij,ji->i", cross, np.linalg.solve(own, cross.T))
    told = left_over > 1e-8 * np.diag(information)[size:]
    found = [
        Modification(each.left, each.operator, each.right, each.group, float(slope**2 / rest), float(slope / rest))
        for each, slope, rest, known in zip(added, score.tolist(), left_over.tolist(), told.tolist(), strict=True)
        if known
    ]
    return tuple(sorted(found, key=lambda each: -each.index))


def weighted_modifications(
    model: SemModel, seen: Weighted, moments: Sequence[Moments], theta: NDArray[np.float64]
) -> tuple[Modification, ...]:
    """The same for ordered columns, of the chi-square that is not adjusted; exogenous columns get no cause."""
    added = [
        each
        for group in range(model.groups)
        for each in (*_held(model, group), *_absent(model, group))
        if each.operator in ("=~", "~", "~~") and not (each.operator == "~" and each.left in model.exogenous)
    ]
    if not added:
        return ()
    more = [replace(each, free=model.free + place) for place, each in enumerate(added)]
    kept = [each for each in model.parameters if each not in added]
    larger = replace(model, parameters=(*kept, *more), free=model.free + len(more))
    wider = replace(seen, layouts=tuple(layout_of(larger, at, own) for at, own in enumerate(moments)))
    point = np.concatenate([theta, [each.value for each in added]])
    slopes = wider.slopes(point) * np.sqrt(seen.counted)[:, None]
    rest = (seen.values - seen.implied(theta)) * np.sqrt(seen.counted)
    own = np.linalg.qr(slopes[:, : model.free])[0]
    new = slopes[:, model.free :]
    turned = new - own @ (own.T @ new)
    left_over = np.square(turned).sum(axis=0)
    told = left_over > 1e-8 * np.square(new).sum(axis=0)
    found = [
        Modification(each.left, each.operator, each.right, each.group, float(slope**2 / size), float(slope / size))
        for each, slope, size, known in zip(added, turned.T @ rest, left_over, told, strict=True)
        if known
    ]
    return tuple(sorted(found, key=lambda each: -each.index))


def _held(model: SemModel, group: int) -> list[Parameter]:
    """Coefficients that are held at a value."""
    return [
        each
        for each in model.parameters
        if each.group == group and each.free is None and each.origin not in ("data", "scale")
    ]


def _absent(model: SemModel, group: int) -> list[Parameter]:
    present = {(each.left, each.operator, each.right) for each in model.parameters if each.group == group}
    present |= {(right, sign, left) for left, sign, right in present if sign == "~~"}
    indicators = list(
        dict.fromkeys(each.right for each in model.parameters if each.operator == "=~" and each.right in model.observed)
    )
    inner = [name for name in model.observed if name not in model.exogenous]
    found: list[tuple[str, Operator, str]] = [(latent, "=~", name) for latent in model.latent for name in indicators]
    found += [(left, "~~", right) for left, right in (*combinations(inner, 2), *combinations(model.latent, 2))]
    found += [(effect, "~", cause) for effect, cause in permutations(_in_regressions(model), 2)]
    shown = {(each.left, each.right) for each in model.parameters if each.operator == "=~"}
    return [
        Parameter(left, operator, right, group)
        for left, operator, right in found
        if (left, operator, right) not in present and not (operator == "~" and (right, left) in shown)
    ]


def _in_regressions(model: SemModel) -> list[str]:
    named = {name for each in model.parameters if each.operator == "~" for name in (each.left, each.right)}
    return [name for name in model.variables if name in named]
