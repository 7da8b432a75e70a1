"""The methods to answer with: by how they work, with what each assumes, and why some cannot serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from causal.estimators.method import Family, Method
from causal.estimators.registry import METHODS, method_named
from causal.estimators.stock import STOCK_NAMES, STOCK_PREFIX
from causal.estimators.suitability import FAMILIES, Suitability, recommended
from causal.wording import escape
from pages.ui import answers, current_study
from pages.ui.error_box import error_box
from pages.ui.option_form import option_form

STOCK = [STOCK_PREFIX + name for name in STOCK_NAMES]
ABREAST: tuple[tuple[Family, ...], ...] = (
    ("as_is", "outcome_model", "matching", "formula"),
    ("treatment_model", "mediators"),
    ("both_models", "instruments"),
)
"""The families side by side, so that the columns are of a length."""


def title_of(name: str) -> str:
    """A method's name for people."""
    return method_named(name).title


def method_chooser(adjusted: tuple[str, ...], answered: bool) -> None:
    """What is recommended and why, every method by its family, and the options of those chosen.

    `adjusted`: the columns that an option may choose among. Once `answered`, what is recommended stands aside.
    """
    held = current_study.study()
    chosen = [each["method"] for each in answers.methods_asked(held)]
    offered = {each.method: each for each in answers.methods_offered(held)}
    first = recommended(tuple(offered.values()))
    if not answered or set(chosen) != set(first):
        _say_recommended(chosen, offered, first)
    count = f"{len(chosen)} of {len(METHODS)} chosen" if chosen else "none chosen"
    # Without a key the count in its label makes it another expander, which closes at each tick.
    with st.expander(f"Choose the methods · {count}", icon=":material/checklist:", expanded=not chosen, key="methods"):
        _families(chosen, offered)
    with st.expander("Options of the methods, and those of DoWhy and EconML", icon=":material/tune:"):
        _stock(chosen)
        if chosen:
            _options(chosen, adjusted)


def take_recommended() -> None:
    """Let the graph and the table decide with which methods to answer."""
    if current_study.change("Chose the methods that fit the graph", specs=()):
        current_study.renew()


def _say_recommended(chosen: list[str], offered: Mapping[str, Suitability], first: tuple[str, ...]) -> None:
    if not first:
        return
    listed = "; ".join(f"**{escape.markdown(title_of(name))}** {offered[name].reason}" for name in first)
    why = " Where they agree, the answer does not hang on one model." if len(first) > 1 else ""
    st.markdown(f"Recommended for this graph: {listed}.{why}")
    if set(chosen) != set(first):
        st.button("Take the recommended", on_click=take_recommended, icon=":material/recommend:", key="recommended")


def _families(chosen: list[str], offered: Mapping[str, Suitability]) -> None:
    for place, families in zip(st.columns(len(ABREAST)), ABREAST, strict=True):
        with place:
            for family in families:
                _family(family, chosen, offered)


def _family(family: Family, chosen: list[str], offered: Mapping[str, Suitability]) -> None:
    """The methods of a family; where none can serve and none is chosen, why that is so in their place."""
    methods = [method for method in METHODS if method.family == family]
    obstacles = [offered[each.name].obstacle if each.name in offered else "" for each in methods]
    title, line = FAMILIES[family]
    st.markdown(f"**{title}**")
    if all(obstacles) and not any(each.name in chosen for each in methods):
        for sentence in dict.fromkeys(obstacles):
            st.caption(f":gray-badge[not here] {escape.markdown(sentence)}")
        return
    st.caption(line)
    for method in methods:
        _tick(method, method.name in chosen, offered.get(method.name))


def _tick(method: Method, chosen: bool, found: Suitability | None) -> None:
    """A method to be ticked; one that cannot serve can only be unticked."""
    obstacle = "" if found is None else found.obstacle
    marks = [":blue-badge[recommended]"] if found is not None and found.reason else []
    marks += [":gray-badge[slow]"] if method.slow else []
    marks += [":gray-badge[not here]"] if obstacle else []
    st.checkbox(
        " ".join([method.title, *marks]),
        value=chosen,
        key=current_study.key(f"method {method.name}"),
        on_change=_take,
        args=(method.name,),
        disabled=bool(obstacle) and not chosen,
        help=_explained(method, found),
    )


def _explained(method: Method, found: Suitability | None) -> str:
    obstacle, reason = ("", "") if found is None else (found.obstacle, found.reason)
    why = [f"**It cannot serve here.** {escape.markdown(obstacle)}"] if obstacle else []
    why += [f"Recommended: it {reason}."] if reason else []
    assumed = "\n".join(f"- {escape.markdown(each)}" for each in method.assumes)
    return "\n\n".join([*why, escape.markdown(method.summary), f"It assumes:\n{assumed}"])


def _stock(chosen: list[str]) -> None:
    st.multiselect(
        "Estimators of DoWhy and EconML, as they are (marked as stock)",
        STOCK,
        default=[name for name in chosen if name in STOCK],
        format_func=title_of,
        key=current_study.key("stock methods"),
        on_change=_take_stock,
        help="They run through DoWhy on a copy of the units. Where one is known to be wrong, its checks say in what. "
        "EconML's learn their models, which takes seconds to minutes.",
    )


def _options(chosen: list[str], adjusted: tuple[str, ...]) -> None:
    name = st.selectbox("Options of", chosen, format_func=title_of, key=current_study.key("options of"))
    before = _held_options(name) or {}
    with error_box():
        wanted = option_form(method_named(name), before, adjusted)
        if method_named(name).make_options(wanted) != method_named(name).make_options(before):
            _take_options(name, wanted)


def _held_options(name: str) -> Mapping[str, Any] | None:
    asked = {each["method"]: each.get("options") for each in answers.methods_asked(current_study.study())}
    return asked.get(name)


def _take(name: str) -> None:
    asked = [each["method"] for each in answers.methods_asked(current_study.study())]
    wanted = {*asked, name} if current_study.value(f"method {name}") else {*asked} - {name}
    _keep(wanted)


def _take_stock() -> None:
    asked = [each["method"] for each in answers.methods_asked(current_study.study())]
    _keep({*(name for name in asked if name not in STOCK), *current_study.value("stock methods")})


def _keep(wanted: Iterable[str]) -> None:
    """The methods asked for from now on, in the order of the registry."""
    order = [*(method.name for method in METHODS), *STOCK]
    specs = tuple({"method": name, "options": _held_options(name)} for name in sorted(wanted, key=order.index))
    current_study.change("Chose methods", specs=specs)


def _take_options(name: str, options: Mapping[str, Any]) -> None:
    specs = tuple(
        {"method": each["method"], "options": options if each["method"] == name else each.get("options")}
        for each in answers.methods_asked(current_study.study())
    )
    if current_study.change(f"Changed the options of {name}", specs=specs):
        st.rerun()
