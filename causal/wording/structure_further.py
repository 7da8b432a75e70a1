"""What refits, draws, rows not seen and what-ifs say of a fitted structural equation model, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causal.interventions.changes import changes_from_json
from causal.wording.numbers import count, counted, interval, number, percent
from causal.wording.what_if import changes_phrase

if TYPE_CHECKING:
    from causal.interventions.scenario import NodeScenario
    from causal.interventions.structural_equations import StructuralScenario
    from causal.structural.bootstrap import Resampled, SemBootstrap
    from causal.structural.held_out import HeldOutFit, HeldOutOutcome
    from causal.structural.posterior import Drawn, SemPosterior
    from causal.structural.sem_fit import SemFit

_MOVED = 0.1
"""A mean that moves by more of its standard deviations with the width of the priors hangs on them."""


def scenario_title(scenario: StructuralScenario, level: float = 0.95) -> str:
    """What the changes do to the variable that they move most, in its standard deviations."""
    spread = {each.name: each.before for each in scenario.deviations}
    moved = [each for each in scenario.nodes if each.role == "affected" and each.difference and spread[each.name] > 0]
    done = changes_phrase(changes_from_json(scenario.changes), {})
    if not moved:
        return f"With {done}, nothing else moves: no arrow leads on from it"
    told_by_data = [each for each in moved if each.std_error] or moved  # not by a loading that is held at 1
    top = max(told_by_data, key=lambda each: abs(each.difference or 0.0) / spread[each.name])
    ends = top.interval(level)
    assert ends is not None and top.difference is not None
    told = f"{number(top.difference, signed=True)} {interval(*ends)}"
    if ends[0] <= 0 <= ends[1]:
        return f"With {done}, no variable is sure to move; the most is {top.name}, by {told}"
    return f"With {done}, {top.name} moves most for its spread: by {told}"


def scenario_sentence(node: NodeScenario, level: float = 0.95) -> str:
    """One variable before and after."""
    ends = node.interval(level)
    if node.difference is None or ends is None:
        return f"{node.name} stays as it was."
    return (
        f"{node.name}: {number(node.before)} on average now, {number(node.after)} then, "
        f"{number(node.difference, signed=True)} {interval(*ends)}."
    )


def refits_finding(refits: SemBootstrap, fit: SemFit) -> str:
    """How the errors by refits stand beside those of the fit."""
    ratios = []
    for each in fit.coefficients:
        if each.free and each.std_error > 0 and each.operator in ("=~", "~"):
            ratios.append(refits.row(each.name, group=each.group).std_error / each.std_error)
    if not ratios:
        return f"{counted(refits.replicates - refits.failed, 'refit')} give the spread of every number."
    low, high = min(ratios), max(ratios)
    if low >= 0.8 and high <= 1.25:
        return (
            f"Refits agree with the errors of the fit: theirs are {number(low, digits=2)} to {number(high, digits=2)} "
            "times as large."
        )
    return (
        f"Refits do not agree with the errors of the fit: theirs are {number(low, digits=2)} to "
        f"{number(high, digits=2)} times as large. Trust the refits: they ask for no normal rows."
    )


def refits_caption(refits: SemBootstrap) -> str:
    """How many refits, and what their test of fit says."""
    lost = f" {counted(refits.failed, 'sample')} could not be fitted." if refits.failed else ""
    told = f"{count(refits.replicates - refits.failed)} refits on rows drawn with replacement.{lost}"
    if refits.chi2_p is None:
        return told
    rejects = "rejects" if refits.chi2_p < 0.05 else "does not reject"
    return (
        f"{told} The test of fit by Bollen and Stine {rejects} the model at 5 %: where it is true, "
        f"{percent(refits.chi2_p)} of samples like this one fit worse."
    )


def resampled_sentence(each: Resampled) -> str:
    """One number with both intervals."""
    return (
        f"{each.name} ({each.kind}): {number(each.estimate, signed=True)}, bias-corrected {interval(*each.corrected)}, "
        f"by percentiles {interval(*each.percentile)}."
    )


def posterior_finding(drawn: SemPosterior) -> str:
    """Whether the numbers hang on the priors."""
    told = [each for each in drawn.rows if each.kind == "coefficient"]
    swayed = [each.name for each in told if each.moved is None or each.moved > _MOVED]
    if not swayed:
        return "The data decide, not the priors: half or twice as wide, they move no coefficient noticeably."
    listed = ", ".join(swayed[:4]) + (" and others" if len(swayed) > 4 else "")
    return f"The priors have a say in {listed}: the data alone tell little about that."


def posterior_caption(drawn: SemPosterior) -> str:
    """How the draws went."""
    worst = max(each.r_hat for each in drawn.rows)
    fewest = min(min(each.effective, each.effective_tails) for each in drawn.rows)
    told = (
        f"{drawn.chains} chains of {count(drawn.draws)} draws. They agree (R-hat at most {number(worst, digits=4)}), "
        f"and for every number are worth {count(int(fewest))} independent ones or more."
    )
    if drawn.predictive_p is None:
        return told
    fits = "fits" if 0.05 <= drawn.predictive_p <= 0.95 else "does not fit"
    return (
        f"{told} Data that the model makes up lie further from it than these rows in {percent(drawn.predictive_p)} of "
        f"draws: it {fits} (half is best)."
    )


def priors_sentence(drawn: SemPosterior) -> str:
    """What was held likely beforehand."""
    priors = drawn.priors
    units = "for columns at mean 0 and standard deviation 1" if priors.in_units else "for the columns as they stand"
    return (
        f"Held likely beforehand, {units}: loadings normal around 0 with standard deviation {priors.loading:g}, "
        f"arrows {priors.regression:g}, intercepts {priors.intercept:g}; standard deviations of residuals "
        f"gamma({priors.deviation_shape:g}, {priors.deviation_rate:g}); their correlations uniform."
    )


def drawn_sentence(each: Drawn) -> str:
    """One number after the data."""
    return (
        f"{each.name} ({each.kind}): {number(each.mean, signed=True)} on average, between "
        f"{number(each.interval[0])} and {number(each.interval[1])} with 95 % probability under model and priors."
    )


def held_out_finding(held: HeldOutFit) -> str:
    """Whether the model predicts its outcomes as well as plain regressions do."""
    if not held.outcomes:
        return _surprise_sentence(held)
    worse = [each.column for each in held.outcomes if each.squared_error.against_plain.interval()[0] > 0]
    better = [each.column for each in held.outcomes if each.squared_error.against_plain.interval()[1] < 0]
    if worse:
        return (
            f"On rows not seen a plain regression predicts {', '.join(worse)} better than the model: an arrow that "
            "matters is missing, or a line is no line."
        )
    if better:
        return f"On rows not seen the model predicts {', '.join(better)} better than a plain regression."
    names = ", ".join(each.column for each in held.outcomes)
    return f"On rows not seen the model predicts {names} about as well as a plain regression."


def held_out_caption(held: HeldOutFit) -> str:
    """How it was done, and what the likelihood of all columns says."""
    return (
        f"{count(held.rows)} rows in {held.folds} parts; each part is predicted by models that were fitted to the "
        f"others. {_surprise_sentence(held)} Differences are paired by row."
    )


def _surprise_sentence(held: HeldOutFit) -> str:
    apart = held.surprise.against_plain
    low, high = apart.interval()
    told = f"log density per row {number(-apart.difference, signed=True)} {interval(-high, -low)}"
    if low > 0:
        return f"Of all columns together a model that leaves every covariance free foretells more ({told})."
    if high < 0:
        return f"Of all columns together the model foretells more than free covariances do ({told})."
    return f"Of all columns together the model foretells as much as free covariances do ({told})."


def outcome_sentence(each: HeldOutOutcome) -> str:
    """One outcome's squared errors."""
    loss = each.squared_error
    return (
        f"{each.column} from {', '.join(each.predictors)}: mean squared error {number(loss.model)} by the model, "
        f"{number(loss.plain)} by a regression (model less regression "
        f"{number(loss.against_plain.difference, signed=True)} {interval(*loss.against_plain.interval())}), "
        f"{number(loss.nothing)} by the mean."
    )
