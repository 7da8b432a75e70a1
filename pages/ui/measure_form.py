"""The columns of the units to be made: each as a sentence that can be taken out, and a form that adds one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.errors import DoableError
from causal.logs.event_recipe import NEEDS_A_COLUMN, TIMELESS, EventRecipe, Measure, retained
from causal.logs.time_range import DAY, after, before
from causal.wording import escape
from causal.wording.units import measure_phrase, measure_values
from pages.ui import current_study

PARTS = {"treatment": "Treatment", "covariates": "Covariates", "outcomes": "Outcomes"}
WHAT = {
    "any": "whether there is any",
    "retained": "whether it is back on a day",
    "count": "how many there are",
    "rate": "how many a day",
    "sum": "sum of a column",
    "mean": "mean of a column",
    "distinct": "different values of a column",
    "last value": "last value of a column",
    "recency": "days since the last",
    "time to": "days to the first",
    "share": "shares of the most frequent values",
    "ratio": "a ratio: sums or events per other",
    "value": "value in the anchor's event",
    "exposed": "whether it has the anchor's event",
    "attribute": "value that carries no time",
}
EVENTS = "(number of events)"
_LATE = ("any", "count", "rate", "sum", "mean", "distinct", "last value", "time to", "ratio")
_EARLY = ("any", "count", "rate", "sum", "mean", "distinct", "last value", "recency", "share", "ratio")
OFFERED: Mapping[str, tuple[str, ...]] = {
    "treatment": ("value", "exposed", *_LATE),
    "covariates": (*_EARLY, "value", "attribute"),
    "outcomes": ("any", "retained", *_LATE[1:]),
}


def measure_list(
    recipe: EventRecipe, part: str, save: Callable[[EventRecipe], None], profiles: Mapping[str, Any]
) -> None:
    """The measures of one part of the recipe, each with what the units hold of it and its way out."""
    for place, measure in enumerate(measures_of(recipe, part)):
        text, button = st.columns([3, 1], vertical_alignment="center")
        text.markdown(f"**{escape.markdown(measure.name, 50)}**: {escape.markdown(measure_phrase(measure))}")
        said = measure_values(measure, profiles)
        if said:
            text.caption(escape.markdown(said))
        button.button(
            "Take out",
            icon=":material/close:",
            key=current_study.key(f"take out {part} {place}"),
            on_click=lambda at=place: save(without(recipe, part, at)),
            type="tertiary",
        )


def measure_form(
    recipe: EventRecipe, part: str, log: Any, kinds: Sequence[str], save: Callable[[EventRecipe], None]
) -> None:
    """A form that adds a measure to one part of the recipe; what does not fit is said and nothing is lost."""
    label = "Choose the treatment" if part == "treatment" else f"Add to the {PARTS[part].lower()}"
    with st.expander(label, icon=":material/add:"):
        what = st.selectbox("What", OFFERED[part], format_func=WHAT.get, key=current_study.key(f"{part} what"))
        fields = {**_of_what(what, part, log, kinds), **_when(what, part)}
        fields["name"] = st.text_input(
            "Name", placeholder="made from what it counts", key=current_study.key(f"{part} name"), max_chars=80
        ).strip()
        whole = st.toggle(
            "Look at all events of the user, not only the unit's own",
            value=part == "covariates" and recipe.unit != "user",
            disabled=recipe.unit == "user",
            key=current_study.key(f"{part} of"),
        )
        if st.button("Add", icon=":material/add:", key=f"add {part}"):
            _add(recipe, part, what, {**fields, "of": "user" if whole else "unit"}, save)


def _of_what(what: str, part: str, log: Any, kinds: Sequence[str]) -> dict[str, Any]:
    """Of which column and which events: the fields of a measure."""
    found: dict[str, Any] = {}
    if what in NEEDS_A_COLUMN:
        found["column"] = st.selectbox("Column", log.names, key=current_study.key(f"{part} column"))
    if what == "share":
        found["top"] = int(
            st.number_input("How many of the most frequent values", 1, 20, 3, key=current_study.key(f"{part} top"))
        )
    numbers = [each for each in log.names if log.kind(each) in ("integer", "number", "boolean")]
    if what == "ratio" and numbers:
        found["column"] = _summed("Sum of", part, "column", numbers)
    if what not in TIMELESS and kinds:
        found["kinds"] = tuple(
            st.multiselect("Of events", kinds, placeholder="all events", key=current_study.key(f"{part} events"))
        )
    if what == "ratio":
        if numbers:
            found["over_column"] = _summed("Per sum of", part, "over column", numbers)
        if kinds:
            found["over_kinds"] = tuple(
                st.multiselect("Of events", kinds, placeholder="all events", key=current_study.key(f"{part} over"))
            )
    return found


def _summed(label: str, part: str, called: str, numbers: Sequence[str]) -> str | None:
    chosen = st.selectbox(label, [EVENTS, *numbers], key=current_study.key(f"{part} {called}"))
    return None if chosen == EVENTS else str(chosen)


def _when(what: str, part: str) -> dict[str, Any]:
    """From when: the window of a measure, as its field."""
    if what == "retained":
        day = int(st.number_input("On day", 1, 3_650, 7, key=current_study.key(f"{part} day")))
        return {"window": retained(day).window}
    if what in TIMELESS:
        return {}
    early = part == "covariates"
    always = what != "rate" and st.toggle(
        "All the time before the anchor" if early else "Until the log ends",
        key=current_study.key(f"{part} always"),
        help=None if early else "Those who are followed for longer have more time for it: a window is fairer.",
    )
    days = None
    if not always:
        days = st.number_input("Days", 0.01, 3_650.0, 7.0, key=current_study.key(f"{part} days"))
    if early:
        return {"window": before(days)}
    wait = st.number_input(
        "Begins so many days after the anchor", 0.0, 3_650.0, 0.0, key=current_study.key(f"{part} wait")
    )
    return {"window": after(days, wait)}


def measures_of(recipe: EventRecipe, part: str) -> tuple[Measure, ...]:
    """The measures of one part."""
    if part == "treatment":
        return () if recipe.treatment is None else (recipe.treatment,)
    found: tuple[Measure, ...] = getattr(recipe, part)
    return found


def without(recipe: EventRecipe, part: str, place: int) -> EventRecipe:
    """The recipe without one of its measures."""
    if part == "treatment":
        return replace(recipe, treatment=None)
    held = measures_of(recipe, part)
    return replace(recipe, **{part: held[:place] + held[place + 1 :]})  # type: ignore[arg-type]


def _add(
    recipe: EventRecipe, part: str, what: Any, fields: Mapping[str, Any], save: Callable[[EventRecipe], None]
) -> None:
    try:
        if what == "retained" and not fields["name"]:
            fields = {**fields, "name": retained(fields["window"].start // DAY).name}
        made = Measure("any" if what == "retained" else what, **fields)
        held = (made,) if part == "treatment" else (*measures_of(recipe, part), made)
        keep = {"without_anchor": "keep"} if what == "exposed" else {}
        save(replace(recipe, **{part: made if part == "treatment" else held}, **keep))  # type: ignore[arg-type]
    except DoableError as error:
        st.error(escape.markdown(str(error)), icon=":material/block:")
        return
    st.rerun()
