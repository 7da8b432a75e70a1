"""A fitted model as named arrays and plain JSON values, so that it is kept without running code when it is read.

Only the nouns of this package's models are written, and only they are read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np


def encoded(value: Any, arrays: dict[str, Any]) -> Any:
    """`value` as JSON values, with its arrays put into `arrays`."""
    if isinstance(value, np.ndarray):
        key = f"a{len(arrays)}"
        arrays[key] = value
        return {"array": key}
    if is_dataclass(value) and not isinstance(value, type):
        assert type(value).__name__ in _nouns(), f"{type(value).__name__} is no noun of a model"
        inner = {each.name: encoded(getattr(value, each.name), arrays) for each in fields(value)}
        return {"noun": type(value).__name__, "fields": inner}
    if isinstance(value, Mapping):
        return {"map": [[key, encoded(each, arrays)] for key, each in value.items()]}
    if isinstance(value, tuple | list):
        return {"tuple": [encoded(each, arrays) for each in value]}
    return {"is": value.item() if isinstance(value, np.generic) else value}


def decoded(document: Any, arrays: Mapping[str, Any]) -> Any:
    """What `encoded` wrote."""
    if "array" in document:
        return arrays[document["array"]]
    if "noun" in document:
        inner = {name: decoded(each, arrays) for name, each in document["fields"].items()}
        return _nouns()[document["noun"]](**inner)
    if "map" in document:
        return {key: decoded(each, arrays) for key, each in document["map"]}
    if "tuple" in document:
        return tuple(decoded(each, arrays) for each in document["tuple"])
    return document["is"]


@cache
def _nouns() -> Mapping[str, Any]:
    from causal.interventions.mechanisms.boosted import BoostedMean, BoostedShares, PairTables
    from causal.interventions.mechanisms.cells import CellMeans, Cells, CellShares
    from causal.interventions.mechanisms.features import Features, Part
    from causal.interventions.mechanisms.line import LinearMean
    from causal.interventions.mechanisms.logit import LogitShares
    from causal.interventions.mechanisms.spread import Spread
    from causal.interventions.node_columns import NodeColumn
    from causal.interventions.structural_model import NodeModel

    nouns = (BoostedMean, BoostedShares, PairTables, CellMeans, Cells, CellShares, Features, Part, LinearMean)
    return {noun.__name__: noun for noun in (*nouns, LogitShares, Spread, NodeColumn, NodeModel)}
