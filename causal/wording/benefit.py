"""Who benefits, as sentences: rules, curves, profile, and whether the ranking of units holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.wording.arms import p_text
from causal.wording.numbers import Scale, change_text, count, counted, interval, number, percent
from causal.wording.phrases import condition_text, short_name

if TYPE_CHECKING:
    from causal.effects.effect_projection import EffectCurve, EffectProjection
    from causal.effects.effect_tree import EffectLeaf, EffectTree
    from causal.effects.priority import EffectCalibration, EffectProfile, PriorityCurve, ProfileRow
    from causal.effects.score_means import Measured
    from causal.effects.unit_effects import UnitEffects

CLEAR = 0.05


def scale_of_units(found: UnitEffects) -> Scale:
    """How the outcome's changes are told."""
    return Scale(found.outcome_is_binary, found.unit)


def told(measured: Measured, scale: Scale, joint: bool = False) -> str:
    """ "+1.2 [0.8, 1.6]"."""
    ends = measured.joint_interval() if joint else measured.interval()
    return f"{change_text(measured.value, scale)} {interval(*ends, scale)}"


def benefit_finding(found: UnitEffects, curve: PriorityCurve) -> str:
    """Whether a ranking by predicted effect finds units that gain more than others."""
    scale, outcome = scale_of_units(found), short_name(found.outcome)
    low, high = curve.autoc.interval()
    fifth = curve.shares.index(0.2)
    first = told(curve.toc[fifth], scale)
    if low > 0:
        start = f"Units differ in what they gain in {outcome}, and it can be foretold"
        if curve.toc[fifth].interval()[0] > 0:
            return f"{start}: in the fifth ranked highest the effect differs from that on all by {first}."
        return (
            f"{start} over the whole ranking (AUTOC {told(curve.autoc, scale)}); of the fifth ranked highest alone it "
            f"is not clear: {first} beside all."
        )
    if high < 0:
        return "The ranking of units by predicted effect is worse than none: those ranked high gain less than others."
    return (
        f"No clear sign that units who gain more in {outcome} can be told beforehand: in the fifth ranked highest the "
        f"effect differs from that on all by {first}."
    )


def toc_title(curve: PriorityCurve) -> str:
    """The finding of the curve, short."""
    gain = _gain(curve.autoc, ("gain more", "gain less", "do not clearly gain more"))
    return f"Those ranked high {gain} than the average"


def _gain(area: Measured, words: tuple[str, str, str]) -> str:
    """What an area says by its interval: that it is above zero, that it is below, or neither."""
    low, high = area.interval()
    return words[0] if low > 0 else words[1] if high < 0 else words[2]


def toc_sentence(found: UnitEffects, curve: PriorityCurve, place: int) -> str:
    """One point of the curve."""
    scale = scale_of_units(found)
    return (
        f"The {percent(curve.shares[place])} ranked highest: their effect differs from that on all by "
        f"{told(curve.toc[place], scale, True)}, all shares at once."
    )


def gain_title(curve: PriorityCurve) -> str:
    """What treating by rank gains beside treating at random."""
    gain = _gain(curve.qini, ("gains more", "gains less", "does not clearly gain more"))
    return f"Treating by rank {gain} than treating as many at random"


def gain_sentence(found: UnitEffects, curve: PriorityCurve, place: int) -> str:
    """One point of the Qini curve."""
    scale, share = scale_of_units(found), curve.shares[place]
    return (
        f"Treating the {percent(share)} ranked highest gains {told(curve.gain[place], scale, True)} per unit of all, "
        f"and as many at random {change_text(share * curve.average.value, scale)}."
    )


def rate_sentence(found: UnitEffects, curve: PriorityCurve) -> str:
    """AUTOC and QINI with their intervals."""
    scale = scale_of_units(found)
    return (
        f"Area under the TOC curve (AUTOC) {told(curve.autoc, scale)}; area between Qini curve and chance (QINI) "
        f"{told(curve.qini, scale)}. Both are zero where the ranking tells nothing. {counted(curve.units, 'unit')} "
        "were ranked, each fold by models of the folds before it."
    )


def calibration_sentence(calibration: EffectCalibration) -> str:
    """Whether predicted effects are right in size."""
    slope = calibration.slope
    if slope.value != slope.value:
        return "The predicted effect is the same for all units, so there is no slope to check."
    low, high = slope.interval()
    clear = calibration.p_value < CLEAR
    size = "about right in size" if low <= 1 <= high else "too far apart" if high < 1 else "too close together"
    return (
        f"Where predicted effects differ by 1, effects differ by {number(slope.value)} {interval(low, high)}, and by 1 "
        f"if predictions are right in size (one-sided p {p_text(calibration.p_value)} against no difference): "
        + (f"predictions are {size}." if clear else "predictions do not clearly tell who gains more.")
    )


def leaf_text(leaf: EffectLeaf) -> str:
    """ "age is at most 30 and country is DE"."""
    return " and ".join(condition_text(each) for each in leaf.conditions) or "all units"


def leaf_sentence(found: UnitEffects, leaf: EffectLeaf) -> str:
    """One leaf, for a hover."""
    scale = scale_of_units(found)
    return (
        f"Where {leaf_text(leaf)}: {told(leaf.effect, scale)} alone, "
        f"{interval(*leaf.effect.joint_interval(), scale)} with the other rules; "
        f"{counted(leaf.control_units + leaf.treated_units, 'unit')}."
    )


def tree_title(tree: EffectTree) -> str:
    """Whether the leaves differ."""
    if len(tree.leaves) == 1:
        return "No rule tells units apart by their effect"
    if tree.p_value < CLEAR:
        return f"The effect differs between these {len(tree.leaves)} rules (p {p_text(tree.p_value)})"
    return f"The effect does not clearly differ between these {len(tree.leaves)} rules (p {p_text(tree.p_value)})"


def tree_caption(tree: EffectTree) -> str:
    """What makes the intervals honest."""
    judged = sum(leaf.control_units + leaf.treated_units for leaf in tree.leaves)
    return (
        f"{counted(tree.grown_on, 'unit')} made the rules, {count(judged)} others tell the effects. A rule says where "
        "the effect is larger, not that its column makes it so."
    )


def curve_title(curve: EffectCurve) -> str:
    """Whether the effect rises or falls with the quantity."""
    by = short_name(curve.by)
    low, high = curve.line.interval()
    if low > 0:
        return f"The effect rises with {by}"
    if high < 0:
        return f"The effect falls with {by}"
    flat = all(each.joint_interval()[0] <= curve.average <= each.joint_interval()[1] for each in curve.effects)
    return f"No clear change of the effect over {by}" if flat else f"The effect changes over {by}, up and down"


def curve_sentence(found: UnitEffects, curve: EffectCurve, place: int) -> str:
    """One point of it."""
    scale = scale_of_units(found)
    return (
        f"At {short_name(curve.by)} {number(curve.values[place])} the effect is {told(curve.effects[place], scale)}, "
        f"whole curve {interval(*curve.effects[place].joint_interval(), scale)}."
    )


def projection_sentence(projection: EffectProjection) -> str:
    """Which columns the effect goes with, the others held, in the best straight line."""
    clear = [
        f"{short_name(name)} ({number(slope.value, signed=True)} {interval(*slope.joint_interval())} per one more)"
        for name, slope in zip(projection.names, projection.slopes, strict=True)
        if slope.clear
    ]
    if not clear:
        return "In the best straight line the effect goes with no column clearly, all columns at once."
    return f"In the best straight line, the others held, the effect goes with {', '.join(clear)}."


def projection_rows(projection: EffectProjection) -> list[dict[str, Any]]:
    """A row per column: what one more of it (a level beside the first) adds to the effect, the others held."""
    from causal.effects.score_means import rows_told

    told = zip(projection.names, projection.slopes, strict=True)
    return [{"column": name, **rows_told(slope)} for name, slope in told] + [
        {"column": "(all columns zero or at their first level)", **rows_told(projection.constant)}
    ]


def profile_sentence(found: UnitEffects, profile: EffectProfile) -> str:
    """The effect at both ends of the ranking."""
    scale = scale_of_units(found)
    return (
        f"In the {percent(profile.share)} ranked highest the effect is {told(profile.top, scale)}, in the "
        f"{percent(profile.share)} ranked lowest {told(profile.bottom, scale)}; a difference of "
        f"{told(profile.gap, scale)}."
    )


def profile_warning(curve: PriorityCurve) -> str:
    """What a profile is not, where the ranking is not clearly better than chance; empty where it is."""
    if curve.autoc.interval()[0] > 0:
        return ""
    return (
        "The ranking is not clearly better than chance, so this says what the models go by, not what those who gain "
        "most are like."
    )


def profile_name(row: ProfileRow) -> str:
    """ "age", or "country: DE"."""
    return short_name(row.column) if row.level is None else f"{short_name(row.column)}: {row.level}"


def profile_title(profile: EffectProfile) -> str:
    """What sets the ends apart most."""
    clear = [profile_name(row) for row in profile.rows if row.difference.clear]
    if not clear:
        return "Those ranked highest and lowest do not clearly differ in any column"
    return f"Those ranked highest and lowest differ most in {clear[0]}"


def profile_row_sentence(row: ProfileRow) -> str:
    """One column, for a hover."""
    return (
        f"{profile_name(row)}: mean {number(row.top)} among those ranked highest, {number(row.bottom)} among those "
        f"ranked lowest; a difference of {number(row.difference.value, signed=True)} "
        f"{interval(*row.difference.joint_interval())}, all columns at once."
    )


def learner_rows(found: UnitEffects) -> list[dict[str, Any]]:
    """Every learner's loss on units not seen and its share in the mix."""
    rows = [
        {"learner": each.learner, "doubly robust loss": each.loss, "share in the mix": each.share}
        for each in sorted(found.losses, key=lambda each: each.loss)
    ]
    return [{"learner": "the mix", "doubly robust loss": found.loss, "share in the mix": 1.0}, *rows]
