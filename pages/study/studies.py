import streamlit as st

from causal.wording import escape
from pages.ui import answers, current_study, journey
from pages.ui.error_box import error_box
from pages.ui.samples import sample_cards

ENTRIES_AT_FIRST = 8

st.markdown("## Did it *cause* that, and what if we did something else?")
st.markdown(
    "Drop a log of a recommender or an experiment, draw what causes what, and get the effect with its interval, "
    "the reasons to believe it, and the outcome under other choices."
)
if st.button("Start with a log", type="primary", icon=":material/upload_file:"):
    current_study.leave()
    journey.go("log")

st.markdown("#### Or try it on a sample whose answer is known")
sample_cards()

entries = answers.store().list_studies()
if entries:
    st.markdown("#### Studies on this machine")
everything = len(entries) <= ENTRIES_AT_FIRST or st.session_state.get("all studies")
for entry in entries if everything else entries[:ENTRIES_AT_FIRST]:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape.markdown(entry.title, 70)}**", width="stretch")
        asked = answers.sentence_of(entry.id)
        if asked:
            st.caption(escape.markdown(asked, 90), width="stretch")
        st.caption(f"saved {entry.saved_at:%Y-%m-%d %H:%M} · revision {entry.revision}", width="content")
        if st.button("Open", key=f"open {entry.id}"):
            with error_box():
                current_study.open_study(entry.id)
                journey.go("log")
        with st.popover("Delete", key=f"delete {entry.id}"):
            st.caption("It leaves this list. Its file stays on disk until you remove the data folder.")
            if st.button("Delete this study", key=f"really delete {entry.id}"):
                answers.store().delete(entry.id)
                held = current_study.study()
                if held is not None and held.id == entry.id:
                    current_study.leave()
                st.rerun()
if len(entries) > ENTRIES_AT_FIRST:
    st.toggle(f"Show all {len(entries)} studies", key="all studies")
