"""What becomes of a study's types, question, roles and graph once its units are made in another way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from causal.archive.study import Study

if TYPE_CHECKING:
    from causal.logs.columns import ColumnGuess
    from causal.logs.event_recipe import EventRecipe
    from causal.logs.text_recipe import TextRecipe
    from causal.logs.units import UnitRecipe


def fields_after(
    study: Study,
    events: EventRecipe | None,
    guesses: Sequence[ColumnGuess],
    levels: Mapping[str, int] | None = None,
    planned: Collection[str] | None = None,
) -> dict[str, Any]:
    """The fields of the study whose units are made by `events` (None: each row is a unit).

    `guesses` are of the units' columns, none where no unit stays; `levels` those of the recipe's treatment, with their
    rows; `planned` are the units' columns where nobody has seen the units yet, because a warehouse makes them: their
    types are told once they are there (`fitted`). A question whose columns are all still there stays, and so does the
    graph (a level that no unit has any more gives way to those there are); otherwise the recipe's treatment and first
    outcome are asked about, and the graph is drawn anew (the history keeps the old one). What reaches past the anchor
    and is not asked about is set aside.
    """
    from causal.logs.units import UnitRecipe, recipe_of
    from causal.structural.score_columns import columns_read

    held = UnitRecipe.from_json(dict(study.recipe)) if study.recipe is not None else UnitRecipe()
    names = {each.name for each in guesses} if planned is None else set(planned)
    scores = tuple(each for each in held.scores if set(columns_read(each)) <= names)
    names |= {name for each in scores for name in each.columns}
    question = study.question
    if question is None or not {question["treatment"], question["outcome"]} <= names:
        question = _question(events, names, levels or {})
    elif events is not None and events.treatment is not None and question["treatment"] == events.treatment.columns[0]:
        question = _with_levels_there(question, levels or {})
    made = recipe_of(guesses, held.missing) if guesses else UnitRecipe()
    corrected = {name: kind for name, kind in held.types if name in names}
    types = tuple(corrected.items())
    if planned is None:
        types = tuple((name, corrected.get(name, kind)) for name, kind in made.types)
    ends = _ends(question)
    recipe = UnitRecipe(
        types=types,
        set_aside=tuple(each for each in held.set_aside if each in names and each not in ends),
        missing=held.missing,
        keep_missing=ends,
        merge_spellings=held.merge_spellings,
        sentinels_missing=held.sentinels_missing,
        events=events,
        vouched=tuple(each for each in held.vouched if each in names) if events is not None else (),
        texts=tuple(each for each in held.texts if _still_read(each, events, names)),
        scores=scores,
    )
    roles = {name: role for name, role in study.view.get("roles", {}).items() if name in names}
    for name in names - set(ends):
        when = None if events is None else events.range_of(name)
        if when is not None and when.reaches_past_anchor:
            roles[name] = "set_aside"
    same = question == study.question
    same_ends = _ends(question) == _ends(study.question)
    return {
        "recipe": recipe.to_json(),
        "question": question,
        "graph": study.graph if same_ends else None,
        "view": {**study.view, "roles": roles, "checked": study.view.get("checked", ()) if same else []},
    }


def _still_read(text: TextRecipe, events: EventRecipe | None, names: Collection[str]) -> bool:
    """Whether a text is there once units are made so: a history needs events, a unit's own text its columns."""
    return events is not None if text.of == "history" else set(text.read) <= set(names)


def columns_made(events: EventRecipe) -> tuple[str, ...]:
    """The columns of the units, except those of shares whose values the log is still to name."""
    return (*events.key_names, *(name for each in events.measures for name in each.columns))


def fitted(recipe: UnitRecipe, guesses: Sequence[ColumnGuess]) -> UnitRecipe:
    """A recipe that was kept before its units were there, with their types: as corrected, else as guessed."""
    from causal.logs.units import recipe_of

    names, corrected = {each.name for each in guesses}, dict(recipe.types)
    return replace(
        recipe,
        types=tuple((name, corrected.get(name, kind)) for name, kind in recipe_of(guesses).types),
        set_aside=tuple(each for each in recipe.set_aside if each in names),
        keep_missing=tuple(each for each in recipe.keep_missing if each in names),
        vouched=tuple(each for each in recipe.vouched if each in names),
    )


def _ends(question: Mapping[str, Any] | None) -> tuple[str, ...]:
    return () if question is None else (question["treatment"], question["outcome"])


def _with_levels_there(question: Mapping[str, Any], levels: Mapping[str, int]) -> Mapping[str, Any]:
    """The question, its compared levels chosen anew where one of them is no unit's any more."""
    from causal.logs.columns import default_levels

    asked = {question.get("control"), question.get("treated")} - {None}
    if not levels or asked <= set(levels):
        return question
    control, treated = default_levels(levels) or (None, None)
    return {**question, "control": control, "treated": treated}


def _question(events: EventRecipe | None, names: Collection[str], levels: Mapping[str, int]) -> dict[str, Any] | None:
    from causal.logs.columns import default_levels

    if events is None or events.treatment is None or not events.outcomes:
        return None
    ends = (events.treatment.columns[0], events.outcomes[0].columns[0])
    if not set(ends) <= set(names):
        return None
    chosen = default_levels(levels)
    if set(levels) <= {"0", "1"}:
        chosen = None  # nothing to name: 1 is compared with 0
    control, treated = chosen if chosen is not None else (None, None)
    return {
        "treatment": ends[0],
        "outcome": ends[1],
        "target": "everyone",
        "control": control,
        "treated": treated,
    }
