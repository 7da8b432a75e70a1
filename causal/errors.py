"""Everything that a person can get wrong, as one tree; each message says what is wrong, where, and what to do next.

DoableError
├── LogError            the file or table that came in
│   ├── UnreadableLog       not a table we can read, with line and column where known
│   │   └── UnclearEncoding     text that may be in one encoding or another
│   ├── EmptyLog            no rows, or no columns
│   ├── ArrivalRefused      a file that may not be sent, is too large, or lies elsewhere
│   ├── UnknownColumn       a name that the log does not have
│   └── WarehouseError      a table that stays where it is cannot be asked
│       └── NoConnection        no connection has this name here
├── QuestionError       what is asked does not fit the data
│   ├── TreatmentProblem    one level only, levels not named, a level that no unit has
│   ├── OutcomeProblem      text, constant, all missing
│   └── CovariateProblem    too many levels, text, the treatment itself
├── GraphError          the drawing
│   ├── GraphSyntax         text that is no graph: line and column
│   ├── CyclicGraph         names the cycle
│   └── UnknownNode         a name that the graph does not have
├── NotIdentified       the graph does not determine the effect; `.reason` says why
├── EstimationError     the numbers cannot be had from these units
│   ├── TooFewUnits         an arm too small to estimate from
│   ├── PerfectSeparation   covariates that decide the treatment
│   ├── OptionProblem       an option that the method does not have, or a value out of range
│   └── NoScores            a what-if from a method that keeps no unit-level scores
├── StudyError          what is kept on disk
│   ├── StudyNotFound
│   ├── StudyConflict       another tab saved first
│   ├── NewerSchema         the file was written by a newer version
│   └── DamagedBlob         its bytes are not those that were written
├── ModelError          the language model that whoever runs the app has named
│   ├── NoModel             there is none, or its address cannot be used
│   ├── ModelRefused        what would be sent may not be sent
│   └── ModelTimeout        it did not answer in time
└── WorkStopped         long work that a person cancelled
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class DoableError(Exception):
    """A mistake that a person can mend; `str(error)` is the sentence to show them."""


class LogError(DoableError):
    """The file or table that came in cannot be used."""


class UnreadableLog(LogError):
    """The bytes are not a table that we can read."""


class UnclearEncoding(UnreadableLog):
    """Text whose encoding cannot be told; `words` are some of its bytes, `likely` the encodings it may be in."""

    def __init__(self, message: str, words: Iterable[bytes], likely: Iterable[str]) -> None:
        super().__init__(message)
        self.words = tuple(words)
        self.likely = tuple(likely)


class EmptyLog(LogError):
    """The table has no rows, or no columns."""


class ArrivalRefused(LogError):
    """A file that is not taken in: nobody may send it, it is too large, or it lies where files may not be read."""


class UnknownColumn(LogError):
    """A column that the table does not have."""

    @classmethod
    def named(cls, name: str, available: Iterable[str]) -> UnknownColumn:
        """The error for a missing column `name`, with the nearest names among `available`."""
        return cls(f'The table has no column "{name}". {_alternatives(name, available)}')


class WarehouseError(LogError):
    """A table in a database or a warehouse cannot be asked."""


class NoConnection(WarehouseError):
    """No connection has this name on this machine."""


class QuestionError(DoableError):
    """What is asked does not fit the data."""


class TreatmentProblem(QuestionError):
    """The treatment cannot be compared between two levels."""


class OutcomeProblem(QuestionError):
    """The outcome has no mean to compare."""


class CovariateProblem(QuestionError):
    """A covariate cannot be adjusted for."""


class GraphError(DoableError):
    """The causal graph cannot be used."""


class GraphSyntax(GraphError):
    """Text that is no graph; `line` and `column` (from 1) say where."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"Line {line}, column {column}: {message}")
        self.line = line
        self.column = column


class CyclicGraph(GraphError):
    """The arrows go round in a circle; `cycle` lists its nodes."""

    def __init__(self, cycle: Iterable[str]) -> None:
        self.cycle = tuple(cycle)
        path = " → ".join([*self.cycle, self.cycle[0]])
        super().__init__(f"The arrows form a circle: {path}. A cause cannot be its own effect: remove one of them.")


class UnknownNode(GraphError):
    """A variable that the graph does not have."""

    @classmethod
    def named(cls, name: str, available: Iterable[str]) -> UnknownNode:
        """The error for a missing node `name`, with the nearest names among `available`."""
        return cls(f'The graph has no variable "{name}". {_alternatives(name, available)}')


class NotIdentified(DoableError):
    """The graph does not determine the effect from what is observed; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EstimationError(DoableError):
    """The numbers cannot be had from these units."""


class TooFewUnits(EstimationError):
    """An arm, or the whole table, is too small to estimate from."""


class PerfectSeparation(EstimationError):
    """The covariates decide the treatment: no comparable units are left."""


class OptionProblem(EstimationError):
    """An option that the method does not have, or a value out of its range."""


class NoScores(EstimationError):
    """The method keeps no unit-level scores, so this what-if cannot be answered from it."""


class StudyError(DoableError):
    """What is kept on disk cannot be used as asked."""


class StudyNotFound(StudyError):
    """No study has this id."""


class StudyConflict(StudyError):
    """Another tab or browser saved this study first; nothing was overwritten."""


class NewerSchema(StudyError):
    """The store was written by a newer version of the app."""


class DamagedBlob(StudyError):
    """A stored file's bytes are not those that were written."""


class ModelError(DoableError):
    """A language model did not answer as one."""


class NoModel(ModelError):
    """No language model is named here, or its address cannot be used."""


class ModelRefused(ModelError):
    """What would be sent to a language model may not be sent."""


class ModelTimeout(ModelError):
    """A language model did not answer in time."""


class WorkStopped(DoableError):
    """Long work was cancelled by a person."""


def _alternatives(name: str, available: Iterable[str]) -> str:
    known = sorted(str(each) for each in available)
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(f'"{each}"' for each in near) + "?"
    shown = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    return f"It has: {shown}." if known else "It has none."
