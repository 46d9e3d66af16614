"""What differs between two models, and each change by itself."""

from __future__ import annotations

from typing import Any

from evaluator.model.difference_words import group_name, shown, sides, steps, what, where
from evaluator.model.differences import EFFECTIVE, Difference, differences
from evaluator.model.partial_changes import partial_changes
from evaluator.model.records import Model, Requirement
from evaluator.wording import LANGS, catalogue
from tests import small
from tests.small import SCALE, domain, item, requirement, words


def built(
    *, first: float = 0.5, weight: float = 0.4, scale: dict[str, float | None] | None = None, **given: Any
) -> Model:
    """Two domains; the first has two items; `given` changes the very first requirement or a rule."""
    fields = {name: given.pop(name) for name in list(given) if name in Requirement.model_fields}
    asked = small.requirement("AA1-1", **fields), requirement("AA1-2")
    return small.model(
        domain("AA", first, item("AA1", weight, *asked), item("AA2", 1 - weight, requirement("AA2-1"))),
        domain("BB", 1 - first, item("BB1", 1.0, requirement("BB1-1"))),
        scale=scale,
        **given,
    )


def found(new: Model, old: Model | None = None) -> list[tuple[str, str, object, object]]:
    return [(one.code, one.place, one.old, one.new) for one in differences(old or built(), new)]


def test_a_model_does_not_differ_from_itself() -> None:
    assert differences(built(), built()) == ()
    assert partial_changes(built(), built()) == ()


def test_each_thing_that_can_differ_is_named_with_its_place_and_both_values() -> None:
    assert found(built(pass_mark=0.75, method="average")) == [
        ("method", "", "staged", "average"),
        ("pass_mark", "", 0.8, 0.75),
    ]
    assert found(built(scale={**SCALE, "large": 0.75})) == [("scale_value", "large", 0.8, 0.75)]
    assert found(built(first=0.25)) == [("domain_weight", "AA", 0.5, 0.25), ("domain_weight", "BB", 0.5, 0.75)]
    assert found(built(weight=0.5)) == [("item_weight", "AA1", 0.4, 0.5), ("item_weight", "AA2", 0.6, 0.5)]
    assert found(built(weight=0.4, na_allowed=True, veto_star=2)) == [
        ("na_allowed", "AA1-1", False, True),
        ("veto_star", "AA1-1", None, 2),
    ]
    assert found(built(na_categories=("融资服务",), dimension="resource")) == [
        ("dimension", "AA1-1", "process", "resource"),
        ("na_categories", "AA1-1", (), ("融资服务",)),
    ]
    assert found(built(text=words("new"))) == [("text", "AA1-1", words("text of AA1-1"), words("new"))]


def test_what_only_one_of_them_asks_is_left_out_or_added() -> None:
    less = small.model(domain("AA", 1.0, item("AA1", 1.0, requirement("AA1-1"), requirement("AA1-2"))))
    codes = [(code, place) for code, place, _, _ in found(less)]
    assert ("left_out", "AA2-1") in codes
    assert ("left_out", "BB1-1") in codes
    assert [(c, p) for c, p, _, _ in found(built(), less) if c == "added"] == [("added", "AA2-1"), ("added", "BB1-1")]


def test_a_requirement_that_moved_says_from_where_to_where() -> None:
    old = small.model(domain("AA", 1.0, item("AA1", 0.5, requirement("AA1-1")), item("AA2", 0.5, requirement("AA2-1"))))
    moved = requirement("AA2-1", level=3)
    new = small.model(domain("AA", 1.0, item("AA1", 1.0, requirement("AA1-1"), moved)))
    assert [one for one in found(new, old) if one[0] in ("item", "level")] == [
        ("item", "AA2-1", "AA2", "AA1"),
        ("level", "AA2-1", 1, 3),
    ]
    (change,) = [one for one in partial_changes(old, new) if one.code == "structure"]
    assert [(r.id, r.level) for r in change.model.requirements] == [("AA1-1", 1), ("AA2-1", 3)]


def test_each_partial_change_makes_its_own_differences_and_no_other() -> None:
    new = built(
        first=0.25, weight=0.5, scale={**SCALE, "large": 0.75}, pass_mark=0.75, evidence_rule=False, na_allowed=True,
        veto_star=2, dimension="resource", text=words("new"),
    )  # fmt: skip
    old = built()
    changes = partial_changes(old, new)
    assert [(one.code, one.place) for one in changes] == [
        ("pass_mark", ""), ("evidence_rule", ""), ("scale", ""), ("domain_weights", ""), ("item_weights", "AA"),
        ("dimensions", ""), ("na_permissions", ""), ("vetoes", ""),
    ]  # fmt: skip
    for one in changes:
        assert differences(old, one.model) == one.differences
    assert not any(d.code == "text" for one in changes for d in one.differences)


def test_words_are_there_for_every_code_and_group() -> None:
    named = catalogue("differences")["what"]
    assert set(named) >= EFFECTIVE  # type: ignore[arg-type]
    new = built(
        first=0.25, weight=0.5, scale={**SCALE, "large": 0.75}, veto_star=2, na_allowed=True, text=words("new"),
        bands=(0.5, 1.8, 2.8, 3.8, 4.8), domain_floor=2, verified_above=3, method="average",
    )  # fmt: skip
    for lang in LANGS:
        for one in differences(built(), new):
            assert all((what(one, lang), *sides(one, lang)))
        for change in partial_changes(built(), new):
            assert group_name(change, built(), lang)
            assert "→" in steps(change.differences, built(), lang)


def test_values_read_as_people_write_them() -> None:
    assert shown("pass_mark", 0.8, "zh") == "80%"
    assert shown("domain_weight", 0.125, "en") == "12.5%"
    assert shown("bands", (0.8, 1.8, 2.8, 3.8, 4.8), "en") == "0.8 / 1.8 / 2.8 / 3.8 / 4.8"
    assert (shown("evidence_rule", True, "zh"), shown("evidence_rule", False, "zh")) == ("启用", "关闭")
    assert (shown("na_allowed", True, "en"), shown("na_allowed", False, "en")) == ("permitted", "not permitted")
    assert [shown("veto_star", star, "zh") for star in (None, 1, 0)] == ["无", "最高1星", "不授予星级"]
    assert shown("veto_star", 0, "en") == "no star is given"
    said = [shown("verified_above", star, "zh") for star in (None, 0, 3, 5)]  # 5: no star is higher
    assert said == ["不限", "各星级均须经评审", "高于3星的须经评审", "不限"]
    assert [shown("verified_above", star, "en") for star in (0, 3)] == ["every star", "those above 3"]
    assert shown("na_categories", (), "zh") == "全部服务类别"
    assert where(Difference(code="scale_value", place="large", old=1, new=2), built(), "zh") == "大部分满足"
    assert where(Difference(code="domain_weight", place="AA", old=1, new=2), built(), "zh") == "AA AA"


def test_requirements_that_change_alike_are_told_together() -> None:
    its = [Difference(code="na_allowed", place=f"AA1-{n}", old=True, new=False) for n in (1, 2)]
    assert steps(its, built(), "en") == "AA1-1, AA1-2 permitted → not permitted"
    gone = [Difference(code="left_out", place=f"AA1-{n}", old=words("x"), new=None) for n in range(1, 9)]
    assert steps(gone, built(), "zh") == "去掉AA1-1、AA1-2、AA1-3、AA1-4、AA1-5、AA1-6 …；共8处"
