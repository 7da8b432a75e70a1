from dataclasses import replace

import streamlit as st

from causal.archive.contents import question_of
from causal.wording import escape, numbers
from causal.wording import policy as wording
from pages.ui import (
    answers,
    background,
    chosen_policy,
    current_study,
    journey,
    policy_answer,
    policy_comparison,
    table_download,
)
from pages.ui.chosen_policy import LEARNERS, OTHERWISE, RULES, SCORES, WAYS
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding

SHOWN = 200
DESCRIBED, FIRST_DESCRIBED = 20, 5


def take_cost(level: str) -> None:
    held_by = {**current_study.view("policy costs", {}), level: current_study.value(f"policy cost {level}")}
    current_study.change_view(**{"policy costs": held_by})


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, SCORES, chosen_policy.scores_asked(held))


def ask_rules(wanted) -> None:
    answers.start_work(current_study.study(), RULES, wanted)


def ask_otherwise(wanted) -> None:
    answers.start_work(current_study.study(), OTHERWISE, wanted)


def take_each(name: str, key: str) -> None:
    held_by = {**current_study.view(name, {}), key: current_study.value(f"{name} {key}")}
    current_study.change_view(**{name: held_by})


def choose_learner() -> None:
    names = list(LEARNERS)
    st.selectbox(
        "What each unit's outcome is predicted by",
        names,
        index=names.index(chosen_policy.learner()),
        format_func=LEARNERS.get,
        key=current_study.key("policy learner"),
        on_change=current_study.take,
        args=("policy learner",),
        help="Every unit is predicted by models that have not seen it, under every arm.",
    )


def choose_costs(held, job, scores) -> None:
    """What each arm costs: a number, or a column."""
    offered = answers.cost_columns(held, job)
    by_unit = bool(offered) and st.toggle(
        "Costs differ by unit",
        value=current_study.view("policy costs by unit", False),
        key=current_study.key("policy costs by unit"),
        on_change=current_study.take,
        args=("policy costs by unit",),
        help="Each arm's cost may be a column of the log: what the arm costs for that unit.",
    )
    columns = st.columns(min(len(scores.levels), 4))
    for place, level in enumerate(scores.levels):
        name = str(level)
        with columns[place % len(columns)]:
            if by_unit and choose_column(name, offered):
                continue
            st.number_input(
                f"Cost of {escape.markdown(name, 24)}, per unit",
                min_value=0.0,
                value=chosen_policy.cost_number(name, scores),
                key=current_study.key(f"policy cost {name}"),
                on_change=take_cost,
                args=(name,),
            )


def choose_column(level: str, offered: list[str]) -> str | None:
    """The column that an arm's cost stands in; None where it is one number."""
    held_by = chosen_policy.cost_column(level, offered)
    return st.selectbox(
        f"Cost of {escape.markdown(level, 24)}, from",
        [None, *offered],
        index=offered.index(held_by) + 1 if held_by else 0,
        format_func=lambda column: "one number" if column is None else column,
        key=current_study.key(f"policy cost columns {level}"),
        on_change=take_each,
        args=("policy cost columns", level),
    )


def choose_budget(least: float, most: float) -> None:
    """The budget, as a share of what giving every unit its best arm costs."""
    if most <= least:
        st.caption("No arm that costs more gains more, so no budget is needed.")
        return
    st.slider(
        "Budget, as a share of what giving every unit its best arm costs",
        0,
        100,
        value=chosen_policy.share(),
        format="%d %%",
        key=current_study.key("policy budget"),
        on_change=current_study.take,
        args=("policy budget",),
    )
    st.caption(wording.money_sentence(chosen_policy.share(), chosen_policy.budget_between(least, most), most))


def choose_way() -> None:
    names = list(WAYS)
    st.selectbox(
        "How it is decided",
        names,
        index=names.index(chosen_policy.way()),
        format_func=WAYS.get,
        key=current_study.key("policy way"),
        on_change=current_study.take,
        args=("policy way",),
        help="Within the budget alone the best allocation is found exactly and at once; the others take a search.",
    )


def choose_limits(held, scores) -> None:
    """At most so many units per arm, and outcomes that may not fall."""
    most, columns = current_study.view("policy most", {}), st.columns(min(len(scores.levels), 4))
    for place, level in enumerate(scores.levels):
        name = str(level)
        with columns[place % len(columns)]:
            st.number_input(
                f"Most units that get {escape.markdown(name, 24)}",
                min_value=0,
                value=most.get(name),
                placeholder="no limit",
                key=current_study.key(f"policy most {name}"),
                on_change=take_each,
                args=("policy most", name),
            )
    offered = answers.guardrail_columns(held, scores.adjust_for)
    kept = chosen_policy.guards(held, scores)
    st.multiselect(
        "Outcomes that may not fall below today's",
        offered,
        default=kept,
        key=current_study.key("policy guards"),
        on_change=current_study.take,
        args=("policy guards",),
        placeholder="None" if offered else "No column is left: those adjusted for come before the treatment",
        disabled=not offered,
        help="Their mean under the policy, predicted as the outcome's is. Choose what the treatment may change.",
    )
    for name in kept:
        st.number_input(
            f"{escape.markdown(name, 40)} may fall by, per unit",
            min_value=0.0,
            value=chosen_policy.may_fall(name),
            format="%.4g",
            key=current_study.key(f"policy falls {name}"),
            on_change=take_each,
            args=("policy falls", name),
        )


def choose_worth(held) -> None:
    st.number_input(
        f"What full variety is worth, in {escape.markdown(question_of(held).outcome, 40)} per unit",
        min_value=0.0,
        value=chosen_policy.worth(),
        format="%.4g",
        key=current_study.key("policy worth"),
        on_change=current_study.take,
        args=("policy worth",),
        help="Full variety: all arms equally often. With 0 the budget alone decides.",
    )


def find_another_way(held, chosen) -> None:
    """The way to a policy that is decided otherwise than by the budget alone, until it is found."""
    wanted = chosen_policy.way_asked(held, chosen.job, chosen.exact, chosen.costs)
    if wanted is None:
        st.caption("Set a limit, or name an outcome that may not fall.")
        return
    if chosen.work is not None and chosen.work.active:
        background.follow(chosen.work.id)
        return
    background.say_how_it_ended(chosen.work)
    st.button(
        "Find this policy",
        on_click=ask_otherwise,
        args=(wanted,),
        icon=":material/play_arrow:",
        key="decide otherwise",
    )


def show_units(found) -> None:
    """The units served first, why each gets its arm, and all units as a file."""
    st.markdown("#### Who gets what, and why")
    told = answers.policy_units(found, SHOWN)
    if len(told):
        chosen = st.dataframe(
            told,
            hide_index=True,
            width="stretch",
            height=280,
            column_config=columns_of(),
            on_select="rerun",
            selection_mode="multi-row",
            key=current_study.key("policy units"),
        )
        offer_descriptions(found, told, [place for place in chosen.selection.rows if place < len(told)])
    st.caption(escape.markdown(f"{wording.units_caption(found, len(told))} {answers.drivers_caption(found)}"))
    table_download.offer("All units", "policy", lambda kind: answers.policy_file(found, kind))


def offer_descriptions(found, told, chosen: list[int]) -> None:
    """The way to what these units could be told, each with the arm that the policy gives it."""
    first = told.iloc[chosen[:DESCRIBED] if chosen else range(min(FIRST_DESCRIBED, len(told)))]
    units = [[int(row) - 1, str(arm)] for row, arm in zip(first["row"], first["arm"], strict=True)]
    whom = numbers.counted(len(units), "chosen unit") if chosen else f"the first {numbers.counted(len(units), 'unit')}"
    st.button(
        f"Write descriptions for {whom}",
        on_click=describe,
        args=(found.table.fingerprint, units),
        icon=":material/edit_note:",
        key="describe units",
        help=f"Mark up to {DESCRIBED} rows of the table to choose others.",
    )


def describe(table: str, units: list) -> None:
    kept = {**current_study.view("descriptions", {}), "served": {"table": table, "units": units}, "whom": "served"}
    current_study.change_view(descriptions=kept)
    journey.go("descriptions")


def columns_of() -> dict:
    """What the columns of the table of units are called."""
    number = st.column_config.NumberColumn
    return {
        "row": number("row", width=60),
        "arm": st.column_config.TextColumn("arm", width=100),
        "cost": number("cost", format="%.4g", width=70),
        "predicted_gain": number("predicted gain", format="%.3g", width=110),
        "gain_low": number("from", format="%.3g", width=80),
        "gain_high": number("to", format="%.3g", width=80),
        "why": st.column_config.TextColumn("why", width=620),
    }


def show_rules(held, chosen) -> None:
    st.markdown("#### As a few rules")
    wanted = chosen_policy.rules_asked(chosen)
    work = answers.work_about(held, RULES, wanted)
    if policy_answer.show_rules(held, chosen, work):
        return
    if work is not None and work.active:
        background.follow(work.id)
        return
    st.caption(
        "The best rules of two questions each that keep to this budget, found by trying all cuts of the columns "
        "adjusted for. Easier to explain than a prediction per unit, and seldom worth as much."
    )
    background.say_how_it_ended(work)
    st.button(
        "Find the rules",
        on_click=ask_rules,
        args=(wanted,),
        icon=":material/account_tree:",
        key="find rules",
    )


def choose_money() -> str:
    """Whether the simple policies are met each for its own money, or for the same as the policy's ranking spends."""
    said = {"own": "Each for its own money", "same": "For the same money"}
    st.segmented_control(
        "Beside simple policies",
        list(said),
        default=chosen_policy.money(),
        format_func=said.get,
        key=current_study.key("policy money"),
        on_change=current_study.take,
        args=("policy money",),
        help="For the same money: the policy's ranking, stopped where it has spent what the simple one costs.",
    )
    return chosen_policy.money()


def show(held, job) -> None:
    scores = answers.arm_scores_told(job)
    choose_costs(held, job, scores)
    spec = chosen_policy.spec_of(held)
    choose_budget(*answers.policy_range(held, job, spec, chosen_policy.costs_of(held, job, scores)))
    choose_way()
    if chosen_policy.way() == "limits":
        choose_limits(held, scores)
    if chosen_policy.way() == "variety":
        choose_worth(held)
    chosen = chosen_policy.chosen_policy(held, job)
    if chosen.found is None:
        find_another_way(held, chosen)
        return
    show_finding(wording.policy_finding(chosen.found, chosen.binary))
    policy_answer.show(held, chosen, choose_money)
    other = policy_comparison.show(held, chosen)
    show_units(chosen.found)
    if chosen.way == "budget":
        show_rules(held, chosen)
    with st.expander("What this rests on", icon=":material/gavel:"):
        st.markdown(policy_answer.rests_on(scores))
    with st.expander("The same digits without this app", icon=":material/code:"):
        st.code(policy_comparison.script(held, chosen, other), language="python")


held = journey.require("log", "question", "graph")
headline("Policy", replace(question_of(held), target="everyone", control=None, treated=None), unchecked=True)
choose_learner()
job = answers.work_about(held, SCORES, chosen_policy.scores_asked(held))
if job is not None and job.state == "done":
    with error_box():
        show(held, job)
    journey.next_button("ledger", "See how far to trust it")
elif job is not None and job.active:
    background.follow(job.id)
else:
    st.caption(
        "Who should get which arm, if each has its cost and money is limited: first by what it gains per cost. Beside "
        "it what the policy is worth, with its interval, and what today's arms and other simple policies are worth."
    )
    background.say_how_it_ended(job)
    st.button("Predict every arm", on_click=ask, type="primary", icon=":material/play_arrow:", key="score arms")
