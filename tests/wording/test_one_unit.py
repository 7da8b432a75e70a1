"""One unit's otherwise in words: a number where the model gives one, else bounds, and never a mean of levels."""

from __future__ import annotations

import pandas as pd
import pytest

from causal.interventions.changes import Set
from causal.interventions.counterfactual import CounterfactualValue, LevelChance, counterfactual
from causal.interventions.scenario import simulate
from causal.wording import one_unit as wording
from causal.wording.what_if import Told
from tests.interventions.a_model import a_model

UNIT = {"x": 10.0, "d": "phone", "t": 0, "m": 0.4, "y": 1.0, "won": "no", "stars": 3, "site": "web"}


@pytest.fixture(scope="module")
def told() -> Told:
    return Told(simulate(a_model(), {"t": Set(1)}))


def test_a_quantity_is_told_as_one_number_and_levels_as_chances(told: Told) -> None:
    found = counterfactual(a_model(), pd.DataFrame([UNIT], index=[17]), {"t": Set(1)})
    said = {each.node: wording.unit_finding(told, each) for each in found.rows}
    assert said["y"].startswith("With t set to 1, this unit would, by the model, have had y ")
    assert ", not 1.00 (with the uncertainty of the fit " in said["y"]
    assert "with a chance of" in said["won"] and " is possible (with the uncertainty of the fit " in said["won"]
    rows = wording.unit_rows(told, found.rows)
    won = [each for each in rows if each["variable"].startswith("won: ")]
    assert [each["variable"] for each in won] == ["won: no", "won: yes"]
    assert won[0]["as it is"] == "has it" and won[1]["as it is"] == ""
    assert all(each["then"].endswith("%") and each["rests on"] for each in won)


def test_bounds_are_told_where_a_number_is_not_identified(told: Told) -> None:
    found = CounterfactualValue(17, "y", 1.0, 2.5, 1.0, 2.0, 3.0, False, "monotone")
    assert "have had y between 2.00 and 3.00, not 1.00; 2.50 in the mean of what could be." in wording.unit_finding(
        told, found
    )
    assert wording.unit_rows(told, (found,))[0]["possible"] == "between 2.00 and 3.00"


def test_a_level_that_is_certain_is_told_without_a_chance(told: Told) -> None:
    sure = (LevelChance("no", 0.0, 0.0, 0.0), LevelChance("yes", 1.0, 1.0, 1.0))
    found = CounterfactualValue(17, "won", "no", "yes", 1.0, 1.0, 1.0, True, "nothing", sure)
    assert wording.unit_finding(told, found).endswith("have had won yes, not no.")


def test_the_uncertainty_of_the_fit_is_told_in_numbers_that_differ(told: Told) -> None:
    open_ = (LevelChance("no", 0.6, 0.42, 0.88), LevelChance("yes", 0.4, 0.12, 0.58, (0.01, 0.02)))
    found = CounterfactualValue(17, "won", "no", "yes", 0.4, 0.12, 0.58, False, "monotone", open_, (0.01, 0.02))
    assert wording.unit_finding(told, found).endswith(
        "with a chance of 40 %; anywhere between 12 % and 58 % is possible (with the uncertainty of the fit 10.4 % to "
        "61.3 %)."
    )
    assert wording.unit_rows(told, (found,))[1]["with the uncertainty of the fit"] == "10.4 % to 61.3 %"
    close = (LevelChance("no", 0.0, 0.0, 1e-9), LevelChance("yes", 1.0, 1 - 1e-9, 1.0, (1e-9, 0.0)))
    sure = CounterfactualValue(17, "won", "no", "yes", 1.0, 1 - 1e-9, 1.0, False, "monotone", close, (1e-9, 0.0))
    assert wording.unit_finding(told, sure).endswith("most likely have had won yes, with a chance of 100 %.")
