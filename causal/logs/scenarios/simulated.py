"""What a simulation gives: the log as an analyst would see it, and the truth that it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Simulated:
    """A simulated log, with the column asked about.

    `treatment` is 0 or 1 per row; `control` and `treated` hold each row's expected outcome under either, in the log's
    order. Where the log holds events they speak of the units that its recipe keeps, and `observed` is their outcome.
    """

    frame: pd.DataFrame
    outcome: str
    treatment: np.ndarray
    control: np.ndarray
    treated: np.ndarray
    observed: np.ndarray | None = None

    def truth(self) -> dict[str, float]:
        """The effects that the potential outcomes give, and the naive difference that the log shows."""
        effect = self.treated - self.control
        observed = self.frame[self.outcome].to_numpy() if self.observed is None else self.observed
        taken = self.treatment == 1
        return {
            "everyone": round(float(effect.mean()), 6),
            "treated": round(float(effect[taken].mean()), 6),
            "untreated": round(float(effect[~taken].mean()), 6),
            "naive": round(float(observed[taken].mean() - observed[~taken].mean()), 6),
        }
