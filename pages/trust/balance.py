import streamlit as st

from causal.archive.contents import question_of
from causal.checks.column_balance import LIMITS
from causal.plots import arm_balance as arms_figure
from causal.plots import balance_measures as measures_figure
from causal.plots import covariate_shape as shape_figure
from causal.plots import love as love_figure
from causal.wording import balance as wording
from causal.wording import escape, numbers, sentences
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline

FULL = "balance in full"
NOTHING_MORE = {"squares": False, "products": False, "also": [], "by": None}


def take(name: str) -> None:
    current_study.change_view(**{FULL: {**chosen_options(), name: current_study.value(f"balance {name}")}})


def chosen_options() -> dict:
    return {**NOTHING_MORE, **current_study.view(FULL, {})}


def options_for(held, analysis) -> dict:
    """The options as chosen, without columns that cannot be asked of this answer."""
    chosen = chosen_options()
    also = [each for each in chosen["also"] if each in answers.other_columns(held, analysis)]
    by = chosen["by"] if chosen["by"] in answers.grouping_columns(held, analysis) else None
    return {**chosen, "also": also, "by": by}


def in_full(held, analysis) -> tuple[str, dict]:
    """The kind of work, and what is asked of it: every answer that adjusts for the same, whichever is chosen."""
    alike = [
        each.spec.to_json()
        for each in journey.finished(held)
        if each.method.adjusts and set(each.adjust_for) == set(analysis.adjust_for)
    ]
    return "measure balance", {"specs": alike or [analysis.spec.to_json()], "options": options_for(held, analysis)}


def every_arm(held, analysis) -> tuple[str, dict]:
    quantity = answers.is_quantity(held, analysis.spec.question.treatment)
    return "measure arm balance", {"spec": analysis.spec.to_json(), "quantity": quantity}


def start(kind: str, asked: dict) -> None:
    answers.start_work(current_study.study(), kind, asked)


def choices(held, analysis) -> None:
    options = options_for(held, analysis)
    first, second = st.columns(2)
    with first:
        for name, label, why in (
            ("squares", "Squares", "Whether quantities are alike in their squares too, not only in their means."),
            ("products", "Products of two columns", "Whether combinations of columns are alike in both arms."),
        ):
            st.toggle(
                label,
                value=options[name],
                key=current_study.key(f"balance {name}"),
                on_change=take,
                args=(name,),
                help=why,
            )
    with second:
        listed = [None, *answers.grouping_columns(held, analysis)]
        st.selectbox(
            "Within groups of",
            listed,
            index=listed.index(options["by"]),
            format_func=lambda name: "no groups" if name is None else name,
            key=current_study.key("balance by"),
            on_change=take,
            args=("by",),
            help="Arms that are alike on the whole may differ within a group of units.",
        )
    others = answers.other_columns(held, analysis)
    if others:
        st.multiselect(
            "Also columns that were not adjusted for",
            others,
            default=options["also"],
            key=current_study.key("balance also"),
            on_change=take,
            args=("also",),
            help="A column that the graph leaves out should be alike too, if the graph is right.",
        )


def measures(found) -> None:
    listed = [name for name in wording.MEASURES if wording.measured_rows(found, name)]
    measure = st.segmented_control(
        "Measure",
        listed,
        default=listed[0],
        required=True,
        format_func=wording.MEASURES.__getitem__,
        key=current_study.key("balance measure"),
    )
    st.caption(wording.EXPLAINED[measure])
    picture = measures_figure.balance_measures(found, measure, **figure.looks())
    figure.show(picture, measures_figure.rows(found), "balance in full")
    st.markdown(escape.markdown(wording.sizes_sentence(found)))
    st.markdown(escape.markdown(wording.prognostic_sentence(found)))
    if found.truncated:
        st.caption("There are more squares and products than are looked at: these are the first ones.")
    for name, why in found.left_out:
        st.caption(escape.markdown(f"{wording.name_of(name)} is not shown: {why}"))


def shapes(found, chosen: str) -> None:
    names = [each.covariate for each in found.shapes]
    if not names:
        return
    st.markdown("#### One covariate")
    first, second, third = st.columns(3)
    covariate = first.selectbox("Covariate", names, key=current_study.key("balance covariate"))
    method = second.selectbox(
        "After",
        found.methods,
        index=found.methods.index(chosen) if chosen in found.methods else 0,
        format_func=wording.name_of,
        key=current_study.key("balance method"),
    )
    kind = "bars"
    if shape_figure.shape_named(found, covariate).edges:
        kind = third.segmented_control(
            "Drawn as",
            ("bars", "shares below"),
            default="bars",
            required=True,
            key=current_study.key("balance drawn"),
            help="Bars show where units are; shares below show the gap that the largest gap measures.",
        )
    picture = shape_figure.covariate_shape(found, covariate, method or "", kind, **figure.looks())
    figure.show(picture, shape_figure.rows(found, covariate, method or ""), "covariate")


def groups(found) -> None:
    if not found.groups:
        return
    st.markdown(f"#### Within groups of {escape.markdown(found.options.by, 40)}")
    st.markdown(escape.markdown(wording.groups_finding(found)))
    st.dataframe(wording.group_rows(found), hide_index=True, width="stretch")


def full(held, analysis) -> None:
    st.markdown("#### In full")
    choices(held, analysis)
    kind, asked = in_full(held, analysis)
    job = answers.work_about(held, kind, asked)
    found = answers.balance_told(job)
    if found is not None:
        measures(found)
        shapes(found, analysis.spec.method)
        groups(found)
    elif job is not None and job.active:
        background.follow(job.id)
    else:
        st.caption(
            "Spread, largest gap and overlap of every column under every method answered, the distribution of each "
            "covariate in both arms, and the prognostic score."
        )
        background.say_how_it_ended(job)
        st.button("Measure it in full", on_click=start, args=(kind, asked), icon=":material/play_arrow:", key="full")


def all_arms(held, analysis) -> None:
    """Where there are more arms than the two of the question, or doses."""
    treatment = analysis.spec.question.treatment
    quantity = answers.is_quantity(held, treatment)
    levels = len(answers.levels_of(held, treatment))
    if not analysis.rests_on_adjustment or (not quantity and not 2 < levels <= journey.MOST_ARMS):
        return
    st.markdown("#### Every dose" if quantity else f"#### All {levels} arms")
    kind, asked = every_arm(held, analysis)
    job = answers.work_about(held, kind, asked)
    found = answers.arm_balance_told(job)
    if found is not None:
        figure.show(arms_figure.arm_balance(found, **figure.looks()), arms_figure.rows(found), "balance of all arms")
        counted = zip(found.arms or ("all units",), found.units, found.effective_sizes, strict=True)
        st.caption(
            escape.markdown(
                "After weighting "
                + ", ".join(
                    f"{numbers.counted(units, 'unit')} ({arm}) {numbers.plural(units, 'counts', 'count')} as "
                    f"{numbers.count(size)}"
                    for arm, units, size in counted
                )
                + "."
            )
        )
    elif job is not None and job.active:
        background.follow(job.id)
    else:
        st.caption(
            "Whether covariates go with the dose, before and after weighting by its density."
            if quantity
            else "The two arms that are furthest apart in each covariate, before and after weighting all arms at once."
        )
        background.say_how_it_ended(job)
        label = "Measure every dose" if quantity else "Measure all arms"
        st.button(label, on_click=start, args=(kind, asked), icon=":material/play_arrow:", key="arms balance")


def show(held, analysis) -> None:
    st.caption(
        f"For: {analysis.method.title}. Hollow is before adjustment, solid after; within the dashed lines is balanced."
    )
    figure.show(love_figure.love_plot(analysis, **figure.looks()), love_figure.rows(analysis), "balance")
    first, second, third = st.columns(3)
    first.metric("Covariates and levels", numbers.count(len(analysis.balance.rows)))
    second.metric(f"Beyond {LIMITS['difference']:g} after adjustment", numbers.count(len(analysis.balance.unbalanced)))
    worst = analysis.balance.worst
    third.metric("Worst", sentences.worst_difference(analysis), help=escape.markdown(worst.name, 200))
    full(held, analysis)
    all_arms(held, analysis)


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Balance", question_of(held))
    st.info(
        "Here you will see, for every covariate, how alike the two groups were before and after adjustment. "
        "Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
headline("Balance", analysis.spec.question, analysis, sentences.balance_sentence(analysis))
if analysis.balance.rows:
    show(held, analysis)
else:
    st.info("Nothing was adjusted for, so there is nothing to balance.", icon=":material/info:")
journey.next_button("overlap", "Check the overlap")
