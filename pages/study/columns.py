import dataclasses

import streamlit as st

from causal.archive.contents import graph_after, roles_of, scores_of
from causal.logs.units import ranges_of
from causal.wording import escape
from pages.ui import answers, current_study, journey, score_columns
from pages.ui.background import follow
from pages.ui.headline import show_finding

TYPES = ["numeric", "category", "binary", "time", "text", "identifier"]
ROLES = {
    "treatment": "treatment",
    "outcome": "outcome",
    "covariate": "covariate",
    "instrument": "instrument",
    "mediator": "mediator",
    "identifier": "identifier",
    "time": "time",
    "propensity": "logged propensity",
    "set_aside": "set aside",
}
REPAIRS = {
    "merge_spellings": (
        "spellings of one category",
        "Treat spellings that differ in capitals and blanks only as the same value",
    ),
    "sentinels_missing": (
        "stands for missing",
        "Take numbers that stand for a missing value (such as -999) as missing",
    ),
    "drop_total_row": ("total row", "Leave out the last row, which adds up the others"),
}
OTHER = {"treatment": "outcome", "outcome": "treatment"}
MISSING = {
    "complete_cases": "Leave out rows with a missing value",
    "indicator": "Fill covariates, and mark where",
}


def current_types(recipe, guesses) -> dict[str, str]:
    return {each.name: dict(recipe.types).get(each.name, each.type) for each in guesses}


def save_recipe(recipe) -> None:
    current_study.change("Changed the columns", recipe=recipe.to_json())


def take_edits(recipe, guesses) -> None:
    """Types go to the recipe, roles to the question, to what is set aside, or to the sketch of the graph."""
    held = current_study.study()
    types, aside = dict(recipe.types) or current_types(recipe, guesses), set(recipe.set_aside)
    roles, question = dict(held.view.get("roles", {})), dict(held.question or {})
    for place, changed in current_study.value("columns table")["edited_rows"].items():
        name = guesses[int(place)].name
        types[name] = changed.get("type", types[name])
        if "role" in changed:
            roles[name] = {title: role for role, title in ROLES.items()}[changed["role"]]
            (aside.add if roles[name] == "set_aside" else aside.discard)(name)
            if roles[name] in ("treatment", "outcome") and question.get(OTHER[roles[name]]) != name:
                question[roles[name]] = name
                if roles[name] == "treatment":
                    question |= {"control": None, "treated": None}
    complete = question if {"treatment", "outcome"} <= set(question) else held.question
    changed_recipe = dataclasses.replace(recipe, types=tuple(types.items()), set_aside=tuple(sorted(aside)))
    wanted = {"recipe": changed_recipe.to_json(), "question": complete, "view": {**held.view, "roles": roles}}
    graph = graph_after(held, dataclasses.replace(held, **wanted), guesses)
    current_study.change("Changed the columns", graph=graph, **wanted)
    current_study.renew()


def take_missing(recipe) -> None:
    question = current_study.study().question or {}
    keep = tuple(question[name] for name in ("treatment", "outcome") if name in question)
    save_recipe(dataclasses.replace(recipe, missing=current_study.value("missing"), keep_missing=keep))


def from_when(recipe, ranges, name: str) -> str:
    """From when a column of the units is, in words."""
    if name not in ranges:
        return ""
    return "before the anchor, as vouched for" if name in recipe.vouched else ranges[name].sentence


def take_vouched(recipe) -> None:
    save_recipe(dataclasses.replace(recipe, vouched=tuple(current_study.value("vouched"))))


def take_repair(recipe, name: str) -> None:
    save_recipe(dataclasses.replace(recipe, **{name: current_study.value(name)}))


held = journey.require("log")
log, recipe = answers.unit_log_of(held), answers.recipe_of(held)
guesses = answers.guesses(log)
if held.recipe is None:
    recipe = answers.suggested_recipe(guesses)
    save_recipe(recipe)
    held = current_study.study()
roles = roles_of(held, guesses)
ranges = ranges_of(log, recipe)
types = current_types(recipe, guesses)
used = [name for name, role in roles.items() if role in ("treatment", "outcome", "covariate", "instrument", "mediator")]

st.markdown("## Columns")
aside = len(guesses) - len(used)
show_finding(f"{len(used)} of {len(guesses)} columns take part; {aside} {'is' if aside == 1 else 'are'} set aside.")
journey.next_button("question", "Ask the question")
st.caption("Types and roles are guessed from names and values. To correct one, click its cell in “Role” or “Type”.")
st.data_editor(
    [
        {
            "name": each.name,
            "role": ROLES[roles[each.name]],
            "type": types[each.name],
            **({} if recipe.events is None else {"from": from_when(recipe, ranges, each.name)}),
            "reason": each.reason,
        }
        for each in guesses
    ],
    column_config={
        "name": st.column_config.TextColumn("Column", disabled=True),
        "role": st.column_config.SelectboxColumn(
            "Role", options=list(ROLES.values()), required=True, help="What the column is in this question."
        ),
        "type": st.column_config.SelectboxColumn("Type", options=TYPES, required=True),
        "from": st.column_config.TextColumn(
            "From when", disabled=True, help="When what it was computed from happened, seen from the unit's anchor."
        ),
        "reason": st.column_config.TextColumn("Why", disabled=True, width="large"),
    },
    hide_index=True,
    width="stretch",
    height=min(38 + 35 * len(guesses), 620),
    key=current_study.key("columns table"),
    on_change=take_edits,
    args=(recipe, guesses),
)
if scores_of(held):
    st.markdown("#### Scores of latent variables")
    score_columns.show_scores(held)

unknown = [name for name, made in ranges.items() if not made.known]
if unknown:
    st.multiselect(
        "Known before the anchor, though the log does not say so",
        unknown,
        [name for name in recipe.vouched if name in unknown],
        key=current_study.key("vouched"),
        on_change=take_vouched,
        args=(recipe,),
        help="These columns carry no time. An answer that adjusts for one is marked until you vouch for it here.",
    )
past = [name for name, made in ranges.items() if made.reaches_past_anchor and roles[name] == "covariate"]
if past:
    listed = ", ".join(f"“{escape.markdown(name, 40)}”" for name in past)
    st.error(
        f"{listed} was computed from after the anchor: the treatment may have changed it, so no answer adjusts for it. "
        "Set its role to mediator or to set aside, or compute it from before.",
        icon=":material/block:",
    )
late = [
    each.name for each in guesses if each.maybe_after and roles[each.name] == "covariate" and each.name not in ranges
]
if late:
    listed = ", ".join(f"“{escape.markdown(name, 40)}”" for name in late)
    st.warning(
        f"Was this known before the treatment? {listed} may have come after it. What comes after the treatment must "
        "not be adjusted for: if it did, set its role to mediator or to set aside.",
        icon=":material/schedule:",
    )
reading = answers.look_job(log)
if reading is not None and reading.active:
    follow(reading.id)
found = {each.kind for each in answers.problems(log)}
repairs = {name: label for name, (kind, label) in REPAIRS.items() if kind in found or getattr(recipe, name)}
if repairs:
    st.markdown("#### Repairs")
for name, label in repairs.items():
    st.checkbox(
        label,
        value=getattr(recipe, name),
        key=current_study.key(name),
        on_change=take_repair,
        args=(recipe, name),
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
