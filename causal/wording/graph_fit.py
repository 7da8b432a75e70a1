"""What the data says of a graph, as sentences: plain text, with names as the data spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causal.wording.numbers import count, deviations, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.checks.graph_fit import GraphFit, Mend, PromiseTest

_NAMES_SHOWN = 4


def graph_fit_headline(fit: GraphFit) -> str:
    """The verdict on the whole graph in one sentence."""
    if fit.standing == "nothing to test":
        if fit.untested:
            return f"None of the {_promises(len(fit.untested))} that the graph makes can be tested on this table."
        return "The graph promises no independence between observed columns, so no data can contradict it."
    total = _promises(len(fit.tests))
    if fit.standing == "contradicted":
        worst = fit.violated[0]
        return f"The data contradicts {len(fit.violated)} of {total}, most of all that {_claim(worst)}."
    if fit.standing == "strained":
        slight = sum(each.standing == "slight" for each in fit.tests)
        if slight:
            return (
                f"The graph holds up to slight departures: {slight} of {total} {'is' if slight == 1 else 'are'} off by "
                f"less than {deviations(fit.negligible)}."
            )
        return f"None of {total} is broken alone, but together they fit worse than chance allows."
    return f"The data contradicts none of {total}. Other graphs may promise the same."


def promise_claim(test: PromiseTest) -> str:
    """What the graph promises: "age and clicks are independent among units alike in algorithm"."""
    return _claim(test)


def promise_sentence(test: PromiseTest) -> str:
    """What the data says of one promise, with size, interval and corrected p-value."""
    size = f"{_size(test)}, interval {_bound(test.low)} to {_bound(test.high)}, {_p_text(test.holm)}"
    claim = _claim(test)
    if test.standing == "violated":
        return f"The graph says that {claim}; they are not: {size}."
    if test.standing == "slight":
        return f"The graph says that {claim}; they are nearly so: {size}, too small to matter by itself."
    if test.standing == "kept":
        return f"The graph says that {claim}, and the data agrees: {size}."
    return f"The graph says that {claim}; {count(test.n)} rows do not contradict it, nor rule a departure out: {size}."


def mend_sentence(test: PromiseTest) -> str:
    """What would take a broken promise back; empty where nothing is broken."""
    if not test.mends:
        return ""
    ways = [_mend(each) for each in test.mends]
    listed = ", ".join(ways[:-1]) + f", or {ways[-1]}" if len(ways) > 1 else ways[0]
    return f"It would be mended by {listed}. Which of them is true, this table cannot say: ask how the log came about."


def fisher_sentence(fit: GraphFit) -> str:
    """Fisher's C in words; empty where nothing was tested."""
    if fit.fisher is None:
        return ""
    verdict = "rejects" if fit.fisher.p_value < fit.level else "does not reject"
    return (
        f"Taken together, the test of the whole graph {verdict} it: C = {fit.fisher.statistic:,.1f} on "
        f"{fit.fisher.degrees} degrees of freedom, {_p_text(fit.fisher.p_value)}. With many rows it rejects for "
        "departures of any size."
    )


def relabelling_sentence(fit: GraphFit) -> str:
    """The comparison with permuted labels in words, its weakness included; empty where there is none."""
    found = fit.relabelling
    if found is None:
        return ""
    beside = (
        f"The graph breaks {found.broken} of {_promises(found.promises)} by a quick linear test; with its labels "
        f"shuffled it breaks {found.broken_by_chance:.1f} on average, and {percent(found.share_as_good)} of the "
        "shuffled graphs break no more."
    )
    if found.standing == "says nothing":
        return (
            f"{beside} This says nothing: {percent(found.share_equivalent)} of the shuffled graphs make the very same "
            "promises."
        )
    if found.standing == "no better than chance":
        return f"{beside} So the graph is no better than one whose labels were drawn by lot."
    return (
        f"{beside} So its labels are better than chance. That is a weak recommendation: graphs with several wrong "
        "arrows pass it too, so look at the promises one by one."
    )


def untested_sentence(fit: GraphFit) -> str:
    """How many promises could not be tested and why; empty where all were."""
    if not fit.untested:
        return ""
    reasons = list(dict.fromkeys(each.reason for each in fit.untested))
    return f"{_promises(len(fit.untested)).capitalize()} could not be tested. {' '.join(reasons[:3])}"


def _claim(test: PromiseTest) -> str:
    pair = f"{short_name(test.left)} and {short_name(test.right)} are independent"
    return f"{pair} among units alike in {_listed(test.given)}" if test.given else pair


def _listed(names: Sequence[str]) -> str:
    shown = [short_name(each) for each in names[:_NAMES_SHOWN]]
    if len(names) > _NAMES_SHOWN:
        shown.append(f"{len(names) - _NAMES_SHOWN} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _mend(mend: Mend) -> str:
    left, right = short_name(mend.left), short_name(mend.right)
    if mend.kind == "bidirected":
        return f"a hidden common cause of {left} and {right}"
    return f"an arrow from {left} to {right}"


def _promises(number: int) -> str:
    return f"{number} promised independence" if number == 1 else f"{number} promised independencies"


def _size(test: PromiseTest) -> str:
    what = "partial correlation" if test.given else "correlation"
    return f"{what if test.measure == 'partial correlation' else 'association'} {_bound(test.size)}"


def _bound(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"


def _p_text(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
