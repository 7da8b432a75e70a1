import dataclasses

import streamlit as st

from causal.errors import DoableError
from causal.logs.event_recipe import OWN_ANCHOR, Anchor, EventColumns, EventRecipe
from causal.logs.event_units import attrition, kinds_of, query_text, room
from causal.logs.ready_recipes import READY, EventGuess, best_ready, clock_of, fitted, guess_events, ready_recipe
from causal.plots.attrition import attrition as attrition_picture
from causal.plots.attrition import rows as attrition_rows
from causal.wording import escape
from causal.wording.units import fitted_sentence, flagged_sentence, recipe_sentence, rows_to_units, step_sentence
from pages.ui import answers, current_study, figure, journey
from pages.ui.background import follow, say_how_it_ended
from pages.ui.headline import show_finding
from pages.ui.measure_form import PARTS, measure_form, measure_list
from pages.ui.unit_recipe import save_events

ROWS = {"unit": "A unit already", "event": "An event"}
UNITS = {
    "user": "a user",
    "session": "a session",
    "user and item": "a user with an item",
    "impression": "an impression",
    "user and day": "a user's day",
}
ANCHORS = {
    "first event": "the first event",
    "first of a kind": "the first event of a kind (exposure)",
    "experiment start": "the first event since an experiment began",
    "date": "a date, the same for all",
}
DUPLICATES = {"keep": "Keep them", "rows": "Equal rows count once", "key": "The first row of each key counts"}
MACHINE_DAYS = {"before": "before the anchor", "all": "all"}
NONE = "(none)"
STORED = {  # how a number on the page is kept in the recipe
    "session_gap": lambda minutes: round(60 * minutes),
    "quantile_per_day": lambda per_cent: per_cent / 100,
    "since": lambda text: text.strip() or None,
    "until": lambda text: text.strip() or None,
}


def take_rows() -> None:
    chosen = current_study.value("what a row is")
    save_events(None if chosen == "unit" else first_recipe(answers.log_of(current_study.mine())))


def first_recipe(log) -> EventRecipe:
    """A ready recipe that finds most of what it looks for in this log."""
    found = answers.about_events(guess_events, log) or plain_guess(log)
    return recipe_from(best_ready(found), found, log)


def recipe_from(ready, found: EventGuess, log) -> EventRecipe:
    """A ready recipe with windows that fit what the log knows of its units."""
    return ready_recipe(ready, found, repeats(log), room_of(ready, found, log))


def room_of(ready, found: EventGuess, log):
    """How long the log knows the units of a ready recipe; None where it makes none of it."""
    usual = ready_recipe(ready, found, repeats(log))
    try:
        some, usual = (log, usual) if answers.made_at_once(log) else answers.some_of(log, usual)
    except DoableError:
        return None
    known = answers.about_events(room, some, usual)
    return None if isinstance(known, DoableError) else known


def fitted_note(recipe: EventRecipe, found: EventGuess, log) -> str | None:
    """What became of a ready recipe's windows in a short log, as long as the recipe's are these."""
    parts = ("unit", "anchor", "treatment", "outcomes", "covariates")
    held = [getattr(recipe, part) for part in parts]
    for ready in READY:
        usual = [getattr(ready_recipe(ready, found, repeats(log)), part) for part in parts]
        if usual[:3] != held[:3] or usual == held:
            continue
        known = room_of(ready, found, log)
        made = ready_recipe(ready, found, repeats(log), known)
        if [getattr(made, part) for part in parts] == held:
            return fitted_sentence(ready, fitted(ready, known))
    return None


def plain_guess(log) -> EventGuess:
    """Where nothing tells who and when: the first column, and the first that holds times."""
    times = [each for each in log.names if log.kind(each) == "time"] or list(log.names)
    return EventGuess(EventColumns(log.names[0], times[0]), {})


def repeats(log) -> bool:
    return any(each.kind == "duplicate rows" for each in answers.problems(log))


def take_ready() -> None:
    chosen = current_study.value("ready recipe")
    log = answers.log_of(current_study.mine())
    found = answers.about_events(guess_events, log)
    if chosen is not None and found is not None:
        save_events(recipe_from(next(each for each in READY if each.name == chosen), found, log))


def changed(recipe: EventRecipe, **fields) -> None:
    """Keep the recipe with these fields, or say why they do not fit and show what was."""
    try:
        save_events(dataclasses.replace(recipe, **fields))
    except DoableError as error:
        refuse(error)


def refuse(error: DoableError) -> None:
    """Say why a change cannot be made, and show the controls as they were."""
    current_study.notice(str(error))
    current_study.renew()


def take_column(recipe: EventRecipe, field: str, log) -> None:
    chosen = current_study.value(f"column {field}")
    wanted = {field: None if chosen == NONE else chosen}
    if field == "time":
        wanted["clock"] = clock_of(log, chosen)
    changed(recipe, columns=dataclasses.replace(recipe.columns, **wanted))


def take_unit(recipe: EventRecipe) -> None:
    unit = current_study.value("unit")
    cleaning = recipe.cleaning
    if unit == "session" and recipe.columns.session is None and cleaning.session_gap is None:
        cleaning = dataclasses.replace(cleaning, session_gap=1_800)
    changed(recipe, unit=unit, cleaning=cleaning)


def take_anchor(recipe: EventRecipe, kinds, log) -> None:
    of = current_study.value("anchor")
    ready = {
        "first of a kind": {"kinds": tuple(kinds[:1])},
        "experiment start": {"at": middle_day(recipe, log)},
        "date": {"at": middle_day(recipe, log)},
    }.get(of, {})
    changed(recipe, anchor=Anchor(of, **ready))


def middle_day(recipe: EventRecipe, log) -> str:
    """A date to begin with that lies in the log, where its times are known by now."""
    days = [each.middle_day for each in answers.profile(log) if each.name == recipe.columns.time]
    return next((each for each in days if each), "2024-01-01")


def take_anchor_detail(recipe: EventRecipe, field: str) -> None:
    given = current_study.value(f"{field} of anchor")
    try:
        anchor = dataclasses.replace(recipe.anchor, **{field: given if field == "at" else tuple(given)})
    except DoableError as error:
        refuse(error)
        return
    changed(recipe, anchor=anchor)


def take_cleaning(recipe: EventRecipe, field: str) -> None:
    given = current_study.value(field)
    wanted = {field: given if given is None or field not in STORED else STORED[field](given)}
    if given == "key":
        wanted["key"] = recipe.cleaning.key or (recipe.columns.user, recipe.columns.time)
    try:
        changed(recipe, cleaning=dataclasses.replace(recipe.cleaning, **wanted))
    except DoableError as error:
        refuse(error)


def take_choice(recipe: EventRecipe, field: str) -> None:
    changed(recipe, **{field: "keep" if current_study.value(field) else "drop"})


def take_clock(recipe: EventRecipe) -> None:
    changed(recipe, columns=dataclasses.replace(recipe.columns, clock=current_study.value("clock")))


def choose_columns(recipe: EventRecipe, log) -> None:
    columns = recipe.columns
    places = st.columns(3)
    wanted = (
        ("user", "Who", False),
        ("time", "When", False),
        ("kind", "What kind of event", True),
        ("item", "On which item", True),
        ("session", "In which session", True),
    )
    for place, (field, label, optional) in enumerate(wanted):
        offered = [NONE, *log.names] if optional else list(log.names)
        held = getattr(columns, field) or NONE
        places[place % 3].selectbox(
            label,
            offered,
            index=offered.index(held) if held in offered else 0,
            key=current_study.key(f"column {field}"),
            on_change=take_column,
            args=(recipe, field, log),
        )
    if columns.clock != "time":
        places[1].segmented_control(
            "Its numbers are, since 1970",
            ["seconds", "milliseconds"],
            default=columns.clock,
            required=True,
            key=current_study.key("clock"),
            on_change=take_clock,
            args=(recipe,),
        )
    places[2].text_input(
        "Time zone of days and dates",
        recipe.time_zone,
        key=current_study.key("time zone"),
        on_change=lambda: changed(recipe, time_zone=current_study.value("time zone").strip()),
        help="Such as Europe/Berlin. Times without a zone are taken as UTC.",
    )


def choose_unit(recipe: EventRecipe, kinds, log) -> None:
    left, right = st.columns(2)
    left.selectbox(
        "One row per",
        list(UNITS),
        index=list(UNITS).index(recipe.unit),
        format_func=UNITS.get,
        key=current_study.key("unit"),
        on_change=take_unit,
        args=(recipe,),
    )
    anchor = recipe.anchor
    if recipe.unit not in OWN_ANCHOR:
        offered = [each for each in ANCHORS if kinds or each != "first of a kind"]
        right.selectbox(
            "Looked at from",
            offered,
            index=offered.index(anchor.of) if anchor.of in offered else 0,
            format_func=ANCHORS.get,
            key=current_study.key("anchor"),
            on_change=take_anchor,
            args=(recipe, kinds, log),
            help="The anchor: covariates lie before it, outcomes from it on.",
        )
    if kinds and (anchor.of == "first of a kind" or recipe.unit == "impression"):
        right.multiselect(
            "Events that begin a unit",
            [*kinds, *(each for each in anchor.kinds if each not in kinds)],
            list(anchor.kinds),
            key=current_study.key("kinds of anchor"),
            on_change=take_anchor_detail,
            args=(recipe, "kinds"),
        )
    if anchor.of in ("experiment start", "date") and recipe.unit not in OWN_ANCHOR:
        right.text_input(
            "Date or moment",
            anchor.at or "",
            key=current_study.key("at of anchor"),
            on_change=take_anchor_detail,
            args=(recipe, "at"),
        )


def choose_cleaning(recipe: EventRecipe, log) -> None:
    cleaning = recipe.cleaning
    left, right = st.columns(2)
    left.selectbox(
        "Repeated rows",
        list(DUPLICATES),
        index=list(DUPLICATES).index(cleaning.duplicates),
        format_func=DUPLICATES.get,
        key=current_study.key("duplicates"),
        on_change=take_cleaning,
        args=(recipe, "duplicates"),
    )
    if cleaning.duplicates == "key":
        left.multiselect(
            "Columns of the key",
            log.names,
            list(cleaning.key),
            key=current_study.key("key"),
            on_change=take_cleaning,
            args=(recipe, "key"),
        )
    if recipe.unit == "session" and recipe.columns.session is None:
        left.number_input(
            "Minutes without an event that end a session",
            1.0,
            1_440.0,
            (cleaning.session_gap or 1_800) / 60,
            key=current_study.key("session_gap"),
            on_change=take_cleaning,
            args=(recipe, "session_gap"),
        )
    right.number_input(
        "Machines: users with more events on a day than",
        1,
        None,
        cleaning.most_per_day,
        placeholder="no limit",
        key=current_study.key("most_per_day"),
        on_change=take_cleaning,
        args=(recipe, "most_per_day"),
    )
    right.number_input(
        "or than so many per cent of all users' days",
        50.0,
        99.999,
        None if cleaning.quantile_per_day is None else round(100 * cleaning.quantile_per_day, 4),
        format="%.3f",
        placeholder="no limit",
        key=current_study.key("quantile_per_day"),
        on_change=take_cleaning,
        args=(recipe, "quantile_per_day"),
    )
    if cleaning.limits_days:
        right.segmented_control(
            "Events that count for that",
            list(MACHINE_DAYS),
            default=cleaning.machine_days,
            format_func=MACHINE_DAYS.get,
            required=True,
            key=current_study.key("machine_days"),
            on_change=take_cleaning,
            args=(recipe, "machine_days"),
            help="A treatment may change how much people do: then a rule that counts what they do after the anchor "
            "leaves out more of one arm than of the other, and the effect is wrong.",
        )
    for place, field, label in ((left, "since", "Rows from"), (right, "until", "Rows until, before")):
        place.text_input(
            label,
            getattr(cleaning, field) or "",
            placeholder="no limit",
            key=current_study.key(field),
            on_change=take_cleaning,
            args=(recipe, field),
            help="A date or a moment, such as 2024-05-31 or 2024-05-31 14:00, in the recipe's time zone.",
        )
    newcomers = [("newcomers", "Keep units without an event before the date (newcomers)")]
    for field, label in (
        *(newcomers if recipe.knows_newcomers else ()),
        ("without_anchor", "Keep units without the anchor's event (never exposed), from their first event on"),
        ("incomplete", "Keep units whose window the log cuts off (censored)"),
        ("short_history", "Keep units whose history the log cuts off"),
    ):
        st.checkbox(
            label,
            getattr(recipe, field) == "keep",
            key=current_study.key(field),
            on_change=take_choice,
            args=(recipe, field),
        )


def show_result(recipe: EventRecipe, log, held, flow, whole: bool) -> None:
    for each in recipe.cautions():
        st.warning(escape.markdown(each), icon=":material/warning:")
    if isinstance(flow, DoableError):
        st.error(escape.markdown(str(flow)), icon=":material/block:")
        return
    waits = answers.units_wait(held)
    if waits:
        journey.follow_units(held)
        if not whole:
            st.caption(
                "Counted among some of the users until the whole log is."
                if answers.all_here(log)
                else "Counted in the rows that are here, until the warehouse has made the units of all."
            )
    figure.show(attrition_picture(flow, **figure.looks()), attrition_rows(flow), "attrition")
    for why, units in flow.flagged:
        st.info(escape.markdown(flagged_sentence(why, units, flow.units)), icon=":material/info:")
    try:
        units = answers.some_units_of(log, recipe) if waits else answers.unit_log_of(held)
    except DoableError:  # no unit stays, as the picture shows
        units = None
    if units is not None:
        st.markdown("#### The first units" if not waits else f"#### Units of {partly(log)}")
        st.dataframe(answers.first_rows(units, 50), hide_index=True, height=240, width="stretch")
    with st.expander("The SQL that is run", icon=":material/code:"):
        if answers.all_here(log):
            st.code(str(answers.about_events(query_text, log, recipe)), language="sql")
        elif told := answers.query_told(answers.units_job(log, recipe)):
            st.code(told, language="sql")
        else:
            st.caption("It is shown here in the words of the warehouse once the units are made.")


def partly(log) -> str:
    """Of which part of a log something is said before all of it was counted."""
    return "some of the users" if answers.all_here(log) else "the rows that are here"


def counted_flow(recipe: EventRecipe, log):
    """What each step leaves out, or why it cannot be said; and whether that is counted in the whole log."""
    if answers.made_at_once(log):
        return answers.about_events(attrition, log, recipe), True
    told = answers.attrition_told(answers.units_job(log, recipe))
    if told is not None:
        return told, True
    try:
        return answers.about_events(attrition, *answers.some_of(log, recipe)), False
    except DoableError as refusal:
        return refusal, False


def counts_of(flow, part: str) -> None:
    """What the steps of one part of the page leave out, in small letters under its controls."""
    if isinstance(flow, DoableError):
        return
    said = [step_sentence(each) for each in flow.steps if part_of(each) == part]
    if said:
        st.caption(escape.markdown(" ".join(said)))


def part_of(step) -> str:
    if step.step == "without a user or a time":
        return "columns"
    return "unit" if step.step.startswith("found") or step.step == "without an anchor" else "cleaning"


def kinds_there(recipe: EventRecipe, log) -> list[str]:
    """The kinds of events: of a table in a warehouse those of some rows, until all have been counted there."""
    kinds = list(answers.about_events(kinds_of, log, recipe.columns.kind))
    if answers.all_here(log):
        return kinds
    job = answers.kinds_job(current_study.study(), recipe.columns.kind)
    if job.active:
        st.caption("The kinds of events offered here are those of some rows, until all are counted.")
        follow(job.id, stop="stop counting kinds")
    elif job.state == "done":
        return list(job.outcomes[0]["kinds"])
    else:
        say_how_it_ended(job)
    return kinds


def profiles_of(recipe: EventRecipe, log) -> dict:
    """What the columns of the units hold, by their names; none before there are units."""
    try:
        return {each.name: each for each in answers.profile(answers.some_units_of(log, recipe))}
    except DoableError:
        return {}


held = journey.require("log", units=False)
log, recipe = answers.log_of(held), answers.recipe_of(held).events
if recipe is None and not answers.all_here(log):  # whoever opened the table said that its rows are events
    save_events(first_recipe(log))
    st.rerun()
st.markdown("## Units")
if recipe is None:
    show_finding(f"Each of the {log.rows:,} rows is taken as a unit.")
    journey.next_button("columns", "Check the columns")
else:
    flow, whole = counted_flow(recipe, log)
    if isinstance(flow, DoableError):
        show_finding("The recipe does not fit the log yet.")
    else:
        show_finding(rows_to_units(flow) if whole else f"Of {partly(log)}, {rows_to_units(flow)}")
    journey.next_button("columns", "Check the columns", disabled=isinstance(flow, DoableError) or not flow.units)
    st.markdown(escape.markdown(recipe_sentence(recipe)))
if answers.all_here(log):
    st.segmented_control(
        "What is one row of this log?",
        list(ROWS),
        default="unit" if recipe is None else "event",
        format_func=ROWS.get,
        required=True,
        key=current_study.key("what a row is"),
        on_change=take_rows,
    )
if recipe is None:
    if answers.rows_are_events(log):
        st.info(
            "The rows look like events: users come several times, and a column says what they did. To ask about users "
            "or sessions, choose “An event”.",
            icon=":material/event_repeat:",
        )
    else:
        st.caption("There is nothing to make here. Choose “An event” if a user or a session has several rows.")
    st.stop()

guessed = answers.about_events(guess_events, log)
if isinstance(guessed, EventGuess):
    st.pills(
        "Start again from a ready recipe",
        [each.name for each in READY],
        format_func={each.name: each.title for each in READY}.get,
        default=None,
        key=current_study.key("ready recipe"),
        on_change=take_ready,
        help="\n\n".join(f"**{each.title}**: {each.story}" for each in READY),
    )
    if note := fitted_note(recipe, guessed, log):
        st.info(escape.markdown(note), icon=":material/straighten:")
kinds = kinds_there(recipe, log) if recipe.columns.kind in log.names else []
made, shown = st.columns([1, 1], gap="large")
with made:
    with st.expander("1 · Who, when, what", icon=":material/table_rows:"):
        choose_columns(recipe, log)
    counts_of(flow, "columns")
    with st.expander("2 · The unit, and from when on", expanded=True, icon=":material/anchor:"):
        choose_unit(recipe, kinds, log)
    counts_of(flow, "unit")
    with st.expander("3 · What is left out", icon=":material/filter_alt:"):
        choose_cleaning(recipe, log)
    counts_of(flow, "cleaning")
    profiles = profiles_of(recipe, log)
    for place, (part, title) in enumerate(PARTS.items(), start=4):
        st.markdown(f"**{place} · {title}**")
        measure_list(recipe, part, save_events, profiles)
        measure_form(recipe, part, log, kinds, save_events)
with shown:
    show_result(recipe, log, held, flow, whole)
