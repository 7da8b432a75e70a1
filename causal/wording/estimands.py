"""What an estimand computes, in words: the formula read aloud."""

from __future__ import annotations

from causal.graphs.hedges import listed
from causal.graphs.identification import Estimand


def formula_in_words(estimand: Estimand) -> str:
    """The estimand's formula as a sentence or two."""
    t, y = f'"{estimand.treatment}"', f'"{estimand.outcome}"'
    if estimand.strategy == "no_effect":
        return f"Whatever {t} is set to, {y} is distributed as it is seen now."
    if estimand.strategy == "frontdoor":
        through = listed(estimand.mediators)
        does = "does" if len(estimand.mediators) == 1 else "do"
        return (
            f"First what {t} does to {through}, as it is seen; then what {through} {does} to {y} among units alike in "
            f"{t}, averaged over {t}. The two are put together."
        )
    if estimand.strategy == "id":
        return (
            "Shares of units with certain values, multiplied and summed as the formula says. Every one of them is "
            "of recorded variables alone, so all of them can be counted in the log."
        )
    if estimand.strategy == "instrument":
        alike = f", among units alike in {listed(estimand.adjust_for)}" if estimand.adjust_for else ""
        first, *others = estimand.instruments
        said = f'How much {y} moves with "{first}"{alike}, divided by how much {t} moves with it.'
        if others:
            said += f" {listed(others)} in its place would show the same; an answer takes them together."
        return said
    if not estimand.adjust_for:
        return f"The distribution of {y} among units with each level of {t}, as it is."
    alike = listed(estimand.adjust_for)
    return (
        f"Among units alike in {alike}, {y} is compared between the levels of {t}. These comparisons are averaged over "
        f"how often each value of {alike} occurs."
    )
