"""What an XML part may hold before any parser sees it.

Owns: refusing document types and entities, encodings that hide them from a search, and single tags or comments of
megabytes, which some parsers read in quadratic time. Only parts called `.xml` or `.rels` are ever parsed; the others
are not looked at. Knows nothing of what the XML means.
"""

from __future__ import annotations

import re

from evaluator.limits import MEBI, Limits
from evaluator.questionnaire.opening import Unread
from evaluator.wording import filled

_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]{,300}?\bencoding\s*=\s*[\"']([^\"']*)")
_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_PARSED = (".xml", ".rels")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ENDS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_TAG = re.compile(rb"<[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+")


def fault(name: str, data: bytes, limits: Limits) -> Unread | None:
    """Say why a part may not be parsed; `None` where it may."""
    lowered = name.lower()
    if not lowered.endswith(_PARSED):
        return None
    if b"<!DOCTYPE" in data:  # without one, an entity's declaration is not well-formed
        return _unreadable("doctype", name)
    if lowered.startswith("customxml/"):
        return None  # other programs' data, in UTF-16 as often as not; never parsed
    declared = _DECLARED.match(data)
    if data.startswith(_WIDE) or b"\0" in data or (declared and declared[1].lower() not in _ENCODINGS):
        return _unreadable("encoding", name)
    if len(data) > limits.token and _longest_token(data, limits.token) > limits.token:
        why = filled("intake.unsafe.token", name=name, limit=f"{limits.token / MEBI:.1f}")
        return Unread(code="file.bomb", params={"why": why})
    return None


def _longest_token(data: bytes, limit: int) -> int:
    """Measure a token longer than the limit; 0 where there is none."""
    for start, end in _ENDS:
        at = data.find(start)
        while at >= 0:
            after = data.find(end, at + len(start))
            after = len(data) if after < 0 else after
            if after - at > limit:
                return after - at
            at = data.find(start, after)
    for gap in re.finditer(rb"<[^<]{%d}" % limit, data):  # a tag holds no second `<`, but the text after it may be long
        tag = _TAG.match(data, gap.start())
        if tag and len(tag[0]) > limit:
            return len(tag[0])
    return 0


def _unreadable(key: str, name: str) -> Unread:
    return Unread(code="file.unreadable", params={"why": filled(f"intake.unsafe.{key}", name=name)})
