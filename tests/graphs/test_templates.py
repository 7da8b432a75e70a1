import pytest

from causal.graphs.causal_graph import CausalGraph
from causal.graphs.identification import identify
from causal.graphs.templates import TEMPLATES, template_named
from causal.study import Question

STRATEGIES = {
    "popularity_bias": ("backdoor", ("popularity",)),
    "position_bias": ("backdoor", ("ranker_score",)),
    "algorithm_arm": ("instrument", ()),
    "prominence": ("frontdoor", ()),
    "selection_by_intent": ("backdoor", ("days_since_visit", "entry_page")),
    "feedback_loop": ("backdoor", ("clicks_week_1", "exposure_week_1")),
    "price_and_promotion": ("backdoor", ("price", "season")),
    "missing_by_exposure": ("adjustment", ("activity",)),
    "user_fatigue": ("backdoor", ("past_activity",)),
    "interference": ("backdoor", ("category_demand",)),
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_each_template_is_answered_as_its_advice_says(template):
    (treatment,) = template.graph.with_role_of("treatment")
    (outcome,) = template.graph.with_role_of("outcome")
    found = identify(template.graph, Question(treatment, outcome))
    assert (found.strategy, found.adjust_for) == STRATEGIES[template.name]
    assert {name for name, _, _ in template.graph.positions} == set(template.graph.nodes)
    assert CausalGraph.parse(template.graph.to_text("dagitty")) == template.graph
    assert template_named(template.name) is template


def test_names_are_told_apart():
    assert len({each.name for each in TEMPLATES}) == len(TEMPLATES)
    assert template_named("no such template") is None
