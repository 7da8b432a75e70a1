from dataclasses import replace
from math import inf

import pytest

from causal.wording import instruments
from causal.wording.sentences import headline
from tests.wording.split import through_instrument


@pytest.mark.parametrize(
    ("region", "binary", "words"),
    [
        (((1.2345, 3.4),), False, "1.23 to 3.40"),
        (((0.012, 0.034),), True, "1.20 to 3.40"),
        (((-inf, -3.0), (2.0, inf)), False, "below −3.00 or above 2.00"),
        (((-inf, inf),), False, "any value"),
        ((), False, "no value"),
        (((2.0, inf),), False, "above 2.00"),
    ],
)
def test_a_region_of_any_shape_is_told(region, binary, words):
    assert instruments.region_words(region, binary) == words


def test_a_region_is_told_with_what_it_means():
    strong, weak = through_instrument(), through_instrument(push=0.0)
    assert instruments.region_sentence(strong).startswith("However weak or strong arm may be, the effect lies in")
    assert instruments.region_sentence(weak) == (
        "arm contradicts no effect whatever (95 % Anderson-Rubin region): nothing is learnt from it."
    )
    assert "percentage points" in instruments.region_sentence(through_instrument(binary=True))


def test_an_instrument_of_middling_strength_leaves_half_lines():
    strong = through_instrument()
    evidence = replace(
        strong.instrument_evidence, first_stage=(0.1,), reduced_form=(0.9,), covariance=((0.01, 0.0), (0.0, 0.01))
    )
    sentence = instruments.region_sentence(replace(strong, instrument_evidence=evidence))
    assert "so weak that it only rules out some effects: what is left is below" in sentence


def test_the_headline_says_for_whom():
    assert headline(through_instrument()).endswith("for everyone if it is the same for all.")
    assert headline(through_instrument(method="complier_effect")).endswith("for those whom arm moves.")
    assert headline(through_instrument(push=0.0)).startswith("Not an effect to act on")
