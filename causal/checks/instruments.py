"""Whether the instruments move the treatment enough to be believed, and whether several of them agree."""

from __future__ import annotations

from math import isinf

from causal.checks.verdict import Verdict
from causal.estimators.fit import Fit
from causal.estimators.instrument_evidence import InstrumentEvidence
from causal.estimators.ratio_region import Region


def judge_instruments(fit: Fit, level: float) -> tuple[Verdict, ...]:
    """The lights of a fit that used instruments: their strength, and their agreement where there are several."""
    evidence = dict(fit.facts).get("instrument_evidence")
    if not isinstance(evidence, InstrumentEvidence):
        return ()
    return (_strength(evidence, level), *_agreement(evidence))


def is_bounded(region: Region) -> bool:
    """Whether no end of the region is infinite."""
    return not any(isinf(end) for piece in region for end in piece)


def _strength(evidence: InstrumentEvidence, level: float) -> Verdict:
    what = "The instrument moves" if len(evidence.instruments) == 1 else "The instruments move"
    size = f"F = {_figure(evidence.f)}, effective F = {_figure(evidence.effective_f)}"
    if evidence.is_strong:
        sentence = (
            f"{what} the treatment strongly: {size}, above the {evidence.critical_f:.1f} that keeps the bias "
            "within a tenth of the worst."
        )
        return Verdict("instrument strength", "passed", sentence)
    if is_bounded(evidence.region(level)):
        sentence = (
            f"{what} the treatment, but not strongly: {size}, below the {evidence.critical_f:.1f} that keeps the bias "
            "within a tenth of the worst. Trust the Anderson-Rubin interval, not the usual one."
        )
        return Verdict("instrument strength", "attention", sentence)
    sentence = (
        f"{what} the treatment too little to say anything: {size}, and an interval that holds whatever the strength "
        "has no end."
    )
    return Verdict("instrument strength", "failed", sentence)


def _agreement(evidence: InstrumentEvidence) -> tuple[Verdict, ...]:
    if evidence.disagreement_p is None:
        return ()
    size = f"J = {evidence.disagreement:.2f}, p = {evidence.disagreement_p:.2g}"
    if evidence.disagreement_p >= 0.05:
        sentence = f"The instruments agree with one another ({size}), which does not show that any of them is valid."
        return (Verdict("instrument agreement", "passed", sentence),)
    sentence = (
        f"The instruments contradict one another ({size}): one of them reaches the outcome by another way, or they "
        "move different units whose effects differ."
    )
    return (Verdict("instrument agreement", "attention", sentence),)


def _figure(value: float) -> str:
    return "∞" if isinf(value) else f"{value:.1f}" if value < 1_000 else f"{value:,.0f}"
