from dataclasses import replace

import pytest

from causal.errors import OptionProblem
from causal.plots.graph_fit import ROWS_SHOWN, graph_fit_plot, rows
from tests.wording.test_graph_fit import BROKEN, KEPT, OPEN, SLIGHT, fit_of

FIT = fit_of(BROKEN, SLIGHT, OPEN, KEPT)


def test_each_standing_has_its_own_symbol():
    symbols = {trace.name: trace.marker.symbol for trace in graph_fit_plot(FIT).data}
    assert symbols == {"violated": "x", "slight": "diamond", "not contradicted": "circle-open", "kept": "circle"}


def test_bars_are_the_intervals():
    worst = graph_fit_plot(FIT).data[0]
    assert worst.x[0] + worst.error_x.array[0] == pytest.approx(BROKEN.high)
    assert worst.x[0] - worst.error_x.arrayminus[0] == pytest.approx(BROKEN.low)


def test_the_title_is_the_finding():
    title = graph_fit_plot(FIT).layout.title.text.replace("<br>", " ")
    assert "The data contradicts 1 of 4 promised independencies" in title


def test_a_phone_gets_the_short_finding_and_room_for_the_legend():
    phone = graph_fit_plot(FIT, narrow=True)
    assert phone.layout.title.text == "<b>The data contradicts 1 of 4<br>independencies</b>"
    assert phone.layout.margin.l < graph_fit_plot(FIT).layout.margin.l
    assert phone.layout.margin.b > graph_fit_plot(FIT).layout.margin.b


def test_the_negligible_size_is_marked():
    lines = [each.x0 for each in graph_fit_plot(FIT).layout.shapes if each.type == "line"]
    assert {-0.05, 0.05} <= set(lines)


def test_names_from_data_are_escaped():
    shown = graph_fit_plot(fit_of(replace(KEPT, left="<b>age</b>")), dark=True)
    assert "<b>" not in shown.layout.yaxis.ticktext[0]
    assert "&lt;b&gt;" in shown.layout.yaxis.ticktext[0]


def test_hovering_says_what_would_mend_it():
    assert "hidden common cause" in graph_fit_plot(FIT).data[0].hovertext[0].replace("<br>", " ")


def test_forty_rows_are_drawn_and_the_rest_counted():
    many = fit_of(*[KEPT] * 45)
    assert len(graph_fit_plot(many).data[0].x) == ROWS_SHOWN
    assert "5 more" in graph_fit_plot(many).layout.xaxis.title.text.replace("<br>", " ")
    assert len(rows(many)) == 45


def test_the_table_holds_every_number():
    first = rows(FIT)[0]
    assert (first["left"], first["given"], first["standing"]) == ("minutes", "age, clicks", "violated")
    assert first["p_value_holm"] == BROKEN.holm


def test_nothing_tested_is_nothing_to_draw():
    with pytest.raises(OptionProblem, match="No independence was tested, so there is nothing to draw"):
        graph_fit_plot(fit_of())
