"""Results as sentences: plain text, with names as the data spells them, so escape the whole before Markdown sees it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from causal.checks.ledger import Standing
from causal.wording.ledger import ledger_of, listed, overruling_sentence
from causal.wording.numbers import (
    MISSING,
    Binary,
    change_text,
    count,
    counted,
    deviations,
    interval,
    mean_text,
    number,
    percent,
    plural,
    remainder,
    unit_after,
)
from causal.wording.phrases import (
    ARMS,
    Arm,
    answered_population,
    capitalised,
    change_of_treatment,
    comparison_of_levels,
    effect_interval,
    interval_words,
    left_in,
    left_out_by_matching,
    level_of,
    level_phrase,
    level_text,
    method_name,
    needs_its_column,
    outcome_name,
    population,
    scale_of,
    short_name,
)

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.checks.balance import BalanceRow
    from causal.estimators.estimate import Estimate
    from causal.interventions.treat_share import ShareCurve
    from causal.logs.profile import ColumnProfile
    from causal.study import Condition, Question

Direction = Literal["up", "down", "unclear", "unknown"]


def direction(estimate: Estimate) -> Direction:
    """Up or down; unclear where the interval holds zero, unknown without a number. Without an interval, by the sign."""
    if not math.isfinite(estimate.effect):
        return "unknown"
    low, high = estimate.interval()
    if low <= 0 <= high or estimate.effect == 0:
        return "unclear"
    return "up" if estimate.effect > 0 else "down"


def study_sentence(question: Question, where: Sequence[Condition] = ()) -> str:
    """What is asked: "Does algorithm, from old to new, change engagement, for everyone?"."""
    change = ""
    if question.control is not None and question.treated is not None:
        change = f" from {level_text(question.control)} to {level_text(question.treated)},"
    treatment, outcome = short_name(question.treatment), short_name(question.outcome)
    return f"Does {treatment}{',' if change else ''}{change} change {outcome}, for {population(question, where)}?"


def headline(analysis: Analysis) -> str:
    """The answer in one sentence: effect, sign, interval, unit and population, as causal as its ledger allows.

    Where an analyst overruled the checks, their reason stands in a second one, so that it goes wherever this goes.
    """
    overruling = ledger_of(analysis).overruling
    return _headline(analysis) + ("" if overruling is None else f" {overruling_sentence(overruling)}")


def _headline(analysis: Analysis) -> str:
    estimate = analysis.estimate
    toward, state = direction(estimate), analysis.standing
    whom = answered_population(analysis)
    if toward == "unknown":
        return f"The effect of {change_of_treatment(analysis)} on {outcome_name(analysis)} could not be computed."
    if state == "do not use":
        return f"{_caution(analysis)}{_association(analysis, toward)}, among {whom}; {_failure(analysis)}."
    if not analysis.has_interval:
        return f"{_bare_number(analysis)}, for {whom}."
    return _opening(state, _claim(analysis, toward, tentative=state == "tentative", detail=True) + f", for {whom}.")


def finding(analysis: Analysis) -> str:
    """The headline without interval and population, for the title of a figure."""
    toward, state = direction(analysis.estimate), analysis.standing
    if toward == "unknown":
        return f"The effect on {outcome_name(analysis)} could not be computed"
    if state == "do not use":
        return _caution(analysis) + _association(analysis, toward, detail=False)
    if not analysis.has_interval:
        return _bare_number(analysis)
    return _opening(state, _claim(analysis, toward, tentative=state == "tentative", detail=False))


def effect_text(analysis: Analysis, estimate: Estimate | None = None, short: bool = False) -> str:
    """ "+5.02 [4.71, 5.33]", in percentage points where the outcome is yes or no."""
    shown = estimate or analysis.estimate
    binary = scale_of(analysis)
    text = change_text(shown.effect, binary, short=short)
    low, high = shown.interval()
    return text if math.isnan(low) else f"{text} {interval(low, high, binary)}"


def relative_lift(analysis: Analysis) -> str:
    """The effect as a share of the mean under the control level, in one sentence."""
    estimate, control = analysis.estimate, level_phrase(analysis, "control")
    base, lift = estimate.arm_means.control, estimate.lift
    if not base > 0 or math.isnan(lift):
        return f"There is no relative change to speak of: the mean {control} is not above zero."
    low, high = estimate.lift_interval()
    known = not math.isnan(low)
    spread = f"{percent(low, signed=True)} to {percent(high, signed=True)}"
    if direction(estimate) == "unclear":
        inside = f", {_level(estimate)} interval {spread}" if known else ""
        return f"There is no clear relative change either ({percent(lift, signed=True)} of the mean {control}{inside})."
    text = f"That is {percent(abs(lift))} {'more' if lift >= 0 else 'less'} than {control}"
    return f"{text} ({_level(estimate)} interval {spread})." if known else f"{text}, without an interval."


def arm_sentence(analysis: Analysis) -> str:
    """The mean outcome of each arm, treated first: what it would be, or what it is where no effect may be claimed."""
    parts = [f"{_arm_mean(analysis, arm)} {level_phrase(analysis, arm)}" for arm in ARMS]
    whom = answered_population(analysis)
    return f"Among {whom}, {outcome_name(analysis)} {averages(analysis)} {parts[0]} and {parts[1]}."


def averages(analysis: Analysis) -> str:
    """The verb of a mean: "would average", or "averages" where the checks allow no effect."""
    return "averages" if analysis.standing == "do not use" else "would average"


def effect_noun(analysis: Analysis) -> str:
    """What the number is: "effect", or "difference" where the checks allow no effect."""
    return "difference" if analysis.standing == "do not use" else "effect"


_OTHER_ROADS = {
    "frontdoor": "through the steps between treatment and outcome (front-door)",
    "id": "by the formula that the graph gives",
    "instrument": "through an instrument",
}


def why_different(analysis: Analysis) -> str:
    """Why the adjusted effect differs from the plain difference, naming what the arms differed most in."""
    naive, adjusted = analysis.naive.effect, analysis.estimate.effect
    strategy = None if analysis.estimand is None else analysis.estimand.strategy
    if analysis.method.adjusts and strategy in _OTHER_ROADS:
        return f"The effect comes {_OTHER_ROADS[strategy]}, which the plain difference between the arms leaves aside."
    if not analysis.method.adjusts or not analysis.balance.rows:
        return "Nothing was adjusted for: this is the plain difference between the arms."
    worst = analysis.balance.worst_before
    if worst is None or not math.isfinite(naive) or not math.isfinite(adjusted):
        return "The adjusted effect cannot be compared with the plain difference."
    before, after = direction(analysis.naive), direction(analysis.estimate)
    if "unclear" in (before, after):
        return _uncertain_difference(analysis, worst, before, after)
    if before != after:
        plain, now = _with_its_interval(analysis, analysis.naive), _with_its_interval(analysis, analysis.estimate)
        return (
            f"Adjustment turns the sign: without it it looks like {plain}, with it {now}, because "
            f"{_who_got_it(analysis, worst)} ({_apart(worst)}). The answer rests on the adjustment."
        )
    binary = scale_of(analysis)
    plain, now = change_text(naive, binary), change_text(adjusted, binary)
    if plain == now or abs(naive - adjusted) <= 0.5 * _scale_of_noise(analysis):
        return (
            f"Adjustment changes little: it looks like {plain} without and {now} with it. The arms differed most in "
            f"{short_name(worst.name)}, by {deviations(worst.before)} standard deviations."
        )
    return (
        f"Without adjustment it looks like {plain} instead of {now}, because {_who_got_it(analysis, worst)} "
        f"({_apart(worst)}). Such differences between the units, not the treatment, account for the other "
        f"{remainder(naive, adjusted, binary)}."
    )


def balance_sentence(analysis: Analysis) -> str:
    """Whether the arms are alike, with the worst covariate by name."""
    table, worst = analysis.balance, analysis.balance.worst
    if worst is None:
        return "There are no covariates to balance."
    limit, total = f"{table.threshold:g}", len(table.rows)
    name, size = short_name(worst.name), worst_difference(analysis)
    if not analysis.method.adjusts:
        apart = deviations(worst.before)
        return f"Nothing is adjusted for: the arms differ most in {name}, by {apart} standard deviations."
    if math.isnan(worst.after):
        return (
            f"{analysis.method.title} weights no units, so only the balance before adjustment can be shown: the arms "
            f"differ most in {name}, by {size} standard deviations."
        )
    before = deviations(worst.before)
    beyond = len(table.unbalanced)
    if not beyond:
        scope = "the one difference is" if total == 1 else f"all {total} differences are"
        return f"After adjustment {scope} within {limit}; the largest is {name} at {size} ({before} before)."
    scope = "the one difference" if total == 1 else f"{count(beyond)} of {count(total)} differences"
    verb = plural(beyond, "exceeds", "exceed")
    return f"After adjustment {scope} still {verb} {limit}; the worst is {name} at {size} ({before} before)."


def worst_difference(analysis: Analysis) -> str:
    """The size of the worst difference after adjustment (before, where there is no after), as sentences spell it."""
    worst = analysis.balance.worst
    if worst is None:
        return MISSING
    return deviations(worst.before if math.isnan(worst.after) else worst.after, analysis.balance.threshold)


def rows_sentence(analysis: Analysis) -> str:
    """Which rows the answer is from: how many have another level, lack a value, or were trimmed."""
    compared, before_trimming = analysis.estimate.n, analysis.naive.n
    total = max(analysis.rows_total, before_trimming + analysis.dropped)
    lacking = total - analysis.filtered - analysis.other_levels - before_trimming
    trimmed, unmatched = before_trimming - compared, 0
    if analysis.method.name == "coarsened_matching":
        trimmed, unmatched = 0, trimmed
    treatment = short_name(analysis.spec.question.treatment)
    outside = ""
    if analysis.spec.where:
        outside = f"{count(analysis.filtered)} {plural(analysis.filtered, 'is', 'are')} outside the filter, "
    return (
        f"From {count(compared)} of {counted(total, 'row')}: {outside}"
        f"{count(analysis.other_levels)} {plural(analysis.other_levels, 'has', 'have')} another level of {treatment}, "
        f"{count(lacking)} {plural(lacking, 'lacks', 'lack')} a value, "
        f"{count(trimmed)} {plural(trimmed, 'was', 'were')} trimmed."
        f"{_unmatched(analysis, unmatched)}{_limited(analysis)}"
    )


def _limited(analysis: Analysis) -> str:
    """How many outcomes are held to a limit."""
    limits = analysis.outcome_limits
    if limits is None:
        return ""
    moved = limits.below + limits.above
    ends = [f"from {number(limits.low)}"] if limits.low is not None else []
    ends += [f"up to {number(limits.high)}"] if limits.high is not None else []
    return (
        f" {outcome_name(analysis)} counts {' '.join(ends)} only: {counted(moved, 'value')} beyond "
        f"{plural(moved, 'is', 'are')} held to the limit."
    )


def _unmatched(analysis: Analysis, beside: int) -> str:
    """How many have no match; `beside`: those in cells without the other arm."""
    if beside:
        return f" {counted(beside, 'row')} {plural(beside, 'has', 'have')} no match."
    found = analysis.matches
    if found is None or found.matched == found.asked:
        return ""
    lost = found.asked - found.matched
    return f" {count(lost)} of {counted(found.asked, 'unit')} asked about {plural(lost, 'has', 'have')} no match."


def overlap_sentence(analysis: Analysis) -> str:
    """How many units carry the answer, and what was left out."""
    summary, sizes = analysis.overlap, analysis.estimate.arm_sizes
    parts = []
    effective = summary.effective_sample_size
    if effective is None or not analysis.method.adjusts:
        parts.append(f"{analysis.method.title} weights no units, so every unit counts as it is.")
    else:
        listed = " and ".join(
            f"the {counted(sizes[arm], 'unit')} {level_phrase(analysis, arm)} "
            f"{plural(sizes[arm], 'counts', 'count')} as {count(effective[arm])}"
            for arm in ARMS
        )
        parts.append(f"After weighting, {listed}.")
    if summary.share_beyond is not None:
        parts.append(
            f"{percent(summary.share_beyond)} of the units had a chance of treatment below 10 % or above 90 %."
        )
    if summary.share_trimmed > 0:
        what = "Matching" if left_out_by_matching(analysis) else "Trimming"
        parts.append(f"{what} left out {percent(summary.share_trimmed)} of the units: the answer is for the others.")
    return " ".join(parts)


def what_if_sentence(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    """The outcome at one share of a what-if, against today, per unit and in total."""
    binary = scale_of(analysis)
    low, high = curve.interval(place)
    mean = f"{mean_text(curve.means[place], binary)} ({interval_words(low, high, binary, curve.confidence)})"
    told = f"{_supposing(analysis, curve, place)} {outcome_name(analysis)} would average {mean}"
    return f"{told}{_against_today(curve, place, binary)}"


def what_if_finding(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    """The same, short, for the title of a figure."""
    binary = scale_of(analysis)
    mean, size = mean_text(curve.means[place], binary), change_text(curve.changes[place], binary)
    moved = f"no clear change against today ({size})" if _unclear(curve, place) else _moved(curve, place, binary)
    return f"{_supposing(analysis, curve, place)} {outcome_name(analysis)} would average {mean}: {moved}"


def _claim(analysis: Analysis, toward: Direction, tentative: bool, detail: bool) -> str:
    subject, outcome, estimate = change_of_treatment(analysis), outcome_name(analysis), analysis.estimate
    binary = scale_of(analysis)
    spread = f" ({effect_interval(estimate, binary)})" if detail else ""
    if toward == "unclear":
        size = change_text(estimate.effect, binary)
        inside = f" ({size}, {effect_interval(estimate, binary)})" if detail else f" ({size})"
        return f"{subject} makes no clear difference to {outcome}{inside}"
    verb = {"up": "raise", "down": "lower"}[toward]
    verb = f"seems to {verb}" if tentative else f"{verb}s"
    return f"{subject} {verb} {outcome} by {change_text(abs(estimate.effect), binary, signed=False)}{spread}"


def _bare_number(analysis: Analysis) -> str:
    """What a method without an interval gives, as its own words and not as a fact."""
    size = change_text(analysis.estimate.effect, scale_of(analysis))
    asked = f"the effect of {change_of_treatment(analysis)} on {outcome_name(analysis)}"
    return f"{method_name(analysis)} gives {size}, without an interval, as {asked}"


def _opening(state: Standing, claim: str) -> str:
    return f"Tentative: {claim}" if state == "tentative" else capitalised(claim)


def _association(analysis: Analysis, toward: Direction, detail: bool = True) -> str:
    """Words of comparison only: nothing is raised or lowered."""
    outcome, estimate = outcome_name(analysis), analysis.estimate
    binary = scale_of(analysis)
    spread = f" ({effect_interval(estimate, binary)})" if detail else ""
    if toward == "unclear":
        return f"{outcome} is not clearly different {comparison_of_levels(analysis, 'and')}{spread}"
    size = change_text(abs(estimate.effect), binary, signed=False)
    more = "higher" if toward == "up" else "lower"
    return f"{outcome} is {size} {more} {comparison_of_levels(analysis)}{spread}"


def _caution(analysis: Analysis) -> str:
    """What stands before a number that is no effect to act on; nothing where the checks allow one."""
    if analysis.standing != "do not use":
        return ""
    return "Not causal: " if "identification" in _failed(analysis) else "Not an effect to act on: "


def _failure(analysis: Analysis) -> str:
    failed = ledger_of(analysis).of_light("failed")
    if "identification" in _failed(analysis):
        return "the graph does not support a causal reading"
    if not failed:
        return "the analyst sets it aside"
    return f"the {listed(failed)} {plural(len(failed), 'check')} failed"


def _failed(analysis: Analysis) -> tuple[str, ...]:
    return tuple(each.check for each in ledger_of(analysis).of_light("failed"))


def _level(estimate: Estimate) -> str:
    return percent(estimate.confidence)


def _arm_mean(analysis: Analysis, arm: Arm) -> str:
    estimate, binary = analysis.estimate, scale_of(analysis)
    low, high = estimate.arm_interval(arm)
    mean = mean_text(estimate.arm_means[arm], binary)
    return mean if math.isnan(low) else f"{mean} ({interval_words(low, high, binary, estimate.confidence)})"


_UNCERTAIN = {
    (True, True): "neither is clearly different from zero",
    (True, False): "only with adjustment is it clearly different from zero",
    (False, True): "with adjustment it is no longer clearly different from zero",
}


def _uncertain_difference(analysis: Analysis, worst: BalanceRow, before: Direction, after: Direction) -> str:
    """Both numbers with their intervals, where at least one may be nothing."""
    plain, now = _with_its_interval(analysis, analysis.naive), _with_its_interval(analysis, analysis.estimate)
    return (
        f"Without adjustment it looks like {plain}, with it {now}: "
        f"{_UNCERTAIN[before == 'unclear', after == 'unclear']}, so what adjustment changes is uncertain. The arms "
        f"differed most in {short_name(worst.name)}, by {deviations(worst.before)} standard deviations."
    )


def _with_its_interval(analysis: Analysis, estimate: Estimate) -> str:
    binary = scale_of(analysis)
    return f"{change_text(estimate.effect, binary)} ({effect_interval(estimate, binary)})"


def _apart(worst: BalanceRow) -> str:
    return f"{deviations(worst.before)} standard deviations apart, the largest difference between the arms"


def _scale_of_noise(analysis: Analysis) -> float:
    known = [each for each in (analysis.naive.std_error, analysis.estimate.std_error) if math.isfinite(each)]
    return max(known, default=0.0)


def _who_got_it(analysis: Analysis, worst: BalanceRow) -> str:
    """ "units with higher age got new more often", for a level of a category "units with city: Rome …"."""
    more_treated = worst.before > 0
    level = level_of(analysis, "treated")
    if needs_its_column(level):
        got = f"had {short_name(analysis.spec.question.treatment)} at {level_text(level)}"
    else:
        got = f"got {level_text(level)}"
    if ": " in worst.name:
        return f"units with {short_name(worst.name)} {got} {'more' if more_treated else 'less'} often"
    return f"units with {'higher' if more_treated else 'lower'} {short_name(worst.name)} {got} more often"


def _supposing(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    """ "If the 40 % highest in age had new,", with a caution before it where the checks allow no effect."""
    caution = _caution(analysis)
    all_asked = analysis.target == "everyone" and not analysis.spec.where and not left_in(analysis)
    whom = "" if all_asked else f"among {answered_population(analysis)}, "
    start = f"{whom}if {_who_is_treated(analysis, curve, place)},"
    return caution + start if caution else capitalised(start)


def _who_is_treated(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    share, level = curve.shares[place], level_of(analysis, "treated")
    had = f"had {level_text(level)}"
    if needs_its_column(level):
        had = f"had {short_name(analysis.spec.question.treatment)} at {level_text(level)}"
    if share <= 0:
        return f"no one {had}"
    if share >= 1:
        return f"everyone {had}"
    if curve.by is None:
        return f"{percent(share)}, drawn at random, {had}"
    return f"the {percent(share)} highest in {short_name(curve.by)} {had}"


def _against_today(curve: ShareCurve, place: int, binary: Binary) -> str:
    low, high = curve.total_change_interval(place)
    unit = " yes outcomes" if binary else unit_after(binary)
    people = f"over {counted(curve.population, 'unit')}"
    level = f"{percent(curve.confidence)} interval"
    reach = f"{number(low)} to {number(high)}"
    if _unclear(curve, place):
        size = change_text(curve.changes[place], binary)
        return f"; no clear change against today: {size} on average, in total {reach}{unit} {people} ({level})."
    total = number(curve.total_change(place), signed=True)
    spread = "without an interval" if math.isnan(low) else f"{level} {reach}"
    return f", {_moved(curve, place, binary)}; in total {total}{unit} {people} ({spread})."


def _unclear(curve: ShareCurve, place: int) -> bool:
    """Whether the interval of the change against today holds zero; a change of exactly nothing is clear."""
    low, high = curve.change_interval(place)
    return low <= 0 <= high and low < high


def _moved(curve: ShareCurve, place: int, binary: Binary) -> str:
    change = curve.changes[place]
    size = change_text(abs(change), binary, signed=False)
    if change == 0 or not math.isfinite(change):
        return "the same as today"
    return f"{size} {'more' if change > 0 else 'less'} than today"


def column_sentence(profile: ColumnProfile) -> str:
    """What one column holds: its range and middle, or its most frequent value, and what is missing."""
    name = short_name(profile.name)
    missing = f" {count(profile.missing)} missing." if profile.missing else " None missing."
    rows = sum(profile.counts) + profile.others
    if profile.distinct == 0 or rows == 0:
        return f"{name} is empty.{missing}"
    if profile.edges:
        reach = f"{_end(profile.minimum)} to {_end(profile.maximum)}"
        middle = ""
        if len(profile.quantiles) == 5 and not isinstance(profile.minimum, str):
            middle = f", half of it between {number(profile.quantiles[1])} and {number(profile.quantiles[3])}"
        return f"{name} runs from {reach}{middle}.{missing}"
    top = f"{short_name(profile.levels[0])} ({percent(profile.counts[0] / rows)} of the rows)"
    values = counted(profile.distinct, "value")
    return f"{name} has {values}, most often {top}.{missing}"


def _end(value: float | str | None) -> str:
    return str(value) if isinstance(value, str) else number(value)
