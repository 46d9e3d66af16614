"""Requirement ids as people and programs retype them.

Owns: mending the variants that can only mean one id: width, case, blanks, dashes, letters of other scripts that look
the same, and digits and letters in each other's place. Which ids a model has is not known here: an id that is mended
wrongly would still have to stand beside the text of its requirement.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ID = re.compile(r"[A-Z]{2}[1-9][0-9]?-[1-9][0-9]?[a-z]?")
_NEARLY = re.compile(r"(?=[0-9]?[A-Z])([A-Z015]{2})([1-9][0-9OIL]?|[IL])-([1-9][0-9]?|[IL])([A-Z]?)")
"""An id in capitals in which digits and letters that look the same may have changed places."""
_AS_LETTERS = str.maketrans("015", "OIS")
_AS_DIGITS = str.maketrans("OIL", "011")
_LOOKALIKES = str.maketrans(
    {
        **dict(zip("АВЕЅІЈКМНОРСТХУ", "ABESIJKMHOPCTXY", strict=True)),  # Cyrillic
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),  # Greek
    }
)
_ROMAN = str.maketrans({chr(start + n): str(n + 1) for start in (0x2160, 0x2170) for n in range(12)})
_DASHES = re.compile("[-\u00ad\u02d7\u2010-\u2015\u2043\u2212\u2500\u2501\u30fc\u4e00\ufe58\ufe63\uff0d\uff70_]+")
"""Dashes, and what is taken for one: a minus, the Chinese one and the Japanese long vowel, a soft hyphen."""


@lru_cache(maxsize=1 << 13)
def requirement_id(typed: str) -> str | None:
    """Give the requirement id that a cell's text can only mean; `None` where it is none, or could be several."""
    if len(typed) > 60:
        return None
    joined = _DASHES.sub("-", typed.translate(_ROMAN))
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", joined))
    kept = "".join(c for c in folded if unicodedata.category(c)[0] not in "CZ" and not c.isspace())
    upper = re.sub(r"^[^\w]+|[^\w]+$", "", kept.upper().translate(_LOOKALIKES))
    mended = upper[:-1] + upper[-1:].lower()
    if _ID.fullmatch(mended):
        return mended
    found = _NEARLY.fullmatch(upper)
    if found is None:
        return None
    domain, item, level, suffix = found.groups()
    return f"{domain.translate(_AS_LETTERS)}{item.translate(_AS_DIGITS)}-{level.translate(_AS_DIGITS)}{suffix.lower()}"
