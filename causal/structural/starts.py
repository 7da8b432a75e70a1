"""Where the search for the estimates begins, and the natural scale of every parameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causal.structural.model import Parameter, SemModel
from causal.structural.moments import Moments


def spreads(model: SemModel, moments: Moments) -> dict[str, float]:
    """The standard deviation of each column; of a latent variable, that of its first indicator over its loading."""
    found = dict(zip(model.observed, np.sqrt(np.diag(moments.covariance)).tolist(), strict=True))
    open_names = list(model.latent)
    for _ in model.latent:
        for name in [each for each in open_names if each not in found]:
            marker = _marker(model, name)
            if marker is not None and marker.right in found:
                found[name] = found[marker.right] / (abs(marker.value) if marker.free is None and marker.value else 1.0)
                if _fixed_variance(model, name):
                    found[name] = 1.0
    return {name: found.get(name, 1.0) for name in model.variables}


def _marker(model: SemModel, latent: str) -> Parameter | None:
    loadings = [each for each in model.parameters if each.operator == "=~" and each.left == latent]
    fixed = [each for each in loadings if each.free is None and each.value != 0]
    return next(iter(fixed or loadings), None)


def _fixed_variance(model: SemModel, latent: str) -> bool:
    return any(
        each.operator == "~~" and each.left == each.right == latent and each.free is None and each.value > 0
        for each in model.parameters
    )


def scales(model: SemModel, moments: Sequence[Moments]) -> NDArray[np.float64]:
    """(k,): by how much each free parameter would move if its variables moved by one standard deviation."""
    found = np.ones(model.free)
    by_group = [spreads(model, each) for each in moments]
    for each in model.parameters:
        if each.free is None:
            continue
        spread = by_group[each.group]
        if each.operator == "=~":
            found[each.free] = spread[each.right] / spread[each.left]
        elif each.operator == "~":
            found[each.free] = spread[each.left] / spread[each.right]
        elif each.operator == "~~":
            found[each.free] = spread[each.left] * spread[each.right]
        else:
            found[each.free] = spread[each.left]
    return found


def starting_point(model: SemModel, moments: Sequence[Moments]) -> NDArray[np.float64]:
    """Theta (k,) to begin with: loadings by scale and sign, half of each variance as residual, no regressions."""
    theta = np.zeros(model.free)
    by_group = [spreads(model, each) for each in moments]
    for each in reversed(model.parameters):
        if each.free is not None:
            guess = _guess(each, model, moments[each.group], by_group[each.group])
            theta[each.free] = guess if each.start is None else each.start
    return theta


def _guess(each: Parameter, model: SemModel, moments: Moments, spread: dict[str, float]) -> float:
    place = {name: at for at, name in enumerate(model.observed)}
    if each.operator == "=~":
        marker = _marker(model, each.left)
        size = spread[each.right] / spread[each.left]
        if marker is None or marker.right not in place or each.right not in place:
            return size
        together = moments.covariance[place[marker.right], place[each.right]] * (
            marker.value if marker.free is None else 1
        )
        return float(np.copysign(0.7 * size if marker.free is not None else size, together))
    if each.operator == "~~" and each.left == each.right:
        caused = any(other.operator == "=~" and other.right == each.left for other in model.parameters)
        caused = caused or any(other.operator == "~" and other.left == each.left for other in model.parameters)
        return spread[each.left] ** 2 * (0.5 if caused or each.left not in place else 1.0)
    if each.operator == "~*~":
        return 1.0
    if each.operator == "~1" and each.left in place:
        return float(moments.mean[place[each.left]])
    return 0.0
