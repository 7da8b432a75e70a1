"""How texts become columns of the units: which text, by which encoder, of the unit itself or of what came before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from causal.errors import LogError
from causal.logs.time_range import TimeRange, before

TextOf = Literal["unit", "history"]
MOST_COMPONENTS = 128
BEFORE = before()
"""All the time before the anchor."""


@dataclass(frozen=True)
class TextRecipe:
    """Which text of each unit is read, and what becomes of it; JSON-able.

    `columns`: one column, or several that are read as one text. `of`: "unit" reads them in the unit's own row;
    "history" in the events of its user in `window`, which ends at the anchor or before: those of `kinds` (none: all),
    each counting half as much for every `half_life` days that it lies further back (None: all alike) and as much as its
    number in `engagement` says. `name`: what the text is called as a variable; by default its column, or that and
    "before". `encoder` as `causal.text.encoder` names it. `components` (None: as many as hold the share `hold`
    of what tells the texts apart, at most one for every 25 units; without a share, 95 % and at most 64) and `topics`
    (None: 8): how many columns are made.
    `names`: topics that a person renamed, by number. `vectors`: the file whose vectors take the encoder's place, by
    their ids in the columns, and the blob in which a study keeps it ("" where there is none).
    """

    columns: tuple[str, ...] | str
    of: TextOf = "unit"
    name: str = ""
    encoder: str = "multilingual"
    components: int | None = None
    topics: int | None = None
    names: tuple[tuple[int, str], ...] = ()
    window: TimeRange = BEFORE
    kinds: tuple[str, ...] = ()
    half_life: float | None = None
    engagement: str | None = None
    seed: int = 0
    hold: float | None = None
    vectors: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        columns = (self.columns,) if isinstance(self.columns, str) else tuple(self.columns)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "kinds", tuple(self.kinds))
        if self.vectors is not None:
            file, blob = self.vectors
            object.__setattr__(self, "vectors", (str(file), str(blob)))
        pairs = self.names.items() if isinstance(self.names, Mapping) else self.names
        object.__setattr__(self, "names", tuple((int(number), str(name)) for number, name in pairs))
        if not columns or not all(columns):
            raise LogError("Say which column holds the text.")
        if self.of not in get_args(TextOf):
            raise LogError(f'"{self.of}" is no text of a unit. Choose one of: {", ".join(get_args(TextOf))}.')
        if self.of == "history" and (self.window.end is None or self.window.end > 0):
            raise LogError(
                "The window of a history must end at the anchor or before: what a user read afterwards may be what the "
                "treatment did."
            )
        if self.half_life is not None and not self.half_life > 0:
            raise LogError("The half-life is a number of days above zero.")
        if self.components is not None and not 1 <= self.components <= MOST_COMPONENTS:
            raise LogError(f"Between 1 and {MOST_COMPONENTS} components can be made of a text.")
        if self.hold is not None and (not 0 < self.hold < 1 or self.components is not None):
            raise LogError("Ask for a number of components, or for a share between 0 and 1 that they are to hold.")
        if not self.name:
            object.__setattr__(self, "name", " + ".join(columns) + (" before" if self.of == "history" else ""))

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values; `from_json` gives it back."""
        document = asdict(self)
        document["names"] = [list(each) for each in self.names]
        if self.hold is None:  # what was read before a share could be asked for is found again
            del document["hold"]
        if self.vectors is None:
            del document["vectors"]
        else:
            document["vectors"] = list(self.vectors)
        return document | {"columns": list(self.read), "kinds": list(self.kinds)}

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (self.columns,) if isinstance(self.columns, str) else self.columns

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TextRecipe:
        """The recipe that `to_json` wrote."""
        return cls(**{**document, "window": TimeRange(**document["window"])})
