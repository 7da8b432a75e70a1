"""What the report on a log found, as sentences: what it is, what it does to an answer, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from causal.logs.report.finding import Finding, LogReport, Mend
from causal.logs.time_range import DAY, HOUR, duration
from causal.wording.escape import shorten
from causal.wording.numbers import count, counted, number, percent

_LENGTH = 40

MENDS: Mapping[Mend, tuple[str, str]] = {
    "count repeats once": ("Count equal rows once", "Equal rows count once."),
    "count keys once": ("Count the first of each", "The first row of each counts."),
    "take this clock": ("Take the other clock", "The other clock says when."),
    "leave out impossible times": ("Leave these rows out", "Rows outside these dates are left out."),
    "read as numbers": ("Read it as numbers", "It is read as numbers; what is none counts as missing."),
    "set aside": ("Set it aside", "It is set aside: no answer adjusts for it."),
    "cluster": ("Let people count as a whole", "Intervals count each person as a whole."),
    "mark missing": ("Fill it, and mark where", "Gaps are filled, and an extra column marks where."),
}
"""Each mend as the label of its button, and as what is so once it is made."""


def report_sentence(report: LogReport, mended: int = 0) -> str:
    """The whole report as one sentence; `mended` of its findings are."""
    doubts = sum(each.severity != "note" for each in report.findings) - mended
    notes = sum(each.severity == "note" for each in report.findings)
    checked = f"{len(report.looked)} checks"
    if not report.findings:
        return f"Nothing to mend in {counted(report.rows, 'row')}: {checked} found nothing."
    parts = [] if doubts <= 0 else [f"{counted(doubts, 'finding')} could change an answer"]
    parts += [] if not mended else [f"{count(mended)} mended"]
    parts += [] if not notes else [f"{count(notes)} good to know"]
    return f"In {counted(report.rows, 'row')}: {', '.join(parts)}."


def finding_title(found: Finding) -> str:
    """What was found, short enough for a heading and a picture."""
    return _TITLES[found.check](found)


def picture_title(found: Finding) -> str:
    """What the picture of a finding shows: its finding, where there is more to see than the heading says."""
    told = _PICTURES.get(found.check)
    return finding_title(found) if told is None else told(found)


def finding_sentence(found: Finding) -> str:
    """What was found, with its numbers, and what it does to an answer."""
    return _SENTENCES[found.check](found)


def finding_advice(found: Finding) -> str:
    """What to do about it."""
    return _ADVICE[found.check](found)


def _name(column: str) -> str:
    return f'"{shorten(column, _LENGTH)}"'


def _rows(found: Finding) -> str:
    return counted(found.count, "row")


def _duplicates(found: Finding) -> str:
    said = f"{_rows(found)} ({percent(found.facts['share'])}) are the same as an earlier row in every column"
    if not found.facts["told apart"]:
        return f"{said}. No column says who or when, so they may be different units with the same values."
    return f"{said}. An event that was written twice counts twice, and intervals become too narrow."


def _nearly_equal(found: Finding) -> str:
    key = ", ".join(_name(each) for each in found.columns)
    return (
        f"{_rows(found)} ({percent(found.facts['share'])}) have the same {key} as an earlier row, but differ "
        "elsewhere. One person hardly does the same thing twice at the same time: the second may be a retry."
    )


def _impossible(found: Finding) -> str:
    facts, column = found.facts, _name(found.columns[0])
    reach = facts["from"] if facts["from"] == facts["to"] else f"{facts['from']} to {facts['to']}"
    usual = f"nearly all others lie between {facts['usual from']} and {facts['usual to']}"
    if facts["which"] == "early":
        return (
            f"{_rows(found)} {_lie(found)} long before the log begins by {column} ({reach}); {usual}. "
            "Such rows make histories look complete that are not."
        )
    where = "in the future" if facts["which"] == "future" else "long after the log ends"
    return (
        f"{_rows(found)} {_lie(found)} {where} by {column} ({reach}); {usual}. Such rows move the log's end, so that "
        "every unit seems to have been followed for long enough."
    )


def _lie(found: Finding) -> str:
    return "lies" if found.count == 1 else "lie"


def _gaps(found: Finding) -> str:
    facts = found.facts
    silent = counted(found.count, facts["period"])
    first = f"the first from {facts['first']}"
    return (
        f"The log is silent, or nearly, for {silent} ({first}). An outage looks as if nobody had done anything: "
        "outcomes and histories that reach over it are too low."
    )


def _clocks(found: Finding) -> str:
    facts, (other, trusted) = found.facts, found.columns
    hours = facts["whole hours"]
    zone = ""
    if hours > 0.5 * found.count:
        zone = f" {count(hours)} of them differ by whole hours: two time zones, rather than a wrong clock."
    return (
        f"{_name(other)} and {_name(trusted)} tell the same events' time and differ by more than 5 minutes in "
        f"{_rows(found)} ({percent(facts['share'])}): earlier in {count(facts['before'])}, later in "
        f"{count(facts['after'])}.{zone} By a wrong clock, events change sides of the anchor."
    )


def _order(found: Finding) -> str:
    late = _about(found.facts["seconds"])
    of = " of the same person" if found.facts["person"] else ""
    return (
        f"{_rows(found)} ({percent(found.facts['share'])}) come after a later event{of}, by up to {late}. Nothing here "
        "hangs on the order of rows, but what arrives late may be missing at the end of the log."
    )


def _about(seconds: float) -> str:
    """So many seconds in the unit in which they are at least two."""
    size = next((each for each in (DAY, HOUR, 60) if seconds >= 2 * each), 1)
    return duration(max(round(seconds / size), 1) * size)


def _mixed(found: Finding) -> str:
    facts = found.facts
    such = " or ".join(f'"{shorten(each, 24)}"' for each in facts["such as"])
    return (
        f"{_name(found.columns[0])} holds {facts['what']}, except in {_rows(found)} ({percent(facts['share'])}), which "
        f"say {such}."
    )


def _constant(found: Finding) -> str:
    column, value = _name(found.columns[0]), found.facts["value"]
    held = "has no value in any unit" if value is None else f'is "{shorten(value, 24)}" in every unit that has one'
    if found.facts["part"] == "covariate":
        return f"{column} {held}: it explains nothing."
    return f"The {found.facts['part']} {column} {held}: there is nothing to compare."


def _blank(found: Finding) -> str:
    value = found.facts["value"]
    held = "is missing in" if value is None else f'is "{shorten(value, 24)}" for'
    return (
        f"{_name(found.columns[0])} {held} every unit by construction: units are looked at from their first event on "
        "(or the first of a kind), and it looks at what lies before that, where there is nothing."
    )


def _leaking(found: Finding) -> str:
    column, asked = map(_name, found.columns)
    part, share = found.facts["part"], found.facts["share"]
    told = "exactly" if share > 1 - 1e-9 else f"nearly exactly ({percent(share)} of what there is to tell)"
    if part == "outcome":
        return (
            f"{column} tells the outcome {asked} {told}. It is the outcome in other words, or was written after it: "
            "adjusting for it takes the effect away."
        )
    return (
        f"{column} tells the treatment {asked} {told}. It is the treatment in other words, or what decided it: nobody "
        "with the same value got anything else, so units cannot be compared within it."
    )


def _late(found: Finding) -> str:
    return (
        f"{_name(found.columns[0])} was computed from {found.facts['range']}: the treatment may have changed it, so it "
        "is no covariate."
    )


def _changing(found: Finding) -> str:
    facts = found.facts
    said = (
        f"{counted(found.count, 'unit')} ({percent(facts['share'])}) {'has' if found.count == 1 else 'have'} another "
        f"{_name(found.columns[0])} later than at first"
        + (f", {count(facts['back and forth'])} of them several times." if facts["back and forth"] else ".")
    )
    if found.count > 1 and facts["on busiest"] > 0.5:
        return f"{said} {percent(facts['on busiest'])} change on {facts['busiest day']}: a switch for all on one day."
    return f"{said} Their outcomes belong to both arms: the effect is pulled towards zero."


def _arms(found: Finding) -> str:
    facts, (who, arm) = found.facts, found.columns
    return (
        f"{count(found.count)} of the {count(facts['repeated'])} values of {_name(who)} with several units stand in "
        f"more than one arm of {_name(arm)} ({counted(facts['units'], 'unit')}). What they saw in one arm they carry "
        "to the other."
    )


def _missing(found: Finding) -> str:
    (low, low_share), (high, high_share) = found.facts["low"], found.facts["high"]
    column, arm = map(_name, found.columns)
    said = (
        f'{column} is missing in {percent(high_share)} of the units where {arm} is "{shorten(high, 24)}", and in '
        f'{percent(low_share)} where it is "{shorten(low, 24)}".'
    )
    if found.facts["part"] == "outcome":
        return f"{said} If the treatment decides who is seen again, those left are no longer comparable."
    return f"{said} Leaving out units that lack it leaves out more of one arm than of the other."


def _outside(found: Finding) -> str:
    facts = found.facts
    return (
        f"{_name(found.columns[0])} is no probability in {_rows(found)}: it runs from {number(facts['lowest'])} to "
        f"{number(facts['highest'])}. What was done had a chance above 0 and at most 1."
    )


def _sums(found: Finding) -> str:
    column, context, _ = map(_name, found.columns)
    facts = found.facts
    return (
        f"The probabilities {column} do not add up to one in {count(found.count)} of {count(facts['contexts'])} "
        f"contexts ({context}): from {number(facts['lowest'])} to {number(facts['highest'])}. Weights made of them are "
        "wrong by as much."
    )


def _weights(found: Finding) -> str:
    column, action = map(_name, found.columns)
    facts = found.facts
    return (
        f"For {count(found.count)} of {count(facts['actions'])} values of {action} the probabilities {column} do not "
        f'fit how often they were taken: the weights of "{shorten(facts["such as"], 24)}" average '
        f"{number(facts['mean'])} instead of 1."
    )


_SENTENCES: Mapping[str, Callable[[Finding], str]] = {
    "duplicates": _duplicates,
    "nearly equal rows": _nearly_equal,
    "impossible times": _impossible,
    "time gaps": _gaps,
    "two clocks": _clocks,
    "out of order": _order,
    "mixed types": _mixed,
    "constant columns": _constant,
    "nothing before the anchor": _blank,
    "leaking columns": _leaking,
    "computed after the anchor": _late,
    "changing treatment": _changing,
    "several arms": _arms,
    "missing by arm": _missing,
    "propensities": _outside,
    "propensity sums": _sums,
    "propensity weights": _weights,
}


def _title_of_times(found: Finding) -> str:
    where = {"future": "in the future", "late": "after the log's end", "early": "before the log's start"}
    return f"{_rows(found)} {where[found.facts['which']]}"


_TITLES: Mapping[str, Callable[[Finding], str]] = {
    "duplicates": lambda found: f"{_rows(found)} repeated",
    "nearly equal rows": lambda found: f"{_rows(found)} repeated but for details",
    "impossible times": _title_of_times,
    "time gaps": lambda found: f"The log is silent for {counted(found.count, found.facts['period'])}",
    "two clocks": lambda found: f"Two clocks disagree in {_rows(found)}",
    "out of order": lambda found: f"{_rows(found)} written late",
    "mixed types": lambda found: f"{_name(found.columns[0])} holds more than {found.facts['what']}",
    "constant columns": lambda found: f"{_name(found.columns[0])} never changes",
    "nothing before the anchor": lambda found: f"{_name(found.columns[0])} looks at where nothing can lie",
    "leaking columns": lambda found: f"{_name(found.columns[0])} tells {_name(found.columns[1])}",
    "computed after the anchor": lambda found: f"{_name(found.columns[0])} is from after the anchor",
    "changing treatment": lambda found: (
        f"{counted(found.count, 'unit')} {'changes' if found.count == 1 else 'change'} arm"
    ),
    "several arms": lambda found: f"{counted(found.count, 'person', 'people')} in several arms",
    "missing by arm": lambda found: f"{_name(found.columns[0])} is missing more in one arm",
    "propensities": lambda found: f"{_name(found.columns[0])} is no probability in {_rows(found)}",
    "propensity sums": lambda found: f"Probabilities of {counted(found.count, 'context')} do not add up to one",
    "propensity weights": lambda found: f"Probabilities of {counted(found.count, 'action')} do not fit",
}

_ADVICE: Mapping[str, Callable[[Finding], str]] = {
    "duplicates": lambda found: (
        "Count equal rows once, unless the source can really do the same thing twice in one moment."
        if found.facts["told apart"]
        else "If the file was written twice, upload it once; otherwise leave them."
    ),
    "nearly equal rows": lambda _: "Look at a few. If they are retries, let the first of each count.",
    "impossible times": lambda _: (
        "Ask the source for its clock: day and month may be swapped, or a zero stands for a time that is not known."
    ),
    "time gaps": lambda _: "Ask who runs the log. Choose dates, or windows, that do not reach over the gap.",
    "two clocks": lambda found: (
        f"Take {_name(found.columns[1])} for when an event was; a person's device can be set to anything."
        if found.facts["in use"] == found.columns[0]
        else f"{_name(found.columns[1])} is in use; keep {_name(found.columns[0])} out of what is computed."
    ),
    "out of order": lambda _: "Wait with the last days of the log until what is late has arrived.",
    "mixed types": lambda found: (
        f"If it is {found.facts['what']}, take the others as missing; if it is a code, call it a category."
    ),
    "constant columns": lambda found: (
        "Set it aside." if found.facts["part"] == "covariate" else "Choose another column, or look at the filter."
    ),
    "nothing before the anchor": lambda _: (
        "On the units page, look at units from the first event of a kind (what they are exposed to) or from a date on, "
        "so that there is a time before; or set it aside, as it adjusts for nothing."
    ),
    "leaking columns": lambda found: (
        "Set it aside."
        if found.facts["part"] == "outcome"
        else "Set it aside if it is the treatment by another name; if a rule decides by it, ask about its edge."
    ),
    "computed after the anchor": lambda _: "Set it aside, or compute it from before the anchor.",
    "changing treatment": lambda _: (
        "Decide what counts: the arm at first (what this recipe takes), or only units that never change. If all were "
        "switched on one day, let outcomes end before it."
    ),
    "several arms": lambda _: (
        "Count each person as a whole in the intervals, and compare with an answer that leaves them out."
    ),
    "missing by arm": lambda found: (
        "Find out why; an answer without these units speaks only of those who were seen."
        if found.facts["part"] == "outcome"
        else "Fill it and mark where, so that no unit is lost; and find out why it differs."
    ),
    "propensities": lambda _: "Ask the source what the column holds; do not weight by it.",
    "propensity sums": lambda _: "Ask the source how it is logged; do not weight by it before it adds up.",
    "propensity weights": lambda _: (
        "Check that the column is the chance of what was done, at that time and under that policy."
    ),
}


def _pictured_gap(found: Finding) -> str:
    worst = max(found.evidence, key=lambda each: each["expected"] - each["rows"])
    rows = f"{counted(worst['rows'], 'row')} instead of about {count(worst['expected'])}"
    return f"From {worst['from']} until {worst['until']}: {rows}"


def _pictured_arms(found: Finding) -> str:
    (low, low_share), (high, high_share) = found.facts["low"], found.facts["high"]
    return f"{percent(high_share)} missing in {_name(high)}, {percent(low_share)} in {_name(low)}"


_PICTURES: Mapping[str, Callable[[Finding], str]] = {
    "time gaps": _pictured_gap,
    "two clocks": lambda found: f"{percent(found.facts['share'])} of the rows are off by more than 5 minutes",
    "changing treatment": lambda found: f"The most first changes in one day: {found.facts['busiest day']}",
    "missing by arm": _pictured_arms,
    "propensity sums": lambda found: f"Sums from {number(found.facts['lowest'])} to {number(found.facts['highest'])}",
}
