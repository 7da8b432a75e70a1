import streamlit as st

from causal.archive.contents import question_of
from causal.text.facts import LANGUAGES
from causal.text.writing import description_message, written
from causal.wording import escape
from causal.wording.item_texts import MOST_FACTS, ItemChoice, guessed_choice
from causal.wording.numbers import counted
from pages.ui import answers, current_study, figure, journey, language_model
from pages.ui.error_box import error_box
from pages.ui.headline import headline, show_finding

MOST_ROWS = 20
NO_COLUMN = "none"


def take(name: str) -> None:
    chosen = {**current_study.view("descriptions", {}), name: current_study.value(f"descriptions {name}")}
    current_study.change_view(descriptions=chosen)


def take_unit(column: str) -> None:
    kept = current_study.view("descriptions", {})
    units = {**kept.get("units", {}), column: current_study.value(f"unit of {column}").strip()[:20]}
    current_study.change_view(descriptions={**kept, "units": units})


def widget(name: str) -> dict:
    return {"key": current_study.key(f"descriptions {name}"), "on_change": take, "args": (name,)}


def choose(held, table) -> ItemChoice:
    """Which columns tell of the item: what a person chose, else what their names suggest."""
    kept, guess = current_study.view("descriptions", {}), guessed_choice(table)
    names = list(table.names)
    first, second, third = st.columns([2, 2, 1])
    titles = [NO_COLUMN, *names]
    title = kept.get("title", guess.title or NO_COLUMN)
    title = first.selectbox(
        "The item's title", titles, titles.index(title) if title in titles else 0, **widget("title")
    )
    liked = kept.get("interests", NO_COLUMN)
    liked = second.selectbox(
        "What the reader likes",
        titles,
        titles.index(liked) if liked in titles else 0,
        help="A column with the interests of the row's person, separated by commas.",
        **widget("interests"),
    )
    language = third.segmented_control(
        "Language",
        list(LANGUAGES),
        default=kept.get("language", "en"),
        format_func=LANGUAGES.get,
        required=True,
        **widget("language"),
    )
    offered = [name for name in names if name not in (title, liked)]
    facts = [name for name in kept.get("facts", guess.facts) if name in offered]
    facts = st.multiselect("Facts about the item", offered, facts, max_selections=MOST_FACTS, **widget("facts"))
    units = choose_units(table, facts, kept.get("units", {}))
    told = (None if each == NO_COLUMN else each for each in (title, liked))
    return ItemChoice(next(told), tuple(facts), next(told), units, language)


def choose_units(table, facts, kept) -> dict[str, str]:
    numbers = [name for name in facts if table.types[name] == "numeric"]
    units = {}
    for column, name in zip(st.columns(max(len(numbers), 2)), numbers, strict=False):
        units[name] = column.text_input(
            f"Unit of {escape.markdown(name, 24)}",
            value=kept.get(name, ""),
            max_chars=20,
            placeholder="$, minutes, %",
            key=current_study.key(f"unit of {name}"),
            on_change=take_unit,
            args=(name,),
        )
    return units


def served_units(table) -> dict[int, str]:
    """The rows that were chosen on the policy page, with their arms; none once the table is another."""
    kept = current_study.view("descriptions", {}).get("served") or {}
    if kept.get("table") != table.fingerprint:
        return {}
    return {int(row): str(arm) for row, arm in kept["units"][:MOST_ROWS] if 0 <= int(row) < len(table)}


def choose_rows(table) -> tuple[list[int], dict[int, str], int]:
    """The rows, what arm the policy gives them where they are its units, and the number of the wording."""
    kept, served = current_study.view("descriptions", {}), served_units(table)
    by_policy = bool(served) and (
        st.segmented_control(
            "For whom",
            ["served", "rows"],
            default=kept.get("whom", "served"),
            format_func={"served": f"{counted(len(served), 'unit')} of the policy", "rows": "Rows by number"}.get,
            required=True,
            **widget("whom"),
        )
        == "served"
    )
    left, middle, right = st.columns(3)
    if by_policy:
        left.caption("Chosen in the policy's table, each with the arm that it gets there.")
        if middle.button("Choose others", icon=":material/payments:"):
            journey.go("policy")
        rows = list(served)
    else:
        most = min(MOST_ROWS, len(table))
        held_first = min(int(kept.get("first", 1)), len(table))
        first = int(left.number_input("From row", 1, len(table), held_first, **widget("first")))
        count = middle.number_input("So many rows", 1, most, min(int(kept.get("count", 5)), most), **widget("count"))
        rows = list(range(first - 1, min(first - 1 + int(count), len(table))))
    seed = right.number_input(
        "Wording",
        0,
        999,
        int(kept.get("seed", 0)),
        help="Another number puts the same facts in other words.",
        **widget("seed"),
    )
    return rows, served if by_policy else {}, int(seed)


def rows_of(rows, arms, texts, shown) -> list[dict]:
    return [
        {
            "row": row + 1,
            **({"arm": arms[row]} if row in arms else {}),
            "item": text.facts.titles[0] if text.facts.titles else "",
            "text": each.description.text if each is not None else text.own.text,
            "written by": "the model" if each is not None and each.description.written_by == "model" else "our form",
            **({} if each is None else {"the model wrote": each.draft, "sent back because": each.verdict.reason}),
        }
        for row, text, each in zip(rows, texts, shown, strict=True)
    ]


def show(told) -> None:
    """Each text as its reader would see it, then the same as a table to take away."""
    for row in told:
        with st.container(border=True, gap="small"):
            st.markdown(escape.markdown(row["text"]))
            arm = f" gets {row['arm']}" if "arm" in row else ""
            by = f"Row {row['row']}{arm}, written by {row['written by']}."
            why = row.get("sent back because")
            st.caption(escape.markdown(f"{by} The model's text was sent back: {why}" if why else by))
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(told, hide_index=True, width="stretch")
        st.download_button(
            "Download as CSV",
            figure.as_csv(told),
            file_name="descriptions.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def with_the_model(held, texts):
    """What a language model makes of the same facts, each text held to them; None where it was not asked."""
    st.markdown("#### In a language model's words")
    endpoint = language_model.named()
    if endpoint is None or not language_model.agree_to_rows(endpoint):
        return None
    messages = [description_message(each.facts, each.interests) for each in texts]
    replies = language_model.asked_and_told(held, endpoint, "descriptions", messages, "Write with the model")
    if replies is None:
        return None
    made = [written(reply, text.facts, text.own) for reply, text in zip(replies, texts, strict=True)]
    kept = sum(each.verdict.passed for each in made)
    st.markdown(
        f"Of {counted(len(made), 'text')} by the model {kept} kept to the facts. The others gave way to our own form; "
        "the table says why."
    )
    return made


held = journey.require("log", "question")
headline("Descriptions", question_of(held))
table = answers.table_of(held)
finding = st.container()
choice = choose(held, table)
rows, arms, seed = choose_rows(table)
with error_box():
    drivers = answers.effect_drivers_told(held)
    texts = answers.item_texts(held, choice, rows, drivers, seed)
    place = st.container()
    made = with_the_model(held, texts)
    told = rows_of(rows, arms, texts, made or [None] * len(texts))
    with finding:
        show_finding(
            f"{counted(len(texts), 'description')}, each put together from what its row says and nothing else."
            if choice.title or choice.facts
            else "Choose the columns that say what an item is."
        )
    with place:
        show(told)
        if drivers is None:
            st.caption(
                "Once “Who benefits” has learnt the effect for each row, a text also says what its prediction rests on."
            )
    language_model.show_log(held)
