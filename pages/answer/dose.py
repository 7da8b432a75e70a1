from dataclasses import replace

import streamlit as st

from causal.archive.contents import base_spec, in_its_unit, question_of
from causal.plots import dose as dose_figure
from causal.wording import dose as wording
from causal.wording import escape
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline, show_finding

KIND = "dose response"


def asked(held) -> dict:
    """The question without its two levels: every dose is asked about, for everyone."""
    spec = base_spec(held)
    question = replace(spec.question, control=None, treated=None, target="everyone")
    return {"spec": replace(spec, question=question).to_json()}


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, KIND, asked(held))


def show(found) -> None:
    show_finding(wording.dose_finding(found))
    figure.show(dose_figure.dose_curve(found, **figure.looks()), dose_figure.rows(found), "dose-response curve")
    st.markdown(escape.markdown(wording.line_sentence(found)))
    st.caption(escape.markdown(wording.dose_caption(found)))
    with st.expander("What this rests on", icon=":material/gavel:"):
        adjusted = ", ".join(escape.markdown(name, 40) for name in found.adjust_for) or "nothing"
        st.markdown(
            "- The columns adjusted for block every back-door path between dose and outcome.\n"
            "- The model of the dose or the model of the outcome is right; not necessarily both.\n"
            "- Everyone could have had every dose shown.\n"
            "- One unit's dose does not change another unit's outcome."
        )
        st.caption(f"Adjusted for: {adjusted}. Source: Kennedy, Ma, McHugh and Small 2017.")
        for note in found.notes:
            st.markdown(f"- {escape.markdown(note)}")


held = journey.require("log", "question", "graph")
question = question_of(held)
headline("Dose curve", replace(question, control=None, treated=None, target="everyone"), unchecked=True)
if not answers.is_quantity(held, question.treatment):
    st.info(
        f'"{escape.markdown(question.treatment, 60)}" is no quantity with many values, so it has no curve. For a '
        "treatment that is one (a price, a number of hours) this page shows the mean outcome at every dose.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "See the effect")
    st.stop()
job = answers.work_about(held, KIND, asked(held))
found = in_its_unit(held, answers.curve_told(job))
if found is not None:
    show(found)
    journey.next_button("impact", "Compare it with all other causes")
elif job is not None and job.active:
    background.follow(job.id)
else:
    st.caption("The mean outcome if everybody had each dose: a curve with its band, and the straight line through it.")
    background.say_how_it_ended(job)
    st.button("Draw the curve", on_click=ask, type="primary", icon=":material/play_arrow:", key="draw the curve")
