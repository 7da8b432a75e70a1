"""How latent variables become columns of the units: the equations they show through, and what the scores are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from causal.errors import LogError


@dataclass(frozen=True)
class ScoreRecipe:
    """A structural model whose latent variables are scored for every unit; JSON-able.

    `model`: its equations in lavaan's syntax. `names`: pairs of a latent variable and the column of its scores; a
    latent variable that is not named becomes no column. `ordered`, `group`, `missing`: as in SemOptions.
    """

    model: str
    names: tuple[tuple[str, str], ...]
    ordered: tuple[str, ...] = ()
    group: str | None = None
    missing: Literal["leave out", "likelihood", "pairwise"] = "leave out"

    def __post_init__(self) -> None:
        pairs = self.names.items() if isinstance(self.names, Mapping) else self.names
        object.__setattr__(self, "names", tuple((str(latent), str(name)) for latent, name in pairs))
        object.__setattr__(self, "ordered", tuple(self.ordered))
        if not self.names or not all(name.strip() for name in self.columns):
            raise LogError("Give every score a name.")
        twice = next((name for name in self.columns if self.columns.count(name) > 1), None)
        if twice is not None:
            raise LogError(f'Two scores are called "{twice}". Give each its own name.')

    @property
    def columns(self) -> tuple[str, ...]:
        """What the scores are called as columns."""
        return tuple(name for _, name in self.names)

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values; `from_json` gives it back."""
        return asdict(self) | {"names": [list(pair) for pair in self.names], "ordered": list(self.ordered)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ScoreRecipe:
        """The recipe that `to_json` wrote."""
        return cls(**document)
