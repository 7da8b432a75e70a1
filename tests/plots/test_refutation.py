import pytest

from causal.plots.refutation import refutation, rows
from causal.wording.refutation import refutation_sentence, refutations_finding, refuters_verdict
from tests.checks.refuters.planted import refuted


@pytest.fixture(scope="module")
def sound():
    return refuted("none", 0, 10)


@pytest.mark.parametrize("dark", [False, True])
def test_every_refuter_has_a_picture_with_its_finding_and_a_table(sound, dark):
    for found in sound.values():
        picture = refutation(found, False, dark=dark)
        assert picture.layout.title.text.startswith("<b>") and len(picture.layout.meta["alt"]) > 20
        assert [each["effect"] for each in rows(found)] == [each.effect for each in found.trials]
        assert picture.layout.shapes[-1].x0 == found.expected or any(
            each.x0 == found.expected for each in picture.layout.shapes
        )


def test_the_group_that_carries_the_effect_is_marked():
    found = refuted("lone segment", 0, 10)["leave_out_segment"]
    dots = refutation(found, False).data[0]
    marked = [each.label for each, symbol in zip(found.trials, dots.marker.symbol, strict=True) if symbol == "diamond"]
    assert marked == [found.detail] == ["g: c"]
    assert "that group alone carries it" in refutation_sentence(found, False)


def test_what_a_manager_reads(sound):
    assert (
        refutations_finding(list(sound.values()))
        == "The answer stood up to all 10 tests that apply: nothing tried refutes it."
    )
    assert refuters_verdict(list(sound.values())).light == "passed"
    broken = refuted("halved estimate", 0, 10)
    assert "The method does not find the effect that is there." in refutation_sentence(
        broken["simulated_outcome"], False
    )
    verdict = refuters_verdict(list(broken.values()))
    assert verdict.light == "failed"
    assert verdict.sentence == 'The answer did not stand up to 1 of 10 tests: "Made-up outcome".'
    hidden = refuted("hidden cause", 0, 10)["negative_outcome"]
    assert refutation_sentence(hidden, False).endswith("Something hidden moves both, or the column is no control.")


def test_nothing_to_try_is_said():
    found = refuted("none", 0, 10)["placebo"]
    empty = type(found)("negative_outcome", "does_not_apply", "nothing to try", detail="a column")
    assert refutation_sentence(empty, False) == "There is nothing to try: it needs a column."
    assert refutations_finding([empty]) == "None of the refuters applies here."
