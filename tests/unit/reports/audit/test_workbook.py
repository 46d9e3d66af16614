"""The on-site sample's workbook: what stands in it is the draw, and its formulas compute what Python does."""

from __future__ import annotations

import re
import sqlite3
import tracemalloc
from contextlib import closing
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from evaluator import pipeline
from evaluator.assessment.attention import PARTS
from evaluator.errors import InputError, OutputError
from evaluator.model.records import Model
from evaluator.reports.audit import words as audit_words
from evaluator.reports.audit.estimate import Z95
from evaluator.reports.audit.file import check_place, write_file
from evaluator.reports.audit.record import MOST_CHECKS, WEAKNESSES, AuditSample, sample_of
from evaluator.reports.audit.workbook import write_audit
from evaluator.reports.database import write_database
from evaluator.reports.folder import check_outside
from evaluator.reports.recorded import open_results
from evaluator.wording import LANGS, Lang, say
from tests.builders import make
from tests.estimation import Estimate, estimates
from tests.libreoffice import resave
from tests.small import with_rules

SIZE = 9


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, faulty_round: Path, model: Model) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "results"
    pipeline.score([faulty_round / "returned"], folder, model, roster=faulty_round / "roster.xlsx")
    return folder


@pytest.fixture(scope="module")
def sample(results: Path) -> AuditSample:
    return sample_of(open_results(results), SIZE, "20260601")


def written(sample: AuditSample, lang: Lang) -> bytes:
    stream = BytesIO()
    write_audit(stream, sample, lang)
    return stream.getvalue()


def cell_below(sheet: Worksheet, header: str) -> tuple[int, int]:
    """Row and column of a header cell."""
    return next((c.row, c.column) for row in sheet.iter_rows() for c in row if c.value == header)


def table(sheet: Worksheet, first_header: str) -> list[dict[str, Any]]:
    """The rows below the header row that starts with a header, until one without a first cell."""
    head, _ = cell_below(sheet, first_header)
    keys = [c.value for c in sheet[head]]
    rows = (dict(zip(keys, (c.value for c in row), strict=True)) for row in sheet.iter_rows(min_row=head + 1))
    return [row for row in rows if row[first_header] is not None]


def test_the_models_thresholds_are_said_in_full(tmp_path: Path, faulty_round: Path, model: Model) -> None:
    odd = with_rules(model, pass_mark=0.775, bands=(0.8, 1.855, 2.805, 3.805, 4.805))
    pipeline.score([faulty_round / "returned"], tmp_path, odd, roster=faulty_round / "roster.xlsx")
    sample = sample_of(open_results(tmp_path), SIZE, "20260601")
    rows = [sample.row(unit) for unit in sample.draw.units]
    said = " ".join(audit_words.why(sample, row, "zh") for row in rows)
    assert set(re.findall(r"通过线[0-9.]+%", said)) == {"通过线77.5%"}
    starts = set(re.findall(r"分数线([0-9.]+)", said))
    assert starts
    assert starts <= {"0.8", "1.855", "2.805", "3.805", "4.805"}


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheets_are_those_of_the_interface_and_the_notice_is_on_each(sample: AuditSample, lang: Lang) -> None:
    book = openpyxl.load_workbook(BytesIO(written(sample, lang)))
    assert book.sheetnames == (
        ["说明", "样本", "核查要点", "估计", "全部概率"]
        if lang == "zh"
        else ["About", "Sample", "What to check", "Estimate", "Probabilities"]
    )
    assert all(sheet["A3"].value == sample.recorded.model.notice.say(lang) for sheet in book)


def test_equal_draws_give_equal_bytes(results: Path, sample: AuditSample) -> None:
    assert written(sample, "zh") == written(sample_of(open_results(results / "results.db"), SIZE, "20260601"), "zh")
    assert written(sample, "zh") != written(sample_of(open_results(results), SIZE, "20260602"), "zh")


def test_the_sample_stands_in_the_workbook(sample: AuditSample) -> None:
    rows = table(openpyxl.load_workbook(BytesIO(written(sample, "zh")))["样本"], "序号")
    found = sample.recorded.assessment.institutions
    assert len(rows) == SIZE
    for row, unit in zip(rows, sample.draw.chosen, strict=True):
        own = found.iloc[sample.row(unit)]
        assert row["机构编号"] == own["id"]
        assert row["总分"] == pytest.approx(own["score"], abs=1e-12)
        assert row["抽中概率"] == pytest.approx(float(unit.probability), abs=1e-12)
        assert row["权数"] == pytest.approx(1 / float(unit.probability), abs=1e-12)
        assert row["抽取缘由"] == audit_words.why(sample, sample.row(unit), "zh")
        assert row["核查星级"] is row["星级属实"] is row["核查意见"] is None
    assert "联系" not in str(rows)


def test_the_assessors_choose_from_lists(sample: AuditSample) -> None:
    sheet = openpyxl.load_workbook(BytesIO(written(sample, "en")))["Sample"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    head, _ = cell_below(sheet, "No.")
    assert lists == {f"K{head + 1}:K{head + SIZE}": '"0,1,2,3,4,5"', f"L{head + 1}:L{head + SIZE}": '"Yes,No"'}


def test_the_whole_draw_stands_in_the_workbook(sample: AuditSample) -> None:
    rows = table(openpyxl.load_workbook(BytesIO(written(sample, "en")))["Probabilities"], "No.")
    assert len(rows) == len(sample.recorded.assessment.rated)
    assert sum(row["Probability"] for row in rows) == pytest.approx(SIZE, abs=1e-9)
    parts = [say(f"audit.part.{part}", "en") for part in PARTS]
    for row in rows:
        assert row["Measure\nm"] == sum(row[part] for part in parts)
    drawn = [row for row in rows if row["Cumulated\nA"] is not None]
    shown = [row["SHA-256 of seed:id,\nfirst 16 digits"] for row in drawn]
    assert shown == sorted(shown)
    assert all(b["Cumulated\nA"] - a["Cumulated\nA"] == b["Measure\nm"] for a, b in pairwise(drawn))
    assert sum(row["Chosen"] == "Yes" for row in rows) == SIZE


@pytest.mark.parametrize("lang", LANGS)
def test_before_anything_is_typed_no_figure_shows(sample: AuditSample, lang: Lang, tmp_path: Path) -> None:
    sheet = recalculated(written(sample, lang), tmp_path)[say("audit.sheet.estimate", lang)]
    for row in estimated(sheet, lang):
        assert row[2:6] == [None] * 4
    assert say("audit.estimate.nothing", lang) in [c.value for c in sheet["B"]]


@pytest.mark.parametrize("filled", [SIZE, 5, 1])
@pytest.mark.parametrize("lang", LANGS)
def test_the_formulas_compute_what_python_does(sample: AuditSample, lang: Lang, filled: int, tmp_path: Path) -> None:
    stars: list[float | None] = [float((3 * n + 1) % 6) for n in range(filled)]
    confirmed: list[float | None] = [float(n % 3 != 1) for n in range(filled)]
    stars += [None] * (SIZE - filled)
    confirmed += [None] * (SIZE - filled)
    sheet = recalculated(written(sample, lang), tmp_path, stars, confirmed, lang)[say("audit.sheet.estimate", lang)]
    probabilities = [float(unit.probability) for unit in sample.draw.chosen]
    population = len(sample.draw.units)
    rows = iter(estimated(sheet, lang))
    for values in (confirmed, stars):
        expected = estimates(values, probabilities, population)
        assert expected is not None
        for one in (expected.hajek, expected.horvitz_thompson):
            agree(next(rows)[2:6], one, most=1 if values is confirmed else 5)
    state = "complete" if filled == SIZE else "provisional"
    assert say(f"audit.estimate.{state}", lang) in [c.value for c in sheet["B"]]


def test_in_a_sample_of_everybody_the_estimate_is_the_count_and_sure(results: Path, tmp_path: Path) -> None:
    sample = sample_of(open_results(results), 1000, "x")
    assert sample.draw.size == len(sample.draw.units) < 1000
    count = sample.draw.size
    stars = [float(n % 6) for n in range(count)]
    book = recalculated(written(sample, "en"), tmp_path, stars, [1.0] * count, "en")
    rows = estimated(book["Estimate"], "en")
    assert [row[2] for row in rows] == pytest.approx([1, 1, np.mean(stars), np.mean(stars)], abs=1e-9)
    assert [row[3] for row in rows] == [0, 0, 0, 0]


@pytest.mark.parametrize("lang", LANGS)
def test_where_everybody_is_in_the_sample_nothing_of_a_draw_is_shown(results: Path, lang: Lang) -> None:
    sample = sample_of(open_results(results), 1000, "x")
    book = openpyxl.load_workbook(BytesIO(written(sample, lang)))
    texts = {name: [str(c.value) for row in book[name].iter_rows() for c in row] for name in book.sheetnames}
    about, draw = texts[say("audit.sheet.about", lang)], texts[say("audit.sheet.draw", lang)]
    for key in ("start", "select", "worked", "source"):
        assert say(f"audit.about.{key}.label", lang) not in about
    assert say("audit.about.estimate.everyone", lang) in about
    assert not {say(f"audit.draw.{key}", lang) for key in ("total", "steps", "start", "start_again")} & set(draw)
    assert not {say(f"audit.column.{key}", lang) for key in ("after", "again")} & set(draw)
    assert len(table(book[say("audit.sheet.draw", lang)], say("audit.column.number", lang))) == sample.draw.size
    note = say("audit.estimate.note_everyone", lang, rated=sample.draw.size)
    assert note in texts[say("audit.sheet.estimate", lang)]
    assert list(audit_words.draw_lines(sample, lang)) == [
        audit_words.size_line(sample, lang), say("audit.no_estimate", lang)
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_nobody_is_said_to_be_drawn_by_chance_where_everybody_is_in_the_sample(results: Path, lang: Lang) -> None:
    sample = sample_of(open_results(results), 1000, "x")
    rows = [sample.row(unit) for unit in sample.draw.chosen]
    plain = [row for row in rows if not list(sample.attention.held(row))]
    assert plain
    assert {audit_words.why(sample, row, lang) for row in plain} == {say("audit.why.everyone", lang)}
    drawn = sample_of(open_results(results), len(rows) - 1, "x")
    assert {audit_words.why(drawn, row, lang) for row in plain} == {say("audit.why.nothing", lang)}


def test_contradictions_are_counted_and_nonsense_is_left_out(sample: AuditSample, tmp_path: Path) -> None:
    """Confirmed, but with another star; and a star of 7 and of 2.5, which count as not filled in."""
    published = [int(sample.recorded.assessment.institutions["star"].iloc[sample.row(u)]) for u in sample.draw.chosen]
    stars: list[float | None] = [published[0], (published[1] + 1) % 6, published[2], 7, 2.5, *[None] * (SIZE - 5)]
    confirmed: list[float | None] = [1, 1, 0, 1, 1, *[None] * (SIZE - 5)]
    sheet = recalculated(written(sample, "en"), tmp_path, stars, confirmed, "en")["Estimate"]
    progress = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=14)}
    assert progress["'Verified star' filled in"] == 3
    assert progress["'Star confirmed' filled in"] == 5
    assert progress["The two contradict each other"] == 2


def test_the_draw_recalculates_to_itself(sample: AuditSample, tmp_path: Path) -> None:
    sheet = recalculated(written(sample, "en"), tmp_path)["Probabilities"]
    for row in table(sheet, "No."):
        assert row["By formula"] in (row["Chosen"], "Certain")
    figures = {row[0].value: row[3].value for row in sheet.iter_rows(max_row=12)}
    assert figures["s by formula"] == sample.draw.start


def recalculated(
    content: bytes,
    folder: Path,
    stars: list[float | None] | None = None,
    confirmed: list[float | None] | None = None,
    lang: Lang = "zh",
) -> openpyxl.Workbook:
    """Fill the workbook in as an assessor does, and let LibreOffice recalculate it."""
    book = openpyxl.load_workbook(BytesIO(content))
    if stars is not None and confirmed is not None:
        sheet = book[say("audit.sheet.sample", lang)]
        head, star = cell_below(sheet, say("audit.column.verified_star", lang))
        _, yes = cell_below(sheet, say("audit.column.confirmed", lang))
        words = {1: say("report.common.yes", lang), 0: say("report.common.no", lang), None: None}
        for n, (value, held) in enumerate(zip(stars, confirmed, strict=True), head + 1):
            sheet.cell(n, star).value = value
            sheet.cell(n, yes).value = words[None if held is None else int(held)]
    path = folder / "typed.xlsx"
    book.save(path)
    return openpyxl.load_workbook(resave(path, folder / "again"), data_only=True)


def estimated(sheet: Worksheet, lang: Lang) -> list[list[Any]]:
    """The four rows of results: quantity, estimator, value, error, low, high, published."""
    head, _ = cell_below(sheet, say("audit.estimate.estimator", lang))
    return [
        [cell.value or (0 if cell.value == 0 else None) for cell in row]
        for row in sheet.iter_rows(min_row=head + 1, max_row=head + 4, max_col=7)
    ]


def agree(cells: list[Any], expected: Estimate, most: float) -> None:
    value, error, low, high = cells
    assert value == pytest.approx(expected.mean, abs=1e-9)
    if expected.error is None:
        assert (error, low, high) == ("—", None, None)
        return
    assert error == pytest.approx(expected.error, abs=1e-9)
    assert low == pytest.approx(max(0, expected.mean - Z95 * expected.error), abs=1e-9)
    assert high == pytest.approx(min(most, expected.mean + Z95 * expected.error), abs=1e-9)


# What to check


def test_at_most_ten_requirements_are_named_each_once_with_their_place(sample: AuditSample) -> None:
    model = sample.recorded.model
    for unit in sample.draw.chosen:
        row = sample.row(unit)
        checks, wrote = sample.checks(row), sample.wrote(row)
        assert 0 < len(checks) <= MOST_CHECKS
        assert len({check.requirement for check in checks}) == len(checks)
        kinds = [(not check.near, not check.weakness) for check in checks]
        assert kinds == sorted(kinds)
        for check in checks:
            assert wrote[check.requirement].cell
            if check.near:
                asked = model.requirements[check.requirement]
                assert asked.level == sample.attention.level[row]
                assert model.domain_of[asked.id] is model.domains[sample.attention.domain[row]]


def test_the_reason_for_a_check_says_whether_the_star_rests_on_it(sample: AuditSample) -> None:
    said = set()
    for row in sample.rated:
        star = int(sample.recorded.assessment.institutions["star"].iloc[row])
        for check in sample.checks(row):
            if not check.near and not check.weakness:
                above = sample.recorded.model.requirements[check.requirement].level > max(star, 1)
                words = audit_words.check_words(sample, row, check, "en")
                own = "High answer the star rests on" if star else "High answer towards the first star"
                assert words == ("High answer above the star" if above else own)
                said.add((above, star > 0))
    assert {(False, True), (False, False)} <= said


def test_weak_evidence_is_what_is_missing_short_or_copied_for_a_high_answer(results: Path, tmp_path: Path) -> None:
    copy = altered(results, tmp_path)
    before = sample_of(open_results(results), 3, "x")
    row = before.rated[0]
    name = before.recorded.assessment.institutions["id"].iloc[row]
    high = np.flatnonzero(before.strong[row] & (before.weakness[row] == 0))[:3].tolist()
    asked = [before.recorded.model.requirements[r].id for r in high]
    for requirement, words in zip(asked, ("见 附 件", "质量手册", None), strict=True):
        if words is not None:
            change(
                copy,
                "UPDATE answers SET evidence = ? WHERE institution = ? AND requirement = ?",
                words,
                name,
                requirement,
            )
    change(
        copy,
        "INSERT INTO findings SELECT 'evidence.copied', severity, ?, file, sheet, cell, ?, message, domain, found, "
        "action FROM findings LIMIT 1",
        name,
        asked[2],
    )  # fmt: skip
    after = sample_of(open_results(copy), 3, "x")
    assert [WEAKNESSES[after.weakness[row, r]] for r in high] == ["short", "", "copied"]
    assert after.attention.weak[row] == before.attention.weak[row] + 2
    unproven = before.recorded.assessment.unproven  # scored lower as there is no evidence
    assert unproven.any()
    assert {WEAKNESSES[one] for one in before.weakness[unproven].tolist()} == {"missing"}


def test_an_answer_that_a_person_decided_is_not_weak(results: Path, tmp_path: Path) -> None:
    sample = sample_of(open_results(results), 3, "x")
    rows, columns = np.nonzero(sample.weakness * sample.attention.rated[:, None])
    assert len(rows)
    name = sample.recorded.assessment.institutions["id"].iloc[rows[0]]
    requirement = sample.recorded.model.requirements[columns[0]].id
    copy = altered(results, tmp_path)
    texts = "value", "reason", "role", "made", "state_before", "answer_before", "scored_as_before"
    columns_of_text = ", ".join(f"{one} TEXT DEFAULT ''" for one in texts)
    change(
        copy,
        "CREATE TABLE overrides (kind TEXT, applied INTEGER, institution TEXT, target TEXT, score_before REAL,"
        f" {columns_of_text})",
    )
    change(
        copy,
        "INSERT INTO overrides (kind, applied, institution, target, value, state_before, answer_before,"
        " scored_as_before, score_before) SELECT 'answer', 1, institution, requirement, scored_as, state, answer,"
        " scored_as, score FROM answers WHERE institution = ? AND requirement = ?",
        name,
        requirement,
    )
    assert sample_of(open_results(copy), 3, "x").weakness[rows[0], columns[0]] == 0


def test_a_round_with_nobody_rated_is_refused(tmp_path: Path, small_round: Path, model: Model) -> None:
    folder, one = tmp_path / "results", next((small_round / "returned").glob("*_1_SS_*"))
    pipeline.score([one], folder, model)
    with pytest.raises(InputError) as caught:
        sample_of(open_results(folder), 3, "x")
    assert caught.value.key == "nobody_rated"


def test_a_large_round_is_not_held_in_memory(tmp_path: Path) -> None:
    """At most 250 bytes an answer: the rows of the record as Python values would take twice that."""
    results = make(200)
    write_database(tmp_path / "results.db", results, "zh")
    sample_of(open_results(tmp_path), 10, "x")
    tracemalloc.start()
    sample_of(open_results(tmp_path), 10, "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 250 * results.assessment.values.size


def altered(results: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "results.db").write_bytes((results / "results.db").read_bytes())
    return folder


def change(folder: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(folder / "results.db")) as database, database:
        assert database.execute(statement, values).rowcount != 0


# As data, and where it may go


def test_the_json_holds_all_that_the_draw_needs(sample: AuditSample) -> None:
    found: Any = audit_words.as_json(sample)
    assert (found["size"], found["rated"]) == (SIZE, len(found["population"]))
    chosen = sorted((one["hash"], one["id"]) for one in found["population"] if one["chosen"])
    assert [one["id"] for one in found["sample"]] == [name for _, name in chosen]
    for one in found["population"]:
        assert one["size"] == sum(one["parts"].values())
        top, bottom = map(int, one["probability_exact"].split("/"))
        if not one["certain"]:
            assert top * found["total"] == bottom * found["steps"] * one["size"]
    assert all(one["check"] for one in found["sample"])


def test_probabilities_have_one_form_in_the_sample_and_the_population(sample: AuditSample) -> None:
    found: Any = audit_words.as_json(sample)
    everyone = {one["id"]: one for one in found["population"]}
    for one in (*found["population"], *found["sample"]):
        assert isinstance(one["probability"], float)
        assert one["probability"] == float(Fraction(one["probability_exact"]))
        assert one["probability_exact"] == everyone[one["id"]]["probability_exact"]
        assert re.fullmatch("[0-9]+/[0-9]+", one["probability_exact"])


def test_the_worked_line_is_true(sample: AuditSample) -> None:
    one = next(unit for unit in sample.draw.chosen if not unit.certain)
    line = audit_words.worked_line(sample, "en")
    low, high = sample.draw.steps * (one.after - one.size), sample.draw.steps * one.after
    point = int(line.split(" = ")[5].split(" ")[0])
    assert low <= point < high
    assert (point - sample.draw.start) % sample.draw.total == 0
    assert f"= {low} to" in line


def test_a_file_that_is_being_filled_in_is_not_written_over(sample: AuditSample, tmp_path: Path) -> None:
    out = tmp_path / "new" / "sample.xlsx"
    assert write_file(out, sample, "zh", force=False)
    assert not write_file(out, sample, "zh", force=False)
    book = openpyxl.load_workbook(out)
    book["样本"]["M6"] = "an assessor's day"
    book.save(out)
    filled = out.read_bytes()
    with pytest.raises(OutputError) as caught:
        write_file(out, sample, "zh", force=False)
    assert caught.value.key == "sample_exists"
    assert out.read_bytes() == filled
    assert write_file(out, sample, "zh", force=True)
    assert out.read_bytes() == written(sample, "zh")
    assert [path.name for path in out.parent.iterdir()] == ["sample.xlsx"]


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_sample_is_never_written_over(
    results: Path, sample: AuditSample, force: bool, tmp_path: Path
) -> None:
    out = tmp_path / "ranking.xlsx"
    out.write_bytes((results / "ranking.xlsx").read_bytes())
    for attempt in (lambda: check_place(results, out), lambda: write_file(out, sample, "zh", force=force)):
        with pytest.raises(OutputError) as caught:
            attempt()
        assert caught.value.key == "not_ours"
    assert out.read_bytes() == (results / "ranking.xlsx").read_bytes()


def test_a_sample_saved_by_another_program_is_still_known(sample: AuditSample, tmp_path: Path) -> None:
    out = tmp_path / "sample.xlsx"
    write_file(out, sample, "en", force=False)
    again = resave(out, tmp_path / "again")
    assert write_file(again, sample, "zh", force=True)


@pytest.mark.parametrize("inside", ["sample.xlsx", "institutions/sample.xlsx", "../results/sample.xlsx"])
def test_nothing_is_written_into_results(results: Path, inside: str) -> None:
    for named in (results, results / "results.db"):
        with pytest.raises(OutputError) as caught:
            check_place(open_results(named).folder, results / inside)
        assert caught.value.key == "inside_results"
    check_place(results, results.parent / "sample.xlsx")
    with pytest.raises(OutputError):
        check_outside(results, results)


def test_only_a_workbooks_name_is_taken(results: Path, tmp_path: Path) -> None:
    for out, key in ((tmp_path, "is_a_folder"), (tmp_path / "sample.csv", "not_xlsx")):
        with pytest.raises(OutputError) as caught:
            check_place(results, out)
        assert caught.value.key == key
