"""Texts of the units as variables: what is read, what it is about, and what adjusting for it changes."""

from dataclasses import replace

import streamlit as st

from causal.archive.contents import (
    base_spec,
    graph_after,
    graph_of,
    in_its_unit,
    question_of,
    texts_of,
    with_confounder,
)
from causal.errors import DoableError
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import before
from causal.plots import text_comparison as comparison_figure
from causal.plots import text_map as map_figure
from causal.text.writing import language_of_words, topic_message, topic_names
from causal.wording import escape
from causal.wording import text as wording
from pages.ui import answers, background, current_study, figure, journey, language_model
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding

KIND = "compare text"
DRAFT = "text draft"
OF = {"unit": "The text in each unit's own row", "history": "What its user read, searched or wrote before the anchor"}
NONE = "(all alike)"
DAYS = {None: "all the time before", 1: "1 day", 7: "7 days", 14: "14 days", 30: "30 days", 90: "90 days"}
HALF = {None: "no decay", 1: "1 day", 7: "7 days", 30: "30 days"}
FILE = "vectors from a file"
WANTED = "text vectors wanted"
AUTOMATIC = "chosen from the texts"
SHARES = (0.5, 0.8, 0.9, 0.99)


def draft(columns) -> TextRecipe:
    """The text that the form shows: as it was last chosen, else one that is read already, else the likeliest."""
    kept, held = current_study.view(DRAFT), current_study.study()
    read = answers.recipe_of(held).texts
    if kept is not None:
        made = TextRecipe.from_json(kept)
        if set(made.read) <= set(columns.get(made.of, ())):
            return made
    if read:
        return read[-1]
    of = next(name for name in ("unit", "history") if columns.get(name))
    return TextRecipe((columns[of][0],), of)


def by_vectors() -> bool:
    """Whether vectors from a file take the encoder's place, or are about to."""
    kept = current_study.view(DRAFT)
    return current_study.view(WANTED, kept is not None and kept.get("vectors") is not None)


def take_encoder(text: TextRecipe | None) -> None:
    """An encoder, or vectors from a file: then the columns are those of their ids."""
    chosen = FILE if text is None else current_study.value("text encoder")
    if chosen == FILE:
        current_study.change_view(**{WANTED: True})
        return
    changed = replace(text, encoder=chosen, vectors=None)
    offered = answers.text_columns(current_study.study())
    if not set(changed.read) <= set(offered.get(changed.of, ())):
        of = next((name for name, columns in offered.items() if columns), None)
        changed = None if of is None else TextRecipe((offered[of][0],), of, encoder=chosen)
    current_study.change_view(**{DRAFT: None if changed is None else changed.to_json(), WANTED: False})
    current_study.renew()


def take_vectors(text: TextRecipe | None) -> None:
    """A file of vectors: kept with the study, and met with the column that holds most likely its ids."""
    given = current_study.value("text vectors")
    if given is None:
        return
    try:
        reference, vectors = answers.keep_vectors(given.getvalue(), given.name)
    except DoableError as refusal:
        current_study.notice(str(refusal))
        return
    of, column = answers.likely_ids(current_study.study(), vectors.ids)
    made = TextRecipe((column,), of) if text is None else text
    changed = replace(made, columns=(column,), of=of, name="", names=(), vectors=(given.name, reference.blob))
    current_study.change_view(**{DRAFT: changed.to_json(), WANTED: True})
    current_study.renew()


def take_ids(text: TextRecipe) -> None:
    changed = replace(text, columns=(current_study.value("text ids"),), name="", names=())
    current_study.change_view(**{DRAFT: changed.to_json()})
    current_study.renew()


def take(text: TextRecipe, field: str) -> None:
    """One choice of the form; the name follows the columns."""
    chosen = current_study.value(f"text {field}")
    if field == "columns" and not chosen:
        current_study.notice("At least one column has to be read.")
        current_study.renew()
        return
    if field == "of":
        held = current_study.study()
        offered = answers.id_columns(held) if text.vectors else answers.text_columns(held)
        same = text.read if set(text.read) <= set(offered[chosen]) else (offered[chosen][0],)
        changed = TextRecipe(same, chosen, encoder=text.encoder, vectors=text.vectors)
    elif field == "columns":
        changed = replace(text, columns=tuple(chosen), name="", names=())
    elif field == "window":
        changed = replace(text, window=before(chosen))
    elif field == "components":
        share = chosen if chosen in SHARES else None
        count = None if share is not None or chosen == AUTOMATIC else int(chosen)
        changed = replace(text, components=count, hold=share, names=())
    elif field == "topics":
        changed = replace(text, **{field: None if chosen == AUTOMATIC else int(chosen), "names": ()})
    else:
        if field == "engagement" and chosen == NONE:
            chosen = None
        changed = replace(text, **{field: tuple(chosen) if field == "kinds" else chosen})
    current_study.change_view(**{DRAFT: changed.to_json()})
    if field in ("of", "columns"):
        current_study.renew()


def choose(held, columns, text: TextRecipe) -> None:
    """What is read, and how."""
    if len([each for each in columns.values() if each]) > 1:
        choice("of", "Which text", [each for each in OF if columns.get(each)], text.of, text, OF.get)
    left, right = st.columns(2)
    if by_vectors():
        left.selectbox(
            "Column with the ids of the vectors",
            columns[text.of],
            index=columns[text.of].index(text.read[0]) if text.read[0] in columns[text.of] else 0,
            key=current_study.key("text ids"),
            on_change=take_ids,
            args=(text,),
        )
    else:
        left.multiselect(
            "Columns read as one text",
            columns[text.of],
            list(text.read),
            key=current_study.key("text columns"),
            on_change=take,
            args=(text, "columns"),
            help="Two or more columns are read as one text, such as a title and its genres.",
        )
    known = {each.name: each for each in answers.encoders()}
    offered = [*(name for name, each in known.items() if each.installed), FILE]
    chosen = FILE if by_vectors() else text.encoder
    right.selectbox(
        "Encoder",
        offered,
        index=offered.index(chosen) if chosen in offered else 0,
        format_func=lambda name: "Vectors from a file" if name == FILE else known[name].title,
        key=current_study.key("text encoder"),
        on_change=take_encoder,
        args=(text,),
        help="The multilingual one knows 16 languages, Chinese among them. Both run on this server, without a network. "
        "Vectors of texts, images or audio that were made elsewhere can take their place.",
    )
    if by_vectors():
        choose_vectors(text)
    if text.of == "history":
        choose_history(held, text)
    with st.expander("How many columns it becomes", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            choice(
                "components",
                "Components to adjust for",
                [AUTOMATIC, *SHARES, 2, 4, 8, 16, 32, 64, 128],
                text.components or text.hold or AUTOMATIC,
                text,
                lambda each: f"as many as hold {each:.0%}" if isinstance(each, float) else str(each),
                "By default as many as hold 95 % of what tells the texts apart, at most 64; with another share at most "
                "128. Never more than one for every 25 units.",
            )
        with right:
            choice(
                "topics",
                "Topics",
                [AUTOMATIC, *range(2, 21)],
                AUTOMATIC if text.topics is None else text.topics,
                text,
                str,
                "By default 8.",
            )


def choose_vectors(text: TextRecipe | None) -> None:
    """The file of vectors, each of which stands for its id in the column."""
    st.file_uploader(
        "Vectors: Parquet with ids and lists, .npz with ids and vectors, or .npy (ids are row numbers from 0)",
        type=["parquet", "npz", "npy"],
        key=current_study.key("text vectors"),
        on_change=take_vectors,
        args=(text,),
    )
    if text is not None and text.vectors is not None:
        st.caption(f"Taken: the vectors of {escape.markdown(text.vectors[0], 60)}.")


def choose_history(held, text: TextRecipe) -> None:
    """Which events before the anchor count, and how much each."""
    events = answers.recipe_of(held).events
    first, second, third = st.columns(3)
    days = None if text.window.start is None else -text.window.start // 86_400
    with first:
        choice("window", "Looking back over", list({**DAYS, days: ""}), days, text, lambda n: DAYS.get(n, f"{n} days"))
    with second:
        choice(
            "half_life",
            "An event counts half after",
            list({**HALF, text.half_life: ""}),
            text.half_life,
            text,
            lambda n: HALF.get(n) or f"{n:g} days",
            "What was read lately says more about a user's taste than what was read long ago.",
        )
    with third:
        choice(
            "engagement",
            "An event counts as much as its",
            [NONE, *answers.number_columns(held)],
            text.engagement or NONE,
            text,
            str,
            "Such as minutes watched: what was watched to its end says more than what was clicked away.",
        )
    if events is not None and events.columns.kind is not None:
        kinds = answers.kinds_of_events(held)
        st.multiselect(
            "Only these kinds of events",
            kinds,
            [each for each in text.kinds if each in kinds],
            key=current_study.key("text kinds"),
            on_change=take,
            args=(text, "kinds"),
            placeholder="all kinds",
        )


def choice(field, label, options, chosen, text, shown=str, help=None) -> None:
    st.selectbox(
        label,
        options,
        index=options.index(chosen) if chosen in options else 0,
        format_func=shown,
        key=current_study.key(f"text {field}"),
        on_change=take,
        args=(text, field),
        help=help,
    )


def start(text: TextRecipe) -> None:
    answers.read_text(current_study.study(), text)


def rename(text: TextRecipe, topics) -> None:
    """The names that a person wrote into the table."""
    names = {}
    for place, changed in current_study.value("topic names")["edited_rows"].items():
        if "topic" in changed:
            names[topics[int(place)].number] = (changed["topic"] or "").strip()
    take_names(text, topics, names)


def take_names(text: TextRecipe, topics, others) -> None:
    """Other names of topics: in the draft, and where the text is among the units' columns, there too."""
    names = {**dict(text.names), **others}
    renamed = replace(text, names=tuple(sorted((number, name) for number, name in names.items() if name)))
    held = current_study.mine()
    fields = {"view": {**held.view, DRAFT: renamed.to_json()}}
    recipe = answers.recipe_of(held)
    if text.name in texts_of(held):
        texts = tuple(renamed if each.name == text.name else each for each in recipe.texts)
        fields["recipe"] = replace(recipe, texts=texts).to_json()
        fields["graph"] = graph_with_new_names(held, text, renamed, topics)
    current_study.change("Renamed a topic", **fields)
    current_study.renew()


def graph_with_new_names(held, text: TextRecipe, renamed: TextRecipe, topics) -> str | None:
    graph, new = graph_of(held), dict(renamed.names)
    if graph is None:
        return held.graph
    for topic in topics:
        old, name = f"{text.name}: {topic.name}", f"{text.name}: {new.get(topic.number, topic.name)}"
        if old in graph.nodes and name not in graph.nodes:
            graph = graph.renamed(old, name)
    return graph.to_text("json")


def put_in(text: TextRecipe, drawn: tuple[str, ...]) -> None:
    """The text among the units' columns, and on the graph as what is chosen."""
    held = current_study.mine()
    recipe = answers.recipe_of(held)
    texts = (*(each for each in recipe.texts if each.name != text.name), text)
    wanted = {"recipe": replace(recipe, texts=texts).to_json(), "view": {**held.view, DRAFT: text.to_json()}}
    guesses = answers.guesses(answers.unit_log_of(held))
    graph = graph_after(held, replace(held, **wanted), guesses)
    question = question_of(held)
    if graph is not None and question is not None:
        changed = graph_of(replace(held, graph=graph))
        for name in drawn:
            changed = with_confounder(changed, question, name)
        graph = changed.to_text("json")
    current_study.change(f"Put the text {text.name} to the units", graph=graph, **wanted)
    current_study.renew()


def take_out(name: str) -> None:
    held = current_study.mine()
    recipe = answers.recipe_of(held)
    kept = replace(recipe, texts=tuple(each for each in recipe.texts if each.name != name)).to_json()
    current_study.change(f"Took the text {name} out of the units", recipe=kept)
    current_study.renew()


def show(held, text: TextRecipe, found) -> None:
    """What was read: the finding, the map, the topics with their names."""
    show_finding(wording.reading_finding(found))
    if found.warning:
        st.warning(escape.markdown(found.warning), icon=":material/translate:")
    if text.vectors is None:
        st.caption(escape.markdown(wording.language_sentence(found.language)))
    offer(held, text, found)
    figure.show(map_figure.text_map(found, **figure.looks()), map_figure.rows(found), "topics on a map")
    figure.show(map_figure.topic_shares(found, **figure.looks()), map_figure.rows(found), "share of each topic")
    st.caption("A topic's name is its two most telling words. To give it another, click its cell.")
    st.data_editor(
        [
            {
                "topic": each.name,
                "share": 100 * each.share,
                "words": ", ".join(each.keywords),
                "nearest": " · ".join(each.nearest[:3]),
            }
            for each in found.topics
        ],
        column_config={
            "topic": st.column_config.TextColumn("Topic", max_chars=60),
            "share": st.column_config.NumberColumn("Share", format="%.1f %%", disabled=True),
            "words": st.column_config.TextColumn("Most telling words", disabled=True, width="medium"),
            "nearest": st.column_config.TextColumn("Nearest to its middle", disabled=True, width="large"),
        },
        hide_index=True,
        width="stretch",
        key=current_study.key("topic names"),
        on_change=rename,
        args=(text, found.topics),
    )
    with st.expander("Names by a language model", icon=":material/label:"):
        name_by_model(held, text, found.topics)


def name_by_model(held, text: TextRecipe, topics) -> None:
    """Names that a language model makes of the topics' words alone; taken by a click, else nothing changes."""
    endpoint = language_model.named()
    if endpoint is None:
        return
    messages = [topic_message(each.keywords, language_of_words(each.keywords)) for each in topics]
    replies = language_model.asked_and_told(held, endpoint, "topic names", messages, "Ask the model for names")
    if replies is None:
        return
    made = topic_names(replies, [each.keywords for each in topics])
    rows = [
        {"topic": each.name, "the model's name": name or "none that is short and plain"}
        for each, name in zip(topics, made, strict=True)
    ]
    st.dataframe(rows, hide_index=True, width="stretch", height="content")
    names = {each.number: name for each, name in zip(topics, made, strict=True) if name}
    if names:
        st.button(
            "Take these names",
            on_click=take_names,
            args=(text, topics, names),
            icon=":material/check:",
            key="take topic names",
        )


def offer(held, text: TextRecipe, found) -> None:
    """The one next step: to put the text to the units, or to go on once it is there."""
    inside = next((each for each in answers.recipe_of(held).texts if each.name == text.name), None)
    if inside == text:
        left, right = st.columns([3, 2])
        with left:
            journey.next_button(
                "graph" if question_of(held) else "question",
                "Draw what the text causes" if question_of(held) else "Ask the question",
            )
        right.button(
            "Take it out again", on_click=take_out, args=(text.name,), icon=":material/remove:", key="take text out"
        )
        return
    ways = {"text": "the text as one variable", "topics": "its topics, one variable each"}
    drawn = "text"
    if graph_of(held) is not None:
        drawn = st.radio(
            "On the graph, as a common cause of treatment and outcome, stands",
            list(ways),
            format_func=ways.get,
            horizontal=True,
            key=current_study.key("text drawn"),
            help="As one variable it stands for all its components, which leaves less of a common cause unadjusted; "
            "topics have names that arrows can be argued about.",
        )
    st.button(
        "Put it to the units",
        on_click=put_in,
        args=(text, (text.name,) if drawn == "text" else found.topic_names),
        type="primary",
        icon=":material/add:",
        key="put text in",
    )


def asked(held, name: str) -> dict:
    """What the comparison asks: the method of the headline if it adjusts, else the doubly robust one."""
    analysis = journey.chosen_analysis(held)
    usable = analysis is not None and analysis.method.adjusts and analysis.method.fit_from_table is None
    spec = analysis.spec if usable else base_spec(held)
    return {"spec": replace(spec, bootstrap=None).to_json(), "text": name}


def show_comparison(held, name: str) -> None:
    """The answer with and without the text."""
    st.markdown("### With and without the text")
    if graph_of(held) is None or question_of(held) is None:
        st.info("Once question and graph are there, this shows what adjusting for the text changes.")
        return
    job = background.worked_out(held, KIND, asked(held, name))
    if job is None:
        return
    found = in_its_unit(held, answers.text_comparison_told(job))
    st.markdown(f"**{escape.markdown(wording.comparison_finding(found))}**")
    figure.show(
        comparison_figure.text_steps(found, **figure.looks()),
        comparison_figure.rows(found),
        "with and without the text",
    )
    for sentence in (
        wording.settled_sentence(found),
        wording.strength_sentence(found),
        wording.balance_sentence(found),
    ):
        st.markdown(f"- {escape.markdown(sentence)}")
    with st.expander("What this rests on", icon=":material/gavel:"):
        others = ", ".join(escape.markdown(each, 40) for each in found.adjust_for) or "nothing else"
        st.markdown(
            f"- Beside the text are adjusted for: {others}.\n"
            "- What the text says was settled before the treatment, which did not change which text it is.\n"
            "- What both treatment and outcome depend on can be read off the components; what the encoder does not "
            "see stays unadjusted.\n"
            "- Components are made from the texts alone: neither treatment nor outcome is looked at."
        )
        st.caption("Source: Veitch, Sridhar and Blei 2020; Keith, Jensen and O'Connor 2020.")


held = journey.require("log")
headline("Text")
with error_box():
    columns = answers.id_columns(held) if by_vectors() else answers.text_columns(held)
    if not any(columns.values()):
        show_finding("The log has no column of texts.")
        st.info(
            "Titles, descriptions, searches or comments say what an item or a user is about. Where such a column is in "
            "the log, this page turns it into topics with names, and into columns that answers can adjust for.",
            icon=":material/explore:",
        )
        journey.next_button("question", "Ask the question")
        st.button(
            "Take vectors from a file instead",
            on_click=take_encoder,
            args=(None,),
            icon=":material/data_array:",
            key="take vectors",
        )
        st.stop()
    st.caption(
        "What a text is about may drive both the treatment and the outcome. Here it becomes columns: topics with "
        "names, and components that every method can adjust for."
    )
    text = draft(columns)
    choose(held, columns, text)
    if by_vectors() and text.vectors is None:
        show_finding("Choose a file of vectors.")
        st.stop()
    job = answers.text_job(held, text)
    found = answers.text_read(held, text)
    if job is not None and job.active:
        background.follow(job.id, stop="stop reading")
    elif found is None:
        background.say_how_it_ended(job)
        st.button(
            "Read the text", on_click=start, args=(text,), type="primary", icon=":material/play_arrow:", key="read text"
        )
    else:
        show(held, text, found.named(text.names))
    for name in texts_of(held):
        if name == text.name:
            show_comparison(held, name)
        else:
            st.caption(f"“{escape.markdown(name)}” is among the units' columns too.")
            st.button(
                f"Take “{escape.markdown(name, 40)}” out",
                on_click=take_out,
                args=(name,),
                icon=":material/remove:",
                key=f"take out {name}",
            )
