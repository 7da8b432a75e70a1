import numpy as np
import pandas as pd
import pytest

import causal
from causal.checks.hidden_causes.worst_case import worst_case
from causal.estimators.design import draw_sample


def bounds(target, y, t=(1, 1, 1, 0, 0)):
    table = causal.UnitTable.from_frame(pd.DataFrame({"t": t, "y": y}))
    return worst_case(draw_sample(table, causal.Question("t", "y", target=target), ()))


def test_manskis_bounds_by_hand():
    """Treated mean 2/3 of 3, control mean 1/2 of 2: the other arm's mean is anywhere between nil and one."""
    y = (1, 1, 0, 1, 0)
    low, high = 0.6 * 2 / 3 - 0.6 * 1 + 0.4 * 0 - 0.4 * 0.5, 0.6 * 2 / 3 + 0.4 * 1 - 0.4 * 0.5
    found = bounds("everyone", y)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.high - found.low == pytest.approx(1)
    treated = bounds("treated", y)
    assert (treated.low, treated.high) == pytest.approx((2 / 3 - 1, 2 / 3))


def test_a_numeric_outcome_lies_between_the_values_seen():
    found = bounds("everyone", np.array([2.0, 4.0, 6.0, 3.0, 1.0]))
    assert (found.least, found.most) == (1.0, 6.0)
    assert found.low < 0 < found.high


def test_the_overlap_population_has_no_bounds():
    assert bounds("overlap", (1, 1, 0, 1, 0)) is None
