"""Who benefits, as sentences: rules, curves, profile, and whether the ranking of units holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.wording.arms import p_text
from causal.wording.numbers import Scale, change_text, count, counted, interval, number, percent
from causal.wording.phrases import condition_text, short_name

if TYPE_CHECKING:
    from causal.effects.effect_differences import EffectDifferences
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


def benefit_finding(found: UnitEffects, curve: PriorityCurve, differences: EffectDifferences) -> str:
    """Whether the data show that units differ in their effect, all tests counted, and whether a ranking tells who."""
    scale, outcome = scale_of_units(found), short_name(found.outcome)
    counted_p = f"p {p_text(differences.p_value)}, three tests counted together"
    if not differences.shown:
        return (
            f"No difference between units in what they gain in {outcome} is shown by these data: no ranking, column "
            f"or rule tells who gains more among units that it was not learnt from ({counted_p})."
        )
    if not differences.shown_by("ranking"):
        by = " and ".join(DIFFER_BY[each.basis] for each in differences.tests if differences.shown_by(each.basis))
        return (
            f"Units differ in what they gain in {outcome}, {by} ({counted_p}); that a ranking by predicted effect "
            "finds those who gain more is not shown."
        )
    fifth = curve.shares.index(0.2)
    first = told(curve.toc[fifth], scale)
    start = f"Units differ in what they gain in {outcome}, and it can be foretold"
    if curve.toc[fifth].interval()[0] > 0:
        return f"{start}: in the fifth ranked highest the effect differs from that on all by {first}."
    return (
        f"{start} over the whole ranking (AUTOC {told(curve.autoc, scale)}); of the fifth ranked highest alone it "
        f"is not clear: {first} beside all."
    )


DIFFER_BY = {"ranking": "by rank", "columns": "along the columns adjusted for", "rules": "by rules"}


def difference_rows(differences: EffectDifferences) -> list[dict[str, Any]]:
    """A row per test of whether units differ."""
    asked = {
        "ranking": "those ranked high gain more (AUTOC above zero)",
        "columns": "the effect goes with the columns adjusted for, in a straight line",
        "rules": "the effect differs between rules of two questions",
    }
    return [
        {"test": asked[each.basis], "p alone": each.p_value, "p, all counted": each.holm_p}
        for each in differences.tests
    ]


def toc_title(differences: EffectDifferences) -> str:
    """The finding of the curve, short."""
    if differences.shown_by("ranking"):
        return "Those ranked high gain more than the average"
    return "Those ranked high are not shown to gain more"


def toc_sentence(found: UnitEffects, curve: PriorityCurve, place: int) -> str:
    """One point of the curve."""
    scale = scale_of_units(found)
    return (
        f"The {percent(curve.shares[place])} ranked highest: their effect differs from that on all by "
        f"{told(curve.toc[place], scale, True)}, all shares at once."
    )


def gain_title(curve: PriorityCurve, differences: EffectDifferences) -> str:
    """What treating by rank gains beside treating at random."""
    if differences.shown_by("ranking") and curve.qini.interval()[0] > 0:
        return "Treating by rank gains more than treating as many at random"
    return "Treating by rank is not shown to gain more than chance"


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


def calibration_sentence(calibration: EffectCalibration, differences: EffectDifferences) -> str:
    """Whether predicted effects are right in size."""
    slope = calibration.slope
    if slope.value != slope.value:
        return "The predicted effect is the same for all units, so there is no slope to check."
    low, high = slope.interval()
    clear = calibration.p_value < CLEAR and differences.shown
    size = "about right in size" if low <= 1 <= high else "too far apart" if high < 1 else "too close together"
    return (
        f"Where predicted effects differ by 1, effects differ by {number(slope.value)} {interval(low, high)}, and by 1 "
        f"if predictions are right in size (one-sided p {p_text(calibration.p_value)} against no difference): "
        + (f"predictions are {size}." if clear else "predictions are not shown to tell who gains more.")
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


def tree_title(tree: EffectTree, differences: EffectDifferences) -> str:
    """Whether the leaves differ."""
    if len(tree.leaves) == 1:
        return "No rule tells units apart by their effect"
    if differences.shown and tree.p_value < CLEAR:
        return f"The effect differs between these {len(tree.leaves)} rules (p {p_text(tree.p_value)})"
    return f"These {len(tree.leaves)} rules are not shown to differ in effect (p {p_text(tree.p_value)} alone)"


def tree_caption(tree: EffectTree) -> str:
    """What makes the intervals honest."""
    judged = sum(leaf.control_units + leaf.treated_units for leaf in tree.leaves)
    return (
        f"{counted(tree.grown_on, 'unit')} made the rules, {count(judged)} others tell the effects. A rule says where "
        "the effect is larger, not that its column makes it so."
    )


def curve_title(curve: EffectCurve, differences: EffectDifferences, curves: int) -> str:
    """Whether the effect rises or falls with the quantity, which is one of so many `curves` to look at."""
    by = short_name(curve.by)
    if differences.shown and min(curves * curve.line.p_value, 1.0) < CLEAR:
        return f"The effect {'rises' if curve.line.value > 0 else 'falls'} with {by}"
    flat = all(each.joint_interval()[0] <= curve.average <= each.joint_interval()[1] for each in curve.effects)
    if differences.shown and not flat:
        return f"The effect changes over {by}, up and down"
    return f"The effect is not shown to change over {by}"


def curve_sentence(found: UnitEffects, curve: EffectCurve, place: int) -> str:
    """One point of it."""
    scale = scale_of_units(found)
    return (
        f"At {short_name(curve.by)} {number(curve.values[place])} the effect is {told(curve.effects[place], scale)}, "
        f"whole curve {interval(*curve.effects[place].joint_interval(), scale)}."
    )


def projection_sentence(projection: EffectProjection, differences: EffectDifferences) -> str:
    """Which columns the effect goes with, the others held, in the best straight line."""
    clear = [
        f"{short_name(name)} ({number(slope.value, signed=True)} {interval(*slope.joint_interval())})"
        for name, slope in zip(projection.names, projection.slopes, strict=True)
        if slope.clear
    ]
    if not (clear and differences.shown_by("columns")):
        return "In the best straight line the effect is not shown to go with any column."
    return (
        f"In the best straight line, the others held, the effect goes with {', '.join(clear)}. Of a quantity that is "
        "what one more of it adds to the effect, of a level what it adds beside the first level of its column."
    )


def projection_rows(projection: EffectProjection) -> list[dict[str, Any]]:
    """A row per column: what one more of it (a level beside the first) adds to the effect, the others held."""
    from causal.effects.score_means import rows_told

    told = zip(projection.names, projection.slopes, strict=True)
    return [{"column": name, **rows_told(slope)} for name, slope in told] + [
        {"column": "(all columns zero or at their first level)", **rows_told(projection.constant)}
    ]


def profile_sentence(found: UnitEffects, profile: EffectProfile, differences: EffectDifferences) -> str:
    """The effect at both ends of the ranking."""
    scale = scale_of_units(found)
    alone = "" if differences.shown_by("ranking") else ", taken alone; with all tests counted none is shown"
    return (
        f"In the {percent(profile.share)} ranked highest the effect is {told(profile.top, scale)}, in the "
        f"{percent(profile.share)} ranked lowest {told(profile.bottom, scale)}; a difference of "
        f"{told(profile.gap, scale)}{alone}."
    )


def profile_warning(differences: EffectDifferences) -> str:
    """What a profile is not, where the ranking is not clearly better than chance; empty where it is."""
    if differences.shown_by("ranking"):
        return ""
    return (
        "The ranking is not shown to be better than chance, so this says what the models go by, not what those who "
        "gain most are like."
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
