"""Scenarios of a study: changes to variables of its graph, kept under a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from causal.errors import DoableError, OptionProblem
from causal.interventions.changes import Change, changes_from_json, changes_to_json
from causal.wording.escape import shorten

MOST_SCENARIOS = 12
"""So many stand side by side in one picture."""

LONGEST_NAME = 60


@dataclass(frozen=True)
class SavedScenario:
    """Its name, and what becomes of which variable."""

    name: str
    changes: Mapping[str, Change]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"name": self.name, "changes": changes_to_json(self.changes)}


def saved_scenarios(documents: Iterable[Mapping[str, Any]]) -> tuple[SavedScenario, ...]:
    """What `to_json` wrote; an entry that cannot be read is left out."""
    found = []
    for each in documents:
        try:
            found.append(SavedScenario(str(each["name"]), changes_from_json(each["changes"])))
        except (DoableError, KeyError, TypeError, AttributeError):
            continue
    return tuple(found)


def with_scenario(
    scenarios: Sequence[SavedScenario], name: str, changes: Mapping[str, Change]
) -> tuple[SavedScenario, ...]:
    """One more; where one has the name already, it takes that one's place.

    Raises OptionProblem for no name, nothing changed, or one too many.
    """
    named = _checked(name)
    if not changes:
        raise OptionProblem("Nothing is changed, so there is no scenario to save. Move a slider first.")
    made = SavedScenario(named, dict(changes))
    if any(each.name == named for each in scenarios):
        return tuple(made if each.name == named else each for each in scenarios)
    if len(scenarios) >= MOST_SCENARIOS:
        raise OptionProblem(f"There are {MOST_SCENARIOS} scenarios, as many as can be compared. Delete one first.")
    return (*scenarios, made)


def renamed_scenario(scenarios: Sequence[SavedScenario], old: str, new: str) -> tuple[SavedScenario, ...]:
    """The scenarios with one of them called otherwise.

    Raises OptionProblem for no name, or one that another has.
    """
    named = _checked(new)
    if named != old and any(each.name == named for each in scenarios):
        raise OptionProblem(f"Another scenario is called “{named}”. Choose another name.")
    return tuple(replace(each, name=named) if each.name == old else each for each in scenarios)


def without_scenario(scenarios: Sequence[SavedScenario], name: str) -> tuple[SavedScenario, ...]:
    """The scenarios without the one of this name."""
    return tuple(each for each in scenarios if each.name != name)


def _checked(name: str) -> str:
    named = shorten(name, LONGEST_NAME)
    if not named:
        raise OptionProblem("A scenario needs a name.")
    return named
