"""Terms of art, each in one sentence, for tooltips."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GLOSSARY: Mapping[str, str] = MappingProxyType(
    {
        "treatment": "What is changed: the column whose effect is asked for.",
        "outcome": "What may change because of it: the column that the effect is measured in.",
        "unit": "What one row stands for: a user, a session or an impression.",
        "covariate": "A column that describes the units besides treatment and outcome.",
        "average effect": "The mean outcome if all had the treatment, minus the mean if all had the alternative.",
        "effect on those treated": "The average effect among the units that did get the treatment.",
        "effect on those not treated": "The average effect that the units without the treatment would see from it.",
        "treated": "The units that got the treatment's level that is asked about.",
        "untreated": "The units that got the level it is compared with.",
        "target population": "Whom the average is over: everyone, those treated, those not, or where both arms occur.",
        "unadjusted difference": "The difference between the arms as they are, not yet made comparable.",
        "relative lift": "The effect as a share of the mean without the treatment.",
        "percentage point": "The difference between two percentages: from 10 % to 12 % is 2 percentage points.",
        "confounder": "A common cause of treatment and outcome: unless adjusted for, it passes for an effect.",
        "mediator": "A step on the way from treatment to outcome: adjusting for it removes part of the effect.",
        "instrument": "Something that moves the treatment and reaches the outcome in no other way.",
        "collider": "A common effect of two variables: adjusting for it ties them together where nothing did.",
        "unobserved": "A cause that is in the graph and not in the table, so nothing can adjust for it.",
        "causal graph": "A drawing in which an arrow means that one variable directly affects another.",
        "back-door path": "A way from treatment to outcome that starts with an arrow into the treatment; it biases.",
        "front-door path": "A way through a mediator that gives the effect even where a common cause is hidden.",
        "adjustment set": "Columns that close every back-door path once they are adjusted for.",
        "identified": "The graph says that the effect can be computed from what is observed.",
        "estimand": "The quantity to compute, written with observed columns only, before any estimate is made.",
        "estimate": "The number computed from this table, which another sample would give a little differently.",
        "interval": "A range that would hold the true effect in 95 of 100 such studies, if the assumptions hold.",
        "standard error": "How far the estimate typically lies from the truth through chance alone.",
        "propensity": "The chance of getting the treatment, given the columns adjusted for.",
        "those where both arms occur": "Units count the more, the more open it was which arm they got.",
        "overlap": "Units alike in the columns adjusted for are found in both arms, so they can be compared.",
        "effective sample size": "How many equally weighted units would say as much as the weighted ones do.",
        "trimming": "Leaving out units that had almost no chance of one arm; the answer is for the others.",
        "balance": "How alike the arms are in the columns adjusted for.",
        "standardised difference": "The difference of the arms' means in standard deviations; 0.1 is the limit.",
        "regression": "Predicts the outcome from treatment and covariates in one equation.",
        "standardisation": "Predicts every unit's outcome under both levels and averages the difference.",
        "stratification": "Compares the arms within groups of similar propensity and averages over the groups.",
        "weighting": "Counts a unit the more, the less likely its treatment was: both arms then resemble the target.",
        "overlap weighting": "Counts a unit by its chance of the arm it did not get: means balance exactly.",
        "matching": "Compares each unit with the most similar one of the other arm.",
        "doubly robust": "Combines weighting with predicted outcomes: right if either of the two models is.",
        "influence score": "What one unit contributes to the estimate; what-ifs are averages of them.",
        "what-if": "The outcome to expect if the treatment were given to other units than today.",
        "refuter": "A rerun in which the effect should vanish or stay: if it does not, something is wrong.",
        "sensitivity": "How strong a hidden common cause would have to be to change the answer.",
        "interference": "One unit's treatment changing another unit's outcome, which no average effect foresees.",
        "complete cases": "The units without a missing value in any column that the answer needs.",
    }
)
