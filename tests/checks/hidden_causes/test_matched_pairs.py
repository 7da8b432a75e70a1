import numpy as np
import pytest
from scipy.stats import wilcoxon

from causal.checks.hidden_causes.matched_pairs import paired_test

EXPOSED = (38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35, 43,
           39, 34, 13, 73, 25, 27)  # fmt: skip
CONTROL = (16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12, 11,
           22, 25, 16, 13, 11, 13)  # fmt: skip
LEAD = np.array(EXPOSED, float) - np.array(CONTROL, float)


def test_the_published_bounds_for_lead_in_childrens_blood():
    """Rosenbaum (2002), Observational Studies, tables 4.1 and 4.2: T = 527."""
    found = paired_test(LEAD, 0.95)
    assert found.statistic == 527 and found.pairs == 33
    published = {2: 0.0018, 3: 0.0136, 4: 0.0388, 4.25: 0.0468, 5: 0.0740}
    assert {gamma: round(found.p_value(gamma), 4) for gamma in published} == published
    assert 4.25 < paired_test(LEAD, 0.90).gamma < 5


def test_gamma_is_where_the_test_turns_and_is_the_same_for_either_sign():
    found = paired_test(LEAD, 0.95)
    assert found.p_value(found.gamma) == pytest.approx(0.025, rel=1e-6)
    assert paired_test(-LEAD, 0.95).gamma == found.gamma


def test_without_hidden_bias_it_is_wilcoxons_test():
    rng = np.random.default_rng(1)
    gaps = rng.normal(0.2, 1, 200)
    wanted = wilcoxon(gaps, alternative="greater", method="asymptotic").pvalue
    assert paired_test(gaps, 0.95).p_value() == pytest.approx(wanted, rel=1e-9)


def test_pairs_without_a_difference_say_nothing():
    found = paired_test(np.zeros(20), 0.95)
    assert found.gamma == 1 and found.p_value() == 1
