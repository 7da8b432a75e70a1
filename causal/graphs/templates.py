"""Ready graphs for the questions that recommender logs are asked, each with its story and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from causal.graphs.causal_graph import CausalGraph, Edge, Role


@dataclass(frozen=True)
class Template:
    """A graph to start from: `name` identifies it, `title`, `story` and `advice` are for the person who chooses."""

    name: str
    title: str
    story: str
    advice: str
    graph: CausalGraph


def template_named(name: str) -> Template | None:
    """The template with this name, or None."""
    return next((each for each in TEMPLATES if each.name == name), None)


def _graph(
    edges: tuple[Edge, ...],
    roles: dict[str, Role],
    places: dict[str, tuple[float, float]],
    bidirected: tuple[Edge, ...] = (),
) -> CausalGraph:
    drawn = CausalGraph.from_edges(edges, bidirected)
    positions = tuple((name, x, y) for name, (x, y) in places.items())
    return replace(drawn, roles=tuple(roles.items()), positions=positions)


POPULARITY_BIAS = Template(
    name="popularity_bias",
    title="Popularity bias",
    story=(
        "Popular items are recommended more often, and they would be clicked more often anyway. "
        "The raw click rate of recommended items counts their popularity as the recommender's merit."
    ),
    advice="Adjust for popularity as it was before the recommendation, not after: afterwards it is a consequence.",
    graph=_graph(
        (
            ("popularity", "recommended"),
            ("popularity", "clicked"),
            ("recommended", "clicked"),
            ("clicked", "popularity_after"),
            ("popularity", "popularity_after"),
        ),
        {"recommended": "treatment", "clicked": "outcome", "popularity": "confounder"},
        {"popularity": (200, 0), "recommended": (0, 150), "clicked": (400, 150), "popularity_after": (600, 0)},
    ),
)

POSITION_BIAS = Template(
    name="position_bias",
    title="Position bias",
    story=(
        "The ranker puts relevant items on top, and items on top are seen more. "
        "Clicks fall with position for both reasons; only one of them is the effect of position."
    ),
    advice=(
        "Adjust for the ranker's score: it is what decided the position. Whether the item was examined is a step of "
        "the effect itself, so leave it out."
    ),
    graph=_graph(
        (
            ("relevance", "ranker_score"),
            ("ranker_score", "position"),
            ("relevance", "clicked"),
            ("position", "examined"),
            ("examined", "clicked"),
        ),
        {
            "position": "treatment",
            "clicked": "outcome",
            "ranker_score": "confounder",
            "examined": "mediator",
            "relevance": "unobserved",
        },
        {
            "relevance": (200, 0),
            "ranker_score": (0, 75),
            "position": (0, 200),
            "examined": (200, 200),
            "clicked": (400, 200),
        },
    ),
)

ALGORITHM_ARM = Template(
    name="algorithm_arm",
    title="The algorithm's arm as an instrument",
    story=(
        "Users were assigned to the old or the new algorithm at random. What they then watch depends on their taste "
        "too, and taste also drives whether they stay: the effect of watching recommendations is confounded."
    ),
    advice=(
        "Use the assigned arm as an instrument for watching: it is random, and it reaches retention through what is "
        "watched alone. If the new algorithm changes anything else, such as loading time, draw that arrow."
    ),
    graph=_graph(
        (
            ("arm", "watched_recommendations"),
            ("watched_recommendations", "retained"),
            ("taste", "watched_recommendations"),
            ("taste", "retained"),
        ),
        {
            "arm": "instrument",
            "watched_recommendations": "treatment",
            "retained": "outcome",
            "taste": "unobserved",
        },
        {"arm": (0, 150), "watched_recommendations": (250, 150), "retained": (500, 150), "taste": (375, 0)},
    ),
)

PROMINENCE = Template(
    name="prominence",
    title="Mediation by prominence",
    story=(
        "An item is promoted for reasons that nobody recorded, and these reasons also move its sales. "
        "But promotion works only by making the item more prominent, and prominence was measured."
    ),
    advice=(
        "Take the front door: the effect of promotion on prominence, times that of prominence on purchases. "
        "It fails if promotion also sells by other ways, such as a price cut."
    ),
    graph=_graph(
        (("promoted", "prominence"), ("prominence", "purchased")),
        {"promoted": "treatment", "prominence": "mediator", "purchased": "outcome"},
        {"promoted": (0, 150), "prominence": (250, 150), "purchased": (500, 150)},
        bidirected=(("promoted", "purchased"),),
    ),
)

SELECTION_BY_INTENT = Template(
    name="selection_by_intent",
    title="Selection by intent",
    story=(
        "Users who come with an intent search for themselves, see fewer recommendations, and buy anyway. "
        "Comparing those who saw recommendations with those who did not compares intents."
    ),
    advice="Adjust for what shows the intent before the recommendation: entry page and days since the last visit.",
    graph=_graph(
        (
            ("intent", "entry_page"),
            ("intent", "purchased"),
            ("entry_page", "saw_recommendations"),
            ("days_since_visit", "saw_recommendations"),
            ("days_since_visit", "purchased"),
            ("saw_recommendations", "purchased"),
        ),
        {
            "saw_recommendations": "treatment",
            "purchased": "outcome",
            "entry_page": "confounder",
            "days_since_visit": "confounder",
            "intent": "unobserved",
        },
        {
            "intent": (250, 0),
            "entry_page": (0, 75),
            "saw_recommendations": (0, 200),
            "purchased": (500, 200),
            "days_since_visit": (250, 300),
        },
    ),
)

FEEDBACK_LOOP = Template(
    name="feedback_loop",
    title="Feedback loop, unrolled in time",
    story=(
        "Clicks train the recommender, which decides what is shown next, which decides the clicks. "
        "Drawn with one node each this is a circle; drawn by weeks it is a graph that can be read."
    ),
    advice=(
        "Ask about one week: adjust for the clicks and the exposure of the week before. "
        "The clicks of the same week come after exposure and are the outcome."
    ),
    graph=_graph(
        (
            ("taste", "clicks_week_1"),
            ("taste", "clicks_week_2"),
            ("exposure_week_1", "clicks_week_1"),
            ("exposure_week_1", "exposure_week_2"),
            ("exposure_week_1", "clicks_week_2"),
            ("clicks_week_1", "exposure_week_2"),
            ("clicks_week_1", "clicks_week_2"),
            ("exposure_week_2", "clicks_week_2"),
        ),
        {
            "exposure_week_2": "treatment",
            "clicks_week_2": "outcome",
            "exposure_week_1": "confounder",
            "clicks_week_1": "confounder",
            "taste": "unobserved",
        },
        {
            "exposure_week_1": (0, 0),
            "clicks_week_1": (0, 200),
            "exposure_week_2": (300, 0),
            "clicks_week_2": (300, 200),
            "taste": (150, 320),
        },
    ),
)

PRICE_AND_PROMOTION = Template(
    name="price_and_promotion",
    title="Price and promotion",
    story=(
        "Items with a lower price are promoted more often and bought more often. The season moves price, promotion "
        "and demand at once."
    ),
    advice="Adjust for price and season. Revenue is computed from purchases: it is never something to adjust for.",
    graph=_graph(
        (
            ("season", "price"),
            ("season", "promoted"),
            ("season", "purchased"),
            ("price", "promoted"),
            ("price", "purchased"),
            ("promoted", "purchased"),
            ("purchased", "revenue"),
            ("price", "revenue"),
        ),
        {"promoted": "treatment", "purchased": "outcome", "price": "confounder", "season": "confounder"},
        {"season": (200, 0), "price": (200, 120), "promoted": (0, 240), "purchased": (400, 240), "revenue": (600, 120)},
    ),
)

MISSING_BY_EXPOSURE = Template(
    name="missing_by_exposure",
    title="Outcomes missing by exposure",
    story=(
        "Ratings are in the log only for items that were opened, and both the recommender's layout and the user's "
        "activity decide what is opened. Rows without a rating are not missing by chance."
    ),
    advice=(
        "Being opened selects the rows. Adjust for activity, which opens the same doors; an answer then holds for "
        "users like those in the log."
    ),
    graph=_graph(
        (
            ("activity", "new_layout"),
            ("activity", "opened"),
            ("activity", "rating"),
            ("new_layout", "opened"),
            ("new_layout", "rating"),
        ),
        {"new_layout": "treatment", "rating": "outcome", "activity": "confounder", "opened": "selected"},
        {"activity": (200, 0), "new_layout": (0, 150), "rating": (400, 150), "opened": (400, 0)},
    ),
)

USER_FATIGUE = Template(
    name="user_fatigue",
    title="User fatigue",
    story=(
        "Active users get more notifications and come back more anyway. Each notification also tires them a little, "
        "which works against the visit that it brings."
    ),
    advice=(
        "Adjust for activity before the notification. Fatigue is a part of the effect: leave it out, or ask for the "
        "direct effect to see what notifications would do to users who never tire."
    ),
    graph=_graph(
        (
            ("past_activity", "notified"),
            ("past_activity", "visited"),
            ("past_activity", "fatigue"),
            ("notified", "fatigue"),
            ("notified", "visited"),
            ("fatigue", "visited"),
        ),
        {"notified": "treatment", "visited": "outcome", "past_activity": "confounder", "fatigue": "mediator"},
        {"past_activity": (200, 0), "notified": (0, 150), "visited": (400, 150), "fatigue": (200, 280)},
    ),
)

INTERFERENCE = Template(
    name="interference",
    title="Interference between items",
    story=(
        "Promoting one item takes attention from its neighbours: its own sales rise, theirs fall. An effect measured "
        "on the promoted item alone counts stolen sales as new ones."
    ),
    advice=(
        "Take the whole basket as the outcome, and demand in the category as the confounder. The item's own sales and "
        "its neighbours' are both steps of the effect: adjust for neither."
    ),
    graph=_graph(
        (
            ("category_demand", "promoted"),
            ("category_demand", "basket_value"),
            ("promoted", "own_sales"),
            ("promoted", "neighbours_sales"),
            ("own_sales", "basket_value"),
            ("neighbours_sales", "basket_value"),
        ),
        {
            "promoted": "treatment",
            "basket_value": "outcome",
            "category_demand": "confounder",
            "own_sales": "mediator",
            "neighbours_sales": "mediator",
        },
        {
            "category_demand": (200, 0),
            "promoted": (0, 150),
            "own_sales": (200, 120),
            "neighbours_sales": (200, 260),
            "basket_value": (400, 150),
        },
    ),
)

TEMPLATES = (
    POPULARITY_BIAS,
    POSITION_BIAS,
    ALGORITHM_ARM,
    PROMINENCE,
    SELECTION_BY_INTENT,
    FEEDBACK_LOOP,
    PRICE_AND_PROMOTION,
    MISSING_BY_EXPOSURE,
    USER_FATIGUE,
    INTERFERENCE,
)
