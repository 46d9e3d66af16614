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
_ROW = tuple(field.name for field in fields(FormRow))
_FIELD = tuple(field.name for field in fields(FieldValue))
_PLACES = ("fields", "disputed")
"""Fields of a form whose values are `FieldValue`s by key."""
_FORM = tuple(field.name for field in fields(ReturnedForm) if field.name not in ("rows", *_PLACES))
_TEXT = _ROW.index("text")
_REQUIREMENT = _ROW.index("requirement")


def pack(form: ReturnedForm, asked: Asked) -> bytes:
    """Pack a form."""
    rows = [[getattr(row, name) for name in _ROW] for row in form.rows]
    for row in rows:
        texts = asked.get(row[_REQUIREMENT], ())
        if row[_TEXT] in texts:
            row[_TEXT] = texts.index(row[_TEXT])
    content = {
        "rows": list(zip(*rows, strict=True)),
        **{name: places_as_lists(getattr(form, name)) for name in _PLACES},
        **{name: getattr(form, name) for name in _FORM},
    }
    words = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(words.encode("utf-8", "surrogatepass"), _LEVEL)


def unpack(block: bytes, asked: Asked) -> ReturnedForm:
    """Make the form of a block again; `asked` as it was when the block was packed."""
    content = json.loads(zlib.decompress(block).decode("utf-8", "surrogatepass"))
    columns = content.pop("rows")
    if columns:
        texts = zip(columns[_TEXT], columns[_REQUIREMENT], strict=True)
        columns[_TEXT] = [asked[requirement][text] if isinstance(text, int) else text for text, requirement in texts]
    rows = tuple(FormRow(**dict(zip(_ROW, row, strict=True))) for row in zip(*columns, strict=True))
    for name in _PLACES:
        content[name] = places_of(content[name])
    return ReturnedForm(rows=rows, **content)


def places_as_lists(places: Mapping[str, FieldValue]) -> dict[str, list[Any]]:
    """Give field values as plain lists, for `places_of`."""
    return {key: [getattr(found, name) for name in _FIELD] for key, found in places.items()}


def places_of(lists: Mapping[str, list[Any]]) -> dict[str, FieldValue]:
    """Give field values of plain lists."""
    return {key: FieldValue(**dict(zip(_FIELD, values, strict=True))) for key, values in lists.items()}
