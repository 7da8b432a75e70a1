from dataclasses import replace

import streamlit as st

from causal.archive.contents import question_of, where_of
from causal.archive.script import reproduction_script
from causal.plots import forest
from causal.text.descriptions import Description
from causal.text.facts import LANGUAGES
from causal.text.writing import explanation_message, written
from causal.wording import benefit as benefit_wording
from causal.wording import escape, explanation, ledger, sentences
from causal.wording import policy as policy_wording
from causal.wording.phrases import population
from pages.ui import (
    answers,
    chosen_policy,
    current_study,
    figure,
    journey,
    language_model,
    policy_answer,
    policy_comparison,
    structure_what_if,
    what_if_state,
    who_benefits,
)
from pages.ui.error_box import error_box
from pages.ui.headline import headline, unchecked_sentence
from pages.ui.scenario_board import listed

REASONED = 5


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


def done_work(held, kind, asked):
    """The finished work of this kind on what is asked, else None: a report begins none."""
    work = answers.work_about(held, kind, asked)
    return work if work is not None and work.state == "done" else None


def say(held, finding: str) -> None:
    """What was found of all units, or those of the filter, whomever the effect above is of."""
    st.markdown(f"**{escape.markdown(finding)}**")
    whom = population(replace(question_of(held), target="everyone"), where_of(held))
    st.caption(escape.markdown(f"For {whom}. {unchecked_sentence()}"))


def show_benefit(held) -> None:
    """Who benefits, as on its page, where that was worked out; groups only where units are shown to differ."""
    job = done_work(held, who_benefits.EFFECTS, who_benefits.effects_asked(held))
    if job is None:
        return
    st.markdown("#### Who benefits")
    with error_box():
        found = answers.unit_effects_told(job)
        curve, calibration, differences = answers.who_benefits(held, job)
        say(held, benefit_wording.benefit_finding(found, curve, differences))
        who_benefits.show_ranking(found, curve, calibration, differences)
        if differences.shown:
            who_benefits.show_rules(held, job, found, differences)
        st.markdown(who_benefits.rests_on(found))


def show_policy(held) -> tuple | None:
    """The policy that its page shows, and what it stands beside; None where none is worked out."""
    job = done_work(held, chosen_policy.SCORES, chosen_policy.scores_asked(held))
    if job is None:
        return None
    with error_box():
        chosen = chosen_policy.chosen_policy(held, job)
        if chosen.found is None:
            return None
        st.markdown("#### Policy")
        say(held, policy_wording.policy_finding(chosen.found, chosen.binary))
        most = answers.policy_range(held, job, chosen.spec, chosen.costs)[1]
        budget = policy_wording.money_sentence(chosen_policy.share(), chosen.exact.budget, most)
        costs = policy_wording.costs_sentence(chosen.found, chosen.costs)
        st.markdown(escape.markdown(f"{costs} {budget and f'Budget: {budget}'}"))
        policy_answer.show(held, chosen, chosen_policy.money)
        other = policy_comparison.show_told(held, chosen)
        show_served(chosen)
        if chosen.way == "budget":
            work = answers.work_about(held, chosen_policy.RULES, chosen_policy.rules_asked(chosen))
            policy_answer.show_rules(held, chosen, work, text=False)
        st.markdown(policy_answer.rests_on(answers.arm_scores_told(job)))
        return chosen, other
    return None


def show_served(chosen) -> None:
    """The units that come first, each with why it gets its arm."""
    served = answers.policy_units(chosen.found, REASONED)
    if len(served):
        st.markdown("Who comes first, and why:")
        said = [policy_wording.served_sentence(row, chosen.binary) for row in served.to_dict("records")]
        st.markdown("\n".join(f"- {escape.markdown(each)}" for each in said))
    caption = policy_wording.units_caption(chosen.found, len(served), "the file on the page Policy")
    st.caption(escape.markdown(f"{caption} {answers.drivers_caption(chosen.found)}"))


def show_policy_script(held, chosen, other) -> None:
    with st.expander("The policy's script", icon=":material/code:"):
        source = policy_comparison.script(held, chosen, other)
        st.code(source, language="python")
        st.download_button(
            "Download the policy's script",
            source,
            file_name="policy.py",
            mime="text/x-python",
            icon=":material/download:",
            on_click="ignore",
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
    show_benefit(held)
    shown = show_policy(held)
    if shown is not None:
        show_policy_script(held, *shown)
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

show_benefit(held)
shown = show_policy(held)
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

if shown is not None:
    show_policy_script(held, *shown)

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
