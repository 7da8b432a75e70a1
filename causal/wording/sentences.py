"""Results as sentences: plain text, with names as the data spells them, so escape the whole before Markdown sees it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from causal.checks.verdicts import overall
from causal.wording.escape import shorten
from causal.wording.numbers import change_text, count, deviations, mean_text, number, percent

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.checks.balance import BalanceRow
    from causal.estimators.estimate import Estimate
    from causal.interventions.treat_share import ShareCurve
    from causal.study import Question

Arm = Literal["control", "treated"]
Standing = Literal["causal", "tentative", "do not use"]
Direction = Literal["up", "down", "unclear", "unknown"]

_STANDINGS: dict[str, Standing] = {"passed": "causal", "attention": "tentative", "failed": "do not use"}
_POPULATIONS = {"everyone": "everyone", "treated": "those treated", "untreated": "those not treated"}
ARMS: tuple[Arm, Arm] = ("treated", "control")
_NAME_LENGTH = 48
_LEVEL_LENGTH = 32


def standing(analysis: Analysis) -> Standing:
    """How the answer may be read, from the worst of its verdicts."""
    return _STANDINGS[overall(analysis.verdicts)]


def direction(estimate: Estimate) -> Direction:
    """Up or down; unclear where the interval holds zero, unknown without a number. Without an interval, by the sign."""
    if not math.isfinite(estimate.effect):
        return "unknown"
    low, high = estimate.interval()
    if low <= 0 <= high or estimate.effect == 0:
        return "unclear"
    return "up" if estimate.effect > 0 else "down"


def outcome_is_binary(analysis: Analysis) -> bool:
    """Whether the outcome is yes or no, so that its means are shares.

    Without the table it is read from the arms: only of zeros and ones is the variance the mean times one minus it.
    """
    estimate = analysis.naive
    if analysis.table is not None:
        return _only_zeros_and_ones(analysis)
    return all(
        0 <= estimate.arm_means[arm] <= 1
        and math.isclose(
            estimate.arm_std_errors[arm] ** 2 * (estimate.arm_sizes[arm] - 1),
            estimate.arm_means[arm] * (1 - estimate.arm_means[arm]),
            rel_tol=1e-6,
            abs_tol=1e-15,
        )
        for arm in ARMS
    )


def population(question: Question) -> str:
    """Whom the effect is for: "everyone", "those treated" or "those not treated"."""
    return _POPULATIONS[question.target]


def study_sentence(question: Question) -> str:
    """What is asked: "does algorithm, from old to new, change engagement, for everyone?"."""
    change = ""
    if question.control is not None and question.treated is not None:
        change = f" from {level_text(question.control)} to {level_text(question.treated)},"
    comma = "," if change else ""
    return (
        f"does {_name(question.treatment)}{comma}{change} change {_name(question.outcome)}, for {population(question)}?"
    )


def headline(analysis: Analysis) -> str:
    """The answer in one sentence: effect, sign, interval, unit and population, as causal as the verdicts allow."""
    estimate = analysis.estimate
    toward, state = direction(estimate), standing(analysis)
    whom = population(analysis.spec.question)
    if toward == "unknown":
        return f"{_capital(_subject(analysis))}: the effect on {_outcome(analysis)} could not be computed."
    if state == "do not use":
        return f"Not an effect to act on: {_association(analysis, toward)}, among {whom}; a check failed."
    return _opening(state, _claim(analysis, toward, tentative=state == "tentative", detail=True) + f", for {whom}.")


def finding(analysis: Analysis) -> str:
    """The headline without interval and population, for the title of a figure."""
    toward, state = direction(analysis.estimate), standing(analysis)
    if toward == "unknown":
        return f"The effect on {_outcome(analysis)} could not be computed"
    if state == "do not use":
        return f"Not an effect to act on: {_association(analysis, toward, detail=False)}"
    return _opening(state, _claim(analysis, toward, tentative=state == "tentative", detail=False))


def effect_text(analysis: Analysis, estimate: Estimate | None = None, short: bool = False) -> str:
    """ "+5.02 [4.71, 5.33]", in percentage points where the outcome is yes or no."""
    shown = estimate or analysis.estimate
    binary = outcome_is_binary(analysis)
    text = change_text(shown.effect, binary, short=short)
    low, high = shown.interval()
    scale = 100 if binary else 1
    return text if math.isnan(low) else f"{text} [{number(low * scale)}, {number(high * scale)}]"


def relative_lift(analysis: Analysis) -> str:
    """The effect as a share of the mean under the control level, in one sentence."""
    estimate, control = analysis.estimate, level_phrase(analysis, "control")
    base, lift = estimate.arm_means.control, estimate.lift
    if not base > 0 or math.isnan(lift):
        return f"There is no relative change to speak of: the mean {control} is not above zero."
    more = "more" if lift >= 0 else "less"
    text = f"That is {percent(abs(lift))} {more} than {control}"
    low, high = estimate.lift_interval()
    if math.isnan(low):
        return text + "."
    return f"{text} ({_level(estimate)} interval {percent(low, signed=True)} to {percent(high, signed=True)})."


def arm_sentence(analysis: Analysis) -> str:
    """The mean outcome that each arm would have, treated first."""
    parts = [f"{_arm_mean(analysis, arm)} {level_phrase(analysis, arm)}" for arm in ARMS]
    whom = population(analysis.spec.question)
    return f"Among {whom}, {_outcome(analysis)} would average {parts[0]} and {parts[1]}."


def why_different(analysis: Analysis) -> str:
    """Why the adjusted effect differs from the plain difference, naming what the arms differed most in."""
    naive, adjusted = analysis.naive.effect, analysis.estimate.effect
    if not analysis.method.adjusts or not analysis.balance.rows:
        return "Nothing was adjusted for: this is the plain difference between the arms."
    worst = analysis.balance.worst_before
    if worst is None or not math.isfinite(naive) or not math.isfinite(adjusted):
        return "The adjusted effect cannot be compared with the plain difference."
    binary = outcome_is_binary(analysis)
    plain, now = change_text(naive, binary), change_text(adjusted, binary)
    if abs(naive - adjusted) <= 0.5 * _scale_of_noise(analysis):
        return (
            f"Adjustment changes little: it looks like {plain} without and {now} with it. The arms differed most in "
            f"{_name(worst.name)}, by {deviations(worst.before)} standard deviations."
        )
    rest = change_text(naive - adjusted, binary)
    return (
        f"Without adjustment it looks like {plain} instead of {now}, because {_who_got_it(analysis, worst)} "
        f"({deviations(worst.before)} standard deviations apart, the largest difference between the arms). "
        f"Such differences between the units, not the treatment, account for the other {rest}."
    )


def balance_sentence(analysis: Analysis) -> str:
    """Whether the arms are alike, with the worst covariate by name."""
    table, worst = analysis.balance, analysis.balance.worst
    if worst is None:
        return "There are no covariates to balance."
    limit, total = f"{table.threshold:g}", len(table.rows)
    name, size = _name(worst.name), deviations(worst.before if math.isnan(worst.after) else worst.after)
    if not analysis.method.adjusts:
        apart = deviations(worst.before)
        return f"Nothing is adjusted for: the arms differ most in {name}, by {apart} standard deviations."
    if math.isnan(worst.after):
        return (
            f"{analysis.method.title} weights no units, so only the balance before adjustment can be shown: the arms "
            f"differ most in {name}, by {size} standard deviations."
        )
    before = deviations(worst.before)
    unbalanced = len(table.unbalanced)
    if not unbalanced:
        scope = "the one difference is" if total == 1 else f"all {total} differences are"
        return f"After adjustment {scope} within {limit}; the largest is {name} at {size} ({before} before)."
    verb = "differs" if unbalanced == 1 else "differ"
    return (
        f"After adjustment {unbalanced} of {total} covariates still {verb} by more than {limit}; the worst is {name} "
        f"at {size} ({before} before)."
    )


def overlap_sentence(analysis: Analysis) -> str:
    """How many units carry the answer, and what was left out."""
    summary, sizes = analysis.overlap, analysis.estimate.arm_sizes
    parts = []
    effective = summary.effective_sample_size
    if effective is None or not analysis.method.adjusts:
        parts.append(f"{analysis.method.title} weights no units, so every unit counts as it is.")
    else:
        listed = " and ".join(
            f"the {count(sizes[arm])} units {level_phrase(analysis, arm)} count as {count(effective[arm])}"
            for arm in ARMS
        )
        parts.append(f"After weighting, {listed}.")
    if summary.share_beyond is not None:
        parts.append(
            f"{percent(summary.share_beyond)} of the units had a chance of treatment below 10 % or above 90 %."
        )
    if summary.share_trimmed > 0:
        parts.append(f"Trimming left out {percent(summary.share_trimmed)} of the units: the answer is for the others.")
    return " ".join(parts)


def what_if_sentence(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    """The outcome at one share of a what-if, against today, per unit and in total."""
    binary = outcome_is_binary(analysis)
    low, high = curve.interval(place)
    mean = f"{mean_text(curve.means[place], binary)} ({_range(low, high, binary, curve.confidence)})"
    return (
        f"If {_who_is_treated(analysis, curve, place)}, {_outcome(analysis)} would average {mean}, "
        f"{_against_today(curve, place, binary)}"
    )


def what_if_finding(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    """The same, short, for the title of a figure."""
    binary = outcome_is_binary(analysis)
    moved = _moved(curve, place, binary)
    return f"If {_who_is_treated(analysis, curve, place)}, {_outcome(analysis)} would average " + (
        f"{mean_text(curve.means[place], binary)}: {moved}"
    )


def level_text(level: Any) -> str:
    """A treatment level as text: whole floats without a decimal point."""
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return shorten(level, _LEVEL_LENGTH)


def level_phrase(analysis: Analysis, arm: Arm) -> str:
    """ "with new", or "with treat at 1" where the level is a number or a flag."""
    level = level_of(analysis, arm)
    if _needs_its_column(level):
        return f"with {_name(analysis.spec.question.treatment)} at {level_text(level)}"
    return f"with {level_text(level)}"


def level_of(analysis: Analysis, arm: Arm) -> Any:
    """The treatment's level in that arm."""
    means = analysis.estimate.arm_means
    return means.control_level if arm == "control" else means.treated_level


def _claim(analysis: Analysis, toward: Direction, tentative: bool, detail: bool) -> str:
    subject, outcome, estimate = _subject(analysis), _outcome(analysis), analysis.estimate
    binary = outcome_is_binary(analysis)
    interval = f" ({_interval_words(estimate, binary)})" if detail else ""
    if toward == "unclear":
        size = change_text(estimate.effect, binary)
        inside = f" ({size}, {_interval_words(estimate, binary)})" if detail else f" ({size})"
        return f"{subject} makes no clear difference to {outcome}{inside}"
    verb = {"up": "raise", "down": "lower"}[toward]
    verb = f"seems to {verb}" if tentative else f"{verb}s"
    return f"{subject} {verb} {outcome} by {change_text(abs(estimate.effect), binary, signed=False)}{interval}"


def _opening(state: Standing, claim: str) -> str:
    return f"Tentative: {claim}" if state == "tentative" else _capital(claim)


def _association(analysis: Analysis, toward: Direction, detail: bool = True) -> str:
    """Words of comparison only: nothing is raised or lowered."""
    outcome, estimate = _outcome(analysis), analysis.estimate
    binary = outcome_is_binary(analysis)
    treated, control = level_phrase(analysis, "treated"), level_phrase(analysis, "control")
    interval = f" ({_interval_words(estimate, binary)})" if detail else ""
    if toward == "unclear":
        return f"{outcome} is about the same {treated} as {control}{interval}"
    size = change_text(abs(estimate.effect), binary, signed=False)
    return f"{outcome} is {size} {'higher' if toward == 'up' else 'lower'} {treated} than {control}{interval}"


def _subject(analysis: Analysis) -> str:
    control, treated = level_of(analysis, "control"), level_of(analysis, "treated")
    if _needs_its_column(control) or _needs_its_column(treated):
        treatment = _name(analysis.spec.question.treatment)
        return f"setting {treatment} to {level_text(treated)} instead of {level_text(control)}"
    return f"{level_text(treated)} instead of {level_text(control)}"


def _needs_its_column(level: Any) -> bool:
    """Numbers and flags say nothing by themselves."""
    if not isinstance(level, str):
        return True
    return level.strip().lower() in {"true", "false", "yes", "no", "y", "n", ""} or level.replace(".", "", 1).isdigit()


def _interval_words(estimate: Estimate, binary: bool) -> str:
    low, high = estimate.interval()
    return _range(low, high, binary, estimate.confidence, difference=True)


def _range(low: float, high: float, binary: bool, confidence: float, difference: bool = False) -> str:
    if math.isnan(low):
        return "no interval"
    level = f"{percent(confidence)} interval"
    if binary and not difference:
        return f"{level} {percent(low)} to {percent(high)}"
    scale = 100 if binary else 1
    return f"{level} {number(low * scale)} to {number(high * scale)}"


def _level(estimate: Estimate) -> str:
    return percent(estimate.confidence)


def _arm_mean(analysis: Analysis, arm: Arm) -> str:
    estimate, binary = analysis.estimate, outcome_is_binary(analysis)
    low, high = estimate.arm_interval(arm)
    mean = mean_text(estimate.arm_means[arm], binary)
    return mean if math.isnan(low) else f"{mean} ({_range(low, high, binary, estimate.confidence)})"


def _scale_of_noise(analysis: Analysis) -> float:
    known = [each for each in (analysis.naive.std_error, analysis.estimate.std_error) if math.isfinite(each)]
    return max(known, default=0.0)


def _who_got_it(analysis: Analysis, worst: BalanceRow) -> str:
    """ "units with higher age got new more often", for a level of a category "units with city: Rome …"."""
    more_treated = worst.before > 0
    level = level_of(analysis, "treated")
    if _needs_its_column(level):
        got = f"had {_name(analysis.spec.question.treatment)} at {level_text(level)}"
    else:
        got = f"got {level_text(level)}"
    if ": " in worst.name:
        return f"units with {_name(worst.name)} {got} {'more' if more_treated else 'less'} often"
    return f"units with {'higher' if more_treated else 'lower'} {_name(worst.name)} {got} more often"


def _who_is_treated(analysis: Analysis, curve: ShareCurve, place: int) -> str:
    share, level = curve.shares[place], level_of(analysis, "treated")
    had = f"had {level_text(level)}"
    if _needs_its_column(level):
        had = f"had {_name(analysis.spec.question.treatment)} at {level_text(level)}"
    if share <= 0:
        return f"no one {had}"
    if share >= 1:
        return f"everyone {had}"
    if curve.by is None:
        return f"{percent(share)}, drawn at random, {had}"
    return f"the {percent(share)} highest in {_name(curve.by)} {had}"


def _against_today(curve: ShareCurve, place: int, binary: bool) -> str:
    low, high = curve.total_change_interval(place)
    total = number(curve.total_change(place), signed=True)
    spread = "" if math.isnan(low) else f" ({percent(curve.confidence)} interval {number(low)} to {number(high)})"
    unit = " yes outcomes" if binary else ""
    people = count(curve.population)
    return f"{_moved(curve, place, binary)}; in total {total}{unit} over {people} units{spread}."


def _moved(curve: ShareCurve, place: int, binary: bool) -> str:
    change = curve.changes[place]
    size = change_text(abs(change), binary, signed=False)
    if change == 0 or not math.isfinite(change):
        return "the same as today"
    return f"{size} {'more' if change > 0 else 'less'} than today"


def _outcome(analysis: Analysis) -> str:
    return _name(analysis.spec.question.outcome)


def _name(name: str) -> str:
    return shorten(name, _NAME_LENGTH)


def _capital(sentence: str) -> str:
    """A first word in small letters gets its capital; a name such as iPhone stays."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].upper() + sentence[1:] if first.islower() and first.isalpha() else sentence


def _only_zeros_and_ones(analysis: Analysis) -> bool:
    table, name = analysis.table, analysis.spec.question.outcome
    assert table is not None
    if table.types[name] == "binary":
        return True
    values = table.column(name)
    if values.dtype.kind not in "biuf":
        return False
    first = values.iloc[:1000].dropna()
    return bool(first.isin((0, 1)).all()) and bool(values.dropna().isin((0, 1)).all())
