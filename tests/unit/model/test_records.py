"""The records: frozen, typed strictly, and their small look-ups."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from evaluator.model.records import Bilingual, Domain, Item, Model, Requirement, Rules

WORDS = {"zh": "文字", "en": "words"}
REQUIREMENT = {
    "id": "SS1-1",
    "level": 1,
    "dimension": "process",
    "na_allowed": False,
    "text": WORDS,
    "evidence": WORDS,
    "advice": WORDS,
}


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "文字"},
        {"en": "words"},
        {"zh": "", "en": "x"},
        {"zh": " 文字", "en": "x"},
        {"zh": "文", "en": "x\n"},
        {"zh": 5, "en": "x"},
        {"zh": "文", "en": "x", "fr": "y"},
        {"zh": "文" * 2001, "en": "x"},
    ],
)
def test_a_text_stands_in_both_languages_without_blanks_around_it(words: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Bilingual.model_validate(words)


@pytest.mark.parametrize("identifier", ["SS1-1", "SS12-5", "SS1-3b"])
def test_ids_of_the_right_shape_are_taken(identifier: str) -> None:
    assert Requirement.model_validate({**REQUIREMENT, "id": identifier}).id == identifier


@pytest.mark.parametrize(
    "identifier",
    ["SS1", "S1-1", "ss1-1", "SS0-1", "SS1-6", "SS1-0", "SS1-1B", "SS1-11", "SS1-1\n", "ＳＳ1-1", "SS1-１"],
)
def test_ids_of_another_shape_are_refused(identifier: str) -> None:
    with pytest.raises(ValidationError):
        Requirement.model_validate({**REQUIREMENT, "id": identifier})


@pytest.mark.parametrize(
    "change",
    [
        {"weight": 0},
        {"weight": -1},
        {"weight": float("inf")},
        {"weight": float("nan")},
        {"weight": "1"},
        {"weight": True},
        {"veto_star": 5},
        {"veto_star": -1},
        {"veto_star": 1.0},
        {"level": 0},
        {"level": 1.0},
        {"na_allowed": 0},
        {"note": "x"},
    ],
)
def test_numbers_and_truth_values_are_what_they_say(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Requirement.model_validate({**REQUIREMENT, **change})


def test_a_whole_number_is_a_weight() -> None:
    assert Requirement.model_validate({**REQUIREMENT, "weight": 2}).weight == 2.0


def test_records_can_not_be_changed(model: Model) -> None:
    with pytest.raises(ValidationError):
        model.requirements[0].weight = 2.0  # type: ignore[misc]


def test_look_ups_give_what_they_are_asked_for(model: Model) -> None:
    assert model.domain("SO").code == "SO"
    assert model.answer("large").value == 0.8
    assert model.domain_of["SO6-5"].code == "SO"
    assert model.item_of["SO6-5"].code == "SO6"
    assert [r.id for r in model.requirements] == [r.id for d in model.domains for i in d.items for r in i.requirements]
    with pytest.raises(StopIteration):
        model.domain("XX")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("SS", "SS"),
        ("ss", "SS"),
        (" 服务策略能力 ", "SS"),
        ("Service strategy", "SS"),
        ("服务战略能力", "SS"),
        ("服务转移能力", "ST"),
        ("", None),
        ("策略", None),
    ],
)
def test_a_domain_is_found_by_code_name_or_alias(model: Model, typed: str, code: str | None) -> None:
    found = model.domain_named(typed)
    assert (found.code if found else None) == code


def test_the_hash_changes_with_any_text_weight_or_rule(model: Model) -> None:
    def changed(**values: object) -> Model:
        return Model.model_validate({name: getattr(model, name) for name in Model.model_fields} | values)

    domain = model.domains[0]
    item = domain.items[0]
    first = item.requirements[0]
    reworded = first.model_copy(update={"advice": first.advice.model_copy(update={"en": first.advice.en + " "})})
    other_item = Item.model_validate({**_fields(item), "requirements": (reworded, *item.requirements[1:])})
    other_domain = Domain.model_validate({**_fields(domain), "items": (other_item, *domain.items[1:])})
    rules = Rules.model_validate({**_fields(model.rules), "pass_mark": 0.81})
    hashes = {
        model.hash,
        changed(rules=rules).hash,
        changed(domains=(other_domain, *model.domains[1:])).hash,
        changed(edition="2").hash,
    }
    assert len(hashes) == 4
    assert changed().hash == model.hash
    assert model.hash == "29afc60f8319f3f3b830af13427c7366185bd595bb322f63e8305b853fca8101"  # rounds were sent with it
    assert len(model.hash) == 64


def test_robustness_is_in_the_hash_only_where_it_is_not_the_usual(model: Model) -> None:
    def with_robustness(**changes: float) -> Model:
        rules = {**_fields(model.rules), "robustness": changes}
        return Model.model_validate({**_fields(model), "rules": rules})

    assert with_robustness(draws=1000, spread=0.25, seed=1).hash == model.hash
    others = [with_robustness(**one).hash for one in ({"draws": 0}, {"spread": 0.5}, {"seed": 2})]
    assert len({model.hash, *others}) == 4
    shown = with_robustness(draws=7).as_json()["rules"]
    assert isinstance(shown, dict)
    assert shown["robustness"] == {"draws": 7, "spread": 0.25, "seed": 1}


def _fields(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in type(record).model_fields}  # type: ignore[attr-defined]


def test_the_json_has_the_promised_keys(model: Model) -> None:
    shown = json.loads(json.dumps(model.as_json()))
    assert {"id", "edition", "name", "levels", "scale", "rules", "domains"} <= set(shown)
    assert set(shown["name"]) == {"zh", "en"}
    assert {"code", "value", "label"} <= set(shown["scale"][0])
    assert {answer["code"]: answer["value"] for answer in shown["scale"]} == {
        "full": 1.0, "large": 0.8, "partial": 0.5, "none": 0.0, "na": None,
    }  # fmt: skip
    assert {
        "method",
        "pass_mark",
        "bands",
        "domain_floor",
        "min_coverage",
        "max_na_share",
        "performing_well",
        "evidence_rule",
    } <= set(shown["rules"])
    assert {"code", "name", "weight", "items"} <= set(shown["domains"][0])
    item = shown["domains"][0]["items"][0]
    assert {"code", "name", "weight", "requirements"} <= set(item)
    requirement = item["requirements"][0]
    assert {"id", "level", "dimension", "weight", "na_allowed", "veto_star", "text", "evidence", "advice"} <= set(
        requirement
    )
    assert requirement["veto_star"] is None
