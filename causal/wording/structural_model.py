"""How far a structural model is to be trusted, as sentences: its fit, its hidden causes, and the graph's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.checks.verdict import Verdict
from causal.wording.graph_fit import graph_fit_headline, graph_fit_verdict
from causal.wording.numbers import count, number, percent
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.checks.graph_fit import GraphFit
    from causal.interventions.structural_model import NodeModel, StructuralModel

_NAMES_SHOWN = 3


def model_verdict(model: StructuralModel, fit: GraphFit | None) -> Verdict:
    """One light for the model: held back by hidden causes, by a graph that the data contradicts, or by a poor fit."""
    confounded = [each.name for each in model.nodes if each.confounded_with]
    if confounded:
        sentence = (
            f"{_listed(confounded)} {_shares(confounded)} a hidden common cause with what it descends from, so no data "
            "tell its mechanism: what becomes of it, and of what comes after it, is not told."
        )
        return Verdict("structural model", "failed", sentence)
    if fit is not None and graph_fit_verdict(fit).light == "attention":
        return Verdict("structural model", "attention", f"{graph_fit_headline(fit)} The model is built on that graph.")
    useless = [each.name for each in model.nodes if _is_useless(each)]
    if useless:
        sentence = (
            f"In units not seen, {_listed(useless)} {_is(useless)} predicted no better by the causes drawn than by "
            "the mean."
        )
        return Verdict("structural model", "attention", sentence)
    if fit is None:
        sentence = "Every mechanism beats the mean on units not seen; the graph itself is not tested on the data yet."
        return Verdict("structural model", "not_checked", sentence)
    sentence = f"Every mechanism beats the mean on units not seen. {graph_fit_headline(fit)}"
    return Verdict("structural model", "passed", sentence)


def rests_on() -> tuple[str, ...]:
    """What every what-if of a structural model takes for granted, beyond what can be tested."""
    return (
        "The graph is right: every arrow that matters is drawn, and no hidden cause stands behind two variables unless "
        "it is drawn.",
        "Each mechanism stays as it was when another variable is changed from outside.",
        "One unit's values do not change another unit's.",
        "Far from what was seen, a mechanism is carried on as its form says, and nothing in the data vouches for it.",
    )


def model_sentence(model: StructuralModel) -> str:
    """What was fitted to what."""
    fitted = sum(1 for each in model.nodes if each.loss is not None)
    together = "" if model.cluster is None else f", and that units of one {short_name(model.cluster)} go together"
    return (
        f"{count(fitted)} of {count(len(model.nodes))} variables have causes drawn and a mechanism, fitted to "
        f"{count(model.units)} units. A what-if sends {count(model.draws)} of them through the changed model; its "
        f"interval holds the uncertainty of the fit{together}."
    )


def mechanism_rows(model: StructuralModel) -> list[dict[str, Any]]:
    """Every variable with its causes, its mechanism in words, and how it predicts units not seen."""
    return [
        {
            "variable": each.name,
            "causes": ", ".join(each.causes) or "none drawn",
            "mechanism": each.mechanism,
            "explained": percent(each.explained) if each.explained is not None else "",
            "error": number(each.loss) if each.loss is not None else "",
            "error of the mean": number(each.loss_of_mean) if each.loss_of_mean is not None else "",
            "note": each.note,
        }
        for each in model.nodes
    ]


MECHANISM_CAPTION = (
    "Errors are on units that a mechanism has not seen: mean squared for quantities, log loss for levels. Explained is "
    "what the causes take away of the error of the mean; little of it means much noise, not a wrong graph."
)


def _is_useless(node: NodeModel) -> bool:
    return node.explained is not None and node.explained < 0


def _listed(names: list[str]) -> str:
    told = [short_name(each) for each in names[:_NAMES_SHOWN]]
    if len(names) > _NAMES_SHOWN:
        told.append(f"{len(names) - _NAMES_SHOWN} more")
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _shares(names: list[str]) -> str:
    return "shares" if len(names) == 1 else "share"
