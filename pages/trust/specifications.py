import streamlit as st

from causal.archive.contents import question_of
from causal.effects.specifications import OutcomeDefinition, Population, specifications
from causal.errors import DoableError
from causal.plots import specification_curve as curve_figure
from causal.study import POPULATIONS, Condition, OutcomeRule
from causal.wording import escape, numbers
from causal.wording import specification_curve as wording
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline

TRIMS = [0.0, 0.01, 0.05, 0.1, 0.15, 0.2]
MOST_GROUPS = 8


def start() -> None:
    with error_box():
        held = current_study.study()
        answers.try_specifications(held, journey.chosen_analysis(held))


def keep(held, analysis, choices) -> None:
    key = answers.overruling_key(held, analysis.spec)
    chosen = {**current_study.view(answers.CHOICES, {}), key: choices.to_json()}
    current_study.change_view(**{answers.CHOICES: chosen})


def take(analysis) -> None:
    """Every option that is ticked, the analysis's own first."""
    held = current_study.study()
    spec, before = analysis.spec, answers.specification_choices(held, analysis)
    own = before.populations[0], before.outcomes[0], before.adjustments[0], before.methods[0], before.trims[0]
    group = current_study.value("group")
    levels = () if group is None else answers.levels_of(held, group)[:MOST_GROUPS]
    populations = [Population(each, spec.where) for each in current_study.value("targets")]
    populations += [Population(spec.question.target)] if spec.where and current_study.value("unfiltered") else []
    populations += [Population(spec.question.target, (*spec.where, Condition(group, "is", level))) for level in levels]
    columns = [spec.question.outcome, *current_study.value("outcomes")]
    binary = analysis.outcome_is_binary
    rules = [spec.outcome_rule, *([other_rule(spec)] if not binary and current_study.value("limits") else [])]
    outcomes = [OutcomeDefinition(column, rule) for column in columns for rule in rules]
    chosen = (
        (own[0], *populations),
        (own[1], *outcomes),
        (own[2], *current_study.value("sets")),
        (own[3], *current_study.value("methods")),
        (own[4], *current_study.value("trims")),
    )
    made = type(before)(*(tuple(dict.fromkeys(each)) for each in chosen))
    try:
        specifications(spec, made)
    except DoableError as refusal:
        current_study.notice(str(refusal))
        current_study.renew()
        return
    keep(held, analysis, made)


def other_rule(spec):
    return OutcomeRule() if spec.outcome_rule is None else None


def choose(held, analysis, choices) -> None:
    """What could have been chosen otherwise; the analysis's own options are always in."""
    several = numbers.counted(len(specifications(analysis.spec, choices)), "specification")
    with st.expander(f"What is varied: {several}", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            choose_units(held, analysis, choices)
        with right:
            choose_measures(held, analysis, choices)


def choose_units(held, analysis, choices) -> None:
    """For whom, by which methods, and how much is trimmed."""
    spec = analysis.spec
    targets = [each.target for each in choices.populations if each.where == spec.where]
    pick("targets", "For whom", list(POPULATIONS), targets, analysis, POPULATIONS.get)
    groups = answers.group_columns(held, analysis)
    group = next((each.where[-1].column for each in choices.populations if len(each.where) > len(spec.where)), None)
    st.selectbox(
        "And within each level of",
        [None, *groups],
        index=groups.index(group) + 1 if group in groups else 0,
        format_func=lambda name: "nothing" if name is None else name,
        key=current_study.key("group"),
        on_change=take,
        args=(analysis,),
        help="Each level becomes a population of its own, at most eight.",
    )
    if spec.where:
        without = any(not each.where for each in choices.populations)
        switch("unfiltered", "And without the filter", without, analysis)
    listed = {each.name: each.title for each in answers.methods_for_curve(analysis)}
    pick("methods", "Methods", list(listed), choices.methods, analysis, lambda name: listed.get(name, name))


def choose_measures(held, analysis, choices) -> None:
    """What counts as the outcome, what is adjusted for, and how much is trimmed."""
    spec, others = analysis.spec, answers.outcome_columns(held, analysis)
    columns = [each.column for each in choices.outcomes[1:] if each.column in others]
    pick("outcomes", "Other columns that measure the outcome", others, columns, analysis)
    if not analysis.outcome_is_binary:
        with_limits = "And with extreme outcomes held to the 99 % quantile"
        label = with_limits if spec.outcome_rule is None else "And without the limits of extreme outcomes"
        switch("limits", label, any(each.rule != spec.outcome_rule for each in choices.outcomes), analysis)
    sets = answers.valid_sets(held, analysis)
    pick("sets", "Adjusted for", list(sets), choices.adjustments, analysis, wording.set_label)
    pick("trims", "Trimming", TRIMS, choices.trims, analysis, wording.trim_label)


def pick(name: str, label: str, options, chosen, analysis, spelled=str) -> None:
    """Several options of one choice."""
    offered = list(dict.fromkeys((*options, *chosen)))
    st.multiselect(
        label,
        offered,
        default=list(dict.fromkeys(chosen)),
        format_func=spelled,
        key=current_study.key(name),
        on_change=take,
        args=(analysis,),
    )


def switch(name: str, label: str, value: bool, analysis) -> None:
    st.toggle(label, value=value, key=current_study.key(name), on_change=take, args=(analysis,))


@st.fragment(run_every=1.0)
def follow(job_id: str, analysis) -> None:
    """The bar, the button that stops it, and the curve so far."""
    job = answers.job(job_id)
    if job is None or not job.active:
        st.rerun()
        return
    background.bar(job)
    _, so_far = answers.specifications_told(current_study.study(), analysis)
    if so_far is not None and so_far.sound:
        draw(so_far)


def draw(curve) -> None:
    picture = curve_figure.specification_curve(curve, **figure.looks())
    figure.show(picture, curve_figure.rows(curve), "specification curve")


def show(curve) -> None:
    draw(curve)
    for sentence in (wording.contribution_sentence(curve), wording.joint_sentence(curve)):
        if sentence:
            st.markdown(f"- {escape.markdown(sentence)}")
    greyed = wording.greyed_sentence(curve)
    if greyed:
        st.caption(escape.markdown(greyed))
    st.caption(
        "Simonsohn, Simmons and Nelson 2020. The joint test is of the regressions: each one's estimate is taken off "
        "its outcome, which leaves no effect but the treatment's ties to the covariates, and units are drawn anew."
    )


def before(job, curve) -> None:
    st.caption(
        "Every combination of what could have been chosen otherwise, answered one by one. What is answered is kept: "
        "stopped, it goes on where it was."
    )
    background.say_how_it_ended(job)
    label = "Go on" if curve is not None and curve.answers else "Try every specification"
    st.button(label, on_click=start, type="primary", icon=":material/play_arrow:", key="try specifications")
    if curve is not None and curve.sound:
        draw(curve)


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Specification curve", question_of(held))
    st.info(
        "Here you will see what the answer would have been with other sensible choices: other populations, outcomes, "
        "covariates, methods. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
refusal = answers.why_no_curve(analysis)
if refusal:
    headline("Specification curve", analysis.spec.question, analysis)
    st.info(escape.markdown(refusal), icon=":material/info:")
    journey.next_button("effect", "See the effect")
    st.stop()
job, curve = answers.specifications_told(held, analysis)
done = job is not None and job.state == "done" and curve is not None
headline("Specification curve", analysis.spec.question, analysis, wording.curve_finding(curve) if done else None)
choose(held, analysis, answers.specification_choices(held, analysis))
if done:
    show(curve)
    journey.next_button("graph_fit", "Test the graph on the data")
elif job is not None and job.active:
    follow(job.id, analysis)
else:
    before(job, curve)
