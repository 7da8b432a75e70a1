"""The language model of this server, and the descriptions of items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from causal.archive.study import Study
from pages.ui.answers.tables import table_of
from pages.ui.answers.work import begin, job_about, jobs_of


def item_texts(study: Study, choice: Any, rows: Sequence[int], drivers: Any, seed: int) -> list[Any]:
    """For each of these rows of the study's table: its facts and interests, and its description from them alone."""
    from causal.wording.item_texts import item_text

    table = table_of(study)
    return [item_text(table, row, choice, drivers, seed) for row in rows]


def language_model() -> Any:
    """Where the language model of this server is, or None where nobody named one.

    Raises NoModel where what is named cannot be used.
    """
    from causal.text.endpoint import configured

    return configured()


def ask_model(study: Study, endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> None:
    """Have messages sent in the background, once each."""
    begin("ask model", _model_question(endpoint, messages, rows_agreed), study_id=study.id)


def model_job(endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> Any:
    """The job that sends these messages, however it stands; None before they were sent."""
    return job_about("ask model", _model_question(endpoint, messages, rows_agreed))


def _model_question(endpoint: Any, messages: Sequence[Any], rows_agreed: bool) -> dict[str, Any]:
    told = [message.to_json() for message in messages]
    rows = rows_agreed and any(message.rows for message in messages)
    return {"model": endpoint.model, "host": endpoint.host, "messages": told, "rows_agreed": rows}


def model_calls(study: Study) -> list[dict[str, Any]]:
    """Everything that was sent to a language model from this study, and what came back, the newest first."""
    return [
        _call(job, at, message)
        for job in jobs_of(study)
        if job.kind == "ask model"
        for at, message in enumerate(job.payload["messages"])
    ]


def _call(job: Any, at: int, message: Mapping[str, Any]) -> dict[str, Any]:
    told = job.outcomes[at] if at < len(job.outcomes) else {}
    return {
        "when": f"{job.created_at:%Y-%m-%d %H:%M:%S}",
        "for": message["purpose"],
        "model": told.get("model", job.payload["model"]),
        "at": job.payload["host"],
        "rows of data": "yes" if message["rows"] else "no",
        "sent": json.dumps(message["turns"], ensure_ascii=False),
        "came back": told.get("text", job.message or job.state),
        "the guard": told.get("verdict", ""),
        "seconds": told.get("seconds"),
    }
