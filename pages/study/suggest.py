import streamlit as st

from causal.archive.contents import question_of, roles_of
from causal.discovery.knowledge import Knowledge, knowledge_from_roles
from causal.errors import DoableError
from causal.text.writing import edges_message, read_edges
from causal.wording import escape
from causal.wording.numbers import counted
from causal.wording.proposal import (
    NEVER_THE_TRUTH,
    SEARCH_TITLES,
    SEARCH_USES,
    edge_rows,
    edge_sentence,
    model_headline,
    proposal_headline,
    searched_sentence,
    suggested_rows,
    suggested_sentence,
    unfound_sentence,
)
from pages.ui import answers, background, current_study, figure, journey, language_model
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding
from pages.ui.study_canvas import drawn, study_canvas

TIMES = ("Came first", "Then", "After that", "Came last")
LEVELS = [0.001, 0.01, 0.05]
KINDS = {"forbidden": "Arrows that cannot be", "required": "Arrows that must be"}
SHARES = ("confidence", "same way")
RESAMPLES = [0, 20, 50, 100]
IN_THE_GRAPH = ("treatment", "outcome", "covariate", "instrument", "mediator")


def usual(held) -> dict:
    """The search that the study's roles suggest."""
    found = answers.candidates_of(held, "boss").names
    roles = roles_of(held, answers.guesses(answers.unit_log_of(held)))
    names = [name for name in found if roles.get(name) in IN_THE_GRAPH or name in drawn().observed]
    known = knowledge_from_roles((name, role) for name, role in drawn().roles if name in names)
    tiers = [list(tier) for tier in known.tiers]
    return {
        "method": "boss",
        "names": names,
        "tiers": [*tiers, *([] for _ in range(len(TIMES) - len(tiers)))],
        "forbidden": [list(pair) for pair in known.forbidden],
        "required": [],
        "level": 0.01,
        "penalty": 1.0,
        "resamples": 50,
    }


def form(held) -> dict:
    """What is chosen now: what a person changed, else the usual; columns that are no more are left out."""
    found = answers.candidates_of(held, "boss").names
    chosen = {**usual(held), **current_study.view("search", {})}
    names = [name for name in chosen["names"] if name in found]
    return {**chosen, "names": names, **known_about(names, chosen)}


def known_about(names, chosen) -> dict:
    """Of what is known beforehand, what concerns these columns."""
    return {
        "tiers": [[name for name in tier if name in names] for tier in chosen["tiers"]],
        **{kind: [list(pair) for pair in chosen[kind] if set(pair) <= set(names)] for kind in KINDS},
    }


def take(name: str) -> None:
    value = current_study.value(name)
    if name in KINDS:
        value = [list(pair) for pair in value]
    current_study.change_view(search={**current_study.view("search", {}), name: value})


def take_names() -> None:
    take("names")
    current_study.renew()  # times and arrows offer the columns chosen here


def take_tier(place: int) -> None:
    """A column stands in one tier: where it was last put."""
    tiers, put = form(current_study.study())["tiers"], current_study.value(f"tier {place}")
    moved = any(set(put) & set(tier) for number, tier in enumerate(tiers) if number != place)
    wanted = [[name for name in tier if name not in put] for tier in tiers]
    wanted[place] = list(put)
    current_study.change_view(search={**current_study.view("search", {}), "tiers": wanted})
    if moved:
        current_study.renew()


def start_again() -> None:
    current_study.change_view(search={})
    current_study.renew()


def request(held) -> dict:
    """The search as the workers take it; raises where what is known contradicts itself."""
    chosen = form(held)
    fit = answers.candidates_of(held, chosen["method"]).names
    names = [name for name in chosen["names"] if name in fit]
    known = known_about(names, chosen)
    Knowledge(**known)
    options = {name: chosen[name] for name in ("method", "level", "penalty", "resamples")}
    return {"names": names, "knowledge": known, "options": options}


def search() -> None:
    held = current_study.study()
    try:
        asked = request(held)
        answers.search_graph(held, asked)
    except DoableError as error:
        current_study.keep("search refusal", str(error))
        return
    current_study.keep("search refusal", None)
    current_study.change_view(**{"search asked": asked})


def dismiss(pairs) -> None:
    current_study.change_view(dismissed=[list(pair) for pair in pairs])


def choose_search(held, chosen) -> None:
    st.segmented_control(
        "Search",
        list(SEARCH_TITLES),
        default=chosen["method"],
        format_func=SEARCH_TITLES.get,
        key=current_study.key("method"),
        on_change=take,
        args=("method",),
        required=True,
    )
    st.caption(escape.markdown(SEARCH_USES[chosen["method"]]))
    st.multiselect(
        "Columns to search among",
        answers.candidates_of(held, "boss").names,
        default=chosen["names"],
        key=current_study.key("names"),
        on_change=take_names,
    )
    unfit = answers.candidates_of(held, chosen["method"]).left_out
    if unfit:
        with st.expander(f"{counted(len(unfit), 'column')} that {SEARCH_TITLES[chosen['method']]} cannot take"):
            for reason in unfit.values():
                st.markdown(f"- {escape.markdown(reason)}")


def choose_knowledge(chosen) -> None:
    pairs = [[cause, effect] for cause in chosen["names"] for effect in chosen["names"] if cause != effect]
    with st.expander("What you know beforehand", icon=":material/schedule:", expanded=True):
        st.caption(
            "Nothing causes what came before it; columns named nowhere may stand anywhere. Filled in from the roles on "
            "your graph."
        )
        columns = (*st.columns(2), *st.columns(2))
        for place, (column, label) in enumerate(zip(columns, TIMES, strict=True)):
            column.multiselect(
                label,
                chosen["names"],
                default=chosen["tiers"][place],
                key=current_study.key(f"tier {place}"),
                on_change=take_tier,
                args=(place,),
            )
        for kind, column in zip(KINDS, st.columns(2), strict=True):
            column.multiselect(
                KINDS[kind],
                [tuple(pair) for pair in pairs],
                default=[tuple(pair) for pair in chosen[kind]],
                format_func=lambda pair: f"{pair[0]} → {pair[1]}",
                key=current_study.key(kind),
                on_change=take,
                args=(kind,),
            )


def choose_options(chosen) -> None:
    with st.expander("How it searches", icon=":material/tune:"):
        left, right = st.columns(2)
        if chosen["method"] in ("pc", "fci"):
            left.selectbox(
                "Level of each test",
                LEVELS,
                index=LEVELS.index(chosen["level"]),
                key=current_study.key("level"),
                on_change=take,
                args=("level",),
                help="A smaller level joins fewer columns.",
            )
        else:
            left.slider(
                "Price of an edge, as a multiple of BIC's",
                0.5,
                5.0,
                value=float(chosen["penalty"]),
                step=0.5,
                key=current_study.key("penalty"),
                on_change=take,
                args=("penalty",),
                help="A higher price joins fewer columns.",
            )
        right.select_slider(
            "Searches on resampled rows, for the confidence",
            RESAMPLES,
            value=chosen["resamples"],
            key=current_study.key("resamples"),
            on_change=take,
            args=("resamples",),
            help="Each one takes about as long as the search itself.",
        )
        st.button("Fill in from the roles again", on_click=start_again, icon=":material/restart_alt:")


def marks(proposal) -> dict:
    proposed = [
        {
            "left": each.left,
            "right": each.right,
            "kind": each.kind,
            "confidence": each.confidence,
            "sentence": edge_sentence(each),
        }
        for each in proposal.edges
    ]
    return {"proposed": proposed, "dismissed": current_study.view("dismissed", [])}


def in_percent(row: dict) -> dict:
    """What is shown of a row; the download has the rest."""
    shown = {name: row[name] for name in ("left", "edge", "right", *SHARES, "in your graph")}
    return shown | {name: None if row[name] is None else 100 * row[name] for name in SHARES}


def show(proposal) -> None:
    graph = drawn()
    show_finding(proposal_headline(proposal))
    st.caption(
        "Dotted edges are proposals: choose one to accept it as an arrow of your graph, or to dismiss it. "
        + escape.markdown(searched_sentence(proposal))
    )
    study_canvas("suggested", marks(proposal), graph, on_dismiss=dismiss)
    missing = unfound_sentence(proposal, graph)
    if missing:
        st.markdown(escape.markdown(missing))
    rows = edge_rows(proposal, graph)
    if rows:
        share = st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f %%")
        st.dataframe(
            [in_percent(row) for row in rows],
            hide_index=True,
            width="stretch",
            height="content",
            column_config=dict.fromkeys(SHARES, share),
        )
        st.download_button(
            "Download as CSV",
            figure.as_csv(rows),
            file_name="proposed edges.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def model_marks(edges, endpoint) -> dict:
    proposed = [
        {
            "left": each.cause,
            "right": each.effect,
            "kind": "directed",
            "confidence": None,
            "sentence": suggested_sentence(each, endpoint.model),
        }
        for each in edges
    ]
    return {"proposed": proposed, "dismissed": current_study.view("dismissed", [])}


def ask_the_model(held) -> None:
    """Arrows that a language model suggests by the columns' names, to accept or dismiss one by one."""
    st.markdown("#### By a language model")
    endpoint = language_model.named()
    if endpoint is None:
        return
    st.caption("It sees the names and types of the columns chosen above, and none of their values.")
    table, question = answers.table_of(held), question_of(held)
    names = form(held)["names"]
    columns = {name: table.types[name] for name in names}
    message = edges_message(columns, question.treatment, question.outcome)
    replies = language_model.asked_and_told(held, endpoint, "edges", [message], "Ask the model for arrows")
    if replies is None:
        return
    edges = read_edges(replies[0], names)
    if not edges:
        st.caption("What the model wrote names no arrow between these columns.")
        return
    st.markdown(f"**{escape.markdown(model_headline(edges, endpoint.model))}**")
    st.caption(
        "Dotted arrows are suggestions: choose one to accept or to dismiss it. They come from words, not from the log."
    )
    study_canvas("suggested by a model", model_marks(edges, endpoint), drawn(), on_dismiss=dismiss)
    st.dataframe(suggested_rows(edges, drawn()), hide_index=True, width="stretch", height="content")


held = journey.require("log", "question")
headline("Suggest a graph", question_of(held))
asked = current_study.view("search asked")
job = None if asked is None else answers.search_job(held, asked)
proposal = answers.proposal_told(job)
if proposal is not None:
    with error_box():
        show(proposal)
st.info(escape.markdown(NEVER_THE_TRUTH), icon=":material/explore:")
if job is not None and job.active:
    background.follow(job.id)
else:
    chosen = form(held)
    choose_search(held, chosen)
    choose_knowledge(chosen)
    choose_options(chosen)
    refusal = current_study.kept("search refusal", lambda: None)
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")
    background.say_how_it_ended(job)
    st.button(
        "Search" if proposal is None else "Search again",
        type="primary" if proposal is None else "secondary",
        on_click=search,
        icon=":material/search:",
        key="search",
    )
with error_box():
    ask_the_model(held)
if proposal is not None:
    journey.next_button("graph", "Go on with the graph")
