"""The parts that sentences are made of: names, levels, populations and intervals, as the data spells them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from causal.estimators.stock import is_stock
from causal.estimators.stock_econml import is_econml
from causal.study import POPULATIONS
from causal.wording.escape import shorten
from causal.wording.numbers import Binary, Scale, number, percent

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.estimators.estimate import Estimate
    from causal.estimators.method import Method
    from causal.study import AnalysisSpec, Condition, Question

Arm = Literal["control", "treated"]


class Measured(Protocol):
    """A result that says whether its outcome is yes or no, and in its question what it is counted in."""

    @property
    def outcome_is_binary(self) -> bool: ...  # noqa: D102
    @property
    def spec(self) -> AnalysisSpec: ...  # noqa: D102


DAGGER = "†"
ARMS: tuple[Arm, Arm] = ("treated", "control")
_ANSWERS = {
    "true",
    "false",
    "yes",
    "no",
    "y",
    "n",
    "t",
    "f",
    "on",
    "off",
    "ja",
    "nein",
    "j",
    "oui",
    "non",
    "si",
    "sí",
    "não",
    "sim",
    "nee",
    "",
}
_SHORT_NAMES = {
    "propensity score": "PS",
    "generalized linear model": "GLM",
    "instrumental variable": "IV",
    "two stage regression": "two-stage",
}
_NAME_LENGTH = 40
_LEVEL_LENGTH = 24


def population(question: Question, where: Sequence[Condition] = ()) -> str:
    """Whom the effect is for: "everyone", "those treated" or "those not treated", "where country is DE"."""
    return POPULATIONS[question.target] + filter_phrase(where)


def answered_population(analysis: Analysis) -> str:
    """Whom the effect is for, where the method answers for another population than everyone too, or for fewer."""
    restricted = left_in(analysis) + filter_phrase(analysis.spec.where)
    whom = POPULATIONS[analysis.target] + restricted
    if analysis.instrument_evidence is None:
        return whom
    if analysis.method.name == "complier_effect":
        names = " and ".join(short_name(name) for name in analysis.instrument_evidence.instruments)
        return f"those whom {names} moves{restricted}"
    return f"{whom} if it is the same for all"


def left_in(analysis: Analysis) -> str:
    """ " left after trimming" or " with a match", with a space before it; nothing where no one was left out."""
    if not analysis.overlap.share_trimmed > 0:
        return ""
    return " with a match" if left_out_by_matching(analysis) else " left after trimming"


def left_out_by_matching(analysis: Analysis) -> bool:
    """Whether units were left out because they have no match."""
    if analysis.method.name == "coarsened_matching":
        return analysis.overlap.share_trimmed > 0
    return analysis.matches is not None and analysis.matches.matched < analysis.matches.asked


def filter_phrase(where: Sequence[Condition]) -> str:
    """ " where country is DE and age is at least 30", with a space before it; nothing without a filter."""
    return " where " + " and ".join(condition_text(each) for each in where) if where else ""


def condition_text(condition: Condition) -> str:
    """ "age is at least 30"."""
    several = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    listed = " or ".join(level_text(each) for each in several)
    comparison = "is" if condition.comparison == "is one of" else condition.comparison
    return f"{short_name(condition.column)} {comparison} {listed}"


def answers_for_others(analysis: Analysis) -> bool:
    """Whether the estimate is for another population than the one asked about: weighted to another, or trimmed."""
    return analysis.target != analysis.spec.question.target or analysis.overlap.share_trimmed > 0


def other_populations(analyses: Sequence[Analysis]) -> str:
    """For whom the answers with a dagger are, in one sentence; nothing where all are for whom was asked."""
    parts = []
    for each in analyses:
        left_out = each.overlap.share_trimmed
        whom = POPULATIONS[each.target] if each.target != each.spec.question.target else ""
        kept = f"the {percent(1 - left_out)} of the units that it keeps" if left_out > 0 else ""
        if whom or kept:
            parts.append(f"{method_label(each.method)} for {' among '.join(filter(None, (whom, kept)))}")
    return f"{DAGGER} Not for all that were asked about: {'; '.join(parts)}." if parts else ""


def level_text(level: Any) -> str:
    """A treatment level as text: whole floats without a decimal point."""
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return shorten(level, _LEVEL_LENGTH)


def level_phrase(analysis: Analysis, arm: Arm) -> str:
    """ "with new", or "with treat at 1" where the level is a number or a flag."""
    level = level_of(analysis, arm)
    if needs_its_column(level):
        return f"with {treatment_name(analysis)} at {level_text(level)}"
    return f"with {level_text(level)}"


def level_of(analysis: Analysis, arm: Arm) -> Any:
    """The treatment's level in that arm."""
    means = analysis.estimate.arm_means
    return means.control_level if arm == "control" else means.treated_level


def needs_its_column(level: Any) -> bool:
    """Numbers and flags say nothing by themselves."""
    if not isinstance(level, str):
        return True
    return level.strip().lower() in _ANSWERS or level.replace(".", "", 1).isdigit()


def change_of_treatment(analysis: Analysis) -> str:
    """The subject of a claim: "algorithm (new instead of old)"."""
    control, treated = level_of(analysis, "control"), level_of(analysis, "treated")
    return f"{treatment_name(analysis)} ({level_text(treated)} instead of {level_text(control)})"


def comparison_of_levels(analysis: Analysis, joined: str = "than") -> str:
    """The two arms side by side, without a claim: "with algorithm at new than at old"."""
    control, treated = level_of(analysis, "control"), level_of(analysis, "treated")
    return f"with {treatment_name(analysis)} at {level_text(treated)} {joined} at {level_text(control)}"


def interval_words(low: float, high: float, binary: Binary, confidence: float, difference: bool = False) -> str:
    """An interval in words: "95 % interval 4.71 to 5.33"; of a `difference` of shares without the unit."""
    if math.isnan(low):
        return "no interval"
    level = f"{percent(confidence)} interval"
    if binary and not difference:
        return f"{level} {percent(low)} to {percent(high)}"
    scale = 100 if binary else 1
    return f"{level} {number(low * scale)} to {number(high * scale)}"


def effect_interval(estimate: Estimate, binary: Binary) -> str:
    """The interval of an effect in words."""
    low, high = estimate.interval()
    return interval_words(low, high, binary, estimate.confidence, difference=True)


def scale_of(found: Measured) -> Scale:
    """How the outcome of a result is told: in percentage points, or in its unit."""
    return Scale(found.outcome_is_binary, found.spec.question.unit)


def outcome_name(analysis: Analysis) -> str:
    """The outcome's column, shortened."""
    return short_name(analysis.spec.question.outcome)


def method_name(analysis: Analysis) -> str:
    """Who gives a number: "Doubly robust", or "DoWhy's stock propensity score weighting"."""
    method = analysis.method
    if not is_stock(method.name):
        return method.title
    return f"{'EconML' if is_econml(method.name) else 'DoWhy'}'s stock {stock_name(method)}"


def method_label(method: Method) -> str:
    """A method's name where there is little room: its title, or "stock: PS weighting"."""
    if not is_stock(method.name):
        return method.title
    name = stock_name(method)
    for long, short in _SHORT_NAMES.items():
        name = name.replace(long, short)
    return f"stock: {name}"


def stock_name(method: Method) -> str:
    """One of DoWhy's own without its road: "propensity score weighting"."""
    return method.name.rsplit(".", 1)[-1].replace("_", " ")


def treatment_name(analysis: Analysis) -> str:
    """The treatment's column, shortened."""
    return short_name(analysis.spec.question.treatment)


def short_name(name: str) -> str:
    """A column's name, shortened."""
    return shorten(name, _NAME_LENGTH)


def capitalised(sentence: str) -> str:
    """A first word in small letters gets its capital; a name such as iPhone stays."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].upper() + sentence[1:] if first.islower() and first.isalpha() else sentence
