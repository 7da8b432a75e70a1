"""Any text is a graph or an error with line and column, at once, and no file is opened: many random texts.

Run: python -m tests.graphs.fuzz [inputs per format] [first seed]. Half of the texts are valid ones with cuts, repeats,
swaps and foreign characters; half are strings of words and marks of the format, or of any characters. Each input has
its own seed: a find is named by format and seed, and `text_of` gives it again.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from causal.errors import CyclicGraph, GraphError, GraphSyntax, UnknownNode
from causal.graphs.causal_graph import CausalGraph
from causal.graphs.formats import dagitty, document, dot, edges, gml, lavaan, mermaid
from tests.hang import SECONDS_OF_A_HANG

READERS: dict[str, Callable[[str], CausalGraph]] = {
    "dagitty": dagitty.read,
    "dot": dot.read,
    "gml": gml.read,
    "mermaid": mermaid.read,
    "json": document.read,
    "edges": edges.read,
    "lavaan": lavaan.read,
}
"""The reader of each format itself, so that a broken start is not read as another format."""

NAMES = ("a", "b", "t", "y", "x1", "a b", 'q"uote', "back\\slash", "é😀", "`tick`", "graph", "1", "-1.5", "<b>", "#35;")
MARKS: dict[str, str] = {
    "dot": 'digraph graph strict dag subgraph { } [ ] -> <- <-> -- = , ; : + pos latent dir both " \\ /* */ // # < > '
    "node edge 1e999",
    "gml": 'graph [ ] node edge id label source target directed bidirected graphics x y 0 1 -1 1e999 # " &quot; '
    "&#99999999;",
    "mermaid": "--> <--> -.-> ==> --- -- | & ::: [ ] ( ) { } %% subgraph end ; #quot; #99999999;",
    "json": '{ } [ ] : , " nodes "nodes" "directed" "bidirected" "name" "role" null true 1e999 NaN -0 Infinity '
    "\\u0000 \\ud800 " + "1" * 5000,
    "edges": '-> <- <-> → ← ↔ - -- < > " \\ # ;',
    "lavaan": "~ ~~ =~ <~ := == ~*~ | * + ? : ( ) , ` ' 0 1 c(0,0) start(.5) efa( ! # level < > - / ^ NA",
}
WORDS = {name: tuple(text.split()) for name, text in MARKS.items()}
WORDS["mermaid"] += ("flowchart LR", "graph TD", "class ", '"')
WORDS["dagitty"] = WORDS["dot"]
STRANGE = (
    "\x00",
    "\ufeff",
    "\u2028",
    "\r",
    "\ud800",
    "\U0010ffff",
    "\t",
    "\x7f",
    "٣",
    "ſ",
    "İ",
    "../../etc/passwd",
    "~/x",
)
ROLES = ("treatment", "outcome", "confounder", "mediator", "unobserved", "selected")


def text_of(name: str, seed: int) -> str:
    """The input of this seed for one format."""
    rng = random.Random(f"{name} {seed}")
    kind = rng.random()
    if kind < 0.5:
        return _mutated(_graph(rng).to_text(name), name, rng)
    if kind < 0.9:
        words = (*WORDS[name], *NAMES, " ", " ", "\n")
        start = _graph(rng).to_text(name)[: rng.randrange(12)]
        return start + rng.choice(("", " ")).join(rng.choices(words, k=rng.randrange(60)))
    letters = [chr(rng.choice((rng.randrange(32, 127), rng.randrange(0xD800), 10))) for _ in range(rng.randrange(80))]
    return "".join(letters) + rng.choice(STRANGE)


def fault_of(name: str, text: str) -> str | None:
    """What is wrong with how a text was read, if anything."""
    opened.clear()
    watching[0] = True
    started = time.process_time()
    try:
        graph = READERS[name](text)
    except GraphSyntax as error:
        fault = _misplaced(text, error)
    except (CyclicGraph, UnknownNode, GraphError) as error:
        fault = None if str(error) else "an error without a sentence"
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
    else:
        fault = _unfaithful(graph, name)
    finally:
        watching[0] = False
    if time.process_time() - started > SECONDS_OF_A_HANG:
        return "it took far too long"
    return f"it opened {opened[0]}" if opened else fault


opened: list[str] = []
watching = [False]


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that notes files opened and processes started."""
    if watching[0] and event in (
        "open",
        "os.open",
        "subprocess.Popen",
        "os.system",
        "socket.connect",
        "exec",
        "compile",
    ):
        opened.append(f"{event} {arguments[:1]}")


def _graph(rng: random.Random) -> CausalGraph:
    names = rng.sample(NAMES, rng.randrange(1, 7))
    pairs = [(left, right) for place, left in enumerate(names) for right in names[place + 1 :]]
    return CausalGraph(
        nodes=tuple(names),
        directed=tuple(pair for pair in pairs if rng.random() < 0.4),
        bidirected=tuple(pair for pair in pairs if rng.random() < 0.1),
        roles=tuple((name, rng.choice(ROLES)) for name in names if rng.random() < 0.3),  # type: ignore[misc]
        positions=tuple((name, rng.uniform(-9, 9), 1.5) for name in names if rng.random() < 0.2),
    )


def _mutated(text: str, name: str, rng: random.Random) -> str:
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        at, end = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        end = min(end, at + rng.choice((1, 3, 30)))
        change = rng.randrange(6)
        if change == 0:
            text = text[:at] + text[end:]
        elif change == 1:
            text = text[:at] + text[at:end] * rng.choice((2, 3, 40)) + text[end:]
        elif change == 2:
            text = text[:at] + rng.choice(WORDS[name]) + text[at:]
        elif change == 3:
            text = text[:at] + rng.choice(STRANGE) + text[end:]
        elif change == 4:
            text = text[:at] + text[at:end][::-1] + text[end:]
        else:
            text = text[:at]
    return text


def _misplaced(text: str, error: GraphSyntax) -> str | None:
    lines = text.split("\n")
    inside = 1 <= error.line <= len(lines) and 1 <= error.column <= len(lines[error.line - 1]) + 1
    return None if inside else f"line {error.line}, column {error.column} is not in the text"


def _unfaithful(graph: CausalGraph, name: str) -> str | None:
    from causal.graphs.formats.writing import kept_by

    again = READERS[name](graph.to_text(name))
    return None if again == kept_by(graph, name) else "written and read again, it is another graph"


def main(inputs: int, first: int) -> None:
    """Print the finds and the slowest text of each format."""
    sys.addaudithook(watch)
    for name in READERS:
        started, slowest = time.perf_counter(), 0.0
        for seed in range(first, first + inputs):
            text = text_of(name, seed)
            began = time.process_time()
            fault = fault_of(name, text)
            slowest = max(slowest, time.process_time() - began)
            if fault is not None:
                print(f"{name} {seed}: {fault}\n    {text[:300]!r}", flush=True)
        seconds = time.perf_counter() - started
        print(f"{name}: {inputs:,} inputs in {seconds:.0f} s, slowest {1000 * slowest:.1f} ms", flush=True)


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    main(arguments[0] if arguments else 100_000, arguments[1] if len(arguments) > 1 else 0)
