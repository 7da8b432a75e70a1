import streamlit as st

from causal.archive.contents import question_of
from causal.estimators.registry import method_named
from causal.plots import overlap as overlap_figure
from causal.plots import trimming as trimming_figure
from causal.wording import escape, numbers, sentences
from causal.wording.trimming import trimming_sentence
from pages.ui import answers, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline


def add_weighting() -> None:
    held = current_study.study()
    specs = tuple(each for each in answers.methods_asked(held) if each["method"] != "weighting")
    current_study.change("Added weighting", specs=(*specs, {"method": "weighting", "options": None}))
    journey.go("effect")


def take_trim(method: str) -> None:
    trim = current_study.value("trim")
    held = current_study.study()
    specs = tuple(
        {"method": each["method"], "options": {**(each.get("options") or {}), "trim": trim}}
        if each["method"] == method
        else dict(each)
        for each in answers.methods_asked(held)
    )
    current_study.change("Changed the trimming", specs=specs, view={**held.view, "chosen": method})


def ask_again() -> None:
    held = current_study.study()
    current_study.keep("job", answers.submit(held, answers.specs_asked(held)))


def method_shown(held, done):
    """The chosen method where it fits propensities; else the first asked for that does."""
    asked = [each["method"] for each in answers.methods_asked(held)]
    fitting = [name for name in asked if method_named(name).has_propensity]
    chosen = held.view.get("chosen") or (journey.chosen_of(held, done).spec.method if done else None)
    return chosen if chosen in fitting else next(iter(fitting), None)


@st.fragment(run_every=0.4)
def wait_for(job_id: str) -> None:
    job = answers.job(job_id)
    if job is None or not job.active:
        st.rerun()
        return
    st.progress(job.share, text=f"{job.stage or 'waiting for a free worker'} …")


def trimming(method, options) -> None:
    st.markdown("#### Trimming")
    st.slider(
        f"Leave out units whose propensity is below this, or above one minus it ({method.title})",
        0.0,
        0.3,
        value=float((options or {}).get("trim", 0.0)),
        step=0.01,
        key=current_study.key("trim"),
        on_change=take_trim,
        args=(method.name,),
        help="Trimming changes the population: the answer is then about the units that stay.",
    )


def start_trial(spec) -> None:
    answers.try_trimming(current_study.study(), spec)


def every_bound(held, spec) -> None:
    """What each bound would do: tried in the background once asked for, and kept whatever bound the study has."""
    job = answers.trimming_job(held, spec)
    curve = answers.trimming_told(job)
    with st.expander("What each bound would do", icon=":material/content_cut:", expanded=job is not None):
        if curve is not None:
            show_bounds(curve, float(getattr(spec.options, "trim", 0.0)))
        elif job is not None and job.active:
            wait_for(job.id)
        else:
            if job is not None:
                st.error(escape.markdown(job.message), icon=":material/block:")
            st.caption("The answers at all bounds side by side: how sure each is, for whom, and how far it moves.")
            st.button("Try every bound", on_click=start_trial, args=(spec,), icon=":material/play_arrow:")


def show_bounds(curve, bound: float) -> None:
    picture = trimming_figure.trimming(curve, bound, **figure.looks())
    figure.show(picture, trimming_figure.rows(curve), "trimming")
    st.markdown(escape.markdown(trimming_sentence(curve, curve.nearest(bound))))
    if curve.optimal:
        st.caption(
            f"Crump's rule, which seeks the most precise effect whomever it is for, gives "
            f"{numbers.number(curve.optimal)}."
        )
    if curve.ended:
        st.caption(escape.markdown(curve.ended))


def show(analysis) -> None:
    headline("Overlap", analysis.spec.question, analysis, sentences.overlap_sentence(analysis))
    st.caption(f"For: {analysis.method.title}.")
    figure.show(overlap_figure.overlap(analysis, **figure.looks()), overlap_figure.rows(analysis), "overlap")
    sizes, counted = analysis.overlap.effective_sample_size, analysis.estimate.arm_sizes
    first, second, third = st.columns(3)
    for place, arm in ((first, "control"), (second, "treated")):
        place.metric(
            f"Effective units, {arm}",
            numbers.count(sizes[arm]),
            help=f"Of {numbers.count(counted[arm])} units: what they count for after weighting.",
        )
    third.metric("Left out", numbers.percent(analysis.overlap.share_trimmed))


held = journey.require("log", "question", "graph")
done = journey.finished(held)
if not done and journey.outdated(held, done) is None:
    headline("Overlap", question_of(held))
    st.info(
        "Here you will see whether every unit could have had either treatment: the propensities of both groups, "
        "mirrored. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
name = method_shown(held, done)
if name is None:
    headline("Overlap", question_of(held))
    st.info("None of the methods answered fits propensities. Add one that does.", icon=":material/explore:")
    st.button("Add weighting", on_click=add_weighting, type="primary")
    st.stop()
method = method_named(name)
analysis = next((each for each in done if each.spec.method == name), None)
if analysis is not None:
    show(analysis)
else:
    headline("Overlap", question_of(held))
    job_id = current_study.kept("job", lambda: None)
    job = None if job_id is None else answers.job(job_id)
    if job is not None and job.active:
        wait_for(job.id)
    else:
        st.warning(f"{method.title} has changed options: answer again to see what they do.", icon=":material/warning:")
        with error_box():
            st.button("Answer again", on_click=ask_again, type="primary", icon=":material/play_arrow:")
            for outcome in () if job is None else answers.outcomes(job):
                if outcome.error and outcome.method == name:
                    st.error(escape.markdown(outcome.error), icon=":material/block:")
spec = next(each for each in answers.specs_asked(held) if each.method == name)
if hasattr(method.options(), "trim"):
    trimming(method, next(each.get("options") for each in answers.methods_asked(held) if each["method"] == name))
    every_bound(held, spec)
else:
    st.caption(f"{method.title} leaves out no units by their propensity. Weighting or doubly robust can.")
journey.next_button("what_if", "Ask what if", disabled=analysis is None)
