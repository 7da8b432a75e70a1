"""Numbers as people read them: three significant digits, a true minus sign, percentage points apart from per cent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

MINUS = "−"
MISSING = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """How an outcome's means and changes are told: as shares of yes, else as numbers of `unit` ("" where it has none).

    It is true where they are shares, so that it stands for that flag.
    """

    shares: bool
    unit: str = ""

    def __bool__(self) -> bool:
        return self.shares


SHORT = 8
"""Characters of a unit that a row of a figure has room for."""

NO_UNIT = Scale(shares=False)

Binary = bool | Scale
"""Whether an outcome is yes or no; a Scale says the unit too."""


def axis_unit(binary: Binary, mean: bool = False) -> str:
    """What follows the name of an axis of changes: ", percentage points", ", minutes", or nothing; of a `mean` outcome
    shares carry their sign at the ticks.
    """
    if binary and mean:
        return ""
    unit = unit_after(binary).strip()
    return f", {unit}" if unit else ""


def unit_after(binary: Binary) -> str:
    """What follows an interval of changes: " percentage points", " minutes", or nothing."""
    unit = "percentage points" if binary else _unit(binary)
    return f" {unit}" if unit else ""


def short_unit(binary: Binary) -> str:
    """What follows a change where there is little room: " pp", or a unit that is no longer than `SHORT`."""
    if binary:
        return " pp"
    unit = unit_after(binary)
    return unit if len(unit) <= SHORT + 1 else ""


def number(value: float | None, unit: str = "", signed: bool = False, digits: int = 3) -> str:
    """`value` to so many significant digits, thousands grouped, the whole part never rounded away: "1,214", "−0.0312".

    NaN and None give a dash; `unit` follows after a space.
    """
    if value is None or math.isnan(value):
        return MISSING
    text = _magnitude(abs(float(value)), digits)
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    if not any(each in "123456789∞" for each in text):
        sign = ""
    return sign + text + (f" {unit}" if unit else "")


def count(value: float | None) -> str:
    """A number of units: whole, thousands grouped."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{round(value):,}".replace("-", MINUS)


def counted(value: float | None, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 unit", "2,611 units"; `many` where the plural is not the singular and an s."""
    return f"{count(value)} {plural(value, one, many)}"


def plural(value: float | None, one: str, many: str | None = None) -> str:
    """The word for that many: `one` where the value is shown as 1, else `many` (None: `one` and an s)."""
    return one if count(value) == "1" else (f"{one}s" if many is None else many)


def percent(share: float | None, signed: bool = False, digits: int = 3) -> str:
    """A share as per cent: 0.123 gives "12.3 %", and a half "50 %"."""
    return _hundredfold(share, signed, digits, " %")


def points(difference: float | None, signed: bool = False, digits: int = 3, short: bool = False) -> str:
    """A difference of two shares, in percentage points; `short` writes "pp"."""
    return _hundredfold(difference, signed, digits, " pp" if short else " percentage points")


def interval(low: float, high: float, binary: Binary = False, digits: int = 3) -> str:
    """ "[2.49, 4.40]", or "none" without one; of a difference of shares (`binary`) in percentage points, no unit."""
    if math.isnan(low):
        return "none"
    scale = 100.0 if binary else 1.0
    return f"[{number(low * scale, digits=digits)}, {number(high * scale, digits=digits)}]"


def all_digits(value: float | None) -> str:
    """Every digit that the machine holds, for tooltips."""
    if value is None or math.isnan(value):
        return MISSING
    return repr(float(value)).replace("-", MINUS)


def deviations(difference: float, limit: float = 0.1) -> str:
    """The size of a standardised difference, to two decimals: "0.84", and "< 0.01" where there is next to none.

    One that exceeds `limit` by less than that has a third: 0.102 is not told as 0.10.
    """
    if not math.isfinite(difference):
        return MISSING if math.isnan(difference) else "∞"
    size = abs(difference)
    if 0 < size < 0.005:
        return "< 0.01"
    return f"{size:.3f}" if size > limit and f"{size:.2f}" == f"{limit:.2f}" else f"{size:.2f}"


def mean_text(value: float, binary: Binary) -> str:
    """A mean outcome: per cent where the outcome is yes or no, else a number."""
    return percent(value) if binary else number(value, _unit(binary))


def change_text(value: float, binary: Binary, signed: bool = True, short: bool = False) -> str:
    """A change of a mean outcome: percentage points where the outcome is yes or no, else a number.

    `short`, where there is little room and an axis or a headline says the unit: "pp", and no long unit.
    """
    if binary:
        return points(value, signed=signed, short=short)
    return number(value, signed=signed) + (short_unit(binary) if short else unit_after(binary))


def remainder(whole: float, part: float, binary: Binary) -> str:
    """What is left of one change beside another, signed, such that the three add up as they are shown."""
    shown = [_as_shown(change_text(each, binary)) for each in (whole, part)]
    if shown[0] is None or shown[1] is None:
        return change_text(whole - part, binary)
    left = shown[0] - shown[1]
    sign = MINUS if left < 0 else "+" if left > 0 else ""
    return f"{sign}{abs(left):,f}{unit_after(binary)}"


def _unit(binary: Binary) -> str:
    return binary.unit if isinstance(binary, Scale) else ""


def _as_shown(text: str) -> Decimal | None:
    """The number that a person reads; None where it is not written out."""
    if "×" in text or "∞" in text or text == MISSING:
        return None
    return Decimal(text.split(" ")[0].replace(",", "").replace(MINUS, "-"))


def _hundredfold(share: float | None, signed: bool, digits: int, unit: str) -> str:
    if share is None or math.isnan(share):
        return MISSING
    value = share * 100
    if math.isfinite(value) and abs(value - round(value)) < 1e-9:
        whole = f"{abs(round(value)):,}"
        sign = MINUS if round(value) < 0 else "+" if signed and round(value) > 0 else ""
        return sign + whole + unit
    return number(value, signed=signed, digits=digits) + unit


def _magnitude(value: float, digits: int) -> str:
    if math.isinf(value):
        return "∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if power < -6 or power > 15:
        return f"{mantissa} × 10{str(power).translate(_SUPERSCRIPT)}"
    return f"{value:,.{max(digits - 1 - power, 0)}f}"
