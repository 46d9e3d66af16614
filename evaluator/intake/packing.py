"""A read form as a small block of bytes: what a reading process hands back, and what the cache of readings keeps.

Owns: the block's content. The model's own texts, most of a form, are not in it but are put back from the model, so a
block is good for one model only. Plain data, nothing that could run.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from evaluator.questionnaire.reader import FieldValue, FormRow, ReturnedForm

Asked = Mapping[str, tuple[str, str]]
"""Text of each requirement by id, Chinese and English, as the model has them."""

_LEVEL = 1
_PLACES = ("fields", "disputed")
"""Fields of a form whose values are `FieldValue`s by key."""
_FORM = tuple(field.name for field in fields(ReturnedForm) if field.name not in ("rows", *_PLACES))
_TEXT, _REQUIREMENT = FormRow._fields.index("text"), FormRow._fields.index("requirement")


def pack(form: ReturnedForm, asked: Asked) -> bytes:
    """Pack a form."""
    columns = [list(column) for column in zip(*form.rows, strict=True)]
    if columns:
        columns[_TEXT] = [
            texts.index(text) if text in (texts := asked.get(requirement, ())) else text
            for text, requirement in zip(columns[_TEXT], columns[_REQUIREMENT], strict=True)
        ]
    content = {"rows": columns, **{name: getattr(form, name) for name in (*_PLACES, *_FORM)}}
    words = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(words.encode("utf-8", "surrogatepass"), _LEVEL)


def unpack(block: bytes, asked: Asked) -> ReturnedForm:
    """Make the form of a block again; `asked` as it was when the block was packed."""
    content = json.loads(zlib.decompress(block).decode("utf-8", "surrogatepass"))
    columns = content.pop("rows")
    if columns:
        texts = zip(columns[_TEXT], columns[_REQUIREMENT], strict=True)
        columns[_TEXT] = [asked[requirement][text] if isinstance(text, int) else text for text, requirement in texts]
    rows = tuple(map(FormRow._make, zip(*columns, strict=True)))
    for name in _PLACES:
        content[name] = places_of(content[name])
    return ReturnedForm(rows=rows, **content)


def places_of(lists: Mapping[str, list[Any]]) -> dict[str, FieldValue]:
    """Give field values of plain lists, as JSON makes of them."""
    return {key: FieldValue._make(values) for key, values in lists.items()}
