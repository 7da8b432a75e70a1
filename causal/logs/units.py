"""From a log to one row per unit: which columns, of which types, and what becomes of missing values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.event_recipe import EventRecipe
from causal.logs.log import NO_TIME, Log, check_here, counted
from causal.logs.number_text import numbers_in
from causal.logs.reading import frame_of
from causal.logs.repairs import with_one_spelling, without_sentinels, without_total_row
from causal.logs.score_recipe import ScoreRecipe
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import UNKNOWN_TIME, TimeRange
from causal.logs.unit_table import ColumnType, UnitTable

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.columns import ColumnGuess
    from causal.text.features import TextFeatures

Missing = Literal["complete_cases", "indicator"]
MISSING_LEVEL = "(missing)"
MISSING_FLAG = ": missing"
_SET_ASIDE_TYPES = ("identifier", "text", "time")


@dataclass(frozen=True)
class UnitRecipe:
    """How a log becomes a table of units; JSON-able.

    `unit`: the column whose values are the units (None: each row is one; otherwise it must name each unit once).
    `types`: types that a person corrected. `set_aside`: columns left out of the table. `missing`: leave gaps as they
    are, so that an analysis uses the rows that are complete in its own columns ("complete_cases"), or fill covariates
    and say so in an extra column or level ("indicator"). `keep_missing`: columns that are never filled, such as
    treatment and outcome. `merge_spellings`: values that differ in capitals and blanks only become the most frequent
    spelling. `sentinels_missing`: numbers that stand for a missing value (-999; -1 among positive ones) become missing.
    `drop_total_row`: a last row that adds up the others is no unit. `drop_repeats`: a row that equals an earlier one in
    every column is no unit of its own. `events`: how units are made of a log of events first (None: each row is a unit
    already); the other fields then speak of the units' columns. `vouched`: columns of unknown time that a person says
    were known before the anchor. `texts`: the texts that are read, each of which becomes columns of the units.
    `scores`: structural models whose latent variables become columns of their scores.
    """

    unit: str | None = None
    types: tuple[tuple[str, ColumnType], ...] = ()
    set_aside: tuple[str, ...] = ()
    missing: Missing = "complete_cases"
    keep_missing: tuple[str, ...] = ()
    merge_spellings: bool = False
    sentinels_missing: bool = False
    drop_total_row: bool = False
    drop_repeats: bool = False
    events: EventRecipe | None = None
    vouched: tuple[str, ...] = ()
    texts: tuple[TextRecipe, ...] = ()
    scores: tuple[ScoreRecipe, ...] = ()

    def __post_init__(self) -> None:
        pairs = self.types.items() if isinstance(self.types, Mapping) else self.types
        object.__setattr__(self, "types", tuple((str(name), kind) for name, kind in pairs))
        object.__setattr__(self, "set_aside", tuple(self.set_aside))
        object.__setattr__(self, "keep_missing", tuple(self.keep_missing))
        object.__setattr__(self, "vouched", tuple(self.vouched))
        object.__setattr__(self, "texts", tuple(self.texts))
        object.__setattr__(self, "scores", tuple(self.scores))
        if self.missing not in get_args(Missing):
            raise LogError(f'"{self.missing}" is no way to treat missing values. Choose complete_cases or indicator.')

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values; `from_json` gives it back. Where each row is a unit it says no more."""
        document = dataclasses.asdict(self)
        del document["events"], document["vouched"], document["texts"], document["scores"]
        if not self.drop_repeats:
            del document["drop_repeats"]
        if self.events is not None:
            document |= {"events": self.events.to_json(), "vouched": list(self.vouched)}
        if self.texts:
            document["texts"] = [each.to_json() for each in self.texts]
        if self.scores:
            document["scores"] = [each.to_json() for each in self.scores]
        document["types"] = [list(pair) for pair in self.types]
        document["set_aside"] = list(self.set_aside)
        document["keep_missing"] = list(self.keep_missing)
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> UnitRecipe:
        """The recipe that `to_json` wrote, in this version or an older one."""
        types = tuple((name, kind) for name, kind in document["types"])
        return cls(
            unit=document["unit"],
            types=types,
            set_aside=tuple(document["set_aside"]),
            missing=document["missing"],
            keep_missing=tuple(document["keep_missing"]),
            merge_spellings=bool(document.get("merge_spellings", False)),
            sentinels_missing=bool(document.get("sentinels_missing", False)),
            drop_total_row=bool(document.get("drop_total_row", False)),
            drop_repeats=bool(document.get("drop_repeats", False)),
            events=EventRecipe.from_json(document["events"]) if document.get("events") else None,
            vouched=tuple(document.get("vouched", ())),
            texts=tuple(TextRecipe.from_json(each) for each in document.get("texts", ())),
            scores=tuple(ScoreRecipe.from_json(each) for each in document.get("scores", ())),
        )

    @property
    def score_columns(self) -> tuple[str, ...]:
        """What the scores of latent variables are called as columns."""
        return tuple(name for each in self.scores for name in each.columns)


@dataclass(frozen=True)
class MissingEffect:
    """What one way of treating missing values does: rows an analysis keeps and drops, columns and levels added."""

    choice: Missing
    rows_kept: int
    rows_dropped: int
    columns_added: tuple[str, ...]
    levels_added: tuple[str, ...]
    sentence: str


def build_units(log: Log, recipe: UnitRecipe | None = None) -> UnitTable:
    """The table of units that the recipe makes of the log.

    Raises UnknownColumn, EmptyLog (no column is left, no unit stays) and LogError (the unit's column names a unit
    twice; what is asked of the events does not fit them), what `text_features` raises where texts are read, and what
    `fit_sem` raises where there are scores.
    """
    if recipe is not None and recipe.texts:
        from causal.text.features import build_units_with_text

        return build_units_with_text(log, recipe)
    return units_of_rows(log_of_units(log, recipe), recipe)


def units_of_rows(
    rows: Log,
    recipe: UnitRecipe | None = None,
    texts: Sequence[TextFeatures] = (),
    scores: Callable[[UnitTable, ScoreRecipe], pd.DataFrame] | None = None,
) -> UnitTable:
    """The table of units of a log in which each row is one already, as `log_of_units` gives it, with what the texts of
    the recipe became for each of these rows.

    `scores` gives those of latent variables, as `causal.structural.score_columns.scores_of` does. Raises what
    `build_units` raises.
    """
    if recipe is not None and recipe.scores:
        return _with_scores(rows, recipe, texts, scores)
    frame = frame_of(rows)
    if recipe is None:
        return units_from_frame(frame, recipe)
    for each in texts:
        frame = each.beside(frame)
    types: dict[str, ColumnType] = dict(recipe.types)
    for each in texts:
        types |= dict.fromkeys(each.component_names, "text")
    made = units_from_frame(frame, dataclasses.replace(recipe, types=tuple(types.items())))
    ranges = _ranges(recipe, rows, made.names)
    for each in texts:
        ranges |= {} if each.range is None else {name: each.range for name in each.columns if name in made.types}
    parts = {
        each.recipe.name: tuple(name for name in each.component_names if name in made.types)
        for each in texts
        if each.recipe.name in made.types
    }
    return dataclasses.replace(made, ranges=ranges, parts=parts)


def _with_scores(
    rows: Log,
    recipe: UnitRecipe,
    texts: Sequence[TextFeatures],
    scores: Callable[[UnitTable, ScoreRecipe], pd.DataFrame] | None,
) -> UnitTable:
    """The units with the scores; what shows a latent variable is read for it where it is set aside, too."""
    from causal.structural.score_columns import columns_read, scores_of, with_scores

    read = {name for each in recipe.scores for name in columns_read(each)}
    bare = dataclasses.replace(
        recipe,
        scores=(),
        set_aside=tuple(name for name in recipe.set_aside if name not in read),
        keep_missing=tuple(name for name in recipe.keep_missing if name not in recipe.score_columns),
    )
    made = with_scores(units_of_rows(rows, bare, texts), recipe.scores, scores or scores_of)
    aside = read & set(recipe.set_aside)
    return made.without({*aside, *(f"{name}{MISSING_FLAG}" for name in aside)} - set(recipe.score_columns))


def ranges_of(rows: Log, recipe: UnitRecipe) -> dict[str, TimeRange]:
    """From when each column of the units is, before anybody vouches for any; none where each row is a unit."""
    if recipe.events is None:
        return {}
    unknown = {note.column for note in rows.notes if note.kind == NO_TIME}
    found = {name: UNKNOWN_TIME if name in unknown else recipe.events.range_of(name) for name in rows.names}
    return {name: made for name, made in found.items() if made is not None}


def log_of_units(log: Log, recipe: UnitRecipe | None = None) -> Log:
    """The log in which each row is a unit: what the recipe makes of the events, or the log itself.

    Raises what `build_units` raises.
    """
    if recipe is None or recipe.events is None:
        check_here(log)
        return log
    from causal.logs.event_units import unit_log

    return unit_log(log, recipe.events)


def recipe_of(guesses: Iterable[ColumnGuess], missing: Missing = "complete_cases") -> UnitRecipe:
    """The recipe that guesses suggest: their types, columns without information set aside, each row a unit."""
    listed = tuple(guesses)
    role = {each.role: each.name for each in listed}
    return UnitRecipe(
        types=tuple((each.name, each.type) for each in listed),
        set_aside=tuple(each.name for each in listed if each.role == "set_aside" and each.distinct <= 1),
        missing=missing,
        keep_missing=tuple(role[each] for each in ("treatment", "outcome") if each in role),
    )


def units_from_frame(frame: pd.DataFrame, recipe: UnitRecipe | None = None) -> UnitTable:
    """The table of units that the recipe makes of a frame, which is not changed.

    Raises what `build_units` raises.
    """
    recipe = recipe or UnitRecipe()
    typed, types = _typed(frame, recipe)
    if recipe.missing == "indicator":
        typed, added = _filled(typed, types, recipe)
        types.update(added)
    return UnitTable.from_frame(typed, types)


def _ranges(recipe: UnitRecipe, rows: Log, columns: Iterable[str]) -> dict[str, TimeRange]:
    """From when each of the table's columns is; none of those of unknown time that a person vouches for."""
    known = {name: made for name, made in ranges_of(rows, recipe).items() if made.known or name not in recipe.vouched}
    return {name: known[bare] for name in columns if (bare := name.removesuffix(MISSING_FLAG)) in known}


def missing_effects(
    log: Log, recipe: UnitRecipe | None = None, columns: Sequence[str] | None = None
) -> tuple[MissingEffect, ...]:
    """What each way of treating missing values would do to an analysis of `columns` (None: of all that can enter one).

    Raises UnknownColumn.
    """
    recipe = recipe or UnitRecipe()
    typed, types = _typed(frame_of(log), recipe)
    _check_names(columns or (), list(typed.columns))
    if columns is not None:
        typed = typed[list(columns)]
        types = {name: types[name] for name in columns}
    return tuple(_effect(typed, types, dataclasses.replace(recipe, missing=choice)) for choice in get_args(Missing))


def _typed(frame: pd.DataFrame, recipe: UnitRecipe) -> tuple[pd.DataFrame, dict[str, ColumnType]]:
    """The columns that stay, with values that have their type, and the types of all of them."""
    given = dict(recipe.types)
    names = [str(name) for name in frame.columns]
    unit = [recipe.unit] if recipe.unit else []
    _check_names([*given, *recipe.set_aside, *recipe.keep_missing, *unit], [*names, *recipe.score_columns])
    if recipe.drop_total_row:
        frame = without_total_row(frame)
    if recipe.drop_repeats:
        frame = frame.drop_duplicates(ignore_index=True)
    _check_unit(frame, recipe.unit)
    kept = frame.loc[:, [name not in recipe.set_aside for name in names]].copy(deep=False)
    kept.columns = [str(name) for name in kept.columns]
    for name, kind in given.items():
        if name in kept.columns and kind in ("numeric", "time", "category"):
            kept[name] = _as_type(kept[name], kind)
    if kept.shape[1] == 0:
        raise EmptyLog("Every column is set aside. Take at least a treatment and an outcome back in.")
    given = {**_key_types(recipe), **given}
    types = UnitTable.from_frame(kept, {name: kind for name, kind in given.items() if name in kept.columns}).types
    return _mended(kept, types, recipe), dict(types)


def _key_types(recipe: UnitRecipe) -> dict[str, ColumnType]:
    """What says which unit a row is identifies it, and describes nothing."""
    if recipe.events is None:
        return {}
    return {name: "time" if name in ("anchor", "day") else "identifier" for name in recipe.events.key_names}


def _mended(frame: pd.DataFrame, types: Mapping[str, ColumnType], recipe: UnitRecipe) -> pd.DataFrame:
    """The frame with the repairs of its values that the recipe asks for."""
    import pandas as pd

    for name, kind in types.items():
        is_number = pd.api.types.is_numeric_dtype(frame[name].dtype)
        if recipe.sentinels_missing and kind == "numeric" and is_number:
            frame[name] = without_sentinels(frame[name])
        if recipe.merge_spellings and kind in ("category", "binary") and frame[name].dtype.kind not in "biufM":
            frame[name] = with_one_spelling(frame[name])
    return frame


def _check_names(wanted: Iterable[str], names: list[str]) -> None:
    for name in wanted:
        if name not in names:
            raise UnknownColumn.named(name, names)


def _check_unit(frame: pd.DataFrame, unit: str | None) -> None:
    if unit is None:
        return
    repeated = int(frame[unit].duplicated().sum())
    if repeated:
        raise LogError(
            f'"{unit}" is to name each unit once, but {counted(repeated, "row")} repeat a unit that came before. '
            f'Let each row be a unit and cluster by "{unit}", or upload one row per {unit}.'
        )


def _as_type(values: pd.Series, kind: ColumnType) -> pd.Series:
    """The values under a type that a person gave; what does not fit becomes missing."""
    import pandas as pd

    is_text = not pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_datetime64_any_dtype(values.dtype)
    if kind == "numeric" and is_text:
        return numbers_in(values)
    if kind == "time" and is_text:
        return pd.to_datetime(values, errors="coerce", format="mixed")
    if kind == "category" and pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        return values.astype("Int64")
    return values


def _needed(types: Mapping[str, ColumnType]) -> list[str]:
    """The columns that can enter an analysis, where a missing value costs the row."""
    return [name for name, kind in types.items() if kind not in _SET_ASIDE_TYPES]


def _filled(
    frame: pd.DataFrame, types: Mapping[str, ColumnType], recipe: UnitRecipe
) -> tuple[pd.DataFrame, dict[str, ColumnType]]:
    filled = frame.copy(deep=False)
    added: dict[str, ColumnType] = {}
    for name in _fillable(frame, types, recipe):
        absent = frame[name].isna()
        if types[name] == "numeric":
            filled[name] = frame[name].astype("float64").fillna(frame[name].mean())
            flag = _flag(name, filled.columns)
            filled[flag] = absent.astype("int64")
            added[flag] = "binary"
        else:
            filled[name] = frame[name].astype("str").where(~absent, MISSING_LEVEL)
            added[name] = "category"
    return filled, added


def _fillable(frame: pd.DataFrame, types: Mapping[str, ColumnType], recipe: UnitRecipe) -> list[str]:
    kept = {*recipe.keep_missing, recipe.unit}
    return [
        name
        for name in _needed(types)
        if name not in kept and bool(frame[name].isna().any()) and bool(frame[name].notna().any())
    ]


def _flag(name: str, taken: Iterable[str]) -> str:
    flag = f"{name}{MISSING_FLAG}"
    while flag in taken:
        flag += " (2)"
    return flag


def _effect(frame: pd.DataFrame, types: Mapping[str, ColumnType], recipe: UnitRecipe) -> MissingEffect:
    fillable = _fillable(frame, types, recipe) if recipe.missing == "indicator" else []
    needed = [name for name in _needed(types) if name not in fillable]
    dropped = int(frame[needed].isna().any(axis=1).sum())
    columns = tuple(f"{name}: missing" for name in fillable if types[name] == "numeric")
    levels = tuple(f"{name}: {MISSING_LEVEL}" for name in fillable if types[name] != "numeric")
    kept = len(frame) - dropped
    sentence = f"Keeps {kept:,} of {len(frame):,} rows"
    if recipe.missing == "indicator" and (columns or levels):
        sentence += f", fills {len(fillable):,} of the columns and marks where it did"
    return MissingEffect(recipe.missing, kept, dropped, columns, levels, sentence + ".")
