import dataclasses

import streamlit as st

from causal.archive.contents import graph_of, question_of, with_question
from causal.archive.graph_history import with_kept, without_kept
from causal.errors import DoableError
from causal.estimators.registry import method_named
from causal.graphs.difference import graph_difference
from causal.plots import version_forest as forest
from causal.wording import escape
from causal.wording.graph_versions import (
    answers_sentence,
    difference_headline,
    difference_sentences,
    version_sentence,
)
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.graph_image import graph_image
from pages.ui.headline import headline, show_finding

NOW = "now"


def keep() -> None:
    try:
        view = with_kept(current_study.study(), current_study.value("version name"))
    except DoableError as error:
        current_study.keep("version refusal", str(error))
        return
    current_study.keep("version refusal", None)
    if current_study.change("Kept a version of the graph", view=view):
        current_study.renew()


def forget(version) -> None:
    if current_study.change("Dropped the name of a version", view=without_kept(current_study.study(), version.name)):
        current_study.renew()


def use(version) -> None:
    """Takes an earlier graph as a further change: what is drawn now stays in the history."""
    if current_study.change(f"Took the version {version.name}", graph=version.graph.to_text("json")):
        current_study.renew()
        current_study.notice(f"The graph is now as in {version.name}. The one before stays in the history.")


def versions_of(held) -> dict:
    """Every version by its key: the graph as it is now, those with a name, those of the history."""
    found = answers.graph_versions(held)
    now = next(each for each in found if not each.kept)
    first = dataclasses.replace(now, key=NOW, name="the graph now", graph=graph_of(held))
    return {NOW: first, **{each.key: each for each in found if each is not now}}


def label_of(version) -> str:
    if version.key == NOW:
        return "The graph now"
    when = version.since.strftime("%d %b, %H:%M")
    return f"{version.name} ({when} UTC)" if version.kept else f"Before: {version.name} ({when} UTC)"


def spoken(version, other) -> str:
    """What a sentence calls it."""
    if version.key == NOW:
        return "the graph now"
    if version.kept:
        return f"“{version.name}”"
    return "the graph before" if other.key == NOW else f"the graph of {version.since.strftime('%d %b, %H:%M')}"


def name_it(held) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.text_input(
        "Keep the graph as it is now under a name",
        placeholder="for example: without the hidden cause",
        key=current_study.key("version name"),
        max_chars=60,
    )
    right.button("Keep", on_click=keep, icon=":material/bookmark_add:", width="stretch", key="keep version")
    refusal = current_study.kept("version refusal", lambda: None)
    if refusal:
        st.error(escape.markdown(refusal), icon=":material/block:")


def choose(found) -> list:
    """The two versions: by default the one before, and the graph now."""
    keys = list(found)
    chosen = []
    for place, (column, label) in enumerate(zip(st.columns(2), ("One version", "The other"), strict=True)):
        name = ("first version", "second version")[place]
        held = current_study.view(name)
        usual = keys[1] if place == 0 else NOW
        with column:
            st.selectbox(
                label,
                keys,
                index=keys.index(held if held in keys else usual),
                format_func=lambda key: label_of(found[key]),
                key=current_study.key(name),
                on_change=current_study.take,
                args=(name,),
            )
        chosen.append(found[held if held in keys else usual])
    return chosen


def show_version(version, other, reading, first: bool) -> None:
    """The picture, what it says, and the way back to it."""
    difference = graph_difference(version.graph, other.graph)
    own = [*difference.removed, *((effect, cause, "directed") for cause, effect in difference.turned)]
    marks = {"removed": own} if first else {"added": own}
    adjusted = reading.estimand.adjust_for if reading.estimand is not None else ()
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{escape.markdown(label_of(version))}**")
        graph_image(version.graph, label_of(version), width=520, ringed=adjusted, compact=True, **marks)
        st.markdown(escape.markdown(version_sentence(reading)))
        with st.container(horizontal=True):
            if version.key != NOW:
                st.button(
                    "Use this version",
                    on_click=use,
                    args=(version,),
                    icon=":material/history:",
                    key=f"use {version.key} {first}",
                )
            if version.kept:
                st.button(
                    "Drop the name",
                    on_click=forget,
                    args=(version,),
                    icon=":material/bookmark_remove:",
                    key=f"forget {version.key} {first}",
                )


def method_asked(held) -> str:
    names = [each["method"] for each in answers.methods_asked(held)]
    usual = held.view.get("chosen")
    return st.selectbox(
        "The answer by",
        names,
        index=names.index(usual) if usual in names else len(names) - 1,
        format_func=lambda name: method_named(name).title,
        key=current_study.key("versions by"),
    )


def ask(specs) -> None:
    held = current_study.study()
    try:
        current_study.keep("versions job", answers.submit(held, specs))
    except DoableError as error:
        current_study.notice(str(error))


def job_on(specs, running):
    """The work on these answers that goes on, also after a refresh."""
    wanted = [spec.to_json() for spec in specs]
    return next((each for each in running if all(spec in each.payload["specs"] for spec in wanted)), None)


def compare_answers(held, chosen, names) -> None:
    st.markdown("#### The answer each gives")
    method = method_asked(held)
    specs = [
        next(spec for spec in answers.specs_asked(held, with_question(each.graph, question)) if spec.method == method)
        for each in chosen
    ]
    # Read before the answers: work that ends in between is followed once more, not offered anew.
    running = [each for each in answers.jobs_of(held) if each.kind == "answer" and each.active]
    done = [answers.known(held, spec) for spec in specs]
    errors = [None if found else answers.error_of(held, spec) for spec, found in zip(specs, done, strict=True)]
    open_specs = [spec for spec, found, error in zip(specs, done, errors, strict=True) if found is None and not error]
    if any(done):
        sentence = answers_sentence(names, tuple(done), tuple(errors))
        if sentence:
            st.markdown(escape.markdown(sentence[:1].upper() + sentence[1:]))
        if not open_specs:
            named = [(label_of(each), found) for each, found in zip(chosen, done, strict=True) if found is not None]
            figure.show(forest.version_forest(named, **figure.looks()), forest.rows(named), "versions")
    for version, error in zip(chosen, errors, strict=True):
        if error:
            st.error(f"**{escape.markdown(label_of(version))}:** {escape.markdown(error)}", icon=":material/block:")
    job = job_on(open_specs, running) if open_specs else None
    if job is not None:
        background.follow(job.id)
    elif open_specs:
        st.button(
            "Answer with both graphs",
            on_click=ask,
            args=(specs,),
            type="primary",
            icon=":material/play_arrow:",
            key="answer both",
        )


held = journey.require("log", "question", "graph")
question = question_of(held)
headline("Graph versions", question)
found = versions_of(held)
if len(found) < 2:
    st.info(
        "Here you will see two versions of the graph side by side: what differs, and the answer that each gives. There "
        "is one version so far. Every change of the graph is kept; draw one, and come back.",
        icon=":material/explore:",
    )
    name_it(held)
    journey.next_button("graph", "Draw on the graph")
    st.stop()
pair = choose(found)
first, second = pair
difference = graph_difference(first.graph, second.graph)
names = (spoken(first, second), spoken(second, first))
sentence = difference_headline(difference, *names)
show_finding(sentence[:1].upper() + sentence[1:])
readings = [answers.study_reading(held, each.graph) for each in pair]
for place, column in enumerate(st.columns(2)):
    with column, error_box():
        show_version(pair[place], pair[1 - place], readings[place], first=place == 0)
for line in difference_sentences(difference, *names):
    st.markdown(f"- {escape.markdown(line)}")
if not difference.same:
    st.caption(
        "A cross marks an edge that only the first has, a plus one that only the second has; a second border marks "
        "what is adjusted for."
    )
with error_box():
    compare_answers(held, pair, names)
name_it(held)
journey.next_button("graph", "Go on with the graph")
