"""A log and a graph in; an answer with its reasons out; every what-if after that at once.

The public verbs and nouns, each loaded when first used, so that `import causal` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causal.analysis import Analysis, answer
    from causal.effects.arm_balance import ArmBalance, arm_balance, dose_balance
    from causal.effects.arms import ArmComparison, compare_arms
    from causal.effects.balance_comparison import BalanceComparison, BalanceOptions, compare_balance
    from causal.effects.dose import DoseResponse, dose_response
    from causal.effects.effect_differences import EffectDifferences, effect_differences
    from causal.effects.effect_projection import EffectCurve, EffectProjection, effect_curve, effect_projection
    from causal.effects.effect_tree import EffectTree, effect_tree
    from causal.effects.groups import GroupEffects, group_effects
    from causal.effects.impact import FeatureImpact, feature_impact
    from causal.effects.joint import JointComparison, compare_joint_arms
    from causal.effects.model_fit import ModelFit, model_fit
    from causal.effects.positivity import Positivity, positivity
    from causal.effects.priority import (
        EffectCalibration,
        EffectProfile,
        PriorityCurve,
        effect_calibration,
        effect_profile,
        priority_curve,
    )
    from causal.effects.quantiles import QuantileEffects, quantile_effects
    from causal.effects.ratio import RatioEffect, ratio_effect
    from causal.effects.refutation import NegativeControls, refute
    from causal.effects.risk import RiskMeasures, risk_measures
    from causal.effects.sensitivity import Sensitivity, sensitivity
    from causal.effects.specification_curve import SpecificationCurve, specification_curve
    from causal.effects.specifications import Choices
    from causal.effects.text_comparison import TextComparison, compare_text
    from causal.effects.unit_effects import UnitEffects, unit_effects
    from causal.estimators.estimate import Estimate
    from causal.estimators.registry import METHODS
    from causal.graphs.adjustment import adjustment_sets
    from causal.graphs.causal_graph import CausalGraph
    from causal.graphs.identification import Estimand, identify
    from causal.graphs.implications import Independence, implications
    from causal.graphs.instruments import Instrument, instruments
    from causal.interventions.changes import Randomise, Scale, Set, Shift
    from causal.interventions.counterfactual import Counterfactuals, counterfactual
    from causal.interventions.scenario import Scenario, simulate
    from causal.interventions.structural_equations import sem_what_if
    from causal.interventions.structural_model import StructuralModel, fit_structural_model
    from causal.interventions.treat_share import ShareCurve, treat_share
    from causal.interventions.what_if import WhatIf, what_if
    from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
    from causal.logs.log import Log
    from causal.logs.reading import read_log
    from causal.logs.report.finding import LogReport
    from causal.logs.report.log_report import log_report
    from causal.logs.samples import SAMPLES, open_sample
    from causal.logs.score_recipe import ScoreRecipe
    from causal.logs.several_logs import join_logs, stack_logs
    from causal.logs.text_recipe import TextRecipe
    from causal.logs.time_range import TimeRange, after, before
    from causal.logs.unit_table import UnitTable
    from causal.logs.units import UnitRecipe, build_units
    from causal.logs.vectors import Vectors, join_vectors, read_vectors
    from causal.logs.warehouses import warehouse_log
    from causal.policies.comparison import PolicyComparison, WithoutArms, compare_policies
    from causal.policies.paired_curves import PairedCurves
    from causal.policies.policy import Policy, learn_policy, policy_value
    from causal.policies.value import PolicyValue
    from causal.structural.bootstrap import bootstrap_sem
    from causal.structural.fitting import fit_sem
    from causal.structural.held_out import held_out_fit
    from causal.structural.invariance import Invariance, invariance
    from causal.structural.posterior import draw_sem
    from causal.structural.prepared import SemOptions
    from causal.structural.sem_fit import SemFit
    from causal.study import AnalysisSpec, Bootstrap, Condition, OutcomeRule, Question, Terms
    from causal.text.descriptions import Description, describe, topic_name
    from causal.text.fact_guard import GuardVerdict, guard_text
    from causal.text.facts import Facts
    from causal.text.features import TextFeatures, text_features
    from causal.text.topics import Topic

_PLACES = {
    "Analysis": "causal.analysis",
    "AnalysisSpec": "causal.study",
    "Anchor": "causal.logs.event_recipe",
    "ArmBalance": "causal.effects.arm_balance",
    "ArmComparison": "causal.effects.arms",
    "BalanceComparison": "causal.effects.balance_comparison",
    "BalanceOptions": "causal.effects.balance_comparison",
    "Bootstrap": "causal.study",
    "CausalGraph": "causal.graphs.causal_graph",
    "Choices": "causal.effects.specifications",
    "Cleaning": "causal.logs.event_recipe",
    "Condition": "causal.study",
    "Counterfactuals": "causal.interventions.counterfactual",
    "Description": "causal.text.descriptions",
    "DoableError": "causal.errors",
    "DoseResponse": "causal.effects.dose",
    "EffectCalibration": "causal.effects.priority",
    "EffectCurve": "causal.effects.effect_projection",
    "EffectDifferences": "causal.effects.effect_differences",
    "EffectProfile": "causal.effects.priority",
    "EffectProjection": "causal.effects.effect_projection",
    "EffectTree": "causal.effects.effect_tree",
    "Estimand": "causal.graphs.identification",
    "Estimate": "causal.estimators.estimate",
    "EventColumns": "causal.logs.event_recipe",
    "EventRecipe": "causal.logs.event_recipe",
    "Facts": "causal.text.facts",
    "FeatureImpact": "causal.effects.impact",
    "GroupEffects": "causal.effects.groups",
    "GuardVerdict": "causal.text.fact_guard",
    "Independence": "causal.graphs.implications",
    "Instrument": "causal.graphs.instruments",
    "Invariance": "causal.structural.invariance",
    "JointComparison": "causal.effects.joint",
    "Log": "causal.logs.log",
    "LogReport": "causal.logs.report.finding",
    "METHODS": "causal.estimators.registry",
    "Measure": "causal.logs.event_recipe",
    "ModelFit": "causal.effects.model_fit",
    "NegativeControls": "causal.effects.refutation",
    "NotIdentified": "causal.errors",
    "OutcomeRule": "causal.study",
    "PairedCurves": "causal.policies.paired_curves",
    "Policy": "causal.policies.policy",
    "PolicyComparison": "causal.policies.comparison",
    "PolicyValue": "causal.policies.value",
    "Positivity": "causal.effects.positivity",
    "PriorityCurve": "causal.effects.priority",
    "QuantileEffects": "causal.effects.quantiles",
    "Question": "causal.study",
    "Randomise": "causal.interventions.changes",
    "RatioEffect": "causal.effects.ratio",
    "RiskMeasures": "causal.effects.risk",
    "SAMPLES": "causal.logs.samples",
    "Scale": "causal.interventions.changes",
    "Scenario": "causal.interventions.scenario",
    "ScoreRecipe": "causal.logs.score_recipe",
    "SemFit": "causal.structural.sem_fit",
    "SemOptions": "causal.structural.prepared",
    "Sensitivity": "causal.effects.sensitivity",
    "Set": "causal.interventions.changes",
    "ShareCurve": "causal.interventions.treat_share",
    "Shift": "causal.interventions.changes",
    "SpecificationCurve": "causal.effects.specification_curve",
    "StructuralModel": "causal.interventions.structural_model",
    "Terms": "causal.study",
    "TextComparison": "causal.effects.text_comparison",
    "TextFeatures": "causal.text.features",
    "TextRecipe": "causal.logs.text_recipe",
    "TimeRange": "causal.logs.time_range",
    "Topic": "causal.text.topics",
    "UnitEffects": "causal.effects.unit_effects",
    "UnitRecipe": "causal.logs.units",
    "UnitTable": "causal.logs.unit_table",
    "Vectors": "causal.logs.vectors",
    "WhatIf": "causal.interventions.what_if",
    "WithoutArms": "causal.policies.comparison",
    "adjustment_sets": "causal.graphs.adjustment",
    "after": "causal.logs.time_range",
    "answer": "causal.analysis",
    "arm_balance": "causal.effects.arm_balance",
    "before": "causal.logs.time_range",
    "bootstrap_sem": "causal.structural.bootstrap",
    "build_units": "causal.logs.units",
    "compare_arms": "causal.effects.arms",
    "compare_balance": "causal.effects.balance_comparison",
    "compare_joint_arms": "causal.effects.joint",
    "compare_policies": "causal.policies.comparison",
    "compare_text": "causal.effects.text_comparison",
    "counterfactual": "causal.interventions.counterfactual",
    "describe": "causal.text.descriptions",
    "dose_balance": "causal.effects.arm_balance",
    "dose_response": "causal.effects.dose",
    "draw_sem": "causal.structural.posterior",
    "effect_calibration": "causal.effects.priority",
    "effect_curve": "causal.effects.effect_projection",
    "effect_differences": "causal.effects.effect_differences",
    "effect_profile": "causal.effects.priority",
    "effect_projection": "causal.effects.effect_projection",
    "effect_tree": "causal.effects.effect_tree",
    "feature_impact": "causal.effects.impact",
    "fit_sem": "causal.structural.fitting",
    "fit_structural_model": "causal.interventions.structural_model",
    "group_effects": "causal.effects.groups",
    "guard_text": "causal.text.fact_guard",
    "held_out_fit": "causal.structural.held_out",
    "identify": "causal.graphs.identification",
    "implications": "causal.graphs.implications",
    "instruments": "causal.graphs.instruments",
    "invariance": "causal.structural.invariance",
    "join_logs": "causal.logs.several_logs",
    "join_vectors": "causal.logs.vectors",
    "learn_policy": "causal.policies.policy",
    "log_report": "causal.logs.report.log_report",
    "model_fit": "causal.effects.model_fit",
    "open_sample": "causal.logs.samples",
    "policy_value": "causal.policies.policy",
    "positivity": "causal.effects.positivity",
    "priority_curve": "causal.effects.priority",
    "quantile_effects": "causal.effects.quantiles",
    "ratio_effect": "causal.effects.ratio",
    "read_log": "causal.logs.reading",
    "read_vectors": "causal.logs.vectors",
    "refute": "causal.effects.refutation",
    "risk_measures": "causal.effects.risk",
    "sem_what_if": "causal.interventions.structural_equations",
    "sensitivity": "causal.effects.sensitivity",
    "simulate": "causal.interventions.scenario",
    "specification_curve": "causal.effects.specification_curve",
    "stack_logs": "causal.logs.several_logs",
    "text_features": "causal.text.features",
    "topic_name": "causal.text.descriptions",
    "treat_share": "causal.interventions.treat_share",
    "unit_effects": "causal.effects.unit_effects",
    "warehouse_log": "causal.logs.warehouses",
    "what_if": "causal.interventions.what_if",
}

__all__ = [
    "METHODS",
    "SAMPLES",
    "Analysis",
    "AnalysisSpec",
    "Anchor",
    "ArmBalance",
    "ArmComparison",
    "BalanceComparison",
    "BalanceOptions",
    "Bootstrap",
    "CausalGraph",
    "Choices",
    "Cleaning",
    "Condition",
    "Counterfactuals",
    "Description",
    "DoseResponse",
    "EffectCalibration",
    "EffectCurve",
    "EffectDifferences",
    "EffectProfile",
    "EffectProjection",
    "EffectTree",
    "Estimand",
    "Estimate",
    "EventColumns",
    "EventRecipe",
    "Facts",
    "FeatureImpact",
    "GroupEffects",
    "GuardVerdict",
    "Independence",
    "Instrument",
    "Invariance",
    "JointComparison",
    "Log",
    "LogReport",
    "Measure",
    "ModelFit",
    "NegativeControls",
    "OutcomeRule",
    "PairedCurves",
    "Policy",
    "PolicyComparison",
    "PolicyValue",
    "Positivity",
    "PriorityCurve",
    "QuantileEffects",
    "Question",
    "Randomise",
    "RatioEffect",
    "RiskMeasures",
    "Scale",
    "Scenario",
    "ScoreRecipe",
    "SemFit",
    "SemOptions",
    "Sensitivity",
    "Set",
    "ShareCurve",
    "Shift",
    "SpecificationCurve",
    "StructuralModel",
    "Terms",
    "TextComparison",
    "TextFeatures",
    "TextRecipe",
    "TimeRange",
    "Topic",
    "UnitEffects",
    "UnitRecipe",
    "UnitTable",
    "Vectors",
    "WhatIf",
    "WithoutArms",
    "adjustment_sets",
    "after",
    "answer",
    "arm_balance",
    "before",
    "bootstrap_sem",
    "build_units",
    "compare_arms",
    "compare_balance",
    "compare_joint_arms",
    "compare_policies",
    "compare_text",
    "counterfactual",
    "describe",
    "dose_balance",
    "dose_response",
    "draw_sem",
    "effect_calibration",
    "effect_curve",
    "effect_differences",
    "effect_profile",
    "effect_projection",
    "effect_tree",
    "feature_impact",
    "fit_sem",
    "fit_structural_model",
    "group_effects",
    "guard_text",
    "held_out_fit",
    "identify",
    "implications",
    "instruments",
    "invariance",
    "join_logs",
    "join_vectors",
    "learn_policy",
    "log_report",
    "model_fit",
    "open_sample",
    "policy_value",
    "positivity",
    "priority_curve",
    "quantile_effects",
    "ratio_effect",
    "read_log",
    "read_vectors",
    "refute",
    "risk_measures",
    "sem_what_if",
    "sensitivity",
    "simulate",
    "specification_curve",
    "stack_logs",
    "text_features",
    "topic_name",
    "treat_share",
    "unit_effects",
    "warehouse_log",
    "what_if",
]


def __getattr__(name: str) -> Any:
    """A public name, imported on first use."""
    if name not in _PLACES:
        raise AttributeError(f"module 'causal' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
