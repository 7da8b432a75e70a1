"""What one unit would have done under the changes on the canvas: chosen by its row, or by what names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from causal.interventions.changes import Randomise
from causal.wording import escape
from causal.wording import one_unit as wording
from causal.wording.numbers import count
from pages.ui import answers, current_study, what_if_state

ROW, NAMED, BY = "unit row", "unit named", "unit named by"
BY_ROW = "its row"


def one_unit(held: Any, job: Any, changes: Mapping[str, Any], variable: str) -> None:
    """The choice of a unit, what it would have had, and in what bounds."""
    row = _chosen_row(held)
    if row is None:
        return
    if not changes:
        st.info("Change something on the picture, and see what this unit would have done.", icon=":material/tune:")
        return
    drawn = [name for name, change in changes.items() if isinstance(change, Randomise)]
    if drawn:
        st.info(
            f"{escape.markdown(' and '.join(drawn), 80)} is drawn at random: for one unit that says nothing. "
            "Set, shift or scale it instead.",
            icon=":material/casino:",
        )
        return
    told = what_if_state.told(held, answers.scenario(job, changes))
    found = answers.counterfactual_of(held, job, row, changes)
    mine = {each.node: each for each in found.rows}
    if not mine:
        st.info("No arrow leads from what is changed to another variable, so nothing else would have been different.")
        return
    looked_at = mine.get(variable) or list(mine.values())[-1]
    st.markdown(f"**{escape.markdown(wording.unit_finding(told, looked_at))}**")
    st.caption(wording.CAVEAT)
    st.dataframe(wording.unit_rows(told, found.rows), hide_index=True, width="stretch")
    for note in found.notes:
        st.caption(escape.markdown(note))


def _chosen_row(held: Any) -> int | None:
    table = answers.table_of(held)
    names = [name for name, type_ in table.types.items() if type_ == "identifier"]
    by = current_study.view(BY, BY_ROW)
    left, right = st.columns([1, 2])
    if names:
        with left:
            by = st.selectbox(
                "A unit, by",
                [BY_ROW, *names],
                index=[BY_ROW, *names].index(by) if by in names else 0,
                key=current_study.key(BY),
                on_change=current_study.take,
                args=(BY,),
            )
    with right if names else left:
        if by in names:
            return _row_named(held, by)
        row = st.number_input(
            f"Row of the table, 1 to {count(len(table))}",
            min_value=1,
            max_value=len(table),
            value=min(int(current_study.view(ROW, 1)), len(table)),
            key=current_study.key(ROW),
            on_change=current_study.take,
            args=(ROW,),
        )
        return int(row) - 1


def _row_named(held: Any, column: str) -> int | None:
    wanted = st.text_input(
        f"Value of {escape.markdown(column, 40)}",
        value=str(current_study.view(NAMED, "")),
        key=current_study.key(NAMED),
        on_change=current_study.take,
        args=(NAMED,),
    )
    if not wanted.strip():
        st.caption("Type what names the unit.")
        return None
    row = answers.row_named(held, column, wanted.strip())
    if row is None:
        st.warning(
            f"No unit has {escape.markdown(column, 40)} {escape.markdown(wanted, 60)}.", icon=":material/search_off:"
        )
    return row
