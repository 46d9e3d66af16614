"""Every formula that the program writes gives, in LibreOffice, what the program says it gives.

The calculation sheets of 50 institutions' reports, and the previews of 50 filled-in questionnaires, are recalculated
and held cell by cell to their results as written and to the program's own scoring.
"""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from evaluator import pipeline
from evaluator.model.files import load_model
from evaluator.model.records import ANSWER_CODES, Domain, Model
from evaluator.questionnaire.book import sheet_parts
from evaluator.questionnaire.layout import PREVIEW_SHEET, Prefill
from evaluator.questionnaire.writer import write_form
from evaluator.reports.calculation import layout as at
from evaluator.reports.calculation.layout import Layout
from evaluator.reports.context import context_of
from evaluator.reports.institution import write_institution
from evaluator.reports.record import Results
from evaluator.reports.subject import Extracts, Subject, subject_of
from evaluator.synthesis.round import make_round
from evaluator.wording import LANGS, Lang, say
from tests import small
from tests.builders import make
from tests.libreoffice import require_libreoffice, resave_all

SEED, INSTITUTIONS, FORMS, CLOSE = 5, 50, 50, 1e-9
FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f[^>]*>[^<]*</f><v>([^<]*)</v></c>')
Value = str | float
Found = Mapping[str, Mapping[str, Value]]
"""Results of formulas by sheet and cell."""


def results_of(path: Path) -> Found:
    """Give the result of every formula in a workbook, by sheet and cell."""
    found: dict[str, dict[str, Value]] = {}
    with zipfile.ZipFile(path) as archive:
        parts = sheet_parts({name: archive.read(name) for name in archive.namelist()})
        for sheet, part in parts.items():
            found[sheet] = {
                cell: unescape(value) if 't="str"' in kind or 't="e"' in kind else float(value) if value else ""
                for cell, kind, value in FORMULA.findall(archive.read(part).decode())
            }
    return found


def same(one: Value, other: Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs(one - other) <= CLOSE


def recalculated(before: Sequence[Path], folder: Path) -> Iterator[tuple[Path, Found]]:
    """Give the results in each file's recalculated workbook, having held them to those as written."""
    for old, new in zip(before, resave_all(before, folder, timeout=300), strict=True):
        cached, live = results_of(old), results_of(new)
        assert sum(map(len, cached.values())) > 0
        differing = [
            (old.name, sheet, cell, value, live[sheet].get(cell))
            for sheet, cells in cached.items()
            for cell, value in cells.items()
            if cell not in live[sheet] or not same(value, live[sheet][cell])
        ]
        assert differing == []
        yield old, live


# Reports


def written(folder: Path, subjects: Mapping[str, tuple[Subject, Lang]]) -> list[Path]:
    folder.mkdir(parents=True)
    for name, (subject, lang) in subjects.items():
        write_institution(folder / f"{name}.xlsx", subject, lang)
    return sorted(folder.iterdir())


def column(sheet: Mapping[str, Value], letter: str, rows: at.Block) -> list[Value]:
    return [sheet[f"{letter}{row + 1}"] for row in range(rows.first, rows.end)]


def shown(values: Sequence[float | None]) -> list[Value]:
    return ["—" if value is None else value for value in values]


def hold_to_program(live: Found, subject: Subject, lang: Lang) -> None:
    """Hold the recalculated figures to the assessment's, and the verdict to what follows."""
    sheet, model = live[say("calculation.sheet", lang)], subject.context.model
    layout = Layout(model)
    assert sheet[f"A{at.VERDICT + 1}"] == say("calculation.agree", lang, n=layout.comparisons)
    assert set(column(sheet, at.AGREES, layout.requirements)) == {"✓"}
    facts = subject.facts
    for method in layout.methods:
        total, star = (sheet[f"{at.FORMULA}{layout.total(method) + n}"] for n in (1, 2))
        expected = shown([facts[f"score_{method}"], facts[f"star_{method}"]])
        assert same(total, expected[0])
        assert same(star, expected[1])
    limit = sheet[f"{at.FORMULA}{layout.limit + 1}"]
    assert limit == (say(f"report.rule.{facts['limited_by']}", lang) if subject.rated else "—")
    official = at.AVERAGE if model.rules.method == "average" else at.STAGED
    pairs = [
        (column(sheet, official, layout.domains), [line.score for line in subject.domains]),
        (column(sheet, at.PASSED, layout.domains), [line.passed for line in subject.domains]),
        (column(sheet, at.ITEM_SCORE, layout.items), subject.items),
        (column(sheet, at.SCORE, layout.requirements), [score for *_, score in subject.answers]),
    ]
    for n, (domain, line) in enumerate(zip(model.domains, subject.domains, strict=True)):
        for level in sorted({r.level for r in domain.requirements}):
            cell = f"{at.LEVEL_COLUMNS[level - 1]}{layout.domains.first + n + 1}"
            pairs.append(([sheet[cell]], [line.attainment[level - 1]]))
    for found, expected in pairs:
        assert all(map(same, found, shown(expected)))


def held(folder: Path, subjects: Mapping[str, tuple[Subject, Lang]]) -> None:
    for path, live in recalculated(written(folder / "before", subjects), folder / "after"):
        hold_to_program(live, *subjects[path.stem])


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def results(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("round")
    make_round(folder / "round", model, "zh", institutions=INSTITUTIONS, seed=SEED, faults=True)
    return pipeline.evaluate([folder / "round" / "returned"], model, roster=folder / "round" / "roster.xlsx")


def test_every_formula_of_fifty_reports_gives_the_programs_figures(results: Results, tmp_path: Path) -> None:
    require_libreoffice()
    context, extracts = context_of(results), Extracts(results)
    assert len(extracts) >= INSTITUTIONS
    subjects = {
        f"{n:03}": (subject_of(context, extract), LANGS[n % 5 == 0])
        for n, extract in enumerate(extracts[:INSTITUTIONS])
    }
    kinds = {(one.facts["status"], one.facts["reason"]) for one, _ in subjects.values()}
    assert {status for status, _ in kinds} == {"rated", "not_rated"}
    assert {lang for _, lang in subjects.values()} == set(LANGS)
    held(tmp_path, subjects)


def odd_model(model: Model, method: str) -> Model:
    """The built-in model with another method, odd weights, no questions of some levels and other thresholds."""
    domains = []
    for d, domain in enumerate(model.domains[:3]):
        items = []
        for n, one in enumerate(domain.items):
            kept = [r for r in one.requirements if r.level != d + 2 and (r.level != 1 or n % 2)] or one.requirements
            requirements = [r.model_copy(update={"weight": 0.3 + k % 3, "veto_star": k or None if k < 4 else None})
                            for k, r in enumerate(kept)]  # fmt: skip
            items.append(one.model_copy(update={"requirements": tuple(requirements), "weight": one.weight * (n + 0.7)}))
        fields = {name: getattr(domain, name) for name in Domain.model_fields}
        domains.append(Domain(**{**fields, "items": tuple(items), "weight": 1 / (d + 3)}))
    fields = {name: getattr(model, name) for name in Model.model_fields}
    changed = Model(**{**fields, "domains": tuple(domains)})
    rules = {
        "method": method,
        "pass_mark": 0.55,
        "bands": (0.4, 1.1, 2.3, 3.3, 4.4),
        "evidence_rule": method != "average",
    }
    rules |= {"verified_above": 3 if method == "cumulative" else None, "min_coverage": 0.8, "max_na_share": 0.5}
    return small.with_rules(changed, **rules)


@pytest.mark.parametrize("method", ["average", "cumulative"])
def test_the_same_of_a_model_with_another_method_and_odd_weights(model: Model, tmp_path: Path, method: str) -> None:
    require_libreoffice()
    found = make(8, seed=3, model=odd_model(model, method))
    context, extracts = context_of(found), Extracts(found)
    subjects: dict[str, tuple[Subject, Lang]] = {
        str(n): (subject_of(context, extract), LANGS[n % 2]) for n, extract in enumerate(extracts)
    }
    assert any(subject.rated for subject, _ in subjects.values())
    held(tmp_path, subjects)


def test_a_figure_or_an_answer_that_was_changed_flips_the_verdict(results: Results, tmp_path: Path) -> None:
    require_libreoffice()
    context, extracts = context_of(results), Extracts(results)
    subject = next(one for one in (subject_of(context, e) for e in extracts) if one.rated)
    path = written(tmp_path / "before", {"a": (subject, "zh")})[0]
    layout, name = Layout(context.model), say("calculation.sheet", "zh")
    answered = next(
        n for n, (state, answer, _, _) in enumerate(subject.answers) if (state, answer) == ("answered", "full")
    )
    changes: dict[str, tuple[str, str, object, int]] = {
        "figure": (name, f"{at.PROGRAM}{layout.total('staged') + 1}", float(subject.facts["score"]) + 1e-6, 1),
        "domain": (name, f"{at.STAGED}{layout.reported.first + 1}", 0.25, 1),
        "answer": (say("report.sheet.answers", "zh"), f"F{answered + 5}", "不满足", 2),
    }
    for key, (sheet, cell, value, _) in changes.items():
        book = openpyxl.load_workbook(path)
        book[sheet][cell] = value
        book[name][layout.parameter("tolerance").replace("$", "")] = 10.0  # nobody can widen it
        book.save(path.with_name(f"{key}.xlsx"))
    new = resave_all([path.with_name(f"{key}.xlsx") for key in changes], tmp_path / "after")
    for after, (key, (*_, least)) in zip(new, changes.items(), strict=True):
        sheet = results_of(after)[name]
        wrong = [cell for cell, value in sheet.items() if value == "✗"]
        assert len(wrong) >= least, key
        assert sheet[f"A{at.VERDICT + 1}"] == say("calculation.differ", "zh", n=len(wrong)), key


def test_not_applicable_counts_where_it_is_permitted_and_else_as_invalid(results: Results, tmp_path: Path) -> None:
    """A reader who writes N/A on the answers' sheet gets what METHOD says of it: left out, or 0 and less coverage.

    It takes a reason in the remarks as well.
    """
    require_libreoffice()
    context, extracts = context_of(results), Extracts(results)
    subject = next(one for one in (subject_of(context, e) for e in extracts) if one.rated)
    model, layout, name = context.model, Layout(context.model), say("calculation.sheet", "zh")
    path, category = written(tmp_path / "before", {"a": (subject, "zh")})[0], str(subject.facts["category"])
    asked_of = dict(enumerate(model.requirements))
    free = [n for n, (state, *_) in enumerate(subject.answers) if state == "answered"]
    alone = [
        n for n in free if sum(r.level == asked_of[n].level for r in model.item_of[asked_of[n].id].requirements) == 1
    ]
    allowed = {yes: next(n for n in alone if asked_of[n].permits_na(category) == yes) for yes in (True, False)}
    vetoed = next(n for n in free if asked_of[n].veto_star is not None and not asked_of[n].na_allowed)
    cases = [(n, columns, "无此业务") for n in (*allowed.values(), vetoed) for columns in ("E", "F", "EF")]
    cases += [(allowed[True], columns, reason) for columns in ("E", "F") for reason in (None, "  ")]
    for k, (n, columns, reason) in enumerate(cases):
        book = openpyxl.load_workbook(path)
        answers = book[say("report.sheet.answers", "zh")]
        for letter in columns:
            answers[f"{letter}{n + 5}"] = "不适用"
        answers[f"J{n + 5}"] = reason
        book.save(path.with_name(f"{k}.xlsx"))
    new = resave_all([path.with_name(f"{k}.xlsx") for k in range(len(cases))], tmp_path / "after")
    for after, (n, _, reason) in zip(new, cases, strict=True):
        sheet, asked = results_of(after)[name], asked_of[n]
        item = model.items.index(model.item_of[asked.id])
        row, of_item = layout.requirements.first + n + 1, layout.items.first + item + 1
        share = asked.weight / sum(r.weight for r in model.items[item].requirements)
        shown = [sheet[f"{letter}{row}"] for letter in (at.COUNTS_AS, at.APPLICABLE, at.SCORE)]
        cell = sheet[f"{at.LEVEL_COLUMNS[asked.level - 1]}{of_item}"]
        shares = [sheet[f"{letter}{of_item}"] for letter in (at.COVERAGE, at.NA_SHARE)]
        if n == allowed[True] and (reason or "").strip():
            assert (shown, cell) == (["不适用", 0, "—"], "—")
            assert all(map(same, shares, [1, share]))
        else:
            assert shown == ["无效", asked.weight, 0]
            assert cell == 0 or n == vetoed  # which is not the only one of its level
            assert all(map(same, shares, [1 - share, 0]))
        if n == vetoed:
            assert sheet[f"{at.CAP}{row}"] == asked.veto_star


CHANGES: dict[str, tuple[Mapping[str, object], str, float]] = {
    "cleared": ({"F": None}, "未填写", 0),
    "garbled": ({"F": "基本满足"}, "无效", 0),
    "a pattern": ({"F": "*"}, "无效", 0),
    "with a blank": ({"F": "部分满足 "}, "无效", 0),
    "in English": ({"F": "Fully met"}, "无效", 0),
    "no state": ({"E": None}, "未填写", 0),
    "unknown state": ({"E": "已填写"}, "无效", 0),
    "blank by state": ({"E": "未填写"}, "未填写", 0),
    "invalid by state": ({"E": "无效"}, "无效", 0),
    "missing alone": ({"E": "缺失"}, "未填写", 0),
    "decided": ({"E": "经裁定"}, "完全满足", 1),
    "decided, no answer": ({"E": "经裁定", "F": None}, "未填写", 0),
    "decided, other answer": ({"E": "经裁定", "F": "部分满足"}, "部分满足", 0.5),
    "decided as N/A, not permitted": ({"E": "经裁定", "F": "不适用"}, "无效", 0),
    "evidence cleared": ({"G": None}, "部分满足", 0.5),
    "not met": ({"F": "不满足"}, "不满足", 0),
}
"""What a reader does to a requirement answered `full` with evidence, by column; what it counts as then, and its score.

E and F are the answers' sheet's state and answer, G is the calculation sheet's evidence.
"""


def test_a_cell_that_a_reader_clears_or_garbles_counts_as_blank_or_invalid(results: Results, tmp_path: Path) -> None:
    """METHOD: blank and invalid score 0, lower coverage and trigger a veto; so does `none`, but for the coverage."""
    require_libreoffice()
    context, extracts = context_of(results), Extracts(results)
    model, layout, name = context.model, Layout(context.model), say("calculation.sheet", "zh")
    rated = (one for one in (subject_of(context, e) for e in extracts) if one.rated and not one.ruled)
    subject, n, asked = next(
        (one, n, asked)
        for one in rated
        for n, (asked, (state, answer, counts, _)) in enumerate(zip(model.requirements, one.answers, strict=True))
        if asked.veto_star and not asked.na_allowed and (state, answer, counts) == ("answered", "full", "full")
    )
    path = written(tmp_path / "before", {"a": (subject, "zh")})[0]
    row, of_item = layout.requirements.first + n + 1, layout.items.first + model.items.index(model.item_of[asked.id])
    for k, (cells, _, _) in enumerate(CHANGES.values()):
        book = openpyxl.load_workbook(path)
        for letter, value in cells.items():
            place = (name, row) if letter == at.PROVEN else (say("report.sheet.answers", "zh"), n + 5)
            book[place[0]][f"{letter}{place[1]}"] = value
        book.save(path.with_name(f"{k}.xlsx"))
    new = resave_all([path.with_name(f"{k}.xlsx") for k in range(len(CHANGES))], tmp_path / "after")
    item = model.item_of[asked.id]
    share = asked.weight / sum(r.weight for r in item.requirements)
    before = results_of(path)[name][f"{at.COVERAGE}{of_item + 1}"]
    for after, (what, (_, counts_as, score)) in zip(new, CHANGES.items(), strict=True):
        sheet = results_of(after)[name]
        open_ = counts_as in ("未填写", "无效")
        found = [sheet[f"{letter}{row}"] for letter in (at.COUNTS_AS, at.SCORE, at.APPLICABLE, at.CAP)]
        assert found == [counts_as, score, asked.weight, 5 if score else asked.veto_star], what
        assert same(sheet[f"{at.COVERAGE}{of_item + 1}"], before - share * open_), what
        if not score:
            assert sheet[f"{at.FORMULA}{layout.total(model.rules.method) + 2}"] <= asked.veto_star, what


def test_without_any_weight_there_is_no_total(results: Results, tmp_path: Path) -> None:
    require_libreoffice()
    context, extracts = context_of(results), Extracts(results)
    subject = next(one for one in (subject_of(context, e) for e in extracts) if one.rated)
    path, layout = written(tmp_path / "before", {"a": (subject, "zh")})[0], Layout(context.model)
    book, name = openpyxl.load_workbook(path), say("calculation.sheet", "zh")
    for row in range(layout.domains.first, layout.domains.end):
        book[name][f"{at.WEIGHT}{row + 1}"] = 0
    book.save(path)
    sheet = results_of(resave_all([path], tmp_path / "after")[0])[name]
    assert {sheet[f"{at.FORMULA}{row + 1}"] for row in range(layout.results.first + 1, layout.results.end)} == {"—"}
    assert not [cell for cell, value in sheet.items() if str(value).startswith("#")]


# Previews


def filled(model: Model, domain: Domain, lang: Lang, number: int) -> Prefill:
    """Answers of every kind; forms of higher numbers are better ones, so that all numbers of passed levels come up."""
    draw = random.Random(f"{SEED} {number}")  # noqa: S311 - test data
    labels = [model.answer(code).label.say(lang) for code in ANSWER_CODES]
    faulty = (0.02, 0.1, 0.3, 0.0, 0.6)[number % 5]
    best = (number // 5) % 4
    answers: dict[str, tuple[object, str, str]] = {}
    for r in domain.requirements:
        given: object = labels[0 if r.level <= best + 2 else draw.choice([0, 1, 2, 3])]
        evidence, reason = "https://example.org/制度 1", ""
        if draw.random() < faulty:
            given = draw.choice(
                [labels[4], labels[4], labels[3], labels[2], labels[1], None, "", "  ", "差不多", "*", 7]
            )
            evidence, reason = draw.choice(["", "   ", "台账"]), draw.choice(["", " ", "无此业务"])
        answers[r.id] = given, evidence, reason
    category = draw.choice([c.say(lang) for c in model.categories])
    uscc = "91110108MA01ABCD5" + "0123456789"[number % 10]
    fields = {"id": f"P{number:03}", "name": f"机构{number}", "uscc": uscc, "category": category, "date": "2026-03-31"}
    return Prefill(fields=fields, answers=answers)


SCORE, PASSED = "B7", "B8"
"""Cells of the preview."""


def test_fifty_previews_give_what_the_program_scores(model: Model, tmp_path: Path) -> None:
    """The preview knows all that decides: labels as the form offers them, evidence and reasons of visible characters.

    Where it can't know, it is not asked here: answers in other words or as numbers, evidence of invisible marks only,
    answers that a person decides.
    """
    require_libreoffice()
    (tmp_path / "before").mkdir()
    for number in range(FORMS):
        domain, lang = model.domains[number % 5], LANGS[number // 5 % 2]
        prefill = filled(model, domain, lang, number)
        path = tmp_path / "before" / f"P{number:03}_{domain.code}.xlsx"
        write_form(path, model, domain, lang, prefill=prefill, institution=f"P{number:03}")
    files = sorted((tmp_path / "before").iterdir())
    scored = pipeline.evaluate([tmp_path / "before"], model).assessment.domains
    came = scored[scored["passed_levels"].notna()]
    assert len(came) == FORMS
    by_form = {(row.institution, row.domain): (row.score, row.passed_levels) for row in came.itertuples()}
    levels = set()
    for path, live in recalculated(files, tmp_path / "after"):
        institution, _, domain = path.stem.partition("_")
        score, passed = by_form[institution, domain]
        assert same(live[PREVIEW_SHEET][SCORE], score), path
        assert live[PREVIEW_SHEET][PASSED] == passed, path
        levels.add(passed)
    assert len(levels) >= 5, f"the draws are too much alike: {levels}"
