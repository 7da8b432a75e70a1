"""A policy as its page and the report show it: what it is worth, what that costs, and beside which simple ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from causal.plots import budget_curve as curve_plot
from causal.plots import policy_gains as gains_plot
from causal.plots import policy_tree as tree_plot
from causal.wording import escape, numbers
from causal.wording import policy as wording
from causal.wording import policy_comparison as comparison
from pages.ui import answers, chosen_policy, figure
from pages.ui.chosen_policy import ChosenPolicy


def show(held: Any, chosen: ChosenPolicy, choose_money: Callable[[], str]) -> None:
    """Its numbers, who gets what, and figures of what another budget buys and of the simple policies."""
    found, binary = chosen.found, chosen.binary
    _show_numbers(found, binary)
    fair = chosen_policy.for_their_money(held, chosen)
    price = "" if chosen.way in ("points", "variety") else wording.price_sentence(found, binary)
    same = wording.same_money_sentence(found, fair or {}, binary)
    st.markdown(escape.markdown(f"{wording.shares_sentence(found)} {price} {same}"))
    if chosen.way != "budget":
        _show_way(found, chosen.exact, binary)
    elif len(found.curve.budgets) > 1:
        figure.show(curve_plot.budget_curve(found, binary, **figure.looks()), curve_plot.rows(found), "gain by budget")
    _show_simple(found, fair, binary, choose_money)


def show_rules(held: Any, chosen: ChosenPolicy, work: Any, text: bool = True) -> bool:
    """The rules that finished work told, with what they are worth; False where it has not. `text`: in words too."""
    told = answers.rules_told(work)
    if told is None:
        return False
    tree, value, spent = told
    figure.show(tree_plot.policy_tree(tree, **figure.looks()), tree_plot.rows(tree), "rules")
    if text:
        with st.expander("The rules as text", icon=":material/subject:"):
            st.code("\n".join(tree.lines()), language=None)
    st.markdown(escape.markdown(wording.rules_sentence(chosen.found, value, spent, chosen.binary)))
    alone = {"kind": "budget"}
    budget = chosen.found.budget
    beside = answers.policy_comparison(held, chosen.job, chosen.spec, budget, chosen.costs, alone, decided=work)
    st.markdown(escape.markdown(comparison.rules_sentence(beside, alone, chosen.binary)))
    return True


def rests_on(scores: Any) -> str:
    """What must hold, as a list in Markdown."""
    adjusted = ", ".join(escape.markdown(name, 40) for name in scores.adjust_for) or "nothing"
    return (
        f"- Adjusted for: {adjusted}. As on the effect page, these must block every back-door path.\n"
        "- Who gets what is decided by predictions, and what that is worth by doubly robust scores; both by models "
        "that have not seen the unit. Where effects hardly differ between units, models that learn from each "
        "other's folds make intervals of what choosing whom is worth a little narrow: of 100 that say 95 % about "
        "90 hold (simulated). Whether effects differ at all is tested on the page Who benefits.\n"
        "- One unit's arm does not change another unit's outcome."
    )


def _show_way(found: Any, exact: Any, binary: Any) -> None:
    st.markdown(escape.markdown(wording.way_sentence(found, exact, binary)))
    for name, moved in found.guards.items():
        st.markdown(escape.markdown(wording.guard_sentence(name, moved)))
    if found.points is not None:
        with st.expander("The points", icon=":material/scoreboard:"):
            st.dataframe(wording.points_rows(found), hide_index=True, width="stretch")
            st.caption(wording.points_caption(found))


def _show_numbers(found: Any, binary: Any) -> None:
    gained = found.value.gains["today"]
    first, second, third = st.columns(3)
    first.metric(
        "Per unit, beside today",
        numbers.change_text(gained.value, binary, short=True),
        help=f"All digits: {numbers.all_digits(gained.value)}; standard error {numbers.all_digits(gained.std_error)}",
    )
    second.metric(f"{gained.confidence:.0%} interval", numbers.interval(*gained.interval(), binary))
    third.metric(
        "In all, beside today",
        numbers.number(gained.value * found.value.units, signed=True),
        help=f"Over {numbers.count(found.value.units)} units, in units of the outcome.",
    )


def _show_simple(found: Any, fair: Any, binary: Any, choose_money: Callable[[], str]) -> None:
    """The policy beside those that need no thought; one that can spend any money also for what each of them costs."""
    same = fair is not None and choose_money() == "same"
    shown = gains_plot.policy_gains(found, binary, fair if same else None, **figure.looks())
    figure.show(shown, gains_plot.rows(found, fair), "policy gains")
    if not same and (dear := wording.beyond_budget(found)):
        st.caption(escape.markdown(dear))
