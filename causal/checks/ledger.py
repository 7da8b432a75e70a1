"""Everything that is known for and against one answer, as lights: together they say how its headline may be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from causal.checks.verdict import Light, Verdict
from causal.errors import OptionProblem

Standing = Literal["causal", "tentative", "do not use"]

SHORTEST_REASON, LONGEST_REASON = 10, 500
"""Characters of a reason that says something and can stand beside every headline."""


def _written(what: str, reason: str) -> str:
    """The reason as it is kept; refused where it says nothing, or is too long to be read."""
    written = " ".join(reason.split())
    if not SHORTEST_REASON <= len(written) <= LONGEST_REASON:
        raise OptionProblem(
            f"{what} with a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters, which stands beside the "
            f"headline; this one has {len(written):,}. Say what you know that the checks do not."
        )
    return written


@dataclass(frozen=True)
class Overruling:
    """An analyst's own standing in the place of the checks', with the reason in writing.

    `against` is what the checks said when it was written. Raises OptionProblem for an unknown standing, and for a
    reason too short to say anything or too long to be read beside a headline.
    """

    standing: Standing
    reason: str
    against: Standing

    def __post_init__(self) -> None:
        for given in (self.standing, self.against):
            if given not in get_args(Standing):
                wanted = ", ".join(f'"{each}"' for each in get_args(Standing))
                raise OptionProblem(f'The standing "{given}" is not one of {wanted}.')
        object.__setattr__(self, "reason", _written("The checks are overruled", self.reason))


@dataclass(frozen=True)
class OverlapJudgement:
    """What an analyst says of the overlap, in writing: whether it is enough for this question.

    Raises OptionProblem for a reason too short to say anything or too long to be read beside the light.
    """

    enough: bool
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", _written("The overlap is judged", self.reason))


@dataclass(frozen=True)
class Ledger:
    """The lights of one answer in the order in which they are read, and the analyst's overruling, if any."""

    verdicts: tuple[Verdict, ...]
    overruling: Overruling | None = None

    @property
    def by_the_checks(self) -> Standing:
        """Do not use where a check failed; causal where all that apply were run and hold; tentative in between."""
        if self.of_light("failed"):
            return "do not use"
        return "tentative" if self.of_light("attention", "not_checked") else "causal"

    @property
    def standing(self) -> Standing:
        """How the headline may be read: as the analyst says in writing, else as the checks do."""
        return self.by_the_checks if self.overruling is None else self.overruling.standing

    def of_light(self, *lights: Light) -> tuple[Verdict, ...]:
        """The verdicts with one of these lights."""
        return tuple(each for each in self.verdicts if each.light in lights)
