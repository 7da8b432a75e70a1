"""What each column seems to be and to do in the question, guessed from its name and its values, with the reason."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from causal.logs.log import Kind, Log, counted
from causal.logs.unit_table import ColumnType
from causal.logs.vocabulary import BEFORE, FREE_TEXT, THINGS, WORDS

if TYPE_CHECKING:
    import pandas as pd

Role = Literal["treatment", "outcome", "covariate", "identifier", "time", "propensity", "set_aside"]
ROLES: tuple[Role, ...] = get_args(Role)

_LOOKED_AT = 20_000
_FEW_LEVELS = 30
_SURE = 7.0


@dataclass(frozen=True)
class ColumnGuess:
    """A column's type, its role in the question, and the reason as a sentence.

    `treatment_score` and `outcome_score` rank the candidates (0: none); the best of each has the role. `distinct`
    counts the different values in the rows looked at.
    """

    name: str
    type: ColumnType
    role: Role
    reason: str
    distinct: int
    treatment_score: float = 0.0
    outcome_score: float = 0.0


@dataclass(frozen=True)
class _Facts:
    """What the first rows say about one column."""

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

    @property
    def unique(self) -> bool:
        return self.present > 20 and self.distinct >= 0.98 * self.present


def guess(log: Log) -> tuple[ColumnGuess, ...]:
    """One guess per column, in the log's order; at most one treatment and one outcome.

    The names and the first 20,000 rows are looked at.
    """
    from causal.logs.reading import sample_rows

    rows = sample_rows(log, _LOOKED_AT)
    facts = [_facts(column.name, column.kind, rows[column.name]) for column in log.schema]
    return _with_question([_alone(each) for each in facts], facts)


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in any style: "watchMinutes", "watch_minutes", "Watch minutes", "WATCHMinutes"."""
    spaced = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name))
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def candidates(guesses: Sequence[ColumnGuess], role: Literal["treatment", "outcome"]) -> tuple[str, ...]:
    """The columns that could be the treatment, or the outcome, best first."""
    ranked = sorted(guesses, key=lambda each: -_score(each, role))
    return tuple(each.name for each in ranked if _score(each, role) > 0)


def _score(each: ColumnGuess, role: Literal["treatment", "outcome"]) -> float:
    return each.treatment_score if role == "treatment" else each.outcome_score


def _facts(name: str, kind: Kind, values: pd.Series) -> _Facts:
    present = values.dropna()
    numeric = kind in ("integer", "number") and len(present) > 0
    texts = present.astype(str).head(2_000) if kind == "text" else None
    return _Facts(
        name=name,
        kind=kind,
        words=words_of(name),
        present=len(present),
        distinct=int(present.nunique()),
        lowest=float(present.min()) if numeric else None,
        highest=float(present.max()) if numeric else None,
        whole=kind == "integer" or (numeric and bool((present == present.round()).all())),
        length=float(texts.str.len().mean()) if texts is not None and len(texts) else 0.0,
        spaces=float(texts.str.count(" ").mean()) if texts is not None and len(texts) else 0.0,
        rising=numeric and bool(present.is_monotonic_increasing) and present.nunique() == len(present) > 20,
    )


def _alone(facts: _Facts) -> ColumnGuess:
    """The guess that needs no other column: what is set aside, and covariates with their scores."""
    kind = _type(facts)
    role, reason = _role(facts, kind)
    scores = (_treatment_score(facts, kind), _outcome_score(facts, kind)) if role == "covariate" else (0.0, 0.0)
    return ColumnGuess(facts.name, kind, role, reason, facts.distinct, *scores)


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
    treatment = _best(guesses, "treatment", None)
    outcome = _best(guesses, "outcome", treatment)
    described = {each.name: _described(each, guessed.type) for each, guessed in zip(facts, guesses, strict=True)}
    chosen: dict[str | None, tuple[Role, str]] = {
        outcome: ("outcome", f"The outcome, by its name and values ({described.get(outcome or '', '')})."),
        treatment: ("treatment", f"The treatment, by its name and values ({described.get(treatment or '', '')})."),
    }
    return tuple(_as(each, *chosen[each.name]) if each.name in chosen else _later(each) for each in guesses)


def _later(each: ColumnGuess) -> ColumnGuess:
    """A second column that looks like an outcome comes after the treatment: adjusting for it would do harm."""
    if each.role != "covariate" or each.outcome_score < _SURE or each.outcome_score <= each.treatment_score:
        return each
    reason = "Set aside: it looks like another outcome, and what comes after the treatment must not be adjusted for."
    return _as(each, "set_aside", reason)


def _as(each: ColumnGuess, role: Role, reason: str) -> ColumnGuess:
    return dataclasses.replace(each, role=role, reason=reason)


def _best(guesses: list[ColumnGuess], role: Literal["treatment", "outcome"], taken: str | None) -> str | None:
    return next((name for name in candidates(guesses, role) if name != taken), None)


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
    """Points of the name, then of the values: few levels, best two; numbers with many values are no treatment here."""
    if facts.distinct > 10 or kind not in ("binary", "category", "numeric") or not facts.words:
        return 0.0
    if kind == "numeric" and not (facts.whole and facts.distinct <= 5):
        return 0.0
    points = float(_points(facts, "treatment"))
    if points and _says(facts, BEFORE):
        points -= 3
    return max(points + (2.0 if facts.distinct == 2 else 0.0), 0.0) if points > 0 else 0.0


def _outcome_score(facts: _Facts, kind: ColumnType) -> float:
    if kind not in ("numeric", "binary") or (facts.kind == "text" and facts.distinct != 2):
        return 0.0
    points = float(_points(facts, "outcome"))
    if points and _says(facts, BEFORE):
        points -= 6
    return max(points + (1.0 if kind == "numeric" and facts.distinct > 10 else 0.0), 0.0) if points > 0 else 0.0


def _points(facts: _Facts, role: Literal["treatment", "outcome", "identifier", "time", "propensity"]) -> int:
    """The points of the strongest word; one inside the name says a little less than the first or the last."""
    table = WORDS[role]
    ends = (facts.words[0], facts.words[-1], "".join(facts.words)) if facts.words else ()
    inside = [table[word] - 1 for word in facts.words if word in table]
    return max([*inside, *(table[word] for word in ends if word in table)], default=0)


def _says(facts: _Facts, words: frozenset[str]) -> bool:
    return any(word in words for word in facts.words)


def _described(facts: _Facts, kind: ColumnType) -> str:
    if facts.lowest is not None and facts.highest is not None and kind == "numeric":
        return f"numbers from {facts.lowest:,.6g} to {facts.highest:,.6g}"
    return counted(facts.distinct, "different value")
