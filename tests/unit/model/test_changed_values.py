"""What differs between two models is named by where it stands."""

from __future__ import annotations

from evaluator.model.changed_values import Change, changed_values
from evaluator.model.records import Model


def test_a_model_does_not_differ_from_itself(model: Model) -> None:
    assert changed_values(model, Model.model_validate_json(model.model_dump_json())) == ()


def test_rules_weights_and_texts_are_named_by_what_they_belong_to(model: Model) -> None:
    content = model.model_dump(mode="json")
    content["rules"]["pass_mark"] = 0.75
    content["rules"]["bands"][1] = 1.9
    content["domains"][0]["weight"] = 0.25
    content["domains"][0]["items"][0]["weight"] = 0.5
    content["domains"][1]["items"][0]["requirements"][1]["text"]["en"] = "Other."
    content["scale"][1]["value"] = 0.9
    content["levels"][4]["name"]["zh"] = "顶级"
    content["categories"][0]["en"] = "News"
    other = Model.model_validate(content)
    old = model.requirements[[r.id for r in model.requirements].index("SD1-2")].text.en
    found = changed_values(model, other)
    assert {change.place for change in found} == {
        "rules.pass_mark", "rules.bands.2", "SS.weight", "SS1.weight", "SD1-2.text.en", "scale.large.value",
        "levels.5.name.zh", "categories.1.en",
    }  # fmt: skip
    assert Change("rules.pass_mark", 0.8, 0.75) in found
    assert Change("SD1-2.text.en", old, "Other.") in found


def test_a_requirement_that_only_one_has_is_listed_with_nothing_beside_it(model: Model) -> None:
    content = model.model_dump(mode="json")
    gone = content["domains"][0]["items"][0]["requirements"].pop()
    found = changed_values(model, Model.model_validate(content))
    assert Change(f"{gone['id']}.level", gone["level"], None) in found
    assert {change.new for change in found} == {None}


def test_another_order_is_a_difference_too(model: Model) -> None:
    content = model.model_dump(mode="json")
    content["domains"].reverse()
    assert changed_values(model, Model.model_validate(content)) == (Change("order", None, None),)
