import streamlit as st

from causal.archive.contents import question_of
from causal.archive.script import reproduction_script
from causal.plots import forest
from causal.text.descriptions import Description
from causal.text.facts import LANGUAGES
from causal.text.writing import explanation_message, written
from causal.wording import escape, explanation, ledger, sentences
from pages.ui import answers, current_study, figure, journey, language_model, structure_what_if, what_if_state
from pages.ui.error_box import error_box
from pages.ui.headline import headline
from pages.ui.scenario_board import listed


def take_language() -> None:
    current_study.change_view(**{"explained in": current_study.value("explained in")})


def show_explanation(held, analysis) -> None:
    """The answer for somebody who is no analyst, by our own form; in a model's words where there is one."""
    st.markdown("#### For somebody who is no analyst")
    language = st.segmented_control(
        "Language",
        list(LANGUAGES),
        default=current_study.view("explained in", "en"),
        format_func=LANGUAGES.get,
        required=True,
        key=current_study.key("explained in"),
        on_change=take_language,
        label_visibility="collapsed",
    )
    own = explanation.explanation(analysis, language)
    st.markdown(escape.markdown(own))
    endpoint = language_model.named()
    if endpoint is None:
        return
    facts = explanation.result_facts(analysis, language)
    message = explanation_message(facts, [own])
    replies = language_model.asked_and_told(held, endpoint, "explanation", [message], "Explain with the model")
    if replies is None:
        return
    made = written(replies[0], facts, Description(own, language))
    if made.verdict.passed:
        st.info(escape.markdown(made.draft), icon=":material/edit_note:")
        st.caption("In the language model's words; every number and direction in it is among those of the answer.")
    else:
        st.caption(
            escape.markdown(f"What the model wrote was sent back, and our own form stands. {made.verdict.reason}")
        )


held = journey.require("log", "question", "graph")
analysis = journey.chosen_analysis(held)
if analysis is None:
    headline("Report", question_of(held))
    st.info(
        "Here you hand on the answer: in words, as a table, and as a script. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
headline("Report", analysis.spec.question, analysis, sentences.headline(analysis))
for sentence in (
    sentences.rows_sentence(analysis),
    sentences.arm_sentence(analysis),
    sentences.relative_lift(analysis),
    sentences.why_different(analysis),
    sentences.balance_sentence(analysis),
    sentences.overlap_sentence(analysis),
):
    st.markdown(f"- {escape.markdown(sentence)}")

show_explanation(held, analysis)
st.markdown("#### How it was found")
adjusted = ", ".join(analysis.adjust_for) or "nothing"
st.markdown(
    f"- {escape.markdown(f'Method: {analysis.method.title} ({analysis.method.source}). Adjusted for: {adjusted}.')}"
)
st.markdown(f"- {escape.markdown(ledger.ledger_finding(analysis.ledger))}")
for row in ledger.ledger_rows(analysis.ledger):
    st.markdown(f"- {row['check']}, {row['light']}: {escape.markdown(row['reason'])}")
st.markdown("#### What it rests on")
for sentence in (*analysis.method.assumes, *analysis.notes):
    st.markdown(f"- {escape.markdown(sentence)}")
done = journey.finished(held)
figure.show(
    forest.forest(done, analysis.spec.method, **figure.looks()), forest.rows(done, analysis.spec.method), "forest"
)

if what_if_state.scenarios_of(held):
    st.markdown("#### Scenarios")
    with error_box():
        listed(held, question_of(held).outcome)
structure_what_if.listed(held)

st.markdown("#### The same digits without this app")
standing = ledger.ledger_finding(analysis.ledger)
scenarios = what_if_state.scenarios_of(held)
against = what_if_state.baseline_of(held)
script = reproduction_script(held.log, answers.recipe_of(held), analysis.spec, standing, scenarios, against)
st.caption("Needs this repository's package `causal` and, for an uploaded log, the file beside the script.")
st.code(script, language="python")
st.download_button(
    "Download the script",
    script,
    file_name="answer.py",
    mime="text/x-python",
    icon=":material/download:",
    type="primary",
    on_click="ignore",
)
st.download_button(
    "Download the estimates as CSV",
    figure.as_csv(answers.estimate_rows(journey.finished(held), analysis.spec.method)),
    file_name="estimates.csv",
    mime="text/csv",
    icon=":material/table:",
    on_click="ignore",
)

language_model.show_log(held)
st.markdown("#### The study's history")
rows = [
    {"revision": each.number, "saved": f"{each.saved_at:%Y-%m-%d %H:%M:%S}", "what": each.note}
    for each in answers.store().revisions(held.id)[:200]
]
st.dataframe(rows, hide_index=True, width="stretch", height=240)


def rename() -> None:
    current_study.change("Renamed the study", title=current_study.value("title"))


st.text_input("The study's title", value=held.title, key=current_study.key("title"), on_change=rename, max_chars=200)
