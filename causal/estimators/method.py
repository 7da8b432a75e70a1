"""One way to estimate an effect: its name, its words, its options, its function."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from causal.errors import OptionProblem
from causal.estimators.design import Sample
from causal.estimators.fit import Fit
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.expression import variables_of
from causal.graphs.identification import Estimand, Strategy
from causal.logs.unit_table import UnitTable
from causal.study import POPULATIONS, Question, Target

Nuisance = Literal["estimated", "known"]

Family = Literal[
    "as_is",
    "outcome_model",
    "treatment_model",
    "matching",
    "both_models",
    "instruments",
    "mediators",
    "formula",
    "stock",
]
"""What a method's answer comes from."""


@dataclass(frozen=True)
class Method:
    """An entry of the registry.

    `fit(sample, options)` gives a Fit; `dowhy_name` is what DoWhy's `estimate_effect(method_name=...)` takes;
    `assumes` are sentences for the analyst; `adjusts` is false where the covariates play no part; `ranks` is true
    where the unit-level scores hold in any group of units, so that a what-if may treat the top by a column.
    `strategies` are those of an estimand that it can serve; `discrete` is true where every column it uses must have
    few values; `slow` where it takes seconds to minutes. `targets` are the populations it answers for; `population` is
    the one that it gives where everyone is asked about, if that is another. A method that needs more than the sample
    gives `fit_from_table`, which is then called instead of `fit`; one that a graph must tell its columns gives
    `identify(graph, question, options, adjust_for)`: its own estimand, whatever else the graph would allow; one that
    not every table can serve gives `obstacle(table, question, estimand)`: why this one cannot, before anything is
    fitted, or nothing.
    """

    name: str
    title: str
    family: Family
    dowhy_name: str
    summary: str
    assumes: tuple[str, ...]
    options: type[Any]
    fit: Callable[[Sample, Any], Fit]
    source: str
    adjusts: bool = True
    has_propensity: bool = False
    clusters: bool = True
    ranks: bool = False
    strategies: tuple[Strategy, ...] = ("backdoor", "adjustment")
    discrete: bool = False
    slow: bool = False
    targets: tuple[Target, ...] = ("everyone", "treated", "untreated")
    population: Target | None = None
    fit_from_table: Callable[[UnitTable, Question, Estimand | None, Sample, Any], Fit] | None = None
    identify: Callable[[CausalGraph, Question, Any, tuple[str, ...] | None], Estimand] | None = None
    obstacle: Callable[[UnitTable, Question, Estimand | None], str] | None = None

    @property
    def on_its_own(self) -> bool:
        """Whether covariates of any kind are all that it needs: no graph, no columns of few values, no patience."""
        return self.identify is None and not self.discrete and not self.slow

    def also_needs(self, estimand: Estimand | None) -> tuple[str, ...]:
        """The columns beside what is adjusted for in which a unit must have a value for this estimand."""
        if self.fit_from_table is None or estimand is None or estimand.strategy not in self.strategies:
            return ()
        if estimand.instruments or estimand.mediators:
            return (*estimand.instruments, *estimand.mediators)
        if estimand.strategy in ("backdoor", "adjustment", "no_effect") or estimand.expression is None:
            return ()
        return tuple(sorted(variables_of(estimand.expression) - {estimand.treatment, estimand.outcome}))

    def require_target(self, target: Target) -> None:
        """Raise OptionProblem where the method does not answer for this target population."""
        if target not in self.targets:
            able = " or ".join(POPULATIONS[each] for each in self.targets)
            other = "overlap weighting, weighting or doubly robust" if target == "overlap" else "another method"
            raise OptionProblem(
                f"{self.title} does not answer for {POPULATIONS[target]}: ask it about {able}, or choose {other}."
            )

    def make_options(self, given: Any) -> Any:
        """The options as an instance of the method's dataclass, from None, a mapping, or an instance.

        Raises OptionProblem for an unknown name or a value outside the choices.
        """
        if given is None:
            return self.options()
        if isinstance(given, self.options):
            values = dataclasses.asdict(given)
        elif isinstance(given, Mapping):
            values = dict(given)
        else:
            raise OptionProblem(
                f"{self.title} takes {self.options.__name__}, not {type(given).__name__}. "
                f"Its options are: {self._listed()}."
            )
        hints = self._hints
        for name, value in values.items():
            if name not in hints:
                raise OptionProblem(f'{self.title} has no option "{name}". Its options are: {self._listed()}.')
            values[name] = value = tuple(value) if isinstance(value, list) else value  # what JSON makes of a tuple
            _check_value(self.title, name, value, hints[name])
        return self.options(**values)

    @functools.cached_property
    def _hints(self) -> dict[str, Any]:
        """The types of the options: worked out once, as their annotations are compiled for it."""
        return get_type_hints(self.options)

    def _listed(self) -> str:
        return ", ".join(field.name for field in dataclasses.fields(self.options)) or "none"


def _check_value(title: str, name: str, value: Any, hint: Any) -> None:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            wanted = ", ".join(repr(each) for each in get_args(hint))
            raise OptionProblem(f'{title}: the option "{name}" is {value!r}; it must be one of {wanted}.')
        return
    if get_origin(hint) is tuple:
        if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
            raise OptionProblem(f'{title}: the option "{name}" is {value!r}; it must be a list of column names.')
        return
    allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    plain = tuple(each for each in allowed if isinstance(each, type))
    number = isinstance(value, int) and not isinstance(value, bool) and float in plain
    fits = isinstance(value, plain) and not (isinstance(value, bool) and bool not in plain)
    if plain and not number and not fits:
        kinds = " or ".join(each.__name__ for each in plain)
        raise OptionProblem(f'{title}: the option "{name}" is {value!r}; it must be {kinds}.')


def needs_the_table(title: str) -> Callable[[Sample, Any], Fit]:
    """The `fit` of a method that is only called with the table."""

    def refuse(sample: Sample, options: Any) -> Fit:
        raise OptionProblem(f"{title} needs the whole table and a causal graph: call it through answer().")

    return refuse


def check_range(title: str, name: str, value: float, low: float, high: float) -> None:
    """Raise OptionProblem unless low <= value < high."""
    if not low <= value < high:
        raise OptionProblem(
            f'{title}: the option "{name}" is {value:g}; it must be at least {low:g} and below {high:g}.'
        )
