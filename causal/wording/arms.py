"""A comparison of many arms as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causal.wording.numbers import Binary, change_text, counted, interval, mean_text, number, percent
from causal.wording.phrases import filter_phrase, level_text, needs_its_column, population, scale_of, short_name

if TYPE_CHECKING:
    from causal.effects.arms import ArmComparison, ArmEffect, ArmMean
    from causal.effects.joint import Interaction, JointComparison

SMALL_CHANCE = 0.01
"""Below this hardly anyone comparable had the arm."""


def arm_name(comparison: ArmComparison, level: object) -> str:
    """ "new", or "algorithm at 1" where the level is a number or a flag."""
    if needs_its_column(level):
        return f"{short_name(comparison.spec.question.treatment)} at {level_text(level)}"
    return level_text(level)


def arms_population(comparison: ArmComparison) -> str:
    """Whom the means are for: of several arms, "those who had new" in the place of "those treated"."""
    question = comparison.spec.question
    if question.target == "overlap" and len(comparison.arms) > 2:
        return f"those open to every arm{filter_phrase(comparison.spec.where)}"
    level = {"treated": question.treated, "untreated": question.control}.get(question.target)
    if level is None:
        return population(question, comparison.spec.where)
    return f"those who had {arm_name(comparison, level)}{filter_phrase(comparison.spec.where)}"


def arms_finding(comparison: ArmComparison) -> str:
    """Which arm is best, or which cannot be told apart."""
    outcome = short_name(comparison.spec.question.outcome)
    top = max(comparison.arms, key=lambda arm: arm.mean)
    binary = scale_of(comparison)
    whom = arms_population(comparison)
    mean = f"{mean_text(top.mean, binary)}, {percent(comparison.confidence)} interval "
    mean += _interval(top.low, top.high, binary)
    if len(comparison.best) == 1:
        return (
            f"{arm_name(comparison, top.level)} gives the highest {outcome} for {whom} ({mean}), clearly above all "
            f"{len(comparison.arms) - 1} others."
        )
    if len(comparison.best) == len(comparison.arms):
        return (
            f"No arm is clearly best for {outcome}: {arm_name(comparison, top.level)} has the highest mean for {whom} "
            f"({mean}), but none of the {len(comparison.arms)} can be ruled out."
        )
    listed = _listed([arm_name(comparison, each) for each in comparison.best])
    return (
        f"{len(comparison.best)} of {len(comparison.arms)} arms may give the highest {outcome} for {whom}: {listed}. "
        f"{arm_name(comparison, top.level)} has the highest mean ({mean})."
    )


def rank_sentence(comparison: ArmComparison, arm: ArmMean) -> str:
    """Where one arm stands: "yellow: first", "red: between second and third"."""
    name = arm_name(comparison, arm.level)
    if arm.best_rank == arm.worst_rank:
        return f"{name}: rank {arm.best_rank}, for sure."
    return f"{name}: rank {arm.rank} here; it may be anything from {arm.best_rank} to {arm.worst_rank}."


def ranks_caption(comparison: ArmComparison) -> str:
    """What the ranks mean."""
    return (
        f"Rank 1 is the highest mean. All these ranks hold at once with {percent(comparison.confidence)} confidence "
        "(Mogstad, Romano, Shaikh and Wilhelm 2024)."
    )


def pair_sentence(comparison: ArmComparison, effect: ArmEffect) -> str:
    """One effect with both intervals, for a hover."""
    binary = scale_of(comparison)
    return (
        f"{arm_name(comparison, effect.treated)} instead of {arm_name(comparison, effect.control)}: "
        f"{change_text(effect.effect, binary)}, alone {interval(effect.low, effect.high, binary)}, together with the "
        f"others {interval(effect.joint_low, effect.joint_high, binary)}; p {p_text(effect.holm_p)} corrected by Holm."
    )


def mean_sentence(comparison: ArmComparison, arm: ArmMean) -> str:
    """One arm's mean, for a hover."""
    binary = scale_of(comparison)
    outcome = short_name(comparison.spec.question.outcome)
    text = f"With {arm_name(comparison, arm.level)} {outcome} would average {mean_text(arm.mean, binary)} "
    text += f"({_interval(arm.low, arm.high, binary)}); {counted(arm.units, 'unit')} had it"
    if arm.effective_size is None:
        return f"{text}."
    return f"{text}, which count as {number(arm.effective_size)} after weighting."


def clear_sentence(comparison: ArmComparison) -> str:
    """How many of the comparisons are clear when all are made at once."""
    clear = [each for each in comparison.pairs if not each.joint_low <= 0 <= each.joint_high]
    every = counted(len(comparison.pairs), "pair")
    if not clear:
        return f"Of {every} none differs clearly once all are compared at once."
    return f"Of {every} {len(clear)} {'differs' if len(clear) == 1 else 'differ'} clearly, all compared at once."


def overlap_warning(comparison: ArmComparison) -> str:
    """Which arm hardly anyone comparable had; nothing where all had a fair chance."""
    rare = [arm for arm in comparison.arms if arm.smallest_chance is not None and arm.smallest_chance < SMALL_CHANCE]
    if not rare:
        return ""
    worst = min(rare, key=lambda arm: arm.smallest_chance or 0.0)
    return (
        f"Some units had a chance of only {percent(worst.smallest_chance)} of {arm_name(comparison, worst.level)}, so "
        f"its mean rests on few: its {counted(worst.units, 'unit')} count as {number(worst.effective_size)}."
    )


def interaction_sentence(joint: JointComparison, interaction: Interaction) -> str:
    """By how much one effect changes with the other treatment."""
    (one, two), found, binary = joint.treatments, interaction.contrast, scale_of(joint.comparison)
    size, ends = change_text(found.value, binary), interval(found.low, found.high, binary)
    told = f"{percent(joint.comparison.confidence)} interval {ends}"
    name = f"{short_name(one)} at {level_text(interaction.first)}"
    other = f"{short_name(two)} at {level_text(interaction.second)}"
    if found.low <= 0 <= found.high:
        return f"The effect of {name} does not clearly change with {other} ({size}, {told})."
    more = "larger" if found.value > 0 else "smaller"
    return f"With {other} the effect of {name} is {more} by {size.lstrip('+−')} ({told})."


def p_text(value: float) -> str:
    """ "= 0.031" or "< 0.001"."""
    return "< 0.001" if value < 0.001 else f"= {number(value, digits=2)}"


def _interval(low: float, high: float, binary: Binary) -> str:
    shares = bool(binary)  # the unit stands behind the mean
    return f"{mean_text(low, shares)} to {mean_text(high, shares)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
