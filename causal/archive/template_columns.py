"""A template on a log: which column stands for which of its variables, and the graph that results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from causal.archive.contents import with_confounders, with_question
from causal.errors import GraphError
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.templates import Template
from causal.study import Question

ALIKE = 0.6
"""Names that share less than this are no guess."""


def ends_of(template: Template, question: Question) -> dict[str, str]:
    """The template's treatment and outcome, with the question's columns for them."""
    return {
        **dict.fromkeys(template.graph.with_role_of("treatment"), question.treatment),
        **dict.fromkeys(template.graph.with_role_of("outcome"), question.outcome),
    }


def likely_columns(
    template: Template, question: Question, columns: Sequence[str], roles: Mapping[str, str] | None = None
) -> dict[str, str]:
    """For variables of the template the column that its name, or an instrument's or mediator's role, speaks for.

    Each column stands for one variable at most. `roles`: what is known of the columns, as a graph's roles.
    """
    ends = ends_of(template, question)
    free = [name for name in columns if name not in ends.values()]
    nodes = [node for node in template.graph.nodes if node not in ends]
    pairs = sorted(
        ((_likeness(template, node, name, roles or {}), node, name) for node in nodes for name in free),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: dict[str, str] = {}
    for likeness, node, name in pairs:
        if likeness >= ALIKE and node not in found and name not in found.values():
            found[node] = name
    return found


def fitted_template(template: Template, columns: Mapping[str, str], question: Question) -> CausalGraph:
    """The template with its variables called as the columns that stand for them; the ends are the question's.

    A variable that no column stands for is unobserved, but for one that selects the rows; an unobserved one that a
    column stands for no longer is. Raises GraphError where one column stands for two variables.
    """
    meant = {**columns, **ends_of(template, question)}
    if len(set(meant.values())) < len(meant):
        raise GraphError("One column stands for two variables of the template. Choose each column once.")
    graph = template.graph
    for node in graph.nodes:
        if node in meant and node in graph.latent:
            graph = graph.with_role(node, None)
        elif node not in meant and node not in graph.selected:
            graph = graph.with_role(node, "unobserved")
    for place, node in enumerate(meant):
        graph = graph.renamed(node, f"\0{place}")  # first out of the way: a column may be called as another node
    for place, name in enumerate(meant.values()):
        graph = _free_of(graph, name).renamed(f"\0{place}", name)
    return with_confounders(with_question(graph, question), question)


def _free_of(graph: CausalGraph, name: str) -> CausalGraph:
    """The graph in which a variable that no column stands for gives up a name that a column has."""
    while name in graph.nodes:
        free = f"{name} (unobserved)"
        while free in graph.nodes:
            free += "*"
        graph = graph.renamed(name, free)
    return graph


def _likeness(template: Template, node: str, column: str, roles: Mapping[str, str]) -> float:
    from causal.logs.columns import words_of

    role = template.graph.role(node)
    if role in ("instrument", "mediator") and roles.get(column) == role:
        return 1.5
    asked, offered = set(words_of(node)), set(words_of(column))
    shared = len(asked & offered) / (len(asked | offered) or 1)
    spelt = SequenceMatcher(None, "".join(words_of(node)), "".join(words_of(column))).ratio()
    return max(shared, spelt if spelt >= 0.8 else 0.0)
