import streamlit as st

from causal.accuracy.reference import BESIDE_METHODS
from causal.estimators.registry import METHODS
from causal.plots import accuracy as plot
from causal.wording import escape
from causal.wording.accuracy import (
    absent_sentence,
    accuracy_headline,
    comparison_rows,
    comparison_sentence,
    method_sentence,
    origin_sentence,
)
from pages.ui import answers, background, figure
from pages.ui.headline import headline

TITLES = {each.name: each.title for each in METHODS} | dict(BESIDE_METHODS)
WIDTHS = {
    "figure": 190,
    "reference": 100,
    "ours": 115,
    "standing": 75,
    "source": 285,
    "what was asked": 480,
    "data": 330,
}
COLUMNS = {
    **{name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
    "units apart": st.column_config.NumberColumn(width=90, format="%.3f"),
}


def recompute() -> None:
    answers.recompute_references(again=True)


def show_picture(accuracy) -> None:
    drawn = plot.accuracy_plot(accuracy, TITLES, **figure.looks())
    figure.show(drawn, plot.rows(accuracy, TITLES), "accuracy")
    for each in accuracy.standing("differs", "failed"):
        sentence = f"{TITLES[each.method]}: {comparison_sentence(each)}"
        st.warning(escape.markdown(sentence), icon=":material/difference:")


def show_methods(accuracy) -> None:
    for method, comparisons in accuracy.by_method().items():
        bad = any(each.standing in ("differs", "failed") for each in comparisons)
        sign = ":material/error:" if bad else ":material/check_circle:" if accuracy.recomputed else None
        with st.expander(escape.markdown(method_sentence(TITLES[method], comparisons)), icon=sign):
            st.dataframe(
                comparison_rows(comparisons),
                hide_index=True,
                width="stretch",
                height="content",
                column_config=COLUMNS,
            )


job = answers.references_job()
accuracy = answers.accuracy_told(job)
headline("Accuracy", finding=accuracy_headline(accuracy))
st.caption(escape.markdown(origin_sentence(accuracy)))
if job is not None and job.active:
    background.follow(job.id)
else:
    background.say_how_it_ended(job)
    st.button(
        "Recompute" if not accuracy.recomputed else "Recompute again",
        type="secondary" if accuracy.recomputed else "primary",
        on_click=recompute,
        icon=":material/calculate:",
        key="recompute",
    )
if accuracy.recomputed:
    show_picture(accuracy)
    missing = absent_sentence(accuracy)
    if missing:
        st.info(escape.markdown(missing), icon=":material/inventory_2:")
st.markdown("#### By method")
show_methods(accuracy)
