"""Many refits: the same digits on one process and on two, true progress, and an end when it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from causal.errors import WorkStopped
from causal.replicates import run_replicates


def draw(data, seed):
    return float(np.random.default_rng(seed).normal() + data["shift"])


def fail(data, seed):
    raise ValueError("no")


def test_one_process_and_two_give_the_same_digits_in_the_same_order():
    one = run_replicates(draw, {"shift": 1.0}, 40, seed=3, processes=1)
    two = run_replicates(draw, {"shift": 1.0}, 40, seed=3, processes=2)
    assert one == two == run_replicates(draw, {"shift": 1.0}, 40, seed=3)
    assert len(set(one)) == 40
    assert one != run_replicates(draw, {"shift": 1.0}, 40, seed=4, processes=1)


def test_the_first_replicates_do_not_depend_on_how_many_follow():
    assert run_replicates(draw, {"shift": 0.0}, 5, 1) == run_replicates(draw, {"shift": 0.0}, 50, 1)[:5]


@pytest.mark.parametrize("processes", [1, 2])
def test_progress_runs_to_the_end(processes):
    seen = []
    run_replicates(draw, {"shift": 0.0}, 20, 1, processes, lambda share, stage: seen.append((share, stage)))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert seen[-1] == (1.0, "refitting, 20 of 20")


@pytest.mark.parametrize("processes", [1, 2])
def test_work_can_be_stopped(processes):
    def stop(share, stage):
        raise WorkStopped("Stopped.")

    with pytest.raises(WorkStopped, match="Stopped"):
        run_replicates(draw, {"shift": 0.0}, 20, 1, processes, stop)


def test_what_fails_here_fails_the_whole():
    with pytest.raises((ValueError, RuntimeError)):
        run_replicates(fail, None, 10, 1, processes=2)
