"""Who is comparable: positivity, trimming, balance, and the analyst's judgement of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from causal.archive.study import Study
from pages.ui.answers.effects import overruling_key
from pages.ui.answers.tables import intact_table_blob, levels_of, start_work, table_blob, table_of, work_about
from pages.ui.answers.work import begin, job_about, told

OVERLAP_JUDGED = "overlap judged"
"""Where a study's view keeps whether the analyst finds the overlap enough, by `overruling_key`."""


def find_regions(study: Study, spec: Any) -> None:
    """Have it found in the background which units have nobody comparable in the other arm, once per table and spec."""
    start_work(study, "find regions", _regions(spec))


def positivity_job(study: Study, spec: Any) -> Any:
    """The job that finds the units without comparable units, however it stands; None before there is one."""
    return work_about(study, "find regions", _regions(spec))


def _regions(spec: Any) -> dict[str, Any]:
    """The regions hang on the question, the graph and the units, not on a method's options."""
    return {"spec": replace(spec, options=None, bootstrap=None).to_json()}


def positivity_told(job: Any) -> Any:
    """What a finished job found, else None."""
    from causal.effects.positivity import Positivity

    return told(job, Positivity)


def checked_judgement(enough: bool, reason: str | None) -> dict[str, Any]:
    """What an analyst says of the overlap as it is kept.

    Raises OptionProblem where the reason says nothing.
    """
    from dataclasses import asdict

    from causal.checks.ledger import OverlapJudgement

    return asdict(OverlapJudgement(enough, reason or ""))


def overlap_judgement_of(study: Study, spec: Any) -> Any:
    """The analyst's judgement of the overlap of a spec's answer on the study's table, or None."""
    from causal.checks.ledger import OverlapJudgement

    found = study.view.get(OVERLAP_JUDGED, {}).get(overruling_key(study, spec))
    return None if found is None else OverlapJudgement(**found)


def try_trimming(study: Study, spec: Any) -> None:
    """Have a spec answered at every bound of trimming in the background, once per table and spec."""
    intact_table_blob(study)
    begin("trim", _trimming(study, spec), study_id=study.id)


def trimming_job(study: Study, spec: Any) -> Any:
    """The job that tries every bound of trimming, however it stands; None before there is one."""
    return job_about("trim", _trimming(study, spec))


def trimming_told(job: Any) -> Any:
    """The curve that a finished trial told, else None."""
    from causal.interventions.trimming import TrimmingCurve

    return told(job, TrimmingCurve)


def trimming_rules_told(job: Any) -> Any:
    """What a finished trial told of the usual rules, else None."""
    from causal.interventions.trimming import TrimmingRules

    return told(job, TrimmingRules, 1)


def _trimming(study: Study, spec: Any) -> dict[str, Any]:
    from causal.interventions.trimming import untrimmed

    return {"table_sha": table_blob(study), "spec": untrimmed(spec).to_json()}


def balance_told(job: Any) -> Any:
    """The balance in full that a finished job told, else None."""
    from causal.effects.balance_comparison import BalanceComparison

    return told(job, BalanceComparison)


def arm_balance_told(job: Any) -> Any:
    """The balance of all arms, or of a quantity, that a finished job told, else None."""
    from causal.effects.arm_balance import ArmBalance

    return told(job, ArmBalance)


def other_columns(study: Study, analysis: Any) -> tuple[str, ...]:
    """The columns that an answer does not adjust for and whose balance can be measured all the same."""
    table, question = table_of(study), analysis.spec.question
    used = {question.treatment, question.outcome, *analysis.adjust_for}
    kinds = ("numeric", "binary", "category")
    return tuple(name for name in table.names if name not in used and table.types[name] in kinds)


def grouping_columns(study: Study, analysis: Any) -> tuple[str, ...]:
    """The columns in whose groups balance can be measured."""
    table, question = table_of(study), analysis.spec.question
    return tuple(
        name
        for name in table.names
        if name not in (question.treatment, question.outcome)
        and (table.types[name] == "numeric" or (table.types[name] in ("category", "binary") and _few(study, name)))
    )


def _few(study: Study, column: str) -> bool:
    from causal.effects.groups import MOST_GROUPS

    return 2 <= len(levels_of(study, column)) <= MOST_GROUPS
