"""The model's records: what is asked and how it is judged, frozen and typed.

Owns: the shape of a model, in memory and in its files (pydantic checks both). Knows nothing of where the files lie, of
workbooks or of answers. Terms are those of the method: domain, item, requirement, level, dimension.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictStr
from pydantic_core import PydanticCustomError

from evaluator.wording import Lang
from evaluator.wording.matching import is_empty

Dimension = Literal["resource", "process", "performance"]
DIMENSIONS: tuple[Dimension, ...] = ("resource", "process", "performance")
AnswerCode = Literal["full", "large", "partial", "none", "na"]
ANSWER_CODES: tuple[AnswerCode, ...] = ("full", "large", "partial", "none", "na")
Method = Literal["staged", "average", "cumulative"]
METHODS: tuple[Method, ...] = ("staged", "average", "cumulative")
LEVELS: tuple[int, ...] = (1, 2, 3, 4, 5)
_REQUIREMENT_ID = r"^[A-Z]{2}[1-9][0-9]?-[1-5][a-z]?$"
_ITEM_CODE = r"^[A-Z]{2}[1-9][0-9]?$"
_DOMAIN_CODE = r"^[A-Z]{2}$"
_DOMAIN_FILE = r"^[^/\\]+\.toml$"
_MODEL_ID = r"^[a-z0-9][a-z0-9-]*$"
_EDITION = r"^[0-9A-Za-z][0-9A-Za-z.-]*$"
_MOST_NAME = 100
"""Characters of a model's id, and of its edition: a form, which is known by them, must be able to hold them."""
EXAMPLES = {
    _REQUIREMENT_ID: "SS1-3", _ITEM_CODE: "SS1", _DOMAIN_CODE: "SS", _DOMAIN_FILE: "1_SS.toml",
    _MODEL_ID: "sme-service", _EDITION: "2023.1",
}  # fmt: skip
"""A text that has each pattern."""
BLANKS = "blanks_at_ends"
"""Type of the fault of a text with blanks at its ends."""
CONTROLS = "control_characters"
"""Type of the fault of a text with characters that no workbook can hold."""
FINE = "too_fine"
"""Type of the fault of a number above 0 that is hardly above it."""
_LEAST = 1e-12
"""Least number above 0: far below what any comparison can tell from 0, and still short enough to be shown in full."""
INVISIBLE = "nothing_visible"
"""Type of the fault of a text that shows nothing, as one of a zero-width character does."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def _trimmed(value: str) -> str:
    if value != value.strip():
        raise PydanticCustomError(BLANKS, "blanks at the start or end of the text")
    return value


def _writable(value: str) -> str:
    found = _CONTROL.search(value)
    if found:
        raise PydanticCustomError(CONTROLS, "control character {code}", {"code": f"U+{ord(found[0]):04X}"})
    if value.strip() and is_empty(value):
        raise PydanticCustomError(INVISIBLE, "nothing visible")
    return value


def _comparable(value: float) -> float:
    if 0 < value < _LEAST:
        raise PydanticCustomError(FINE, "above 0, but below {least}", {"least": _LEAST})
    return value + 0.0  # no -0


Words = Annotated[StrictStr, Field(min_length=1, max_length=2000), AfterValidator(_writable), AfterValidator(_trimmed)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False), AfterValidator(_comparable)]
Weight = Annotated[float, Field(strict=True, ge=1e-6, le=1e6, allow_inf_nan=False)]
"""Of a requirement: any proportion that a method can mean, and sums of which neither overflow nor vanish."""
PartWeight = Annotated[float, Field(strict=True, ge=1e-12, le=1e6, allow_inf_nan=False)]
"""Of an item or a domain; that these sum to 1 is checked elsewhere."""
LevelNumber = Annotated[int, Field(strict=True, ge=1, le=5)]


class Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Bilingual(Record):
    """One text in Chinese and English; both are required."""

    zh: Words
    en: Words

    def say(self, lang: Lang) -> str:
        """Give the text in one language."""
        return self.zh if lang == "zh" else self.en


class Requirement(Record):
    """One verifiable statement an institution answers."""

    id: Annotated[StrictStr, Field(pattern=_REQUIREMENT_ID)]
    """`SS1-3` is item SS1, level 3; a letter tells several of one level apart."""
    level: LevelNumber
    dimension: Dimension
    weight: Weight = 1.0
    """`v_r`: weight among the requirements of the same item (and level)."""
    na_allowed: StrictBool
    """Whether `na` is permitted, given a reason."""
    na_categories: tuple[Words, ...] = ()
    """Service categories (their Chinese names) for which `na` is permitted; empty: for all."""
    veto_star: Annotated[int, Field(strict=True, ge=0, le=4)] | None = None
    """Cap on the star where the answer is `none`, blank or invalid; `None`: no veto."""
    text: Bilingual
    evidence: Bilingual
    """What counts as evidence."""
    advice: Bilingual
    """Advice to an institution that does not meet the requirement yet."""

    def permits_na(self, category: str) -> bool:
        """Tell whether `na` is permitted to an institution of a service category (its Chinese name)."""
        return self.na_allowed and (not self.na_categories or category in self.na_categories)


class Item(Record):
    """A capability item inside one domain."""

    code: Annotated[StrictStr, Field(pattern=_ITEM_CODE)]
    name: Bilingual
    weight: PartWeight
    """`W_i`: share of its domain; the items of a domain sum to 1."""
    requirements: Annotated[tuple[Requirement, ...], Field(alias="requirement", min_length=1)]


class DomainFile(Record):
    """A domain as its own file gives it: everything but its weight."""

    code: Annotated[StrictStr, Field(pattern=_DOMAIN_CODE)]
    name: Bilingual
    aliases: tuple[Words, ...] = ()
    """Other names a person may type for this domain."""
    items: Annotated[tuple[Item, ...], Field(alias="item", min_length=1)]


class Domain(DomainFile):
    """A capability domain with its weight."""

    weight: PartWeight
    """`w_d`: the domains of a model sum to 1."""

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """All requirements of the domain, in model order."""
        return tuple(r for item in self.items for r in item.requirements)


class Level(Record):
    """A maturity level, shown as that many stars."""

    level: LevelNumber
    name: Bilingual
    meaning: Bilingual
    """What an institution of this level does, in a sentence."""


class Answer(Record):
    """One answer of the scale."""

    code: AnswerCode
    value: Share | None = None
    """`s_r`, 0 to 1; `None` for `na` only."""
    label: Bilingual
    meaning: Bilingual
    """When to give this answer, as the form explains it."""


class Robustness(Record):
    """How far the weights are varied to see how much of a rank they are; it never bears on a score, star or rank."""

    draws: Annotated[int, Field(strict=True, ge=0, le=100_000)] = 1000
    """How many sets of weights are drawn; 0: robustness is not computed."""
    spread: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False), AfterValidator(_comparable)] = 0.25
    """Each weight is multiplied by a random number from 1 - this to 1 + this."""
    seed: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)] = 1
    """Where the random numbers begin; the same seed draws the same weights."""


class Rules(Record):
    """How answers become a score and a score becomes a star; each value is a default of the model, not of the code."""

    method: Method
    """The official level method."""
    pass_mark: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False), AfterValidator(_comparable)]
    """Least domain attainment at a level for the level to be passed."""
    bands: Annotated[tuple[Number, ...], Field(min_length=5, max_length=5)]
    """Least total for one to five stars."""
    domain_floor: Annotated[int, Field(strict=True, ge=0, le=5)]
    """A star is at most the fewest levels passed in any domain, plus this."""
    min_coverage: Share
    """Least coverage of each domain; under it the institution is not rated."""
    max_na_share: Share
    """Largest share of N/A in a domain's weight; over it the institution is not rated."""
    performing_well: Share
    """Least score of a dimension for performing well in it."""
    evidence_rule: StrictBool
    """Whether `large` and `full` without evidence score as `partial`."""
    verified_above: Annotated[int, Field(strict=True, ge=0, le=5)] | None = None
    """Stars above this level need an assessor's answers; `None`: off."""
    robustness: Robustness = Robustness()


class DomainEntry(Record):
    """A domain as the model's main file lists it."""

    code: Annotated[StrictStr, Field(pattern=_DOMAIN_CODE)]
    file: Annotated[StrictStr, Field(pattern=_DOMAIN_FILE)]
    weight: PartWeight


class ModelFile(Record):
    """The model's main file: everything but the domains' contents."""

    id: Annotated[StrictStr, Field(pattern=_MODEL_ID, max_length=_MOST_NAME)]
    edition: Annotated[StrictStr, Field(pattern=_EDITION, max_length=_MOST_NAME)]
    name: Bilingual
    notice: Bilingual
    """Said on every questionnaire and result: where the texts and rules come from, and whether they are official."""
    categories: Annotated[tuple[Bilingual, ...], Field(min_length=1)]
    """Service categories an institution chooses from."""
    types: Annotated[tuple[Bilingual, ...], Field(min_length=1)]
    """Kinds of institution to choose from."""
    levels: tuple[Level, ...]
    scale: tuple[Answer, ...]
    rules: Rules
    domains: Annotated[tuple[DomainEntry, ...], Field(min_length=1)]


class Model(Record):
    """One edition of a standard, complete."""

    id: str
    edition: str
    name: Bilingual
    notice: Bilingual
    categories: tuple[Bilingual, ...]
    types: tuple[Bilingual, ...]
    levels: tuple[Level, ...]
    scale: tuple[Answer, ...]
    rules: Rules
    domains: tuple[Domain, ...]

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """All requirements, in model order."""
        return tuple(r for domain in self.domains for r in domain.requirements)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in model order."""
        return tuple(item for domain in self.domains for item in domain.items)

    @cached_property
    def domain_of(self) -> dict[str, Domain]:
        """Domain of each requirement id."""
        return {r.id: domain for domain in self.domains for r in domain.requirements}

    @cached_property
    def item_of(self) -> dict[str, Item]:
        """Item of each requirement id."""
        return {r.id: item for item in self.items for r in item.requirements}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the whole content, as 64 hex digits; any change of text, weight or rule changes it.

        Robustness at its defaults is left out: rounds were sent with the hash of models that did not name it yet.
        """
        usual = {"rules": {"robustness"}} if self.rules.robustness == Robustness() else None
        shown = self.model_dump(mode="json", exclude=usual)
        content = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode("utf-8")).hexdigest()

    def domain(self, code: str) -> Domain:
        """Give the domain of a code."""
        return next(d for d in self.domains if d.code == code)

    def domain_named(self, typed: str) -> Domain | None:
        """Find the domain a person typed: its code, a name in either language or an alias."""
        wanted = typed.strip().casefold()
        for domain in self.domains:
            names = (domain.code, domain.name.zh, domain.name.en, *domain.aliases)
            if wanted in (name.casefold() for name in names):
                return domain
        return None

    def answer(self, code: str) -> Answer:
        """Give the scale's entry of an answer code."""
        return next(a for a in self.scale if a.code == code)

    def as_json(self) -> dict[str, object]:
        """Give the model as one JSON object whose keys are stable (CONTRACT, "The model as JSON")."""
        return self.model_dump(mode="json")
