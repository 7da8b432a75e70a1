"""How long hostile files are looked at before they are refused, and by how much memory grows meanwhile.

Run: python -m tests.bench.hostile
"""

from __future__ import annotations

import json
import platform
import tempfile
from pathlib import Path

from tests.logs.test_hostile_files import HOSTILE, MB, refused


def long_line_to_the_end(path: Path) -> None:
    """A gigabyte without a line end, all of it there."""
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b"x" * MB)


def main() -> None:
    measured = {}
    for make, name, _ in (*HOSTILE, (long_line_to_the_end, "e.csv", "")):
        with tempfile.TemporaryDirectory() as folder:
            found = refused(make, name, Path(folder))
            assert not found["left"] and not str(found["said"]).startswith("read "), found
            size = (Path(folder) / name).stat().st_size
            measured[make.__name__.replace("_", " ")] = {
                "seconds": round(float(str(found["seconds"])), 3),
                "memory_grown_mb": round(int(str(found["grown"])) / MB, 1),
                "file_mb": round(size / MB, 3),
                "said": found["said"],
            }
    result = {"machine": f"{platform.machine()}, Python {platform.python_version()}", "refused": measured}
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
