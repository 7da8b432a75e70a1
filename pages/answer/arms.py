from dataclasses import replace

import streamlit as st

from causal.archive.contents import base_spec, in_its_unit, question_of
from causal.effects.arm_means import OPTIONS
from causal.estimators.registry import method_named
from causal.plots import arm_comparison as arms_figure
from causal.wording import arms as wording
from causal.wording import escape, numbers
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding
from pages.ui.option_form import option_form

METHODS = ("doubly_robust", "regression", "weighting", "standardisation")
KIND = "compare arms"
CROSSED = "cross treatments"
NONE = "(none)"


def second_of(held) -> str | None:
    """The second treatment that the first is crossed with, or None."""
    chosen, question = current_study.view("arms second", NONE), question_of(held)
    return chosen if chosen in answers.second_treatments(held, question.treatment, question.outcome) else None


def offered(held) -> list[str]:
    """The methods that answer for the population asked about."""
    return [name for name in METHODS if question_of(held).target in method_named(name).targets]


def method_of(held) -> str:
    chosen = current_study.view("arms method", METHODS[0])
    return chosen if chosen in offered(held) else offered(held)[0]


def options_of(method: str) -> dict:
    """The options chosen for a method where it compares many arms."""
    return dict(current_study.view("arms options", {}).get(method, {}))


def asked(held) -> tuple[str, dict]:
    """The kind of job, and what it is asked: the spec, and the arms chosen (none named: all) or what to cross with."""
    method = method_of(held)
    spec = replace(base_spec(held, method), options=options_of(method) or None)
    second = second_of(held)
    if second is not None:
        return CROSSED, {"spec": replace(spec, adjust_for=None).to_json(), "also": second}
    return KIND, {"spec": spec.to_json(), "arms": current_study.view("arms chosen", None) or None}


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, *asked(held))


def choose_second(held) -> None:
    offered = answers.second_treatments(held, question_of(held).treatment, question_of(held).outcome)
    st.selectbox(
        "Crossed with a second treatment",
        [NONE, *offered],
        index=[NONE, *offered].index(second_of(held) or NONE),
        key=current_study.key("arms second"),
        on_change=current_study.take,
        args=("arms second",),
        help="Every combination of the two becomes an arm, and you see whether one changes the other's effect.",
    )


def choose_options(method: str) -> None:
    if not OPTIONS[method]:
        return
    with st.expander(f"Options of {method_named(method).title.lower()}", icon=":material/tune:"), error_box():
        chosen = option_form(method_named(method), options_of(method), only=OPTIONS[method])
        plain = method_named(method).make_options(None)
        changed = {name: value for name, value in chosen.items() if value != getattr(plain, name)}
        if changed != options_of(method):
            held_by = {**current_study.view("arms options", {}), method: changed}
            current_study.change_view(**{"arms options": held_by})
            st.rerun()


def choices(levels: tuple, crossed: bool) -> None:
    left, right = st.columns([1, 2])
    held_method, able = method_of(held), offered(held)
    left.selectbox(
        "Method",
        able,
        index=able.index(held_method),
        format_func=lambda name: method_named(name).title,
        key=current_study.key("arms method"),
        on_change=current_study.take,
        args=("arms method",),
        help="All arms are fitted together: one model of who gets which arm, one model of the outcome per arm.",
    )
    if crossed:  # every combination is compared
        return
    chosen = [each for each in current_study.view("arms chosen", None) or [] if each in levels]
    right.multiselect(
        "Arms to compare (none chosen: all)",
        levels,
        default=chosen,
        format_func=str,
        key=current_study.key("arms chosen"),
        on_change=current_study.take,
        args=("arms chosen",),
        max_selections=journey.MOST_ARMS,
    )


def show(comparison) -> None:
    show_finding(wording.arms_finding(comparison))
    st.caption(
        escape.markdown(
            f"{numbers.counted(comparison.units, 'unit')} compared, {numbers.count(comparison.dropped)} left out for a "
            f"missing value. {wording.clear_sentence(comparison)}"
        )
    )
    warning = wording.overlap_warning(comparison)
    if warning:
        st.warning(escape.markdown(warning), icon=":material/warning:")
    figure.show(
        arms_figure.arm_means(comparison, **figure.looks()), arms_figure.mean_rows(comparison), "means of all arms"
    )
    figure.show(
        arms_figure.against_control(comparison, **figure.looks()),
        arms_figure.pair_rows(comparison, control_only=True),
        "arms against control",
    )
    st.markdown("#### How they rank")
    for arm in sorted(comparison.arms, key=lambda each: each.rank):
        st.markdown(f"{arm.rank}. {escape.markdown(wording.rank_sentence(comparison, arm))}")
    st.caption(wording.ranks_caption(comparison))
    st.markdown("#### Every pair")
    st.caption(
        "The row's arm instead of the column's, with an interval that holds for all pairs at once; "
        "▲ and ▼ mark what is clear."
    )
    st.dataframe(arms_figure.matrix(comparison), hide_index=True, width="stretch")
    with st.expander("All digits, and p-values", icon=":material/table:"):
        st.dataframe(arms_figure.pair_rows(comparison), hide_index=True, width="stretch")
    with st.expander("What this rests on", icon=":material/gavel:"):
        for sentence in method_named(comparison.spec.method).assumes:
            st.markdown(f"- {escape.markdown(sentence)}")
        adjusted = ", ".join(escape.markdown(name, 40) for name in comparison.adjust_for) or "nothing"
        st.caption(f"Adjusted for: {adjusted}. {escape.markdown(comparison.identification)}")
        for note in comparison.notes:
            st.markdown(f"- {escape.markdown(note)}")


def show_interactions(joint) -> None:
    st.markdown("#### Whether one treatment changes the other's effect")
    for each in joint.interactions:
        st.markdown(f"- {escape.markdown(wording.interaction_sentence(joint, each))}")


held = journey.require("log", "question", "graph")
question = question_of(held)
headline("All arms", replace(question, control=None, treated=None), unchecked=True)
levels = answers.levels_of(held, question.treatment)
choose_second(held)
crossed = second_of(held) is not None
if len(levels) <= 2 and not crossed:
    st.info(
        f'"{escape.markdown(question.treatment)}" has two levels, so there is one comparison, and the effect page '
        "makes it. This page compares three levels or more, or the combinations of two treatments: all at once, with a "
        "ranking.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "See the effect")
    st.stop()
choices(levels, crossed)
choose_options(method_of(held))
if len(levels) > journey.MOST_ARMS and not crossed and not current_study.view("arms chosen", None):
    st.warning(
        f"{len(levels)} levels or more: at most {journey.MOST_ARMS} are compared at once. Choose the arms "
        "that matter, or see the dose-response curve if it is a quantity.",
        icon=":material/warning:",
    )
    st.stop()
job = answers.work_about(held, *asked(held))
joint = in_its_unit(held, answers.joint_told(job)) if crossed else None
comparison = in_its_unit(held, answers.comparison_told(job)) if joint is None else joint.comparison
if comparison is not None:
    show(comparison)
    if joint is not None:
        show_interactions(joint)
    journey.next_button("effect", "See the two of the question")
elif job is not None and job.active:
    background.follow(job.id)
else:
    st.caption(
        "Every level against every other, from one joint fit: means, effects with intervals that hold all at once, and "
        "which arm may be best."
    )
    background.say_how_it_ended(job)
    st.button("Compare the arms", on_click=ask, type="primary", icon=":material/play_arrow:", key="compare arms")
