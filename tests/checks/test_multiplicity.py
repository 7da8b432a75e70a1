import numpy as np
import pytest
from scipy.stats import chi2, false_discovery_control

from causal.checks.multiplicity import benjamini_hochberg, chi_squared_log_p, holm

VALUES = [0.01, 0.04, 0.03, 0.005, 0.9, 0.04]


def test_holm_is_r_s_p_adjust():
    assert holm(VALUES) == pytest.approx([0.05, 0.12, 0.12, 0.03, 0.9, 0.12])


def test_benjamini_hochberg_is_scipy_s():
    assert benjamini_hochberg(VALUES) == pytest.approx(false_discovery_control(VALUES))


def test_nothing_to_correct_stays_nothing():
    assert holm([]) == benjamini_hochberg([]) == ()


@pytest.mark.parametrize("degrees", [1, 2, 7, 40])
def test_the_tail_of_chi_squared_is_joined_smoothly(degrees):
    inside = float(chi2.isf(1e-280, degrees))
    assert chi_squared_log_p(inside, degrees) == pytest.approx(np.log(1e-280), rel=1e-9)
    assert chi_squared_log_p(5000.0, degrees) == pytest.approx(
        float(chi2.logpdf(5000.0, degrees) + np.log(2)), rel=0.01
    )
    assert chi_squared_log_p(0.0, degrees) == 0.0
