"""The script that gives an answer's digits again, in a process of its own, with `causal` alone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from causal.archive.study import Document, LogReference
from causal.study import AnalysisSpec, Question, Terms

if TYPE_CHECKING:
    from causal.archive.scenarios import SavedScenario
    from causal.interventions.changes import Change, Changes
    from causal.logs.units import UnitRecipe


def reproduction_script(
    log: LogReference,
    recipe: UnitRecipe,
    spec: AnalysisSpec,
    standing: str = "",
    scenarios: Sequence[SavedScenario] = (),
    against: str = "",
) -> str:
    """Python source of at most 15 lines that prints the effect and its interval; an upload is read from its own name.

    Names from the data enter as Python literals only, whatever they contain; `standing`, how the answer may be read
    and why, as one line of comment. `scenarios` add the structural model and a line each: what it makes of the outcome,
    beside today or the one of them that `against` names.
    """
    lines = [
        "# The digits of one answer again; run it where the package causal can be imported and the log can be read.",
        *([f"# {_one_line(standing)}"] if standing else []),
        *_table_and_spec(log, recipe, spec),
        "estimate = causal.answer(table, spec).estimate",
        'print("effect", float(estimate.effect))',
        'print("interval", *(float(end) for end in estimate.interval(spec.confidence)))',
        *_what_ifs(spec, _plain(spec.to_json()), scenarios, against),
    ]
    return "\n".join(lines) + "\n"


def policy_script(
    log: LogReference,
    recipe: UnitRecipe,
    spec: AnalysisSpec,
    asked: Mapping[str, Any],
    other: Mapping[str, Any] | None = None,
) -> str:
    """Python source that learns a policy and prints its gain on today's arms, and what it is beside another.

    `asked` are arguments of `learn_policy`; `other` says what it is compared with, as `wording.policy_comparison` does.
    """
    lines = [
        "# The digits of one policy again; run it where the package causal can be imported and the log can be read.",
        *_table_and_spec(log, recipe, spec),
        f"policy = {_learning(asked)}",
        'print("gain on today", policy.value.gain, *policy.value.gain_interval())',
    ]
    if other is not None:
        lines += [
            f"found = causal.compare_policies(policy, {_other_policy(other, asked)})",
            'print("for the same", found.money, found.for_the_same.value, *found.for_the_same.interval())',
        ]
    return "\n".join(lines) + "\n"


def _learning(asked: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name}={_literal(_tuple(value))}" for name, value in asked.items() if value is not None)
    return f"causal.learn_policy(table, spec, {given})"


def _other_policy(other: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    kind = other["kind"]
    if kind in ("alike", "gain alone"):
        return repr(kind)
    if kind == "arms":
        return f"causal.WithoutArms({tuple(other['arms'])!r})"
    alone = {name: asked.get(name) for name in ("budget", "cost", "learner")}
    return _learning(alone | {name: other[name] for name in ("learner", "columns") if name in other})


def _table_and_spec(log: LogReference, recipe: UnitRecipe, spec: AnalysisSpec) -> list[str]:
    document = _plain(spec.to_json())
    arguments = {
        "question": "question",
        "graph": None if spec.graph is None else "graph",
        "terms": None if spec.terms == Terms() else "terms",
        "options": None if spec.options is None else "options",
    }
    given = [f"{name}={value}" for name, value in arguments.items() if value is not None]
    given += [f"where={_literal(document['where'])}"] if spec.where else []
    given += [f"bootstrap={_literal(document['bootstrap'])}"] if spec.bootstrap else []
    given += [f"outcome_rule={_literal(document['outcome_rule'])}"] if spec.outcome_rule else []
    plain = [f"{each}={_literal(document[each])}" for each in ("method", "adjust_for", "confidence", "cluster", "seed")]
    return [
        "import causal",
        *(["from causal.estimators.registry import method_named"] if spec.options is not None else []),
        "",
        f"log = {_reading(log)}",
        f"recipe = causal.UnitRecipe.from_json({_literal(_plain(recipe.to_json()))})",
        "table = causal.build_units(log, recipe)",
        *_definitions(spec, document),
        f"spec = causal.AnalysisSpec({', '.join(given + plain)})",
    ]


def structural_script(
    log: LogReference,
    recipe: UnitRecipe,
    asked: Mapping[str, Any],
    changes: Changes,
    group: int = 0,
    confidence: float = 0.95,
) -> str:
    """Python source that fits structural equations and prints every variable before and after the changes.

    `asked` has the `model`, its `options` (the fields of SemOptions), and `where` if the units are some; `group` is the
    place of the group asked about.
    """
    given = ", ".join(f"{name}={_literal(_tuple(value))}" for name, value in asked["options"].items())
    where = asked.get("where")
    lines = [
        "# The digits of one what-if again; run it where the package causal can be imported and the log can be read.",
        "import causal",
        *(["from causal.logs.conditions import frame_inside"] if where else []),
        "",
        f"log = {_reading(log)}",
        f"recipe = causal.UnitRecipe.from_json({_literal(_plain(recipe.to_json()))})",
        "table = causal.build_units(log, recipe)",
        *([f"table = frame_inside(table, {_literal(_plain(where))})"] if where else []),
        f"fit = causal.fit_sem(table, {asked['model']!r}, causal.SemOptions({given}))",
        f"found = causal.sem_what_if(fit, {_changes(changes)}, group={group})",
        "for node in found.nodes:",
        f"    print(node.name, node.before, node.after, *node.interval({confidence!r}))",
    ]
    return "\n".join(lines) + "\n"


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _what_ifs(
    spec: AnalysisSpec, document: dict[str, Any], scenarios: Sequence[SavedScenario], against: str
) -> list[str]:
    """The model that the what-ifs of a study come from, and each of them for the outcome."""
    if not scenarios or spec.graph is None:
        return []
    where = f", where={_literal(document['where'])}" if spec.where else ""
    where += f", cluster={spec.cluster!r}" if spec.cluster else ""
    listed = ", ".join(f"{each.name!r}: {_changes(each.changes)}" for each in scenarios if each.name != against)
    other = "".join(f", against={_changes(each.changes)}" for each in scenarios if each.name == against)
    return [
        "",
        f"model = causal.fit_structural_model(table, graph, seed=spec.seed{where})",
        f"for name, changes in {{{listed}}}.items():",
        f"    node = causal.simulate(model, changes{other}).node(question.outcome)",
        "    print(name, node.before, node.after, *node.interval(spec.confidence))",
    ]


def _changes(changes: Changes) -> str:
    return "{" + ", ".join(f"{name!r}: {_change(change)}" for name, change in changes.items()) + "}"


def _change(change: Change) -> str:
    given = ", ".join(_literal(value) for value in asdict(change).values())
    return f"causal.{type(change).__name__}({given})"


def _one_line(text: str) -> str:
    """The text without anything that could end a line of source."""
    return "".join(each if each.isprintable() else " " for each in text)


def _reading(log: LogReference) -> str:
    if not log.parts:
        return _one_log(log.name, log.sample, log.encoding, log.connection, log.whole)
    first = log.parts[0]
    made = _one_log(first["file"], first["sample"], first.get("encoding"), first.get("connection"), True)
    for part in log.parts[1:]:
        other = _one_log(part["file"], False, part.get("encoding"))
        if part["verb"] == "vectors":
            made = _with_vectors(made, part)
        elif part["verb"] == "stack":
            same = f", same={dict(part['same'])!r}" if part.get("same") else ""
            made = f"causal.stack_logs({{{part['own']!r}: {made}, {part['other']!r}: {other}}}, {part['kind']!r}{same})"
        else:
            made = f"causal.join_logs({made}, {other}, {part['on']!r}, {part['other_on']!r})"
    return made


def _with_vectors(log: str, part: Document) -> str:
    ids = "" if part["ids"] is None else f", ids={_bare(part['ids'])!r}"
    taken = f"chosen={tuple(part['chosen'])!r}" if part["chosen"] else f"components={part['components']!r}"
    vectors = f"causal.read_vectors({_bare(part['file'])!r}{ids})"
    return f"causal.join_vectors({log}, {vectors}, {part['on']!r}, {taken}, name={part['name']!r})"


def _bare(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _one_log(name: str, sample: bool, encoding: str | None, connection: str | None = None, whole: bool = False) -> str:
    if connection is not None:
        return f"causal.warehouse_log({connection!r}, {name!r}{', whole=True' if whole else ''})"
    if sample:
        return f"causal.open_sample({name!r})"
    file_name = re.split(r"[/\\]", name)[-1]
    return f"causal.read_log({file_name!r}{'' if encoding is None else f', encoding={encoding!r}'})"


def _definitions(spec: AnalysisSpec, document: dict[str, Any]) -> list[str]:
    lines = [f"question = causal.Question({_arguments(document['question'], _QUESTION)})"]
    if spec.graph is not None:
        lines.append(f"graph = causal.CausalGraph.parse({document['graph']!r})")
    if spec.terms != Terms():
        lines.append(f"terms = causal.Terms({_arguments(document['terms'], _TERMS)})")
    if spec.options is not None:
        lines.append(f"options = method_named({spec.method!r}).make_options({_literal(document['options'])})")
    return lines


def _arguments(values: dict[str, Any], defaults: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_literal(each)}" for name, each in values.items() if each != defaults.get(name, ...))


def _literal(value: Any) -> str:
    """Python source of plain JSON values; `repr` alone writes infinity as a name."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each) for each in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _plain(document: Any) -> Any:
    return json.loads(json.dumps(document))


_QUESTION = {"target": Question("treatment", "outcome").target, "control": None, "treated": None}
_TERMS: dict[str, Any] = {"squares": [], "interactions": [], "treatment_by": []}
