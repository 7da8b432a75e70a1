"""The house: which way imports run, what the top level holds, what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CAUSAL, PAGES = ROOT / "causal", ROOT / "pages"

LAYERS = (
    {"errors", "progress", "replicates", "secret_files"},
    {"graphs"},
    {"study"},
    {"logs"},
    {"estimators"},
    {"text"},
    {"checks"},
    {"analysis", "discovery", "structural"},
    {"interventions", "effects", "accuracy", "policies"},  # they read stored scores, or ask for further answers
    {"plots", "wording", "archive"},
    {"jobs"},
)
"""A module imports from its own layer and those before it."""

UPWARD = {
    ("logs", "text"): "a recipe of units says which texts become columns of theirs",
    ("logs", "structural"): "and of which latent variables the scores do",
    ("study", "estimators"): "the registry knows the types of the options that a written spec holds",
}
"""Imports inside a function that go against the order, with their reason."""

BESIDE_STREAMLIT = {
    "pages/ui/server.py": {"starlette", "pandas", "plotly"},
    "pages/ui/app_root.py": {"starlette"},
    "pages/ui/intake/receiving.py": {"starlette"},
}
"""The routes are Starlette's, on which Streamlit's server stands; the others are warmed up there, not used."""

HEAVY = ("dowhy", "econml", "statsmodels", "streamlit", "sklearn", "duckdb", "plotly", "networkx", "causallearn")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "base", "core", "misc", "tools"}
TOP_LEVEL = {"requirements.txt", "README.md", "app.py", "pages", "causal", "tests", "data", "LICENSE"}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "node_modules" not in path.parts)


def imports_of(path: Path) -> list[tuple[str, int, bool]]:
    """(module, line, whether at the top of the file) of everything imported; type-checking blocks left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names = [node.module or ""]
            if node.module in ("causal", "pages"):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(name, node.lineno, id(node) in top) for name in names]
    return found


def house_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "causal" and len(parts) > 1 else None


def layer_of(house: str) -> int:
    for place, layer in enumerate(LAYERS):
        if house in layer:
            return place
    raise AssertionError(f"causal/{house} stands in no layer: add it to LAYERS")


@pytest.mark.parametrize("path", modules(CAUSAL), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    place = path.relative_to(CAUSAL).parts
    own = place[0].removesuffix(".py")
    if own == "__init__":
        return
    for module, line, at_top in imports_of(path):
        assert not module.startswith(("pages", "app", "tests")), f"{path}:{line} imports {module}"
        house = house_of(module)
        if house is None:
            assert module != "causal", f"{path}:{line} imports the package it is part of"
            continue
        allowed = layer_of(house) <= layer_of(own) or (not at_top and (own, house) in UPWARD)
        assert allowed, f"{path.relative_to(ROOT)}:{line} imports {module}, which stands above it"


def test_the_layers_name_every_house_and_no_other():
    houses = {path.relative_to(CAUSAL).parts[0].removesuffix(".py") for path in modules(CAUSAL)} - {"__init__"}
    assert sorted(house for layer in LAYERS for house in layer) == sorted(houses)


@pytest.mark.parametrize("path", modules(CAUSAL), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_under_causal_knows_a_screen(path):
    assert not [module for module, _, _ in imports_of(path) if module.split(".")[0] == "streamlit"]


@pytest.mark.parametrize("path", modules(CAUSAL), ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_used(path):
    """DoWhy's adapter is imported only through a method's name; plots are imported by pages only."""
    relative = path.relative_to(CAUSAL)
    permitted = {"dowhy"} if relative == Path("estimators/dowhy_adapter.py") else set()
    if relative.parts[0] == "plots":
        permitted = {"plotly"}
    for module, line, at_top in imports_of(path):
        library = module.split(".")[0]
        assert not at_top or library not in HEAVY or library in permitted, f"{path}:{line} imports {module} at the top"


@pytest.mark.parametrize("path", [*modules(PAGES), *ROOT.glob("app.py")], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_imports_streamlit_causal_and_pages_only(path):
    extra = BESIDE_STREAMLIT.get(str(path.relative_to(ROOT)), set())
    for module, line, _ in imports_of(path):
        library = module.split(".")[0]
        allowed = library in extra or library in ("streamlit", "causal", "pages") or library in sys.stdlib_module_names
        assert allowed, f"{path.relative_to(ROOT)}:{line} imports {module}"


@pytest.mark.parametrize("path", modules(PAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_asks_the_door_for_answers(path):
    if path.parent == PAGES / "ui" / "answers":
        return
    assert not [module for module, _, _ in imports_of(path) if module.startswith("pages.ui.answers")]


def test_a_page_stands_in_a_section():
    assert list(PAGES.glob("*.py")) in ([], [PAGES / "__init__.py"])


def test_modules_are_named_after_what_they_hold():
    names = [path.stem for folder in (CAUSAL, PAGES) for path in modules(folder)]
    folders = [part for folder in (CAUSAL, PAGES) for path in modules(folder) for part in path.parts[:-1]]
    assert FORBIDDEN_NAMES.isdisjoint({*names, *folders})


def test_the_top_level_is_what_the_house_says():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    seen = {line.strip('"').split("/")[0] for line in listed if line}
    assert {name for name in seen if not name.startswith(".")} <= TOP_LEVEL


def test_importing_causal_costs_no_heavy_library():
    program = "import causal, sys; print(sorted(set(sys.modules) & set(sys.argv[1:])))"
    run = subprocess.run(
        [sys.executable, "-c", program, *HEAVY, "numpy", "pandas", "scipy", "ibis", "sqlglot"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_answering_costs_no_dowhy():
    """What learns from the covariates by default needs a library of learners; nothing else does."""
    program = (
        "import causal, numpy as np, pandas as pd, sys\n"
        "frame = pd.DataFrame({'t': [0, 1] * 50, 'x': np.arange(100) % 7.0, 'y': np.arange(100.0)})\n"
        "for method in causal.METHODS:\n"
        "    if method.identify is not None or method.name in ('double_ml', 'causal_forest'):\n"
        "        continue\n"
        "    spec = causal.AnalysisSpec(causal.Question('t', 'y'), adjust_for=('x',), method=method.name)\n"
        "    causal.answer(causal.UnitTable.from_frame(frame), spec)\n"
        "print(sorted(set(sys.modules) & set(sys.argv[1:])))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "dowhy", "econml", "statsmodels", "streamlit", "sklearn", "plotly"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
