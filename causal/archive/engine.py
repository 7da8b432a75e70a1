"""Which code computes: a result belongs to its data, its spec, and the engine that made it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from causal.study import fingerprint_of

_LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "statsmodels", "dowhy", "econml")


@cache
def engine_fingerprint() -> str:
    """64 hexadecimal digits over this package's source and the versions of the numerical libraries."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return fingerprint_of({"source": digest.hexdigest(), "libraries": {each: _version(each) for each in _LIBRARIES}})


def result_key(table_sha: str, spec_fingerprint: str) -> str:
    """The key of an analysis: equal for the same table, spec and engine, in any process."""
    return fingerprint_of({"table": table_sha, "spec": spec_fingerprint, "engine": engine_fingerprint()})


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
