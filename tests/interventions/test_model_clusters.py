"""What-ifs by the model where units come in clusters, such as all impressions of one user.

Longer runs of the same kind, 60 users of 12 rows: quantities 0.96, levels 0.94, means in cells 0.93 of 80 each; without
clusters 0.50, 0.85 and 0.70 of 40 each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

import causal
from causal.errors import TooFewUnits, UnknownColumn
from causal.interventions.mechanisms.boosted import fit_boosted
from causal.interventions.mechanisms.cells import fit_cell_means, fit_cell_shares
from causal.interventions.mechanisms.clusters import cluster_weights, line_scores, outer_products
from causal.interventions.mechanisms.features import features_of
from causal.interventions.mechanisms.logit import fit_logit
from causal.interventions.node_columns import node_columns
from causal.wording.structural_model import model_sentence

USERS, ROWS = 40, 7  # below the 300 units from which trees are tried


def quantities(rng: np.random.Generator) -> pd.DataFrame:
    """The arm belongs to the user, and so does most of the noise of both variables below it."""
    user = np.repeat(np.arange(USERS), ROWS)
    n = len(user)
    t = rng.integers(0, 2, USERS)[user]
    x = 0.8 * rng.normal(size=USERS)[user] + 0.6 * rng.normal(size=n)
    m = t + 0.5 * x + rng.normal(size=USERS)[user] + rng.normal(size=n)
    y = m + 1.5 * rng.normal(size=USERS)[user] + rng.normal(size=n)
    return pd.DataFrame({"user": user, "t": t, "x": x, "m": m, "y": y})


def levels(rng: np.random.Generator) -> pd.DataFrame:
    user = np.repeat(np.arange(USERS), ROWS)
    n = len(user)
    t = rng.integers(0, 2, USERS)[user]
    own = 0.6 * rng.beta(0.4, 0.4, USERS)[user]
    m = (rng.random(n) < np.where(t == 1, 0.4, 0.0) + own).astype(int)
    other = 0.6 * rng.beta(0.4, 0.4, USERS)[user]
    y = (rng.random(n) < np.where(m == 1, 0.4, 0.0) + other).astype(int)
    return pd.DataFrame({"user": user, "t": t, "m": m, "y": y})


@pytest.mark.parametrize(
    ("design", "edges", "truth"),
    [
        (quantities, [("t", "m"), ("x", "m"), ("m", "y")], 0.5),
        (levels, [("t", "m"), ("m", "y")], 0.5 * 0.4 * 0.4),
    ],
    ids=["quantities", "levels"],
)
def test_intervals_by_cluster_cover_where_the_noise_is_the_users(design, edges, truth):
    graph, inside, runs = causal.CausalGraph.from_edges(edges), 0, 25
    for seed in range(runs):
        table = causal.UnitTable.from_frame(design(np.random.default_rng([47, seed])))
        model = causal.fit_structural_model(table, graph, seed=seed, cluster="user")
        low, high = causal.simulate(model, {"t": causal.Set(1)}).node("y").interval()
        inside += low <= truth <= high
    assert binomtest(inside, runs, 0.95).pvalue > 0.001


def test_without_clusters_the_same_intervals_are_far_too_narrow():
    frame = quantities(np.random.default_rng(48))
    table, graph = causal.UnitTable.from_frame(frame), causal.CausalGraph.parse("t -> m; x -> m; m -> y")
    apart = causal.fit_structural_model(table, graph)
    together = causal.fit_structural_model(table, graph, cluster="user")
    change = {"t": causal.Set(1)}
    narrow, wide = (causal.simulate(each, change).node("y") for each in (apart, together))
    assert wide.std_error > 2 * narrow.std_error
    assert wide.degrees_of_freedom == pytest.approx(1 / (1 / 59 + 1 / (USERS - 1)))
    at_rest = causal.simulate(together, {"m": causal.Shift(1.0)}).node("x")
    own = frame.groupby("user")["x"].apply(lambda each: (each - frame["x"].mean()).sum())
    assert at_rest.after_std_error == pytest.approx(np.sqrt((own**2).sum() * USERS / (USERS - 1)) / len(frame))


def test_a_cluster_of_one_is_a_unit():
    """Each unit its own cluster: the same as without, but for draws and degrees of freedom."""
    rng = np.random.default_rng(49)
    n = 3000
    t = rng.integers(0, 2, n)
    m = (rng.random(n) < 0.3 + 0.3 * t).astype(int)
    frame = pd.DataFrame({"own": np.arange(n), "t": t, "m": m, "y": m + rng.normal(size=n)})
    table, graph = causal.UnitTable.from_frame(frame), causal.CausalGraph.parse("t -> m -> y")
    change = {"t": causal.Set(1)}
    plain = causal.simulate(causal.fit_structural_model(table, graph), change)
    single = causal.simulate(causal.fit_structural_model(table, graph, cluster="own"), change)
    for name in ("m", "y"):
        assert single.node(name).difference == pytest.approx(plain.node(name).difference, abs=1e-9)
        assert single.node(name).std_error == pytest.approx(plain.node(name).std_error, rel=0.3)


def test_four_copies_of_every_unit_have_half_the_error_unless_they_go_together():
    rng = np.random.default_rng(55)
    t = rng.integers(0, 2, 70)
    m = t + rng.normal(size=70)
    once = pd.DataFrame({"own": np.arange(70), "t": t, "m": m, "y": m + rng.normal(size=70)})
    table = causal.UnitTable.from_frame(pd.concat([once] * 4, ignore_index=True))
    graph, change = causal.CausalGraph.parse("t -> m -> y"), {"t": causal.Set(1)}
    wide, narrow = (
        causal.simulate(causal.fit_structural_model(table, graph, cluster=each), change) for each in ("own", None)
    )
    for name in ("t", "m", "y"):
        assert wide.node(name).std_error == pytest.approx(2 * narrow.node(name).std_error, rel=0.3)


def test_scores_by_cluster_give_the_covariance_of_statsmodels():
    rng = np.random.default_rng(50)
    users, n = 1500, 6000
    user = rng.integers(0, users, n)
    x = rng.normal(size=users)[user] + rng.normal(size=n)
    model = np.column_stack([np.ones(n), x])
    y = x + rng.normal(size=users)[user] + rng.normal(size=n)
    bread = np.linalg.inv(model.T @ model)
    residual = y - model @ (bread @ (model.T @ y))
    ours = bread @ outer_products(line_scores(model, bread, residual, user), user) @ bread
    theirs = sm.OLS(y, model).fit(cov_type="cluster", cov_kwds={"groups": user}).cov_params()
    np.testing.assert_allclose(ours, theirs * (n - 2) / (n - 1), rtol=1e-9)


def test_draws_of_a_logit_and_of_cells_spread_as_clusters_do():
    """A yes-or-no that only the user decides: a share of so many users, whatever the form."""
    rng = np.random.default_rng(51)
    users, rows = 80, 25
    user = np.repeat(np.arange(users), rows)
    cause = rng.integers(0, 2, users)[user]
    had = (rng.random(users) < 0.5).astype(int)[user]
    table = causal.UnitTable.from_frame(pd.DataFrame({"c": cause, "h": had, "q": had * 2.0}))
    columns, values = node_columns(table, ("c", "h", "q"), np.arange(len(table)))
    expected = np.sqrt(0.25 / (users / 2))
    made = fit_cell_shares(columns, ("c",), values, had, 2, np.random.default_rng(1), 400, user)
    assert made.drawn[:, 0, 1].std() == pytest.approx(expected, rel=0.2)
    means = fit_cell_means(columns, ("c",), values, values["q"], np.random.default_rng(1), 400, user)
    assert means.drawn[:, 0].std() == pytest.approx(2 * expected, rel=0.2)
    logit = fit_logit(
        features_of(columns, ("c",), values), values, had, 2, np.random.default_rng(1), 400, clusters=user
    )
    at = {"c": np.zeros((400, 1))}
    assert logit.drawn_shares(at)[:, 0, 1].std() == pytest.approx(expected, rel=0.2)


def test_a_cell_within_one_cluster_is_as_unsure_as_one_unit_would_be():
    user = np.array([0] * 50 + [*range(1, 51)])
    cause = np.array([0] * 50 + [1] * 50)
    had = np.tile([0, 1], 50)
    table = causal.UnitTable.from_frame(pd.DataFrame({"c": cause, "h": had}))
    columns, values = node_columns(table, ("c", "h"), np.arange(100))
    made = fit_cell_shares(columns, ("c",), values, had, 2, np.random.default_rng(2), 200, user)
    assert 0.1 < made.drawn[:, 0, 1].std() < 0.3  # a half cluster of each level, and a prior that is learnt
    assert made.drawn[:, 1, 1].std() == pytest.approx(np.sqrt(0.25 / 50), rel=0.2)


def test_trees_are_refitted_with_the_weights_of_clusters():
    user = np.repeat(np.arange(40), 5)
    weights = cluster_weights(user, len(user), np.random.default_rng(3))
    assert (weights.reshape(40, 5) == weights[::5, None]).all()
    rng = np.random.default_rng(4)
    users = np.repeat(np.arange(60), 10)
    x = rng.normal(size=600)
    y = np.sin(2 * x) + 2 * rng.normal(size=60)[users]
    table = causal.UnitTable.from_frame(pd.DataFrame({"x": x, "y": y}))
    columns, values = node_columns(table, ("x", "y"), np.arange(600))
    features = features_of(columns, ("x",), values)
    at = {"x": np.zeros((20, 1))}
    with threadpool_limits(1):
        spread = [
            fit_boosted(features, values, y, 0, 25, np.random.default_rng(5), 20, clusters=each).means(at).std()
            for each in (None, users)
        ]
    assert spread[1] > 1.5 * spread[0]


def test_what_cannot_be_a_cluster_is_said_and_few_of_them_noted():
    frame = quantities(np.random.default_rng(52))
    graph = causal.CausalGraph.parse("t -> m; m -> y")
    one = causal.UnitTable.from_frame(frame.assign(user="me"))
    with pytest.raises(TooFewUnits, match='the same "user"'):
        causal.fit_structural_model(one, graph, cluster="user")
    with pytest.raises(UnknownColumn, match="usr"):
        causal.fit_structural_model(one, graph, cluster="usr")
    few = causal.UnitTable.from_frame(frame.assign(user=frame["user"] % 7))
    model = causal.fit_structural_model(few, graph, cluster="user")
    assert any('only 7 clusters of "user"' in note for note in model.notes)
    assert causal.StructuralModel.from_arrays(*model.to_arrays()).cluster == "user"
    assert model.fingerprint != causal.fit_structural_model(few, graph).fingerprint
    lacking = causal.UnitTable.from_frame(frame.assign(user=frame["user"].where(frame["user"] > 5)))
    assert causal.fit_structural_model(lacking, graph, cluster="user").units == len(frame) - 6 * ROWS


def test_a_what_if_takes_the_clusters_of_its_spec():
    frame = quantities(np.random.default_rng(53))
    table, graph = causal.UnitTable.from_frame(frame), causal.CausalGraph.parse("t -> m; x -> m; m -> y")
    spec = causal.AnalysisSpec(causal.Question("t", "m"), graph=graph, cluster="user")
    change = {"t": causal.Set(1)}
    by_model = causal.what_if(table, spec, change, road="model")
    by_formula = causal.what_if(table, spec, change, road="identified")
    assert by_model.std_error == pytest.approx(by_formula.std_error, rel=0.35)
    assert not any("without the clusters" in note for note in by_model.notes)
    apart = causal.fit_structural_model(table, graph)
    at_hand = causal.what_if(table, spec, change, road="model", model=apart)
    assert any('without the clusters of "user"' in note for note in at_hand.notes)


def test_the_model_s_sentence_names_what_goes_together():
    frame = quantities(np.random.default_rng(54))
    table, graph = causal.UnitTable.from_frame(frame), causal.CausalGraph.parse("t -> m; m -> y")
    said = model_sentence(causal.fit_structural_model(table, graph, cluster="user"))
    assert said.endswith("holds the uncertainty of the fit, and that units of one user go together.")
