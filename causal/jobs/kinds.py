"""The kinds of work that run in a worker; to add one, write its function and one line in `KINDS`."""

from __future__ import annotations

import importlib.util
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal.archive.engine import result_key
from causal.archive.faults import record_fault
from causal.archive.store import StoredResult, StudyStore
from causal.errors import DamagedBlob, DoableError
from causal.progress import Progress

if TYPE_CHECKING:
    from causal.logs.unit_table import UnitTable

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


@dataclass(frozen=True)
class Kind:
    """A named kind of work; `run` raises DoableError with the sentence to show where the whole of it fails."""

    name: str
    run: Callable[[Workroom, Payload, Progress, Tell], None]


def answer_specs(room: Workroom, payload: Payload, progress: Progress, tell: Tell) -> None:
    """Answer each of `payload["specs"]` on the table `payload["table_sha"]`, one outcome per spec, in their order.

    An outcome has `position`, `method`, `fingerprint`, and either `analysis` and `scores` (blobs) or `error` (a
    sentence); an error of one spec leaves the others alone. Raises DamagedBlob where the table cannot be read, and
    DoableError at the end if one error was a fault of ours, so that the job is not taken for done.
    """
    specs = payload["specs"]
    progress(0.0, "reading the table")
    table = room.table(payload["table_sha"])
    faults = []
    for position, document in enumerate(specs):
        outcome, fault = _answer_one(room, table, payload["table_sha"], document, _nth(progress, position, specs))
        tell({"position": position, "method": document["method"], **outcome})
        if fault:
            faults.append(fault)
    if faults:
        raise DoableError(faults[0])


def _answer_one(
    room: Workroom, table: UnitTable, table_sha: str, document: Payload, progress: Progress
) -> tuple[dict[str, Any], str | None]:
    from causal.study import AnalysisSpec

    try:
        spec = AnalysisSpec.from_json(dict(document))
        key = result_key(table_sha, spec.fingerprint)
        stored = _intact(room.store, key) or _fit(room.store, key, table, spec, progress)
        return {"fingerprint": spec.fingerprint, "analysis": stored.analysis, "scores": stored.scores}, None
    except DoableError as error:
        return {"error": str(error)}, None
    except MemoryError:
        return {"error": "There is not enough memory for this method on this many units. Choose another method."}, None
    except Exception as error:
        sentence = record_fault(room.store.folder, error)
        return {"error": sentence}, sentence


def _fit(store: StudyStore, key: str, table: UnitTable, spec: Any, progress: Progress) -> StoredResult:
    from causal.analysis import analysis_to_json, answer, scores_to_bytes

    analysis = answer(table, spec, progress=progress)
    scores = scores_to_bytes(analysis)
    stored = StoredResult(
        store.put_json(analysis_to_json(analysis)), None if scores is None else store.put_blob(scores, "npz")
    )
    store.keep_result(key, stored.analysis, stored.scores)
    return stored


def _intact(store: StudyStore, key: str) -> StoredResult | None:
    stored = store.find_result(key)
    try:
        for blob in (stored.analysis, stored.scores) if stored else ():
            if blob is not None:
                store.blob_path(blob)
    except DamagedBlob:
        return None
    return stored


def _nth(progress: Progress, position: int, specs: Any) -> Progress:
    name = specs[position]["method"].replace("_", " ")
    place = f", {position + 1} of {len(specs)}" if len(specs) > 1 else ""

    def within(share: float, stage: str) -> None:
        progress((position + share) / len(specs), f"fitting {name}{place}" + (f": {stage}" if stage else ""))

    within(0.0, "")
    return within


KINDS: tuple[Kind, ...] = (Kind("answer", answer_specs),)


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
