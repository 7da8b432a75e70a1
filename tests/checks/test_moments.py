import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from causal.checks.columns import Columns
from causal.checks.moments import Moments, complete_rows, encode
from causal.errors import TooFewUnits
from causal.logs.unit_table import UnitTable
from tests.checks.mixed_columns import PAIRS, simulated

NAMES = ["x", "y", "zn", "zb", "zc"]


def moments_of(table, weights=None):
    columns = Columns(table)
    return Moments(encode(columns, NAMES, complete_rows(columns, NAMES)), weights)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(pair))
def test_the_quick_test_keeps_its_level(pair):
    rng = np.random.default_rng(1)
    tables = [simulated(rng, 300, pair, "discrete")[0] for _ in range(150)]
    rejected = sum(moments_of(each).log_p(0, 1, (3, 4)) < np.log(0.05) for each in tables)
    assert binomtest(rejected, len(tables), 0.05).pvalue > 0.001


def test_the_quick_test_finds_dependence():
    table, _ = simulated(np.random.default_rng(2), 2000, ("category", "numeric"), "mixed", effect=0.8)
    assert moments_of(table).log_p(0, 1, (2, 3, 4)) < -20


def test_the_score_prefers_the_parents_that_there_are():
    table, _ = simulated(np.random.default_rng(3), 5000, ("category", "numeric"), "numeric", effect=0.8)
    moments = moments_of(table)
    scores = {parents: moments.score(1, parents) for parents in [(), (0,), (2,), (0, 2), (0, 2, 3), (0, 2, 3, 4)]}
    assert max(scores, key=scores.get) == (0, 2)


def test_weights_count_rows_as_often():
    table, _ = simulated(np.random.default_rng(4), 400, ("binary", "category"), "mixed")
    times = np.random.default_rng(5).integers(0, 3, 400)
    columns = Columns(table)
    encoded = encode(columns, NAMES, np.arange(400))
    values = np.repeat(encoded.values, times, axis=0)
    weighted = Moments(encoded, times.astype(float))
    np.testing.assert_allclose(weighted.correlations, np.corrcoef(values.T), atol=1e-8)
    assert weighted.n == times.sum()


def test_a_column_with_one_value_is_named():
    columns = Columns(UnitTable.from_frame(pd.DataFrame({"a": [1.0] * 30, "b": np.arange(30.0)})))
    with pytest.raises(TooFewUnits, match='"a" takes one value only in the rows that are complete'):
        encode(columns, ["a", "b"], np.arange(30))
