"""The form as written: its contract with the reader, its cached results, and its live formulas under LibreOffice."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from evaluator.model.files import load_model
from evaluator.model.records import ANSWER_CODES, Domain, Model
from evaluator.questionnaire import layout
from evaluator.questionnaire.layout import Prefill
from evaluator.questionnaire.states import compute
from evaluator.questionnaire.writer import write_form
from evaluator.wording import LANGS, Lang, catalogue, say
from evaluator.workbook import MAX_ROW_POINTS
from tests.libreoffice import require_libreoffice, resave

ANSWER, EVIDENCE, REMARKS, STATUS = (layout.column_letter(key) for key in ("answer", "evidence", "remarks", "status"))
FIRST_ROW = layout.HEADER_ROW + 1


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def odd_model(model: Model) -> Model:
    return variant(model)


def opened(model: Model, domain: Domain, lang: Lang = "zh", **given: object) -> openpyxl.Workbook:
    stream = BytesIO()
    write_form(stream, model, domain, lang, **given)  # type: ignore[arg-type]
    return openpyxl.load_workbook(stream)


def variant(model: Model) -> Model:
    """A model with what the built-in one lacks: categories for N/A, unequal weights, a level without requirements."""
    domain = model.domains[0]
    items = []
    for item in domain.items:
        kept = []
        for n, r in enumerate(r for r in item.requirements if r.level != 3):
            changes: dict[str, object] = {"weight": 1.0 + n % 3}
            if n == 1:
                changes |= {"na_allowed": True, "na_categories": ("信息服务", "法律服务")}
            kept.append(r.model_copy(update=changes))
        items.append(item.model_copy(update={"requirements": tuple(kept)}))
    # Not `model_copy`: it would take the cached `requirements` along.
    changed = Domain.model_validate({name: getattr(domain, name) for name in Domain.model_fields} | {"items": items})
    return Model.model_validate({name: getattr(model, name) for name in Model.model_fields} | {"domains": [changed]})


# An independent computation of METHOD.md, from labels to the domain's score: nothing of the writer is used.


def domain_score(model: Model, domain: Domain, lang: Lang, prefill: Prefill) -> tuple[float, int]:
    names = {c.zh: c.zh for c in model.categories} | {c.en: c.zh for c in model.categories}
    category = names.get(prefill.fields.get("category", ""), "")
    values: dict[str, float | None] = {}  # None: left out
    for r in domain.requirements:
        given, evidence, remarks = prefill.answers.get(r.id, (None, "", ""))
        code = next((a.code for a in model.scale if a.label.say(lang) == given), None)
        if code is None:
            values[r.id] = 0.0
        elif code == "na":
            allowed = r.na_allowed and (not r.na_categories or category in r.na_categories)
            values[r.id] = None if allowed and remarks.strip() else 0.0
        elif code in ("full", "large") and not evidence.strip() and model.rules.evidence_rule:
            values[r.id] = model.answer("partial").value
        else:
            values[r.id] = model.answer(code).value
    passed, attained = 0, []
    for level in range(1, 6):
        asked = [(i, r) for i in domain.items for r in i.requirements if r.level == level]
        numerator = denominator = 0.0
        for item in domain.items:
            mine = [(r.weight, v) for i, r in asked if i is item and (v := values[r.id]) is not None]
            if mine:
                cell = sum(w * v for w, v in mine) / sum(w for w, _ in mine)
                numerator, denominator = numerator + item.weight * cell, denominator + item.weight
        attained.append(1.0 if not asked else numerator / denominator if denominator else 0.0)
    for value in attained:
        if round(value, 9) < model.rules.pass_mark:
            break
        passed += 1
    return (5.0 if passed == 5 else passed + attained[passed]), passed


def random_prefill(model: Model, domain: Domain, lang: Lang, seed: int) -> Prefill:
    """Answers of every kind; the higher the seed, the better, so that all numbers of passed levels come up."""
    draw = random.Random(seed)  # noqa: S311 - test data
    labels = [model.answer(code).label.say(lang) for code in ANSWER_CODES]
    faults = [labels[4], labels[4], labels[3], labels[2], None, "", "   ", "maybe", "*", "?????", 1, 0.8, True]
    share = [0.9, 0.5, 0.25, 0.1, 0.03, 0.0][seed % 6]
    answers: dict[str, tuple[object, str, str]] = {}
    for r in domain.requirements:
        if draw.random() < share:
            given = draw.choice(faults)
            answers[r.id] = given, draw.choice(["", "  ", "=1+1", "证明 a"]), draw.choice(["", " ", "不涉及 n"])
        else:
            well = seed % 6 == 5 or draw.random() < 0.7
            answers[r.id] = labels[0 if well else 1], "https://example.org/证明", ""
    category = draw.choice(["", "信息服务", "Legal", "培训服务"])
    return Prefill(fields={"category": category, "id": "007"}, answers=answers)


def preview_of(book: openpyxl.Workbook) -> tuple[float, int]:
    rows = {row[0]: row[1] for row in book[layout.PREVIEW_SHEET].iter_rows(max_row=10, max_col=2, values_only=True)}
    return float(rows["score"]), int(rows["passed_levels"])  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGS)
def test_live_formulas_agree_with_the_method_and_with_the_cached_results(
    model: Model, odd_model: Model, lang: Lang, tmp_path: Path
) -> None:
    require_libreoffice()
    seen: set[int] = set()
    for seed in range(8):
        asked = odd_model if seed >= 6 else model
        domain = asked.domains[seed % len(asked.domains)]
        prefill = random_prefill(asked, domain, lang, seed)
        path = tmp_path / f"form_{seed}.xlsx"
        write_form(path, asked, domain, lang, prefill=prefill)
        cached = openpyxl.load_workbook(path, data_only=True)
        live = openpyxl.load_workbook(resave(path, tmp_path / "resaved"), data_only=True)
        expected, passed = domain_score(asked, domain, lang, prefill)
        assert preview_of(live) == (pytest.approx(expected, abs=1e-9), passed)
        seen.add(passed)
        formulas = openpyxl.load_workbook(path)
        for sheet in formulas:
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
                got, before = (book[sheet.title][cell.coordinate].value for book in (live, cached))
                same = pytest.approx(before, abs=1e-9) if isinstance(before, int | float) else before
                assert got == same, (seed, sheet.title, cell.coordinate, cell.value)
    assert len(seen) >= 3, f"the draws are too much alike: {seen}"


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("lang", LANGS)
def test_cached_preview_agrees_with_the_method(model: Model, odd_model: Model, lang: Lang, seed: int) -> None:
    for asked in (model, odd_model):
        domain = asked.domains[seed % len(asked.domains)]
        prefill = random_prefill(asked, domain, lang, seed)
        figures = compute(asked, domain, lang, prefill)
        assert (figures.score, figures.passed) == pytest.approx(domain_score(asked, domain, lang, prefill))


def test_moved_rows_give_the_same_preview(model: Model, tmp_path: Path) -> None:
    """Rows are found by id, so a reversed table gives the same score."""
    require_libreoffice()
    domain = model.domains[0]
    prefill = random_prefill(model, domain, "zh", 2)
    path = tmp_path / "form.xlsx"
    write_form(path, model, domain, "zh", prefill=prefill)
    book = openpyxl.load_workbook(path)
    sheet = book[layout.sheet_name("questionnaire", "zh")]
    last = FIRST_ROW + len(domain.requirements) - 1
    columns = [layout.column_letter(key) for key in ("id", "answer", "evidence", "remarks")]
    rows = [[sheet[f"{c}{row}"].value for c in columns] for row in range(FIRST_ROW, last + 1)]
    for row, values in zip(range(FIRST_ROW, last + 1), reversed(rows), strict=True):
        for column, value in zip(columns, values, strict=True):
            sheet[f"{column}{row}"].value = value
            if isinstance(value, str):
                sheet[f"{column}{row}"].data_type = "s"
    book.save(path)
    live = openpyxl.load_workbook(resave(path, tmp_path / "resaved"), data_only=True)
    assert preview_of(live)[0] == pytest.approx(domain_score(model, domain, "zh", prefill)[0])


@pytest.mark.parametrize("lang", LANGS)
def test_sheets_and_their_states(model: Model, lang: Lang) -> None:
    book = opened(model, model.domains[0], lang)
    visible = [layout.sheet_name(key, lang) for key in layout.SHEETS]
    assert [(s.title, s.sheet_state) for s in book] == [
        *((name, "visible") for name in visible),
        (layout.LISTS_SHEET, "hidden"),
        (layout.PREVIEW_SHEET, "hidden"),
        (layout.META_SHEET, "veryHidden"),
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_header_and_rows_follow_the_layout(model: Model, lang: Lang) -> None:
    for domain in model.domains:
        sheet = opened(model, domain, lang)[layout.sheet_name("questionnaire", lang)]
        header = [cell.value for cell in sheet[layout.HEADER_ROW]]
        assert [layout.column_of(words) for words in header] == list(layout.COLUMNS)
        ids = [sheet.cell(row, 1).value for row in range(FIRST_ROW, sheet.max_row + 1)]
        assert ids == [r.id for r in domain.requirements]
        assert sheet.freeze_panes == f"B{FIRST_ROW}"
        assert sheet.auto_filter.ref == f"A{layout.HEADER_ROW}:{STATUS}{sheet.max_row}"


def test_only_input_cells_are_unlocked_and_sheets_are_protected_without_password(model: Model) -> None:
    book = opened(model, model.domains[0])
    for sheet in book:
        assert sheet.protection.sheet
        assert not sheet.protection.password
    sheet = book[layout.sheet_name("questionnaire", "zh")]
    assert not sheet.protection.formatColumns
    assert not sheet.protection.autoFilter
    assert sheet.protection.sort
    unlocked = {c.column_letter for row in sheet.iter_rows() for c in row if not c.protection.locked}
    assert unlocked == {ANSWER, EVIDENCE, REMARKS}
    fields = book[layout.sheet_name("institution", "zh")]
    first, count = layout.FIRST_FIELD_ROW, len(layout.FIELDS)
    unlocked = {c.coordinate for row in fields.iter_rows() for c in row if not c.protection.locked}
    assert unlocked == {f"B{row}" for row in range(first, first + count)}
    labels = [layout.field_of(fields.cell(row, 1).value) for row in range(first, first + count + 1)]
    assert labels == [*layout.FIELDS, layout.EDITION_FIELD]
    assert fields.cell(first + count, 2).value == f"{model.id} {model.edition}"


@pytest.mark.parametrize("lang", LANGS)
def test_dropdown_offers_na_only_where_it_is_permitted(odd_model: Model, lang: Lang) -> None:
    asked = odd_model
    book = opened(asked, asked.domains[0], lang)
    sheet = book[layout.sheet_name("questionnaire", lang)]
    labels = [asked.answer(code).label.say(lang) for code in ANSWER_CODES]
    for row, requirement in enumerate(asked.domains[0].requirements, FIRST_ROW):
        rules = [v for v in sheet.data_validations.dataValidation if f"{ANSWER}{row}" in v.sqref]
        assert len(rules) == 1
        assert rules[0].errorStyle in (None, "stop")
        cells = book[layout.LISTS_SHEET][rules[0].formula1.partition("!")[2].replace("$", "")]
        assert [cell.value for (cell,) in cells] == (labels if requirement.na_allowed else labels[:4])
        assert max(len(rules[0].error), len(rules[0].prompt)) <= 255


def test_meta_identifies_the_form(model: Model) -> None:
    domain = model.domains[1]
    book = opened(model, domain, "en", round_name="2026", institution="0042")
    rows = dict(book[layout.META_SHEET].iter_rows(max_col=2, values_only=True))
    assert tuple(rows) == layout.META_KEYS
    assert rows == {
        "format": layout.FORMAT, "model": model.id, "edition": model.edition, "model_hash": model.hash,
        "domain": domain.code, "round": "2026", "institution": "0042", "language": "en", "seal": None,
    }  # fmt: skip


def test_equal_input_gives_equal_bytes(model: Model, tmp_path: Path) -> None:
    domain = model.domains[0]
    prefill = random_prefill(model, domain, "zh", 1)
    stream = BytesIO()
    write_form(stream, model, domain, "zh", prefill=prefill)
    write_form(tmp_path / "a.xlsx", model, domain, "zh", prefill=prefill)
    assert (tmp_path / "a.xlsx").read_bytes() == stream.getvalue()
    core = zipfile.ZipFile(stream).read("docProps/core.xml").decode()
    assert core.count("2023-12-01T00:00:00Z") == 2
    assert "<dc:creator></dc:creator>" in core


def test_texts_that_look_like_formulas_or_links_stay_texts(model: Model) -> None:
    domain = model.domains[0]
    first = domain.requirements[0].id
    prefill = Prefill(
        fields={"name": "=A1", "phone": "00123", "date": "2026-03-31"},
        answers={first: ("=1+1", "http://example.org", '{=HYPERLINK("x")}')},
    )
    book = opened(model, domain, prefill=prefill)
    sheet = book[layout.sheet_name("questionnaire", "zh")]
    for column, words in ((ANSWER, "=1+1"), (EVIDENCE, "http://example.org"), (REMARKS, '{=HYPERLINK("x")}')):
        cell = sheet[f"{column}{FIRST_ROW}"]
        assert (cell.value, cell.data_type, cell.hyperlink) == (words, "s", None)
    fields = book[layout.sheet_name("institution", "zh")]
    values = {key: fields.cell(layout.FIRST_FIELD_ROW + n, 2) for n, key in enumerate(layout.FIELDS)}
    assert (values["name"].value, values["name"].data_type) == ("=A1", "s")
    assert (values["phone"].value, values["phone"].number_format) == ("00123", "@")
    assert values["date"].is_date


def test_a_prefilled_answer_keeps_its_type(model: Model) -> None:
    domain = model.domains[0]
    given = dict(zip((r.id for r in domain.requirements), (1, 0.5, True, None, "完全满足"), strict=False))
    prefill = Prefill(fields={}, answers={key: (value, "", "") for key, value in given.items()})
    sheet = opened(model, domain, prefill=prefill)[layout.sheet_name("questionnaire", "zh")]
    assert [sheet[f"{ANSWER}{FIRST_ROW + n}"].value for n in range(5)] == list(given.values())


def test_choices_are_said_in_the_forms_language(model: Model) -> None:
    fields = {"province": "江苏省", "type": model.types[0].zh, "category": model.categories[1].zh}
    book = opened(model, model.domains[0], "en", prefill=Prefill(fields=fields, answers={}))
    sheet = book[layout.sheet_name("institution", "en")]
    got = {key: sheet.cell(layout.FIRST_FIELD_ROW + n, 2).value for n, key in enumerate(layout.FIELDS)}
    assert (got["province"], got["type"], got["category"]) == ("Jiangsu", model.types[0].en, model.categories[1].en)


@pytest.mark.parametrize("lang", LANGS)
def test_instructions_say_notice_deadline_contact_and_answers(model: Model, lang: Lang) -> None:
    book = opened(model, model.domains[0], lang, deadline="2026-04-30", contact="010-1234")
    words = "\n".join(str(c) for row in book.worksheets[0].iter_rows(values_only=True) for c in row if c)
    for part in (model.notice.say(lang), model.id, model.edition, "2026-04-30", "010-1234"):
        assert part in words
    for answer in model.scale:
        assert answer.label.say(lang) in words
        assert answer.meaning.say(lang) in words
    assert "{" not in words


def test_row_heights_hold_the_texts_and_stay_within_excels_limit(model: Model) -> None:
    domain = model.domains[0]
    prefill = Prefill(fields={}, answers={domain.requirements[0].id: ("", "长" * 2000, "")})
    sheet = opened(model, domain, prefill=prefill)[layout.sheet_name("questionnaire", "zh")]
    assert sheet.row_dimensions[FIRST_ROW].height == pytest.approx(MAX_ROW_POINTS, abs=0.5)
    assert all(20 < sheet.row_dimensions[row].height < 200 for row in range(FIRST_ROW + 1, sheet.max_row + 1))


def test_the_evidence_rule_can_be_off(model: Model) -> None:
    asked = model.model_copy(update={"rules": model.rules.model_copy(update={"evidence_rule": False})})
    domain = asked.domains[0]
    answers: dict[str, tuple[object, str, str]] = {r.id: ("完全满足", "", "") for r in domain.requirements}
    figures = compute(asked, domain, "zh", Prefill(fields={}, answers=answers))
    assert figures.score == 5
    assert {row.status for row in figures.rows.values()} == {"done"}
    strict = compute(model, domain, "zh", Prefill(fields={}, answers=answers))
    assert {row.status for row in strict.rows.values()} == {"needs_evidence"}
    assert strict.score == 0.5


@pytest.mark.parametrize(
    ("answer", "evidence", "remarks", "status"),
    [
        (None, "", "", "missing"),
        ("  ", "x", "x", "missing"),
        ("完全满足", "x", "", "done"),
        (" 完全满足 ", " ", "", "needs_evidence"),
        ("部分满足", "", "", "done"),
        ("不适用", "", "x", "done"),
        ("不适用", "x", "", "needs_reason"),
        ("差不多", "x", "x", "invalid"),
        (1, "x", "x", "invalid"),
    ],
)
def test_status_of_a_row(model: Model, answer: object, evidence: str, remarks: str, status: str) -> None:
    domain = model.domains[0]
    requirement = next(r for r in domain.requirements if r.na_allowed)
    prefill = Prefill(fields={}, answers={requirement.id: (answer, evidence, remarks)})
    figures = compute(model, domain, "zh", prefill)
    assert figures.rows[requirement.id].status == status
    refusing = next(r for r in domain.requirements if not r.na_allowed)
    prefill = replace(prefill, answers={refusing.id: ("不适用", "", "x")})
    assert compute(model, domain, "zh", prefill).rows[refusing.id].status == "na_not_permitted"


def test_provinces_are_the_34_units_in_both_languages() -> None:
    provinces = catalogue("form")["provinces"]
    assert isinstance(provinces, list)
    for lang in LANGS:
        assert len({province[lang] for province in provinces}) == 34


def test_status_words_differ() -> None:
    for lang in LANGS:
        words = [say(f"form.status.{key}", lang) for key in catalogue("form")["status"]]  # type: ignore[attr-defined]
        assert len(set(words)) == len(words)
