"""Two hundred texts, half of them spoiled on purpose, and what the guard makes of them.

`python -m tests.text.guard_cases` writes them to `guard_cases.json`: true texts by hand and by a small model, spoiled
ones by hand, by the seeded spoilers and by the same model. A test holds the file to what this makes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from causal.text.fact_guard import guard_text
from tests.text import model_texts
from tests.text.guard_items import ITEMS
from tests.text.held_out_items import FIFTH, FOURTH, HELD_OUT, SECOND, THIRD
from tests.text.spoilers import spoiled

FILE = Path(__file__).with_name("guard_cases.json")
EVERY = {each.name: each for each in (*ITEMS, *SECOND, *THIRD, *FOURTH, *FIFTH, *HELD_OUT)}
SEED = 20261126
HALF = 100
BY_HAND = 30


@dataclass(frozen=True)
class Case:
    """A text about an item, whether it is true, and who wrote or spoiled it."""

    item: str
    text: str
    true: bool
    by: str

    @property
    def passed(self) -> bool:
        return guard_text(self.text, EVERY[self.item].facts).passed


def made() -> list[Case]:
    """The two hundred cases, drawn with the seed."""
    rng = np.random.default_rng(SEED)
    written = [(item.name, text) for item in EVERY.values() for text in item.true]
    chosen = [written[place] for place in rng.permutation(len(written))[: HALF - len(model_texts.TRUE)]]
    true = [*(Case(*each, True, "hand") for each in chosen), *(Case(*each, True, "model") for each in model_texts.TRUE)]
    faults = [(item.name, text) for item in ITEMS for text, _ in item.false]
    false = [Case(*faults[place], False, "hand") for place in rng.permutation(len(faults))[:BY_HAND]]
    false += [Case(*each, False, "model") for each in model_texts.FALSE]
    for place in rng.permutation(len(chosen))[: HALF - len(false)]:
        item, text = chosen[place]
        how, changed = spoiled(text, EVERY[item].facts, seed=SEED + int(place))
        false.append(Case(item, changed, False, f"spoiler: {how}"))
    return [*true, *false]


def kept() -> list[Case]:
    """The cases as the file has them."""
    return [Case(**each) for each in json.loads(FILE.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    FILE.write_text(
        json.dumps([asdict(each) for each in made()], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
