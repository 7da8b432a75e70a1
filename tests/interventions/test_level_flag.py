"""A level as a column of yes and no: which one, turned or not, and under which spelling it is found."""

from __future__ import annotations

import pandas as pd
import pytest

from causal.errors import OptionProblem
from causal.interventions.level_flag import flag_of
from causal.logs.unit_table import UnitTable

TABLE = UnitTable.from_frame(
    pd.DataFrame(
        {
            "plan": ["free", "paid", None, "paid"],
            "size": ["a", "b", "c", "b"],
            "seen": [True, False, True, True],
            "minutes": [1.0, 2.5, 3.0, 4.0],
        }
    )
)


def test_the_last_of_two_levels_is_flagged_and_missing_stays_missing():
    found = flag_of(TABLE, "plan", None)
    assert (found.level, found.turned) == ("paid", False)
    assert found.table.column("plan").astype("object").where(lambda each: each.notna(), None).tolist() == [
        False,
        True,
        None,
        True,
    ]


def test_the_first_of_two_is_the_other_one_turned():
    found = flag_of(TABLE, "plan", "free")
    assert (found.level, found.turned) == ("free", True)
    assert found.table.column("plan").dropna().tolist() == [False, True, True]


def test_the_first_of_three_is_flagged_itself():
    found = flag_of(TABLE, "size", "a")
    assert (found.level, found.turned) == ("a", False)
    assert found.table.column("size").tolist() == [True, False, False, False]


@pytest.mark.parametrize("written", [True, "True", "TRUE", "true"])
def test_a_level_is_found_as_a_file_may_write_it(written):
    assert flag_of(TABLE, "seen", written).level == True  # noqa: E712


def test_a_number_is_left_as_it_is():
    assert flag_of(TABLE, "minutes", None) == (TABLE, None, False)


def test_a_level_that_no_unit_has_is_refused_with_those_there_are():
    with pytest.raises(OptionProblem, match=r"no level 'gold'\. It has: 'free', 'paid'"):
        flag_of(TABLE, "plan", "gold")
