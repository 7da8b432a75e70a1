import streamlit as st

from causal.archive.contents import in_its_unit, question_of
from causal.plots import sensitivity as sensitivity_figure
from causal.wording import escape, numbers
from causal.wording import sensitivity as wording
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline

CHOSEN = "hidden cause benchmarks"
SHOWN = 2


def take() -> None:
    current_study.change_view(**{CHOSEN: list(current_study.value("benchmarks"))})


def start() -> None:
    held = current_study.study()
    answers.weigh_hidden_causes(held, journey.chosen_analysis(held).spec)


def benchmarks(found) -> tuple:
    """The covariates that a person compares a hidden cause with; before a choice the two strongest."""
    names = found.by_strength()
    chosen = [each for each in current_study.view(CHOSEN, list(names[:SHOWN])) if each in names]
    if names:
        st.multiselect(
            "Compare a hidden cause with",
            names,
            default=chosen,
            key=current_study.key("benchmarks"),
            on_change=take,
            help="What a cause 1, 2 and 3 times as strong as these covariates would do, beside everything adjusted "
            "for. Choose the ones that you expect to matter most: a hidden cause is rarely stronger.",
        )
    return found.bounds_of(chosen)


def show(found) -> None:
    shown = benchmarks(found)
    picture = sensitivity_figure.sensitivity_contour(found, shown, **figure.looks())
    figure.show(picture, sensitivity_figure.rows(found, shown), "hidden causes")
    first, second, third = st.columns(3)
    first.metric(
        "To undo the effect",
        numbers.percent(found.robustness_value),
        help="Robustness value: a hidden cause explains this much of what is left of both treatment and outcome.",
    )
    second.metric(
        "To make it unclear",
        numbers.percent(found.robustness_value_alpha),
        help="The same, for an interval that just touches zero.",
    )
    third.metric(
        "E-value",
        numbers.number(found.e_value),
        help="The risk ratio of a hidden cause with treatment and with outcome that explains the effect away.",
    )
    st.caption(escape.markdown(wording.regression_caption(found)))
    with st.expander("Other ways to ask the same", icon=":material/compare_arrows:"):
        for title, sentence in (
            ("E-value", wording.e_value_sentence(found)),
            ("The estimate's own models", wording.debiased_sentence(found)),
            ("Odds of treatment, weighted units", wording.odds_sentence(found)),
            ("Odds of treatment, matched pairs", wording.matched_sentence(found)),
            ("No assumption at all", wording.worst_case_sentence(found)),
        ):
            if sentence:
                st.markdown(f"- **{title}.** {escape.markdown(sentence)}")
        st.caption(
            "Cinelli and Hazlett 2020; VanderWeele and Ding 2017; Chernozhukov et al. 2022; Zhao, Small and "
            "Bhattacharya 2019; Rosenbaum 2002; Manski 1990."
        )
    for note in found.notes:
        st.caption(escape.markdown(note))


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Hidden causes", question_of(held))
    st.info(
        "Here you will see how strong a cause that nobody measured would have to be to undo the answer, beside the "
        "causes that were measured. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
if not analysis.rests_on_adjustment:
    headline("Hidden causes", analysis.spec.question, analysis)
    st.info(
        f"{analysis.method.title} does not rest on adjusting for all common causes, so a hidden one is not what "
        "threatens it. What it does rest on is listed with its answer.",
        icon=":material/info:",
    )
    journey.next_button("effect", "See the effect")
    st.stop()
job = answers.hidden_causes_job(held, analysis.spec)
if job is None:
    start()
    job = answers.hidden_causes_job(held, analysis.spec)
found = in_its_unit(held, answers.sensitivity_told(job))
if found is not None:
    headline("Hidden causes", analysis.spec.question, analysis, wording.finding(found))
    show(found)
    journey.next_button("specifications", "Try other specifications")
else:
    headline("Hidden causes", analysis.spec.question, analysis)
    if job.active:
        background.follow(job.id)
    else:
        background.say_how_it_ended(job)
        st.button("Try again", on_click=start, type="primary", icon=":material/refresh:")
