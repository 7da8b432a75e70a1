from causal.interventions.treat_share import treat_share
from causal.plots.share_curve import rows, share_curve
from tests.wording.simulated import analysis

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def traces(place=3, by="age"):
    curve = treat_share(analysis(), SHARES, by=by)
    return curve, share_curve(analysis(), curve, place).data


def test_the_line_is_the_curve():
    curve, (_, line, *_) = traces()
    assert list(line.y) == list(curve.means)
    assert list(line.x) == [0.0, 25.0, 50.0, 75.0, 100.0]


def test_the_band_goes_around_the_line():
    curve, (band, *_) = traces()
    assert band.y[2] == curve.interval(2)[1] and band.y[-1] == curve.interval(0)[0]


def test_today_and_the_chosen_share_have_their_own_marks():
    curve, (*_, today, chosen) = traces(place=3)
    assert (today.x[0], today.y[0]) == (100 * curve.today_share, curve.today)
    assert (chosen.x[0], chosen.y[0]) == (75.0, curve.means[3])
    assert today.marker.symbol != chosen.marker.symbol


def test_the_table_has_a_row_per_share():
    curve, _ = traces()
    table = rows(curve)
    assert [each["share"] for each in table] == list(SHARES)
    assert table[4]["total_change"] == curve.total_change(4)


def test_binary_outcomes_are_drawn_in_per_cent():
    result = analysis(effect=0.8, binary=True)
    curve = treat_share(result, SHARES)
    shown = share_curve(result, curve, 4)
    assert shown.data[1].y[4] == 100 * curve.means[4]
    assert shown.layout.yaxis.ticksuffix == " %"
