"""The top of a page: the study's sentence with its light, then the page's finding."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from causal.archive.contents import where_of
from causal.wording import ledger, sentences
from pages.ui import current_study, journey

LIGHTS = {
    "causal": ("passed", "✓ causal"),
    "tentative": ("attention", "! tentative"),
    "do not use": ("failed", "✕ do not use"),
}


UNCHECKED = '<span class="doable-light">? unchecked</span>'


def headline(
    title: str,
    question: Any = None,
    analysis: Any = None,
    finding: str | None = None,
    reason: bool = True,
    unchecked: bool = False,
) -> None:
    """The page's title for the browser and readers, the question as a sentence, the light with its reason, the finding.

    An analyst's overruling, with what they wrote, stands on every page that shows the light. `reason` False: the
    finding says it. `unchecked`: the page answers, but no check of the ledger is of what it says.
    """
    st.markdown(f"## {title}")
    if question is not None:
        light = UNCHECKED if unchecked else "" if analysis is None else _light(analysis)
        where = where_of(current_study.study()) if analysis is None else analysis.spec.where
        sentence = html.escape(sentences.study_sentence(question, where))
        st.html(f'<p class="doable-sentence">{light}{sentence}</p>')
    if analysis is not None and reason:
        _say_why(analysis, finding or "")
    if unchecked:
        st.html(f'<p class="doable-reason" data-testid="reason">{html.escape(unchecked_sentence())}</p>')
    if finding:
        show_finding(finding)


def show_finding(sentence: str) -> None:
    """What a page found, as the largest sentence on it."""
    st.html(f'<p class="doable-finding" data-testid="finding">{html.escape(sentence)}</p>')


def _light(analysis: Any) -> str:
    state, label = LIGHTS[analysis.standing]
    told = ledger.ledger_of(analysis)
    why = html.escape(ledger.ledger_finding(told), quote=True)
    by = "" if told.overruling is None else ", overruled"
    return f'<span class="doable-light doable-{state}" title="{why}">{label}{by}</span>'


def _say_why(analysis: Any, finding: str) -> None:
    """What holds the light back, or who overruled it: nothing where all is well, or where the finding says it."""
    told = ledger.ledger_of(analysis)
    if told.overruling is not None:
        sentence = ledger.overruling_sentence(told.overruling)
    elif told.standing == "causal":
        return
    else:
        sentence = ledger.standing_reason(told)
    if sentence in finding:
        return
    st.html(f'<p class="doable-reason" data-testid="reason">{html.escape(sentence)}</p>')


def unchecked_sentence() -> str:
    """That an answer is not the ledger's, and what the ledger says of the one that it is of."""
    beside = journey.chosen_analysis(current_study.study())
    told = "" if beside is None else f" There it says “{beside.standing}”."
    return f"The trust ledger is of the answer on the effect page, not of what stands here.{told}"
