"""Which methods can serve: by the graph, by the population asked about, by what the table holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import causal
from causal.estimators.suitability import FAMILIES, recommended, suitability

N = 400


def table(values_of_m: int = 2) -> causal.UnitTable:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"t": rng.integers(0, 2, N), "x": rng.normal(size=N)})
    frame["m"] = np.arange(N) % values_of_m
    frame["y"] = frame["t"] + frame["x"] + rng.normal(size=N)
    return causal.UnitTable.from_frame(frame)


def obstacles(graph: str, target: str = "everyone", values_of_m: int = 2) -> dict[str, str]:
    question = causal.Question("t", "y", target=target)
    found = suitability(causal.CausalGraph.parse(graph), question, table(values_of_m))
    return {each.method: each.obstacle for each in found}


def test_every_method_has_a_family_that_is_explained() -> None:
    assert {method.family for method in causal.METHODS} <= set(FAMILIES)


def test_adjustment_is_recommended_where_it_serves_even_beside_an_instrument() -> None:
    graph = causal.CausalGraph.parse("x -> t; x -> y; m -> t; t -> y")
    found = suitability(graph, causal.Question("t", "y"), table())
    assert recommended(found) == ("regression", "weighting", "doubly_robust")
    assert not {each.method: each.obstacle for each in found}["instrument"]


@pytest.mark.parametrize(("values", "able"), [(2, True), (200, False)])
def test_a_formula_needs_columns_of_few_values(values: int, able: bool) -> None:
    assert (obstacles("t -> m -> y; t <-> y", values_of_m=values)["identified_formula"] == "") == able


def test_what_the_filter_leaves_is_what_counts() -> None:
    graph, question = causal.CausalGraph.parse("t -> m -> y; t <-> y"), causal.Question("t", "y")
    few = (causal.Condition("m", "is at most", 3),)
    found = suitability(graph, question, table(200), where=few)
    assert {each.method: each.obstacle for each in found}["identified_formula"] == ""


def test_a_population_that_few_methods_answer_for_leaves_those() -> None:
    found = obstacles("x -> t; x -> y; t -> y", target="overlap")
    assert not found["doubly_robust"] and not found["overlap_weighting"]
    assert "everyone or those treated or those not treated" in found["regression"]


def test_clusters_are_refused_by_the_methods_without_an_error_for_them() -> None:
    graph = causal.CausalGraph.parse("x -> t; x -> y; t -> y")
    found = suitability(graph, causal.Question("t", "y"), table(), cluster="m")
    refused = {each.method for each in found if "belong together" in each.obstacle}
    assert refused == {method.name for method in causal.METHODS if not method.clusters} != set()


def test_an_obstacle_is_what_answer_says_no_to() -> None:
    """Where there is no obstacle the method answers; where there is one it refuses."""
    for graph in ("x -> t; x -> y; t -> y", "t -> m -> y; t <-> y", "m -> t; t -> y; t <-> y"):
        data, asked = table(), causal.Question("t", "y")
        for name, obstacle in obstacles(graph).items():
            if causal.estimators.registry.method_named(name).slow:
                continue
            spec = causal.AnalysisSpec(question=asked, graph=causal.CausalGraph.parse(graph), method=name)
            if obstacle:
                with pytest.raises(causal.errors.DoableError):
                    causal.answer(data, spec)
            else:
                causal.answer(data, spec)
