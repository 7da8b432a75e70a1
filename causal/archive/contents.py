"""The nouns that a study's JSON stands for: its question, its graph, and the specs it asks to be answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from causal.archive.study import Study
from causal.graphs.causal_graph import CausalGraph, Role
from causal.graphs.choices import may_adjust_for
from causal.study import AnalysisSpec, Bootstrap, Condition, OutcomeRule, Question, Terms, conditions_of

if TYPE_CHECKING:
    from causal.estimators.suitability import Suitability
    from causal.logs.columns import ColumnGuess
    from causal.logs.unit_table import UnitTable


def question_of(study: Study) -> Question | None:
    """The study's question, or None before it is complete."""
    return None if study.question is None else Question(**study.question, unit=outcome_unit_of(study))


def outcome_unit_of(study: Study) -> str:
    """What the outcome now asked about is counted in, as a person named it; nothing where nobody did."""
    assert study.question is not None
    return str(settings_of(study).get("units", {}).get(study.question["outcome"], ""))


def in_its_unit(study: Study, found: Any) -> Any:
    """A result, told in the unit that the study names for its outcome now; one made before may name another."""
    unit = outcome_unit_of(study)
    if hasattr(found, "comparison"):
        return replace(found, comparison=in_its_unit(study, found.comparison))
    if hasattr(found, "spec"):
        return replace(found, spec=replace(found.spec, question=replace(found.spec.question, unit=unit)))
    return None if found is None else replace(found, unit=unit)


def graph_of(study: Study) -> CausalGraph | None:
    """The study's graph as drawn, or None before there is one."""
    return None if study.graph is None else CausalGraph.parse(study.graph)


def roles_of(study: Study, guesses: Sequence[ColumnGuess]) -> dict[str, str]:
    """Each column's role: as the question says, else as a person corrected it, else as guessed.

    What only looks like treatment or outcome, and is neither in the question, is a covariate or set aside.
    """
    question = question_of(study)
    corrected: Mapping[str, str] = study.view.get("roles", {})
    aside = set((study.recipe or {}).get("set_aside", ()))
    found: dict[str, str] = {}
    for each in guesses:
        role: str = corrected.get(each.name, "set_aside" if each.name in aside else each.role)
        if question is not None and role in ("treatment", "outcome"):
            role = "covariate" if role == "treatment" else "set_aside"
        found[each.name] = role
    for name in (*texts_of(study), *scores_of(study)):
        found[name] = corrected.get(name, "covariate")
    if question is not None:
        found |= {question.treatment: "treatment", question.outcome: "outcome"}
    return found


def texts_of(study: Study) -> tuple[str, ...]:
    """The texts that are among the units' columns, by the names that they have as variables."""
    return tuple(each["name"] for each in (study.recipe or {}).get("texts", ()))


def scores_of(study: Study) -> tuple[str, ...]:
    """The scores of latent variables that are among the units' columns, by the names of those."""
    return tuple(name for each in (study.recipe or {}).get("scores", ()) for _, name in each["names"])


def without_scores(study: Study) -> Study:
    """The study as it was before there were scores of latent variables among the units' columns."""
    recipe, scores = dict(study.recipe or {}), scores_of(study)
    if not scores:
        return study
    kept = {name: value for name, value in recipe.items() if name != "scores"}
    return replace(
        study, recipe={**kept, "keep_missing": [each for each in kept["keep_missing"] if each not in scores]}
    )


def with_score(graph: CausalGraph, latent: str, name: str, question: Question) -> CausalGraph:
    """The graph with a score in the place of the unobserved variable that it estimates.

    What only showed that variable leaves the graph: the score stands for it.

    Raises UnknownNode, or GraphError where the name is taken.
    """
    shown = [
        each
        for each in graph.children(latent)
        if graph.parents(each) == {latent}
        and not graph.children(each)
        and each not in (question.treatment, question.outcome)
        and not any(each in pair for pair in graph.bidirected)
    ]
    for each in shown:
        graph = graph.without_node(each)
    return with_confounders(graph.renamed(latent, name).with_role(name, None), question)


def with_confounder(graph: CausalGraph, question: Question, name: str) -> CausalGraph:
    """The graph with `name` as a common cause of treatment and outcome; as it is where it has such a variable."""
    if name in graph.nodes:
        return graph
    graph = graph.with_node(name).with_edge(name, question.treatment).with_edge(name, question.outcome)
    return graph.with_role(name, "confounder")


def prefilled(question: Question, roles: Mapping[str, str]) -> CausalGraph:
    """A first sketch from the columns' roles: every covariate a common cause of treatment and outcome."""
    ends = (question.treatment, question.outcome)
    drawn = {name: role for name, role in roles.items() if role in _MARKS and name not in ends}
    edges = [edge for name, role in drawn.items() for edge in _arrows(name, role, question)]
    graph = CausalGraph.from_edges([*edges, ends], nodes=[*drawn, *ends])
    for name, role in drawn.items():
        graph = graph.with_role(name, _MARKS[role])
    return with_question(graph, question)


_MARKS: dict[str, Role] = {"covariate": "confounder", "instrument": "instrument", "mediator": "mediator"}


def _arrows(name: str, role: str, question: Question) -> list[tuple[str, str]]:
    if role == "instrument":
        return [(name, question.treatment)]
    if role == "mediator":
        return [(question.treatment, name), (name, question.outcome)]
    return [(name, question.treatment), (name, question.outcome)]


def graph_after(before: Study, after: Study, guesses: Sequence[ColumnGuess]) -> str | None:
    """The graph's text once the question, the roles or the columns changed.

    A sketch that nobody has touched is sketched anew; a drawing keeps its arrows, and its ends are marked.
    """
    asked, drawn = question_of(after), graph_of(before)
    if asked is None or drawn is None:
        return before.graph
    held = question_of(before)
    if held is not None and drawn.without_positions() == prefilled(held, roles_of(before, guesses)):
        return prefilled(asked, roles_of(after, guesses)).to_text("json")
    return with_question(drawn, asked).to_text("json")


def with_confounders(graph: CausalGraph, question: Question) -> CausalGraph:
    """The graph with every unmarked direct cause of both treatment and outcome marked as a confounder."""
    for name in sorted(graph.parents(question.treatment) & graph.parents(question.outcome)):
        if graph.role(name) is None:
            graph = graph.with_role(name, "confounder")
    return graph


def with_question(graph: CausalGraph, question: Question) -> CausalGraph:
    """The graph with the question's treatment and outcome marked, and nothing else marked as such."""
    for marked in (graph.with_role_of("treatment"), graph.with_role_of("outcome")):
        for name in marked:
            graph = graph.with_role(name, None)
    for name in (question.treatment, question.outcome):
        if name not in graph.nodes:
            graph = graph.with_node(name)
    return graph.with_role(question.treatment, "treatment").with_role(question.outcome, "outcome")


def settings_of(study: Study) -> Mapping[str, Any]:
    """What is chosen beside the question: cluster, confidence, terms, seed."""
    found = study.view.get("settings", {})
    assert isinstance(found, Mapping)
    return found


def graph_test_of(study: Study) -> dict[str, Any]:
    """How the graph is tested on the data, as chosen: the fields `full`, `level` and `negligible` of its options."""
    return {"full": False, "level": 0.05, "negligible": 0.05, **study.view.get("graph test", {})}


def where_of(study: Study | None) -> tuple[Condition, ...]:
    """What a unit must satisfy to be asked about; conditions that are not complete yet are left aside."""
    if study is None:
        return ()
    return conditions_of(each for each in settings_of(study).get("where", ()) if each.get("value") not in (None, []))


def bootstrap_of(study: Study) -> Bootstrap | None:
    """The bootstrap asked for, as a number of refits or as "bayesian" and that; whole clusters where units belong
    together.
    """
    settings = settings_of(study)
    asked = settings.get("bootstrap")
    if not asked:
        return None
    if isinstance(asked, str):
        return Bootstrap("bayesian", int(asked.removeprefix("bayesian ")))
    return Bootstrap("cluster" if settings.get("cluster") else "plain", int(asked))


def outcome_rule_of(study: Study) -> OutcomeRule | None:
    """The limits of extreme outcomes, if any were set for the outcome now asked about."""
    found, question = settings_of(study).get("outcome rule"), study.question
    if not found or question is None or found["of"] != question["outcome"]:
        return None
    return OutcomeRule(**{name: each for name, each in found.items() if name != "of"})


def chosen_methods(study: Study, table: UnitTable | None = None) -> tuple[Mapping[str, Any], ...]:
    """The methods asked for, each {"method", "options"}; before anybody asks, those to begin with on graph and table.

    A variable of the graph that is no column of `table` counts as unobserved (None: the graph alone is looked at).
    """
    return tuple(study.specs) or tuple({"method": name, "options": None} for name in default_methods(study, table))


def default_methods(study: Study, table: UnitTable | None = None) -> tuple[str, ...]:
    """The methods to begin with: those that rest on different models and can serve; if none can, three that adjust."""
    from causal.estimators.suitability import to_begin_with  # the first page must not wait for the numerical libraries

    return to_begin_with(suitable_methods(study, table))


def suitable_methods(study: Study, table: UnitTable | None = None) -> tuple[Suitability, ...]:
    """Whether each method can serve the study's question on its graph, as an answer uses it; none before both."""
    from causal.estimators.suitability import suitability

    question, graph = question_of(study), graph_read(study, None if table is None else table.names)
    if graph is None or question is None:
        return ()
    graph = graph.without_positions()
    return suitability(
        graph, question, table, valid_set(study, graph, question), where_of(study), settings_of(study).get("cluster")
    )


def left_alone(study: Study) -> tuple[str, ...]:
    """The variables that must never be adjusted for, though they are recorded."""
    return tuple(study.view.get("never adjust", ()))


def leaving_alone(graph: CausalGraph, names: Iterable[str]) -> CausalGraph:
    """The graph as an answer may use it: these variables count as unobserved."""
    for name in names:
        if name in graph.observed and graph.role(name) not in ("treatment", "outcome"):
            graph = graph.with_role(name, "unobserved")
    return graph


def graph_read(
    study: Study, columns: Iterable[str] | None = None, drawn: CausalGraph | None = None
) -> CausalGraph | None:
    """The study's graph, or another, as an answer uses it: what must be left alone, or is no column, is unobserved."""
    drawn = drawn or graph_of(study)
    if drawn is None:
        return None
    drawn = leaving_alone(drawn, left_alone(study))
    for name in sorted(drawn.observed - set(drawn.nodes if columns is None else columns)):
        drawn = drawn.with_role(name, "unobserved")
    return drawn


def chosen_set(study: Study) -> tuple[str, ...] | None:
    """The set that a person chose to adjust for, whether or not the graph still allows it; None: the default."""
    found = study.view.get("adjust for")
    return None if found is None else tuple(found)


def valid_set(study: Study, graph: CausalGraph, question: Question) -> tuple[str, ...] | None:
    """The set that a person chose to adjust for, if it gives the effect by this graph."""
    found = chosen_set(study)
    ends = (question.treatment, question.outcome)
    if found is None or not set(ends) <= set(graph.nodes):
        return None
    return found if may_adjust_for(graph, *ends, found) else None


def specs_of(
    study: Study, graph: CausalGraph | None = None, asked: Iterable[Mapping[str, Any]] | None = None
) -> tuple[AnalysisSpec, ...]:
    """One spec per method asked for; none before the question and the graph are there.

    `graph`: another one in the place of the study's own. `asked`: the methods, as `chosen_methods` gives them.
    """
    from causal.estimators.registry import method_named  # the first page must not wait for the numerical libraries

    base = base_spec(study, graph=graph)
    if base is None:
        return ()
    found = []
    for each in chosen_methods(study) if asked is None else asked:
        options = each.get("options")
        method = method_named(each["method"])
        made = None if not options else method.make_options(options)
        found.append(replace(base, method=method.name, options=made, bootstrap=bootstrap_of(study)))
    return tuple(found)


def base_spec(study: Study, method: str = "doubly_robust", graph: CausalGraph | None = None) -> AnalysisSpec | None:
    """The study's spec for one method with its defaults, and with errors from theory; None before the question and
    the graph are there.

    Where the cards lie on the canvas is no part of a spec. `graph`: another one in the place of the study's own.
    """
    question, drawn = question_of(study), graph or graph_of(study)
    if question is None or drawn is None:
        return None
    drawn = leaving_alone(drawn, left_alone(study))
    settings = settings_of(study)
    terms = Terms(
        squares=tuple(settings.get("squares", ())),
        interactions=tuple((left, right) for left, right in settings.get("interactions", ())),
        treatment_by=tuple(settings.get("treatment_by", ())),
    )
    return AnalysisSpec(
        question=question,
        graph=drawn.without_positions(),
        method=method,
        adjust_for=valid_set(study, drawn, question),
        terms=terms,
        confidence=float(settings.get("confidence", 0.95)),
        cluster=settings.get("cluster"),
        seed=int(settings.get("seed", 0)),
        where=where_of(study),
        outcome_rule=outcome_rule_of(study),
    )


_PEOPLE = frozenset(
    (
        *("account", "client", "consumer", "customer", "member", "person", "reader", "shopper", "subscriber", "user"),
        *("users", "visitor", "kunde", "kunden", "mitglied", "nutzer", "compte", "utilisateur", "cuenta", "usuario"),
    )
)


def likely_cluster(guesses: Sequence[ColumnGuess], names: Sequence[str]) -> str | None:
    """The column of people who have several rows each, whose rows are not independent; None where there is none."""
    from causal.logs.columns import words_of

    for each in guesses:
        repeated = each.role == "identifier" and "nearly every row" not in each.reason
        if repeated and each.name in names and _PEOPLE & set(words_of(each.name)):
            return each.name
    return None
