"""How well the models behind an answer predict units that they have not seen, as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from causal.checks.calibration import has_pattern
from causal.checks.verdict import Verdict
from causal.wording.numbers import count, counted, number, percent
from causal.wording.phrases import level_phrase, short_name

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.checks.calibration import Calibration
    from causal.effects.model_fit import ModelFit, NuisanceFit


def predicted(analysis: Analysis, fit: NuisanceFit) -> str:
    """What a model predicts: "who has new", "engagement with old"."""
    outcome = short_name(analysis.spec.question.outcome)
    if fit.nuisance == "treatment":
        return f"who has {level_phrase(analysis, 'treated').removeprefix('with ')}"
    if fit.nuisance == "outcome":
        return outcome
    return f"{outcome} {level_phrase(analysis, 'treated' if fit.nuisance.endswith('treated') else 'control')}"


def event(analysis: Analysis, fit: NuisanceFit) -> str:
    """What a predicted chance is of: "new", "t at 1", "purchase with old"."""
    return predicted(analysis, fit).removeprefix("who has ")


def fit_finding(analysis: Analysis, found: ModelFit) -> str:
    """Whether the models hold up on units that they have not seen."""
    beaten = [each for each in found.models if each.beaten]
    off = [each for each in found.models if each.miscalibrated]
    if not beaten and not off:
        rival = any(each.gain is not None for each in found.models)
        how = "as well as boosted trees do" if rival else "as they should"
        chances = ", and chances come true" if any(each.calibration for each in found.models) else ""
        return f"On units that they have not seen the models predict {how}{chances}."
    parts = [f"boosted trees predict {predicted(analysis, each)} clearly better ({_less(each)})" for each in beaten]
    parts += [f"the chances of {event(analysis, each)} do not come true ({_slope(each.calibration)})" for each in off]
    return f"On units that they have not seen {'; '.join(parts)}."


def fit_advice(analysis: Analysis, found: ModelFit) -> str:
    """What to do where a model is beaten; nothing where none is."""
    if not any(each.beaten or each.miscalibrated for each in found.models):
        return ""
    if analysis.method.family == "both_models":
        return 'Choose the learner "best" among the options of this method: it combines what predicts best.'
    return (
        "Answer with doubly robust and the learner “best” as well: it combines what predicts best, and is right if "
        "either of its two models is."
    )


def model_sentence(analysis: Analysis, fit: NuisanceFit) -> str:
    """One model in full."""
    what = predicted(analysis, fit)
    told = (
        f"The {fit.model} model of {what} is off by {number(math.sqrt(fit.loss))} on units that it has not seen "
        f"(the mean alone by {number(math.sqrt(fit.baseline))}): it explains {percent(fit.explained)} of the variance."
    )
    if fit.explained < 0:
        told = told.replace(": it explains", ", so it does worse than the mean: it explains")
    if fit.seen is not None:
        told += f" On the units it was fitted on it is off by {number(math.sqrt(fit.seen))}."
    if fit.told_apart is not None and not math.isnan(fit.told_apart):
        told += f" Of two units it names the right one {percent(fit.told_apart)} of the time."
    if fit.gain is not None and fit.rival is not None:
        told += f" Boosted trees are off by {number(math.sqrt(fit.rival))}{_compared(fit)}."
    return told


def _compared(fit: NuisanceFit) -> str:
    if fit.beaten:
        return f", clearly less ({_less(fit)})"
    return ", no clear difference" if abs(fit.gain or 0) <= 2 * (fit.gain_error or math.inf) else ", no better"


def _less(fit: NuisanceFit) -> str:
    assert fit.gain is not None
    return f"{percent(fit.gain / fit.loss)} less squared error"


def calibration_finding(analysis: Analysis, fit: NuisanceFit) -> str:
    """Whether predicted chances come true, with the slope of the calibration."""
    found, what = fit.calibration, event(analysis, fit)
    assert found is not None
    if math.isnan(found.slope):
        return f"Every unit has the same predicted chance of {what}"
    if fit.miscalibrated:
        how = "too extreme" if found.slope < 1 else "too timid"
        return f"The chances of {what} do not come true: they are {how} ({_slope(found)})"
    if found.p_value < 0.05:
        return f"The chances of {what} come true nearly: {_slope(found)}"
    return f"The chances of {what} come true: {_slope(found)}"


def _slope(found: Calibration | None) -> str:
    assert found is not None
    low, high = found.slope_interval()
    return f"slope {number(found.slope)} [{number(low)}, {number(high)}], where 1 is right"


def calibration_sentence(found: Calibration) -> str:
    """Intercept, slope and their test."""
    if math.isnan(found.slope):
        return "There is nothing to calibrate: all predictions are the same."
    low, high = found.slope_interval()
    chance = "less than 0.001" if found.p_value < 0.001 else number(found.p_value)
    return (
        f"Intercept {number(found.intercept)} (standard error {number(found.intercept_error)}), slope "
        f"{number(found.slope)} [{number(low)}, {number(high)}]. If the chances were right, both would be this far "
        f"from 0 and 1 with probability {chance}."
    )


def residual_finding(analysis: Analysis, fit: NuisanceFit) -> str:
    """Whether what a model leaves over has a pattern along what it predicts."""
    groups = [each for each in fit.residuals if not math.isnan(each.std_error) and each.std_error > 0]
    beyond = sum(each.beyond for each in groups)
    what = predicted(analysis, fit)
    if not groups:
        return f"There are too few different predictions of {what} to look for a pattern"
    if not has_pattern(groups):
        return f"What the model of {what} leaves over has no clear pattern: {_outside(beyond, len(groups))}"
    return f"What the model of {what} leaves over has a pattern: {_outside(beyond, len(groups))}"


def _outside(beyond: int, total: int) -> str:
    return f"{count(beyond)} of {counted(total, 'group')} {'lies' if beyond == 1 else 'lie'} outside the band"


def model_rows(analysis: Analysis, found: ModelFit) -> list[dict[str, Any]]:
    """The table of the models; errors are root mean squared, in units of what is predicted."""
    return [
        {
            "predicts": predicted(analysis, each),
            "model": each.model,
            "units": each.units,
            "error, units not seen": _root(each.loss),
            "error, units fitted on": _root(each.seen),
            "error of the mean": _root(each.baseline),
            "error of boosted trees": _root(each.rival),
            "variance explained": None if math.isnan(each.explained) else each.explained,
            "log loss": each.log_loss,
            "told apart (AUC)": each.told_apart,
        }
        for each in found.models
    ]


def units_sentence(found: ModelFit) -> str:
    """How it was looked at."""
    told = f"Each unit is predicted by models of the other {found.folds - 1} of {found.folds} folds."
    if found.units < found.units_total:
        told += f" Looked at: {count(found.units)} of {counted(found.units_total, 'unit')}, drawn at random."
    return told


def model_fit_verdict(analysis: Analysis, found: ModelFit) -> Verdict:
    """The light of the models among those of an answer."""
    beaten = any(each.beaten or each.miscalibrated for each in found.models)
    return Verdict("model fit", "attention" if beaten else "passed", fit_finding(analysis, found))


def _root(value: float | None) -> float | None:
    return None if value is None else math.sqrt(value)
