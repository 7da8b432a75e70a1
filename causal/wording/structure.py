"""A fitted structural equation model as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from causal.wording.numbers import count, counted, interval, number, percent
from causal.wording.phrases import filter_phrase, short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causal.logs.time_range import TimeRange
    from causal.structural.modification import Modification
    from causal.structural.sem_fit import Coefficient, Explained, SemFit
    from causal.study import Condition

CLOSE_CFI = 0.95
POOR_CFI = 0.90
CLOSE_RMSEA = 0.06
POOR_RMSEA = 0.10
CLOSE_SRMR = 0.08


FitLight = Literal["passed", "attention", "failed", "not_checked"]


def structure_light(fit: SemFit) -> FitLight:
    """Whether the model explains how the columns hang together, by customary limits (Hu and Bentler 1999)."""
    judged = fit.judged
    if fit.df == 0:
        return "not_checked"
    if judged.cfi >= CLOSE_CFI and judged.rmsea <= CLOSE_RMSEA and judged.srmr <= CLOSE_SRMR:
        return "passed"
    return "failed" if judged.cfi < POOR_CFI or judged.rmsea > POOR_RMSEA else "attention"


def structure_finding(fit: SemFit) -> str:
    """The same as a sentence, with the measures."""
    columns, judged, light = len(fit.observed), fit.judged, structure_light(fit)
    measures = f"CFI {number(judged.cfi)}, RMSEA {number(judged.rmsea)}, SRMR {number(judged.srmr)}"
    if light == "not_checked":
        return (
            "The model has as many parameters as the data have covariances: it fits by construction, and tests nothing."
        )
    if light == "passed":
        return f"The model explains how the {columns} columns hang together ({measures})."
    if light == "failed":
        return (
            f"The model does not explain how the {columns} columns hang together ({measures}): do not read "
            "its coefficients as effects."
        )
    return f"The model explains the {columns} columns roughly, not closely ({measures})."


def fit_caption(fit: SemFit, where: Sequence[Condition] = ()) -> str:
    """Rows, groups, and the test; `where`: which units the rows are of."""
    told = f"{counted(fit.n, 'row')} used{filter_phrase(where)}, {count(fit.left_out)} left out for a missing value."
    if len(fit.groups) > 1:
        told += f" Fitted in {len(fit.groups)} groups: {', '.join(fit.groups)}."
    if fit.df == 0:
        return told
    adjusted = fit.scaling != 1 or fit.shift != 0
    chi2, p = (fit.chi2_scaled, fit.p_scaled) if adjusted else (fit.chi2, fit.p_value)
    moved = f" and moved by {number(fit.shift)}" if fit.shift else ""
    kind = f" (scaled by {number(fit.scaling)}{moved})" if adjusted else ""
    rejected = "rejects the model" if p < 0.05 else "does not reject the model"
    many = " With so many rows it rejects any model that is not exactly true." if p < 0.05 and fit.n > 5_000 else ""
    return (
        f"{told} Chi-square {number(chi2, digits=5)}{kind}, df {fit.df}, p = {number(p)}: it {rejected} at 5 %.{many}"
    )


def defaults_sentence(fit: SemFit) -> str:
    """What was left free though nobody wrote it."""
    free = [each for each in fit.coefficients if each.origin == "default" and each.free and each.operator == "~~"]
    drawn = [f"{each.left} ↔ {each.right}" for each in free if each.left != each.right and each.group == 0]
    added = f" Left free to covary, though not drawn: {', '.join(drawn)}." if drawn else ""
    fixed = f" Taken as they are in the data: {', '.join(fit.exogenous)}." if fit.exogenous else ""
    return f"Each latent variable has the scale of its first column.{added}{fixed}"


def model_caption(latent: Sequence[str], equations: bool) -> str:
    """What one of the two models of what-ifs can tell: the structural equations, or a mechanism for each column."""
    listed = ", ".join(short_name(each) for each in latent[:4])
    if equations:
        moved = f"; {listed} can be moved as columns can" if latent else ""
        return (
            f"Straight lines, for all units alike{moved}. Levels count as numbers where they are not taken in order; "
            "single units and shares of units are told by the model of the columns."
        )
    told = "Every column by a mechanism of its own, of any shape, for everyone or for some."
    if not latent:
        return told
    are = "is no column: here it" if len(latent) == 1 else "are no columns: here they"
    return f"{told} {listed} {are} cannot be moved, and what shares a latent variable is tied by a hidden cause."


def indicator_sentences(fit: SemFit, outcome: str = "") -> list[str]:
    """What columns that show a latent variable are besides: the question's outcome, or effects of further causes."""
    shown: dict[str, list[str]] = {}
    causes: dict[str, list[str]] = {}
    for each in fit.coefficients:
        if each.group == 0 and each.operator == "=~" and each.right not in fit.latent:
            shown.setdefault(each.right, []).append(each.left)
        elif each.group == 0 and each.operator == "~":
            causes.setdefault(each.left, []).append(each.right)
    told = [
        f"{short_name(name)} shows {_listed(latent)} and has causes of its own: its arrow from {_listed(causes[name])} "
        f"is what that does to it beyond {_listed(latent)}."
        for name, latent in shown.items()
        if name in causes
    ]
    for latent in shown.get(outcome, ()):
        told.append(
            f"{short_name(outcome)} is the question's outcome and one of the columns that {short_name(latent)} shows "
            f"in: “{short_name(latent)} =~ {short_name(outcome)}” is the same arrow as “{short_name(outcome)} ~ "
            f"{short_name(latent)}”, with the same number. It is an effect only as far as {short_name(outcome)} shares "
            f"nothing but {short_name(latent)} with the other columns that show it."
        )
    return told


def _listed(names: Sequence[str]) -> str:
    return " and ".join(short_name(each) for each in names)


def ordered_sentence(fit: SemFit) -> str:
    """How ordered columns entered."""
    listed = ", ".join(fit.ordered)
    return (
        f"Taken as levels in order, not as quantities: {listed}. Behind each stands a normal response that is cut at "
        "thresholds; arrows into it are in standard deviations of that response (weighted least squares, WLSMV)."
        + (_BY_PAIRS if fit.missing == "pairwise" else "")
    )


_BY_PAIRS = (
    " Rows with a missing value are used pair by pair, which is right only where values are missing by chance alone."
)


SCORE_WARNING = (
    "A score is an estimate of the latent variable, not the variable: adjusting for it removes only part of what the "
    "variable confounds, and an effect on it comes out too small (errors in variables, attenuation); to avoid both, "
    "write treatment, latent variable and outcome as equations of one model above, and read the effect there."
)


def score_sentence(name: str, latent: str, made_of: Sequence[str], when: TimeRange | None) -> str:
    """What one column of scores is, and from when."""
    listed = ", ".join(short_name(each) for each in made_of)
    from_when = "" if when is None else f", known from {when.sentence}"
    if when is not None and when.reaches_past_anchor:
        from_when += ", so no answer adjusts for it"
    return f"“{short_name(name)}” estimates {short_name(latent)} from {listed}{from_when}."


def score_doubt(name: str, maybe_after: Sequence[str]) -> str:
    """What to ask of a score that is made of columns which may have come after the treatment."""
    listed = ", ".join(f"“{short_name(each)}”" for each in maybe_after)
    return (
        f"Was this known before the treatment? {listed} may have come after it, and “{short_name(name)}” is made of "
        "that: if it did, do not adjust for the score."
    )


def coefficient_sentence(each: Coefficient) -> str:
    """One arrow in words."""
    cause, effect = (each.left, each.right) if each.operator == "=~" else (each.right, each.left)
    spread = interval(*each.interval()) if each.std_error > 0 else "fixed"
    if each.operator == "~~":
        return (
            f"{short_name(each.left)} and {short_name(each.right)} covary beyond what arrows between variables say: "
            f"{number(each.estimate, signed=True)} ({spread}); as a correlation "
            f"{number(each.standardised, signed=True)}."
        )
    return (
        f"One unit more of {short_name(cause)} goes with {number(each.estimate, signed=True)} of {short_name(effect)} "
        f"({spread}); in standard deviations {number(each.standardised, signed=True)}."
    )


def structure_title(fit: SemFit) -> str:
    """Which of the arrows between variables is strongest."""
    arrows = [each for each in fit.coefficients if each.operator == "~"]
    if not arrows:
        return "How strongly each column shows its latent variable"
    top = max(arrows, key=lambda each: abs(each.standardised))
    return (
        f"The strongest arrow runs from {short_name(top.right)} to {short_name(top.left)}: "
        f"{number(top.standardised, signed=True)} standard deviations{_in_group(fit, top.group)}"
    )


def residuals_title(fit: SemFit, group: int = 0) -> str:
    """The pair of columns that the model explains worst in one group."""
    left, right, apart = worst_pair(fit, group)
    where = _in_group(fit, group)
    if abs(apart) < 0.1:
        return f"No pair is off by 0.1 or more{where}: the largest is {left} and {right}, {number(apart, signed=True)}"
    more = "more" if apart > 0 else "less"
    return f"{left} and {right} hang together {more} than the model says{where}, by {number(abs(apart))}"


def explained_sentence(fit: SemFit, each: Explained) -> str:
    """How much of one variable its causes explain."""
    return f"{percent(each.r_squared)} of {each.variable} is explained{_in_group(fit, each.group)}."


def _in_group(fit: SemFit, group: int) -> str:
    return f" in the group {fit.groups[group]}" if len(fit.groups) > 1 else ""


def worst_pair(fit: SemFit, group: int = 0) -> tuple[str, str, float]:
    """The largest residual correlation."""
    rows = fit.residuals[group]
    pairs = [(abs(rows[i][j]), i, j) for i in range(len(rows)) for j in range(i)]
    _, i, j = max(pairs, default=(0.0, 0, 0))
    return fit.observed[i], fit.observed[j], rows[i][j]


def modification_sentence(fit: SemFit, each: Modification) -> str:
    """One coefficient that could be freed, with what makes it odd."""
    sign = {"=~": "shows in", "~": "caused by", "~~": "covaries with"}[each.operator]
    told = (
        f"{each.left} {sign} {each.right}: chi-square would fall by about {number(each.index)}, the coefficient would "
        f"move by about {number(each.expected, signed=True)}."
    )
    if each.operator == "~" and any((own.cause, own.effect) == (each.left, each.right) for own in fit.effects):
        return f"{told} It closes a loop, which needs an instrument."
    if each.operator == "~" and each.left in fit.exogenous:
        return f"{told} The model takes {each.left} as given."
    return told


MODIFICATION_WARNING = (
    "These are read off the same rows: a model that follows them fits by chance as well. Add one only if you would "
    "have drawn it before, and test it on other rows."
)
