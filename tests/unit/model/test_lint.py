"""What must hold of a model beyond the shape of its files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaluator.errors import ModelError
from evaluator.model import lint
from evaluator.model.files import inspect_model, load_model
from tests.unit.model.test_files import BUILTIN, Copy


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "model")


def line(name: str, words: str, after: str = "") -> int:
    """Line of a text in the built-in model, the first after another text."""
    source = (BUILTIN / name).read_text(encoding="utf-8")
    return source[: source.index(words, source.index(after))].count("\n") + 1


def whole(name: str, start: str) -> str:
    """The first line of a file that starts so."""
    return next(one for one in (BUILTIN / name).read_text(encoding="utf-8").splitlines() if one.startswith(start))


def test_domain_weights_sum_to_one(copy: Copy) -> None:
    copy.change("model.toml", "weight = 0.15", "weight = 0.16")
    assert copy.faults() == [f"domain_weights model.toml:{line('model.toml', '[[domains]]')} domains.weight"]
    assert "1.01" in inspect_model(str(copy.folder))[1][0].message("en")


def test_item_weights_sum_to_one(copy: Copy) -> None:
    at = copy.change("3_ST.toml", "weight = ", "weight = 0.0000001 #")
    assert copy.faults() == [f"item_weights 3_ST.toml:{at} ST"]


def test_weights_that_only_rounding_keeps_from_one_are_fine(copy: Copy) -> None:
    copy.change("model.toml", "weight = 0.15", "weight = 0.1500000000001")
    assert copy.faults() == []


def test_an_id_stands_once(copy: Copy) -> None:
    at = copy.change("2_SD.toml", 'id = "SD1-2"', 'id = "SD1-1"')
    assert copy.faults() == [
        f"duplicate_id 2_SD.toml:{at} SD1-1",
        f"level_mismatch 2_SD.toml:{at + 1} SD1-1",
    ]


def test_an_items_code_stands_once(copy: Copy) -> None:
    at = copy.change("2_SD.toml", 'code = "SD2"', 'code = "SD1"')
    assert f"duplicate_id 2_SD.toml:{at} SD1" in copy.faults()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('id = "SD1-2"', 'id = "SD2-2c"', "SD2-2c"),
        ('id = "SD1-2"', 'id = "SS9-2"', "SS9-2"),
        ('code = "SD1"', 'code = "ST9"', "ST9"),
    ],
)
def test_an_id_belongs_where_it_stands(copy: Copy, old: str, new: str, place: str) -> None:
    at = copy.change("2_SD.toml", old, new)
    assert f"unknown_parent 2_SD.toml:{at} {place}" in copy.faults()


def test_the_level_in_an_id_is_the_requirements_level(copy: Copy) -> None:
    at = copy.change("1_SS.toml", "level = 3", "level = 4")
    assert copy.faults() == [f"level_mismatch 1_SS.toml:{at} SS1-3"]


def test_a_domain_is_listed_once(copy: Copy) -> None:
    copy.change("model.toml", 'code = "SD"', 'code = "SS"')
    found = copy.faults()
    assert f"duplicate_id model.toml:{line('model.toml', '[[domains]]', after='1_SS.toml')} SS" in found
    assert f"domain_code 2_SD.toml:{line('2_SD.toml', 'code =')} SD" in found


@pytest.mark.parametrize("name", ["1_SS.toml", "1_ss.toml", "./1_SS.toml", "model.toml", "MODEL.toml"])
def test_a_file_is_listed_once_on_any_system(copy: Copy, name: str) -> None:
    at = copy.change("model.toml", 'file = "2_SD.toml"', f'file = "{name}"')
    assert f"duplicate_file model.toml:{at} SD" in copy.faults()
    with pytest.raises(ModelError):
        load_model(str(copy.folder))


def test_a_file_that_is_listed_twice_is_said_though_all_else_agrees(copy: Copy) -> None:
    """One domain alone, listed twice as itself, with weights that sum to 1."""
    path = copy.folder / "model.toml"
    head, *_, last = re.split(r"(?m)^(?=\[\[domains|\[\[scale)", path.read_text(encoding="utf-8"), maxsplit=6)
    half = '[[domains]]\ncode = "SS"\nfile = "1_SS.toml"\nweight = 0.5\n\n'
    path.write_text(head + half + half + last, encoding="utf-8")
    assert [fault.split()[0] for fault in copy.faults()] == ["duplicate_id", "duplicate_file"]


def test_a_files_domain_is_the_one_it_is_listed_as(copy: Copy) -> None:
    at = copy.change("4_SO.toml", 'code = "SO"', 'code = "SX"')
    assert f"domain_code 4_SO.toml:{at} SX" in copy.faults()


@pytest.mark.parametrize(
    ("new", "place", "first"),
    [
        ('name = { zh = "服务策略能力", en = "Service design" }', "SD.name.zh", "SS"),
        ('name = { zh = "服务设计能力", en = "service  Strategy" }', "SD.name.en", "SS"),
        ('name = { zh = "服务战略", en = "Service design" }', "SD.name.zh", "SS"),
        ('name = { zh = "服务设计能力", en = "SS" }', "SD.name.en", "SS"),
    ],
)
def test_no_two_domains_are_called_alike(copy: Copy, new: str, place: str, first: str) -> None:
    at = copy.change("2_SD.toml", whole("2_SD.toml", "name = "), new)
    assert copy.faults() == [f"same_domain_name 2_SD.toml:{at} {place}"]
    assert inspect_model(str(copy.folder))[1][0].params["first"] == first


@pytest.mark.parametrize("alias", ["服务策略能力", "Service strategy", "服务战略", "ss"])
def test_no_domain_has_an_alias_that_another_one_is_called(copy: Copy, alias: str) -> None:
    at = copy.change("2_SD.toml", whole("2_SD.toml", "aliases = "), f'aliases = ["{alias}"]')
    assert copy.faults() == [f"same_domain_name 2_SD.toml:{at} SD.aliases"]


def test_a_domain_may_be_called_the_same_in_both_languages(copy: Copy) -> None:
    copy.change("2_SD.toml", whole("2_SD.toml", "name = "), 'name = { zh = "SD", en = "SD" }\n')
    assert copy.faults() == []


@pytest.mark.parametrize("code", ["0000", "0001", "000B", "007F", "FFFF"])
def test_no_text_has_a_character_that_no_workbook_can_hold(copy: Copy, code: str) -> None:
    at = copy.change("2_SD.toml", 'name = { zh = "', f'name = {{ zh = "\\u{code}')
    there = copy.change("2_SD.toml", 'text.en = "', f'text.en = "A\\u{code}')
    assert copy.faults() == [f"bad_value 2_SD.toml:{at} name.zh", f"bad_value 2_SD.toml:{there} SD1-1.text.en"]
    assert f"U+{code}" in inspect_model(str(copy.folder))[1][0].message("zh")


def test_a_text_may_have_several_lines(copy: Copy) -> None:
    copy.change("2_SD.toml", 'text.en = "', 'text.en = "First line.\\n\\tSecond: ')
    assert copy.faults() == []


@pytest.mark.parametrize("new", ["level = 2", "level = 5"])
def test_levels_are_the_five_in_order(copy: Copy, new: str) -> None:
    copy.change("model.toml", "level = 1", new)
    assert copy.faults() == [f"levels model.toml:{line('model.toml', '[[levels]]')} levels"]


def test_a_level_that_asks_nothing_is_only_a_warning(copy: Copy) -> None:
    path = copy.folder / "5_CI.toml"
    tables = re.split(r"(?m)^(?=\[\[)", path.read_text(encoding="utf-8"))
    path.write_text("".join(table for table in tables if "\nlevel = 5\n" not in table), encoding="utf-8")
    assert copy.faults() == ["level_without_requirements 5_CI.toml:1 CI"]
    assert {r.level for r in load_model(str(copy.folder)).domain("CI").requirements} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("value = 0.8", "value = 0.4", "scale_order", "scale"),
        ("value = 0.8", "value = 0.5", "scale_order", "scale"),
        ("value = 1.0", "value = 0.9", "scale_order", "scale"),
        ("value = 0.0", "value = 0.1", "scale_order", "scale"),
        ('en = "Largely"', 'en = "full"', "scale_labels", "scale"),
        ('zh = "不适用"', 'zh = "不 满 足"', "scale_labels", "scale"),
        ('en = "Partly"', 'en = "None"', "scale_labels", "scale"),
        ('zh = "不满足", en = "Not met"', 'zh = "＋", en = "－"', "", ""),
        ('zh = "完全满足", en = "Full"', 'zh = "full", en = "Full"', "", ""),
        ('code = "large"\nvalue = 0.8', 'code = "full"\nvalue = 0.8', "scale_codes", "scale"),
    ],
)
def test_the_scale_has_five_answers_that_fall_from_one_to_zero_and_can_be_told_apart(
    copy: Copy, old: str, new: str, code: str, place: str
) -> None:
    copy.change("model.toml", old, new)
    assert copy.faults() == ([f"{code} model.toml:{line('model.toml', '[[scale]]')} {place}"] if code else [])


def test_labels_of_signs_alone_are_told_apart_as_forms_are_read(copy: Copy) -> None:
    copy.change("model.toml", 'zh = "不满足", en = "Not met"', 'zh = "－", en = "-"')
    assert copy.faults() == []
    copy.change("model.toml", 'en = "Partly"', 'en = "–－"')
    copy.change("model.toml", 'en = "Full"', 'en = "-"')
    assert [fault.split()[0] for fault in copy.faults()] == ["scale_labels"]


@pytest.mark.parametrize("words", ["\u200b", "\u2060\u00ad", "\ufeff"])
def test_every_text_shows_something(copy: Copy, words: str) -> None:
    at = copy.change("model.toml", 'en = "Full"', f'en = "{words}"')
    assert copy.faults() == [f"bad_value model.toml:{at} full.label.en"]


def test_na_has_no_value(copy: Copy) -> None:
    at = copy.change("model.toml", 'code = "na"', 'code = "na"\nvalue = 0.0')
    assert copy.faults() == [f"scale_na_value model.toml:{at + 1} scale.na"]


def test_every_other_answer_has_a_value(copy: Copy) -> None:
    copy.change("model.toml", "value = 0.5\n", "")
    at = line("model.toml", '[[scale]]\ncode = "partial"')
    assert copy.faults() == [f"scale_without_value model.toml:{at} scale.partial"]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("bands = [0.8, 1.8, 1.8, 3.8, 4.8]", "bands_order"),
        ("bands = [0.8, 2.8, 1.8, 3.8, 4.8]", "bands_order"),
        ("bands = [0.8, 1.8, 1.8000000001, 3.8, 4.8]", "bands_order"),
        ("bands = [0.0, 1.8, 2.8, 3.8, 4.8]", "bands_range"),
        ("bands = [1e-10, 1.8, 2.8, 3.8, 4.8]", "bands_range"),
        ("bands = [0.8, 1.8, 2.8, 3.8, 5.1]", "bands_range"),
    ],
)
def test_bands_rise_and_lie_on_the_scale(copy: Copy, new: str, code: str) -> None:
    at = copy.change("model.toml", "bands = [0.8, 1.8, 2.8, 3.8, 4.8]", new)
    assert copy.faults() == [f"{code} model.toml:{at} rules.bands"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_requirements_say_the_same(copy: Copy, lang: str) -> None:
    first = whole("1_SS.toml", f"text.{lang}").removeprefix(f"text.{lang} = ").strip('"')
    old = whole("4_SO.toml", f"text.{lang}")
    at = copy.change("4_SO.toml", old, f'text.{lang} = "{first.upper().replace(",", " ,")}"')
    assert copy.faults() == [f"same_text 4_SO.toml:{at} SO1-1.text.{lang}"]


def test_na_is_limited_to_categories_that_there_are(copy: Copy) -> None:
    at = copy.change(
        "1_SS.toml", "na_allowed = true", 'na_allowed = true\nna_categories = ["法律服务", "Legal", "法务"]'
    )
    found = inspect_model(str(copy.folder))[1]
    assert [(fault.code, fault.line, fault.params["category"]) for fault in found] == [
        ("unknown_category", at + 1, "Legal"),
        ("unknown_category", at + 1, "法务"),
    ]


def test_every_kind_of_fault_of_the_lint_is_tested_here() -> None:
    source = Path(lint.__file__).read_text(encoding="utf-8")
    kinds = set(re.findall(r'(?:code=|at_main\(\s*)"([a-z_]+)"', source))
    tested = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in sorted(kinds) if kind not in tested] == []
    assert len(kinds) >= 14


def test_one_bad_value_hides_no_other_fault(copy: Copy) -> None:
    copy.change("model.toml", "pass_mark = 0.8", "pass_mark = 1.8")
    copy.change("model.toml", "bands = [0.8, 1.8,", "bands = [1.9, 1.8,")
    copy.change("model.toml", "weight = 0.30", "weight = 0.50")
    copy.change("model.toml", "value = 0.8\n", "value = 1.2\n")
    copy.change("model.toml", "value = 0.5\n", "")
    copy.change("1_SS.toml", "na_allowed = false", 'na_allowed = "no"')
    copy.change("1_SS.toml", "weight = 0.25", "weight = 0.35")
    copy.change("2_SD.toml", 'id = "SD1-2"', 'id = "SD1-1"')
    (copy.folder / "5_CI.toml").unlink()
    found = [fault.split()[0] for fault in copy.faults()]
    assert sorted(found) == sorted(
        [
            "bad_value", "bad_value", "bad_value", "bands_order", "domain_weights", "scale_without_value",
            "scale_order", "item_weights", "duplicate_id", "level_mismatch", "missing_file",
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "domains = 3", "domains = [1, {}]\nscale = [{}]\nrules = 1\nlevels = [{level = true}]",
        'domains = [{file = "../x.toml"}]', "rules = {bands = [true, 'x']}\ncategories = [1]",
    ],
)  # fmt: skip
def test_odd_shapes_are_faults_and_never_exceptions(copy: Copy, content: str) -> None:
    (copy.folder / "model.toml").write_text(content, encoding="utf-8")
    (copy.folder / "1_SS.toml").write_text(
        'item = [1, {requirement = [1, {id = 3, text = 4, na_categories = "x"}]}, {requirement = 2, code = 7}]',
        encoding="utf-8",
    )
    model, faults = inspect_model(str(copy.folder))
    assert model is None
    assert faults
    assert all(fault.message(lang) for fault in faults for lang in ("zh", "en"))
