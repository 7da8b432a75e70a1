import streamlit as st

from causal.archive.contents import question_of
from causal.plots import love as love_figure
from causal.wording import escape, numbers, sentences
from pages.ui import figure, journey
from pages.ui.headline import headline

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
st.caption(
    f"For: {analysis.method.title}. Hollow is before adjustment, solid after; within the dashed lines is balanced."
)
if analysis.balance.rows:
    figure.show(love_figure.love_plot(analysis, **figure.looks()), love_figure.rows(analysis), "balance")
    first, second, third = st.columns(3)
    first.metric("Covariates and levels", numbers.count(len(analysis.balance.rows)))
    second.metric("Beyond 0.1 after adjustment", numbers.count(len(analysis.balance.unbalanced)))
    worst = analysis.balance.worst
    third.metric(
        "Worst",
        sentences.worst_difference(analysis),
        help=escape.markdown(worst.name, 200),
    )
else:
    st.info("Nothing was adjusted for, so there is nothing to balance.", icon=":material/info:")
journey.next_button("overlap", "Check the overlap")
