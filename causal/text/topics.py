"""Topics of texts: groups of near vectors, each named by its most telling words.

Groups by k-means of unit vectors (Lloyd 1982, IEEE Transactions on Information Theory 28: 129-137, begun by k-means++,
Arthur and Vassilvitskii 2007, SODA) with a seed; the map is the plane of the groups' middles that holds most of what
tells them apart (principal components of the middles, weighted by size).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from causal.errors import OptionProblem
from causal.text.keywords import telling_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT = 8
MOST = 50
NEAREST = 5
FITTED_ON = 10_000
"""So many texts make the groups; the others join the nearest."""

_NAMED_BY = 2
_TRIES = 4


@dataclass(frozen=True)
class Topic:
    """A group of texts that say something alike.

    `number` counts from 1, the most frequent first; `keywords` at most 8, the most telling first; `nearest` at most 5
    texts, the nearest to its middle first; `share` of all texts, each as often as it occurs; `size` different texts;
    `place` on the map.
    """

    number: int
    name: str
    keywords: tuple[str, ...]
    nearest: tuple[str, ...]
    share: float
    size: int
    place: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        """The topic as plain JSON values; `from_json` gives it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Topic:
        """The topic that `to_json` wrote."""
        lists = {name: tuple(document[name]) for name in ("keywords", "nearest", "place")}
        return cls(**{**document, **lists})


@dataclass(frozen=True, eq=False)
class Topics:
    """The topics of some texts, and for each text the position of its topic among them, (n,).

    `places` (n, 2): where each text lies on the map.
    """

    topics: tuple[Topic, ...]
    members: NDArray[np.int64]
    places: NDArray[np.float64]


def find_topics(
    texts: Sequence[str],
    vectors: NDArray[Any],
    weights: NDArray[Any] | None = None,
    number: int | None = None,
    seed: int = 0,
) -> Topics:
    """`number` topics (None: 8, or fewer where there are few texts) of different texts with their (n, d) vectors.

    `weights` (n,): how often each text occurs. The same texts, vectors and seed give the same topics. Raises
    OptionProblem where `number` is not between 1 and 50, or exceeds the different texts.
    """
    import numpy as np

    count = min(DEFAULT, max(1, len(texts) // 5)) if number is None else number
    if not 1 <= count <= min(MOST, len(texts)):
        raise OptionProblem(
            f"Between 1 and {min(MOST, len(texts)):,} topics can be told apart in {len(texts):,} different texts, not "
            f"{count:,}."
        )
    sizes = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=np.float64)
    points = np.asarray(vectors, dtype=np.float64)
    found = _groups(points, np.sqrt(sizes), count, seed)
    order = np.argsort(-np.bincount(found, sizes, count), kind="stable")
    members = np.argsort(order)[found]
    own = [members == each for each in range(count)]
    middles = np.stack([np.average(points[mask], axis=0, weights=sizes[mask]) for mask in own])
    places, middle_places = _map(points, middles, np.bincount(members, sizes, count))
    words = telling_words(texts, members.tolist(), np.sqrt(sizes).tolist(), count)
    near = [_nearest(texts, points, members, middles, each) for each in range(count)]
    names = _names(words, near)
    topics = tuple(
        Topic(
            number=each + 1,
            name=names[each],
            keywords=words[each],
            nearest=near[each],
            share=float(sizes[own[each]].sum() / sizes.sum()),
            size=int(own[each].sum()),
            place=(float(middle_places[each, 0]), float(middle_places[each, 1])),
        )
        for each in range(count)
    )
    return Topics(topics, members, places)


def renamed(topics: Sequence[Topic], names: Mapping[int, str]) -> tuple[Topic, ...]:
    """The topics with other names by their number; an empty name leaves the one that was found."""
    return tuple(replace(each, name=names.get(each.number, "").strip() or each.name) for each in topics)


def _groups(points: NDArray[Any], sizes: NDArray[Any], count: int, seed: int) -> NDArray[np.int64]:
    """(n,) the group of each text; with frequent texts weighing more, but less than their number."""
    import warnings

    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    if count == 1:
        return np.zeros(len(points), dtype=np.int64)
    # A sum over several threads is rounded in another order; too few different vectors are told of below.
    few = np.arange(len(points))
    if len(few) > FITTED_ON:
        few = np.sort(np.random.default_rng(seed).choice(len(points), FITTED_ON, replace=False))
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        made = KMeans(count, n_init=_TRIES, random_state=seed, max_iter=100).fit(points[few], sample_weight=sizes[few])
        labels = made.labels_ if len(few) == len(points) else made.predict(points)
    codes, found = np.unique(labels, return_inverse=True)
    if len(codes) < count:
        raise OptionProblem(f"The texts have {len(codes):,} different meanings only: ask for so many topics at most.")
    return np.asarray(found, dtype=np.int64)


def _map(points: NDArray[Any], middles: NDArray[Any], sizes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """(n, 2) places of the texts and (k, 2) of the topics, each axis turned so that its largest part is positive."""
    import numpy as np

    centre = np.average(middles, axis=0, weights=sizes)
    spread = (middles - centre) * np.sqrt(sizes / sizes.sum())[:, None]
    axes = np.linalg.svd(spread, full_matrices=False)[2][:2]
    if len(axes) < 2:
        axes = np.vstack([axes, np.zeros((2 - len(axes), points.shape[1]))])
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    axes = axes * np.where(largest < 0, -1.0, 1.0)[:, None]
    return (points - centre) @ axes.T, (middles - centre) @ axes.T


def _nearest(
    texts: Sequence[str], points: NDArray[Any], members: NDArray[Any], middles: NDArray[Any], topic: int
) -> tuple[str, ...]:
    import numpy as np

    own = np.flatnonzero(members == topic)
    distances = ((points[own] - middles[topic]) ** 2).sum(axis=1)
    return tuple(texts[at] for at in own[np.argsort(distances, kind="stable")[:NEAREST]])


def _names(words: Sequence[Sequence[str]], nearest: Sequence[Sequence[str]]) -> list[str]:
    """The two most telling words of each topic, more where two are alike; its nearest text where it has none."""
    made: list[str] = []
    for at, (own, near) in enumerate(zip(words, nearest, strict=True)):
        name = next(
            (
                told
                for told in (", ".join(own[:length]) for length in range(_NAMED_BY, max(len(own), _NAMED_BY) + 1))
                if told and told not in made
            ),
            "",
        )
        made.append(name or (near[0][:40] if near and near[0][:40].strip() else "") or f"topic {at + 1}")
        if made.count(made[-1]) > 1:
            made[-1] = f"{made[-1]} ({at + 1})"
    return made
