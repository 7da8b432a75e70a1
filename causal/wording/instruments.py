"""What instruments say, as sentences: the region that holds whatever their strength, and how to read it."""

from __future__ import annotations

from math import inf, isinf
from typing import TYPE_CHECKING

from causal.checks.instruments import is_bounded
from causal.errors import OptionProblem
from causal.wording.numbers import Binary, number, percent, unit_after
from causal.wording.phrases import scale_of, short_name

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.estimators.instrument_evidence import InstrumentEvidence
    from causal.estimators.ratio_region import Region


def evidence_of(analysis: Analysis) -> InstrumentEvidence:
    """What the instruments of this answer say.

    Raises OptionProblem where the method uses none.
    """
    if analysis.instrument_evidence is None:
        raise OptionProblem(f"{analysis.method.title} uses no instrument, so there is no first stage to show.")
    return analysis.instrument_evidence


def region_of(analysis: Analysis) -> Region:
    """The Anderson-Rubin region at the answer's confidence."""
    return evidence_of(analysis).region(analysis.estimate.confidence)


def region_words(region: Region, binary: Binary = False) -> str:
    """ "1.2 to 3.4", "below −3 or above 2", "any value", or "no value"; of a difference of shares in its points."""
    if not region:
        return "no value"
    return " or ".join(_piece(low, high, 100 if binary else 1) for low, high in region)


def region_sentence(analysis: Analysis) -> str:
    """What the region means, in one sentence."""
    region, binary = region_of(analysis), scale_of(analysis)
    level = f"{percent(analysis.estimate.confidence)} Anderson-Rubin region"
    names = instruments_of(analysis)
    unit = unit_after(binary)
    if not region:
        return f"No effect at all fits {names} at once ({level} empty): at least one of them is no instrument."
    if region == ((-inf, inf),):
        return f"{names} contradicts no effect whatever ({level}): nothing is learnt from it."
    words = region_words(region, binary)
    if is_bounded(region):
        return f"However weak or strong {names} may be, the effect lies in {words}{unit} ({level})."
    return f"{names} is so weak that it only rules out some effects: what is left is {words}{unit} ({level})."


def region_finding(analysis: Analysis) -> str:
    """The sentence for the title of a figure."""
    region = region_of(analysis)
    if not region:
        return "No effect fits all instruments at once"
    words = region_words(region, scale_of(analysis))
    unit = " pp" if analysis.outcome_is_binary else unit_after(scale_of(analysis))
    if is_bounded(region):
        return f"However weak or strong the instrument, the effect lies in {words}{unit}"
    if region == ((-inf, inf),):
        return "The instrument is too weak to rule out any effect"
    return f"The instrument is weak: what it leaves is {words}{unit}"


def instruments_of(analysis: Analysis) -> str:
    """The instruments by name."""
    return " and ".join(short_name(name) for name in evidence_of(analysis).instruments)


def _piece(low: float, high: float, scale: int) -> str:
    if isinf(low):
        return "any value" if isinf(high) else f"below {number(scale * high)}"
    return f"above {number(scale * low)}" if isinf(high) else f"{number(scale * low)} to {number(scale * high)}"
