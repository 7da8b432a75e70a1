"""Units as people write them, in English and Chinese, and what they measure: "98 min" is "1 小时 38 分钟"."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHARE, POINTS, TIMES, SECONDS = "share", "percentage points", "times", "seconds"

_SPELLINGS: Mapping[tuple[str, float], str] = {
    (SECONDS, 1.0): "s|sec|secs|second|seconds|秒|秒钟",
    (SECONDS, 60.0): "min|mins|minute|minutes|分钟",
    (SECONDS, 3600.0): "h|hr|hrs|hour|hours|小时|个小时|钟头|个钟头",
    (SECONDS, 86400.0): "day|days|天",
    (SECONDS, 604800.0): "week|weeks|周|星期|个星期",
    ("USD", 1.0): "$|usd|us$|us dollar|us dollars|dollar|dollars|buck|bucks|美元|美金",
    ("EUR", 1.0): "€|eur|euro|euros|欧元",
    ("GBP", 1.0): "£|gbp|pound|pounds|英镑",
    ("CNY", 1.0): "¥|￥|cny|rmb|yuan|renminbi|元|块|块钱|人民币|圆",
    ("JPY", 1.0): "jpy|yen|日元",
    ("cent", 1.0): "cent|cents",
    (SHARE, 0.01): "%|percent|per cent|pct|％",
    (SHARE, 1.0): "share|proportion|fraction",
    (POINTS, 1.0): "percentage points|percentage point|percent points|pp|ppt|个百分点|百分点",
    (TIMES, 1.0): "times|x|×|fold|倍",
    ("page", 1.0): "page|pages|页",
    ("year", 1.0): "year|years|yr|yrs|年",
    ("month", 1.0): "month|months|个月",
    ("star", 1.0): "star|stars|星|颗星",
    ("episode", 1.0): "episode|episodes|集",
    ("season", 1.0): "season|seasons|季",
    ("chapter", 1.0): "chapter|chapters|章",
    ("part", 1.0): "part|parts|部分",
    ("point", 1.0): "point|points|分",
    ("person", 1.0): "person|people|persons|个人|人|名|位",
    ("user", 1.0): "user|users|viewer|viewers|reader|readers|customer|customers|listener|listeners|个用户|位用户|用户",
    ("unit", 1.0): "unit|units|个单位",
    ("m", 1000.0): "km|kilometre|kilometres|kilometer|kilometers|公里|千米",
    ("m", 1.0): "metre|metres|meter|meters|米",
    ("m", 0.001): "mm|millimetre|millimetres|millimeter|millimeters|毫米",
    ("m", 0.01): "cm|centimetre|centimetres|centimeter|centimeters|厘米",
    ("mile", 1.0): "mile|miles|英里",
    ("kg", 1.0): "kg|kilo|kilos|kilogram|kilograms|公斤|千克",
    ("kg", 0.001): "g|gram|grams|克",
    ("litre", 0.001): "ml|millilitre|millilitres|milliliter|milliliters|毫升",
    ("litre", 1.0): "litre|litres|liter|liters|升",
    ("gb", 1.0): "gb|gigabyte|gigabytes",
    ("calorie", 1.0): "calorie|calories|kcal|千卡|卡路里",
    ("click", 1.0): "click|clicks|次点击",
    ("view", 1.0): "view|views|次观看",
    ("piece", 1.0): "piece|pieces|item|items|件",
    ("age", 1.0): "岁|years old",
    ("occasion", 1.0): "次",
    ("count", 1.0): "个",
    ("player", 1.0): "player|players|名玩家|玩家",
    ("track", 1.0): "track|tracks|song|songs|首",
}

_KNOWN: dict[str, tuple[str, float]] = {
    spelled: measure for measure, spellings in _SPELLINGS.items() for spelled in spellings.split("|")
}

MONEY = frozenset({"USD", "EUR", "GBP", "CNY", "JPY", "cent"})

_MONEY_SIGNS = "$€£¥"

BEFORE = rf"(?:US\$|[{re.escape(_MONEY_SIGNS)}]|\b(?:USD|EUR|GBP|CNY|RMB|JPY)\b)"
"""What stands before an amount of money."""


def measure_of(unit: str) -> tuple[str, float]:
    """What a unit measures, and how much one of it is; a unit that is not listed measures itself."""
    spelled = " ".join(unit.casefold().replace("_", " ").replace("-", " ").split())
    known = _KNOWN.get(spelled)
    if known is not None:
        return known
    if len(spelled) > 3 and spelled.endswith("s") and not spelled.endswith("ss"):
        spelled = spelled[:-1]
    return spelled, 1.0


def known_unit(word: str) -> bool:
    """Whether the word is a unit that is listed."""
    return word.casefold() in _KNOWN


def spellings(own: tuple[str, ...] = ()) -> str:
    """A pattern of every unit as it follows a number, the longest first; `own`: further ones that facts name."""
    given = {each.casefold() for each in own if each}
    given |= {each + "s" for each in given if each.isascii() and each.isalpha() and not each.endswith("s")}
    listed = sorted({*_KNOWN, *given} - {"share", "proportion", "fraction"}, key=lambda each: (-len(each), each))
    return "|".join(
        re.escape(each).replace(r"\ ", r"[\s-]+")
        + (r"(?![A-Za-z])" if each[-1].isascii() and each[-1].isalpha() else "")
        for each in listed
    )
