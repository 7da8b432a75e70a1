from dataclasses import replace

import pytest

from causal.errors import OptionProblem
from causal.plots.instrument_region import instrument_region, rows
from tests.wording.simulated import analysis
from tests.wording.split import through_instrument


def lines(shown):
    return [tuple(trace.x) for trace in shown.data if trace.mode == "lines"]


def title(shown):
    return shown.layout.title.text.replace("<br>", " ")


@pytest.mark.parametrize("binary", [False, True])
def test_the_usual_interval_stands_above_the_region(binary):
    result = through_instrument(binary=binary)
    scale = 100 if binary else 1
    (piece,) = result.instrument_evidence.region(0.95)
    expected = [tuple(scale * end for end in each) for each in (result.estimate.interval(), piece)]
    assert lines(instrument_region(result)) == expected
    assert rows(result)[1]["low"] == piece[0]
    assert {each["what"]: each["value"] for each in rows(result)}["first-stage F"] == result.instrument_evidence.f


def test_an_end_without_limit_runs_off_the_picture_with_an_arrow():
    result = through_instrument(push=0.0)
    shown = instrument_region(result)
    symbols = [trace.marker.symbol for trace in shown.data if trace.mode == "markers"]
    assert {"triangle-left", "triangle-right"} <= set(symbols)
    assert "too weak to rule out any effect" in title(shown)
    assert rows(result)[1]["low"] is None


def test_an_empty_region_draws_no_line():
    result = through_instrument()
    evidence = replace(
        result.instrument_evidence,
        instruments=("arm", "other"),
        reduced_form=(1.0, -1.0),
        first_stage=(1.0, 1.0),
        covariance=tuple(tuple(0.001 * (row == column) for column in range(4)) for row in range(4)),
    )
    shown = instrument_region(replace(result, instrument_evidence=evidence))
    assert len(lines(shown)) == 1
    assert "No effect fits all instruments at once" in title(shown)


def test_a_method_without_instruments_is_refused():
    with pytest.raises(OptionProblem, match="Doubly robust uses no instrument, so there is no first stage to show"):
        instrument_region(analysis())
