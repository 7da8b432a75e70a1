"""Numbers and dates of a text that are not among the facts: other values, other units, other names, wrong bounds."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from causal.text import plain_words as words
from causal.text.checked_text import WORD, CheckedText, Departure, Found, masked, negated, whole
from causal.text.dates import DateMention, dates_in
from causal.text.facts import Facts, Quantity
from causal.text.plain_words import words_of
from causal.text.quantities import ORDINAL, VAGUE, Mention, mentions, normalised
from causal.text.units_of_measure import MONEY, POINTS, SHARE, known_unit, measure_of


def wrong_dates(checked: CheckedText) -> Found:
    """Dates that no fact says."""
    given = [date for each in checked.facts.properties for date in dates_in(normalised(each.value))]
    given += [date for text in (*checked.facts.titles, *checked.facts.words) for date in dates_in(normalised(text))]
    given += [DateMention(0, 0, int(each.value)) for each in checked.facts.quantities if _is_year(each)]
    for date in checked.dates:
        if not any(date.said_by(each) for each in given):
            quote = checked.text[date.start : date.end]
            yield date.start, Departure("date", quote, f"The date “{quote}” is not among the facts.")


def wrong_numbers(checked: CheckedText) -> Found:
    """Numbers that no fact gives, that another fact gives, or that the text denies."""
    for each in checked.numbers:
        quote = checked.text[each.start : each.end]
        fitting = [given for given in _quantities(checked.facts) if _fits(each, given, checked)]
        if each.measure == ORDINAL and _IN_TURN.match(checked.text, each.start):
            continue
        if not fitting and each.value == 0 and _holds_zero(checked, each.start):
            continue
        if not fitting:
            yield each.start, Departure("number", quote, f"The number “{quote}” is not among the facts.")
        elif (other := _named_otherwise(each, fitting, checked)) is not None:
            sentence = f"“{quote}” is given as {fitting[0].name}, not as {other.name}."
            yield each.start, Departure("number", quote, sentence)
        elif negated(checked, each.start) and not _bounded(checked.before(each.start, 4)):
            yield each.start, Departure("number", quote, f"“{quote}” is given, and the text denies it.")


_IN_TURN = re.compile(r"first(?:\s+(?:in\s+line|on\s+your\s+list|up|of\s+all)|\s*[,.:])|(?<=at )first", re.IGNORECASE)


def _holds_zero(checked: CheckedText, place: int) -> bool:
    """Whether the sentence says of an interval that zero is, or is not, in it, and that is so."""
    start, end = checked.sentence(place)
    sentence = checked.text[start:end].casefold()
    values = [each.value for each in checked.facts.quantities]
    inside = any(each < 0 for each in values) and any(each > 0 for each in values)
    outside = any(
        each in sentence for each in ("exclud", "lies outside", "does not", "without", "不含", "不包含", "不包括")
    )
    return inside != outside and any(
        each in sentence for each in ("clud", "contain", "hold", "cross", "lies outside", "含", "包括")
    )


def _quantities(facts: Facts) -> list[Quantity]:
    """The numbers that are given, also those that properties are or hold."""
    held = [
        Quantity(each.name, mention.value if plain else mention.amount, mention.measure or "")
        for each in facts.properties
        for mention in mentions(masked(normalised(each.value), ((d.start, d.end) for d in dates_in(each.value))))
        for plain in [mention.measure in (None, SHARE)]
    ]
    dated = [
        Quantity(each.name, float(date.year))
        for each in facts.properties
        for date in dates_in(normalised(each.value))
        if date.year is not None
    ]
    return [*facts.quantities, *held, *dated]


def _is_year(quantity: Quantity) -> bool:
    return quantity.unit in ("", "年") and float(quantity.value).is_integer() and 1000 <= quantity.value < 3000


def measured(quantity: Quantity) -> tuple[str | None, float]:
    """What a given number measures, and one of it; read from its name where it has no unit."""
    if quantity.unit:
        return measure_of(quantity.unit)
    tokens = quantity.name.casefold().split()
    named = next((each for each in reversed(tokens) if known_unit(each)), None)
    return (None, 1.0) if named is None else measure_of(named)


def _fits(mention: Mention, given: Quantity, checked: CheckedText) -> bool:
    if mention.measure == VAGUE:
        return False
    if mention.lent or (mention.measure is not None and not given.unit and _names_unit(mention, given, checked)):
        bare = replace(mention, measure=None, scale=mention.scale if mention.measure is None else 1.0, lent=False)
        if _fits(bare, given, checked):
            return True
    measure, scale = measured(given)
    value, allowed = given.value * scale, given.value
    if mention.measure == ORDINAL:
        return measure is None and mention.value == allowed
    if mention.measure is None:
        said, true, step = mention.value * mention.scale, given.value, mention.step
    elif (
        mention.measure == measure
        or {mention.measure, measure} <= {POINTS, "point"}
        or (mention.measure == "year" and _is_year(given))
    ):
        said, true, step = mention.amount, value, mention.step
    elif mention.measure in (SHARE, "count") and measure is None:
        said, true, step = mention.amount, given.value, mention.step
    else:
        return False
    bound = _bound(mention, checked)
    if bound is not None:
        return _keeps(bound, said, true, given)
    if true < 0 and mention.sign == 0 and _goes_down(checked, mention.start):
        true = abs(true)
    elif mention.sign < 0:
        said = -said
    elif mention.sign > 0 and given.value < 0:
        return False
    return _rounded(said, true, step, exact=_is_year(given) or measure in MONEY) or _hedged(
        said, true, mention, checked
    )


_AT_LEAST = re.compile(
    r"(?:at\s+least|no\s+less\s+than|not\s+less\s+than|a\s+minimum\s+of|(?:至少|不少于|不低于)[^\d，。]{0,4})\s*$",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"(?:at\s+most|no\s+more\s+than|up\s+to|a\s+maximum\s+of|(?:至多|最多|不超过)[^\d，。]{0,4})\s*$", re.IGNORECASE
)
_OVER = re.compile(
    r"(?:\bover|more\s+than|above|exceeding|longer\s+than|higher\s+than|超过|多于|高于)\s*$", re.IGNORECASE
)
_UNDER = re.compile(
    r"(?:\bunder|less\s+than|below|fewer\s+than|shorter\s+than|lower\s+than|不到|少于|低于)\s*$", re.IGNORECASE
)
_LOWER = frozenset(words_of("lower least minimum min low from 下限 最小 最低 最少"))
_UPPER = frozenset(words_of("upper most maximum max high up 上限 最大 最高 最多"))


def _bound(mention: Mention, checked: CheckedText) -> str | None:
    """What the words just before a number say that it bounds: nothing, "least", "most", "over" or "under"."""
    before = checked.text[max(0, mention.start - 20) : mention.start]
    patterns = {"least": _AT_LEAST, "most": _AT_MOST, "over": _OVER, "under": _UNDER}
    return next((name for name, pattern in patterns.items() if pattern.search(before)), None)


def _keeps(bound: str, said: float, true: float, given: Quantity) -> bool:
    """Whether a bound is true, and not far off; "at least 98" of a plain 98 says more than that."""
    if bound in ("least", "most"):
        wanted = _LOWER if bound == "least" else _UPPER
        named = any(each in given.name.casefold() for each in wanted)
        return named and abs(said - true) <= 0.005 * abs(true)
    apart = (true - said) if bound == "over" else (said - true)
    return apart > 0 and apart <= 0.25 * abs(true)


def _names_unit(mention: Mention, given: Quantity, checked: CheckedText) -> bool:
    """Whether the name of a number holds the unit that is written: 星 in 星级, 页 in 页数."""
    unit = re.sub(r"^[\d.,\s零〇一二两三四五六七八九十百千万]+", "", checked.text[mention.start : mention.end])
    return bool(unit) and unit in given.name


def _goes_down(checked: CheckedText, place: int) -> bool:
    """Whether the sentence says the sign in words."""
    start, end = checked.sentence(place)
    if checked.facts.language == "zh":
        return any(each in checked.text[start:end] for each in words.DOWN_ZH)
    return any(each[0].lower() in words.DOWN | {"less"} for each in WORD.finditer(checked.text, start, end))


def _rounded(said: float, true: float, step: float, exact: bool) -> bool:
    """Whether what is said is what is true, rounded as it is written, and still within 5 %."""
    error = abs(said - true)
    if error <= 1e-9 * max(1.0, abs(true)):
        return True
    return not exact and error <= step * (1 + 1e-9) and error <= 0.05 * abs(true)


_ABOUT = frozenset(words_of("about around roughly approximately circa some approx close"))


_NEARLY = frozenset(words_of("nearly almost"))


_BELOW = frozenset(words_of("under below less fewer within"))


_ABOVE = frozenset(words_of("over above more exceeding past beyond"))


_BOUNDS = re.compile(r"(大约|约|左右|大概|将近|接近|近|不到|以内|至多|最多|超过|以上|至少|多)")


def _hedged(said: float, true: float, mention: Mention, checked: CheckedText) -> bool:
    """ "nearly 100" of 98: within a tenth, on the side that the word says."""
    far = abs(said - true) / abs(true) if true else 1.0
    if far > 0.25 or _is_year(Quantity("", true)):
        return False
    before = set(checked.before(mention.start))
    if before & (_ABOUT | _BELOW | _NEARLY | _ABOVE):
        sided = (before & _ABOUT and _about(mention.value, far)) or (before & _NEARLY and said >= true and far <= 0.1)
        return bool(sided or (before & _BELOW and said >= true) or (before & _ABOVE and said <= true))
    near = checked.text[max(mention.start - 3, 0) : mention.start] + checked.text[mention.end : mention.end + 2]
    bound = _BOUNDS.search(near)
    if bound is None:
        return False
    if bound[0] in ("近", "将近", "接近"):
        return said >= true and far <= 0.1
    if bound[0] in ("不到", "以内", "至多", "最多"):
        return said >= true
    if bound[0] in ("超过", "以上", "至少", "多"):
        return said <= true
    return _about(mention.value, far)


def _about(said: float, far: float) -> bool:
    """ "about 100" of 98: within a twentieth where it is a round number, else much nearer."""
    return far <= (0.05 if float(said) % 5 == 0 else 0.02)


def _bounded(before: list[str]) -> bool:
    """ "no more than", "not quite" deny no number."""
    return any(
        each in ("more", "less", "longer", "fewer", "over", "under", "above", "quite", "only", "than")
        for each in before
    )


def _named_otherwise(mention: Mention, fitting: list[Quantity], checked: CheckedText) -> Quantity | None:
    """The quantity that the words beside a number name, where the number is another's."""
    told = _by_own_words(mention, checked)
    if told and not any(each in fitting for each in told):
        return told[0]
    named = [each for each in checked.facts.quantities if _is_named(each, mention, checked)]
    wrong = [each for each in named if each not in fitting]
    return wrong[0] if wrong and not any(each in fitting for each in named) else None


def _by_own_words(mention: Mention, checked: CheckedText) -> list[Quantity]:
    """The quantities that words of their names alone, beside the number, tell apart: "upper", "with new"."""
    start, end = checked.clause(mention.start)
    start = max([start, *(each.end for each in checked.numbers if each.end <= mention.start)])
    end = min([end, *(each.start for each in checked.numbers if each.start >= mention.end)])
    beside = _pairs(checked.text[start:end])
    names = {each: _pairs(each.name) for each in checked.facts.quantities}
    own = {
        each: {pair for pair in pairs if sum(pair in other for other in names.values()) == 1}
        for each, pairs in names.items()
    }
    return [each for each, pairs in own.items() if pairs & beside]


def _pairs(text: str) -> set[tuple[str, str]]:
    """Words that follow each other."""
    return set(pairwise(each.lower() for each in WORD.findall(text)))


def _is_named(quantity: Quantity, mention: Mention, checked: CheckedText) -> bool:
    """Whether a quantity's name stands right before a number ("price of 12"), or right after it ("21 gears")."""
    start, end = checked.clause(mention.start)
    start = max(start, mention.start - 28, *(each.end + 1 for each in checked.numbers if each.end < mention.start))
    before = checked.text[start : mention.start].casefold()
    after = checked.text[mention.end : min(end, mention.end + 16)].casefold()
    joined = r"\W*(?:(?:of|is|was|at|in|的|是|为|有|：)\W*){0,2}$"
    named = re.search(whole(quantity.name) + joined, before)
    if named is not None and named.start() == 0 and any(each.end + 1 == start for each in checked.numbers):
        named = None  # it names the number before it
    if mention.measure is not None:
        return named is not None  # of "42-minute episodes" the number is told by its unit
    return named is not None or re.match(r"\W*(?:in\s+|的)?" + whole(quantity.name), after) is not None
