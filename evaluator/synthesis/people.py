"""Believable institutions: names, places, kinds, credit codes and contacts, all invented.

Owns: who takes part in a synthetic round. Phone numbers and e-mail addresses are of ranges that nobody has; a credit
code is valid in form, and any likeness to a registered one is chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from evaluator.intake.uscc import check_character
from evaluator.model.records import Bilingual, Model
from evaluator.synthesis import vocabulary
from evaluator.synthesis.vocabulary import Field, Kind, Province
from evaluator.wording import Lang, Text

T = TypeVar("T")
_TRIES = 200
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the organisation code inside the credit code (GB 11714)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An institution as it fills in its forms."""

    index: int
    """Place on the roster, from 0; also its part of the seed."""
    fields: Mapping[str, str]
    """Fields of the roster and of the institution sheet by key, but the date, in the round's language."""
    category: str
    """Service category, its Chinese name, as the model's rules for N/A name it."""
    short: str
    """Short name, which no other institution has."""
    mark: str
    """Two letters of its name, for file numbers."""

    @property
    def id(self) -> str:
        """Institution id."""
        return self.fields["id"]


def make_people(model: Model, lang: Lang, count: int, seed: int) -> tuple[Person, ...]:
    """Invent the institutions of a round; names and codes are unique.

    Args:
        model: gives the types and service categories.
        lang: language of names and all other fields.
        count: how many.
        seed: 0 or more; the same seed gives the same institutions.
    """
    people = []
    taken: set[str] = set()
    for index in range(count):
        person = _person(model, lang, index, seed, taken)
        taken.update((person.short, person.fields["name"]))
        people.append(person)
    return tuple(people)


def _person(model: Model, lang: Lang, index: int, seed: int, taken: set[str]) -> Person:
    rng = np.random.default_rng([seed, index])
    province = _drawn(rng, vocabulary.provinces(), [p.share for p in vocabulary.provinces()])
    kinds = [_kind(entry) for entry in model.types]
    position = int(rng.choice(len(kinds), p=_shares([kind.share for kind in kinds])))
    fields = [_field(entry) for entry in model.categories]
    place = int(rng.choice(len(fields), p=_shares([field.share for field in fields])))
    for attempt in range(_TRIES):
        city = _drawn(rng, province.cities)
        brand = _joined(_drawn(rng, vocabulary.names("first")), _drawn(rng, vocabulary.names("second")))
        if attempt == _TRIES - 1:  # only in rounds of tens of thousands
            brand = Text(zh=f"{brand.zh}{index}", en=f"{brand.en} {index}")
        short = Text(zh=city.zh.removesuffix("市") + brand.zh, en=f"{city.en} {brand.en}").say(lang)
        name = _name(_drawn(rng, kinds[position].names), province, city, brand, fields[place]).say(lang)
        if short not in taken and name not in taken:
            break
    contact = _joined(_drawn(rng, vocabulary.names("surnames")), _drawn(rng, vocabulary.names("given")), " ")
    return Person(
        index=index,
        fields={
            "id": f"SME{index + 1:04d}",
            "name": name,
            "uscc": _uscc(str(_drawn(rng, kinds[position].uscc)), province, index, seed),
            "province": province.name.say(lang),
            "city": city.say(lang),
            "type": model.types[position].say(lang),
            "category": model.categories[place].say(lang),
            "contact": contact.say(lang),
            "phone": f"138 0000 {index % 10_000:04d}",
            "email": f"office@{brand.en.lower().replace(' ', '-')}-{index + 1:04d}.example",
        },
        category=model.categories[place].zh,
        short=short,
        mark="".join(c for c in brand.en.upper() if c.isalpha())[:2],
    )


def _kind(entry: Bilingual) -> Kind:
    known = {kind.type: kind for kind in vocabulary.kinds()}
    return known.get(entry.zh) or max(known.values(), key=lambda kind: kind.share)


def _field(entry: Bilingual) -> Field:
    known = {field.category: field for field in vocabulary.fields()}
    return known.get(entry.zh) or Field(
        category=entry.zh, share=8.0, topic=Text(zh=entry.zh, en=entry.en), firm=f"{entry.zh}咨询"
    )


def _name(pattern: Text, province: Province, city: Text, brand: Text, field: Field) -> Text:
    place = city.zh.removesuffix("市")
    return Text(
        zh=pattern.zh.format(
            province=province.name.zh[:2],
            city=city.zh,
            place=place,
            brand=brand.zh,
            short=place + brand.zh,
            topic=field.topic.zh,
            firm=field.firm,
        ),
        en=pattern.en.format(province=province.name.en, city=city.en, brand=brand.en, topic_en=field.topic.en),
    )


def _uscc(start: str, province: Province, index: int, seed: int) -> str:
    """Make a valid credit code; the number in it is another one for each of a million institutions."""
    serial = (index * 611_953 + seed * 7_919 + 104_729) % 1_000_000
    organisation = f"MA{serial:06d}" if start == "91" else f"50{serial:06d}"
    values = (int(c, 36) for c in organisation)
    rest = -sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    first17 = f"{start}{province.code}0000{organisation}{'0123456789X'[rest]}"
    return first17 + check_character(first17)


def _joined(first: Text, second: Text, blank: str = "") -> Text:
    """Join two parts of a name; only English ones may have a blank between them."""
    return Text(zh=first.zh + second.zh, en=first.en + blank + second.en)


def _drawn(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    if weights is None:
        return options[int(rng.integers(len(options)))]
    return options[int(rng.choice(len(options), p=_shares(weights)))]


def _shares(weights: Sequence[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]
