"""The public names: each is there, loaded when first used, and means what it says."""

from __future__ import annotations

import inspect

import pandas as pd
import pytest

import causal
from causal.errors import DoableError


@pytest.mark.parametrize("name", causal.__all__)
def test_every_public_name_is_there(name):
    assert getattr(causal, name) is not None
    assert name in dir(causal)


@pytest.mark.parametrize("name", causal.__all__)
def test_every_public_name_says_what_it_is(name):
    value = getattr(causal, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'causal' has no attribute 'magic'"):
        causal.magic  # noqa: B018


def test_errors_and_refusals_are_public():
    assert issubclass(causal.NotIdentified, causal.DoableError)
    assert causal.DoableError is DoableError


def test_a_log_and_a_graph_give_an_answer_with_its_reasons_and_its_what_if():
    frame = pd.DataFrame(
        {
            "algorithm": ["old", "new", "new", "old"] * 50,
            "age": [float(place % 41) for place in range(200)],
            "engagement": [float((place * 7) % 13 + 2 * (place % 4 in (1, 2))) for place in range(200)],
        }
    )
    table = causal.UnitTable.from_frame(frame)
    graph = causal.CausalGraph.from_edges([("age", "algorithm"), ("age", "engagement"), ("algorithm", "engagement")])
    question = causal.Question("algorithm", "engagement", control="old", treated="new")
    assert causal.adjustment_sets(graph, "algorithm", "engagement") == [frozenset({"age"})]
    assert causal.identify(graph, question).strategy == "backdoor"
    spec = causal.AnalysisSpec(question=question, graph=graph, method="doubly_robust")
    result = causal.answer(table, spec)
    assert result.adjust_for == ("age",)
    assert result.estimate.interval(0.95)[0] < result.estimate.effect < result.estimate.interval(0.95)[1]
    assert [row.name for row in result.balance.rows] == ["age"]
    assert result.overlap.effective_sample_size["new"] > 0
    curve = causal.treat_share(result, [0, 1])
    assert curve.means == pytest.approx((result.estimate.arm_means["old"], result.estimate.arm_means["new"]))


def test_methods_are_those_of_the_house_with_unique_names():
    names = [method.name for method in causal.METHODS]
    assert names == [
        "difference_in_means",
        "regression",
        "standardisation",
        "stratification",
        "weighting",
        "overlap_weighting",
        "entropy_balancing",
        "covariate_balancing",
        "matching",
        "coarsened_matching",
        "doubly_robust",
        "tmle",
        "weighted_regression",
        "double_ml",
        "causal_forest",
        "identified_formula",
        "instrument",
        "complier_effect",
        "front_door",
        "mediation",
    ]
    for method in causal.METHODS:
        assert method.title and method.summary.endswith(".") and method.source
        assert method.dowhy_name.split(".", 1)[1].startswith("causal.estimators.dowhy_adapter.")
        assert all(sentence.endswith(".") for sentence in method.assumes)
