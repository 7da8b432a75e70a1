"""How many spoiled texts the fact guard catches, and how many true ones it sends back for nothing.

`python -m tests.bench.fact_guard` measures the 200 committed cases, an examiner's 200 and 20 spoilings of every true
text, and says of each group of texts how the guard of its time took it at first reading; the output is
`fact_guard.json`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

from causal.text.fact_guard import guard_text
from tests.text.examined_items import AT_FIRST as EXAMINED_AT_FIRST
from tests.text.examined_items import EXAMINED
from tests.text.guard_cases import EVERY, kept
from tests.text.held_out_items import AT_FIRST
from tests.text.sly_texts import SLIPPED_AT_FIRST, SLIPS_THROUGH, SLY
from tests.text.spoilers import spoiled

OUTPUT = Path(__file__).with_suffix(".json")
TIMES = 20


def share(count: int, total: int) -> dict[str, float]:
    return {"count": count, "of": total, "share": round(count / total, 4)}


def cases() -> dict[str, object]:
    found = kept()
    false = [each for each in found if not each.true]
    true = [each for each in found if each.true]
    by = {who.split(":")[0] for who in {each.by for each in false}}
    return {
        "caught": share(sum(not each.passed for each in false), len(false)),
        "caught by who spoiled it": {
            who: share(sum(not each.passed for each in own), len(own))
            for who in sorted(by)
            for own in [[each for each in false if each.by.startswith(who)]]
        },
        "false alarms": share(sum(not each.passed for each in true), len(true)),
    }


def examined() -> dict[str, object]:
    false = [not guard_text(text, item.facts).passed for item in EXAMINED for text, _ in item.false]
    true = [not guard_text(text, item.facts).passed for item in EXAMINED for text in item.true]
    return {
        "at first reading": {name: share(*figures) for name, figures in EXAMINED_AT_FIRST.items()},
        "caught": share(sum(false), len(false)),
        "false alarms": share(sum(true), len(true)),
    }


def spoilings() -> dict[str, object]:
    total: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    started, seed = time.process_time(), 0
    for item in EVERY.values():
        for text in item.true:
            for _ in range(TIMES):
                seed += 1
                how, made = spoiled(text, item.facts, seed)
                total[how] += 1
                caught[how] += not guard_text(made, item.facts).passed
    seconds = time.process_time() - started
    return {
        "caught": share(sum(caught.values()), sum(total.values())),
        "by spoiler": {how: share(caught[how], total[how]) for how in sorted(total)},
        "milliseconds a text": round(1000 * seconds / seed, 2),
    }


def main() -> None:
    measured = {
        "two hundred cases": cases(),
        "an examiner's two hundred": examined(),
        "spoiled with other seeds": spoilings(),
        "sly texts let through": share(len(SLIPS_THROUGH), len(SLIPS_THROUGH) + sum(map(len, SLY.values()))),
        "sly texts let through at first reading": {name: share(*figures) for name, figures in SLIPPED_AT_FIRST.items()},
        "false alarms at first reading": {name: share(*figures) for name, figures in AT_FIRST.items()},
    }
    OUTPUT.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(measured, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
