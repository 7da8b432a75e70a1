from __future__ import annotations

import ast
import csv
import io
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from causal.archive.safe_cells import safe_cell, safe_frame
from pages.ui.figure import as_csv

ROOT = Path(__file__).parents[2]
FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1+1",
    "-",
    "+",
    "-1.5.x",
    "--1",
]
PLAIN = ["-1.5", "+3", "-1,234.50", "-.5", "1e-5", "-1E+10", "-12 %", "-3%", "a=b", "", "'=1", "3-2", "x@y"]


@pytest.mark.parametrize("text", [each for each in FORMULAS if each not in "+-"])
def test_a_text_that_looks_like_a_formula_is_made_plain(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", [*PLAIN, "-", "+", -1.5, -2, None, True, float("-inf")])
def test_numbers_and_other_texts_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) is value


def test_a_frames_names_and_texts_are_made_plain_and_its_numbers_stay() -> None:
    frame = pd.DataFrame(
        {"=x": [-1.5, 2.0], "t": pd.Series(["=1", None], dtype="str"), "c": pd.Categorical(["@a", "-1.5"])}
    )
    lines = list(csv.reader(io.StringIO(safe_frame(frame).to_csv(index=False))))
    assert lines == [["'=x", "t", "c"], ["-1.5", "'=1", "'@a"], ["2.0", "", "-1.5"]]
    assert frame.columns.tolist() == ["=x", "t", "c"]


def test_a_figures_table_is_made_plain_in_names_and_cells() -> None:
    text = as_csv([{"=x": "=1", "effect": -1.5}, {"=x": "-1.5", "effect": None}])
    assert list(csv.reader(io.StringIO(text))) == [["'=x", "effect"], ["'=1", "-1.5"], ["-1.5", ""]]


def test_no_table_leaves_the_app_but_through_safe_cells() -> None:
    """Whatever writes CSV or a workbook stands in a function that also names what makes its cells safe."""
    writers = {"to_csv", "to_excel", "writerow", "writerows"}
    for path in [*ROOT.glob("pages/**/*.py"), *ROOT.glob("causal/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        if not any(each in text for each in writers):
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                named = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
                named |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                assert not named & writers or named & {"safe_cell", "safe_frame"}, f"{path}: {function.name}"


def test_streamlits_own_download_of_tables_is_off() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["disableDataExport"] is True
