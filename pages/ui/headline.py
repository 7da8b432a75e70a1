"""The top of a page: the study's sentence with its light, then the page's finding."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from causal.archive.contents import where_of
from causal.checks.verdicts import overall
from causal.wording import sentences
from pages.ui import answers, current_study

LIGHTS = {
    "passed": ("✓ causal", "Identification, balance and overlap all hold."),
    "attention": ("! tentative", "Some check asks for a second look."),
    "failed": ("✕ do not use", "Some check failed: see why before using the number."),
    "does_not_apply": ("– unchecked", "No check applies."),
}


def headline(title: str, question: Any = None, analysis: Any = None, finding: str | None = None) -> None:
    """The page's title for the browser and readers, the question as a sentence, the light, and the finding."""
    st.markdown(f"## {title}")
    if question is not None:
        light = ""
        if analysis is not None:
            state = overall(answers.verdicts_of(current_study.study(), analysis))
            label, why = LIGHTS[state]
            light = f'<span class="doable-light doable-{state}" title="{why}">{label}</span>'
        where = where_of(current_study.study()) if analysis is None else analysis.spec.where
        sentence = html.escape(sentences.study_sentence(question, where))
        st.html(f'<p class="doable-sentence">{light}{sentence}</p>')
    if finding:
        show_finding(finding)


def show_finding(sentence: str) -> None:
    """What a page found, as the largest sentence on it."""
    st.html(f'<p class="doable-finding" data-testid="finding">{html.escape(sentence)}</p>')
