"""Who benefits, as its page and the report show it: the work asked for, the ranking, and the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import base_spec
from causal.plots import benefit as plots
from causal.wording import benefit as wording
from causal.wording import escape
from pages.ui import answers, current_study, figure

EFFECTS = "unit effects"
LEARNERS = {
    "best": "the best mix of several",
    "boosting": "boosted trees alone",
    "linear": "linear models, quicker",
}


def learner() -> str:
    """By what outcome and treatment are predicted."""
    told = current_study.view("benefit learner")
    return told if told in LEARNERS else next(iter(LEARNERS))


def effects_asked(held: Any) -> dict[str, Any]:
    """The question asked of everyone, or of the units of the filter."""
    spec = base_spec(held, "doubly_robust")
    spec = replace(spec, question=replace(spec.question, target="everyone"))
    return {
        "spec": spec.to_json(),
        "learner": learner(),
        "forest": bool(current_study.view("benefit forest", False)),
    }


def depth() -> int:
    """How many questions a rule may ask."""
    return int(current_study.view("benefit depth", 2))


def show_ranking(found: Any, curve: Any, calibration: Any, differences: Any) -> None:
    """The effect among those ranked highest, and whether the ranking holds."""
    figure.show(plots.toc(found, curve, differences, **figure.looks()), plots.priority_rows(curve, "toc"), "toc curve")
    st.caption(escape.markdown(wording.rate_sentence(found, curve)))
    st.markdown(escape.markdown(wording.calibration_sentence(calibration, differences)))


def show_rules(held: Any, job: Any, found: Any, differences: Any) -> None:
    """The effect in groups that a few rules make."""
    grown = answers.effect_rules(held, job, depth())
    figure.show(plots.tree(found, grown, differences, **figure.looks()), plots.tree_rows(grown), "effects by rules")
    said = (escape.markdown(wording.leaf_sentence(found, leaf)) for leaf in grown.leaves)
    st.markdown("\n".join(f"{place}. {each}" for place, each in enumerate(said, start=1)))
    st.caption(escape.markdown(wording.tree_caption(grown)))


def rests_on(found: Any) -> str:
    """What must hold, as a list in Markdown."""
    adjusted = ", ".join(escape.markdown(name, 40) for name in found.adjust_for) or "nothing"
    return (
        f"- Adjusted for: {adjusted}. As on the effect page, these must block every back-door path; the effect may "
        "differ by them, and by nothing else here.\n"
        "- Each unit's effect is predicted by models that have not seen it. What is tested rests on rankings "
        "learnt from earlier folds only, and on doubly robust scores.\n"
        "- One unit's treatment does not change another unit's outcome."
    )
