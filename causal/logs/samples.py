"""The samples that ship with the app: a log, what to ask of it, the graph to ask with, and what is known to be true."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from causal.errors import UnreadableLog
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.log import Log
from causal.logs.reading import read_log
from causal.logs.text_recipe import TextRecipe
from causal.logs.time_range import after, before
from causal.logs.units import UnitRecipe

DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class Sample:
    """A log that ships in `data/<name>`.

    `question`: the fields of a `Question`; `graph_text`: arrows that `CausalGraph.parse` reads; `truth`: the known
    effects ("everyone", "treated", "untreated" where known, "naive" as the log shows it) with "explanation" and
    "source" as sentences; `cluster`: the column whose rows belong together.
    """

    name: str
    title: str
    story: str
    question: dict[str, Any]
    graph_text: str
    recipe: UnitRecipe = field(default_factory=UnitRecipe)
    cluster: str | None = None

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return DATA / self.name

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is known to be true, from `truth.json` beside the log."""
        return dict(json.loads((self.folder / "truth.json").read_text(encoding="utf-8")))


SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="classic",
        title="A new recommendation algorithm",
        story=(
            "5,000 users of a recommender that is moving from its old algorithm to a new one. The older users and the "
            "women got the new one first. Does it raise the minutes that people spend?"
        ),
        question={
            "treatment": "algorithm",
            "outcome": "engagement",
            "control": "old",
            "treated": "new",
            "target": "everyone",
        },
        graph_text="age -> algorithm\nage -> engagement\ngender -> algorithm\ngender -> engagement\n"
        "algorithm -> engagement\n",
        recipe=UnitRecipe(set_aside=("user_id",)),
    ),
    Sample(
        name="shop",
        title="Promoted items in a shop",
        story=(
            "20,000 impressions of a shop's recommender. Popular items in high slots are promoted more often, and "
            "would be clicked more often anyway. What does promotion itself add?"
        ),
        question={"treatment": "promoted", "outcome": "clicked", "control": 0, "treated": 1, "target": "everyone"},
        graph_text="".join(
            f"{cause} -> promoted\n{cause} -> clicked\n"
            for cause in ("popularity", "user_activity", "position", "category")
        )
        + "price -> clicked\npromoted -> clicked\nclicked -> minutes\n",
        recipe=UnitRecipe(
            types=(("user_id", "identifier"), ("item_id", "identifier"), ("title", "text"), ("timestamp", "time"))
        ),
        cluster="user_id",
    ),
    Sample(
        name="jobs",
        title="Job training, with an experiment's answer",
        story=(
            "185 people who were trained in a real programme of the 1970s, and 15,992 who were not and never applied. "
            "What did training add to the earnings of those trained? An experiment knows."
        ),
        question={"treatment": "treat", "outcome": "re78", "control": 0, "treated": 1, "target": "treated"},
        graph_text="".join(
            f"{cause} -> treat\n{cause} -> re78\n"
            for cause in ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
        )
        + "treat -> re78\n",
    ),
    Sample(
        name="news",
        title="Autoplay on a video news site",
        story=(
            "12,000 sessions of a video news site, with autoplay on or off. People on phones and televisions have it "
            "on more often; regulars switch it off. How many more minutes are watched because of it?"
        ),
        question={
            "treatment": "autoplay",
            "outcome": "minutes_watched",
            "control": "off",
            "treated": "on",
            "target": "everyone",
        },
        graph_text="".join(
            f"{cause} -> autoplay\n{cause} -> minutes_watched\n"
            for cause in ("device", "evening", "prior_activity", "topic_affinity")
        )
        + "hour -> evening\nab_bucket -> autoplay\nautoplay -> videos_started\nprior_activity -> videos_started\n"
        "topic_affinity -> videos_started\nvideos_started -> minutes_watched\nautoplay -> minutes_watched\n",
        recipe=UnitRecipe(set_aside=("session_id",)),
    ),
    Sample(
        name="video",
        title="Raw events of a video app",
        story=(
            "41,500 events of 1,500 users: views, and the first start page of each, old or new. Those who watch a lot "
            "got the new one more often. Make one row per user, and ask what the new page adds."
        ),
        question={
            "treatment": "start_page",
            "outcome": "minutes_7d_after",
            "control": "old",
            "treated": "new",
            "target": "everyone",
        },
        graph_text="".join(
            f'"{cause}" -> start_page\n"{cause}" -> minutes_7d_after\n'
            for cause in ("views_14d_before", "category_share: sports")
        )
        + "start_page -> minutes_7d_after\n",
        recipe=UnitRecipe(
            events=EventRecipe(
                EventColumns("user_id", "time", "event"),
                anchor=Anchor("first of a kind", ("start_page",)),
                treatment=Measure("value", column="start_page"),
                outcomes=(Measure("sum", after(7), ("view",), "minutes", name="minutes_7d_after"),),
                covariates=(
                    Measure("count", before(14), ("view",), name="views_14d_before"),
                    Measure("share", before(14), ("view",), "category", name="category_share", levels=("sports",)),
                ),
                cleaning=Cleaning("rows", most_per_day=100),
            )
        ),
    ),
    Sample(
        name="stories",
        title="Short films, told by their titles",
        story=(
            "6,000 impressions of short films with titles in English and Chinese. Comedies are promoted more often and "
            "watched longer anyway, and only the title says that a film is one. What does promotion add?"
        ),
        question={"treatment": "promoted", "outcome": "minutes", "control": 0, "treated": 1, "target": "everyone"},
        graph_text="".join(
            f"{cause} -> promoted\n{cause} -> minutes\n" for cause in ("title", "evening", "prior_minutes")
        )
        + "promoted -> minutes\n",
        recipe=UnitRecipe(types=(("impression_id", "identifier"), ("title", "text")), texts=(TextRecipe("title"),)),
    ),
)


def sample_named(name: str) -> Sample:
    """The sample of that name.

    Raises UnreadableLog, naming the samples there are.
    """
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    known = ", ".join(f'"{sample.name}"' for sample in SAMPLES)
    raise UnreadableLog(f'There is no sample "{name}". Choose one of: {known}.')


def open_sample(name: str, folder: Path | None = None) -> Log:
    """The log of a sample, read from the repository's `data` folder as an upload would be.

    Raises UnreadableLog.
    """
    sample = sample_named(name)
    return read_log(sample.folder / "log.csv.gz", name=f"{sample.name}.csv", folder=folder)
