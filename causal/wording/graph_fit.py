"""What the data says of a graph, as sentences: plain text, with names as the data spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causal.checks.verdict import Light, Verdict
from causal.wording.numbers import count, counted, deviations, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.checks.graph_fit import GraphFit, Mend, PromiseTest
    from causal.graphs.mending import MendedGraph

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


def graph_fit_verdict(fit: GraphFit) -> Verdict:
    """The light of the graph among those of an answer: data can ask for a second look at it, never prove it."""
    lights: dict[str, Light] = {
        "nothing to test": "does_not_apply",
        "not contradicted": "passed",
        "strained": "passed" if any(each.standing == "slight" for each in fit.tests) else "attention",
        "contradicted": "attention",
    }
    return Verdict("graph", lights[fit.standing], graph_fit_headline(fit))


def rows_sentence(fit: GraphFit) -> str:
    """How many rows were asked, and which promises."""
    asked = f"{count(fit.sampled)} rows drawn from {count(fit.rows)}" if fit.sampled else counted(fit.rows, "row")
    which = "every smallest set of columns that makes a pair independent" if fit.full else "one promise per pair"
    cut = ", cut at a limit" if fit.more else ""
    return (
        f"Asked of {asked}: {which}{cut}. P-values are corrected for the {counted(len(fit.tests), 'promise')} tested "
        f"(Holm); intervals hold {percent(fit.confidence)}, each by itself."
    )


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


def mended_sentence(mended: Sequence[MendedGraph]) -> str:
    """Whether mending broken promises would change the answer, each way by itself; empty where nothing is broken."""
    if not mended:
        return ""
    ways = counted(len(mended), "way")
    telling = [each for each in mended if each.change != "none"]
    if not telling:
        return (
            f"For the question asked none of this matters by itself: after each of the {ways} to mend it, what the "
            "answer adjusts for is still right."
        )
    lost = next((each for each in telling if each.change == "lost"), None)
    first = telling[0] if lost is None else lost
    return (
        f"{len(telling)} of the {ways} to mend it would change the answer: with {_mend(first)}, {_consequence(first)}."
    )


def mend_text(mend: Mend | MendedGraph) -> str:
    """ "age → clicks", or "age ↔ clicks" for a hidden common cause."""
    return f"{short_name(mend.left)} {'→' if mend.kind == 'directed' else '↔'} {short_name(mend.right)}"


def consequence_sentence(mended: MendedGraph) -> str:
    """What one way to mend a promise would do to the answer."""
    if mended.change == "none":
        return "The answer stays as it is." if mended.estimand is not None else "The effect stays unidentified."
    return f"Then {_consequence(mended)}."


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
    if not names:
        return ""
    shown = [short_name(each) for each in names[:_NAMES_SHOWN]]
    if len(names) > _NAMES_SHOWN:
        shown.append(f"{len(names) - _NAMES_SHOWN} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _consequence(mended: MendedGraph) -> str:
    if mended.estimand is None:
        return "the effect is not identified"
    if mended.change == "gained":
        return "the effect is identified"
    if mended.change == "other columns":
        return f"the answer has to adjust for {_listed(mended.estimand.adjust_for) or 'nothing'}"
    return "the answer needs another strategy"


def _mend(mend: Mend | MendedGraph) -> str:
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
