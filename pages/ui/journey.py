"""The journey: every page, and whether its step is done, waiting, or in need of attention, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from causal.archive.contents import graph_of, question_of, texts_of
from causal.errors import DoableError
from causal.estimators.suitability import BY_ADJUSTMENT, BY_OTHER_ROADS
from causal.wording import escape
from pages.ui import answers, background, current_study

State = Literal["done", "waiting", "attention", "open", "aside"]
"""Of a step; "aside" where it does not apply to what is asked."""

ICONS: dict[State, str] = {
    "done": ":material/check_circle:",
    "waiting": ":material/radio_button_unchecked:",
    "attention": ":material/error:",
    "open": ":material/arrow_right:",
    "aside": ":material/remove:",
}

MOST_ARMS = 30
"""So many levels of a treatment can be compared at once."""

ROOT = Path(__file__).parents[1]
PLACES = {
    "studies": ("Study", "Studies", "study/studies.py"),
    "log": ("Study", "Log", "study/log.py"),
    "units": ("Study", "Units", "study/units.py"),
    "log_report": ("Study", "Log report", "study/log_report.py"),
    "columns": ("Study", "Columns", "study/columns.py"),
    "text": ("Study", "Text", "study/text.py"),
    "question": ("Study", "Question", "study/question.py"),
    "graph": ("Study", "Graph", "study/graph.py"),
    "suggest": ("Study", "Suggest a graph", "study/suggest.py"),
    "versions": ("Study", "Graph versions", "study/versions.py"),
    "effect": ("Answer", "Effect", "answer/effect.py"),
    "arms": ("Answer", "All arms", "answer/arms.py"),
    "dose": ("Answer", "Dose curve", "answer/dose.py"),
    "impact": ("Answer", "All causes", "answer/impact.py"),
    "segments": ("Answer", "Segments", "answer/segments.py"),
    "benefit": ("Answer", "Who benefits", "answer/benefit.py"),
    "what_if": ("Answer", "What if", "answer/what_if.py"),
    "policy": ("Answer", "Policy", "answer/policy.py"),
    "structure": ("Answer", "Latent variables", "answer/structure.py"),
    "ledger": ("Trust", "Trust ledger", "trust/ledger.py"),
    "balance": ("Trust", "Balance", "trust/balance.py"),
    "overlap": ("Trust", "Overlap", "trust/overlap.py"),
    "model_fit": ("Trust", "Model fit", "trust/model_fit.py"),
    "robustness": ("Trust", "Robustness", "trust/robustness.py"),
    "sensitivity": ("Trust", "Hidden causes", "trust/sensitivity.py"),
    "specifications": ("Trust", "Specification curve", "trust/specifications.py"),
    "graph_fit": ("Trust", "Graph and data", "trust/graph_fit.py"),
    "report": ("Share", "Report", "share/report.py"),
    "descriptions": ("Share", "Descriptions", "share/descriptions.py"),
    "accuracy": ("Share", "Accuracy", "share/accuracy.py"),
}


@dataclass(frozen=True)
class Step:
    """One entry of the sidebar."""

    name: str
    title: str
    state: State
    reason: str
    page: Any

    @property
    def icon(self) -> str:
        """The state as a sign, so that colour is never needed to tell it."""
        return ICONS[self.state]


def pages() -> list[Any]:
    """Every page, for the router; the list of studies comes first."""
    return [page(name) for name in PLACES]


@cache
def page(name: str) -> Any:
    """One page by its name."""
    _, title, place = PLACES[name]
    return st.Page(ROOT / place, title=title, url_path="" if name == "studies" else name, default=name == "studies")


def go(name: str) -> None:
    """Turn to another page of the same study."""
    held = current_study.study()
    st.switch_page(page(name), query_params=None if held is None else {"study": held.id})


def sections() -> dict[str, list[Step]]:
    """The steps by section, in their order."""
    found: dict[str, list[Step]] = {}
    states = _states()
    for name, (section, title, _) in PLACES.items():
        state, reason = states[name]
        found.setdefault(section, []).append(Step(name, title, state, reason, page(name)))
    return found


def next_button(name: str, label: str, disabled: bool = False, checks: str | None = None) -> None:
    """The one obvious next step of a page; `checks` names the step that is taken as decided by going on."""
    if st.button(label, type="primary", icon=":material/arrow_forward:", disabled=disabled, key=f"next {name}"):
        if checks is not None:
            check(checks)
        go(name)


def require(*steps: str, units: bool = True) -> Any:
    """The study, once the steps named are done; otherwise say what is missing, offer the way there, and stop.

    `units`: whether the page needs the units; where they are still being made, it shows how far that is.
    """
    held = current_study.study()
    missing = {
        "log": held is None or held.log is None,
        "question": held is None or held.question is None,
        "graph": held is None or held.graph is None,
    }
    for step in ("log", "question", "graph"):
        if step in steps and missing[step]:
            _teach(step)
            st.stop()
    log = answers.log_of(held)  # a damaged log is said on every page, also on one that needs no row of it
    if units and log is not None and not answers.all_here(log) and answers.recipe_of(held).events is None:
        st.info(
            f"{_stays(log)} This page comes to life once one row per unit is made of them.", icon=":material/cloud:"
        )
        next_button("units", "Make one row per unit")
        st.stop()
    if units and answers.units_wait(held):
        st.info(
            "One row per unit is being made of the events. This page comes to life after it.", icon=":material/factory:"
        )
        follow_units(held)
        st.stop()
    return held


def follow_units(held: Any) -> None:
    """How far the making of units is; started where it was not, unless a person stopped it."""
    log, events = answers.log_of(held), answers.recipe_of(held).events
    job = answers.units_job(log, events)
    if job is None:
        answers.start_units(held)
        job = answers.units_job(log, events)
    if job.active:
        background.follow(job.id)
        return
    if job.state in ("done", "failed"):  # it ended since the page asked
        st.rerun()
    background.say_how_it_ended(job)
    st.button(
        "Make the units",
        icon=":material/play_arrow:",
        key="make units",
        on_click=answers.start_units,
        args=(held,),
    )


def _stays(log: Any) -> str:
    return escape.markdown(f"The rows of “{log.name}” stay in “{log.connection}”.")


_MISSING = {
    "log": ("There is no log yet.", "Open a log"),
    "question": ("The question is not complete yet.", "Ask the question"),
    "graph": ("There is no causal graph yet.", "Draw the graph"),
}


def _teach(step: str) -> None:
    sentence, label = _MISSING[step]
    st.info(f"{sentence} This page comes to life after it.", icon=":material/explore:")
    next_button(step, label)
    if step == "log":
        st.caption("Or try it on a sample: the log page has five, with the answer known.")


def _states() -> dict[str, tuple[State, str]]:
    nothing: dict[str, tuple[State, str]] = {
        name: ("waiting", "Waits for a log.") for name in PLACES if name not in ("studies", "log", "accuracy")
    }
    nothing["studies"] = ("open", "All studies on this machine.")
    nothing["accuracy"] = ("open", "Published figures beside ours, recomputed on this machine.")
    held = current_study.study()
    if held is None or held.log is None:
        return {**nothing, "log": ("waiting", "Drop a file, or open a sample.")}
    try:
        return {**nothing, **_states_of(held)}
    except DoableError as error:
        return {**nothing, "log": ("attention", str(error))}


def _states_of(held: Any) -> dict[str, tuple[State, str]]:
    log = answers.log_of(held)
    stops = [each for each in answers.problems(log) if each.severity == "stop"]
    found: dict[str, tuple[State, str]] = {
        "log": ("attention", stops[0].sentence) if stops else ("done", _read(log)),
        "units": _units(held, log),
        "log_report": _log_report(held),
        "columns": ("done", "Types and roles are guessed; correct them where they are wrong."),
        "question": ("waiting", "Say what is asked."),
        "text": ("open", "Titles, descriptions or searches as variables: what they are about may drive both arms."),
    }
    later = [name for name in PLACES if name not in ("studies", "accuracy", *found)]
    if found["units"][0] in ("attention", "waiting"):
        waits: tuple[State, str] = ("waiting", "Waits for the units.")
        return found | dict.fromkeys(("columns", "text", "question", *later), waits)
    found["text"] = _text(held)
    question, graph = question_of(held), graph_of(held)
    found |= dict.fromkeys(later, ("waiting", "Waits for the question."))
    if question is None:
        return found
    found["question"] = _checked(held, "question", "The question is complete.")
    suggested: tuple[State, str] = ("open", "Let the log propose arrows, and accept the ones that you can explain.")
    found |= dict.fromkeys(later, ("waiting", "Waits for the graph."))
    found["suggest"] = suggested
    found["descriptions"] = ("open", "A text for each item and person that says what its row says, and nothing else.")
    if graph is None:
        return {**found, "graph": ("waiting", "Draw what causes what.")}
    reading = answers.study_reading(held)
    refusal = reading.refusal
    found["graph"] = ("attention", refusal) if refusal else _checked(held, "graph", reading.estimand.sentence)
    if not refusal and reading.estimand.strategy == "no_effect":
        found["graph"] = ("attention", reading.estimand.sentence)
    found["versions"] = ("open", "Two versions of the graph side by side, and the answer each gives.")
    found["graph_fit"] = _graph_fit(held)
    found["arms"] = _arms(held, question)
    found["dose"] = _dose(held, question)
    found["structure"] = ("open", "Satisfaction or quality that shows only through columns: structural equations.")
    found["benefit"] = ("open", "Who gains most, by rules and rank, and whether that can be foretold at all.")
    found["policy"] = ("open", "Who should get which arm, with what money, and what that is worth.")
    found["what_if"] = ("open", "Move any variable of the graph, and see what becomes of all that comes after it.")
    found["impact"] = ("open", "Every cause in the graph in turn: how much each moves the outcome.")
    waiting: tuple[State, str] = ("waiting", "Waits for an answer on the effect page.")
    found |= dict.fromkeys(
        (
            "segments",
            "ledger",
            "balance",
            "overlap",
            "model_fit",
            "robustness",
            "sensitivity",
            "specifications",
            "report",
        ),
        waiting,
    )
    found["effect"] = ("waiting", "Choose methods and press Answer.")
    analysis = chosen_analysis(held)
    if analysis is None:
        return found
    from causal.wording.evidence import NOT_JUDGED
    from causal.wording.ledger import ledger_finding

    bad = next((each.sentence for each in analysis.verdicts if each.light == "failed"), "")
    ready: tuple[State, str] = ("done", "Answered.")
    found["effect"] = ("attention", bad) if bad else ready
    found["ledger"] = (_OF_STANDING[analysis.standing], ledger_finding(analysis.ledger))
    found |= dict.fromkeys(("segments", "report"), ready)
    for name in ("balance", "overlap"):
        verdict = next(each for each in analysis.ledger.verdicts if each.check == name)
        found[name] = ("attention" if verdict.light in ("failed", "attention") else "done", verdict.sentence)
    if found["overlap"][0] == "done" and found["overlap"][1].endswith(NOT_JUDGED):
        found["overlap"] = ("open", found["overlap"][1])
    found["model_fit"] = _model_fit(held, analysis)
    found["robustness"] = _robustness(held, analysis)
    found["sensitivity"] = _hidden_causes(held, analysis)
    found["specifications"] = _specifications(analysis)
    return found


_OF_STANDING: dict[str, State] = {"causal": "done", "tentative": "open", "do not use": "attention"}


def _model_fit(held: Any, analysis: Any) -> tuple[State, str]:
    refusal = answers.why_no_model_fit(analysis)
    if refusal:
        return "aside", refusal
    fit = answers.model_fit_told(answers.model_fit_job(held, analysis.spec))
    if fit is None:
        return "open", "How well do the models behind the answer predict units that they have not seen?"
    verdict = answers.model_fit_verdict(analysis, fit)
    return ("attention" if verdict.light == "attention" else "done"), verdict.sentence


def _robustness(held: Any, analysis: Any) -> tuple[State, str]:
    refusal = answers.why_not_refuted(analysis)
    if refusal:
        return "aside", refusal
    job = answers.refutation_job(held, analysis.spec)
    if job is None or job.state != "done":
        return "open", "Put questions to the answer whose own answers are known beforehand."
    verdict = answers.refuters_verdict(answers.refutations_told(job))
    return ("attention" if verdict.light in ("failed", "attention") else "done"), verdict.sentence


def _hidden_causes(held: Any, analysis: Any) -> tuple[State, str]:
    if not analysis.rests_on_adjustment:
        return "aside", "This method does not rest on adjusting for all common causes."
    weighed = answers.sensitivity_told(answers.hidden_causes_job(held, analysis.spec))
    if weighed is None:
        return "open", "How strong would a cause that nobody measured have to be to undo this answer?"
    verdict = answers.hidden_cause_verdict(weighed)
    return ("attention" if verdict.light == "attention" else "done"), verdict.sentence


def _text(held: Any) -> tuple[State, str]:
    read = texts_of(held)
    if read:
        return "done", f"Read: {', '.join(read)}."
    if not any(answers.text_columns(held).values()):
        return "aside", "The log has no column of texts."
    return "open", "Titles, descriptions or searches as variables: what they are about may drive both arms."


def _log_report(held: Any) -> tuple[State, str]:
    from causal.logs.report.mends import is_mended
    from causal.wording.log_report import report_sentence

    try:
        report = answers.log_report_told(answers.log_report_job(held))
    except DoableError:
        return "waiting", "Waits for the units."
    if report is None:
        return "open", "Look for what is wrong with the log, with the rows that show it."
    recipe, cluster = answers.recipe_of(held), held.view.get("settings", {}).get("cluster")
    mended = [each for each in report.findings if is_mended(recipe, each, cluster)]
    doubts = [each for each in report.findings if each.severity != "note" and each not in mended]
    return ("attention" if doubts else "done"), report_sentence(report, len(mended))


def _specifications(analysis: Any) -> tuple[State, str]:
    verdict = next(each for each in analysis.ledger.verdicts if each.check == "specification curve")
    states: dict[str, State] = {"does_not_apply": "aside", "not_checked": "open", "passed": "done"}
    return states.get(verdict.light, "attention"), verdict.sentence


def _read(log: Any) -> str:
    if answers.all_here(log):
        return f"{log.rows:,} rows are read."
    return f"The rows stay in “{log.connection}”; {log.rows:,} of them are here to look at."


def _units(held: Any, log: Any) -> tuple[State, str]:
    recipe = answers.recipe_of(held)
    if recipe.events is None:
        if not answers.all_here(log):
            return "attention", "Say how one row per unit is made of the table's rows."
        if answers.rows_are_events(log):
            return "open", "The rows look like events: make one row per unit of them, or take each as a unit."
        return "aside", "Each row is a unit already."
    if answers.units_wait(held):
        return "waiting", "One row per unit is being made in the background."
    try:
        rows = f"{log.rows:,} rows" if answers.all_here(log) else f"the rows in “{log.connection}”"
        return "done", f"{answers.unit_log_of(held).rows:,} units are made of {rows}."
    except DoableError as error:
        return "attention", str(error)


def _arms(held: Any, question: Any) -> tuple[State, str]:
    levels = len(answers.levels_of(held, question.treatment))
    if levels <= 2:
        return "aside", "The treatment has two levels: the effect page compares them."
    if levels > MOST_ARMS:
        return "aside", "The treatment has too many levels to compare all: see its dose-response curve, or choose some."
    return "open", f"Compare all {levels} levels of the treatment at once, and rank them."


def _dose(held: Any, question: Any) -> tuple[State, str]:
    if not answers.is_quantity(held, question.treatment):
        return "aside", "The treatment is no quantity with many values: its levels are compared instead."
    return "open", "The mean outcome at every dose of the treatment, with a band."


def _graph_fit(held: Any) -> tuple[State, str]:
    fit = answers.graph_fit_of(held)
    if fit is None:
        return "waiting", "Test what the graph promises on the log."
    verdict = answers.graph_verdict(fit)
    return ("attention" if verdict.light in ("failed", "attention") else "done"), verdict.sentence


def _checked(held: Any, step: str, reason: str) -> tuple[State, str]:
    """A guess is no decision: the step is done once a person changed it or went on from it."""
    if step in held.view.get("checked", ()):
        return "done", reason
    return "open", "Guessed from the columns: look at it, and change it or go on."


def check(step: str) -> None:
    """Take what the step holds as a person's decision."""
    checked = current_study.view("checked", [])
    if step not in checked:
        current_study.change_view(checked=[*checked, step])


def finished(held: Any) -> list[Any]:
    """The analyses of the methods chosen that are finished for the study as it is now."""
    found = [answers.known(held, spec) for spec in answers.specs_asked(held)]
    return [each for each in found if each is not None]


def chosen_analysis(held: Any) -> Any:
    """The analysis that the headline speaks of, or None before there is one."""
    return chosen_of(held, finished(held))


def chosen_of(held: Any, done: Sequence[Any]) -> Any:
    """The chosen method's analysis among those finished; else one that adjusts and has an interval; else any.

    Of equals one by a method that is recommended, however many others were asked too.
    """
    wanted = held.view.get("chosen")

    def worth(each: Any) -> tuple[bool, bool, bool]:
        method = each.spec.method
        return method == wanted, each.method.adjusts and each.has_interval, method in (*BY_ADJUSTMENT, *BY_OTHER_ROADS)

    return max(reversed(done), key=worth, default=None)


def outdated(held: Any, done: Sequence[Any]) -> Any:
    """The method whose answer a person chose to see and which has to be asked again, or None."""
    wanted = held.view.get("chosen")
    asked = [each["method"] for each in answers.methods_asked(held)]
    finished_methods = [each.spec.method for each in done]
    return wanted if wanted in asked and wanted not in finished_methods else None
