"""The workbook of the questionnaire's analysis: its cells, its empty cases, its words, and its sameness."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from evaluator.assessment import conventions
from evaluator.assessment.itemanalysis import Analysis, analyse
from evaluator.reports.analysis.tables import GRAVE, SHEETS, SLIGHT
from evaluator.reports.analysis.words import as_json, between_words, domain_words, findings, lines, readings_words
from evaluator.reports.analysis.workbook import FIRST, TITLE, write_analysis
from evaluator.wording import LANGS, Lang, catalogue, say
from tests.builders import make
from tests.small import assessed, domain, item, model, requirement

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl, of data bars

HEAD = 5
"""Row of the header of a sheet that is one table."""


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analyse(make(60).assessment)


def book(found: Analysis, lang: Lang = "en") -> Workbook:
    stream = BytesIO()
    write_analysis(stream, found, lang)
    return load_workbook(BytesIO(stream.getvalue()))


def texts(workbook: Workbook, key: str, lang: Lang) -> str:
    sheet = workbook[say(f"analysis.sheet.{key}", lang)]
    return "\n".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheets_are_there_in_order_and_say_whose_defaults_these_are(found: Analysis, lang: Lang) -> None:
    workbook = book(found, lang)
    assert workbook.sheetnames == [say(f"analysis.sheet.{key}", lang) for key in ("about", *SHEETS)]
    assert workbook.properties.title == say("analysis.title", lang)
    assert workbook.properties.title in [say(TITLE, one) for one in LANGS]
    for sheet in workbook:
        assert found.model.notice.say(lang) in [row[0] for row in sheet.iter_rows(max_row=4, values_only=True)]


def test_every_requirement_has_its_row_of_figures(found: Analysis) -> None:
    sheet = book(found)["Requirements"]
    rows = list(sheet.iter_rows(min_row=HEAD + 1, values_only=True))
    assert [row[0] for row in rows] == [r.id for r in found.model.requirements]
    assert sheet.auto_filter.ref == f"A{HEAD}:R{HEAD + len(rows)}"
    for row, (_, figures) in zip(rows, found.requirements.iterrows(), strict=True):
        for value, name in zip(row[5:16], found.requirements.columns[4:15], strict=True):
            assert value == ("—" if figures[name] != figures[name] else pytest.approx(figures[name], abs=1e-12)), name


def test_the_cells_that_a_reading_is_about_are_coloured() -> None:
    found = analyse(make(60).assessment)
    table = found.requirements.copy()
    readings = [("fine",)] * len(table)
    readings[0], readings[1] = ("poor", "ceiling"), ("marginal",)
    table["readings"] = pd.Series(readings, dtype=object)
    sheet = book(replace(found, requirements=table))["Requirements"]

    def colour(row: int, column: str) -> str:
        fill = sheet[f"{column}{HEAD + row}"].fill
        return "#" + fill.fgColor.rgb[2:] if fill.fill_type else ""

    assert [colour(1, column) for column in "FHIJR"] == ["", SLIGHT, "", GRAVE, GRAVE]
    assert [colour(2, column) for column in "JR"] == [SLIGHT, SLIGHT]
    assert colour(3, "R") == ""


def test_the_overview_lists_what_to_look_at_first_with_links_to_it(found: Analysis) -> None:
    workbook = book(found)
    overview, table = workbook["Overview"], workbook["Requirements"]
    first = found.first["requirement"].tolist()[:FIRST]
    assert first
    linked = [cell for (cell,) in overview.iter_rows(max_col=1) if cell.hyperlink]
    assert [cell.value for cell in linked] == first
    for cell in linked:
        assert table[cell.hyperlink.location.split("!")[1]].value == cell.value
    assert len(overview._charts) == 1


def test_the_domains_sheet_gives_reliability_correlations_and_levels(found: Analysis) -> None:
    sheet = book(found)["Domains"]
    by_code: dict[str, list[tuple[Any, ...]]] = {}
    for row in sheet.iter_rows(values_only=True):
        by_code.setdefault(str(row[0]), []).append(row)
    reliability, correlations, levels = by_code["SD"]
    figures = found.domains.iloc[1]
    assert reliability[2:5] == (figures["units_requirement"], figures["n_requirement"], "—")  # N/A leave too few
    assert figures["n_requirement"] < conventions.LEAST_N
    assert figures["readings"][:2] == ("alpha_none", "items")
    assert reliability[7:9] == (figures["n_item"], pytest.approx(figures["alpha_item"], abs=1e-12))
    assert reliability[10:12] == (found.rated, pytest.approx(figures["mean"], abs=1e-12))
    assert correlations[2:7] == (*found.between[1, :1].tolist(), "—", *found.between[1, 2:].tolist())
    own = found.levels[found.levels["domain"].eq("SD")]["mean"].tolist()
    assert list(levels[2:7]) == pytest.approx(own, abs=1e-12)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("institutions", [1, 3, 15])
def test_few_institutions_give_a_workbook_that_says_so(institutions: int, lang: Lang) -> None:
    few = analyse(make(institutions).assessment)
    overview = texts(book(few, lang), "overview", lang)
    sentences = {15: say("analysis.overview.caution", lang, good=conventions.GOOD_N)}
    assert sentences.get(institutions, say("analysis.overview.few", lang, least=conventions.LEAST_N)) in overview
    assert "nan" not in overview
    domains = list(book(few, lang)[say("analysis.sheet.domains", lang)].iter_rows(values_only=True))
    row = next(row for row in domains if row[0] == "SS")
    assert (row[2] == "—") == (row[3] < 2)  # nothing to compare, rather than a questionnaire without questions


def test_a_round_in_which_all_answer_alike_can_be_analysed() -> None:
    tiny = model(domain("SS", 1.0, item("SS1", 1.0)))
    answers = {f"I{n:02d}": ("full", "full", "large", "partial", "none") for n in range(12)}
    few = analyse(assessed(tiny, answers))
    low, high = ("ceiling_expected", "constant_expected"), ("floor_expected", "constant_expected")
    assert few.requirements["readings"].tolist() == [low, low, ("constant",), ("constant",), high]
    assert say("analysis.between.none", "en", least=10) in texts(book(few), "domains", "en")


@pytest.mark.parametrize("lang", LANGS)
def test_every_reading_has_its_words_in_which_nothing_is_left_open(found: Analysis, lang: Lang) -> None:
    said = catalogue("analysis")
    units = {*conventions.ATTENTION, "few", "ceiling_expected", "floor_expected", "constant_expected", "veto", "fine"}
    assert set(said["reading"]) == {*units, "reversed_item", "poor_at_end", "marginal_at_end"}  # type: ignore[call-overload]
    assert set(said["name"]) == set(conventions.ATTENTION)  # type: ignore[call-overload]
    row = found.requirements.iloc[0].to_dict() | {"readings": tuple(sorted(units)), "easier_than": ("SS1-1",)}
    assert "{" not in readings_words(row, found.model, lang)
    codes = set(said["domain"])  # type: ignore[call-overload]
    words = {conventions.alpha_word(alpha) for alpha in (0.95, 0.85, 0.75, 0.65, 0.55, 0.1, float("nan"))}
    others = {"few", "items", "individual", "redundant", "r_low", "r_high", "ceiling", "floor", "steps"}
    assert codes == {f"alpha_{word}" for word in words} | others | {"alpha_single", "r_high_too"}
    row = found.domains.iloc[0].to_dict() | {"readings": tuple(sorted(codes - {"r_high_too"})), "steps": (2, 3)}
    assert "★★、★★★" in domain_words(row, lang) or "★★, ★★★" in domain_words(row, lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("end", ["ceiling_expected", "floor_expected"])
def test_little_discrimination_where_nearly_all_answer_alike_as_meant_calls_for_no_new_wording(
    found: Analysis, end: str, lang: Lang
) -> None:
    row = found.requirements.iloc[0].to_dict() | {"discrimination": 0.1}
    for code in ("poor", "marginal"):
        said = readings_words(row | {"readings": (code, end)}, found.model, lang)
        assert say(f"analysis.reading.{code}_at_end", lang, discrimination="0.10") in said
        assert say(f"analysis.reading.{code}", lang, discrimination="0.10") not in said


def test_a_figure_beside_a_limit_is_never_said_as_the_limit(found: Analysis) -> None:
    row = found.requirements.iloc[0].to_dict()
    said = readings_words(row | {"readings": ("poor",), "discrimination": 0.1999}, found.model, "en")
    assert "(0.1999)" in said
    said = readings_words(row | {"readings": ("poor",), "discrimination": -0.0004}, found.model, "en")
    assert "(0.00)" in said
    said = domain_words(
        found.domains.iloc[0].to_dict() | {"readings": ("redundant",), "alpha_requirement": 0.9501}, "en"
    )
    assert "(0.9501)" in said


@pytest.mark.parametrize("lang", LANGS)
def test_a_very_high_alpha_is_not_praised(found: Analysis, lang: Lang) -> None:
    row = found.domains.iloc[0].to_dict() | {"alpha_requirement": 0.97, "readings": ("alpha_excellent", "redundant")}
    assert domain_words(row, lang) == say("analysis.domain.redundant", lang, alpha="0.97")
    fine = domain_words(row | {"alpha_requirement": 0.92, "readings": ("alpha_excellent",)}, lang)
    assert fine == say("analysis.domain.alpha_excellent", lang)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("code", "beside", "r", "said"),
    [
        ("r_high", "r_high_too", 0.57, "0.57"),
        ("r_high", "r_high_too", 0.5004, "0.5004"),
        ("r_low", "r_low", 0.1499, "0.1499"),
    ],
)
def test_a_mean_correlation_out_of_its_range_is_said_beside_any_alpha(
    found: Analysis, code: str, beside: str, r: float, said: str, lang: Lang
) -> None:
    row = found.domains.iloc[0].to_dict() | {"alpha_requirement": 0.97, "r_requirement": r}
    for alpha, key in ((("alpha_good",), code), (("alpha_excellent", "redundant"), beside)):
        words = say(f"analysis.domain.{key}", lang, mean_r=said, least_r="0.15", most_r="0.50")
        assert said in words
        assert domain_words(row | {"readings": (*alpha, code)}, lang).endswith(words)


@pytest.mark.parametrize("lang", LANGS)
def test_alpha_stands_beside_its_own_number_of_institutions(found: Analysis, lang: Lang) -> None:
    """Of a requirement that more answered than have a score on every question of its domain."""
    sheet = book(found, lang)[say("analysis.sheet.requirements", lang)]
    head = [cell.value for cell in sheet[HEAD]]
    n, own = (head.index(say(f"analysis.column.{key}", lang)) for key in ("n", "n_alpha"))
    assert head[own + 1] == say("analysis.column.alpha_without", lang)
    figures = found.domains.iloc[1]
    row = next(row for row in sheet.iter_rows(min_row=HEAD + 1, values_only=True) if str(row[0]).startswith("SD"))
    assert row[own] == figures["n_requirement"] < row[n]


def test_a_domain_of_one_question_is_said_to_have_no_reliability_for_that_reason(found: Analysis) -> None:
    tiny = model(domain("AA", 0.5, item("AA1", 1.0)), domain("BB", 0.5, item("BB1", 1.0, requirement("BB1-1"))))
    answers = {f"I{n:02d}": ("full", "full", "large", "partial", "none", "full") for n in range(12)}
    one = analyse(assessed(tiny, answers))
    assert one.domains["readings"].map(lambda codes: codes[0]).tolist() == ["alpha_none", "alpha_single"]
    assert "该能力域不足两题，无法计算信度" in texts(book(one, "zh"), "domains", "zh")
    words = "  α — (N=12)  No reliability: the domain has fewer than two questions"
    assert any(words in line for line in lines(one, "en"))


@pytest.mark.parametrize(
    ("alpha", "said"),
    [(0.898, "0.898"), (0.9, "0.90"), (0.8996, "0.8996"), (0.9501, "0.9501"), (0.6999, "0.6999"), (0.874, "0.87")],
)
def test_alpha_is_said_on_the_side_of_the_limits_where_its_reading_has_it(
    found: Analysis, alpha: float, said: str
) -> None:
    codes = conventions.domain_readings(
        questions=9, alpha=alpha, of_items=alpha, mean_r=0.4, full=0.0, none=0.0, n=60, steps_reversed=False
    )
    table = found.domains.copy()
    table.loc[0, ["alpha_requirement", "alpha_item"]] = alpha
    table["readings"] = pd.Series([codes] * len(table), dtype=object)
    near = replace(found, domains=table)
    assert any(f"  α {said} (N=" in line for line in lines(near, "en"))
    if "individual" in codes:
        assert f"Alpha {said}, under 0.90" in domain_words(table.iloc[0].to_dict(), "en")
    places = "0." + "0" * len(said.partition(".")[2])
    for sheet, columns in (("Overview", "E"), ("Domains", "EI")):
        row = next(row for row in book(near)[sheet].iter_rows() if row[0].value == "SS")
        shown = [cell for cell in row if cell.column_letter in columns]
        assert [(cell.value, cell.number_format) for cell in shown] == [(alpha, places)] * len(columns), sheet


def test_domains_that_can_hardly_be_told_apart_are_named(found: Analysis) -> None:
    between = found.between * 0 + 0.6
    assert between_words(replace(found, between=between), "en") == [
        say("analysis.between.fine", "en", least="0.60", most="0.60")
    ]
    between[0, 2] = between[2, 0] = 0.9
    between[0, 3] = between[3, 0] = 0.8499
    between[1, 3] = between[3, 1] = -0.2
    one, other = between_words(replace(found, between=between), "en")
    assert "0.851" in between_words(replace(found, between=between * 0 + 0.8511), "en")[0]
    assert one.startswith("Service strategy and Service transition correlate at 0.90")
    assert other.startswith("Service design and Service operation correlate negatively (-0.20)")


def test_the_findings_count_each_reading_of_what_needs_a_look(found: Analysis) -> None:
    codes = [code for readings in found.first["readings"] for code in readings]
    said = findings(found, "en")[-2] if len(findings(found, "en")) == 3 else findings(found, "en")[1]
    assert f"worth a look: {len(found.first)}" in said
    for code in conventions.ATTENTION:
        name = say(f"analysis.name.{code}", "en")
        assert (f"{name} {codes.count(code)}" in said) == (code in codes)


def test_the_terminal_gets_a_few_lines_and_machines_all_figures(found: Analysis) -> None:
    said = list(lines(found, "zh"))
    assert len(said) < 20
    assert any(line.startswith("服务策略能力  α ") for line in said)
    content = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert len(content["requirements"]) == len(found.requirements)
    assert content["requirements"][0]["words"]["zh"]
    assert content["domains"][0]["alpha_item"] == found.domains["alpha_item"].iloc[0]
    assert content["first"] == found.first["requirement"].tolist()
    assert content["conventions"]["poor"] == 0.2


def test_the_same_analysis_gives_the_same_bytes(found: Analysis) -> None:
    one, other = BytesIO(), BytesIO()
    write_analysis(one, found, "zh")
    write_analysis(other, analyse(make(60).assessment), "zh")
    assert one.getvalue() == other.getvalue()
