"""Sealed forms of a round, filled in, and their reading on the round's terms: for tests of what is altered in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from evaluator.findings import Finding
from evaluator.intake.institutions import Institution
from evaluator.intake.reading import How, ReadFile, read_bytes
from evaluator.intake.round import dossiers, file_rows, owners_of, settle
from evaluator.intake.sources import Source
from evaluator.intake.terms import Terms
from evaluator.limits import Limits
from evaluator.pipeline.judging import asked_of
from evaluator.questionnaire.layout import META_KEYS, Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.seals import Sealed, seal_of
from evaluator.wording import Lang
from tests import forms

KEY = bytes(range(32))
ROUND = "2026-sme"
TERMS = Terms(round=ROUND, key=KEY, closes="")
OWN = Institution(
    id="N01",
    name="苏州市中小企业服务中心",
    uscc=forms.CODES[0],
    province="江苏省",
    city="苏州市",
    type=forms.model().types[0].zh,
    category=forms.model().categories[0].zh,
)
OTHER = Institution(id="N02", name="无锡市中小企业服务中心", uscc=forms.CODES[1], province="江苏省", city="无锡市")
ROSTER = (OWN, OTHER)
INSTITUTION_PART, LISTS_PART, META_PART = (f"xl/worksheets/sheet{n}.xml" for n in (2, 4, 6))


def sealed_as(institution: str = OWN.id, domain: str = "SS", round_name: str = ROUND) -> Sealed:
    of = forms.model()
    return Sealed(
        round=round_name,
        institution=institution,
        domain=domain,
        model=of.id,
        edition=of.edition,
        model_hash=of.hash,
    )


@cache
def filled(
    domain: str = "SS", lang: Lang = "zh", who: Institution = OWN, round_name: str = ROUND, seal: str | None = None
) -> bytes:
    """A form as the round sends it to an institution, filled in; `seal` is put in the place of its own."""
    stream = BytesIO()
    of = forms.model()
    fields = {key: value for key, value in asdict(who).items() if value}
    write_form(
        stream,
        of,
        of.domain(domain),
        lang,
        prefill=Prefill(fields={**fields, "date": "2026-03-01"}, answers=forms.answers(domain, lang)),
        round_name=round_name,
        institution=who.id,
        seal=seal_of(KEY, sealed_as(who.id, domain, round_name)) if seal is None else seal,
    )
    return stream.getvalue()


def with_text(data: bytes, part: str, cell: str, words: str) -> bytes:
    """Put a text into a cell, in the XML of the workbook."""
    (style,) = re.findall(rb'<c r="%b"( s="\d+")?' % cell.encode(), forms.archive_parts(data)[part])
    inline = f'<is><t xml:space="preserve">{escape(words)}</t></is>'
    return forms.with_cell(data, cell, f'<c r="{cell}"{style.decode()} t="inlineStr">{inline}</c>', part)


def meta_cell(key: str) -> str:
    return f"B{META_KEYS.index(key) + 1}"


def with_meta(data: bytes, **entries: str) -> bytes:
    for key, words in entries.items():
        data = with_text(data, META_PART, meta_cell(key), words)
    return data


def with_fields(data: bytes, **fields: str) -> bytes:
    for key, words in fields.items():
        data = with_text(data, INSTITUTION_PART, forms.field_cell(key), words)
    return data


class Taken:
    """What became of files on a round's terms."""

    def __init__(
        self, *files: bytes, terms: Terms | None = TERMS, roster: Sequence[Institution] | None = ROSTER, **changes: Any
    ) -> None:
        of = forms.model()
        if terms is not None:
            terms = replace(terms, **changes)
        read = [_read(f"{n}.xlsx", data) for n, data in enumerate(files)]
        identified = owners_of(read, roster, of, terms)
        folders = dossiers(read, identified.owners, roster, lambda one: one.content, identified.unvouched)
        settled = settle(folders, of, asked_of(of), terms)
        unread = [Finding(code=one.code, file=one.name, params=one.params) for one in read if one.code]
        self.findings: tuple[Finding, ...] = (*unread, *identified.findings, *settled.findings)
        self.files = {str(row["path"]): row for row in file_rows(read, identified.owners, settled.files)}
        self.hashes = [one.sha256 for one in read]
        self.institutions = settled.institutions

    @property
    def codes(self) -> list[str]:
        """Codes of the findings, but for what every round with few files has."""
        return sorted({one.code for one in self.findings} - {"return.missing_domain"})

    def only(self, code: str) -> Finding:
        (found,) = [one for one in self.findings if one.code == code]
        return found

    def owner(self, number: int = 0) -> str:
        return str(self.files[f"{number}.xlsx"]["institution"])

    def status(self, number: int = 0) -> str:
        return str(self.files[f"{number}.xlsx"]["status"])


def _read(name: str, data: bytes) -> ReadFile:
    how = How(asked=asked_of(forms.model()), limits=Limits())
    return read_bytes(how, Source(name=name, path=Path(name), is_regular=True, is_junk=False), data)
