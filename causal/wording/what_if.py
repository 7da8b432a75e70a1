"""What-ifs on the drawn graph as sentences: what is changed, and what becomes of every variable."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from causal.interventions.changes import Change, Changes, Scale, Set, Shift, changes_from_json
from causal.wording import numbers
from causal.wording.escape import shorten
from causal.wording.numbers import change_text, interval, mean_text, number, percent
from causal.wording.phrases import filter_phrase, level_text, needs_its_column, short_name

if TYPE_CHECKING:
    from causal.interventions.scenario import NodeScenario, Scenario
    from causal.study import Level


_LABEL = 28
"""A scenario's name in a title has so many letters."""


def nothing_changed(told: Told) -> str:
    """What stands in the place of a finding before anything is changed."""
    whom = filter_phrase(told.scenario.where)
    return f"{NOTHING_CHANGED} The numbers are today's{whom}." if whom else NOTHING_CHANGED


NOTHING_CHANGED = "Nothing is changed yet: move a slider, or choose a level, on any variable of the picture."


@dataclass(frozen=True)
class Told:
    """A scenario with how it is told: the confidence of its intervals, and by name what columns are counted in, and of
    which of two levels a share is told (else of the last). `against` names the scenario that stands before, else today.
    """

    scenario: Scenario
    confidence: float = 0.95
    units: Mapping[str, str] = field(default_factory=dict)
    leading: Mapping[str, str] = field(default_factory=dict)
    against: str = ""

    @property
    def changes(self) -> dict[str, Change]:
        """What is changed."""
        return changes_from_json(self.scenario.changes)

    def node(self, name: str) -> NodeScenario:
        """One variable before and after."""
        return self.scenario.node(name)

    def level_told(self, node: NodeScenario) -> int | None:
        """The place of the level whose share stands for a variable; None where its mean does."""
        if node.kind == "binary":
            wanted = self.leading.get(node.name)
            return next((at for at, each in enumerate(node.levels) if str(each.level) == wanted), len(node.levels) - 1)
        return most_moved(node) if node.kind == "category" else None

    def number_of(self, name: str, place: int | None = None) -> Number:
        """The one number that stands for a variable: its mean, or the share of a level (None: the one to be told)."""
        node = self.node(name)
        place = self.level_told(node) if place is None else place
        if place is not None:
            share = node.levels[place]
            what = f"the share of {short_name(name)} at {level_text(share.level)}"
            ends = share.interval(self.confidence)
            found = Number(what, numbers.Scale(True), share.before, share.after, share.difference, ends, moved(node))
            return _untold(found) if untold(node) else found
        scale = numbers.Scale(False, self.units.get(name, ""))
        assert node.before is not None and node.after is not None and node.difference is not None
        ends = node.interval(self.confidence) or (node.difference, node.difference)
        found = Number(short_name(name), scale, node.before, node.after, node.difference, ends, moved(node))
        return _untold(found) if untold(node) else found


@dataclass(frozen=True)
class Number:
    """One number before and after a change, with the interval of the difference."""

    what: str
    scale: numbers.Scale
    before: float
    after: float
    difference: float
    ends: tuple[float, float]
    moved: bool

    @property
    def clear(self) -> bool:
        """Whether the interval leaves no change out."""
        return self.moved and (self.ends[0] > 0 or self.ends[1] < 0)

    @property
    def short(self) -> str:
        """ "+3.5 [2.9, 4.1]"."""
        return f"{change_text(self.difference, self.scale, short=True)} {interval(*self.ends, self.scale)}"


def change_phrase(name: str, change: Change, unit: str = "") -> str:
    """ "age shifted by +2 years", "algorithm set to new", "device drawn at random"."""
    return f"{short_name(name)} {done(change, unit)}"


def done(change: Change, unit: str = "") -> str:
    """What is done to a variable, without its name."""
    if isinstance(change, Set):
        value = change.value
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return f"set to {given(float(value), unit) if plain else level_text(value)}"
    if isinstance(change, Shift):
        return f"shifted by {given(change.amount, unit, signed=True)}"
    if isinstance(change, Scale):
        return f"scaled by {given(change.factor)}"
    return "drawn at random"


def given(value: float, unit: str = "", signed: bool = False) -> str:
    """A number that a person gave, as they would write it: no digit more than it has."""
    sign = numbers.MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{abs(value):,.10g}" + (f" {unit}" if unit else "")


def changes_phrase(changes: Changes, units: Mapping[str, str]) -> str:
    """Every change, joined: "age shifted by +2 and device drawn at random"."""
    each = [change_phrase(name, change, units.get(name, "")) for name, change in changes.items()]
    return f"{', '.join(each[:-1])} and {each[-1]}" if len(each) > 1 else "".join(each)


def moved(node: NodeScenario) -> bool:
    """Whether a change reaches a variable, and it can be told what becomes of it."""
    return node.role in ("changed", "affected")


def untold(node: NodeScenario) -> bool:
    """Whether a change reaches a variable of which no data can tell what becomes of it."""
    return node.role == "not told"


def most_moved(node: NodeScenario) -> int:
    """The place of the level whose share changes most; where none does, of the most frequent."""
    if not moved(node):
        return max(range(len(node.levels)), key=lambda place: node.levels[place].before)
    return max(range(len(node.levels)), key=lambda place: abs(node.levels[place].difference))


def scenario_finding(told: Told, name: str) -> str:
    """What the changes make of one variable, with its interval."""
    instead = f" instead of “{told.against}”" if told.against else ""
    start = f"With {changes_phrase(told.changes, told.units)}{instead}{filter_phrase(told.scenario.where)}"
    node = told.node(name)
    if untold(node):
        return f"{start}, no data tell what becomes of {short_name(name)}. {node.note}".strip()
    if not moved(node):
        return f"{start}, {short_name(name)} stays as it is: no arrow leads from the change to it."
    found = told.number_of(name)
    goes = (
        f"{found.what} would be {mean_text(found.after, found.scale)} instead of {mean_text(found.before, found.scale)}"
    )
    if node.role == "changed":
        return f"{start}, {goes}: that is the change itself."
    spread = (
        f"{change_text(found.difference, found.scale)}, {percent(told.confidence)} interval "
        f"{interval(*found.ends, found.scale)}"
    )
    if not found.clear:
        no = "difference" if told.against else "change"
        return f"{start}, the model sees no clear {no} in {found.what}: {spread}."
    return f"{start}, {goes}: {spread}."


def where_data_end(told: Told, known: Collection[str] = ()) -> tuple[str, ...]:
    """What these changes go beyond the data in, a sentence each; `known` is what holds for any change of the model."""
    return tuple(note for note in told.scenario.notes if note not in known)


def distribution_title(told: Told, name: str) -> str:
    """The same in a few words, for the title of a figure."""
    node = told.node(name)
    if untold(node):
        return f"What becomes of {short_name(name)} cannot be told"
    if not moved(node):
        return f"{short_name(name)} stays as it is" if told.scenario.changes else f"{short_name(name)} as it is today"
    found = told.number_of(name)
    if node.role == "affected" and not found.clear:
        return f"No clear change in {found.what}: {found.short}"
    size = found.short if node.role == "affected" else change_text(found.difference, found.scale, short=True)
    return f"{_opening(found.what)} goes from {_plain(found.before, found)} to {_plain(found.after, found)}: {size}"


def value_texts(told: Told, name: str) -> tuple[str, str | None, str | None]:
    """What a card says of a variable: before, after, and the shift; the last two None where nothing reaches it."""
    node, found = told.node(name), told.number_of(name)
    place = told.level_told(node)
    level = "" if place is None else _level_after_share(node.levels[place].level)
    digits = 2 if found.scale else 3
    before, after = (
        percent(each, digits=digits) if found.scale else mean_text(each, found.scale)
        for each in (found.before, found.after)
    )
    if untold(node):
        return before + level, "cannot be told", None
    if not moved(node):
        return before + level, None, None
    return before, after + level, change_text(found.difference, found.scale, short=True)


def spoken(told: Told, name: str) -> str:
    """A card as a sentence, for those who hear it and on hover."""
    before, after, shift = value_texts(told, name)
    if after is None:
        return f"{name}: {before} today."
    if untold(told.node(name)):
        return f"{name}: {before} today; no data tell what the change makes of it."
    found = told.number_of(name)
    return (
        f"{_opening(found.what)}: {before} today, {after} after the change ({shift}, interval "
        f"{interval(*found.ends, found.scale)})."
    )


def direction(told: Told, name: str) -> int:
    """Whether a variable clearly rises (1), clearly falls (-1), or neither (0)."""
    found = told.number_of(name)
    if not found.clear:
        return 0
    return 1 if found.difference > 0 else -1


def scenario_rows(told: Told) -> list[dict[str, Any]]:
    """Every variable that the changes reach: before, after, difference and interval, all digits."""
    rows: list[dict[str, Any]] = []
    for node in told.scenario.nodes:
        if not moved(node):
            continue
        places: list[int | None] = list(range(len(node.levels))) if node.kind == "category" else [None]
        for place in places:
            found = told.number_of(node.name, place)
            rows.append({"variable": found.what, "role": node.role, **numbers_of(found)})
    return rows


def numbers_of(found: Number) -> dict[str, float]:
    """One number before and after as the columns of a table."""
    low, high = found.ends
    return {"before": found.before, "after": found.after, "difference": found.difference, "low": low, "high": high}


def compared(scenarios: Mapping[str, Told], name: str) -> dict[str, Number]:
    """The number by which scenarios are compared: of a variable with several levels, the share that moves most."""
    nodes = [each.node(name) for each in scenarios.values()]
    place = None
    if nodes[0].kind == "category":
        places = range(len(nodes[0].levels))
        place = max(places, key=lambda at: max(abs(each.levels[at].difference) for each in nodes))
    return {label: each.number_of(name, place) for label, each in scenarios.items()}


def comparison_title(scenarios: Mapping[str, Told], name: str) -> str:
    """Which scenario raises a variable most, for the title of a figure."""
    found, first = compared(scenarios, name), next(iter(scenarios.values()))
    clear = {label: each for label, each in found.items() if each.clear}
    what = next(iter(found.values())).what + filter_phrase(first.scenario.where)
    if not clear and first.against:
        one = "The scenario does not clearly differ" if len(found) == 1 else "No scenario clearly differs"
        return f"{one} from “{shorten(first.against, _LABEL)}” in {what}"
    if not clear:
        one = "The scenario does not clearly change" if len(found) == 1 else "No scenario clearly changes"
        return f"{one} {what}"
    best = max(clear, key=lambda label: clear[label].difference)
    verb = "raises"
    if clear[best].difference < 0:
        best, verb = min(clear, key=lambda label: clear[label].difference), "lowers"
    most = " most" if len(found) > 1 else ""
    beside = f" compared with “{shorten(first.against, _LABEL)}”" if first.against else ""
    size = change_text(clear[best].difference, clear[best].scale, signed=True)
    return f"“{shorten(best, _LABEL)}” {verb} {what}{most}: {size}{beside}"


def shown_rows(scenarios: Mapping[str, Told], name: str, short: bool = False) -> list[dict[str, str]]:
    """The scenarios side by side as a table to be read; `short` where there is no room for what is changed."""
    rows = []
    for label, each in compared(scenarios, name).items():
        said = {"What is changed": changes_phrase(scenarios[label].changes, scenarios[label].units)}
        against = shorten(scenarios[label].against, _LABEL)
        start = f"in “{against}”" if against else "today"
        before = {f"{_opening(each.what)}, {start}": mean_text(each.before, each.scale)}
        change = f"Difference from “{against}”" if against else "Change"
        row = {"Then": mean_text(each.after, each.scale), change: each.short}
        rows.append({"Scenario": label, **row} if short else {"Scenario": label, **said, **before, **row})
    return rows


def _untold(found: Number) -> Number:
    """The number before, and nothing after it."""
    return replace(found, after=math.nan, difference=math.nan, ends=(math.nan, math.nan), moved=False)


def _level_after_share(level: Level) -> str:
    """ " new", or " at 1" where the level is a number or a flag."""
    return f" at {level_text(level)}" if needs_its_column(level) else f" {level_text(level)}"


def _plain(value: float, found: Number) -> str:
    return percent(value) if found.scale else number(value)


def _opening(phrase: str) -> str:
    """A phrase of ours at the start of a sentence; a column's own name stays as it is spelled."""
    return f"The {phrase[4:]}" if phrase.startswith("the share of ") else phrase
