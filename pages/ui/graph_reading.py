"""What the graph says of the question, under the canvas: the verdict, what to adjust for, and all that lies behind."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from causal.archive.contents import chosen_set, graph_of, left_alone, valid_set
from causal.errors import DoableError
from causal.graphs.adjustment import why_not
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.choices import AdjustmentChoice, adjustment_choices
from causal.graphs.conditional_effects import identify_conditional
from causal.graphs.derivation import derivation
from causal.graphs.front_door import front_door_set
from causal.graphs.hedges import hedge_in_words, listed
from causal.graphs.id_algorithm import Hedge, identify_distribution
from causal.graphs.identification import joint_formula
from causal.graphs.instruments import instruments
from causal.graphs.mediation import identify_mediation
from causal.graphs.remedies import remedies
from causal.study import Question
from causal.wording import escape
from causal.wording.estimands import formula_in_words
from pages.ui import answers, current_study
from pages.ui.error_box import error_box

STRATEGIES = {
    "no_effect": "The graph says: no effect",
    "backdoor": "Identified by adjustment (back-door)",
    "adjustment": "Identified by adjustment",
    "frontdoor": "Identified through a mediator (front-door)",
    "id": "Identified by the general algorithm",
    "instrument": "Identified by an instrument",
}
RULES = {
    "rule 2": "Rule 2 of the do-calculus",
    "rule 3": "Rule 3 of the do-calculus",
    "total probability": "Total probability",
    "districts": "Groups without a common hidden cause",
    "sum": "Summing over",
    "together": "Put together",
}
FIRST_SETS, MORE_SETS = 6, 24

Replace = Callable[[CausalGraph, str], bool]


def show_verdict(study: Any, graph: CausalGraph, question: Any, reading: Any) -> None:
    """One sentence on whether the effect follows from what is observed; then what is adjusted for.

    `graph`: as an answer may use it.
    """
    _drop_invalid_choice(study, graph, question)
    if reading.refusal is not None:
        st.error(f"**Not identified.** {escape.markdown(reading.refusal)}", icon=":material/block:")
        return
    estimand = reading.estimand
    said = f"**{STRATEGIES[estimand.strategy]}.** {escape.markdown(estimand.sentence)}"
    if estimand.strategy == "no_effect":
        st.warning(
            f"{said} If that is not what you mean, draw the arrow, or start again from the columns.",
            icon=":material/warning:",
        )
        return
    st.success(said, icon=":material/check_circle:")
    if estimand.adjust_for:
        chosen = " *(the set you chose)*" if valid_set(study, graph, question) is not None else ""
        st.markdown(f"Adjust for: {_bold(estimand.adjust_for)}{chosen}")
    elif estimand.strategy in ("backdoor", "adjustment"):
        st.markdown("Adjust for: nothing")


def _drop_invalid_choice(study: Any, graph: CausalGraph, question: Any) -> None:
    """A set that no longer gives the effect is given up, and that is said until the next choice."""
    chosen = chosen_set(study)
    if chosen is not None and valid_set(study, graph, question) is None and current_study.conflict() is None:
        reason = _why_dropped(graph, question, chosen, left_alone(study))
        said = f"You chose to adjust for {listed(chosen) if chosen else 'nothing'}. {reason} The usual set is back."
        current_study.keep("dropped set", (study.id, said))
        current_study.change_view(**{"adjust for": None})
    about, said = current_study.kept("dropped set", lambda: ("", ""))
    if about == study.id and said:
        st.warning(escape.markdown(said), icon=":material/undo:")


def _why_dropped(graph: CausalGraph, question: Any, chosen: tuple[str, ...], aside: tuple[str, ...]) -> str:
    barred = sorted(set(chosen) & set(aside))
    if barred:
        return f"But {listed(barred)} is never to be adjusted for."
    gone = [name for name in chosen if name not in graph.nodes]
    if gone:
        return f"{listed(gone)} is no longer in the graph."
    missing = sorted(graph.forced - set(chosen) - {question.treatment, question.outcome})
    if missing:
        return f"Now {listed(missing)} is adjusted for in any case."
    try:
        return f"After the change: {why_not(graph, question.treatment, question.outcome, chosen)}"
    except DoableError as error:
        return str(error)


def explore(study: Any, graph: CausalGraph, question: Any, reading: Any, replace: Replace, read_only: bool) -> None:
    """Everything behind the verdict, one part at a time, so that nothing is worked out that nobody looks at."""
    parts = {
        "sets": ("Sets to adjust for", _sets),
        "ways": ("Other ways", _other_ways),
        "steps": ("Formula and steps", _steps),
        "split": ("Direct and indirect", _mediation),
        "alike": ("Among units alike", _alike),
        "variables": ("Each variable", _variables),
        "pair": ("Another pair", _another_pair),
    }
    if reading.refusal is not None:
        parts = {"help": ("What would help", _help), **parts}
    drawn = {question.treatment, question.outcome} <= set(graph.nodes)
    if not drawn:
        return
    part = st.pills(
        "Read more of the graph",
        list(parts),
        default="help" if "help" in parts else None,
        format_func=lambda name: parts[name][0],
        key=current_study.key(f"graph part {'open' if reading.refusal is None else 'refused'}"),
    )
    if part is None:
        return
    with st.container(border=True, key="graph part"), error_box():
        parts[part][1](_About(study, graph, question, reading, replace, read_only))


@dataclass(frozen=True)
class _About:
    """What every part is told; `graph` as an answer may use it."""

    study: Any
    graph: CausalGraph
    question: Any
    reading: Any
    replace: Replace
    read_only: bool

    @property
    def ends(self) -> tuple[str, str]:
        """Treatment and outcome."""
        return self.question.treatment, self.question.outcome

    @property
    def others(self) -> list[str]:
        """The recorded variables beside treatment and outcome."""
        return sorted(self.graph.observed - self.graph.selected - set(self.ends))


def _help(about: _About) -> None:
    found = answers.about_graph(remedies, about.graph, about.question)
    if isinstance(found, DoableError) or not found:
        st.markdown("No single record or arrow mends this. An experiment that sets the treatment at random does.")
        return
    st.markdown("Any one of these would give the effect, if it is true of your log:")
    for each in found:
        st.markdown(f"- {escape.markdown(each.sentence)} *{STRATEGIES[each.estimand.strategy]}.*")
    st.caption("Each was tried on the graph before it was listed. An experiment that sets the treatment at random "
               "needs none of them.")  # fmt: skip


def _sets(about: _About) -> None:
    effect = st.segmented_control(
        "Of which effect",
        ["total", "direct"],
        default="total",
        format_func={"total": "The total effect", "direct": "The direct effect"}.get,
        key=current_study.key("sets effect"),
        label_visibility="collapsed",
    )
    if (effect or "total") == "direct":
        _direct_sets(about)
    else:
        _total_sets(about)
    _wishes(about)


def _limit(effect: str) -> int:
    found: int = current_study.kept(f"sets shown {effect}", lambda: FIRST_SETS)
    return found


def _more(effect: str) -> None:
    current_study.keep(f"sets shown {effect}", _limit(effect) + MORE_SETS)


def _total_sets(about: _About) -> None:
    found = answers.about_graph(adjustment_choices, about.graph, *about.ends, "total", _limit("total"))
    if isinstance(found, DoableError) or not found.choices:
        st.markdown("No set of recorded variables gives the total effect.")
        return
    held = valid_set(about.study, about.graph, about.question)
    choices = list(found.choices)
    if held is not None and all(each.names != held for each in choices):
        choices.insert(0, AdjustmentChoice(held))
    used = next(
        (place for place, each in enumerate(choices) if (each.by_default if held is None else each.names == held)), 0
    )
    _offer_sets(about, choices, held, used)
    _offer_more(found, "total")
    if any(each.optimal for each in choices):
        st.caption(
            "★ has the smallest variance of all valid sets: it holds what else moves the outcome and the steps "
            "between, and nothing that only moves the treatment (Henckel, Perković and Maathuis 2022)."
        )
    else:
        st.caption("With something unobserved no set need be the most precise; the smallest is used unless you choose.")


def _offer_sets(about: _About, choices: list[AdjustmentChoice], held: tuple[str, ...] | None, used: int) -> None:
    if len(choices) == 1:
        st.markdown(f"The only set without a needless variable: **{_set_in_words(choices[0])}**")
        return
    name = _named("adjustment set", choices, held)
    st.radio(
        "Adjust for",
        range(len(choices)),
        index=used,
        format_func=lambda place: _set_in_words(choices[place]),
        key=current_study.key(name),
        on_change=_choose,
        args=(choices, name),
        disabled=about.read_only or about.reading.estimand is None,
        help="Each of these gives the effect; your choice is what every method adjusts for.",
    )


def _set_in_words(choice: AdjustmentChoice) -> str:
    names = ", ".join(escape.markdown(name, 40) for name in choice.names) or "nothing"
    marks = [*(["★ smallest variance"] if choice.optimal else []), *(["the usual choice"] if choice.by_default else [])]
    return names + (f" — *{', '.join(marks)}*" if marks else "")


def _choose(choices: list[AdjustmentChoice], name: str) -> None:
    chosen = choices[current_study.value(name)]
    current_study.keep("dropped set", ("", ""))
    current_study.change_view(**{"adjust for": None if chosen.by_default else list(chosen.names)})


def _offer_more(found: Any, effect: str) -> None:
    if not found.complete:
        st.button("Show more sets", on_click=_more, args=(effect,), icon=":material/expand_more:", key="more sets")


def _direct_sets(about: _About) -> None:
    t, y = (escape.markdown(name, 40) for name in about.ends)
    if about.ends not in about.graph.directed:
        st.markdown(f"There is no arrow from **{t}** to **{y}**: by this graph the direct effect is zero.")
    found = answers.about_graph(adjustment_choices, about.graph, *about.ends, "direct", _limit("direct"))
    if isinstance(found, DoableError) or not found.choices:
        st.markdown("No set of recorded variables blocks every way but the arrow itself.")
        return
    st.markdown(f"Each of these blocks every way from **{t}** to **{y}** but the arrow itself:")
    for each in found.choices:
        st.markdown(f"- {_set_in_words(each)}")
    _offer_more(found, "direct")
    distorting = sorted(about.graph.selected & about.graph.descendants(about.ends[1]))
    if distorting:
        st.warning(
            f"But which rows are in the log depends on {escape.markdown(listed(distorting))}, after the outcome: among "
            "these rows no set shows the direct effect. A log of all rows would do.",
            icon=":material/warning:",
        )
        return
    st.caption(
        "This is the controlled direct effect, with the steps between held fixed. What you answer on the next page is "
        "the total effect; the natural direct effect is under “Direct and indirect”."
    )


def _wishes(about: _About) -> None:
    drawn = graph_of(about.study)
    assert drawn is not None
    alone = [name for name in left_alone(about.study) if name in drawn.nodes]
    can = sorted(drawn.observed - drawn.selected - set(about.ends))
    left, right = st.columns(2)
    left.multiselect(
        "Adjust for in any case",
        [name for name in can if name not in alone],
        default=sorted(drawn.forced & set(can)),
        key=current_study.key("forced"),
        on_change=_take_forced,
        args=(drawn, about.replace),
        disabled=about.read_only,
        help="In every set, whether it is needed or not. A mark of the graph.",
    )
    right.multiselect(
        "Never adjust for",
        [name for name in can if name not in drawn.forced],
        default=alone,
        key=current_study.key("never adjust"),
        on_change=_take_never,
        disabled=about.read_only,
        help="Recorded, but not to be used: too costly, too late, or not to be trusted. An answer takes it for "
        "unobserved.",
    )


def _take_forced(drawn: CausalGraph, replace: Replace) -> None:
    wanted = set(current_study.value("forced"))
    for name in drawn.nodes:
        if (name in drawn.forced) != (name in wanted):
            drawn = drawn.with_forced(name, name in wanted)
    replace(drawn, "Changed what is adjusted for in any case")


def _take_never() -> None:
    current_study.change_view(**{"never adjust": sorted(current_study.value("never adjust"))})


def _other_ways(about: _About) -> None:
    mediators = answers.about_graph(front_door_set, about.graph, *about.ends)
    st.markdown("**Front door.** " + _front_door_in_words(about, mediators))
    found = answers.about_graph(instruments, about.graph, *about.ends)
    if isinstance(found, DoableError) or not found:
        st.markdown("**Instruments.** No recorded variable moves the treatment and nothing else that matters.")
    else:
        st.markdown("**Instruments**, each with what it has to be compared within:")
        st.dataframe(
            [{"instrument": each.name, "valid given": ", ".join(sorted(each.given)) or "nothing"} for each in found],
            hide_index=True,
            width="stretch",
        )
    formula = answers.about_graph(identify_distribution, about.graph, *about.ends)
    st.markdown("**The general algorithm.** " + _formula_in_words(about, formula))
    if about.reading.estimand is not None:
        st.caption(
            "An answer uses the first of: adjustment, front door, the general formula, an instrument. "
            f"Here: {STRATEGIES[about.reading.estimand.strategy].lower()}."
        )


def _front_door_in_words(about: _About, mediators: Any) -> str:
    if isinstance(mediators, DoableError) or mediators is None:
        return "No recorded steps carry the whole effect and are spared by the hidden causes."
    if not mediators:
        return "Nothing has to be carried: no chain of arrows leads to the outcome."
    return f"Open: {escape.markdown(listed(mediators))} carries the whole effect, and no hidden cause touches it."


def _formula_in_words(about: _About, found: Any) -> str:
    if isinstance(found, DoableError):
        return escape.markdown(str(found))
    if isinstance(found, Hedge):
        return "No formula exists. " + escape.markdown(hedge_in_words(about.graph, found))
    if about.graph.selected:
        return "A formula exists for a log of all rows; this one is cut by what selects its rows."
    return "A formula in recorded variables exists. The algorithm finds one wherever there is one."


def _steps(about: _About) -> None:
    estimand = about.reading.estimand
    if estimand is None:
        st.markdown("There is no formula to derive. " + escape.markdown(about.reading.refusal))
        return
    st.latex(estimand.formula)
    st.markdown(escape.markdown(formula_in_words(estimand)))
    st.markdown("**What this rests on**")
    for sentence in estimand.assumptions:
        st.markdown(f"- {escape.markdown(sentence)}")
    steps = answers.about_graph(derivation, about.graph, estimand)
    if isinstance(steps, DoableError) or not steps:
        st.caption("An instrument needs more than the graph, so there is no derivation from the graph alone.")
        return
    with st.expander("How it follows, step by step", icon=":material/format_list_numbered:"):
        for number, step in enumerate(steps, 1):
            st.markdown(f"{number}. **{RULES[step.rule]}.** {escape.markdown(step.words)}")
            st.latex(step.formula)


def _mediation(about: _About) -> None:
    between = sorted(
        about.graph.descendants(about.ends[0]) & about.graph.ancestors(about.ends[1]) & about.graph.observed
    )
    if not between:
        st.markdown(
            "No recorded variable lies on the way from the treatment to the outcome: draw a mediator to split the "
            "effect into what goes through it and what goes around it."
        )
        return
    marked = [name for name in between if about.graph.role(name) == "mediator"]
    mediators = st.multiselect(
        "Through which variables",
        between,
        default=marked or between[:1],
        key=current_study.key(_named("mediators", between)),
    )
    if not mediators:
        st.markdown("Choose at least one variable on the way.")
        return
    found = answers.about_graph(identify_mediation, about.graph, about.question, tuple(sorted(mediators)))
    if isinstance(found, DoableError):
        st.error(f"**The two parts cannot be told apart.** {escape.markdown(str(found))}", icon=":material/block:")
        return
    st.success(
        f"**Natural direct and indirect effects follow.** {escape.markdown(found.sentence)}",
        icon=":material/check_circle:",
    )
    st.latex(found.formula)
    for sentence in found.assumptions:
        st.markdown(f"- {escape.markdown(sentence)}")


def _alike(about: _About) -> None:
    given = st.multiselect(
        "Among units alike in",
        about.others,
        key=current_study.key(_named("given", about.others)),
        help="The effect among the units that have certain values, whenever these were measured.",
    )
    if not given:
        st.markdown("Choose the variables in which the units are alike, to see whether the effect among them follows.")
        return
    found = answers.about_graph(identify_conditional, about.graph, about.question, tuple(sorted(given)))
    if isinstance(found, DoableError):
        st.error(f"**Not identified.** {escape.markdown(str(found))}", icon=":material/block:")
        return
    st.success(f"**The effect among units alike in them follows.** {escape.markdown(found.sentence)}",
               icon=":material/check_circle:")  # fmt: skip
    st.latex(found.formula)
    after = sorted(set(given) & about.graph.descendants(about.ends[0]))
    if after:
        st.caption(f"{escape.markdown(listed(after))} comes after the treatment: this is among those who end up there.")


def _variables(about: _About) -> None:
    signs = {"adjust": "✓ adjust", "may adjust": "○ may adjust", "must not adjust": "✕ must not adjust"}
    rows = [
        {
            "variable": f"**{escape.markdown(each.name, 40)}**" + _role_of(about.graph, each.name),
            "advice": signs[each.verdict],
            "why": escape.markdown(each.reason),
        }
        for each in about.reading.advice
    ]
    if not rows:
        st.markdown("There is no variable beside the treatment and the outcome.")
        return
    st.table(rows, hide_index=True)


def _role_of(graph: CausalGraph, name: str) -> str:
    role = graph.role(name)
    return f" ({role})" if role else ""


def _another_pair(about: _About) -> None:
    st.caption("Ask the same graph about other variables, or several at once; the study's question stays as it is.")
    left, right = st.columns(2)
    nodes = sorted(about.graph.observed - about.graph.selected)
    treatments = left.multiselect(
        "Set",
        nodes,
        default=[each for each in about.ends[:1] if each in nodes],
        key=current_study.key(_named("pair set", nodes)),
    )
    free = [name for name in nodes if name not in treatments]
    outcomes = right.multiselect(
        "Look at",
        free,
        default=[each for each in about.ends[1:] if each in free],
        key=current_study.key(_named("pair look", nodes, treatments)),
    )
    if not treatments or not outcomes:
        st.markdown("Choose at least one variable to set, and one to look at.")
        return
    if len(treatments) == len(outcomes) == 1:
        _read_pair(about, treatments[0], outcomes[0])
    else:
        _read_several(about, tuple(sorted(treatments)), tuple(sorted(outcomes)))


def _read_pair(about: _About, treatment: str, outcome: str) -> None:
    reading = answers.reading_of(about.graph, Question(treatment, outcome))
    if reading.refusal is not None:
        st.error(f"**Not identified.** {escape.markdown(reading.refusal)}", icon=":material/block:")
        return
    estimand = reading.estimand
    st.success(
        f"**{STRATEGIES[estimand.strategy]}.** {escape.markdown(estimand.sentence)}", icon=":material/check_circle:"
    )
    if estimand.adjust_for:
        st.markdown(f"Adjust for: {_bold(estimand.adjust_for)}")
    st.latex(estimand.formula)


def _read_several(about: _About, treatments: tuple[str, ...], outcomes: tuple[str, ...]) -> None:
    together = f"{listed(treatments)} on {listed(outcomes)}"
    found = answers.about_graph(adjustment_choices, about.graph, treatments, outcomes, "total", FIRST_SETS)
    if not isinstance(found, DoableError) and found.choices:
        st.success(
            f"**Identified by adjustment.** One set serves the joint effect of {escape.markdown(together)}.",
            icon=":material/check_circle:",
        )
        for each in found.choices:
            st.markdown(f"- {_set_in_words(each)}")
        return
    formula = answers.about_graph(joint_formula, about.graph, treatments, outcomes)
    if isinstance(formula, DoableError):
        st.error(f"**Not identified.** {escape.markdown(str(formula))}", icon=":material/block:")
        return
    st.success(
        f"**Identified by the general algorithm.** No one set serves the joint effect of {escape.markdown(together)}, "
        "but a formula does.",
        icon=":material/check_circle:",
    )
    st.latex(formula)


def _named(name: str, *offered: Any) -> str:
    """A widget's name that changes with what it offers: an old choice must not stand for another one."""
    return f"{name} {zlib.crc32(repr(offered).encode()):08x}"


def _bold(names: tuple[str, ...]) -> str:
    return ", ".join(f"**{escape.markdown(name, 40)}**" for name in names)
