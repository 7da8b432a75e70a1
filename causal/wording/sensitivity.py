"""What a hidden cause would have to be like, as sentences: plain text, with names as the data spells them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.checks.verdict import Verdict
from causal.wording.numbers import change_text, counted, interval, number, percent, unit_after
from causal.wording.phrases import scale_of, short_name

if TYPE_CHECKING:
    from causal.checks.hidden_causes.debiased import DebiasedBounds, Gain
    from causal.checks.hidden_causes.marginal_sensitivity import OddsBounds
    from causal.checks.hidden_causes.omitted_variable import Bound
    from causal.effects.sensitivity import Sensitivity


def tipping_sentence(found: Sensitivity) -> str:
    """The tipping point in one sentence."""
    if not found.is_clear:
        return (
            f"The effect is not clearly different from zero as it is ({_regression(found)}), so there is nothing for a "
            "hidden cause to explain away; it could hide an effect."
        )
    return (
        f"A hidden cause would have to explain {percent(found.robustness_value)} of what is left of both "
        f"{_treatment(found)} and {_outcome(found)} to undo the effect, and "
        f"{percent(found.robustness_value_alpha)} to make it unclear."
    )


def finding(found: Sensitivity) -> str:
    """The tipping point, and how it compares with the strongest covariate."""
    tipping, strongest = tipping_sentence(found), found.strongest
    if not found.is_clear or strongest is None:
        return tipping
    return f"{tipping} {_as_strong(found, strongest)}"


def hidden_cause_verdict(found: Sensitivity) -> Verdict:
    """Passed where even a cause as strong as the strongest covariate would leave the effect clear.

    A clear answer of which that cannot be asked gets a second look: nothing was found in its favour.
    """
    strongest = found.strongest
    if not found.is_clear and found.e_value_limit > 1:
        return Verdict("hidden cause", "attention", _clear_without_regression(found))
    if not found.is_clear:
        return Verdict("hidden cause", "does_not_apply", tipping_sentence(found))
    if strongest is None:
        return Verdict("hidden cause", "attention", f"{tipping_sentence(found)} {_nothing_as_strong(found)}")
    return Verdict("hidden cause", "passed" if strongest.leaves_it_clear else "attention", finding(found))


def contour_title(found: Sensitivity, shown: tuple[Bound, ...]) -> str:
    """What the picture shows of the benchmarks drawn in it."""
    if not found.is_clear:
        return f"Adjusted for the covariates alone, the effect is {_regression(found)}"
    if not shown:
        return f"Equally strong with both, a hidden cause undoes the effect at {percent(found.robustness_value)}"
    lost = [each for each in shown if not each.leaves_it_clear]
    if not lost:
        return f"Even a hidden cause {_strong_as(_largest(shown))} would leave the effect clear"
    first = min(lost, key=lambda each: each.times)
    return f"A hidden cause {_strong_as(first)} would be enough to make the effect unclear"


def bound_sentence(found: Sensitivity, bound: Bound) -> str:
    """One benchmark, for a hover."""
    return (
        f"A hidden cause {_strong_as(bound)} could explain {percent(bound.partial_r2_treatment)} of what is left of "
        f"{_treatment(found)} and {percent(bound.partial_r2_outcome)} of {_outcome(found)}: left of the effect would "
        f"be {_left(found, bound)}."
    )


def regression_caption(found: Sensitivity) -> str:
    """Which number the partial R² speak of."""
    among = counted(len(found.adjust_for), "covariate")
    cluster = found.spec.cluster
    errors = "classical errors" if cluster is None else f"errors by {short_name(cluster)}"
    return (
        f"Of the regression on {_treatment(found)} and {among}: {_regression(found)}, {percent(found.spec.confidence)} "
        f"interval with {errors}; {_treatment(found)} explains {percent(found.partial_r2)} of what the "
        f"covariates leave of {_outcome(found)}. Worst case: the hidden cause pulls the effect towards zero."
    )


def e_value_sentence(found: Sensitivity) -> str:
    """The E-values, or nothing where there is no risk ratio."""
    ratio = found.risk_ratio
    if ratio is None or math.isnan(ratio.e_value):
        return ""
    kind = "About a" if ratio.approximate else "A"
    ends = "" if math.isnan(ratio.low) else f" {interval(ratio.low, ratio.high)}"
    told = (
        f"{kind} risk ratio of {number(ratio.value)}{ends}: explained away by a hidden cause that goes with "
        f"{_treatment(found)} and with {_outcome(found)} by a risk ratio of {number(ratio.e_value)} each"
    )
    if math.isnan(ratio.e_value_limit):
        return told + "."
    if ratio.e_value_limit == 1:
        return told + "; the interval holds no effect already."
    return told + f", and made unclear by one of {number(ratio.e_value_limit)}."


def odds_sentence(found: Sensitivity) -> str:
    """The bounds on weighting, or nothing where the method does not weight."""
    if found.odds is None:
        return ""
    if math.isinf(found.odds.tipping):
        return "No error in the odds of treatment, however large, would bring the weighted effect to zero."
    place = next((at for at, each in enumerate(found.odds.factors) if each >= 2), len(found.odds.factors) - 1)
    ends = interval(found.odds.low[place], found.odds.high[place], scale_of(found))
    return (
        f"The weighted effect reaches zero if odds of treatment are off by a factor of {number(found.odds.tipping)}; "
        f"off by {number(found.odds.factors[place])}, it lies within {ends}{_unit(found)} before any chance."
        f"{_odds_by_chance(found, found.odds)}"
    )


def _odds_by_chance(found: Sensitivity, odds: OddsBounds) -> str:
    """Up to which factor the interval stays clear, chance included; nothing without draws."""
    if not odds.draws:
        return ""
    level, draws = percent(found.spec.confidence), counted(odds.draws, "sample")
    if math.isnan(odds.clear_up_to):
        return f" With chance ({draws} drawn), the {level} interval holds zero as it is."
    ends = interval(odds.interval_low[0], odds.interval_high[0], scale_of(found))
    beyond = " at least" if odds.clear_up_to == odds.factors[-1] else ""
    return (
        f" With chance ({draws} drawn), the {level} interval, {ends} if no odds are off, leaves zero out up to a "
        f"factor of{beyond} {number(odds.clear_up_to)}."
    )


def debiased_sentence(found: Sensitivity) -> str:
    """The bounds on a doubly robust estimate or double machine learning, or nothing for other methods."""
    own = found.debiased
    if own is None:
        return ""
    confidence = (1 + found.spec.confidence) / 2  # both limits together hold with the confidence asked for
    limit = own.robustness_value_alpha(confidence)
    told = (
        f"For the estimate itself: a hidden cause that explains {percent(own.robustness_value())} of what its models "
        f"leave of {_outcome(found)}, and as much of the weights' variation, would undo it"
    )
    told += f", and {percent(limit)} would make it unclear." if limit > 0 else "; it is unclear as it is."
    return told + "".join(_as_strong_as(found, own, each) for each in own.gains[:1])


def _as_strong_as(found: Sensitivity, own: DebiasedBounds, gained: Gain) -> str:
    """What a cause that adds as much as a covariate, to models that hold it already, would leave."""
    shares = (min(gained.with_outcome, 1.0), min(gained.with_treatment, 0.99))
    scale, confidence = scale_of(found), (1 + found.spec.confidence) / 2
    ends, outer = interval(*own.bounds(*shares), scale), interval(*own.limits(*shares, confidence), scale)
    return (
        f" One that adds as much as {short_name(gained.covariate)} ({percent(shares[0])} and {percent(shares[1])}) "
        f"leaves the effect within {ends}{_unit(found)}, {percent(found.spec.confidence)} limits {outer}."
    )


def matched_sentence(found: Sensitivity) -> str:
    """Rosenbaum's gamma, or nothing where the method does not match."""
    test = found.matched
    if test is None:
        return ""
    if test.gamma == 1:
        return f"In {counted(test.pairs, 'matched pair')} the signed-rank test finds no clear difference as it is."
    return (
        f"In {counted(test.pairs, 'matched pair')} the signed-rank test stays clear until the odds of treatment within "
        f"a pair differ by a factor of {number(test.gamma)}."
    )


def worst_case_sentence(found: Sensitivity) -> str:
    """Manski's bounds, or nothing where the target is no group of units."""
    bounds = found.worst_case
    if bounds is None:
        return ""
    reach = "" if scale_of(found) else f", {_outcome(found)} lying between {_ends(bounds.least, bounds.most)}"
    return (
        f"Whatever decided who was treated{reach}, the effect lies within "
        f"{interval(bounds.low, bounds.high, scale_of(found))}{_unit(found)}."
    )


def _as_strong(found: Sensitivity, bound: Bound) -> str:
    if bound.leaves_it_clear:
        return f"One as strong as {short_name(bound.covariate)} would leave {_left(found, bound)}."
    return f"One as strong as {short_name(bound.covariate)} would be enough, and leave {_left(found, bound)}."


def _strong_as(bound: Bound) -> str:
    times = "" if bound.times == 1 else f"{bound.times:g} times "
    return f"{times}as strong as {short_name(bound.covariate)}"


def _largest(shown: tuple[Bound, ...]) -> Bound:
    return min(shown, key=lambda each: abs(each.adjusted_effect))


def _left(found: Sensitivity, bound: Bound) -> str:
    binary = scale_of(found)
    left = change_text(bound.adjusted_effect, binary)
    if bound.partial_r2_outcome == 1:
        return f"{left}, as it could explain all that is left of {_outcome(found)}"
    return f"{left} {interval(bound.adjusted_low, bound.adjusted_high, binary)}"


def _clear_without_regression(found: Sensitivity) -> str:
    return (
        f"The answer is clear, but regression on the same covariates is not ({_regression(found)}), so it cannot say "
        "how strong a hidden cause would have to be."
    )


def _nothing_as_strong(found: Sensitivity) -> str:
    if not found.adjust_for:
        return (
            "Nothing is adjusted for, so no covariate says how strong one could be: causal only if treatment was "
            "random."
        )
    return (
        f"One as strong as any covariate would explain all of {_treatment(found)}, so what it would leave is unknown."
    )


def _regression(found: Sensitivity) -> str:
    own, binary = found.coefficient, scale_of(found)
    ends = own.own_interval(found.spec.confidence)
    return f"{change_text(own.effect, binary)} {interval(*ends, binary)}"


def _unit(found: Sensitivity) -> str:
    return unit_after(scale_of(found))


def _ends(low: float, high: float) -> str:
    return f"{number(low)} and {number(high)}"


def _treatment(found: Sensitivity) -> str:
    return short_name(found.spec.question.treatment)


def _outcome(found: Sensitivity) -> str:
    return short_name(found.spec.question.outcome)
