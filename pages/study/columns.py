import dataclasses

import streamlit as st

from causal.wording import escape
from pages.ui import answers, current_study, journey
from pages.ui.headline import show_finding

TYPES = ["numeric", "category", "binary", "time", "text", "identifier"]
MISSING = {
    "complete_cases": "Leave out rows with a missing value",
    "indicator": "Fill covariates, and mark where",
}


def current_types(recipe, guesses) -> dict[str, str]:
    return {each.name: dict(recipe.types).get(each.name, each.type) for each in guesses}


def save_recipe(recipe) -> None:
    current_study.change("Changed the columns", recipe=recipe.to_json())


def take_edits(recipe, guesses) -> None:
    edits = current_study.value("columns table")["edited_rows"]
    types = dict(recipe.types) or current_types(recipe, guesses)
    aside = set(recipe.set_aside)
    for place, changed in edits.items():
        name = guesses[int(place)].name
        if "type" in changed:
            types[name] = changed["type"]
        if "use" in changed:
            (aside.discard if changed["use"] else aside.add)(name)
    save_recipe(dataclasses.replace(recipe, types=tuple(types.items()), set_aside=tuple(sorted(aside))))
    current_study.renew()


def take_missing(recipe) -> None:
    question = current_study.study().question or {}
    keep = tuple(question[name] for name in ("treatment", "outcome") if name in question)
    save_recipe(dataclasses.replace(recipe, missing=current_study.value("missing"), keep_missing=keep))


held = journey.require("log")
log, recipe = answers.log_of(held), answers.recipe_of(held)
guesses = answers.guesses(log)
if held.recipe is None:
    aside = tuple(each.name for each in guesses if each.role in ("identifier", "set_aside"))
    recipe = dataclasses.replace(recipe, types=tuple(current_types(recipe, guesses).items()), set_aside=aside)
    save_recipe(recipe)
types = current_types(recipe, guesses)
used = [each for each in guesses if each.name not in recipe.set_aside]

st.markdown("## Columns")
show_finding(f"{len(used)} of {len(guesses)} columns take part; {len(guesses) - len(used)} are set aside.")
journey.next_button("question", "Ask the question")
st.caption("Types and roles are guessed from names and values. Correct what is wrong: click a cell in “Type” or “Use”.")
st.data_editor(
    [
        {
            "name": each.name,
            "use": each.name not in recipe.set_aside,
            "type": types[each.name],
            "role": each.role.replace("_", " "),
            "reason": each.reason,
        }
        for each in guesses
    ],
    column_config={
        "name": st.column_config.TextColumn("Column", disabled=True),
        "use": st.column_config.CheckboxColumn("Use", help="Whether the column is part of the unit table."),
        "type": st.column_config.SelectboxColumn("Type", options=TYPES, required=True),
        "role": st.column_config.TextColumn("Looks like", disabled=True),
        "reason": st.column_config.TextColumn("Why", disabled=True, width="large"),
    },
    hide_index=True,
    width="stretch",
    height=min(38 + 35 * len(guesses), 620),
    key=current_study.key("columns table"),
    on_change=take_edits,
    args=(recipe, guesses),
)

st.markdown("#### Missing values")
choices = {each.choice: each for each in answers.missing_choices(log, recipe)}
st.radio(
    "What to do with rows that lack a value",
    list(MISSING),
    index=list(MISSING).index(recipe.missing),
    format_func=MISSING.get,
    captions=[choices[name].sentence for name in MISSING],
    key=current_study.key("missing"),
    on_change=take_missing,
    args=(recipe,),
)
table = answers.table_of(current_study.study())
st.caption(f"The unit table has {len(table):,} rows and {len(table.names):,} columns.")
with st.expander("The reasons, column by column", icon=":material/list:"):
    for each in guesses:
        st.markdown(
            f"**{escape.markdown(each.name, 60)}** · {each.role.replace('_', ' ')}: {escape.markdown(each.reason)}"
        )
