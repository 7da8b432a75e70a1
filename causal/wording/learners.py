"""Which model predicted best, in words and as rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from causal.wording.numbers import number, percent
from causal.wording.phrases import level_phrase

if TYPE_CHECKING:
    from causal.analysis import Analysis
    from causal.estimators.cross_fitting import LearnerLoss

CAPTION = (
    "The typical error is the root mean squared error, in units of what is predicted (a chance for who has which arm). "
    "Each unit is predicted by models that have not seen it; the shares are those that together predict best."
)


def learners_sentence(analysis: Analysis) -> str:
    """What predicted each part best on units that it had not seen."""
    parts = []
    for nuisance in dict.fromkeys(each.nuisance for each in analysis.losses):
        best = min((each for each in analysis.losses if each.nuisance == nuisance), key=lambda each: each.loss)
        parts.append(f"{_predicted(analysis, nuisance)}: {best.learner} (off by {number(_typical(best))})")
    return f"Best on units that the model had not seen. {_capital('; '.join(parts))}."


def learner_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """One row per part and model: its root mean squared error on units not seen, and its share in the prediction."""
    ordered = sorted(analysis.losses, key=lambda each: -each.share)
    parts = list(dict.fromkeys(each.nuisance for each in analysis.losses))
    return [
        {
            "predicts": _predicted(analysis, each.nuisance),
            "model": each.learner,
            "typical error": number(_typical(each)),
            "share of the prediction": percent(each.share),
        }
        for part in parts
        for each in ordered
        if each.nuisance == part
    ]


def _typical(each: LearnerLoss) -> float:
    return math.sqrt(max(each.loss, 0.0))


def _predicted(analysis: Analysis, nuisance: str) -> str:
    question = analysis.spec.question
    if nuisance == "treatment":
        return f"who has {level_phrase(analysis, 'treated').removeprefix('with ')}"
    if nuisance == "outcome":
        return question.outcome
    return f"{question.outcome} {level_phrase(analysis, 'treated' if nuisance.endswith('treated') else 'control')}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
