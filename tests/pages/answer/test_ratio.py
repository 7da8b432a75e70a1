"""The effect page's ratio of totals: asked for by naming a column, in the library's digits."""

from __future__ import annotations

import causal
from causal.wording import escape, ratio
from pages.ui import answers
from tests.pages import walk


def test_the_ratio_is_the_librarys(answered_sample) -> None:
    app = walk.opened(answered_sample("news"), "effect")
    held = answers.store().load(walk.study_id(app)).study
    per = "videos_started"
    walk.ended(walk.widget(app, "ratio per").set_value(per).run(), "stop ratio")
    analyses = {each.spec.method: each for each in walk.analyses(held)}
    shown = walk.texts(app)
    told = []
    for each in analyses.values():
        try:
            told.append(ratio.ratio_sentence(causal.ratio_effect(answers.table_of(held), each.spec, per)))
        except causal.DoableError as error:
            told.append(str(error))
    assert "totals over totals" in shown
    assert any(escape.markdown(each) in shown for each in told), shown
