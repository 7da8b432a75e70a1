"""Finished analyses as blobs: the JSON of what is shown, and beside it the unit-level arrays that what-ifs need."""

from __future__ import annotations

from causal.analysis import Analysis, analysis_from_json, analysis_to_json, scores_to_arrays
from causal.archive.store import StoredResult, StudyStore
from causal.logs.unit_table import UnitTable


def keep_analysis(store: StudyStore, analysis: Analysis) -> StoredResult:
    """The blobs under which the analysis is kept for good."""
    arrays = scores_to_arrays(analysis)
    return StoredResult(
        analysis=store.put_json(analysis_to_json(analysis)),
        scores=store.put_arrays(arrays) if arrays else None,
    )


def load_analysis(
    store: StudyStore, analysis: str, scores: str | None = None, table: UnitTable | None = None
) -> Analysis:
    """The analysis of a blob; with the blob of its `scores` and its `table`, it answers what-ifs too.

    Raises DamagedBlob, naming what is not as it was written.
    """
    arrays = None if scores is None else store.get_arrays(scores)
    return analysis_from_json(store.get_json(analysis), arrays, table)
