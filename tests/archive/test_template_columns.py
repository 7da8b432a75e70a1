"""A template fitted to a log: the guess of columns, and the graph with their names."""

import pytest

from causal.archive.template_columns import fitted_template, likely_columns
from causal.errors import GraphError
from causal.graphs.identification import identify
from causal.graphs.templates import TEMPLATES, template_named
from causal.study import Question

QUESTION = Question("algorithm", "engagement")


def test_names_in_any_style_are_matched_and_each_column_is_taken_once():
    template = template_named("user_fatigue")
    columns = ["algorithm", "engagement", "PastActivity", "fatigue score", "country"]
    assert likely_columns(template, QUESTION, columns) == {"past_activity": "PastActivity"}
    assert likely_columns(template, QUESTION, [*columns, "fatigue"])["fatigue"] == "fatigue"


def test_a_column_known_as_an_instrument_stands_for_the_instrument():
    template = template_named("algorithm_arm")
    assert likely_columns(template, QUESTION, ["bucket"], {"bucket": "instrument"}) == {"arm": "bucket"}
    assert likely_columns(template, QUESTION, ["bucket"]) == {}


def test_what_no_column_stands_for_is_unobserved_and_what_one_does_is_not():
    template = template_named("selection_by_intent")
    graph = fitted_template(template, {"intent": "goal", "entry_page": "landing"}, QUESTION)
    assert graph.role("goal") is None and graph.role("landing") == "confounder"
    assert graph.latent == {"days_since_visit"}
    kept = fitted_template(template_named("missing_by_exposure"), {"activity": "visits"}, QUESTION)
    assert kept.selected == {"opened"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_template_fits_with_columns_for_all_that_is_observed(template):
    observed = template.graph.observed - {
        *template.graph.with_role_of("treatment"),
        *template.graph.with_role_of("outcome"),
    }
    graph = fitted_template(template, {node: f"col {node}" for node in observed}, QUESTION)
    assert len(graph.nodes) == len(template.graph.nodes)
    assert len(graph.positions) == len(graph.nodes)
    assert identify(graph, QUESTION).strategy in ("backdoor", "adjustment", "frontdoor", "instrument")


def test_columns_may_be_called_as_other_variables_of_the_template():
    template = template_named("price_and_promotion")
    graph = fitted_template(template, {"price": "season", "season": "price"}, Question("purchased", "promoted"))
    assert ("price", "season") in graph.directed and ("purchased", "promoted") in graph.directed
    swapped = fitted_template(template, {"price": "revenue"}, QUESTION)
    assert "revenue (unobserved)" in swapped.latent and "revenue" in swapped.observed


def test_a_column_chosen_twice_is_refused():
    with pytest.raises(GraphError, match="One column stands for two variables"):
        fitted_template(template_named("price_and_promotion"), {"price": "x", "season": "x"}, QUESTION)
