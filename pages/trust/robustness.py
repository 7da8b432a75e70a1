import streamlit as st

from causal.archive.contents import question_of
from causal.checks.refuters.registry import REFUTERS, refuter_named
from causal.plots import refutation as refutation_figure
from causal.wording import escape, numbers
from causal.wording import refutation as wording
from causal.wording.phrases import scale_of
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline

CONTROLS = "negative controls"
SIGNS = {
    "passed": ":green[:material/check_circle:]",
    "attention": ":orange[:material/error:]",
    "failed": ":red[:material/cancel:]",
    "does_not_apply": ":gray[:material/remove:]",
}
SAID = {"passed": "passed", "attention": "look again", "failed": "failed", "does_not_apply": "does not apply"}


def start() -> None:
    with error_box():
        held = current_study.study()
        answers.try_to_refute(held, journey.chosen_analysis(held).spec)


def take(kind: str) -> None:
    chosen = {**current_study.view(CONTROLS, {}), kind: current_study.value(kind)}
    current_study.change_view(**{CONTROLS: chosen})


def controls(held, analysis) -> None:
    """The two columns that only a person can name: where no effect is expected."""
    outcomes, exposures = answers.control_candidates(held, analysis)
    if not outcomes and not exposures:
        return
    chosen = current_study.view(CONTROLS, {})
    with st.expander("Columns where no effect is expected", icon=":material/block:", expanded=bool(chosen)):
        for kind, options, label, why in (
            (
                "outcome",
                outcomes,
                "An outcome that the treatment cannot change",
                "It should share the hidden causes of the real outcome: clicks of the week before, for example.",
            ),
            (
                "exposure",
                exposures,
                "A treatment that cannot change the outcome",
                "It should share the hidden causes of the real treatment. It has two levels.",
            ),
        ):
            held_value = chosen.get(kind)
            listed = [None, *options]
            st.selectbox(
                label,
                listed,
                index=listed.index(held_value) if held_value in options else 0,
                format_func=lambda name: "none" if name is None else name,
                key=current_study.key(kind),
                on_change=take,
                args=(kind,),
                help=why,
                disabled=not options,
            )


def listed(found, scale: numbers.Scale) -> None:
    for each in sorted(found, key=lambda each: each.light == "does_not_apply"):
        told = escape.markdown(wording.refutation_sentence(each, scale))
        title = escape.markdown(wording.refuter_title(each))
        st.markdown(
            f"{SIGNS[each.light]} **{title}**, {SAID[each.light]}. {told}", help=refuter_named(each.refuter).asks
        )


@st.fragment(run_every=0.6)
def follow(job_id: str, scale: numbers.Scale) -> None:
    """The bar, the button that stops it, and what was found so far."""
    job = answers.job(job_id)
    if job is None or not job.active:
        st.rerun()
        return
    background.bar(job)
    listed(answers.refutations_told(job), scale)


def show(found, scale: numbers.Scale) -> None:
    listed(found, scale)
    drawn = {each.refuter: each for each in found if each.trials}
    if not drawn:
        return
    failed = [name for name, each in drawn.items() if each.light == "failed"]
    first = next((name for name in (*failed, "placebo") if name in drawn), next(iter(drawn)))
    name = st.selectbox(
        "The refits of",
        list(drawn),
        index=list(drawn).index(first),
        format_func=lambda each: wording.refuter_title(drawn[each]),
        key=current_study.key("refuter shown"),
    )
    st.caption(refuter_named(name).asks)
    picture = refutation_figure.refutation(drawn[name], scale, **figure.looks())
    figure.show(picture, refutation_figure.rows(drawn[name]), "refuter")


def before(job) -> None:
    st.caption("Questions whose answer is known beforehand. Every model is fitted anew for each of them.")
    with st.expander("What is tried", icon=":material/quiz:"):
        for each in REFUTERS:
            st.markdown(f"- **{each.title}.** {each.asks}")
    background.say_how_it_ended(job)
    st.button("Try to refute it", on_click=start, type="primary", icon=":material/play_arrow:", key="refute")


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Robustness", question_of(held))
    st.info(
        "Here the answer is put to the test: a made-up treatment, a made-up outcome, parts of the data, each covariate "
        "and each group left out. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
refusal = answers.why_not_refuted(analysis)
if refusal:
    headline("Robustness", analysis.spec.question, analysis)
    st.info(escape.markdown(refusal), icon=":material/info:")
    journey.next_button("effect", "See the effect")
    st.stop()
job = answers.refutation_job(held, analysis.spec)
found = answers.refutations_told(job)
done = job is not None and job.state == "done"
headline("Robustness", analysis.spec.question, analysis, wording.refutations_finding(found) if done else None)
controls(held, analysis)
if done:
    show(found, scale_of(analysis))
    journey.next_button("sensitivity", "Weigh hidden causes")
elif job is not None and job.active:
    follow(job.id, scale_of(analysis))
else:
    before(job)
    if found:
        listed(found, scale_of(analysis))
