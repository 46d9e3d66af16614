"""Pre-filled forms by the thousand: a form is made once, then only the parts with an institution's own texts anew.

Owns: where those texts stand in the form's parts. What it makes is what `writer.write_form` makes for the same
institution, byte for byte; a test holds it to that.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import NamedTuple

from evaluator.fastbook.cells import inline_cell, number_cell
from evaluator.model.records import Domain, Model
from evaluator.questionnaire.institution_page import field_value
from evaluator.questionnaire.layout import FIELDS, Prefill
from evaluator.questionnaire.look import LEVEL, open_form
from evaluator.questionnaire.pages import OWN_META, Order, choices, locked_fields
from evaluator.questionnaire.states import compute, permitted
from evaluator.questionnaire.writer import fill, title_of
from evaluator.seals import Sealed
from evaluator.wording import Lang
from evaluator.workbook import writable
from evaluator.zipped import Part, deflated, write_zip

_MARK = "\ue000"
_HOLE = re.compile(rf'<c (r="\w+"(?: s="\d+")?) t="inlineStr"><is><t>{_MARK}(\w+)</t></is></c>')
_DAY_ZERO = dt.date(1899, 12, 30)
"""Day 0 of a workbook's dates, for those after February 1900."""


class _Sheet(NamedTuple):
    """A part with holes for an institution's texts: pieces between them, and each hole's place and key."""

    pieces: tuple[str, ...]
    places: tuple[str, ...]
    keys: tuple[str, ...]


class _Kind(NamedTuple):
    """What forms must have in common to be made from the same parts."""

    permitted: tuple[bool, ...]
    """Of each requirement, whether N/A is permitted."""
    locked: frozenset[str]
    """Institution fields that are locked."""


def sealed_for(model: Model, domain: str, institution: str, round_name: str, corrects: str = "") -> Sealed:
    """Give what the seal of an institution's form vouches for: what `pages.write_meta` writes into it."""
    return Sealed(
        round=round_name,
        institution=institution,
        domain=domain,
        model=model.id,
        edition=model.edition,
        model_hash=model.hash,
        corrects=corrects,
    )


class FormMaster:
    """Makes one domain's forms for many institutions, without answers."""

    def __init__(
        self,
        model: Model,
        domain: Domain,
        lang: Lang,
        *,
        deadline: str = "",
        contact: str = "",
        round_name: str = "",
        round_title: str = "",
    ) -> None:
        """Prepare the forms; the arguments are those of `write_form`."""
        self._options = choices(model)
        self._order = Order(
            model=model,
            domain=domain,
            lang=lang,
            prefill=Prefill(fields={key: f"{_MARK}{key}" for key in FIELDS}, answers={}),
            deadline=deadline,
            contact=contact,
            round_name=round_name,
            round_title=round_title,
            institution=f"{_MARK}institution",
            seal=f"{_MARK}seal",
        )
        self._masters: dict[_Kind, tuple[Part | tuple[str, _Sheet], ...]] = {}

    def form(self, fields: Mapping[str, str], institution: str, *, seal: str = "") -> bytes:
        """Give the form of an institution.

        Args:
            fields: what is known of it, by `layout.FIELDS`.
            institution: its id, for `_meta`.
            seal: for `_meta`.
        """
        known: dict[str, str | dt.date] = dict(zip(OWN_META, (institution, seal), strict=True))
        for key in FIELDS:
            known[key] = field_value(key, fields.get(key, ""), self._options, self._order.lang)
        parts = [
            part if isinstance(part, Part) else Part(part[0], deflated(_filled(part[1], known).encode(), LEVEL))
            for part in self._master(fields, institution)
        ]
        stream = BytesIO()
        write_zip(stream, parts)
        return stream.getvalue()

    def _master(self, fields: Mapping[str, str], institution: str) -> tuple[Part | tuple[str, _Sheet], ...]:
        """Give the parts of forms that permit N/A where it is for this institution, and lock the fields known of it."""
        order, prefill = self._order, Prefill(fields=fields, answers={})
        kind = _Kind(
            permitted=tuple(permitted(order.model, r, order.lang, prefill) for r in order.domain.requirements),
            locked=locked_fields(fields, institution),
        )
        if kind not in self._masters:
            book = open_form(BytesIO(), order.lang, title_of(order))
            figures = compute(order.model, order.domain, order.lang, prefill)
            fill(book, replace(order, locked=kind.locked), figures)
            self._masters[kind] = tuple(_with_holes(part) for part in book.parts())
        return self._masters[kind]


def _with_holes(part: Part) -> Part | tuple[str, _Sheet]:
    text = zlib.decompress(part.run.data, -zlib.MAX_WBITS).decode()
    pieces = _HOLE.split(text)
    if len(pieces) == 1:
        return part
    return part.name, _Sheet(tuple(pieces[::3]), tuple(pieces[1::3]), tuple(pieces[2::3]))


def _filled(sheet: _Sheet, known: Mapping[str, str | dt.date]) -> str:
    words = [sheet.pieces[0]]
    for place, key, piece in zip(sheet.places, sheet.keys, sheet.pieces[1:], strict=True):
        words += (_cell(place, known[key]), piece)
    return "".join(words)


def _cell(place: str, value: str | dt.date) -> str:
    if isinstance(value, dt.date):
        return number_cell(place, (value - _DAY_ZERO).days)
    kept = writable(value)
    if kept:
        return inline_cell(place, kept)
    return f"<c {place}/>" if " s=" in place else ""
