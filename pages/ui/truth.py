"""For samples: the known truth, shown only when asked for."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.logs.samples import sample_named
from causal.wording import escape, numbers


def reveal_truth(held: Any, analysis: Any) -> None:
    """A fold that holds the sample's true effect beside the answer; nothing for a person's own log."""
    if held.log is None or not held.log.sample:
        return
    sample = sample_named(held.log.name)
    asked = {"treatment": analysis.spec.question.treatment, "outcome": analysis.spec.question.outcome}
    if any(sample.question[name] != value for name, value in asked.items()):
        return
    truth = sample.truth
    with st.expander("Reveal the truth", icon=":material/visibility:"):
        known = truth.get(analysis.target)
        low, high = analysis.estimate.interval()
        if isinstance(known, int | float):
            inside = "inside" if low <= known <= high else "outside"
            st.markdown(
                f"The true effect is **{numbers.number(known)}**; this answer says "
                f"**{numbers.number(analysis.estimate.effect)}**, and the truth lies {inside} its interval "
                f"{escape.markdown(numbers.interval(low, high))}."
            )
        st.markdown(escape.markdown(truth.get("explanation", "")))
        st.caption(escape.markdown(truth.get("source", "")))
