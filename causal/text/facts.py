"""What a text may say: titles, numbers with their units, properties and effects, in one language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from causal.errors import OptionProblem

Language = Literal["en", "zh"]
Direction = Literal["up", "down", "unclear"]
Standing = Literal["causal", "tentative", "do not use"]

LANGUAGES: Mapping[Language, str] = {"en": "English", "zh": "中文"}

TITLES = ("title", "item_title", "headline", "标题", "片名", "书名", "名称")
"""Names of properties that are titles, in the order in which one is looked for; a plain "name" is one too."""

_AMOUNT = re.compile(
    r"(?P<before>[$€£¥￥]|USD|EUR|GBP|CNY|RMB)?\s?(?P<value>[-+−]?\d[\d,]*(?:\.\d+)?)\s?(?P<after>[^\W\d_]+|%|[$€£¥])?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quantity:
    """A number under a name; `unit` as people write it: "minutes", "%", "percentage points", "USD", "元"."""

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True)
class Property:
    """A property and its value as text: ("genre", "thriller"), ("released", "2019-03-12")."""

    name: str
    value: str


@dataclass(frozen=True)
class KnownEffect:
    """What moves an outcome, and which way: ("trains", "up", "minutes watched").

    `treated` and `control` name the two levels compared where there are such: the direction is that of the first
    instead of the second. `predicted`: it is what a prediction for one person rests on, which need be no cause.
    """

    cause: str
    direction: Direction
    outcome: str = ""
    treated: str = ""
    control: str = ""
    predicted: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that a text may say, and nothing else.

    `words`: topics, interests and whatever else may be named. `standing`: how the ledger lets the effects be read;
    unless it is "causal", a text must hedge.
    """

    titles: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    properties: tuple[Property, ...] = ()
    effects: tuple[KnownEffect, ...] = ()
    words: tuple[str, ...] = ()
    language: Language = "en"
    standing: Standing = "causal"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise OptionProblem(f'Texts are written in "en" or "zh", not in "{self.language}". Choose one of them.')

    @classmethod
    def of(
        cls,
        item: Mapping[str, Any],
        language: Language = "en",
        effects: Iterable[KnownEffect] = (),
        words: Iterable[str] = (),
        standing: Standing = "causal",
        units: Mapping[str, str] | None = None,
    ) -> Facts:
        """The facts of one item: numbers (also written "98 minutes", "$12.50") are quantities, other text properties.

        The title is what stands under a name such as "title", or "name" where there is none. Missing values are no
        facts. `units`: of columns whose values do not say their own.
        """
        given = {str(name): value for name, value in item.items() if not _missing(value)}
        called = {name.casefold(): name for name in given}
        title = next((called[each] for each in (*TITLES, "name") if each in called), None)
        quantities: list[Quantity] = []
        properties: list[Property] = []
        for name, value in given.items():
            if name == title:
                continue
            quantity = _quantity(name, value, (units or {}).get(name, ""))
            if quantity is not None:
                quantities.append(quantity)
            else:
                properties += [Property(_spelled(name), part) for part in _parts(value)]
        return cls(
            titles=() if title is None else (str(given[title]).strip(),),
            quantities=tuple(quantities),
            properties=tuple(properties),
            effects=tuple(effects),
            words=tuple(words),
            language=language,
            standing=standing,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        return cls(
            titles=tuple(document["titles"]),
            quantities=tuple(Quantity(**each) for each in document["quantities"]),
            properties=tuple(Property(**each) for each in document["properties"]),
            effects=tuple(KnownEffect(**each) for each in document["effects"]),
            words=tuple(document["words"]),
            language=document["language"],
            standing=document["standing"],
        )


def _missing(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return isinstance(value, float) and not math.isfinite(value)


def _quantity(name: str, value: Any, unit: str) -> Quantity | None:
    spelled = _spelled(name)
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        try:
            return Quantity(spelled, float(value), unit)
        except (TypeError, ValueError):
            return None
    found = _AMOUNT.fullmatch(value.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    number = float(found["value"].replace(",", "").replace("−", "-"))
    return Quantity(spelled, number, (found["before"] or found["after"] or unit).strip())


def _parts(value: Any) -> list[str]:
    """A list of values, or one text; yes and no as such."""
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list | tuple | set):
        return [str(each).strip() for each in value if not _missing(each)]
    return [str(value).strip()]


def _spelled(name: str) -> str:
    """A column's name as it is spoken: without underscores."""
    return " ".join(name.replace("_", " ").split())
