"""What is said of columns that show a latent variable and are more than that."""

from __future__ import annotations

import numpy as np
import pandas as pd

import causal
from causal.wording.structure import indicator_sentences


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    f, x = rng.standard_normal(300), rng.standard_normal(300)
    shown = f[:, None] + rng.standard_normal((300, 4))
    shown[:, 3] += 0.5 * x
    return pd.DataFrame(shown, columns=list("abcy")).assign(x=x)


def test_an_outcome_that_shows_the_latent_variable_has_the_number_of_its_arrow() -> None:
    shown = causal.fit_sem(rows(), "f =~ a + b + c + y\ny ~ x")
    caused = causal.fit_sem(rows(), "f =~ a + b + c\ny ~ f + x")
    assert np.isclose(shown.coefficient("f =~ y").estimate, caused.coefficient("y ~ f").estimate, atol=1e-6)
    beyond, same = indicator_sentences(shown, "y")
    assert beyond == "y shows f and has causes of its own: its arrow from x is what that does to it beyond f."
    assert "“f =~ y” is the same arrow as “y ~ f”" in same
    assert indicator_sentences(caused, "y") == []
