"""Scores of latent variables as columns of the units: put in, shown with what they are made of, and taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, question_of, scores_of, with_confounder, with_score
from causal.errors import DoableError, LogError
from causal.wording import escape
from causal.wording import structure as wording
from pages.ui import answers, current_study

PLACES = {
    "place": "in the place of the unobserved variable",
    "confounder": "as a common cause of treatment and outcome",
    "nowhere": "nowhere yet",
}


def offer_scores(held: Any, model: str, options: dict[str, Any]) -> None:
    """A name for each latent variable's score, its place on the graph, and the button that adds them."""
    latent = answers.scored_variables(held, model)
    if not latent:
        return
    st.markdown("#### Scores as columns")
    st.caption(escape.markdown(wording.SCORE_WARNING))
    for each in latent:
        st.text_input(
            f"Name of the score of {escape.markdown(each, 40)}",
            value=f"{each} score",
            max_chars=80,
            key=current_study.key(f"score name {each}"),
        )
    graph = graph_of(held)
    drawn = graph is not None and any(each in graph.nodes for each in latent)
    places = [each for each in PLACES if each != "place" or drawn]
    if graph is not None and question_of(held) is not None:
        st.radio(
            "On the graph it stands",
            places,
            format_func=PLACES.get,
            key=current_study.key("score place"),
            help="In the place of the unobserved variable it takes over its arrows; columns that only showed that "
            "variable leave the graph, as the score stands for them.",
        )
    st.button(
        "Add the scores as columns",
        on_click=_add,
        args=(latent, model, options),
        icon=":material/add:",
        key="add scores",
        help="Made by the measurement equations (=~) alone, fitted to all units whatever the filter, such that neither "
        "treatment nor outcome is in them. A unit that lacks what they are made of has no score.",
    )


def show_scores(held: Any) -> None:
    """The scores that are among the units' columns, each with what it is made of, and the way out."""
    for name in scores_of(held):
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.markdown(escape.markdown(_sentence(held, name)))
        right.button(
            "Take it out",
            on_click=_take_out,
            args=(name,),
            icon=":material/remove:",
            key=f"take out score {name}",
            width="stretch",
        )
        doubtful = _maybe_after(held, name)
        if doubtful:
            st.warning(escape.markdown(wording.score_doubt(name, doubtful)), icon=":material/schedule:")


def _maybe_after(held: Any, name: str) -> list[str]:
    """What a score is made of that may have come after the treatment, where no time says when it was."""
    guesses = {each.name: each for each in answers.guesses(answers.unit_log_of(held))}
    try:
        table = answers.table_of(held)
    except DoableError:
        return []
    if question_of(held) is not None and name == question_of(held).outcome:
        return []
    made_of = [each for each in table.sources[name] if each not in table.ranges and each in guesses]
    return [each for each in made_of if guesses[each].maybe_after]


def _sentence(held: Any, name: str) -> str:
    recipe = answers.recipe_of(held)
    latent = next(latent for each in recipe.scores for latent, column in each.names if column == name)
    try:
        table = answers.table_of(held)
    except DoableError as error:
        return f"“{name}” cannot be made any more: {error}"
    return wording.score_sentence(name, latent, table.sources[name], table.ranges.get(name))


def _add(latent: tuple[str, ...], model: str, options: dict[str, Any]) -> None:
    held = current_study.mine()
    names = {each: str(current_study.value(f"score name {each}")).strip() for each in latent}
    place = current_study.value("score place") if question_of(held) and graph_of(held) else "nowhere"
    try:
        fields = _fields(held, model, options, names, place)
    except DoableError as error:
        current_study.notice(str(error))
        return
    current_study.change("Added scores as columns", **fields)
    current_study.renew()


def _fields(held: Any, model: str, options: dict[str, Any], names: dict[str, str], place: str) -> dict[str, Any]:
    """The study's fields with the scores; those that are there already are made anew."""
    recipe, graph, question = answers.recipe_of(held), graph_of(held), question_of(held)
    score = answers.score_recipe(held, model, options, names)
    kept = tuple(each for each in recipe.scores if not set(each.columns) & set(score.columns))
    hidden = set(names) | (set() if graph is None else graph.latent)
    same = next((name for name in score.columns if name in hidden), None)
    if same is not None:
        raise LogError(f'"{same}" is a latent variable. Call its score otherwise: it is an estimate of it.')
    wanted = {"recipe": replace(recipe, scores=(*kept, score)).to_json()}
    table = answers.table_of(replace(held, **wanted))
    late = {name for name in score.columns if name in table.ranges and table.ranges[name].reaches_past_anchor}
    aside = late if place == "confounder" else set(score.columns)
    roles = {name: role for name, role in held.view.get("roles", {}).items() if name not in score.columns}
    wanted["view"] = {**held.view, "roles": roles | dict.fromkeys(aside, "set_aside")}
    if graph is None or question is None:
        return wanted
    for latent, name in score.names:
        if place == "confounder" and name not in late:
            graph = with_confounder(graph, question, name)
        elif place == "place" and latent in graph.nodes and name not in graph.nodes:
            wanted["view"]["structure text"] = model  # which the graph alone no longer says
            graph = with_score(graph, latent, name, question)
    return wanted | {"graph": graph.to_text("json")}


def _take_out(name: str) -> None:
    held = current_study.mine()
    question, recipe = question_of(held), answers.recipe_of(held)
    if question is not None and name in (question.treatment, question.outcome):
        what = "treatment" if name == question.treatment else "outcome"
        current_study.notice(f"“{name}” is the question's {what}. Ask about another column first.")
        return
    left = [(each, tuple(pair for pair in each.names if pair[1] != name)) for each in recipe.scores]
    scores = tuple(replace(each, names=names) for each, names in left if names)
    current_study.change(f"Took the score {name} out of the units", recipe=replace(recipe, scores=scores).to_json())
    current_study.renew()
