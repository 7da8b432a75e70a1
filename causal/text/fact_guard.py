"""Whether a text keeps to the facts: each number, title, property, claim and direction in it must be given.

The guard is closed: whatever is neither given by a fact nor a word that says nothing about an item or an effect
(`plain_words.py`) sends the text back. A true sentence can be sent back so; a false one seldom passes
(`tests/bench/fact_guard.json`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from causal.text import plain_words as words
from causal.text.checked_text import (
    HAN,
    MASK,
    WORD,
    CheckedText,
    Departure,
    Found,
    Span,
    able_verbs,
    denies,
    folded,
    given_texts,
    masked,
    negated,
    negated_after,
    spans_in,
    value_words,
    whole,
)
from causal.text.direction_checks import wrong_directions
from causal.text.facts import Facts
from causal.text.number_checks import measured, wrong_dates, wrong_numbers
from causal.text.quantities import normalised
from causal.text.units_of_measure import MONEY

LONGEST = 1200
"""Characters of a text; a longer one is not a description."""


_QUOTED = re.compile(
    r"《([^《》]*)》|“([^“”]*)”|「([^「」]*)」|『([^『』]*)』|\"([^\"]*)\"|(?<!\w)‘([^‘’]*)’(?!\w)|(?<!\w)'([^']*)'(?!\w)"
)


_MARKUP = re.compile(
    r"</?\w|&#?\w+;|https?:|www\.|\w@\w|\]\(|^\s*[#>|]|```|`|\*\*|__|\$\$|\\\w|\{\{|\bjavascript:",
    re.IGNORECASE | re.MULTILINE,
)


_PLAIN_SIGNS = frozenset(" \n.,;:!?()[]-–—―'’‘\"“”«»/&+−%$€£¥…·。，、；：！？（）《》「」『』【】～~→ " + MASK)


@dataclass(frozen=True)
class GuardVerdict:
    """Whether a text keeps to the facts, and each departure from them in the order of the text."""

    departures: tuple[Departure, ...]

    @property
    def passed(self) -> bool:
        """Whether it may be shown."""
        return not self.departures

    @property
    def reason(self) -> str:
        """Why it was sent back, or an empty text."""
        return " ".join(dict.fromkeys(each.sentence for each in self.departures[:3]))


def guard_text(text: str, facts: Facts, longest: int = LONGEST) -> GuardVerdict:
    """The verdict on a text that should say these facts and nothing else, in their language."""
    plain = normalised(text)
    formed = _form(plain, facts, longest)
    if formed:
        return GuardVerdict(tuple(formed))
    checked = CheckedText(plain, facts)
    found = [
        *_quotations(checked),
        *wrong_dates(checked),
        *wrong_numbers(checked),
        *_properties(checked),
        *_claims(checked),
        *wrong_directions(checked),
        *_names(checked),
    ]
    if not (checked.spans or checked.numbers or checked.dates):
        found.append((0, Departure("empty", "", "The text says nothing that the facts give.")))
    judged = [(place, place + len(each.quote)) for place, each in found]
    found += [each for each in _leftovers(checked) if not any(start <= each[0] < end for start, end in judged)]
    return GuardVerdict(tuple(departure for _, departure in sorted(found, key=lambda each: each[0])))


def _form(text: str, facts: Facts, longest: int) -> list[Departure]:
    if not text.strip():
        return [Departure("form", "", "The text is empty.")]
    if len(text) > longest:
        return [Departure("form", text[:20], f"The text is longer than {longest:,} characters.")]
    own = " ".join(given_texts(facts))
    found = _MARKUP.search(text)
    if found is not None and found[0] not in own:
        return [Departure("form", found[0], f"“{found[0]}” is no plain text.")]
    strange = next((each for each in text if not _plain_sign(each) and each not in own), None)
    if strange is not None:
        shown = strange if strange.isprintable() else f"U+{ord(strange):04X}"
        return [Departure("form", shown, f"The sign “{shown}” is no plain text.")]
    bare = masked(text, ((each.start, each.end) for each in spans_in(text, facts)))
    han, latin = len("".join(HAN.findall(bare))), sum(len(each) for each in WORD.findall(bare))
    if facts.language == "zh" and latin > 2 * han:
        return [Departure("form", "", "The text is not in Chinese.")]
    if facts.language == "en" and han:
        return [Departure("form", "", "The text is not in English.")]
    return []


def _plain_sign(character: str) -> bool:
    return character in _PLAIN_SIGNS or (character.isalnum() and (character.isascii() or _letter(character)))


def _letter(character: str) -> bool:
    return "À" <= character <= "ɏ" or character == "〇" or HAN.fullmatch(character) is not None


def _quotations(checked: CheckedText) -> Found:
    """What stands in quotation marks must be given, word for word."""
    allowed = {folded(each) for each in checked.given}
    for match in _QUOTED.finditer(checked.text):
        quoted = next(each for each in match.groups() if each is not None)
        if folded(quoted.rstrip(".,!?。，！？")) not in allowed:
            sentence = f"The title or quotation “{quoted}” is not among the facts."
            yield match.start(), Departure("title", quoted, sentence)


def _properties(checked: CheckedText) -> Found:
    """A property may be neither denied nor given to another role."""
    for each in checked.spans:
        if each.kind == "title":
            continue
        if each.kind in ("name", "word") and _negated_nearby(each, checked):
            yield each.start, Departure("property", each.value, f"“{each.value}” is given, and the text denies it.")
        if each.kind == "property" and negated(checked, each.start, 6) and not denies(each.value):
            yield each.start, Departure("property", each.value, f"“{each.value}” is given, and the text denies it.")
        elif each.kind == "property" and (role := _other_role(each, checked)):
            yield (
                each.start,
                Departure("property", each.value, f"“{each.value}” is given as {each.name}, not as {role}."),
            )
    values = value_words(checked.facts) | able_verbs(checked.facts)
    for match in WORD.finditer(checked.bare):
        if match[0].lower() in values and negated(checked, match.start(), 6):
            yield match.start(), Departure("property", match[0], f"“{match[0]}” is given, and the text denies it.")
    for given in checked.facts.properties:
        if denies(given.value) and len(given.value.split()) == 1:
            for match in re.finditer(whole(given.name), checked.bare.casefold()):
                if (
                    (not negated(checked, match.start()) or _never_without(checked, match.start()))
                    and not _does_not_come_with(checked, match.start())
                    and not negated_after(checked, match.end())
                ):
                    sentence = f"The facts say that there is no {given.name}."
                    yield match.start(), Departure("property", given.name, sentence)


_COMES_WITH = re.compile(
    r"(?:n't|\bnot|\bnever)\s+(?:come|offer|include|provide|have|end|get|give|receive)\w*"
    r"(?:\s+(?:with|in|you|an?|any|the))*\s*$"
)


def _never_without(checked: CheckedText, place: int) -> bool:
    """Whether two denials before a place undo each other: "does not come without a"."""
    before = [each.replace("’", "'") for each in checked.before(place, 6)]
    return "without" in before and any(each in ("not", "never") or each.endswith("n't") for each in before)


def _does_not_come_with(checked: CheckedText, place: int) -> bool:
    """Whether what follows is said not to come: "does not come with a"."""
    start, _ = checked.clause(place)
    return _COMES_WITH.search(checked.text[start:place].casefold().replace("’", "'")) is not None


def _negated_nearby(span: Span, checked: CheckedText) -> bool:
    """Whether a name or an interest is denied; the name of what is not so may be."""
    own = [each.value for each in checked.facts.properties if each.name == span.value]
    if any(denies(each) for each in own) or (span.kind == "word" and checked.facts.standing != "causal"):
        return False
    return negated(checked, span.start, 2)


_ROLES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"director", "导演"}), r"(?:direct\w*(?:\s+by)?|导演(?:是|为)?)\s*$"),
    (frozenset({"author", "writer", "作者"}), r"(?:written\s+by|author(?:\s+is)?|writer(?:\s+is)?|作者(?:是|为)?)\s*$"),
    (frozenset(words.words_of("actor actors cast starring star 主演 演员")), r"(?:starring|stars|主演(?:[是为])?)\s*$"),
    (frozenset({"artist", "singer", "歌手"}), r"(?:sung\s+by|performed\s+by|歌手(?:是|为)?)\s*$"),
    (frozenset({"brand", "maker", "manufacturer", "品牌"}), r"(?:made\s+by|brand(?:\s+is)?|品牌(?:是|为)?)\s*$"),
    (frozenset({"country", "origin", "国家", "产地"}), r"(?:made\s+in|产自)\s*$"),
    (frozenset({"setting", "place", "location", "地点"}), r"(?:set\s+in|takes\s+place\s+in)\s*$"),
    (frozenset({"publisher", "出版社"}), r"(?:published\s+by)\s*$"),
)  # fmt: skip


_DOERS_ZH: tuple[tuple[tuple[str, ...], frozenset[str]], ...] = (
    (("执导", "导演"), frozenset({"director", "导演"})),
    (("主演", "出演"), frozenset({"actor", "演员", "主演"})),
    (("撰写", "创作", "所著", "写"), frozenset({"author", "writer", "作者"})),
    (("出版",), frozenset({"publisher", "出版社"})),
)
"""What is said after 由 and a name, and whose work it is."""

_DONE_ZH = re.compile(r"[^，。；！？]*?(" + "|".join(verb for verbs, _ in _DOERS_ZH for verb in verbs) + r")(?!社)")


def _other_role(span: Span, checked: CheckedText) -> str:
    """The role that the words before a value give it, where it is another's."""
    before = checked.text[max(0, span.start - 24) : span.start].casefold()
    own = span.name.casefold()
    values = {each.value.casefold() for each in checked.facts.properties if each.name.casefold() != own}
    for names, pattern in _ROLES:
        if own not in names and re.search(pattern, before) and span.value.casefold() not in values:
            taken = any(name in names for each in checked.facts.properties for name in [each.name.casefold()])
            if taken or own in {name for roles, _ in _ROLES for name in roles}:
                return min(names)
    if before.endswith("由") and (done := _DONE_ZH.match(checked.text, span.end)):
        names = next(names for verbs, names in _DOERS_ZH if done[1] in verbs)
        if own not in names and any(own in roles for roles, _ in _ROLES) and span.value.casefold() not in values:
            return min(names)
    after = checked.text[span.end : span.end + 12].casefold()
    if own in ("director", "author", "writer", "导演", "作者") and re.match(
        r"\s*(?:stars|plays|acts|主演|出演)", after
    ):
        return "actor"
    named = re.search(r"([^\W\d_][\w ]{1,20}?)\s*(?:is|:|was|是|为|：)\s*$", before)
    other = "" if named is None else named[1].strip()
    for each in checked.facts.properties:
        called = each.name.casefold()
        if called != own and (other == called or other.endswith(" " + called)) and span.value.casefold() not in values:
            return each.name
    return ""


def _claims(checked: CheckedText) -> Found:
    """Praise, rank, prizes, gifts and promises, unless a fact says them."""
    free = any(not each.value and measured(each)[0] in (*MONEY, None) for each in checked.facts.quantities)
    for match in WORD.finditer(checked.bare):
        word = match[0].lower().replace("’", "'")
        if (
            not _is_claim(word, match, checked)
            or word in checked.known
            or word.removesuffix("s") in checked.known
            or (free and word in ("free", "gratis"))
        ):
            continue
        yield match.start(), Departure("claim", match[0], f"The claim “{match[0]}” is not among the facts.")
    yield from _promises(checked)
    for match in _BARGAIN.finditer(checked.text):
        told = any(each.start <= match.start() and match.end() <= each.end for each in checked.spans)
        if not told and not (free and "nothing" in match[0].lower()):
            yield match.start(), Departure("claim", match[0], f"The claim “{match[0]}” is not among the facts.")
    place = 0
    text = checked.bare
    while checked.facts.language == "zh" and place < len(text):
        claim = next((each for each in _longest_first(words.CLAIMS_ZH) if text.startswith(each, place)), None)
        neutral = next((each for each in _neutral_han() if text.startswith(each, place)), "")
        if claim and len(claim) >= len(neutral) and not (free and claim == "免费"):
            yield place, Departure("claim", claim, f"The claim “{claim}” is not among the facts.")
        place += max(len(claim or ""), len(neutral), 1)


def _is_claim(word: str, match: re.Match[str], checked: CheckedText) -> bool:
    if word in ("good", "nice", "great"):
        liked = word == "good" and _LIKES_A.search(checked.text, 0, match.start())
        return not liked and _GOOD.match(checked.text, match.end()) is None
    if word == "natural" and _NATURAL.match(checked.text, match.end()):
        return False
    if word == "everyone":
        return not (checked.before(match.start(), 1) == ["for"] and re.match(r"\s+who\b", checked.text[match.end() :]))
    if word == "only":
        return checked.before(match.start(), 1) == ["the"]
    if word == "all":
        return re.match(r"\s+(?:about|in|set|you|your|that's|it)\b", checked.text[match.end() :]) is None
    if word == "most":
        return checked.before(match.start(), 1) != ["at"]
    if word == "least":
        return checked.before(match.start(), 1) != ["at"]
    return word in words.CLAIM_WORDS and word not in words.UP | words.DOWN


_BARGAIN = re.compile(
    r"\b(?:costs?|for|pay)\s+nothing\b|\bon\s+us\b|\bno\s+(?:charge|cost|fee)\b|\b(?:two|2|three|3)\s+for\s+(?:one|1|two|2)\b|"
    r"\bbuy\s+one\b|\b(?:save|saves|saved)\b|\bhalf\s+price\b|\b(?:was|were|down\s+from)\s+[$€£¥]\s?\d|"
    r"\b(?:number|no\.?)\s+(?:one|1)\b|\bbased\s+on\s+(?:an?\s+)?(?:true|real|facts?)\b|\bfact-based\b|\bleft\s*!|"
    r"\bless\s+(?:of\s+)?an?\b|\b(?:an?|very|too|so|quite)\s+long\b|"
    r"(?<!\bend )\bof\s+the\s+(?:year|month|week|day|decade|century|season)\b|"
    r"\b(?:per|a|each|every)\s+(?:month|year|week|person|head)\b|\b(?:family|world)\s+of\b",
    re.IGNORECASE,
)
_GOOD = re.compile(r"\s+(?:fit|choice|match|pick|option|idea|start|evening|companion|way|place|time)\b")
_LIKES_A = re.compile(r"\b(?:who|you)\s+(?:enjoys?|likes?|loves?|fancy|fancies|appreciates?)\s+an?\s+$", re.IGNORECASE)
_NATURAL = re.compile(r"\s+(?:next|fit|choice|match|pick|step)\b")
_PROMISE = re.compile(
    r"\b(?:will|'ll|shall|sure to|bound to|going to|cannot fail to|can't fail to)\s+(?:\w+ly\s+|surely\s+|also\s+)?"
    r"(?:love|like|enjoy|adore|prefer|want|need|be|keep|make|feel|never|always)\b|\bguarante\w+",
    re.IGNORECASE,
)


_PROMISE_ZH = re.compile(r"(?:您|你)?(?:会|将)(?:会)?(?:爱上|喜欢|喜爱|满意|享受|沉迷|上瘾)")


def _promises(checked: CheckedText) -> Found:
    for pattern in (_PROMISE, _PROMISE_ZH):
        for match in pattern.finditer(checked.text):
            sentence = f"“{match[0]}” promises what no fact can say."
            yield match.start(), Departure("causal claim", match[0], sentence)


def _names(checked: CheckedText) -> Found:
    """Names of people, places and works that no fact gives, or given ones put together otherwise."""
    if checked.facts.language == "zh":
        for match in re.finditer(r"[A-Za-z][A-Za-z' ]*", checked.bare):
            if match[0].strip() and not all(each.lower() in checked.known for each in WORD.findall(match[0])):
                yield (
                    match.start(),
                    Departure("word", match[0].strip(), f"“{match[0].strip()}” is not among the facts."),
                )
        return
    titles = [folded(each) for each in checked.facts.titles]
    given = [folded(each) for each in checked.given if folded(each) not in titles]
    given += [re.sub(r"^(?:the|an?) ", "", each) for each in titles]
    shown = _with_capitals(checked)
    for match in re.finditer(r"[A-ZÀ-Þ][\w'’]*(?:[\s-]+[A-ZÀ-Þ][\w'’]*)*", shown):
        run = match[0]
        start = match.start()
        opening = WORD.match(run)
        if _opens(shown, start) and opening is not None and _begins(opening[0], run, checked):
            run_start = start + opening.end()
            run = shown[run_start : match.end()].lstrip(" -")
            start = match.end() - len(run)
        if not run or run in ("I", "I'm", "I'd", "I'll", "I've", "OK"):
            continue
        part = folded(run)
        told = any(
            part == each if place >= len(given) - len(titles) else _within(part, each)
            for place, each in enumerate(given)
        )
        if not told and not _is_nationality(run.lower(), checked):
            yield start, Departure("title", run, f"The name “{run}” is not among the facts.")


def _with_capitals(checked: CheckedText) -> str:
    """The text without the facts' own words, but for those that it gives a capital: they may be part of a name."""
    shown = list(checked.bare)
    for each in checked.spans:
        written = checked.text[each.start : each.end]
        if written[:1].isupper() and each.value[:1].islower():
            shown[each.start : each.end] = written
    return "".join(shown)


def _is_nationality(word: str, checked: CheckedText) -> bool:
    """Whether a word says of a given country what is from there."""
    return word in checked.known and any(word in same for same in words.NATIONALITIES)


def _begins(word: str, run: str, checked: CheckedText) -> bool:
    """Whether a capital letter is that of the sentence, not of a name."""
    if len(run) > len(word) and word.lower() not in words.FUNCTION:
        return False
    told = word.lower()
    return _is_known(told, checked.known) or told in words.CLAIM_WORDS or told in words.UP | words.DOWN


def _within(part: str, whole: str) -> bool:
    """Whether all words of a part follow each other in the whole."""
    return f" {part} " in f" {whole} "


def _opens(text: str, place: int) -> bool:
    """Whether a sentence begins here."""
    before = text[:place].rstrip(" \"“‘'([" + "\n")
    return not before or before[-1] in ".!?:;—–…"


def _leftovers(checked: CheckedText) -> Found:
    """Every word that neither a fact gives nor says nothing."""
    if checked.facts.language == "zh":
        yield from _left_over_han(checked)
        return
    for match in WORD.finditer(checked.bare):
        word = match[0].lower().replace("’", "'")
        if word in words.UP | words.DOWN or word in words.CLAIM_WORDS or word in ("good", "nice"):
            continue  # judged above
        if word == "care" and checked.before(match.start(), 1) == ["with"]:
            continue
        if not _is_known(word, checked.known | checked.titled) and not _carries(word, match, checked):
            yield match.start(), Departure("word", match[0], f"“{match[0]}” is not among the facts.")


_SUBJECT = re.compile(rf"(?:{MASK}|\b(?:which|who|it))\s+$", re.IGNORECASE)
_LINK = "by|in|at|on|for|with|from|to|of|into|around|through|about|up"
_OBJECT = re.compile(rf"\s+(?:(?:a|an|the|your|our|its|just|only|{_LINK})\s+){{0,2}}{MASK}")
_JOINED = re.compile(rf"\s+(?:{_LINK})\s+(?:(?:a|an|the|your|our)\s+)?{MASK}")


def _carries(word: str, match: re.Match[str], checked: CheckedText) -> bool:
    """Whether a word only carries one fact to another: "performs", between two facts; "printed" in "printed by"."""
    if word.endswith("s") and not word.endswith(("ss", "us")):
        before = checked.bare[max(0, match.start() - 8) : match.start()]
        counted = any(each.end in (match.start(), match.start() - 1) for each in checked.numbers)
        return bool(not counted and _SUBJECT.search(before) and _OBJECT.match(checked.bare, match.end()))
    return word.endswith(("ed", "ing")) and _JOINED.match(checked.bare, match.end()) is not None


def _is_known(word: str, known: frozenset[str]) -> bool:
    if word in words.NEUTRAL or word in words.HEDGES or word in words.NEGATORS or word in words.CAUSAL:
        return True
    if word.endswith(("n't", "'s", "'re", "'ve", "'d", "'ll", "'m")) and word.split("'")[0] in words.NEUTRAL | known:
        return True
    if word.endswith("n't"):
        return True
    return any(each in words.NEUTRAL or each in known for each in words.stems(word))


def _left_over_han(checked: CheckedText) -> Found:
    """What is left of the Chinese characters once they are cut into known words, with as little left as can be."""
    own = tuple(sorted(each for each in checked.known | checked.titled if HAN.search(each)))
    counted = {each.end for each in checked.numbers}
    for match in HAN.finditer(checked.bare):
        cut = _cut(match[0], own)
        for place, (word, known) in enumerate(cut):
            start = match.start() + sum(len(each) for each, _ in cut[:place])
            after_number = place == 0 and start in counted
            if not known and (after_number or not _says_nothing(cut, place)):
                yield start, Departure("word", word, f"“{word}” is not among the facts.")


def _cut(run: str, own: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Chinese characters cut into known words with as little left over as can be, by dynamic programming."""
    judged = (*words.UP_ZH, *words.DOWN_ZH, *words.CLAIMS_ZH, *words.HEDGES_ZH, *words.CAUSAL_ZH, *words.NEGATORS_ZH)
    known = words.NEUTRAL_ZH | frozenset(own) | frozenset(judged)
    longest = max(len(each) for each in known)
    cost = [0] * (len(run) + 1)
    step = [1] * len(run)
    for place in range(len(run) - 1, -1, -1):
        cost[place] = cost[place + 1] + 1
        for size in range(1, min(longest, len(run) - place) + 1):
            if run[place : place + size] in known and cost[place + size] < cost[place]:
                cost[place], step[place] = cost[place + size], size
    cut: list[tuple[str, bool]] = []
    place = 0
    while place < len(run):
        word = run[place : place + step[place]]
        if word not in known and cut and not cut[-1][1]:
            cut[-1] = (cut[-1][0] + word, False)
        else:
            cut.append((word, word in known))
        place += len(word)
    return cut


_CARRIED = frozenset("于在着了由自给向")
"""What stands after a Chinese verb that only carries a fact: 刊登于, 陈列在."""

_PEOPLE_ZH = frozenset(
    words.words_of("导演 作者 作家 编剧 主演 演员 歌手 讲师 导师 教师 主持 主持人 设计师 译者 编辑 品牌 出版社")
)
"""After these, what is left over is a name."""

_JOINTS = frozenset("的了是在和与及或也都就还又并而但被把让给向从到对为于以由您你我这那它他她可能会要有")


def _says_nothing(cut: list[tuple[str, bool]], place: int) -> bool:
    """Whether an unknown stretch only joins: 刊登 in 刊登于, or a lone character that names no quality.

    A lone one beside other single characters is part of a word or a name.
    """
    word = cut[place][0]
    following = cut[place + 1][0] if place + 1 < len(cut) else ""
    if len(word) == 2:
        if word[0] in words.SURNAMES_ZH or (place and cut[place - 1][0] in _PEOPLE_ZH):
            return False  # 导演沈河在: a name
        return following[:1] in _CARRIED and following != ""
    before = cut[place - 1][0] if place else ""
    beside = all(len(each) != 1 or each in _JOINTS for each in (before, following))
    return len(word) == 1 and beside and word not in words.QUALITIES_ZH


@cache
def _longest_first(listed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(listed, key=len, reverse=True))


@cache
def _neutral_han() -> tuple[str, ...]:
    return tuple(sorted(words.NEUTRAL_ZH, key=len, reverse=True))
