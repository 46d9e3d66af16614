"""How figures about a questionnaire are read: published rules of thumb, with their sources, and the readings.

Owns: the thresholds and which of them a figure crosses. They are conventions of the field, not of any standard or
authority, and hold for every model. Knows nothing of how a figure is worked out; the words are in the catalogue
`analysis`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LEAST_N: Final = 10
"""Institutions under which no correlation, reliability or reading is given (the project's own)."""
GOOD_N: Final = 30
"""Institutions under which every reading comes with a caution: Johanson & Brooks (2010), Initial scale development:
sample size for pilot studies, Educational and Psychological Measurement 70, 394-400."""
POOR, MARGINAL = 0.20, 0.30
"""Discrimination under which a question is poor, and under which it is marginal: Ebel & Frisbie (1991), Essentials of
Educational Measurement, 5th ed. Made for the difference of upper and lower group; usual for item-total correlations
too, where Nunnally & Bernstein (1994) ask for the same 0.30."""
EXTREME_SHARE: Final = 0.80
"""Share of one answer, full or none, above which a single question says little of most who answer it: Streiner, Norman
& Cairney (2015), Health Measurement Scales, 5th ed., on endorsement."""
END_SHARE: Final = 0.15
"""Share at a scale's highest or lowest score above which it has a ceiling or a floor: Terwee and others (2007), Quality
criteria for health status questionnaires, Journal of Clinical Epidemiology 60, 34-42."""
ALPHA_BANDS: Final = (
    (0.9, "excellent"), (0.8, "good"), (0.7, "acceptable"), (0.6, "questionable"), (0.5, "weak"),
)  # fmt: skip
"""Least alpha of each word; under the last it is unacceptable: George & Mallery (2003), SPSS for Windows Step by Step,
4th ed."""
_LEAST_QUESTIONS: Final = 2
"""Questions under which there is no alpha, as nothing could go together."""
INDIVIDUAL_ALPHA: Final = 0.90
"""Least alpha where a score decides about the single one scored: Nunnally & Bernstein (1994)."""
REDUNDANT_ALPHA: Final = 0.95
"""Alpha above which questions ask for the same: Terwee and others (2007)."""
ALPHA_LIMITS: Final = (*(least for least, _ in ALPHA_BANDS), INDIVIDUAL_ALPHA, REDUNDANT_ALPHA)
"""All that an alpha is held against."""
LEAST_R, MOST_R = 0.15, 0.50
"""Range for the mean correlation between questions: Clark & Watson (1995), Constructing validity, Psychological
Assessment 7, 309-319."""
OVERLAP: Final = 0.85
"""Correlation from which two domains can hardly be told apart: Kline (2016), Principles and Practice of Structural
Equation Modeling, 4th ed."""
STRONG, MEDIUM = 0.50, 0.30
"""Large and medium correlation: Cohen (1988), Statistical Power Analysis, 2nd ed."""
BLANK_SHARE: Final = 0.10
"""Share left blank or answered invalidly above which figures may be biased: Bennett (2001), How can I deal with missing
data, Australian and New Zealand Journal of Public Health 25, 464-469."""
NO_EVIDENCE_SHARE: Final = 0.20
"""Share of answers lowered for want of evidence above which the expected evidence needs a look (the project's own)."""
ALPHA_GAIN: Final = 0.01
"""Gain in alpha from which leaving a unit out is worth a word (the project's own)."""
ERRORS: Final = 1.96
"""Standard errors beyond which a difference is no chance, at 95 %."""
LEAST_STEP: Final = 0.05
"""Difference in attainment under which the order of two levels is no matter, chance or not (the project's own)."""

ATTENTION: Final = (
    "negative", "reversed", "constant", "poor", "blank", "floor", "ceiling", "no_evidence", "na", "marginal", "lifts",
)  # fmt: skip
"""Readings that call for a look at a question, the gravest first."""
_OF_A_MEASURE = ("reversed", "poor", "ceiling", "marginal", "lifts")
"""Of these, what is no fault of a veto requirement: it is a condition that all should meet, not a measure."""
_LOW, _HIGH = 2, 4
"""Levels that most may well meet, and from which on most may well fail: the standard is made so."""


def end_share(level: int | None) -> float:
    """Give the share at one end that counts as a ceiling or floor of a requirement, or of an item (`level` None)."""
    return END_SHARE if level is None else EXTREME_SHARE


def unit_readings(
    *,
    n: int,
    lowest: float,
    highest: float,
    discrimination: float,
    gain: float,
    full: float,
    none: float,
    unanswered: float,
    na: float,
    most_na: float,
    no_evidence: float,
    reversed_order: bool,
    level: int | None,
    veto: bool,
) -> tuple[str, ...]:
    """Read the figures of a requirement, or of an item (`level` None); shares are 0 to 1, NaN where not known.

    A discrimination is negative where chance does not explain it: without a relation a correlation of n pairs has the
    standard error 1 / sqrt(n - 1). One that is about zero is poor. A requirement with a veto is there to be met by
    nearly all, at whatever level, and need not tell institutions apart.

    Returns:
        Codes, the gravest first: of `ATTENTION`, or `few` (too few answers to say anything), `ceiling_expected` and
        `floor_expected` (as a low or high level is meant; with `constant_expected` where all score so), `veto` (in
        place of these three), `fine`.
    """
    if n < LEAST_N:
        return ("few",)
    end = end_share(level)
    meant = {
        "floor_expected": none > end and level is not None and level >= _HIGH and not veto,
        "ceiling_expected": full > end and level is not None and level <= _LOW and not veto,
    }
    meant["constant_expected"] = lowest == highest and any(meant.values())
    meant["veto"] = veto
    negative = discrimination < -ERRORS / (n - 1) ** 0.5
    found = {
        "negative": negative,
        "reversed": reversed_order,
        "constant": lowest == highest and not meant["constant_expected"] and not (veto and full == 1),
        "poor": discrimination < POOR and not negative,
        "blank": unanswered > BLANK_SHARE,
        "floor": none > end and not meant["floor_expected"],
        "ceiling": full > end and not meant["ceiling_expected"],
        "no_evidence": no_evidence > NO_EVIDENCE_SHARE,
        "na": na > most_na,
        "marginal": POOR <= discrimination < MARGINAL,
        "lifts": gain >= ALPHA_GAIN,
    }
    readings = [code for code in ATTENTION if found[code] and not (veto and code in _OF_A_MEASURE)]
    return (*readings, *(code for code, holds in meant.items() if holds)) or ("fine",)


def alpha_word(alpha: float) -> str:
    """Give the word for a domain's reliability; `none` where there is no figure."""
    if alpha != alpha:
        return "none"
    return next((word for least, word in ALPHA_BANDS if alpha >= least), "unacceptable")


def domain_readings(
    *,
    questions: int,
    alpha: float,
    of_items: float,
    mean_r: float,
    full: float,
    none: float,
    n: int,
    steps_reversed: bool,
) -> tuple[str, ...]:
    """Read the figures of a domain: codes, reliability first.

    Args:
        questions: requirements that the domain has.
        alpha: with requirements as questions; NaN where there is none, so too `of_items`.
        of_items: alpha with items as questions, which fewer N/A keep an institution out of.
        mean_r: mean correlation between requirements.
        full: share at the highest score, 0 to 1.
        none: share at the lowest.
        n: rated institutions.
        steps_reversed: whether a level is easier than the one before.

    Returns:
        `few`, or `alpha_<word>` (`alpha_single`: a domain of one question has none) and, where it is so, `items` (there
        is an alpha of items only), `individual` (too low to decide about single institutions), `redundant`, `r_low`,
        `r_high`, `ceiling`, `floor`, `steps` (levels out of order).
    """
    if n < LEAST_N:
        return ("few",)
    found = {
        "items": alpha != alpha and of_items == of_items,
        "individual": alpha < INDIVIDUAL_ALPHA,
        "redundant": alpha > REDUNDANT_ALPHA,
        "r_low": mean_r < LEAST_R,
        "r_high": mean_r > MOST_R,
        "ceiling": full > END_SHARE,
        "floor": none > END_SHARE,
        "steps": steps_reversed,
    }
    word = "single" if questions < _LEAST_QUESTIONS else alpha_word(alpha)
    return (f"alpha_{word}", *(code for code, holds in found.items() if holds))


def overlap_word(correlation: float) -> str:
    """Give the word for the correlation of two domains; `none` where there is no figure."""
    if correlation != correlation:
        return "none"
    bands = ((OVERLAP, "overlap"), (STRONG, "strong"), (MEDIUM, "medium"), (0.0, "weak"))
    return next((word for least, word in bands if correlation >= least), "negative")


def needs_look(readings: Sequence[str]) -> bool:
    """Tell whether a question's readings call for a look at it."""
    return readings[0] in ATTENTION


def urgency(readings: Sequence[str]) -> tuple[int, int]:
    """Give the order of questions that need a look: the gravest reading first, then more of them."""
    looks = [ATTENTION.index(code) for code in readings if code in ATTENTION]
    return looks[0], -len(looks)
