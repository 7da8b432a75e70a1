"""The effect page's quantiles: worked out on demand, in the library's digits; not offered for yes or no."""

from __future__ import annotations

import pytest

import causal
from pages.ui import answers
from tests.pages import walk


def test_the_quantiles_are_the_librarys(answered_sample) -> None:
    app = walk.opened(answered_sample("classic"), "effect")
    held = answers.store().load(walk.study_id(app)).study
    walk.ended(walk.widget(app, "quantiles shown").set_value(True).run(), "stop quantiles")
    table = next(each.value for each in app.dataframe if "quantile" in each.value)
    spec = next(each.spec for each in walk.analyses(held) if each.spec.method == "doubly_robust")
    found = causal.quantile_effects(answers.table_of(held), spec)
    assert table["effect"].tolist() == pytest.approx([each.effect for each in found.effects])
    assert "does not say that the same units" in walk.texts(app)


def test_a_yes_or_no_outcome_has_no_quantiles(answered_sample) -> None:
    app = walk.opened(answered_sample("shop"), "effect")
    assert "quantiles of the outcome" not in walk.texts(app)
