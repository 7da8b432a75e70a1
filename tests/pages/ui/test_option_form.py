"""The form of a method's options: whatever is chosen there is what the spec asks for."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from streamlit.testing.v1 import AppTest

from causal.archive.contents import specs_of
from causal.archive.study import Study
from causal.estimators.registry import METHODS, method_named
from causal.estimators.stock import STOCK_NAMES, STOCK_PREFIX
from pages.ui import answers
from tests.pages import walk

NAMES = [*(method.name for method in METHODS), STOCK_PREFIX + STOCK_NAMES[0]]
OPTIONS = [(name, each.name) for name in NAMES for each in dataclasses.fields(method_named(name).options)]


def with_method(name: str) -> AppTest:
    """The effect page of a study that asks for this method alone."""
    app = walk.sample_study("classic")
    held = answers.store().load(walk.study_id(app))
    changed = held.study.to_json() | {"specs": [{"method": name, "options": None}]}
    answers.store().save(Study.from_json(changed), held.revision, "one method")
    return walk.turned(app, "effect")


def another(options: type, field: str) -> Any:
    """A value of this option that is not its default."""
    hint = get_type_hints(options)[field]
    default = getattr(options(), field)
    if get_origin(hint) is Literal:
        return next(each for each in get_args(hint) if each != default)
    if hint is bool:
        return not default
    if hint is str:
        return "a: 1, 2"
    return default + 3 if hint is int else 0.05


@pytest.mark.parametrize(("name", "field"), OPTIONS)
def test_an_option_that_is_chosen_reaches_the_spec(name: str, field: str) -> None:
    app = with_method(name)
    held = walk.widget(app, f"option {name} {field}")
    if get_origin(get_type_hints(method_named(name).options)[field]) is tuple:
        wanted = tuple(held.options[:2])
        assert len(wanted) == 2
    else:
        wanted = another(method_named(name).options, field)
    walk.calm(held.set_value(wanted).run())
    (spec,) = specs_of(answers.store().load(walk.study_id(app)).study)
    assert getattr(spec.options, field) == wanted
    shown = walk.widget(app, f"option {name} {field}").value
    assert (tuple(shown) if isinstance(shown, list) else shown) == wanted


def test_a_method_without_options_says_so() -> None:
    app = with_method("difference_in_means")
    assert "This method has no options." in walk.texts(app)


def test_an_option_that_makes_no_sense_is_refused_with_a_sentence() -> None:
    app = with_method("stratification")
    walk.calm(walk.widget(app, "option stratification strata").set_value(0).run())
    walk.answered(app)
    assert "strata" in walk.errors(app)


def test_columns_that_make_no_sense_are_refused_with_a_sentence() -> None:
    app = with_method("matching")
    field = walk.widget(app, "option matching match_on")
    walk.calm(field.set_value(field.options[:1]).run())
    walk.answered(app)
    assert "chooses columns for a distance between covariates" in walk.errors(app)
