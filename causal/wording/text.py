"""Texts as sentences: what was read, what topics there are, and what adjusting for a text changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from causal.wording.numbers import change_text, counted, deviations, interval, number, percent
from causal.wording.phrases import filter_phrase, scale_of, short_name

if TYPE_CHECKING:
    from causal.effects.text_comparison import TextComparison, TextStep
    from causal.text.features import TextFeatures
    from causal.text.languages import LanguageReport
    from causal.text.topics import Topic


def reading_finding(found: TextFeatures) -> str:
    """What a text became."""
    components = counted(found.components.shape[1], "component")
    first = found.topics[0]
    what = "different text" if found.recipe.vectors is None else "vector"
    return (
        f"{counted(found.texts, what)} of “{short_name(found.recipe.name)}” in "
        f"{counted(len(found.topics), 'topic')}, most often “{first.name}” ({percent(first.share, digits=2)}); "
        f"{components} hold {percent(found.held, digits=2)} of what tells them apart."
    )


def map_title(found: TextFeatures) -> str:
    """What the map shows, short."""
    first = found.topics[0]
    return (
        f"{counted(len(found.topics), 'topic')}, the largest of them “{first.name}” ({percent(first.share, digits=2)})"
    )


def shares_title(found: TextFeatures) -> str:
    """What the bars show."""
    first, last = found.topics[0], found.topics[-1]
    if first is last:
        return f"All texts are of one topic: “{first.name}”"
    return (
        f"“{first.name}” is {percent(first.share, digits=2)} of all texts, “{last.name}” "
        f"{percent(last.share, digits=2)}"
    )


def topic_sentence(topic: Topic) -> str:
    """One topic, for a hover."""
    words = ", ".join(topic.keywords[:6]) or "none"
    return (
        f"{topic.name}: {percent(topic.share, digits=2)} of all texts, {counted(topic.size, 'different one')}. "
        f"Words: {words}. Nearest: {topic.nearest[0][:60] if topic.nearest else 'none'}."
    )


def language_sentence(report: LanguageReport) -> str:
    """Which languages a column is in."""
    if not report.shares:
        return "No text has a word, so none tells its language."
    told = [f"{name.title()} ({percent(share, digits=2)})" for name, share in report.shares if name != "unknown"]
    rest = dict(report.shares).get("unknown", 0.0)
    if not told:
        return f"The {counted(report.seen, 'text')} looked at are too short to tell their language."
    unsaid = f"; {percent(rest, digits=2)} are too short to tell" if rest >= 0.005 else ""
    return f"Languages in {counted(report.seen, 'text')} looked at: {', '.join(told)}{unsaid}."


def comparison_finding(found: TextComparison) -> str:
    """What adjusting for the text changes."""
    scale = scale_of(found)
    before, after = (change_text(each.effect, scale) for each in (found.without, found.whole))
    text, treatment = short_name(found.text), short_name(found.spec.question.treatment)
    outcome = short_name(found.spec.question.outcome)
    where = filter_phrase(found.spec.where)
    change = f"from {before} to {after}{where}"
    if math.isnan(found.std_error):
        return (
            f"With “{text}” the effect of {treatment} on {outcome} goes {change}; this method gives no error of that."
        )
    ends = f"{percent(found.confidence)} interval of the change {interval(*found.interval, scale)}"
    if found.matters:
        return f"Adjusting for “{text}” moves the effect of {treatment} on {outcome} {change} ({ends})."
    return f"Adjusting for “{text}” leaves the effect of {treatment} on {outcome} about as it was: {change} ({ends})."


def comparison_title(found: TextComparison) -> str:
    """The same, for the figure."""
    scale = scale_of(found)
    before, after = (change_text(each.effect, scale) for each in (found.without, found.whole))
    settled = "and settles" if found.settled else "and has not settled yet"
    if not found.matters and not math.isnan(found.std_error):
        return f"The effect stays near {after} however much of the text is adjusted for"
    return f"The effect goes from {before} without the text to {after} with it, {settled}"


def step_sentence(found: TextComparison, step: TextStep) -> str:
    """One step, for a hover."""
    scale = scale_of(found)
    what = counted(step.components, "component") if step.components else "none"
    return (
        f"With {what} of the text: {change_text(step.effect, scale)}, {percent(found.confidence)} interval "
        f"{interval(step.low, step.high, scale)}."
    )


def strength_sentence(found: TextComparison) -> str:
    """How much the text tells of treatment and outcome."""
    text = short_name(found.text)
    if math.isnan(found.with_treatment):
        return f"How much “{text}” tells of treatment and outcome beside the other columns cannot be worked out here."
    return (
        f"Beside the other columns, “{text}” explains {percent(found.with_treatment, digits=2)} of what is left of "
        f"{short_name(found.spec.question.treatment)} and {percent(found.with_outcome, digits=2)} of what is left of "
        f"{short_name(found.spec.question.outcome)}. A common cause must explain some of both."
    )


def balance_sentence(found: TextComparison) -> str:
    """How alike the arms' texts are."""
    before = deviations(found.unbalanced_before)
    start = f"The arms' texts differ by at most {before} standard deviations in a component as they are"
    if math.isnan(found.unbalanced_after):
        return f"{start}; this method has no weights that could be looked at."
    return f"{start}, and by {deviations(found.unbalanced_after)} as the method weighs them."


def settled_sentence(found: TextComparison) -> str:
    """Whether more of the text would go on moving the answer."""
    if len(found.steps) < 3:
        return "There are too few components to see whether more of them would move the answer."
    half, whole = found.steps[-2], found.steps[-1]
    moved = change_text(whole.effect - half.effect, scale_of(found))
    amount = f"From {half.components:,} to {whole.components:,} components the answer moves by {moved}"
    if found.settled:
        return f"{amount}, less than half its standard error: more of the text would hardly change it."
    return (
        f"{amount}, more than half its standard error ({number(whole.std_error)}): ask for more components, as the "
        "text may still hold something that both depend on."
    )
