"""Direct and indirect effects as sentences: how much goes through the mediators, how sure it is, what could undo it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.checks.instruments import is_bounded
from causal.errors import OptionProblem
from causal.wording.numbers import change_text, interval, number, percent
from causal.wording.phrases import outcome_name, scale_of, short_name

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.estimators.mediation_effects import MediationEffects, Part


def effects_of(analysis: Analysis) -> MediationEffects:
    """The parts of this answer's effect.

    Raises OptionProblem where the method splits nothing.
    """
    if analysis.mediation is None:
        raise OptionProblem(f"{analysis.method.title} splits no effect. Answer with mediation as well, and look there.")
    return analysis.mediation


def mediators_of(analysis: Analysis) -> str:
    """The mediators by name."""
    return " and ".join(short_name(name) for name in effects_of(analysis).mediators)


def part_text(analysis: Analysis, part: Part, short: bool = False) -> str:
    """ "+3.01 [2.88, 3.13]", in percentage points where the outcome is yes or no."""
    binary = scale_of(analysis)
    low, high = part.interval(analysis.estimate.confidence)
    return f"{change_text(part.effect, binary, short=short)} {interval(low, high, binary)}"


def parts_finding(analysis: Analysis) -> str:
    """How much goes through the mediators and how much around them, for the title of a figure."""
    found, binary = effects_of(analysis), scale_of(analysis)
    through, around = found.total_indirect, found.direct
    caution = "Not an effect to act on: " if analysis.standing == "do not use" else ""
    size = change_text(through.effect, binary, short=True)
    if not _is_clear(analysis, through):
        claim = f"no clear part of the effect goes through {mediators_of(analysis)} ({size})"
    else:
        other = change_text(around.effect, binary, short=True)
        claim = f"{size} in {outcome_name(analysis)} goes through {mediators_of(analysis)}, {other} goes around it"
    return caution + claim if caution else claim[0].upper() + claim[1:]


def parts_sentence(analysis: Analysis) -> str:
    """Both parts with their intervals, and the share that goes through the mediators."""
    found, binary = effects_of(analysis), scale_of(analysis)
    names, level = mediators_of(analysis), percent(analysis.estimate.confidence)
    text = (
        f"Of the whole change of {change_text(found.total.effect, binary)} in {outcome_name(analysis)}, "
        f"{part_text(analysis, found.total_indirect)} goes through {names} and {part_text(analysis, found.direct)} "
        f"goes around it ({level} intervals)."
    )
    return f"{text} {share_sentence(analysis)}"


def share_sentence(analysis: Analysis) -> str:
    """The share mediated with its interval, or why there is none to speak of."""
    found, level = effects_of(analysis), analysis.estimate.confidence
    region = found.share_region(level)
    if not is_bounded(region) or not region:
        return "What share that is cannot be said, as the whole effect may be zero."
    low, high = region[0]
    about = ", on average over both levels of the treatment," if found.interaction else ""
    told = f"{percent(found.share)} ({percent(level)} interval {percent(low)} to {percent(high)})"
    unlike = "" if 0 <= found.share <= 1 else " Beyond 0 to 100 % the parts pull in opposite directions."
    return f"The share through {mediators_of(analysis)} is{about} {told}.{unlike}"


def interaction_sentence(analysis: Analysis) -> str:
    """How the part through the mediators differs between the treatment's levels; "" without an interaction."""
    found = effects_of(analysis)
    if not found.interaction:
        return ""
    return (
        f"Were the rest as under control, {mediators_of(analysis)} would carry {part_text(analysis, found.indirect)}; "
        f"as under treatment, {part_text(analysis, found.total_indirect)}."
    )


def hidden_cause_sentence(analysis: Analysis) -> str:
    """What hidden cause of mediator and outcome would bring the part through the mediator to zero; "" if not known."""
    cause = effects_of(analysis).hidden_cause
    if cause is None:
        return ""
    return (
        f"A hidden cause of {mediators_of(analysis)} and {outcome_name(analysis)} that makes what is left of both "
        f"correlate by {number(cause.correlation_at_zero, digits=2)} would leave nothing of the part through it: the "
        f"shares of what is left that it explains in both would multiply to {number(cause.of_residual, digits=2)}, "
        f"those of all variance to {number(cause.of_total, digits=2)}."
    )


def hidden_cause_finding(analysis: Analysis) -> str:
    """The sentence for the title of a figure."""
    cause = effects_of(analysis).hidden_cause
    if cause is None:
        raise OptionProblem(
            "What a hidden cause would do is known for one numeric mediator and a numeric outcome only, in the linear "
            "model."
        )
    return (
        f"A hidden cause that ties {mediators_of(analysis)} and {outcome_name(analysis)} by a correlation of "
        f"{number(cause.correlation_at_zero, digits=2)} would account for all that goes through it"
    )


def _is_clear(analysis: Analysis, part: Part) -> bool:
    low, high = part.interval(analysis.estimate.confidence)
    return not low <= 0 <= high
