import streamlit as st

from causal.archive.contents import question_of
from causal.plots import model_fit as fit_figure
from causal.wording import escape, learners
from causal.wording import model_fit as wording
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline


def start() -> None:
    held = current_study.study()
    answers.check_models(held, journey.chosen_analysis(held).spec)


def show(analysis, found) -> None:
    advice = wording.fit_advice(analysis, found)
    if advice:
        st.warning(escape.markdown(advice), icon=":material/lightbulb:")
    for each in found.models:
        st.markdown(f"- {escape.markdown(wording.model_sentence(analysis, each))}")
    names = [each.nuisance for each in found.models]
    name = names[0]
    if len(names) > 1:
        name = st.segmented_control(
            "The model of",
            names,
            default=names[0],
            required=True,
            format_func=lambda each: escape.markdown(wording.predicted(analysis, found.of(each)), 40),
            key=current_study.key("model shown"),
        )
    chosen = found.of(name)
    if chosen.calibration is not None:
        picture = fit_figure.reliability(analysis, chosen, **figure.looks())
        figure.show(picture, fit_figure.reliability_rows(chosen), "reliability")
        st.caption(escape.markdown(wording.calibration_sentence(chosen.calibration)))
    figure.show(fit_figure.residuals(analysis, chosen, **figure.looks()), fit_figure.residual_rows(chosen), "residuals")
    st.markdown("#### Every model")
    st.dataframe(wording.model_rows(analysis, found), hide_index=True, width="stretch")
    st.caption(
        "Errors are root mean squared, in units of what is predicted (a chance for who has which arm). "
        + wording.units_sentence(found)
    )
    if analysis.losses:
        with st.expander("What was tried for each part", icon=":material/model_training:"):
            st.markdown(escape.markdown(learners.learners_sentence(analysis)))
            st.dataframe(learners.learner_rows(analysis), hide_index=True, width="stretch")
            st.caption(learners.CAPTION)


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Model fit", question_of(held))
    st.info(
        "Here you will see how well the models behind the answer predict units that they have not seen: whether "
        "chances come true, and whether what is left over has a pattern. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
refusal = answers.why_no_model_fit(analysis)
if refusal:
    headline("Model fit", analysis.spec.question, analysis)
    st.info(escape.markdown(refusal), icon=":material/info:")
    journey.next_button("effect", "See the effect")
    st.stop()
job = answers.model_fit_job(held, analysis.spec)
if job is None:
    start()
    job = answers.model_fit_job(held, analysis.spec)
found = answers.model_fit_told(job)
if found is not None:
    headline("Model fit", analysis.spec.question, analysis, wording.fit_finding(analysis, found))
    show(analysis, found)
    journey.next_button("robustness", "Try to refute it")
else:
    headline("Model fit", analysis.spec.question, analysis)
    if job.active:
        background.follow(job.id)
    else:
        background.say_how_it_ended(job)
        st.button("Try again", on_click=start, type="primary", icon=":material/refresh:")
