"""What was found out about an answer, and the lights that it gives: the one place where a standing comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causal.checks.ledger import Ledger, OverlapJudgement, Overruling
from causal.checks.verdict import Verdict
from causal.effects.refutation import why_not_refuted
from causal.effects.specifications import why_no_curve
from causal.wording.graph_fit import graph_fit_verdict
from causal.wording.ledger import TITLES
from causal.wording.positivity import with_regions
from causal.wording.refutation import refuters_verdict
from causal.wording.sensitivity import hidden_cause_verdict
from causal.wording.specification_curve import curve_verdict

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.checks.graph_fit import GraphFit
    from causal.checks.refuters.refutation import Refutation
    from causal.effects.model_fit import ModelFit
    from causal.effects.positivity import Positivity
    from causal.effects.sensitivity import Sensitivity
    from causal.effects.specification_curve import SpecificationCurve


NOT_JUDGED = "Nobody has said yet whether that is enough."
"""What stands with the overlap until the analyst has judged it."""


@dataclass(frozen=True)
class Evidence:
    """What was found out about an answer beyond its own checks; None: not yet checked.

    `overlap_judgement` is what the analyst says of the overlap; `positivity` whom the other arm lacks anybody like.
    Those two and `model_fit` hold nothing back while they are not known.
    """

    refutations: tuple[Refutation, ...] | None = None
    sensitivity: Sensitivity | None = None
    curve: SpecificationCurve | None = None
    graph_fit: GraphFit | None = None
    overlap_judgement: OverlapJudgement | None = None
    positivity: Positivity | None = None
    model_fit: ModelFit | None = None


def trust_ledger(analysis: Analysis, evidence: Evidence, overruling: Overruling | None = None) -> Ledger:
    """The lights of everything known about an answer, in the order of `TITLES`; what was not run is not yet checked."""
    own = [_overlap(analysis, each, evidence) if each.check == "overlap" else each for each in analysis.verdicts]
    run = (each(analysis, evidence) for each in (_refuters, _hidden_cause, _curve, _graph))
    found = (*own, *run)
    order = {name: place for place, name in enumerate(TITLES)}
    return Ledger(tuple(sorted(found, key=lambda each: order[each.check])), overruling)


def with_ledger(analysis: Analysis, evidence: Evidence, overruling: Overruling | None = None) -> Analysis:
    """The analysis with its ledger, by which its headline is worded from here on."""
    return replace(analysis, ledger=trust_ledger(analysis, evidence, overruling))


def _overlap(analysis: Analysis, verdict: Verdict, evidence: Evidence) -> Verdict:
    """The overlap's light with the regions that lack it, and with the analyst's own judgement, which can put it out but
    not light it.
    """
    if analysis.method.adjusts and analysis.rests_on_adjustment:
        verdict = with_regions(verdict, evidence.positivity)
    judged = evidence.overlap_judgement
    if verdict.light == "does_not_apply":
        return verdict
    if judged is None:
        return replace(verdict, sentence=f"{verdict.sentence} {NOT_JUDGED}")
    said = f"The analyst judges that {'' if judged.enough else 'not '}enough: {judged.reason}"
    sentence = f"{verdict.sentence} {said if said.endswith(('.', '!', '?')) else said + '.'}"
    return replace(verdict, light=verdict.light if judged.enough else "failed", sentence=sentence)


def _refuters(analysis: Analysis, evidence: Evidence) -> Verdict:
    refusal = why_not_refuted(analysis.method, analysis.estimand)
    if refusal:
        return Verdict("refuters", "does_not_apply", refusal)
    if evidence.refutations is None:
        return Verdict("refuters", "not_checked", "Nobody has tried to refute this answer yet.")
    return refuters_verdict(evidence.refutations)


def _hidden_cause(analysis: Analysis, evidence: Evidence) -> Verdict:
    if not analysis.rests_on_adjustment:
        sentence = f"{analysis.method.title} does not rest on adjusting for all common causes."
        return Verdict("hidden cause", "does_not_apply", sentence)
    if evidence.sensitivity is None:
        return Verdict("hidden cause", "not_checked", "What a hidden cause could do has not been worked out yet.")
    return hidden_cause_verdict(evidence.sensitivity)


def _curve(analysis: Analysis, evidence: Evidence) -> Verdict:
    refusal = why_no_curve(analysis.method, analysis.rests_on_adjustment)
    if refusal:
        return Verdict("specification curve", "does_not_apply", refusal)
    if evidence.curve is None or not evidence.curve.is_complete:
        return Verdict("specification curve", "not_checked", "What other sensible choices would say is not known yet.")
    return curve_verdict(evidence.curve)


def _graph(analysis: Analysis, evidence: Evidence) -> Verdict:
    if analysis.spec.graph is None:
        return Verdict("graph", "does_not_apply", "There is no graph to hold against the data.")
    if evidence.graph_fit is None:
        return Verdict("graph", "not_checked", "What the graph promises has not been tested on the data yet.")
    return graph_fit_verdict(evidence.graph_fit)
