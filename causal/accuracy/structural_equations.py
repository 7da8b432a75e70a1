"""Figures of structural equation models.

Bollen's (1989) model of industry and democracy, as the tutorial of lavaan prints it (Rosseel 2012, Journal of
Statistical Software 48(2); lavaan.ugent.be/tutorial/sem.html), and its measures of fit as lavaan 0.6 gives them by a
script under tests/. Coefficients are not taken from there: lavaan's search ends where the seventh digit is still open.
"""

from __future__ import annotations

from causal.accuracy.reference import Equations, Quantity, Reference

_DEMOCRACY = """ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8
"""


def _printed(coefficient: str, *figures: tuple[Quantity, str]) -> Reference:
    return Reference(
        method="structural_equations",
        table="democracies",
        asked=Equations(_DEMOCRACY, coefficient),
        figures=figures,
        source="Rosseel, tutorial of R's lavaan, A SEM example",
        command=f"sem(model, PoliticalDemocracy): {coefficient}",
    )


STRUCTURAL_EQUATIONS: tuple[Reference, ...] = (
    _printed(
        "dem60 ~ ind60",
        ("effect", "1.483"),
        ("std_error", "0.399"),
        ("chi_square", "38.125"),
        ("degrees_of_freedom", "35"),
        ("p_value", "0.329"),
    ),
    _printed("dem65 ~ ind60", ("effect", "0.572"), ("std_error", "0.221")),
    _printed("dem65 ~ dem60", ("effect", "0.837"), ("std_error", "0.098")),
    Reference(
        method="structural_equations",
        table="democracies",
        asked=Equations(_DEMOCRACY, "dem65 ~ dem60"),
        figures=(
            ("comparative_fit", "0.9953745"),
            ("tucker_lewis", "0.9927314"),
            ("rmsea", "0.03450448"),
            ("srmr", "0.04441755"),
        ),
        source="R's lavaan",
        command="fitMeasures(sem(model, PoliticalDemocracy))",
        golden="structural/lavaan_reference.json",
    ),
)
