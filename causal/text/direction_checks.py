"""What a text says that effects do: the given way, the levels the right way round, no surer than the ledger allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from causal.text import plain_words as words
from causal.text.checked_text import WORD, CheckedText, Departure, Found, whole
from causal.text.facts import KnownEffect
from causal.text.plain_words import words_of


def wrong_directions(checked: CheckedText) -> Found:
    """What moves an outcome must move it the way that is given, and no more surely than the ledger allows."""
    said = list(_said_directions(checked))
    for place, quote, sign in said:
        if quote == "Grow" and not _names_an_effect(checked, place):
            continue  # "Grow plants in space": what one does with an item, not what an effect does
        if not checked.facts.effects:
            if quote.lower() not in checked.known:
                yield place, Departure("direction", quote, f"No fact says that anything “{quote}”.")
            continue
        yield from _direction(checked, place, quote, sign)
    yield from _nulls(checked)
    yield from _overclaims(checked, said)
    yield from _swapped(checked)


def _said_directions(checked: CheckedText) -> Iterator[tuple[int, str, int]]:
    """Place, word, and 1 or -1 after negation; 0 where it is only denied that it goes that way.

    Of "a lower tempo raises", the first word is the cause's level, and turns what follows.
    """
    if checked.facts.language == "en":
        levels = {match.start(): sign for match in WORD.finditer(checked.bare) if (sign := _level(checked, match))}
        for match in WORD.finditer(checked.bare):
            word = match[0].lower()
            sign = words.polarity(word) or _more_or_less(checked, match)
            if sign and match.start() not in levels and not _compares_numbers(checked, match.end()):
                start, end = checked.clause(match.start())
                for place, level in levels.items():
                    sign *= level if start <= place < end else 1
                before = [each.replace("’", "'") for each in checked.before(match.start(), 4)]
                denied = any(each in words.NEGATORS or each.endswith("n't") for each in before)
                yield match.start(), match[0], 0 if denied else sign
        return
    for sign, listed in ((1, words.UP_ZH), (-1, words.DOWN_ZH)):
        for each in listed:
            for match in re.finditer(each, checked.bare):
                near = checked.text[max(0, match.start() - 4) : match.start()]
                denied = any(no in near for no in words.NEGATORS_ZH)
                yield match.start(), each, 0 if denied else sign


def _names_an_effect(checked: CheckedText, place: int) -> bool:
    start, end = checked.clause(place)
    return any(start <= each.start < end for each in checked.spans if each.kind in ("effect", "level"))


def _compares_numbers(checked: CheckedText, place: int) -> bool:
    """ "fewer than 300" bounds a number, and says no direction."""
    than = re.compile(r"\s+than\s+").match(checked.text, place)
    return than is not None and any(than.end() <= each.start <= than.end() + 2 for each in checked.numbers)


_LEVELS = {
    **dict.fromkeys(words_of("higher longer greater larger more faster increased"), 1),
    **dict.fromkeys(words_of("lower shorter fewer smaller less slower reduced"), -1),
}


_BEFORE_LEVELS = frozenset(words_of("a an the with by of at from and or its while if"))


def _level(checked: CheckedText, match: re.Match[str]) -> int:
    """1 or -1 for a comparative that stands right before a cause."""
    before = checked.before(match.start(), 1)
    if before and before[0] not in _BEFORE_LEVELS:
        return 0
    sign = _LEVELS.get(match[0].lower(), 0)
    causes = [span for span in checked.spans if span.kind == "effect" and span.name == "cause"]
    return sign if any(0 < span.start - match.end() <= 3 for span in causes) else 0


def _more_or_less(checked: CheckedText, match: re.Match[str]) -> int:
    """ "more minutes" is a direction, "more like this" is not."""
    word = match[0].lower()
    if word not in ("more", "less") or not checked.facts.effects:
        return 0
    after = checked.text[match.end() : match.end() + 30].casefold()
    outcomes = [token for each in checked.facts.effects for token in each.outcome.casefold().split() if len(token) > 2]
    before = checked.before(match.start(), 1)
    done = any(set(words.stems(each)) & set(words.stems(other)) for each in outcomes for other in before)
    if done and not re.match(r"\s+\w", after):
        return 1 if word == "more" else -1  # "watch less", of the minutes watched
    if any(re.match(rf"\W*(?:\w+\W+)?{re.escape(each)}", after) for each in outcomes):
        return 1 if word == "more" else -1
    return 0


_SIGN = {"up": 1, "down": -1}


def _direction(checked: CheckedText, place: int, quote: str, sign: int) -> Found:
    about = _effects_near(checked, place)
    start, end = checked.sentence(place)
    sentence = checked.text[start:end].casefold()
    unclear = words.UNCLEAR_ZH if checked.facts.language == "zh" else words.UNCLEAR
    hedged_open = any(each in sentence for each in unclear)
    wanted = {each.direction for each in about}
    if wanted == {"unclear"}:
        if not hedged_open:
            yield (
                place,
                Departure("direction", quote, f"The facts do not say whether it goes up or down, “{quote}” does."),
            )
        return
    if hedged_open and sign and "unclear" not in wanted and "whether" in sentence:
        return
    signs = {_SIGN[each.direction] * _level_sign(each, checked, place) for each in about if each.direction in _SIGN}
    if (moved := _moves_another(checked, place, quote)) is not None:
        yield place, Departure("direction", quote, moved)
    elif signs != {sign}:
        yield place, Departure("direction", quote, f"“{quote}” is not the direction that the facts give.")


def _level_sign(effect: KnownEffect, checked: CheckedText, place: int) -> int:
    """-1 where the sentence tells of the control alone: what rises with the new falls with the old."""
    if not (effect.treated and effect.control) or effect.control.replace(".", "").isdigit():
        return 1
    start, end = checked.sentence(place)
    part = checked.text[start:end].casefold()
    return -1 if _mentions(part, effect.control) and not _mentions(part, effect.treated) else 1


def _moves_another(checked: CheckedText, place: int, quote: str) -> str | None:
    """Why what stands right before and after a word of direction is no cause and outcome of the facts, if so."""
    start, end = checked.clause(place)
    causes = {each.cause.casefold() for each in checked.facts.effects}
    outcomes = {each.outcome.casefold() for each in checked.facts.effects}
    inside = [each for each in checked.spans if start <= each.start < end and each.kind != "name"]
    before = [each for each in inside if 0 <= place - each.end <= 12]
    after = [each for each in inside if 0 <= each.start - place - len(quote) <= 6]
    first = before[-1].value.casefold() if before else ""
    second = after[0].value.casefold() if after else ""
    if first in outcomes and second in causes:
        return f"The facts say that {second} moves {first}, not the other way round."
    named = {each.value.casefold() for each in inside}
    if second and second not in outcomes | causes and after[0].kind == "word" and not named & outcomes:
        return f"No fact says what moves {second}."
    if first and first not in outcomes | causes and before[-1].kind == "word" and not named & causes:
        return f"No fact says what {first} moves."
    return None


def _effects_near(checked: CheckedText, place: int) -> list[KnownEffect]:
    """The effects that the clause, or else the sentence, names by cause and outcome; all where it names none."""
    every = list(checked.facts.effects)
    for start, end in (checked.clause(place), checked.sentence(place)):
        part = checked.text[start:end].casefold()
        by_cause = [each for each in every if each.cause and _mentions(part, each.cause)]
        if by_cause:
            narrowed = [each for each in by_cause if each.outcome and _mentions(part, each.outcome)]
            return narrowed or by_cause
    for start, end in (checked.clause(place), checked.sentence(place)):
        part = checked.text[start:end].casefold()
        by_outcome = [each for each in every if each.outcome and _mentions(part, each.outcome)]
        if by_outcome:
            return by_outcome
    return every


def _mentions(part: str, name: str) -> bool:
    return re.search(whole(name), part) is not None


def _nulls(checked: CheckedText) -> Found:
    """ "no effect" where there is one."""
    listed = words.NO_EFFECT_ZH if checked.facts.language == "zh" else words.NO_EFFECT
    text = checked.text.casefold()
    for each in listed:
        for match in re.finditer(re.escape(each), checked.bare.casefold()):
            start, end = checked.sentence(match.start())
            unclear = words.UNCLEAR_ZH if checked.facts.language == "zh" else words.UNCLEAR
            if any(open_ in text[start:end] for open_ in unclear):
                continue
            yield match.start(), Departure("direction", each, f"No fact says “{each}”.")


def _overclaims(checked: CheckedText, said: list[tuple[int, str, int]]) -> Found:
    """More surely causal than the ledger lets it be read."""
    standing, chinese = checked.facts.standing, checked.facts.language == "zh"
    if standing == "causal" or all(each.predicted for each in checked.facts.effects):
        return
    causal = (
        [(match.start(), each) for each in words.CAUSAL_ZH for match in re.finditer(each, checked.bare)]
        if chinese
        else [(m.start(), m[0]) for m in WORD.finditer(checked.bare) if m[0].lower() in words.CAUSAL]
    )
    causal = [(place, quote) for place, quote in causal if _is_about_an_effect(checked, place)]
    for place, quote in [*causal, *((place, quote) for place, quote, _ in said)]:
        start, end = checked.sentence(place)
        sentence = checked.text[start:end]
        if chinese:
            hedges = words.ASSOCIATIONS_ZH if standing == "do not use" else words.HEDGES_ZH
            hedged = any(each in sentence for each in hedges)
        else:
            listed = words.ASSOCIATIONS if standing == "do not use" else words.HEDGES
            hedged = any(each[0].lower() in listed for each in WORD.finditer(sentence))
            hedged |= standing == "tentative" and _IF_RIGHT.search(sentence) is not None
        if not hedged:
            told = f"“{quote}” claims more than the ledger allows: the answer stands as “{standing}”."
            yield place, Departure("causal claim", quote, told)


_IF_RIGHT = re.compile(
    r"\b(?:if|provided|assuming)\b[^.;!?]*\b(?:assumptions?|graph|model)\b[^.;!?]*\b(?:holds?|right|correct|met)\b",
    re.IGNORECASE,
)


def _is_about_an_effect(checked: CheckedText, place: int) -> bool:
    """Whether a sentence names an outcome, or a cause where the effect names none."""
    start, end = checked.sentence(place)
    part = checked.text[start:end].casefold()
    return any(_mentions(part, each.outcome or each.cause) for each in checked.facts.effects)


_INSTEAD = r"instead of|rather than|over|in place of|versus|vs\.?|than with|than|而不是|而非|代替|取代"


def _swapped(checked: CheckedText) -> Found:
    """The two levels of an effect the wrong way round, or in Chinese an outcome that moves its cause."""
    text = checked.text
    for each in checked.facts.effects:
        if checked.facts.language == "zh" and each.cause and each.outcome:
            for match in re.finditer(rf"{re.escape(each.outcome)}(?:会|能|可)*[使让令]{re.escape(each.cause)}", text):
                yield match.start(), Departure("direction", match[0], f"“{match[0]}” is the wrong way round.")
        if not (each.treated and each.control):
            continue
        first, second = re.escape(each.control), re.escape(each.treated)
        pairs = (
            rf"{_edge(first)}\W{{0,3}}(?:{_INSTEAD})\W{{0,3}}(?:with\s+|the\s+)?{_edge(second)}",
            rf"\bfrom\s+\W?{_edge(second)}\W?\s+to\s+\W?{_edge(first)}",
            rf"从\W?{second}\W?(?:换成|改为|换为|到|变为)\W?{first}",
        )
        for pattern in pairs:
            for match in re.finditer(pattern, text, re.IGNORECASE):
                sentence = f"“{match[0]}” has the two levels the wrong way round."
                yield match.start(), Departure("direction", match[0], sentence)


def _edge(pattern: str) -> str:
    return rf"(?<!\w){pattern}(?!\w)"
