"""What each column seems to be and to do in the question, guessed from its name and its values, with the reason."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from causal.logs.log import Kind, Log, counted
from causal.logs.number_text import numbers_in, read_as_numbers
from causal.logs.unit_table import ColumnType
from causal.logs.vocabulary import (
    ACTIVITY,
    AFTER,
    AFTER_WITH_NUMBERS,
    ASSIGNED,
    ATTRIBUTES,
    AVERAGES,
    BEFORE,
    CONTROL,
    ENDINGS,
    FREE_TEXT,
    MISSING_WORDS,
    NO,
    THINGS,
    TREATED,
    WORDS,
    YES,
    folded,
)

if TYPE_CHECKING:
    import pandas as pd

Role = Literal["treatment", "outcome", "covariate", "identifier", "time", "propensity", "set_aside"]
ROLES: tuple[Role, ...] = get_args(Role)

_LOOKED_AT = 20_000
_FEW_LEVELS = 30
_SURE = 7.0
_NAMED = 1.0
_MANY_VALUES = 12
_FEW_ARMS = 6
_PERIOD = re.compile(r"(?:.*\D)?\d{1,3}(?:d|t|j|h|w|days?|tagen?|jours?|dias?|hours?|weeks?|wochen?)")
_WITHOUT = frozenset({"no", "non", "not", "without", "ohne", "kein", "keine", "sans", "sin", "off", "aus"})
_WITH = frozenset({"with", "mit", "avec", "con", "on"})


@dataclass(frozen=True)
class ColumnGuess:
    """A column's type, its role in the question, and the reason as a sentence.

    `treatment_score` and `outcome_score` rank the candidates (0: none; below 1: by its values alone); the best of each
    with 1 or more has the role. `distinct` counts the different values in the rows looked at. `maybe_after`: it may
    come after the treatment, as `after_treatment` says; adjusting for it could hide a part of the effect.
    """

    name: str
    type: ColumnType
    role: Role
    reason: str
    distinct: int
    treatment_score: float = 0.0
    outcome_score: float = 0.0
    maybe_after: bool = False


@dataclass(frozen=True)
class _Facts:
    """What the first rows say about one column.

    `levels`: its different values as `folded` writes them, without words for missing, where they are few.
    """

    name: str
    kind: Kind
    words: tuple[str, ...]
    present: int
    distinct: int
    lowest: float | None
    highest: float | None
    whole: bool
    length: float
    spaces: float
    rising: bool
    levels: tuple[str, ...]
    spelled: bool

    @property
    def unique(self) -> bool:
        return self.present > 20 and self.distinct >= 0.98 * self.present


def guess(log: Log) -> tuple[ColumnGuess, ...]:
    """One guess per column, in the log's order; at most one treatment and one outcome.

    The names and 20,000 rows from all parts of the log are looked at.
    """
    from causal.logs.reading import spread_rows
    from causal.logs.repairs import without_total_row

    rows = spread_rows(log, _LOOKED_AT)
    if log.rows <= _LOOKED_AT:
        rows = without_total_row(rows)
    facts = [_facts(column.name, column.kind, rows[column.name]) for column in log.schema]
    return _with_question([_alone(each, place / len(facts)) for place, each in enumerate(facts)], facts)


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in any style: "watchMinutes", "watch_minutes", "Watch minutes", "WATCHMinutes"."""
    spaced = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name))
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def candidates(guesses: Sequence[ColumnGuess], role: Literal["treatment", "outcome"]) -> tuple[str, ...]:
    """The columns that could be the treatment, or the outcome, best first."""
    ranked = sorted(guesses, key=lambda each: -_score(each, role))
    return tuple(each.name for each in ranked if _score(each, role) > 0)


def after_treatment(guess: ColumnGuess) -> str | None:
    """Why a column may hold what came after the treatment, as a sentence; None where its name does not hint at it.

    Words such as "after", and counts of clicks or values over a period ("_7d"), unless a word says "before".
    """
    words = _folded_words(guess.name)
    if _explicitly_after(words, guess.type):
        return f'"{guess.name}" says that it comes after something: what comes after the treatment must stay out.'
    if BEFORE & set(words) or guess.type not in ("numeric", "binary"):
        return None
    if any(_PERIOD.fullmatch(word) for word in words):
        return f'"{guess.name}" covers a period: if that is after the treatment, it must stay out.'
    if ACTIVITY & set(words):
        return f'"{guess.name}" counts what people did: if that was after the treatment, it must stay out.'
    return None


def default_levels(levels: Iterable[Any] | Mapping[Any, int]) -> tuple[Any, Any] | None:
    """The control and the treated level to compare at first; None of fewer than two levels.

    What is called "no", "off", "old", "control", "A" … comes first, "yes", "on", "new", "treatment", "B" … last;
    numbers ascend, else the alphabet decides. Of more than two, it is the level that is called like a control, else the
    most frequent one (levels mapped to their rows), with the next.
    """
    rows = dict(levels) if isinstance(levels, Mapping) else dict.fromkeys(levels, 0)
    if len(rows) < 2:
        return None
    numbers = {each: number for each in rows if (number := _number_of(each)) is not None}
    if len(numbers) == len(rows):
        lowest, second = sorted(numbers, key=lambda each: numbers[each])[:2]
        return lowest, second
    ordered = sorted(rows, key=lambda each: (_standing(each), folded(str(each)), str(each)))
    if len(ordered) == 2:
        return ordered[0], ordered[1]
    first = ordered[0] if _standing(ordered[0]) < 0 else max(ordered, key=lambda each: rows[each])
    rest = [each for each in ordered if each != first]
    return first, max(rest, key=lambda each: (_standing(each) > 0, rows[each]))


def _standing(level: Any) -> int:
    """-1: called like those who went without; 1: like those who got something; 0: neither."""
    name = folded(str(level))
    words = words_of(name)
    ends = {*words[:1], *words[-1:]}
    if name in CONTROL or ends & _WITHOUT or set(words) & (CONTROL - NO):
        return -1
    return 1 if name in TREATED or ends & _WITH or set(words) & (TREATED - YES) else 0


def _number_of(level: Any) -> float | None:
    try:
        number = float(level)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _folded_words(name: str) -> tuple[str, ...]:
    return tuple(folded(word) for word in words_of(name))


def _explicitly_after(words: Sequence[str], kind: ColumnType) -> bool:
    said = set(words)
    return not BEFORE & said and bool(
        AFTER & said or (AFTER_WITH_NUMBERS & said and kind in ("numeric", "binary") and len(said) > 1)
    )


def _score(each: ColumnGuess, role: Literal["treatment", "outcome"]) -> float:
    return each.treatment_score if role == "treatment" else each.outcome_score


def _facts(name: str, kind: Kind, values: pd.Series) -> _Facts:
    present = values.dropna()
    words, levels = _folded_words(name), _levels(present)
    spelled = kind == "text" and _spells_numbers(words, present)
    if spelled:
        present = numbers_in(present).dropna()
        kind = "integer" if bool((present == present.round()).all()) else "number"
    numeric = kind in ("integer", "number") and len(present) > 0
    texts = present.astype(str).head(2_000) if kind == "text" else None
    return _Facts(
        name=name,
        kind=kind,
        words=words,
        present=len(present),
        distinct=int(present.nunique()),
        lowest=float(present.min()) if numeric else None,
        highest=float(present.max()) if numeric else None,
        whole=kind == "integer" or (numeric and bool((present == present.round()).all())),
        length=float(texts.str.len().mean()) if texts is not None and len(texts) else 0.0,
        spaces=float(texts.str.count(" ").mean()) if texts is not None and len(texts) else 0.0,
        rising=numeric and bool(present.is_monotonic_increasing) and present.nunique() == len(present) > 20,
        levels=levels,
        spelled=spelled,
    )


def _levels(present: pd.Series) -> tuple[str, ...]:
    unique = present.unique()
    if len(unique) > 2 * _FEW_LEVELS:
        return ()
    names = {folded(str(each)) for each in unique if str(each).strip().casefold() not in MISSING_WORDS}
    return tuple(sorted(names))


def _spells_numbers(words: tuple[str, ...], present: pd.Series) -> bool:
    named = max((WORDS["identifier"].get(word, 0) for word in words), default=0) >= 6
    return len(present) > 0 and not named and read_as_numbers(present)


def _alone(facts: _Facts, place: float) -> ColumnGuess:
    """The guess that needs no other column: what is set aside, and covariates with their scores.

    `place` is where the column stands, from 0 to 1: an outcome often comes last.
    """
    kind = _type(facts)
    role, reason = _role(facts, kind)
    if role != "covariate":
        return ColumnGuess(facts.name, kind, role, reason, facts.distinct)
    treatment, outcome = _treatment_score(facts, kind), _outcome_score(facts, kind)
    if treatment == outcome == 0 and not _says(facts, ATTRIBUTES | BEFORE | FREE_TEXT):
        treatment, outcome = _treatment_by_values(facts, kind), _outcome_by_values(facts, kind, place)
    return ColumnGuess(facts.name, kind, role, reason, facts.distinct, treatment, outcome)


def _treatment_by_values(facts: _Facts, kind: ColumnType) -> float:
    """Something to begin with where no name says what the treatment is: two levels before a few."""
    if _explicitly_after(facts.words, kind) or ACTIVITY & set(facts.words):
        return 0.0
    if len(facts.levels) == 2:
        return 0.6 if set(facts.levels) & (NO | YES) else 0.5
    if len(facts.levels) < 2 or len(facts.levels) > _FEW_ARMS:
        return 0.0
    return 0.3 if kind == "category" else 0.2 if facts.whole else 0.0


def _outcome_by_values(facts: _Facts, kind: ColumnType, place: float) -> float:
    """Something to begin with where no name says what the outcome is: a number with many values, a later one first."""
    return 0.3 + 0.3 * place if kind == "numeric" and facts.distinct > _MANY_VALUES else 0.0


def _role(facts: _Facts, kind: ColumnType) -> tuple[Role, str]:
    if facts.present == 0:
        return "set_aside", "Set aside: it has no values."
    if facts.distinct == 1:
        return "set_aside", "Set aside: every row has the same value."
    if kind == "identifier":
        return "identifier", f"Set aside as an identifier: {_why_identifier(facts)}."
    if kind == "time":
        return "time", "Set aside: it says when, which is no cause by itself."
    if _is_propensity(facts):
        return "propensity", "Set aside: a logged probability of being shown or treated."
    if kind == "text":
        values = counted(facts.distinct, "different value")
        return "set_aside", f"Set aside: free text ({values}); it needs features before it can be used."
    return "covariate", f"A covariate: {_described(facts, kind)}, and nothing says that it is treatment or outcome."


def _with_question(guesses: list[ColumnGuess], facts: list[_Facts]) -> tuple[ColumnGuess, ...]:
    guesses = _with_earlier_twins(guesses, facts)
    treatment = _best(guesses, "treatment", None)
    outcome = _best(guesses, "outcome", treatment)
    described = {each.name: _described(each, guessed.type) for each, guessed in zip(facts, guesses, strict=True)}
    chosen: dict[str | None, tuple[Role, str]] = {
        outcome: ("outcome", f"The outcome, by its name and values ({described.get(outcome or '', '')})."),
        treatment: ("treatment", f"The treatment, by its name and values ({described.get(treatment or '', '')})."),
    }
    return tuple(_as(each, *chosen[each.name]) if each.name in chosen else _later(each) for each in guesses)


def _with_earlier_twins(guesses: list[ColumnGuess], facts: list[_Facts]) -> list[ColumnGuess]:
    """A number of which the log also has the value from before ("spend" beside "prior_spend") is a likely outcome."""
    earlier = {_stem(each) for each in facts if _says(each, BEFORE)} - {frozenset()}
    return [
        dataclasses.replace(each, treatment_score=0.0, outcome_score=max(each.outcome_score, 1.0) + 3)
        if each.role == "covariate" and each.type == "numeric" and not _says(one, BEFORE) and _stem(one) in earlier
        else each
        for each, one in zip(guesses, facts, strict=True)
    ]


def _stem(facts: _Facts) -> frozenset[str]:
    """The words that say what is measured, without those that say when."""
    when = BEFORE | AFTER | AFTER_WITH_NUMBERS
    return frozenset(word for word in facts.words if word not in when and not _PERIOD.fullmatch(word))


def _later(each: ColumnGuess) -> ColumnGuess:
    """What looks like another outcome, or says so, comes after the treatment: adjusting for it would do harm."""
    if each.role != "covariate":
        return each
    if each.outcome_score >= _SURE and each.outcome_score > each.treatment_score:
        why = "it looks like another outcome, and what comes after the treatment must not be adjusted for"
        return dataclasses.replace(_as(each, "set_aside", f"Set aside: {why}."), maybe_after=True)
    why_after = after_treatment(each)
    if why_after is None:
        return each
    if _explicitly_after(_folded_words(each.name), each.type):
        return dataclasses.replace(_as(each, "set_aside", f"Set aside: {why_after}"), maybe_after=True)
    return dataclasses.replace(each, reason=f"{each.reason} {why_after}", maybe_after=True)


def _as(each: ColumnGuess, role: Role, reason: str) -> ColumnGuess:
    return dataclasses.replace(each, role=role, reason=reason)


def _best(guesses: list[ColumnGuess], role: Literal["treatment", "outcome"], taken: str | None) -> str | None:
    named = {each.name for each in guesses if _score(each, role) >= _NAMED}
    return next((name for name in candidates(guesses, role) if name != taken and name in named), None)


def _type(facts: _Facts) -> ColumnType:
    if facts.kind == "time" or _is_clock(facts):
        return "time"
    if _is_identifier(facts):
        return "identifier"
    if facts.kind == "boolean" or (facts.distinct == 2 and (facts.lowest, facts.highest) in ((0.0, 1.0), (None, None))):
        return "binary"
    if facts.kind in ("integer", "number"):
        return "numeric"
    return "text" if _is_free_text(facts) else "category"


def _is_clock(facts: _Facts) -> bool:
    """Numbers that count time since 1970, or spell a day as 20240131, under a name that says when."""
    if facts.lowest is None or facts.highest is None or not _points(facts, "time"):
        return False
    ranges = ((9e8, 4e9), (9e11, 4e12), (9e14, 4e15), (9e17, 4e18), (19_000_101, 21_001_231))
    return any(low <= facts.lowest and facts.highest <= high for low, high in ranges)


def _is_identifier(facts: _Facts) -> bool:
    if facts.kind not in ("integer", "text"):
        return False
    named = _points(facts, "identifier") >= 9 or (
        len(facts.words) == 1 and _says(facts, THINGS) and facts.distinct > _FEW_LEVELS
    )
    if named and facts.distinct > 2:
        return True
    if facts.kind == "text":
        return facts.unique and facts.spaces < 0.5 and not _says(facts, FREE_TEXT)
    return facts.rising and facts.unique and facts.highest is not None and facts.highest < 2 * facts.present + 10**9


def _why_identifier(facts: _Facts) -> str:
    if facts.unique:
        return "nearly every row has a value of its own"
    return f"its name says so, and it has {facts.distinct:,} different values"


def _is_free_text(facts: _Facts) -> bool:
    if facts.distinct <= _FEW_LEVELS and not (_says(facts, FREE_TEXT) and facts.spaces > 2):
        return False
    if _says(facts, FREE_TEXT) and facts.spaces >= 0.8:
        return True
    return facts.spaces >= 1.5 or facts.length > 40 or facts.distinct > 0.5 * facts.present


def _is_propensity(facts: _Facts) -> bool:
    probable = facts.lowest is not None and facts.highest is not None and facts.lowest >= 0 and facts.highest <= 1
    return probable and not facts.whole and _points(facts, "propensity") >= 5


def _treatment_score(facts: _Facts, kind: ColumnType) -> float:
    """Points of the name or the levels, then of their number: best two; numbers with many values are no treatment."""
    arms = len(facts.levels) if facts.kind == "text" else facts.distinct
    if not 2 <= arms <= 10 or kind not in ("binary", "category", "numeric"):
        return 0.0
    if kind == "numeric" and not (facts.whole and facts.distinct <= 5):
        return 0.0
    points = float(max(_points(facts, "treatment"), _points_of_levels(facts)))
    if points <= 3 and _is_attribute(facts):
        return 0.0
    if points and _says(facts, BEFORE | AVERAGES):
        points -= 3
    return points + (2.0 if arms == 2 else 0.0) if points > 0 else 0.0


def _points_of_levels(facts: _Facts) -> int:
    """What the levels say: "control" and "treatment" nearly all, "old" and "new" or "A" and "B" a little."""
    if facts.kind != "text" or not facts.levels:
        return 0
    if any(set(words_of(level)) & ASSIGNED for level in facts.levels):
        return 6
    named = set(facts.levels) - NO - YES
    return 2 if len(facts.levels) == 2 and named & CONTROL and named & TREATED else 0


def _is_attribute(facts: _Facts) -> bool:
    """Whether the name says what units are ("age_group", "Altersgruppe"), which nobody assigns."""
    endings = tuple(ENDINGS["treatment"])
    return _says(facts, ATTRIBUTES) or any(
        word.endswith(endings) and any(word.startswith(each) and len(each) > 3 for each in ATTRIBUTES)
        for word in facts.words
    )


def _outcome_score(facts: _Facts, kind: ColumnType) -> float:
    if kind not in ("numeric", "binary") or (facts.kind == "text" and facts.distinct != 2):
        return 0.0
    if _says(facts, BEFORE):
        return 0.0
    points = float(_points(facts, "outcome"))
    if points and _says(facts, AVERAGES):
        points -= 6
    return points + (1.0 if kind == "numeric" and facts.distinct > 10 else 0.0) if points > 0 else 0.0


def _points(facts: _Facts, role: Literal["treatment", "outcome", "identifier", "time", "propensity"]) -> int:
    """The points of the strongest word; one inside the name says a little less than the first or the last."""
    table = WORDS[role]
    ends = (facts.words[0], facts.words[-1], "".join(facts.words)) if facts.words else ()
    inside = [table[word] - 1 for word in facts.words if word in table]
    parts = [
        points - 1
        for ending, points in ENDINGS.get(role, {}).items()
        for word in facts.words
        if word.endswith(ending) and word != ending
    ]
    return max([*inside, *parts, *(table[word] for word in ends if word in table)], default=0)


def _says(facts: _Facts, words: frozenset[str]) -> bool:
    return any(word in words for word in facts.words)


def _described(facts: _Facts, kind: ColumnType) -> str:
    if facts.lowest is not None and facts.highest is not None and kind == "numeric":
        return f"numbers {'written as text, ' if facts.spelled else ''}from {facts.lowest:,.6g} to {facts.highest:,.6g}"
    return counted(facts.distinct, "different value")
