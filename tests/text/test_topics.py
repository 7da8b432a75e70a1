"""Topics: the groups that were put in, their names, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from causal.errors import OptionProblem
from causal.text.keywords import frequent_words, telling_words, unspaced_words, words_of
from causal.text.topics import Topic, find_topics, renamed

KINDS = (
    ("{} comedy for the family", ("funny", "silly", "light", "merry", "warm")),
    ("{} thriller about a murder", ("dark", "tense", "grim", "slow", "bleak")),
    ("{}做菜食谱", ("家常", "快手", "夏天", "清爽", "麻辣")),
)
TEXTS = [pattern.format(word) for pattern, words in KINDS for word in words]


def grouped_vectors() -> np.ndarray:
    """Three groups of unit vectors, far from each other."""
    random = np.random.default_rng(1)
    middles = np.eye(3, 16)
    points = np.repeat(middles, 5, axis=0) + 0.05 * random.standard_normal((15, 16))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def test_topics_are_the_groups_that_were_put_in_and_are_named_by_their_words() -> None:
    weights = np.repeat([1.0, 5.0, 2.0], 5)
    found = find_topics(TEXTS, grouped_vectors(), weights, 3)
    assert [each.name for each in found.topics] == ["murder, thriller", "做菜食谱", "comedy, family"]
    assert [each.share for each in found.topics] == pytest.approx([0.625, 0.25, 0.125])
    assert found.members.tolist() == [2] * 5 + [0] * 5 + [1] * 5
    assert all(each.size == 5 and len(each.nearest) == 5 for each in found.topics)
    assert set(found.topics[1].nearest) == set(TEXTS[10:])
    assert found.places.shape == (15, 2)


def test_the_same_seed_gives_the_same_topics() -> None:
    first, again = (find_topics(TEXTS, grouped_vectors(), number=3, seed=4) for _ in range(2))
    assert first.topics == again.topics
    assert [Topic.from_json(each.to_json()) for each in first.topics] == list(first.topics)


def test_a_topic_can_be_renamed_and_gets_its_name_back() -> None:
    topics = find_topics(TEXTS, grouped_vectors(), number=3).topics
    assert renamed(topics, {2: " cooking "})[1].name == "cooking"
    assert renamed(topics, {2: ""}) == topics


def test_one_topic_and_texts_without_words_have_names() -> None:
    assert find_topics(TEXTS, grouped_vectors(), number=1).topics[0].share == 1.0
    bare = find_topics(["1", "22", "333"], np.eye(3), number=3)
    assert sorted(each.name for each in bare.topics) == ["1", "22", "333"]


@pytest.mark.parametrize("number", [0, 16, 51])
def test_more_topics_than_texts_are_refused(number: int) -> None:
    with pytest.raises(OptionProblem, match="Between 1 and 15 topics"):
        find_topics(TEXTS, grouped_vectors(), number=number)


def test_texts_that_are_all_alike_have_one_topic() -> None:
    with pytest.raises(OptionProblem, match="1 different meanings"):
        find_topics(["a", "b", "c"], np.ones((3, 4)), number=2)


def test_words_leave_out_what_every_text_has() -> None:
    assert words_of("The Best of Harry Potter's days, 2001") == ["best", "harry", "potter's", "days"]
    assert words_of("我的喜剧电影") == ["喜剧", "剧电", "电影"]
    assert words_of("") == []


def test_a_word_of_all_groups_tells_less_than_one_of_its_own() -> None:
    texts = ["film comedy", "film comedy", "film horror", "film horror"]
    assert [words[0] for words in telling_words(texts, [0, 0, 1, 1], [1, 1, 1, 1], 2)] == ["comedy", "horror"]


def test_a_word_without_blanks_is_what_stands_beside_different_neighbours() -> None:
    texts = ["狙击手的爱情", "退役狙击手回家", "爱情喜剧", "喜剧之王", "我爱喜剧"]
    known = unspaced_words(texts)
    assert {"狙击手", "爱情", "喜剧"} <= known and "击手" not in known
    assert words_of("爱情喜剧 ok", known) == ["爱情", "喜剧", "ok"]


def test_which_frequent_words_a_text_holds() -> None:
    held = frequent_words(["comedy drama", "comedy", "drama", "西部 comedy"] * 2 + [""], [1.0] * 9)
    assert held.shape == (9, 3) and held[:, 0].tolist() == [1, 1, 0, 1] * 2 + [0]
    assert frequent_words(["", "1"], [1.0, 1.0]).shape == (2, 0)
