"""Controls for a method's options, made from its options dataclass: what is not there cannot be asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st

from pages.ui import current_study

LABELS = {
    "trim": ("Leave out propensities beyond", "0 keeps everybody; 0.1 leaves out units below 0.1 and above 0.9."),
    "trim_above": (
        "Leave out propensities above",
        "Empty: above one minus the bound before. Rules with two ends of their own set it (page Overlap).",
    ),
    "trim_rule": (
        "The bound of trimming",
        "“given” is the slider's; “optimal” finds the most precise one (Crump's rule).",
    ),
    "spread": ("Standard error", "From the spread within cells, or by weighted least squares (HC2)."),
    "nuisance": (
        "The fitted models are",
        "“estimated” gives the exact interval; “known” the textbooks' conservative one.",
    ),
    "normalised": (
        "Weights of each arm add up to one",
        "Hájek's form, the same with stabilised weights; without it, Horvitz and Thompson's.",
    ),
    "bins": ("Bins of a numeric column", "The rule for how many; categories are matched exactly."),
    "cut_points": (
        "Your own cut points",
        "A column and its edges on each line, such as “age: 25, 40”; without an edge, one bin for all.",
    ),
    "moments": ("Balance", "Means of every column; “variances” balances the squares of the numeric ones too."),
    "over_identified": (
        "Fit the likelihood as well",
        "The propensity then balances less exactly, and a test says whether it can do both.",
    ),
    "std_error": (
        "Standard error",
        "HC0 to HC2 let the spread differ between units; “classical” takes it to be the same.",
    ),
    "estimator": (
        "Estimator",
        "LIML: less biased with many or weak instruments. Linear: one regression per step, no interaction.",
    ),
    "mediators": (
        "Mediators",
        "Columns, separated by commas. Empty: those that the graph marks, or all between treatment and outcome.",
    ),
    "interaction": ("Mediators may do more or less under treatment", "An interaction in the outcome's model."),
    "outcome_model": (
        "Model of the outcome",
        "“automatic” is logistic for a yes-or-no outcome (in mediation with one mediator only), else linear; "
        "“poisson” is log-linear, for counts and other outcomes that are never negative.",
    ),
    "learner": (
        "Models",
        "What predicts treatment and outcome. “parametric” and “linear”: lines and logistic curves. “lasso”: lines "
        "with bends, and products, of which it keeps those that predict. “boosting”, “forest”: trees, for any shape. "
        "“best”: a mix of all, by how well each predicts units that it has not seen; it takes longest.",
    ),
    "trees": ("Trees", "More trees: steadier digits, and more seconds."),
    "smallest_leaf": ("Smallest leaf", "Units that the end of a branch has at least."),
    "folds": ("Folds", "Each unit is predicted by models that have not seen its fold."),
    "repeats": (
        "Splits into folds",
        "More splits make the answer hang less on who is in which fold; each takes as long.",
    ),
    "model": (
        "The effect",
        "“interactive” lets it vary between units; “partially linear” takes it to be the same for all.",
    ),
    "strata": ("Number of strata", "Groups of equal size along the propensity."),
    "neighbours": ("Neighbours per unit", "More neighbours: less noise, more bias."),
    "variance_neighbours": ("Neighbours for the standard error", "Units of the same arm that tell the spread."),
    "distance": (
        "Nearest by",
        "The propensity or its log odds; or the covariates: Mahalanobis allows for their correlation, inverse variance "
        "scales each, Euclidean takes them as they are.",
    ),
    "match_on": ("Columns of that distance", "For a distance between covariates. Empty: all that are adjusted for."),
    "exact": ("Equal in every match", "Columns whose values must be the same."),
    "caliper": (
        "Largest distance allowed (caliper)",
        "Units without a match nearer than this are left out and counted.",
    ),
    "caliper_unit": (
        "The caliper is in",
        "Standard deviations of the score matched on, or units of the distance itself.",
    ),
    "bias_adjustment": (
        "Take out remaining differences in",
        "A regression on these columns moves each match's outcome to the unit's own values (Abadie and Imbens).",
    ),
    "replacement": ("A unit may serve several times", "Without it, ask about the treated or the untreated."),
    "order": ("Who chooses first", "Without replacement: by propensity, or in the order of the table."),
    "tie_tolerance": ("Distances tie within", "All that tie are averaged."),
    "pooled": ("One model for both arms", "Else a model per arm."),
    "corrected": ("Mend the propensity model", "Unpenalised and unclipped, instead of as DoWhy ships it."),
    "replicates": ("Bootstrap replicates", "0 shows no interval; each replicate fits anew."),
}


IN_LINES = ("cut_points",)
"""Texts of several lines."""

TINY = ("tie_tolerance",)
"""Numbers to be typed, not dragged."""

ABREAST = 3


def option_form(
    method: Any, options: Mapping[str, Any] | None, columns: Sequence[str] = (), only: Sequence[str] | None = None
) -> dict[str, Any]:
    """The options as chosen now; every control keeps the value that the study holds.

    `columns`: those adjusted for, among which an option may choose; `only`: the options to offer (None: all).
    """
    hints = get_type_hints(method.options)
    fields = [each for each in dataclasses.fields(method.options) if only is None or each.name in only]
    chosen: dict[str, Any] = {}
    for start in range(0, len(fields), ABREAST):
        row = st.columns(ABREAST, vertical_alignment="bottom")
        for place, field in zip(row, fields[start : start + ABREAST], strict=False):
            held = (options or {}).get(field.name, field.default)
            with place:
                chosen[field.name] = _control(method.name, field.name, hints[field.name], held, columns)
    if not chosen:
        st.caption("This method has no options.")
    return chosen


def _control(method: str, name: str, hint: Any, held: Any, columns: Sequence[str]) -> Any:
    label, meaning = LABELS.get(name, (name.replace("_", " ").capitalize(), None))
    shown = {"label": label, "help": meaning, "key": current_study.key(f"option {method} {name}")}
    if get_origin(hint) is Literal:
        choices = list(get_args(hint))
        return st.selectbox(options=choices, index=choices.index(held), format_func=_spelled, **shown)
    if get_origin(hint) is tuple:
        listed = list(dict.fromkeys([*columns, *held]))  # a column that is adjusted for no more can be taken out
        return st.multiselect(options=listed, default=list(held), placeholder="none", **shown)
    if hint is bool:
        return st.checkbox(value=held, **shown)
    if hint is str:
        return st.text_area(value=held, height=80, **shown) if name in IN_LINES else st.text_input(value=held, **shown)
    if hint is int:
        return st.number_input(min_value=0, max_value=1000, value=held, step=1, **shown)
    if hint == float | None:
        return st.number_input(min_value=0.0, value=held, step=0.05, placeholder="none", **shown)
    if name in TINY:
        return st.number_input(min_value=0.0, max_value=1.0, value=float(held), step=1e-10, format="%.1e", **shown)
    return st.slider(min_value=0.0, max_value=0.3, value=float(held), step=0.005, **shown)


def _spelled(choice: Any) -> str:
    return str(choice).replace("_", " ")
