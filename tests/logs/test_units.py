from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from causal.errors import EmptyLog, LogError, UnknownColumn
from causal.logs.columns import guess
from causal.logs.reading import read_log
from causal.logs.units import UnitRecipe, build_units, missing_effects, numbers_in, recipe_of, units_from_frame

TEXT = b"user_id,t,y,x,k\n1,0,1.5,2,a\n2,1,,4,\n3,1,2.5,,b\n4,0,3.5,6,a\n"


def test_each_row_is_a_unit_and_gaps_stay_for_the_analysis_to_count() -> None:
    table = build_units(read_log(TEXT), UnitRecipe(set_aside=("user_id",)))
    assert table.names == ("t", "y", "x", "k")
    assert len(table) == 4
    assert table.column("y").isna().sum() == 1


def test_the_frame_that_came_in_is_not_changed() -> None:
    frame = pd.read_csv(pd.io.common.BytesIO(TEXT))
    before = frame.copy()
    units_from_frame(frame, UnitRecipe(missing="indicator", types=(("k", "category"),)))
    pd.testing.assert_frame_equal(frame, before)


def test_indicator_fills_covariates_and_never_treatment_or_outcome() -> None:
    recipe = UnitRecipe(missing="indicator", keep_missing=("t", "y"))
    table = build_units(read_log(TEXT), recipe)
    assert table.column("x").tolist() == [2.0, 4.0, 4.0, 6.0]
    assert table.column("x: missing").tolist() == [0, 0, 1, 0]
    assert table.column("k").tolist() == ["a", "(missing)", "b", "a"]
    assert table.column("y").isna().tolist() == [False, True, False, False]
    assert table.types["x: missing"] == "binary"


def test_what_each_choice_does_is_said_before_it_is_made() -> None:
    recipe = UnitRecipe(set_aside=("user_id",), keep_missing=("t", "y"))
    complete, indicator = missing_effects(read_log(TEXT), recipe)
    assert (complete.rows_kept, complete.rows_dropped, complete.sentence) == (2, 2, "Keeps 2 of 4 rows.")
    assert (indicator.rows_kept, indicator.columns_added) == (3, ("x: missing",))
    assert indicator.levels_added == ("k: (missing)",)
    only_x = missing_effects(read_log(TEXT), recipe, columns=["t", "x"])[0]
    assert only_x.rows_kept == 3


def test_types_that_a_person_gives_are_applied() -> None:
    frame = pd.DataFrame(
        {"price": ["$3.50", "1,234", "free"], "when": ["2024-01-02", "x", "2024-01-03"], "z": [1, 2, 3]}
    )
    table = units_from_frame(frame, UnitRecipe(types=(("price", "numeric"), ("when", "time"), ("z", "category"))))
    assert table.types == {"price": "numeric", "when": "time", "z": "category"}
    np.testing.assert_array_equal(table.column("price"), [3.5, 1234.0, np.nan])
    assert table.column("when").isna().tolist() == [False, True, False]


def test_numbers_are_found_in_text() -> None:
    texts = pd.Series(["12 %", "1,234.5", "3,5", "-7", "1 234", "1 2 3", "n/a", None])
    np.testing.assert_array_equal(numbers_in(texts), [12, 1234.5, 3.5, -7, 1234, np.nan, np.nan, np.nan])


def test_a_recipe_survives_json() -> None:
    recipe = UnitRecipe("user_id", (("x", "numeric"),), ("k",), "indicator", ("t", "y"))
    assert UnitRecipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_recipe_of_an_older_version_mends_nothing() -> None:
    document = UnitRecipe("user_id").to_json()
    for name in ("merge_spellings", "sentinels_missing", "drop_total_row"):
        del document[name]
    assert UnitRecipe.from_json(document) == UnitRecipe("user_id")
    mending = UnitRecipe(merge_spellings=True, sentinels_missing=True, drop_total_row=True)
    assert UnitRecipe.from_json(json.loads(json.dumps(mending.to_json()))) == mending


DIRTY = b"id;abo;alter;minuten\n" + b"".join(
    b"%03d;%s;%d;%d,5\n" % (i, (b"Ja", b"ja ", b"nein", b"NEIN")[i % 4], -1 if i % 10 == 0 else 20 + i, i)
    for i in range(100)
)


def test_a_recipe_mends_spellings_sentinels_and_a_total_row() -> None:
    log = read_log(DIRTY + b"Summe;;;4.950,0\n")
    as_is = build_units(log, UnitRecipe(types=(("abo", "category"),)))
    assert (len(as_is), as_is.column("abo").nunique(), as_is.column("alter").min()) == (101, 4, -1)
    mended = build_units(log, UnitRecipe(merge_spellings=True, sentinels_missing=True, drop_total_row=True))
    assert len(mended) == 100
    assert mended.column("abo").value_counts().to_dict() == {"Ja": 50, "NEIN": 50}
    assert (mended.column("alter").isna().sum(), mended.column("alter").min()) == (10, 21)
    assert mended.column("minuten").max() == 99.5


def test_a_text_column_called_numeric_gives_its_numbers_and_gaps_for_the_rest() -> None:
    frame = pd.DataFrame({"umsatz": ["1.234,50 €", "k.A.", "3,00 €", "gratis", "-999,00 €"], "y": range(5)})
    table = units_from_frame(frame, UnitRecipe(types=(("umsatz", "numeric"),)))
    np.testing.assert_array_equal(table.column("umsatz"), [1234.5, np.nan, 3.0, np.nan, -999.0])


def test_guesses_become_a_recipe() -> None:
    log = read_log(
        b"arm,clicked,age,version,user_id\n" + b"".join(b"%d,1.5,%d,v1,u%d\n" % (i % 2, i, i) for i in range(50))
    )
    recipe = recipe_of(guess(log))
    assert recipe.set_aside == ("clicked", "version")
    assert recipe.keep_missing == ("arm",)
    assert dict(build_units(log, recipe).types)["user_id"] == "identifier"


def test_mistakes_in_a_recipe_are_named() -> None:
    log = read_log(TEXT)
    with pytest.raises(UnknownColumn, match='no column "clik"'):
        build_units(log, UnitRecipe(set_aside=("clik",)))
    with pytest.raises(LogError, match='"t" is to name each unit once, but 2 rows repeat'):
        build_units(log, UnitRecipe(unit="t"))
    with pytest.raises(EmptyLog, match="Every column is set aside"):
        build_units(log, UnitRecipe(set_aside=log.names))
    with pytest.raises(LogError, match='"drop" is no way to treat missing values'):
        UnitRecipe(missing="drop")  # type: ignore[arg-type]
