"""Damage nobody thought of: forms with bytes, parts and tags changed at random must be read or refused, never fail.

`EVALUATOR_FUZZ` says how many are tried; each has a number, with which it can be made again.
"""

from __future__ import annotations

import os
import random
import re
import time
from functools import cache

import pytest

from evaluator.intake.archive import unpack
from evaluator.questionnaire.opening import Unread
from evaluator.questionnaire.reader import ReturnedForm, read_form
from tests import forms
from tests.hostile.builders import parts_of, zipped

COUNT = int(os.environ.get("EVALUATOR_FUZZ", "300"))
BATCH = 50
SECONDS = 10.0
TEXT_PARTS = (
    "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", "xl/styles.xml", "xl/sharedStrings.xml",
    "xl/worksheets/sheet2.xml", forms.QUESTIONNAIRE_PART, "xl/worksheets/sheet6.xml",
)  # fmt: skip
PIECES = (
    b"<c>", b"</c>", b"<row>", b"</row>", b"<v>", b"</v>", b"<f>", b"<is>", b"<t>", b"<si>", b"</si>", b"<!-- -->",
    b"<![CDATA[", b"]]>", b"<?x ?>", b"&amp;", b"&#1;", b"&x;", b"\0", b"\xff", b"\xed\xa0\x80", b'"', b"'", b">",
    b' r="A1"', b' r="XFD1048576"', b' t="e"', b' t="s"', b' t="inlineStr"', b' t="d"', b' s="99999"', b"-1",
    b"1e999", b"99999999999999999999", b"_x0000_", b"_xD800_", b"<mergeCell ref='A1'/>", b"<sheetData>",
    b"</sheetData>", b"<sheet name='x'/>", b' xmlns="urn:x"', b"<!DOCTYPE x>", b"\xef\xbb\xbf", b"\r\n",
)  # fmt: skip


@cache
def genuine() -> tuple[bytes, dict[str, bytes]]:
    return forms.filled(), parts_of(forms.filled())


def mutated(seed: int) -> bytes:
    """A form with something changed."""
    chance = random.Random(seed)  # noqa: S311 - no secret, and the same every time
    data, parts = genuine()
    if chance.random() < 0.3:
        return _bytes_changed(data, chance)
    changed = dict(parts)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(TEXT_PARTS)
        if chance.random() < 0.05:
            changed.pop(name, None)
        elif name in changed:
            changed[name] = _xml_changed(changed[name], chance)
    return zipped(changed)


def _bytes_changed(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        # the directory at the end is a small part of the file, and the most telling
        at = chance.randrange(len(out)) if chance.random() < 0.5 else len(out) - 1 - chance.randrange(1200)
        match chance.randrange(4):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                out[at:at] = chance.randbytes(chance.randint(1, 8))
            case 2:
                del out[at : at + chance.randint(1, 40)]
            case _:
                out[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"PK\5\6"))
    return bytes(out)


def _xml_changed(xml: bytes, chance: random.Random) -> bytes:
    tags = [found.span() for found in re.finditer(rb"<[^>]*>", xml)]
    start, end = chance.choice(tags) if tags else (0, len(xml))
    other, other_end = chance.choice(tags) if tags else (0, 0)
    at = chance.randint(start, end)
    match chance.randrange(6):
        case 0:
            return xml[:at] + chance.choice(PIECES) + xml[at:]
        case 1:
            return xml[:start] + xml[end:]
        case 2:
            return xml[:start] + xml[other:other_end] + xml[end:]
        case 3:
            return xml[:end] + xml[other:other_end] * chance.choice((1, 2, 1000)) + xml[end:]
        case 4:
            return re.sub(rb"[0-9]+", chance.choice((b"0", b"-1", b"4294967296", b"x")), xml[:at][-200:]) + xml[at:]
        case _:
            return xml[:at]


@pytest.mark.parametrize("batch", range(0, COUNT, BATCH))
def test_a_form_damaged_at_random_is_read_or_refused(batch: int) -> None:
    for seed in range(batch, min(batch + BATCH, COUNT)):
        data = mutated(seed)
        began = time.perf_counter()
        found = forms.read_any(data)
        assert time.perf_counter() - began < SECONDS, f"seed {seed}"
        assert isinstance(found, ReturnedForm | Unread), f"seed {seed}"
        if isinstance(found, ReturnedForm):
            repr(found).encode("utf-8")  # nothing in it that can't be written


def test_the_damage_is_of_both_kinds() -> None:
    """Were all refused, the test above would not look at reading at all."""
    found = [forms.read_any(mutated(seed)) for seed in range(60)]
    assert {type(result) for result in found} == {ReturnedForm, Unread}
    parts = unpack(mutated(0))
    assert isinstance(parts, Unread) or isinstance(read_form(parts), ReturnedForm | Unread)
