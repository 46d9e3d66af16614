"""How alike two rankings of the same institutions are: Spearman's rho and Kendall's tau-b.

Owns: the two coefficients, with ties. Arrays in, a number out; they compare values as they are given (quantise first).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evaluator.assessment.scoring import Floats


def spearman(a: Floats, b: Floats) -> float | None:
    """Give Spearman's rank correlation: the product-moment correlation of midranks, which allows for ties.

    Source: Spearman (1904), The proof and measurement of association between two things, Am. J. Psychol. 15, 72-101;
    with ties as in Kendall and Gibbons (1990), Rank Correlation Methods, 5th ed., chapter 3.

    Returns:
        -1 to 1; `None` where one side has fewer than two different values, for which it is not defined.
    """
    x, y = (pd.Series(values).rank(method="average").to_numpy(dtype=np.float64) for values in (a, b))
    if len(x) < 2:
        return None
    x, y = x - x.mean(), y - y.mean()
    spread = math.sqrt(float((x * x).sum()) * float((y * y).sum()))
    return float((x * y).sum()) / spread if spread else None


def kendall(a: Floats, b: Floats) -> float | None:
    """Give Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs not tied in each.

    Source: Kendall (1945), The treatment of ties in ranking problems, Biometrika 33, 239-251.

    Returns:
        -1 to 1; `None` where one side has fewer than two different values, for which it is not defined.
    """
    concordance = untied_a = untied_b = 0
    for n in range(1, len(a)):  # a row at a time: the pairs of ten thousand don't fit into memory at once
        x, y = np.sign(a[:n] - a[n]).astype(np.int8), np.sign(b[:n] - b[n]).astype(np.int8)
        concordance += int((x * y).sum(dtype=np.int64))
        untied_a += int(np.count_nonzero(x))
        untied_b += int(np.count_nonzero(y))
    return concordance / math.sqrt(untied_a * untied_b) if untied_a and untied_b else None
