"""What a form says about whose it is, and how ids compare.

Owns: the claim, the little that is kept of every file of a round until it is told to an institution. Believes nothing.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from evaluator.findings import Finding
from evaluator.intake import uscc
from evaluator.questionnaire.reader import FieldValue, ReturnedForm
from evaluator.seals import Sealed
from evaluator.wording.matching import plain

SIGNS = ("id", "name", "uscc")
"""Fields of the institution sheet that say whose a form is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Whose a form says it is: little enough to keep of every file of a round."""

    file: str
    """Name of the file in the results."""
    model: str
    """Id of the model the form is of; empty where it does not say."""
    record: str
    """Id the form was made for, as `_meta` has it; empty for a blank form."""
    fields: Mapping[str, FieldValue]
    """The fields `SIGNS` as far as they are filled in."""
    disputed: Mapping[str, FieldValue] = field(default_factory=dict)
    """Other values of `SIGNS` that the same file gives."""
    sealed: Sealed | None = None
    """What `_meta` says that a seal would vouch for; `None` where it says neither round, institution nor seal."""
    seal: str = ""
    """The seal in `_meta`, genuine or not; empty where there is none."""

    @classmethod
    def of(cls, file: str, form: ReturnedForm) -> Claim:
        """Take the claim from a form."""
        fields = {key: _shared(form.fields[key]) for key in SIGNS if key in form.fields}
        disputed = {key: _shared(form.disputed[key]) for key in SIGNS if key in form.disputed}
        record, seal = form.meta.get("institution", ""), form.meta.get("seal", "")
        sealed = Sealed(**{key: sys.intern(form.meta.get(key, "")) for key in Sealed._fields})
        return cls(
            file=file,
            model=sys.intern(form.model),
            record=record,
            fields=fields,
            disputed=disputed,
            sealed=sealed if seal or record or sealed.round else None,
            seal=seal,
        )

    def value(self, key: str) -> str:
        """Give what the institution sheet says for a field of `SIGNS`, empty where nothing."""
        found = self.fields.get(key)
        return found.value if found else ""

    @property
    def stated_id(self) -> str:
        """The id on the institution sheet."""
        return clean_id(self.value("id"))

    @property
    def made_for(self) -> str:
        """The id the form was made for, of `_meta`; empty for a blank form."""
        return clean_id(self.record)

    @property
    def code(self) -> str:
        """The USCC as stated, normalised."""
        return uscc.normalised(self.value("uscc"))

    @property
    def valid_code(self) -> str:
        """The USCC if it is valid, else empty."""
        return self.code if self.code and uscc.fault(self.code) is None else ""

    def finding(self, code: str, key: str = "", **params: object) -> Finding:
        """Make a finding placed at the institution sheet's field."""
        place = self.fields.get(key)
        return Finding(
            code=code,
            institution=self.made_for or self.stated_id,
            file=self.file,
            sheet=place.sheet if place else "",
            cell=place.cell if place else "",
            params=params,
        )


def _shared(place: FieldValue) -> FieldValue:
    """Let equal sheets and cells be one text in memory: a round has a hundred thousand of them."""
    return place._replace(sheet=sys.intern(place.sheet), cell=sys.intern(place.cell))


def clean_id(typed: str) -> str:
    """Give an institution id half-width, on one line with single blanks, and without invisible marks."""
    folded = unicodedata.normalize("NFKC", typed)
    shown = "".join(c for c in folded if c.isspace() or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFKC", " ".join(shown.split()))


def id_key(identifier: str) -> str:
    """Give what tells ids apart: neither case, width nor blanks do."""
    return plain(identifier)
