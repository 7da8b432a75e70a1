"""Keeping a changed recipe of events: what was asked of columns that are still there stays asked."""

from __future__ import annotations

from causal.archive.unit_recipes import columns_made, fields_after
from causal.errors import DoableError
from causal.logs.event_recipe import EventRecipe
from causal.logs.event_units import kinds_of
from pages.ui import answers, current_study


def save_events(events: EventRecipe | None) -> None:
    """Keep the recipe, and with it the question, roles and graph as far as their columns are still there."""
    held = current_study.mine()
    assert held is not None
    log = answers.log_of(held)
    planned = None if events is None or answers.all_here(log) else columns_made(events)
    try:
        units = answers.some_units_of(log, events)
        guesses = answers.guesses(units)
        levels = {}
        if events is not None and events.treatment is not None:
            levels = answers.about_events(kinds_of, units, events.treatment.columns[0])
    except DoableError:  # said on the page, where the recipe can be mended
        guesses, levels = (), {}
    current_study.change("Changed how units are made", **fields_after(held, events, guesses, levels, planned))
    current_study.renew()
