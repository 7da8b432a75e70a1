import ast
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causal.analysis import answer
from causal.archive.scenarios import SavedScenario
from causal.archive.script import reproduction_script
from causal.archive.study import LogReference
from causal.estimators.weighting import WeightingOptions
from causal.graphs.causal_graph import CausalGraph
from causal.interventions.changes import Randomise, Scale, Set, Shift
from causal.interventions.scenario import simulate
from causal.interventions.structural_model import fit_structural_model
from causal.logs.reading import read_log
from causal.logs.samples import SAMPLES, open_sample
from causal.logs.units import UnitRecipe, build_units
from causal.study import AnalysisSpec, Condition, Question, Terms

ROOT = Path(__file__).parents[2]

HOSTILE = (
    '"quotes" and \'apostrophes\' and """three"""',
    "line\nbreak\r\u2028",
    "\\\\",
    "{braces} %s #",
    "coding: utf-7",
    "🙂",
    "x" * 300,
    "__import__('os').system('touch /tmp/owned')",
)


@dataclass(frozen=True)
class WrittenRecipe:
    document: dict

    def to_json(self):
        return self.document


def calls_of(script):
    """The calls in a script by the name of what is called, with literal arguments evaluated."""
    found = {}
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).removeprefix("causal.")
            found[name] = node
    return found


def keywords_of(call):
    return {each.arg: ast.literal_eval(each.value) for each in call.keywords if not isinstance(each.value, ast.Name)}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_literals(name):
    question = Question(name, "y", control=name, treated="other")
    spec = AnalysisSpec(question, adjust_for=(name + "!",), cluster=name, terms=Terms(squares=(name,)))
    script = reproduction_script(LogReference(name), WrittenRecipe({"unit": name}), spec)
    calls = calls_of(script.encode().decode())
    assert keywords_of(calls["Question"]) == {"treatment": name, "outcome": "y", "control": name, "treated": "other"}
    assert keywords_of(calls["AnalysisSpec"])["adjust_for"] == [name + "!"]
    assert keywords_of(calls["Terms"]) == {"squares": [name]}
    assert ast.literal_eval(calls["UnitRecipe.from_json"].args[0]) == {"unit": name}
    assert "system" not in calls and "__import__" not in calls
    assert len(script.splitlines()) <= 15
    compile(script.encode(), "script.py", "exec")


def test_the_fullest_script_has_at_most_fifteen_lines():
    graph = CausalGraph.from_edges([("x", "t"), ("x", "y"), ("t", "y")])
    options = WeightingOptions(trim=0.1)
    spec = AnalysisSpec(
        Question("t", "y", "treated", 0, 1), graph, "weighting", ("x",), Terms(squares=("x",)), options, 0.9, "x", 7
    )
    script = reproduction_script(LogReference("classic", sample=True), WrittenRecipe({}), spec)
    assert len(script.splitlines()) == 15
    assert "causal.open_sample('classic')" in script
    assert ast.literal_eval(calls_of(script)["method_named('weighting').make_options"].args[0])["trim"] == 0.1


@pytest.fixture
def events(tmp_path):
    rng = np.random.default_rng(1)
    age = rng.integers(18, 70, 300)
    new = rng.random(300) < age / 100
    frame = pd.DataFrame(
        {"age": age, "algorithm": np.where(new, "new 🙂", "old"), "minutes": 5 * new + age + rng.normal(size=300)}
    )
    path = tmp_path / "events 'of' \"today\".csv"
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("method", "options"),
    [("doubly_robust", None), ("weighting", WeightingOptions(normalised=False, nuisance="known"))],
)
def test_the_script_gives_the_same_digits_in_a_clean_process(events, method, options):
    graph = CausalGraph.from_edges([("age", "algorithm"), ("age", "minutes"), ("algorithm", "minutes")])
    question = Question("algorithm", "minutes", "treated", "old", "new 🙂")
    spec = AnalysisSpec(
        question,
        graph,
        method,
        options=options,
        terms=Terms(squares=("age",)),
        confidence=0.9,
        where=(Condition("age", "is at least", 20),),
    )
    recipe = UnitRecipe()
    estimate = answer(build_units(read_log(events), recipe), spec).estimate
    script = events.parent / "again.py"
    script.write_text(reproduction_script(LogReference(events.name, blob="a" * 64), recipe, spec), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, script.name], cwd=events.parent, env=environment, capture_output=True, text=True, check=True
    )
    effect, interval = run.stdout.splitlines()
    assert float(effect.split()[1]) == estimate.effect
    assert tuple(float(end) for end in interval.split()[1:]) == estimate.interval(0.9)


def test_scenarios_print_what_the_model_makes_of_the_outcome(events, capsys, monkeypatch):
    """The digits of `simulate`, whatever the names of scenarios."""
    graph = CausalGraph.from_edges([("age", "algorithm"), ("age", "minutes"), ("algorithm", "minutes")])
    question = Question("algorithm", "minutes", control="old", treated="new 🙂")
    spec = AnalysisSpec(question, graph, "regression", seed=3, confidence=0.9)
    scenarios = (
        SavedScenario('All "new" or {old}', {"algorithm": Set("new 🙂"), "age": Shift(-2.5)}),
        SavedScenario("at random", {"algorithm": Randomise(), "age": Scale(1.5)}),
    )
    script = reproduction_script(LogReference(events.name), UnitRecipe(), spec, scenarios=scenarios)
    monkeypatch.chdir(events.parent)
    exec(compile(script, "script.py", "exec"), {})
    printed = capsys.readouterr().out
    model = fit_structural_model(build_units(read_log(events), UnitRecipe()), graph, seed=3)
    for each in scenarios:
        node = simulate(model, each.changes).node("minutes")
        assert f"{each.name} {node.before} {node.after} {node.interval(0.9)[0]}" in printed
    again = reproduction_script(LogReference(events.name), UnitRecipe(), spec, "", scenarios, against="at random")
    exec(compile(again, "script.py", "exec"), {})
    node = simulate(model, scenarios[0].changes, against=scenarios[1].changes).node("minutes")
    printed = capsys.readouterr().out
    assert f"{scenarios[0].name} {node.before} {node.after} {node.interval(0.9)[0]}" in printed
    assert "at random" not in printed


def test_a_sample_is_opened_by_its_name():
    sample = SAMPLES[0]
    spec = AnalysisSpec(Question("algorithm", "engagement", control="old", treated="new"), method="difference_in_means")
    script = reproduction_script(LogReference(sample.name, sample=True), sample.recipe, spec)
    names = {}
    exec(compile(script, "script.py", "exec"), names)
    direct = answer(build_units(open_sample(sample.name), sample.recipe), spec)
    assert names["estimate"] == direct.estimate


def test_an_upload_is_read_from_its_own_name_wherever_it_came_from():
    spec = AnalysisSpec(Question("t", "y"), method="difference_in_means")
    for name in ("C:\\data\\events.csv", "/home/someone/events.csv", "events.csv"):
        script = reproduction_script(LogReference(name, blob="a" * 64), WrittenRecipe({}), spec)
        assert "causal.read_log('events.csv')" in script


def test_numbers_without_end_are_python_too():
    spec = AnalysisSpec(Question("t", "y"), method="difference_in_means")
    script = reproduction_script(LogReference("e.csv"), WrittenRecipe({"cap": float("inf")}), spec)
    argument = calls_of(script)["UnitRecipe.from_json"].args[0]
    assert eval(compile(ast.Expression(argument), "recipe", "eval")) == {"cap": float("inf")}
