"""
Rule mutation: finds the changes of a lifecycle that tests do not notice.

A mutant is a definition with one thing changed: a guard dropped, a threshold moved, a transition
redirected. Tests that pass with a mutant in the place of the original have not looked there. The idea,
and the score, are those of DeMillo, Lipton and Sayward, "Hints on Test Data Selection" (1978); the changes
follow Fabbri, Delamaro, Maldonado and Masiero, "Mutation Analysis Testing for Finite State Machines"
(1994), and for guards the operators on conditions that are usual for programs.
"""

from __future__ import annotations

from ._mutants import Mutant, mutants
from ._mutate import mutate
from ._report import MutationReport, Trial


__all__ = ["Mutant", "MutationReport", "Trial", "mutants", "mutate"]
