from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.plots import text_map
from causal.text.features import text_features
from tests.text.small_logs import TITLES, impressions, log_of


def test_the_map_holds_every_text_and_names_every_topic() -> None:
    found = text_features(log_of(impressions(200)), "title")
    for narrow in (False, True):
        shown = text_map.text_map(found, dark=narrow, narrow=narrow)
        assert sum(len(trace.x) for trace in shown.data) == len(TITLES)
        assert len(shown.layout.annotations) == len(found.topics)
        assert found.topics[0].name in shown.layout.title.text.replace("<br>", " ")
        assert all(topic.name in shown.layout.meta["alt"] for topic in found.topics)
    looks = {(trace.marker.color, trace.marker.symbol) for trace in text_map.text_map(found).data}
    assert len(looks) == len(found.topics)


def test_the_bars_are_the_shares_of_the_topics() -> None:
    found = text_features(log_of(impressions(200)), "title")
    shown = text_map.topic_shares(found)
    assert sum(shown.data[0].x) == 100 or abs(sum(shown.data[0].x) - 100) < 1e-9
    assert [row["share"] for row in text_map.rows(found)] == [each.share for each in found.topics]


def test_a_text_with_markup_is_shown_as_it_is() -> None:
    frame = impressions(60)
    frame["title"] = frame["title"].str.replace("comedy", "<img src=x onerror=alert(1)>")
    shown = text_map.text_map(text_features(log_of(frame), "title"))
    told = [text for trace in shown.data for text in trace.hovertext] + [each.text for each in shown.layout.annotations]
    assert any("&lt;img" in text for text in told)
    assert not any("<img" in text for text in told)


@pytest.mark.parametrize("narrow", [False, True])
def test_names_of_topics_stand_beside_the_points_and_not_over_each_other(narrow: bool) -> None:
    """Three round clouds of 300 points: a name in the middle of its cloud would cover dozens."""
    found = text_features(log_of(impressions(200)), "title")
    rng, places = np.random.default_rng(1), [(0.0, 0.0), (3.0, 0.2), (1.5, 2.5)]
    topics = tuple(replace(found.topics[each % len(found.topics)], place=places[each]) for each in range(3))
    marks = tuple((f"text {n}", n % 3, *(rng.normal(size=2) * 0.6 + places[n % 3])) for n in range(900))
    shown = text_map.text_map(replace(found, topics=topics, marks=marks), narrow=narrow)
    points = np.array([mark[2:] for mark in marks])
    box = (points.max(axis=0) - points.min(axis=0)) * ((0.5, 0.075) if narrow else (0.28, 0.065))

    def covered(place: tuple[float, float]) -> int:
        return int((np.abs(points - place) < box / 2).all(axis=1).sum())

    names = [(each.ax, each.ay) for each in shown.layout.annotations]
    assert [(each.x, each.y) for each in shown.layout.annotations] == places
    assert sum(map(covered, names)) < 0.25 * sum(map(covered, places))
    for one, first in enumerate(names):
        for second in names[one + 1 :]:
            assert (np.abs(np.array(first) - second) >= box * 0.999).any()
