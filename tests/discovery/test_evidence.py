import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2_contingency

from causal.checks.columns import Columns
from causal.discovery.evidence import CountEvidence, MomentEvidence, gather_evidence
from causal.logs.unit_table import UnitTable
from tests.discovery.simulated_nets import asia, linear, sachs


def gathered(table, raw=False):
    return gather_evidence(Columns(table), table.names, np.arange(len(table)), raw)


def test_few_values_are_counted_and_others_correlated():
    assert isinstance(gathered(sachs(300)), CountEvidence)
    assert isinstance(gathered(linear(300, mixed=True)), MomentEvidence)
    assert isinstance(gathered(linear(300), raw=True), MomentEvidence)


def test_without_conditions_it_is_the_g_test_of_a_table():
    table = sachs(2000)
    codes = [np.unique(table.column(name), return_inverse=True)[1] for name in table.names]
    counts = np.zeros((3, 3))
    np.add.at(counts, (codes[0], codes[3]), 1)
    expected = chi2_contingency(counts, lambda_="log-likelihood").pvalue
    assert np.exp(gathered(table).log_p(0, 3, ())) == pytest.approx(expected, rel=1e-9)


def test_counted_independence_keeps_its_level():
    rng = np.random.default_rng(1)
    rejected = 0
    for _ in range(100):
        z = rng.integers(0, 3, 600)
        frame = {"z": z, "x": (z + rng.integers(0, 2, 600)) % 3, "y": (z + rng.integers(0, 3, 600) // 2) % 3}
        levels = {name: np.array(["p", "q", "r"])[values] for name, values in frame.items()}
        rejected += gathered(UnitTable.from_frame(pd.DataFrame(levels))).log_p(1, 2, (0,)) < np.log(0.05)
    assert binomtest(rejected, 100, 0.05).pvalue > 0.001


def test_the_multinomial_score_prefers_true_parents():
    table = asia(5000)
    evidence = gathered(table)
    place = {name: number for number, name in enumerate(table.names)}
    true = evidence.score(place["dysp"], [place["either"], place["bronc"]], 1.0)
    assert true > evidence.score(place["dysp"], [place["bronc"]], 1.0)
    assert true > evidence.score(place["dysp"], [place["either"], place["bronc"], place["smoke"]], 1.0)


@pytest.mark.parametrize("table", [sachs(500), linear(500)], ids=["counted", "correlated"])
def test_a_resample_has_as_many_rows_and_other_numbers(table):
    evidence = gathered(table)
    again = evidence.resampled(np.random.default_rng(2))
    assert again.score(1, [0], 1.0) != evidence.score(1, [0], 1.0)
    assert again.width == evidence.width
    if isinstance(again, CountEvidence):
        assert again.n == 500
