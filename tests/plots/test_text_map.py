from __future__ import annotations

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
