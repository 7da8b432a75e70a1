"""The one list of published figures: the accuracy page recomputes it, and a test holds every figure of it."""

from __future__ import annotations

from causal.accuracy.r_packages import R_PACKAGES
from causal.accuracy.reference import Reference
from causal.accuracy.stata import STATA
from causal.accuracy.structural_equations import STRUCTURAL_EQUATIONS
from causal.accuracy.textbooks import TEXTBOOKS

REFERENCES: tuple[Reference, ...] = (*STATA, *TEXTBOOKS, *R_PACKAGES, *STRUCTURAL_EQUATIONS)
