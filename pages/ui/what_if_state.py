"""What a study holds of its what-ifs: the changes now on the canvas, the variable looked at, the scenarios saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from causal.archive.contents import base_spec, question_of, settings_of
from causal.archive.scenarios import (
    SavedScenario,
    renamed_scenario,
    saved_scenarios,
    with_scenario,
    without_scenario,
)
from causal.errors import DoableError
from causal.interventions.changes import Change, Changes, changes_from_json, changes_to_json
from causal.interventions.today import usual_values
from causal.study import Condition
from causal.wording.what_if import Told
from pages.ui import answers, current_study

LOOKED_AT = "what if looked at"
WHOM = "what if whom"


@dataclass(frozen=True)
class Shelf:
    """Where a study's view keeps the what-ifs of one model: the changes, the scenarios, the one others stand beside."""

    changes: str
    scenarios: str
    baseline: str


COLUMNS = Shelf("what if changes", "scenarios", "scenario compared with")
EQUATIONS = Shelf("structure changes", "structure scenarios", "structure scenario compared with")


def asked(held: Any) -> dict[str, Any]:
    """What the structural model is fitted to: the graph as an answer may use it, and the units asked about."""
    return answers.structural_asked(base_spec(held))


def told(held: Any, scenario: Any, against: str = "") -> Told:
    """A scenario as this study tells it: with its confidence, and in the units that a person named; `against` names the
    scenario that it is compared with (else today)."""
    settings, question = settings_of(held), question_of(held)
    leading = {} if question.treated is None else {question.treatment: str(question.treated)}
    return Told(scenario, float(settings.get("confidence", 0.95)), settings.get("units", {}), leading, against)


def units_of(held: Any) -> Mapping[str, str]:
    """What columns are counted in, as a person named it."""
    found: Mapping[str, str] = settings_of(held).get("units", {})
    return found


def changes_of(held: Any, model: Any) -> dict[str, Change]:
    """The changes on the canvas that this model still takes, causes first."""
    return taken(model, held.view.get(COLUMNS.changes, {}))


def taken(model: Any, document: Mapping[str, Any]) -> dict[str, Change]:
    """Of changes as they are kept, those that a model takes: the graph may have lost a variable since."""
    names = [each.name for each in model.nodes]
    try:
        found = changes_from_json({name: each for name, each in document.items() if name in names})
    except DoableError:
        return {}
    return {name: found[name] for name in names if name in found}


def keep_changes(changes: Changes, shelf: Shelf = COLUMNS) -> None:
    """Save what is on the canvas."""
    current_study.change_view(**{shelf.changes: changes_to_json(changes)})


def where_of(held: Any, model: Any) -> tuple[Condition, ...]:
    """Of whom the page's what-ifs are, beyond the study's own filter: everyone, or units alike in one variable."""
    whom = held.view.get(WHOM, {})
    if whom.get("column") not in model.names:
        return ()
    column = model.columns[whom["column"]]
    if column.kind == "numeric":
        low, high = whom.get("range") or usual_values(model, column.name)
        return (Condition(column.name, "is at least", low), Condition(column.name, "is at most", high))
    chosen = [each for each in column.levels if str(each) == whom.get("level")] or list(column.levels[:1])
    return (Condition(column.name, "is", chosen[0]),)


def scenarios_of(held: Any, shelf: Shelf = COLUMNS) -> tuple[SavedScenario, ...]:
    """The saved scenarios, in the order in which they were saved."""
    return saved_scenarios(held.view.get(shelf.scenarios, ()))


def baseline_of(held: Any, shelf: Shelf = COLUMNS) -> str:
    """The name of the saved scenario that others are compared with; nothing where that is today."""
    name, names = held.view.get(shelf.baseline, ""), [each.name for each in scenarios_of(held, shelf)]
    return name if name in names and len(names) > 1 else ""


def save_scenario(name: str, changes: Changes, shelf: Shelf = COLUMNS) -> None:
    """Keep the changes under a name; one of the same name gives way."""
    _keep(shelf, with_scenario(scenarios_of(current_study.mine(), shelf), name, changes))


def rename_scenario(old: str, new: str, shelf: Shelf = COLUMNS) -> None:
    """Call a scenario otherwise.

    Raises OptionProblem for no name, or one that another has.
    """
    held = current_study.mine()
    before = scenarios_of(held, shelf)
    named = renamed_scenario(before, old, new)
    follows = {}
    if baseline_of(held, shelf) == old:
        follows = {shelf.baseline: named[[each.name for each in before].index(old)].name}
    _keep(shelf, named, **follows)


def delete_scenario(name: str, shelf: Shelf = COLUMNS) -> None:
    """Forget a scenario; what was compared with it is compared with today again."""
    held = current_study.mine()
    follows = {shelf.baseline: ""} if baseline_of(held, shelf) == name else {}
    _keep(shelf, without_scenario(scenarios_of(held, shelf), name), **follows)


def _keep(shelf: Shelf, scenarios: Sequence[SavedScenario], **choices: Any) -> None:
    current_study.change_view(**{shelf.scenarios: [each.to_json() for each in scenarios], **choices})
