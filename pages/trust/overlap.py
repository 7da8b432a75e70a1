import streamlit as st

from causal.archive.contents import chosen_methods, question_of
from causal.estimators.registry import method_named
from causal.plots import overlap as overlap_figure
from causal.wording import escape, numbers, sentences
from pages.ui import current_study, figure, journey
from pages.ui.headline import headline


def with_propensity(done):
    chosen = journey.chosen_of(current_study.study(), done)
    if chosen.overlap.propensity_histogram is not None:
        return chosen
    return next((each for each in done if each.overlap.propensity_histogram is not None), None)


def add_weighting() -> None:
    held = current_study.study()
    specs = tuple(each for each in chosen_methods(held) if each["method"] != "weighting")
    current_study.change("Added weighting", specs=(*specs, {"method": "weighting", "options": None}))
    journey.go("effect")


def take_trim(method: str) -> None:
    trim = current_study.value("trim")
    specs = tuple(
        {"method": each["method"], "options": {**(each.get("options") or {}), "trim": trim}}
        if each["method"] == method
        else dict(each)
        for each in chosen_methods(current_study.study())
    )
    if current_study.change("Changed the trimming", specs=specs):
        current_study.change_view(chosen=method)
        current_study.keep("trimmed", method)


held = journey.require("log", "question", "graph")
done = journey.finished(held)
wanted = next(
    (each for each in chosen_methods(held) if each["method"] == current_study.kept("trimmed", lambda: None)), None
)
if not done:
    headline("Overlap", question_of(held))
    st.info(
        "Here you will see whether every unit could have had either treatment: the propensities of both groups, "
        "mirrored. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
analysis = with_propensity(done)
if analysis is None:
    headline("Overlap", question_of(held))
    st.info("None of the methods answered fits propensities. Add one that does.", icon=":material/explore:")
    st.button("Add weighting", on_click=add_weighting, type="primary")
    st.stop()
headline("Overlap", analysis.spec.question, analysis, sentences.overlap_sentence(analysis))
st.caption(f"For: {analysis.method.title}.")
figure.show(overlap_figure.overlap(analysis, dark=figure.is_dark()), overlap_figure.rows(analysis), "overlap")
sizes, counted = analysis.overlap.effective_sample_size, analysis.estimate.arm_sizes
first, second, third = st.columns(3)
for place, arm in ((first, "control"), (second, "treated")):
    place.metric(
        f"Effective units, {arm}",
        numbers.count(sizes[arm]),
        help=f"Of {numbers.count(counted[arm])} units: what they count for after weighting.",
    )
third.metric("Left out by trimming", numbers.percent(analysis.overlap.share_trimmed))

st.markdown("#### Trimming")
method = method_named(analysis.spec.method)
held_trim = float(getattr(analysis.spec.options, "trim", 0.0) or 0.0)
st.slider(
    f"Leave out units whose propensity is below this, or above one minus it ({method.title})",
    0.0,
    0.3,
    value=held_trim,
    step=0.01,
    key=current_study.key("trim"),
    on_change=take_trim,
    args=(analysis.spec.method,),
    help="Trimming changes the population: the answer is then about the units that stay.",
)
if wanted is not None and all(each.spec.method != wanted["method"] for each in done):
    st.warning(
        f"The trimming of {escape.markdown(method_named(wanted['method']).title)} changed: "
        "answer again to see what it does.",
        icon=":material/warning:",
    )
    journey.next_button("effect", "Answer again")
journey.next_button("what_if", "Ask what if")
