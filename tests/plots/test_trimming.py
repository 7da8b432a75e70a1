import numpy as np
import pytest

import causal
from causal.interventions.trimming import trimming as tried
from causal.plots.trimming import rows, trimming
from causal.wording.trimming import trimming_finding, trimming_sentence
from tests.estimators.designs import HEAVY, LINEAR


def curve_of(design, method="doubly_robust", units=2_000):
    table = causal.UnitTable.from_frame(design.draw(np.random.default_rng(1), units))
    return tried(table, causal.AnalysisSpec(causal.Question("t", "y"), method=method, adjust_for=("a", "b")))


@pytest.fixture(scope="module")
def heavy():
    return curve_of(HEAVY, units=30_000)


def test_each_bound_stands_at_its_effect_and_its_bar_at_its_share(heavy):
    others, chosen, bars = trimming(heavy, bound=0.1).data
    place = heavy.nearest(0.1)
    assert list(chosen.x) == [place]
    assert chosen.y[0] == heavy.answers[place].effect
    assert sorted([*others.x, *chosen.x]) == list(range(len(heavy.answers)))
    assert list(bars.y) == [100 * each.share for each in heavy.answers]
    assert chosen.marker.symbol != others.marker.symbol


def test_the_title_says_what_the_bound_does(heavy):
    title = trimming(heavy, bound=0.05).layout.title.text.replace("<br>", " ")
    share = heavy.answers[heavy.nearest(0.05)].share
    assert f"Without propensities beyond 0.05, {100 * share:.0f} %"[:35] in title
    assert "narrower" in title


def test_where_trimming_gains_nothing_it_says_so():
    assert trimming_finding(curve_of(LINEAR), 0) == (
        "No bound makes the interval clearly narrower: nothing speaks for trimming"
    )


def test_a_bound_in_full(heavy):
    assert trimming_sentence(heavy, 0).startswith("With all 30,000 units the change in y is +")
    sentence = trimming_sentence(heavy, heavy.nearest(0.1))
    assert sentence.startswith("Without propensities beyond 0.1, ")
    assert "The effect moves by " in sentence
    assert "no more than chance can do" in sentence


def test_the_table_has_a_row_per_bound_and_no_nan():
    curve = curve_of(LINEAR, "matching")
    found = rows(curve)
    assert len(found) == len(curve.answers)
    assert found[1]["shift_std_error"] is None
