import streamlit as st

from causal.errors import DoableError
from causal.logs.ready_recipes import guess_events
from causal.plots.column import column as column_picture
from causal.wording import escape, numbers
from pages.ui import answers, current_study, journey
from pages.ui.figure import is_dark
from pages.ui.headline import show_finding
from pages.ui.samples import sample_cards

SEVERITIES = {
    "stop": (st.error, ":material/dangerous:"),
    "attention": (st.warning, ":material/warning:"),
    "note": (st.info, ":material/info:"),
}
TYPES = ["csv", "tsv", "txt", "gz", "zst", "zip", "parquet", "json", "jsonl", "ndjson", "xlsx", "feather"]
PICTURES_AT_FIRST = 24
HOLDS = {"stack": "More events", "join": "What is known of users or items"}


def take_upload() -> None:
    given = current_study.value("upload")
    if given is None:
        return
    try:
        reference = answers.keep_upload(given.getvalue(), given.name)
    except DoableError as error:
        current_study.keep("upload refusal", str(error))
        return
    current_study.keep("upload refusal", None)
    current_study.start(given.name, f"Read {given.name}", log=reference)


def uploader(label: str) -> None:
    st.file_uploader(
        label,
        type=TYPES,
        key=current_study.key("upload"),
        on_change=take_upload,
        help="CSV (also .gz, .zst, .zip), Parquet, JSON lines, Excel, Feather; up to 200 MB. It stays on this machine.",
    )
    refusal = current_study.kept("upload refusal", lambda: None)
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")


def show_problems(found) -> None:
    if not found:
        st.success("No problems were found in this log.", icon=":material/check_circle:")
        return
    worst = sum(each.severity == "stop" for each in found)
    label = f"{len(found)} things to know about this log" + (f", {worst} to mend first" if worst else "")
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


def take_second() -> None:
    given = current_study.value("second file")
    if given is None:
        return
    try:
        current_study.keep(current_study.key("second log"), answers.keep_upload(given.getvalue(), given.name))
        current_study.keep(current_study.key("second refusal"), None)
    except DoableError as error:
        current_study.keep(current_study.key("second log"), None)
        current_study.keep(current_study.key("second refusal"), str(error))


def put_together(how: dict) -> None:
    other = current_study.kept(current_study.key("second log"), lambda: None)
    try:
        reference = answers.together(current_study.mine(), other, how)
    except DoableError as error:
        current_study.keep(current_study.key("second refusal"), str(error))
        return
    current_study.keep(current_study.key("second log"), None)
    current_study.keep(current_study.key("second refusal"), None)
    current_study.change(f"Put {other.name} to the log", log=reference)
    current_study.renew()


def add_file(log) -> None:
    """Another file to the same log: more events, or what is known of its users or items."""
    st.file_uploader(
        "More events, or a table of users or items",
        type=TYPES,
        key=current_study.key("second file"),
        on_change=take_second,
    )
    refusal = current_study.kept(current_study.key("second refusal"), lambda: None)
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")
    other = current_study.kept(current_study.key("second log"), lambda: None)
    if other is None:
        return
    columns = answers.columns_of(other)
    verb = st.radio(
        f"What {escape.markdown(other.name, 60)} holds",
        list(HOLDS),
        format_func=HOLDS.get,
        captions=[
            "Its rows come after those of the log; columns of the same name become one.",
            "Each row of the log gets its columns, found by a key that the table has once.",
        ],
        key=current_study.key("holds"),
    )
    left, right = st.columns(2)
    if verb == "stack":
        kind = left.text_input(
            "Column that tells the kinds apart", likely_kind(log), key=current_study.key("kind name")
        )
        own = right.text_input(
            "Rows of the log are", "event", key=current_study.key("own kind"), disabled=kind in log.names
        )
        title = right.text_input("Rows of the file are", stem(other.name), key=current_study.key("other kind"))
        how = {"verb": verb, "kind": kind.strip(), "own": own.strip(), "other": title.strip()}
        ready = bool(how["kind"] and how["own"] and how["other"]) and how["own"] != how["other"]
    else:
        shared = [each for each in log.names if each in columns]
        on = left.selectbox(
            "Key in the log",
            log.names,
            index=log.names.index(shared[0]) if shared else 0,
            key=current_study.key("key in log"),
        )
        other_on = right.selectbox(
            "Key in the file",
            columns,
            index=columns.index(on) if on in columns else 0,
            key=current_study.key("key in file"),
        )
        how, ready = {"verb": verb, "on": on, "other_on": other_on}, True
    st.button(
        "Put together", type="primary", disabled=not ready, key="put together", on_click=put_together, args=(how,)
    )


def likely_kind(log) -> str:
    """The column that says what kind of event a row is, or a name for one."""
    found = answers.about_events(guess_events, log)
    return (None if found is None else found.columns.kind) or "source"


def stem(name: str) -> str:
    return name.split(".")[0] or "other"


held = current_study.study()
log = None if held is None else answers.log_of(held)
if log is None:
    st.markdown("## Open a log")
    st.markdown(
        "One row per unit (a user, a session, an impression), one column per thing you know of it. Or raw events, with "
        "who and when: rows per unit are made of them here."
    )
    uploader("Drop a file here")
    st.markdown("#### Or open a sample whose answer is known")
    sample_cards()
else:
    st.markdown(f"## {escape.markdown(log.name, 60)}")
    show_finding(f"{log.rows:,} rows and {len(log.schema):,} columns are read.")
    if answers.recipe_of(held).events is not None or answers.rows_are_events(log):
        journey.next_button("units", "Make one row per unit")
    else:
        journey.next_button("columns", "Check the columns")
    show_problems(answers.problems(log))
    st.markdown("#### The first rows")
    st.dataframe(answers.first_rows(log), hide_index=True, height=240, width="stretch")
    st.markdown("#### Every column as a picture")
    show_profile(log)
    with st.expander("Put another file to this log", icon=":material/library_add:"):
        add_file(log)
    with st.expander("Open another file as a new study", icon=":material/upload_file:"):
        uploader("Drop a file here")
