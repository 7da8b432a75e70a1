"""What the refuters found, as sentences that a manager understands: plain text, names as the data spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from causal.checks.refuters.registry import refuter_named
from causal.checks.verdict import Verdict
from causal.wording.numbers import Binary, change_text, counted, interval, unit_after
from causal.wording.phrases import short_name

if TYPE_CHECKING:
    from causal.checks.refuters.refutation import Refutation


def refutation_sentence(found: Refutation, binary: Binary) -> str:
    """What one refuter found."""
    if found.reason == "nothing to try":
        return f"There is nothing to try: it needs {found.detail}."
    if found.reason == "refused":
        return found.detail
    if found.reason == "no answer":
        return "Too many of the refits had no answer for the others to say anything."
    return _WORDS[found.refuter](found, binary)


def refutations_finding(all_found: Sequence[Refutation]) -> str:
    """All of them in one sentence."""
    applied = [each for each in all_found if each.light != "does_not_apply"]
    failed = [each for each in applied if each.light != "passed"]
    if not applied:
        return "None of the refuters applies here."
    if not failed:
        return f"The answer stood up to {_all(len(applied))}: nothing tried refutes it."
    names = ", ".join(f'"{refuter_named(each.refuter).title}"' for each in failed)
    return f"The answer did not stand up to {len(failed)} of {counted(len(applied), 'test')}: {names}."


def refuters_verdict(all_found: Sequence[Refutation]) -> Verdict:
    """The light of the refuters among those of an answer: the worst of theirs."""
    lights = {each.light for each in all_found}
    light = next((each for each in ("failed", "attention", "passed") if each in lights), "does_not_apply")
    return Verdict("refuters", light, refutations_finding(all_found))  # type: ignore[arg-type]


def refuter_title(found: Refutation) -> str:
    """The refuter's name with the column it was given."""
    title = refuter_named(found.refuter).title
    return f"{title} ({short_name(found.detail)})" if found.refuter.startswith("negative") and found.trials else title


def _all(count: int) -> str:
    return "the one test that applies" if count == 1 else f"all {count} tests that apply"


def _placebo(found: Refutation, binary: Binary) -> str:
    told = f"With a treatment that nobody had the effect averages {_average(found, binary)} over {_times(found)}"
    if found.reason == "biased":
        return f"{told}: the method finds an effect where there can be none."
    if found.reason == "intervals too narrow":
        return f"{told}, but {found.missed} of the intervals leave zero out: they are too narrow."
    return f"{told}: no effect where there can be none."


def _made_up(found: Refutation, binary: Binary) -> str:
    told = f"Put in: {change_text(found.expected, binary)}; found: {_average(found, binary)} over {_times(found)}"
    if found.reason == "biased":
        return f"{told}. The method does not find the effect that is there."
    if found.reason == "intervals too narrow":
        return f"{told}, but {found.missed} of the intervals miss it: they are too narrow."
    return f"{told}. The method finds what is there."


def _random(found: Refutation, binary: Binary) -> str:
    told = f"With noise adjusted for, the effect averages {_average(found, binary)}, and was {_was(found, binary)}"
    return told + {"moves": ": noise moves it.", "scatters": ", but it scatters by more than its own error."}.get(
        found.reason, ": it stays."
    )


def _parts(found: Refutation, binary: Binary) -> str:
    told = f"On random parts of the data it averages {_average(found, binary)}, and was {_was(found, binary)}"
    return told + {
        "moves": ": parts of the data tell another effect.",
        "scatters": ", but it scatters by more than its standard error allows.",
    }.get(found.reason, ": parts of the data tell the same.")


def _drawn_again(found: Refutation, binary: Binary) -> str:
    """How far the refits scatter, in standard errors, and how many have the effect's sign."""
    told = f"Refits on units drawn again scatter by {found.detail} times the standard error"
    if found.reason == "scatters":
        return f"{told}: the interval is too narrow."
    if found.reason == "moves":
        return f"{told}, but average {_average(found, binary)} where the effect is {_was(found, binary)}."
    same = len(found.trials) - found.missed
    return f"{told}, and {same} of {len(found.trials)} keep its sign: the interval is wide enough."


def _out_of_reach(found: Refutation, binary: Binary) -> str:
    """The control's own unit is not known here, so numbers stay plain."""
    at = found.trials[0]
    ends = interval(at.effect - 1.96 * at.std_error, at.effect + 1.96 * at.std_error)
    told = (
        f'On "{short_name(found.detail)}", where none is expected, the effect is {change_text(at.effect, False)} {ends}'
    )
    if found.light == "passed":
        return f"{told}: none is found."
    doubt = "Something hidden moves both, or the column is no control." if found.light == "failed" else "A close call."
    return f"{told}. {doubt}"


def _one_unit(found: Refutation, binary: Binary) -> str:
    if found.reason == "one stands out":
        left = next(each for each in found.trials if each.label == found.detail)
        return (
            f"Without {found.detail} alone the effect is {change_text(left.effect, binary)}, and with it "
            f"{_was(found, binary)}: look at that row."
        )
    return f"No single unit carries the effect: without each it stays within {_range(found, binary)}."


def _one_covariate(found: Refutation, binary: Binary) -> str:
    if found.reason == "one stands out":
        left = next(each for each in found.trials if each.label == found.detail)
        return (
            f'"{short_name(found.detail)}" all but fixes the outcome or the treatment, and without it the effect is '
            f"{change_text(left.effect, binary)} instead of {_was(found, binary)}: was it there before the treatment?"
        )
    return (
        f"Without each covariate in turn the effect lies within {_range(found, binary)}; none is too good to be true."
    )


def _one_group(found: Refutation, binary: Binary) -> str:
    if found.reason == "one stands out":
        left = next(each for each in found.trials if each.label == found.detail)
        return (
            f"Without {short_name(found.detail)} it is {change_text(left.effect, binary)} and no longer clear: "
            "that group alone carries it."
        )
    return f"Without each group in turn the effect lies within {_range(found, binary)}: no one group carries it."


_WORDS = {
    "placebo": _placebo,
    "simulated_outcome": _made_up,
    "random_cause": _random,
    "subset": _parts,
    "resampled": _drawn_again,
    "negative_outcome": _out_of_reach,
    "negative_exposure": _out_of_reach,
    "leave_out_unit": _one_unit,
    "leave_out_covariate": _one_covariate,
    "leave_out_segment": _one_group,
}


def _average(found: Refutation, binary: Binary) -> str:
    return change_text(float(found.effects.mean()), binary)


def _was(found: Refutation, binary: Binary) -> str:
    return change_text(found.expected, binary)


def _range(found: Refutation, binary: Binary) -> str:
    return interval(float(found.effects.min()), float(found.effects.max()), binary) + unit_after(binary)


def _times(found: Refutation) -> str:
    return counted(len(found.trials), "simulation")
