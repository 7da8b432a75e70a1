import pandas as pd

from causal.discovery.candidates import candidates
from causal.logs.unit_table import UnitTable

FRAME = pd.DataFrame(
    {
        "user": [f"u{each}" for each in range(400)],
        "place": [f"p{each}" for each in range(400)],
        "age": [float(each) for each in range(400)],
        "new": [0, 1] * 200,
        "same": 1.0,
        "one": "a",
    }
)
TABLE = UnitTable.from_frame(FRAME, types={"user": "identifier", "place": "category", "one": "category"})


def test_columns_that_no_search_takes_are_left_out_with_the_reason():
    found = candidates(TABLE)
    assert found.names == ("age", "new")
    assert set(found.left_out) == {"user", "place", "same", "one"}
    assert "an identifier: no test of independence fits it" in found.left_out["user"]
    assert "400 different values" in found.left_out["place"]
    assert found.left_out["same"] == found.left_out["one"].replace("one", "same", 1)


def test_lingam_takes_numbers_only():
    found = candidates(TABLE, "lingam")
    assert found.names == ("age",)
    assert "LiNGAM reads directions from the noise" in found.left_out["new"]
