"""The quantum of all comparisons: numbers are compared as the nearest multiple of 1e-9 (METHOD, "Ranks").

Owns: quantising one number; `assessment.scoring.quantised` does the same to an array, bit for bit. Python's own `round`
does not: it rounds the exact binary number, these the product with 1e9, and they part where the tenth decimal is a 5.
Knows nothing of what is compared.
"""

from __future__ import annotations

from math import copysign, isfinite

QUANTUM_DIGITS = 9
"""Comparisons and ranks look at values quantised to 1e-9."""
QUANTA = 10.0**QUANTUM_DIGITS
"""Quanta in 1."""


def quantised_one(value: float) -> float:
    """Quantise one number to 1e-9; what is not finite, or so large that its quanta are not, stays as it is."""
    quanta = float(value) * QUANTA
    return copysign(round(quanta) / QUANTA, value) if isfinite(quanta) else float(value)
