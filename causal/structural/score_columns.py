"""Factor scores as columns of the unit table, by the measurement equations alone.

A score is the expected value of a latent variable given all columns of its model (`scores.py`). Were treatment or
outcome among them only because an equation relates them to the latent variable, the score would hold part of the
answer; so equations between causes and effects are left out (`measurement_part`), as Skrondal and Laake (2001),
"Regression among factor scores", take each latent variable's scores from its own measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from causal.errors import LogError
from causal.graphs.formats.lavaan_tokens import Token, statements
from causal.logs.score_recipe import ScoreRecipe
from causal.logs.time_range import TimeRange
from causal.logs.unit_table import UnitTable
from causal.structural.fitting import fit_sem
from causal.structural.model import columns_of_model
from causal.structural.model_text import read_model
from causal.structural.prepared import SemOptions
from causal.structural.scores import factor_scores

if TYPE_CHECKING:
    import pandas as pd


def measurement_part(model: str, without: Collection[str] = ()) -> str:
    """The equations that say how latent variables show, one a line: =~, and what else is said of those that show them.

    `without`: columns that are to show none. Raises GraphSyntax, and LogError where no latent variable shows in a
    column then.
    """
    read = read_model(model)
    lines = [(text, each) for text in _single_terms(model) for each in read_model(text).lines]
    shown = [(text, each) for text, each in lines if each.operator == "=~" and each.right not in without]
    if not shown:
        raise LogError('No latent variable shows in a column: write for example "quality =~ clicks + rating".')
    measured = {name for _, each in shown for name in (each.left, each.right)}
    beside = [
        (text, each)
        for text, each in lines
        if each.operator not in ("=~", "~")
        and each.left in measured
        and (each.operator != "~~" or each.right in measured)
    ]
    labels = {label for _, each in (*shown, *beside) for label in each.labels}
    equal = [f"{left} == {right}" for left, right in read.equal if {left, right} <= labels]
    held = [f"{name} == {value!r}" for name, value in read.held if name in labels]
    return "\n".join([*(text for text, _ in (*shown, *beside)), *equal, *held])


def latent_of(model: str) -> tuple[str, ...]:
    """The latent variables of a model, each of which shows in something.

    Raises GraphSyntax.
    """
    return tuple(dict.fromkeys(line.left for line in read_model(model).lines if line.operator == "=~"))


def columns_read(score: ScoreRecipe) -> tuple[str, ...]:
    """The columns of the units that the scores are made of.

    Raises GraphSyntax.
    """
    observed, _ = columns_of_model(read_model(score.model))
    return tuple(dict.fromkeys((*observed, *(() if score.group is None else (score.group,)))))


def scores_of(table: UnitTable, score: ScoreRecipe) -> pd.DataFrame:
    """(units, columns) the scores of each unit by the model fitted to all units; missing where it was left out.

    Raises what `fit_sem` does, and LogError where a latent variable is not in the model.
    """
    fit = fit_sem(table, score.model, SemOptions(group=score.group, missing=score.missing, ordered=score.ordered))
    unknown = next((latent for latent, _ in score.names if latent not in fit.latent), None)
    if unknown is not None:
        raise LogError(f'The equations have no latent variable "{unknown}". They have: {", ".join(fit.latent)}.')
    found = factor_scores(table, fit)
    found.index = table.frame.index
    return found[[latent for latent, _ in score.names]].rename(columns=dict(score.names))


def with_scores(
    table: UnitTable,
    scores: Sequence[ScoreRecipe],
    made: Callable[[UnitTable, ScoreRecipe], pd.DataFrame] = scores_of,
) -> UnitTable:
    """The table with the scores as numeric columns; each has the latest time range of the columns that it is made of.

    `made` gives the scores of a table that holds these columns only. Raises what `scores_of` does, UnknownColumn, and
    LogError where a column is called so already.
    """
    found = table
    for score in scores:
        _check_names(found, score)
        read = columns_read(score)
        for name in read:
            table.column(name)
        own = UnitTable(table.frame[list(read)], {name: table.types[name] for name in read})
        frame = made(own, score)
        range_ = latest([table.ranges[name] for name in read if name in table.ranges])
        for name in score.columns:
            found = found.with_column(name, frame[name], "numeric")
            ranges = dict(found.ranges) | ({} if range_ is None else {name: range_})
            found = replace(found, ranges=ranges, sources={**found.sources, name: read})
    return found


def latest(ranges: Sequence[TimeRange]) -> TimeRange | None:
    """Of several ranges the one that reaches furthest past the anchor, else one of unknown time, else the last."""
    late = [each for each in ranges if each.reaches_past_anchor]
    unknown = [each for each in ranges if not each.known]
    known = late or ([] if unknown else list(ranges))
    if not known:
        return unknown[0] if unknown else None
    return max(known, key=lambda each: float("inf") if each.end is None else each.end)


def _check_names(table: UnitTable, score: ScoreRecipe) -> None:
    taken = next((name for name in score.columns if name in table.types), None)
    if taken is not None:
        raise LogError(f'There is a column "{taken}" already. Give the score another name.')


def _single_terms(model: str) -> Iterator[str]:
    """Every equation of a model with one term on either side, as written; constraints are left out."""
    for tokens in statements(model):
        place = next(at for at, token in enumerate(tokens) if token.kind == "operator")
        if tokens[place].text in (":=", "=="):
            continue
        for left in _terms(tokens[:place]):
            for right in _terms(tokens[place + 1 :]):
                yield f"{_written(model, left)} {tokens[place].text} {_written(model, right)}"


def _terms(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens between the plus signs that stand in no bracket."""
    terms: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "+" and depth == 0:
            terms.append([])
        else:
            terms[-1].append(token)
    return terms


def _written(model: str, tokens: Sequence[Token]) -> str:
    return model[tokens[0].offset : tokens[-1].offset + len(tokens[-1].text)]
