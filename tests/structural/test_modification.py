"""What freeing a coefficient would do: beside lavaan's indices, and beside refits where lavaan's are off."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from causal.structural.fitting import fit_sem
from causal.wording.structure import modification_sentence
from tests.structural.test_lavaan import with_moments

REFERENCE = json.loads((Path(__file__).parent / "lavaan_indices.json").read_text())


def frame_of(case: dict) -> pd.DataFrame:
    if "rows" in case:
        return pd.DataFrame(case["rows"], columns=case["names"], dtype=float)
    return with_moments(case["moments"][0], case["names"], 0)


@pytest.mark.parametrize("name", REFERENCE)
def test_indices_are_lavaans(name):
    """But those of arrows into exogenous columns, which the next test holds to refits."""
    case = REFERENCE[name]
    fit = fit_sem(frame_of(case), case["model"])
    found = {each.name: each for each in fit.modifications}
    least = fit.modifications[-1].index
    for told in case["indices"]:
        spelled = f"{told['lhs']} {told['op']} {told['rhs']}"
        if (told["lhs"] in fit.exogenous and name == "exogenous") or told["mi"] <= max(least, 1e-9):
            continue
        ours = found.get(spelled) or found[f"{told['rhs']} {told['op']} {told['lhs']}"]
        assert (ours.index, ours.expected) == pytest.approx((told["mi"], told["epc"]), rel=1e-3, abs=1e-3), spelled


@pytest.mark.parametrize("arrow", ["z1 ~ x2", "z1 ~ y", "z2 ~ w"])
def test_an_arrow_into_an_exogenous_column_gains_what_a_refit_gains(arrow):
    """The score test and the likelihood ratio are near each other at 300 rows; lavaan's index is off by a third."""
    case = REFERENCE["exogenous"]
    rows = frame_of(case)
    plain = fit_sem(rows, case["model"])
    freed = fit_sem(rows, f"{case['model']}\nz1 ~~ z1 + z2\nz2 ~~ z2\n{arrow}")
    ours = next(each for each in plain.modifications if each.name == arrow)
    assert ours.index == pytest.approx(plain.chi2 - freed.chi2, rel=0.03)
    assert ours.expected == pytest.approx(freed.coefficient(arrow).estimate, rel=0.1)
    assert "takes z" in modification_sentence(plain, ours) or "loop" in modification_sentence(plain, ours)
