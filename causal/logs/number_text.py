"""Numbers as people write them: with units, separators between thousands, decimal commas, signs on either side."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causal.logs.vocabulary import MISSING_WORDS

if TYPE_CHECKING:
    import pandas as pd

MOSTLY_NUMBERS = 0.95
"""The share of texts that must spell a number before a column is taken for numbers."""

_CODES = (
    "EUR|USD|GBP|CHF|JPY|CNY|RMB|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|INR|BRL|MXN|TRY|ZAR|KRW|"
    "Euro|Fr[.]|Rs[.]?|kr[.]?|zł|Kč|Ft"
)
MONEY = rf"(?:(?:[A-Za-z]{{1,3}})?[$€£¥₹₽₩₺₴₫₪₱₦฿¢]|(?i:{_CODES}))"
"""A currency's sign or code."""

BLANKS = " \u00a0\u202f\u2009"
_GROUPS = rf"[{BLANKS}'’]"
_WRITTEN = re.compile(
    rf"(?P<open>\()?(?P<sign>[+\-−]?)\s*(?P<before>{MONEY})?\s*(?P<inner>[+\-−]?)\s*"
    rf"(?P<digits>\d[\d.,{BLANKS}'’]*?|[.,]\d+)(?P<power>[eE][+-]?\d{{1,3}})?\s*(?P<after>{MONEY}|%)?"
    r"(?P<last>-?)(?(open)\))"
)
_POINT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\.")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d*,?\d+|\d+,")
_SURELY_COMMA = re.compile(r"\d*,(?:\d{1,2}|\d{4,})|(?:0|\d{4,}),\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}")
_SURELY_POINT = re.compile(r"\d*\.(?:\d{1,2}|\d{4,})|(?:0|\d{4,})\.\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}")
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_CODE = re.compile(r"0\d+")


@dataclass(frozen=True)
class _Written:
    """One text that has the form of a number: its sign, its digits with their separators, its exponent, its unit."""

    negative: bool
    digits: str
    power: str
    unit: str


def numbers_in(values: pd.Series) -> pd.Series:
    """The numbers that texts spell ("12 %", "-$3.50", "1.234,5 €"), as floats; missing where a text spells none.

    Whether the comma or the point is the decimal mark is decided for the column, from its unmistakable values.
    """
    import numpy as np
    import pandas as pd

    codes, texts = pd.factorize(values.astype("str"), use_na_sentinel=True)
    written = [_written(str(text)) for text in texts]
    comma = _decimal_comma(each.digits for each in written if each is not None)
    found = [math.nan if each is None else _value(each, comma) for each in written]
    return pd.Series(np.array([*found, math.nan])[codes], index=values.index, name=values.name)


def read_as_numbers(texts: pd.Series) -> bool:
    """Whether a column of texts without gaps is one of numbers beyond doubt.

    At least 95 % of what is no word for missing spells a number, in one unit, with a decimal mark that is certain and
    without the leading zeros of a code.
    """
    counts = texts.astype("str").str.strip().value_counts()
    spelled = {str(text): int(rows) for text, rows in counts.items() if str(text).casefold() not in MISSING_WORDS}
    written = {text: _written(text) for text in spelled}
    fitting = {text: each for text, each in written.items() if each is not None and not math.isnan(_value(each, False))}
    if not fitting or sum(spelled[text] for text in fitting) < MOSTLY_NUMBERS * sum(spelled.values()):
        return False
    parts = list(fitting.values())
    return _one_unit(parts) and not _ambiguous(parts) and not any(_CODE.fullmatch(each.digits) for each in parts)


def unit_of(texts: Iterable[str]) -> str | None:
    """The one unit ("$", "%") that numbers among the texts are written with; None without one, or with several."""
    units = {each.unit for each in map(_written, texts) if each is not None and each.unit}
    return units.pop() if len(units) == 1 else None


def _written(text: str) -> _Written | None:
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    signs = [sign for sign in (found["sign"], found["inner"], found["last"], found["open"]) if sign]
    digits = re.sub(rf"(?<=\d){_GROUPS}(?=\d{{3}}(?:\D|$))", "", found["digits"].strip())
    if len(signs) > 1 or re.search(_GROUPS, digits):
        return None
    unit = (found["before"] or found["after"] or "").strip()
    return _Written(bool(signs) and signs[0] != "+", digits, found["power"] or "", unit)


def _value(written: _Written, comma: bool) -> float:
    """The number, read with the column's decimal mark where it fits, and with the other where only that one does."""
    for with_comma in (comma, not comma):
        if (_COMMA if with_comma else _POINT).fullmatch(written.digits):
            thousands, mark = (".", ",") if with_comma else (",", ".")
            number = float(written.digits.replace(thousands, "").replace(mark, ".") + written.power)
            if not math.isfinite(number):
                return math.nan
            return -number if written.negative else number
    return math.nan


def _decimal_comma(digits: Iterable[str]) -> bool:
    sure = [(bool(_SURELY_COMMA.fullmatch(each)), bool(_SURELY_POINT.fullmatch(each))) for each in digits]
    return any(comma for comma, _ in sure) and not any(point for _, point in sure)


def _one_unit(written: list[_Written]) -> bool:
    """At most one currency, and per cent on all numbers (but zero) or on none."""
    units = {each.unit for each in written if each.unit}
    if len(units) > 1:
        return False
    return "%" not in units or all(each.unit == "%" or _value(each, False) == 0 for each in written)


def _ambiguous(written: list[_Written]) -> bool:
    """Whether values such as "1,234" may mean two numbers, and no other value decides."""
    if any(_SURELY_COMMA.fullmatch(each.digits) or _SURELY_POINT.fullmatch(each.digits) for each in written):
        return False
    doubtful = [(each, _EITHER.fullmatch(each.digits)) for each in written]
    return any(found and (found[1] == "," or (each.unit not in ("", "%"))) for each, found in doubtful)
