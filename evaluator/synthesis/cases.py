"""One returned form as it was meant, before a fault is planted in it, and what became of it after.

Owns: the records that faults take and give, writing the form, and the places findings point to. Knows no fault.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from evaluator.model.records import Domain, Model, Requirement
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import FIELDS, FIRST_FIELD_ROW, HEADER_ROW, Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.synthesis.answers import Reply
from evaluator.synthesis.people import Person
from evaluator.wording import Lang, Text, say, text

NO_NOTE = Text(zh="", en="")
Cells = tuple[object, str, str]
"""Answer, evidence and remarks of a row as `layout.Prefill` takes them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """A finding that a planted fault must give; fields that do not apply are empty, as in the finding."""

    code: str
    institution: str
    file: str
    """Path in the folder of returned files."""
    domain: str = ""
    sheet: str = ""
    cell: str = ""
    requirement: str = ""
    note: Text = NO_NOTE
    """What was done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What comes back in place of one good form."""

    files: tuple[tuple[str, bytes], ...]
    """Names and contents."""
    planted: tuple[Planted, ...] = ()
    lost: bool = False
    """Whether no form of the domain counts."""
    unlisted: tuple[str, ...] = ()
    """Fields that the roster does not give of the institution."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One form of one institution."""

    model: Model
    lang: Lang
    seed: int
    person: Person
    number: int
    """Place of the domain in the model, from 1."""
    domain: Domain
    replies: Mapping[str, Reply]
    date: str
    """Filling date, ISO."""
    partner: Person | None = None
    """Another institution, whose own forms have no fault."""
    note: Text = NO_NOTE
    """What the fault to be planted does."""

    @property
    def name(self) -> str:
        """The form's file name."""
        return self.name_of(self.person)

    def name_of(self, person: Person) -> str:
        """Name the form that an institution returns for this domain."""
        return layout.file_name(self.number, self.domain, self.lang, institution=person.id)

    def marked_name(self, mark: str) -> str:
        """Name another version of the form; `mark` is a key of the catalogue."""
        return self.name.removesuffix(".xlsx") + text(f"synthesis.text.{mark}").say(self.lang) + ".xlsx"

    @property
    def fields(self) -> dict[str, str]:
        """What the institution sheet says."""
        return {**self.person.fields, "date": self.date}

    @property
    def answers(self) -> dict[str, Cells]:
        """What the questionnaire's input cells say, by requirement id."""
        labels = {answer.code: answer.label.say(self.lang) for answer in self.model.scale}
        given = ((r.id, self.replies[r.id]) for r in self.domain.requirements)
        return {key: (labels[one.code], one.evidence, one.remarks) for key, one in given}

    def label(self, code: str) -> str:
        """Say an answer."""
        return self.model.answer(code).label.say(self.lang)

    def say(self, key: str, /, **params: object) -> str:
        """Give a text of the catalogue."""
        return say(f"synthesis.text.{key}", self.lang, **params)

    def turned(self, *, skip: int = 0) -> tuple[Requirement, ...]:
        """Give the domain's requirements, begun at another one for each institution."""
        requirements = self.domain.requirements
        start = (self.person.index * 7 + skip) % len(requirements)
        return requirements[start:] + requirements[:start]

    def written(
        self,
        *,
        fields: Mapping[str, str] | None = None,
        answers: Mapping[str, Cells] | None = None,
        model: Model | None = None,
        domain: Domain | None = None,
        blank_form: bool = False,
    ) -> bytes:
        """Write the form, or one in which something of it is replaced.

        Args:
            fields: the institution's fields.
            answers: rows that differ, by requirement id.
            model: the model the form is said to be of.
            domain: the questions.
            blank_form: whether it was filled in on a form made for nobody.
        """
        stream = io.BytesIO()
        write_form(
            stream,
            model or self.model,
            domain or self.domain,
            self.lang,
            prefill=Prefill(fields=fields or self.fields, answers={**self.answers, **(answers or {})}),
            deadline=say("synthesis.round.deadline", self.lang),
            round_name=say("synthesis.round.name", self.lang),
            institution="" if blank_form else self.person.id,
        )
        return stream.getvalue()

    def row_of(self, requirement: Requirement) -> int:
        """Give a requirement's row in the form as written, 1-based."""
        return HEADER_ROW + 1 + self.domain.requirements.index(requirement)

    @property
    def last_row(self) -> int:
        """Give the questionnaire's last row, 1-based."""
        return HEADER_ROW + len(self.domain.requirements)

    @property
    def sheet(self) -> str:
        """Name the questionnaire sheet."""
        return layout.sheet_name("questionnaire", self.lang)

    def of_file(self, code: str, file: str = "") -> Planted:
        """Plant a finding about a file that can't be told to anyone."""
        return Planted(code=code, institution="", file=file or self.name, note=self.note)

    def of_form(self, code: str) -> Planted:
        """Plant a finding about a form as a whole."""
        return Planted(code=code, institution=self.person.id, file=self.name, note=self.note)

    def of_return(self, code: str, file: str = "") -> Planted:
        """Plant a finding about a form as an answer to its domain."""
        return Planted(
            code=code, institution=self.person.id, file=file or self.name, domain=self.domain.code, note=self.note
        )

    def at_field(self, code: str, key: str, *, stated_id: str = "") -> Planted:
        """Plant a finding at a field of the institution sheet."""
        return Planted(
            code=code,
            institution=stated_id or self.person.id,
            file=self.name,
            sheet=layout.sheet_name("institution", self.lang),
            cell=field_cell(key),
            note=self.note,
        )

    def at_row(
        self, code: str, requirement: Requirement, column: str = "answer", *, row: int = 0, owner: Person | None = None
    ) -> Planted:
        """Plant a finding at a requirement's cell, in its own row and form or in another."""
        whose = owner or self.person
        return Planted(
            code=code,
            institution=whose.id,
            file=self.name_of(whose),
            domain=self.domain.code,
            sheet=self.sheet,
            cell=f"{layout.column_letter(column)}{row or self.row_of(requirement)}",
            requirement=requirement.id,
            note=self.note,
        )


@cache
def field_cell(key: str) -> str:
    """Give the cell of a field of the institution sheet."""
    return f"B{FIRST_FIELD_ROW + FIELDS.index(key)}"
