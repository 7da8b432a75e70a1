"""How our figures compare with published ones, as sentences: plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.accuracy.comparison import Standing
from causal.accuracy.reference import QUANTITIES
from causal.wording.numbers import MINUS, MISSING, count, counted, number, plural

if TYPE_CHECKING:
    from causal.accuracy.comparison import Accuracy, Comparison

STANDINGS: dict[Standing, str] = {
    "met": "met",
    "differs": "differs",
    "failed": "could not be computed",
    "absent": "not recomputed here",
}


def accuracy_headline(accuracy: Accuracy) -> str:
    """How many reference figures ours print the same as; before there are any, how many there are."""
    asked = len(accuracy.recomputed)
    if not asked:
        return (
            f"{counted(len(accuracy.comparisons), 'reference figure')} can be recomputed here, by the methods you use."
        )
    met = len(accuracy.standing("met"))
    return f"{met} of {counted(asked, 'reference figure')} {plural(asked, 'is', 'are')} met to the printed digit."


def origin_sentence(accuracy: Accuracy) -> str:
    """Where the figures come from."""
    scripted = sum(each.scripted for each in accuracy.comparisons)
    return (
        f"{counted(len(accuracy.comparisons) - scripted, 'figure')} on real data as manuals, textbooks, papers and "
        f"the tests of R's packages print them, and {count(scripted)} that R's packages give by scripts of this "
        "project, to seven digits. A figure is met where ours rounds to the digits printed."
    )


def absent_sentence(accuracy: Accuracy) -> str:
    """What was not recomputed because its table is not on this machine, and how to have it; empty where nothing."""
    absent = accuracy.standing("absent")
    if not absent or not accuracy.recomputed:
        return ""
    packages = sorted({each.package for each in absent})
    return (
        f"{counted(len(absent), 'more figure')} {plural(len(absent), 'speaks', 'speak')} of tables in "
        f"{plural(len(packages), 'a package that is', 'packages that are')} not installed here; this project's tests "
        f"hold them. To recompute them on this machine too: pip install {' '.join(packages)}"
    )


def method_sentence(title: str, comparisons: tuple[Comparison, ...]) -> str:
    """One method's figures: "Weighting by propensity: 24 of 24 are met"."""
    asked = [each for each in comparisons if each.standing != "absent"]
    if not asked:
        return f"{title}: {counted(len(comparisons), 'figure')}"
    return f"{title}: {sum(each.standing == 'met' for each in asked)} of {len(asked)} are met"


def comparison_sentence(each: Comparison) -> str:
    """One figure with ours and where it is published."""
    start = f"{each.source}: {QUANTITIES[each.quantity]} {printed(each)}."
    if each.units is None:
        return f"{start} {each.problem}".rstrip()
    sentence = f"{start} Ours: {ours(each)}, {number(each.units, signed=True)} units of the last printed digit away."
    return f"{sentence} {each.problem}".rstrip() if each.standing == "differs" else sentence


def printed(each: Comparison) -> str:
    """The published figure, digit by digit."""
    return each.printed.replace("-", MINUS)


def ours(each: Comparison) -> str:
    """Our figure, to two digits more than are published."""
    if each.ours is None:
        return MISSING
    decimals = len(each.printed.partition(".")[2]) + 2
    return f"{each.ours:.{decimals}f}".replace("-", MINUS)


def comparison_rows(comparisons: tuple[Comparison, ...]) -> list[dict[str, Any]]:
    """The table of figures: what, of which data, published, ours, how far apart, and where it is published."""
    return [
        {
            "figure": QUANTITIES[each.quantity],
            "reference": printed(each),
            "ours": ours(each),
            "units apart": each.units,
            "standing": STANDINGS[each.standing],
            "source": each.source,
            "what was asked": each.command,
            "data": each.table,
        }
        for each in comparisons
    ]
