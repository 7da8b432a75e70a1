"""The reading under the canvas: the verdict, the set that a person chooses, and each part behind it."""

from __future__ import annotations

import random
import time

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import chosen_methods, specs_of
from causal.archive.study import Study
from causal.graphs.causal_graph import CausalGraph
from pages.ui import answers
from tests.hang import SECONDS_OF_A_HANG
from tests.pages import walk


def log(seed: int = 3, rows: int = 4000) -> bytes:
    """Users with binary columns; `taste` moves `saw` and `bought` and is in the log too."""
    rng = np.random.default_rng(seed)

    def drawn(chance: np.ndarray) -> np.ndarray:
        return (rng.random(rows) < chance).astype(int)

    taste, arm, region = (drawn(np.full(rows, 0.5)) for _ in range(3))
    saw = drawn(0.2 + 0.35 * taste + 0.25 * arm)
    seen = drawn(0.15 + 0.6 * saw)
    bought = drawn(0.1 + 0.3 * seen + 0.3 * taste + 0.1 * region)
    visits, age = (drawn(np.full(rows, 0.5)) for _ in range(2))
    columns = {"taste": taste, "arm": arm, "region": region, "saw": saw, "seen": seen, "bought": bought}
    columns |= {"visits": visits, "age": age}
    return pd.DataFrame(columns).to_csv(index=False).encode()


BACKDOOR = CausalGraph.from_edges(
    [("taste", "saw"), ("taste", "bought"), ("saw", "bought"), ("region", "bought"), ("arm", "saw")]
)
FRONT = CausalGraph.from_edges([("saw", "seen"), ("seen", "bought")], bidirected=[("saw", "bought")])
BOW = CausalGraph.from_edges([("saw", "bought"), ("mood", "saw"), ("mood", "bought")], latent=["mood"])
NAPKIN = CausalGraph.from_edges(
    [("taste", "arm"), ("arm", "saw"), ("saw", "bought")], bidirected=[("taste", "saw"), ("taste", "bought")]
)
IV = CausalGraph.from_edges([("arm", "saw"), ("saw", "bought")], bidirected=[("saw", "bought")])
CHAINS = CausalGraph.from_edges(
    [("taste", "arm"), ("arm", "saw"), ("taste", "region"), ("region", "bought"), ("saw", "bought")]
)


@pytest.fixture(scope="module")
def asked() -> str:
    app = walk.upload(log(), "views.csv")
    for page in ("columns", "question"):
        walk.turned(app, page)
    for name, value in (("treatment", "saw"), ("outcome", "bought")):
        if walk.widget(app, name).value != value:
            walk.calm(walk.widget(app, name).set_value(value).run())
    walk.turned(app, "graph")
    return walk.study_id(app)


def reading(asked: str, graph: CausalGraph, **fields: object) -> AppTest:
    """The graph page with this graph, and nothing chosen before."""
    held = answers.store().load(asked)
    marked = graph.with_role("saw", "treatment").with_role("bought", "outcome")
    changed = held.study.to_json() | {"graph": marked.to_text("json"), "view": {}, "specs": [], **fields}
    answers.store().save(Study.from_json(changed), held.revision, "drawn")
    return walk.opened(asked, "graph")


def part(app: AppTest, name: str) -> AppTest:
    return walk.calm(walk.widget(app, "graph part").set_value(name).run())


def study(app: AppTest) -> Study:
    found: Study = answers.store().load(walk.study_id(app)).study
    return found


def said(app: AppTest) -> str:
    return walk.plain(walk.texts(app))


def formulas(app: AppTest) -> list[str]:
    return [each.value for each in app.latex]


def sets(app: AppTest) -> list[str]:
    return [walk.plain(each).replace("*", "") for each in walk.widget(app, "adjustment set").options]


def test_a_set_that_a_person_chooses_is_what_every_method_adjusts_for(asked: str) -> None:
    app = part(reading(asked, CHAINS), "sets")
    assert sets(app) == [
        "region — ★ smallest variance, the usual choice",
        "arm",
        "taste",
    ]
    walk.calm(walk.widget(app, "adjustment set").set_value(1).run())
    assert {spec.adjust_for for spec in specs_of(study(app))} == {("arm",)}
    assert "Adjust for: arm (the set you chose)" in said(app).replace("*", "")
    walk.answered(app)
    assert {each.adjust_for for each in walk.analyses(study(app))} == {("arm",)}
    assert not walk.errors(app)
    part(walk.turned(app, "graph"), "sets")
    walk.calm(walk.widget(app, "adjustment set").set_value(sets(app).index(sets(app)[0])).run())
    assert {spec.adjust_for for spec in specs_of(study(app))} == {None}


def test_a_choice_that_an_edit_makes_invalid_is_dropped_with_a_sentence(asked: str) -> None:
    app = reading(asked, CHAINS, view={"adjust for": ["arm"]})
    walk.calm(walk.widget(app, "graph text").set_value(CHAINS.with_edge("taste", "saw").to_text("edges")).run())
    assert 'You chose to adjust for "arm". After the change: The path' in walk.errors(app)
    assert {spec.adjust_for for spec in specs_of(study(app))} == {None}


def test_a_choice_is_dropped_where_one_of_it_is_never_to_be_adjusted_for(asked: str) -> None:
    app = part(reading(asked, CHAINS, view={"adjust for": ["arm"]}), "sets")
    walk.calm(walk.widget(app, "never adjust").set_value(["arm"]).run())
    assert 'You chose to adjust for "arm". But "arm" is never to be adjusted for. The usual set is back.' in (
        walk.errors(app)
    )


def test_more_sets_are_shown_when_asked_for(asked: str) -> None:
    chains = (("taste", "region"), ("arm", "seen"), ("visits", "age"))
    edges = [edge for first, second in chains for edge in ((first, "saw"), (first, second), (second, "bought"))]
    app = part(reading(asked, CausalGraph.from_edges([*edges, ("saw", "bought")])), "sets")
    assert len(sets(app)) in (6, 7)
    walk.calm(app.button("more sets").click().run())
    assert len(sets(app)) == 2**3
    assert not any(each.key == "more sets" for each in app.button)


def test_variables_are_forced_and_left_alone_in_plain_words(asked: str) -> None:
    app = part(reading(asked, CHAINS), "sets")
    walk.calm(walk.widget(app, "never adjust").set_value(["region"]).run())
    assert all("region" not in each for each in sets(app))
    assert all("region" in spec.graph.latent for spec in specs_of(study(app)))
    walk.calm(walk.widget(app, "forced").set_value(["taste"]).run())
    part(app, "sets")
    assert "taste" in said(app) and specs_of(study(app))[0].graph.forced == {"taste"}
    walk.answered(app)
    assert {each.adjust_for for each in walk.analyses(study(app))} == {("taste",)}


def test_the_direct_effect_has_its_own_sets(asked: str) -> None:
    graph = BACKDOOR.with_node("seen").with_edge("saw", "seen").with_edge("seen", "bought")
    app = part(reading(asked, graph), "sets")
    walk.calm(walk.widget(app, "sets effect").set_value("direct").run())
    assert "- seen, taste" in said(app)
    walk.calm(walk.widget(app, "sets effect").set_value("total").run())
    assert "region, taste — ★ smallest variance, the usual choice" in sets(app) and "taste" in sets(app)


@pytest.mark.parametrize(
    ("graph", "sentence", "steps"),
    [
        (BACKDOOR, "These comparisons are averaged", 4),
        (FRONT, "First what saw does to seen", 8),
        (NAPKIN, "can be counted in the log", 3),
        (CausalGraph.from_edges([("taste", "saw"), ("taste", "bought")]), "distributed as it is seen now", 1),
    ],
)
def test_the_formula_is_shown_with_words_and_steps(asked: str, graph: CausalGraph, sentence: str, steps: int) -> None:
    app = part(reading(asked, graph), "steps")
    assert sentence in said(app).replace('"', "")
    assert len(formulas(app)) >= 1 + steps
    assert formulas(app)[0] == formulas(app)[-1] or steps == 1
    assert all(r"\operatorname{do}" in each or "P(" in each for each in formulas(app))


def test_a_front_door_and_instruments_are_named_with_what_they_need(asked: str) -> None:
    app = part(reading(asked, FRONT), "ways")
    assert 'Open: "seen" carries the whole effect' in said(app)
    iv = CausalGraph.from_edges(
        [("arm", "saw"), ("taste", "arm"), ("taste", "bought"), ("saw", "bought")], bidirected=[("saw", "bought")]
    )
    app = part(reading(asked, iv), "ways")
    assert app.dataframe[0].value.to_dict("records") == [{"instrument": "arm", "valid given": "taste"}]
    assert "No formula exists." in said(app)


def test_what_would_help_is_said_where_nothing_identifies(asked: str) -> None:
    app = reading(asked, BOW)
    assert "Not identified." in walk.errors(app) and "(a hedge)" in walk.errors(app)
    assert 'Record "mood", and add it to the log.' in said(app)
    assert "such as a random assignment to an arm" in said(app)
    assert "There is no formula to derive." in said(part(app, "steps"))


def test_no_effect_is_said_where_no_arrows_lead_to_the_outcome(asked: str) -> None:
    app = reading(asked, CausalGraph.from_edges([("taste", "saw"), ("taste", "bought")]))
    assert "The graph says: no effect." in walk.errors(app)


def test_direct_and_indirect_effects_are_split_or_it_is_said_why_not(asked: str) -> None:
    graph = BACKDOOR.with_node("seen", "mediator").with_edge("saw", "seen").with_edge("seen", "bought")
    app = part(reading(asked, graph), "split")
    assert "Natural direct and indirect effects follow." in said(app) and formulas(app)
    walk.calm(walk.widget(app, "mediators").set_value([]).run())
    assert "Choose at least one variable" in said(app)
    app = part(reading(asked, graph.with_edge("seen", "bought", "bidirected")), "split")
    assert "The two parts cannot be told apart." in walk.errors(app)
    assert "No recorded variable lies on the way" in said(part(reading(asked, BACKDOOR), "split"))


def test_the_effect_among_units_alike_has_its_formula(asked: str) -> None:
    app = part(reading(asked, BACKDOOR), "alike")
    walk.calm(walk.widget(app, "given").set_value(["taste"]).run())
    assert "The effect among units alike in them follows." in said(app) and "taste" in formulas(app)[0]


def test_every_variable_has_its_advice_in_a_table(asked: str) -> None:
    app = part(reading(asked, BACKDOOR), "variables")
    rows = {each["variable"]: each for each in app.table[0].value.to_dict("records")}
    assert rows["**taste**"]["advice"] == "✓ adjust"
    assert "is open and biases the effect" in walk.plain(rows["**taste**"]["why"])
    assert rows["**arm**"]["advice"] == "✕ must not adjust"


def test_another_pair_or_several_are_read_without_changing_the_question(asked: str) -> None:
    app = part(reading(asked, BACKDOOR), "pair")
    before = study(app)
    walk.calm(walk.widget(app, "pair set").set_value(["taste"]).run())
    assert "Nothing has to be adjusted for" in said(app)
    walk.calm(walk.widget(app, "pair set").set_value(["saw", "region"]).run())
    assert 'One set serves the joint effect of "region" and "saw" on "bought".' in said(app)
    assert "- taste" in said(app)
    app = part(reading(asked, FRONT), "pair")
    walk.calm(walk.widget(app, "pair look").set_value(["bought", "seen"]).run())
    assert "but a formula does" in said(app) and formulas(app)
    assert study(app).question == before.question


@pytest.mark.parametrize(
    ("graph", "able"),
    [(FRONT, "identified_formula"), (FRONT, "front_door"), (NAPKIN, "identified_formula"), (IV, "instrument")],
)
def test_from_a_graph_without_an_adjustment_set_to_an_answer_in_two_clicks(
    asked: str, graph: CausalGraph, able: str
) -> None:
    app = reading(asked, graph)
    walk.calm(app.button("next effect").click().run())
    assert able in [each["method"] for each in chosen_methods(study(app))]
    walk.answered(app)
    found = {each.spec.method: each.estimate for each in walk.analyses(study(app))}
    low, high = found[able].interval(0.999)
    assert not walk.errors(app)
    assert low < high
    if graph is not NAPKIN:  # which is not how these rows were made
        assert low < 0.6 * 0.3 < high


def test_methods_that_cannot_use_the_graph_are_exchanged_in_one_click(asked: str) -> None:
    app = reading(asked, FRONT, specs=[{"method": "regression", "options": None}])
    walk.turned(app, "effect")
    assert "None of the methods chosen can use this graph." in walk.errors(app)
    walk.calm(app.button("recommended").click().run())
    assert "None of the methods chosen" not in walk.errors(app)
    assert "identified_formula" in [each["method"] for each in chosen_methods(study(app))]


def test_a_variable_that_is_no_column_is_read_as_an_answer_takes_it(asked: str) -> None:
    graph = CausalGraph.from_edges([("mood", "saw"), ("mood", "bought"), ("saw", "bought")])
    app = reading(asked, graph)
    assert "Not identified." in walk.errors(app)
    assert "taken for unobserved: “mood”" in said(app)


def test_a_hundred_variables_and_three_hundred_arrows_are_read_quickly(asked: str) -> None:
    draw = random.Random(5)
    names = ["saw", "bought", *(f"v{place:02}" for place in range(98))]
    order = [*names[2:50], "saw", *names[50:], "bought"]
    edges = {("saw", "bought")}
    while len(edges) < 300:
        first, second = sorted(draw.sample(range(100), 2))
        edges.add((order[first], order[second]))
    app = reading(asked, CausalGraph.from_edges(edges))
    app.run()
    start = time.process_time()
    app.run()
    assert time.process_time() - start < SECONDS_OF_A_HANG


def test_the_methods_that_fit_are_chosen_where_a_cause_is_no_column(asked: str) -> None:
    graph = CausalGraph.from_edges([("mood", "saw"), ("mood", "bought"), ("saw", "seen"), ("seen", "bought")])
    app = walk.turned(reading(asked, graph), "effect")
    assert "None of the methods chosen" not in walk.errors(app)
    assert walk.widget(app, "method identified_formula").value and walk.widget(app, "method front_door").value


def test_a_log_selected_by_the_outcome_shows_no_direct_effect_either(asked: str) -> None:
    graph = CausalGraph.from_edges([("saw", "bought"), ("bought", "visits")], selected=["visits"])
    app = part(reading(asked, graph), "sets")
    walk.calm(walk.widget(app, "sets effect").set_value("direct").run())
    assert 'which rows are in the log depends on "visits"' in walk.errors(app)
    assert "controlled direct effect" not in said(app)


@pytest.mark.parametrize("role", ["unobserved", "selected"])
@pytest.mark.parametrize("name", ["ways", "pair", "split", "alike", "steps", "sets", "variables"])
def test_an_end_of_the_question_that_is_marked_otherwise_breaks_no_part(asked: str, role: str, name: str) -> None:
    app = reading(asked, FRONT)
    held = answers.store().load(asked)
    marked = FRONT.with_role("saw", "treatment").with_role("bought", role)
    changed = held.study.to_json() | {"graph": marked.to_text("json")}
    answers.store().save(Study.from_json(changed), held.revision, "drawn")
    app = part(walk.opened(asked, "graph"), name)
    assert "Not identified." in walk.errors(app)
