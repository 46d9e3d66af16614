"""The unified social credit code (统一社会信用代码): 18 characters, the last a check character.

Owns: checking one code as GB 32100-2015 says.
"""

from __future__ import annotations

from evaluator.wording import Text, filled
from evaluator.wording.matching import plain

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters by value; I, O, S, V and Z are not used."""
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def normalised(typed: str) -> str:
    """Give a code as it is meant: half-width, upper case, without blanks and invisible marks."""
    return plain(typed).upper()


def check_character(first17: str) -> str:
    """Compute the check character of the first 17 characters (GB 32100-2015: weights 3^i mod 31).

    Raises:
        ValueError: a character is not of the code's alphabet.
    """
    total = sum(_ALPHABET.index(c) * weight for c, weight in zip(first17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def fault(code: str) -> Text | None:
    """Say what is wrong with a normalised code; `None` where it is valid."""
    if len(code) != 18:
        return filled("intake.uscc.length", count=len(code))
    stranger = next((c for c in code if c not in _ALPHABET), None)
    if stranger is not None:
        return filled("intake.uscc.characters", found=stranger)
    expected = check_character(code[:17])
    return None if code[17] == expected else filled("intake.uscc.check", expected=expected)
