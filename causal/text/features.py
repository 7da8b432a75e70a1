"""From the texts of units to a few columns: principal components, the share of each topic, the main topic.

Principal components (Pearson 1901; Hotelling 1933) of the vectors of the different texts, and beside them of which of
the most frequent words each holds, both weighing alike: an encoder blurs single words, and what two things have in
common is often one word (Roberts, Stewart and Nielsen 2020, AJPS 64: 887-903, match on both). Frequent texts weigh
more, but less than their number. The components are fitted to the texts alone: neither treatment nor outcome is looked
at, so that what is adjusted for is a fixed function of the text (Veitch, Sridhar and Blei 2020, Adapting text
embeddings for causal inference, UAI; Keith, Jensen and O'Connor 2020, Text and causal inference, ACL, section 4).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.event_recipe import EventRecipe
from causal.logs.log import Log, check_here
from causal.logs.reading import frame_of
from causal.logs.text_recipe import MOST_COMPONENTS, TextRecipe
from causal.logs.time_range import TimeRange
from causal.logs.units import UnitRecipe, log_of_units, ranges_of, units_of_rows
from causal.progress import Progress, silent
from causal.text.encoder import check_languages, encoder_named
from causal.text.keywords import frequent_words
from causal.text.languages import LanguageReport
from causal.text.pooling import History, history_of, joined_texts
from causal.text.topics import Topic, find_topics, renamed
from causal.text.vector_store import vectors_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from causal.logs.unit_table import ColumnType, UnitTable
    from causal.logs.vectors import Vectors

ENOUGH = 0.95
"""The share of what tells texts apart that the components hold, if no number is asked for."""

MOST_BY_DEFAULT = 64
UNITS_FOR_EACH = 25
FITTED_ON = 20_000
"""So many texts, drawn by lot where there are more, make the principal components."""

ON_MAP = 1_500
"""So many texts are shown on the map, the most frequent."""

_VERSION = 3


@dataclass(frozen=True, eq=False)
class TextFeatures:
    """What the texts of some units became; small, but for the arrays with one row per unit.

    `components` (n, k) and `shares` (n, topics) are 0 for a unit without a text, of which `empty` (n,) says 1; `main`
    (n,) is the position of the unit's main topic, -1 without one. `held`: the share of what tells the texts apart that
    the components hold; `texts`: how many different ones were read; `marks`: the most frequent texts on the map, each
    (text, position of its topic, x, y). `range`: from when the text is, seen from the unit's anchor, where known.
    """

    recipe: TextRecipe
    components: NDArray[np.float64]
    shares: NDArray[np.float64]
    empty: NDArray[np.float64]
    main: NDArray[np.int64]
    topics: tuple[Topic, ...]
    held: float
    texts: int
    marks: tuple[tuple[str, int, float, float], ...]
    language: LanguageReport
    warning: str | None = None
    range: TimeRange | None = None

    def __len__(self) -> int:
        return len(self.components)

    @property
    def component_names(self) -> tuple[str, ...]:
        """What the components are called as columns; with a last one where some units have no text."""
        name = self.recipe.name
        numbered = tuple(f"{name} {number}" for number in range(1, self.components.shape[1] + 1))
        return (*numbered, f"{name}: none") if self.empty.any() else numbered

    @property
    def topic_names(self) -> tuple[str, ...]:
        """What the topics' shares are called as columns."""
        return tuple(f"{self.recipe.name}: {each.name}" for each in self.topics)

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """Every column with its values: the main topic under the text's own name where no column has it, then the
        components, then the share of each topic.
        """
        import numpy as np

        names = np.array([*(each.name for each in self.topics), None], dtype=object)
        made = {} if self.recipe.name in self.recipe.read else {self.recipe.name: names[self.main]}
        values = [*self.components.T, *([self.empty] if self.empty.any() else [])]
        made |= dict(zip(self.component_names, values, strict=True))
        return made | dict(zip(self.topic_names, self.shares.T, strict=True))

    def join(self, table: UnitTable) -> UnitTable:
        """The table with these columns, in which the text stands for its components wherever it is adjusted for.

        Raises LogError where the table has other rows, or a column that is called so already.
        """
        from causal.logs.unit_table import UnitTable

        frame = self.beside(table.frame)
        types: dict[str, ColumnType] = {**table.types, **dict.fromkeys(self.component_names, "text")}
        made = UnitTable.from_frame(frame, types)
        ranges = dict(table.ranges) | ({} if self.range is None else dict.fromkeys(self.columns, self.range))
        parts = {**table.parts, self.recipe.name: self.component_names}
        return replace(made, ranges=ranges, parts=parts, sources=table.sources)

    def beside(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame of the units with these columns.

        Raises LogError as `join` does.
        """
        import pandas as pd

        if len(frame) != len(self):
            raise LogError(f"The text was read for {len(self):,} units, but there are {len(frame):,}. Read it again.")
        new = pd.DataFrame(self.columns, index=frame.index)
        taken = next((each for each in new.columns if each in frame.columns), None)
        if taken is not None:
            raise LogError(f'There is a column "{taken}" already. Give the text another name.')
        return pd.concat([frame, new], axis=1)

    def named(self, names: tuple[tuple[int, str], ...]) -> TextFeatures:
        """With topics renamed, by their number."""
        return replace(self, recipe=replace(self.recipe, names=names), topics=renamed(self.topics, dict(names)))

    def facts(self) -> dict[str, Any]:
        """All but the arrays, as plain JSON values; `from_arrays` puts both together."""
        return {
            "recipe": self.recipe.to_json(),
            "topics": [each.to_json() for each in self.topics],
            "held": self.held,
            "texts": self.texts,
            "marks": [list(each) for each in self.marks],
            "language": asdict(self.language),
            "warning": self.warning,
            "range": None if self.range is None else self.range.to_json(),
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays, by their names."""
        return {"components": self.components, "shares": self.shares, "empty": self.empty, "main": self.main}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> TextFeatures:
        """The features that `facts` and `arrays` gave."""
        language = facts["language"]
        return cls(
            **arrays,
            recipe=TextRecipe.from_json(facts["recipe"]),
            topics=tuple(Topic.from_json(each) for each in facts["topics"]),
            held=facts["held"],
            texts=facts["texts"],
            marks=tuple((text, int(topic), float(x), float(y)) for text, topic, x, y in facts["marks"]),
            language=LanguageReport(tuple((name, share) for name, share in language["shares"]), language["seen"]),
            warning=facts["warning"],
            range=None if facts["range"] is None else TimeRange.from_json(facts["range"]),
        )


def text_features(
    log: Log,
    text: TextRecipe | str,
    units: UnitRecipe | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    vectors: Vectors | None = None,
) -> TextFeatures:
    """The text of each unit as columns.

    `text` says which (a column's name: that of the unit's own row), `units` how the log becomes units. `vectors` from a
    file (of texts, images or audio) take the encoder's place: their ids are what stands in the text's column.

    Vectors that were read before, and whole results, are kept in `folder` by what the texts and the log say (None:
    nothing is kept). Raises UnknownColumn, EmptyLog (no text at all), LogError (a language that the encoder does not
    know, a model file that was changed), OptionProblem (no such encoder, more topics than texts), what `build_units`
    raises for the units, and what `progress` raises; what was read until then is kept.
    """
    recipe = TextRecipe((text,)) if isinstance(text, str) else text
    unit_recipe = units or UnitRecipe()
    rows = log_of_units(log, unit_recipe)
    if vectors is not None:
        made = _made(log, rows, replace(recipe, names=()), unit_recipe, None, progress, vectors)
        return replace(made.named(recipe.names), recipe=recipe, range=_range_of(rows, recipe, unit_recipe))
    return features_of_rows(log, rows, recipe, unit_recipe, folder, progress)


def build_units_with_text(
    log: Log, recipe: UnitRecipe, folder: Path | None = None, progress: Progress = silent
) -> UnitTable:
    """The table of units with the columns of every text that `recipe` names.

    Raises what `build_units` and `text_features` raise.
    """
    rows = log_of_units(log, recipe)
    texts = tuple(features_of_rows(log, rows, each, recipe, folder, progress) for each in recipe.texts)
    return units_of_rows(rows, recipe, texts)


def features_of_rows(
    log: Log,
    rows: Log,
    text: TextRecipe,
    units: UnitRecipe,
    folder: Path | None = None,
    progress: Progress = silent,
    blobs: Callable[[str], Path] | None = None,
) -> TextFeatures:
    """The text of each of `rows`, the log in which each row is a unit, made of `log` as `units` says.

    `blobs` tells where a study's blobs are, in one of which vectors from a file may be kept; without it they are read
    from the file itself. Raises what `text_features` raises, and `read_vectors`.
    """
    path = None if folder is None else folder / f"{_key(log, rows, text, units.events)}.npz"
    kept = None if path is None else _kept(path)
    made = kept
    if made is None:
        given = _given(text, blobs)
        made = _made(log, rows, replace(text, names=()), units, folder, progress, given)
    if path is not None and kept is None:
        _keep(path, made)
    return replace(made.named(text.names), recipe=text, range=_range_of(rows, text, units))


def _given(text: TextRecipe, blobs: Callable[[str], Path] | None) -> Vectors | None:
    """The vectors of the file that the text names; None where it is read by an encoder."""
    if text.vectors is None:
        return None
    from causal.logs.vectors import read_vectors

    file, blob = text.vectors
    try:
        return read_vectors(file if blobs is None or not blob else blobs(blob), Path(file).name)
    except OSError as error:
        raise LogError(
            f'The file of vectors "{Path(file).name}" is not here. Put it where this runs, or choose it again.'
        ) from error


def is_kept(log: Log, rows: Log, text: TextRecipe, units: UnitRecipe, folder: Path) -> bool:
    """Whether the result for these units is in the folder, so that nothing has to be read."""
    return (folder / f"{_key(log, rows, text, units.events)}.npz").is_file()


def _made(
    log: Log,
    rows: Log,
    text: TextRecipe,
    units: UnitRecipe,
    folder: Path | None,
    progress: Progress,
    given: Vectors | None = None,
) -> TextFeatures:
    import numpy as np
    import pandas as pd

    history = None
    progress(0.0, "finding the texts")
    if text.of == "history":
        if units.events is None:
            raise LogError(
                "Each row is a unit, so there is no history before it. Make units of events first, or read the row's "
                "own text."
            )
        history = history_of(log, rows, units.events, text)
        column = history.texts
    else:
        column = _own_texts(rows, text, any_kind=given is not None)
    if given is not None:
        column = _with_a_vector(column, given)
    codes, different = pd.factorize(pd.Series(column, dtype=object).replace("", None))
    texts = [str(each) for each in different]
    if not texts:
        raise EmptyLog(f'No unit has a text in "{text.name}": there is nothing to read. Choose another column.')
    if given is None:
        encoder = encoder_named(text.encoder).name
        language, warning = check_languages(texts, encoder, text.name)
        vectors = vectors_of(texts, encoder, folder, _part(progress, 0.05, 0.85))
    else:
        place = {str(each): at for at, each in enumerate(given.ids)}
        language, warning = LanguageReport((), 0), None
        vectors = given.values[[place[each] for each in texts]].astype(np.float32)
    progress(0.86, "finding what tells the texts apart")
    looked_at = np.ones(len(codes)) if history is None else history.looked_at
    known = codes >= 0
    often = np.bincount(codes[known], looked_at[known], len(texts))
    weights = np.sqrt(often.clip(1e-9))
    beside = vectors if given is not None else _with_words(vectors, texts, weights)
    values, held = _components(beside, weights, text, rows.rows)
    progress(0.92, "naming topics")
    found = find_topics(texts, vectors, often.clip(1e-9), text.topics, text.seed)
    components, shares, empty = _per_unit(values, found.members, len(found.topics), codes, history)
    frequent = np.argsort(-often, kind="stable")[:ON_MAP]
    return TextFeatures(
        recipe=text,
        components=components,
        shares=shares,
        empty=empty,
        main=np.where(empty > 0, -1, shares.argmax(axis=1)),
        topics=found.topics,
        held=held,
        texts=len(texts),
        marks=tuple(
            (texts[at][:120], int(found.members[at]), float(found.places[at, 0]), float(found.places[at, 1]))
            for at in frequent
        ),
        language=language,
        warning=warning,
    )


def _with_a_vector(column: NDArray[np.object_], given: Vectors) -> NDArray[np.object_]:
    """What has a vector; the rest counts as no text.

    Raises LogError where nothing has one.
    """
    import numpy as np

    known = {str(each) for each in given.ids}
    has = np.array([each in known for each in column], dtype=bool)
    if not has.any():
        raise LogError(
            f'Nothing in the column is among the ids of the vectors, such as "{given.ids[0]}". Choose another column, '
            "or write the ids as the log does."
        )
    return np.where(has, column, "")


def _own_texts(rows: Log, text: TextRecipe, any_kind: bool = False) -> NDArray[np.object_]:
    check_here(rows)
    for each in text.read:
        if each not in rows.names:
            raise UnknownColumn.named(each, rows.names)
        if rows.kind(each) != "text" and not any_kind:
            raise LogError(f'"{each}" holds no text but values of the kind {rows.kind(each)}. Choose another column.')
    return joined_texts(frame_of(rows, text.read))


def _with_words(vectors: NDArray[Any], texts: list[str], weights: NDArray[Any]) -> NDArray[np.float32]:
    """(n, d + w) the vectors, and beside them which frequent words each text holds, with as much spread in all."""
    import numpy as np

    held = frequent_words(texts, weights.tolist())
    if not held.shape[1]:
        return vectors
    scale = np.sqrt(_spread(vectors, weights) / max(_spread(held, weights), 1e-12))
    return np.hstack([vectors, (held * scale).astype(np.float32)])


def _spread(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """The sum of the columns' variances."""
    import numpy as np

    middle = np.average(values, axis=0, weights=weights)
    return max(float(np.average(np.einsum("ij,ij->i", values, values), weights=weights) - middle @ middle), 0.0)


def _components(
    vectors: NDArray[Any], weights: NDArray[Any], text: TextRecipe, units: int
) -> tuple[NDArray[np.float64], float]:
    """(texts, k) principal components of the weighted vectors, and the share of what tells them apart that they hold.

    Each is turned such that its largest loading is positive, so that the same texts give the same columns.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        few = np.arange(len(vectors))
        if len(few) > FITTED_ON:
            few = np.sort(np.random.default_rng(text.seed).choice(len(vectors), FITTED_ON, replace=False))
        points, own = vectors[few].astype(np.float64), weights[few]
        middle = np.average(points, axis=0, weights=own)
        points -= middle
        covariance = (points * own[:, None]).T @ points / own.sum()
        variances, directions = np.linalg.eigh(covariance)
        variances, directions = variances[::-1].clip(0), directions[:, ::-1]
        most = max(1, int((variances > 1e-10 * max(variances[0], 1e-300)).sum()))
        shares = np.cumsum(variances) / max(float(variances.sum()), 1e-300)
        if text.components is None:
            enough = int(np.searchsorted(shares, ENOUGH if text.hold is None else text.hold) + 1)
            limit = MOST_BY_DEFAULT if text.hold is None else MOST_COMPONENTS
            count = min(enough, most, limit, max(1, units // UNITS_FOR_EACH))
        else:
            count = min(text.components, most)
        kept = directions[:, :count]
        largest = kept[np.abs(kept).argmax(axis=0), np.arange(count)]
        turned = kept * np.where(largest < 0, -1.0, 1.0)
        return vectors @ turned - middle @ turned, float(shares[count - 1])


def _per_unit(
    values: NDArray[Any], members: NDArray[Any], topics: int, codes: NDArray[Any], history: History | None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Components, shares of topics, and whether there is no text, for each unit."""
    import numpy as np

    known = codes >= 0
    if history is None:
        components = np.where(known[:, None], values[codes], 0.0)
        shares = np.where(known[:, None], members[codes][:, None] == np.arange(topics), False).astype(np.float64)
        return components, shares, (~known).astype(np.float64)
    columns = [history.mean(column[codes]) for column in values.T]
    parts = [history.mean(members[codes] == each) for each in range(topics)]
    components, shares = np.column_stack(columns), np.column_stack(parts)
    return np.nan_to_num(components), np.nan_to_num(shares), np.isnan(components[:, 0]).astype(np.float64)


def _range_of(rows: Log, text: TextRecipe, units: UnitRecipe) -> TimeRange | None:
    """From when the text is: a history's window; of the unit's own row, that of its column, the latest of several."""
    if text.of == "history":
        return text.window
    found = ranges_of(rows, units)
    own = [found[each] for each in text.read if each in found and each not in units.vouched]
    late = [each for each in own if each.reaches_past_anchor]
    unknown = [each for each in own if not each.known]
    return next(iter((*late, *unknown, *own)), None)


def _key(log: Log, rows: Log, text: TextRecipe, events: EventRecipe | None) -> str:
    """What a result hangs on; the names that a person gave topics change nothing in it."""
    document = {
        "version": _VERSION,
        "log": log.fingerprint,
        "rows": rows.fingerprint,
        "text": replace(text, names=(), name="text").to_json(),
        "events": None if events is None or text.of == "unit" else events.to_json(),
        "encoder": encoder_named(text.encoder).fingerprint,
    }
    told = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return "features-" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _kept(path: Path) -> TextFeatures | None:
    import zipfile

    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = dict(held)
        return TextFeatures.from_arrays(arrays, json.loads(arrays.pop("facts").tobytes()))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):  # not there, or not whole: made again
        return None


def _keep(path: Path, made: TextFeatures) -> None:
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    facts = np.frombuffer(json.dumps(made.facts(), ensure_ascii=False).encode("utf-8", "replace"), dtype=np.uint8)
    try:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, facts=facts, **made.arrays())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a stage that takes the work from one share to another."""

    def within(share: float, stage: str) -> None:
        progress(start + share * (end - start), stage)

    return within
