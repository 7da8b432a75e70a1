"""What an engine could be told to do, written where an analyst writes names and values: it stays a name or a value."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from causal.errors import LogError
from causal.logs.event_recipe import Anchor, Cleaning, EventColumns, EventRecipe, Measure
from causal.logs.event_units import unit_log
from causal.logs.log import Log
from causal.logs.reading import frame_of, read_log
from causal.logs.time_range import after

ESCAPES = (
    "read_csv('/etc/passwd')",
    "'; SELECT * FROM read_text('/etc/passwd'); --",
    "\") FROM read_csv('/etc/passwd') --",
    "\"; COPY (SELECT 1) TO '{folder}/written.csv'; --",
    "'); COPY (SELECT 1) TO '{folder}/written.csv'; --",
    "COPY rows TO '{folder}/written.csv'",
    "'; EXPORT DATABASE '{folder}/exported'; --",
    "'; ATTACH '{folder}/attached.db' AS other; --",
    "\"; ATTACH '{folder}/attached.db'; --",
    "'; INSTALL httpfs; LOAD httpfs; --",
    "'; SET enable_external_access=true; --",
    "'; SET lock_configuration=false; --",
    "'; PRAGMA enable_logging; --",
    "'; PRAGMA database_list; --",
    "'; CREATE SECRET s (TYPE S3); --",
    "read_parquet('https://example.org/x.parquet')",
    "s3://bucket/key.parquet",
    "getenv('HOME')",
    "' || getenv('HOME') || '",
    "glob('/etc/*')",
    "../../../etc/passwd",
    "/etc/passwd",
    "*",
    "COLUMNS('.*')",
    "{{1+1}} ${{HOME}} $(id) `id`",
    "?",
    "$1",
    "x\\' OR 1=1 --",
    "\u200b' OR ''='",
    "frame",
    "__import__('os').system('id')",
)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def as_csv(escapes: list[str]) -> bytes:
    """A user per escape, with the escape as a column's name, as a kind of event, and as a value in its column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["user", "when", "kind", *escapes])
    for place, escape in enumerate(escapes):
        values = [escape if each == place else "plain" for each in range(len(escapes))]
        writer.writerow([f"u{place:02d}", "2024-01-01", escape, *values])
        writer.writerow([f"u{place:02d}", "2024-01-02", "view", *["plain"] * len(escapes)])
    return out.getvalue().encode()


def test_an_escape_is_a_name_and_a_value_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    escapes = [each.replace("{folder}", str(tmp_path)) for each in ESCAPES]
    log = read_log(as_csv(escapes), f"{escapes[0]}.csv", folder=tmp_path / "logs")
    assert log.names == ("user", "when", "kind", *escapes)
    frame = frame_of(log)
    for place, escape in enumerate(escapes):
        assert frame[escape].tolist() == [escape if row == 2 * place else "plain" for row in range(2 * len(escapes))]
    recipe = EventRecipe(
        EventColumns("user", "when", kind="kind", item=escapes[0]),
        anchor=Anchor("first of a kind", tuple(escapes)),
        outcomes=(
            *(Measure("count", after(None), (each,), name=each) for each in escapes),
            *(Measure("share", after(None), column=each, levels=(each,), name="share of") for each in escapes[:6]),
        ),
        cleaning=Cleaning("key", ("user", "when", *escapes)),
        incomplete="keep",
    )
    units = frame_of(unit_log(log, recipe, tmp_path / "units"))
    for place, escape in enumerate(escapes):
        assert units[escape].tolist() == [int(row == place) for row in range(len(escapes))]
    for place, escape in enumerate(escapes[:6]):
        assert units[f"share of: {escape}"].tolist() == [0.5 * (row == place) for row in range(len(escapes))]
    assert [Path(each).suffix for each in files(tmp_path)] == [".parquet", ".parquet"]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return read_log(as_csv(["item"]), folder=tmp_path_factory.mktemp("log"))


@pytest.mark.parametrize("escape", ESCAPES)
def test_an_escape_in_the_other_places_of_a_recipe_is_refused(log: Log, escape: str, tmp_path: Path) -> None:
    columns, counted = EventColumns("user", "when", kind="kind"), (Measure("count", after(1)),)
    for make in (
        lambda: EventRecipe(EventColumns(escape, "when"), outcomes=counted),
        lambda: EventRecipe(columns, anchor=Anchor("date", at=escape), outcomes=counted),
        lambda: EventRecipe(columns, outcomes=counted, time_zone=escape),
        lambda: EventRecipe(columns, outcomes=(Measure("sum", after(1), column=escape),)),
    ):
        with pytest.raises(LogError):
            unit_log(log, make(), tmp_path)
    assert files(tmp_path) == []


def test_an_escape_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for escape in ESCAPES:
        if not Path(escape).is_file():  # a library reads the path that its caller names; the app's own folder does not
            with pytest.raises(LogError, match="There is no file"):
                read_log(escape)
