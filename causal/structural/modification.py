"""What a model would gain by freeing one coefficient: modification indices and the change to expect.

The score test of one parameter held at its value (Sörbom 1989; lavaan's modificationIndices): chi-square would fall by
about the index. They are read off the data at hand, so a model that follows them fits by chance too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causal.structural.implied import layout_of
from causal.structural.likelihood import Group, deviance_gradient, expected_information
from causal.structural.model import Parameter, SemModel
from causal.structural.model_text import Operator
from causal.structural.moments import Moments


@dataclass(frozen=True)
class Modification:
    """A coefficient that the model does not have: by what chi-square would fall, and the value to expect."""

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
    """Every cross-loading, residual covariance and arrow that could be added, the largest index first."""
    added = [each for group in range(model.groups) for each in _absent(model, group)]
    if not added:
        return ()
    more = [replace(each, free=model.free + place) for place, each in enumerate(added)]
    larger = replace(model, parameters=(*model.parameters, *more), free=model.free + len(more))
    wider = [
        Group(layout_of(larger, at, seen), group.patterns)
        for at, (group, seen) in enumerate(zip(groups, moments, strict=True))
    ]
    point = np.concatenate([theta, np.zeros(len(more))])
    score = -deviance_gradient(wider, point)[model.free :] / 2
    information = expected_information(wider, point)
    own, cross = information[: model.free, : model.free], information[model.free :, : model.free]
    left_over = np.diag(information)[model.free :] - np.einsum("ij,ji->i", cross, np.linalg.solve(own, cross.T))
    told = left_over > 1e-8 * np.diag(information)[model.free :]
    found = [
        Modification(each.left, each.operator, each.right, each.group, float(slope**2 / rest), float(slope / rest))
        for each, slope, rest, known in zip(added, score.tolist(), left_over.tolist(), told.tolist(), strict=True)
        if known
    ]
    return tuple(sorted(found, key=lambda each: -each.index))


def _absent(model: SemModel, group: int) -> list[Parameter]:
    present = {(each.left, each.operator, each.right) for each in model.parameters if each.group == group}
    present |= {(right, sign, left) for left, sign, right in present if sign == "~~"}
    indicators = list(
        dict.fromkeys(each.right for each in model.parameters if each.operator == "=~" and each.right in model.observed)
    )
    inner = [name for name in model.observed if name not in model.exogenous]
    found = [
        Parameter(latent, "=~", name, group)
        for latent in model.latent
        for name in indicators
        if (latent, "=~", name) not in present
    ]
    found += [
        Parameter(left, "~~", right, group)
        for left, right in combinations(inner, 2)
        if (left, "~~", right) not in present
    ]
    return found + _arrows(model, group, present)


def _arrows(model: SemModel, group: int, present: set[tuple[str, Operator, str]]) -> list[Parameter]:
    """Regressions between columns of the structural part, where they would close no loop."""
    measured = {each.right for each in model.parameters if each.operator == "=~"}
    effects = [each for each in model.observed if any(own == each and sign == "~" for own, sign, _ in present)]
    parts = [name for name in model.observed if name not in measured]
    below: dict[str, set[str]] = {name: {name} for name in model.variables}
    for _ in model.variables:
        for effect, sign, cause in present:
            if sign == "~":
                below[cause] |= below[effect]
    return [
        Parameter(effect, "~", cause, group)
        for effect in effects
        for cause in parts
        if cause != effect and cause not in below[effect] and (effect, "~", cause) not in present
    ]
