from __future__ import annotations

from pathlib import Path

import pytest

from causal.errors import UnknownColumn
from causal.logs.reading import frame_of
from causal.logs.samples import open_sample
from causal.logs.some_users import some_users


def test_some_users_have_all_of_their_events_in_their_order(tmp_path: Path) -> None:
    log = open_sample("video")
    some = some_users(log, "user_id", 4_000, tmp_path)
    assert 2_000 < some.rows < 8_000
    frame, whole = frame_of(some), frame_of(log)
    kept = whole[whole["user_id"].isin(frame["user_id"].unique())].reset_index(drop=True)
    assert frame.equals(kept)
    assert some_users(log, "user_id", 4_000, tmp_path).fingerprint == some.fingerprint


def test_a_small_log_is_whole_and_a_wrong_column_is_named() -> None:
    log = open_sample("video")
    assert some_users(log, "user_id") is log
    with pytest.raises(UnknownColumn, match='has no column "who"'):
        some_users(log, "who")
