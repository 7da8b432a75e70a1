"""Streamlit's secrets, read without Streamlit: what whoever runs the app has written for it, in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from causal.errors import DoableError


def secret_files() -> tuple[Path, ...]:
    """Where Streamlit looks for secrets, the less specific first."""
    return tuple(folder / ".streamlit" / "secrets.toml" for folder in (Path.home(), Path.cwd()))


def secrets_of(section: str, refusal: type[DoableError]) -> Mapping[str, Any]:
    """What the files say under one heading, the project's own before the user's.

    Raises `refusal` where a file cannot be read.
    """
    found: dict[str, Any] = {}
    for path in secret_files():
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8")).get(section, {})
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise refusal(f'The secrets in "{path}" cannot be read as TOML. Mend the file.') from error
        if isinstance(held, dict):
            found |= held
    return found
