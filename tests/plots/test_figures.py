"""What holds for every figure."""

import html
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from causal.effects.quantiles import quantile_effects
from causal.interventions.treat_share import treat_share
from causal.logs.profile import ColumnProfile
from causal.plots import (
    arms,
    column,
    forest,
    hidden_cause,
    instrument_region,
    love,
    mediation,
    overlap,
    quantiles,
    share_curve,
    strata,
    theme,
)
from tests.wording.simulated import analysis
from tests.wording.split import through_instrument, through_mediator

HOSTILE = '<b>x</b><a href="http://e.com">$a^2$ %{y}</a>'
PROFILE = ColumnProfile(HOSTILE, "category", 3, 2, levels=(HOSTILE, "b"), counts=(6, 4))


def figures(dark=False, narrow=False, **study):
    result, stratified = analysis(**study), analysis(method="stratification", **study)
    curve = treat_share(result, (0.0, 0.5, 1.0), by="age")
    named = {"outcome": study["outcome"]} if "outcome" in study else {}
    split = through_mediator(mediator=study.get("outcome", "prominence") + " seen", **named)
    look = {"dark": dark, "narrow": narrow}
    return {
        "forest": forest.forest([result, stratified], **look),
        "love": love.love_plot(result, **look),
        "overlap": overlap.overlap(result, **look),
        "share_curve": share_curve.share_curve(result, curve, 1, **look),
        "arms": arms.arms(result, **look),
        "strata": strata.strata(stratified, **look),
        "quantiles": quantiles.quantiles(quantile_effects(result.table, result.spec), **look),
        "column": column.column(PROFILE, dark=dark),
        "instrument_region": instrument_region.instrument_region(through_instrument(**named), **look),
        "weak_instrument": instrument_region.instrument_region(through_instrument(push=0.0, **named), **look),
        "mediation": mediation.mediation(split, **look),
        "hidden_cause": hidden_cause.hidden_cause(split, **look),
    }


def tables():
    result = analysis()
    curve = treat_share(result, (0.0, 1.0))
    return [
        forest.rows([result]),
        love.rows(result),
        overlap.rows(result),
        share_curve.rows(curve),
        arms.rows(result),
        strata.rows(analysis(method="stratification")),
        column.rows(PROFILE),
        quantiles.rows(quantile_effects(result.table, result.spec)),
        instrument_region.rows(through_instrument(push=0.0)),
        mediation.rows(through_mediator()),
        hidden_cause.rows(through_mediator()),
    ]


def plain(value):
    if isinstance(value, dict):
        return all(plain(each) for each in value.values())
    if isinstance(value, list | tuple):
        return all(plain(each) for each in value)
    return value is None or type(value) in (str, int, float, bool)


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_has_a_finding_alt_text_and_a_transparent_ground(dark):
    for name, shown in figures(dark).items():
        assert len(shown.layout.meta["alt"]) > 20, name
        assert shown.layout.paper_bgcolor == shown.layout.plot_bgcolor == "rgba(0,0,0,0)", name
        assert shown.layout.margin.autoexpand is False, name
        assert shown.layout.dragmode is False and shown.layout.xaxis.fixedrange is not False, name
        if name != "column":
            assert shown.layout.title.text.startswith("<b>"), name
            assert shown.layout.xaxis.title.text, name


def lines(shown):
    text = (shown.layout.title.text or "").removeprefix("<b>").removesuffix("</b>")
    return [html.unescape(each) for each in text.split("<br>")]


@pytest.mark.parametrize(
    ("narrow", "length"), [(True, theme.NARROW_TITLE_LINE_LENGTH), (False, theme.TITLE_LINE_LENGTH)]
)
def test_titles_fit_a_phone_or_a_page(narrow, length):
    long = {"outcome": "minutes of listening within four weeks of the first day"}
    for name, shown in figures(narrow=narrow, **long).items():
        assert all(len(each) <= length for each in lines(shown)), name
        room = shown.layout.margin.t - 18
        assert len(lines(shown)) * theme.TITLE_LINE_HEIGHT <= room or name == "column", name


def test_titles_are_broken_late_across_a_page():
    for name, shown in figures().items():
        assert len(lines(shown)) <= 2, name
    assert any(len(each) > theme.NARROW_TITLE_LINE_LENGTH for each in lines(figures()["forest"]))


def test_figures_hold_plain_values_only():
    for name, shown in figures().items():
        for trace in shown.data:
            assert plain([trace[key] for key in ("x", "y", "hovertext") if trace[key] is not None]), name
        json.dumps(shown.to_plotly_json(), allow_nan=False)


def test_tables_hold_plain_values_only():
    for table in tables():
        assert table and plain(table)
        assert len({tuple(row) for row in table}) == 1


def test_every_point_has_a_sentence_on_hover():
    for name, shown in figures().items():
        told = [trace for trace in shown.data if trace.hovertext is not None]
        assert told, name
        for trace in shown.data:
            if trace.hovertext is None:
                assert trace.hoverinfo == "skip" or trace.x == (None,), name
        assert all(text.endswith(".") for trace in told for text in trace.hovertext), name


def test_names_from_the_data_are_shown_as_they_are():
    for name, shown in figures(narrow=True, levels=("old", HOSTILE), outcome=HOSTILE + "y").items():
        text = json.dumps({**shown.to_plotly_json(), "layout": {**shown.layout.to_plotly_json(), "meta": None}})
        assert "<a" not in text and "<b>x" not in text, name
        assert "$a" not in text and "%{" not in text, name


def test_light_and_dark_differ_in_their_text():
    light, dark = figures(), figures(dark=True)
    for name in light:
        assert light[name].layout.font.color != dark[name].layout.font.color


def test_the_only_button_takes_the_image_away():
    config = theme.config("effect")
    assert config["modeBarButtons"] == [["toImage"]]
    assert config["toImageButtonOptions"]["filename"] == "effect"


def test_importing_a_plot_does_not_import_plotly():
    modules = "arms, column, forest, hidden_cause, instrument_region, love, mediation, overlap, share_curve, strata"
    code = f"import sys\nfrom causal.plots import {modules}\nfrom causal.wording import sentences\n"
    code += "print([each for each in ('plotly', 'dowhy', 'streamlit') if each in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_flipped_sign_changes_the_titles():
    up, down = figures(effect=5.0), figures(effect=-5.0)
    words = {"forest": ("raises", "lowers"), "share_curve": ("average", "average"), "strata": ("higher", "lower")}
    for name, (more, less) in words.items():
        titles = [re.sub("<br>", " ", each[name].layout.title.text) for each in (up, down)]
        assert more in titles[0] and less in titles[1], name
        assert titles[0] != titles[1], name


def test_results_without_a_finite_number_still_draw():
    result = analysis()
    bare = replace(result, estimate=replace(result.estimate, std_error=float("nan")))
    for shown in (forest.forest([bare]), arms.arms(bare)):
        json.dumps(shown.to_plotly_json(), allow_nan=False)
