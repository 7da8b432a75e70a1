"""One column as a small picture: the shape of its numbers, or its most frequent values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causal.plots import theme
from causal.wording.escape import shorten
from causal.wording.numbers import count, counted, number
from causal.wording.sentences import column_sentence

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from causal.logs.profile import ColumnProfile

HEIGHT = 80
_LABEL_SPACE = 0.42
_LABEL_LENGTH = 22


def column(profile: ColumnProfile, dark: bool = False) -> Figure:
    """Bars without axes, 80 pixels high; the ends are named below, missing values are the hatched bar at the right."""
    colours = theme.palette(dark)
    shown = theme.figure(dark)
    bars = _bars(profile)
    highest = max([size for _, size in bars] or [1]) or 1
    missing = [1 if kind == "missing" else 0 for kind in _kinds(profile)]
    shown.add_bar(
        x=list(range(len(bars))),
        y=[size / highest for _, size in bars],
        marker={
            "color": [colours.control if each else colours.treated for each in missing],
            "pattern": {"shape": ["/" if each else "" for each in missing], "size": 4},
            "line": {"width": 0},
        },
        hovertext=[theme.hover(f"{label}: {counted(size, 'row')}.") for label, size in bars],
        hoverinfo="text",
    )
    right = len(bars) - 0.5 if bars else 0.5
    theme.end_labels(shown, (-0.5, right), -_LABEL_SPACE / 2, _ends(profile), colours)
    shown.update_xaxes(range=[-0.5, right], visible=False)
    shown.update_yaxes(range=[-_LABEL_SPACE, 1.02], visible=False)
    shown.update_layout(
        height=HEIGHT,
        margin={"l": 2, "r": 2, "t": 2, "b": 2, "autoexpand": False},
        bargap=0.06 if profile.edges else 0.2,
        meta={"alt": shorten(column_sentence(profile))},
    )
    return shown


def rows(profile: ColumnProfile) -> list[dict[str, Any]]:
    """The table behind the picture: one row per bar, with the rows of the log that it stands for."""
    return [{"value": label, "rows": size} for label, size in _bars(profile)]


def _bars(profile: ColumnProfile) -> list[tuple[str, int]]:
    if profile.edges:
        starts = zip(profile.edges, profile.edges[1:], profile.counts, strict=False)
        bars = [(_bin(profile, low, high), size) for low, high, size in starts]
        if profile.below:
            bars.insert(0, (f"below {_bin(profile, *profile.edges[:2]).split(' to ')[0]}", profile.below))
        if profile.above:
            bars.append((f"above {_bin(profile, *profile.edges[-2:]).split(' to ')[1]}", profile.above))
    else:
        bars = list(zip(profile.levels, profile.counts, strict=True))
    if profile.others and not profile.edges:
        bars.append(("other values", profile.others))
    if profile.missing:
        bars.append(("missing", profile.missing))
    return bars


def _kinds(profile: ColumnProfile) -> list[str]:
    present = len(_bars(profile)) - (1 if profile.missing else 0)
    return ["present"] * present + (["missing"] if profile.missing else [])


def _bin(profile: ColumnProfile, low: float, high: float) -> str:
    if isinstance(profile.minimum, str):
        return f"{_moment(low)} to {_moment(high)}"
    return f"{number(low)} to {number(high)}"


def _moment(seconds: float) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


def _ends(profile: ColumnProfile) -> tuple[str, str]:
    missing = f"{count(profile.missing)} missing" if profile.missing else ""
    if profile.edges:
        ends = [each[:10] if isinstance(each, str) else number(each) for each in (profile.minimum, profile.maximum)]
        return ends[0], ends[1] + (f", {missing}" if missing else "")
    if not profile.levels:
        return "empty", missing
    rest = profile.distinct - 1
    others = f"and {count(rest)} more" if rest > 0 else "only"
    return shorten(profile.levels[0], _LABEL_LENGTH), ", ".join(each for each in (others, missing) if each)
