"""Of whom a what-if is: everyone, or the units that are alike in one variable of the model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causal.interventions.today import usual_values
from causal.wording import escape
from pages.ui import current_study, what_if_state
from pages.ui.what_if_state import WHOM

EVERYONE = ""
COLUMN, LEVEL, RANGE = "whom column", "whom level", "whom range"


def choose_whom(held: Any, model: Any) -> None:
    """The variable, and its level or range; kept in the study."""
    chosen = what_if_state.where_of(held, model)
    column = chosen[0].column if chosen else EVERYONE
    options = [EVERYONE, *(name for name in model.names if not model.columns[name].constant or name == column)]
    st.selectbox(
        "For whom",
        options,
        index=options.index(column),
        format_func=lambda name: name or "everyone",
        key=current_study.key(COLUMN),
        on_change=_take_column,
        help="The changes are made for these units, and the numbers are of them. The model stays the same.",
    )
    if not chosen or model.columns[column].constant:
        return
    if model.columns[column].kind == "numeric":
        low, high = usual_values(model, column)
        ends = tuple(min(max(float(each.value), low), high) for each in chosen)
        st.slider(
            f"{escape.markdown(column, 40)} between",
            low,
            high,
            value=ends,
            key=current_study.key(RANGE),
            on_change=_take_range,
        )
        return
    levels = [str(each) for each in model.columns[column].levels]
    st.selectbox(
        f"{escape.markdown(column, 40)} is",
        levels,
        index=levels.index(str(chosen[0].value)),
        key=current_study.key(LEVEL),
        on_change=_take_level,
    )


def _take_column() -> None:
    column = current_study.value(COLUMN)
    current_study.change_view(**{WHOM: {} if column == EVERYONE else {"column": column}})
    current_study.renew()


def _take_level() -> None:
    current_study.change_view(**{WHOM: {**current_study.view(WHOM, {}), "level": current_study.value(LEVEL)}})


def _take_range() -> None:
    current_study.change_view(**{WHOM: {**current_study.view(WHOM, {}), "range": list(current_study.value(RANGE))}})
