"""A trial as plain data and in lines: every kind of difference, and everybody of whom anything changes."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from evaluator.assessment.trial import Trial, try_model
from evaluator.model.difference_words import sides, steps, what
from evaluator.model.differences import differences
from evaluator.model.records import Bilingual, Model, Robustness
from evaluator.reports.whatif.summary import as_json, summary
from evaluator.reports.whatif.workbook import write_whatif
from evaluator.wording import LANGS, Lang, catalogue, say
from tests import small
from tests.small import domain, item, requirement, words

GIVEN = {
    "I1": [*["full", "large-", "full", "partial", "none"] * 2, *["full"] * 5],
    "I2": [*["full", "full", "na", "none", "none"] * 2, "full", "none", "none", "none", "none"],
    "I3": ["full", "full", "full", "full", "partial"] * 3,
    "I4": ["missing"] * 15,
}


def built(**changed: Any) -> Model:
    """Two domains, of which the first has two items; `changed` replaces fields of the model or of its parts."""

    def asked(code: str) -> tuple[Any, ...]:
        own = changed.get("requirement", {}) if code == "AA1" else {}
        skipped = changed.get("skipped", 0) if code == "BB1" else 0
        return tuple(
            requirement(f"{code}-{n}", **({"na_allowed": n == 3} | (own if n == 1 else {})))
            for n in (1, 2, 3, 4, 5)
            if n != skipped
        )

    first, weight = changed.get("first", 0.5), changed.get("weight", 0.4)
    a, b, c = (item(code, size, *asked(code)) for code, size in (("AA1", weight), ("AA2", 1 - weight), ("BB1", 1.0)))
    if "moved" in changed:  # a requirement to another item
        rest = tuple(one for one in a.requirements if one.id != changed["moved"])
        (gone,) = (one for one in a.requirements if one.id == changed["moved"])
        a, b = (one.model_copy(update={"requirements": r}) for one, r in ((a, rest), (b, (*b.requirements, gone))))
    a = a.model_copy(update=changed.get("item", {}))
    domains = (domain("AA", first, a, b), domain("BB", 1 - first, c))
    if changed.get("item_moved"):  # an item to another domain
        alone = a.model_copy(update={"weight": 1.0})
        both = (b.model_copy(update={"weight": 0.5}), c.model_copy(update={"weight": 0.5}))
        domains = (domain("AA", first, alone), domain("BB", 1 - first, *both))
    domains = (domains[0].model_copy(update=changed.get("domain", {})), domains[1])
    model = small.model(*domains, scale=changed.get("scale"), **changed.get("rules", {}))
    levels = (model.levels[0].model_copy(update=changed.get("level", {})), *model.levels[1:])
    scale = (model.scale[0].model_copy(update=changed.get("answer", {})), *model.scale[1:])
    return model.model_copy(update={"levels": levels, "scale": scale, **changed.get("model", {})})


NEW = Bilingual(zh="新的说法", en="other words")
CASES: dict[str, dict[str, Any]] = {
    "method": {"rules": {"method": "average"}},
    "pass_mark": {"rules": {"pass_mark": 0.5}},
    "bands": {"rules": {"bands": (0.5, 1.5, 2.5, 3.5, 4.5)}},
    "domain_floor": {"rules": {"domain_floor": 3}},
    "min_coverage": {"rules": {"min_coverage": 0.5}},
    "max_na_share": {"rules": {"max_na_share": 0.01}},
    "performing_well": {"rules": {"performing_well": 0.5}},
    "evidence_rule": {"rules": {"evidence_rule": False}},
    "verified_above": {"rules": {"verified_above": 1}},
    "robustness": {"rules": {"robustness": Robustness(seed=2)}},
    "scale_value": {"scale": {**small.SCALE, "partial": 0.25}},
    "domain_weight": {"first": 0.9},
    "item_weight": {"weight": 0.8},
    "requirement_weight": {"requirement": {"weight": 3.0}},
    "left_out": {"skipped": 4},
    "item": {"moved": "AA1-5"},
    "domain": {"item_moved": True},
    "level": {"requirement": {"level": 2}},
    "dimension": {"requirement": {"dimension": "resource"}},
    "na_allowed": {"requirement": {"na_allowed": True}},
    "na_categories": {"requirement": {"na_categories": ("融资服务",)}},
    "veto_star": {"requirement": {"veto_star": 2}},
    "text": {"requirement": {"text": NEW}},
    "evidence": {"requirement": {"evidence": NEW}},
    "advice": {"requirement": {"advice": NEW}},
    "id": {"model": {"id": "another"}},
    "edition": {"model": {"edition": "2"}},
    "name": {"model": {"name": NEW}},
    "name of a level": {"level": {"name": NEW}},
    "name of a domain": {"domain": {"name": NEW}},
    "name of an item": {"item": {"name": NEW}},
    "notice": {"model": {"notice": NEW}},
    "categories": {"model": {"categories": (words("融资服务"), NEW)}},
    "types": {"model": {"types": (NEW,)}},
    "label": {"answer": {"label": NEW}},
    "meaning": {"answer": {"meaning": NEW}},
    "meaning of a level": {"level": {"meaning": NEW}},
}


def tried(model: Model) -> Trial:
    old = small.assessed(built(), GIVEN)
    return try_model(old, small.wrote(old, GIVEN), model)


def test_every_kind_of_difference_is_among_the_cases() -> None:
    """But for requirements that are added: a trial refuses those, as nobody answered them."""
    codes = {one.code for changed in CASES.values() for one in differences(built(), built(**changed))}
    assert codes == set(catalogue("differences")["what"]) - {"added"}  # type: ignore[call-overload]


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_difference_is_told_as_data_and_in_lines_of_both_languages(case: str) -> None:
    found = tried(built(**CASES[case]))
    code = case.partition(" ")[0]
    data = json.loads(json.dumps(as_json(found), allow_nan=False))
    (told, *_) = [one for one in data["differences"] if one["code"] == code]
    assert told["old"] != told["new"]
    assert [one["code"] for one in data["differences"]] == [one.code for one in found.differences]
    of_it = [one for one in found.differences if one.code == code]
    for lang in LANGS:
        first, *rest = summary(found, lang)
        assert f"{len(found.differences)}" in first
        assert rest
        for one in of_it:
            assert what(one, lang) == say(f"differences.what.{code}", lang)
            old, new = sides(one, lang)
            assert old != new
        assert steps(of_it, found.old.model, lang)


def test_draws_are_told_by_their_settings() -> None:
    (told,) = as_json(tried(built(rules={"robustness": Robustness(seed=2)})))["differences"]  # type: ignore[misc]
    assert told["old"] == {"draws": 1000, "spread": 0.25, "seed": 1}
    assert told["new"] == {"draws": 1000, "spread": 0.25, "seed": 2}


def in_workbook(found: Trial, lang: Lang) -> list[dict[str, Any]]:
    """Read the sheet of changes, by column as the data calls them."""
    stream = BytesIO()
    write_whatif(stream, found, lang)
    page = load_workbook(stream)[say("whatif.sheet.changes", lang)]
    table = list(page.iter_rows(values_only=True))
    keys = ("institution", "direction", "star_old", "star_new", "score_old", "score_new", "rank_old", "rank_new",
            "star_change", "score_change", "rank_change")  # fmt: skip
    names = {say(f"whatif.column.{key}", lang): key for key in keys}
    head = next(n for n, row in enumerate(table) if row[0] == say("whatif.column.institution", lang))
    rows = [dict(zip(table[head], row, strict=True)) for row in table[head + 1 :]]
    return [{key: row[name] for name, key in names.items()} for row in rows]


def stars(count: int | None, lang: Lang) -> str:
    none = say("report.common.not_rated" if count is None else "report.common.no_star", lang)
    return "★" * count if count else none


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", ["pass_mark", "domain_weight", "scale_value", "max_na_share", "evidence_rule"])
def test_the_data_list_all_of_whom_the_workbook_shows_a_change(case: str, lang: Lang) -> None:
    found = tried(built(**CASES[case]))
    data: Any = as_json(found)
    told = {one["institution"]: one for one in data["institutions"]}
    moved = set()
    for row in in_workbook(found, lang):
        old = {row["star_old"], row["score_old"], row["rank_old"]}
        new = {row["star_new"], row["score_new"], row["rank_new"]}
        if old == new:
            continue
        moved.add(row["institution"])
        one = told[row["institution"]]
        assert row["direction"] == say(f"whatif.direction.{one['direction']}", lang)
        for side in ("old", "new"):
            assert row[f"star_{side}"] == stars(one[f"star_{side}"], lang)
            assert row[f"rank_{side}"] == one[f"rank_{side}"]
            assert row[f"score_{side}"] == pytest.approx(one[f"score_{side}"])
        for key in ("star", "score", "rank"):
            assert row[f"{key}_change"] == pytest.approx(one[f"{key}_change"])
            is_rated = one["direction"] not in ("becomes_rated", "becomes_unrated")
            assert (key in one["changed"]) == (not is_rated or bool(one[f"{key}_change"]))
        assert ("rated" in one["changed"]) == one["direction"].startswith("becomes_")
    assert moved
    assert moved <= set(told)
    assert all(told[one]["changed"] for one in told)
    both = [one for one in told.values() if one["rank_change"]]
    assert len(both) == data["figures"]["rank_moved"]
    assert all("rank" in one["changed"] for one in both)


def test_who_stays_as_he_was_is_not_listed() -> None:
    data: Any = as_json(tried(built(model={"name": NEW})))
    assert data["institutions"] == []
