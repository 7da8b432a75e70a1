"""The trust ledger of an answer in words: how it may be read, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from causal.checks.ledger import Ledger, Overruling, Standing
from causal.checks.verdict import Light, Verdict
from causal.wording.numbers import counted, plural

if TYPE_CHECKING:
    from causal.analysis import Analysis

TITLES = {
    "identification": "Identification",
    "method": "The method itself",
    "instrument strength": "Strength of the instrument",
    "instrument agreement": "Agreement of the instruments",
    "balance": "Balance",
    "overlap": "Overlap",
    "interval": "Interval",
    "model fit": "Model fit",
    "refuters": "Refuters",
    "hidden cause": "Hidden causes",
    "specification curve": "Specification curve",
    "graph": "Graph and data",
}
"""What each light is of, in the order in which they are read."""

LABELS: dict[Light, str] = {
    "passed": "holds",
    "attention": "look again",
    "failed": "fails",
    "not_checked": "not yet checked",
    "does_not_apply": "does not apply",
}
"""Each light in words, so that colour is never needed to tell it."""


def ledger_of(analysis: Analysis) -> Ledger:
    """The analysis's ledger, or one of its own verdicts where nothing more is known."""
    return analysis.ledger or Ledger(analysis.verdicts)


def ledger_finding(ledger: Ledger) -> str:
    """How the answer may be read, and why, in one sentence or two."""
    if ledger.overruling is not None:
        return f"{_VERDICTS[ledger.standing]}, by the analyst's judgement. {overruling_sentence(ledger.overruling)}"
    return f"{_VERDICTS[ledger.standing]}. {standing_reason(ledger)}"


def standing_reason(ledger: Ledger) -> str:
    """Why the checks say what they say: what failed, what asks for a second look, what was not run."""
    parts = [f"{told}: {listed(found)}" for light, told in _HOLDING_BACK.items() if (found := ledger.of_light(light))]
    if parts:
        told = "; ".join(parts)
        return f"{told[0].upper()}{told[1:]}."
    count = len(ledger.of_light("passed"))
    return f"All {counted(count, 'check')} that {plural(count, 'applies', 'apply')} hold." if count else "None applies."


def overruling_sentence(overruling: Overruling) -> str:
    """Who overruled what, and the reason as written."""
    ended = overruling.reason if overruling.reason.endswith((".", "!", "?")) else f"{overruling.reason}."
    return f"The analyst overrules the checks, which said “{overruling.against}”: {ended}"


def ledger_rows(ledger: Ledger) -> list[dict[str, str]]:
    """The table of the lights, one row each."""
    return [
        {"check": TITLES[each.check], "light": LABELS[each.light], "reason": each.sentence} for each in ledger.verdicts
    ]


def listed(verdicts: Iterable[Verdict]) -> str:
    """ "balance and hidden causes"."""
    names = [TITLES[each.check].lower() for each in verdicts]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_HOLDING_BACK: dict[Light, str] = {
    "failed": "failed",
    "attention": "to look at again",
    "not_checked": "not yet checked",
}
_VERDICTS: dict[Standing, str] = {"causal": "Causal", "tentative": "Tentative", "do not use": "Do not use"}
