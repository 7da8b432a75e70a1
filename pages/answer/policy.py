from dataclasses import replace

import streamlit as st

from causal.archive.contents import base_spec, question_of
from causal.plots import budget_curve as curve_plot
from causal.plots import policy_gains as gains_plot
from causal.plots import policy_tree as tree_plot
from causal.wording import escape, numbers
from causal.wording import policy as wording
from causal.wording import policy_comparison as comparison
from pages.ui import answers, background, current_study, figure, journey, policy_comparison, table_download
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding

SCORES = "score arms"
RULES = "search rules"
OTHERWISE = "decide otherwise"
WAYS = {
    "budget": "unit by unit, within the budget",
    "limits": "unit by unit, within further limits",
    "variety": "unit by unit, with variety of arms",
    "points": "by points for each column",
}
SHOWN = 200
DESCRIBED, FIRST_DESCRIBED = 20, 5
LEARNERS = {
    "linear": "linear models, at once",
    "boosting": "boosted trees",
    "best": "the best mix of several, slower",
}


def take_cost(level: str) -> None:
    held_by = {**current_study.view("policy costs", {}), level: current_study.value(f"policy cost {level}")}
    current_study.change_view(**{"policy costs": held_by})


def spec_of(held):
    """The question asked of everyone: a policy is for all units, or for those of the filter."""
    spec = base_spec(held, "doubly_robust")
    return replace(spec, question=replace(spec.question, target="everyone"))


def asked(held) -> dict:
    learner = current_study.view("policy learner", "linear")
    return {"spec": spec_of(held).to_json(), "learner": learner, "errors": True}


def rules_asked(held, job, budget, costs) -> dict:
    return {
        "spec": spec_of(held).to_json(),
        "scores": job.outcomes[0],
        "budget": budget,
        "costs": costs,
        "depth": 2,
    }


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, SCORES, asked(held))


def ask_rules(wanted) -> None:
    answers.start_work(current_study.study(), RULES, wanted)


def ask_otherwise(wanted) -> None:
    answers.start_work(current_study.study(), OTHERWISE, wanted)


def take_each(name: str, key: str) -> None:
    held_by = {**current_study.view(name, {}), key: current_study.value(f"{name} {key}")}
    current_study.change_view(**{name: held_by})


def choose_learner() -> None:
    names = list(LEARNERS)
    held_by = current_study.view("policy learner", "linear")
    st.selectbox(
        "What each unit's outcome is predicted by",
        names,
        index=names.index(held_by) if held_by in names else 0,
        format_func=LEARNERS.get,
        key=current_study.key("policy learner"),
        on_change=current_study.take,
        args=("policy learner",),
        help="Every unit is predicted by models that have not seen it, under every arm.",
    )


def choose_costs(held, job, scores) -> dict[str, float | str]:
    """What each arm costs: one for every arm but the control, until a person says another number or a column."""
    held_by, costs = current_study.view("policy costs", {}), {}
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
            told = choose_column(name, offered) if by_unit else None
            costs[name] = told or st.number_input(
                f"Cost of {escape.markdown(name, 24)}, per unit",
                min_value=0.0,
                value=float(held_by.get(name, 0.0 if place == scores.control else 1.0)),
                key=current_study.key(f"policy cost {name}"),
                on_change=take_cost,
                args=(name,),
            )
    return costs


def choose_column(level: str, offered: list[str]) -> str | None:
    """The column that an arm's cost stands in; None where it is one number."""
    held_by = current_study.view("policy cost columns", {}).get(level)
    return st.selectbox(
        f"Cost of {escape.markdown(level, 24)}, from",
        [None, *offered],
        index=offered.index(held_by) + 1 if held_by in offered else 0,
        format_func=lambda column: "one number" if column is None else column,
        key=current_study.key(f"policy cost columns {level}"),
        on_change=take_each,
        args=("policy cost columns", level),
    )


def choose_budget(least: float, most: float) -> float | None:
    """The budget, as a share of what giving every unit its best arm costs; None where money limits nothing."""
    if most <= least:
        st.caption("No arm that costs more gains more, so no budget is needed.")
        return None
    share = st.slider(
        "Budget, as a share of what giving every unit its best arm costs",
        0,
        100,
        value=int(current_study.view("policy budget", 50)),
        format="%d %%",
        key=current_study.key("policy budget"),
        on_change=current_study.take,
        args=("policy budget",),
    )
    budget = least + share / 100 * (most - least)
    st.caption(
        f"{share} % is {numbers.number(budget)} in all, in the units of the costs; 100 % is {numbers.number(most)}."
    )
    return budget


def choose_way() -> str:
    names = list(WAYS)
    held_by = current_study.view("policy way", "budget")
    return st.selectbox(
        "How it is decided",
        names,
        index=names.index(held_by) if held_by in names else 0,
        format_func=WAYS.get,
        key=current_study.key("policy way"),
        on_change=current_study.take,
        args=("policy way",),
        help="Within the budget alone the best allocation is found exactly and at once; the others take a search.",
    )


def choose_limits(held, scores) -> dict:
    """At most so many units per arm, and outcomes that may not fall; {} where there is none."""
    most, columns = current_study.view("policy most", {}), st.columns(min(len(scores.levels), 4))
    capacities = {}
    for place, level in enumerate(scores.levels):
        name = str(level)
        with columns[place % len(columns)]:
            told = st.number_input(
                f"Most units that get {escape.markdown(name, 24)}",
                min_value=0,
                value=most.get(name),
                placeholder="no limit",
                key=current_study.key(f"policy most {name}"),
                on_change=take_each,
                args=("policy most", name),
            )
        if told is not None:
            capacities[name] = told
    offered = answers.guardrail_columns(held, scores.adjust_for)
    kept = st.multiselect(
        "Outcomes that may not fall below today's",
        offered,
        default=[name for name in current_study.view("policy guards", []) if name in offered],
        key=current_study.key("policy guards"),
        on_change=current_study.take,
        args=("policy guards",),
        placeholder="None" if offered else "No column is left: those adjusted for come before the treatment",
        disabled=not offered,
        help="Their mean under the policy, predicted as the outcome's is. Choose what the treatment may change.",
    )
    falls = current_study.view("policy falls", {})
    guardrails = {
        name: st.number_input(
            f"{escape.markdown(name, 40)} may fall by, per unit",
            min_value=0.0,
            value=float(falls.get(name, 0.0)),
            format="%.4g",
            key=current_study.key(f"policy falls {name}"),
            on_change=take_each,
            args=("policy falls", name),
        )
        for name in kept
    }
    return {"capacities": capacities, "guardrails": guardrails} if capacities or guardrails else {}


def choose_worth(found) -> dict:
    worth = st.number_input(
        f"What full variety is worth, in {escape.markdown(found.spec.question.outcome, 40)} per unit",
        min_value=0.0,
        value=float(current_study.view("policy worth", 0.1)),
        format="%.4g",
        key=current_study.key("policy worth"),
        on_change=current_study.take,
        args=("policy worth",),
        help="Full variety: all arms equally often. With 0 the budget alone decides.",
    )
    return {"worth": worth}


def decided(held, job, exact, costs, way: str):
    """The policy by another way than the budget alone, and the job that found it; None twice until it is found."""
    scores = answers.arm_scores_told(job)
    more = choose_limits(held, scores) if way == "limits" else choose_worth(exact) if way == "variety" else {"way": way}
    if not more:
        st.caption("Set a limit, or name an outcome that may not fall.")
        return None, None
    wanted = {
        "spec": spec_of(held).to_json(),
        "scores": job.outcomes[0],
        "budget": exact.budget,
        "costs": costs,
        "learner": current_study.view("policy learner", "linear"),
        "way": way,
        **more,
    }
    work = answers.work_about(held, OTHERWISE, wanted)
    if work is not None and work.state == "done":
        return answers.policy_another_way(held, job, work, spec_of(held), exact.budget, costs), work
    if work is not None and work.active:
        background.follow(work.id)
        return None, None
    background.say_how_it_ended(work)
    st.button(
        "Find this policy",
        on_click=ask_otherwise,
        args=(wanted,),
        icon=":material/play_arrow:",
        key="decide otherwise",
    )
    return None, None


def show_way(found, exact, binary) -> None:
    st.markdown(escape.markdown(wording.way_sentence(found, exact, binary)))
    for name, moved in found.guards.items():
        st.markdown(escape.markdown(wording.guard_sentence(name, moved)))
    if found.points is not None:
        with st.expander("The points", icon=":material/scoreboard:"):
            st.dataframe(wording.points_rows(found), hide_index=True, width="stretch")
            st.caption(wording.points_caption(found))


def show_numbers(found, binary) -> None:
    gained = found.value.gains["today"]
    first, second, third = st.columns(3)
    first.metric(
        "Per unit, beside today",
        numbers.change_text(gained.value, binary, short=True),
        help=f"All digits: {numbers.all_digits(gained.value)}; standard error {numbers.all_digits(gained.std_error)}",
    )
    second.metric(f"{gained.confidence:.0%} interval", numbers.interval(*gained.interval(), binary))
    third.metric(
        "In all, beside today",
        numbers.number(gained.value * found.value.units, signed=True),
        help=f"Over {numbers.count(found.value.units)} units, in units of the outcome.",
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


def show_rules(held, job, found, costs, binary) -> None:
    st.markdown("#### As a few rules")
    wanted = rules_asked(held, job, found.budget, costs)
    work = answers.work_about(held, RULES, wanted)
    told = answers.rules_told(work)
    if told is not None:
        tree, value, spent = told
        figure.show(tree_plot.policy_tree(tree, **figure.looks()), tree_plot.rows(tree), "rules")
        with st.expander("The rules as text", icon=":material/subject:"):
            st.code("\n".join(tree.lines()), language=None)
        st.markdown(escape.markdown(wording.rules_sentence(found, value, spent, binary)))
        alone = {"kind": "budget"}
        beside = answers.policy_comparison(held, job, spec_of(held), found.budget, costs, alone, decided=work)
        st.markdown(escape.markdown(comparison.rules_sentence(beside, alone, binary)))
    elif work is not None and work.active:
        background.follow(work.id)
    else:
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
    return st.segmented_control(
        "Beside simple policies",
        list(said),
        default=current_study.view("policy money", "own"),
        format_func=said.get,
        key=current_study.key("policy money"),
        on_change=current_study.take,
        args=("policy money",),
        help="For the same money: the policy's ranking, stopped where it has spent what the simple one costs.",
    )


def show_simple(held, job, found, costs, binary, way: str) -> None:
    """The policy beside those that need no thought; one that can spend any money also for what each of them costs."""
    fair = answers.policy_for_their_money(held, job, spec_of(held), found.budget, costs) if way == "budget" else None
    same = fair is not None and choose_money() == "same"
    shown = gains_plot.policy_gains(found, binary, fair if same else None, **figure.looks())
    figure.show(shown, gains_plot.rows(found, fair), "policy gains")
    if not same and (dear := wording.beyond_budget(found)):
        st.caption(escape.markdown(dear))


def show(held, job) -> None:
    scores = answers.arm_scores_told(job)
    binary = numbers.Scale(scores.outcome_is_binary, question_of(held).unit)
    costs = choose_costs(held, job, scores)
    budget = choose_budget(*answers.policy_range(held, job, spec_of(held), costs))
    exact = answers.policy(held, job, spec_of(held), budget, costs)
    way = choose_way()
    found, work = (exact, None) if way == "budget" else decided(held, job, exact, costs, way)
    if found is None:
        return
    show_finding(wording.policy_finding(found, binary))
    show_numbers(found, binary)
    price = "" if way in ("points", "variety") else wording.price_sentence(found, binary)
    fair = answers.policy_for_their_money(held, job, spec_of(held), budget, costs) if way == "budget" else {}
    same = wording.same_money_sentence(found, fair, binary)
    st.markdown(escape.markdown(f"{wording.shares_sentence(found)} {price} {same}"))
    if way != "budget":
        show_way(found, exact, binary)
    elif len(found.curve.budgets) > 1:
        figure.show(curve_plot.budget_curve(found, binary, **figure.looks()), curve_plot.rows(found), "gain by budget")
    show_simple(held, job, found, costs, binary, way)
    other = policy_comparison.show(held, job, spec_of(held), found, costs, binary, LEARNERS, work)
    show_units(found)
    if way == "budget":
        show_rules(held, job, found, costs, binary)
    with st.expander("What this rests on", icon=":material/gavel:"):
        adjusted = ", ".join(escape.markdown(name, 40) for name in scores.adjust_for) or "nothing"
        st.markdown(
            f"- Adjusted for: {adjusted}. As on the effect page, these must block every back-door path.\n"
            "- Who gets what is decided by predictions, and what that is worth by doubly robust scores; both by models "
            "that have not seen the unit. Where effects hardly differ between units, models that learn from each "
            "other's folds make intervals of what choosing whom is worth a little narrow: of 100 that say 95 % about "
            "90 hold (simulated). Whether effects differ at all is tested on the page Who benefits.\n"
            "- One unit's arm does not change another unit's outcome."
        )
    policy_comparison.show_script(held, job, spec_of(held), found, other, work)


held = journey.require("log", "question", "graph")
headline("Policy", replace(question_of(held), target="everyone", control=None, treated=None), unchecked=True)
choose_learner()
job = answers.work_about(held, SCORES, asked(held))
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
