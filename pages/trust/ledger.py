import streamlit as st

from causal.archive.contents import question_of
from causal.errors import DoableError
from causal.wording import escape, numbers
from causal.wording import ledger as wording
from pages.ui import answers, current_study, figure, journey
from pages.ui.headline import headline

SIGNS = {
    "passed": ":green[:material/check_circle:]",
    "attention": ":orange[:material/error:]",
    "failed": ":red[:material/cancel:]",
    "not_checked": ":gray[:material/help:]",
    "does_not_apply": ":gray[:material/remove:]",
}
PAGES = {
    "identification": "graph",
    "method": "effect",
    "instrument strength": "effect",
    "instrument agreement": "effect",
    "balance": "balance",
    "overlap": "overlap",
    "interval": "effect",
    "model fit": "model_fit",
    "refuters": "robustness",
    "hidden cause": "sensitivity",
    "specification curve": "specifications",
    "graph": "graph_fit",
}

STANDINGS = ["causal", "tentative", "do not use"]


def check_missing() -> None:
    held = current_study.study()
    answers.check_what_is_missing(held, journey.chosen_analysis(held))


def stop(job_ids: list[str]) -> None:
    for job_id in job_ids:
        answers.stop(job_id, current_study.study())


def overrule(key: str, against: str) -> None:
    """Keep the analyst's standing and reason; a reason that says nothing is refused in words."""
    written = {
        "standing": current_study.value("own standing"),
        "reason": current_study.value("reason"),
        "against": against,
    }
    try:
        kept = answers.checked_overruling(written)
    except DoableError as refusal:
        current_study.notice(str(refusal))
        return
    keep(f"Overruled the checks: {written['standing']}", {**current_study.view(answers.OVERRULED, {}), key: kept})


def take_back(key: str) -> None:
    others = {name: each for name, each in current_study.view(answers.OVERRULED, {}).items() if name != key}
    keep("Took the overruling of the checks back", others)


def keep(note: str, overrulings) -> None:
    view = current_study.study().view
    current_study.change(note, view={**view, answers.OVERRULED: overrulings})
    current_study.renew()


def listed(ledger) -> None:
    """Every light with its reason and the page that explains it."""
    for each in ledger.verdicts:
        with st.container(border=True, key=f"light {each.check}"):
            left, right = st.columns([5, 1], vertical_alignment="center")
            title, label = wording.TITLES[each.check], wording.LABELS[each.light]
            left.markdown(f"{SIGNS[each.light]} **{title}**, {label}. {escape.markdown(each.sentence)}")
            held = current_study.study()
            right.page_link(
                journey.page(PAGES[each.check]),
                label="Look",
                icon=":material/arrow_forward:",
                query_params={"study": held.id},
            )
    with st.expander("The lights as a table", icon=":material/table:"):
        rows = wording.ledger_rows(ledger)
        st.dataframe(rows, hide_index=True, width="stretch")
        st.download_button(
            "Download as CSV",
            figure.as_csv(rows),
            file_name="trust.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


@st.fragment(run_every=0.6)
def follow(job_ids: tuple[str, ...]) -> None:
    """A bar per check that runs; the page runs again as soon as one of them ends."""
    jobs = [answers.job(each) for each in job_ids]
    if not all(each is not None and each.active for each in jobs):
        st.rerun()
        return
    for each in jobs:
        st.progress(each.share, text=escape.markdown(f"{answers.CHECKS[each.kind]}: {each.stage or 'waiting'} …"))
    st.button("Stop", on_click=stop, args=(list(job_ids),), icon=":material/stop_circle:", key="stop job")


def offer_checks(held, analysis, running) -> None:
    missing = analysis.ledger.of_light("not_checked")
    if running:
        follow(tuple(each.id for each in running))
    elif missing:
        several = numbers.counted(len(missing), "check")
        st.button(
            f"Run the {several} not yet run",
            on_click=check_missing,
            type="primary",
            icon=":material/play_arrow:",
            key="check missing",
        )


def overruling(held, analysis) -> None:
    """The analyst may know what no check does; what they write stands beside the headline everywhere."""
    key, ledger = answers.overruling_key(held, analysis.spec), analysis.ledger
    with st.expander("Overrule the checks", icon=":material/gavel:", expanded=ledger.overruling is not None):
        if ledger.overruling is not None:
            st.markdown(escape.markdown(wording.overruling_sentence(ledger.overruling)))
            if ledger.overruling.against != ledger.by_the_checks:
                st.warning(
                    f"Since then the lights have changed: the checks now say “{ledger.by_the_checks}”.",
                    icon=":material/update:",
                )
            st.button("Take it back", on_click=take_back, args=(key,), icon=":material/undo:", key="take back")
            return
        st.caption(
            "You may know what no check does: how the treatment came about, what was tried elsewhere. Your reason "
            "stands beside the headline on every page, in the report and in the script."
        )
        st.segmented_control(
            "The answer is",
            STANDINGS,
            default=ledger.by_the_checks,
            required=True,
            key=current_study.key("own standing"),
        )
        st.text_area(
            "Because",
            key=current_study.key("reason"),
            max_chars=500,
            placeholder="Treatment was drawn by lot in the week of the launch, as the release notes say.",
        )
        st.button(
            "Overrule the checks",
            on_click=overrule,
            args=(key, ledger.by_the_checks),
            icon=":material/gavel:",
            key="overrule",
        )


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Trust", question_of(held))
    st.info(
        "Here stands everything that speaks for and against the answer, each with a light and its reason: together "
        "they say whether it may be called causal. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
running = answers.checks_running(held, analysis)
analysis = journey.chosen_analysis(held)  # read after the jobs: one that ended in between is known now
headline("Trust", analysis.spec.question, analysis, wording.ledger_finding(analysis.ledger), reason=False)
st.caption(f"For: {escape.markdown(analysis.method.title)}. A check that was not run is no green light.")
offer_checks(held, analysis, running)
listed(analysis.ledger)
overruling(held, analysis)
journey.next_button("balance", "Check the balance")
