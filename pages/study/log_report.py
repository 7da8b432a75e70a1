import dataclasses

import streamlit as st

from causal.logs.report.mends import can_be_mended, is_mended, mended
from causal.logs.report.registry import CHECKS
from causal.plots.log_bars import log_bars, rows
from causal.wording import escape
from causal.wording.log_report import MENDS, finding_advice, finding_sentence, finding_title, report_sentence
from causal.wording.numbers import count, counted
from pages.ui import answers, current_study, figure, journey
from pages.ui.background import follow, say_how_it_ended
from pages.ui.headline import show_finding
from pages.ui.unit_recipe import save_events

SEVERITIES = {"stop": ":material/dangerous:", "attention": ":material/warning:", "note": ":material/info:"}
SHOWN = 50


def mend(finding) -> None:
    """Change the recipe, or the question's cluster, such that the finding does no harm; the log stays as it is."""
    held = current_study.mine()
    recipe = answers.recipe_of(held)
    if finding.mend == "cluster":
        settings = {**held.view.get("settings", {}), "cluster": finding.columns[0]}
        current_study.change_view(settings=settings)
        return
    better = mended(recipe, finding)
    if better.events != recipe.events:
        save_events(better.events)
        return
    if finding.mend == "mark missing":
        question = held.question or {}
        asked = tuple(question[each] for each in ("treatment", "outcome") if each in question)
        better = dataclasses.replace(better, keep_missing=asked)
    view = held.view
    if finding.mend == "set aside":
        view = {**view, "roles": {**view.get("roles", {}), finding.columns[0]: "set_aside"}}
    current_study.change(MENDS[finding.mend][0], recipe=better.to_json(), view=view)
    current_study.renew()


def show_rows(finding, place: int) -> None:
    """The rows that a finding speaks of: a few of them, and all that are kept to take away."""
    if finding.evidence:
        told = [dict(each) for each in finding.evidence]
        st.dataframe(told, hide_index=True, width="stretch", height=height(len(told)))
        download(finding, place, "evidence", [dict(each) for each in finding.evidence])
    if not finding.positions:
        return
    found = answers.rows_of_finding(held, finding)
    what = "row" if finding.of == "rows" else "unit"
    of_all = (
        f"The first {count(min(SHOWN, len(found)))} of {counted(len(finding.positions), what)} kept"
        if len(found) > SHOWN
        else f"{counted(len(found), what)}"
    )
    st.caption(f"{of_all}, as the log has them.")
    st.dataframe(found.head(SHOWN), hide_index=True, width="stretch", height=height(len(found)))
    download(finding, place, "rows", found.to_dict("records"))


def height(rows: int) -> int:
    """A table as high as its rows, up to six of them."""
    return 38 + 35 * min(rows, 6)


def download(finding, place: int, what: str, told: list) -> None:
    st.download_button(
        f"Download the {what} as CSV",
        lambda: figure.as_csv(told),
        file_name=f"{finding.check.replace(' ', '_')}_{what}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"csv {what} {place}",
        on_click="ignore",
    )


def show(finding, place: int, recipe, cluster) -> None:
    done = is_mended(recipe, finding, cluster)
    icon = ":material/check_circle:" if done else SEVERITIES[finding.severity]
    with st.container(border=True):
        st.markdown(f"#### {icon} {escape.markdown(finding_title(finding))}")
        st.markdown(escape.markdown(finding_sentence(finding)))
        if done:
            st.success(MENDS[finding.mend][1], icon=":material/check_circle:")
        else:
            st.markdown(f"**What to do:** {escape.markdown(finding_advice(finding))}")
            if finding.mend == "cluster" or can_be_mended(recipe, finding):
                st.button(
                    MENDS[finding.mend][0],
                    icon=":material/build:",
                    key=f"mend {place}",
                    on_click=mend,
                    args=(finding,),
                )
        if finding.bars is not None:
            figure.show(log_bars(finding, **figure.looks()), rows(finding), f"finding {place}")
        if finding.positions or finding.evidence:
            with st.expander("The rows", icon=":material/table_rows:"):
                show_rows(finding, place)


held = journey.require("log")
st.markdown("## Log report")
job = answers.log_report_job(held)
if job is None:
    answers.start_log_report(held)
    job = answers.log_report_job(held)
report = answers.log_report_told(job)
if report is None:
    say_how_it_ended(job)
    if job.active:
        st.caption(f"{len(CHECKS)} checks look at every row of the log, and at the units that are made of it.")
        follow(job.id)
    else:
        st.button(
            "Look again", icon=":material/refresh:", key="look again", on_click=answers.start_log_report, args=(held,)
        )
    st.stop()
recipe, cluster = answers.recipe_of(held), held.view.get("settings", {}).get("cluster")
made = sum(is_mended(recipe, each, cluster) for each in report.findings)
show_finding(report_sentence(report, made))
if not answers.all_here(answers.log_of(held)):
    st.info(
        "The rows stay in the warehouse. What is said of units is said of all of them; what is said of rows is said of "
        "those that are here to look at alone.",
        icon=":material/cloud:",
    )
journey.next_button("columns", "Check the columns")
for place, each in sorted(
    enumerate(report.findings), key=lambda numbered: is_mended(recipe, numbered[1], cluster)
):  # what is mended comes last
    show(each, place, recipe, cluster)
with st.expander(f"The {len(CHECKS)} checks that were made", icon=":material/checklist:"):
    found = {each.check for each in report.findings}
    st.markdown("\n".join(f"- {check.title}" for check in CHECKS if check.name in report.looked))
