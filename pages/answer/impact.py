import streamlit as st

from causal.archive.contents import base_spec, in_its_unit, question_of
from causal.plots import impact as impact_figure
from causal.wording import escape
from causal.wording import impact as wording
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline, show_finding

KIND = "rank causes"


def asked(held) -> dict:
    return {"spec": base_spec(held).to_json()}


def ask() -> None:
    held = current_study.study()
    answers.start_work(held, KIND, asked(held))


def show(found) -> None:
    show_finding(wording.impact_finding(found))
    st.caption(wording.impact_caption(found))
    if found.impacts:
        figure.show(impact_figure.impact(found, **figure.looks()), impact_figure.rows(found), "impact of every cause")
    if found.left_out:
        st.markdown("#### What cannot be told")
        for each in found.left_out:
            st.markdown(f"- **{escape.markdown(each.cause, 40)}:** {escape.markdown(each.reason)}")


held = journey.require("log", "question", "graph")
headline("All causes", unchecked=True)
st.markdown(f"What else moves **{escape.markdown(question_of(held).outcome, 60)}**, and by how much?")
job = answers.work_about(held, KIND, asked(held))
found = in_its_unit(held, answers.impact_told(job))
if found is not None:
    show(found)
    journey.next_button("question", "Ask about one of them")
elif job is not None and job.active:
    background.follow(job.id)
else:
    st.caption(
        "Every variable of the graph in turn as the treatment, each with its own adjustment set. What you will see: "
        "their effects ranked, with intervals that allow for asking so many questions, and why some cannot be told."
    )
    background.say_how_it_ended(job)
    st.button("Ask about every cause", on_click=ask, type="primary", icon=":material/play_arrow:", key="rank causes")
