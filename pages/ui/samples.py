"""Opening a sample: a study that is complete up to its graph, with the truth known."""

from __future__ import annotations

import streamlit as st

from causal.archive.contents import with_confounders, with_question
from causal.archive.study import LogReference
from causal.graphs.causal_graph import CausalGraph
from causal.logs.samples import SAMPLES, Sample
from causal.study import Question
from causal.wording import escape
from pages.ui import current_study, journey


def sample_cards() -> None:
    """A card per sample, each with its button."""
    columns = st.columns(2)
    for place, sample in enumerate(SAMPLES):
        with columns[place % 2], st.container(border=True, height="stretch"):
            st.markdown(f"**{escape.markdown(sample.title)}**")
            st.caption(escape.markdown(sample.story))
            if st.button("Open this sample", key=f"sample {sample.name}", width="stretch"):
                open_as_study(sample)
                journey.go("log")


def open_as_study(sample: Sample) -> None:
    """A new study of the sample, with its question and its graph."""
    question = Question(**sample.question)
    graph = with_confounders(with_question(CausalGraph.parse(sample.graph_text), question), question)
    settings = {} if sample.cluster is None else {"cluster": sample.cluster}
    current_study.start(
        sample.title,
        f"Opened the sample {sample.name}",
        log=LogReference(sample.name, sample=True),
        recipe=sample.recipe.to_json(),
        question=dict(sample.question),
        graph=graph.to_text("json"),
        view={"settings": settings, "checked": ["question", "graph"]},
    )
