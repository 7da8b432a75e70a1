from dataclasses import replace

from causal.checks.verdict import Verdict
from causal.plots.arms import arms, rows
from causal.wording.numbers import number
from tests.wording.simulated import analysis


def test_each_arm_stands_at_its_mean_with_its_own_symbol():
    treated, control = [trace for trace in arms(analysis()).data if trace.mode == "markers"]
    means = analysis().estimate.arm_means
    assert (treated.x[0], control.x[0]) == (means.treated, means.control)
    assert treated.marker.symbol != control.marker.symbol


def test_the_table_names_the_levels():
    table = rows(analysis())
    assert [each["level"] for each in table] == ["new", "old"]
    assert table[0]["units"] + table[1]["units"] == analysis().estimate.n


def test_the_title_gives_both_means():
    means = analysis().estimate.arm_means
    title = arms(analysis()).layout.title.text.replace("<br>", " ")
    assert f"{number(means.treated)} with new, {number(means.control)} with old" in title


def test_a_refused_answer_shows_means_without_a_would():
    refused = replace(analysis(), verdicts=(Verdict("identification", "failed", "A sentence."),))
    shown = arms(refused)
    said = (
        shown.layout.title.text
        + shown.layout.meta["alt"]
        + " ".join(text for trace in shown.data for text in trace.hovertext or ())
    )
    assert "engagement averages" in said and "would" not in said
