"""The only door to caches and background work: everything slow is done once per question, keyed by our fingerprints.

A page calls every verb as `answers.verb(...)`; each stands in the module of its subject.
"""

# ruff: noqa: F401 (this list is the door)
from __future__ import annotations

from pages.ui.answers.accuracy import accuracy_told, recompute_references, references_job
from pages.ui.answers.benefit import (
    curve_columns,
    effect_curve,
    effect_drivers_told,
    effect_profile,
    effect_projection,
    effect_rules,
    unit_effects_file,
    unit_effects_told,
    who_benefits,
)
from pages.ui.answers.effects import (
    comparison_told,
    curve_told,
    error_of,
    estimate_rows,
    group_effects,
    impact_told,
    joint_told,
    methods_asked,
    methods_offered,
    overruling_key,
    quantiles_told,
    ratio_told,
    second_treatments,
    sentence_of,
    share_curve,
    specs_asked,
    submit,
)
from pages.ui.answers.graphs import (
    about_graph,
    candidates_of,
    fit_told,
    graph_fit_of,
    graph_test_job,
    graph_verdict,
    graph_versions,
    mended_of,
    proposal_told,
    reading_of,
    search_graph,
    search_job,
    study_reading,
    test_graph,
)
from pages.ui.answers.incoming import (
    arrivals,
    clear_away,
    connections,
    keep_upload,
    log_read,
    read_arrival,
    read_shared,
    read_table,
    reading_job,
    shared_logs,
    table_read,
    tables_of,
)
from pages.ui.answers.language import ask_model, item_texts, language_model, model_calls, model_job
from pages.ui.answers.ledger import CHECKS, OVERRULED, check_what_is_missing, checked_overruling, checks_running, known
from pages.ui.answers.log_reports import log_report_job, log_report_told, rows_of_finding, start_log_report
from pages.ui.answers.logs import (
    about_events,
    all_here,
    columns_of,
    counterparts_in,
    first_rows,
    guesses,
    keep_vectors,
    log_of,
    look_again,
    look_job,
    made_at_once,
    number_columns,
    problems,
    profile,
    rows_are_events,
    says_when,
    together,
)
from pages.ui.answers.overlap import (
    OVERLAP_JUDGED,
    arm_balance_told,
    balance_told,
    checked_judgement,
    find_regions,
    grouping_columns,
    other_columns,
    overlap_judgement_of,
    positivity_job,
    positivity_told,
    trimming_job,
    trimming_rules_told,
    trimming_told,
    try_trimming,
)
from pages.ui.answers.policies import (
    arm_scores_told,
    cost_columns,
    drivers_caption,
    guardrail_columns,
    policy,
    policy_another_way,
    policy_comparison,
    policy_file,
    policy_for_their_money,
    policy_range,
    policy_units,
    rules_told,
)
from pages.ui.answers.robustness import (
    check_models,
    control_candidates,
    hidden_cause_verdict,
    hidden_causes_job,
    model_fit_job,
    model_fit_told,
    model_fit_verdict,
    refutation_job,
    refutations_told,
    refuters_verdict,
    sensitivity_told,
    try_to_refute,
    weigh_hidden_causes,
    why_no_model_fit,
    why_not_refuted,
)
from pages.ui.answers.specifications import (
    CHOICES,
    group_columns,
    methods_for_curve,
    outcome_columns,
    specification_choices,
    specifications_job,
    specifications_told,
    try_specifications,
    valid_sets,
    why_no_curve,
)
from pages.ui.answers.structures import (
    invariance_told,
    latent_variables,
    ordered_candidates,
    score_recipe,
    scored_variables,
    structure_draws_told,
    structure_file,
    structure_held_out_told,
    structure_refits_told,
    structure_scenario,
    structure_today,
    structure_told,
)
from pages.ui.answers.tables import (
    MOST_LEVELS,
    is_quantity,
    levels_of,
    row_named,
    start_work,
    table_blob,
    table_of,
    units_inside,
    work_about,
)
from pages.ui.answers.texts import encoders, read_text, text_columns, text_comparison_told, text_job, text_read
from pages.ui.answers.units import (
    attrition_told,
    kinds_job,
    kinds_of_events,
    missing_choices,
    query_told,
    recipe_of,
    some_of,
    some_units_of,
    start_units,
    suggested_recipe,
    unit_log_of,
    units_job,
    units_wait,
)
from pages.ui.answers.what_if import (
    counterfactual_of,
    fit_structural_model,
    recorded_shares,
    roads_from,
    roads_told,
    scenario,
    structural_asked,
    structural_job,
    structural_model_told,
)
from pages.ui.answers.work import belongs, first_page, job, jobs_of, outcomes, pool, record, stop, store
