"""What-ifs by structural equations, latent variables moved too: the other model of the page What if."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from causal.archive.contents import graph_of, question_of
from causal.archive.script import structural_script
from causal.errors import DoableError
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import changes_to_json
from causal.plots import scenario_distribution as distribution_plot
from causal.plots import structure as structure_plot
from causal.plots import structure_further as moved_plot
from causal.wording import escape
from causal.wording import structure as structure_wording
from causal.wording import what_if as wording
from pages.ui import answers, background, current_study, figure, journey, presentation, what_if_state
from pages.ui.error_box import error_box
from pages.ui.graph_editor.what_if_canvas import height_of, what_if_canvas
from pages.ui.headline import headline, show_finding
from pages.ui.model_trust import beyond_the_data
from pages.ui.scenario_board import Answering, forget_name, in_words, save_form, side_by_side
from pages.ui.structure_fit import KIND, asked, drawn, units_fitted, written
from pages.ui.what_if_controls import card, change_told, quantity_control, to_canvas
from pages.ui.what_if_state import EQUATIONS as SHELF

MODEL = "what if model"
COLUMNS, EQUATIONS = "columns", "equations"
MODELS = {COLUMNS: "Structural model of the columns", EQUATIONS: "Structural equations with latent variables"}
LOOKED_AT = "structure looked at"
GROUP = "structure what group"
FEWEST_SHOWN = 3
"""A latent variable that shows in so many columns is taken for a measured one; one in two may be a common cause."""

LIGHTS = {
    "passed": ("passed", "✓ the equations fit"),
    "attention": ("attention", "! they fit roughly"),
    "failed": ("failed", "✕ they do not fit"),
    "not_checked": ("attention", "? nothing tests them"),
}
KINDS = {"shift": "moves by", "set": "is set to", "scale": "is multiplied by", "randomise": "is drawn at random"}
SIZES = {"shift": ("amount", 1.0), "set": ("value", 0.0), "scale": ("factor", 2.0)}


def choose_model(held: Any) -> None:
    """Which of the two models answers, and what each can tell, where the study has equations or latent variables."""
    if not _applies(held):
        return
    st.pills(
        "The model that answers",
        list(MODELS),
        default=_chosen(held),
        required=True,
        format_func=MODELS.get,
        key=current_study.key(MODEL),
        on_change=current_study.take,
        args=(MODEL,),
    )
    st.caption(escape.markdown(structure_wording.model_caption(_latent(held), _chosen(held) == EQUATIONS)))


def ask_here() -> None:
    """Turn to the page What if with these equations as its model."""
    if st.button("Ask what if on these equations", icon=":material/tune:", key="structure what if", type="primary"):
        current_study.change_view(**{MODEL: EQUATIONS})
        journey.go("what_if")


def instead(held: Any) -> None:
    """The whole page What if by the equations, where a person chose them; nothing else runs after it then."""
    if not _applies(held) or _chosen(held) != EQUATIONS:
        return
    present = presentation.is_on("what_if")
    headline("What if", question_of(held))
    if not present:
        choose_model(held)
    job = _fit_job(held)
    fit = answers.structure_told(job)
    if fit is not None:
        with error_box():
            _presented(held, job) if present else _on_the_equations(job)
    elif present:
        st.info("The equations behind this presentation are not fitted. Leave it to fit them.", icon=":material/info:")
    else:
        _before_a_fit(held, job)
    if present:
        presentation.leave_button()
    else:
        _next_steps(held, fit is not None)
    st.stop()


def _applies(held: Any) -> bool:
    """Whether there are equations that a person wrote or had fitted, or the drawn graph has a latent variable that
    shows in several columns.
    """
    if current_study.view("structure text") is not None or _fit_job(held) is not None:
        return True
    graph = drawn(held)
    return any(len(graph.children_of[each] - graph.latent) >= FEWEST_SHOWN for each in _latent(held))


def _latent(held: Any) -> tuple[str, ...]:
    try:
        return answers.latent_variables(written(held))
    except DoableError:
        return ()


def _chosen(held: Any) -> str:
    """The model that a person chose; before that, the one that is fitted already."""
    shown = current_study.view(MODEL)
    if shown in MODELS:
        return str(shown)
    columns = answers.structural_job(held, what_if_state.asked(held))
    return EQUATIONS if columns is None and answers.structure_told(_fit_job(held)) is not None else COLUMNS


def _fit_job(held: Any) -> Any:
    fitted = units_fitted(held)
    return answers.work_about(fitted, KIND, asked(fitted))


def _before_a_fit(held: Any, job: Any) -> None:
    fitted = units_fitted(held)
    if job is not None and job.active:
        background.follow(job.id)
        return
    st.info(
        "Move any column or latent variable, and see what becomes of all that comes after it. First the equations are "
        "fitted to the units, once; every what-if after that is answered at once.",
        icon=":material/explore:",
    )
    st.code(written(held), language=None)
    background.say_how_it_ended(job)
    st.button(
        "Fit the equations",
        on_click=answers.start_work,
        args=(fitted, KIND, asked(fitted)),
        type="primary",
        icon=":material/play_arrow:",
        key="fit structure",
    )


@st.fragment
def _on_the_equations(job: Any) -> None:
    """The picture with its controls, and what follows: a slider runs no more than this."""
    held = current_study.study()
    fit = answers.structure_told(job)
    with error_box():
        group = _group(fit)
        today = answers.structure_today(units_fitted(held), job, group)
        changes, name = _changes(held, fit, today), _looked_at(held, fit)
        told = _foretold(held, job, today, changes, group)
        _findings(fit, told, name)
        if any(fit.spectral_radius):
            _form(fit, changes)
        else:
            _picture(held, fit, today, told, changes, present=False)
        left, right = st.columns(2)
        with left:
            _choose_variable(fit, name)
        with right:
            _choose_group(fit, group)
        figure.show(_distribution(today, told, name), distribution_plot.rows(told, name), "distribution")
        if told.changes:
            _details(held, fit, told, changes, group)
        save_form(changes, SHELF)
        st.markdown("#### Scenarios")
        side_by_side(held, _answering(job, fit, today, group), name)


def _presented(held: Any, job: Any) -> None:
    fit = answers.structure_told(job)
    group = _group(fit)
    today = answers.structure_today(units_fitted(held), job, group)
    changes, name = _changes(held, fit, today), _looked_at(held, fit)
    told = _foretold(held, job, today, changes, group)
    _findings(fit, told, name)
    if not any(fit.spectral_radius):
        _picture(held, fit, today, told, changes, present=True)
    if told.changes:
        figure.plain(_distribution(today, told, name), "distribution")
    if what_if_state.scenarios_of(held, SHELF):
        st.markdown("#### Scenarios side by side")
        side_by_side(held, _answering(job, fit, today, group), name, controls=False)


def listed(held: Any) -> None:
    """The scenarios of the equations in a report: side by side where they are fitted, else what each changes."""
    if not what_if_state.scenarios_of(held, SHELF):
        return
    st.markdown("#### Scenarios by the structural equations")
    job = _fit_job(held)
    fit = answers.structure_told(job)
    if fit is None:
        in_words(held, SHELF)
        return
    with error_box():
        group = _group(fit)
        today = answers.structure_today(units_fitted(held), job, group)
        if len(fit.groups) > 1:
            st.caption(escape.markdown(f"Of the group {fit.groups[group]}."))
        side_by_side(held, _answering(job, fit, today, group), _looked_at(held, fit), controls=False)


def _answering(job: Any, fit: Any, today: Any, group: int) -> Answering:
    return Answering(
        shelf=SHELF,
        model=fit,
        taken=lambda document: _taken(fit, today, document),
        scenario=lambda changes, against: answers.structure_scenario(job, changes, group, against),
    )


def _findings(fit: Any, told: wording.Told, name: str) -> None:
    show_finding(wording.scenario_finding(told, name) if told.changes else wording.nothing_changed(told))
    state, label = LIGHTS[structure_wording.structure_light(fit)]
    whom = f"Of the group {fit.groups[_group(fit)]}. " if len(fit.groups) > 1 else ""
    st.html(
        f'<p class="doable-reason" data-testid="model-light"><span class="doable-light doable-{state}">{label}</span>'
        f"{html.escape(whom + structure_wording.structure_finding(fit))}</p>"
    )
    for note in fit.notes:
        st.warning(escape.markdown(note), icon=":material/warning:")
    beyond_the_data(fit, told)


def _foretold(held: Any, job: Any, today: Any, changes: Mapping[str, Any], group: int) -> wording.Told:
    """What the changes make of every variable; where that is refused, the sentence, and everything as it is today."""
    if not changes:
        return what_if_state.told(held, today.scenario)
    try:
        return what_if_state.told(held, answers.structure_scenario(job, changes, group))
    except DoableError as error:
        st.error(escape.markdown(str(error)), icon=":material/block:")
        return what_if_state.told(held, today.scenario)


def _picture(held: Any, fit: Any, today: Any, told: wording.Told, changes: Mapping[str, Any], present: bool) -> None:
    graph = _graph(held, fit)
    scenario = today.scenario
    what_if_canvas(
        graph.to_document(),
        key="equations presented" if present else "equations canvas",
        nodes={each.name: _card(fit, today, told, each) for each in scenario.nodes},
        changes=to_canvas(scenario, changes),
        height=height_of(len(graph.nodes), present),
        present=present,
        on_changes=_take_changes,
    )


def _card(fit: Any, today: Any, told: wording.Told, node: Any) -> dict[str, Any]:
    if node.name in fit.ordered:
        return card(told, node.name, None, "Levels in order: change what causes it.")
    return card(told, node.name, quantity_control(*today.usual[node.name], node.before))


def _graph(held: Any, fit: Any) -> CausalGraph:
    """The fitted model as a graph, where its variables stand on the drawn one."""
    graph = structure_plot.fitted_graph(fit)[0]
    placed = {name: (name, x, y) for name, x, y in graph_of(held).positions}
    whole = set(graph.nodes) <= set(placed)
    return replace(graph, positions=tuple(placed[name] for name in graph.nodes)) if whole else graph


def _distribution(today: Any, told: wording.Told, name: str) -> Any:
    recorded = today.recorded(told.scenario, name)
    return distribution_plot.scenario_distribution(told, name, recorded, **figure.looks())


def _details(held: Any, fit: Any, told: wording.Told, changes: Mapping[str, Any], group: int) -> None:
    for note in told.scenario.readings:
        st.caption(escape.markdown(note))
    with st.expander("Every variable that the change reaches", icon=":material/table_rows:"):
        found = told.scenario
        figure.show(moved_plot.scenario(found, **figure.looks()), moved_plot.scenario_rows(found), "what if")
    with st.expander("What this rests on", icon=":material/gavel:"):
        st.markdown(
            "- Means and spreads follow from the equations at once; the interval holds what is not known of "
            "coefficients and means, not whether the arrows are right.\n"
            "- Relations are linear, and the same for all units of the group."
        )
        for sentence in fit.coded:
            st.markdown(f"- {escape.markdown(sentence)}")
    with st.expander("The same digits without this app", icon=":material/code:"):
        recipe = answers.recipe_of(units_fitted(held))
        wanted = asked(units_fitted(held))
        st.code(structural_script(held.log, recipe, wanted, changes, group, told.confidence), language="python")


def _names(fit: Any) -> list[str]:
    return [*fit.latent, *fit.observed]


def _movable(fit: Any) -> list[str]:
    return [name for name in _names(fit) if name not in fit.ordered]


def _changes(held: Any, fit: Any, today: Any) -> dict[str, Any]:
    """The changes on the canvas that these equations still take."""
    return _taken(fit, today, held.view.get(SHELF.changes, {}))


def _taken(fit: Any, today: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    movable = set(_movable(fit))
    return what_if_state.taken(today.scenario, {name: each for name, each in document.items() if name in movable})


def _take_changes(told: Mapping[str, Mapping[str, Any]]) -> None:
    held = current_study.study()
    job = _fit_job(held)
    fit = answers.structure_told(job)
    if fit is None:
        return
    today = answers.structure_today(units_fitted(held), job, _group(fit))
    found = {}
    for each in today.scenario.nodes:
        if each.name in told and each.name not in fit.ordered:
            largest = max(abs(end) for end in today.usual[each.name])
            found[each.name] = change_told(each, told[each.name], largest)
    made = {name: change for name, change in found.items() if change is not None}
    what_if_state.keep_changes(made, SHELF)
    forget_name(SHELF)


def _looked_at(held: Any, fit: Any) -> str:
    names = _names(fit)
    wanted = held.view.get(LOOKED_AT, question_of(held).outcome)
    ends = [each.left for each in fit.coefficients if each.operator == "~"]
    return wanted if wanted in names else (ends or names)[-1]


def _choose_variable(fit: Any, name: str) -> None:
    names = _names(fit)
    st.selectbox(
        "The variable to look at",
        names,
        index=names.index(name),
        key=current_study.key(LOOKED_AT),
        on_change=current_study.take,
        args=(LOOKED_AT,),
    )


def _group(fit: Any) -> int:
    chosen = current_study.view(GROUP)
    return int(fit.groups.index(chosen)) if chosen in fit.groups else 0


def _choose_group(fit: Any, group: int) -> None:
    if len(fit.groups) > 1:
        st.selectbox(
            "In the group",
            fit.groups,
            index=group,
            key=current_study.key(GROUP),
            on_change=current_study.take,
            args=(GROUP,),
        )


def _form(fit: Any, changes: Mapping[str, Any]) -> None:
    """Changes by name, where arrows that go round cannot be drawn as a picture of causes before effects."""
    st.multiselect(
        "What if …",
        _movable(fit),
        default=list(changes),
        key=current_study.key("structure what"),
        on_change=_take_form,
        help="Columns and latent variables. A latent variable has the unit of the first column that shows it.",
    )
    for name, change in changes_to_json(changes).items():
        left, right = st.columns(2)
        kinds = list(KINDS)
        left.selectbox(
            escape.markdown(name, 40),
            kinds,
            index=kinds.index(change["kind"]),
            format_func=KINDS.get,
            key=current_study.key(f"structure kind {name}"),
            on_change=_take_form,
        )
        if change["kind"] != "randomise":
            field, usual = SIZES[change["kind"]]
            right.number_input(
                field.capitalize(),
                value=float(change.get(field, usual)),
                key=current_study.key(f"structure size {name} {change['kind']}"),
                on_change=_take_form,
            )


def _take_form() -> None:
    made = {}
    for name in current_study.value("structure what"):
        kind = current_study.value_if_any(f"structure kind {name}") or "shift"
        made[name] = {"kind": kind}
        if kind != "randomise":
            field, usual = SIZES[kind]
            size = current_study.value_if_any(f"structure size {name} {kind}")
            made[name][field] = usual if size is None else size
    current_study.change_view(**{SHELF.changes: made})
    forget_name(SHELF)


def _next_steps(held: Any, fitted: bool) -> None:
    with st.container(horizontal=True):
        if fitted:
            presentation.enter_button()
        journey.next_button("structure", "Look at the equations")
