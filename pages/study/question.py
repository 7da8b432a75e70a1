import dataclasses
from typing import get_args

import streamlit as st

from causal.archive.contents import (
    graph_after,
    likely_cluster,
    outcome_rule_of,
    prefilled,
    question_of,
    roles_of,
    settings_of,
)
from causal.errors import DoableError
from causal.logs.columns import candidates
from causal.logs.columns import default_levels as usual_levels
from causal.study import LONGEST_UNIT, POPULATIONS, Comparison, OutcomeRule, Question
from causal.wording import escape, glossary, numbers
from pages.ui import answers, current_study, journey
from pages.ui.headline import headline

NONE = "(none)"
FILTERED = ("numeric", "category", "binary")
ERRORS = {
    0: "from theory",
    200: "bootstrap, 200 refits",
    400: "bootstrap, 400 refits",
    2000: "bootstrap, 2,000 refits",
    "bayesian 400": "Bayesian bootstrap, 400 refits",
    "bayesian 2000": "Bayesian bootstrap, 2,000 refits",
}
COMPARISONS = get_args(Comparison)
LIMITS = {
    "none": ("as they are", None),
    "top 1": ("the highest 1 % held to the rest", OutcomeRule("quantiles", None, 0.99)),
    "top 5": ("the highest 5 % held to the rest", OutcomeRule("quantiles", None, 0.95)),
    "ends 1": ("the lowest and the highest 1 % held to the rest", OutcomeRule("quantiles", 0.01, 0.99)),
    "ends 5": ("the lowest and the highest 5 % held to the rest", OutcomeRule("quantiles", 0.05, 0.95)),
    "values": ("held to values that I give", None),
}
OTHER = {"control": "treated", "treated": "control"}


def likely_treatment(names: list[str], guesses) -> str:
    """The best candidate; where nothing speaks for any column, the one with the fewest values, but more than one."""
    ranked = [name for name in candidates(guesses, "treatment") if name in names]
    few = sorted((each.distinct, names.index(each.name)) for each in guesses if each.name in names if each.distinct > 1)
    return ranked[0] if ranked else names[few[0][1]] if few else names[0]


def likely_outcome(names: list[str], guesses) -> str:
    """The best candidate; where no name hints at one, the last column."""
    ranked = [name for name in candidates(guesses, "outcome") if name in names]
    return ranked[0] if ranked else names[-1]


def save(by_hand: bool = True, **fields) -> None:
    held = current_study.mine()
    question = {**(held.question or {}), **fields}
    try:
        asked = Question(**question)
    except DoableError as error:
        current_study.notice(str(error))
        current_study.renew()
        return
    recipe = {**answers.recipe_of(held).to_json(), "keep_missing": [asked.treatment, asked.outcome]}
    graph = graph_after(held, dataclasses.replace(held, question=question), answers.guesses(answers.unit_log_of(held)))
    view = {**held.view, "checked": sorted({*held.view.get("checked", ()), "question"})} if by_hand else held.view
    current_study.change("Changed the question", question=question, graph=graph, recipe=recipe, view=view)


def take(field: str) -> None:
    chosen, question = current_study.value(field), current_study.study().question
    if field == "treatment":
        save(treatment=chosen, **default_levels(chosen))
        current_study.renew()
    elif field in OTHER and chosen == question[OTHER[field]]:  # the two levels change places
        save(**{field: chosen, OTHER[field]: question[field]})
        current_study.renew()
    else:
        save(**{field: chosen})


def default_levels(treatment: str) -> dict:
    """The level that looks like doing nothing, against the one that looks like doing something."""
    pair = usual_levels(answers.levels_of(current_study.study(), treatment)) or (None, None)
    return dict(zip(("control", "treated"), pair, strict=True))


def take_setting(name: str) -> None:
    chosen = current_study.value(name)
    settings = {**settings_of(current_study.mine()), name: None if chosen == NONE else chosen}
    current_study.change_view(settings=settings)


def take_unit(outcome: str) -> None:
    settings = settings_of(current_study.mine())
    units = {**settings.get("units", {}), outcome: current_study.value(f"unit of {outcome}").strip()}
    current_study.change_view(settings={**settings, "units": units})


def conditions() -> list[dict]:
    return [dict(each) for each in settings_of(current_study.mine()).get("where", ())]


def keep_conditions(listed: list[dict]) -> None:
    current_study.change_view(settings={**settings_of(current_study.mine()), "where": listed})


def add_condition(column: str) -> None:
    keep_conditions([*conditions(), {"column": column, **first_comparison(column)}])
    current_study.renew()


def remove_condition(place: int) -> None:
    keep_conditions([each for other, each in enumerate(conditions()) if other != place])
    current_study.renew()


def take_condition(place: int, field: str) -> None:
    listed, chosen = conditions(), current_study.value(f"condition {place} {field}")
    changed = {**listed[place], field: chosen}
    if field == "column":
        changed = {"column": chosen, **first_comparison(chosen)}
    elif field == "comparison" and (chosen == "is one of") != (listed[place]["comparison"] == "is one of"):
        changed["value"] = [changed["value"]] if chosen == "is one of" else changed["value"][0]
    keep_conditions([changed if other == place else each for other, each in enumerate(listed)])
    if field != "value":
        current_study.renew()


def first_comparison(column: str) -> dict:
    """What a new condition on a column says at first: a number's middle or more, else its first level."""
    levels = answers.levels_of(current_study.study(), column)
    if is_ordered(column):
        return {"comparison": "is at least", "value": levels[len(levels) // 2] if levels else 0}
    return {"comparison": "is one of", "value": list(levels[:1])}


def is_ordered(column: str) -> bool:
    return table.types[column] == "numeric"


def show_filter(columns: list[str]) -> None:
    """The conditions, one row each; a unit must satisfy all of them."""
    shown = conditions()
    for place, each in enumerate(shown):
        if each["column"] not in columns:
            st.warning(
                f'The filter speaks of "{escape.markdown(each["column"])}", which is not in use (any more).',
                icon=":material/warning:",
            )
        show_condition(place, each, columns)
    if columns:
        st.button(
            "Ask about some of the units only" if not shown else "Add a condition",
            icon=":material/filter_alt:",
            on_click=add_condition,
            args=(next((each for each in columns if each not in {one["column"] for one in shown}), columns[0]),),
            key="add condition",
        )
    if shown:
        inside = answers.units_inside(held)
        st.caption(
            f"{numbers.counted(inside, 'row')} of {numbers.count(len(table))} satisfy the filter. "
            "Filter by what is settled before the treatment: choosing units by what it changes biases the answer."
        )


def show_condition(place: int, condition: dict, columns: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        select(place, "column", "and where" if place else "only where", columns, condition["column"], 230)
        ordered = condition["column"] in columns and is_ordered(condition["column"])
        offered = [each for each in COMPARISONS if ordered or each in ("is", "is not", "is one of")]
        select(place, "comparison", "comparison", offered, condition["comparison"], 150)
        show_value(place, condition, ordered)
        st.button(
            "Take off",
            icon=":material/close:",
            key=current_study.key(f"remove condition {place}"),
            on_click=remove_condition,
            args=(place,),
        )


def select(place: int, field: str, label: str, offered: list, chosen, width: int) -> None:
    st.selectbox(
        label,
        offered,
        index=offered.index(chosen) if chosen in offered else None,
        key=current_study.key(f"condition {place} {field}"),
        on_change=take_condition,
        args=(place, field),
        width=width,
    )


def show_value(place: int, condition: dict, ordered: bool) -> None:
    key, taken = current_study.key(f"condition {place} value"), {"on_change": take_condition, "args": (place, "value")}
    if ordered and condition["comparison"] != "is one of":
        levels = answers.levels_of(held, condition["column"])
        step = 1.0 if all(float(each).is_integer() for each in levels) else 0.1
        st.number_input("value", value=float(condition["value"]), step=step, format="%g", key=key, width=180, **taken)
        return
    levels = list(answers.levels_of(held, condition["column"])) if condition["column"] in table.types else []
    if condition["comparison"] == "is one of":
        chosen = [each for each in condition["value"] if each in levels]
        st.multiselect("values", levels, default=chosen, key=key, width=300, **taken)
        return
    place_of = levels.index(condition["value"]) if condition["value"] in levels else None
    st.selectbox("value", levels, index=place_of, key=key, width=180, **taken)


def take_limits() -> None:
    chosen = current_study.value("outcome limits")
    if chosen == "values":
        values = table.column(question.outcome)
        hold_to(float(values.min()), float(values.max()))
    else:
        keep_limits(LIMITS[chosen][1])


def keep_limits(rule: OutcomeRule | None) -> None:
    kept = None if rule is None else {"of": question.outcome, **dataclasses.asdict(rule)}
    current_study.change_view(settings={**settings_of(current_study.mine()), "outcome rule": kept})


def take_limit_values() -> None:
    hold_to(current_study.value("lowest"), current_study.value("highest"))


def hold_to(low: float, high: float) -> None:
    try:
        rule = OutcomeRule("values", low, high)
    except DoableError as error:
        current_study.notice(str(error))
        current_study.renew()
        return
    keep_limits(rule)


def show_limits(rule: OutcomeRule | None) -> None:
    """How extreme outcomes count: as they are, or held to limits (winsorised)."""
    chosen = next((name for name, (_, each) in LIMITS.items() if each == rule), "values")
    st.selectbox(
        "Extreme outcomes",
        list(LIMITS),
        index=list(LIMITS).index(chosen),
        format_func=lambda name: LIMITS[name][0],
        key=current_study.key("outcome limits"),
        on_change=take_limits,
        help="Where a few units have very large outcomes, they decide the mean and its error. Held to a limit "
        "(winsorised), values beyond it count as the limit, in both arms alike; the effect is then that on the "
        "outcome so limited.",
    )
    if chosen == "values":
        with st.container(horizontal=True):
            taken = {"on_change": take_limit_values, "width": 180}
            st.number_input("lowest", value=rule.low, key=current_study.key("lowest"), **taken)
            st.number_input("highest", value=rule.high, key=current_study.key("highest"), **taken)


held = journey.require("log")
table = answers.table_of(held)
guesses = answers.guesses(answers.unit_log_of(held))
names = [name for name in table.names if table.types[name] not in ("identifier", "text", "time")]
if len(names) < 2:
    st.error(
        "A question needs two columns, a treatment and an outcome, that are in use. Take them in on the columns page."
    )
    journey.next_button("columns", "Check the columns")
    st.stop()
if held.question is None:
    treatment = likely_treatment(names, guesses)
    outcome = likely_outcome([name for name in names if name != treatment], guesses)
    save(by_hand=False, treatment=treatment, outcome=outcome, target="everyone", **default_levels(treatment))
    cluster = likely_cluster(guesses, table.names)
    if cluster is not None:
        current_study.change_view(settings={**settings_of(current_study.study()), "cluster": cluster})
    held = current_study.study()
elif held.question.get("control") is None and held.question["treatment"] in names:
    levels = default_levels(held.question["treatment"])
    if levels["control"] is not None:
        save(by_hand=False, **levels)
        held = current_study.study()
question = question_of(held)

headline("Question", question)
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.markdown("Does", width="content")
    st.selectbox(
        "the treatment",
        names,
        index=names.index(question.treatment) if question.treatment in names else None,
        key=current_study.key("treatment"),
        on_change=take,
        args=("treatment",),
        help=glossary.GLOSSARY["treatment"],
        width=230,
    )
    levels = answers.levels_of(held, question.treatment)
    if len(levels) > 1:
        for field, word in (("control", "from"), ("treated", "to")):
            level = getattr(question, field)
            st.selectbox(
                word,
                levels,
                index=levels.index(level) if level in levels else None,
                key=current_study.key(field),
                on_change=take,
                args=(field,),
                width=130,
            )
    st.markdown("change", width="content")
    outcomes = [name for name in names if name != question.treatment]
    st.selectbox(
        "the outcome",
        outcomes,
        index=outcomes.index(question.outcome) if question.outcome in outcomes else None,
        key=current_study.key("outcome"),
        on_change=take,
        args=("outcome",),
        help=glossary.GLOSSARY["outcome"],
        width=230,
    )
    if table.types.get(question.outcome) == "numeric":
        st.text_input(
            "counted in",
            value=question.unit,
            key=current_study.key(f"unit of {question.outcome}"),
            on_change=take_unit,
            args=(question.outcome,),
            max_chars=LONGEST_UNIT,
            placeholder="no unit",
            help="Such as minutes, euros or orders: the unit stands behind the numbers of this outcome, in sentences, "
            "figures and the report. It changes no number.",
            width=130,
        )
    st.selectbox(
        "for",
        list(POPULATIONS),
        index=list(POPULATIONS).index(question.target),
        format_func=POPULATIONS.get,
        key=current_study.key("target"),
        on_change=take,
        args=("target",),
        help="Everyone: the average effect (ATE). Those treated: the effect where it happened (ATT). "
        "Those not treated: what they would gain (ATC). Those open to either arm: units count the more, the more "
        "open it was which arm they got (ATO); some methods answer for these.",
        width=240,
    )
    st.markdown("?", width="content")

if len(levels) < 2:
    what = f"has one value only, {levels[0]!r}" if levels else "has no values"
    st.error(
        f'"{escape.markdown(question.treatment)}" {escape.markdown(what)}: there is nothing to compare. '
        "Choose another treatment."
    )
elif len(levels) == answers.MOST_LEVELS:
    instead = (
        "For its effect over all values, draw the graph and turn to the page Dose curve."
        if table.types[question.treatment] == "numeric"
        else "A column with a few values answers better."
    )
    st.warning(
        f'"{escape.markdown(question.treatment, 60)}" has {len(levels)} values or more, and a question compares two of '
        f"them: only rows with one of the two take part. {instead}",
        icon=":material/warning:",
    )
elif len(levels) > 2:
    st.caption(f"{len(levels)} levels: rows with other levels than the two chosen are left out of this question.")

aside = (question.treatment, question.outcome)
show_filter([name for name in table.names if name not in aside and table.types[name] in FILTERED])

with st.expander("Who belongs together, and how sure to be", icon=":material/tune:"):
    settings = settings_of(held)
    clusters = [NONE, *[name for name in table.names if table.types[name] in ("identifier", "category")]]
    held_cluster = settings.get("cluster")
    st.selectbox(
        "Rows of the same … belong together (cluster)",
        clusters,
        index=clusters.index(held_cluster) if held_cluster in clusters else 0,
        key=current_study.key("cluster"),
        on_change=take_setting,
        args=("cluster",),
        help="Where one user has several rows, the rows are not independent; choose the user's column.",
    )
    st.select_slider(
        "Confidence of the intervals",
        [0.8, 0.9, 0.95, 0.99],
        value=settings.get("confidence", 0.95),
        key=current_study.key("confidence"),
        on_change=take_setting,
        args=("confidence",),
        format_func=lambda level: f"{level:.0%}",
    )
    st.selectbox(
        "Standard errors",
        list(ERRORS),
        index=list(ERRORS).index(settings.get("bootstrap") or 0) if (settings.get("bootstrap") or 0) in ERRORS else 0,
        format_func=ERRORS.get,
        key=current_study.key("bootstrap"),
        on_change=take_setting,
        args=("bootstrap",),
        help="Theory is exact for large logs and takes no time. The bootstrap fits each method anew on samples drawn "
        "with replacement, whole clusters where rows belong together; it is refused for matching with replacement. The "
        "Bayesian one lets units count by random weights instead (Rubin 1981), so that no arm or level is ever lost.",
    )
    limits = outcome_rule_of(held)
    if limits is not None or table.types.get(question.outcome) == "numeric":
        show_limits(limits)
    numeric = [
        name for name in names if table.types[name] == "numeric" and name not in (question.treatment, question.outcome)
    ]
    st.multiselect(
        "Covariates that enter the models with their square too",
        numeric,
        default=[name for name in settings.get("squares", []) if name in numeric],
        key=current_study.key("squares"),
        on_change=take_setting,
        args=("squares",),
    )

if held.graph is None:
    sketch = prefilled(question, roles_of(held, guesses))
    current_study.change("Sketched the graph from the columns", graph=sketch.to_text("json"))
complete = len(levels) > 1 and None not in (question.control, question.treated)
journey.next_button("graph", "Draw the graph", disabled=not complete, checks="question")
