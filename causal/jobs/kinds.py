"""The kinds of work that run in a worker; to add one, write its function and one line in `KINDS`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.archive.engine import result_key
from causal.archive.faults import record_fault
from causal.archive.store import StoredResult, StudyStore
from causal.errors import DamagedBlob, DoableError
from causal.jobs.stopping import stopped_gently
from causal.jobs.table import Job
from causal.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from causal.logs.log import Log
    from causal.logs.unit_table import UnitTable
    from causal.structural.prepared import SemOptions
    from causal.study import AnalysisSpec

EXTRA_KINDS_VARIABLE = "DOABLE_TEST_KINDS"
_TABLES_KEPT = 2

Payload = Mapping[str, Any]
Tell = Callable[[Mapping[str, Any]], None]
"""Called with each outcome as soon as it is finished."""


class Workroom:
    """What a worker keeps between jobs: the store, and the last two tables."""

    def __init__(self, store: StudyStore) -> None:
        self.store = store
        self._tables: OrderedDict[str, UnitTable] = OrderedDict()

    def table(self, sha256: str) -> UnitTable:
        """The stored unit table.

        Raises DamagedBlob.
        """
        if sha256 not in self._tables:
            self._tables[sha256] = self.store.get_table(sha256)
        self._tables.move_to_end(sha256)
        while len(self._tables) > _TABLES_KEPT:
            self._tables.popitem(last=False)
        return self._tables[sha256]

    def log(self, reference: Mapping[str, Any]) -> Log:
        """The log of a reference: {"name", "sample"}, or {"name", "blob"}, with "connection" and "as_of" where the rows
        stay in a warehouse.

        Raises DamagedBlob, UnreadableLog.
        """
        from causal.logs.reading import log_at
        from causal.logs.samples import open_sample
        from causal.logs.warehouses import staying

        if reference.get("sample"):
            return open_sample(reference["name"])
        log = log_at(self.store.blob_path(reference["blob"]), reference["name"])
        connection = reference.get("connection")
        return log if connection is None else staying(log, connection, reference["as_of"])


@dataclass(frozen=True)
class Kind:
    """A named kind of work; `run` raises DoableError with the sentence to show where the whole of it fails."""

    name: str
    run: Callable[[Workroom, Payload, Progress, Tell], None]


@dataclass(frozen=True)
class SpecOutcome:
    """How one spec of an "answer" job ended: with the blobs of its analysis, or with the sentence of its error.

    `fault` is true where the error is ours, so that trying again makes sense.
    """

    position: int
    method: str
    fingerprint: str | None = None
    analysis: str | None = None
    scores: str | None = None
    error: str | None = None
    fault: bool = False


def answer_specs(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Answer each of `payload["specs"]` on the table `payload["table_sha"]`; tells one SpecOutcome each, in order.

    An error of one spec leaves the others alone. Raises DamagedBlob where the table cannot be read, and DoableError at
    the end if one error was a fault of ours, so that the job is not taken for done.
    """
    from causal.estimators.design import shared_samples

    specs = payload["specs"]
    progress(0.0, "reading the table")
    room.table(payload["table_sha"])
    faults = []
    with shared_samples():  # methods of one click share the design and what they fit alike
        for position, document in enumerate(specs):
            start = SpecOutcome(position, document["method"])
            outcome = _answer_one(room, payload["table_sha"], document, start, _nth(progress, position, len(specs)))
            tell(asdict(outcome))
            if outcome.fault and outcome.error:
                faults.append(outcome.error)
    if faults:
        raise DoableError(faults[0])


def discover(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Search the table `payload["table_sha"]` for a graph of the columns `names`; tells the Proposal as JSON.

    `knowledge` and `options` are the fields of Knowledge and DiscoveryOptions. Raises what `propose_graph` does.
    """
    from causal.discovery.knowledge import Knowledge
    from causal.discovery.proposal import DiscoveryOptions, propose_graph

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    knowledge, options = Knowledge(**payload["knowledge"]), DiscoveryOptions(**payload["options"])
    tell(propose_graph(table, payload["names"], knowledge, options, progress).to_json())


def check_graph(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Test what `payload["graph"]` (JSON text) promises on the table `table_sha`; tells the GraphFit as JSON.

    `options` are the fields of GraphFitOptions, without `test`. Raises DamagedBlob and GraphError.
    """
    from causal.checks.graph_fit import GraphFitOptions, graph_fit
    from causal.graphs.causal_graph import CausalGraph

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    graph = CausalGraph.parse(payload["graph"])
    tell(graph_fit(table, graph, GraphFitOptions(**payload["options"]), progress).to_json())


def compare_all_arms(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Compare the arms of `payload["spec"]` (`arms`: which, None: all); tells the ArmComparison as JSON.

    Raises what `compare_arms` does.
    """
    from causal.effects.arms import compare_arms
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(compare_arms(table, AnalysisSpec.from_json(payload["spec"]), payload["arms"], progress).to_json())


def measure_balance(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Measure the balance under each of `payload["specs"]`; tells the BalanceComparison as JSON.

    `options` are the fields of BalanceOptions. Raises what `compare_balance` does.
    """
    from causal.effects.balance_comparison import BalanceOptions, compare_balance
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    specs = [AnalysisSpec.from_json(dict(each)) for each in payload["specs"]]
    tell(compare_balance(table, specs, BalanceOptions(**payload["options"]), progress).to_json())


def measure_arm_balance(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Measure the balance of all arms of `payload["spec"]`, or of its doses; tells the ArmBalance as JSON.

    `quantity`: whether the treatment is one. Raises what `arm_balance` and `dose_balance` do.
    """
    from causal.effects.arm_balance import arm_balance, dose_balance
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    found = dose_balance(table, spec, progress) if payload["quantity"] else arm_balance(table, spec, None, progress)
    tell(found.to_json())


def trim_units(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Answer `payload["spec"]` at every bound of trimming on the table `table_sha`; tells the TrimmingCurve as JSON,
    then the TrimmingRules.

    Raises DamagedBlob and what `trimming` does.
    """
    from causal.interventions.trimming import trimming, trimming_rules
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    spec = AnalysisSpec.from_json(dict(payload["spec"]))
    tell(trimming(table, spec, progress=_part(progress, 0.0, 0.7)).to_json())
    tell(trimming_rules(table, spec, _part(progress, 0.7, 1.0)).to_json())


def check_models(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Predict units not seen by every model that `payload["spec"]` rests on; tells the ModelFit as JSON.

    Raises what `model_fit` does.
    """
    from causal.effects.model_fit import model_fit
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(model_fit(table, AnalysisSpec.from_json(payload["spec"]), progress).to_json())


def find_regions(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Find the units of `payload["spec"]` without comparable units in the other arm; tells the Positivity as JSON.

    Raises what `positivity` does.
    """
    from causal.effects.positivity import positivity
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(positivity(table, AnalysisSpec.from_json(payload["spec"]), progress).to_json())


def cross_treatments(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Compare the combinations of the treatment in `payload["spec"]` with the column `also`; tells the JointComparison.

    Raises what `compare_joint_arms` does.
    """
    from causal.effects.joint import compare_joint_arms
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(compare_joint_arms(table, AnalysisSpec.from_json(payload["spec"]), payload["also"], progress).to_json())


def weigh_hidden_causes(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """What a hidden cause would have to be like to take the effect of `payload["spec"]` away; tells the Sensitivity.

    Raises what `sensitivity` does.
    """
    from causal.effects.sensitivity import sensitivity
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(sensitivity(table, AnalysisSpec.from_json(payload["spec"]), progress=progress).to_json())


def try_to_refute(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Put every refuter to `payload["spec"]`; tells each Refutation as JSON as soon as it is there.

    `controls` are the fields of NegativeControls. Raises what `refute` does.
    """
    from causal.effects.refutation import NegativeControls, refute
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    controls = NegativeControls(**payload["controls"])
    refute(table, spec, controls=controls, progress=progress, tell=lambda found: tell(found.to_json()))


def try_every_specification(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Answer every specification that `payload["choices"]` make of `spec`; tells each answer, then {"joint": …}.

    An answer is kept under its own spec, so that a curve that was stopped goes on where it was, and another curve with
    the same specification finds it. Raises what `specification_curve` does.
    """
    from causal.effects.specification_curve import SpecificationAnswer, specification_curve
    from causal.effects.specifications import Choices
    from causal.study import AnalysisSpec, fingerprint_of

    def key_of(spec: AnalysisSpec) -> str:
        return result_key(payload["table_sha"], fingerprint_of({"specification": spec.fingerprint}))

    def known(spec: AnalysisSpec) -> SpecificationAnswer | None:
        kept = _intact(room.store, key_of(spec))
        return None if kept is None else SpecificationAnswer.from_json(room.store.get_json(kept.analysis))

    def keep(spec: AnalysisSpec, answered: SpecificationAnswer) -> None:
        room.store.keep_result(key_of(spec), room.store.put_json(answered.to_json()), None)

    def told(found: Any) -> None:
        tell(found.to_json() if isinstance(found, SpecificationAnswer) else {"joint": found.to_json()})

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(dict(payload["spec"]))
    choices = Choices.from_json(payload["choices"])
    specification_curve(table, spec, choices, progress=progress, tell=told, known=known, keep=keep)


def draw_curve(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The dose-response curve of `payload["spec"]`; tells the DoseResponse as JSON.

    Raises what `dose_response` does.
    """
    from causal.effects.dose import dose_response
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(dose_response(table, AnalysisSpec.from_json(payload["spec"]), progress=progress).to_json())


def compare_quantiles(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The effects of `payload["spec"]` on the quantiles of its outcome; tells the QuantileEffects as JSON.

    Raises what `quantile_effects` does.
    """
    from causal.effects.quantiles import quantile_effects
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(quantile_effects(table, AnalysisSpec.from_json(payload["spec"]), progress=progress).to_json())


def divide_totals(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The effect of `payload["spec"]` on its outcome over the column `per`, as totals; tells the RatioEffect as JSON.

    Raises what `ratio_effect` does.
    """
    from causal.effects.ratio import ratio_effect
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    tell(ratio_effect(table, AnalysisSpec.from_json(payload["spec"]), payload["per"], progress).to_json())


def rank_causes(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Ask about every cause of the outcome in `payload["spec"]` under its graph; tells the FeatureImpact as JSON.

    Raises what `feature_impact` does.
    """
    from causal.effects.impact import feature_impact
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    assert spec.graph is not None
    found = feature_impact(
        table,
        spec.graph,
        spec.question.outcome,
        where=spec.where,
        cluster=spec.cluster,
        confidence=spec.confidence,
        seed=spec.seed,
        progress=progress,
        outcome_rule=spec.outcome_rule,
    )
    tell(found.to_json())


def fit_structure(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Fit the structural equations `payload["model"]` (lavaan's syntax); tells the SemFit as JSON.

    `options` are the fields of SemOptions; `where`, if it is there, leaves some units, as in a spec. Raises what
    `fit_sem` does, and EmptyLog.
    """
    from causal.structural.fitting import fit_sem

    progress(0.0, "reading the table")
    tell(fit_sem(_units_asked(room, payload), payload["model"], _sem_options(payload["options"]), progress).to_json())


def _units_asked(room: Workroom, payload: Payload) -> pd.DataFrame:
    from causal.logs.conditions import frame_inside

    return frame_inside(room.table(payload["table_sha"]), payload.get("where", ()))


def _sem_options(written: Mapping[str, Any]) -> SemOptions:
    """The options of a structural model from JSON, where lists stand for tuples."""
    from causal.structural.prepared import SemOptions

    read: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in written.items()}
    return SemOptions(**read)


def hold_groups_equal(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Hold more and more equal across the groups of `payload["options"]["group"]`; tells the Invariance as JSON.

    `model` and `options` as for `fit_structure`. Raises what `invariance` does.
    """
    from causal.structural.invariance import invariance

    progress(0.0, "reading the table")
    table, options = _units_asked(room, payload), _sem_options(payload["options"])
    assert options.group is not None
    tell(invariance(table, payload["model"], options.group, options, progress).to_json())


def refit_structure(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Refit the equations `payload["model"]` on `replicates` samples of the rows; tells the SemBootstrap as JSON.

    `options` are the fields of SemOptions. Raises what `bootstrap_sem` does.
    """
    from causal.structural.bootstrap import bootstrap_sem

    progress(0.0, "reading the table")
    table = _units_asked(room, payload)
    options = _sem_options(payload["options"])
    tell(bootstrap_sem(table, payload["model"], options, payload["replicates"], progress).to_json())


def draw_structure(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Draw from the posterior of the equations `payload["model"]`; tells the SemPosterior as JSON.

    `options` are the fields of SemOptions, `width` how wide the priors are beside the usual ones. Raises what
    `draw_sem` does.
    """
    from causal.structural.posterior import Priors, draw_sem

    progress(0.0, "reading the table")
    table = _units_asked(room, payload)
    options, priors = _sem_options(payload["options"]), Priors().wider(payload["width"])
    tell(draw_sem(table, payload["model"], options, priors, progress=progress).to_json())


def hold_out_structure(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Try the equations `payload["model"]` on rows not seen, in `folds`; tells the HeldOutFit as JSON.

    `options` are the fields of SemOptions. Raises what `held_out_fit` does.
    """
    from causal.structural.held_out import held_out_fit

    progress(0.0, "reading the table")
    table = _units_asked(room, payload)
    options = _sem_options(payload["options"])
    tell(held_out_fit(table, payload["model"], options, payload["folds"], progress).to_json())


def score_all_arms(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Score every arm of `payload["spec"]` for every unit by the `learner`; tells {"blob", "facts"} of the ArmScores.

    `errors`: with those of each unit's predicted gains. Raises what `score_arms` does.
    """
    from causal.policies.arm_scores import score_arms
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    found = score_arms(table, spec, learner=payload["learner"], progress=progress, errors=payload["errors"])
    tell({"blob": room.store.put_arrays(found.to_arrays()), "facts": found.facts()})


def fit_structure_of_graph(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Fit a mechanism for every variable of `payload["graph"]` (JSON text); tells {"blob", "facts"} of the model.

    `where`, `seed` and `cluster` (may be absent) are as in a spec. Raises what `fit_structural_model` does.
    """
    from causal.graphs.causal_graph import CausalGraph
    from causal.interventions.structural_model import fit_structural_model
    from causal.study import conditions_of

    progress(0.0, "reading the table")
    table, graph = room.table(payload["table_sha"]), CausalGraph.parse(payload["graph"])
    where = conditions_of(payload["where"])
    told = {"seed": payload["seed"], "where": where, "cluster": payload.get("cluster")}
    arrays, facts = fit_structural_model(table, graph, **told, on_progress=_part(progress, 0.05, 0.98)).to_arrays()
    progress(0.98, "keeping the model")
    tell({"blob": room.store.put_arrays(arrays), "facts": facts})


def compare_roads(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The graph's formula beside the structural model for `payload["changes"]`; tells the Roads as JSON.

    `model` is what a "structural model" job told, `variable` and `level` what is asked, `among` of which units (as in
    a spec's `where`). Raises what `both_roads` does.
    """
    from causal.interventions.changes import changes_from_json
    from causal.interventions.roads import both_roads
    from causal.interventions.structural_model import StructuralModel
    from causal.study import AnalysisSpec, conditions_of

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    told = payload["model"]
    model = StructuralModel.from_arrays(room.store.get_arrays(told["blob"]), told["facts"])
    progress(0.2, "asking the graph's formula")
    changes = changes_from_json(payload["changes"])
    variable, level, where = payload["variable"], payload["level"], conditions_of(payload["among"])
    tell(both_roads(table, spec, changes, variable, model, level, where, progress).to_json())


def keep_formula_road(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """What answers every change of `payload["causes"]` by the formula: of one quantity, or of several with levels.

    `variable`, `level` and `among` as for "compare roads". Tells {"blob", "facts"} of a KeptFormula, {"arms"} of a
    KeptArms, or the {"reason"} why nothing can be kept.
    """
    from causal.errors import WorkStopped
    from causal.interventions.kept_arms import keep_arms
    from causal.interventions.kept_formula import keep_formula
    from causal.study import AnalysisSpec, conditions_of

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    progress(0.2, "asking the graph's formula")
    causes, asked = payload["causes"], (payload["variable"], payload["level"], conditions_of(payload["among"]))
    try:
        if len(causes) > 1:
            tell({"arms": keep_arms(table, spec, causes, *asked).to_json()})
            return
        arrays, facts = keep_formula(table, spec, causes[0], *asked).to_arrays()
    except WorkStopped:
        raise
    except DoableError as refusal:
        tell({"reason": str(refusal)})
        return
    progress(0.95, "keeping the scores")
    tell({"blob": room.store.put_arrays(arrays), "facts": facts})


def search_rules(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Search the best few rules under `payload["budget"]` and `costs` (per arm); tells {"tree", "value", "spent"}, and
    as "decide otherwise" does what sets the policy apart, {"blob", "facts"}.

    `scores` is what a "score arms" job told. Raises what `policy_of` does.
    """
    from causal.policies.arm_scores import ArmScores
    from causal.policies.policy import policy_of
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    scores = ArmScores.from_arrays(room.store.get_arrays(payload["scores"]["blob"]), payload["scores"]["facts"])
    found = policy_of(
        table, spec, scores, payload["budget"], payload["costs"], "tree", depth=payload["depth"], progress=progress
    )
    assert found.tree is not None
    told = {"tree": found.tree.to_json(), "value": found.value.to_json(), "spent": found.spent}
    tell(told | {"blob": room.store.put_arrays(found.way_arrays()), "facts": found.way_facts()})


def decide_otherwise(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """A policy within `limits`, by `points` or with `variety`, as `payload["way"]` says, under `budget` and `costs`.

    `scores` is what a "score arms" job told; `capacities`, `guardrails` and `worth` as the way takes them. Tells what
    sets the policy apart from that of the budget alone, {"blob", "facts"}. Raises what the ways do.
    """
    from causal.policies import policy as policies
    from causal.policies.arm_scores import ArmScores
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    scores = ArmScores.from_arrays(room.store.get_arrays(payload["scores"]["blob"]), payload["scores"]["facts"])
    asked = (table, spec, scores, payload["budget"], payload["costs"])
    learner = payload["learner"]
    if payload["way"] == "limits":
        limits = payload["capacities"], payload["guardrails"]
        found = policies.policy_within(*asked, learner, *limits, progress=progress)
    elif payload["way"] == "points":
        found = policies.policy_by_points(*asked, learner, progress=progress)
    else:
        found = policies.policy_with_variety(*asked, payload["worth"], learner, progress=progress)
    tell({"blob": room.store.put_arrays(found.way_arrays()), "facts": found.way_facts()})


def predict_by_columns(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """What a "score arms" job told (`payload["scores"]`), with predictions by `columns` alone; tells {"blob", "facts"}.

    Raises what `predict_by` does.
    """
    from causal.policies.arm_scores import ArmScores
    from causal.policies.chosen_columns import predict_by
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    scores = ArmScores.from_arrays(room.store.get_arrays(payload["scores"]["blob"]), payload["scores"]["facts"])
    found = predict_by(table, scores, payload["columns"], payload["learner"], spec.seed, progress)
    progress(1.0, "keeping the predictions")
    tell({"blob": room.store.put_arrays(found.to_arrays()), "facts": found.facts()})


def read_file(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Read the file or folder at `payload["path"]` and keep its rows; tells {"blob"}.

    `name` is what it was called, `encoding` what a person chose (None: found), `desk` a folder of its own, which is
    removed with everything in it. Raises LogError.
    """
    from causal.logs.reading import read_log

    desk = Path(payload["desk"])
    try:
        desk.mkdir(parents=True, exist_ok=True)
        path, name = Path(payload["path"]), payload["name"]
        log = read_log(path, name, desk / "rows", payload["encoding"], progress)
        progress(1.0, "keeping the rows")
        tell({"blob": room.store.put_blob(log.path, "parquet")})
    finally:
        shutil.rmtree(desk, ignore_errors=True)


def tell_unit_effects(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The effect of `payload["spec"]` for every unit by the `learner`; tells {"blob", "facts"} of the UnitEffects.

    Raises what `unit_effects` does.
    """
    from causal.effects.unit_effects import unit_effects
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    found = unit_effects(table, spec, payload["learner"], payload["forest"], progress)
    tell({"blob": room.store.put_arrays(found.to_arrays()), "facts": found.facts()})


def recompute_references(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Recompute every published figure; tells the Accuracy as JSON.

    `payload["packages"]` tells apart machines on which different tables are installed.
    """
    from causal.accuracy.recompute import recompute

    tell(recompute(progress).to_json())


def look_at_log(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """What is wrong with the log `payload["log"]`, and what each column holds; tells {"problems", "profiles"}.

    Raises DamagedBlob, UnreadableLog.
    """
    from causal.logs.problems import problems
    from causal.logs.profile import profile

    progress(0.0, "opening the log")
    log = room.log(payload["log"])
    progress(0.1, "looking for what is wrong")
    found = [asdict(each) for each in problems(log)]
    progress(0.7, "drawing each column")
    tell({"problems": found, "profiles": [asdict(each) for each in profile(log)]})


def make_units(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The units that the recipe `payload["events"]` makes of `log`; tells the Attrition, then their {"blob", "query"}.

    Raises DamagedBlob, UnreadableLog and what `unit_log` does.
    """
    from causal.logs.event_recipe import EventRecipe
    from causal.logs.event_units import attrition, query_text, resolved, unit_log

    progress(0.0, "opening the log")
    log, recipe = room.log(payload["log"]), EventRecipe.from_json(payload["events"])
    with stopped_gently(log.connection is not None):
        progress(0.0, "counting what each step leaves out")
        counted = attrition(log, recipe, progress)
        tell(counted.to_json())
        recipe = resolved(log, recipe, progress)
        query = query_text(log, recipe, progress)
        made = unit_log(log, recipe, progress=progress, expected=counted.units)
    tell({"blob": room.store.put_blob(made.path, "parquet"), "query": query})


def read_table(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """All rows of the `table` of a `connection` with `whole`, else some to try recipes on; tells {"blob"}.

    Some are all events of some users, where a column seems to tell who, or else the first rows. Raises what
    `warehouse_log` does.
    """
    from causal.logs.ready_recipes import guess_events
    from causal.logs.warehouses import here, warehouse_log, with_histories

    with stopped_gently(), tempfile.TemporaryDirectory(prefix="doable-table-") as desk:
        looking = progress if payload["whole"] else _part(progress, 0.0, 0.5)
        log = warehouse_log(payload["connection"], payload["table"], Path(desk), payload["whole"], looking)
        guessed = None if payload["whole"] else guess_events(here(log))
        if guessed is not None:
            log = with_histories(log, guessed.columns.user, Path(desk), _part(progress, 0.5, 1.0))
        tell({"blob": room.store.put_blob(log.path, "parquet")})


def count_kinds(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The most frequent values of the `column` of `log` with their rows; tells {"kinds"}.

    Raises DamagedBlob, UnreadableLog and what `kinds_of` does.
    """
    from causal.logs.event_units import kinds_of

    progress(0.0, "opening the log")
    log = room.log(payload["log"])
    with stopped_gently():
        tell({"kinds": kinds_of(log, payload["column"], progress=progress)})


def report_on_log(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """The report on the log `payload["log"]` and its `units` (a stored log; None: each row is one); tells it as JSON.

    `roles` are those of LogRoles. Raises DamagedBlob, UnreadableLog and LogError.
    """
    from causal.logs.report.log_report import log_report
    from causal.logs.report.looked_at import LogRoles

    progress(0.0, "opening the log")
    log = room.log(payload["log"])
    units = None if payload["units"] is None else room.log({"name": log.name, "blob": payload["units"]})
    tell(log_report(log, units, LogRoles.from_json(payload["roles"]), progress=progress).to_json())


def spec_outcomes(job: Job) -> tuple[SpecOutcome, ...]:
    """What an "answer" job has finished so far."""
    return tuple(SpecOutcome(**each) for each in job.outcomes)


def _answer_one(
    room: Workroom, table_sha: str, document: Payload, start: SpecOutcome, progress: Progress
) -> SpecOutcome:
    from causal.study import AnalysisSpec

    try:
        spec = AnalysisSpec.from_json(dict(document))
        start = replace(start, fingerprint=spec.fingerprint)
        key = result_key(table_sha, spec.fingerprint)
        kept = _intact(room.store, key) or _fit(room, key, table_sha, spec, progress)
        return replace(start, analysis=kept.analysis, scores=kept.scores)
    except DoableError as error:
        return replace(start, error=str(error))
    except MemoryError:
        sentence = "There is not enough memory for this method on this many units. Choose another method."
        return replace(start, error=sentence)
    except Exception as error:
        return replace(start, error=record_fault(room.store.folder, error), fault=True)


def _fit(room: Workroom, key: str, table_sha: str, spec: AnalysisSpec, progress: Progress) -> StoredResult:
    from causal.analysis import answer
    from causal.archive.analyses import keep_analysis

    kept = keep_analysis(room.store, answer(room.table(table_sha), spec, progress=progress))
    room.store.keep_result(key, kept.analysis, kept.scores)
    return kept


def _intact(store: StudyStore, key: str) -> StoredResult | None:
    stored = store.find_result(key)
    try:
        for blob in (stored.analysis, stored.scores) if stored else ():
            if blob is not None:
                store.blob_path(blob)
    except DamagedBlob:
        return None
    return stored


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a part of the work, told as progress of the whole."""
    return lambda share, stage: progress(start + share * (end - start), stage)


def _nth(progress: Progress, position: int, count: int) -> Progress:
    place = f", {position + 1} of {count}" if count > 1 else ""

    def within(share: float, stage: str) -> None:
        progress((position + share) / count, stage + place)

    return within


def ask_model(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Send each of `payload["messages"]` to the language model of this server; tells what came back, and the verdict.

    `model` and `host` are what a person was shown; `rows_agreed` whether they let rows be sent. Raises NoModel where
    the server now names another one, and what `ask` does: what came back before is kept.
    """
    from datetime import UTC, datetime

    from causal.errors import NoModel
    from causal.text.endpoint import Message, ask, configured
    from causal.text.writing import verdict_on

    endpoint = configured()
    if endpoint is None or (endpoint.model, endpoint.host) != (payload["model"], payload["host"]):
        raise NoModel("The language model of this server is another one than was shown. Look again at what is sent.")
    messages = [Message.from_json(each) for each in payload["messages"]]
    for position, message in enumerate(messages):
        nth = _nth(progress, position, len(messages))
        reply = ask(endpoint, message, payload["rows_agreed"], progress=nth)
        told = {"position": position, "text": reply.text, "model": reply.model, "seconds": reply.seconds}
        verdict = verdict_on(message, reply.text)
        tell({**told, "verdict": verdict, "at": datetime.now(UTC).isoformat(timespec="seconds")})


def read_text(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Read the text `payload["text"]` of the units; tells how many texts there are, and keeps what they became.

    `log` and `units` (None: the log itself) are where the rows are, `recipe` how the one became the other. Raises what
    `text_features` does; what was read before a stop is kept.
    """
    from causal.archive.store import text_folder
    from causal.logs.text_recipe import TextRecipe
    from causal.logs.units import UnitRecipe
    from causal.text.features import features_of_rows

    progress(0.0, "opening the log")
    log = room.log(payload["log"])
    rows = log if payload["units"] is None else room.log({"name": log.name, "blob": payload["units"]})
    text, recipe = TextRecipe.from_json(payload["text"]), UnitRecipe.from_json(payload["recipe"])
    found = features_of_rows(log, rows, text, recipe, text_folder(room.store.folder), progress, room.store.blob_path)
    tell({"texts": found.texts})


def compare_with_text(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Answer `payload["spec"]` without the text `text` and with it; tells the TextComparison as JSON.

    Raises what `compare_text` does.
    """
    from causal.effects.text_comparison import compare_text
    from causal.study import AnalysisSpec

    progress(0.0, "reading the table")
    table, spec = room.table(payload["table_sha"]), AnalysisSpec.from_json(payload["spec"])
    tell(compare_text(table, spec, payload["text"], progress).to_json())


KINDS: tuple[Kind, ...] = (
    Kind("answer", answer_specs),
    Kind("discover", discover),
    Kind("check graph", check_graph),
    Kind("compare arms", compare_all_arms),
    Kind("cross treatments", cross_treatments),
    Kind("dose response", draw_curve),
    Kind("quantiles", compare_quantiles),
    Kind("ratio", divide_totals),
    Kind("rank causes", rank_causes),
    Kind("score arms", score_all_arms),
    Kind("fit structure", fit_structure),
    Kind("test invariance", hold_groups_equal),
    Kind("refit structure", refit_structure),
    Kind("draw structure", draw_structure),
    Kind("hold out structure", hold_out_structure),
    Kind("search rules", search_rules),
    Kind("ask model", ask_model),
    Kind("structural model", fit_structure_of_graph),
    Kind("compare roads", compare_roads),
    Kind("keep the formula", keep_formula_road),
    Kind("decide otherwise", decide_otherwise),
    Kind("predict by columns", predict_by_columns),
    Kind("unit effects", tell_unit_effects),
    Kind("measure balance", measure_balance),
    Kind("measure arm balance", measure_arm_balance),
    Kind("find regions", find_regions),
    Kind("check models", check_models),
    Kind("trim", trim_units),
    Kind("recompute references", recompute_references),
    Kind("weigh hidden causes", weigh_hidden_causes),
    Kind("refute", try_to_refute),
    Kind("look at log", look_at_log),
    Kind("make units", make_units),
    Kind("read table", read_table),
    Kind("count kinds", count_kinds),
    Kind("read file", read_file),
    Kind("read text", read_text),
    Kind("compare text", compare_with_text),
    Kind("report on log", report_on_log),
    Kind("try specifications", try_every_specification),
)


def kind_named(name: str) -> Kind:
    """The kind of work with this name; the file that DOABLE_TEST_KINDS names may add some.

    Raises ValueError, naming the kinds that there are.
    """
    kinds = {each.name: each for each in (*KINDS, *_extra_kinds())}
    if name not in kinds:
        raise ValueError(f'There is no kind of work "{name}". There is: {", ".join(kinds)}.')
    return kinds[name]


def _extra_kinds() -> tuple[Kind, ...]:
    path = os.environ.get(EXTRA_KINDS_VARIABLE)
    if not path:
        return ()
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f'{EXTRA_KINDS_VARIABLE} names "{path}", which is no Python file.')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.KINDS)
