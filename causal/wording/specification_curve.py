"""What a specification curve says, as sentences: plain text, with names as the data spells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.checks.verdict import Light, Verdict
from causal.estimators.registry import method_named
from causal.study import POPULATIONS
from causal.wording.numbers import axis_unit, change_text, count, counted, interval, number, percent, plural
from causal.wording.phrases import filter_phrase, scale_of, short_name

if TYPE_CHECKING:
    from causal.effects.specification_curve import SpecificationAnswer, SpecificationCurve
    from causal.effects.specifications import Dimension, OutcomeDefinition, Population

FEWEST = 3
"""Of fewer specifications than this no curve can be drawn."""

AGREE, DISAGREE = 0.9, 0.5
"""From this share with the answer's sign on the curve agrees with it, and below that one it does not."""

LEVEL = 0.05

DIMENSION_TITLES: dict[Dimension, str] = {
    "population": "Population",
    "outcome": "Outcome",
    "adjustment": "Adjusted for",
    "method": "Method",
    "trimming": "Trimming",
}
_MOVERS: dict[Dimension, str] = {
    "population": "the population",
    "outcome": "the definition of the outcome",
    "adjustment": "what is adjusted for",
    "method": "the method",
    "trimming": "the trimming",
}


def curve_finding(curve: SpecificationCurve) -> str:
    """How many specifications say the same, where their middle lies, and what moves them most."""
    total = len(curve.sound)
    if total < FEWEST:
        return f"Only {counted(total, 'specification')} passes its checks: too few for a curve."
    agreeing = round(curve.share_of_sign * total)
    verb = "raises" if curve.sign > 0 else "lowers"
    low, high = (float(curve.effects[round(share * (total - 1))]) for share in (0.05, 0.95))
    return (
        f"{count(agreeing)} of {counted(total, 'sound specification')} ({_whole(curve.share_of_sign)}) "
        f"{'says' if agreeing == 1 else 'say'} that {_treatment(curve)} {verb} {_outcome(curve)}; the median effect is "
        f"{size_text(curve, curve.median)}, nine in ten lie within {_ends(curve, low, high)}.{_mover(curve)}"
    )


def curve_title(curve: SpecificationCurve) -> str:
    """The finding, short, for the figure's title."""
    total = len(curve.sound)
    if total < FEWEST:
        return "Too few specifications pass their checks for a curve"
    verb = "raises" if curve.sign > 0 else "lowers"
    agreeing = round(curve.share_of_sign * total)
    return f"{count(agreeing)} of {count(total)} specifications say that {_treatment(curve)} {verb} {_outcome(curve)}"


def curve_verdict(curve: SpecificationCurve) -> Verdict:
    """Whether the answer survives the choices that could have been made otherwise.

    Of a clear answer: how many specifications have its sign, and whether the regressions among them could come about
    without any effect. Of an unclear one: whether the others are unclear too.
    """
    if len(curve.sound) < FEWEST:
        return Verdict("specification curve", "does_not_apply", curve_finding(curve))
    light: Light = "passed"
    if curve.own_direction:
        by_chance = curve.joint is not None and curve.joint.average_z_p > LEVEL
        if curve.share_of_sign < DISAGREE:
            light = "failed"
        elif curve.share_of_sign < AGREE or curve.share_clear(-curve.own_direction) > 0 or by_chance:
            light = "attention"
        return Verdict("specification curve", light, curve_finding(curve))
    clear = max(curve.share_clear(1), curve.share_clear(-1))
    told = f"{percent(clear)} of {counted(len(curve.sound), 'sound specification')} find a clear effect"
    if clear > DISAGREE:
        return Verdict("specification curve", "attention", f"{told}, where this answer finds none.")
    return Verdict("specification curve", "passed", f"Like this answer most find no clear effect: {told}.")


def joint_sentence(curve: SpecificationCurve) -> str:
    """Whether the regressions could come about by chance, or nothing where it was not asked."""
    joint = curve.joint
    if joint is None:
        return ""
    regressions = counted(joint.regressions, "regression")
    return (
        f"Could the {regressions} come about together without any effect? By their average z of "
        f"{number(joint.average_z)} p = {number(joint.average_z_p)}, by their median effect p = "
        f"{number(joint.median_p)}, by the share that is clear ({percent(joint.share_clear)}) p = "
        f"{number(joint.share_clear_p)}, from {count(joint.draws)} draws."
    )


def greyed_sentence(curve: SpecificationCurve) -> str:
    """How many do not count, and why; nothing where all do."""
    refused = [each for each in curve.answers if each.error]
    failing = [each for each in curve.answers if each.failed and not each.error]
    parts = []
    if failing:
        names = sorted({name for each in failing for name in each.failed})
        fail = plural(len(failing), "fails", "fail")
        parts.append(f"{counted(len(failing), 'specification')} in grey {fail} a check ({', '.join(names)})")
    if refused:
        give = plural(len(refused), "gives", "give")
        parts.append(f"{count(len(refused))} {give} no answer, the first because: {refused[0].error}")
    return "; ".join(parts) + ("" if not parts or parts[-1].endswith(".") else ".")


def contribution_sentence(curve: SpecificationCurve) -> str:
    """What each choice explains of the spread, or nothing where only one thing varies."""
    shares = curve.contributions
    if not shares:
        return ""
    listed = ", ".join(f"{_MOVERS[name]} {_whole(share)}" for name, share in shares)
    left = max(1 - sum(share for _, share in shares), 0.0)
    return f"What explains the spread between specifications: {listed}; combinations of them {_whole(left)}."


def answer_sentence(curve: SpecificationCurve, answered: SpecificationAnswer) -> str:
    """One specification, for a hover."""
    picks = curve.specifications[answered.place].picks
    listed = ", ".join(
        option_label(curve, name, pick)
        for name, pick in zip(DIMENSION_TITLES, picks, strict=True)
        if len(curve.choices.of(name)) > 1
    )
    own = "This analysis: " if answered.place == 0 else ""
    if answered.error:
        return f"{own}{listed}: {answered.error}"
    effect, low, high = curve.scaled(answered)
    failed = f"; fails: {', '.join(answered.failed)}" if answered.failed else ""
    told = f"{size_text(curve, effect)} {_ends(curve, low, high)} from {count(answered.units)} units"
    return f"{own}{told}. {listed}{failed}."


def option_label(curve: SpecificationCurve, dimension: Dimension, pick: int) -> str:
    """One option as a row of the picture names it."""
    option: Any = curve.choices.of(dimension)[pick]
    if dimension == "population":
        return population_label(option)
    if dimension == "outcome":
        return outcome_label(option, named=curve.in_deviations)
    if dimension == "adjustment":
        return set_label(option)
    return method_named(option).title if dimension == "method" else trim_label(option)


def population_label(population: Population) -> str:
    """ "those treated where country is DE"."""
    return POPULATIONS[population.target] + filter_phrase(population.where)


def outcome_label(outcome: OutcomeDefinition, named: bool = True) -> str:
    """ "clicks ≤ 99 % quantile"; without its name where one column alone serves as outcome."""
    rule, name = outcome.rule, short_name(outcome.column)
    if rule is None:
        return name
    shown = percent if rule.kind == "quantiles" else number
    ends = [f"≥ {shown(rule.low)}"] if rule.low is not None else []
    ends += [f"≤ {shown(rule.high)}"] if rule.high is not None else []
    limits = f"{', '.join(ends)}{' quantile' if rule.kind == 'quantiles' else ''}"
    return f"{name} {limits}" if named else limits


def set_label(names: tuple[str, ...]) -> str:
    """ "age, region"."""
    return ", ".join(short_name(each) for each in names) or "nothing"


def trim_label(bound: float) -> str:
    """ "trimmed < 5 %", or "not trimmed"."""
    return f"trimmed < {percent(bound)}" if bound else "not trimmed"


def size_text(curve: SpecificationCurve, effect: float) -> str:
    """An effect in the curve's unit."""
    if curve.in_deviations:
        return f"{number(effect, signed=True)} standard deviations"
    return change_text(effect, scale_of(curve))


def unit_text(curve: SpecificationCurve) -> str:
    """The unit of the axis."""
    if curve.in_deviations:
        return "standard deviations of each outcome"
    return f"{_outcome(curve)}{axis_unit(scale_of(curve))}"


def _ends(curve: SpecificationCurve, low: float, high: float) -> str:
    return interval(low, high) if curve.in_deviations else interval(low, high, scale_of(curve))


def _mover(curve: SpecificationCurve) -> str:
    if not curve.contributions:
        return ""
    name, share = curve.contributions[0]
    told = _MOVERS[name]
    return f" {told[0].upper()}{told[1:]} moves the answer most ({_whole(share)} of the spread)."


def _whole(share: float) -> str:
    return f"{100 * share:.0f} %"


def _treatment(curve: SpecificationCurve) -> str:
    return short_name(curve.spec.question.treatment)


def _outcome(curve: SpecificationCurve) -> str:
    if curve.in_deviations:
        return "the outcomes"
    return short_name(curve.spec.question.outcome)
