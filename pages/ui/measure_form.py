"""The columns of the units to be made: each as a sentence that can be taken out, and a form that adds one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.errors import DoableError
from causal.logs.event_recipe import NEEDS_A_COLUMN, TIMELESS, EventRecipe, Measure
from causal.logs.time_range import after, before
from causal.wording import escape
from causal.wording.units import column_phrase, measure_phrase
from pages.ui import current_study

PARTS = {"treatment": "Treatment", "covariates": "Covariates", "outcomes": "Outcomes"}
WHAT = {
    "any": "whether there is any",
    "count": "how many there are",
    "rate": "how many a day",
    "sum": "sum of a column",
    "mean": "mean of a column",
    "distinct": "different values of a column",
    "last value": "last value of a column",
    "recency": "days since the last",
    "time to": "days to the first",
    "share": "shares of the most frequent values",
    "ratio": "how many per other event",
    "value": "value in the anchor's event",
    "exposed": "whether it has the anchor's event",
    "attribute": "value that carries no time",
}
_LATE = ("any", "count", "rate", "sum", "mean", "distinct", "last value", "time to", "ratio")
_EARLY = ("any", "count", "rate", "sum", "mean", "distinct", "last value", "recency", "share", "ratio")
OFFERED: Mapping[str, tuple[str, ...]] = {
    "treatment": ("value", "exposed", *_LATE),
    "covariates": (*_EARLY, "value", "attribute"),
    "outcomes": _LATE,
}


def measure_list(
    recipe: EventRecipe, part: str, save: Callable[[EventRecipe], None], profiles: Mapping[str, Any]
) -> None:
    """The measures of one part of the recipe, each with what the units hold of it and its way out."""
    for place, measure in enumerate(measures_of(recipe, part)):
        text, button = st.columns([3, 1], vertical_alignment="center")
        text.markdown(f"**{escape.markdown(measure.name, 50)}**: {escape.markdown(measure_phrase(measure))}")
        held = [profiles[each] for each in measure.columns if each in profiles]
        if held:
            text.caption(escape.markdown(column_phrase(held[0])))
        button.button(
            "Take out",
            icon=":material/close:",
            key=current_study.key(f"take out {part} {place}"),
            on_click=lambda at=place: save(without(recipe, part, at)),
            type="tertiary",
        )


def measure_form(
    recipe: EventRecipe, part: str, columns: Sequence[str], kinds: Sequence[str], save: Callable[[EventRecipe], None]
) -> None:
    """A form that adds a measure to one part of the recipe; what does not fit is said and nothing is lost."""
    label = "Choose the treatment" if part == "treatment" else f"Add to the {PARTS[part].lower()}"
    with st.expander(label, icon=":material/add:"):
        what = st.selectbox("What", OFFERED[part], format_func=WHAT.get, key=current_study.key(f"{part} what"))
        column = None
        if what in NEEDS_A_COLUMN:
            column = st.selectbox("Column", columns, key=current_study.key(f"{part} column"))
        chosen: list[str] = []
        over: list[str] = []
        if what not in TIMELESS and kinds:
            chosen = st.multiselect(
                "Of events", kinds, placeholder="all events", key=current_study.key(f"{part} events")
            )
        if what == "ratio":
            over = st.multiselect("Per", kinds, placeholder="all events", key=current_study.key(f"{part} over"))
        days, wait = 7.0, 0.0
        if what not in TIMELESS:
            days = st.number_input("Days", 0.01, 3_650.0, 7.0, key=current_study.key(f"{part} days"))
        if what not in TIMELESS and part != "covariates":
            wait = st.number_input(
                "Begins so many days after the anchor",
                0.0,
                3_650.0,
                0.0,
                key=current_study.key(f"{part} wait"),
                help="Retained on day 7: whether there is any event in 1 day that begins 7 days after the anchor.",
            )
        name = st.text_input(
            "Name", placeholder="made from what it counts", key=current_study.key(f"{part} name"), max_chars=80
        )
        whole = st.toggle(
            "Look at all events of the user, not only the unit's own",
            value=part == "covariates" and recipe.unit != "user",
            disabled=recipe.unit == "user",
            key=current_study.key(f"{part} of"),
        )
        if st.button("Add", icon=":material/add:", key=f"add {part}"):
            window = before(days) if part == "covariates" else after(days, wait)
            wanted = {"kinds": tuple(chosen), "column": column, "name": name.strip(), "over_kinds": tuple(over)}
            _add(recipe, part, what, {**wanted, "window": window, "of": "user" if whole else "unit"}, save)


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
        made = Measure(what, **fields)
        held = (made,) if part == "treatment" else (*measures_of(recipe, part), made)
        keep = {"without_anchor": "keep"} if what == "exposed" else {}
        save(replace(recipe, **{part: made if part == "treatment" else held}, **keep))  # type: ignore[arg-type]
    except DoableError as error:
        st.error(escape.markdown(str(error)), icon=":material/block:")
        return
    st.rerun()
