"""From the texts of a user's events to one vector per unit: a mean over what came before the anchor.

Weights decay with age by a half-life. As a mean divides by their sum, only how they compare among the events of one
user counts, not the anchor: each event has one weight for all units, and one at the anchor or later is not looked at.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.errors import LogError
from causal.logs.event_recipe import EventRecipe, Measure
from causal.logs.log import Log
from causal.logs.reading import frame_of, log_folder
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import DAY, before

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_MICRO = 1_000_000
_OLDEST = 1000.0
"""Half-lives beyond which an event counts no less: its weight would no longer be a number."""


@dataclass(frozen=True, eq=False)
class History:
    """The events that some unit looks at, in the order of users and times, and which of them each unit looks at.

    What no unit looks at is left out: it shapes neither weights nor topics.

    `texts` (e,) what was read; `weights` (e,); unit i looks at the events from `first[i]` on and before `last[i]`.
    """

    texts: NDArray[np.object_]
    weights: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def looked_at(self) -> NDArray[np.float64]:
        """(e,) how many units look at each event."""
        import numpy as np

        steps = np.zeros(len(self.texts) + 1)
        some = self.last > self.first
        np.add.at(steps, self.first[some], 1.0)
        np.add.at(steps, self.last[some], -1.0)
        return np.cumsum(steps)[:-1]

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(n,) the weighted mean of (e,) values over what each unit looks at; not a number where that is nothing."""
        return self._sums(values * self.weights) / self._sums(self.weights)

    def _sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        import numpy as np

        found = np.full(len(self.first), np.nan)
        some = self.last > self.first
        if some.any():
            ends = np.column_stack([self.first[some], self.last[some]]).ravel()
            padded = np.append(np.asarray(values, dtype=np.float64), 0.0)  # a window may end where the events do
            found[some] = np.add.reduceat(padded, ends)[::2]
        return found


def history_of(log: Log, units: Log, events: EventRecipe, text: TextRecipe) -> History:
    """What each unit's user read before its anchor; `units` are those that `events` makes of `log`, in their order.

    Raises UnknownColumn, and LogError where engagement is no number or is negative.
    """
    import numpy as np
    import pandas as pd

    frame = _events(log, events, text)
    key, anchor = events.key_names[0], events.key_names[-1]
    own = frame_of(units, [key, anchor])
    codes, _ = pd.factorize(pd.concat([frame["user"], own[key]], ignore_index=True).astype("str"))
    user, unit_user = codes[: len(frame)], codes[len(frame) :]
    at, unit_at = frame["at"].to_numpy(dtype=np.int64), _micros(own[anchor])
    order = np.lexsort((at, user))
    user, at, texts = user[order], at[order], frame["text"].to_numpy(dtype=object)[order]
    engagement = frame["engagement"].to_numpy(dtype=np.float64)[order]
    positions = _Positions(user, at)
    end = positions.of(unit_user, unit_at + (text.window.end or 0) * _MICRO)
    begin = (
        positions.of(unit_user, np.full(len(unit_at), np.iinfo(np.int64).min))
        if text.window.start is None
        else positions.of(unit_user, unit_at + text.window.start * _MICRO)
    )
    read = History(texts, engagement, begin, end).looked_at > 0
    place = np.append(0, np.cumsum(read))
    weights = _weights(user[read], at[read], engagement[read], text)
    return History(texts[read], weights, place[begin], place[end])


@dataclass(frozen=True, eq=False)
class _Positions:
    """Events in the order of users and times."""

    user: NDArray[np.int64]
    at: NDArray[np.int64]

    def of(self, users: NDArray[np.int64], moments: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) the position of the first event of each user at or after the moment."""
        import numpy as np

        both = np.concatenate([users, self.user])
        when = np.concatenate([moments, self.at])
        is_event = np.concatenate([np.zeros(len(users)), np.ones(len(self.user))])
        order = np.lexsort((is_event, when, both))  # a moment stands before the events at it
        before_it = np.cumsum(is_event[order]).astype(np.int64)
        found = np.empty(len(order), dtype=np.int64)
        found[order] = before_it
        return found[: len(users)]


def _weights(user: NDArray[Any], at: NDArray[Any], engagement: NDArray[Any], text: TextRecipe) -> NDArray[np.float64]:
    """(e,) engagement times decay, the latest event of each user counting whole."""
    import numpy as np

    if text.half_life is None or not len(user):
        return engagement
    last = np.append(np.flatnonzero(np.diff(user)), len(user) - 1)
    latest = at[last][np.searchsorted(last, np.arange(len(user)))]
    age = (latest - at) / (text.half_life * DAY * _MICRO)
    return np.asarray(engagement * np.exp2(-np.minimum(age, _OLDEST)))


def _events(log: Log, events: EventRecipe, text: TextRecipe) -> pd.DataFrame:
    """The events that count, with user, moment in microseconds, text and engagement; those without a text left out."""
    import pandas as pd

    from causal.logs.event_query import Query, Steps, event_steps, last_events
    from causal.logs.event_units import checked, working_plan

    read = (*text.read, *(() if text.engagement is None else (text.engagement,)))
    also = tuple(Measure("last value", before(), column=each, name=f"text {at}") for at, each in enumerate(read))
    bare = replace(events, treatment=None, outcomes=(), covariates=also)
    checked(log, bare)
    if text.kinds and events.columns.kind is None:
        raise LogError("Kinds of events are asked for: say which column holds them.")
    home = log_folder()
    with (
        tempfile.TemporaryDirectory(prefix="texts-", dir=home) as work,
        working_plan(log, bare, Path(work)) as (
            engine,
            plan,
        ),
    ):
        steps = Steps()
        event_steps(plan, steps)
        rows = last_events(steps)
        if text.kinds:
            rows = rows.filter(plan.columns.is_one_of(rows, str(events.columns.kind), text.kinds))
        if text.engagement is not None:
            plan.columns.is_number(text.engagement)
        columns = {"user": rows[plan.user], "at": rows["__at"]}
        columns |= {f"text_{at}": plan.columns.held(rows, each) for at, each in enumerate(read)}
        kinds = [("user", log.kind(events.columns.user)), ("at", "integer")]
        kinds += [(f"text_{at}", log.kind(each)) for at, each in enumerate(read)]
        query = Query(plan.source, tuple(steps.made), rows.select(**columns), tuple(kinds))
        parts = [batch.to_pandas() for batch in engine.batches(query)]
    names = [name for name, _ in kinds]
    frame = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[f"c{at}" for at in range(len(names))])
    )
    frame.columns = pd.Index(names)
    return _readable(frame, text)


def _readable(frame: pd.DataFrame, text: TextRecipe) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    count = len(text.read)
    whole = joined_texts(frame[[f"text_{at}" for at in range(count)]])
    engagement = np.ones(len(frame))
    if text.engagement is not None:
        engagement = pd.to_numeric(frame[f"text_{count}"]).to_numpy(dtype=np.float64, na_value=0.0)
        if (engagement < 0).any():
            raise LogError(
                f'"{text.engagement}" is negative for {int((engagement < 0).sum()):,} events, so it cannot say how '
                "much each counts. Choose another column, or none."
            )
    made = pd.DataFrame({"user": frame["user"], "at": frame["at"], "text": whole, "engagement": engagement})
    kept: pd.DataFrame = made.loc[(whole != "") & (engagement > 0)]
    return kept


def joined_texts(frame: pd.DataFrame) -> NDArray[np.object_]:
    """(n,) the texts of several columns as one, blanks around them left out; "" where there is none."""
    import numpy as np

    columns = [
        np.where(values.isna(), "", _written(values).astype("str").str.strip()).astype(object)
        for _, values in frame.items()
    ]
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True)
    return np.array([" · ".join(each for each in row if each) for row in rows], dtype=object)


def _written(values: pd.Series) -> pd.Series:
    """The values as they are written; whole numbers among missing ones without a decimal point."""
    if values.dtype.kind == "f" and bool((values.dropna() % 1 == 0).all()):
        return values.astype("Int64")
    return values


def _micros(moments: pd.Series) -> NDArray[np.int64]:
    import numpy as np

    return moments.astype("datetime64[us]").to_numpy().astype(np.int64)
