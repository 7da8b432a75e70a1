"""Whether groups show latent variables alike, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.wording.numbers import number
from causal.wording.phrases import short_name
from causal.wording.structure import POOR_CFI

if TYPE_CHECKING:
    from causal.structural.invariance import Equality, Invariance, InvarianceStep

NOTHING = "Nothing held equal"
RULE = (
    "A step holds where CFI falls by less than 0.01 (Cheung and Rensvold 2002). Where it falls that far, the step "
    "fails if RMSEA grows by 0.015, or SRMR by 0.030 for loadings and 0.010 for what comes after (Chen 2007); else it "
    "is in doubt. Chi-square alone rejects any equality of many rows."
)


def step_name(step: InvarianceStep) -> str:
    """What is held equal, in a few words, with the term of the field."""
    return f"{_equal(step)} equal ({step.level})" if step.equal else f"{NOTHING} ({step.level})"


def _equal(step: InvarianceStep) -> str:
    names = [{"residuals": "residual variances"}.get(each, each) for each in step.equal]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return listed[0].upper() + listed[1:]


def invariance_finding(found: Invariance) -> str:
    """What may be compared across the groups, and what stands in the way."""
    first = found.steps[0]
    if first.measures.cfi < POOR_CFI:
        return (
            f"The model fits the groups of {short_name(found.column)} poorly even with nothing held equal (CFI "
            f"{number(first.measures.cfi)}): mend the model before comparing groups."
        )
    if found.holds == "strict":
        return f"The groups of {short_name(found.column)} show the latent variables alike: their means can be compared."
    if found.holds == "scalar":
        return (
            f"Means of the latent variables can be compared across {short_name(found.column)}; how exactly the columns "
            f"show them differs{_worst(found)}."
        )
    if found.holds == "metric":
        return (
            f"Relations can be compared across {short_name(found.column)}, means of the latent variables cannot"
            f"{_worst(found)}."
        )
    return (
        f"The groups of {short_name(found.column)} show the latent variables differently{_worst(found)}: compare "
        "neither their relations nor their means."
    )


def _worst(found: Invariance) -> str:
    step = found.first_doubt
    if step is None or not step.equalities:
        return ""
    top = step.equalities[0]
    return f", most in {_coefficient(top)}"


def _coefficient(each: Equality) -> str:
    """The coefficient in words, with its group."""
    left, _, right = each.name.partition(" =~ ")
    if right:
        told = f"how {short_name(left)} shows in {short_name(right)}"
    elif each.name.endswith(" ~1"):
        told = f"the level of {short_name(each.name.removesuffix(' ~1'))}"
    elif " | " in each.name:
        name, _, cut = each.name.partition(" | ")
        told = f"threshold {cut.removeprefix('t')} of {short_name(name)}"
    else:
        told = f"the residual variance of {short_name(each.name.partition(' ~~ ')[0])}"
    return f"{told} ({each.group})"


def equality_sentence(each: Equality) -> str:
    """One equality that could be given up, and what that would change."""
    told = _coefficient(each)
    return (
        f"{told[0].upper()}{told[1:]}: differs by about {number(each.change, signed=True)} from the rest; chi-square "
        f"would fall by about {number(each.chi2)} (p = {number(each.p_value)})."
    )


def step_sentence(step: InvarianceStep, before: InvarianceStep | None) -> str:
    """One level beside the one before it."""
    fit = f"CFI {number(step.measures.cfi)}, RMSEA {number(step.measures.rmsea)}, SRMR {number(step.measures.srmr)}"
    if before is None or step.difference is None:
        return f"{step_name(step)}: {fit}."
    told = step.difference
    return (
        f"{step_name(step)}: {step.standing}. CFI goes from {number(before.measures.cfi)} to "
        f"{number(step.measures.cfi)}; chi-square grows by {number(told.adjusted)} for {told.df} degrees of freedom "
        f"(p = {number(told.p_value)})."
    )
