import pytest

from causal.errors import OptionProblem
from causal.plots.hidden_cause import hidden_cause
from causal.plots.hidden_cause import rows as curve_rows
from causal.plots.mediation import mediation, rows
from tests.wording.simulated import analysis
from tests.wording.split import through_mediator


def bars(shown):
    return [(trace.base[0], trace.x[0]) for trace in shown.data if trace.type == "bar"]


@pytest.mark.parametrize("binary", [False, True])
def test_the_second_bar_begins_where_the_first_ends_and_both_make_the_third(binary):
    result = through_mediator(binary=binary)
    (start, around), (middle, through), (again, total) = bars(mediation(result))
    assert start == again == 0
    assert middle == around
    assert around + through == pytest.approx(total)
    assert total == pytest.approx((100 if binary else 1) * result.estimate.effect)


def test_the_table_has_every_part():
    result = through_mediator()
    found = {each["part"]: each["effect"] for each in rows(result)}
    assert found["total"] == result.estimate.effect
    assert len(found) == 7


def test_the_curve_passes_through_the_estimate_and_zero_is_marked():
    result = through_mediator(interaction=False)
    table = {each["correlation"]: each["effect"] for each in curve_rows(result)}
    assert table[0.0] == pytest.approx(result.mediation.indirect.effect)
    cross = [trace for trace in hidden_cause(result).data if trace.mode == "markers" and trace.marker.symbol == "x"]
    assert cross[0].x[0] == result.mediation.hidden_cause.correlation_at_zero
    assert cross[0].y[0] == 0


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(OptionProblem, match="Doubly robust splits no effect"):
        mediation(analysis())
    with pytest.raises(OptionProblem, match="known for one numeric mediator and a numeric outcome only"):
        hidden_cause(through_mediator(binary=True))
