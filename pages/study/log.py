import streamlit as st

from causal.plots.column import column as column_picture
from causal.wording import escape, numbers
from pages.ui import answers, current_study, journey, second_file
from pages.ui.background import follow, say_how_it_ended
from pages.ui.figure import is_dark
from pages.ui.headline import show_finding
from pages.ui.intake import tables
from pages.ui.intake.uploader import is_reading, uploader
from pages.ui.samples import sample_cards

SEVERITIES = {
    "stop": (st.error, ":material/dangerous:"),
    "attention": (st.warning, ":material/warning:"),
    "note": (st.info, ":material/info:"),
}
PICTURES_AT_FIRST = 24


def open_log(reference) -> None:
    current_study.start(reference.name, f"Read {reference.name}", log=reference)


def open_again(reference) -> None:
    current_study.change("Looked at the table again", log=reference)


def said_of(log) -> str:
    if answers.all_here(log):
        return f"{log.rows:,} rows and {len(log.schema):,} columns are read."
    return f"The rows stay in “{log.connection}”; {log.rows:,} of them are here to look at."


def show_problems(found) -> None:
    if not found:
        st.success("No problems were found in this log.", icon=":material/check_circle:")
        return
    worst = sum(each.severity == "stop" for each in found)
    label = f"{numbers.counted(len(found), 'thing')} to know about this log" + (
        f", {worst} to mend first" if worst else ""
    )
    with st.expander(label, expanded=bool(worst), icon=":material/fact_check:"):
        for each in found:
            show, icon = SEVERITIES[each.severity]
            show(f"{escape.markdown(each.sentence)} {escape.markdown(each.advice)}", icon=icon)
        if st.button("Look further: a report on the log", icon=":material/troubleshoot:", key="to the report"):
            journey.go("log_report")


def show_profile(log) -> None:
    profiles = answers.profile(log)
    shown = profiles if st.session_state.get("all pictures") else profiles[:PICTURES_AT_FIRST]
    columns = st.columns(3)
    for place, each in enumerate(shown):
        with columns[place % 3], st.container(border=True):
            st.markdown(f"**{escape.markdown(each.name, 40)}**", help=escape.markdown(each.name, 300))
            picture = column_picture(each, dark=is_dark())
            st.plotly_chart(
                picture,
                theme=None,
                config={"displayModeBar": False},
                alt=picture.layout.meta["alt"],
                key=f"column {place}",
            )
            missing = f" · {numbers.count(each.missing)} missing" if each.missing else ""
            if each.beyond:
                st.caption(escape.markdown(each.beyond))
            st.caption(f"{each.type} · {numbers.count(each.distinct)} different{missing}")
    if len(profiles) > PICTURES_AT_FIRST:
        st.toggle(f"Show all {len(profiles)} columns", key="all pictures")


held = current_study.study()
log = None if held is None else answers.log_of(held)
if log is None:
    st.markdown("## Open a log")
    st.markdown(
        "One row per unit (a user, a session, an impression), one column per thing you know of it. Or raw events, with "
        "who and when: rows per unit are made of them here."
    )
    uploader("Drop a file here", "upload", open_log)
    st.markdown("#### Or a table in a warehouse")
    tables.table_chooser(open_log)
    st.markdown("#### Or open a sample whose answer is known")
    sample_cards()
else:
    st.markdown(f"## {escape.markdown(log.name, 60)}")
    show_finding(said_of(log))
    if not answers.all_here(log) or answers.recipe_of(held).events is not None or answers.rows_are_events(log):
        journey.next_button("units", "Make one row per unit")
    else:
        journey.next_button("columns", "Check the columns")
    if not answers.all_here(log):
        st.caption(
            f"{len(log.schema):,} columns, as of {held.log.as_of[:16].replace('T', ' ')} UTC. What is said of columns "
            "here is said of these rows alone: all events of some users, where a column tells who. The units are made "
            "of all rows, in the warehouse."
        )
        tables.look_again(log, open_again)
    reading = answers.look_job(log)
    if reading is None or reading.state == "done":
        show_problems(answers.problems(log))
    elif reading.active:
        follow(reading.id)
    else:
        say_how_it_ended(reading)
        st.button("Look again", icon=":material/refresh:", key="look again", on_click=answers.look_again, args=(log,))
    st.markdown("#### The first rows" if answers.all_here(log) else "#### Some of the rows")
    st.dataframe(answers.first_rows(log), hide_index=True, height=240, width="stretch")
    if reading is None or reading.state == "done":
        st.markdown("#### Every column as a picture")
        show_profile(log)
    if answers.all_here(log):
        with st.expander(
            "Put another file to this log: more events, what is known of users or items, vectors",
            is_reading(second_file.PLACE),
            icon=":material/library_add:",
        ):
            second_file.show(log)
    else:
        st.caption("To put another table to this one, join them there in a view, and open that.")
    with st.expander("Open another log as a new study", is_reading("upload"), icon=":material/upload_file:"):
        uploader("Drop a file here", "upload", open_log)
        if answers.all_here(log):
            tables.table_chooser(open_log)
